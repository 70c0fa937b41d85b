//! Building projections anew while the ones that serve go on serving, and going back.
//!
//! It needs no right to record: whoever has it goes on recording.

use std::sync::Arc;

use events::Position;
use projections::{TABLES, Table};

use super::{Error, Location, Mode};
use crate::runner::rebuild::Rebuild;
use crate::store::{Nature, StoreError};

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
    let workshop = location.store().workshop()?;
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

fn tables(name: Option<&str>) -> Result<Vec<&'static Table>, Error> {
    let Some(name) = name else { return Ok(TABLES.to_vec()) };
    let table = TABLES.iter().find(|table| table.name == name);
    let unknown = || Error::NotFound { what: "projection", given: name.to_owned() };
    Ok(vec![table.copied().ok_or_else(unknown)?])
}
