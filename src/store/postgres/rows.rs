//! Rows of projections on their way into a table: few by a statement, many by COPY.

use std::collections::HashMap;

use events::{LedgerId, Position};
use projections::table::PLACE_COLUMNS;
use projections::{Cell, CellRef, ColumnKind, Op, Place, Row, RowRef, Table};
use sqlx::PgConnection;

use super::fault::{Fault, damaged};
use super::generations::{Generation, type_of};
use super::values::{days, integer, position};
use crate::store::asked::column_names;
use crate::store::error::NoSuchRow;

/// Up to so many rows are inserted by a statement: one way to the server and back instead of two.
const FEW: usize = 200;

/// How many bytes COPY sends at once.
pub(super) const COPIED: usize = 1 << 20;

/// About how many bytes a row has there.
const ROW: usize = 256;

/// A row, and until when it was known so.
type Opened<'a> = (&'a Row, Option<Position>);

/// A row of before, and until when it was known so.
type Closed = (Place, Position);

/// Changes by what they come to: rows as they end up, and rows of before that are closed.
struct Sorted<'a> {
    opened: Vec<Opened<'a>>,
    closed: Vec<Closed>,
}

/// A row that these changes open and close again is written once.
fn sorted(ops: &[Op]) -> Sorted<'_> {
    let mut sorted = Sorted { opened: Vec::with_capacity(ops.len()), closed: Vec::new() };
    let mut open: HashMap<Place, usize> = HashMap::new();
    for op in ops {
        match op {
            Op::Open(row) => {
                if row.known_until.is_none() {
                    open.insert(row.place(), sorted.opened.len());
                }
                sorted.opened.push((row, row.known_until));
            }
            Op::Close { known_from, opened_by, line, known_until } => {
                let key = (*known_from, *opened_by, *line);
                match open.remove(&key) {
                    Some(index) => sorted.opened[index].1 = Some(*known_until),
                    None => sorted.closed.push((key, *known_until)),
                }
            }
        }
    }
    sorted
}

/// Writes changes into a generation of a projection's table.
pub(super) async fn change(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &'static Table,
    generation: Generation,
    ops: &[Op],
) -> Result<(), Fault> {
    let changes = sorted(ops);
    if !changes.closed.is_empty() {
        close(conn, ledger, table, generation, &changes.closed).await?;
    }
    match changes.opened.len() {
        0 => Ok(()),
        1..=FEW => insert(conn, ledger, table, generation, &changes.opened).await,
        _ => copy(conn, ledger, table, generation, &changes.opened).await,
    }
}

/// Closes rows that are open.
async fn close(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &'static Table,
    generation: Generation,
    closed: &[Closed],
) -> Result<(), Fault> {
    let sql = format!(
        "UPDATE \"{}\" AS row SET known_until = new.until \
         FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) \
         AS new (known_from, opened_by, line, until) \
         WHERE row.ledger = $1 AND row.known_from = new.known_from \
         AND row.opened_by = new.opened_by AND row.line = new.line AND row.known_until IS NULL \
         RETURNING row.known_from, row.opened_by, row.line",
        generation.name(table)
    );
    let found: Vec<(i64, i64, i64)> = sqlx::query_as(&sql)
        .bind(ledger.0)
        .bind(closed.iter().map(|((from, ..), _)| integer(from.0)).collect::<Vec<_>>())
        .bind(closed.iter().map(|((_, by, _), _)| integer(by.0)).collect::<Vec<_>>())
        .bind(closed.iter().map(|((.., line), _)| i64::from(*line)).collect::<Vec<_>>())
        .bind(closed.iter().map(|(_, until)| integer(until.0)).collect::<Vec<_>>())
        .fetch_all(conn)
        .await?;
    if found.len() == closed.len() {
        return Ok(());
    }
    // One that is missing, or is closed twice.
    let mut left: HashMap<Place, usize> = HashMap::new();
    for (from, by, line) in found {
        let line = u32::try_from(line).unwrap_or_default();
        *left.entry((position(from)?, position(by)?, line)).or_default() += 1;
    }
    for (key, _) in closed {
        match left.get_mut(key).filter(|left| **left > 0) {
            Some(left) => *left -= 1,
            None => {
                let (known_from, opened_by, line) = (key.0.0, key.1.0, key.2);
                return Err(NoSuchRow { table: table.name, known_from, opened_by, line }.into());
            }
        }
    }
    Ok(())
}

