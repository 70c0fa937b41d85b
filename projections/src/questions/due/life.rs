//! Branches whose time is over, and branches at which nothing happens.

use std::collections::{BTreeMap, BTreeSet};

use events::Date;
use events::policy::RuleSet;

use super::{
    Due, DueRows, Lived, Stretch, counts, due_of, earlier, lives, months_after, stretches,
};
use crate::timeline::TimelineRow;

pub(super) fn life(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let lives = lives(rows.branches);
    let mut found = Vec::new();
    for life in &lives {
        let place = (life.id().into(), life.id());
        for stretch in life_over(life, rules) {
            found.push(due_of("life_over", place, None, stretch));
        }
    }
    let Some(months) = rules.structure.idle_months else { return found };
    let mut happened: BTreeMap<&str, BTreeSet<Date>> = BTreeMap::new();
    for row in rows.timeline {
        let happening = TimelineRow::of(row);
        if happening.is_own() {
            happened.entry(happening.subject).or_default().insert(row.valid_from);
        }
    }
    for life in &lives {
        let Some(days) = happened.get(life.branch) else { continue };
        let place = (life.id().into(), life.id());
        let mut days = days.range(life.from..).peekable();
        while let Some(day) = days.next() {
            let next = days.peek().copied().copied();
            let within = (months_after(*day, months), earlier(next, life.until));
            let counted = |day| counts(rules, life.kind_on(day));
            for stretch in stretches(life.kind_days(), within, counted) {
                found.push(due_of("idle", place, None, stretch));
            }
        }
    }
    found
}

/// When a branch is older than those of its kind may become.
fn life_over(life: &Lived<'_>, rules: &RuleSet) -> Vec<Stretch> {
    let ends = |kind: &str| {
        let traits = rules.structure.kinds.iter().find(|traits| traits.code.as_str() == kind);
        let months = traits.and_then(|traits| traits.life_months_max);
        months.map(|months| months_after(life.from, months))
    };
    let days = life.kinds.iter().filter_map(|(_, kind)| ends(kind)).chain(life.kind_days());
    let is_over = |day| ends(life.kind_on(day)).is_some_and(|end| end <= day);
    stretches(days, (life.from, life.until), is_over)
}
