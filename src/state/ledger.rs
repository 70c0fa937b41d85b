//! What decisions remember about the ledger itself.

use events::{Code, LedgerEvent};
use serde::{Deserialize, Serialize};

use super::Subject;

/// The frame of all answers: fixed when the ledger was opened.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerFrame {
    version: u64,
    zone: Option<Code>,
}

impl LedgerFrame {
    /// The IANA zone in which dates are meant; `None` before the ledger was opened.
    #[must_use]
    pub fn zone(&self) -> Option<&Code> {
        self.zone.as_ref()
    }
}

impl Subject for LedgerFrame {
    type Event = LedgerEvent;

    fn apply(&mut self, event: &LedgerEvent) {
        self.version += 1;
        match event {
            LedgerEvent::Opened { zone, .. } => self.zone = Some(zone.clone()),
        }
    }

    fn version(&self) -> u64 {
        self.version
    }
}
