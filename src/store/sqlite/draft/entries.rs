//! The entries of an index, brought into its order. As many as fit into a part of memory are
//! sorted at once and laid aside; in the end the parts are merged.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;

use projections::CellRef;
use uuid::fmt::Hyphenated;

use crate::files::beside;

/// How many entries are sorted at once.
const PART_MAX: usize = 1 << 17;

/// Above all numbers: what comes first in the entry is a text.
const TEXT: u64 = u64::MAX;

/// The entries of an index.
pub(super) struct Entries {
    /// Where parts are laid aside, one file each.
    aside: PathBuf,
    parts: Vec<PathBuf>,
    part_max: usize,
    keys: Vec<Key>,
    records: Vec<u8>,
}

/// What an entry is sorted by, and then as it came.
#[derive(Debug, Default, Clone, Copy)]
struct Key {
    /// What comes first in it.
    first: u64,
    /// What comes next.
    second: u64,
    /// Where its record lies among all of the part.
    at: usize,
    length: u32,
    /// How much of the record is the text that comes first.
    text: u32,
}

/// An entry that comes next out of a part.
struct Head {
    key: Key,
    record: Vec<u8>,
    part: usize,
    rest: BufReader<File>,
}

/// A cell as a number that has its place among others; texts come last, in an order of their own.
pub(super) fn rank(cell: CellRef<'_>) -> u64 {
    match cell {
        CellRef::Empty => 0,
        CellRef::Number(number) => number.saturating_add(1).min(TEXT - 1),
        CellRef::Text(_) | CellRef::Id(_) => TEXT,
    }
}

/// The text in a record that begins with it.
fn text(record: &[u8], length: u32) -> &[u8] {
    let from = usize::from(record[0]);
    &record[from..from + length as usize]
}

fn compare((one, of_one): (&Key, &[u8]), (other, of_other): (&Key, &[u8])) -> Ordering {
    let texts = || {
        if one.first < TEXT {
            return Ordering::Equal;
        }
        text(of_one, one.text).cmp(text(of_other, other.text))
    };
    let first = one.first.cmp(&other.first).then_with(texts);
    first.then(one.second.cmp(&other.second))
}

impl Entries {
    /// Begins with none; parts are laid aside in files of this name with a number.
    pub(super) fn new(aside: PathBuf) -> Self {
        let (parts, keys, records) = (Vec::new(), Vec::new(), Vec::new());
        Self { aside, parts, part_max: PART_MAX, keys, records }
    }

    /// Takes an entry: the cell that comes first in it, what it is sorted by next, and its record.
    /// Of those that are the same in both the one that comes first stays first.
    pub(super) fn add(
        &mut self,
        cell: CellRef<'_>,
        second: u64,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        if self.keys.len() == self.part_max {
            self.lay_aside()?;
        }
        let at = self.records.len();
        write(&mut self.records);
        let length = (self.records.len() - at) as u32;
        let text = match cell {
            CellRef::Empty | CellRef::Number(_) => 0,
            CellRef::Text(text) => text.len() as u32,
            CellRef::Id(_) => Hyphenated::LENGTH as u32,
        };
        self.keys.push(Key { first: rank(cell), second, at, length, text });
        Ok(())
    }

    fn sort(&mut self) {
        if self.keys.iter().all(|key| key.first < TEXT) {
            // Most indexes are of numbers alone, which are compared without a look at the records.
            return self.keys.sort_unstable_by_key(|key| (key.first, key.second, key.at));
        }
        let records = &self.records;
        self.keys.sort_unstable_by(|one, other| {
            let (of_one, of_other) = (&records[one.at..], &records[other.at..]);
            compare((one, of_one), (other, of_other)).then(one.at.cmp(&other.at))
        });
    }

    fn each_here(&self, mut take: impl FnMut(&Key, &[u8]) -> io::Result<()>) -> io::Result<()> {
        self.keys
            .iter()
            .try_for_each(|key| take(key, &self.records[key.at..key.at + key.length as usize]))
    }

    fn lay_aside(&mut self) -> io::Result<()> {
        self.sort();
        let path = beside(&self.aside, &format!("-{}", self.parts.len()));
        let mut file = BufWriter::with_capacity(1 << 18, File::create(&path)?);
        self.parts.push(path);
        self.each_here(|key, record| {
            file.write_all(&key.first.to_le_bytes())?;
            file.write_all(&key.second.to_le_bytes())?;
            file.write_all(&key.length.to_le_bytes())?;
            file.write_all(&key.text.to_le_bytes())?;
            file.write_all(record)
        })?;
        self.keys.clear();
        self.records.clear();
        file.flush()
    }

