//! The rule sets, as they were known at some moment.

use std::sync::{Arc, Mutex, PoisonError};

use events::leaf::Leaf;
use events::{Event, Position, StreamId};

use super::{Error, Ledger};
use crate::runner::decode;
use crate::state::{Policies, Subject};

/// The rule sets that were asked for last, by the leaves of the events that they follow from. Rule
/// sets are large and seldom adopted, and most questions ask for them.
#[derive(Default)]
pub(super) struct AskedLast(Mutex<Option<(Vec<Leaf>, Arc<Policies>)>>);

impl Ledger {
    /// All rule sets, as known at K.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn policies(&self, known_at: Position) -> Result<Arc<Policies>, Error> {
        let mut records = self.store().stream(StreamId::policy(self.id())).await?;
        records.retain(|record| record.position <= known_at);
        let leaves: Vec<Leaf> = records.iter().map(|record| record.leaf).collect();
        let last = || self.asked_last.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, policies)) = last().as_ref().filter(|(of, _)| *of == leaves) {
            return Ok(Arc::clone(policies));
        }
        let mut policies = Policies::default();
        for recorded in decode(&records)? {
            if let Event::Policy(event) = &recorded.event {
                policies.apply(event);
            }
        }
        let policies = Arc::new(policies);
        *last() = Some((leaves, Arc::clone(&policies)));
        Ok(policies)
    }
}
