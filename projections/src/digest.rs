//! What does a table hold, in one number?
//!
//! A live table and a rebuilt one have the same digest at the same position. So do two ledgers with
//! the same history: ids are random, so each counts as the number in which it first appears. Who is
//! who is covered, what a random source made is not.

use std::collections::HashMap;

use events::{Date, Position};
use sha2::{Digest as _, Sha256};

use crate::table::{Cell, ColumnKind, Row, Table};

/// The digest of a table under way: SHA-256 over its name, version and position, then every row.
///
/// Texts come after their length, rows and what may be absent after a mark, so that no two tables
/// are the same bytes.
pub struct Digest {
    table: &'static Table,
    hash: Sha256,
    /// The number of every id so far.
    ids: HashMap<String, u64>,
}

impl Digest {
    /// Begins the digest of a table as it stands at a position.
    #[must_use]
    pub fn new(table: &'static Table, position: Position) -> Self {
        let mut digest = Self { table, hash: Sha256::new(), ids: HashMap::new() };
        digest.text(table.name);
        digest.hash.update(table.version.to_be_bytes());
        digest.position(position);
        digest
    }

    /// Takes the next row in the order of (`known_from`, `opened_by`, `line`).
    pub fn row(&mut self, row: &Row) {
        self.hash.update(b"r");
        for (column, cell) in self.table.columns.iter().zip(&row.cells) {
            match (cell, column.kind) {
                (Cell::Empty, _) => self.hash.update(b"-"),
                (Cell::Text(id), ColumnKind::Id) => self.id(id),
                (Cell::Text(text), ColumnKind::Text | ColumnKind::Number) => {
                    self.hash.update(b"t");
                    self.text(text);
                }
            }
        }
        self.date(row.valid_from);
        self.optional(row.valid_until, Self::date);
        self.position(row.known_from);
        self.optional(row.known_until, Self::position);
        self.position(row.opened_by);
        self.optional(row.closed_by, Self::position);
        self.hash.update(row.line.to_be_bytes());
    }

    /// The digest of the rows taken.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.hash.finalize().into()
    }

    fn id(&mut self, id: &str) {
        let next = self.ids.len() as u64;
        let known = self.ids.get(id).copied();
        let number = known.unwrap_or_else(|| *self.ids.entry(id.to_owned()).or_insert(next));
        self.hash.update(b"i");
        self.hash.update(number.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.hash.update((text.len() as u64).to_be_bytes());
        self.hash.update(text);
    }

    fn date(&mut self, date: Date) {
        self.hash.update(date.year().to_be_bytes());
        self.hash.update([date.month().unsigned_abs(), date.day().unsigned_abs()]);
    }

    fn position(&mut self, position: Position) {
        self.hash.update(position.0.to_be_bytes());
    }

    fn optional<T>(&mut self, value: Option<T>, update: fn(&mut Self, T)) {
        match value {
            None => self.hash.update(b"-"),
            Some(value) => {
                self.hash.update(b"+");
                update(self, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::table::cell;
    use crate::{Branches, Memberships, branches, memberships};

    fn digest(table: &'static Table, position: u64, rows: &[Row]) -> [u8; 32] {
        let mut digest = Digest::new(table, Position(position));
        rows.iter().for_each(|row| digest.row(row));
        digest.finish()
    }

    #[test]
    fn other_ids_give_the_same_digest_and_another_structure_another() {
        let digest = |history: &[Happened]| {
            digest(memberships::TABLE, 2, &given::<Memberships>(history).known())
        };
        let apart = digest(&[admitted(1, M1, P1, A), admitted(1, M2, P2, B)]);
        assert_eq!(apart, digest(&[admitted(1, M2, P2, C), admitted(1, M1, P1, A)]));
        assert_ne!(apart, digest(&[admitted(1, M1, P1, A), admitted(1, M2, P2, A)]));
        assert_ne!(apart, digest(&[admitted(1, M1, P1, A), admitted(1, M2, P1, B)]));
    }

    #[test]
    fn every_part_of_a_row_counts() {
        let rows = given::<Branches>(&[formed(1, A, "Alpha", Some(B))]).known();
        let whole = digest(branches::TABLE, 1, &rows);
        let altered = |alter: fn(&mut Row)| {
            let mut rows = rows.clone();
            alter(&mut rows[0]);
            digest(branches::TABLE, 1, &rows)
        };
        let others = [
            digest(branches::TABLE, 2, &rows),
            digest(branches::TABLE, 1, &[]),
            digest(branches::TABLE, 1, &[rows.clone(), rows.clone()].concat()),
            altered(|row| row.cells[2] = cell("Beta")),
            altered(|row| row.cells[3] = cell("")),
            altered(|row| row.cells.swap(2, 4)),
            altered(|row| row.cells[5] = Cell::Empty),
            altered(|row| row.valid_from = day(2)),
            altered(|row| row.valid_until = Some(day(2))),
            altered(|row| row.known_from = Position(9)),
            altered(|row| row.known_until = Some(Position(9))),
            altered(|row| row.opened_by = Position(9)),
            altered(|row| row.closed_by = Some(Position(9))),
            altered(|row| row.line = 1),
        ];
        for (index, other) in others.iter().enumerate() {
            assert_ne!(*other, whole);
            assert!(!others[..index].contains(other), "the same as another one: {index}");
        }
    }

    #[test]
    fn a_digest_stays_what_it_was() {
        let rows = given::<Branches>(&[formed(1, A, "Alpha", Some(B))]).known();
        let hex: String = digest(branches::TABLE, 1, &rows)[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, "cd5d8d14c4d71f69");
    }
}
