//! A store in front of another one. It has a fault that other stores are known to have, for tests
//! that have to find it; or callers wait their turn in it; and it counts what is asked of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events::{Guard, Instant, LedgerId, Position, Record, Recorded, StreamId};
use projections::ages::Ages;
use projections::{Cell, Filter, Row, Stretch, Table};
use rollbook::store::engine::Workshop;
use rollbook::store::{
    Batch, Beside, Blocks, Carried, Digested, FoundRow, Head, KeptGuards, Looked, Progress,
    Progressed, ProjectionStep, Receipt, Store, StoreError, Summaries,
};

use super::dice::Dice;

/// What becomes of events that are read from a position on.
pub type Bends = fn(Position, Vec<Recorded>) -> Vec<Recorded>;

/// Up to there a log of twice as many events is shown whole, whatever of [`NOT_ALL`] is wrong.
pub const FOLLOWED: Position = Position(20);

/// In the middle of what comes after.
const LEFT_OUT: Position = Position(31);

/// How such a log is shown in part: without an event in the middle, up to somewhere, or as if
/// nothing had come since; each with the first position that is missing then.
pub const NOT_ALL: [(Bends, Position); 3] = [
    (|_, events| only(events, |position| position != LEFT_OUT), LEFT_OUT),
    (|_, events| only(events, |position| position < LEFT_OUT), LEFT_OUT),
    (|_, events| only(events, |position| position <= FOLLOWED), Position(FOLLOWED.0 + 1)),
];

fn only(mut events: Vec<Recorded>, is_shown: fn(Position) -> bool) -> Vec<Recorded> {
    events.retain(|event| is_shown(event.position));
    events
}

/// What is wrong with it; nothing unless it is said.
pub struct Faults {
    /// What becomes of the records after a position.
    pub log: fn(Position, Vec<Record>) -> Vec<Record>,
    /// What becomes of the events after a position.
    pub recorded: Bends,
    /// What becomes of changes of projections.
    pub project: fn(Vec<ProjectionStep>) -> Vec<ProjectionStep>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { log: |_, records| records, recorded: |_, events| events, project: |steps| steps }
    }
}

/// The store.
pub struct Fronted {
    store: Arc<dyn Store>,
    faults: Faults,
    dice: Option<Mutex<Dice>>,
    streams_read: AtomicU64,
}

impl Fronted {
    /// One with faults.
    pub fn faulty(store: Arc<dyn Store>, faults: Faults) -> Self {
        Self { store, faults, dice: None, streams_read: AtomicU64::default() }
    }

    /// One in which callers wait their turn at random before each call of a decision: races
    /// without threads, the same every time.
    pub fn in_turns(store: Arc<dyn Store>, seed: u64) -> Self {
        let dice = Some(Mutex::new(Dice::new(seed ^ 0x7075)));
        Self { dice, ..Self::faulty(store, Faults::default()) }
    }

    /// How often the events of a stream were read.
    pub fn streams_read(&self) -> u64 {
        self.streams_read.load(Ordering::Relaxed)
    }

    async fn turn(&self) {
        let turns = self.dice.as_ref().map_or(0, |dice| dice.lock().unwrap().below(4));
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }
}

impl Summaries for Fronted {}

#[async_trait]
impl Store for Fronted {
    fn ledger(&self) -> LedgerId {
        self.store.ledger()
    }

    async fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError> {
        self.turn().await;
        self.store.append(batch).await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        self.store.head().await
    }

    async fn refresh(&self) -> Result<(), StoreError> {
        self.store.refresh().await
    }

    fn memory(&self) -> u64 {
        self.store.memory()
    }

    async fn look(&self, guard: &Guard) -> Result<Looked, StoreError> {
        self.turn().await;
        self.store.look(guard).await
    }

    async fn version(&self, stream: StreamId) -> Result<u64, StoreError> {
        self.turn().await;
        self.store.version(stream).await
    }

    async fn stream(&self, stream: StreamId) -> Result<Vec<Record>, StoreError> {
        self.turn().await;
        self.streams_read.fetch_add(1, Ordering::Relaxed);
        self.store.stream(stream).await
    }

    async fn log(&self, after: Position, limit: usize) -> Result<Vec<Record>, StoreError> {
        Ok((self.faults.log)(after, self.store.log(after, limit).await?))
    }

    async fn recorded(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Vec<Recorded>, StoreError> {
        Ok((self.faults.recorded)(after, self.store.recorded(after, until).await?))
    }

    async fn events(&self, positions: &[Position]) -> Result<Vec<Record>, StoreError> {
        self.store.events(positions).await
    }

    async fn position_at(&self, instant: Instant) -> Result<Position, StoreError> {
        self.store.position_at(instant).await
    }

    async fn receipt(&self, key: &str) -> Result<Option<Receipt>, StoreError> {
        self.turn().await;
        self.store.receipt(key).await
    }

    async fn progress(&self, source: &str) -> Result<Option<Progress>, StoreError> {
        self.store.progress(source).await
    }

    async fn found(&self, skip: u64, limit: usize) -> Result<Vec<FoundRow>, StoreError> {
        self.store.found(skip, limit).await
    }

    async fn kept_guards(&self) -> Result<KeptGuards, StoreError> {
        self.store.kept_guards().await
    }

    async fn beside(&self) -> Result<Beside, StoreError> {
        self.store.beside().await
    }

    async fn carried(&self) -> Result<Carried, StoreError> {
        self.store.carried().await
    }

    async fn adopt(&self, blocks: Blocks) -> Result<(), StoreError> {
        self.store.adopt(blocks).await
    }

    async fn check_engine(&self) -> Result<Vec<String>, StoreError> {
        self.store.check_engine().await
    }

    async fn projected(&self, table: &'static Table) -> Result<Option<Progressed>, StoreError> {
        self.store.projected(table).await
    }

    async fn project(&self, steps: Vec<ProjectionStep>) -> Result<(), StoreError> {
        self.store.project((self.faults.project)(steps)).await
    }

    fn workshop(&self) -> Result<Workshop, StoreError> {
        self.store.workshop()
    }

    async fn digested(&self, table: &'static Table) -> Result<Option<Digested>, StoreError> {
        self.store.digested(table).await
    }

    async fn rows(
        &self,
        table: &'static Table,
        filter: &Filter,
        only: &[(&'static str, Cell)],
    ) -> Result<Vec<Row>, StoreError> {
        self.store.rows(table, filter, only).await
    }

    async fn count_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, u64)>, StoreError> {
        self.store.count_by(table, filter, column).await
    }

    async fn count_ids(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<u64, StoreError> {
        self.store.count_ids(table, filter, column).await
    }

    async fn ages(&self, filter: &Filter) -> Result<Ages, StoreError> {
        self.store.ages(filter).await
    }

    async fn stretches_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, Vec<Stretch>)>, StoreError> {
        self.store.stretches_by(table, filter, column).await
    }
}
