//! An index in memory, for a process that answers for long: folded from the log once, and then
//! brought on with it.
//!
//! Whoever waits for it may stop waiting at any time. What is read is read first; then nothing
//! waits, so a block of events is in the index whole or not at all.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use events::{Position, Recorded, StreamId};
use projections::index::{POSITIONS_MAX, TABLES};
use projections::{Index, Op, Projection, Table};
use tokio::sync::Mutex;

use super::replay::{Replay, whole};
use super::{SUBJECTS_OF_ALL_MAX, decode};
use crate::store::{Store, StoreError};

/// How many events are taken in at once when it has fallen behind.
const BLOCK: u64 = 5_000;

/// The index, and the folds that bring it on.
pub struct Kept {
    folds: Mutex<Folds>,
    index: RwLock<Index>,
}

/// The folds of the tables of which the index is told.
struct Folds(Vec<Box<dyn Projection>>);

/// What one event changes in a table.
type Change = (&'static Table, Vec<Op>);

/// Events of streams of which something has to be at hand again.
type Pasts = HashMap<StreamId, Vec<Recorded>>;

impl Kept {
    /// Folds the whole log up to a position; `None` where it has more events than can be told
    /// apart.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn build(
        store: &Arc<dyn Store>,
        until: Position,
    ) -> Result<Option<Self>, StoreError> {
        if until > POSITIONS_MAX {
            return Ok(None);
        }
        let (mut folds, mut index) = (Folds::default(), Index::default());
        let mut replay = Replay::new(Arc::clone(store), Position(0), until);
        while let Some(events) = replay.next().await? {
            let wanted = folds.wanted(&events);
            let pasts = pasts(store, wanted).await?;
            folds.take(&events, &pasts, &mut index);
        }
        // What was at hand for all streams at once is seldom asked for again.
        Ok(Some(Self { folds: Mutex::default(), index: RwLock::new(index) }))
    }

    /// The index, as far as it has come.
    pub fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in all events up to a position; whether it can.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn follow(
        &self,
        store: &Arc<dyn Store>,
        until: Position,
    ) -> Result<bool, StoreError> {
        if until > POSITIONS_MAX {
            return Ok(false);
        }
        if self.position() >= until {
            return Ok(true);
        }
        let mut folds = self.folds.lock().await;
        loop {
            let after = self.position();
            if after >= until {
                return Ok(true);
            }
            let end = until.min(Position(after.0 + BLOCK));
            let events = whole(store.recorded(after, end).await?, after, end)?;
            let wanted = folds.wanted(&events);
            let pasts = pasts(store, wanted).await?;
            let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
            folds.take(&events, &pasts, &mut index);
        }
    }

    fn position(&self) -> Position {
        self.index().position()
    }
}

impl Default for Folds {
    fn default() -> Self {
        let all = projections::all().into_iter();
        Self(all.filter(|fold| TABLES.contains(&fold.table())).collect())
    }
}

impl Folds {
    /// The streams whose past is not at hand and not among the events either.
    fn wanted(&self, events: &[Recorded]) -> HashSet<StreamId> {
        let begun = events.iter().filter(|event| event.sequence == 1);
        let begun: HashSet<StreamId> = begun.map(|event| event.stream).collect();
        let recalls = |event| self.0.iter().filter_map(move |fold| fold.recalls(event));
        events.iter().flat_map(recalls).filter(|stream| !begun.contains(stream)).collect()
    }

    /// Takes events in, and what they change into the index.
    fn take(&mut self, events: &[Recorded], pasts: &Pasts, index: &mut Index) {
        for (at, event) in events.iter().enumerate() {
            for (table, ops) in self.changes(event, &events[..at], pasts) {
                index.take(table, ops);
            }
            index.advance(event.position);
        }
        for fold in &mut self.0 {
            fold.let_go(SUBJECTS_OF_ALL_MAX);
        }
    }

    fn changes(&mut self, event: &Recorded, before: &[Recorded], pasts: &Pasts) -> Vec<Change> {
        let mut changes = Vec::new();
        for fold in &mut self.0 {
            if let Some(stream) = fold.recalls(event) {
                let past = pasts.get(&stream).map_or(before, Vec::as_slice).iter();
                let past = past.filter(|other| other.stream == stream);
                let past = past.filter(|other| other.position < event.position);
                fold.recall(&past.cloned().collect::<Vec<_>>());
            }
            let ops = fold.apply(event);
            if !ops.is_empty() {
                changes.push((fold.table(), ops));
            }
        }
        changes
    }
}

async fn pasts(store: &Arc<dyn Store>, wanted: HashSet<StreamId>) -> Result<Pasts, StoreError> {
    let mut pasts = HashMap::with_capacity(wanted.len());
    for stream in wanted {
        pasts.insert(stream, decode(&store.stream(stream).await?)?);
    }
    Ok(pasts)
}
