//! Where the record is kept: one contract, several engines. The only rooms beside the vault that
//! know SQL, and the only ones that know cqrs-es.

mod answers;
mod asked;
pub mod cqrs;
mod day;
mod drafts;
pub mod engine;
pub mod error;
mod found;
pub mod memory;
mod moving;
pub mod nature;
mod of_rows;
mod plan;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod seeded;
pub mod sqlite;
pub mod summaries;

use std::collections::BTreeMap;

use async_trait::async_trait;
use events::leaf::{Frontier, Leaf, Salt};
use events::{Event, Guard, Instant, LedgerId, Position, Record, Recorded, StreamId};
use projections::ages::Ages;
use projections::{Cell, Filter, Op, Row, Stretch, Table};
use serde::{Deserialize, Serialize};

pub use crate::commands::Note;
use engine::Workshop;
pub use engine::{Engine, Generation, Mode};
pub use error::StoreError;
pub use found::{Beside, FOUND_COLUMNS, FoundRow, KeptGuards};
pub use memory::MemoryStore;
pub use moving::{Block, Blocks, Carried};
pub use nature::{Nature, SystemNature};
pub use plan::Kept;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;
pub use summaries::Summaries;

/// How keys begin that only Rollbook itself gives.
pub const OWN_KEYS: &[&str] = &["import:", "framework:", "init"];

/// An event on its way into the record. Positions, leaves and the envelope are the writer's.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The stream that it joins.
    pub stream: StreamId,
    /// The stream's version after it.
    pub sequence: u64,
    /// The fact.
    pub event: Event,
    /// Its canonical bytes, encoded on the caller's thread.
    payload: Vec<u8>,
}

impl NewEvent {
    /// A fact that joins a stream, which has this version then.
    #[must_use]
    pub fn new(stream: StreamId, sequence: u64, event: Event) -> Self {
        let payload = event.payload();
        Self { stream, sequence, event, payload }
    }
}

/// What all events of one command have in common: the envelope without what is the writer's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Who acted.
    pub actor: String,
    /// In which post.
    pub post: Option<String>,
    /// By which grant.
    pub grant: Option<String>,
    /// The second person.
    pub approver: Option<String>,
    /// The paper.
    pub authority: Option<String>,
    /// Why the fact is dated so far back.
    pub reason: Option<String>,
    /// The rule set applied.
    pub policy: Option<String>,
    /// The position of the event that called for this.
    pub cause: Option<String>,
    /// What belongs together beyond one command.
    pub correlation: Option<String>,
    /// How it came in.
    pub source: String,
}

/// The events of one command, to be recorded together or not at all.
#[derive(Debug, Clone)]
pub struct Append {
    /// The command's idempotency key.
    pub key: String,
    /// The command's body; of it only a salted hash is kept, to tell a retry from a reuse.
    pub body: Vec<u8>,
    /// What goes into every envelope.
    pub frame: Frame,
    /// The guards that the decision looked at, each with the position at which it looked.
    pub looked: Vec<(Guard, Position)>,
    /// The events, in order.
    pub events: Vec<NewEvent>,
    /// What the caller shall be told beside the positions; stored with the receipt.
    pub notes: Vec<Note>,
}

/// How far the import of one source has come. Stored in the transaction of the append; one that
/// lies behind what is stored is a conflict, because another import has overtaken this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The name under which the source is imported.
    pub source: String,
    /// How many lines of it are applied.
    pub lines: u64,
    /// What the vault's key makes of the SHA-256 over exactly those lines.
    pub digest: [u8; 32],
    /// What the report says of the lines that this batch finished.
    pub rows: Vec<ReportRow>,
}

/// One line of an import's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRow {
    /// The line in the file.
    pub line: u64,
    /// `refused`, `held` or `noted`.
    pub outcome: String,
    /// The reason: a stable code and its parameters.
    pub note: Note,
}

/// Appends that become durable together, in order.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The commands' appends. Each is checked against the record as the ones before it leave it.
    pub appends: Vec<Append>,
    /// How far an import has come with them.
    pub progress: Option<Progress>,
}

/// What the caller learns when a command was recorded, now or at an earlier try with the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The idempotency key.
    pub key: String,
    /// The position of each event, in order; empty when it was already so.
    pub positions: Vec<Position>,
    /// The streams written to, as `family:id`, each with its version afterwards.
    pub versions: Vec<(String, u64)>,
    /// What the decision wants said.
    pub notes: Vec<Note>,
    /// Whether this key had been answered before.
    #[serde(default)]
    pub replayed: bool,
}

/// A guard as the store knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// The position of the last event that touched it; zero if none ever did.
    pub position: Position,
    /// All streams that ever touched it, in no particular order; for a guard with a stream of its
    /// own that stream, if it exists.
    pub streams: Vec<StreamId>,
}

/// The end of the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The last position.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: Option<Instant>,
    /// The tree over all leaves.
    pub frontier: Frontier,
}

