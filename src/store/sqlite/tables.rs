//! Tables of projections: plain SQL with stable names, made from the columns that a projection
//! names as data.

use std::fmt::Write;

use events::{Date, Position};
use projections::table::PLACE_COLUMNS;
use projections::{At, Cell, ColumnKind, DayRule, Filter, Op, Period, Row, Table};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};

use super::append::Ledger;
use super::fault::Fault;
use super::values::{integer, position, unsigned};
use super::writer::Step;
use crate::store::error::{NoSuchColumn, NoSuchRow};
use crate::store::plan::Trouble;
use crate::store::{Progressed, StoreError};

/// Writes a projection's changes, if it still stands where they begin.
pub(super) fn project(ledger: &Ledger<'_>, step: &Step) -> Result<(), Trouble<Fault>> {
    let table = step.table;
    match step.from {
        None => ledger.conn.execute_batch(&definition(table)).map_err(Fault::from)?,
        Some(position) => {
            let wanted = Progressed { version: table.version, position };
            if ledger.projected(table)? != Some(wanted) {
                return Err(Trouble::Refused(StoreError::Conflict(table.name.to_owned())));
            }
        }
    }
    let (open, close) = (open_sql(table), close_sql(table));
    for op in &step.ops {
        match op {
            Op::Open(row) => ledger.open(&open, row)?,
            Op::Close { known_from, opened_by, line, known_until } => {
                let mut statement = ledger.conn.prepare_cached(&close).map_err(Fault::from)?;
                let (from, by) = (integer(known_from.0), integer(opened_by.0));
                let key = (ledger.id.0.as_bytes(), from, by, line, integer(known_until.0));
                if statement.execute(key).map_err(Fault::from)? != 1 {
                    let (known_from, opened_by) = (known_from.0, opened_by.0);
                    let row = NoSuchRow { table: table.name, known_from, opened_by, line: *line };
                    return Err(Trouble::Fault(row.into()));
                }
            }
        }
    }
    Ok(ledger.keep_projected(table, step.until)?)
}

impl Ledger<'_> {
    /// How far a projection has come.
    pub(super) fn projected(&self, table: &Table) -> Result<Option<Progressed>, Fault> {
        const SQL: &str =
            "SELECT version, position FROM projections WHERE ledger = ?1 AND name = ?2";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let found = statement
            .query_row((self.id.0.as_bytes(), table.name), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((version, at)) = found else { return Ok(None) };
        Ok(Some(Progressed { version, position: position(at)? }))
    }

    fn keep_projected(&self, table: &Table, until: Position) -> Result<(), Fault> {
        const SQL: &str = "INSERT INTO projections (ledger, name, version, position) \
            VALUES (?1, ?2, ?3, ?4) ON CONFLICT (ledger, name) \
            DO UPDATE SET version = excluded.version, position = excluded.position";
        let row = (self.id.0.as_bytes(), table.name, table.version, integer(until.0));
        self.conn.prepare_cached(SQL)?.execute(row)?;
        Ok(())
    }

    fn open(&self, sql: &str, row: &Row) -> Result<(), Fault> {
        let known = |position: Option<Position>| position.map(|position| integer(position.0));
        let cells = row.cells.iter().map(Cell::as_text).map(|text| text.map(str::to_owned).into());
        let place: [Value; 7] = [
            row.valid_from.to_string().into(),
            row.valid_until.map(|date| date.to_string()).into(),
            integer(row.known_from.0).into(),
            known(row.known_until).into(),
            integer(row.opened_by.0).into(),
            known(row.closed_by).into(),
            i64::from(row.line).into(),
        ];
        let ledger = Value::Blob(self.id.0.as_bytes().to_vec());
        let values = std::iter::once(ledger).chain(cells).chain(place);
        self.conn.prepare_cached(sql)?.execute(params_from_iter(values))?;
        Ok(())
    }

    pub(super) fn rows(
        &self,
        table: &'static Table,
        filter: &Filter,
        only: &[(&'static str, Cell)],
    ) -> Result<Vec<Row>, Fault> {
        for (column, _) in only {
            find(table, column)?;
        }
        // One snapshot for the projection's position and its rows.
        let tx = self.conn.unchecked_transaction()?;
        let Some(stands_at) = self.stands_at(table)? else { return Ok(Vec::new()) };
        let mut asked = Asked::new(self, filter, stands_at);
        for (column, cell) in only {
            match cell {
                Cell::Empty => asked.and(&format!("\"{column}\" IS NULL"), []),
                Cell::Text(text) => {
                    asked.and(&format!("\"{column}\" = ?"), [text.clone().into()]);
                }
            }
        }
        let names = column_names(table).join(", ");
        let sql = format!(
            "SELECT {names} FROM \"{}\" WHERE {} ORDER BY known_from, opened_by, line",
            table.name, asked.condition
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(asked.values))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(read(table, row)?);
        }
        drop(found);
        drop(statement);
        tx.finish()?;
        Ok(rows)
    }

    pub(super) fn count_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, u64)>, Fault> {
        find(table, column)?;
        let tx = self.conn.unchecked_transaction()?;
        let Some(stands_at) = self.stands_at(table)? else { return Ok(Vec::new()) };
        let asked = Asked::new(self, filter, stands_at);
        let mut statement = self.conn.prepare_cached(&count_sql(table, column, &asked))?;
        let counts = statement
            .query_map(params_from_iter(asked.values), |row| Ok((row.get(0)?, row.get(1)?)))?
            .map(|found| {
                let (text, count): (Option<String>, i64) = found?;
                Ok((text.map_or(Cell::Empty, Cell::Text), unsigned(count)?))
            })
            .collect::<Result<_, Fault>>()?;
        drop(statement);
        tx.finish()?;
        Ok(counts)
    }

    /// Where the projection stands; `None` while no rows of this version are there.
    fn stands_at(&self, table: &Table) -> Result<Option<Position>, Fault> {
        let projected = self.projected(table)?;
        Ok(projected.filter(|p| p.version == table.version).map(|p| p.position))
    }
}

