//! What keeps a store from doing what it was asked.

use events::StreamId;

/// Why a store did not do what it was asked. Nothing of the request was recorded.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A guard was touched since the decision looked at it, or a stream has moved on: decide again.
    #[error("the record changed while the command was being decided ({0})")]
    Conflict(String),
    /// The idempotency key was used before, with another body.
    #[error("the idempotency key {0} was used before for another command")]
    KeyReused(String),
    /// There is no ledger at that place.
    #[error("there is no ledger at {0}")]
    NoLedger(String),
    /// There is something else at that place.
    #[error("{0} is not a Rollbook ledger")]
    NotALedger(String),
    /// A ledger exists where one was to be made.
    #[error("there is a ledger at {0} already")]
    Exists(String),
    /// The file was written by a newer program.
    #[error("{place} has schema version {found}; this program knows up to {known}")]
    NewerSchema {
        /// Which file or database.
        place: String,
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Another process is writing to this ledger.
    #[error("another process is writing to {0}")]
    AnotherWriter(String),
    /// Another process is rebuilding tables of this ledger; it may be recorded to meanwhile.
    #[error("another process is rebuilding the tables of {0}")]
    AnotherRebuild(String),
    /// The file has more than one name (a hard link), and each would have a writer of its own.
    #[error("{0} has another name besides this one")]
    ManyNames(String),
    /// This handle may only read.
    #[error("{0} cannot be written to")]
    ReadOnly(String),
    /// The server that keeps this ledger does not answer, or lets nobody in; try again later.
    #[error("the database at {place} cannot be reached")]
    Unreachable {
        /// Which database.
        place: String,
        /// What it, or the way to it, said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk is full. Nothing was lost; free some space and try again.
    #[error("the disk that holds {0} is full")]
    DiskFull(String),
    /// A sync to disk failed: nobody can say what is on the disk, so this handle writes no more.
    #[error("the disk did not confirm a write to {0}; open the ledger again")]
    Unconfirmed(String),
    /// What is stored is not what was written: stop, and run `rollbook verify`.
    #[error("{place} is damaged{}", at(.position))]
    Corrupt {
        /// Which file or database.
        place: String,
        /// The first position that is known to be bad.
        position: Option<u64>,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Anything else; try again later.
    #[error("the store failed at {place}")]
    Failed {
        /// Which file or database.
        place: String,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn at(position: &Option<u64>) -> String {
    position.map_or_else(String::new, |position| format!(" at position {position}"))
}

/// A table was asked for a column that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("table {table} has no column {column}")]
pub struct NoSuchColumn {
    /// The table's name.
    pub table: &'static str,
    /// What was asked for.
    pub column: &'static str,
}

/// An event is not at the position at which it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event of position {found} is here")]
pub struct Misplaced {
    /// The position that it claims.
    pub found: u64,
}

/// There is no event at a position, though the record goes on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no event here")]
pub struct Missing;

/// An event is not the next one of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not event {expected} of {stream}")]
pub struct OutOfTurn {
    /// The stream.
    pub stream: StreamId,
    /// Which of its events it should be.
    pub expected: u64,
}

/// Events are recorded, and none of them opens the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event that opens this ledger is not there")]
pub struct NotOpened;

/// Tables were looked at, and not all of them were told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a thread that looked at tables ended before it was done")]
pub struct EndedEarly;

/// A projection closes a row that is not there, or is closed already: it must be built anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("table {table} has no open row {known_from}, {opened_by}, {line}")]
pub struct NoSuchRow {
    /// The table's name.
    pub table: &'static str,
    /// The row's `known_from`.
    pub known_from: u64,
    /// The row's `opened_by`.
    pub opened_by: u64,
    /// The row's `line`.
    pub line: u32,
}
