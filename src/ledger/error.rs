//! Why the ledger did not do what it was asked.

use crate::commands::Refused;
use crate::store::StoreError;
use crate::vault::VaultError;

/// Why the ledger did not do what it was asked. Nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Others wrote first, several times: decide again.
    #[error("the record kept changing while the command was being decided")]
    Conflict,
    /// The request cannot be read: a field, and what is wrong with it.
    #[error("field `{field}`: {problem}")]
    Malformed {
        /// Which field.
        field: String,
        /// A stable code of what is wrong.
        problem: &'static str,
        /// What was given.
        given: String,
    },
    /// There is no such thing in the ledger.
    #[error("no {what} {given}")]
    NotFound {
        /// What kind of thing: `command`, `branch`, `person` …
        what: &'static str,
        /// What was asked for.
        given: String,
    },
    /// The ledger was opened without its vault.
    #[error("the vault is not open")]
    NoVault,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
