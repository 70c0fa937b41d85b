//! What decisions remember about the rule sets.

use events::policy::RuleSet;
use events::{Date, PolicyEvent, Position, Timeline};
use serde::{Deserialize, Serialize};

use super::Subject;

/// The rule sets of the ledger, each from its day on.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policies {
    version: u64,
    rules: Timeline<RuleSet>,
}

/// The rules that apply on a day, and their version: their place in the policy stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InForce<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// Which ones, as envelopes name them.
    pub version: u64,
}

impl Policies {
    /// The rules in force on that day. The first rule set also serves the days before it, because
    /// older facts are recorded under it.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<InForce<'_>> {
        let changes = self.rules.changes();
        let started = changes.iter().rev().find(|change| change.effective <= day);
        started
            .or(changes.first())
            .map(|change| InForce { rules: &change.value, version: change.position.0 })
    }

    /// The day from which the latest rule set holds.
    #[must_use]
    pub fn latest(&self) -> Option<(Date, &RuleSet)> {
        self.rules.changes().last().map(|change| (change.effective, &change.value))
    }
}

impl Subject for Policies {
    type Event = PolicyEvent;

    fn apply(&mut self, event: &PolicyEvent) {
        self.version += 1;
        match event {
            PolicyEvent::Adopted { effective, rules, .. } => {
                self.rules.insert(*effective, Position(self.version), rules.clone());
            }
        }
    }

    fn version(&self) -> u64 {
        self.version
    }
}
