//! What decisions remember about a person.

use std::collections::BTreeMap;

use events::{Date, PersonEvent, PersonId, Position, Timeline};
use serde::{Deserialize, Serialize};

use super::{Spell, Subject};

/// A person, known by id alone.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// How many facts there were: their order within a day.
    facts: u64,
    birth_band: Option<u16>,
    died: Option<Date>,
    others: BTreeMap<PersonId, Timeline<Likeness>>,
}

/// What is found of a person and another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Likeness {
    /// They may be the same.
    Suspected,
    /// They are not the same, as two people found.
    Distinct,
    /// They are the same; it goes by the other one's id.
    Merged,
    /// They were taken for the same and are not.
    Apart,
}

impl Person {
    /// The first of the five years in which the person was born, where it is known.
    #[must_use]
    pub fn birth_band(&self) -> Option<u16> {
        self.birth_band
    }

    /// The first day without the person, once the death is recorded.
    #[must_use]
    pub fn died(&self) -> Option<Date> {
        self.died
    }

    /// Whether anything was ever found of the person and another one.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        !self.others.is_empty()
    }

    /// What was found last of the person and each other one.
    pub fn likenesses(&self) -> impl Iterator<Item = (PersonId, Likeness)> {
        self.others
            .iter()
            .filter_map(|(other, found)| Some((*other, found.changes().last()?.value)))
    }

    /// What was found last of the person and another one.
    #[must_use]
    pub fn likeness(&self, other: PersonId) -> Option<Likeness> {
        Some(self.others.get(&other)?.changes().last()?.value)
    }

    /// The day of what was found last of the person and another one.
    #[must_use]
    pub fn likeness_since(&self, other: PersonId) -> Option<Date> {
        Some(self.others.get(&other)?.changes().last()?.effective)
    }

    /// As whom the person counted, and when.
    pub fn merges(&self) -> impl Iterator<Item = Spell<PersonId>> {
        self.others.iter().flat_map(|(other, found)| {
            found.spans().filter(|span| *span.value == Likeness::Merged).map(|span| Spell {
                value: *other,
                from: span.from,
                until: span.until,
            })
        })
    }
}

impl Subject for Person {
    type Event = PersonEvent;

    fn apply(&mut self, event: &PersonEvent) {
        self.facts += 1;
        let (effective, other, likeness) = match *event {
            PersonEvent::Registered { .. } => return,
            PersonEvent::BirthBandRecorded { from_year, .. } => {
                self.birth_band = Some(from_year);
                return;
            }
            PersonEvent::Died { effective, .. } => {
                self.died = Some(effective);
                return;
            }
            PersonEvent::DuplicateSuspected { effective, other, .. } => {
                (effective, other, Likeness::Suspected)
            }
            PersonEvent::DeclaredDistinct { effective, other, .. } => {
                (effective, other, Likeness::Distinct)
            }
            PersonEvent::Merged { effective, into, .. } => (effective, into, Likeness::Merged),
            PersonEvent::Unmerged { effective, from, .. } => (effective, from, Likeness::Apart),
        };
        let position = Position(self.facts);
        self.others.entry(other).or_default().insert(effective, position, likeness);
    }
}
