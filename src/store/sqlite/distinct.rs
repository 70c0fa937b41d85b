//! How many ids there are in a column of millions of rows: each stays the number that lies there,
//! and several readers go through parts of the table at the same time.

use std::sync::Arc;

use projections::met::Met;
use projections::{ColumnKind, Filter, Table};

use super::append::Ledger;
use super::fault::Fault;
use super::parts::{Part, SmallNumbers};
use super::reader::Readers;
use crate::store::StoreError;
use crate::store::asked::find;

/// How many ids a column has in rows that pass a filter, each counted once; `None` where it is no
/// column of ids, or the table is exchanged meanwhile.
pub(super) async fn count(
    readers: &Arc<Readers>,
    table: &'static Table,
    filter: &Filter,
    column: &'static str,
) -> Result<Option<u64>, StoreError> {
    let begin = move |ledger: &Ledger<'_>| match find(table, column)?.kind {
        ColumnKind::Id => ledger.at_once(|ledger| ledger.whole(&[table])).map(Some),
        ColumnKind::Text | ColumnKind::Number => Ok(None),
    };
    let Some((stand, numbers, whole)) = readers.ask_apart(begin).await? else { return Ok(None) };
    let filter = filter.known_by(stand);
    let met =
        move |ledger: &Ledger<'_>, _: &_, part: &_| ledger.met(&filter, part, column, &numbers);
    let parts = whole.into_iter().flat_map(Part::cut).collect();
    let Some(met) = readers.ask_of_parts(parts, met).await? else { return Ok(None) };
    let mut all = Met::default();
    met.iter().for_each(|met| all.join(met));
    Ok(Some(all.count()))
}

impl Ledger<'_> {
    /// The ids in a column of a part.
    pub(super) fn met(
        &self,
        filter: &Filter,
        part: &Part,
        column: &str,
        numbers: &SmallNumbers,
    ) -> Result<Met, Fault> {
        let (mut met, column) = (Met::default(), format!("\"{column}\""));
        self.each(filter, part, &column, &format!("{column} IS NOT NULL"), |row| {
            met.add(numbers.of(self, row.get_ref(0)?)?);
            Ok(())
        })?;
        Ok(met)
    }
}
