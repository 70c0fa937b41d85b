//! Tables of projections: plain SQL with stable names, made from the columns that a projection
//! names as data.

use std::collections::{BTreeMap, HashMap};

use events::{LedgerId, Position};
use projections::{Cell, CellRef, ColumnKind, Filter, Row as TableRow, RowRef, Stretch, Table};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::append::lock_word;
use super::connections::Held;
use super::digests;
use super::fault::{Fault, damaged};
use super::generations::{self, Generation};
use super::numbered::{Numbered, Value};
use super::reader::{ONE_MOMENT, Reader};
use super::rows::{self, cell};
use super::summaries;
use super::values::{bytes, day_of, integer, position, run, unsigned};
use crate::store::asked::{Asked, column_names, find};
use crate::store::plan::Trouble;
use crate::store::{Digested, Progressed, ProjectionStep, StoreError};

/// Holds off everybody else who changes tables of projections, until the transaction ends.
pub(super) async fn hold_off(conn: &mut PgConnection, ledger: LedgerId) -> Result<(), Fault> {
    run(conn, &hold_off_sql(ledger)).await
}

fn hold_off_sql(ledger: LedgerId) -> String {
    format!(
        "SELECT pg_advisory_xact_lock('projections'::regclass::oid::int, {})",
        lock_word(ledger)
    )
}

/// Writes the changes of projections, if each still stands where its step begins; all or none.
pub(super) async fn project(
    reader: &Reader,
    steps: &[ProjectionStep],
) -> Result<(), Trouble<Fault>> {
    let ledger = reader.ledger;
    // Rows can be built again, so their commit does not wait for the disk. The log has one order,
    // and a failure can only cut its end: it takes back no append with it.
    let begin = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off; {}; \
         SELECT name, version::text, position::text FROM projections WHERE ledger = '{}'",
        hold_off_sql(ledger),
        ledger.0
    );
    let (mut tx, found) = reader.connections.begin_asking(&begin).await?;
    let standing: HashMap<String, Progressed> = found
        .iter()
        .filter(|row| row.len() == STANDING)
        .map(standing_of)
        .collect::<Result<_, Fault>>()?;
    for step in steps {
        let table = step.table;
        match step.from {
            None => {
                generations::make_bare(&mut tx, table, Generation::Serving).await?;
                generations::make_key(&mut tx, table, Generation::Serving).await?;
                generations::make_indexes(&mut tx, table, Generation::Serving).await?;
                summaries::drop_of(&mut tx, table).await?;
            }
            Some(position) => {
                let wanted = Progressed { version: table.version, position };
                if standing.get(table.name) != Some(&wanted) {
                    tx.end("ROLLBACK").await?;
                    return Err(Trouble::Refused(StoreError::Conflict(table.name.to_owned())));
                }
            }
        }
        rows::change(&mut tx, ledger, table, Generation::Serving, &step.ops).await?;
    }
    let kept: Vec<String> = steps.iter().map(|step| kept(ledger, step)).collect();
    let commit = format!(
        "INSERT INTO projections (ledger, name, version, position) VALUES {} \
         ON CONFLICT (ledger, name) \
         DO UPDATE SET version = excluded.version, position = excluded.position; COMMIT",
        kept.join(", ")
    );
    Ok(tx.end(if kept.is_empty() { "COMMIT" } else { &commit }).await?)
}

/// How many columns a row has that says how far a projection has come.
const STANDING: usize = 3;

fn standing_of(row: &PgRow) -> Result<(String, Progressed), Fault> {
    let number = |index| row.try_get::<&str, _>(index)?.parse().map_err(|_| damaged("no number"));
    let version: u64 = number(1)?;
    let version = u32::try_from(version).map_err(|_| damaged("a version is no version"))?;
    Ok((row.try_get(0)?, Progressed { version, position: Position(number(2)?) }))
}

