//! Tables of projections: plain SQL with stable names, made from the columns that a projection
//! names as data.

use events::Position;
use projections::{Cell, CellRef, ColumnKind, Digest, Filter, Op, Row, RowRef, Table};
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Statement, params_from_iter};

use super::append::Ledger;
use super::cells::{Asking, Ids, Numbers, date, id_as_kept, text};
use super::fault::Fault;
use super::generations::counting_index;
use super::values::{Asked, integer, position, unsigned};
use crate::store::asked::{column_names, find};
use crate::store::day::Day;
use crate::store::error::NoSuchRow;
use crate::store::plan::Trouble;
use crate::store::seeded::{Fault as Bug, planted};
use crate::store::{Digested, Generation, Progressed, ProjectionStep, StoreError};

/// Writes a projection's changes, if it still stands where they begin.
pub(super) fn project(
    ledger: &Ledger<'_>,
    numbers: &mut Numbers,
    step: &ProjectionStep,
) -> Result<(), Trouble<Fault>> {
    let table = step.table;
    match step.from {
        None => {
            ledger.make(table, Generation::Serving)?;
            ledger.make_view(table)?;
            ledger.drop_summary_of(table)?;
        }
        Some(position) => {
            let wanted = Progressed { version: table.version, position };
            if ledger.projected(table)? != Some(wanted) {
                return Err(Trouble::Refused(StoreError::Conflict(table.name.to_owned())));
            }
        }
    }
    if planted(Bug::PositionStoredBeforeRows) {
        ledger.keep_projected(table, Generation::Serving, step.until)?;
        ledger.commit_midway()?;
    }
    // An index is built out of many rows much faster than it is kept up with them.
    let is_first = step.from == Some(Position(0)) && step.ops.len() >= INDEXED_LATER_MIN;
    if is_first {
        ledger.drop_indexes(table)?;
    }
    ledger.change(table, Generation::Serving, numbers, &step.ops)?;
    if is_first {
        ledger.make_indexes(table, Generation::Serving)?;
    }
    if planted(Bug::ProjectionStepTwice) && !step.ops.is_empty() {
        return Ok(());
    }
    Ok(ledger.keep_projected(table, Generation::Serving, step.until)?)
}

/// From so many changes on a table that has no rows yet gets its indexes after its rows.
const INDEXED_LATER_MIN: usize = 1_000;

