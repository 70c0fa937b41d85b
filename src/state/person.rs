//! What decisions remember about a person.

use events::PersonEvent;
use serde::{Deserialize, Serialize};

use super::Subject;

/// A person, known by id alone.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    version: u64,
}

impl Subject for Person {
    type Event = PersonEvent;

    fn apply(&mut self, event: &PersonEvent) {
        self.version += 1;
        match event {
            PersonEvent::Registered { .. } => {}
        }
    }

    fn version(&self) -> u64 {
        self.version
    }
}