    /// Gives all records in the order of the index.
    pub(super) fn each(mut self, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        if self.parts.is_empty() {
            self.sort();
            return self.each_here(|_, record| take(record));
        }
        self.lay_aside()?;
        let mut heads = BinaryHeap::with_capacity(self.parts.len());
        for (part, path) in self.parts.iter().enumerate() {
            let rest = BufReader::with_capacity(1 << 17, File::open(path)?);
            let mut head = Head { key: Key::default(), record: Vec::new(), part, rest };
            if head.next()? {
                heads.push(Reverse(head));
            }
        }
        while let Some(mut head) = heads.peek_mut() {
            take(&head.0.record)?;
            if !head.0.next()? {
                PeekMut::pop(head);
            }
        }
        drop(heads);
        self.parts.iter().try_for_each(fs::remove_file)
    }
}

impl Head {
    /// Takes the next entry of the part; `false` if there is none.
    fn next(&mut self) -> io::Result<bool> {
        if self.rest.fill_buf()?.is_empty() {
            return Ok(false);
        }
        let (mut long, mut short) = ([0; 8], [0; 4]);
        let mut read_long = |rest: &mut BufReader<File>| {
            rest.read_exact(&mut long).map(|()| u64::from_le_bytes(long))
        };
        self.key.first = read_long(&mut self.rest)?;
        self.key.second = read_long(&mut self.rest)?;
        let mut read_short = |rest: &mut BufReader<File>| {
            rest.read_exact(&mut short).map(|()| u32::from_le_bytes(short))
        };
        self.key.length = read_short(&mut self.rest)?;
        self.key.text = read_short(&mut self.rest)?;
        self.record.resize(self.key.length as usize, 0);
        self.rest.read_exact(&mut self.record)?;
        Ok(true)
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Entries that are the same to the index stay in the order of their parts.
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        let one = (&self.key, &self.record[..]);
        compare(one, (&other.key, &other.record)).then(self.part.cmp(&other.part))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::trees::{Value, write_record};
    use super::*;

    #[test]
    fn entries_come_in_the_order_of_the_index_however_many_parts_there_are() {
        let cells = [
            CellRef::Text("b"),
            CellRef::Number(7),
            CellRef::Empty,
            CellRef::Text("ab"),
            CellRef::Number(0),
            CellRef::Text(""),
            CellRef::Text("a"),
            CellRef::Number(u64::MAX),
            CellRef::Id(Uuid::from_u128(0xaa << 120)),
        ];
        let sorted = [2_u8, 4, 1, 7, 5, 6, 8, 3, 0];
        let folder = tempfile::tempdir().unwrap();
        for (part_max, texts) in [1, 3, 7, 100].into_iter().flat_map(|it| [(it, true), (it, false)])
        {
            let is_text = |cell: &CellRef<'_>| matches!(cell, CellRef::Text(_) | CellRef::Id(_));
            let is_there = |cell: &CellRef<'_>| texts || !is_text(cell);
            let mut entries = Entries::new(folder.path().join("entries"));
            entries.part_max = part_max;
            let thrice = (0..).zip(cells.iter().chain(&cells).chain(&cells));
            for (order, cell) in thrice.filter(|(_, cell)| is_there(cell)) {
                let first = match *cell {
                    CellRef::Empty => Value::Null,
                    CellRef::Number(number) => Value::Integer(number as i64),
                    CellRef::Text(text) => Value::Text(text),
                    CellRef::Id(id) => Value::Id(id),
                };
                let second = if order < 18 { 2 } else { 1 };
                let write = |bytes: &mut Vec<u8>| {
                    write_record(bytes, &[first, Value::Integer(order)]);
                    bytes.push(order as u8);
                };
                entries.add(*cell, second, write).unwrap();
            }
            let mut found = Vec::new();
            let take = |record: &[u8]| {
                found.push(*record.last().unwrap());
                Ok(())
            };
            entries.each(take).unwrap();
            let expected = sorted.iter().filter(|cell| is_there(&cells[usize::from(**cell)]));
            let expected = expected.flat_map(|cell| [18 + cell, *cell, 9 + cell]);
            assert_eq!(found, expected.collect::<Vec<u8>>(), "{part_max} {texts}");
        }
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "nothing is left behind");
    }
}
