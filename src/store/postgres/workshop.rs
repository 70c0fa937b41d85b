//! Where tables of projections are rebuilt while the ones that serve go on serving.
//!
//! They are folded in a temporary file of this machine, written under names of their own in the
//! ledger's database, so that whoever records is not kept waiting, and put in place in one
//! transaction. Tables that never served are removed by the next rebuild; nobody else looks at
//! them.

use std::sync::Arc;
use std::thread;

use events::{LedgerId, Position};
use projections::{Op, Table};
use sqlx::PgConnection;

use super::desk::Desk;
use super::draft::Maker;
use super::fault::{Fault, damaged, store_error};
use super::generations::{self, Generation};
use super::server::Server;
use super::values::{integer, run};
use super::{append, digests, rows, schema, summaries, tables};
use crate::store::drafts::{Drafts, Flaw, Ids, Making, Pen, in_turn};
use crate::store::engine::{Digests, Wanted};
use crate::store::{Digested, Generation as Meant, Progressed, StoreError};

/// The right to rebuild, and where it is done. One process has it at a time. It waits for the
/// server where it is asked, whatever thread that is.
pub struct Workshop {
    // Nothing is made any more before others may begin: fields are dropped in this order.
    making: Option<Making<Result<(), Fault>>>,
    drafts: Arc<Drafts>,
    desk: Desk,
    ledger: LedgerId,
    place: String,
    /// Whether a transaction was begun that is not ended yet.
    begun: bool,
    server: Server,
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
    /// As for writing, with [`StoreError::AnotherRebuild`] when another process is rebuilding.
    pub fn open(server: &Server) -> Result<Self, StoreError> {
        let place = server.place().to_owned();
        let failed = |fault: Fault| store_error(&place, fault);
        let file = tempfile::tempfile().map_err(|error| failed(Fault::Draft(error)))?;
        let drafts = Arc::new(Drafts::new(file, Ids::Whole));
        let opened = wait(|| {
            let mut desk = Desk::open(server)?;
            let (ledger, mine) = desk.ask(async |conn| open(conn).await)?;
            Ok((desk, ledger, mine))
        });
        let (desk, ledger, mine) = opened.map_err(failed)?;
        let (making, server) = (None, server.clone());
        let workshop = Self { making, drafts, desk, ledger, place, begun: false, server };
        if mine { Ok(workshop) } else { Err(StoreError::AnotherRebuild(workshop.place.clone())) }
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

    /// What draws the drafts.
    #[must_use]
    pub fn pen(&self) -> Pen {
        let failed = |place: &str, flaw: Flaw| store_error(place, Fault::from(flaw));
        Pen::new(&self.drafts, &self.place, failed)
    }

    /// What generations hold that have come to a position each, one after the other; drafts are
    /// made tables meanwhile.
    ///
    /// # Errors
    /// None: what keeps one from being read is said in its place.
    pub fn digests(&mut self, wanted: Vec<Wanted>) -> Result<Digests, StoreError> {
        let drawn = self.drafts.end(&wanted);
        let (server, drafts, ledger) = (self.server.clone(), Arc::clone(&self.drafts), self.ledger);
        self.making = Some(Making::start(drawn, || {
            let (server, drafts) = (server.clone(), Arc::clone(&drafts));
            let mut maker = Maker { server, ledger, drafts, desk: None };
            move |table| maker.make(table)
        }));
        let (place, mut desk) = (self.place.clone(), None);
        let mut digested = move |wanted: Wanted| {
            if wanted.1 == Meant::Draft {
                return Ok(drafts.digested(wanted.0, wanted.2)?);
            }
            let desk = match &mut desk {
                Some(desk) => desk,
                None => desk.insert(Desk::open(&server)?),
            };
            desk.ask(async |conn| digest(conn, ledger, wanted).await)
        };
        Ok(in_turn(wanted, move |wanted| {
            digested(wanted).map_err(|fault| store_error(&place, fault))
        }))
    }

    /// Waits until a draft is ready to serve: it is a table with its indexes. The former generation
    /// goes, and makes room.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn stage(&mut self, table: &'static Table) -> Result<(), StoreError> {
        let ledger = self.ledger;
        let made = self.making.as_mut().and_then(|making| making.of(table));
        let made = made.unwrap_or(Err(Fault::Ended));
        made.map_err(|fault| store_error(&self.place, fault))?;
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
            summaries::drop_of(conn, table).await?;
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
            summaries::drop_of(conn, table).await?;
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
        let desk = &mut self.desk;
        wait(|| desk.ask(ask)).map_err(failed)
    }
}

impl From<Meant> for Generation {
    fn from(meant: Meant) -> Self {
        match meant {
            // No table is a draft, but what becomes the next one.
            Meant::Draft | Meant::Next => Self::Next,
            Meant::Serving => Self::Serving,
            Meant::Former => Self::Former,
        }
    }
}

/// The ledger, and whether the right to rebuild is to be had.
async fn open(conn: &mut PgConnection) -> Result<(LedgerId, bool), Fault> {
    let ledger = schema::ledger_of(conn).await?;
    let ledger = ledger.ok_or_else(|| damaged("there is no ledger in it"))?;
    let lock = format!(
        "SELECT pg_try_advisory_lock('rollbook_schema'::regclass::oid::int, {})",
        append::lock_word(ledger)
    );
    let mine: bool = sqlx::query_scalar(&lock).fetch_one(&mut *conn).await?;
    if mine {
        // Rows can be built again: what serves is exchanged durably with the next append.
        run(conn, "SET synchronous_commit = off").await?;
        generations::drop_all(conn, projections::TABLES, Generation::Next).await?;
        tables::forget_all(conn, ledger, projections::TABLES, Generation::Next).await?;
    }
    Ok((ledger, mine))
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
