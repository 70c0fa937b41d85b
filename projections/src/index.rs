//! Answers out of memory: who is at home where and how well the field is covered, at every place on
//! both axes, from rows that are held as columns of small numbers.
//!
//! It is told of every change of its tables ([`Index::take`]) and gives what the questions of the
//! same names give for the end of a day; a test holds one against the other on random histories.
//! What is known now is looked up in steps; what was known earlier is counted out of all rows.

mod columns;
mod field;
mod members;
mod stays;
mod steps;

use std::collections::BTreeMap;

use events::policy::CoverageRules;
use events::{Date, Position};

use self::columns::{Ids, OPEN, Point, known};
use self::field::Field;
use self::members::Members;
use crate::period::{Period, day_number};
use crate::projection::Op;
use crate::questions::coverage::{CountCell, Coverage, CoverageTotals, age_bands, per_hundred};
use crate::questions::daily::{BranchDays, Daily, DayCounts};
use crate::questions::{Headcount, Totals};
use crate::table::Table;
use crate::{birth_bands, branches, coverings, hosts, likenesses, memberships, relations};

/// The tables of which it is told.
pub const TABLES: &[&Table; 7] = &[
    birth_bands::TABLE,
    branches::TABLE,
    coverings::TABLE,
    hosts::TABLE,
    likenesses::TABLE,
    memberships::TABLE,
    relations::TABLE,
];

/// How many positions it can tell apart: a ledger with more events has no such index.
pub const POSITIONS_MAX: Position = Position(u32::MAX as u64 - 2);

/// What all rows of its tables come to.
#[derive(Debug, Default)]
pub struct Index {
    bodies: Ids,
    field: Field,
    members: Members,
    position: Position,
}

/// Which part of it a table belongs to.
enum Part {
    Field(field::Of),
    Members(members::Of),
}

impl Part {
    fn of(table: &Table) -> Option<Self> {
        let parts = [
            (birth_bands::TABLE, Self::Members(members::Of::BirthBands)),
            (branches::TABLE, Self::Field(field::Of::Branches)),
            (coverings::TABLE, Self::Field(field::Of::Coverings)),
            (hosts::TABLE, Self::Field(field::Of::Hosts)),
            (likenesses::TABLE, Self::Members(members::Of::Likenesses)),
            (memberships::TABLE, Self::Members(members::Of::Memberships)),
            (relations::TABLE, Self::Field(field::Of::Relations)),
        ];
        parts.into_iter().find(|(known, _)| known.name == table.name).map(|(_, part)| part)
    }
}

/// A branch's number, and the stretches of days on which it is there.
type Life = (u32, Vec<(i32, i32)>);

impl Index {
    /// Takes in what one event changes in a table. Tables that are none of its business change
    /// nothing.
    pub fn take(&mut self, table: &Table, mut ops: Vec<Op>) {
        if ops.is_empty() {
            return;
        }
        let Some(part) = Part::of(table) else { return };
        // Into the order of the table, which some answers depend on.
        ops.sort_by_key(|op| match op {
            Op::Open(row) => (true, row.opened_by, row.line),
            Op::Close { opened_by, line, .. } => (false, *opened_by, *line),
        });
        match part {
            Part::Field(of) => self.field.take(of, &ops, &mut self.bodies),
            Part::Members(of) => self.members.take(of, &ops, &mut self.bodies),
        }
    }

    /// All events up to a position are accounted for.
    pub fn advance(&mut self, position: Position) {
        self.position = self.position.max(position);
    }

    /// The last position that it accounts for, and so the last K that it answers for.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// How many members has each branch when a day ends?
    #[must_use]
    pub fn headcount(&self, on: Date, known_at: Position) -> Vec<Headcount> {
        let (point, is_now) = self.point(on, known_at);
        let homes = self.members.homes(point, self.bodies.len(), is_now);
        let mut branches: Vec<field::Branch> = self.field.branches(point).collect();
        branches.sort_unstable_by_key(|branch| self.field.text(branch.code));
        let headcount = |branch: field::Branch| Headcount {
            branch: self.field.text(branch.code).to_owned(),
            name: self.field.text(branch.name).to_owned(),
            members: homes[branch.body as usize],
        };
        branches.into_iter().map(headcount).collect()
    }

    /// How large is the whole body when a day ends, but for its posts?
    #[must_use]
    pub fn totals(&self, on: Date, known_at: Position) -> Totals {
        let (point, is_now) = self.point(on, known_at);
        Totals {
            branches: self.field.branches(point).count() as u64,
            members: self.members.ages(point, is_now).values().sum(),
            memberships: self.members.homes(point, self.bodies.len(), is_now).iter().sum(),
            posts: 0,
        }
    }

