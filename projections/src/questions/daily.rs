//! How many members has each branch on every day of a period, or the whole body?
//!
//! For each day what [`super::headcount()`] gives for it. Each stretch of days adds one where it
//! begins and takes one away where it ends; sums from the first day on give every day at once.

use std::collections::{BTreeMap, HashMap};

use events::Date;
use serde::Serialize;

use crate::branches::BranchRow;
use crate::period::{Period, day_number};
use crate::table::{Cell, DayRule, Row, Stretch};

/// Every day of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    /// The days.
    pub within: Period,
    /// What is counted on each of them, over all branches that were asked for.
    pub days: Vec<DayCounts>,
    /// The same branch by branch, by code; of those alone that were there on one of the days.
    /// Empty unless asked for.
    pub branches: Vec<BranchDays>,
}

/// What is counted on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayCounts {
    /// How many branches there are.
    pub branches: u64,
    /// How many memberships are at home at them.
    pub members: u64,
}

/// What is counted of one branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchDays {
    /// The branch's code.
    pub branch: String,
    /// How many memberships are at home there on each day; `None` where the branch is not there.
    pub members: Vec<Option<u64>>,
}

/// One line of the answer: a day of the whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BodyLine {
    /// The day.
    pub day: Date,
    /// How many branches there are.
    pub branches: u64,
    /// How many memberships are at home at them.
    pub members: u64,
}

/// One line of the answer: a day of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BranchLine<'a> {
    /// The day.
    pub day: Date,
    /// The branch's code.
    pub branch: &'a str,
    /// How many memberships are at home there.
    pub members: u64,
}

impl Daily {
    /// The days of the whole body.
    pub fn body_lines(&self) -> impl Iterator<Item = BodyLine> {
        let line = |(day, counts): (Date, &DayCounts)| {
            let DayCounts { branches, members } = *counts;
            BodyLine { day, branches, members }
        };
        self.within.days().zip(&self.days).map(line)
    }

    /// The days of every branch on which it is there.
    pub fn branch_lines(&self) -> impl Iterator<Item = BranchLine<'_>> {
        self.branches.iter().flat_map(|branch| {
            let days = self.within.days().zip(&branch.members);
            days.filter_map(|(day, members)| {
                members.map(|members| BranchLine { day, branch: &branch.branch, members })
            })
        })
    }
}

/// Counts every day of a period.
///
/// `branches` are the rows of `branches` that have a moment in the period, and `stays` the days of
/// the rows of `memberships`, by branch, at the same K.
#[must_use]
pub fn daily(
    within: Period,
    day_rule: DayRule,
    branches: &[Row],
    stays: &[(Cell, Vec<Stretch>)],
    by_branch: bool,
) -> Daily {
    let mut lives: BTreeMap<&str, (&str, Vec<Stretch>)> = BTreeMap::new();
    for row in branches {
        let branch = BranchRow::of(row);
        let life = lives.entry(branch.code).or_insert((branch.branch, Vec::new()));
        life.1.push(Stretch::of(row));
    }
    let stays: HashMap<&str, &[Stretch]> =
        stays.iter().map(|(branch, stays)| (branch.text(), stays.as_slice())).collect();
    let mut days = Days::new(within, day_rule);
    let mut daily =
        Daily { within, days: vec![DayCounts::default(); days.len()], branches: vec![] };
    for (code, (branch, life)) in lives {
        let is_there = days.held(&life);
        let members = days.held(stays.get(branch).copied().unwrap_or_default());
        let members = is_there.iter().zip(&members);
        let members = members.map(|(is_there, members)| (*is_there > 0).then_some(*members));
        for (day, members) in daily.days.iter_mut().zip(members.clone()) {
            day.branches += u64::from(members.is_some());
            day.members += members.unwrap_or_default();
        }
        let members: Vec<Option<u64>> = if by_branch { members.collect() } else { Vec::new() };
        if members.iter().any(Option::is_some) {
            daily.branches.push(BranchDays { branch: code.to_owned(), members });
        }
    }
    daily
}

/// The days of a period, by their numbers, and what changes on each of them.
struct Days {
    first: i64,
    day_rule: DayRule,
    /// One more than there are days: what ends with the period changes nothing in it.
    changes: Vec<i64>,
}

impl Days {
    fn new(within: Period, day_rule: DayRule) -> Self {
        let number = |day| i64::from(day_number(day));
        let (first, end) = (number(within.from()), number(within.until()));
        let length = usize::try_from(end - first).expect("a period has a day in it");
        Self { first, day_rule, changes: vec![0; length + 1] }
    }

    fn len(&self) -> usize {
        self.changes.len() - 1
    }

