//! The lines of an export of events: JSON, one object a line, each with one spelling.
//!
//! First a heading, then receipts, then imports, then the events by position, then an end that
//! says how many of each there were: a file that was cut has none. The bytes of an event are kept
//! as a string, and its leaf says whether they are those that were recorded; every other line ends
//! with the SHA-256 of itself without that sum.

use events::leaf::hexadecimal;
use events::{LedgerId, Record};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Moved;
use crate::store::{Kept, Progress, Receipt, ReportRow};

/// The format that is written today.
pub(super) const FORMAT: &str = "rollbook events 1";

/// A line that ends with a sum of itself.
pub(super) trait Summed: Serialize + DeserializeOwned {
    /// The sum.
    fn sum(&mut self) -> &mut String;

    /// The line with its sum.
    fn sealed(mut self) -> Vec<u8> {
        self.sum().clear();
        let sum = hexadecimal(&Sha256::digest(bytes(&self)));
        *self.sum() = sum;
        bytes(&self)
    }

    /// Reads a line; `None` if it is not as it was written.
    fn read(line: &[u8]) -> Option<Self> {
        let read: Self = serde_json::from_slice(line).ok()?;
        let again: Self = serde_json::from_slice(line).ok()?;
        (again.sealed() == line).then_some(read)
    }
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Heading {
    pub(super) format: String,
    pub(super) ledger: LedgerId,
    /// The last position.
    pub(super) head: u64,
    /// The root of the tree over the leaves up to it.
    pub(super) root: String,
    pub(super) sum: String,
}

/// A receipt, with the commitment to the body that it answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceiptLine {
    receipt: Receipt,
    body_salt: String,
    body_hash: String,
    sum: String,
}

/// How far an import has come.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportLine {
    import: String,
    lines: u64,
    digest: String,
    rows: Vec<ReportRow>,
    sum: String,
}

/// An event. It has no sum, because its leaf is one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventLine<'a> {
    position: events::Position,
    #[serde(borrow)]
    envelope: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    payload: std::borrow::Cow<'a, str>,
    salt: String,
    leaf: String,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub(super) end: LedgerId,
    pub(super) events: u64,
    pub(super) receipts: u64,
    pub(super) imports: u64,
    pub(super) root: String,
    pub(super) sum: String,
}

/// Each kind of line with its sum.
macro_rules! summed {
    ($($line:ty),*) => {
        $(impl Summed for $line {
            fn sum(&mut self) -> &mut String {
                &mut self.sum
            }
        })*
    };
}

summed!(Heading, ReceiptLine, ImportLine, End);

impl Heading {
    pub(super) fn moved(&self) -> Moved {
        Moved { ledger: self.ledger, events: self.head, root: self.root.clone() }
    }
}

impl ReceiptLine {
    pub(super) fn of(kept: &Kept) -> Self {
        Self {
            receipt: kept.receipt.clone(),
            body_salt: hexadecimal(&kept.body_salt),
            body_hash: hexadecimal(&kept.body_hash),
            sum: String::new(),
        }
    }

    pub(super) fn kept(self) -> Option<Kept> {
        let (body_salt, body_hash) = (digest(&self.body_salt)?, digest(&self.body_hash)?);
        Some(Kept { body_salt, body_hash, receipt: self.receipt })
    }
}

impl ImportLine {
    pub(super) fn of(progress: &Progress) -> Self {
        Self {
            import: progress.source.clone(),
            lines: progress.lines,
            digest: hexadecimal(&progress.digest),
            rows: progress.rows.clone(),
            sum: String::new(),
        }
    }

    pub(super) fn progress(self) -> Option<Progress> {
        let digest = digest(&self.digest)?;
        Some(Progress { source: self.import, lines: self.lines, digest, rows: self.rows })
    }
}

/// The line of an event; `None` if its bytes are no text.
pub(super) fn event_line(record: &Record) -> Option<Vec<u8>> {
    let line = EventLine {
        position: record.position,
        envelope: std::str::from_utf8(&record.envelope).ok()?.into(),
        payload: std::str::from_utf8(&record.payload).ok()?.into(),
        salt: hexadecimal(&record.salt),
        leaf: hexadecimal(&record.leaf),
    };
    Some(bytes(&line))
}

/// The event of a line; `None` if that is no line of an event, or has another spelling.
pub(super) fn read_event(line: &[u8]) -> Option<Record> {
    let read: EventLine<'_> = serde_json::from_slice(line).ok()?;
    let record = Record {
        position: read.position,
        envelope: read.envelope.as_bytes().to_vec(),
        payload: read.payload.as_bytes().to_vec(),
        salt: digest(&read.salt)?,
        leaf: digest(&read.leaf)?,
    };
    (event_line(&record)? == line).then_some(record)
}

/// Hexadecimal digits as the bytes that they stand for.
fn digest<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

fn bytes(line: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(line).expect("strings and whole numbers are JSON")
}
