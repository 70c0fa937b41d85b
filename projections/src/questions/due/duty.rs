//! Members who have worked at a host for so long that their relation should be transferred to a
//! branch that covers it.

use std::collections::{BTreeMap, BTreeSet};

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
        let workers: BTreeSet<&str> = jobs.keys().flat_map(|person| merges.all(person)).collect();
        for worker in workers {
            let (all, merges) = (merges.all(worker), merges.of_person(worker));
            let (homes, jobs) = (of_all(&homes, &all), of_all(&jobs, &all));
            let counts = |person: &str, day| {
                let merges = merges.iter().copied().filter(|row| covers(row, day));
                GoesBy::of(merges).id(person) == worker
            };
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
            let changes = [&homes, covering, &jobs, merges].map(|rows| turns(rows.iter().copied()));
            let long = jobs.iter().map(|row| months_after(row.valid_from, months));
            let days = changes.concat().into_iter().chain(long);
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
fn of_all<'a>(rows: &By<'a>, persons: &BTreeSet<&str>) -> Vec<&'a Row> {
    persons.iter().filter_map(|person| rows.get(person)).flatten().copied().collect()
}

/// The merges among persons who are one at any time, by each of them: mostly none, and few.
struct Merges<'a> {
    circles: Vec<Vec<&'a Row>>,
    of: BTreeMap<&'a str, usize>,
}

impl<'a> Merges<'a> {
    fn of(likenesses: &'a [Row]) -> Self {
        let (mut circles, mut of) = (Vec::<Vec<&Row>>::new(), BTreeMap::new());
        for row in likenesses.iter().filter(|row| LikenessRow::of(row).is_merged()) {
            let LikenessRow { person, other, .. } = LikenessRow::of(row);
            let known = [person, other].map(|id| of.get(id).copied());
            let circle = known[0].or(known[1]).unwrap_or(circles.len());
            if circle == circles.len() {
                circles.push(Vec::new());
            }
            circles[circle].push(row);
            of.insert(person, circle);
            if let Some(joined) = known[1].filter(|joined| *joined != circle) {
                let joined = std::mem::take(&mut circles[joined]);
                of.extend(joined.iter().copied().flat_map(persons).map(|id| (id, circle)));
                circles[circle].extend(joined);
            }
            of.insert(other, circle);
        }
        Self { circles, of }
    }

    /// The merges of a person's circle.
    fn of_person(&self, person: &str) -> &Vec<&'a Row> {
        const NONE: &Vec<&Row> = &Vec::new();
        self.of.get(person).map_or(NONE, |circle| &self.circles[*circle])
    }

    /// All who are ever one with a person, the person among them.
    fn all<'b>(&self, person: &'b str) -> BTreeSet<&'b str>
    where
        'a: 'b,
    {
        let merged = self.of_person(person).iter().copied().flat_map(persons);
        merged.chain([person]).collect()
    }
}

/// Whom a merge makes one.
fn persons(merge: &Row) -> [&str; 2] {
    let LikenessRow { person, other, .. } = LikenessRow::of(merge);
    [person, other]
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

    #[test]
    fn two_who_were_each_of_two_are_one_too() {
        let mut history = at_a_host_of_b();
        history.push(employed(2, H1, P2, None));
        history.push(unemployed(4, H1, P2));
        history.push(employed(4, H1, P3, None));
        history.push(compared(6, P1, P2, Found::Merged));
        history.push(compared(6, P3, P4, Found::Merged));
        assert_eq!(told(&history), []);
        history.push(compared(7, P2, P4, Found::Merged));
        let due = jiff::civil::date(2020, 2, 2);
        assert_eq!(told(&history), [(P4.to_string(), due, None)]);
    }
}
