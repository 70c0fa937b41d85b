//! Rows of projections on their way into a table: few by a statement, many by COPY.

use std::collections::HashMap;

use events::{LedgerId, Position};
use projections::table::PLACE_COLUMNS;
use projections::{Cell, ColumnKind, Op, Row, Table};
use sqlx::PgConnection;

use super::fault::Fault;
use super::generations::Generation;
use super::values::{integer, position};
use crate::store::error::NoSuchRow;

/// Up to so many rows are inserted by a statement: one way to the server and back instead of two.
const FEW: usize = 200;

/// How many bytes COPY sends at once.
const COPIED: usize = 1 << 20;

/// `known_from`, `opened_by` and `line`.
type Key = (Position, Position, u32);

/// Changes by what they come to: rows as they end up, and rows of before that are closed.
struct Sorted<'a> {
    opened: Vec<(&'a Row, Option<Position>)>,
    closed: Vec<(Key, Position)>,
}

/// A row that these changes open and close again is written once.
fn sorted(ops: &[Op]) -> Sorted<'_> {
    let mut sorted = Sorted { opened: Vec::with_capacity(ops.len()), closed: Vec::new() };
    let mut open: HashMap<Key, usize> = HashMap::new();
    for op in ops {
        match op {
            Op::Open(row) => {
                if row.known_until.is_none() {
                    open.insert((row.known_from, row.opened_by, row.line), sorted.opened.len());
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

async fn close(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &'static Table,
    generation: Generation,
    closed: &[(Key, Position)],
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
    let mut left: HashMap<Key, usize> = HashMap::new();
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

fn type_of(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Id | ColumnKind::Text => "text",
        ColumnKind::Number => "bigint",
    }
}

/// The names of a table's columns after `ledger`, quoted.
pub(super) fn column_names(table: &Table) -> Vec<String> {
    let own = table.columns.iter().map(|column| column.name);
    own.chain(PLACE_COLUMNS.iter().copied()).map(|name| format!("\"{name}\"")).collect()
}

async fn insert(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &'static Table,
    generation: Generation,
    rows: &[(&Row, Option<Position>)],
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
    rows: &[(&Row, Option<Position>)],
) -> Result<(), Fault> {
    let names = column_names(table).join(", ");
    let sql = format!("COPY \"{}\" (ledger, {names}) FROM STDIN", generation.name(table));
    let mut copying = conn.copy_in_raw(&sql).await?;
    let ledger = ledger.0.to_string();
    let mut text = String::with_capacity(COPIED + COPIED / 8);
    for (row, known_until) in rows {
        text.push_str(&ledger);
        for cell in &row.cells {
            text.push('\t');
            push(&mut text, cell.as_text());
        }
        for value in place(row, *known_until) {
            text.push('\t');
            push(&mut text, value.as_deref());
        }
        text.push('\n');
        if text.len() >= COPIED {
            copying.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    copying.send(text.as_bytes()).await?;
    copying.finish().await?;
    Ok(())
}

/// A value in the text form of COPY.
fn push(text: &mut String, value: Option<&str>) {
    let Some(value) = value else { return text.push_str("\\N") };
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
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
    fn what_separates_values_is_none_in_them() {
        let mut text = String::new();
        push(&mut text, Some("a\tb\\N\nc\rß"));
        assert_eq!(text, "a\\tb\\\\N\\nc\\rß");
        text.clear();
        push(&mut text, None);
        assert_eq!(text, "\\N");
    }
}
