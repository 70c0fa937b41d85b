//! Brings each projection up to date from its stored position.
//!
//! Rows and position are committed in one transaction, so every event counts exactly once, however
//! often the process dies in between.

pub mod kept;
pub mod rebuild;
pub mod replay;
pub mod summary;

use std::collections::HashMap;

use events::{Position, Record, Recorded, StreamId};
use projections::{Op, Place, Projection};

use self::summary::Pace;
use crate::store::{Progressed, ProjectionStep, Store, StoreError};

pub use crate::store::decode;

/// How many events are folded between two commits.
const BLOCK: u64 = 20_000;

/// How many are before the first commit: tables without rows take many at once the faster.
const FIRST_BLOCK: u64 = 150_000;

/// Up to there a record is so young that all of it is folded again when more than as much is new.
const YOUNG: Position = Position(1_000);

/// Beyond this many subjects at hand a fold forgets, to bound its memory.
const SUBJECTS_MAX: usize = 400_000;

/// The same while the whole log is folded.
const SUBJECTS_OF_ALL_MAX: usize = 2_000_000;

/// How often it looks again where rows stand that somebody else writes too.
const RACES_MAX: u32 = 16;

/// The folds, and how far each has come.
pub struct Runner {
    folds: Vec<Fold>,
    /// What the summary accounts for, when it last saw to it.
    summarized: Position,
}

struct Fold {
    projection: Box<dyn Projection>,
    /// The last position in its memory and in its rows; `None`: they differ, or were not asked yet.
    position: Option<Position>,
    /// The last position in its memory.
    folded: Position,
}

impl Default for Runner {
    fn default() -> Self {
        let fold = |projection| Fold { projection, position: None, folded: Position(0) };
        let folds = projections::all().into_iter().map(fold).collect();
        Self { folds, summarized: Position(0) }
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
    /// Where another server writes the same rows at the same time, it looks again where they stand.
    ///
    /// # Errors
    /// What keeps the store from working. What was committed before stands.
    pub async fn catch_up(
        &mut self,
        store: &dyn Store,
        mut progress: impl FnMut(Position) + Send,
    ) -> Result<(), StoreError> {
        let mut races = 0;
        loop {
            match self.follow(store, &mut progress).await {
                Err(StoreError::Conflict(_)) if races < RACES_MAX => races += 1,
                followed => break followed?,
            }
        }
        self.summarize(store).await;
        Ok(())
    }

    /// Brings the summary on, if it is time. Answers are the same without it, only later.
    async fn summarize(&mut self, store: &dyn Store) {
        let (until, pace) = (self.position(), Pace::default());
        if until.0 < self.summarized.0 + pace.every {
            return;
        }
        self.summarized = summary::follow(store, until, pace).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the summary of members is behind");
            // To make it may take long: not again with the next command.
            until
        });
    }

    async fn follow(
        &mut self,
        store: &dyn Store,
        progress: &mut (impl FnMut(Position) + Send),
    ) -> Result<(), StoreError> {
        let head = store.head().await?.position;
        let mut behind = self.begin(store, head).await?;
        let block = async |after: Position| {
            let events = if after == Position(0) { FIRST_BLOCK } else { BLOCK };
            let until = head.min(Position(after.0 + events));
            replay::whole(store.recorded(after, until).await?, after, until)
        };
        if behind >= head {
            return Ok(());
        }
        if behind <= YOUNG && head.0 - behind.0 > YOUNG.0 {
            self.remember(store, behind).await?;
        }
        let mut steps = self.fold(store, &block(behind).await?).await?;
        while let Some(last) = steps.first().map(|step| step.until) {
            // The next ones are read and folded while these are written.
            let (written, next) = tokio::join!(store.project(steps), async {
                let events = if last < head { block(last).await? } else { Vec::new() };
                self.fold(store, &events).await
            });
            written?;
            self.settle(last);
            behind = behind.max(last);
            progress(behind);
            steps = next?;
        }
        Ok(())
    }

    /// Folds the events up to where the rows stand once more. It takes less than to recall the past
    /// of one subject after another, and a fold that saw all events knows of whom it saw none.
    async fn remember(&mut self, store: &dyn Store, behind: Position) -> Result<(), StoreError> {
        let past = store.recorded(Position(0), behind).await?;
        let past = replay::whole(past, Position(0), behind)?;
        for fold in self.folds.iter_mut().filter(|fold| fold.folded == behind) {
            let position = fold.position.take();
            fold.projection.forget();
            // The rows are there.
            changes(&mut *fold.projection, store, past.iter()).await?;
            fold.position = position;
        }
        Ok(())
    }

    /// Where the projections stand: the least position. One that never was, is of an older version,
    /// or says that it is further than the record, begins anew.
    async fn begin(&mut self, store: &dyn Store, head: Position) -> Result<Position, StoreError> {
        let mut behind = head;
        let mut anew = Vec::new();
        let all = store.all_projected().await?;
        for fold in &mut self.folds {
            let table = fold.projection.table();
            let found = fold.find(store, head, all.get(table.name).copied()).await?;
            if found.is_none() {
                let (from, until, ops) = (None, Position(0), Vec::new());
                anew.push(ProjectionStep { table, from, until, ops });
            }
            behind = behind.min(found.unwrap_or_default());
        }
        if !anew.is_empty() {
            let tables: Vec<_> = anew.iter().map(|step| step.table).collect();
            store.project(anew).await?;
            for fold in &mut self.folds {
                if tables.contains(&fold.projection.table()) {
                    fold.position = Some(Position(0));
                }
            }
        }
        Ok(behind)
    }

    /// What events change in every projection that does not account for them yet: a step for each
    /// of those, as the one that is furthest behind always is where there are any events.
    async fn fold(
        &mut self,
        store: &dyn Store,
        events: &[Recorded],
    ) -> Result<Vec<ProjectionStep>, StoreError> {
        let Some(until) = events.last().map(|event| event.position) else { return Ok(Vec::new()) };
        let mut steps = Vec::with_capacity(self.folds.len());
        for fold in &mut self.folds {
            let from = fold.folded;
            if from >= until {
                continue;
            }
            // Whatever goes wrong from here on, or is cancelled, memory and rows may differ: ask
            // again next time.
            fold.position = None;
            fold.folded = until;
            let events = events.iter().filter(|event| event.position > from);
            let ops = settled(changes(&mut *fold.projection, store, events).await?);
            let table = fold.projection.table();
            steps.push(ProjectionStep { table, from: Some(from), until, ops });
        }
        Ok(steps)
    }

    /// What was folded up to a position is written. Where more is folded, that is yet to come.
    fn settle(&mut self, until: Position) {
        for fold in &mut self.folds {
            if fold.folded == until {
                fold.position = Some(until);
            }
            fold.projection.let_go(SUBJECTS_MAX);
        }
    }
}

