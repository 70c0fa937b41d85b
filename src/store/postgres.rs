//! A ledger in a PostgreSQL database: the engine for servers.
//!
//! Invariant: acknowledged means durable. A server that does not sync its commits is refused.
//! Invariant: many processes may record. The lock on the ledger's head makes them take turns, so
//! positions are dense and become visible in their order.

mod ages;
mod append;
mod at_once;
mod blocks;
mod connections;
mod desk;
mod digests;
mod draft;
mod fault;
mod forming;
mod found;
mod generations;
mod known;
mod looks;
mod moving;
mod numbered;
mod reader;
mod recent;
mod rows;
mod schema;
mod server;
mod summaries;
mod tables;
mod values;
mod workshop;
mod writer;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use events::{Date, Guard, Instant, LedgerId, Position, Record, Recorded, StreamId};
use postgres_es::PostgresEventRepository;
use projections::ages::Ages;
use projections::summary::People;
use projections::{Cell, Filter, Row, Stretch, Table};
use sqlx::PgConnection;

use self::connections::Connections;
use self::fault::{Fault, store_error};
use self::found::Bookmark;
use self::looks::Together;
use self::reader::Reader;
use self::recent::{Recent, Tip};
use self::schema::Standing;
use self::writer::{Handle, Writer};
use super::plan::Trouble;
use super::summaries::{KeptPiece, Summaries, Summarized, Summary, SummaryStep, Tables};
use super::{
    Batch, Beside, Blocks, Carried, Digested, FoundRow, Head, KeptGuards, Looked, Mode, Nature,
    Progress, Progressed, ProjectionStep, Receipt, Store, StoreError, engine,
};

pub use self::server::{NotAServer, Server};
pub use self::workshop::Workshop;

/// How often changes of tables are tried again when the server ends a race of transactions.
const RACES_MAX: u32 = 5;

/// A ledger in a PostgreSQL database.
pub struct PostgresStore {
    ledger: LedgerId,
    place: String,
    server: Server,
    reader: Reader,
    writer: Option<Handle>,
    /// Of a process that records.
    recent: Option<Arc<Recent>>,
    together: Together,
    bookmark: Mutex<Option<Bookmark>>,
}

