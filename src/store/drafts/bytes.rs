//! How a row lies in a draft: as few bytes, since there are many rows.

use events::Position;
use projections::{CellRef, ColumnKind, Row, RowRef, Table};
use uuid::Uuid;

use super::{Flaw, UNREADABLE};
use crate::store::day::Day;

/// A row out of a draft.
#[derive(Default)]
pub(in crate::store) struct Drawn<'a> {
    /// The domain columns; an id as a number, if it has one.
    pub(in crate::store) cells: Vec<CellRef<'a>>,
    pub(in crate::store) valid_from: Day,
    pub(in crate::store) valid_until: Option<Day>,
    pub(in crate::store) known_from: Position,
    pub(in crate::store) known_until: Option<Position>,
    pub(in crate::store) opened_by: Position,
    pub(in crate::store) closed_by: Option<Position>,
    pub(in crate::store) line: u32,
}

impl Drawn<'_> {
    /// The row as it lies.
    pub(in crate::store) fn row_ref(&self) -> Result<RowRef<'_>, Flaw> {
        let until = self.valid_until.map(|day| day.date().ok_or(UNREADABLE)).transpose()?;
        Ok(RowRef {
            cells: &self.cells,
            valid_from: self.valid_from.date().ok_or(UNREADABLE)?,
            valid_until: until,
            known_from: self.known_from,
            known_until: self.known_until,
            opened_by: self.opened_by,
            closed_by: self.closed_by,
            line: self.line,
        })
    }
}

/// What a cell begins with: it is empty, a number, a text, or an id for which no number stands.
const EMPTY: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;
const ID: u8 = 3;

/// Writes a row; `numbers` gives what stands for each of its ids, if there is such a number.
pub(super) fn write_row(
    bytes: &mut Vec<u8>,
    table: &Table,
    row: &Row,
    numbers: &mut impl Iterator<Item = Option<u64>>,
) {
    for (column, cell) in table.columns.iter().zip(&row.cells) {
        let number = match column.kind {
            ColumnKind::Id => numbers.next().flatten(),
            ColumnKind::Number => cell.as_text().map(|_| cell.number()),
            ColumnKind::Text => None,
        };
        let id = || Some(cell).filter(|_| column.kind == ColumnKind::Id)?.uuid();
        if let Some(number) = number {
            bytes.push(NUMBER);
            write(bytes, number);
        } else if let Some(id) = id() {
            bytes.push(ID);
            bytes.extend(id.as_bytes());
        } else if let Some(text) = cell.as_text() {
            bytes.push(TEXT);
            write(bytes, text.len() as u64);
            bytes.extend(text.as_bytes());
        } else {
            bytes.push(EMPTY);
        }
    }
    let known = |position: Option<Position>| position.map_or(0, |position| position.0);
    bytes.extend(Day::from(row.valid_from).to_bytes());
    bytes.extend(row.valid_until.map_or(NO_DAY, |day| Day::from(day).to_bytes()));
    write(bytes, row.known_from.0);
    write(bytes, known(row.known_until));
    write(bytes, row.opened_by.0);
    write(bytes, known(row.closed_by));
    write(bytes, row.line.into());
}

/// The day of no date.
const NO_DAY: [u8; 4] = i32::MAX.to_le_bytes();

/// Writes a number, seven bits to a byte, the least ones first; all but the last byte have their
/// high bit set.
fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// What is left of a block.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a row; `None` if there is none.
    pub(super) fn row(&mut self, table: &Table, row: &mut Drawn<'a>) -> Option<()> {
        row.cells.clear();
        for _ in table.columns {
            row.cells.push(match self.byte()? {
                EMPTY => CellRef::Empty,
                NUMBER => CellRef::Number(self.number()?),
                TEXT => {
                    let length = usize::try_from(self.number()?).ok()?;
                    let (text, rest) = self.0.split_at_checked(length)?;
                    self.0 = rest;
                    CellRef::Text(std::str::from_utf8(text).ok()?)
                }
                ID => {
                    let (id, rest) = self.0.split_first_chunk()?;
                    self.0 = rest;
                    CellRef::Id(Uuid::from_bytes(*id))
                }
                _ => return None,
            });
        }
        row.valid_from = self.day()??;
        row.valid_until = self.day()?;
        row.known_from = Position(self.number()?);
        row.known_until = self.position()?;
        row.opened_by = Position(self.number()?);
        row.closed_by = self.position()?;
        row.line = u32::try_from(self.number()?).ok()?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
    }

    /// A position; `None` inside for none.
    fn position(&mut self) -> Option<Option<Position>> {
        Some(Some(self.number()?).filter(|number| *number > 0).map(Position))
    }

    /// A day; `None` inside for none.
    fn day(&mut self) -> Option<Option<Day>> {
        let (day, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some((*day != NO_DAY).then(|| Day::from_bytes(*day)))
    }
}
