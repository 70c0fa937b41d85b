//! What a table holds, in one number.
//!
//! Its rows come a page at a time, and each column of a page in one value: to send and take apart a
//! row for each row would cost more than all the rest. Where a page does not come apart as it was
//! put together, somebody altered it by hand, and its rows are read one by one.

use events::{Date, LedgerId, Position};
use projections::{CellRef, ColumnKind, Digest, RowRef, Table};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::fault::{Fault, damaged};
use super::generations::Generation;
use super::tables;
use super::values::{bytes, day_of, position, run, unsigned};
use crate::store::Digested;
use crate::store::asked::column_names;

/// How many rows a page has.
const PAGE: usize = 10_000;

/// What stands between two texts of a page: a character that no text of ours has.
const BREAK: char = '\u{2}';

/// What stands for no text; how many of them there are is asked as well.
const NOTHING: &str = "\u{1}";

/// `known_from`, `opened_by` and `line` of a row.
type Place = (i64, i64, i64);

/// What a generation of a projection holds, in one number. Within a transaction.
pub(super) async fn digested(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &'static Table,
    generation: Generation,
    position: Position,
) -> Result<Digested, Fault> {
    run(conn, "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off").await?;
    let page_sql = page_sql(table, generation);
    let (mut count, mut digest) = (0, Digest::new(table, position));
    let mut after: Place = (i64::MIN, i64::MIN, i64::MIN);
    loop {
        let asked = sqlx::query(&page_sql).bind(ledger.0).bind(after.0).bind(after.1);
        let found = asked.bind(after.2).persistent(false).fetch_one(&mut *conn).await?;
        let rows = usize::try_from(found.try_get::<i64, _>(0)?).unwrap_or_default();
        if rows > 0 {
            after = match Page::new(table, &found, rows)? {
                Some(page) => page.take(&mut digest)?,
                None => one_by_one(conn, ledger, (table, generation), after, &mut digest).await?,
            };
        }
        count += rows as u64;
        if rows < PAGE {
            return Ok(Digested { position, rows: count, digest: digest.finish() });
        }
    }
}

fn rows_sql(table: &Table, generation: Generation) -> String {
    format!(
        "SELECT {} FROM \"{}\" WHERE ledger = $1 AND (known_from, opened_by, line) > ($2, $3, $4) \
         ORDER BY known_from, opened_by, line LIMIT {PAGE}",
        column_names(table).join(", "),
        generation.name(table)
    )
}

/// The number of rows, then two values for a column of texts and one for any other.
fn page_sql(table: &Table, generation: Generation) -> String {
    let mut values = vec!["count(*)".to_owned()];
    for (index, name) in column_names(table).iter().enumerate() {
        if kind_of(table, index) == Some(ColumnKind::Text) {
            values.push(format!("string_agg(coalesce({name}, E'\\x01'), E'\\x02')"));
            values.push(format!("count({name})"));
        } else {
            values.push(format!("array_agg({name})"));
        }
    }
    format!("SELECT {} FROM ({}) AS page", values.join(", "), rows_sql(table, generation))
}

/// What a column holds; `None` for one that every table has.
fn kind_of(table: &Table, index: usize) -> Option<ColumnKind> {
    table.columns.get(index).map(|column| column.kind)
}

/// One column of a page.
enum Column<'a> {
    Texts(std::str::Split<'a, char>),
    Ids(Values<'a>),
    Values(Values<'a>),
}

/// The elements of an array as PostgreSQL sends it.
struct Values<'a>(&'a [u8]);

impl<'a> Values<'a> {
    /// Of one dimension.
    fn new(array: &'a [u8]) -> Self {
        const HEAD: usize = 20;
        Self(array.get(HEAD..).unwrap_or_default())
    }

    /// The next element; `None` within for none.
    fn next(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        let torn = || damaged("an array ends early");
        let (length, rest) = self.0.split_first_chunk().ok_or_else(torn)?;
        self.0 = rest;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else { return Ok(None) };
        let (value, rest) = rest.split_at_checked(length).ok_or_else(torn)?;
        self.0 = rest;
        Ok(Some(value))
    }
}

impl<'a> Column<'a> {
    fn cell(&mut self) -> Result<CellRef<'a>, Fault> {
        match self {
            Self::Texts(texts) => {
                let text = texts.next().ok_or_else(|| damaged("a column ends early"))?;
                Ok(if text == NOTHING { CellRef::Empty } else { CellRef::Text(text) })
            }
            Self::Ids(ids) => match ids.next()? {
                Some(id) => {
                    let id = Uuid::from_slice(id).map_err(|_| damaged("an id is none"))?;
                    Ok(CellRef::Id(id))
                }
                None => Ok(CellRef::Empty),
            },
            Self::Values(_) => match self.number()? {
                Some(number) => Ok(CellRef::Number(unsigned(number)?)),
                None => Ok(CellRef::Empty),
            },
        }
    }

    fn value(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        match self {
            Self::Values(values) => values.next(),
            Self::Texts(_) | Self::Ids(_) => Err(damaged("a number is none")),
        }
    }

    fn number(&mut self) -> Result<Option<i64>, Fault> {
        let number = |value: &[u8]| value.try_into().ok().map(i64::from_be_bytes);
        let wrong = || damaged("a number is none");
        self.value()?.map(|value| number(value).ok_or_else(wrong)).transpose()
    }

    fn position(&mut self) -> Result<Option<Position>, Fault> {
        self.number()?.map(position).transpose()
    }

    fn day(&mut self) -> Result<Option<Date>, Fault> {
        let wrong = || damaged("a day is none");
        self.value()?.map(|value| day_of(value).ok_or_else(wrong)).transpose()
    }
}

