//! What decisions remember about the rule sets.

use std::borrow::Cow;

use events::policy::{OpenAtOnce, RuleSet};
use events::{Date, PolicyEvent, Position, Timeline};
use serde::{Deserialize, Serialize};

use super::Subject;

/// The rule sets of the ledger, each from its day on.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policies {
    version: u64,
    rules: Timeline<RuleSet>,
}

/// The rules that apply from a day on, and the version in force on it: its place in the policy
/// stream.
#[derive(Debug, Clone, PartialEq)]
pub struct InForce<'a> {
    /// The rules.
    pub rules: Cow<'a, RuleSet>,
    /// Which ones, as envelopes name them.
    pub version: u64,
}

impl Policies {
    /// The rules for a fact of that day. The first rule set also serves the days before it, because
    /// older facts are recorded under it. What a fact opens reaches into the later rule sets, so
    /// where they are stricter about what may be at once, they already apply.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<InForce<'_>> {
        let changes = self.rules.changes();
        let index = changes.partition_point(|change| change.effective <= day).saturating_sub(1);
        let (now, later) = changes.get(index..)?.split_first()?;
        let mut rules = Cow::Borrowed(&now.value);
        for change in later {
            tighten(rules.to_mut(), &change.value);
        }
        Some(InForce { rules, version: now.position.0 })
    }

    /// The rule set that was adopted for the days around one: its first day, its version, itself.
    #[must_use]
    pub fn in_force(&self, day: Date) -> Option<(Date, u64, &RuleSet)> {
        let changes = self.rules.changes();
        let index = changes.partition_point(|change| change.effective <= day).saturating_sub(1);
        changes.get(index).map(|change| (change.effective, change.position.0, &change.value))
    }

    /// Every rule set with the days for which it was adopted; the first one also serves the days
    /// before. What a later one is stricter about is not taken over here.
    pub fn sets(&self) -> impl Iterator<Item = (Date, Option<Date>, &RuleSet)> {
        let changes = self.rules.changes();
        let sets = changes.iter().enumerate().map(move |(index, change)| {
            let from = if index == 0 { Date::MIN } else { change.effective };
            (from, changes.get(index + 1).map(|next| next.effective), &change.value)
        });
        sets.filter(|(from, until, _)| until.is_none_or(|until| until > *from))
    }

    /// The rule set that was adopted for that very day, the last one where there are several.
    #[must_use]
    pub fn adopted(&self, day: Date) -> Option<&RuleSet> {
        let changes = self.rules.changes().iter().rev();
        let mut of_day = changes.filter(|change| change.effective == day);
        of_day.next().map(|change| &change.value)
    }

    /// The day from which the latest rule set holds.
    #[must_use]
    pub fn latest(&self) -> Option<(Date, &RuleSet)> {
        self.rules.changes().last().map(|change| (change.effective, &change.value))
    }
}

/// Takes over what a later rule set is stricter about, as far as it concerns what may be at once.
fn tighten(rules: &mut RuleSet, later: &RuleSet) {
    if later.membership.open_at_once == OpenAtOnce::OnePerPerson {
        rules.membership.open_at_once = OpenAtOnce::OnePerPerson;
    }
    rules.post.exclusive |= later.post.exclusive;
    rules.post.holder_at_home |= later.post.holder_at_home;
    rules.post.holder_full |= later.post.holder_full;
    if !later.branch.kinds_open {
        rules.branch.kinds_open = false;
    }
    rules.branch.kinds.retain_mut(|kind| {
        let Some(then) = later.branch_kind(&kind.code) else { return false };
        kind.may_be_home &= then.may_be_home;
        kind.may_admit &= then.may_admit;
        true
    });
}

impl Subject for Policies {
    type Event = PolicyEvent;

    fn apply(&mut self, event: &PolicyEvent) {
        self.version += 1;
        match event {
            PolicyEvent::Adopted { effective, rules, .. } => {
                self.rules.insert(*effective, Position(self.version), (**rules).clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::day;
    use crate::policy::preset;

    #[test]
    fn what_a_fact_opens_keeps_the_stricter_rules_to_come() {
        let mut policies = Policies::default();
        for (name, from) in [("association", 1), ("union", 20)] {
            let rules = preset(name).unwrap();
            policies.apply(&PolicyEvent::Adopted {
                effective: day(from),
                precision: None,
                rules: Box::new(rules),
            });
        }
        let before = policies.on(day(10)).unwrap();
        assert_eq!(before.version, 1);
        assert_eq!(before.rules.membership.open_at_once, OpenAtOnce::OnePerPerson);
        assert!(before.rules.post.exclusive);
        assert_eq!(
            before.rules.branch.dissolution,
            preset("association").unwrap().branch.dissolution
        );
        assert_eq!(policies.on(day(20)).unwrap().version, 2);
    }
}
