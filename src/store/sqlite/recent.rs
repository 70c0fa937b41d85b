//! What was asked or touched lately, in the memory of the process that records: where streams end,
//! and what is behind guards. A copy, bounded: it may forget anything at any time.
//!
//! Invariant: what is in it is as the last commit left it. Whoever does not find something asks
//! the file with its drawer held, so no commit can be told of in between; and the writer tells of
//! a commit before it answers anybody.

use std::collections::hash_map::{DefaultHasher, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use events::{Guard, Position, StreamId};

use super::group::Done;
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
pub(super) struct Recent([Mutex<Drawer>; DRAWERS]);

#[derive(Default)]
struct Drawer {
    tips: HashMap<StreamId, Tip>,
    guards: HashMap<Guard, Looked>,
    /// How many streams and links that is.
    held: usize,
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

    /// What is behind a guard; asks the file if it is not known.
    pub(super) fn looked<E>(
        &self,
        guard: &Guard,
        ask: impl FnOnce() -> Result<Looked, E>,
    ) -> Result<Looked, E> {
        let mut drawer = self.drawer(guard);
        if let Some(looked) = drawer.guards.get(guard) {
            return Ok(looked.clone());
        }
        let looked = ask()?;
        if looked.streams.len() <= STREAMS_MAX {
            drawer.make_room();
            drawer.held += 1 + looked.streams.len();
            drawer.guards.insert(guard.clone(), looked.clone());
        }
        Ok(looked)
    }

    /// When a guard was last touched, if that is known.
    pub(super) fn touched_at(&self, guard: &Guard) -> Option<Position> {
        self.drawer(guard).guards.get(guard).map(|looked| looked.position)
    }

    /// Whether a stream is known to be behind a guard.
    pub(super) fn has_link(&self, guard: &Guard, stream: StreamId) -> bool {
        self.drawer(guard).guards.get(guard).is_some_and(|looked| looked.streams.contains(&stream))
    }

    /// Takes in what was committed just now.
    pub(super) fn tell(&self, done: Done) {
        for (stream, tip) in done.tips {
            self.drawer(&stream).keep_tip(stream, tip);
        }
        for (guard, position) in done.touched {
            if let Some(looked) = self.drawer(&guard).guards.get_mut(&guard) {
                looked.position = position;
            }
        }
        for (guard, stream) in done.links {
            let mut drawer = self.drawer(&guard);
            let Some(looked) = drawer.guards.get_mut(&guard) else { continue };
            // Somebody may have asked after the commit and before this.
            if looked.streams.contains(&stream) {
                continue;
            }
            looked.streams.push(stream);
            let length = looked.streams.len();
            drawer.held += 1;
            if length > STREAMS_MAX {
                drawer.guards.remove(&guard);
                drawer.held -= 1 + length;
            }
        }
    }

    fn drawer(&self, key: &impl Hash) -> MutexGuard<'_, Drawer> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let index = (hasher.finish() % DRAWERS as u64) as usize;
        self.0[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drawer {
    fn keep_tip(&mut self, stream: StreamId, tip: Tip) {
        self.make_room();
        if self.tips.insert(stream, tip).is_none() {
            self.held += 1;
        }
    }

    fn make_room(&mut self) {
        if self.held >= DRAWER_MAX {
            *self = Self::default();
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
        recent.looked(guard, || Err(())).ok()
    }

    fn touch(recent: &Recent, guard: &Guard, stream: StreamId, position: u64) {
        let position = Position(position);
        let tip = Tip { version: 1, position };
        recent.tell(Done {
            tips: [(stream, tip)].into(),
            touched: [(guard.clone(), position)].into(),
            links: [(guard.clone(), stream)].into(),
        });
    }

    #[test]
    fn a_commit_changes_what_is_known_and_makes_nothing_up() {
        let (recent, guard) = (Recent::default(), guard(1));
        touch(&recent, &guard, stream(1), 1);
        assert_eq!(known(&recent, &guard), None, "there may be more behind it than that");
        let both = Looked { position: Position(1), streams: vec![stream(0), stream(1)] };
        assert_eq!(recent.looked(&guard, || Ok::<_, ()>(both.clone())), Ok(both));
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
    fn it_stays_small() {
        let (recent, guard) = (Recent::default(), guard(1));
        recent.looked(&guard, || Ok::<_, ()>(Looked::default())).unwrap();
        for number in 0..2 * DRAWERS * DRAWER_MAX {
            touch(&recent, &guard, stream(number), 1 + number as u64);
            if number == STREAMS_MAX {
                assert_eq!(known(&recent, &guard), None, "it has too many streams");
            }
        }
        for drawer in &recent.0 {
            let drawer = drawer.lock().unwrap();
            assert!(drawer.held <= DRAWER_MAX && drawer.tips.len() <= DRAWER_MAX);
        }
    }
}
