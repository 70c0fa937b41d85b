//! How many members there were on any day, by branch and by the years of their birth: as changes
//! from day to day that are added up, so that nobody has to meet every member to answer.
//!
//! What is known of a person is a few changes. So a summary of what was known at one position and
//! all that is known of those about whom something was recorded since, as of both positions, are
//! the summary as of the later one.

mod kept;
pub mod people;

use std::collections::BTreeMap;

use events::Date;
use foldhash::HashMap;
use uuid::Uuid;

use crate::ages::Ages;
use crate::table::{Cell, Table, id};
use crate::{birth_bands, likenesses, memberships, timeline};

pub use kept::Piece;
pub use people::{People, Told};

/// Raised when what is kept means something else, or lies otherwise; then it is made anew.
pub const VERSION: u32 = 1;

/// The tables out of which it is made. The last one says about whom something was recorded.
pub const TABLES: &[&Table] =
    &[birth_bands::TABLE, likenesses::TABLE, memberships::TABLE, timeline::TABLE];

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// Memberships that are at home at a branch, which goes by its number.
    Branch(u32),
    /// Members who were born in the five years from one on; none where it is not known.
    Born(Option<u16>),
}

/// That there are more or fewer from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delta {
    /// The day.
    pub day: Date,
    /// Of what.
    pub counted: Counted,
    /// By how many.
    pub by: i32,
}

/// What changes from day to day. Two that come to the same are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The branches that it tells of, in their order.
    branches: Vec<Uuid>,
    /// By day; one for each number that changes.
    deltas: Vec<Delta>,
}

impl Changes {
    /// Adds up what some deltas say of branches that go by their places in a list, in which one may
    /// stand twice.
    #[must_use]
    pub fn of(branches: &[Uuid], mut deltas: Vec<Delta>) -> Self {
        let mut ids = branches.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let place = |id| number(ids.binary_search(id).expect("it was put there"));
        let places: Vec<u32> = branches.iter().map(place).collect();
        renumber(deltas.iter_mut().map(|delta| &mut delta.counted), &places);
        deltas.sort_unstable();
        deltas.dedup_by(|next, sum| {
            let is_same = (next.day, next.counted) == (sum.day, sum.counted);
            // What was altered by hand may come to anything, and is no reason to fail.
            sum.by = sum.by.wrapping_add(if is_same { next.by } else { 0 });
            is_same
        });
        deltas.retain(|delta| delta.by != 0);
        let (branches, places) = used(&ids, deltas.iter().map(|delta| delta.counted));
        renumber(deltas.iter_mut().map(|delta| &mut delta.counted), &places);
        Self { branches, deltas }
    }

    /// How many deltas there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.deltas.len()
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.deltas.is_empty()
    }

    /// All of them together.
    #[must_use]
    pub fn sum(all: &[Self]) -> Self {
        Self::signed(all.iter().map(|changes| (changes, 1)))
    }

    /// Both together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::signed([(self, 1), (other, 1)])
    }

    /// What is left when another one is taken away.
    #[must_use]
    pub fn less(&self, other: &Self) -> Self {
        Self::signed([(self, 1), (other, -1)])
    }

    fn signed<'a>(all: impl IntoIterator<Item = (&'a Self, i32)>) -> Self {
        let (mut branches, mut deltas) = (Vec::new(), Vec::new());
        for (changes, sign) in all {
            let before = number(branches.len());
            branches.extend(&changes.branches);
            deltas.extend(changes.deltas.iter().map(|delta| Delta {
                counted: match delta.counted {
                    Counted::Branch(branch) => Counted::Branch(before + branch),
                    born @ Counted::Born(_) => born,
                },
                by: delta.by.wrapping_mul(sign),
                ..*delta
            }));
        }
        Self::of(&branches, deltas)
    }
}

/// A place in a list as a number.
fn number(place: usize) -> u32 {
    u32::try_from(place).expect("memory holds fewer branches")
}

/// The branches that are counted, and for each of all branches its place among them.
fn used(ids: &[Uuid], counted: impl Iterator<Item = Counted>) -> (Vec<Uuid>, Vec<u32>) {
    let mut is_used = vec![false; ids.len()];
    for counted in counted {
        if let Counted::Branch(branch) = counted {
            is_used[branch as usize] = true;
        }
    }
    let (mut branches, mut places) = (Vec::new(), Vec::with_capacity(ids.len()));
    for (id, is_used) in ids.iter().zip(is_used) {
        places.push(number(branches.len()));
        branches.extend(is_used.then_some(*id));
    }
    (branches, places)
}

fn renumber<'a>(all: impl Iterator<Item = &'a mut Counted>, places: &[u32]) {
    for counted in all {
        if let Counted::Branch(branch) = counted {
            *branch = places[*branch as usize];
        }
    }
}

/// The numbers of a day.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    branches: HashMap<Uuid, i64>,
    born: BTreeMap<Option<u16>, i64>,
}

impl Counts {
    /// Adds what a piece comes to when a day ends.
    pub fn add(&mut self, piece: &Piece, on: Date) {
        let Piece { counts, changes } = piece;
        let until = changes.deltas.partition_point(|delta| delta.day <= on);
        let changed = changes.deltas[..until].iter();
        let changed = changed.map(|delta| (delta.counted, i64::from(delta.by)));
        let mut branches = vec![0; changes.branches.len()];
        let more = |count: &mut i64, by| *count = count.wrapping_add(by);
        for (counted, by) in counts.iter().copied().chain(changed) {
            match counted {
                Counted::Branch(branch) => more(&mut branches[branch as usize], by),
                Counted::Born(born) => more(self.born.entry(born).or_default(), by),
            }
        }
        for (id, by) in changes.branches.iter().zip(branches) {
            more(self.branches.entry(*id).or_default(), by);
        }
    }

    /// How many memberships are at home at each branch that has any, in the order of their ids;
    /// `None` if what was added is no summary.
    #[must_use]
    pub fn by_branch(&self) -> Option<Vec<(Cell, u64)>> {
        let mut counts = Vec::with_capacity(self.branches.len());
        for (branch, count) in self.branches.iter().filter(|(_, count)| **count != 0) {
            counts.push((id(*branch), u64::try_from(*count).ok()?));
        }
        counts.sort_unstable();
        Some(counts)
    }

    /// How many members there are, by the years of their birth; `None` if what was added is no
    /// summary.
    #[must_use]
    pub fn ages(&self) -> Option<Ages> {
        let some = self.born.iter().filter(|(_, count)| **count != 0);
        some.map(|(born, count)| Some((*born, u64::try_from(*count).ok()?))).collect()
    }
}

#[cfg(test)]
mod tests;