impl Fold {
    /// Where the projection stands; `None` when it begins anew.
    async fn find(
        &mut self,
        store: &dyn Store,
        head: Position,
        stored: Option<Progressed>,
    ) -> Result<Option<Position>, StoreError> {
        let table = self.projection.table();
        let mut stored = stored.filter(|stored| stored.version == table.version);
        // Others may have recorded, and projected, since the head was looked at.
        if stored.is_some_and(|stored| stored.position > head) {
            let head = store.head().await?.position;
            stored = stored.filter(|stored| stored.position <= head);
        }
        let stored = stored.map(|stored| stored.position);
        // Somebody else moved it, or it begins anew: what is in memory is of another past.
        if stored.is_none() || self.position != stored {
            self.projection.forget();
            self.position = stored;
        }
        self.folded = stored.unwrap_or_default();
        Ok(stored)
    }
}

/// The same changes with every row that they open and close again written once, as it ends up.
fn settled(ops: Vec<Op>) -> Vec<Op> {
    let mut settled: Vec<Op> = Vec::with_capacity(ops.len());
    let mut opened: HashMap<Place, usize> = HashMap::new();
    for op in ops {
        match op {
            Op::Open(row) => {
                if row.known_until.is_none() {
                    opened.insert(row.place(), settled.len());
                }
                settled.push(Op::Open(row));
            }
            Op::Close { known_from, opened_by, line, known_until } => {
                match opened.remove(&(known_from, opened_by, line)).map(|at| &mut settled[at]) {
                    Some(Op::Open(row)) => row.known_until = Some(known_until),
                    Some(Op::Close { .. }) | None => settled.push(op),
                }
            }
        }
    }
    settled
}

/// What events make of a projection's rows; what it has not at hand of the past is read again.
///
/// # Errors
/// What keeps the past from being read.
pub(crate) async fn changes(
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

#[cfg(test)]
mod tests {
    use projections::Row;

    use super::*;

    fn open(known_from: u64, known_until: Option<u64>) -> Op {
        Op::Open(Row {
            cells: Vec::new(),
            valid_from: jiff::civil::date(2020, 1, 1),
            valid_until: None,
            known_from: Position(known_from),
            known_until: known_until.map(Position),
            opened_by: Position(1),
            closed_by: None,
            line: 0,
        })
    }

    fn close(known_from: u64, known_until: u64) -> Op {
        let (known_from, known_until) = (Position(known_from), Position(known_until));
        Op::Close { known_from, opened_by: Position(1), line: 0, known_until }
    }

    #[test]
    fn a_row_that_is_opened_and_closed_at_once_is_written_once() {
        let ops = vec![close(1, 3), open(3, None), open(4, None), close(3, 5), close(2, 5)];
        let expected = vec![close(1, 3), open(3, Some(5)), open(4, None), close(2, 5)];
        assert_eq!(settled(ops), expected);
    }
}
