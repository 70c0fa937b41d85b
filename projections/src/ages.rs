//! How many members are there, by the first of the five years of their birth?
//!
//! Counted from rows that hold at one place on both axes, in which a person is a small number: one
//! answer goes through millions of them.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::birth_bands::BirthBandRow;
use crate::likenesses::LikenessRow;
use crate::memberships::MembershipRow;
use crate::met::Met;
use crate::table::Row;

/// How many members there are, by the first of the five years of their birth; by none, those of
/// whom it is not known.
pub type Ages = BTreeMap<Option<u16>, u64>;

/// The same, of rows of the three tables that say so.
#[must_use]
pub fn of(memberships: &[Row], birth_bands: &[Row], likenesses: &[Row]) -> Ages {
    let mut numbers: HashMap<&str, usize> = HashMap::default();
    let mut found = Persons::default();
    for row in memberships.iter().map(MembershipRow::of) {
        found.at_home(number(&mut numbers, row.person));
    }
    for row in birth_bands.iter().map(BirthBandRow::of) {
        found.born(number(&mut numbers, row.person), year(row.from_year));
    }
    for row in likenesses.iter().map(LikenessRow::of).filter(LikenessRow::is_merged) {
        found.merged(number(&mut numbers, row.person), number(&mut numbers, row.other));
    }
    found.ages()
}

/// The number of an id: which one it is of those that were met.
fn number<'a>(numbers: &mut HashMap<&'a str, usize>, id: &'a str) -> usize {
    let next = numbers.len();
    *numbers.entry(id).or_insert(next)
}

/// In the place of a year: none is known.
pub(crate) const UNKNOWN: u16 = u16::MAX;

/// A year as it is counted; none for what can be no year of anybody's birth.
#[must_use]
pub fn year(number: u64) -> Option<u16> {
    u16::try_from(number).ok().filter(|year| *year != UNKNOWN)
}

/// What is found of persons, who go by numbers from zero on.
#[derive(Debug, Default)]
pub struct Persons {
    /// Who is at home somewhere.
    at_home: Met,
    /// In which five years each was born.
    born: Vec<u16>,
    /// Who goes by whose number.
    merged: HashMap<usize, usize>,
}

impl Persons {
    /// Of so many persons, should all of them be met. More may be.
    #[must_use]
    pub fn of(persons: usize) -> Self {
        let born = vec![UNKNOWN; persons];
        Self { at_home: Met::of(persons), born, merged: HashMap::default() }
    }

    /// A membership of this person is at home somewhere.
    pub fn at_home(&mut self, person: usize) {
        self.at_home.add(person);
    }

    /// This person was born in the five years from a year on; of several years the first counts.
    pub fn born(&mut self, person: usize, from_year: Option<u16>) {
        if self.born.len() <= person {
            self.born.resize(person + 1, UNKNOWN);
        }
        self.born[person] = self.born[person].min(from_year.unwrap_or(UNKNOWN));
    }

    /// This person goes by another one's number.
    pub fn merged(&mut self, person: usize, into: usize) {
        self.merged.insert(person, into);
    }

    /// Takes in what was found of other rows.
    pub fn join(&mut self, other: Self) {
        self.at_home.join(&other.at_home);
        if self.born.len() < other.born.len() {
            self.born.resize(other.born.len(), UNKNOWN);
        }
        for (year, other) in self.born.iter_mut().zip(other.born) {
            *year = other.min(*year);
        }
        self.merged.extend(other.merged);
    }

    /// The members, each counted once: those who are merged are one. Whoever has no year of their
    /// own has the earliest of those who are the same.
    #[must_use]
    pub fn ages(mut self) -> Ages {
        let ends: Vec<(usize, usize)> =
            self.merged.keys().map(|person| (*person, self.goes_by(*person))).collect();
        let mut lent: HashMap<usize, u16> = HashMap::default();
        for (person, counts) in &ends {
            let year = lent.entry(*counts).or_insert(UNKNOWN);
            *year = self.year(*person).min(*year);
        }
        let moved: Vec<_> =
            ends.into_iter().filter(|(person, _)| self.at_home.has(*person)).collect();
        for (person, _) in &moved {
            self.at_home.remove(*person);
        }
        moved.into_iter().for_each(|(_, counts)| self.at_home(counts));
        for (counts, year) in lent {
            if self.year(counts) == UNKNOWN {
                self.born(counts, Some(year));
            }
        }
        let mut counts: HashMap<u16, u64> = HashMap::default();
        for person in self.at_home.iter() {
            *counts.entry(self.year(person)).or_default() += 1;
        }
        let known = |(year, persons)| ((year != UNKNOWN).then_some(year), persons);
        counts.into_iter().map(known).collect()
    }

    /// By which number somebody goes in the end. Each step is another merge, so there are never
    /// more steps than merges; in a circle, which no command makes, that is an end too.
    fn goes_by(&self, person: usize) -> usize {
        let steps = std::iter::successors(Some(person), |id| self.merged.get(id).copied());
        steps.take(self.merged.len() + 1).last().unwrap_or(person)
    }

    fn year(&self, person: usize) -> u16 {
        self.born.get(person).copied().unwrap_or(UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_are_merged_are_one_with_their_own_year_or_the_earliest() {
        let mut found = Persons::of(2);
        for person in [0, 1, 3, 70, 71] {
            found.at_home(person);
        }
        found.born(0, Some(1990));
        found.born(1, Some(1950));
        found.born(4, Some(1940));
        let mut other = Persons::default();
        // 0 and 4 go by 3 in the end, who has no year; 70 by 1, who has one of its own.
        other.merged(0, 4);
        other.merged(4, 3);
        other.merged(70, 1);
        other.born(70, Some(1930));
        found.join(other);
        let expected = [(None, 1), (Some(1940), 1), (Some(1950), 1)];
        assert_eq!(found.ages(), Ages::from(expected));
    }

    #[test]
    fn merges_in_a_circle_come_to_an_end() {
        let mut found = Persons::default();
        found.at_home(0);
        found.merged(0, 1);
        found.merged(1, 0);
        assert_eq!(found.ages().values().sum::<u64>(), 1);
    }
}
