//! Who is where and how old, in millions of rows: persons and branches are small numbers.

use std::collections::BTreeSet;

use events::{Date, Position};
use foldhash::{HashMap, HashSet};
use uuid::Uuid;

use super::{Changes, Counted, Delta};
use crate::ages::{Ages, Persons, year};
use crate::birth_bands::BirthBandRow;
use crate::likenesses::LikenessRow;
use crate::memberships::MembershipRow;
use crate::table::{Row, Stretch};

/// What a row says of a person: when it holds, and when it was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told<T> {
    /// The person.
    pub person: u32,
    /// What is said.
    pub what: T,
    /// The days on which it holds.
    pub valid: Stretch,
    /// The first position at which it was known so.
    pub known_from: Position,
    /// The first position at which it was no longer known so; absent: still is.
    pub known_until: Option<Position>,
}

impl<T> Told<T> {
    /// What a row says.
    pub fn of(row: &Row, person: u32, what: T) -> Self {
        let Row { known_from, known_until, .. } = *row;
        Self { person, what, valid: Stretch::of(row), known_from, known_until }
    }

    fn is_known(&self, known_at: Position) -> bool {
        self.known_from <= known_at && self.known_until.is_none_or(|end| end > known_at)
    }

    fn holds(&self, on: Date) -> bool {
        self.valid.from <= on && self.valid.until.is_none_or(|end| end > on)
    }
}

/// All that rows say of some persons, or of everybody. Whoever is merged with one of them is one
/// of them.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// The ids of branches, by their numbers.
    pub branches: Vec<Uuid>,
    /// At which branch somebody is at home.
    pub stays: Vec<Told<u32>>,
    /// The first of the five years in which somebody was born; none for what can be no such year.
    pub births: Vec<Told<Option<u16>>>,
    /// By whose number somebody goes, in the order of rows: of several the last one counts.
    pub merges: Vec<Told<u32>>,
}

impl People {
    /// What rows of the three tables say, in their order: the reading against which engines are
    /// held.
    ///
    /// # Panics
    /// When there are more persons or branches than small numbers, which no memory holds.
    #[must_use]
    pub fn of(memberships: &[Row], birth_bands: &[Row], likenesses: &[Row]) -> Self {
        let (mut persons, mut homes, mut branches) =
            (HashMap::default(), HashMap::default(), Vec::new());
        let stays = memberships.iter().map(|row| {
            let MembershipRow { person, branch, .. } = MembershipRow::of(row);
            let home = number(&mut homes, branch);
            if home as usize == branches.len() {
                branches.push(Uuid::try_parse(branch).unwrap_or_default());
            }
            Told::of(row, number(&mut persons, person), home)
        });
        let stays = stays.collect();
        let births = birth_bands.iter().map(|row| {
            let BirthBandRow { person, from_year, .. } = BirthBandRow::of(row);
            Told::of(row, number(&mut persons, person), year(from_year))
        });
        let births = births.collect();
        let merges = likenesses.iter().filter(|row| LikenessRow::of(row).is_merged()).map(|row| {
            let LikenessRow { person, other, .. } = LikenessRow::of(row);
            Told::of(row, number(&mut persons, person), number(&mut persons, other))
        });
        let merges = merges.collect();
        Self { branches, stays, births, merges }
    }

    /// What they add to the numbers of every day, as known at a position.
    #[must_use]
    pub fn changes(&self, known_at: Position) -> Changes {
        let stays = by_person(&self.stays, known_at);
        let births = by_person(&self.births, known_at);
        let merges = by_person(&self.merges, known_at);
        let mut deltas = Vec::with_capacity(stays.len() * 4);
        for stay in &stays {
            let Stretch { from, until } = stay.valid;
            turn(&mut deltas, from, Counted::Branch(stay.what), 1);
            until
                .into_iter()
                .for_each(|end| turn(&mut deltas, end, Counted::Branch(stay.what), -1));
        }
        let groups = Groups::of(&merges);
        for stays in stays.chunk_by(|one, next| one.person == next.person) {
            let person = stays[0].person;
            if !groups.next.contains_key(&person) {
                alone(stays, of_person(&births, person), &mut deltas);
            }
        }
        for group in groups.members() {
            let (stays, births) = (of_group(&stays, &group), of_group(&births, &group));
            together(&group, &stays, &births, &of_group(&merges, &group), &mut deltas);
        }
        Changes::of(&self.branches, deltas)
    }
}

/// The number of an id: which one it is of those that were met.
fn number<'a>(numbers: &mut HashMap<&'a str, u32>, id: &'a str) -> u32 {
    let next = u32::try_from(numbers.len()).expect("memory holds fewer");
    *numbers.entry(id).or_insert(next)
}

fn turn(deltas: &mut Vec<Delta>, day: Date, counted: Counted, by: i32) {
    deltas.push(Delta { day, counted, by });
}

