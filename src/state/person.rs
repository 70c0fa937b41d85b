//! What decisions remember about a person.

use events::PersonEvent;
use serde::{Deserialize, Serialize};

use super::Subject;

/// A person, known by id alone.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    birth_band: Option<u16>,
}

impl Person {
    /// The first of the five years in which the person was born, where it is known.
    #[must_use]
    pub fn birth_band(&self) -> Option<u16> {
        self.birth_band
    }
}

impl Subject for Person {
    type Event = PersonEvent;

    fn apply(&mut self, event: &PersonEvent) {
        match event {
            PersonEvent::Registered { .. } => {}
            PersonEvent::BirthBandRecorded { from_year, .. } => self.birth_band = Some(*from_year),
        }
    }
}
