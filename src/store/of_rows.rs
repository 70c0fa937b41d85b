//! Answers out of rows, where an engine has no shorter way.

use projections::ages::{self, Ages};
use projections::{Cell, Filter, Table, birth_bands, likenesses, memberships};

use super::{Store, StoreError};

/// [`Store::count_ids`], out of how often each of them is there.
pub(super) async fn count_ids(
    store: &dyn Store,
    table: &'static Table,
    filter: &Filter,
    column: &'static str,
) -> Result<u64, StoreError> {
    let counts = store.count_by(table, filter, column).await?;
    Ok(counts.iter().filter(|(value, _)| *value != Cell::Empty).count() as u64)
}

/// [`Store::ages`], out of the rows of the three tables.
pub(super) async fn ages(store: &dyn Store, filter: &Filter) -> Result<Ages, StoreError> {
    let memberships = store.rows(memberships::TABLE, filter, &[]).await?;
    let birth_bands = store.rows(birth_bands::TABLE, filter, &[]).await?;
    let likenesses = store.rows(likenesses::TABLE, filter, &[]).await?;
    Ok(ages::of(&memberships, &birth_bands, &likenesses))
}
