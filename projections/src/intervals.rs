//! The fold behind most projections: the changes of one subject become rows, each a stretch of days
//! during which one fact held.
//!
//! A subject's changes are kept in the order in which they hold. Every change begins a stretch that
//! the next change ends; a stretch in which nothing holds is no row. A late event cuts a stretch in
//! two and may alter those after it: their rows are closed in K and opened anew, the others stay as
//! they are.

use std::collections::hash_map::Entry;
use std::hash::Hash;

use events::{CorrectionEvent, Event, Family, FamilyName, Position, Recorded, StreamId, Timeline};
use foldhash::HashMap;

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

    /// Whether few streams of the family ever have such a change. Then a stream's past is taken to
    /// hand with its first change, and not from its beginning on.
    const RARE: bool = false;

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
    /// The streams at hand.
    streams: HashMap<StreamId, Stream<I>>,
    /// Those of them that seemed over at some time.
    ended: Vec<StreamId>,
    /// Whether every stream that ever had a change of a rare kind is at hand.
    is_whole: bool,
}

/// One stream: the subjects that it tells of, and where each of its events stands.
struct Stream<I: Intervals> {
    positions: Vec<Position>,
    subjects: HashMap<I::Key, Subject<I>>,
}

/// One subject: its changes, and beside each the stretch that it begins.
struct Subject<I: Intervals> {
    /// In the order of their places in the stream: a correction takes the place of what it
    /// corrects.
    changes: Timeline<Said<I::Change>>,
    stretches: Vec<Stretch<I::Fact>>,
}

/// A change, and the position of the event that says it.
struct Said<C> {
    change: C,
    by: Position,
}

/// What holds from one change to the next.
struct Stretch<F> {
    fact: Option<F>,
    known_from: Position,
}

impl<I: Intervals> Default for IntervalFold<I> {
    fn default() -> Self {
        Self { streams: HashMap::default(), ended: Vec::new(), is_whole: false }
    }
}

impl<I: Intervals> Default for Stream<I> {
    fn default() -> Self {
        Self { positions: Vec::new(), subjects: HashMap::default() }
    }
}

impl<I: Intervals> Default for Subject<I> {
    fn default() -> Self {
        Self { changes: Timeline::default(), stretches: Vec::new() }
    }
}

impl<I: Intervals> IntervalFold<I> {
    /// Whether an event may alter rows, be it by correcting what did.
    fn concerns(event: &Recorded) -> bool {
        if let Event::Correction(correction) = &event.event {
            return correction.family() == I::Change::NAME;
        }
        I::change(event).is_some()
    }

    /// Whether the event means nothing to a subject that had no change yet: many of them only end
    /// what holds.
    fn changes_nothing_yet(event: &Recorded) -> bool {
        I::change(event).is_some_and(|(_, change)| I::step(None, change).is_none())
    }

    /// Takes an event of a stream at hand, or one that takes its stream to hand.
    fn take(&mut self, event: &Recorded) -> Vec<Op> {
        let stream = match self.streams.entry(event.stream) {
            Entry::Occupied(stream) => stream.into_mut(),
            // A stream may begin with what is no change here; it is at hand all the same.
            Entry::Vacant(place) if event.sequence == 1 && (!I::RARE || Self::concerns(event)) => {
                place.insert(Stream::default())
            }
            Entry::Vacant(_) => return Vec::new(),
        };
        stream.positions.push(event.position);
        if let Event::Correction(correction) = &event.event {
            return stream.correct(event, correction);
        }
        let Some((key, change)) = I::change(event) else { return Vec::new() };
        let subject = stream.subjects.entry(key).or_default();
        let ops = subject.take(key, event.position, Position(event.sequence), change);
        if subject.is_over() {
            self.ended.push(event.stream);
        }
        ops
    }
}

impl<I: Intervals> Projection for IntervalFold<I> {
    fn table(&self) -> &'static Table {
        I::TABLE
    }

    fn only(&self) -> Option<FamilyName> {
        Some(I::Change::NAME)
    }

    fn recalls(&self, event: &Recorded) -> Option<StreamId> {
        let recalls = event.sequence > 1
            && event.event.family() == I::Change::NAME
            && Self::concerns(event)
            && !self.streams.contains_key(&event.stream)
            && !(self.is_whole && Self::changes_nothing_yet(event));
        recalls.then_some(event.stream)
    }

    fn recall(&mut self, past: &[Recorded]) {
        if let Some(first) = past.first() {
            self.streams.insert(first.stream, Stream::default());
        }
        for event in past {
            // The table has these rows; what counts is since when each of them is known.
            self.take(event);
        }
    }

    fn apply(&mut self, event: &Recorded) -> Vec<Op> {
        self.is_whole |= I::RARE && event.position == Position(1);
        if event.event.family() != I::Change::NAME {
            return Vec::new();
        }
        self.take(event)
    }

    fn forget_ended(&mut self) {
        if I::RARE {
            return;
        }
        for stream in self.ended.drain(..) {
            if self.streams.get(&stream).is_some_and(Stream::is_over) {
                self.streams.remove(&stream);
            }
        }
    }

    fn forget(&mut self) {
        self.streams.clear();
        self.ended.clear();
        self.is_whole = false;
    }

    fn remembers(&self) -> usize {
        self.streams.len()
    }
}

