//! Branches with fewer members than the rules ask for, or more than they allow.

use std::collections::BTreeMap;

use events::Date;
use events::policy::RuleSet;

use super::{Due, DueRows, counts, lives, stretches};
use crate::memberships::MembershipRow;

pub(super) fn strength(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let (least, most) = (rules.coverage.members_min, rules.coverage.members_max);
    if least.is_none() && most.is_none() {
        return Vec::new();
    }
    let mut changes: BTreeMap<&str, BTreeMap<Date, i64>> = BTreeMap::new();
    for row in rows.memberships {
        let of_branch = changes.entry(MembershipRow::of(row).branch).or_default();
        *of_branch.entry(row.valid_from).or_default() += 1;
        if let Some(until) = row.valid_until {
            *of_branch.entry(until).or_default() -= 1;
        }
    }
    let mut found = Vec::new();
    let none = BTreeMap::new();
    for life in lives(rows.branches).iter().filter(|life| counts(rules, life.kind)) {
        let changes = changes.get(life.branch).unwrap_or(&none);
        let mut members = |what, wrong: &dyn Fn(i64) -> bool| {
            let days = changes.keys().copied();
            let on = |day: Date| changes.range(..=day).map(|(_, change)| change).sum();
            for (day, settled) in stretches(days, (life.from, life.until), |day| wrong(on(day))) {
                let (subject, branch) = (life.id().into(), life.id());
                found.push(Due { day, what, subject, branch, about: None, settled });
            }
        };
        if let Some(least) = least {
            members("under_strength", &|members| members < least.into());
        }
        if let Some(most) = most {
            members("over_size", &|members| members > most.into());
        }
    }
    found
}
