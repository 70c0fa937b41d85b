//! Why a file was not imported.

use std::path::PathBuf;

use events::Position;

use crate::ledger;
use crate::store::StoreError;

/// Why a file was not imported. What was durable before stays; nothing else was recorded.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened or read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The compressed file ends in the middle.
    #[error("{} is cut off after line {lines}", path.display())]
    CutOff {
        /// The file.
        path: PathBuf,
        /// How many whole lines there were.
        lines: u64,
    },
    /// A line is longer than any fact.
    #[error("{}, line {line}: longer than {bytes_max} bytes", path.display())]
    LineTooLong {
        /// The file.
        path: PathBuf,
        /// Which line.
        line: u64,
        /// The limit.
        bytes_max: usize,
    },
    /// A line is no fact.
    #[error("{}, line {line}, field `{field}`: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which line.
        line: u64,
        /// Which field; `line` for the line as a whole.
        field: &'static str,
        /// A stable code of what is wrong.
        problem: &'static str,
    },
    /// The file does not begin with what was applied before.
    #[error("{}: the first {lines} lines are not those that were applied before", path.display())]
    BeginningDiffers {
        /// The file.
        path: PathBuf,
        /// How many lines were applied.
        lines: u64,
    },
    /// The file changed between the two passes.
    #[error("{} changed while it was being imported", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// A file holds no plan of an import.
    #[error("{} holds no plan", path.display())]
    NoPlan {
        /// The file.
        path: PathBuf,
    },
    /// A plan cannot be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The plan is that of another file, source or ledger.
    #[error("the plan is another one's")]
    PlanDiffers,
    /// Something on which the plan rests has moved since it was made.
    #[error("the plan was made at position {base}; {moved} things moved since, from {first} on")]
    PlanStale {
        /// The last position when it was made.
        base: Position,
        /// How many of the things that were looked at have moved.
        moved: u64,
        /// The first position of those at which they last did.
        first: Position,
    },
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}
