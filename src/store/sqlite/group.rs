//! The transaction under way: what it checks against, and what it has done so far.
//!
//! What it did is looked up in memory first, then in what was known before it, then in the file.
//! Guards and links are written once at its end, in the order of their trees: many events of one
//! group touch the same branches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::{Guard, Position, StreamId};

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
    /// The guards that it touched, each with the last touch.
    pub(super) touched: BTreeMap<Guard, Position>,
    /// Links between guards and streams that may be new.
    pub(super) links: BTreeSet<(Guard, StreamId)>,
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
        let known = self.done.touched.get(guard).copied();
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

    /// Inserts what was planned, but for what comes at the end.
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
                self.done.touched.insert(guard.clone(), position);
                if !self.recent.has_link(guard, written.stream) {
                    self.done.links.insert((guard.clone(), written.stream));
                }
            }
        }
        Ok(())
    }

    /// Writes what comes at the end, and says what was done.
    pub(super) fn finish(self) -> Result<Done, Fault> {
        self.ledger.keep_guards(&self.done)?;
        Ok(self.done)
    }
}
