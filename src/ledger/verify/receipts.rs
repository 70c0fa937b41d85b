//! Receipts and imports against the events that they answer for. Without its receipt a retry would
//! be recorded twice.

use std::collections::BTreeMap;

use events::{Envelope, Recorded};

use crate::store::Receipt;

/// Receipts as they are kept, each taken away when its events have come by.
pub(in crate::ledger) struct ReceiptCheck {
    kept: BTreeMap<String, Option<Receipt>>,
    /// What the receipt of the command whose events come by has to say. They lie side by side.
    expected: Option<Receipt>,
    wrong: Tally,
}

impl ReceiptCheck {
    pub(in crate::ledger) fn new(kept: Vec<(String, Option<Receipt>)>) -> Self {
        Self { kept: kept.into_iter().collect(), expected: None, wrong: Tally::default() }
    }

    /// Takes the next event into account.
    pub(in crate::ledger) fn event(&mut self, recorded: &Recorded) {
        if self.expected.as_ref().is_none_or(|expected| expected.key != recorded.key) {
            self.close();
        }
        let expected = self.expected.get_or_insert_with(|| Receipt {
            key: recorded.key.clone(),
            positions: Vec::new(),
            versions: Vec::new(),
            notes: Vec::new(),
            replayed: false,
        });
        expected.positions.push(recorded.position);
        let stream = recorded.stream.to_string();
        match expected.versions.iter_mut().find(|(known, _)| *known == stream) {
            Some((_, version)) => *version = recorded.sequence,
            None => expected.versions.push((stream, recorded.sequence)),
        }
    }

    fn close(&mut self) {
        let Some(expected) = self.expected.take() else { return };
        let answers = |kept: Receipt| {
            let Receipt { key, positions, versions, notes: _, replayed } = kept;
            let said = (key, positions, versions, replayed);
            said == (expected.key.clone(), expected.positions.clone(), expected.versions, false)
        };
        if !self.kept.remove(&expected.key).flatten().is_some_and(answers) {
            self.wrong.note(&expected.key);
        }
    }

    /// What is wrong, after the last event. What is left may answer for no events at all.
    pub(in crate::ledger) fn finish(mut self) -> Option<String> {
        self.close();
        for (key, kept) in &self.kept {
            if kept.as_ref().is_none_or(|kept| kept.key != *key || !kept.positions.is_empty()) {
                self.wrong.note(key);
            }
        }
        self.wrong.told()
    }
}

/// How many lines of each source are applied.
pub(in crate::ledger) struct ImportCheck {
    lines: BTreeMap<String, u64>,
    wrong: Tally,
}

impl ImportCheck {
    pub(in crate::ledger) fn new(lines: Vec<(String, u64)>) -> Self {
        Self { lines: lines.into_iter().collect(), wrong: Tally::default() }
    }

    /// Takes the next event into account: its line must be one that was applied.
    pub(in crate::ledger) fn event(&mut self, envelope: &Envelope) {
        let place = envelope.source.strip_prefix("import:");
        let Some((source, line)) = place.and_then(|place| place.rsplit_once(':')) else { return };
        let applied = self.lines.get(source).copied().unwrap_or(0);
        if line.parse::<u64>().is_ok_and(|line| line > applied) {
            self.wrong.note(&envelope.source);
        }
    }

    /// What is wrong, after the last event.
    pub(in crate::ledger) fn finish(self) -> Option<String> {
        self.wrong.told()
    }
}

/// The first of many, and how many more: a table that was emptied is one finding.
#[derive(Default)]
struct Tally {
    first: Option<String>,
    more: u64,
}

impl Tally {
    fn note(&mut self, what: &str) {
        match self.first {
            None => self.first = Some(what.to_owned()),
            Some(_) => self.more += 1,
        }
    }

    fn told(self) -> Option<String> {
        let more = self.more;
        self.first.map(|first| if more == 0 { first } else { format!("{first} (+{more})") })
    }
}
