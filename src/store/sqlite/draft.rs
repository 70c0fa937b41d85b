//! A draft as a table of SQLite with its indexes, in a file of its own, out of which SQLite copies
//! rows and entries as they lie, in their order.

mod entries;
mod trees;

use std::io;
use std::path::{Path, PathBuf};

use projections::{CellRef, Table};
use rusqlite::Connection;

use self::entries::Entries;
use self::trees::{PAGE, Pages, Tree, Value, write_record};
use super::fault::Fault;
use super::generations::{indexes, table_sql};
use super::values::integer;
use crate::store::Generation;
use crate::store::drafts::{Drafts, Drawn};

/// Makes a draft a table with its indexes, in a file of its own in a folder.
pub(super) fn make(
    drafts: &Drafts,
    table: &'static Table,
    folder: &Path,
) -> Result<PathBuf, Fault> {
    let path = folder.join(table.name);
    let roots = make_empty(&path, table)?;
    let mut pages = Pages::open(&path)?;
    let mut roots = roots.into_iter();
    let mut next_root = || roots.next().ok_or(NO_ROOT);
    let columns = || table.columns.iter().enumerate();
    let indexed = columns().filter(|(_, column)| column.indexed);
    let counted = columns().filter(|(_, column)| column.counted);
    let indexes = indexed.map(|(at, _)| (at, false)).chain(counted.map(|(at, _)| (at, true)));
    let entries = |(number, (at, counts))| {
        (at, counts, Entries::new(folder.join(format!("{}-{number}", table.name))))
    };
    let mut indexes: Vec<(usize, bool, Entries)> = indexes.enumerate().map(entries).collect();
    let mut tree = Tree::new(&mut pages, next_root()?);
    let mut record = Vec::new();
    let mut rows = drafts.rows(table)?;
    while !rows.is_over() {
        rows.block(|row| -> Result<(), Fault> {
            record.clear();
            write_row(&mut record, row);
            tree.add(&record)?;
            for (at, counts, entries) in &mut indexes {
                if !*counts {
                    entry(entries, row, *at)?;
                } else if row.known_until.is_none() {
                    counting_entry(entries, row, *at)?;
                }
            }
            Ok(())
        })?;
    }
    tree.end()?;
    for (_, _, entries) in indexes {
        let mut tree = Tree::new(&mut pages, next_root()?);
        entries.each(|record| tree.add(record))?;
        tree.end()?;
    }
    pages.end()?;
    Ok(path)
}

const NO_ROOT: Fault = Fault::Damaged { position: None, what: "a draft has no such index" };

/// Lets SQLite make the table without rows; gives the roots of its trees: that of the table, and
/// then those of its indexes.
fn make_empty(path: &Path, table: &Table) -> Result<Vec<u32>, Fault> {
    let conn = Connection::open(path)?;
    conn.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    conn.pragma_update(None, "page_size", PAGE as i64)?;
    let standing = Generation::Next.rows(table);
    let indexes = indexes(table, &standing, "");
    conn.execute_batch(&table_sql(table, Generation::Next))?;
    for index in &indexes {
        conn.execute_batch(&index.sql)?;
    }
    let mut statement = conn.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?1")?;
    let names = [&standing].into_iter().chain(indexes.iter().map(|index| &index.name));
    let roots = names.map(|name| statement.query_row([name], |row| row.get(0)));
    let roots = roots.collect::<Result<_, _>>()?;
    drop(statement);
    conn.close().map_err(|(_, error)| error)?;
    Ok(roots)
}

fn value<'a>(cell: CellRef<'a>) -> Value<'a> {
    match cell {
        CellRef::Empty => Value::Null,
        CellRef::Number(number) => Value::Integer(integer(number)),
        CellRef::Text(text) => Value::Text(text),
        CellRef::Id(id) => Value::Id(id),
    }
}

/// What names a row, in the order of the table's key.
fn place(row: &Drawn<'_>) -> [Value<'static>; 3] {
    let [known_from, opened_by] = [row.known_from, row.opened_by].map(|at| integer(at.0));
    [known_from, opened_by, row.line.into()].map(Value::Integer)
}

/// A row as SQLite keeps it: what names it first, and then the other columns in their order.
fn write_row(bytes: &mut Vec<u8>, row: &Drawn<'_>) {
    let known = |at: Option<events::Position>| Value::from(at.map(|at| integer(at.0)));
    let mut values = Vec::with_capacity(row.cells.len() + 7);
    values.extend(place(row));
    values.extend(row.cells.iter().map(|cell| value(*cell)));
    values.extend([
        Value::Integer(row.valid_from.number()),
        row.valid_until.map(|day| day.number()).into(),
        known(row.known_until),
        known(row.closed_by),
    ]);
    write_record(bytes, &values);
}

/// An entry of the index by which rows are looked up.
fn entry(entries: &mut Entries, row: &Drawn<'_>, column: usize) -> io::Result<()> {
    let cell = row.cells[column];
    let [known_from, opened_by, line] = place(row);
    let values = [value(cell), known_from, opened_by, line];
    entries.add(cell, 0, |bytes| write_record(bytes, &values))
}

/// An entry of the index in which rows that are known now are counted.
fn counting_entry(entries: &mut Entries, row: &Drawn<'_>, column: usize) -> io::Result<()> {
    let cell = row.cells[column];
    let [known_from, opened_by, line] = place(row);
    let (from, until) = (row.valid_from.number(), row.valid_until.map(|day| day.number()));
    let until_value = until.into();
    let values =
        [value(cell), until_value, Value::Integer(from), Value::Null, known_from, opened_by, line];
    // Days have the order of their numbers, and none comes before all of them.
    let place = |day: i64| (day - i64::from(i32::MIN)) as u64;
    let second = until.map_or(0, place) << 32 | place(from);
    entries.add(cell, second, |bytes| write_record(bytes, &values))
}

