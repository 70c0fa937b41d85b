//! Members who have worked at a host for so long that their relation should be transferred to a
//! branch that covers it.

use std::collections::BTreeSet;

use events::policy::RuleSet;
use events::{BranchId, Date, PersonId};

use super::super::stretch::unbroken_since;
use super::{By, Due, DueRows, by, covers, due_of, id, months_after, span, stretches, turns};
use crate::coverings::CoveringRow;
use crate::employments::EmploymentRow;
use crate::likenesses::{GoesBy, LikenessRow};
use crate::memberships::MembershipRow;
use crate::table::Row;

pub(super) fn duty(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let Some(months) = rules.transfer.duty_months else { return Vec::new() };
    let homes = by(rows.memberships, |row| MembershipRow::of(row).person);
    let covering = by(rows.coverings, |row| CoveringRow::of(row).host);
    let jobs = by(rows.employments, |row| EmploymentRow::of(row).host);
    let merges = Merges::of(rows.likenesses);
    let mut found = Vec::new();
    for (host, jobs) in &jobs {
        let Some(covering) = covering.get(host) else { continue };
        let jobs = by(jobs.iter().copied(), |row| EmploymentRow::of(row).person);
        let workers: BTreeSet<&str> = jobs.keys().flat_map(|person| merges.ids(person)).collect();
        for worker in workers {
            let one = merges.all(worker);
            let (homes, jobs) = (of_all(&homes, &one), of_all(&jobs, &one));
            let counts = |person: &str, day| merges.goes_by(person, day) == worker;
            let home = |day| {
                let mut homes = homes.iter().map(|row| (row, MembershipRow::of(row)));
                let there = homes.find(|(row, home)| covers(row, day) && counts(home.person, day));
                there.map(|(_, home)| home.branch)
            };
            let for_long = |day| {
                let own = jobs.iter().filter(|row| counts(EmploymentRow::of(row).person, day));
                let since = unbroken_since(own.map(|row| span(row)), day);
                since.is_some_and(|since| months_after(since, months) <= day)
            };
            let is_due = |day| {
                let mut there = covering.iter().filter(|row| covers(row, day)).peekable();
                let Some(home) = home(day).filter(|_| for_long(day)) else { return false };
                there.peek().is_some() && there.all(|row| CoveringRow::of(row).branch != home)
            };
            let long = jobs.iter().map(|row| months_after(row.valid_from, months));
            let days = [&homes, covering, &jobs].map(|rows| turns(rows.iter().copied())).concat();
            let days = days.into_iter().chain(long).chain(merges.days());
            for (day, settled) in stretches(days, (Date::MIN, None), is_due) {
                let Some(home) = home(day) else { continue };
                let place = (id::<PersonId>(worker).into(), id::<BranchId>(home));
                found.push(due_of("transfer_due", place, None, (day, settled)));
            }
        }
    }
    found
}

/// The rows of several persons.
fn of_all<'a>(rows: &By<'a>, persons: &[&str]) -> Vec<&'a Row> {
    persons.iter().filter_map(|person| rows.get(person)).flatten().copied().collect()
}

/// Which persons are one, from one day to the next on which that changes.
struct Merges<'a>(Vec<(Date, GoesBy<'a>)>);

impl<'a> Merges<'a> {
    fn of(likenesses: &'a [Row]) -> Self {
        let merged: Vec<&Row> =
            likenesses.iter().filter(|row| LikenessRow::of(row).is_merged()).collect();
        let days: BTreeSet<Date> = turns(merged.iter().copied()).into_iter().collect();
        let on =
            |day| (day, GoesBy::of(merged.iter().copied().filter(move |row| covers(row, day))));
        Self(days.into_iter().map(on).collect())
    }

    /// The days on which it changes.
    fn days(&self) -> impl Iterator<Item = Date> {
        self.0.iter().map(|(day, _)| *day)
    }

    /// The id that counts for a person when a day ends.
    fn goes_by<'b>(&self, person: &'b str, day: Date) -> &'b str
    where
        'a: 'b,
    {
        let begun = self.0.iter().take_while(|(from, _)| *from <= day);
        begun.last().map_or(person, |(_, goes_by)| goes_by.id(person))
    }

    /// The ids that ever count for a person.
    fn ids<'b>(&self, person: &'b str) -> impl Iterator<Item = &'b str>
    where
        'a: 'b,
    {
        let merged = self.0.iter().map(move |(_, goes_by)| goes_by.id(person));
        std::iter::once(person).chain(merged)
    }

    /// All for whom an id ever counts.
    fn all<'b>(&self, worker: &'b str) -> Vec<&'b str>
    where
        'a: 'b,
    {
        let merged = self.0.iter().flat_map(|(_, goes_by)| goes_by.merged_into(worker));
        let all: BTreeSet<&str> = std::iter::once(worker).chain(merged).collect();
        all.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use events::branch::FormationMode;

    use super::super::{Ruled, due};
    use super::*;
    use crate::given::*;
    use crate::likenesses::Found;
    use crate::{Coverings, Employments, Likenesses, Memberships};

    fn told(history: &[Happened]) -> Vec<(String, Date, Option<Date>)> {
        let mut rules = rules();
        rules.transfer.duty_months = Some(1);
        let rows = DueRows {
            memberships: &given::<Memberships>(history).known(),
            coverings: &given::<Coverings>(history).known(),
            employments: &given::<Employments>(history).known(),
            likenesses: &given::<Likenesses>(history).known(),
            ..DueRows::NONE
        };
        let dues = due(&rows, &[Ruled { from: Date::MIN, until: None, rules: &rules }], Date::MAX);
        dues.into_iter().map(|due| (due.subject.id.to_string(), due.day, due.settled)).collect()
    }

    fn at_a_host_of_b() -> Vec<Happened> {
        vec![attached(1, B, H1, FormationMode::Standalone), admitted(1, M1, P1, A)]
    }

    #[test]
    fn months_count_from_the_first_day_without_a_break() {
        let mut history = at_a_host_of_b();
        history.push(employed(2, H1, P1, None));
        history.push(unemployed(3, H1, P1));
        history.push(employed(4, H1, P1, None));
        history.push(employed(6, H1, P1, Some("editor")));
        let due = jiff::civil::date(2020, 2, 4);
        assert_eq!(told(&history), [(P1.to_string(), due, None)]);
        history.push(home_moved(20, M1, P1, A, B));
        assert_eq!(told(&history), []);
    }

    #[test]
    fn the_work_of_two_who_are_one_is_that_of_one_member() {
        let mut history = at_a_host_of_b();
        history.push(employed(2, H1, P1, None));
        history.push(unemployed(4, H1, P1));
        history.push(employed(4, H1, P3, None));
        assert_eq!(told(&history), []);
        history.push(compared(6, P1, P3, Found::Merged));
        let due = jiff::civil::date(2020, 2, 2);
        assert_eq!(told(&history), [(P3.to_string(), due, None)]);
        // Whoever is merged later is as one from that day, and no longer than that.
        history.push(unmerged(8, P1, P3));
        assert_eq!(told(&history), []);
        let gone = [at_a_host_of_b(), vec![employed(1, H1, P3, None)]].concat();
        let late = [gone.clone(), vec![compared(20, P1, P3, Found::Merged)]].concat();
        assert_eq!(told(&late), [(P3.to_string(), jiff::civil::date(2020, 2, 1), None)]);
        assert_eq!(told(&gone), []);
    }
}
