//! The fold behind tables whose rows hold from a day on, until what gave them is corrected.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use events::{CorrectionEvent, Event, FamilyName, Position, Recorded, StreamId};
use foldhash::HashMap;

use crate::projection::{Op, Projection};
use crate::table::{Cell, Row, Table};

/// What makes a table of lasting facts out of single events.
pub trait Points: Send + 'static {
    /// The table.
    const TABLE: &'static Table;

    /// The one family whose events give rows; `None`: any.
    const GIVEN: Option<FamilyName>;

    /// The family whose corrections take rows back; `None`: rows stay, whatever is said later.
    const CORRECTED: Option<FamilyName>;

    /// The domain columns of each row that the event gives, in the order of their lines.
    fn cells(event: &Recorded) -> Vec<Vec<Cell>>;
}

/// Keeps a table of lasting facts. It remembers only what a correction may take back.
pub struct PointFold<P: Points> {
    /// The streams at hand.
    streams: HashMap<StreamId, Stream>,
    table: PhantomData<P>,
}

/// One stream: where its events stand, and the rows that each of its places has given.
#[derive(Default)]
struct Stream {
    positions: Vec<Position>,
    given: BTreeMap<u64, Given>,
}

/// The rows that are known of one place.
#[derive(Clone, Copy)]
struct Given {
    known_from: Position,
    opened_by: Position,
    lines: u32,
}

impl<P: Points> Default for PointFold<P> {
    fn default() -> Self {
        Self { streams: HashMap::default(), table: PhantomData }
    }
}

impl<P: Points> Projection for PointFold<P> {
    fn table(&self) -> &'static Table {
        P::TABLE
    }

    fn only(&self) -> Option<FamilyName> {
        P::GIVEN
    }

    fn recalls(&self, event: &Recorded) -> Option<StreamId> {
        let correction = matches!(event.event, Event::Correction(_));
        let corrected = correction && P::CORRECTED == Some(event.event.family());
        (corrected && !self.streams.contains_key(&event.stream)).then_some(event.stream)
    }

    fn recall(&mut self, past: &[Recorded]) {
        if let Some(first) = past.first() {
            self.streams.remove(&first.stream);
        }
        for event in past {
            self.apply(event);
        }
    }

    fn apply(&mut self, event: &Recorded) -> Vec<Op> {
        if P::CORRECTED != Some(event.event.family()) {
            return opened(rows::<P>(event, event.position));
        }
        if event.sequence == 1 {
            self.streams.entry(event.stream).or_default();
        }
        let Some(stream) = self.streams.get_mut(&event.stream) else {
            return opened(rows::<P>(event, event.position));
        };
        stream.positions.push(event.position);
        let Event::Correction(correction) = &event.event else {
            return stream.show(event.sequence, rows::<P>(event, event.position));
        };
        let mut ops = stream.take_back(correction, event.position);
        if let Some(fact) = stream.standing(event, correction) {
            ops.extend(stream.show(correction.place(), rows::<P>(&fact, event.position)));
        }
        ops
    }

    fn forget_ended(&mut self) {}

    fn forget(&mut self) {
        self.streams.clear();
    }

    fn remembers(&self) -> usize {
        self.streams.len()
    }
}

impl Stream {
    /// Opens the rows of a place, and remembers them.
    fn show(&mut self, place: u64, rows: Vec<Row>) -> Vec<Op> {
        if let Some(Row { known_from, opened_by, .. }) = rows.first() {
            let lines = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            let given = Given { known_from: *known_from, opened_by: *opened_by, lines };
            self.given.insert(place, given);
        }
        opened(rows)
    }

    /// Closes the rows of the place that is corrected.
    fn take_back(&mut self, correction: &CorrectionEvent, known_until: Position) -> Vec<Op> {
        let Some(given) = self.given.remove(&correction.place()) else { return Vec::new() };
        let Given { known_from, opened_by, lines } = given;
        (0..lines).map(|line| Op::Close { known_from, opened_by, line, known_until }).collect()
    }

    /// The fact that stands where a correction put it, as if it had been recorded so.
    fn standing(&self, event: &Recorded, correction: &CorrectionEvent) -> Option<Recorded> {
        let (sequence, fact) = correction.stands(event.sequence)?;
        let index = usize::try_from(sequence).ok()?.checked_sub(1)?;
        let position = *self.positions.get(index)?;
        Some(Recorded { position, sequence, event: fact, ..event.clone() })
    }
}

fn opened(rows: Vec<Row>) -> Vec<Op> {
    rows.into_iter().map(Op::Open).collect()
}

fn rows<P: Points>(event: &Recorded, known_from: Position) -> Vec<Row> {
    let rows = (0..).zip(P::cells(event)).map(|(line, cells)| Row {
        cells,
        valid_from: event.event.effective(),
        valid_until: None,
        known_from,
        known_until: None,
        opened_by: event.position,
        closed_by: None,
        line,
    });
    rows.collect()
}