    /// How many of the stretches hold on each day.
    fn held(&mut self, stretches: &[Stretch]) -> Vec<u64> {
        self.changes.fill(0);
        let last = self.len();
        let index = |number: i64| usize::try_from((number - self.first).max(0)).unwrap_or(0);
        for stretch in stretches {
            let from = i64::from(day_number(stretch.from));
            let end = stretch.until.map_or(i64::MAX, |until| day_number(until).into());
            let end = match self.day_rule {
                DayRule::EndOfDay => end,
                // What begins and ends on a day has a moment of it.
                DayRule::AnyMoment => end.max(from + 1),
            };
            self.changes[index(from).min(last)] += 1;
            self.changes[index(end.min(i64::from(i32::MAX))).min(last)] -= 1;
        }
        let sum = |sum: &mut i64, change: &i64| {
            *sum += change;
            Some(u64::try_from(*sum).unwrap_or_default())
        };
        self.changes[..last].iter().scan(0, sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::questions::headcount;
    use crate::{At, Branches, Memberships};
    use events::Position;

    fn history() -> Vec<Happened> {
        vec![
            formed(1, A, "Alpha", None),
            formed(3, B, "Beta", None),
            admitted(1, M1, P1, A),
            admitted(3, M2, P2, A),
            home_moved(4, M1, P1, A, B),
            home_moved(4, M1, P1, B, A),
            ended(5, M2, P2, A),
            renamed(5, B, "Bet"),
            home_moved(6, M1, P1, A, B),
            dissolved(7, A, None, &[]),
            formed(8, C, "Gamma", None),
            dissolved(8, C, None, &[]),
        ]
    }

    fn asked(from: i8, until: i8, day_rule: DayRule) -> Daily {
        let within = Period::new(day(from), day(until)).unwrap();
        let stays = given::<Memberships>(&history()).known();
        let mut by: BTreeMap<Cell, Vec<Stretch>> = BTreeMap::new();
        for row in &stays {
            by.entry(row.cells[2].clone()).or_default().push(Stretch::of(row));
        }
        let stays: Vec<_> = by.into_iter().collect();
        daily(within, day_rule, &given::<Branches>(&history()).known(), &stays, true)
    }

    #[test]
    fn every_day_is_counted_as_if_it_alone_were_asked_for() {
        let (branches, stays) =
            (given::<Branches>(&history()).known(), given::<Memberships>(&history()).known());
        for day_rule in [DayRule::EndOfDay, DayRule::AnyMoment] {
            let all = asked(1, 11, day_rule);
            for (index, valid_on) in all.within.days().enumerate() {
                let at = At { valid_on, known_at: Position(99), day_rule };
                let held = |rows: &[Row]| -> Vec<Row> {
                    rows.iter().filter(|row| at.holds(row)).cloned().collect()
                };
                let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
                for row in held(&stays) {
                    *counts.entry(row.cells[2].clone()).or_default() += 1;
                }
                let counts: Vec<_> = counts.into_iter().collect();
                let expected = headcount(&held(&branches), &counts);
                let expected: Vec<_> =
                    expected.iter().map(|line| (line.branch.as_str(), line.members)).collect();
                let counted = all.branches.iter().filter_map(|branch| {
                    branch.members[index].map(|members| (branch.branch.as_str(), members))
                });
                assert_eq!(counted.collect::<Vec<_>>(), expected, "{valid_on} {day_rule:?}");
                let DayCounts { branches, members } = all.days[index];
                assert_eq!(branches, expected.len() as u64);
                assert_eq!(members, expected.iter().map(|(_, members)| members).sum::<u64>());
            }
        }
    }

    #[test]
    fn a_period_may_begin_and_end_anywhere() {
        let whole = asked(1, 11, DayRule::EndOfDay);
        for (from, until) in [(2, 3), (4, 9), (9, 11)] {
            let part = asked(from, until, DayRule::EndOfDay);
            let days = usize::try_from(from - 1).unwrap()..usize::try_from(until - 1).unwrap();
            assert_eq!(part.days, whole.days[days]);
        }
    }

    #[test]
    fn a_branch_is_told_on_the_days_on_which_it_is_there() {
        let all = asked(1, 11, DayRule::EndOfDay);
        assert_eq!(
            serde_json::to_string(&all.body_lines().nth(2).unwrap()).unwrap(),
            r#"{"day":"2020-01-03","branches":2,"members":2}"#
        );
        let of_b: Vec<_> = all.branch_lines().filter(|line| line.branch == "b").collect();
        assert_eq!(
            serde_json::to_string(&of_b[..2]).unwrap(),
            concat!(
                r#"[{"day":"2020-01-03","branch":"b","members":0},"#,
                r#"{"day":"2020-01-04","branch":"b","members":0}]"#
            )
        );
        assert!(!all.branch_lines().any(|line| line.branch == "c"), "it was never there");
    }
}
