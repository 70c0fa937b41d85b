//! Who draws drafts: connections that copy rows and make keys and indexes side by side, each driven
//! by a thread of its own.
//!
//! Rows come first and keys after them: to sort once costs less than to look for each row's place.
//! So a row of before is closed only once all rows are there. What is drawn is committed piece by
//! piece; nobody looks at it before the rebuild says so.

use std::collections::{BTreeMap, HashSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use events::LedgerId;
use projections::{Op, Table};
use sqlx::PgConnection;
use tokio::runtime::{Builder, Runtime};

use super::closing;
use super::fault::Fault;
use super::generations::{self, Generation};
use super::rows::{self, Closed, Sorted};
use super::server::Server;
use super::values::run;

/// How many threads there are at most: one a processor, since the server has as much to do.
const THREADS_MAX: usize = 4;

/// How many pieces may wait for each thread, so that memory is bounded.
const WAITING_MAX: usize = 3;

/// What a connection says first: rows can be built again, indexes are sorted and what is closed is
/// looked up in memory, and a rough idea of what a column holds will do until the server looks by
/// itself.
const SETTINGS: &str = "SET synchronous_commit = off; SET maintenance_work_mem = '128MB'; \
    SET work_mem = '64MB'; SET default_statistics_target = 10";

const DRAFT: Generation = Generation::Next;

/// A piece of work.
enum Job {
    /// Rows, as they are sent.
    Copy(&'static Table, Vec<u8>),
    /// The key, and then the rows that are to be closed.
    Key(&'static Table, Vec<Closed>),
    /// The other indexes.
    Indexes(&'static Table),
}

/// What was done: the table whose indexes are there now, if that was it.
type Done = Result<Option<&'static str>, Fault>;

/// The threads, and what they have not told yet.
pub(super) struct Drawers {
    ledger: LedgerId,
    /// Gone once nothing is left to do.
    jobs: Option<Sender<Job>>,
    done: Receiver<Done>,
    threads: Vec<JoinHandle<()>>,
    under_way: usize,
    /// What was drawn of each table, in bytes, and what is to be closed there.
    drawn: BTreeMap<&'static str, (&'static Table, usize, Vec<Closed>)>,
    indexed: HashSet<&'static str>,
}

impl Drawers {
    /// Starts the threads. Each has a connection of its own.
    pub(super) fn start(
        server: &Server,
        ledger: LedgerId,
        tables: &[&'static Table],
    ) -> Result<Self, Fault> {
        let (jobs, waiting) = channel();
        let (done, told) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let count = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        let io = |error| Fault::Server(sqlx::Error::Io(error));
        let mut threads = Vec::with_capacity(count);
        for _ in 0..count {
            let runtime = Builder::new_current_thread().enable_all().build().map_err(io)?;
            let (server, waiting, done) = (server.clone(), Arc::clone(&waiting), done.clone());
            let work = move || work(&runtime, &server, ledger, &waiting, &done);
            let builder = thread::Builder::new().name("rollbook-draft".to_owned());
            threads.push(builder.spawn(work).map_err(io)?);
        }
        let drawn = tables.iter().map(|table| (table.name, (*table, 0, Vec::new()))).collect();
        let (jobs, indexed) = (Some(jobs), HashSet::new());
        Ok(Self { ledger, jobs, done: told, threads, under_way: 0, drawn, indexed })
    }

    /// Draws changes into a draft.
    pub(super) fn draw(&mut self, table: &'static Table, ops: &[Op]) -> Result<(), Fault> {
        let Sorted { opened, closed } = rows::sorted(ops);
        let (_, bytes, closing) =
            self.drawn.entry(table.name).or_insert_with(|| (table, 0, Vec::new()));
        closing.extend(closed);
        if opened.is_empty() {
            return Ok(());
        }
        let copied = rows::copied(self.ledger, table, &opened)?;
        *bytes += copied.len();
        while self.under_way >= WAITING_MAX * self.threads.len() {
            self.wait()?;
        }
        self.give(Job::Copy(table, copied))
    }

    /// Waits until all rows are there, and makes their keys; begins with the other indexes, the
    /// greatest table first.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        self.settle()?;
        let mut drawn: Vec<_> = std::mem::take(&mut self.drawn).into_values().collect();
        drawn.sort_by_key(|(table, bytes, _)| (std::cmp::Reverse(*bytes), table.name));
        let tables: Vec<_> = drawn.iter().map(|(table, ..)| *table).collect();
        for (table, _, closed) in drawn {
            self.give(Job::Key(table, closed))?;
        }
        self.settle()?;
        for table in tables {
            self.give(Job::Indexes(table))?;
        }
        self.jobs = None;
        Ok(())
    }

    /// Waits until the indexes of a table are there.
    pub(super) fn finish(&mut self, table: &'static Table) -> Result<(), Fault> {
        while !self.indexed.contains(table.name) {
            self.wait()?;
        }
        Ok(())
    }

    fn give(&mut self, job: Job) -> Result<(), Fault> {
        let jobs = self.jobs.as_ref().ok_or(Fault::Ended)?;
        jobs.send(job).map_err(|_| Fault::Ended)?;
        self.under_way += 1;
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Fault> {
        while self.under_way > 0 {
            self.wait()?;
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<(), Fault> {
        let done = self.done.recv().map_err(|_| Fault::Ended)?;
        self.under_way = self.under_way.saturating_sub(1);
        self.indexed.extend(done?);
        Ok(())
    }
}

impl Drop for Drawers {
    /// Waits for what is under way; what is not begun is left.
    fn drop(&mut self) {
        self.jobs = None;
        let (_, nobody) = channel();
        self.done = nobody;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Does one job after the other, until there is none or nobody wants to know.
fn work(
    runtime: &Runtime,
    server: &Server,
    ledger: LedgerId,
    waiting: &Mutex<Receiver<Job>>,
    done: &Sender<Done>,
) {
    let mut conn = None;
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let told = runtime.block_on(async {
            if conn.is_none() {
                let mut new = server.connect().await?;
                run(&mut new, SETTINGS).await?;
                conn = Some(new);
            }
            let conn = conn.as_mut().expect("it was just opened");
            carry_out(conn, ledger, job).await
        });
        if done.send(told).is_err() {
            return;
        }
    }
}

async fn carry_out(conn: &mut PgConnection, ledger: LedgerId, job: Job) -> Done {
    match job {
        Job::Copy(table, rows) => {
            rows::copy_in(conn, table, DRAFT, &rows).await?;
            Ok(None)
        }
        Job::Key(table, closed) => {
            closing::key_and_close(conn, ledger, (table, DRAFT), &closed).await?;
            Ok(None)
        }
        Job::Indexes(table) => {
            generations::make_indexes(conn, table, DRAFT).await?;
            run(conn, &format!("ANALYZE \"{}\"", DRAFT.name(table))).await?;
            Ok(Some(table.name))
        }
    }
}
