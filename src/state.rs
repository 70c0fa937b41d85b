//! What a decision must remember about its subjects, and nothing more.
//!
//! One fold per subject; [`Known`] holds those that a decision looked at. Facts may be dated back,
//! so each fold keeps its subject's whole timeline.

pub mod branch;
pub mod clock;
pub mod host;
pub mod known;
pub mod ledger;
pub mod membership;
pub mod person;
pub mod policy;
pub mod post;
pub mod relation;
pub mod transfer;

use events::{Date, Family};
use serde::{Serialize, de::DeserializeOwned};

pub use branch::Branch;
pub use clock::{Clock, Screening};
pub use host::Host;
pub use known::{AnySubject, Known};
pub use ledger::LedgerFrame;
pub use membership::Membership;
pub use person::Person;
pub use policy::{InForce, Policies};
pub use post::Post;
pub use relation::Relation;
pub use transfer::Transfer;

/// The part of a subject's history that decisions depend on.
pub trait Subject:
    Default + Clone + Into<AnySubject> + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The events it is folded from.
    type Event: Family;

    /// Takes one more event into account. Must not fail: the event has happened.
    fn apply(&mut self, event: &Self::Event);

    /// How many events there have been.
    fn version(&self) -> u64;
}

/// A stretch of days `[from, until)` during which something was so. `until` absent: open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell<T> {
    /// What was so.
    pub value: T,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
}

impl<T> Spell<T> {
    /// Whether it held when that day ended.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| until > day)
    }

    /// Whether any part of it lies at the end of that day or later.
    #[must_use]
    pub fn reaches_beyond(&self, day: Date) -> bool {
        self.until.is_none_or(|until| until > day)
    }
}
