//! Every event in the order of positions, read and decoded ahead on all processors.

use std::collections::VecDeque;
use std::sync::Arc;

use events::{Position, Recorded};
use tokio::task::JoinHandle;

use crate::store::{Store, StoreError};

/// How many events are handed over at once.
const BLOCK: u64 = 5_000;

/// How many blocks are read ahead, so that memory is bounded: one a processor, and one that waits.
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
    /// As [`Store::recorded`].
    pub async fn next(&mut self) -> Result<Option<Vec<Recorded>>, StoreError> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        while self.after < self.until && self.ahead.len() < (processors + 1).min(AHEAD_MAX) {
            let (store, after) = (Arc::clone(&self.store), self.after);
            let until = self.until.min(Position(after.0 + BLOCK));
            self.ahead.push_back(tokio::spawn(async move { store.recorded(after, until).await }));
            self.after = until;
        }
        // So that they are read while the last ones are worked on, on one thread too.
        tokio::task::yield_now().await;
        let Some(next) = self.ahead.pop_front() else { return Ok(None) };
        let events = next.await;
        events.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic())).map(Some)
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.ahead.iter().for_each(JoinHandle::abort);
    }
}
