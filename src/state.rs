//! What a decision must remember about its subjects, and nothing more.
//!
//! One fold per subject; [`Known`] holds those that a decision looked at. Facts may be dated back,
//! so each fold keeps its subject's whole timeline.

pub mod branch;
pub mod clashes;
pub mod clock;
pub mod history;
pub mod host;
pub mod known;
pub mod ledger;
pub mod membership;
pub mod person;
pub mod policy;
pub mod post;
pub mod relation;
pub mod reorganisation;
pub mod transfer;

use events::{Date, Event, Family};
use serde::{Serialize, de::DeserializeOwned};

pub use branch::Branch;
pub use clock::{Clock, Screening};
pub use history::History;
pub use host::Host;
pub use known::{AnySubject, Known};
pub use ledger::LedgerFrame;
pub use membership::Membership;
pub use person::Person;
pub use policy::{InForce, Policies};
pub use post::Post;
pub use relation::Relation;
pub use reorganisation::Reorganisation;
pub use transfer::Transfer;

/// The part of a subject's history that decisions depend on. Its [`History`] keeps it.
pub trait Subject:
    Default + Clone + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The facts it is folded from.
    type Event: Family + Into<Event> + TryFrom<Event>;

    /// Takes one more fact into account. Must not fail: it has happened. Facts come in the order
    /// of their places in the stream, so a fold counts them to know their order within a day.
    fn apply(&mut self, event: &Self::Event);
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
