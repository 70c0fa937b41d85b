//! What a batch comes to: checked against the record and written out, the same for every engine.
//!
//! All checks come before the first random byte is drawn and before an engine inserts anything, so
//! a refused batch leaves nothing and its neighbours in the same transaction go on.

use events::leaf::Hash;
use events::{Guard, LedgerId, Position, StreamId};
use foldhash::{HashMap, HashSet};
use sha2::{Digest, Sha256};

use super::error::Misplaced;
use super::nature::whole_microseconds;
use super::seeded::{Fault, planted};
use super::{
    Append, Batch, Block, Head, Nature, Progress, Receipt, StoreError, Written, no_event, write,
};

/// The record as it stands, so far as a check asks. An engine's side of the bargain.
pub(super) trait Present {
    /// What goes wrong below.
    type Fault;

    /// The answer that was given to a key.
    fn kept(&self, key: &str) -> Result<Option<Kept>, Self::Fault>;
    /// The last touch of a guard; zero if there was none.
    fn touched_at(&self, guard: &Guard) -> Result<Position, Self::Fault>;
    /// The version of a stream; zero if it is not there.
    fn version(&self, stream: StreamId) -> Result<u64, Self::Fault>;
    /// How many lines of a source are applied.
    fn lines(&self, source: &str) -> Result<Option<u64>, Self::Fault>;
}

/// Why a batch was not planned.
#[derive(Debug)]
pub(super) enum Trouble<F> {
    /// The batch alone is refused.
    Refused(StoreError),
    /// The engine failed.
    Fault(F),
}

impl<F> From<F> for Trouble<F> {
    fn from(fault: F) -> Self {
        Self::Fault(fault)
    }
}

/// A receipt, and a commitment to the body that it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The salt of the commitment.
    pub body_salt: [u8; 32],
    /// The commitment.
    pub body_hash: Hash,
    /// What was answered.
    pub receipt: Receipt,
}

impl Kept {
    fn answers(&self, body: &[u8]) -> bool {
        self.body_hash == body_hash(&self.body_salt, body)
    }
}

/// What an engine has to make durable, all of it or nothing.
#[derive(Debug)]
pub(super) struct Plan {
    /// The end of the record afterwards.
    pub(super) head: Head,
    /// The events, in order.
    pub(super) written: Vec<Written>,
    /// The new receipts.
    pub(super) kept: Vec<Kept>,
    /// How far an import has come.
    pub(super) progress: Option<Progress>,
    /// What the caller is told.
    pub(super) receipts: Vec<Receipt>,
}

/// Checks a batch against the record, then gives its events their places.
pub(super) fn plan<P: Present>(
    ledger: LedgerId,
    head: &Head,
    nature: &dyn Nature,
    present: &P,
    batch: &Batch,
) -> Result<Plan, Trouble<P::Fault>> {
    let replayed = replay(present, batch)?;
    let progress = match &batch.progress {
        None => None,
        Some(progress) => advance(present, progress.clone(), replayed.is_some())?,
    };
    if let Some(receipt) = replayed {
        let receipts = vec![receipt];
        let head = head.clone();
        return Ok(Plan { head, written: Vec::new(), kept: Vec::new(), progress, receipts });
    }
    check(present, batch)?;
    Ok(place(ledger, head, nature, &batch.appends, progress))
}

/// Gives the events of another place the places that they have there, if they are as they were
/// recorded and go on where this record ends.
pub(super) fn adopt(ledger: LedgerId, head: &Head, block: Block) -> Result<Plan, StoreError> {
    let mut head = head.clone();
    let mut written = Vec::with_capacity(block.records.len());
    for record in block.records {
        let (position, found) = (head.position.next(), record.position.0);
        if record.position != position {
            let (place, source) = ("the record".to_owned(), Box::new(Misplaced { found }));
            return Err(StoreError::Corrupt { place, position: Some(position.0), source });
        }
        let (_, recorded) = record.check(ledger).map_err(|error| no_event(position, error))?;
        head.position = position;
        head.recorded_at = Some(recorded.recorded_at);
        head.frontier.push(&record.leaf);
        let (stream, columns) = (recorded.stream, recorded.columns());
        let touched = events::guard::touched(stream, recorded.event.as_ref());
        let touched = touched.into_iter().collect();
        written.push(Written { record, stream, columns, touched });
    }
    let (kept, progress) = (block.kept, block.progress);
    Ok(Plan { head, written, kept, progress, receipts: Vec::new() })
}