impl PostgresStore {
    /// Makes an empty ledger in a database that has none and opens it for writing.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is one; [`StoreError::NotALedger`] when something else
    /// has a name of ours; otherwise what keeps it from being made.
    pub async fn create(
        server: &Server,
        ledger: LedgerId,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, StoreError> {
        let place = server.place();
        let failed = |fault| store_error(place, fault);
        let mut conn = server.connect().await.map_err(failed)?;
        match schema::standing(&mut conn).await.map_err(failed)? {
            Standing::SomethingElse => return Err(StoreError::NotALedger(place.to_owned())),
            Standing::Nothing | Standing::Version(_) => {}
        }
        server::check_durable(&mut conn).await.map_err(failed)?;
        if !schema::create(&mut conn, ledger).await.map_err(failed)? {
            return Err(StoreError::Exists(place.to_owned()));
        }
        Self::open_over(conn, server, Mode::Write, nature).await
    }

    /// Opens an existing ledger; its schema is brought up to date. Any number of processes may
    /// write to it.
    ///
    /// # Errors
    /// [`StoreError::NoLedger`], [`StoreError::NotALedger`], [`StoreError::NewerSchema`] and
    /// [`StoreError::Corrupt`] for what is there instead; [`StoreError::Unreachable`]. A ledger
    /// whose head does not fit its events can still be opened for reading, so that `verify` can
    /// look into it.
    pub async fn open(
        server: &Server,
        mode: Mode,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, StoreError> {
        let conn = server.connect().await.map_err(|fault| store_error(server.place(), fault))?;
        Self::open_over(conn, server, mode, nature).await
    }

    /// Opens an existing ledger over a connection, which readers have from then on.
    async fn open_over(
        mut conn: PgConnection,
        server: &Server,
        mode: Mode,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, StoreError> {
        let place = server.place();
        let failed = |fault| store_error(place, fault);
        let ledger = existing(&mut conn, place).await?;
        let (writer, recent) = match mode {
            Mode::Read => (None, None),
            Mode::Write | Mode::WriteIfFree => {
                append::check_head(&mut conn, ledger).await.map_err(failed)?;
                server::check_rights(&mut conn).await.map_err(failed)?;
                server::check_durable(&mut conn).await.map_err(failed)?;
                let recent = Arc::new(Recent::default());
                let writer = Writer::new(server.clone(), ledger, nature, Arc::clone(&recent));
                (Some(writer.start()?), Some(recent))
            }
        };
        let reader = Reader {
            connections: Connections::from_first(server.clone(), conn),
            lookups: Connections::new(server.clone(), server::BY_KEY),
            ledger,
        };
        let (place, server, bookmark) = (place.to_owned(), server.clone(), Mutex::default());
        let together = Together::default();
        Ok(Self { ledger, place, server, reader, writer, recent, together, bookmark })
    }

    /// Removes a ledger that was made and in which nothing was ever recorded, if it is that one.
    ///
    /// # Errors
    /// What keeps the server from doing it.
    pub async fn discard(server: &Server, ledger: LedgerId) -> Result<(), StoreError> {
        let failed = |fault| store_error(server.place(), fault);
        let mut conn = server.connect().await.map_err(failed)?;
        moving::discard(&mut conn, ledger).await.map_err(failed)
    }

    /// The events as postgres-es reads them, untouched: for its `PersistedEventStore`. What it
    /// would write the database refuses, because it has no ledger, position, salt or leaf.
    #[must_use]
    pub fn event_repository(&self) -> PostgresEventRepository {
        PostgresEventRepository::new(self.server.pool())
    }

    async fn tip(&self, stream: StreamId) -> Result<Tip, StoreError> {
        if let Some(tip) = self.recent.as_ref().and_then(|recent| recent.tip(stream)) {
            return Ok(tip);
        }
        let (tip, head) = self.read(|| self.reader.tip(stream)).await?;
        if let Some(recent) = &self.recent {
            recent.keep_tip(stream, tip, head);
        }
        Ok(tip)
    }

    /// Asks as readers do. A connection that was kept may have been cut while it lay idle; the
    /// others are closed with it, so that the second time is over a new one.
    async fn read<T, F>(&self, ask: impl Fn() -> F + Send) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let asked = match ask().await {
            Err(fault) if fault.is_away() => ask().await,
            asked => asked,
        };
        asked.map_err(|fault| self.failed(fault))
    }

    fn failed(&self, fault: Fault) -> StoreError {
        store_error(&self.place, fault)
    }

    fn bookmark(&self) -> std::sync::MutexGuard<'_, Option<Bookmark>> {
        self.bookmark.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ledger of a database, its schema brought up to date.
async fn existing(conn: &mut PgConnection, place: &str) -> Result<LedgerId, StoreError> {
    let failed = |fault| store_error(place, fault);
    match schema::standing(conn).await.map_err(failed)? {
        Standing::Nothing => return Err(StoreError::NoLedger(place.to_owned())),
        Standing::SomethingElse => return Err(StoreError::NotALedger(place.to_owned())),
        Standing::Version(schema::VERSION) => {}
        Standing::Version(_) => schema::migrate(conn).await.map_err(failed)?,
    }
    let ledger = schema::ledger_of(conn).await.map_err(failed)?;
    ledger.ok_or_else(|| StoreError::NoLedger(place.to_owned()))
}

#[async_trait]
impl Summaries for PostgresStore {
    async fn summarized(&self) -> Result<Option<Summarized>, StoreError> {
        self.read(|| self.reader.summarized()).await
    }

    async fn summary(
        &self,
        on: Option<Date>,
        known_at: Position,
    ) -> Result<Option<Summary>, StoreError> {
        self.read(|| self.reader.summary(on, known_at)).await
    }

    async fn summary_pieces(&self) -> Result<Vec<KeptPiece>, StoreError> {
        self.read(|| self.reader.summary_pieces()).await
    }

    async fn everybody(&self, known_at: Position) -> Result<Option<(People, Tables)>, StoreError> {
        self.read(|| self.reader.everybody(known_at)).await
    }

    async fn keep_summary(&self, step: SummaryStep) -> Result<(), StoreError> {
        if self.writer.is_none() {
            return Err(StoreError::ReadOnly(self.place.clone()));
        }
        self.read(|| self.reader.keep_summary(&step)).await
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn ledger(&self) -> LedgerId {
        self.ledger
    }

    async fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError> {
        let read_only = || StoreError::ReadOnly(self.place.clone());
        self.writer.as_ref().ok_or_else(read_only)?.append(batch).await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.read(|| self.reader.head()).await
    }

    async fn refresh(&self) -> Result<(), StoreError> {
        let Some(recent) = &self.recent else { return Ok(()) };
        self.read(|| recent.refresh(&self.reader)).await
    }

    fn memory(&self) -> u64 {
        self.recent.as_ref().map_or(0, |recent| recent.number())
    }

    async fn look(&self, guard: &Guard) -> Result<Looked, StoreError> {
        if let Some(looked) = self.recent.as_ref().and_then(|recent| recent.looked(guard)) {
            return Ok(looked);
        }
        let Some(recent) = &self.recent else {
            let asked = self.read(|| self.reader.looks(std::slice::from_ref(guard))).await;
            let found = asked?.looks.pop();
            return Ok(found.map(|(_, looked)| looked).unwrap_or_default());
        };
        self.read(|| self.together.look(&self.reader, recent, guard)).await
    }

    async fn version(&self, stream: StreamId) -> Result<u64, StoreError> {
        Ok(self.tip(stream).await?.0)
    }

    async fn stream(&self, stream: StreamId) -> Result<Vec<Record>, StoreError> {
        self.read(|| self.reader.stream(stream)).await
    }

    async fn log(&self, after: Position, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.read(|| self.reader.log(after, limit)).await
    }

    async fn recorded(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.read(|| self.reader.recorded(after, until)).await?
    }

    async fn events(&self, positions: &[Position]) -> Result<Vec<Record>, StoreError> {
        self.read(|| self.reader.events(positions)).await
    }

    async fn position_at(&self, instant: Instant) -> Result<Position, StoreError> {
        self.read(|| self.reader.position_at(instant)).await
    }

    async fn receipt(&self, key: &str) -> Result<Option<Receipt>, StoreError> {
        let receipt = self.read(|| self.reader.receipt(key)).await?;
        Ok(receipt.map(|receipt| Receipt { replayed: true, ..receipt }))
    }

    async fn progress(&self, source: &str) -> Result<Option<Progress>, StoreError> {
        self.read(|| self.reader.progress(source)).await
    }

    async fn found(&self, skip: u64, limit: usize) -> Result<Vec<FoundRow>, StoreError> {
        let bookmark = *self.bookmark();
        let found = self.read(|| found::found(&self.reader, skip, limit, bookmark)).await;
        let (rows, bookmark) = found?;
        *self.bookmark() = bookmark;
        Ok(rows)
    }

    async fn kept_guards(&self) -> Result<KeptGuards, StoreError> {
        self.read(|| self.reader.kept_guards()).await
    }

    async fn beside(&self) -> Result<Beside, StoreError> {
        self.read(|| self.reader.beside(|fault| self.failed(fault))).await
    }

    async fn carried(&self) -> Result<Carried, StoreError> {
        self.read(|| self.reader.carried()).await
    }

    async fn adopt(&self, blocks: Blocks) -> Result<(), StoreError> {
        if self.writer.is_none() {
            return Err(StoreError::ReadOnly(self.place.clone()));
        }
        match moving::adopt(&self.server, self.ledger, blocks).await {
            Ok(()) => self.refresh().await,
            Err(Trouble::Refused(error)) => Err(error),
            Err(Trouble::Fault(fault)) => Err(self.failed(fault)),
        }
    }

    async fn check_engine(&self) -> Result<Vec<String>, StoreError> {
        self.read(|| self.reader.complaints()).await
    }

    async fn projected(&self, table: &'static Table) -> Result<Option<Progressed>, StoreError> {
        self.read(|| self.reader.projected(table)).await
    }

    async fn all_projected(&self) -> Result<BTreeMap<String, Progressed>, StoreError> {
        self.read(|| self.reader.all_projected()).await
    }

    async fn project(&self, steps: Vec<ProjectionStep>) -> Result<(), StoreError> {
        if self.writer.is_none() {
            return Err(StoreError::ReadOnly(self.place.clone()));
        }
        let mut race = 0;
        loop {
            match tables::project(&self.reader, &steps).await {
                Ok(()) => return Ok(()),
                Err(Trouble::Refused(error)) => return Err(error),
                Err(Trouble::Fault(fault)) if fault.is_race() && race < RACES_MAX => race += 1,
                Err(Trouble::Fault(fault)) => return Err(self.failed(fault)),
            }
        }
    }

    fn workshop(&self) -> Result<engine::Workshop, StoreError> {
        Ok(engine::Workshop::Postgres(Box::new(Workshop::open(&self.server)?)))
    }

    async fn digested(&self, table: &'static Table) -> Result<Option<Digested>, StoreError> {
        self.read(|| self.reader.digested(table)).await
    }

    async fn rows(
        &self,
        table: &'static Table,
        filter: &Filter,
        only: &[(&'static str, Cell)],
    ) -> Result<Vec<Row>, StoreError> {
        self.read(|| self.reader.rows(table, filter, only)).await
    }

    async fn count_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, u64)>, StoreError> {
        self.read(|| self.reader.count_by(table, filter, column)).await
    }

    async fn ages(&self, filter: &Filter) -> Result<Ages, StoreError> {
        self.read(|| self.reader.ages(filter)).await
    }

    async fn count_ids(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<u64, StoreError> {
        self.read(|| self.reader.count_ids(table, filter, column)).await
    }

    async fn stretches_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, Vec<Stretch>)>, StoreError> {
        self.read(|| self.reader.stretches_by(table, filter, column)).await
    }
}
