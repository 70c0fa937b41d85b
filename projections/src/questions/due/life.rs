//! Branches whose time is over, and branches at which nothing happens.

use std::collections::{BTreeMap, BTreeSet};

use events::Date;
use events::policy::RuleSet;

use super::{Due, DueRows, counts, lives, months_after};
use crate::timeline::TimelineRow;

/// What the clock and screenings say of a branch is no life of its own.
const NOT_ITS_OWN: &[&str] = &["FellDue", "ScreeningHeld"];

pub(super) fn life(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let mut found = Vec::new();
    let lives = lives(rows.branches);
    let mut push = |what, life: &super::Lived<'_>, day: Date, settled: Option<Date>| {
        if settled.is_none_or(|settled| settled > day) {
            let (subject, branch) = (life.id().into(), life.id());
            found.push(Due { day, what, subject, branch, about: None, settled });
        }
    };
    for life in &lives {
        let mut traits = rules.structure.kinds.iter();
        let traits = traits.find(|traits| traits.code.as_str() == life.kind);
        if let Some(months) = traits.and_then(|traits| traits.life_months_max) {
            push("life_over", life, months_after(life.from, months), life.until);
        }
    }
    let Some(months) = rules.structure.idle_months else { return found };
    let mut happened: BTreeMap<&str, BTreeSet<Date>> = BTreeMap::new();
    for row in rows.timeline {
        let TimelineRow { subject, kind } = TimelineRow::of(row);
        if !NOT_ITS_OWN.contains(&kind) {
            happened.entry(subject).or_default().insert(row.valid_from);
        }
    }
    for life in lives.iter().filter(|life| counts(rules, life.kind)) {
        let Some(days) = happened.get(life.branch) else { continue };
        let mut days = days.range(life.from..).peekable();
        while let Some(day) = days.next() {
            let next = days.peek().copied().copied();
            push("idle", life, months_after(*day, months), super::earlier(next, life.until));
        }
    }
    found
}
