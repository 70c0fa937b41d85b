//! Rows by the value of a column: how many they are, and during which days they hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;
use projections::{Cell, Filter, Stretch, Table};
use rusqlite::types::ValueRef;
use rusqlite::{Row, params_from_iter};

use super::append::Ledger;
use super::cells::{Ids, date};
use super::fault::Fault;
use super::parts::Part;
use super::reader::Readers;
use super::tables::{NO_FIRST_DAY, count_sql, counting};
use super::values::{Asked, unsigned};
use crate::store::asked::find;
use crate::store::{Generation, StoreError};

/// What there is of each value.
type Grouped<T> = Vec<(Cell, T)>;

/// What came of a question about a table.
enum Begun {
    /// The answer.
    Counted(Grouped<u64>),
    /// It is to be counted in parts, of rows that pass a filter.
    InParts(Filter, Vec<Part>),
}

/// How many rows that pass a filter there are of each value of a column: of a long table that has
/// no index that says so, counted by several readers at the same time.
pub(super) async fn count(
    readers: &Arc<Readers>,
    table: &'static Table,
    filter: &Filter,
    column: &'static str,
) -> Result<Grouped<u64>, StoreError> {
    let asked = filter.clone();
    let begin = move |ledger: &Ledger<'_>, ids: &Ids| match ledger
        .at_once(|ledger| ledger.parts_without_index(table, &asked, column))?
    {
        Some((filter, parts)) => Ok(Begun::InParts(filter, parts)),
        None => ledger.count_by(table, &asked, column, ids).map(Begun::Counted),
    };
    let (asked, parts) = match readers.ask_tables(begin).await? {
        Begun::Counted(counts) => return Ok(counts),
        Begun::InParts(filter, parts) => (filter, parts),
    };
    let count = move |ledger: &Ledger<'_>, ids: &Ids, part: &_| {
        ledger.count_part_by(&asked, part, column, ids)
    };
    if let Some(found) = readers.ask_of_parts(parts, count).await? {
        let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
        for (value, count) in found.into_iter().flatten() {
            *counts.entry(value).or_default() += count;
        }
        return Ok(counts.into_iter().collect());
    }
    let filter = filter.clone();
    let count = move |ledger: &Ledger<'_>, ids: &_| ledger.count_by(table, &filter, column, ids);
    readers.ask_tables(count).await
}

impl Ledger<'_> {
    /// A filter as of where the table stands, and the table in parts; `None` where it is short, or
    /// an index answers alone.
    fn parts_without_index(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Option<(Filter, Vec<Part>)>, Fault> {
        find(table, column)?;
        let (stand, _, whole) = self.whole(&[table])?;
        let asked = Asked::new(filter, stand);
        if counting(table, column, &asked, self.mark(table)?).is_some() {
            return Ok(None);
        }
        let parts: Vec<Part> = whole.into_iter().flat_map(Part::cut).collect();
        Ok((parts.len() > 1).then(|| (filter.known_by(stand), parts)))
    }

    /// How many rows of a part there are of each value.
    pub(super) fn count_part_by(
        &self,
        filter: &Filter,
        part: &Part,
        column: &'static str,
        ids: &Ids,
    ) -> Result<BTreeMap<Cell, u64>, Fault> {
        let (kind, mut ids) = (find(part.table, column)?.kind, ids.asking());
        let mut numbered: HashMap<i64, u64> = HashMap::default();
        let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
        self.each(filter, part, &format!("\"{column}\""), "TRUE", |row| {
            let value = row.get_ref(0)?;
            match value.as_i64() {
                Ok(number) => *numbered.entry(number).or_default() += 1,
                Err(_) => *counts.entry(self.cell(kind, value, &mut ids)?).or_default() += 1,
            }
            Ok(())
        })?;
        for (number, count) in numbered {
            let cell = self.cell(kind, ValueRef::Integer(number), &mut ids)?;
            *counts.entry(cell).or_default() += count;
        }
        Ok(counts)
    }

    pub(super) fn count_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
        ids: &Ids,
    ) -> Result<Grouped<u64>, Fault> {
        let sql = |asked: &Asked, mark: &str| count_sql(table, column, asked, mark);
        self.grouped((table, column), filter, ids, sql, |count: &mut u64, row| {
            *count += unsigned(row.get(1)?)?;
            Ok(())
        })
    }

    /// In one pass over the rows, or over the index that has all that is asked for: nothing is
    /// sorted or counted by SQLite.
    pub(super) fn stretches_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
        ids: &Ids,
    ) -> Result<Grouped<Vec<Stretch>>, Fault> {
        let sql = |asked: &Asked, mark: &str| {
            let by = counting(table, column, asked, mark).unwrap_or_default();
            let (name, condition) = (Generation::Serving.standing(table), &asked.condition);
            format!(
                "SELECT \"{column}\", valid_from, valid_until FROM {name}{by} WHERE {condition}"
            )
        };
        let take = |stretches: &mut Vec<Stretch>, row: &Row<'_>| {
            let from = date(row, 1)?.ok_or(NO_FIRST_DAY)?;
            stretches.push(Stretch { from, until: date(row, 2)? });
            Ok(())
        };
        let mut found = self.grouped((table, column), filter, ids, sql, take)?;
        found.iter_mut().for_each(|(_, stretches)| stretches.sort_unstable());
        Ok(found)
    }

    /// Takes every row that a statement finds to those of the same value, which is the row's first
    /// column. What a number stands for is looked up once.
    fn grouped<T: Default>(
        &self,
        (table, column): (&'static Table, &'static str),
        filter: &Filter,
        ids: &Ids,
        sql: impl FnOnce(&Asked, &str) -> String,
        mut take: impl FnMut(&mut T, &Row<'_>) -> Result<(), Fault>,
    ) -> Result<Grouped<T>, Fault> {
        let kind = find(table, column)?.kind;
        let tx = self.conn.unchecked_transaction()?;
        let Some(stands_at) = self.stands_at(table)? else { return Ok(Vec::new()) };
        let asked = Asked::new(filter, stands_at);
        let mut statement = self.conn.prepare_cached(&sql(&asked, self.mark(table)?))?;
        let mut found = statement.query(params_from_iter(asked.values))?;
        let mut groups: Vec<T> = Vec::new();
        let mut numbered: HashMap<i64, usize> = HashMap::default();
        let (mut valued, mut ids) = (BTreeMap::new(), ids.asking());
        while let Some(row) = found.next()? {
            let value = row.get_ref(0)?;
            let number = value.as_i64().ok();
            let at = match number.and_then(|number| numbered.get(&number)) {
                Some(at) => *at,
                None => {
                    // An id may lie there in two forms.
                    let cell = self.cell(kind, value, &mut ids)?;
                    let at = *valued.entry(cell).or_insert(groups.len());
                    if at == groups.len() {
                        groups.push(T::default());
                    }
                    numbered.extend(number.map(|number| (number, at)));
                    at
                }
            };
            take(&mut groups[at], row)?;
        }
        drop(found);
        drop(statement);
        tx.finish()?;
        let group = |(cell, at): (Cell, usize)| (cell, std::mem::take(&mut groups[at]));
        Ok(valued.into_iter().map(group).collect())
    }
}
