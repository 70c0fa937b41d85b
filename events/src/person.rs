//! What can happen to a person. What is personal stays in the vault.

use crate::family::family;

family! {
    /// One event about one person.
    PersonEvent as Person {
        /// The person became known to the ledger, by id alone.
        201 Registered("PersonRegistered.v1") {}
        /// It became known in which five years the person was born. The year itself is personal.
        202 BirthBandRecorded("BirthBandRecorded.v1") {
            /// The first of the five years, a multiple of five.
            from_year: u16,
        }
    }
}
