//! What decisions remember about a relation.

use events::{Date, Party, Position, RelationEvent, RelationKind, Timeline};
use serde::{Deserialize, Serialize};

use super::Subject;

/// One relation: between whom, and how far it came, day by day.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    version: u64,
    ends: Option<Ends>,
    stages: Timeline<Stage>,
}

/// What one body is to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ends {
    /// What the first end is to the second.
    pub relation: RelationKind,
    /// The first end.
    pub from: Party,
    /// The second end.
    pub to: Party,
}

/// How far a relation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// One side has spoken.
    Proposed,
    /// It holds.
    Accepted,
    /// It is no more.
    Ended,
}

impl Relation {
    /// Between whom it is, and what; `None` before it was proposed.
    #[must_use]
    pub fn ends(&self) -> Option<Ends> {
        self.ends
    }

    /// How far it came in the end, and on which day.
    #[must_use]
    pub fn latest(&self) -> Option<(Stage, Date)> {
        self.stages.changes().last().map(|change| (change.value, change.effective))
    }

    /// Whether it is proposed or holds, as far as is recorded.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.latest().is_some_and(|(stage, _)| stage != Stage::Ended)
    }

    /// Whether it is proposed or holds at any time after a day, as far as is recorded.
    #[must_use]
    pub fn reaches_beyond(&self, day: Date) -> bool {
        self.latest().is_some_and(|(stage, since)| stage != Stage::Ended || since > day)
    }
}

impl Subject for Relation {
    type Event = RelationEvent;

    fn apply(&mut self, event: &RelationEvent) {
        self.version += 1;
        let (relation, from, to, stage) = match *event {
            RelationEvent::Proposed { relation, from, to, .. } => {
                (relation, from, to, Stage::Proposed)
            }
            RelationEvent::Accepted { relation, from, to, .. } => {
                (relation, from, to, Stage::Accepted)
            }
            RelationEvent::Ended { relation, from, to, .. } => (relation, from, to, Stage::Ended),
        };
        self.ends = Some(Ends { relation, from, to });
        self.stages.insert(events::Family::effective(event), Position(self.version), stage);
    }
}