/// How far a projection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progressed {
    /// The version of its table.
    pub version: u32,
    /// The last position that its rows account for.
    pub position: Position,
}

/// A projection's changes, from one position to another.
#[derive(Debug, Clone)]
pub struct ProjectionStep {
    /// The projection's table.
    pub table: &'static Table,
    /// Where it has to stand; `None`: it is begun anew, and the rows that it has are dropped.
    pub from: Option<Position>,
    /// Where it stands afterwards.
    pub until: Position,
    /// What changes.
    pub ops: Vec<Op>,
}

/// What a projection's table held at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digested {
    /// The last position that its rows account for.
    pub position: Position,
    /// How many rows it has.
    pub rows: u64,
    /// The digest of its rows.
    pub digest: [u8; 32],
}

/// Reads records as events.
///
/// # Errors
/// [`StoreError::Corrupt`], naming the first position whose bytes are no event.
pub fn decode(records: &[Record]) -> Result<Vec<Recorded>, StoreError> {
    let read = |record: &Record| record.read().map_err(|error| no_event(record.position, error));
    records.iter().map(read).collect()
}

/// What is said of bytes that are no event.
fn no_event(position: Position, error: events::RecordError) -> StoreError {
    let (place, position) = ("the record".to_owned(), Some(position.0));
    StoreError::Corrupt { place, position, source: Box::new(error) }
}

/// A store of one ledger. Every engine behaves as the contract suite in `tests/it` says.
#[async_trait]
pub trait Store: Summaries {
    /// The ledger that it keeps.
    fn ledger(&self) -> LedgerId;

    /// Makes a batch durable, whole or not at all.
    ///
    /// A batch of one append whose key was answered before gives the stored receipt again; in a
    /// larger batch such a key is a conflict.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a guard was touched since it was looked at, or a stream has
    /// moved; [`StoreError::KeyReused`] when the key came with another body; otherwise what keeps
    /// the store from writing. Nothing of the batch is recorded then.
    async fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError>;

    /// The end of the record.
    async fn head(&self) -> Result<Head, StoreError>;

