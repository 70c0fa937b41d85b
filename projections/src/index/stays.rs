//! Every stay of a membership at a branch that was ever known, in columns: millions of them are
//! gone through for one answer.

use super::columns::{Edges, Point, STILL};

/// How many stays are looked at together: what is found of them stays close to the processor.
const BLOCK: usize = 4_096;

/// The stays, in the order in which they became known.
#[derive(Debug, Default)]
pub(super) struct Stays {
    known_from: Vec<u32>,
    known_until: Vec<u32>,
    opened_by: Vec<u32>,
    from: Vec<i32>,
    until: Vec<i32>,
    branch: Vec<u32>,
    person: Vec<u32>,
}

/// One stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stay {
    pub(super) branch: u32,
    pub(super) person: u32,
    pub(super) from: i32,
    pub(super) until: i32,
}

impl Stays {
    /// Takes a stay in, in the order of the table.
    pub(super) fn open(&mut self, edges: Edges, (branch, person): (u32, u32)) {
        self.known_from.push(edges.known_from);
        self.known_until.push(edges.known_until);
        self.opened_by.push(edges.opened_by);
        self.from.push(edges.from);
        self.until.push(edges.until);
        self.branch.push(branch);
        self.person.push(person);
    }

    /// The place of a stay that is known still.
    pub(super) fn find(&self, known_from: u32, opened_by: u32) -> Option<usize> {
        let first = self.known_from.partition_point(|known| *known < known_from);
        let same = self.known_from[first..].iter().take_while(|known| **known == known_from);
        (first..)
            .zip(same)
            .map(|(place, _)| place)
            .find(|place| self.opened_by[*place] == opened_by && self.known_until[*place] == STILL)
    }

    /// Closes the stay at a place.
    pub(super) fn close(&mut self, place: usize, known_until: u32) {
        self.known_until[place] = known_until;
    }

    /// The stay at a place.
    pub(super) fn get(&self, place: usize) -> Stay {
        Stay {
            branch: self.branch[place],
            person: self.person[place],
            from: self.from[place],
            until: self.until[place],
        }
    }

    /// The stay at a place, if it is known still.
    pub(super) fn still(&self, place: usize) -> Option<Stay> {
        (self.known_until[place] == STILL).then(|| self.get(place))
    }

    /// How many stays hold at each of so many branches.
    pub(super) fn by_branch(&self, point: Point, branches: usize) -> Vec<u64> {
        let mut counts = vec![0; branches];
        self.each_block(point, |first, held| {
            // Adding nothing is quicker than finding out whether there is something to add.
            for (branch, held) in self.branch[first..].iter().zip(held) {
                counts[*branch as usize] += u64::from(*held);
            }
        });
        counts
    }

    /// The person of every stay that holds.
    pub(super) fn persons(&self, point: Point, mut take: impl FnMut(u32)) {
        self.each_block(point, |first, held| {
            for (person, _) in self.person[first..].iter().zip(held).filter(|(_, held)| **held > 0)
            {
                take(*person);
            }
        });
    }

    /// Every stay that is known at a position.
    pub(super) fn known(&self, known_at: u32) -> impl Iterator<Item = Stay> {
        let end = self.known_from.partition_point(|known| *known <= known_at);
        let known = (0..end).filter(move |place| known_at < self.known_until[*place]);
        known.map(|place| self.get(place))
    }

    /// Which stays hold, block by block: the first place of each, and a one where one holds.
    fn each_block(&self, point: Point, mut take: impl FnMut(usize, &[u8])) {
        let end = self.known_from.partition_point(|known| *known <= point.known_at);
        let mut held = [0; BLOCK];
        for first in (0..end).step_by(BLOCK) {
            let block = first..end.min(first + BLOCK);
            let held = &mut held[..block.len()];
            let known_until = &self.known_until[block.clone()];
            let days = self.from[block.clone()].iter().zip(&self.until[block]);
            // Without a branch, so that several are compared at once.
            for ((held, known_until), (from, until)) in held.iter_mut().zip(known_until).zip(days) {
                *held = u8::from(point.known_at < *known_until)
                    & u8::from(*from <= point.day)
                    & u8::from(point.day < *until);
            }
            take(first, held);
        }
    }
}