/// The row that says how far a projection has come: its table's name and numbers, all our own.
fn kept(ledger: LedgerId, step: &ProjectionStep) -> String {
    let (name, version) = (step.table.name, step.table.version);
    format!("('{}', '{name}', {version}, {})", ledger.0, integer(step.until.0))
}

/// How far every generation of every projection has come, by its name.
pub(super) async fn all_progressed(
    conn: &mut PgConnection,
    ledger: LedgerId,
) -> Result<BTreeMap<String, Progressed>, Fault> {
    const SQL: &str = "SELECT name, version, position FROM projections WHERE ledger = $1";
    let found: Vec<(String, i64, i64)> = sqlx::query_as(SQL).bind(ledger.0).fetch_all(conn).await?;
    let progressed = |(name, version, at): (String, i64, i64)| {
        let version = u32::try_from(version).map_err(|_| damaged("a version is no version"))?;
        Ok((name, Progressed { version, position: position(at)? }))
    };
    found.into_iter().map(progressed).collect()
}

/// How far a generation of a projection has come.
pub(super) async fn progressed(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &Table,
    generation: Generation,
) -> Result<Option<Progressed>, Fault> {
    let name = generation.name(table);
    let all = all_progressed(conn, ledger).await?;
    Ok(all.get(&name).copied())
}

