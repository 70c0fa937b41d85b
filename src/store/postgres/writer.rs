//! The one writer of this process: a thread that owns the connection that records. Other servers
//! have theirs, and the lock on the ledger's head makes them take turns.
//!
//! Group commit without a timer: what arrives while a commit is under way shares the next one. A
//! batch is checked before any of its rows is inserted, so a refused one leaves nothing and the
//! others go on. Nobody is answered before the commit. Where the connection is cut during one, the
//! server is asked whether it took place.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use events::LedgerId;
use sqlx::PgConnection;
use tokio::sync::{mpsc, oneshot};

use super::append::{self, Group};
use super::fault::{Fault, store_error};
use super::known::Known;
use super::recent::Recent;
use super::server::Server;
use super::values::run;
use crate::store::plan::{Trouble, plan};
use crate::store::seeded::{Fault as Bug, planted};
use crate::store::{Batch, Head, Nature, Receipt, StoreError};

/// How many jobs may wait. Beyond it callers wait with them in hand, so memory is bounded.
const WAITING_MAX: usize = 1_024;

/// How many batches share a commit, so that the first of them does not wait for ever.
const GROUP_MAX: usize = 512;

/// How often a group is tried, when the server goes away or ends a race.
const TRIES_MAX: u32 = 6;

/// How long it waits before the second try; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(50);

type Answer = Result<Vec<Receipt>, StoreError>;

type Job = (Batch, oneshot::Sender<Answer>);

/// The callers' end.
pub(super) struct Handle {
    /// Gone only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    place: String,
}