/// The values of the columns that every table has, as text.
fn place(row: &Row, known_until: Option<Position>) -> [Option<String>; 7] {
    let number = |position: Option<Position>| position.map(|position| position.0.to_string());
    [
        Some(row.valid_from.to_string()),
        row.valid_until.map(|day| day.to_string()),
        number(Some(row.known_from)),
        number(known_until),
        number(Some(row.opened_by)),
        number(row.closed_by),
        Some(row.line.to_string()),
    ]
}

/// What the texts of the columns that every table has are read as.
const PLACE_TYPES: [&str; 7] = ["date", "date", "bigint", "bigint", "bigint", "bigint", "bigint"];

async fn insert(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &'static Table,
    generation: Generation,
    rows: &[Opened<'_>],
) -> Result<(), Fault> {
    let types = table.columns.iter().map(|column| type_of(column.kind)).chain(PLACE_TYPES);
    let reads: Vec<String> =
        types.enumerate().map(|(index, name)| format!("new.c{index}::{name}")).collect();
    let names = column_names(table);
    let arrays: Vec<String> = (0..names.len()).map(|it| format!("${}::text[]", it + 2)).collect();
    let aliases: Vec<String> = (0..names.len()).map(|index| format!("c{index}")).collect();
    let sql = format!(
        "INSERT INTO \"{}\" (ledger, {}) SELECT $1, {} FROM unnest({}) AS new ({})",
        generation.name(table),
        names.join(", "),
        reads.join(", "),
        arrays.join(", "),
        aliases.join(", ")
    );
    let mut statement = sqlx::query(&sql).bind(ledger.0);
    for index in 0..table.columns.len() {
        let cells = rows.iter().map(|(row, _)| row.cells[index].as_text());
        statement = statement.bind(cells.collect::<Vec<_>>());
    }
    let places: Vec<_> = rows.iter().map(|(row, until)| place(row, *until)).collect();
    for index in 0..PLACE_TYPES.len() {
        let texts = places.iter().map(|place| place[index].as_deref());
        statement = statement.bind(texts.collect::<Vec<_>>());
    }
    statement.execute(conn).await?;
    Ok(())
}

async fn copy(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &'static Table,
    generation: Generation,
    rows: &[Opened<'_>],
) -> Result<(), Fault> {
    let mut copied = Copied::new(rows.len() * ROW);
    for (row, known_until) in rows {
        let cells: Vec<CellRef<'_>> = row.cells.iter().map(Into::into).collect();
        let known_until = *known_until;
        copied.add(ledger, table, RowRef { known_until, ..row.as_it_lies(&cells) })?;
    }
    let mut copying = conn.copy_in_raw(&copy_sql(table, generation, false)).await?;
    for piece in copied.end().chunks(COPIED) {
        copying.send(piece).await?;
    }
    copying.finish().await?;
    Ok(())
}

/// The statement that takes rows as [`Copied`] writes them.
pub(super) fn copy_sql(table: &Table, generation: Generation, frozen: bool) -> String {
    let (name, names) = (generation.name(table), column_names(table).join(", "));
    let frozen = if frozen { ", FREEZE" } else { "" };
    format!("COPY \"{name}\" (ledger, {names}) FROM STDIN (FORMAT binary{frozen})")
}

/// Rows of a projection in the binary form of COPY.
pub(super) struct Copied(Vec<u8>);

impl Copied {
    /// Of none yet, with room for so many bytes.
    pub(super) fn new(room: usize) -> Self {
        const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
        let mut bytes = Vec::with_capacity(HEAD.len() + room);
        bytes.extend(HEAD);
        Self(bytes)
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is there so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Forgets what was sent.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes a row of a table.
    pub(super) fn add(
        &mut self,
        ledger: LedgerId,
        table: &Table,
        row: RowRef<'_>,
    ) -> Result<(), Fault> {
        let columns = i16::try_from(1 + table.columns.len() + PLACE_COLUMNS.len());
        let columns = columns.map_err(|_| damaged("a table of so many columns"))?;
        self.0.extend(columns.to_be_bytes());
        self.value(Some(ledger.0.as_bytes()));
        for (cell, column) in row.cells.iter().zip(table.columns) {
            match (cell, column.kind) {
                (CellRef::Empty, _) => self.value(None),
                (cell, ColumnKind::Id) => {
                    let id = cell.uuid().ok_or_else(|| damaged("an id is none"))?;
                    self.value(Some(id.as_bytes()));
                }
                (CellRef::Number(number), ColumnKind::Number) => self.number(integer(*number)),
                (CellRef::Text(digits), ColumnKind::Number) => {
                    self.number(digits.parse().map_err(|_| damaged("a number is none"))?);
                }
                (CellRef::Text(text), ColumnKind::Text) => self.value(Some(text.as_bytes())),
                (CellRef::Number(_), ColumnKind::Text)
                | (CellRef::Id(_), ColumnKind::Text | ColumnKind::Number) => {
                    return Err(damaged("a value of another kind than its column"));
                }
            }
        }
        let day = |day| days(day).to_be_bytes();
        self.value(Some(&day(row.valid_from)));
        self.value(row.valid_until.map(day).as_ref().map(<[u8; 4]>::as_slice));
        self.number(integer(row.known_from.0));
        self.position(row.known_until);
        self.number(integer(row.opened_by.0));
        self.position(row.closed_by);
        self.number(i64::from(row.line));
        Ok(())
    }

    /// A value after its length; the length of none is less than nothing.
    fn value(&mut self, value: Option<&[u8]>) {
        let length = value.map_or(-1, |value| i32::try_from(value.len()).unwrap_or(i32::MAX));
        self.0.extend(length.to_be_bytes());
        self.0.extend(value.unwrap_or_default());
    }

    fn number(&mut self, number: i64) {
        self.value(Some(&number.to_be_bytes()));
    }

    fn position(&mut self, position: Option<Position>) {
        match position {
            Some(position) => self.number(integer(position.0)),
            None => self.value(None),
        }
    }

    /// All of it.
    pub(super) fn end(mut self) -> Vec<u8> {
        const END: i16 = -1;
        self.0.extend(END.to_be_bytes());
        self.0
    }
}

/// A cell out of its text.
pub(super) fn cell(text: Option<&str>) -> Cell {
    text.map_or(Cell::Empty, |text| Cell::Text(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_after_its_length_and_none_has_none() {
        let mut copied = Copied::new(0);
        let head = copied.0.len();
        copied.0.extend([0, 3]);
        copied.value(Some(b"ab"));
        copied.value(Some(b""));
        copied.value(None);
        let row = [0, 3, 0, 0, 0, 2, b'a', b'b', 0, 0, 0, 0, 255, 255, 255, 255];
        assert_eq!(copied.0[head..], row);
        assert_eq!(copied.end()[head + row.len()..], [255, 255]);
    }

    #[test]
    fn days_are_counted_from_the_first_of_january_2000() {
        for (day, count) in [((2000, 1, 1), 0), ((1999, 12, 31), -1), ((2024, 2, 29), 8_825)] {
            let day = jiff::civil::date(day.0, day.1, day.2);
            assert_eq!(days(day), count);
            assert_eq!(super::super::values::day_of(&count.to_be_bytes()), Some(day));
        }
    }
}
