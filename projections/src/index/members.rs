//! Members in memory: where each was at home, how old they are, and who of them are one.
//!
//! What is known now is kept as steps: for each branch, and for each five years of birth, how many
//! there are from which day on. One look into them answers for a day. What was known earlier is
//! counted out of all rows.

use std::collections::BTreeMap;

use foldhash::HashMap;

use super::columns::{Chains, Edges, Ids, OPEN, Point, Rectangles, STILL, known};
use super::stays::Stays;
use super::steps::{Changes, Steps};
use crate::ages::{self, Ages, Persons};
use crate::likenesses::LikenessRow;
use crate::projection::Op;
use crate::table::Row;

/// The members.
#[derive(Debug, Default)]
pub(super) struct Members {
    persons: Ids,
    stays: Stays,
    stays_of: Chains,
    births: Rectangles<(u32, Option<u16>)>,
    births_of: Chains,
    /// Who goes by whose number.
    merges: Rectangles<(u32, u32)>,
    /// By either of the two.
    merges_of: HashMap<u32, Vec<usize>>,
    /// How many are at home, by branch, as known now.
    homes: HashMap<u32, Steps>,
    /// How many persons there are, by the first of the five years of their birth, as known now.
    ages: BTreeMap<Option<u16>, Steps>,
}

/// Which table a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Memberships,
    BirthBands,
    Likenesses,
}

/// A row that becomes known, in numbers.
enum Opening {
    Stay(Edges, (u32, u32)),
    Birth(Edges, (u32, Option<u16>)),
    Merge(Edges, (u32, u32)),
}

impl Members {
    /// Takes in what one event changes in a table.
    pub(super) fn take(&mut self, of: Of, ops: &[Op], bodies: &mut Ids) {
        let (mut opened, mut closed) = (Vec::new(), Vec::new());
        for op in ops {
            match op {
                Op::Open(row) => opened.extend(self.opening(of, row, bodies)),
                Op::Close { known_from, opened_by, known_until, .. } => {
                    let place = self.find(of, known(*known_from), known(*opened_by));
                    closed.extend(place.map(|place| (place, known(*known_until))));
                }
            }
        }
        let mut persons: Vec<u32> = opened.iter().flat_map(Opening::persons).collect();
        persons.extend(closed.iter().flat_map(|(place, _)| self.persons_at(of, *place)));
        let together = self.together(persons);
        let (mut ages, mut homes) = (Changes::default(), Changes::default());
        self.count(&together, -1, &mut ages);
        for (place, known_until) in closed {
            self.close(of, place, known_until, &mut homes);
        }
        for opening in opened {
            self.open(opening, &mut homes);
        }
        self.count(&together, 1, &mut ages);
        for (branch, day, more) in homes.taken() {
            self.homes.entry(branch).or_default().add(day, more);
        }
        for (year, day, more) in ages.taken() {
            self.ages.entry(year).or_default().add(day, more);
        }
    }

    fn opening(&mut self, of: Of, row: &Row, bodies: &mut Ids) -> Option<Opening> {
        let edges = Edges::of(row);
        Some(match of {
            Of::Memberships => {
                let [_, person, branch] = row.columns();
                Opening::Stay(edges, (bodies.number(branch), self.persons.number(person)))
            }
            Of::BirthBands => {
                let [person, from_year] = row.columns();
                let year = ages::year(from_year.number());
                Opening::Birth(edges, (self.persons.number(person), year))
            }
            Of::Likenesses => {
                let [person, other, _] = row.columns();
                if !LikenessRow::of(row).is_merged() {
                    return None;
                }
                Opening::Merge(edges, (self.persons.number(person), self.persons.number(other)))
            }
        })
    }

    fn find(&self, of: Of, known_from: u32, opened_by: u32) -> Option<usize> {
        match of {
            Of::Memberships => self.stays.find(known_from, opened_by),
            Of::BirthBands => self.births.find(known_from, opened_by),
            Of::Likenesses => self.merges.find(known_from, opened_by),
        }
    }

    fn persons_at(&self, of: Of, place: usize) -> [u32; 2] {
        match of {
            Of::Memberships => [self.stays.get(place).person; 2],
            Of::BirthBands => [self.births.get(place).1.0; 2],
            Of::Likenesses => self.merges.get(place).1.into(),
        }
    }

    fn open(&mut self, opening: Opening, homes: &mut Changes<u32>) {
        match opening {
            Opening::Stay(edges, (branch, person)) => {
                self.stays.open(edges, (branch, person));
                self.stays_of.push(person);
                homes.add(branch, edges.from, edges.until, 1);
            }
            Opening::Birth(edges, (person, year)) => {
                self.births.open(edges, (person, year));
                self.births_of.push(person);
            }
            Opening::Merge(edges, (person, into)) => {
                let place = self.merges.open(edges, (person, into));
                for end in [person, into] {
                    self.merges_of.entry(end).or_default().push(place);
                }
            }
        }
    }

    fn close(&mut self, of: Of, place: usize, known_until: u32, homes: &mut Changes<u32>) {
        match of {
            Of::Memberships => {
                let stay = self.stays.get(place);
                homes.add(stay.branch, stay.from, stay.until, -1);
                self.stays.close(place, known_until);
            }
            Of::BirthBands => self.births.close(place, known_until),
            Of::Likenesses => self.merges.close(place, known_until),
        }
    }

    /// The merges of a person that are known still: first day, first day after, who goes by whom.
    fn merges_still(&self, person: u32) -> impl Iterator<Item = (usize, Edges, (u32, u32))> {
        let places = self.merges_of.get(&person).into_iter().flatten();
        let merges = places.map(|place| (*place, self.merges.get(*place)));
        let still = merges.filter(|(_, (edges, _))| edges.known_until == STILL);
        still.map(|(place, (edges, is))| (place, edges, is))
    }

