//! A subject together with the facts that it is folded from, so that a correction can fold it anew.

use events::{CorrectionEvent, Entry, Event, Place, Places};
use serde::{Deserialize, Serialize};

use super::Subject;

/// One subject, and what counts of its stream. Facts are taken in one by one; a correction changes
/// what counts, and the subject is folded again from that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "S: Subject")]
pub struct History<S: Subject> {
    subject: S,
    places: Places<S::Event>,
}

impl<S: Subject> Default for History<S> {
    fn default() -> Self {
        Self { subject: S::default(), places: Places::default() }
    }
}

impl<S: Subject> History<S> {
    /// The subject itself.
    #[must_use]
    pub fn subject(&self) -> &S {
        &self.subject
    }

    /// How many events there have been.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.places.version()
    }

    /// Whether any fact counts: without one, nothing has happened.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.places.facts().next().is_some()
    }

    /// What stands by an event of the stream, if that is what can be corrected.
    #[must_use]
    pub fn standing(&self, sequence: u64) -> Option<&Place<S::Event>> {
        self.places.standing(sequence)
    }

    /// The facts that count, in the order of their places.
    pub fn facts(&self) -> impl Iterator<Item = Event> {
        self.places.facts().cloned().map(Into::into)
    }

    /// Takes one more entry of the stream into account.
    pub fn take(&mut self, entry: Entry<S::Event>) {
        match entry {
            Entry::Fact(fact) => {
                self.subject.apply(&fact);
                self.places.add(fact);
            }
            Entry::Correction(correction) => self.correct(&correction),
        }
    }

    /// The same for a fact that the caller keeps.
    pub fn apply(&mut self, fact: &S::Event) {
        self.take(Entry::Fact(fact.clone()));
    }

    /// Takes a correction into account.
    pub fn correct(&mut self, correction: &CorrectionEvent) {
        self.places.correct(correction);
        self.subject = S::default();
        for fact in self.places.facts() {
            self.subject.apply(fact);
        }
    }
}
