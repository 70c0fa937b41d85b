//! What decisions remember about the clock.

use std::collections::{BTreeMap, BTreeSet};

use events::clock::FindingCount;
use events::{BranchId, ClockEvent, Code, Date, StreamId};
use serde::{Deserialize, Serialize};

use super::Subject;

/// What is recorded of what fell due, and up to which day.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    version: u64,
    advanced: Option<Date>,
    fell_due: BTreeSet<(StreamId, Code, Date)>,
    screenings: BTreeMap<BranchId, Screening>,
}

/// What the last round of screening below a branch found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    /// For which day it was held.
    pub day: Date,
    /// How many branches were gone through.
    pub branches: u32,
    /// How many members are at home in them.
    pub members: u32,
    /// What was found.
    pub findings: Vec<FindingCount>,
}

impl Clock {
    /// The last day up to which everything that fell due is recorded.
    #[must_use]
    pub fn advanced(&self) -> Option<Date> {
        self.advanced
    }

    /// Whether it is recorded that this fell due on that day.
    #[must_use]
    pub fn knows(&self, subject: StreamId, due: &Code, day: Date) -> bool {
        self.fell_due.contains(&(subject, due.clone(), day))
    }

    /// What the last round below a branch found.
    #[must_use]
    pub fn screening(&self, root: BranchId) -> Option<&Screening> {
        self.screenings.get(&root)
    }
}

impl Subject for Clock {
    type Event = ClockEvent;

    fn apply(&mut self, event: &ClockEvent) {
        self.version += 1;
        match event {
            ClockEvent::Advanced { effective, .. } => self.advanced = Some(*effective),
            ClockEvent::FellDue { effective, subject, due, .. } => {
                self.fell_due.insert((*subject, due.clone(), *effective));
            }
            ClockEvent::ScreeningHeld { effective, root, branches, members, findings, .. } => {
                let (day, branches, members) = (*effective, *branches, *members);
                let findings = findings.clone();
                self.screenings.insert(*root, Screening { day, branches, members, findings });
            }
        }
    }
}
