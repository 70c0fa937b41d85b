//! What can happen to a person. What is personal stays in the vault.

use crate::family::family;
use crate::ids::PersonId;

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
        /// The person died; `effective` is the first day without them.
        203 Died("PersonDied.v1") {}
        /// The person may be the same as another one: an identity case begins.
        204 DuplicateSuspected("DuplicateSuspected.v1") {
            /// The other one.
            other: PersonId,
        }
        /// Two people found it true that the person is not the other one.
        205 DeclaredDistinct("DeclaredDistinct.v1") {
            /// The other one.
            other: PersonId,
        }
        /// The person is the same as another one, by whose id they are asked for from then on.
        206 Merged("PersonMerged.v1") {
            /// The other one.
            into: PersonId,
        }
        /// The person is not the same as the other one after all.
        207 Unmerged("PersonUnmerged.v1") {
            /// The other one.
            from: PersonId,
        }
    }
}

impl PersonEvent {
    /// The other person whom it names, if it names one.
    #[must_use]
    pub const fn other(&self) -> Option<PersonId> {
        match self {
            Self::Registered { .. } | Self::BirthBandRecorded { .. } | Self::Died { .. } => None,
            Self::DuplicateSuspected { other, .. }
            | Self::DeclaredDistinct { other, .. }
            | Self::Merged { into: other, .. }
            | Self::Unmerged { from: other, .. } => Some(*other),
        }
    }
}
