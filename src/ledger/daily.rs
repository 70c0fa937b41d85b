//! A question about every day of a period at once.

use events::Position;
use projections::questions::{Daily, daily};
use projections::{At, Cell, DayRule, Filter, Period, Stretch, branches, memberships};

use super::{Error, Ledger};
use crate::actor::{Actor, Scope};

/// Which days are asked for.
#[derive(Debug, Clone, Copy)]
pub struct DailyAsked<'a> {
    /// The days.
    pub within: Period,
    /// Whether every branch is told too.
    pub by_branch: bool,
    /// The one branch that is told, by code or id.
    pub branch: Option<&'a str>,
    /// K: as known at this position.
    pub known_at: Position,
    /// Which moments of a day count.
    pub day_rule: DayRule,
}

impl Ledger {
    /// How many members has each branch, or the whole body, on every day of a period?
    ///
    /// # Errors
    /// [`Error::NotFound`] for a branch that is not there, or what keeps the store from answering.
    pub async fn daily(&self, actor: &Actor, asked: &DailyAsked<'_>) -> Result<Daily, Error> {
        let DailyAsked { within, by_branch, branch, known_at, day_rule } = *asked;
        let filter = match actor.scope() {
            Scope::Whole => Filter::During { known_at, within },
        };
        let Some(branch) = branch else {
            let at = At { valid_on: within.last_day(), known_at, day_rule };
            if let Some(kept) = self.kept_at(actor, at).await {
                return Ok(kept.index().daily(within, known_at, by_branch));
            }
            let branches = self.store.rows(branches::TABLE, &filter, &[]).await?;
            let stays = self.store.stretches_by(memberships::TABLE, &filter, "branch").await?;
            return Ok(daily(within, day_rule, &branches, &stays, by_branch));
        };
        let branch = self.branch_known(branch, known_at).await?.to_string();
        let only = [("branch", Cell::Text(branch.clone()))];
        let branches = self.store.rows(branches::TABLE, &filter, &only).await?;
        let stays = self.store.rows(memberships::TABLE, &filter, &only).await?;
        let stays = vec![(Cell::Text(branch), stays.iter().map(Stretch::of).collect())];
        Ok(daily(within, day_rule, &branches, &stays, true))
    }
}
