//! Rows as small numbers that stand on both axes.

use std::collections::HashMap as Map;

use events::Position;
use foldhash::HashMap;

use crate::period::day_number;
use crate::table::{Cell, Row};

/// In the place of the day on which something ends: it is open.
pub(super) const OPEN: i32 = i32::MAX;

/// In the place of the position from which something is known no longer: it still is.
pub(super) const STILL: u32 = u32::MAX;

/// In the place of a number: there is none.
pub(super) const NONE: u32 = u32::MAX;

/// A place on both axes: what holds when a day ends, as known at a position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) day: i32,
    pub(super) known_at: u32,
}

/// A position as a number; one beyond all that can be kept is the last one.
pub(super) fn known(position: Position) -> u32 {
    u32::try_from(position.0).unwrap_or(STILL).min(STILL - 1)
}

/// Ids, each as the number in which it first appeared.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<u128, u32>);

impl Ids {
    /// The number of an id.
    pub(super) fn number(&mut self, id: &Cell) -> u32 {
        let next = u32::try_from(self.0.len()).expect("fewer than 2^32 of one kind");
        let id = id.uuid().expect("a column of ids holds ids");
        *self.0.entry(id.as_u128()).or_insert(next)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Texts, each as the number in which it first appeared.
#[derive(Debug, Default)]
pub(super) struct Texts {
    numbers: Map<String, u32>,
    texts: Vec<String>,
}

impl Texts {
    /// The number of a text.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("fewer than 2^32 of one kind");
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }

    /// The number of a text that appeared already.
    pub(super) fn known(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The text of a number.
    pub(super) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }
}

/// Where a row stands on both axes, and the event that opened it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edges {
    pub(super) from: i32,
    pub(super) until: i32,
    pub(super) known_from: u32,
    pub(super) known_until: u32,
    pub(super) opened_by: u32,
}

impl Edges {
    pub(super) fn of(row: &Row) -> Self {
        Self {
            from: day_number(row.valid_from),
            until: row.valid_until.map_or(OPEN, day_number),
            known_from: known(row.known_from),
            known_until: row.known_until.map_or(STILL, known),
            opened_by: known(row.opened_by),
        }
    }

    pub(super) fn holds(&self, point: Point) -> bool {
        self.from <= point.day
            && point.day < self.until
            && self.known_from <= point.known_at
            && point.known_at < self.known_until
    }
}

/// The rows of one small table.
#[derive(Debug)]
pub(super) struct Rectangles<T>(Vec<(Edges, T)>);

impl<T> Default for Rectangles<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy> Rectangles<T> {
    /// Takes a row in, in the order of the table; gives its place.
    pub(super) fn open(&mut self, edges: Edges, is: T) -> usize {
        self.0.push((edges, is));
        self.0.len() - 1
    }

    /// The place of a row that is known still.
    pub(super) fn find(&self, known_from: u32, opened_by: u32) -> Option<usize> {
        let first = self.0.partition_point(|(edges, _)| edges.known_from < known_from);
        let same = self.0[first..].iter().take_while(|(edges, _)| edges.known_from == known_from);
        let found =
            |(edges, _): &(Edges, T)| edges.opened_by == opened_by && edges.known_until == STILL;
        Some(first + same.clone().position(found)?)
    }

    /// Closes the row at a place.
    pub(super) fn close(&mut self, place: usize, known_until: u32) {
        self.0[place].0.known_until = known_until;
    }

    /// The row at a place.
    pub(super) fn get(&self, place: usize) -> (Edges, T) {
        self.0[place]
    }

    /// What holds at a place on both axes, in the order of the table.
    pub(super) fn holding(&self, point: Point) -> impl Iterator<Item = &T> {
        self.0.iter().filter(move |(edges, _)| edges.holds(point)).map(|(_, is)| is)
    }

    /// What is known at a position, with its first day and the first day after.
    pub(super) fn known(&self, known_at: u32) -> impl Iterator<Item = (i32, i32, &T)> {
        let is_known =
            move |edges: &Edges| edges.known_from <= known_at && known_at < edges.known_until;
        let known = self.0.iter().filter(move |(edges, _)| is_known(edges));
        known.map(|(edges, is)| (edges.from, edges.until, is))
    }
}

/// Which places belong to each number, the last one first.
#[derive(Debug, Default)]
pub(super) struct Chains {
    last: Vec<u32>,
    before: Vec<u32>,
}

impl Chains {
    /// The next place belongs to a number.
    pub(super) fn push(&mut self, number: u32) {
        let index = number as usize;
        if self.last.len() <= index {
            self.last.resize(index + 1, NONE);
        }
        let place = u32::try_from(self.before.len()).expect("fewer than 2^32 rows");
        self.before.push(std::mem::replace(&mut self.last[index], place));
    }

    /// The places of a number.
    pub(super) fn of(&self, number: u32) -> impl Iterator<Item = usize> {
        let some = |place: u32| (place != NONE).then_some(place as usize);
        let last = self.last.get(number as usize).copied().unwrap_or(NONE);
        std::iter::successors(some(last), move |place| some(self.before[*place]))
    }
}