#[cfg(test)]
mod tests {
    use events::{LedgerId, MembershipId, PersonId, Position};
    use projections::table::{cell, id};
    use projections::{Cell, Op, Row, membership_states, memberships};
    use uuid::Uuid;

    use super::*;
    use crate::store::drafts::Ids;
    use crate::store::sqlite::append::Ledger;
    use crate::store::sqlite::cells::Numbers;
    use crate::store::sqlite::file::immutable;
    use crate::store::sqlite::workshop::copy_sql;

    fn uuid(what: u128, number: u64) -> Uuid {
        Uuid::from_u128(what << 64 | u128::from(number))
    }

    /// Rows of both tables, some of which hold still.
    fn rows(table: &'static Table) -> Vec<Row> {
        let last = |number: u64| match (table == memberships::TABLE, number % 5) {
            (true, 0) => cell("nowhere"),
            (true, many) => id(PersonId(uuid(3, many))),
            (false, 0) => Cell::Empty,
            (false, many) => cell(format!("state-{many}")),
        };
        let numbers = 1..=3_000_u64;
        let rows =
            numbers.flat_map(|number| (0..number as u32 % 3).map(move |line| (number, line)));
        let row = |(number, line)| Row {
            cells: vec![
                id(MembershipId(uuid(1, number / 7))),
                id(PersonId(uuid(2, number * 31 % 100))),
                last(number),
            ],
            valid_from: jiff::civil::date(2020, 1, 1 + (number % 28) as i8),
            valid_until: (number % 4 == 0).then(|| jiff::civil::date(2021, 1, 1)),
            known_from: Position(number + 200),
            known_until: (number % 3 == 0).then(|| Position(number + 300)),
            opened_by: Position(number),
            closed_by: (number % 4 == 0).then_some(Position(number + 1)),
            line,
        };
        rows.map(row).collect()
    }

    /// The ids that have a number.
    fn opened() -> Vec<(events::StreamId, Position)> {
        let some = (1..=100).map(|number| (PersonId(uuid(2, number)).into(), Position(number)));
        let others =
            (1..=3).map(|number| (PersonId(uuid(3, number)).into(), Position(100 + number)));
        some.chain(others).collect()
    }

    #[test]
    fn it_is_the_table_that_sqlite_would_have_made_and_is_copied_as_it_lies() {
        for table in [memberships::TABLE, membership_states::TABLE] {
            let folder = tempfile::tempdir().unwrap();
            let drafts = Drafts::new(tempfile::tempfile().unwrap(), Ids::Numbered);
            drafts.tell(&opened());
            let ops: Vec<_> = rows(table).into_iter().map(Op::Open).collect();
            drafts.draw(table, &ops).unwrap();
            let made = make(&drafts, table, folder.path()).unwrap();

            let conn = Connection::open_in_memory().unwrap();
            let ledger = Ledger { conn: &conn, id: LedgerId(uuid(0, 0)) };
            conn.execute_batch(
                "CREATE TABLE projections (name);
                 CREATE TABLE events (position, aggregate_type, aggregate_id, sequence)",
            )
            .unwrap();
            let insert = "INSERT INTO events VALUES (?1, 'person', ?2, 1)";
            for (stream, at) in opened() {
                conn.execute(insert, (at.0 as i64, stream.id.to_string())).unwrap();
            }
            ledger.make(table, Generation::Serving).unwrap();
            ledger.change(table, Generation::Serving, &mut Numbers::default(), &ops).unwrap();
            ledger.make(table, Generation::Next).unwrap();
            let draft = immutable(&made);
            conn.execute("ATTACH ?1 AS draft", [draft.to_string_lossy()]).unwrap();
            let copy = copy_sql(table, Generation::Next);
            let mut explained = conn.prepare(&format!("EXPLAIN {copy}")).unwrap();
            let codes = explained.query_map([], |row| row.get(1)).unwrap();
            let codes: Vec<String> = codes.collect::<Result<_, _>>().unwrap();
            // Where the table is empty; where it is not, other codes come after these.
            let as_they_lie = codes.iter().filter(|code| *code == "RowData").count();
            let trees = 1 + indexes(table, "", "").len();
            assert_eq!(as_they_lie, trees, "it takes rows or entries apart: {codes:?}");
            conn.execute_batch(&copy).unwrap();

            for database in ["main", "draft"] {
                let sql = format!("PRAGMA {database}.integrity_check");
                let found: String = conn.query_row(&sql, [], |row| row.get(0)).unwrap();
                assert_eq!(found, "ok", "{database}: {}", table.name);
            }
            let [next, serving] = [Generation::Next, Generation::Serving]
                .map(|generation| ledger.digested(table, generation, Position(9)).unwrap());
            assert_eq!(next, serving);
            let differing = format!(
                "SELECT count(*) FROM (SELECT * FROM {0} EXCEPT SELECT * FROM {1})",
                Generation::Next.standing(table),
                Generation::Serving.standing(table)
            );
            let differing: i64 = conn.query_row(&differing, [], |row| row.get(0)).unwrap();
            assert_eq!((next.rows, differing), (ops.len() as u64, 0));
            assert_eq!(drafts.digested(table, Position(9)).unwrap(), next);
        }
    }
}
