//! Brings each projection up to date from its stored position.
//!
//! Rows and position are committed in one transaction, so every event counts exactly once, however
//! often the process dies in between.

pub mod rebuild;

use events::{Position, Record, Recorded, StreamId};
use projections::{Op, Projection};

use crate::store::{Store, StoreError};

/// How many events are folded between two commits.
const BLOCK: usize = 20_000;

/// Beyond this many subjects at hand a fold forgets, to bound its memory.
const SUBJECTS_MAX: usize = 400_000;

/// The folds, and how far each has come.
pub struct Runner {
    folds: Vec<Fold>,
}

struct Fold {
    projection: Box<dyn Projection>,
    /// The last position in its memory and in its rows; `None`: not asked yet.
    position: Option<Position>,
}

impl Default for Runner {
    fn default() -> Self {
        let fold = |projection| Fold { projection, position: None };
        Self { folds: projections::all().into_iter().map(fold).collect() }
    }
}

impl Runner {
    /// The last position that it has brought every projection to, as far as it knows.
    #[must_use]
    pub fn position(&self) -> Position {
        let positions = self.folds.iter().map(|fold| fold.position.unwrap_or_default());
        positions.min().unwrap_or_default()
    }

    /// Folds every event that a projection does not account for yet; `progress` hears how far.
    ///
    /// # Errors
    /// What keeps the store from working. What was committed before stands.
    pub async fn catch_up(
        &mut self,
        store: &dyn Store,
        mut progress: impl FnMut(Position) + Send,
    ) -> Result<(), StoreError> {
        let head = store.head().await?.position;
        let mut behind = head;
        for fold in &mut self.folds {
            behind = behind.min(fold.begin(store, head).await?);
        }
        while behind < head {
            let records = store.log(behind, BLOCK).await?;
            let Some(last) = records.last().map(|record| record.position) else { break };
            let events = decode(&records)?;
            for fold in &mut self.folds {
                fold.advance(store, &events, last).await?;
            }
            behind = last;
            progress(last);
        }
        Ok(())
    }
}

impl Fold {
    /// Where the projection stands; one that never was, is of an older version, or says that it is
    /// further than the record, begins anew.
    async fn begin(&mut self, store: &dyn Store, head: Position) -> Result<Position, StoreError> {
        let table = self.projection.table();
        let stored = store.projected(table).await?;
        let mut stored = stored.filter(|stored| stored.version == table.version);
        // Others may have recorded, and projected, since the head was looked at.
        if stored.is_some_and(|stored| stored.position > head) {
            let head = store.head().await?.position;
            stored = stored.filter(|stored| stored.position <= head);
        }
        let Some(stored) = stored else {
            self.projection.forget();
            store.project(table, None, Position(0), Vec::new()).await?;
            self.position = Some(Position(0));
            return Ok(Position(0));
        };
        // Somebody else moved it: what is in memory is of another past.
        if self.position != Some(stored.position) {
            self.projection.forget();
            self.position = Some(stored.position);
        }
        Ok(stored.position)
    }

    async fn advance(
        &mut self,
        store: &dyn Store,
        events: &[Recorded],
        until: Position,
    ) -> Result<(), StoreError> {
        let from = self.position.unwrap_or_default();
        if from >= until {
            return Ok(());
        }
        // Whatever goes wrong from here on, or is cancelled, memory and rows may differ: ask again
        // next time.
        self.position = None;
        let events = events.iter().filter(|event| event.position > from);
        let ops = changes(&mut *self.projection, store, events).await?;
        store.project(self.projection.table(), Some(from), until, ops).await?;
        self.position = Some(until);
        if self.projection.remembers() > SUBJECTS_MAX {
            self.projection.forget();
        }
        Ok(())
    }
}

/// What events make of a projection's rows; what it has not at hand of the past is read again.
async fn changes(
    projection: &mut dyn Projection,
    store: &dyn Store,
    events: impl Iterator<Item = &Recorded> + Send,
) -> Result<Vec<Op>, StoreError> {
    let mut ops: Vec<Op> = Vec::new();
    for event in events {
        if let Some(stream) = projection.recalls(event) {
            let past = past(store, stream, event.position).await?;
            projection.recall(&past);
        }
        ops.extend(projection.apply(event));
    }
    Ok(ops)
}

async fn past(
    store: &dyn Store,
    stream: StreamId,
    before: Position,
) -> Result<Vec<Recorded>, StoreError> {
    let records = store.stream(stream).await?;
    let records: Vec<Record> = records.into_iter().filter(|r| r.position < before).collect();
    decode(&records)
}

/// Reads records as events.
///
/// # Errors
/// [`StoreError::Corrupt`], naming the first position whose bytes are no event.
pub fn decode(records: &[Record]) -> Result<Vec<Recorded>, StoreError> {
    let read = |record: &Record| {
        record.read().map_err(|error| StoreError::Corrupt {
            place: "the record".to_owned(),
            position: Some(record.position.0),
            source: Box::new(error),
        })
    };
    records.iter().map(read).collect()
}
