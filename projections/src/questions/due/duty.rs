//! Members who have worked at a host for so long that their relation should be transferred to a
//! branch that covers it.

use std::collections::BTreeMap;

use events::policy::RuleSet;
use events::{BranchId, Date, PersonId};

use super::{Due, DueRows, Stretch, covers, due_of, id, months_after, stretches, turns};
use crate::coverings::CoveringRow;
use crate::employments::EmploymentRow;
use crate::memberships::MembershipRow;
use crate::table::Row;

pub(super) fn duty(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let Some(months) = rules.transfer.duty_months else { return Vec::new() };
    let mut homes: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.memberships {
        homes.entry(MembershipRow::of(row).person).or_default().push(row);
    }
    let mut covering: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.coverings {
        covering.entry(CoveringRow::of(row).host).or_default().push(row);
    }
    let mut found = Vec::new();
    for ((host, person), (from, until)) in employments(rows.employments) {
        let (Some(homes), Some(covering)) = (homes.get(person), covering.get(host)) else {
            continue;
        };
        let home = |day: Date| {
            let mut homes = homes.iter().filter(|row| covers(row, day));
            homes.next().map(|row| MembershipRow::of(row).branch)
        };
        let is_due = |day: Date| {
            let mut there = covering.iter().filter(|row| covers(row, day)).peekable();
            let Some(home) = home(day) else { return false };
            there.peek().is_some() && there.all(|row| CoveringRow::of(row).branch != home)
        };
        let days = [turns(homes.iter().copied()), turns(covering.iter().copied())].concat();
        let within = (months_after(from, months), until);
        for (day, settled) in stretches(days, within, is_due) {
            let Some(home) = home(day) else { continue };
            let place = (id::<PersonId>(person).into(), id::<BranchId>(home));
            found.push(due_of("transfer_due", place, None, (day, settled)));
        }
    }
    found
}

/// The host and the person, and when.
type Employed<'a> = ((&'a str, &'a str), Stretch);

/// Each time that a person worked at a host, whatever the post.
fn employments(rows: &[Row]) -> Vec<Employed<'_>> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| (row.valid_from, row.opened_by));
    let mut open: BTreeMap<(&str, &str), Vec<Stretch>> = BTreeMap::new();
    for row in rows {
        let EmploymentRow { host, person, .. } = EmploymentRow::of(row);
        let times = open.entry((host, person)).or_default();
        match times.last_mut().filter(|(_, until)| *until == Some(row.valid_from)) {
            Some((_, until)) => *until = row.valid_until,
            None => times.push((row.valid_from, row.valid_until)),
        }
    }
    let each = |(key, times): ((_, _), Vec<_>)| times.into_iter().map(move |time| (key, time));
    open.into_iter().flat_map(each).collect()
}
