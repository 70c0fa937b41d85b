//! The index in memory, for those who keep a ledger open for long.

use std::sync::{Arc, PoisonError};

use projections::{At, DayRule};

use super::{Error, Ledger};
use crate::actor::{Actor, Scope};
use crate::runner::kept::Kept;

impl Ledger {
    /// Answers out of memory from now on, where it can: how many members there are and how well
    /// the field is covered, at any K. Folds the whole log, which takes about as long as a replay;
    /// one question alone is answered sooner from the tables.
    ///
    /// The index follows what this ledger records, and before an answer what others did. Answers
    /// are those of the tables; where it cannot follow, the tables give them.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn keep_index(&self) -> Result<(), Error> {
        let kept = Kept::build(&self.store, self.projected().await?).await?;
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = kept.map(Arc::new);
        Ok(())
    }

    fn kept(&self) -> Option<Arc<Kept>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The index, if it is kept and answers for a place.
    pub(super) async fn kept_at(&self, actor: &Actor, at: At) -> Option<Arc<Kept>> {
        let Scope::Whole = actor.scope();
        let kept = self.kept().filter(|_| at.day_rule == DayRule::EndOfDay)?;
        match kept.follow(&self.store, at.known_at).await {
            Ok(follows) => follows.then_some(kept),
            Err(error) => {
                tracing::warn!(%error, "the index in memory is behind");
                None
            }
        }
    }

    /// Takes into the index what the projections account for now.
    pub(super) async fn follow_with_index(&self, until: events::Position) {
        if let Some(kept) = self.kept()
            && let Err(error) = kept.follow(&self.store, until).await
        {
            tracing::warn!(%error, "the index in memory is behind");
        }
    }
}
