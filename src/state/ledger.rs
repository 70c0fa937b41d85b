//! What decisions remember about the ledger itself.

use events::{Code, LedgerEvent};
use serde::{Deserialize, Serialize};

use super::Subject;

/// The frame of all answers: fixed when the ledger was opened.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerFrame {
    version: u64,
    zone: Option<Code>,
    format: u16,
}

impl LedgerFrame {
    /// The version of the recorded format; zero before the ledger was opened.
    #[must_use]
    pub fn format(&self) -> u16 {
        self.format
    }

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
            LedgerEvent::Opened { zone, format, .. } => {
                self.zone = Some(zone.clone());
                self.format = *format;
            }
        }
    }

    fn version(&self) -> u64 {
        self.version
    }
}
