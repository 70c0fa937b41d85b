//! A ledger in one SQLite file: the engine for one machine.
//!
//! Invariant: acknowledged means durable. The log is synced before an append is answered, and a
//! sync that fails ends all writing through that handle.
//! Invariant: one process records. Readers, of this process and of others, are never refused. What
//! is rebuilt may be put in place beside the one that records, in transactions of its own.

mod ages;
mod append;
mod cells;
mod counting;
mod distinct;
mod draft;
mod fault;
mod file;
mod found;
mod generations;
mod group;
mod grouped;
mod guards;
mod parts;
mod reader;
mod recent;
mod schema;
mod summaries;
mod tables;
mod values;
mod workshop;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use events::{Date, Guard, Instant, LedgerId, Position, Record, Recorded, StreamId};
use projections::ages::Ages;
use projections::summary::People;
use projections::{Cell, Filter, Row, Stretch, Table};
use rusqlite::Connection;

use self::append::Ledger;
use self::fault::store_error;
use self::file::{Reach, WriteLock};
use self::found::Bookmark;
use self::reader::Readers;
use self::recent::{Recent, Tip};
use self::writer::{Handle, Job, Writer};
use super::summaries::{KeptPiece, Summaries, Summarized, Summary, SummaryStep, Tables};
use super::{
    Batch, Beside, Blocks, Carried, Digested, FoundRow, Generation, Head, KeptGuards, Looked, Mode,
    Nature, Progress, Progressed, ProjectionStep, Receipt, Store, StoreError, engine, of_rows,
};

pub use self::workshop::Workshop;

/// A ledger in a SQLite file.
pub struct SqliteStore {
    ledger: LedgerId,
    place: String,
    readers: Arc<Readers>,
    writer: Option<Handle>,
    /// What the writer remembers; a reader beside another process's writer has no such thing.
    recent: Option<Arc<Recent>>,
    bookmark: Mutex<Option<Bookmark>>,
}

