//! During which days rows hold, by the value of a column: what daily series are added up from.

use std::collections::BTreeMap;

use foldhash::HashMap;
use projections::{Cell, Filter, Stretch, Table};
use rusqlite::params_from_iter;
use rusqlite::types::ValueRef;

use super::append::Ledger;
use super::asked::Asked;
use super::cells::{Ids, date};
use super::fault::Fault;
use super::generations::Generation;
use super::tables::{NO_FIRST_DAY, counting, find};

/// The days of the rows of each value.
type Found = Vec<(Cell, Vec<Stretch>)>;

impl Ledger<'_> {
    /// In one pass over the rows, or over the index that has all that is asked for: nothing is
    /// sorted or counted by SQLite.
    pub(super) fn stretches_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
        ids: &Ids,
    ) -> Result<Found, Fault> {
        let kind = find(table, column)?.kind;
        let tx = self.conn.unchecked_transaction()?;
        let Some(stands_at) = self.stands_at(table)? else { return Ok(Vec::new()) };
        let asked = Asked::new(filter, stands_at);
        let by = counting(table, column, &asked, self.mark(table)?).unwrap_or_default();
        let sql = format!(
            "SELECT \"{column}\", valid_from, valid_until FROM {}{by} WHERE {}",
            Generation::Serving.standing(table),
            asked.condition
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(asked.values))?;
        let mut numbered: HashMap<i64, Vec<Stretch>> = HashMap::default();
        let mut stretches: BTreeMap<Cell, Vec<Stretch>> = BTreeMap::new();
        let mut ids = ids.asking();
        while let Some(row) = found.next()? {
            let from = date(row, 1)?.ok_or(NO_FIRST_DAY)?;
            let stretch = Stretch { from, until: date(row, 2)? };
            match row.get_ref(0)? {
                ValueRef::Integer(number) => numbered.entry(number).or_default().push(stretch),
                other @ (ValueRef::Null
                | ValueRef::Real(_)
                | ValueRef::Text(_)
                | ValueRef::Blob(_)) => {
                    let value = self.cell(kind, other, &mut ids)?;
                    stretches.entry(value).or_default().push(stretch);
                }
            }
        }
        for (number, of_number) in numbered {
            // An id may lie there in two forms.
            let value = self.cell(kind, ValueRef::Integer(number), &mut ids)?;
            stretches.entry(value).or_default().extend(of_number);
        }
        drop(found);
        drop(statement);
        tx.finish()?;
        stretches.values_mut().for_each(|stretches| stretches.sort_unstable());
        Ok(stretches.into_iter().collect())
    }
}
