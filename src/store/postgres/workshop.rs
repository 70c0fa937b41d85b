//! Where tables of projections are rebuilt while the ones that serve go on serving.
//!
//! They are built under names of their own in the ledger's database, so that whoever records is
//! not kept waiting, and put in place in one transaction. Tables that never served are removed by
//! the next rebuild; nobody else looks at them.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use events::{LedgerId, Position};
use projections::{Op, Table};
use sqlx::PgConnection;
use tokio::runtime::{Builder, Runtime};

use super::drafts::Drawers;
use super::fault::{Fault, damaged, store_error};
use super::generations::{self, Generation};
use super::server::Server;
use super::values::{integer, run};
use super::{append, digests, rows, schema, tables};
use crate::store::engine::{Digests, Wanted};
use crate::store::{Digested, Generation as Meant, Progressed, StoreError};

/// The right to rebuild, and where it is done. One process has it at a time. It waits for the
/// server where it is asked, whatever thread that is.
pub struct Workshop {
    /// Gone only while it is dropped.
    desk: Option<Desk>,
    ledger: LedgerId,
    place: String,
    /// Whether a transaction was begun that is not ended yet.
    begun: bool,
    /// Of drafts that are being drawn, or whose indexes are.
    drawers: Option<Drawers>,
    /// Whether the drafts have ended: what comes now is written like anything else.
    drawn: bool,
    server: Server,
}

/// A connection, and what drives it.
struct Desk {
    runtime: Runtime,
    conn: PgConnection,
}

impl Drop for Workshop {
    fn drop(&mut self) {
        self.drawers = None;
        if let Some(Desk { runtime, conn }) = self.desk.take() {
            // The server lets go of what the connection holds once it is closed.
            drop(conn);
            runtime.shutdown_background();
        }
    }
}

/// Waits for a future on a thread of its own, so that it may be asked for from anywhere.
fn wait<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let done = scope.spawn(work).join();
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