/// A page, in columns.
struct Page<'a> {
    rows: usize,
    cells: Vec<Column<'a>>,
    places: Vec<Column<'a>>,
}

impl<'a> Page<'a> {
    /// `None` when the texts do not come apart as they were put together.
    fn new(table: &Table, row: &'a PgRow, rows: usize) -> Result<Option<Self>, Fault> {
        let mut columns = Vec::new();
        let mut index = 1;
        for column in 0..column_names(table).len() {
            let kind = kind_of(table, column);
            if kind != Some(ColumnKind::Text) {
                let array = bytes(row, index).ok_or_else(|| damaged("a column is missing"))?;
                let form = if kind == Some(ColumnKind::Id) { Column::Ids } else { Column::Values };
                columns.push(form(Values::new(array)));
                index += 1;
                continue;
            }
            let joined: &str = row.try_get(index)?;
            let there = usize::try_from(row.try_get::<i64, _>(index + 1)?).unwrap_or_default();
            let (mut pieces, mut texts) = (0, 0);
            for piece in joined.split(BREAK) {
                pieces += 1;
                texts += usize::from(piece != NOTHING);
            }
            if (pieces, texts) != (rows, there) {
                return Ok(None);
            }
            columns.push(Column::Texts(joined.split(BREAK)));
            index += 2;
        }
        let places = columns.split_off(table.columns.len());
        Ok(Some(Self { rows, cells: columns, places }))
    }

    /// Takes its rows in; gives the place of the last one.
    fn take(mut self, digest: &mut Digest) -> Result<Place, Fault> {
        let none = || damaged("a row of a projection has no place");
        let mut cells = Vec::with_capacity(self.cells.len());
        let mut last = (0, 0, 0);
        for _ in 0..self.rows {
            cells.clear();
            for column in &mut self.cells {
                cells.push(column.cell()?);
            }
            let [from, until, known_from, known_until, opened_by, closed_by, line] =
                &mut self.places[..]
            else {
                return Err(none());
            };
            let row = RowRef {
                cells: &cells,
                valid_from: from.day()?.ok_or_else(none)?,
                valid_until: until.day()?,
                known_from: known_from.position()?.ok_or_else(none)?,
                known_until: known_until.position()?,
                opened_by: opened_by.position()?.ok_or_else(none)?,
                closed_by: closed_by.position()?,
                line: line.number()?.and_then(|line| u32::try_from(line).ok()).ok_or_else(none)?,
            };
            let integer = super::values::integer;
            last = (integer(row.known_from.0), integer(row.opened_by.0), i64::from(row.line));
            digest.row_ref(row);
        }
        Ok(last)
    }
}

async fn one_by_one(
    conn: &mut PgConnection,
    ledger: LedgerId,
    (table, generation): (&'static Table, Generation),
    after: Place,
    digest: &mut Digest,
) -> Result<Place, Fault> {
    let sql = rows_sql(table, generation);
    let asked = sqlx::query(&sql).bind(ledger.0).bind(after.0).bind(after.1).bind(after.2);
    let mut last = after;
    for row in asked.persistent(false).fetch_all(conn).await? {
        last = tables::with_row(table, &row, |row| {
            let integer = super::values::integer;
            let place = (integer(row.known_from.0), integer(row.opened_by.0), i64::from(row.line));
            digest.row_ref(row);
            place
        })?;
    }
    Ok(last)
}
