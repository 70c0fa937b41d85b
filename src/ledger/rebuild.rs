//! Building projections anew while the ones that serve go on serving, and going back.
//!
//! It needs no right to record: whoever has it goes on recording.

use std::sync::Arc;

use events::Position;
use projections::{TABLES, Table};
use tokio::runtime::Builder;

use super::{Error, Location, Mode};
use crate::runner::rebuild::{Rebuild, is_next_to_empty};
use crate::store::{Nature, Store, StoreError};

pub use crate::runner::rebuild::{Differing, Rebuilt, Served, Step};

/// What is to be rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The one projection; all of them when none is named.
    pub projection: Option<&'a str>,
    /// Not built anew: the table serves again that served before.
    pub back: bool,
    /// What is done when a table is not what the serving one is.
    pub differing: Differing,
}

/// Rebuilds projections of a ledger, or goes back to the former ones.
///
/// # Errors
/// [`Error::NotFound`] for a projection that there is not, or when there is nothing to go back to;
/// [`StoreError::AnotherRebuild`] when another process is rebuilding; otherwise what keeps the
/// ledger from being read or written. What served before serves then.
pub async fn rebuild_at(
    location: &Location,
    nature: Arc<dyn Nature>,
    wanted: Wanted<'_>,
    step: impl FnMut(Step) + Send,
) -> Result<Vec<Rebuilt>, Error> {
    let tables = tables(wanted.projection)?;
    let store = location.store().open(Mode::Read, nature).await?;
    if store.head().await?.position == Position(0) {
        return Err(StoreError::NoLedger(location.path.display().to_string()).into());
    }
    let workshop = store.workshop()?;
    let rebuild = if wanted.back {
        let rebuild = Rebuild::back(workshop, &store, &tables).await?;
        if rebuild.tables().next().is_none() {
            let given = wanted.projection.unwrap_or("projections").to_owned();
            return Err(Error::NotFound { what: "former", given });
        }
        rebuild
    } else {
        Rebuild::anew(workshop, &store, &tables)
    };
    Ok(rebuild.run(wanted.differing, step).await?)
}

/// Builds tables anew that another version of this program made, and those in which next to nothing
/// of a long record is. These can be brought forward as well, where something keeps them from being
/// built: somebody who is rebuilding, or no room for drafts.
pub(super) async fn renew(store: &Arc<dyn Store>) -> Result<(), StoreError> {
    let (all, head) = (store.all_projected().await?, store.head().await?.position);
    let mut tables = Vec::new();
    let mut is_needed = false;
    for table in TABLES {
        let stored = all.get(table.name);
        let is_of_today = stored.is_none_or(|stored| stored.version == table.version);
        let stands_at = stored.map_or(Position(0), |stored| stored.position);
        if !is_of_today || is_next_to_empty(stands_at, head) {
            tables.push(*table);
        }
        is_needed |= !is_of_today;
    }
    if tables.is_empty() {
        return Ok(());
    }
    match replace(store, tables).await {
        Err(error) if !is_needed => tracing::warn!(%error, "tables are brought forward instead"),
        replaced => replaced?,
    }
    Ok(())
}

/// Builds tables anew, whatever serves. On threads of its own: a workshop keeps the one waiting on
/// which it is asked, and whom it waits for may be a task of the caller's.
pub(super) async fn replace(
    store: &Arc<dyn Store>,
    tables: Vec<&'static Table>,
) -> Result<(), StoreError> {
    let store = Arc::clone(store);
    let failed = |error| StoreError::Failed { place: "tables".to_owned(), source: error };
    let replaced = tokio::task::spawn_blocking(move || {
        let runtime = Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| failed(Box::new(error)))?;
        runtime.block_on(async {
            let rebuild = Rebuild::anew(store.workshop()?, &store, &tables);
            rebuild.run(Differing::IsReplaced, |_| {}).await.map(|_| ())
        })
    });
    replaced.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

fn tables(name: Option<&str>) -> Result<Vec<&'static Table>, Error> {
    let Some(name) = name else { return Ok(TABLES.to_vec()) };
    let table = TABLES.iter().find(|table| table.name == name);
    let unknown = || Error::NotFound { what: "projection", given: name.to_owned() };
    Ok(vec![table.copied().ok_or_else(unknown)?])
}
