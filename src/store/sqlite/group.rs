//! The transaction under way: what it checks against, and what it has done so far.
//!
//! What it did is looked up in memory first, then in what was known before it, then in the file.
//! Guards are not in it: they follow from the events. Their tables take them in once in a while, in
//! the order of their trees, for nearly every event would have a page of its own rewritten there.

use std::collections::BTreeSet;

use events::{Guard, Position, StreamId};
use foldhash::HashMap;

use super::append::Ledger;
use super::fault::Fault;
use super::recent::{Recent, Tip};
use crate::store::plan::{Kept, Plan, Present};

/// A transaction over one ledger.
pub(super) struct Group<'a> {
    ledger: Ledger<'a>,
    recent: &'a Recent,
    done: Done,
}

/// What a group did, beside its events.
#[derive(Default, Clone)]
pub(super) struct Done {
    /// Where the streams that it wrote to end.
    pub(super) tips: HashMap<StreamId, Tip>,
    /// The guards that it touched.
    pub(super) touched: HashMap<Guard, Touched>,
}

/// How a guard was touched.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Touched {
    /// Where last; zero if it was not.
    pub(super) position: Position,
    /// By which streams, as far as they may be new to it.
    pub(super) streams: BTreeSet<StreamId>,
}

impl Touched {
    /// Takes in a later touch.
    pub(super) fn add(&mut self, later: Self) {
        self.position = self.position.max(later.position);
        self.streams.extend(later.streams);
    }
}

impl Present for Group<'_> {
    type Fault = Fault;

    fn kept(&self, key: &str) -> Result<Option<Kept>, Fault> {
        self.ledger.kept(key)
    }

    fn touched_at(&self, guard: &Guard) -> Result<Position, Fault> {
        if let Some(stream) = guard.own_stream() {
            return Ok(self.tip(stream)?.position);
        }
        let known = self.done.touched.get(guard).map(|touched| touched.position);
        match known.or_else(|| self.recent.touched_at(guard)) {
            Some(position) => Ok(position),
            None => self.ledger.touched_at(guard),
        }
    }

    fn version(&self, stream: StreamId) -> Result<u64, Fault> {
        Ok(self.tip(stream)?.version)
    }

    fn lines(&self, source: &str) -> Result<Option<u64>, Fault> {
        self.ledger.lines(source)
    }
}

impl<'a> Group<'a> {
    /// A transaction that has done nothing yet.
    pub(super) fn new(ledger: Ledger<'a>, recent: &'a Recent) -> Self {
        Self { ledger, recent, done: Done::default() }
    }

    fn tip(&self, stream: StreamId) -> Result<Tip, Fault> {
        match self.done.tips.get(&stream) {
            Some(tip) => Ok(*tip),
            // What the file says of it is not of this transaction, or it would be known here.
            None => self.recent.tip(stream, || self.ledger.tip(stream)),
        }
    }

    /// Inserts what was planned.
    pub(super) fn keep(&mut self, plan: &Plan) -> Result<(), Fault> {
        self.ledger.keep(plan)?;
        for written in &plan.written {
            let position = written.record.position;
            let tip = Tip { version: written.columns.sequence, position };
            self.done.tips.insert(written.stream, tip);
            for guard in &written.touched {
                if guard.own_stream().is_some() {
                    continue; // it stands where its stream ends
                }
                let touched = self.done.touched.entry(guard.clone()).or_default();
                touched.position = position;
                if !self.recent.has_link(guard, written.stream) {
                    touched.streams.insert(written.stream);
                }
            }
        }
        Ok(())
    }

    /// Says what was done.
    pub(super) fn finish(self) -> Done {
        self.done
    }
}