    /// Makes sure that what is looked at from here on is of this moment or later. An engine whose
    /// ledgers several servers record to may answer looks and versions from its memory, as they
    /// were when it last made sure or recorded.
    async fn refresh(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Which memory looks and versions may be answered from. It has another number once all of it
    /// was forgotten, because another server recorded.
    fn memory(&self) -> u64 {
        0
    }

    /// A guard's last touch and the streams behind it.
    async fn look(&self, guard: &Guard) -> Result<Looked, StoreError>;

    /// The version of a stream; zero if it is not there.
    async fn version(&self, stream: StreamId) -> Result<u64, StoreError>;

    /// The events of a stream, in order.
    async fn stream(&self, stream: StreamId) -> Result<Vec<Record>, StoreError>;

    /// At most `limit` events after a position, in order.
    async fn log(&self, after: Position, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// The events after a position up to another one, in order, as readers meet them; missing ones
    /// are left out.
    ///
    /// # Errors
    /// As [`decode`], or what keeps the store from answering.
    async fn recorded(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Vec<Recorded>, StoreError> {
        let limit = usize::try_from(until.0.saturating_sub(after.0)).unwrap_or(usize::MAX);
        let mut records = self.log(after, limit).await?;
        records.retain(|record| record.position <= until);
        decode(&records)
    }

    /// The events at these positions, in the order asked; missing ones are left out.
    async fn events(&self, positions: &[Position]) -> Result<Vec<Record>, StoreError>;

    /// The greatest position recorded by then; zero if none was.
    async fn position_at(&self, instant: Instant) -> Result<Position, StoreError>;

    /// The receipt of a key.
    async fn receipt(&self, key: &str) -> Result<Option<Receipt>, StoreError>;

    /// How far the import of a source has come, with all its report rows so far, by line.
    async fn progress(&self, source: &str) -> Result<Option<Progress>, StoreError>;

    /// At most `limit` rows as found, in the order in which they lie, from the n-th on.
    async fn found(&self, skip: u64, limit: usize) -> Result<Vec<FoundRow>, StoreError>;

    /// Every guard with its last touch, and every link between a guard and a stream, as kept; both
    /// in the order of their text. A guard with a stream of its own has no link, and one that
    /// [ends with its streams](Guard::ends_with_its_streams) no touch of its own.
    async fn kept_guards(&self) -> Result<KeptGuards, StoreError>;

    /// The head, guards, receipts and imports, all as of one moment.
    async fn beside(&self) -> Result<Beside, StoreError>;

    /// What has to be carried along with the events to another place, as of one moment.
    async fn carried(&self) -> Result<Carried, StoreError>;

    /// Takes over the record of another place as it is, into a ledger in which nothing is recorded
    /// yet: whole, or nothing of it.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when something is recorded; [`StoreError::Corrupt`], naming the first
    /// position at which an event is not as it was recorded; what the blocks end with; otherwise
    /// what keeps the store from writing.
    async fn adopt(&self, blocks: Blocks) -> Result<(), StoreError>;

    /// Asks the engine to check its own structures; what it complains of.
    async fn check_engine(&self) -> Result<Vec<String>, StoreError>;

    /// How far a projection has come; `None` if it was never begun.
    async fn projected(&self, table: &'static Table) -> Result<Option<Progressed>, StoreError>;

    /// How far every projection has come that was begun, by its table's name.
    async fn all_projected(&self) -> Result<BTreeMap<String, Progressed>, StoreError> {
        let mut all = BTreeMap::new();
        for table in projections::TABLES {
            let found = self.projected(table).await?;
            all.extend(found.map(|found| (table.name.to_owned(), found)));
        }
        Ok(all)
    }

    /// Writes the changes of projections and their new positions in one transaction, if each still
    /// stands where its step begins. All of them are written, or none.
    ///
    /// A power failure may take this back, with the positions, but never an append with it: rows
    /// can be built again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a projection stands elsewhere; [`StoreError::Corrupt`] when
    /// a row that is closed is not there, or is closed already.
    async fn project(&self, steps: Vec<ProjectionStep>) -> Result<(), StoreError>;

    /// The right to rebuild tables, and the place where it is done; also of a store that was opened
    /// to look.
    ///
    /// # Errors
    /// [`StoreError::AnotherRebuild`] when another process has it, [`StoreError::ReadOnly`] where
    /// nothing can be written, or the engine has no such place; otherwise what keeps the store from
    /// being written.
    fn workshop(&self) -> Result<Workshop, StoreError>;

    /// What a projection's table holds; `None` while it has no rows of the table's version.
    async fn digested(&self, table: &'static Table) -> Result<Option<Digested>, StoreError>;

    /// The rows that pass a filter and match every given cell, in the order of
    /// (`known_from`, `opened_by`, `line`); none while the projection was not begun.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the table has no such column.
    async fn rows(
        &self,
        table: &'static Table,
        filter: &Filter,
        only: &[(&'static str, Cell)],
    ) -> Result<Vec<Row>, StoreError>;

    /// How many rows pass a filter, by the value of a column, in the order of that value.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the table has no such column.
    async fn count_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, u64)>, StoreError>;

    /// How many values a column has in rows that pass a filter, each counted once, and none where
    /// there is none. What it is made for is ids.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the table has no such column.
    async fn count_ids(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<u64, StoreError>;

    /// How many members there are, by the first of the five years of their birth, of rows that
    /// pass a filter.
    async fn ages(&self, filter: &Filter) -> Result<Ages, StoreError>;

    /// During which days the rows that pass a filter hold, in order, by the value of a column, in
    /// the order of that value.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when the table has no such column.
    async fn stretches_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, Vec<Stretch>)>, StoreError>;
}

/// What the writer puts beside an event: exposed so that engines cannot differ.
#[derive(Debug, Clone)]
pub struct Written {
    /// The event's bytes, salt and leaf.
    pub record: Record,
    /// The stream that it joins.
    pub stream: StreamId,
    /// The columns that stand beside them.
    pub columns: events::record::Columns,
    /// The guards that it touches.
    pub touched: Vec<Guard>,
}

/// Gives an event its place: envelope, salt and leaf. The same for every engine.
#[must_use]
pub fn write(
    ledger: LedgerId,
    position: Position,
    recorded_at: Instant,
    salt: Salt,
    key: &str,
    frame: &Frame,
    new: &NewEvent,
) -> Written {
    let kind = new.event.kind();
    let envelope = events::Envelope {
        envelope: events::record::ENVELOPE_VERSION.to_owned(),
        ledger,
        stream: new.stream.to_string(),
        sequence: new.sequence.to_string(),
        kind: kind.number.to_string(),
        recorded_at,
        actor: frame.actor.clone(),
        post: frame.post.clone(),
        grant: frame.grant.clone(),
        approver: frame.approver.clone(),
        authority: frame.authority.clone(),
        reason: frame.reason.clone(),
        policy: frame.policy.clone(),
        cause: frame.cause.clone(),
        correlation: frame.correlation.clone(),
        source: frame.source.clone(),
        key: key.to_owned(),
    }
    .to_bytes();
    debug_assert_eq!(new.payload, new.event.payload(), "the fact was changed since");
    let (payload, effective) = (new.payload.clone(), new.event.effective());
    let leaf: Leaf = events::leaf::leaf(ledger, position, &salt, &envelope, &payload);
    Written {
        stream: new.stream,
        columns: events::record::columns(new.stream, new.sequence, recorded_at, kind, effective),
        touched: events::guard::touched(new.stream, new.event.as_ref()),
        record: Record { position, envelope, payload, salt, leaf },
    }
}