/// What is asked of a table: a condition, and a value for each question mark in it.
struct Asked {
    condition: String,
    values: Vec<Value>,
    /// Whether only what is known now is asked for.
    now: bool,
}

impl Asked {
    fn new(ledger: &Ledger<'_>, filter: &Filter, stands_at: Position) -> Self {
        let mut asked = Self {
            condition: "ledger = ?".to_owned(),
            values: vec![Value::Blob(ledger.id.0.as_bytes().to_vec())],
            now: false,
        };
        match filter {
            Filter::All => {}
            Filter::Known(known_at) => asked.known(*known_at, stands_at),
            Filter::Holding(at) => {
                asked.known(at.known_at, stands_at);
                asked.valid(at);
            }
            Filter::Turning { known_at, within } => {
                asked.known(*known_at, stands_at);
                asked.turning(*within);
            }
        }
        asked
    }

    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.condition.push_str(" AND ");
        self.condition.push_str(condition);
        self.values.extend(values);
    }

    /// No row is opened or closed beyond where the projection stands, so the latest knowledge is
    /// what is not closed: that is what the index is for.
    fn known(&mut self, known_at: Position, stands_at: Position) {
        self.now = known_at >= stands_at;
        if self.now {
            self.and("known_until IS NULL", []);
        } else {
            let at = integer(known_at.0);
            let condition = "known_from <= ? AND (known_until IS NULL OR known_until > ?)";
            self.and(condition, [at.into(), at.into()]);
        }
    }

    /// Dates as ISO text have the order of the dates.
    fn valid(&mut self, at: &At) {
        let day = || Value::Text(at.valid_on.to_string());
        self.and("valid_from <= ?", [day()]);
        match at.day_rule {
            DayRule::EndOfDay => self.and("(valid_until IS NULL OR valid_until > ?)", [day()]),
            DayRule::AnyMoment => self
                .and("(valid_until IS NULL OR valid_until > ? OR valid_from = ?)", [day(), day()]),
        }
    }

    fn turning(&mut self, within: Period) {
        let day = |day: Date| Value::Text(day.to_string());
        let days = || [day(within.from()), day(within.until())];
        let condition = "(valid_from >= ? AND valid_from < ? \
             OR valid_until >= ? AND valid_until < ?)";
        self.and(condition, days().into_iter().chain(days()));
    }
}

/// The statement that counts. What is known now is counted in the index alone, if it has the
/// column; the planner, without statistics, would rather sort whole rows.
fn count_sql(table: &Table, column: &str, asked: &Asked) -> String {
    let name = table.name;
    let counted = table.columns.iter().any(|known| known.counted && known.name == column);
    let by = if asked.now && counted {
        format!(" INDEXED BY \"{name}_now_{column}\"")
    } else {
        String::new()
    };
    format!(
        "SELECT \"{column}\", count(*) FROM \"{name}\"{by} WHERE {} GROUP BY 1 ORDER BY 1",
        asked.condition
    )
}

