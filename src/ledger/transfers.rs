//! Questions about transfers: which are under way, and who has to act by when.

use events::Position;
use projections::questions::{TransferEntry, TransfersAsked, transfers};
use projections::{At, Filter, branches, transfers as table};

use super::queries::within;
use super::{Error, Ledger};
use crate::actor::Actor;

impl Ledger {
    /// Which transfers are under way, and who has to act?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn transfers(
        &self,
        actor: &Actor,
        at: At,
        asked: &TransfersAsked,
    ) -> Result<Vec<TransferEntry>, Error> {
        let rows = self.store().rows(table::TABLE, &within(actor, at), &[]).await?;
        let branches = self.store().rows(branches::TABLE, &Filter::Known(at.known_at), &[]).await?;
        let rules = self.rules_at(at).await?;
        let silence_days = rules.and_then(|rules| rules.transfer.silence_days);
        Ok(transfers(&rows, &branches, (asked, silence_days), at))
    }

    /// The branch that somebody typed for an inbox or outbox.
    ///
    /// # Errors
    /// [`Error::NotFound`] when none was known then.
    pub async fn side_named(&self, text: &str, known_at: Position) -> Result<String, Error> {
        Ok(self.branch_known(text, known_at).await?.to_string())
    }
}