impl Workshop {
    /// Opens it for the ledger of a database, whoever records there, and removes what was left
    /// behind.
    ///
    /// # Errors
    /// As for writing, with [`StoreError::AnotherWriter`] when another process is rebuilding.
    pub fn open(server: &Server) -> Result<Self, StoreError> {
        let place = server.place().to_owned();
        let failed = |fault: Fault| store_error(&place, fault);
        let opened = wait(|| {
            let runtime = Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| Fault::Server(sqlx::Error::Io(error)))?;
            let opened = runtime.block_on(open(server))?;
            Ok((runtime, opened))
        });
        let (runtime, (conn, ledger, mine)) = opened.map_err(failed)?;
        let desk = Some(Desk { runtime, conn });
        let (server, drawers) = (server.clone(), None);
        let workshop = Self { desk, ledger, place, begun: false, drawers, drawn: false, server };
        if mine { Ok(workshop) } else { Err(StoreError::AnotherWriter(workshop.place.clone())) }
    }

    /// How far a generation has come; `None` if there is none. A draft keeps no account of it.
    ///
    /// # Errors
    /// What keeps the ledger from being read.
    pub fn progressed(
        &mut self,
        table: &'static Table,
        generation: Meant,
    ) -> Result<Option<Progressed>, StoreError> {
        let ledger = self.ledger;
        self.ask(async |conn| tables::progressed(conn, ledger, table, generation.into()).await)
    }

    /// Begins drafts of tables.
    ///
    /// # Errors
    /// What keeps them from being written.
    pub fn begin_drafts(&mut self, drafts: &[&'static Table]) -> Result<(), StoreError> {
        self.ask(async |conn| generations::make_all_bare(conn, drafts, Generation::Next).await)?;
        let drawers = Drawers::start(&self.server, self.ledger, drafts);
        self.drawers = Some(drawers.map_err(|fault| store_error(&self.place, fault))?);
        Ok(())
    }

    /// Writes changes into a draft.
    ///
    /// # Errors
    /// What keeps it from being written.
    pub fn draw(&mut self, table: &'static Table, ops: &[Op]) -> Result<(), StoreError> {
        let ledger = self.ledger;
        match &mut self.drawers {
            Some(drawers) if !self.drawn => {
                drawers.draw(table, ops).map_err(|fault| store_error(&self.place, fault))
            }
            Some(_) | None => {
                let next = Generation::Next;
                self.ask(async |conn| rows::change(conn, ledger, table, next, ops).await)
            }
        }
    }

    /// Ends the drafts. Their indexes are made meanwhile.
    ///
    /// # Errors
    /// What keeps them from being written.
    pub fn end_drafts(&mut self) -> Result<(), StoreError> {
        self.drawn = true;
        let ended = self.drawers.as_mut().map_or(Ok(()), Drawers::end);
        ended.map_err(|fault| store_error(&self.place, fault))
    }

    /// What generations hold that have come to a position each, over connections of their own.
    ///
    /// # Errors
    /// What keeps it from being begun.
    pub fn digests(&mut self, wanted: Vec<Wanted>) -> Result<Digests, StoreError> {
        let failed = |error| store_error(&self.place, Fault::Server(sqlx::Error::Io(error)));
        let (asked, answers): (VecDeque<_>, Vec<_>) = wanted
            .into_iter()
            .map(|wanted| {
                let (told, answer) = channel();
                ((wanted, told), answer)
            })
            .unzip();
        let asked = Arc::new(Mutex::new(asked));
        // While the server reads for one of them, the other one counts.
        for _ in 0..2 {
            let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
            let (server, ledger, place) = (self.server.clone(), self.ledger, self.place.clone());
            let asked = Arc::clone(&asked);
            let work = move || runtime.block_on(digested(&server, ledger, &place, &asked));
            let builder = thread::Builder::new().name("rollbook-digests".to_owned());
            builder.spawn(work).map_err(failed)?;
        }
        let place = self.place.clone();
        let answer = move |answer: Receiver<_>| {
            answer.recv().unwrap_or_else(|_| Err(store_error(&place, Fault::Ended)))
        };
        Ok(Box::new(answers.into_iter().map(answer)))
    }

    /// Makes a draft ready to serve: it has its indexes. The former generation goes, and makes
    /// room.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn stage(&mut self, table: &'static Table) -> Result<(), StoreError> {
        let ledger = self.ledger;
        let finished = self.drawers.as_mut().map_or(Ok(()), |drawers| drawers.finish(table));
        finished.map_err(|fault| store_error(&self.place, fault))?;
        self.at_once(async |conn| {
            generations::drop_table(conn, table, Generation::Former).await?;
            tables::forget_progressed(conn, ledger, table, Generation::Former).await
        })
    }

    /// Brings the next or the former generation to a later position, in a transaction of its own
    /// unless one was begun.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it has not the rows that it should have; otherwise what keeps
    /// the ledger from being written.
    pub fn advance(
        &mut self,
        table: &'static Table,
        generation: Meant,
        until: Position,
        ops: &[Op],
    ) -> Result<(), StoreError> {
        let (ledger, generation) = (self.ledger, Generation::from(generation));
        let change = async |conn: &mut PgConnection| {
            rows::change(conn, ledger, table, generation, ops).await?;
            tables::keep_progressed(conn, ledger, &[(table, generation, until)]).await
        };
        if self.begun { self.ask(change) } else { self.at_once(change) }
    }

    /// Begins a transaction: nobody else changes tables of projections from here until
    /// [`Workshop::commit`].
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        let ledger = self.ledger;
        self.ask(async |conn| {
            run(conn, "BEGIN").await?;
            tables::hold_off(conn, ledger).await
        })?;
        self.begun = true;
        Ok(())
    }

    /// Lets the next generation serve; the one that does becomes the former one.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn serve_next(&mut self, table: &'static Table, until: Position) -> Result<(), StoreError> {
        let (next, serving, former) = (Generation::Next, Generation::Serving, Generation::Former);
        let ledger = self.ledger;
        self.ask(async |conn| {
            let served = tables::progressed(conn, ledger, table, serving).await?;
            generations::drop_table(conn, table, former).await?;
            generations::rename(conn, table, serving, former).await?;
            generations::rename(conn, table, next, serving).await?;
            tables::forget_progressed(conn, ledger, table, next).await?;
            set(conn, ledger, table, former, served).await?;
            tables::keep_progressed(conn, ledger, &[(table, serving, until)]).await
        })
    }

    /// Lets the former generation serve again; the one that does becomes the former one.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn serve_former(
        &mut self,
        table: &'static Table,
        until: Position,
    ) -> Result<(), StoreError> {
        let (next, serving, former) = (Generation::Next, Generation::Serving, Generation::Former);
        let ledger = self.ledger;
        self.ask(async |conn| {
            let served = tables::progressed(conn, ledger, table, serving).await?;
            generations::rename(conn, table, former, next).await?;
            generations::rename(conn, table, serving, former).await?;
            generations::rename(conn, table, next, serving).await?;
            set(conn, ledger, table, former, served).await?;
            tables::keep_progressed(conn, ledger, &[(table, serving, until)]).await
        })
    }

    /// Ends the transaction. What was not committed never was.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.begun = false;
        self.ask(async |conn| {
            run(conn, "COMMIT").await?;
            Ok(())
        })
    }

    fn at_once(
        &mut self,
        write: impl AsyncFnOnce(&mut PgConnection) -> Result<(), Fault> + Send,
    ) -> Result<(), StoreError> {
        self.ask(async move |conn: &mut PgConnection| {
            run(conn, "BEGIN").await?;
            let written = write(conn).await;
            let end = if written.is_ok() { "COMMIT" } else { "ROLLBACK" };
            run(conn, end).await?;
            written
        })
    }

    fn ask<T: Send>(
        &mut self,
        ask: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Fault> + Send,
    ) -> Result<T, StoreError> {
        let failed = |fault: Fault| store_error(&self.place, fault);
        let desk = self.desk.as_mut().ok_or_else(|| failed(Fault::Ended))?;
        let answer = wait(|| desk.runtime.block_on(ask(&mut desk.conn)));
        answer.map_err(failed)
    }
}

