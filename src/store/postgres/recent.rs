//! What was looked at lately, in the memory of a process that records: what is behind guards, and
//! where streams end. A copy, bounded: it may forget anything at any time.
//!
//! Invariant: all of it is as the record stood at one position of the head. The writer carries it
//! from one position to the next with what it commits, and takes what is in it for true. Where
//! another server moved the head, all of it is forgotten, at the next commit at the latest. Whoever
//! needs what is true now asks first where the head is, and those who ask at the same time ask
//! once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use events::{Guard, Position, StreamId};
use foldhash::HashMap;
use tokio::sync::Notify;

use super::fault::Fault;
use super::reader::Reader;
use crate::store::{Looked, Written};

/// Beyond so many guards, links and streams it forgets.
const HELD_MAX: usize = 300_000;

/// A guard with more streams than this is asked of the server every time.
const STREAMS_MAX: usize = 1_000;

/// Where a stream ends: its version and the position of its last event.
pub(super) type Tip = (u64, Position);

/// Where a stream ends that has no events.
pub(super) const NOWHERE: Tip = (0, Position(0));

/// What is behind a guard whose own stream ends here.
pub(super) fn look_of(stream: StreamId, (version, position): Tip) -> Looked {
    if version == 0 {
        return Looked::default();
    }
    Looked { position, streams: vec![stream] }
}

/// The copy.
#[derive(Default)]
pub(super) struct Recent {
    copy: Mutex<Copy>,
    /// A commit of ours has come to its end.
    told: Notify,
    /// How many questions about the head were begun.
    begun: AtomicU64,
    /// The last of them that was answered, and with what; held while one is under way.
    answered: tokio::sync::Mutex<(u64, Position)>,
}

#[derive(Default)]
struct Copy {
    /// The head as of which it holds; `None`: of none, and it is empty.
    at: Option<Position>,
    looks: HashMap<Guard, Looked>,
    tips: HashMap<StreamId, Tip>,
    held: usize,
    /// How often all of it was forgotten.
    number: u64,
    /// The commit of ours that is under way: where the head was, and where it will be.
    under_way: Option<(Position, Position)>,
}

impl Recent {
    /// Makes sure that it is as the record stands now, or later.
    pub(super) async fn refresh(&self, reader: &Reader) -> Result<(), Fault> {
        let head = self.head(reader).await?;
        loop {
            let told = self.told.notified();
            {
                let mut copy = self.copy();
                if copy.at.is_some_and(|at| at >= head) {
                    return Ok(());
                }
                let ours = copy
                    .under_way
                    .is_some_and(|(from, until)| copy.at == Some(from) && until >= head);
                if !ours {
                    copy.forget();
                    copy.at = Some(head);
                    return Ok(());
                }
            }
            // The head was moved by our own writer, who is about to tell what else changed.
            told.await;
        }
    }

