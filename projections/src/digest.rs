//! What does a table hold, in one number?
//!
//! A live table and a rebuilt one have the same digest at the same position. So do two ledgers with
//! the same history: ids are random, so each counts as the number in which it first appears. Who is
//! who is covered, what a random source made is not.

use events::{Date, Position};
use foldhash::HashMap;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::table::{self, Cell, ColumnKind, Row, Table, written};

/// The digest of a table under way: SHA-256 over its name, version and position, then every row.
///
/// Texts come after their length, rows and what may be absent after a mark, so that no two tables
/// are the same bytes.
pub struct Digest {
    table: &'static Table,
    hash: Sha256,
    /// The number of every id so far: those that are written as UUIDs are, those that an engine
    /// keeps as numbers of its own, and any others.
    ids: HashMap<u128, u64>,
    kept_ids: Kept,
    other_ids: HashMap<String, u64>,
    /// The bytes of one row, so that they are hashed at once.
    row: Vec<u8>,
}

/// The numbers of ids that an engine keeps as numbers of its own. Those are small, being positions,
/// so most have a place of their own, and nothing has to be searched for.
#[derive(Default)]
struct Kept {
    near: Vec<u64>,
    far: HashMap<u64, u64>,
    count: usize,
}

/// How many places there are at most, to bound memory.
const NEAR_MAX: usize = 1 << 23;

/// More than any number: a place that has none.
const NONE: u64 = u64::MAX;

impl Kept {
    /// The number of an id; the one given, if it is new.
    fn number(&mut self, kept: u64, next: u64) -> u64 {
        let number = match usize::try_from(kept) {
            Ok(kept) if kept < NEAR_MAX => {
                if self.near.len() <= kept {
                    self.near.resize((kept + 1).next_power_of_two(), NONE);
                }
                let place = &mut self.near[kept];
                *place = next.min(*place);
                *place
            }
            _ => *self.far.entry(kept).or_insert(next),
        };
        self.count += usize::from(number == next);
        number
    }
}

/// A cell as it lies somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellRef<'a> {
    /// Nothing.
    Empty,
    /// A text, or the digits of a number.
    Text(&'a str),
    /// A number; in a column of ids the one that an engine keeps for the id, and then always.
    Number(u64),
    /// An id.
    Id(Uuid),
}

impl<'a> From<Option<&'a str>> for CellRef<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }
}

impl CellRef<'_> {
    /// The id in it, if it is one that is written as ids are.
    #[must_use]
    pub fn uuid(&self) -> Option<Uuid> {
        match self {
            Self::Empty | Self::Number(_) => None,
            Self::Text(text) => written(text),
            Self::Id(id) => Some(*id),
        }
    }
}

impl Row {
    /// The same row, with its cells as they lie somewhere.
    #[must_use]
    pub fn as_it_lies<'a>(&self, cells: &'a [CellRef<'a>]) -> RowRef<'a> {
        RowRef {
            cells,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            known_from: self.known_from,
            known_until: self.known_until,
            opened_by: self.opened_by,
            closed_by: self.closed_by,
            line: self.line,
        }
    }
}

impl<'a> From<&'a Cell> for CellRef<'a> {
    fn from(cell: &'a Cell) -> Self {
        match cell {
            Cell::Empty => Self::Empty,
            Cell::Id(id) => Self::Id(id.id()),
            Cell::Text(text) => Self::Text(text),
            Cell::Name(text) => Self::Text(text),
        }
    }
}

impl From<CellRef<'_>> for Cell {
    fn from(cell: CellRef<'_>) -> Self {
        match cell {
            CellRef::Empty => Self::Empty,
            CellRef::Text(text) => Self::Text(text.to_owned()),
            CellRef::Number(number) => Self::Text(number.to_string()),
            CellRef::Id(id) => table::id(id),
        }
    }
}

/// A row as it lies somewhere.
#[derive(Debug, Clone, Copy)]
pub struct RowRef<'a> {
    /// The domain columns, in the table's order.
    pub cells: &'a [CellRef<'a>],
    /// The first day.
    pub valid_from: Date,
    /// The first day after.
    pub valid_until: Option<Date>,
    /// The first position at which it was known so.
    pub known_from: Position,
    /// The first position at which it was no longer known so.
    pub known_until: Option<Position>,
    /// The event that opened it.
    pub opened_by: Position,
    /// The event that closed it in valid time.
    pub closed_by: Option<Position>,
    /// Which of several rows that one event opens at once.
    pub line: u32,
}

impl Digest {
    /// Begins the digest of a table as it stands at a position.
    #[must_use]
    pub fn new(table: &'static Table, position: Position) -> Self {
        let mut digest = Self {
            table,
            hash: Sha256::new(),
            ids: HashMap::default(),
            kept_ids: Kept::default(),
            other_ids: HashMap::default(),
            row: Vec::new(),
        };
        digest.text(table.name);
        digest.row.extend(table.version.to_be_bytes());
        digest.position(position);
        digest.take_row();
        digest
    }