    /// These persons, and all who are or will be one with one of them as known now.
    fn together(&self, mut persons: Vec<u32>) -> Vec<u32> {
        persons.sort_unstable();
        persons.dedup();
        let mut next = 0;
        while let Some(person) = persons.get(next).copied() {
            for (.., (one, other)) in self.merges_still(person) {
                for end in [one, other] {
                    if !persons.contains(&end) {
                        persons.push(end);
                    }
                }
            }
            next += 1;
        }
        persons
    }

    /// Adds who is there of some persons, by year of birth; they are one with nobody else.
    fn count(&self, persons: &[u32], more: i32, ages: &mut Changes<Option<u16>>) {
        let own = Own::of(self, persons);
        let days = own.days();
        for (index, day) in days.iter().enumerate() {
            let until = days.get(index + 1).copied().unwrap_or(OPEN);
            for (year, persons) in own.ages(*day) {
                let persons = i32::try_from(persons).expect("a few who may be one");
                ages.add(year, *day, until, more * persons);
            }
        }
    }

    /// How many are at home at each of so many branches.
    pub(super) fn homes(&self, point: Point, branches: usize, is_now: bool) -> Vec<u64> {
        if !is_now {
            return self.stays.by_branch(point, branches);
        }
        let mut counts = vec![0; branches];
        for (branch, steps) in &self.homes {
            counts[*branch as usize] = steps.on(point.day);
        }
        counts
    }

    /// How many are at home at each branch on days that follow each other, as known now.
    pub(super) fn homes_on_days(&self, branch: u32, first: i32, days: usize) -> Vec<u64> {
        self.homes.get(&branch).map_or_else(|| vec![0; days], |steps| steps.on_days(first, days))
    }

    /// The stays that are known at a position, by branch: first day, and first day after.
    pub(super) fn stays_known(&self, known_at: u32, branches: usize) -> Vec<Vec<(i32, i32)>> {
        let mut stays = vec![Vec::new(); branches];
        for stay in self.stays.known(known_at) {
            stays[stay.branch as usize].push((stay.from, stay.until));
        }
        stays
    }

    /// How many members are there, by the first of the five years of their birth?
    pub(super) fn ages(&self, point: Point, is_now: bool) -> Ages {
        if is_now {
            let ages = self.ages.iter().map(|(year, steps)| (*year, steps.on(point.day)));
            return ages.filter(|(_, persons)| *persons > 0).collect();
        }
        let mut found = Persons::of(self.persons.len());
        for (person, into) in self.merges.holding(point) {
            found.merged(*person as usize, *into as usize);
        }
        for (person, year) in self.births.holding(point) {
            found.born(*person as usize, *year);
        }
        self.stays.persons(point, |person| found.at_home(person as usize));
        found.ages()
    }
}

impl Opening {
    fn persons(&self) -> [u32; 2] {
        match self {
            Self::Stay(_, (_, person)) | Self::Birth(_, (person, _)) => [*person; 2],
            Self::Merge(_, ends) => (*ends).into(),
        }
    }
}

/// All that is known now of some persons who may be one. They go by their places among them.
struct Own {
    persons: usize,
    stays: Vec<(i32, i32, usize)>,
    births: Vec<(i32, i32, usize, Option<u16>)>,
    merges: Vec<(i32, i32, (usize, usize))>,
}

impl Own {
    fn of(members: &Members, persons: &[u32]) -> Self {
        let mut own =
            Self { persons: persons.len(), stays: vec![], births: vec![], merges: vec![] };
        let place = |person: u32| persons.iter().position(|other| *other == person);
        let mut merges = Vec::new();
        for (index, person) in persons.iter().enumerate() {
            let stays = members.stays_of.of(*person).filter_map(|at| members.stays.still(at));
            own.stays.extend(stays.map(|stay| (stay.from, stay.until, index)));
            for at in members.births_of.of(*person) {
                let (edges, (_, year)) = members.births.get(at);
                if edges.known_until == STILL {
                    own.births.push((edges.from, edges.until, index, year));
                }
            }
            merges.extend(members.merges_still(*person));
        }
        // Each is found from both its ends. In the order of the table, the last one counts.
        merges.sort_unstable_by_key(|(at, ..)| *at);
        merges.dedup_by_key(|(at, ..)| *at);
        for (_, edges, (one, into)) in merges {
            if let Some(ends) = place(one).zip(place(into)) {
                own.merges.push((edges.from, edges.until, ends));
            }
        }
        own
    }

    /// The days on which something begins or ends.
    fn days(&self) -> Vec<i32> {
        let stays = self.stays.iter().map(|(from, until, _)| [*from, *until]);
        let births = self.births.iter().map(|(from, until, ..)| [*from, *until]);
        let merges = self.merges.iter().map(|(from, until, _)| [*from, *until]);
        let mut days: Vec<i32> = stays.chain(births).chain(merges).flatten().collect();
        days.retain(|day| *day != OPEN);
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Those who are there on a day, by year of birth.
    fn ages(&self, day: i32) -> Ages {
        let holds = |from: i32, until: i32| from <= day && day < until;
        let mut found = Persons::of(self.persons);
        for (.., (one, into)) in self.merges.iter().filter(|(from, until, _)| holds(*from, *until))
        {
            found.merged(*one, *into);
        }
        for (.., person, year) in
            self.births.iter().filter(|(from, until, ..)| holds(*from, *until))
        {
            found.born(*person, *year);
        }
        for (.., person) in self.stays.iter().filter(|(from, until, _)| holds(*from, *until)) {
            found.at_home(*person);
        }
        found.ages()
    }
}
