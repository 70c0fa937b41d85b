//! The rule sets, as they were known at some moment.

use events::{Event, Position, StreamId};

use super::{Error, Ledger};
use crate::runner::decode;
use crate::state::{Policies, Subject};

impl Ledger {
    /// All rule sets, as known at K.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn policies(&self, known_at: Position) -> Result<Policies, Error> {
        let mut records = self.store().stream(StreamId::policy(self.id())).await?;
        records.retain(|record| record.position <= known_at);
        let mut policies = Policies::default();
        for recorded in decode(&records)? {
            if let Event::Policy(event) = &recorded.event {
                policies.apply(event);
            }
        }
        Ok(policies)
    }
}
