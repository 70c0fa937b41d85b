//! What was asked or touched lately, in the memory of the process that records: where streams end,
//! and what is behind guards. A copy, bounded: it may forget anything at any time, but for what the
//! tables of guards have yet to take in.
//!
//! Invariant: what is in it is as the last commit left it. Whoever does not find something asks
//! the file with its drawer held, so no commit can be told of in between; and the writer tells of
//! a commit before it answers anybody.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, MutexGuard, PoisonError};

use events::{Guard, Position, StreamId};
use foldhash::HashMap;
use foldhash::fast::RandomState;

use super::group::{Done, Touched};
use crate::store::Looked;

/// How many drawers there are: nobody waits for a question about something else.
const DRAWERS: usize = 16;

/// How many streams and links a drawer holds before it is emptied.
const DRAWER_MAX: usize = 20_000;

/// A guard with more streams than this is asked of the file every time.
const STREAMS_MAX: usize = 1_000;

/// Where a stream ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tip {
    /// Its version; zero if there is no such stream.
    pub(super) version: u64,
    /// The position of its last event.
    pub(super) position: Position,
}

/// The copy.
#[derive(Default)]
pub(super) struct Recent {
    drawers: [Mutex<Drawer>; DRAWERS],
    /// Says what lies in which.
    order: RandomState,
}

#[derive(Default)]
struct Drawer {
    tips: HashMap<StreamId, Tip>,
    guards: HashMap<Guard, Looked>,
    /// How many streams and links that is.
    held: usize,
    /// What was touched since the tables of guards last took everything in.
    pending: HashMap<Guard, Touched>,
}

impl Recent {
    /// Where a stream ends; asks the file if it is not known.
    pub(super) fn tip<E>(
        &self,
        stream: StreamId,
        ask: impl FnOnce() -> Result<Tip, E>,
    ) -> Result<Tip, E> {
        let mut drawer = self.drawer(&stream);
        if let Some(tip) = drawer.tips.get(&stream) {
            return Ok(*tip);
        }
        let tip = ask()?;
        drawer.keep_tip(stream, tip);
        Ok(tip)
    }

    /// What is behind a guard; asks the file if it is not known, and says what the file has yet to
    /// take in.
    pub(super) fn looked<E>(
        &self,
        guard: &Guard,
        ask: impl FnOnce(&Touched) -> Result<Looked, E>,
    ) -> Result<Looked, E> {
        let mut drawer = self.drawer(guard);
        if let Some(looked) = drawer.guards.get(guard) {
            return Ok(looked.clone());
        }
        let looked = match drawer.pending.get(guard) {
            Some(pending) => ask(pending)?,
            None => ask(&Touched::default())?,
        };
        if looked.streams.len() <= STREAMS_MAX {
            drawer.make_room();
            drawer.held += 1 + looked.streams.len();
            drawer.guards.insert(guard.clone(), looked.clone());
        }
        Ok(looked)
    }

    /// When a guard was last touched, if that is known.
    pub(super) fn touched_at(&self, guard: &Guard) -> Option<Position> {
        let drawer = self.drawer(guard);
        let looked = drawer.guards.get(guard).map(|looked| looked.position);
        looked.or_else(|| drawer.pending.get(guard).map(|touched| touched.position))
    }

    /// Whether a stream is known to be behind a guard.
    pub(super) fn has_link(&self, guard: &Guard, stream: StreamId) -> bool {
        let drawer = self.drawer(guard);
        drawer.guards.get(guard).is_some_and(|looked| looked.streams.contains(&stream))
            || drawer.pending.get(guard).is_some_and(|touched| touched.streams.contains(&stream))
    }

    /// Takes in what was committed just now.
    pub(super) fn tell(&self, done: Done) {
        for (stream, tip) in done.tips {
            self.drawer(&stream).keep_tip(stream, tip);
        }
        for (guard, touched) in done.touched {
            self.drawer(&guard).touch(guard, touched);
        }
    }

    /// What the tables of guards have yet to take in, in the order of their trees.
    pub(super) fn pending(&self) -> BTreeMap<Guard, Touched> {
        let drawers = self.drawers.iter().map(|drawer| held(drawer).pending.clone());
        drawers.flatten().collect()
    }

    /// The tables of guards have taken everything in.
    pub(super) fn entered(&self) {
        self.drawers.iter().for_each(|drawer| held(drawer).pending.clear());
    }

    fn drawer(&self, key: &impl Hash) -> MutexGuard<'_, Drawer> {
        let index = (self.order.hash_one(key) % DRAWERS as u64) as usize;
        held(&self.drawers[index])
    }
}

