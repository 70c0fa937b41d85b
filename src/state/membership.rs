//! What decisions remember about a membership.

use events::membership::EndReason;
use events::{BranchId, Date, MembershipEvent, PersonId, Position, Timeline};
use serde::{Deserialize, Serialize};

use super::{Spell, Subject};

/// One membership: where it was at home, day by day.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Membership {
    version: u64,
    person: Option<PersonId>,
    homes: Timeline<Option<BranchId>>,
    end: Option<EndReason>,
}

impl Membership {
    /// Whose membership it is; `None` before the admission.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.person
    }

    /// The home when that day ended.
    #[must_use]
    pub fn home_on(&self, day: Date) -> Option<BranchId> {
        self.homes.on(day).copied().flatten()
    }

    /// The stretches at each home, in order.
    pub fn spells(&self) -> impl Iterator<Item = Spell<BranchId>> {
        self.homes.spans().filter_map(|span| {
            span.value.map(|value| Spell { value, from: span.from, until: span.until })
        })
    }

    /// The first recorded change after that day: a change dated before it would contradict it.
    #[must_use]
    pub fn change_after(&self, day: Date) -> Option<Date> {
        self.homes.after(day).first().map(|change| change.effective)
    }

    /// How many facts count of it.
    #[must_use]
    pub fn facts(&self) -> u64 {
        self.version
    }

    /// Why it ended, once it has.
    #[must_use]
    pub fn end_reason(&self) -> Option<EndReason> {
        self.end
    }

    /// The first day outside, once the membership has ended.
    #[must_use]
    pub fn ended(&self) -> Option<Date> {
        self.homes.changes().last().filter(|last| last.value.is_none()).map(|last| last.effective)
    }
}

impl Subject for Membership {
    type Event = MembershipEvent;

    fn apply(&mut self, event: &MembershipEvent) {
        self.version += 1;
        let (effective, person, home) = match event {
            MembershipEvent::Admitted { effective, person, home, .. } => {
                (*effective, *person, Some(*home))
            }
            MembershipEvent::HomeMoved { effective, person, to, .. } => {
                (*effective, *person, Some(*to))
            }
            MembershipEvent::Ended { effective, person, reason, .. } => {
                self.end = Some(*reason);
                (*effective, *person, None)
            }
        };
        self.person = Some(person);
        self.homes.insert(effective, Position(self.version), home);
    }
}
