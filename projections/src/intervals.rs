//! The fold behind most projections: the changes of one subject become rows, each a stretch of days
//! during which one fact held.
//!
//! A subject's changes are kept in the order in which they hold. Every change begins a stretch that
//! the next change ends; a stretch in which nothing holds is no row. A late event cuts a stretch in
//! two and may alter those after it: their rows are closed in K and opened anew, the others stay as
//! they are.

use std::collections::HashMap;
use std::hash::Hash;

use events::{Family, Position, Recorded, StreamId, Timeline};

use crate::projection::{Op, Projection};
use crate::table::{Cell, Row, Table};

/// What makes a table of intervals out of one family of events.
pub trait Intervals: 'static {
    /// The table.
    const TABLE: &'static Table;

    /// What changes a subject.
    type Change: Family;

    /// Names a subject. A stream may hold several, a subject belongs to one stream.
    type Key: Copy + Eq + Hash + Send;

    /// What holds during a stretch.
    type Fact: PartialEq + Send;

    /// Which subject the event changes, and how; `None` when it is none of the table's business.
    fn change(event: &Recorded) -> Option<(Self::Key, &Self::Change)>;

    /// What holds after a change, given what held before it; `None`: nothing. Must depend on these
    /// alone.
    fn step(before: Option<&Self::Fact>, change: &Self::Change) -> Option<Self::Fact>;

    /// The domain columns of a row.
    fn cells(key: Self::Key, fact: &Self::Fact) -> Vec<Cell>;
}

/// Keeps a table of intervals.
pub struct IntervalFold<I: Intervals> {
    /// The subjects at hand, by the stream that tells of them.
    streams: HashMap<StreamId, HashMap<I::Key, Subject<I>>>,
}

/// One subject: its changes, and beside each the stretch that it begins.
struct Subject<I: Intervals> {
    changes: Timeline<I::Change>,
    stretches: Vec<Stretch<I::Fact>>,
}

/// What holds from one change to the next.
struct Stretch<F> {
    fact: Option<F>,
    known_from: Position,
}

impl<I: Intervals> Default for IntervalFold<I> {
    fn default() -> Self {
        Self { streams: HashMap::new() }
    }
}

impl<I: Intervals> Default for Subject<I> {
    fn default() -> Self {
        Self { changes: Timeline::default(), stretches: Vec::new() }
    }
}

impl<I: Intervals> Projection for IntervalFold<I> {
    fn table(&self) -> &'static Table {
        I::TABLE
    }

    fn recalls(&self, event: &Recorded) -> Option<StreamId> {
        I::change(event)?;
        let at_hand = event.sequence == 1 || self.streams.contains_key(&event.stream);
        (!at_hand).then_some(event.stream)
    }

    fn recall(&mut self, past: &[Recorded]) {
        if let Some(first) = past.first() {
            self.streams.remove(&first.stream);
        }
        for event in past {
            // The table has these rows; what counts is since when each of them is known.
            self.apply(event);
        }
    }

    fn apply(&mut self, event: &Recorded) -> Vec<Op> {
        let Some((key, change)) = I::change(event) else {
            // A stream may begin with what is no change here; its past is at hand all the same.
            if event.sequence == 1 && event.stream.family == I::Change::NAME {
                self.streams.entry(event.stream).or_default();
            }
            return Vec::new();
        };
        let subjects = self.streams.entry(event.stream).or_default();
        subjects.entry(key).or_default().take(key, event.position, change)
    }

    fn forget(&mut self) {
        self.streams.clear();
    }

    fn remembers(&self) -> usize {
        self.streams.len()
    }
}

impl<I: Intervals> Subject<I> {
    /// Puts a change in its place and derives again what depends on it.
    fn take(&mut self, key: I::Key, position: Position, change: &I::Change) -> Vec<Op> {
        let index = self.changes.insert(change.effective(), position, change.clone());
        self.stretches.insert(index, Stretch { fact: None, known_from: position });
        let mut ops = Vec::new();

        // The stretch before ends elsewhere now, though the same holds in it.
        let first = index.saturating_sub(1);
        if first < index {
            ops.extend(self.close(first, position));
            self.stretches[first].known_from = position;
        }
        // What holds from here on may differ; where it comes out as before, so does all the rest.
        let mut after = index;
        while let Some(stretch) = self.stretches.get(after) {
            let fact = self.fact(after);
            if after > index && fact == stretch.fact {
                break;
            }
            ops.extend(self.close(after, position));
            self.stretches[after] = Stretch { fact, known_from: position };
            after += 1;
        }
        ops.extend((first..after).filter_map(|index| self.row(key, index)).map(Op::Open));
        ops
    }

    /// What holds after a change.
    fn fact(&self, index: usize) -> Option<I::Fact> {
        let before = index.checked_sub(1).and_then(|before| self.stretches[before].fact.as_ref());
        I::step(before, &self.changes.changes()[index].value)
    }

    /// Closes the row of a stretch in K, if it is one.
    fn close(&self, index: usize, known_until: Position) -> Option<Op> {
        let Stretch { fact, known_from } = &self.stretches[index];
        fact.as_ref().map(|_| Op::Close {
            known_from: *known_from,
            opened_by: self.changes.changes()[index].position,
            line: 0,
            known_until,
        })
    }

    /// The row of a stretch, if it is one.
    fn row(&self, key: I::Key, index: usize) -> Option<Row> {
        let Stretch { fact, known_from } = &self.stretches[index];
        let opening = &self.changes.changes()[index];
        let closing = self.changes.changes().get(index + 1);
        fact.as_ref().map(|fact| Row {
            cells: I::cells(key, fact),
            valid_from: opening.effective,
            valid_until: closing.map(|change| change.effective),
            known_from: *known_from,
            known_until: None,
            opened_by: opening.position,
            closed_by: closing.map(|change| change.position),
            line: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::{Memberships, Posts};

    #[test]
    fn a_past_is_recalled_once_and_only_where_there_is_one() {
        let history = recorded(&[
            admitted(1, M1, P1, A),
            home_moved(3, M1, P1, A, B),
            formed(1, A, "A", None),
        ]);
        let mut fold = IntervalFold::<Memberships>::default();
        assert_eq!(fold.recalls(&history[0]), None, "it opens its stream");
        assert_eq!(fold.recalls(&history[1]), Some(M1.into()));
        assert_eq!(fold.recalls(&history[2]), None, "another table's business");
        fold.recall(&history[..1]);
        fold.recall(&history[..1]);
        assert_eq!((fold.recalls(&history[1]), fold.remembers()), (None, 1));
        assert_eq!(fold.apply(&history[1]).len(), 3, "one row closed, two opened");
        fold.forget();
        assert_eq!((fold.recalls(&history[1]), fold.remembers()), (Some(M1.into()), 0));
    }

    #[test]
    fn a_stream_at_hand_has_all_its_subjects_at_hand() {
        let history = recorded(&[taken(1, O1, A, "chair", P1), taken(3, O1, A, "chair", P2)]);
        let mut fold = IntervalFold::<Posts>::default();
        fold.apply(&history[0]);
        assert_eq!(fold.recalls(&history[1]), None);
    }

    #[test]
    fn a_change_at_the_end_touches_the_last_row_alone() {
        let history: Vec<_> = [admitted(1, M1, P1, A)]
            .into_iter()
            .chain((2..30).map(|on| home_moved(on, M1, P1, A, B)))
            .collect();
        let mut fold = IntervalFold::<Memberships>::default();
        let ops = recorded(&history).iter().map(|event| fold.apply(event).len()).max();
        assert_eq!(ops, Some(3), "one row closed, two opened");
    }
}
