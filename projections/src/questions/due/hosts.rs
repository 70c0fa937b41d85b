//! Joint branches that are left with one host, and branches whose hosts are gone.

use std::collections::BTreeMap;

use events::Date;
use events::policy::RuleSet;

use super::{Due, DueRows, Lived, covers, due_of, lives, stretches, turns};
use crate::coverings::CoveringRow;
use crate::hosts::HostRow;
use crate::table::Row;

pub(super) fn hosts(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let mut operating: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.hosts {
        operating.entry(HostRow::of(row).host).or_default().push(row);
    }
    let mut covered: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.coverings {
        covered.entry(CoveringRow::of(row).branch).or_default().push(row);
    }
    let mut found = Vec::new();
    for life in lives(rows.branches) {
        let Some(covered) = covered.get(life.branch) else { continue };
        let hosts = covered.iter().filter_map(|row| operating.get(CoveringRow::of(row).host));
        let days = [turns(covered.iter().copied()), turns(hosts.flatten().copied())].concat();
        let held = |day: Date| -> Vec<CoveringRow<'_>> {
            covered.iter().filter(|row| covers(row, day)).map(|row| CoveringRow::of(row)).collect()
        };
        let operates = |covering: &CoveringRow<'_>, day: Date| {
            let rows = operating.get(covering.host);
            rows.is_some_and(|rows| rows.iter().any(|row| covers(row, day)))
        };
        let left = |day: Date| held(day).iter().filter(|it| operates(it, day)).count();
        let joint = |day: Date| held(day).iter().any(|it| is_joint(it.mode)) && left(day) == 1;
        if rules.coverage.joint_hosts_max.is_some() {
            push(&mut found, "joint_with_one_host", &life, life.from, &days, joint);
        }
        let first = covered.iter().map(|row| row.valid_from).min().unwrap_or(life.from);
        let days: Vec<Date> = days.into_iter().chain(life.kind_days()).collect();
        let gone = |day: Date| ends_with_host(rules, life.kind_on(day)) && left(day) == 0;
        push(&mut found, "hosts_gone", &life, first, &days, gone);
    }
    found
}

fn push(
    found: &mut Vec<Due>,
    what: &'static str,
    life: &Lived<'_>,
    from: Date,
    days: &[Date],
    holds: impl Fn(Date) -> bool,
) {
    for stretch in stretches(days.iter().copied(), (from, life.until), holds) {
        found.push(due_of(what, (life.id().into(), life.id()), None, stretch));
    }
}

fn is_joint(mode: &str) -> bool {
    mode != "standalone" && mode != "online"
}

fn ends_with_host(rules: &RuleSet, kind: &str) -> bool {
    rules.structure.kinds.iter().any(|traits| traits.code.as_str() == kind && traits.ends_with_host)
}
