//! The fold behind tables whose rows hold from a day on, whatever happens later.

use std::marker::PhantomData;

use events::{Recorded, StreamId};

use crate::projection::{Op, Projection};
use crate::table::{Cell, Row, Table};

/// What makes a table of lasting facts out of single events.
pub trait Points: Send + 'static {
    /// The table.
    const TABLE: &'static Table;

    /// The domain columns of each row that the event gives, in the order of their lines.
    fn cells(event: &Recorded) -> Vec<Vec<Cell>>;
}

/// Keeps a table of lasting facts. It has nothing to remember.
pub struct PointFold<P: Points>(PhantomData<P>);

impl<P: Points> Default for PointFold<P> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<P: Points> Projection for PointFold<P> {
    fn table(&self) -> &'static Table {
        P::TABLE
    }

    fn recalls(&self, _event: &Recorded) -> Option<StreamId> {
        None
    }

    fn recall(&mut self, _past: &[Recorded]) {}

    fn apply(&mut self, event: &Recorded) -> Vec<Op> {
        let rows = (0..).zip(P::cells(event)).map(|(line, cells)| Row {
            cells,
            valid_from: event.event.effective(),
            valid_until: None,
            known_from: event.position,
            known_until: None,
            opened_by: event.position,
            closed_by: None,
            line,
        });
        rows.map(Op::Open).collect()
    }

    fn forget(&mut self) {}

    fn remembers(&self) -> usize {
        0
    }
}