/// Some persons and whoever is merged with one of them on some day, and the merges of these.
#[must_use]
pub fn with_merged(persons: Vec<u32>, merges: Vec<Told<u32>>) -> (Vec<u32>, Vec<Told<u32>>) {
    let groups = Groups::of(&merges.iter().collect::<Vec<_>>());
    let mut wanted: HashSet<u32> = persons.into_iter().collect();
    for group in groups.members() {
        if group.iter().any(|person| wanted.contains(person)) {
            wanted.extend(group);
        }
    }
    let merges = merges.into_iter().filter(|merge| wanted.contains(&merge.person)).collect();
    let mut persons: Vec<u32> = wanted.into_iter().collect();
    persons.sort_unstable();
    (persons, merges)
}

/// What is known at a position and holds on some day, by person; of one in the order of rows.
fn by_person<T>(told: &[Told<T>], known_at: Position) -> Vec<&Told<T>> {
    let is_some_day = |it: &&Told<T>| it.valid.until.is_none_or(|end| end > it.valid.from);
    let known = told.iter().filter(|it| it.is_known(known_at)).filter(is_some_day);
    let mut known: Vec<_> = known.collect();
    known.sort_by_key(|it| it.person);
    known
}

fn of_person<'a, 'b, T>(told: &'b [&'a Told<T>], person: u32) -> &'b [&'a Told<T>] {
    let from = told.partition_point(|it| it.person < person);
    let length = told[from..].partition_point(|it| it.person == person);
    &told[from..from + length]
}

fn of_group<'a, T>(told: &[&'a Told<T>], group: &[u32]) -> Vec<&'a Told<T>> {
    group.iter().flat_map(|person| of_person(told, *person)).copied().collect()
}

/// The days on which something begins or ends.
fn days<T>(told: &[&Told<T>]) -> impl Iterator<Item = Date> {
    told.iter().flat_map(|it| [Some(it.valid.from), it.valid.until]).flatten()
}

/// Counts somebody who is nobody else: at home somewhere or not, and born in which years.
fn alone(stays: &[&Told<u32>], births: &[&Told<Option<u16>>], deltas: &mut Vec<Delta>) {
    let mut turns: Vec<Date> = days(stays).chain(days(births)).collect();
    turns.sort_unstable();
    turns.dedup();
    let mut before = None;
    for day in turns {
        let born = || births.iter().filter(|it| it.holds(day)).filter_map(|it| it.what).min();
        let now = stays.iter().any(|it| it.holds(day)).then(born);
        if now != before {
            before.into_iter().for_each(|born| turn(deltas, day, Counted::Born(born), -1));
            now.into_iter().for_each(|born| turn(deltas, day, Counted::Born(born), 1));
        }
        before = now;
    }
}

/// Counts some who are one person on some days.
fn together(
    group: &[u32],
    stays: &[&Told<u32>],
    births: &[&Told<Option<u16>>],
    merges: &[&Told<u32>],
    deltas: &mut Vec<Delta>,
) {
    let place = |person| group.binary_search(&person).expect("all that is said is of the group");
    let turns: BTreeSet<Date> = days(stays).chain(days(births)).chain(days(merges)).collect();
    let mut before = Ages::new();
    for day in turns {
        let mut found = Persons::of(group.len());
        for stay in stays.iter().filter(|it| it.holds(day)) {
            found.at_home(place(stay.person));
        }
        for birth in births.iter().filter(|it| it.holds(day)) {
            found.born(place(birth.person), birth.what);
        }
        for merge in merges.iter().filter(|it| it.holds(day)) {
            found.merged(place(merge.person), place(merge.what));
        }
        let now = found.ages();
        let by = |ages: &Ages, sign: i32, deltas: &mut Vec<Delta>| {
            for (born, persons) in ages {
                let persons = i32::try_from(*persons).expect("a group is small");
                turn(deltas, day, Counted::Born(*born), sign * persons);
            }
        };
        by(&before, -1, deltas);
        by(&now, 1, deltas);
        before = now;
    }
}

/// Who is the same as somebody else on some day: a forest of disjoint sets.
#[derive(Default)]
struct Groups {
    /// The next one on the way to the one that all of a group come to.
    next: HashMap<u32, u32>,
}

impl Groups {
    fn of(merges: &[&Told<u32>]) -> Self {
        let mut groups = Self::default();
        merges.iter().for_each(|merge| groups.are_one(merge.person, merge.what));
        groups
    }

    /// Two persons are one on some day.
    fn are_one(&mut self, one: u32, other: u32) {
        let (one, other) = (self.end(one), self.end(other));
        self.next.insert(one, one);
        self.next.insert(other, one);
    }

    fn end(&mut self, person: u32) -> u32 {
        let mut end = person;
        while let Some(next) = self.next.get(&end).filter(|next| **next != end) {
            end = *next;
        }
        if end != person {
            self.next.insert(person, end);
        }
        end
    }

    /// The members of each group, in their order.
    fn members(mut self) -> Vec<Vec<u32>> {
        let mut persons: Vec<u32> = self.next.keys().copied().collect();
        persons.sort_unstable();
        let mut members: HashMap<u32, Vec<u32>> = HashMap::default();
        for person in persons {
            members.entry(self.end(person)).or_default().push(person);
        }
        members.into_values().collect()
    }
}
