//! What goes wrong below, told apart by SQLite's codes and never by its text.

use std::io;
use std::sync::Arc;

use rusqlite::ffi;

use crate::store::StoreError;
use crate::store::drafts::Flaw;
use crate::store::error::{NoSuchColumn, NoSuchRow};

/// What SQLite or the file system said, or bytes that are not what was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// SQLite failed.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The file system failed.
    #[error(transparent)]
    File(#[from] io::Error),
    /// What is stored was never written so.
    #[error("{what}")]
    Damaged {
        /// The first position that is known to be bad.
        position: Option<u64>,
        /// What is wrong there.
        what: &'static str,
    },
    /// SQLite failed while it read past this position.
    #[error("what follows position {after} cannot be read")]
    Unreadable {
        /// The last position that could be read.
        after: u64,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A projection's rows are not those that it wrote.
    #[error(transparent)]
    NoRow(#[from] NoSuchRow),
    /// A question that the table cannot answer.
    #[error(transparent)]
    NoColumn(#[from] NoSuchColumn),
    /// The database does not keep the promise that a setting makes.
    #[error("the database does not take {0}")]
    Setting(&'static str),
    /// The disk did not confirm an earlier write.
    #[error("an earlier write was not confirmed")]
    Unconfirmed,
}

impl From<Flaw> for Fault {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::File(error) => Self::File(error),
            Flaw::Damaged(what) => Self::Damaged { position: None, what },
            Flaw::NoRow(row) => Self::NoRow(row),
        }
    }
}

impl Fault {
    /// What SQLite said, if it was SQLite.
    fn sqlite(&self) -> Option<&rusqlite::Error> {
        match self {
            Self::Sqlite(error) | Self::Unreadable { source: error, .. } => Some(error),
            Self::File(_)
            | Self::Damaged { .. }
            | Self::NoRow(_)
            | Self::NoColumn(_)
            | Self::Setting(_)
            | Self::Unconfirmed => None,
        }
    }

    fn extended_code(&self) -> Option<i32> {
        Some(self.sqlite()?.sqlite_error()?.extended_code)
    }

    /// Whether SQLite gave one of these primary codes.
    pub(super) fn has_code(&self, codes: &[i32]) -> bool {
        self.extended_code().is_some_and(|code| codes.contains(&(code & 0xff)))
    }

    fn has_kind(&self, kinds: &[io::ErrorKind]) -> bool {
        if let Self::File(error) = self { kinds.contains(&error.kind()) } else { false }
    }

    /// Whether nobody can say any more what is on the disk: a write or a sync failed.
    pub(super) fn leaves_disk_unknown(&self) -> bool {
        let only_read = [Some(ffi::SQLITE_IOERR_READ), Some(ffi::SQLITE_IOERR_SHORT_READ)];
        self.has_code(&[ffi::SQLITE_IOERR]) && !only_read.contains(&self.extended_code())
    }

    fn is_damage(&self) -> bool {
        let unreadable_value = matches!(
            self.sqlite(),
            Some(
                rusqlite::Error::FromSqlConversionFailure(..)
                    | rusqlite::Error::IntegralValueOutOfRange(..)
                    | rusqlite::Error::InvalidColumnType(..)
                    | rusqlite::Error::Utf8Error(..)
            )
        );
        // Every row is checked before it is inserted, so a constraint fails only when the database
        // holds what this program did not put there.
        unreadable_value
            || matches!(self, Self::Damaged { .. } | Self::NoRow(_))
            || self.has_code(&[ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB, ffi::SQLITE_CONSTRAINT])
    }

    fn is_full(&self) -> bool {
        self.has_code(&[ffi::SQLITE_FULL]) || self.has_kind(&[io::ErrorKind::StorageFull])
    }

    fn is_read_only(&self) -> bool {
        self.has_code(&[ffi::SQLITE_READONLY])
            || self.has_kind(&[io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem])
    }

    fn position(&self) -> Option<u64> {
        match self {
            Self::Damaged { position, .. } => *position,
            Self::Unreadable { after, .. } => Some(after + 1),
            Self::Sqlite(_)
            | Self::File(_)
            | Self::NoRow(_)
            | Self::NoColumn(_)
            | Self::Setting(_)
            | Self::Unconfirmed => None,
        }
    }
}

/// The fault as the contract names it. Shared, because a failed commit is told to many.
pub(super) fn store_error(place: &str, fault: impl Into<Arc<Fault>>) -> StoreError {
    let (fault, place) = (fault.into(), place.to_owned());
    if fault.is_full() {
        StoreError::DiskFull(place)
    } else if fault.is_read_only() {
        StoreError::ReadOnly(place)
    } else if fault.is_damage() {
        StoreError::Corrupt { place, position: fault.position(), source: Box::new(fault) }
    } else {
        StoreError::Failed { place, source: Box::new(fault) }
    }
}