fn held(drawer: &Mutex<Drawer>) -> MutexGuard<'_, Drawer> {
    drawer.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drawer {
    fn keep_tip(&mut self, stream: StreamId, tip: Tip) {
        self.make_room();
        if self.tips.insert(stream, tip).is_none() {
            self.held += 1;
        }
    }

    fn touch(&mut self, guard: Guard, touched: Touched) {
        if let Some(looked) = self.guards.get_mut(&guard) {
            looked.position = touched.position;
            let before = looked.streams.len();
            // Somebody may have asked after the commit and before this.
            let new = touched.streams.iter().filter(|stream| !looked.streams.contains(stream));
            let new: Vec<StreamId> = new.copied().collect();
            looked.streams.extend(new);
            let length = looked.streams.len();
            self.held += length - before;
            if length > STREAMS_MAX {
                self.guards.remove(&guard);
                self.held -= 1 + length;
            }
        }
        self.pending.entry(guard).or_default().add(touched);
    }

    fn make_room(&mut self) {
        if self.held >= DRAWER_MAX {
            self.tips.clear();
            self.guards.clear();
            self.held = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::{BranchId, MembershipId};
    use uuid::Uuid;

    fn stream(number: usize) -> StreamId {
        MembershipId(Uuid::from_u128(number as u128)).into()
    }

    fn guard(number: u128) -> Guard {
        Guard::MembersOf(BranchId(Uuid::from_u128(number)))
    }

    /// What it says without asking; `None` if it asks.
    fn known(recent: &Recent, guard: &Guard) -> Option<Looked> {
        recent.looked(guard, |_| Err(())).ok()
    }

    fn touch(recent: &Recent, guard: &Guard, stream: StreamId, position: u64) {
        let position = Position(position);
        let tip = Tip { version: 1, position };
        let touched = Touched { position, streams: [stream].into() };
        recent.tell(Done {
            tips: HashMap::from_iter([(stream, tip)]),
            touched: HashMap::from_iter([(guard.clone(), touched)]),
        });
    }

    #[test]
    fn a_commit_changes_what_is_known_and_makes_nothing_up() {
        let (recent, guard) = (Recent::default(), guard(1));
        touch(&recent, &guard, stream(1), 1);
        assert_eq!(known(&recent, &guard), None, "there may be more behind it than that");
        let both = Looked { position: Position(1), streams: vec![stream(0), stream(1)] };
        assert_eq!(recent.looked(&guard, |_| Ok::<_, ()>(both.clone())), Ok(both));
        for position in [2, 3] {
            touch(&recent, &guard, stream(2), position);
            let streams = vec![stream(0), stream(1), stream(2)];
            let expected = Looked { position: Position(position), streams };
            assert_eq!(known(&recent, &guard), Some(expected));
        }
        let tip = Tip { version: 1, position: Position(3) };
        assert_eq!(recent.tip(stream(2), || Err(())), Ok(tip));
        assert!(recent.has_link(&guard, stream(2)) && !recent.has_link(&guard, stream(3)));
    }

    #[test]
    fn what_the_file_has_yet_to_take_in_is_never_forgotten() {
        let (recent, guard) = (Recent::default(), guard(1));
        for number in 0..2 * DRAWERS * DRAWER_MAX {
            let tip = Tip { version: 1, position: Position(1) };
            recent.tell(Done {
                tips: HashMap::from_iter([(stream(number), tip)]),
                ..Done::default()
            });
            if number < 2 {
                touch(&recent, &guard, stream(number), 1 + number as u64);
            }
        }
        let pending = Touched { position: Position(2), streams: [stream(0), stream(1)].into() };
        assert_eq!(recent.touched_at(&guard), Some(Position(2)));
        recent
            .looked(&guard, |beside| {
                assert_eq!(*beside, pending);
                Ok::<_, ()>(Looked::default())
            })
            .unwrap();
        assert_eq!(recent.pending(), [(guard, pending)].into());
        recent.entered();
        assert!(recent.pending().is_empty());
    }

    #[test]
    fn it_stays_small() {
        let (recent, guard) = (Recent::default(), guard(1));
        recent.looked(&guard, |_| Ok::<_, ()>(Looked::default())).unwrap();
        for number in 0..2 * DRAWERS * DRAWER_MAX {
            touch(&recent, &guard, stream(number), 1 + number as u64);
            if number == STREAMS_MAX {
                assert_eq!(known(&recent, &guard), None, "it has too many streams");
            }
        }
        for drawer in &recent.drawers {
            let drawer = drawer.lock().unwrap();
            assert!(drawer.held <= DRAWER_MAX && drawer.tips.len() <= DRAWER_MAX);
        }
    }
}
