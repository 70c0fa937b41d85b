//! How events become rows.

use events::{FamilyName, Position, Recorded, StreamId};

use crate::table::{Row, Table};

/// A change to a projection's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// A row is known from now on.
    Open(Row),
    /// A row is known no longer; it stays, closed in K.
    Close {
        /// The row's `known_from`.
        known_from: Position,
        /// The row's `opened_by`.
        opened_by: Position,
        /// The row's `line`.
        line: u32,
        /// From which position on it is not known any more.
        known_until: Position,
    },
}

/// A fold over the log: events in, changes of rows out.
pub trait Projection: Send {
    /// The table that it owns.
    fn table(&self) -> &'static Table;

    /// The family whose events, and corrections to them, are all that it takes into account beside
    /// the very first event; `None`: any family's.
    fn only(&self) -> Option<FamilyName>;

    /// The subject whose past the fold must have at hand before it takes this event; `None` when
    /// the event opens the subject's stream, is none of its business, or the past is at hand.
    fn recalls(&self, event: &Recorded) -> Option<StreamId>;

    /// Takes the subject's past into account again, without giving rows: it has them.
    fn recall(&mut self, past: &[Recorded]);

    /// Takes one more event into account. Must not fail: the event has happened.
    fn apply(&mut self, event: &Recorded) -> Vec<Op>;

    /// Drops what can be recalled and is hardly asked for again: what is over.
    fn forget_ended(&mut self);

    /// Drops what can be recalled, to bound memory.
    fn forget(&mut self);

    /// How many subjects are at hand.
    fn remembers(&self) -> usize;

    /// Bounds memory after some events: drops what is over, and everything once more than so many
    /// subjects are at hand.
    fn let_go(&mut self, subjects_max: usize) {
        self.forget_ended();
        if self.remembers() > subjects_max {
            self.forget();
        }
    }
}