    /// How well is the field covered when a day ends?
    #[must_use]
    pub fn coverage(&self, on: Date, known_at: Position, rules: &CoverageRules) -> Coverage {
        let (point, is_now) = self.point(on, known_at);
        let bodies = self.bodies.len();
        let (totals, hosts) = self.field.hosts_counted(point, bodies, rules);
        let branches = self.field.formations(point, bodies, rules);
        let members = age_bands(&self.members.ages(point, is_now), on.year(), rules);
        let number = |cells: &[CountCell]| cells.iter().map(|cell| cell.number).sum();
        let totals = CoverageTotals {
            branches: number(&branches),
            members: number(&members),
            branches_per_100_hosts: per_hundred(number(&branches), totals.hosts),
            hosts: totals,
        };
        Coverage { totals, hosts, branches, members }
    }

    /// How many members has each branch, or the whole body, when each day of a period ends?
    #[must_use]
    pub fn daily(&self, within: Period, known_at: Position, by_branch: bool) -> Daily {
        let (point, is_now) = self.point(within.from(), known_at);
        let end = day_number(within.until());
        let length = usize::try_from(end - point.day).expect("a period has a day in it");
        let bodies = self.bodies.len();
        let stays = if is_now { vec![] } else { self.members.stays_known(point.known_at, bodies) };
        let mut lives: BTreeMap<&str, Life> = BTreeMap::new();
        for (from, until, branch) in self.field.branches_known(point.known_at) {
            if from < end && point.day < until && from < until {
                let code = self.field.text(branch.code);
                lives.entry(code).or_insert((branch.body, Vec::new())).1.push((from, until));
            }
        }
        let mut days = vec![DayCounts::default(); length];
        let mut branches = Vec::new();
        for (code, (body, life)) in lives {
            let is_there = held(point.day, length, &life);
            let members = match is_now {
                true => self.members.homes_on_days(body, point.day, length),
                false => held(point.day, length, &stays[body as usize]),
            };
            let members = is_there.iter().zip(&members);
            for (day, (is_there, members)) in days.iter_mut().zip(members.clone()) {
                let is_there = u64::from(*is_there > 0);
                day.branches += is_there;
                day.members += is_there * members;
            }
            if by_branch {
                let members =
                    members.map(|(is_there, members)| (*is_there > 0).then_some(*members));
                branches.push(BranchDays { branch: code.to_owned(), members: members.collect() });
            }
        }
        Daily { within, days, branches }
    }

    /// A place on both axes, and whether all that is recorded is known there.
    fn point(&self, on: Date, known_at: Position) -> (Point, bool) {
        let point = Point { day: day_number(on), known_at: known(known_at) };
        (point, known_at >= self.position)
    }
}