    /// Takes the next row in the order of (`known_from`, `opened_by`, `line`).
    pub fn row(&mut self, row: &Row) {
        let cells: Vec<CellRef<'_>> = row.cells.iter().map(Into::into).collect();
        self.row_ref(row.as_it_lies(&cells));
    }

    /// The same for a row that is taken as it lies.
    pub fn row_ref(&mut self, row: RowRef<'_>) {
        self.row.push(b'r');
        for (column, cell) in self.table.columns.iter().zip(row.cells) {
            match (cell, column.kind) {
                (CellRef::Empty, _) => self.row.push(b'-'),
                (CellRef::Text(id), ColumnKind::Id) => {
                    let number = self.number_of(id);
                    self.id(number);
                }
                (CellRef::Id(id), _) => {
                    let next = self.next();
                    let number = *self.ids.entry(id.as_u128()).or_insert(next);
                    self.id(number);
                }
                (CellRef::Number(kept), ColumnKind::Id) => {
                    let next = self.next();
                    let number = self.kept_ids.number(*kept, next);
                    self.id(number);
                }
                (CellRef::Text(text), ColumnKind::Text | ColumnKind::Number) => {
                    self.row.push(b't');
                    self.text(text);
                }
                (CellRef::Number(number), ColumnKind::Text | ColumnKind::Number) => {
                    self.row.push(b't');
                    self.text(&number.to_string());
                }
            }
        }
        self.date(row.valid_from);
        self.optional(row.valid_until, Self::date);
        self.position(row.known_from);
        self.optional(row.known_until, Self::position);
        self.position(row.opened_by);
        self.optional(row.closed_by, Self::position);
        self.row.extend(row.line.to_be_bytes());
        self.take_row();
    }

    /// The digest of the rows taken.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.hash.finalize().into()
    }

    fn take_row(&mut self) {
        self.hash.update(&self.row);
        self.row.clear();
    }

    /// The number of the next id that appears.
    fn next(&self) -> u64 {
        (self.ids.len() + self.kept_ids.count + self.other_ids.len()) as u64
    }

    fn number_of(&mut self, id: &str) -> u64 {
        let next = self.next();
        match written(id) {
            Some(id) => *self.ids.entry(id.as_u128()).or_insert(next),
            None => {
                let known = self.other_ids.get(id).copied();
                known.unwrap_or_else(|| *self.other_ids.entry(id.to_owned()).or_insert(next))
            }
        }
    }

    fn id(&mut self, number: u64) {
        self.row.push(b'i');
        self.row.extend(number.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.row.extend((text.len() as u64).to_be_bytes());
        self.row.extend(text.as_bytes());
    }

    fn date(&mut self, date: Date) {
        self.row.extend(date.year().to_be_bytes());
        self.row.extend([date.month().unsigned_abs(), date.day().unsigned_abs()]);
    }

    fn position(&mut self, position: Position) {
        self.row.extend(position.0.to_be_bytes());
    }

    fn optional<T>(&mut self, value: Option<T>, update: fn(&mut Self, T)) {
        match value {
            None => self.row.push(b'-'),
            Some(value) => {
                self.row.push(b'+');
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
    fn ids_of_any_form_are_told_apart() {
        let mut row = given::<Memberships>(&[admitted(1, M1, P1, A)]).known().remove(0);
        let mut digest = |ids: [&str; 3]| {
            row.cells = ids.map(cell).to_vec();
            digest(memberships::TABLE, 1, std::slice::from_ref(&row))
        };
        let (small, capital) =
            ("00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000A");
        let apart = digest(["x", small, "y"]);
        assert_eq!(apart, digest([small, capital, "00000000-0000-0000-0000-0000-0000000"]));
        assert_ne!(apart, digest([small, small, "y"]));
        assert_ne!(apart, digest(["x", small, "x"]));
    }

    #[test]
    fn an_id_counts_the_same_in_every_form_in_which_an_engine_keeps_it() {
        let rows = given::<Memberships>(&[admitted(1, M1, P1, A), admitted(1, M2, P2, A)]).known();
        let numbers = [[7, 8, 9], [4, 5, 9]].map(|ids| ids.map(CellRef::Number));
        let whole = |row: &Row| [0, 1, 2].map(|at| CellRef::Id(row.cells[at].uuid().unwrap()));
        for kept in [numbers, [whole(&rows[0]), whole(&rows[1])]] {
            assert_eq!(kept_as(&rows, &kept), digest(memberships::TABLE, 2, &rows));
        }
    }

    fn kept_as(rows: &[Row], kept: &[[CellRef<'_>; 3]]) -> [u8; 32] {
        let mut digest = Digest::new(memberships::TABLE, Position(2));
        for (row, cells) in rows.iter().zip(kept) {
            digest.row_ref(row.as_it_lies(cells));
        }
        digest.finish()
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
