//! What decisions remember about the ledger itself.

use std::collections::BTreeMap;

use events::{Code, Date, LedgerEvent, Text};
use serde::{Deserialize, Serialize};

use super::Subject;

/// The frame of all answers: fixed when the ledger was opened.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerFrame {
    zone: Option<Code>,
    format: u16,
    areas: BTreeMap<Code, (Text, Date)>,
}

impl LedgerFrame {
    /// The version of the recorded format; zero before the ledger was opened.
    #[must_use]
    pub fn format(&self) -> u16 {
        self.format
    }

    /// The area of a code: its name, and its first day.
    #[must_use]
    pub fn area(&self, code: &Code) -> Option<&(Text, Date)> {
        self.areas.get(code)
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
        match event {
            LedgerEvent::Opened { zone, format, .. } => {
                self.zone = Some(zone.clone());
                self.format = *format;
            }
            LedgerEvent::AreaDefined { effective, code, name, .. } => {
                self.areas.insert(code.clone(), (name.clone(), *effective));
            }
        }
    }
}