impl SqliteStore {
    /// Makes an empty ledger and opens it for writing.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is anything at that place; otherwise what keeps a file
    /// from being made there.
    pub fn create(
        path: impl AsRef<Path>,
        ledger: LedgerId,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, StoreError> {
        let path = path.as_ref();
        drop(file::create(path, ledger)?);
        Self::open(path, Mode::Write, nature)
    }

    /// Opens an existing ledger.
    ///
    /// # Errors
    /// [`StoreError::NoLedger`], [`StoreError::NotALedger`], [`StoreError::NewerSchema`] and
    /// [`StoreError::Corrupt`] for what is there instead; for writing also
    /// [`StoreError::AnotherWriter`], [`StoreError::ManyNames`] and
    /// [`StoreError::ReadOnly`]. A ledger whose head does not fit
    /// its events can still be opened for reading, so that `verify` can look into it.
    pub fn open(
        path: impl AsRef<Path>,
        mode: Mode,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let wait = match mode {
            Mode::Write => file::WRITER_WAIT,
            Mode::WriteIfFree => Duration::ZERO,
            Mode::Read => return Self::over(path, file::open_first_reader(path)?),
        };
        let (conn, lock) = file::open_writer(path, wait)?;
        Self::with_writer(path, conn, lock, nature)
    }

    fn with_writer(
        path: &Path,
        conn: Connection,
        lock: WriteLock,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, StoreError> {
        let failed = |fault| store_error(&file::place(path), fault);
        let reader = file::open_reader(path, Reach::Shared).map_err(failed)?;
        let mut store = Self::over(path, (reader, Reach::Shared))?;
        let recent = Arc::new(Recent::default());
        store.recent = Some(Arc::clone(&recent));
        let writer = Writer::new(conn, lock, store.ledger, store.place.clone(), nature, recent);
        store.writer = Some(writer.and_then(Writer::start).map_err(failed)?);
        Ok(store)
    }

    fn over(path: &Path, first: (Connection, Reach)) -> Result<Self, StoreError> {
        let (path, place) = (PathBuf::from(path), file::place(path));
        let ledger = reader::ledger_of(&first.0).map_err(|fault| store_error(&place, fault))?;
        let readers = Arc::new(Readers::new(path, place.clone(), first, ledger));
        let (writer, recent, bookmark) = (None, None, Mutex::default());
        Ok(Self { ledger, place, readers, writer, recent, bookmark })
    }

    /// Lets the file grow to this many pages of 4 KiB and no further; beyond them the ledger
    /// behaves as on a full disk. Lasts until the ledger is closed.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] when the ledger is open for reading.
    pub async fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        self.writer()?.ask(|reply| Job::LimitPages(pages, reply)).await
    }

    fn tip(&self, stream: StreamId) -> Result<Tip, StoreError> {
        let ask = || self.readers.ask(|ledger| ledger.tip(stream));
        self.recent.as_ref().map_or_else(ask, |recent| recent.tip(stream, ask))
    }

    fn writer(&self) -> Result<&Handle, StoreError> {
        self.writer.as_ref().ok_or_else(|| StoreError::ReadOnly(self.place.clone()))
    }

    fn bookmark(&self) -> std::sync::MutexGuard<'_, Option<Bookmark>> {
        self.bookmark.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Summaries for SqliteStore {
    async fn summarized(&self) -> Result<Option<Summarized>, StoreError> {
        self.readers.ask(|ledger| ledger.at_once(Ledger::summarized))
    }

    async fn summary(
        &self,
        on: Option<Date>,
        known_at: Position,
    ) -> Result<Option<Summary>, StoreError> {
        let summary = move |ledger: &Ledger<'_>| ledger.summary(on, known_at);
        self.readers.ask_apart(move |ledger| ledger.at_once(summary)).await
    }

    async fn summary_pieces(&self) -> Result<Vec<KeptPiece>, StoreError> {
        self.readers.ask_apart(|ledger| ledger.at_once(Ledger::summary_pieces)).await
    }

    async fn everybody(&self, known_at: Position) -> Result<Option<(People, Tables)>, StoreError> {
        summaries::everybody(&self.readers, known_at).await
    }

    async fn keep_summary(&self, step: SummaryStep) -> Result<(), StoreError> {
        self.writer()?.ask(|reply| Job::KeepSummary(step, reply)).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn ledger(&self) -> LedgerId {
        self.ledger
    }

    async fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError> {
        self.writer()?.append(batch).await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.readers.ask(|ledger| ledger.head())
    }

    async fn look(&self, guard: &Guard) -> Result<Looked, StoreError> {
        if let Some(stream) = guard.own_stream() {
            let position = self.tip(stream)?.position;
            let streams = if position == Position(0) { Vec::new() } else { vec![stream] };
            return Ok(Looked { position, streams });
        }
        let Some(recent) = &self.recent else {
            return self.readers.ask(|ledger| ledger.at_once(|it| it.look_beside(guard)));
        };
        recent.looked(guard, |pending| self.readers.ask(|ledger| ledger.look(guard, pending)))
    }

    async fn version(&self, stream: StreamId) -> Result<u64, StoreError> {
        Ok(self.tip(stream)?.version)
    }

    async fn stream(&self, stream: StreamId) -> Result<Vec<Record>, StoreError> {
        self.readers.ask(|ledger| ledger.stream(stream))
    }

    async fn log(&self, after: Position, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.readers.ask_apart(move |ledger| ledger.log(after, limit)).await
    }

    async fn recorded(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.readers.ask_apart(move |ledger| ledger.recorded(after, until)).await?
    }

    async fn events(&self, positions: &[Position]) -> Result<Vec<Record>, StoreError> {
        let positions = positions.to_vec();
        self.readers.ask_apart(move |ledger| ledger.events(&positions)).await
    }

    async fn position_at(&self, instant: Instant) -> Result<Position, StoreError> {
        self.readers.ask(|ledger| ledger.position_at(instant))
    }

    async fn receipt(&self, key: &str) -> Result<Option<Receipt>, StoreError> {
        let kept = self.readers.ask(|ledger| ledger.kept(key))?;
        Ok(kept.map(|kept| Receipt { replayed: true, ..kept.receipt }))
    }

    async fn progress(&self, source: &str) -> Result<Option<Progress>, StoreError> {
        let source = source.to_owned();
        self.readers.ask_apart(move |ledger| ledger.at_once(|it| it.progress(&source))).await
    }

    async fn found(&self, skip: u64, limit: usize) -> Result<Vec<FoundRow>, StoreError> {
        let bookmark = *self.bookmark();
        let found = self.readers.ask_apart(move |ledger| ledger.found(skip, limit, bookmark));
        let (rows, bookmark) = found.await?;
        *self.bookmark() = bookmark;
        Ok(rows)
    }

    async fn kept_guards(&self) -> Result<KeptGuards, StoreError> {
        self.readers.ask_apart(|ledger| ledger.at_once(Ledger::kept_guards)).await
    }

    async fn beside(&self) -> Result<Beside, StoreError> {
        let place = self.place.clone();
        let beside = move |ledger: &Ledger<'_>| ledger.at_once(|ledger| Ok(ledger.beside(&place)));
        self.readers.ask_apart(beside).await
    }

    async fn carried(&self) -> Result<Carried, StoreError> {
        self.readers.ask_apart(|ledger| ledger.at_once(Ledger::carried)).await
    }

    async fn adopt(&self, blocks: Blocks) -> Result<(), StoreError> {
        self.writer()?.ask(|reply| Job::Adopt(blocks, reply)).await
    }

    async fn check_engine(&self) -> Result<Vec<String>, StoreError> {
        self.readers.ask_apart(|ledger| Ok(ledger.complaints())).await
    }

    async fn projected(&self, table: &'static Table) -> Result<Option<Progressed>, StoreError> {
        self.readers.ask(|ledger| ledger.projected(table))
    }

    async fn project(&self, steps: Vec<ProjectionStep>) -> Result<(), StoreError> {
        self.writer()?.ask(|reply| Job::Project(steps, reply)).await
    }

    fn workshop(&self) -> Result<engine::Workshop, StoreError> {
        Ok(engine::Workshop::Sqlite(Box::new(Workshop::open(self.readers.path())?)))
    }

    async fn digested(&self, table: &'static Table) -> Result<Option<Digested>, StoreError> {
        let digested = move |ledger: &Ledger<'_>| {
            let Some(position) = ledger.stands_at(table)? else { return Ok(None) };
            ledger.digested(table, Generation::Serving, position).map(Some)
        };
        self.readers.ask_apart(move |ledger| ledger.at_once(digested)).await
    }

    async fn rows(
        &self,
        table: &'static Table,
        filter: &Filter,
        only: &[(&'static str, Cell)],
    ) -> Result<Vec<Row>, StoreError> {
        let (filter, only) = (filter.clone(), only.to_vec());
        let rows = move |ledger: &Ledger<'_>, ids: &_| ledger.rows(table, &filter, &only, ids);
        self.readers.ask_tables(rows).await
    }

    async fn count_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, u64)>, StoreError> {
        match counting::count(&self.readers, table, filter, column).await? {
            Some(counts) => Ok(counts),
            None => grouped::count(&self.readers, table, filter, column).await,
        }
    }

    async fn ages(&self, filter: &Filter) -> Result<Ages, StoreError> {
        match ages::ages(&self.readers, filter).await? {
            Some(ages) => Ok(ages),
            None => of_rows::ages(self, filter).await,
        }
    }

    async fn count_ids(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<u64, StoreError> {
        match distinct::count(&self.readers, table, filter, column).await? {
            Some(count) => Ok(count),
            None => of_rows::count_ids(self, table, filter, column).await,
        }
    }

    async fn stretches_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, Vec<Stretch>)>, StoreError> {
        let filter = filter.clone();
        let stretches =
            move |ledger: &Ledger<'_>, ids: &_| ledger.stretches_by(table, &filter, column, ids);
        self.readers.ask_tables(stretches).await
    }
}
