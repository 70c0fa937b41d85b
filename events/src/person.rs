//! What can happen to a person. What is personal stays in the vault.

use crate::family::family;

family! {
    /// One event about one person.
    PersonEvent as Person {
        /// The person became known to the ledger, by id alone.
        201 Registered("PersonRegistered.v1") {}
    }
}