    /// Where the head is. Whoever comes while somebody is asking waits for the next answer, and
    /// shares it with all others who do.
    async fn head(&self, reader: &Reader) -> Result<Position, Fault> {
        let before = self.begun.load(Ordering::SeqCst);
        let mut answered = self.answered.lock().await;
        if answered.0 > before {
            return Ok(answered.1);
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let head = reader.head_position().await?;
        *answered = (number, head);
        Ok(head)
    }

    /// Another number once all of it was forgotten.
    pub(super) fn number(&self) -> u64 {
        self.copy().number
    }

    /// What is behind a guard, if it is known: of one with a stream of its own, where that ends.
    pub(super) fn looked(&self, guard: &Guard) -> Option<Looked> {
        let copy = self.copy();
        match guard.own_stream() {
            Some(stream) => copy.tips.get(&stream).map(|tip| look_of(stream, *tip)),
            None => copy.looks.get(guard).cloned(),
        }
    }

    /// Where a stream ends, if it is known.
    pub(super) fn tip(&self, stream: StreamId) -> Option<Tip> {
        self.copy().tips.get(&stream).copied()
    }

    /// Where a guard was last touched, and as of which head, if it is known.
    pub(super) fn touched_at(&self, guard: &Guard) -> Option<(Position, Position)> {
        let copy = self.copy();
        let touched_at = match guard.own_stream() {
            Some(stream) => copy.tips.get(&stream).map(|(_, position)| *position),
            None => copy.looks.get(guard).map(|looked| looked.position),
        };
        Some((touched_at?, copy.at?))
    }

    /// The version of a stream, and as of which head, if it is known.
    pub(super) fn version(&self, stream: StreamId) -> Option<(u64, Position)> {
        let copy = self.copy();
        Some((copy.tips.get(&stream)?.0, copy.at?))
    }

    /// Keeps that a guard was not touched when the head was at a position.
    pub(super) fn keep_never_touched(&self, guard: &Guard, head: Position) {
        match guard.own_stream() {
            Some(stream) => self.keep_tip(stream, NOWHERE, head),
            None => self.keep_look(guard, &Looked::default(), head),
        }
    }

    /// Keeps what was behind a guard without a stream of its own when the head was at a position.
    pub(super) fn keep_look(&self, guard: &Guard, looked: &Looked, head: Position) {
        let mut copy = self.copy();
        if copy.is_of(head) && looked.streams.len() <= STREAMS_MAX {
            copy.make_room();
            copy.held += 1 + looked.streams.len();
            copy.looks.insert(guard.clone(), looked.clone());
        }
    }

    /// Keeps where a stream ended when the head was at a position.
    pub(super) fn keep_tip(&self, stream: StreamId, tip: Tip, head: Position) {
        let mut copy = self.copy();
        if copy.is_of(head) {
            copy.keep_tip(stream, tip);
        }
    }

    /// A commit of ours begins.
    pub(super) fn begin(&self, from: Position, until: Position) {
        self.copy().under_way = Some((from, until));
    }

    /// The commit that was begun did not take place, or nobody knows.
    pub(super) fn give_up(&self) {
        let mut copy = self.copy();
        if copy.under_way.take().is_some() {
            copy.forget();
        }
        drop(copy);
        self.told.notify_waiters();
    }

    /// The commit that was begun did not take place, for certain.
    pub(super) fn withdraw(&self) {
        self.copy().under_way = None;
        self.told.notify_waiters();
    }

    /// The commit that was begun took place.
    pub(super) fn tell(&self, written: &[Written]) {
        let mut copy = self.copy();
        if let Some((from, until)) = copy.under_way.take() {
            if copy.at == Some(from) {
                copy.take(written);
                copy.at = Some(until);
            } else if copy.at.is_none_or(|at| at < until) {
                copy.forget();
                copy.at = Some(until);
            }
        }
        drop(copy);
        self.told.notify_waiters();
    }

    fn copy(&self) -> MutexGuard<'_, Copy> {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Copy {
    /// Whether it holds as of this head. One that is empty does from now on.
    fn is_of(&mut self, head: Position) -> bool {
        *self.at.get_or_insert(head) == head
    }

    fn take(&mut self, written: &[Written]) {
        for written in written {
            let position = written.record.position;
            self.keep_tip(written.stream, (written.columns.sequence, position));
            for guard in &written.touched {
                let Some(looked) = self.looks.get_mut(guard) else { continue };
                looked.position = position;
                if !looked.streams.contains(&written.stream) {
                    looked.streams.push(written.stream);
                    self.held += 1;
                }
                if looked.streams.len() > STREAMS_MAX {
                    self.looks.remove(guard);
                }
            }
        }
    }

    fn keep_tip(&mut self, stream: StreamId, tip: Tip) {
        self.make_room();
        if self.tips.insert(stream, tip).is_none() {
            self.held += 1;
        }
    }

    fn make_room(&mut self) {
        if self.held >= HELD_MAX {
            self.looks.clear();
            self.tips.clear();
            self.held = 0;
        }
    }

    fn forget(&mut self) {
        let (under_way, number) = (self.under_way, self.number + 1);
        *self = Self { under_way, number, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use events::BranchId;
    use uuid::Uuid;

    use super::*;

    fn guard(number: u128) -> Guard {
        Guard::MembersOf(BranchId(Uuid::from_u128(number)))
    }

    fn stream(number: u128) -> StreamId {
        BranchId(Uuid::from_u128(number)).into()
    }

    fn at(position: u64) -> Recent {
        let recent = Recent::default();
        recent.copy().at = Some(Position(position));
        recent
    }

    #[test]
    fn only_what_is_of_the_same_moment_is_kept() {
        let recent = at(4);
        for (number, head) in [(1, 3), (2, 4), (3, 5)] {
            recent.keep_look(&guard(number), &Looked::default(), Position(head));
            recent.keep_tip(stream(number), (1, Position(2)), Position(head));
            assert_eq!(recent.looked(&guard(number)).is_some(), head == 4);
            assert_eq!(recent.tip(stream(number)).is_some(), head == 4);
        }
    }

    #[test]
    fn a_commit_carries_it_on_and_one_from_elsewhere_does_not() {
        let recent = at(4);
        recent.keep_look(&guard(1), &Looked::default(), Position(4));
        recent.begin(Position(4), Position(5));
        recent.tell(&[]);
        assert_eq!(recent.copy().at, Some(Position(5)));
        assert!(recent.looked(&guard(1)).is_some());
        recent.begin(Position(7), Position(8));
        recent.tell(&[]);
        assert_eq!((recent.looked(&guard(1)), recent.copy().at), (None, Some(Position(8))));
    }

    #[test]
    fn a_guard_with_a_stream_of_its_own_is_looked_at_where_that_ends() {
        let recent = at(4);
        let own = |number| Guard::Branch(BranchId(Uuid::from_u128(number)));
        recent.keep_tip(stream(1), (2, Position(3)), Position(4));
        let looked = Looked { position: Position(3), streams: vec![stream(1)] };
        assert_eq!((recent.looked(&own(1)), recent.looked(&own(2))), (Some(looked), None));
        recent.keep_never_touched(&own(2), Position(4));
        assert_eq!(recent.looked(&own(2)), Some(Looked::default()));
        assert_eq!(recent.tip(stream(2)), Some(NOWHERE));
        assert_eq!(recent.touched_at(&own(2)), Some((Position(0), Position(4))));
    }

    #[test]
    fn one_that_is_empty_begins_with_what_is_kept_first() {
        let recent = Recent::default();
        recent.keep_tip(stream(1), (1, Position(2)), Position(4));
        recent.keep_tip(stream(2), (1, Position(2)), Position(5));
        assert_eq!((recent.tip(stream(1)), recent.tip(stream(2))), (Some((1, Position(2))), None));
    }

    #[test]
    fn after_a_commit_that_nobody_knows_of_nothing_is_known() {
        let recent = at(4);
        recent.keep_tip(stream(1), (1, Position(2)), Position(4));
        recent.begin(Position(4), Position(5));
        recent.give_up();
        assert_eq!((recent.tip(stream(1)), recent.copy().at), (None, None));
    }
}
