//! What decisions remember about a reorganisation.

use events::reorganisation::Plan;
use events::{Date, ReorganisationEvent, Text};
use serde::{Deserialize, Serialize};

use super::Subject;

/// One reorganisation: its plan, and how far it came.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reorganisation {
    version: u64,
    planned: Option<(Plan, Text, Date)>,
    stage: Option<Stage>,
    last_change: Option<Date>,
}

/// How far a reorganisation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Planned, and not approved.
    Planned,
    /// Approved by a second person.
    Approved,
    /// Done.
    Executed,
    /// Given up.
    Withdrawn,
}

impl Reorganisation {
    /// Where everybody and everything goes; `None` before it was planned.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.planned.as_ref().map(|(plan, ..)| plan)
    }

    /// Who planned it.
    #[must_use]
    pub fn planner(&self) -> Option<&Text> {
        self.planned.as_ref().map(|(_, by, _)| by)
    }

    /// The day of the plan.
    #[must_use]
    pub fn planned(&self) -> Option<Date> {
        self.planned.as_ref().map(|(.., day)| *day)
    }

    /// How far it came.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        self.stage
    }

    /// The latest day on which anything about it was recorded to change.
    #[must_use]
    pub fn last_change(&self) -> Option<Date> {
        self.last_change
    }

    /// Whether it may still be executed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.stage {
            Some(Stage::Planned | Stage::Approved) => true,
            Some(Stage::Executed | Stage::Withdrawn) | None => false,
        }
    }
}

impl Subject for Reorganisation {
    type Event = ReorganisationEvent;

    fn apply(&mut self, event: &ReorganisationEvent) {
        self.version += 1;
        self.stage = Some(match event {
            ReorganisationEvent::Planned { effective, plan, by, .. } => {
                self.planned = Some((plan.clone(), by.clone(), *effective));
                Stage::Planned
            }
            ReorganisationEvent::Approved { .. } => Stage::Approved,
            ReorganisationEvent::Executed { .. } => Stage::Executed,
            ReorganisationEvent::Withdrawn { .. } => Stage::Withdrawn,
        });
        self.last_change = self.last_change.max(Some(events::Family::effective(event)));
    }
}