/// Keeps how far generations of projections have come.
pub(super) async fn keep_progressed(
    conn: &mut PgConnection,
    ledger: LedgerId,
    kept: &[(&'static Table, Generation, Position)],
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO projections (ledger, name, version, position) \
        SELECT $1, new.name, new.version, new.position \
        FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS new (name, version, position) \
        ON CONFLICT (ledger, name) \
        DO UPDATE SET version = excluded.version, position = excluded.position";
    sqlx::query(SQL)
        .bind(ledger.0)
        .bind(kept.iter().map(|(table, it, _)| it.name(table)).collect::<Vec<_>>())
        .bind(kept.iter().map(|(table, ..)| i64::from(table.version)).collect::<Vec<_>>())
        .bind(kept.iter().map(|(.., at)| integer(at.0)).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets how far a generation of a projection has come.
pub(super) async fn forget_progressed(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &Table,
    generation: Generation,
) -> Result<(), Fault> {
    forget_all(conn, ledger, &[table], generation).await
}

/// Forgets how far a generation of projections has come.
pub(super) async fn forget_all(
    conn: &mut PgConnection,
    ledger: LedgerId,
    tables: &[&Table],
    generation: Generation,
) -> Result<(), Fault> {
    const SQL: &str = "DELETE FROM projections WHERE ledger = $1 AND name = ANY($2::text[])";
    let names: Vec<String> = tables.iter().map(|table| generation.name(table)).collect();
    sqlx::query(SQL).bind(ledger.0).bind(names).execute(conn).await?;
    Ok(())
}

impl Reader {
    /// How far every projection has come, and other generations of tables too.
    pub(super) async fn all_projected(&self) -> Result<BTreeMap<String, Progressed>, Fault> {
        let mut conn = self.connections.take().await?;
        let all = all_progressed(&mut conn, self.ledger).await?;
        conn.give_back();
        Ok(all)
    }

    /// How far a projection has come.
    pub(super) async fn projected(&self, table: &Table) -> Result<Option<Progressed>, Fault> {
        let mut conn = self.connections.take().await?;
        let progressed = progressed(&mut conn, self.ledger, table, Generation::Serving).await?;
        conn.give_back();
        Ok(progressed)
    }

    /// One moment in which the tables that serve are not exchanged, and where the furthest of them
    /// stands; `None` while one of them has no rows of its version.
    pub(super) async fn standing(
        &self,
        tables: &[&'static Table],
    ) -> Result<Option<(Held, Position)>, Fault> {
        // The locks come before the moment, which the first question sets: tables are exchanged by
        // their names, and the rows of one that is put in place later would not be seen. Whoever
        // exchanges several takes them in the order of their names too, so neither waits for the
        // other one for ever.
        let mut names: Vec<String> = tables.iter().map(|it| format!("\"{}\"", it.name)).collect();
        names.sort_unstable();
        let begin = format!("{ONE_MOMENT}; LOCK TABLE {} IN ACCESS SHARE MODE", names.join(", "));
        let mut tx = match self.connections.begin(&begin).await {
            Err(fault) if fault.is_no_table() => return Ok(None),
            begun => begun?,
        };
        let all = all_progressed(&mut tx, self.ledger).await?;
        let stands = |table: &&Table| {
            let stands = all.get(&Generation::Serving.name(table))?;
            (stands.version == table.version).then_some(stands.position)
        };
        let stand: Option<Vec<Position>> = tables.iter().map(stands).collect();
        match stand.and_then(|positions| positions.into_iter().max()) {
            Some(position) => Ok(Some((tx, position))),
            None => {
                tx.end("ROLLBACK").await?;
                Ok(None)
            }
        }
    }

    pub(super) async fn rows(
        &self,
        table: &'static Table,
        filter: &Filter,
        only: &[(&'static str, Cell)],
    ) -> Result<Vec<TableRow>, Fault> {
        for (column, _) in only {
            find(table, column)?;
        }
        let Some((mut tx, stands_at)) = self.standing(&[table]).await? else {
            return Ok(Vec::new());
        };
        let mut asked = Asked::new(filter, stands_at);
        for (column, cell) in only {
            let text = cell.as_text().map(|text| Value::Text(text.to_owned()));
            match (text, find(table, column)?.kind) {
                (None, _) => asked.and(&format!("\"{column}\" IS NULL"), []),
                // Nothing else stands in such a column.
                (Some(_), ColumnKind::Id) if cell.uuid().is_none() => asked.and("FALSE", []),
                (Some(id), ColumnKind::Id) => asked.and(&format!("\"{column}\" = ?::uuid"), [id]),
                (Some(text), ColumnKind::Text | ColumnKind::Number) => {
                    asked.and(&format!("\"{column}\"::text = ?"), [text]);
                }
            }
        }
        let asked = Numbered::of(asked);
        let names = column_names(table).join(", ");
        let sql = format!(
            "SELECT {names} FROM \"{}\" WHERE {} ORDER BY known_from, opened_by, line",
            table.name, asked.condition
        );
        let found = asked.query(&sql).fetch_all(&mut *tx).await?;
        tx.end("ROLLBACK").await?;
        found.iter().map(|row| read(table, row)).collect()
    }

    pub(super) async fn count_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, u64)>, Fault> {
        find(table, column)?;
        let Some((mut tx, stands_at)) = self.standing(&[table]).await? else {
            return Ok(Vec::new());
        };
        let asked = Numbered::new(filter, stands_at);
        let sql = format!(
            "SELECT \"{column}\"::text, count(*) FROM \"{}\" WHERE {} \
             GROUP BY \"{column}\" ORDER BY \"{column}\" NULLS FIRST",
            table.name, asked.condition
        );
        let found = asked.query(&sql).fetch_all(&mut *tx).await?;
        tx.end("ROLLBACK").await?;
        let counted = |row: &PgRow| Ok((cell(row.try_get(0)?), unsigned(row.try_get(1)?)?));
        found.iter().map(counted).collect()
    }

    pub(super) async fn count_ids(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<u64, Fault> {
        find(table, column)?;
        let Some((mut tx, stands_at)) = self.standing(&[table]).await? else { return Ok(0) };
        let asked = Numbered::new(filter, stands_at);
        // To count what is distinct within one aggregate would sort it.
        let sql = format!(
            "SELECT count(id) FROM \
             (SELECT DISTINCT \"{column}\" AS id FROM \"{}\" WHERE {}) AS ids",
            table.name, asked.condition
        );
        let found = asked.query(&sql).fetch_one(&mut *tx).await?;
        tx.end("ROLLBACK").await?;
        unsigned(found.try_get(0)?)
    }

    pub(super) async fn stretches_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, Vec<Stretch>)>, Fault> {
        find(table, column)?;
        let Some((mut tx, stands_at)) = self.standing(&[table]).await? else {
            return Ok(Vec::new());
        };
        let asked = Numbered::new(filter, stands_at);
        let sql = format!(
            "SELECT \"{column}\"::text, valid_from, valid_until FROM \"{}\" WHERE {}",
            table.name, asked.condition
        );
        let found = asked.query(&sql).fetch_all(&mut *tx).await?;
        tx.end("ROLLBACK").await?;
        let mut stretches: BTreeMap<Cell, Vec<Stretch>> = BTreeMap::new();
        for row in &found {
            let day = |index| bytes(row, index).and_then(day_of);
            let from = day(1).ok_or_else(|| damaged(NO_FIRST_DAY))?;
            let stretch = Stretch { from, until: day(2) };
            stretches.entry(cell(row.try_get(0)?)).or_default().push(stretch);
        }
        stretches.values_mut().for_each(|stretches| stretches.sort_unstable());
        Ok(stretches.into_iter().collect())
    }

    /// What the table that serves holds; `None` while it has no rows of the table's version.
    pub(super) async fn digested(&self, table: &'static Table) -> Result<Option<Digested>, Fault> {
        let Some((mut tx, stands_at)) = self.standing(&[table]).await? else { return Ok(None) };
        let serving = Generation::Serving;
        let digested = digests::digested(&mut tx, self.ledger, table, serving, stands_at).await?;
        tx.end("ROLLBACK").await?;
        Ok(Some(digested))
    }
}

/// A row as it lies.
pub(super) fn with_row<T>(
    table: &Table,
    row: &PgRow,
    then: impl FnOnce(RowRef<'_>) -> T,
) -> Result<T, Fault> {
    let mut cells = Vec::with_capacity(table.columns.len());
    for (index, column) in table.columns.iter().enumerate() {
        cells.push(match column.kind {
            ColumnKind::Id => {
                row.try_get::<Option<Uuid>, _>(index)?.map_or(CellRef::Empty, CellRef::Id)
            }
            ColumnKind::Text => row.try_get::<Option<&str>, _>(index)?.into(),
            ColumnKind::Number => match row.try_get::<Option<i64>, _>(index)? {
                Some(number) => CellRef::Number(unsigned(number)?),
                None => CellRef::Empty,
            },
        });
    }
    let first = cells.len();
    let known = |index: usize| -> Result<Option<Position>, Fault> {
        row.try_get::<Option<i64>, _>(index)?.map(position).transpose()
    };
    let no_day = || damaged(NO_FIRST_DAY);
    let line = row.try_get::<i64, _>(first + 6)?;
    Ok(then(RowRef {
        cells: &cells,
        valid_from: bytes(row, first).and_then(day_of).ok_or_else(no_day)?,
        valid_until: bytes(row, first + 1).and_then(day_of),
        known_from: position(row.try_get(first + 2)?)?,
        known_until: known(first + 3)?,
        opened_by: position(row.try_get(first + 4)?)?,
        closed_by: known(first + 5)?,
        line: u32::try_from(line).map_err(|_| damaged("a line is no line"))?,
    }))
}

fn read(table: &Table, row: &PgRow) -> Result<TableRow, Fault> {
    with_row(table, row, |row| TableRow {
        cells: row.cells.iter().copied().map(Cell::from).collect(),
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        known_from: row.known_from,
        known_until: row.known_until,
        opened_by: row.opened_by,
        closed_by: row.closed_by,
        line: row.line,
    })
}

const NO_FIRST_DAY: &str = "a row of a projection has no first day";