impl From<Meant> for Generation {
    fn from(meant: Meant) -> Self {
        match meant {
            // There is no file beside the ledger here: a draft is drawn where it will serve.
            Meant::Draft | Meant::Next => Self::Next,
            Meant::Serving => Self::Serving,
            Meant::Former => Self::Former,
        }
    }
}

/// A connection, the ledger, and whether the right to rebuild is to be had.
async fn open(server: &Server) -> Result<(PgConnection, LedgerId, bool), Fault> {
    let mut conn = server.connect().await?;
    let ledger = schema::ledger_of(&mut conn).await?;
    let ledger = ledger.ok_or_else(|| damaged("there is no ledger in it"))?;
    let lock = format!(
        "SELECT pg_try_advisory_lock('rollbook_schema'::regclass::oid::int, {})",
        append::lock_word(ledger)
    );
    let mine: bool = sqlx::query_scalar(&lock).fetch_one(&mut conn).await?;
    if mine {
        // Rows can be built again: what serves is exchanged durably with the next append.
        run(&mut conn, "SET synchronous_commit = off").await?;
        generations::drop_all(&mut conn, projections::TABLES, Generation::Next).await?;
        tables::forget_all(&mut conn, ledger, projections::TABLES, Generation::Next).await?;
    }
    Ok((conn, ledger, mine))
}

/// A generation that somebody wants to know about, and who.
type Asked = (Wanted, Sender<Result<Digested, StoreError>>);

/// Tells what generations hold, one after the other, while anybody wants to know.
async fn digested(server: &Server, ledger: LedgerId, place: &str, asked: &Mutex<VecDeque<Asked>>) {
    let mut conn = None;
    let next = || asked.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    while let Some((wanted, told)) = next() {
        let digested = async {
            let conn = match &mut conn {
                Some(conn) => conn,
                None => conn.insert(server.connect().await?),
            };
            digest(conn, ledger, wanted).await
        };
        let digested = digested.await.map_err(|fault| store_error(place, fault));
        if told.send(digested).is_err() {
            break;
        }
    }
}

async fn digest(
    conn: &mut PgConnection,
    ledger: LedgerId,
    (table, generation, position): Wanted,
) -> Result<Digested, Fault> {
    run(conn, "BEGIN").await?;
    let generation = generation.into();
    let digested = digests::digested(conn, ledger, table, generation, position).await?;
    run(conn, "ROLLBACK").await?;
    Ok(digested)
}

/// Keeps how far a generation has come that is of any version, or forgets it.
async fn set(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &'static Table,
    generation: Generation,
    progressed: Option<Progressed>,
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO projections (ledger, name, version, position) \
        VALUES ($1, $2, $3, $4)";
    tables::forget_progressed(conn, ledger, table, generation).await?;
    let Some(progressed) = progressed else { return Ok(()) };
    sqlx::query(SQL)
        .bind(ledger.0)
        .bind(generation.name(table))
        .bind(i64::from(progressed.version))
        .bind(integer(progressed.position.0))
        .execute(conn)
        .await?;
    Ok(())
}
