//! A summary as it is kept: in pieces, of which one says what it came to before its first day, so
//! that a question takes one of them.

use std::collections::BTreeMap;

use events::Date;
use uuid::Uuid;

use super::{Changes, Counted, Delta, renumber, used};
use crate::ages::UNKNOWN;

/// At least so many deltas are in a piece, if there are so many.
const DELTAS_MIN: usize = 50_000;

/// Numbers from this one on are of branches; before it there is room for every year, and for none.
const BRANCHES: u32 = 1 << 16;

/// What was counted before some days, and what changes from there on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// How many there were before. Branches go by their places in that of the changes.
    pub(super) counts: Vec<(Counted, i64)>,
    /// What changes.
    pub(super) changes: Changes,
}

impl From<Changes> for Piece {
    /// A piece of all days.
    fn from(changes: Changes) -> Self {
        Self { counts: Vec::new(), changes }
    }
}

impl Changes {
    /// Cuts it into pieces, each with the first day of which it tells.
    #[must_use]
    pub fn pieces(&self) -> Vec<(Date, Piece)> {
        self.pieces_of(DELTAS_MIN)
    }

    pub(super) fn pieces_of(&self, deltas_min: usize) -> Vec<(Date, Piece)> {
        let mut counts: BTreeMap<Counted, i64> = BTreeMap::new();
        let (mut pieces, mut rest) = (Vec::new(), &self.deltas[..]);
        while let Some(first) = rest.first() {
            let last = rest[deltas_min.min(rest.len()) - 1].day;
            let (deltas, later) = rest.split_at(rest.partition_point(|it| it.day <= last));
            let before: Vec<(Counted, i64)> =
                counts.iter().map(|(counted, count)| (*counted, *count)).collect();
            pieces.push((first.day, Piece::of(&self.branches, before, deltas.to_vec())));
            for delta in deltas {
                let count = counts.entry(delta.counted).or_default();
                *count = count.wrapping_add(delta.by.into());
                if *count == 0 {
                    counts.remove(&delta.counted);
                }
            }
            rest = later;
        }
        pieces
    }
}

impl Piece {
    fn of(ids: &[Uuid], mut counts: Vec<(Counted, i64)>, mut deltas: Vec<Delta>) -> Self {
        let counted = counts.iter().map(|(counted, _)| *counted);
        let (branches, places) = used(ids, counted.chain(deltas.iter().map(|it| it.counted)));
        let counted = counts.iter_mut().map(|(counted, _)| counted);
        renumber(counted.chain(deltas.iter_mut().map(|it| &mut it.counted)), &places);
        Self { counts, changes: Changes { branches, deltas } }
    }

    /// What changes in it.
    #[must_use]
    pub fn changes(&self) -> Changes {
        // A branch of which there were some before need not change.
        Changes::of(&self.changes.branches, self.changes.deltas.clone())
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Changes { branches, deltas } = &self.changes;
        let mut bytes = Vec::new();
        for length in [branches.len(), self.counts.len(), deltas.len()] {
            bytes.extend((length as u64).to_le_bytes());
        }
        branches.iter().for_each(|id| bytes.extend(id.as_bytes()));
        for (counted, count) in &self.counts {
            bytes.extend(code(*counted).to_le_bytes());
            bytes.extend(count.to_le_bytes());
        }
        for Delta { day, counted, by } in deltas {
            bytes.extend(day.year().to_le_bytes());
            bytes.extend(day.month().to_le_bytes());
            bytes.extend(day.day().to_le_bytes());
            bytes.extend(code(*counted).to_le_bytes());
            bytes.extend(by.to_le_bytes());
        }
        bytes
    }

    /// The piece with these bytes, if they are those of one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        let mut length = || usize::try_from(u64::from_le_bytes(bytes.take()?)).ok();
        let [branches_len, counts_len, deltas_len] = [length()?, length()?, length()?];
        let sizes = [(branches_len, 16), (counts_len, 12), (deltas_len, 12)];
        let sizes = sizes.map(|(length, size)| length.checked_mul(size));
        let size = sizes.into_iter().try_fold(0_usize, |sum, size| sum.checked_add(size?))?;
        if bytes.0.len() != size {
            return None;
        }
        let branches: Option<Vec<Uuid>> =
            (0..branches_len).map(|_| Some(Uuid::from_bytes(bytes.take()?))).collect();
        let branches = branches?;
        let counted = |number| counted(number, branches.len());
        let mut counts = Vec::with_capacity(counts_len);
        for _ in 0..counts_len {
            let counted = counted(u32::from_le_bytes(bytes.take()?))?;
            counts.push((counted, i64::from_le_bytes(bytes.take()?)));
        }
        let mut deltas = Vec::with_capacity(deltas_len);
        for _ in 0..deltas_len {
            let year = i16::from_le_bytes(bytes.take()?);
            let [month, day] = bytes.take()?;
            let day = Date::new(year, i8::from_le_bytes([month]), i8::from_le_bytes([day])).ok()?;
            let counted = counted(u32::from_le_bytes(bytes.take()?))?;
            deltas.push(Delta { day, counted, by: i32::from_le_bytes(bytes.take()?) });
        }
        let is_sound = branches.is_sorted_by(|one, next| one < next)
            && deltas.is_sorted_by(|one, next| (one.day, one.counted) < (next.day, next.counted));
        is_sound.then_some(Self { counts, changes: Changes { branches, deltas } })
    }
}

fn code(counted: Counted) -> u32 {
    match counted {
        Counted::Born(born) => born.unwrap_or(UNKNOWN).into(),
        Counted::Branch(branch) => BRANCHES + branch,
    }
}

fn counted(code: u32, branches: usize) -> Option<Counted> {
    match u16::try_from(code) {
        Ok(year) => Some(Counted::Born(Some(year).filter(|year| *year != UNKNOWN))),
        Err(_) => Some(code - BRANCHES).filter(|it| (*it as usize) < branches).map(Counted::Branch),
    }
}

/// Bytes that are taken from the first on.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }
}