/// The table, made anew, and its indexes.
pub(super) fn definition(table: &Table) -> String {
    let name = table.name;
    let mut sql = format!("DROP TABLE IF EXISTS \"{name}\";\nCREATE TABLE \"{name}\" (\n");
    sql.push_str("    ledger BLOB NOT NULL,\n");
    for column in table.columns {
        let null = if column.optional { "" } else { " NOT NULL" };
        let kind = match column.kind {
            ColumnKind::Id | ColumnKind::Text => "TEXT",
            ColumnKind::Number => "INTEGER",
        };
        writeln!(sql, "    \"{}\" {kind}{null},", column.name).expect("a string takes all");
    }
    sql.push_str(
        "    valid_from TEXT NOT NULL,
    valid_until TEXT,
    known_from INTEGER NOT NULL,
    known_until INTEGER,
    opened_by INTEGER NOT NULL,
    closed_by INTEGER,
    line INTEGER NOT NULL,
    PRIMARY KEY (ledger, known_from, opened_by, line)
) STRICT, WITHOUT ROWID;\n",
    );
    for column in table.columns.iter().filter(|column| column.indexed) {
        let column = column.name;
        writeln!(sql, "CREATE INDEX \"{name}_by_{column}\" ON \"{name}\" (ledger, \"{column}\");")
            .expect("a string takes all");
    }
    for column in table.columns.iter().filter(|column| column.counted) {
        let column = column.name;
        // `known_until` is always NULL in it, but without it SQLite would look into the table.
        writeln!(
            sql,
            "CREATE INDEX \"{name}_now_{column}\" ON \"{name}\" \
             (ledger, \"{column}\", valid_from, valid_until, known_until) \
             WHERE known_until IS NULL;"
        )
        .expect("a string takes all");
    }
    sql
}

fn open_sql(table: &Table) -> String {
    let names = column_names(table);
    let marks = vec!["?"; names.len() + 1].join(", ");
    format!("INSERT INTO \"{}\" (ledger, {}) VALUES ({marks})", table.name, names.join(", "))
}

fn close_sql(table: &Table) -> String {
    format!(
        "UPDATE \"{}\" SET known_until = ?5 WHERE ledger = ?1 AND known_from = ?2 \
         AND opened_by = ?3 AND line = ?4 AND known_until IS NULL",
        table.name
    )
}

fn column_names(table: &Table) -> Vec<String> {
    let own = table.columns.iter().map(|column| column.name);
    own.chain(PLACE_COLUMNS.iter().copied()).map(|name| format!("\"{name}\"")).collect()
}

fn find(table: &'static Table, column: &'static str) -> Result<(), NoSuchColumn> {
    let known = table.columns.iter().any(|known| known.name == column);
    if known { Ok(()) } else { Err(NoSuchColumn { table: table.name, column }) }
}

fn read(table: &Table, row: &rusqlite::Row<'_>) -> Result<Row, Fault> {
    let first = table.columns.len();
    let date = |index: usize| -> Result<Option<Date>, Fault> {
        let found = row.get_ref(index)?.as_str_or_null().ok().flatten();
        let what = "a date in a projection cannot be read";
        found
            .map(|text| text.parse().map_err(|_| Fault::Damaged { position: None, what }))
            .transpose()
    };
    let what = "a row of a projection has no first day";
    Ok(Row {
        cells: (0..)
            .zip(table.columns)
            .map(|(index, column)| match column.kind {
                ColumnKind::Id | ColumnKind::Text => {
                    Ok(row.get::<_, Option<String>>(index)?.into())
                }
                ColumnKind::Number => Ok(row.get::<_, Option<i64>>(index)?.into()),
            })
            .collect::<Result<_, Fault>>()?,
        valid_from: date(first)?.ok_or(Fault::Damaged { position: None, what })?,
        valid_until: date(first + 1)?,
        known_from: position(row.get(first + 2)?)?,
        known_until: row.get::<_, Option<i64>>(first + 3)?.map(position).transpose()?,
        opened_by: position(row.get(first + 4)?)?,
        closed_by: row.get::<_, Option<i64>>(first + 5)?.map(position).transpose()?,
        line: row.get(first + 6)?,
    })
}

#[cfg(test)]
mod tests {
    use events::LedgerId;
    use projections::Column;
    use rusqlite::Connection;

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

    fn plan_of(column: &str, known_at: u64) -> String {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&definition(&TABLE)).unwrap();
        let ledger = Ledger { conn: &conn, id: LedgerId(uuid::Uuid::nil()) };
        let at = At {
            valid_on: jiff::civil::date(2024, 2, 29),
            known_at: Position(known_at),
            day_rule: DayRule::EndOfDay,
        };
        let asked = Asked::new(&ledger, &Filter::Holding(at), Position(9));
        let sql = format!("EXPLAIN QUERY PLAN {}", count_sql(&TABLE, column, &asked));
        let mut statement = conn.prepare(&sql).unwrap();
        let lines = statement.query_map(params_from_iter(asked.values), |row| row.get(3)).unwrap();
        lines.collect::<Result<Vec<String>, _>>().unwrap().join("; ")
    }

    #[test]
    fn what_is_known_now_is_counted_in_the_index_alone() {
        let covering = "SEARCH homes USING COVERING INDEX homes_now_branch (ledger=?)";
        assert_eq!(plan_of("branch", 9), covering);
        assert_eq!(plan_of("branch", 10), covering);
    }

    #[test]
    fn what_was_known_earlier_is_counted_in_the_table() {
        assert!(plan_of("branch", 8).starts_with("SEARCH homes USING"), "{}", plan_of("branch", 8));
        assert!(!plan_of("branch", 8).contains("homes_now"));
    }
}