impl Ledger<'_> {
    /// How far a projection has come.
    pub(super) fn projected(&self, table: &Table) -> Result<Option<Progressed>, Fault> {
        self.progressed(table, Generation::Serving)
    }

    /// How far a generation of a projection has come.
    pub(super) fn progressed(
        &self,
        table: &Table,
        generation: Generation,
    ) -> Result<Option<Progressed>, Fault> {
        const SQL: &str = "SELECT version, position FROM projections WHERE name = ?1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found = statement.query_row([generation.name(table)], read).optional()?;
        let Some((version, at)) = found else { return Ok(None) };
        Ok(Some(Progressed { version, position: position(at)? }))
    }

    /// Keeps how far a generation of a projection has come.
    pub(super) fn keep_projected(
        &self,
        table: &Table,
        generation: Generation,
        until: Position,
    ) -> Result<(), Fault> {
        const SQL: &str = "INSERT INTO projections (name, version, position) \
            VALUES (?1, ?2, ?3) ON CONFLICT (name) \
            DO UPDATE SET version = excluded.version, position = excluded.position";
        let row = (generation.name(table), table.version, integer(until.0));
        self.conn.prepare_cached(SQL)?.execute(row)?;
        Ok(())
    }

    /// Writes changes into a generation of a projection's table.
    pub(super) fn change(
        &self,
        table: &'static Table,
        generation: Generation,
        numbers: &mut Numbers,
        ops: &[Op],
    ) -> Result<(), Fault> {
        let standing = generation.standing(table);
        let mut open = self.conn.prepare_cached(&open_sql(table, &standing))?;
        let mut close = self.conn.prepare_cached(&close_sql(&standing))?;
        for op in ops {
            match op {
                Op::Open(row) => self.open(table, &mut open, numbers, row)?,
                Op::Close { known_from, opened_by, line, known_until } => {
                    let (from, by) = (integer(known_from.0), integer(opened_by.0));
                    let key = (from, by, line, integer(known_until.0));
                    if close.execute(key)? != 1 {
                        let (known_from, opened_by) = (known_from.0, opened_by.0);
                        let table = table.name;
                        return Err(NoSuchRow { table, known_from, opened_by, line: *line }.into());
                    }
                }
            }
        }
        Ok(())
    }

    /// Inserts a row; its texts are bound as they lie.
    fn open(
        &self,
        table: &Table,
        statement: &mut Statement<'_>,
        numbers: &mut Numbers,
        row: &Row,
    ) -> Result<(), Fault> {
        let known = |position: Option<Position>| position.map(|position| integer(position.0));
        for (index, (column, cell)) in (1..).zip(table.columns.iter().zip(&row.cells)) {
            let number = match (column.kind, cell) {
                (ColumnKind::Id, cell) => numbers.number(self, cell, row.known_from)?,
                (ColumnKind::Text | ColumnKind::Number, _) => None,
            };
            match number {
                Some(number) => statement.raw_bind_parameter(index, number)?,
                None => statement.raw_bind_parameter(index, cell.as_text())?,
            }
        }
        let first = row.cells.len() + 1;
        statement.raw_bind_parameter(first, Day::from(row.valid_from))?;
        statement.raw_bind_parameter(first + 1, row.valid_until.map(Day::from))?;
        statement.raw_bind_parameter(first + 2, integer(row.known_from.0))?;
        statement.raw_bind_parameter(first + 3, known(row.known_until))?;
        statement.raw_bind_parameter(first + 4, integer(row.opened_by.0))?;
        statement.raw_bind_parameter(first + 5, known(row.closed_by))?;
        statement.raw_bind_parameter(first + 6, row.line)?;
        statement.raw_execute()?;
        Ok(())
    }

    pub(super) fn rows(
        &self,
        table: &'static Table,
        filter: &Filter,
        only: &[(&'static str, Cell)],
        ids: &Ids,
    ) -> Result<Vec<Row>, Fault> {
        for (column, _) in only {
            find(table, column)?;
        }
        // One snapshot for the projection's position and its rows.
        let tx = self.conn.unchecked_transaction()?;
        let Some(stands_at) = self.stands_at(table)? else { return Ok(Vec::new()) };
        let mut asked = Asked::new(filter, stands_at);
        for (name, cell) in only {
            match (cell.as_text(), find(table, name)?.kind) {
                (None, _) => asked.and(&format!("\"{name}\" IS NULL"), []),
                (Some(_), ColumnKind::Id) => {
                    asked.and(&format!("\"{name}\" IN (?, ?)"), self.forms_of(cell)?);
                }
                (Some(text), ColumnKind::Text | ColumnKind::Number) => {
                    asked.and(&format!("\"{name}\" = ?"), [text.to_owned().into()]);
                }
            }
        }
        let names = column_names(table).join(", ");
        let sql = format!(
            "SELECT {names} FROM {} WHERE {} ORDER BY known_from, opened_by, line",
            Generation::Serving.standing(table),
            asked.condition
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(asked.values))?;
        let (mut rows, mut ids) = (Vec::new(), ids.asking());
        while let Some(row) = found.next()? {
            rows.push(self.read(table, row, &mut ids)?);
        }
        drop(found);
        drop(statement);
        tx.finish()?;
        Ok(rows)
    }

    /// What a generation of a projection holds, in one number.
    pub(super) fn digested(
        &self,
        table: &'static Table,
        generation: Generation,
        position: Position,
    ) -> Result<Digested, Fault> {
        let (names, standing) = (column_names(table).join(", "), generation.standing(table));
        let sql = format!("SELECT {names} FROM {standing} ORDER BY known_from, opened_by, line");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut found = statement.query([])?;
        let (mut rows, mut digest) = (0, Digest::new(table, position));
        while let Some(row) = found.next()? {
            self.take(table, row, &mut digest)?;
            rows += 1;
        }
        Ok(Digested { position, rows, digest: digest.finish() })
    }

    /// Where the projection stands; `None` while no rows of this version are there.
    pub(super) fn stands_at(&self, table: &Table) -> Result<Option<Position>, Fault> {
        let projected = self.projected(table)?;
        Ok(projected.filter(|p| p.version == table.version).map(|p| p.position))
    }

    /// Takes a row into a digest as it lies.
    fn take(
        &self,
        table: &Table,
        row: &rusqlite::Row<'_>,
        digest: &mut Digest,
    ) -> Result<(), Fault> {
        let mut cells = Vec::with_capacity(table.columns.len());
        for (index, column) in table.columns.iter().enumerate() {
            let value = row.get_ref(index)?;
            cells.push(match (column.kind, value) {
                (ColumnKind::Id, value) => id_as_kept(self, value)?,
                (_, ValueRef::Null) => CellRef::Empty,
                (ColumnKind::Text, value) => CellRef::Text(text(value)?),
                (ColumnKind::Number, _) => CellRef::Number(unsigned(row.get(index)?)?),
            });
        }
        let first = cells.len();
        let known = |index: usize| row.get::<_, Option<i64>>(index)?.map(position).transpose();
        digest.row_ref(RowRef {
            cells: &cells,
            valid_from: date(row, first)?.ok_or(NO_FIRST_DAY)?,
            valid_until: date(row, first + 1)?,
            known_from: position(row.get(first + 2)?)?,
            known_until: known(first + 3)?,
            opened_by: position(row.get(first + 4)?)?,
            closed_by: known(first + 5)?,
            line: row.get(first + 6)?,
        });
        Ok(())
    }

    fn read(
        &self,
        table: &Table,
        row: &rusqlite::Row<'_>,
        ids: &mut Asking<'_>,
    ) -> Result<Row, Fault> {
        let mut cells = Vec::with_capacity(table.columns.len());
        for (index, column) in table.columns.iter().enumerate() {
            cells.push(self.cell(column.kind, row.get_ref(index)?, ids)?);
        }
        let first = cells.len();
        let known = |index: usize| row.get::<_, Option<i64>>(index)?.map(position).transpose();
        Ok(Row {
            cells,
            valid_from: date(row, first)?.ok_or(NO_FIRST_DAY)?,
            valid_until: date(row, first + 1)?,
            known_from: position(row.get(first + 2)?)?,
            known_until: known(first + 3)?,
            opened_by: position(row.get(first + 4)?)?,
            closed_by: known(first + 5)?,
            line: row.get(first + 6)?,
        })
    }

    pub(super) fn cell(
        &self,
        kind: ColumnKind,
        value: ValueRef<'_>,
        ids: &mut Asking<'_>,
    ) -> Result<Cell, Fault> {
        Ok(match (kind, value) {
            (ColumnKind::Id, value) => ids.cell(self, value)?,
            (_, ValueRef::Null) => Cell::Empty,
            (_, ValueRef::Integer(number)) => Cell::Text(number.to_string()),
            (_, value) => Cell::Text(text(value)?.to_owned()),
        })
    }
}

/// The statement that counts. What is known now is counted in the index alone, if it has the
/// column; the planner, without statistics, would rather sort whole rows. Otherwise the table is
/// read as it lies, row by row: SQLite sorts what it groups, and to follow an index is to jump
/// about in the table.
pub(super) fn count_sql(table: &Table, column: &str, asked: &Asked, mark: &str) -> String {
    let (name, condition) = (Generation::Serving.standing(table), &asked.condition);
    match counting(table, column, asked, mark) {
        None => format!("SELECT \"{column}\", 1 FROM {name} WHERE {condition}"),
        Some(by) => format!(
            "SELECT \"{column}\", count(*) FROM {name}{by} WHERE {condition} \
             GROUP BY \"{column}\""
        ),
    }
}

/// Names the index that answers alone what is asked about a column, if there is one.
pub(super) fn counting(table: &Table, column: &str, asked: &Asked, mark: &str) -> Option<String> {
    let counted = table.columns.iter().any(|known| known.counted && known.name == column);
    let by = || format!(" INDEXED BY \"{}\"", counting_index(table, mark, column));
    (asked.now && counted).then(by)
}

fn open_sql(table: &Table, standing: &str) -> String {
    let names = column_names(table);
    let marks = vec!["?"; names.len()].join(", ");
    format!("INSERT INTO {standing} ({}) VALUES ({marks})", names.join(", "))
}

fn close_sql(standing: &str) -> String {
    format!(
        "UPDATE {standing} SET known_until = ?4 WHERE known_from = ?1 AND opened_by = ?2 \
         AND line = ?3 AND known_until IS NULL"
    )
}

pub(super) const NO_FIRST_DAY: Fault =
    Fault::Damaged { position: None, what: "a row of a projection has no first day" };

#[cfg(test)]
mod tests {
    use events::LedgerId;
    use projections::{At, Column, DayRule};
    use rusqlite::Connection;

    use super::super::generations::{indexes, table_sql};
    use super::*;

    static TABLE: Table = Table {
        name: "homes",
        version: 1,
        question: "Who is at home where?",
        columns: &[
            Column::id("person").indexed(),
            Column::id("branch").indexed().counted(),
            Column::text("title").optional(),
        ],
    };

    fn with_table(swaps: usize, check: impl Fn(&Ledger<'_>)) {
        let (next, serving, former) = (Generation::Next, Generation::Serving, Generation::Former);
        let conn = Connection::open_in_memory().unwrap();
        let ledger = Ledger { conn: &conn, id: LedgerId(uuid::Uuid::nil()) };
        conn.execute_batch("CREATE TABLE projections (name)").unwrap();
        ledger.make(&TABLE, serving).unwrap();
        for _ in 0..swaps {
            ledger.make(&TABLE, next).unwrap();
            ledger.drop_generation(&TABLE, former).unwrap();
            ledger.rename(&TABLE, serving, former).unwrap();
            ledger.rename(&TABLE, next, serving).unwrap();
        }
        check(&ledger);
    }

    fn plan_of(ledger: &Ledger<'_>, column: &str, known_at: u64) -> String {
        let at = At {
            valid_on: jiff::civil::date(2024, 2, 29),
            known_at: Position(known_at),
            day_rule: DayRule::EndOfDay,
        };
        let asked = Asked::new(&Filter::Holding(at), Position(9));
        let sql = count_sql(&TABLE, column, &asked, ledger.mark(&TABLE).unwrap());
        let mut statement = ledger.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines = statement.query_map(params_from_iter(asked.values), |row| row.get(3)).unwrap();
        lines.collect::<Result<Vec<String>, _>>().unwrap().join("; ")
    }

    #[test]
    fn what_is_known_now_is_counted_in_the_index_alone() {
        for (swaps, mark) in [(0, ""), (1, "_2"), (2, "_3"), (3, "")] {
            let covering =
                format!("SCAN main.homes_rows USING COVERING INDEX homes{mark}_now_branch");
            with_table(swaps, |ledger| {
                assert_eq!(plan_of(ledger, "branch", 9), covering);
                assert_eq!(plan_of(ledger, "branch", 10), covering);
            });
        }
    }

    #[test]
    fn what_was_known_earlier_is_counted_in_the_table() {
        with_table(0, |ledger| {
            let plan = plan_of(ledger, "branch", 8);
            let in_table = "SEARCH main.homes_rows USING PRIMARY KEY (known_from<?)";
            assert!(plan.starts_with(in_table), "{plan}");
        });
    }

    #[test]
    fn a_table_that_was_swapped_in_stands_in_the_schema_as_it_was_made() {
        with_table(1, |ledger| {
            let made = |name: &str| ledger.made_as(name).unwrap();
            assert_eq!(made("homes_rows"), Some(table_sql(&TABLE, Generation::Serving)));
            for index in indexes(&TABLE, "homes_rows", "_2") {
                assert_eq!(made(&index.name), Some(index.sql));
            }
        });
    }
}