/// How many stretches hold on each of so many days.
fn held(first: i32, days: usize, stretches: &[(i32, i32)]) -> Vec<u64> {
    let mut changes = vec![0_i64; days + 1];
    let place = |day: i32| usize::try_from(day.saturating_sub(first)).unwrap_or(0).min(days);
    for (from, until) in stretches {
        changes[place(*from)] += 1;
        changes[if *until == OPEN { days } else { place(*until) }] -= 1;
    }
    let sum = |sum: &mut i64, change: &i64| {
        *sum += change;
        Some(u64::try_from(*sum).unwrap_or_default())
    };
    changes[..days].iter().scan(0, sum).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use events::Recorded;

    use super::*;
    use crate::ages;
    use crate::given::*;
    use crate::questions::field::Field;
    use crate::questions::{Holding, coverage, daily, headcount};
    use crate::table::{At, Cell, DayRule, Row, Stretch};
    use crate::{BranchRow, GoesBy, MembershipRow, Projection};

    /// How many days a random history has, and some before and after.
    const DAYS: std::ops::Range<i8> = 1..9;

    fn rules() -> CoverageRules {
        CoverageRules { size_bands: vec![20, 50], age_bands: vec![35], ..CoverageRules::open() }
    }

    /// The tables, and the index that was told of every change of theirs.
    fn told(history: &[Recorded]) -> (BTreeMap<&'static str, Vec<Row>>, Index) {
        let (mut tables, mut index) = (BTreeMap::new(), Index::default());
        let mut folds: Vec<Box<dyn Projection>> = crate::all();
        for (at, event) in history.iter().enumerate() {
            for fold in &mut folds {
                let ops = take(&mut **fold, history, at);
                keep(tables.entry(fold.table().name).or_default(), ops.clone());
                index.take(fold.table(), ops);
            }
            index.advance(event.position);
        }
        tables.values_mut().for_each(|rows| rows.sort_by_key(Row::place));
        (tables, index)
    }

    /// What the questions say of the tables.
    struct Asked<'a>(&'a BTreeMap<&'static str, Vec<Row>>);

    impl Asked<'_> {
        fn rows(&self, table: &Table, passes: impl Fn(&Row) -> bool) -> Vec<Row> {
            let rows = self.0.get(table.name).into_iter().flatten();
            rows.filter(|row| passes(row)).cloned().collect()
        }

        fn agrees(&self, index: &Index, at: At) {
            let held = |table| self.rows(table, |row| at.holds(row));
            let (branches, memberships) = (held(branches::TABLE), held(memberships::TABLE));
            let likenesses = held(likenesses::TABLE);
            let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
            for row in &memberships {
                *counts.entry(row.cells[2].clone()).or_default() += 1;
            }
            let counts: Vec<_> = counts.into_iter().collect();
            let (on, known_at) = (at.valid_on, at.known_at);
            assert_eq!(index.headcount(on, known_at), headcount(&branches, &counts), "{at:?}");
            assert_eq!(index.totals(on, known_at), totals(&branches, &memberships, &likenesses));
            let holding = Holding {
                branches: &branches,
                hosts: &held(hosts::TABLE),
                coverings: &held(coverings::TABLE),
                relations: &held(relations::TABLE),
                employments: &[],
                memberships: &memberships,
                birth_bands: &held(birth_bands::TABLE),
                likenesses: &likenesses,
                rules: &rules(),
                year: on.year(),
            };
            let Holding { memberships, birth_bands, likenesses, .. } = &holding;
            let ages = ages::of(memberships, birth_bands, likenesses);
            assert_eq!(ages, one_by_one(&holding), "{at:?}");
            let expected = coverage(&holding, &ages);
            assert_eq!(index.coverage(on, known_at, &rules()), expected, "{at:?}");
        }

        fn agrees_on_days(&self, index: &Index, within: Period, known_at: Position) {
            let knows = |row: &Row| {
                At { valid_on: within.from(), known_at, day_rule: DayRule::EndOfDay }.knows(row)
            };
            let mut stays: BTreeMap<Cell, Vec<Stretch>> = BTreeMap::new();
            for row in self.rows(memberships::TABLE, knows) {
                stays.entry(row.cells[2].clone()).or_default().push(Stretch::of(&row));
            }
            let stays: Vec<_> = stays.into_iter().collect();
            let branches = self.rows(branches::TABLE, knows);
            for by_branch in [false, true] {
                let rule = DayRule::EndOfDay;
                let expected = daily(within, rule, &branches, &stays, by_branch);
                assert_eq!(index.daily(within, known_at, by_branch), expected, "at {known_at}");
            }
        }
    }

    /// How many there are of everything but posts, told apart by their ids.
    fn totals(branches: &[Row], memberships: &[Row], likenesses: &[Row]) -> Totals {
        let goes_by = GoesBy::of(likenesses);
        let count = |ids: BTreeSet<&str>| ids.len() as u64;
        let stays = || memberships.iter().map(MembershipRow::of);
        Totals {
            branches: count(branches.iter().map(|row| BranchRow::of(row).branch).collect()),
            members: count(stays().map(|stay| goes_by.id(stay.person)).collect()),
            memberships: count(stays().map(|stay| stay.membership).collect()),
            posts: 0,
        }
    }

    /// The ages of the members as they are listed.
    fn one_by_one(holding: &Holding<'_>) -> ages::Ages {
        let mut ages = ages::Ages::new();
        for (_, born) in Field::of(holding).members {
            *ages.entry(born.map(|year| year.try_into().unwrap())).or_default() += 1;
        }
        ages
    }

    #[test]
    fn memory_says_what_the_tables_say_at_every_place_of_any_history() {
        for history in any_histories() {
            let (tables, index) = told(&history);
            let asked = Asked(&tables);
            for known_at in (0..=history.len() as u64 + 1).map(Position) {
                for valid_on in DAYS.map(day) {
                    let at = At { valid_on, known_at, day_rule: DayRule::EndOfDay };
                    asked.agrees(&index, at);
                }
                for (from, until) in [(1, 9), (3, 5)] {
                    let within = Period::new(day(from), day(until)).unwrap();
                    asked.agrees_on_days(&index, within, known_at);
                }
            }
        }
    }
}
