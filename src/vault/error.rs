//! What keeps the vault from doing what it was asked.

use std::path::Path;

use events::{LedgerId, PersonId};

/// Why the vault did not do what it was asked. Except for [`VaultError::Lingers`] nothing of the
/// request was done. No variant repeats anything personal.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no vault at that place.
    #[error("there is no vault at {0}")]
    NoVault(String),
    /// There is something else at that place.
    #[error("{0} is not a Rollbook vault")]
    NotAVault(String),
    /// There is no key at that place.
    #[error("there is no key at {0}")]
    NoKey(String),
    /// The key file is not 64 hexadecimal digits.
    #[error("{0} does not hold a key: expected 64 hexadecimal digits")]
    MalformedKey(String),
    /// The key is one, but not of this vault.
    #[error("the key does not open the vault at {0}")]
    WrongKey(String),
    /// The vault belongs to another ledger.
    #[error("the vault at {place} belongs to ledger {found}")]
    OtherLedger {
        /// Which file.
        place: String,
        /// The ledger to which it belongs.
        found: LedgerId,
    },
    /// There is a file where one was to be made.
    #[error("there is a file at {0} already")]
    Exists(String),
    /// The file was written by a newer program.
    #[error("{place} has schema version {found}; this program knows up to {known}")]
    NewerSchema {
        /// Which file.
        place: String,
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Nobody reads personal data without saying what for.
    #[error("a read of personal data needs a purpose")]
    NoPurpose,
    /// The person was put in before, and perhaps erased since.
    #[error("the vault has known person {0} before")]
    AlreadyKnown(PersonId),
    /// The handle that this person was to get belongs to somebody else.
    #[error("the handle meant for person {0} belongs to another person")]
    HandleTaken(PersonId),
    /// A handle comes with its source, when the person is put in; it is not set like a field.
    #[error("the handle of person {0} can only be given with its source, when it is put in")]
    HandleFixed(PersonId),
    /// The vault knows nobody by this id.
    #[error("the vault does not know person {0}")]
    Unknown(PersonId),
    /// The person was erased.
    #[error("person {0} was erased")]
    Erased(PersonId),
    /// The erasure is durable, but its traces could not be scrubbed from the file, most often
    /// because somebody is reading it: erase again.
    #[error("erased, but traces remain in {place}; erase again")]
    Lingers {
        /// Which file.
        place: String,
        /// What stood in the way.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk is full. Nothing was lost; free some space and try again.
    #[error("the disk that holds {0} is full")]
    DiskFull(String),
    /// A write to disk failed: nobody can say what is on the disk, so this handle does no more.
    #[error("the disk did not confirm a write to {0}; open the vault again")]
    Unconfirmed(String),
    /// What is stored is not what was written: stop.
    #[error("{place} is damaged{}", at(.person))]
    Corrupt {
        /// Which file.
        place: String,
        /// The person whose rows are bad, if it is known.
        person: Option<PersonId>,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Anything else; try again later.
    #[error("the vault failed at {place}")]
    Failed {
        /// Which file.
        place: String,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn at(person: &Option<PersonId>) -> String {
    person.map_or_else(String::new, |person| format!(" at person {person}"))
}

impl VaultError {
    pub(crate) fn failed(
        place: &Path,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Failed { place: place.display().to_string(), source: Box::new(source) }
    }
}

/// What a row can be found to be, if it is not what we wrote.
#[derive(Debug, thiserror::Error)]
pub(super) enum Flaw {
    #[error("the wrapped key does not open with these field versions")]
    Key,
    #[error("the field {0} does not open as this version of this person's")]
    Sealed(&'static str),
    #[error("a stored value is not of its kind")]
    Value,
}

/// What goes wrong inside a transaction; [`super::file::File`] knows its place and makes it a
/// [`VaultError`].
#[derive(Debug)]
pub(super) enum Trouble {
    Refused(VaultError),
    Flawed(Option<PersonId>, Flaw),
    Random(getrandom::Error),
    Sql(rusqlite::Error),
}

impl From<VaultError> for Trouble {
    fn from(error: VaultError) -> Self {
        Self::Refused(error)
    }
}

impl From<getrandom::Error> for Trouble {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}