impl Handle {
    /// Records a batch, and waits until it is durable.
    pub(super) async fn append(&self, batch: Batch) -> Answer {
        let (reply, answer) = oneshot::channel();
        let gone = || store_error(&self.place, Fault::Ended);
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send((batch, reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Handle {
    /// Waits until what is under way has ended.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's end.
pub(super) struct Writer {
    server: Server,
    ledger: LedgerId,
    nature: Arc<dyn Nature>,
    conn: Option<PgConnection>,
    /// Where this writer left the head, or saw it last.
    head: Option<Head>,
    known: Known,
    /// What readers of this process know.
    recent: Arc<Recent>,
}

impl Drop for Writer {
    /// Nobody waits for what will not be told any more.
    fn drop(&mut self) {
        self.recent.give_up();
    }
}

/// How a try to record a group failed.
enum Failed {
    /// Nothing of it is recorded.
    Before(Fault),
    /// The connection was cut during the commit.
    InCommit(Box<Group>, Vec<Answer>),
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Before(fault)
    }
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Before(error.into())
    }
}

impl Writer {
    /// Whoever records over connections to this server.
    pub(super) fn new(
        server: Server,
        ledger: LedgerId,
        nature: Arc<dyn Nature>,
        recent: Arc<Recent>,
    ) -> Self {
        let known = Known::default();
        Self { server, ledger, nature, conn: None, head: None, known, recent }
    }

    /// Starts the thread.
    pub(super) fn start(mut self) -> Result<Handle, StoreError> {
        let place = self.server.place().to_owned();
        let failed =
            |error: std::io::Error| store_error(&place, Fault::Server(sqlx::Error::Io(error)));
        let (jobs, mut waiting) = mpsc::channel(WAITING_MAX);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(failed)?;
        let run = move || {
            runtime.block_on(async {
                while let Some(job) = waiting.recv().await {
                    self.take(job, &mut waiting).await;
                }
            });
        };
        let builder = thread::Builder::new().name("rollbook-writer".to_owned());
        let thread = Some(builder.spawn(run).map_err(failed)?);
        Ok(Handle { jobs: Some(jobs), thread, place })
    }

    /// Takes a job, and whatever waits behind it.
    async fn take(&mut self, job: Job, waiting: &mut mpsc::Receiver<Job>) {
        let (mut batches, mut replies) = (vec![job.0], vec![job.1]);
        while batches.len() < GROUP_MAX
            && let Ok((batch, reply)) = waiting.try_recv()
        {
            batches.push(batch);
            replies.push(reply);
        }
        match self.record(&batches).await {
            Ok(answers) => {
                for (reply, answer) in replies.into_iter().zip(answers) {
                    // A caller that no longer waits has lost nothing but the news.
                    let _ = reply.send(answer);
                }
            }
            Err(fault) => {
                let fault = Arc::new(fault);
                for reply in replies {
                    let _ = reply.send(Err(store_error(self.server.place(), Arc::clone(&fault))));
                }
            }
        }
    }

    /// Records a group; each batch has its own answer. On a fault nothing of it is recorded,
    /// unless the fault says that nobody knows.
    async fn record(&mut self, batches: &[Batch]) -> Result<Vec<Answer>, Fault> {
        let mut tries = 1;
        loop {
            let failed = match self.attempt(batches).await {
                Ok(answers) => return Ok(answers),
                Err(failed) => failed,
            };
            self.head = None;
            self.known.forget();
            self.recent.give_up();
            match failed {
                Failed::InCommit(group, answers) => {
                    self.conn = None;
                    if planted(Bug::CutCommitBelieved) || self.took_place(&group).await? {
                        return Ok(answers);
                    }
                }
                Failed::Before(fault) => {
                    if fault.is_away() {
                        self.conn = None;
                    } else if let Some(conn) = &mut self.conn
                        && run(conn, "ROLLBACK").await.is_err()
                    {
                        self.conn = None;
                    }
                    if tries == TRIES_MAX || !(fault.is_away() || fault.is_race()) {
                        return Err(fault);
                    }
                    tokio::time::sleep(PAUSE * 2_u32.pow(tries - 1)).await;
                }
            }
            tries += 1;
        }
    }

    async fn attempt(&mut self, batches: &[Batch]) -> Result<Vec<Answer>, Failed> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.server.connect_to_record().await?,
        };
        let answers = self.attempt_over(&mut conn, batches).await;
        self.conn = Some(conn);
        answers
    }

    async fn attempt_over(
        &mut self,
        conn: &mut PgConnection,
        batches: &[Batch],
    ) -> Result<Vec<Answer>, Failed> {
        let head = append::begin(conn, self.ledger, self.head.as_ref()).await?;
        if self.head.as_ref() != Some(&head) {
            self.known.forget(); // another server recorded
        }
        self.known.fetch(conn, self.ledger, batches).await?;
        let mut group = Group { head: head.clone(), ..Group::default() };
        let mut answers = Vec::with_capacity(batches.len());
        for batch in batches {
            match plan(self.ledger, &group.head, &*self.nature, &self.known, batch) {
                Ok(plan) => {
                    self.known.take(&plan, &mut group.done);
                    answers.push(Ok(plan.receipts.clone()));
                    group.take(plan);
                }
                Err(Trouble::Refused(error)) => answers.push(Err(error)),
                Err(Trouble::Fault(never)) => match never {},
            }
        }
        if group.is_empty() {
            run(conn, "ROLLBACK").await?;
        } else {
            group.keep(conn, self.ledger).await?;
            self.recent.begin(head.position, group.head.position);
            if let Err(fault) = run(conn, "COMMIT").await {
                if fault.is_away() {
                    return Err(Failed::InCommit(Box::new(group), answers));
                }
                return Err(Failed::Before(fault));
            }
        }
        self.recent.tell(&group.written);
        self.head = Some(group.head);
        Ok(answers)
    }

    /// Whether a commit took place during which the connection was cut. The lock on the head is
    /// free only once the server is done with that transaction, one way or the other.
    async fn took_place(&mut self, group: &Group) -> Result<bool, Fault> {
        for tries in 0..TRIES_MAX {
            tokio::time::sleep(PAUSE * 2_u32.pow(tries)).await;
            let asked = async {
                let mut conn = self.server.connect_to_record().await?;
                append::begin(&mut conn, self.ledger, None).await?;
                let recorded = group.is_recorded(&mut conn, self.ledger).await?;
                run(&mut conn, "ROLLBACK").await?;
                Ok::<_, Fault>((conn, recorded))
            };
            match asked.await {
                Ok((conn, recorded)) => {
                    self.conn = Some(conn);
                    return Ok(recorded);
                }
                Err(fault) if fault.is_away() || fault.is_race() => {}
                Err(fault) => return Err(fault),
            }
        }
        Err(Fault::Unconfirmed)
    }
}