impl<I: Intervals> Stream<I> {
    /// Whether it tells of one subject, of which nothing holds any more.
    fn is_over(&self) -> bool {
        self.subjects.len() == 1 && self.subjects.values().all(Subject::is_over)
    }

    /// Puts what a correction says in the place of what it corrects. Subjects are derived again,
    /// each as a whole: corrections are rare.
    fn correct(&mut self, event: &Recorded, correction: &CorrectionEvent) -> Vec<Op> {
        let place = Position(correction.place());
        let mut ops = Vec::new();
        let stands = correction.stands(event.sequence).and_then(|(sequence, fact)| {
            let by = usize::try_from(sequence).ok().and_then(|index| index.checked_sub(1));
            let by = *self.positions.get(by?)?;
            Some(Recorded { position: by, sequence, event: fact, ..event.clone() })
        });
        let stands = stands.as_ref().and_then(|fact| Some((fact.position, I::change(fact)?)));
        for (key, subject) in &mut self.subjects {
            let said = stands.as_ref().filter(|(_, (other, _))| other == key);
            if said.is_some() || subject.changes.contains(place) {
                let said =
                    said.map(|(by, (_, change))| Said { change: (*change).clone(), by: *by });
                ops.extend(subject.put(*key, event.position, place, said));
            }
        }
        if let Some((by, (key, change))) = stands
            && !self.subjects.contains_key(&key)
        {
            let subject = self.subjects.entry(key).or_default();
            let said = Said { change: change.clone(), by };
            ops.extend(subject.put(key, event.position, place, Some(said)));
        }
        ops
    }
}

impl<I: Intervals> Subject<I> {
    /// Whether nothing holds any more.
    fn is_over(&self) -> bool {
        self.stretches.last().is_some_and(|stretch| stretch.fact.is_none())
    }

    /// Takes a change that is recorded at a place of its own, and derives again what depends on it.
    fn take(
        &mut self,
        key: I::Key,
        position: Position,
        place: Position,
        change: &I::Change,
    ) -> Vec<Op> {
        let said = Said { change: change.clone(), by: position };
        let index = self.changes.insert(change.effective(), place, said);
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

    /// Lets something else stand at a place, or nothing; derives all stretches again. Rows that
    /// come out the same stay.
    fn put(
        &mut self,
        key: I::Key,
        position: Position,
        place: Position,
        said: Option<Said<I::Change>>,
    ) -> Vec<Op> {
        let before: Vec<Row> =
            (0..self.stretches.len()).filter_map(|index| self.row(key, index)).collect();
        self.changes.remove(place);
        if let Some(said) = said {
            self.changes.insert(said.change.effective(), place, said);
        }
        self.stretches.clear();
        for index in 0..self.changes.changes().len() {
            let fact = self.fact(index);
            self.stretches.push(Stretch { fact, known_from: position });
        }
        let mut ops = Vec::new();
        let mut opened = Vec::new();
        let mut stays = vec![false; before.len()];
        for index in 0..self.stretches.len() {
            let Some(row) = self.row(key, index) else { continue };
            let same = before
                .iter()
                .position(|other| *other == Row { known_from: other.known_from, ..row.clone() });
            match same {
                Some(same) => {
                    stays[same] = true;
                    self.stretches[index].known_from = before[same].known_from;
                }
                None => opened.push(Op::Open(row)),
            }
        }
        for (row, _) in before.iter().zip(stays).filter(|(_, stays)| !stays) {
            let Row { known_from, opened_by, line, .. } = *row;
            ops.push(Op::Close { known_from, opened_by, line, known_until: position });
        }
        ops.extend(opened);
        ops
    }

    /// What holds after a change.
    fn fact(&self, index: usize) -> Option<I::Fact> {
        let before = index.checked_sub(1).and_then(|before| self.stretches[before].fact.as_ref());
        I::step(before, &self.changes.changes()[index].value.change)
    }

    /// Closes the row of a stretch in K, if it is one.
    fn close(&self, index: usize, known_until: Position) -> Option<Op> {
        let Stretch { fact, known_from } = &self.stretches[index];
        fact.as_ref().map(|_| Op::Close {
            known_from: *known_from,
            opened_by: self.changes.changes()[index].value.by,
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
            opened_by: opening.value.by,
            closed_by: closing.map(|change| change.value.by),
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