/// The receipt, when the batch is one append whose key was answered before.
fn replay<P: Present>(present: &P, batch: &Batch) -> Result<Option<Receipt>, Trouble<P::Fault>> {
    let [append] = &batch.appends[..] else { return Ok(None) };
    match present.kept(&append.key)? {
        None => Ok(None),
        Some(kept) if kept.answers(&append.body) => {
            Ok(Some(Receipt { replayed: true, ..kept.receipt }))
        }
        Some(_) => Err(Trouble::Refused(StoreError::KeyReused(append.key.clone()))),
    }
}

/// The progress to be stored. A replayed batch brings none that is stored already, and an import
/// that another one has overtaken is refused.
fn advance<P: Present>(
    present: &P,
    progress: Progress,
    replayed: bool,
) -> Result<Option<Progress>, Trouble<P::Fault>> {
    let stored = present.lines(&progress.source)?.unwrap_or(0);
    if replayed && progress.lines <= stored {
        return Ok(None);
    }
    if progress.lines < stored {
        return Err(conflict(format!("import {}", progress.source)));
    }
    Ok(Some(progress))
}

fn check<P: Present>(present: &P, batch: &Batch) -> Result<(), Trouble<P::Fault>> {
    let mut keys = HashSet::default();
    let mut touched: HashSet<Guard> = HashSet::default();
    let mut versions: HashMap<StreamId, u64> = HashMap::default();
    let several = batch.appends.len() > 1;
    for append in &batch.appends {
        let known = several && present.kept(&append.key)?.is_some();
        if known || !keys.insert(append.key.as_str()) {
            return Err(conflict(format!("key {}", append.key)));
        }
        for (guard, looked_at) in &append.looked {
            let moved = touched.contains(guard) || present.touched_at(guard)? > *looked_at;
            if moved && !planted(Fault::GuardNotAsserted) {
                return Err(conflict(guard.to_string()));
            }
        }
        for new in &append.events {
            debug_assert_eq!(new.event.family(), new.stream.family, "an event in a foreign stream");
            let version = match versions.get(&new.stream) {
                Some(version) => *version,
                None => present.version(new.stream)?,
            };
            if new.sequence != version + 1 && !planted(Fault::VersionNotAsserted) {
                return Err(conflict(new.stream.to_string()));
            }
            versions.insert(new.stream, new.sequence);
            if several {
                touched.extend(events::guard::touched(new.stream, new.event.as_ref()));
            }
        }
    }
    Ok(())
}

fn place(
    ledger: LedgerId,
    head: &Head,
    nature: &dyn Nature,
    appends: &[Append],
    progress: Option<Progress>,
) -> Plan {
    let mut head = head.clone();
    if appends.iter().any(|append| !append.events.is_empty()) {
        // A clock that steps back does not take the record with it.
        head.recorded_at = head.recorded_at.max(Some(whole_microseconds(nature.now())));
    }
    let mut plan = Plan {
        head,
        written: Vec::new(),
        kept: Vec::with_capacity(appends.len()),
        progress,
        receipts: Vec::with_capacity(appends.len()),
    };
    for append in appends {
        let body_salt = nature.random();
        let body_hash = body_hash(&body_salt, &append.body);
        let receipt = place_append(ledger, nature, append, &mut plan);
        plan.kept.push(Kept { body_salt, body_hash, receipt: receipt.clone() });
        plan.receipts.push(receipt);
    }
    plan
}

fn place_append(
    ledger: LedgerId,
    nature: &dyn Nature,
    append: &Append,
    plan: &mut Plan,
) -> Receipt {
    let mut positions = Vec::with_capacity(append.events.len());
    let mut versions: Vec<(String, u64)> = Vec::new();
    for new in &append.events {
        let head = &mut plan.head;
        let position = head.position.next();
        let recorded_at = head.recorded_at.expect("set above, since there is an event");
        let (key, frame) = (&append.key, &append.frame);
        let written = write(ledger, position, recorded_at, nature.random(), key, frame, new);
        head.position = position;
        head.frontier.push(&written.record.leaf);
        plan.written.push(written);
        positions.push(position);
        let stream = new.stream.to_string();
        match versions.iter_mut().find(|(known, _)| *known == stream) {
            Some((_, version)) => *version = new.sequence,
            None => versions.push((stream, new.sequence)),
        }
    }
    let (key, notes) = (append.key.clone(), append.notes.clone());
    Receipt { key, positions, versions, notes, replayed: false }
}

fn body_hash(salt: &[u8; 32], body: &[u8]) -> Hash {
    Sha256::new().chain_update(salt).chain_update(body).finalize().into()
}

fn conflict<F>(what: String) -> Trouble<F> {
    Trouble::Refused(StoreError::Conflict(what))
}
