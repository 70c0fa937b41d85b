//! Every event in the order of positions, read and decoded ahead on all processors.

use std::collections::VecDeque;
use std::sync::Arc;

use events::{Position, Recorded};
use tokio::task::JoinHandle;

use crate::store::error::{Misplaced, Missing};
use crate::store::{Store, StoreError};

/// How many events are handed over at once.
const BLOCK: u64 = 5_000;

/// How many blocks are read ahead, so that memory is bounded: for each processor one that it works
/// on, and one that a server may be working on.
const AHEAD_MAX: usize = 4;

/// A replay under way. Whoever drops it stops it.
pub struct Replay {
    store: Arc<dyn Store>,
    ahead: VecDeque<JoinHandle<Result<Vec<Recorded>, StoreError>>>,
    /// Where the next block begins, and where the last one ends.
    after: Position,
    until: Position,
}

impl Replay {
    /// Of the events after a position up to another one.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, after: Position, until: Position) -> Self {
        Self { store, ahead: VecDeque::new(), after, until }
    }

    /// The next events; `None` after the last one.
    ///
    /// # Errors
    /// As [`Store::recorded`]; [`StoreError::Corrupt`] when a position is missing, or out of order.
    pub async fn next(&mut self) -> Result<Option<Vec<Recorded>>, StoreError> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        while self.after < self.until && self.ahead.len() < (2 * processors).min(AHEAD_MAX) {
            let (store, after) = (Arc::clone(&self.store), self.after);
            let until = self.until.min(Position(after.0 + BLOCK));
            self.ahead.push_back(tokio::spawn(async move {
                whole(store.recorded(after, until).await?, after, until)
            }));
            self.after = until;
        }
        // So that they are read while the last ones are worked on, on one thread too.
        tokio::task::yield_now().await;
        let Some(next) = self.ahead.pop_front() else { return Ok(None) };
        let events = next.await;
        events.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic())).map(Some)
    }
}

/// Events after a position up to another one, if every position is there once and in order: a store
/// leaves out what is missing, and whoever folds must not.
pub(super) fn whole(
    events: Vec<Recorded>,
    after: Position,
    until: Position,
) -> Result<Vec<Recorded>, StoreError> {
    let corrupt = |position: Position, source: Box<dyn std::error::Error + Send + Sync>| {
        let (place, position) = ("the record".to_owned(), Some(position.0));
        Err(StoreError::Corrupt { place, position, source })
    };
    let mut expected = after;
    for event in &events {
        expected = expected.next();
        if event.position > expected {
            return corrupt(expected, Box::new(Missing));
        }
        if event.position < expected {
            return corrupt(expected, Box::new(Misplaced { found: event.position.0 }));
        }
    }
    if expected < until { corrupt(expected.next(), Box::new(Missing)) } else { Ok(events) }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.ahead.iter().for_each(JoinHandle::abort);
    }
}
