//! What goes wrong below, told apart by PostgreSQL's codes and never by its text.

use std::io::ErrorKind;
use std::sync::Arc;

use super::schema::VERSION;
use crate::store::StoreError;
use crate::store::drafts::Flaw;
use crate::store::error::{NoSuchColumn, NoSuchRow};

/// What the server or the way to it said, or bytes that are not what was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The server, its driver or the connection failed.
    #[error(transparent)]
    Server(#[from] sqlx::Error),
    /// What is stored was never written so.
    #[error("{what}")]
    Damaged {
        /// The first position that is known to be bad.
        position: Option<u64>,
        /// What is wrong there.
        what: &'static str,
    },
    /// Tables that are rebuilt are folded in a file of this machine.
    #[error("the folder for temporary files, which TMPDIR names")]
    Draft(#[source] std::io::Error),
    /// A projection's rows are not those that it wrote.
    #[error(transparent)]
    NoRow(#[from] NoSuchRow),
    /// A question that the table cannot answer.
    #[error(transparent)]
    NoColumn(#[from] NoSuchColumn),
    /// The schema is of a later version than this program knows.
    #[error("the schema is of version {0}")]
    Newer(i64),
    /// The server does not keep the promise that a setting makes.
    #[error("the server does not run with {0}")]
    Setting(&'static str),
    /// The server or the user's rights let nobody record.
    #[error("the database lets this user only read")]
    ReadOnly,
    /// The connection was cut while a commit was under way, and the server did not come back.
    #[error("nobody can say whether the last commit took place")]
    Unconfirmed,
    /// The thread that talks to the server is gone.
    #[error("the thread that talks to the server has ended")]
    Ended,
}

/// SQLSTATE: a race of transactions that the server ended; the same again may pass.
const RACES: [&str; 2] = ["40001", "40P01"];

/// SQLSTATE: a row of that key is there already.
const UNIQUE_VIOLATION: &str = "23505";

/// SQLSTATE: nothing of that name.
const UNDEFINED_TABLE: &str = "42P01";

/// SQLSTATE: a read-only transaction, and too few rights.
const READ_ONLY: [&str; 2] = ["25006", "42501"];

/// SQLSTATE: the disk is full.
const FULL: &str = "53100";

/// SQLSTATE classes: what is stored breaks a promise or cannot be read.
const DAMAGE: [&str; 2] = ["23", "XX"];

/// SQLSTATE classes: connections, a server that is shutting down or starting, and passwords.
const AWAY: [&str; 3] = ["08", "28", "57"];

/// SQLSTATE: somebody cancelled a question, or it took longer than it may.
const CANCELLED: &str = "57014";

/// SQLSTATE: too many connections, and no such database.
const NOT_LET_IN: [&str; 2] = ["53300", "3D000"];

impl From<Flaw> for Fault {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::File(error) => Self::Draft(error),
            Flaw::Damaged(what) => damaged(what),
            Flaw::NoRow(row) => Self::NoRow(row),
        }
    }
}

impl Fault {
    /// PostgreSQL's code, if it was PostgreSQL.
    fn code(&self) -> Option<String> {
        let Self::Server(sqlx::Error::Database(error)) = self else { return None };
        error.code().map(Into::into)
    }

    fn has_code(&self, codes: &[&str]) -> bool {
        self.code().is_some_and(|code| codes.contains(&code.as_str()))
    }

    fn has_class(&self, classes: &[&str]) -> bool {
        self.code().is_some_and(|code| classes.iter().any(|class| code.starts_with(class)))
    }

    /// Whether the same again may pass: a race of transactions.
    pub(super) fn is_race(&self) -> bool {
        self.has_code(&RACES)
    }

    /// Whether a row of that key is there already.
    pub(super) fn is_key_taken(&self) -> bool {
        self.has_code(&[UNIQUE_VIOLATION])
    }

    /// Whether there is no such table.
    pub(super) fn is_no_table(&self) -> bool {
        self.has_code(&[UNDEFINED_TABLE])
    }

    /// Whether the server could not be reached, or went away.
    pub(super) fn is_away(&self) -> bool {
        let cut = matches!(
            self,
            Self::Server(
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            )
        );
        cut || self.has_class(&AWAY) || self.has_code(&NOT_LET_IN)
    }

    fn is_damage(&self) -> bool {
        let unreadable_value = matches!(
            self,
            Self::Server(
                sqlx::Error::ColumnDecode { .. }
                    | sqlx::Error::Decode(_)
                    | sqlx::Error::ColumnNotFound(_)
                    | sqlx::Error::RowNotFound
            )
        );
        // Every row is checked before it is inserted, or once more if a key was taken, so here a
        // constraint failed because the database holds what this program did not put there.
        unreadable_value
            || matches!(self, Self::Damaged { .. } | Self::NoRow(_))
            || self.has_class(&DAMAGE)
    }

    fn position(&self) -> Option<u64> {
        match self {
            Self::Damaged { position, .. } => *position,
            Self::Server(_)
            | Self::Draft(_)
            | Self::NoRow(_)
            | Self::NoColumn(_)
            | Self::Newer(_)
            | Self::Setting(_)
            | Self::ReadOnly
            | Self::Unconfirmed
            | Self::Ended => None,
        }
    }
}

/// The fault as the contract names it. Shared, because a failed commit is told to many.
pub(super) fn store_error(place: &str, fault: impl Into<Arc<Fault>>) -> StoreError {
    let (fault, place) = (fault.into(), place.to_owned());
    if let Fault::Draft(error) = &*fault {
        let place = tempfile::env::temp_dir().display().to_string();
        let has = |kinds: &[ErrorKind]| kinds.contains(&error.kind());
        return if has(&[ErrorKind::StorageFull]) {
            StoreError::DiskFull(place)
        } else if has(&[ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem]) {
            StoreError::ReadOnly(place)
        } else {
            StoreError::Failed { place, source: Box::new(fault) }
        };
    }
    if let Fault::Newer(found) = *fault {
        return StoreError::NewerSchema { place, found, known: VERSION };
    }
    if matches!(*fault, Fault::Unconfirmed) {
        StoreError::Unconfirmed(place)
    } else if fault.has_code(&[FULL]) {
        StoreError::DiskFull(place)
    } else if fault.has_code(&READ_ONLY) || matches!(*fault, Fault::ReadOnly) {
        StoreError::ReadOnly(place)
    } else if fault.is_away() && !fault.has_code(&[CANCELLED]) {
        StoreError::Unreachable { place, source: Box::new(fault) }
    } else if fault.is_damage() {
        StoreError::Corrupt { place, position: fault.position(), source: Box::new(fault) }
    } else {
        StoreError::Failed { place, source: Box::new(fault) }
    }
}

/// Damage at no position that is known.
pub(super) fn damaged(what: &'static str) -> Fault {
    Fault::Damaged { position: None, what }
}
