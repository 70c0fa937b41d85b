//! Builds projections anew while the ones that serve go on serving, compares the two, and swaps.
//!
//! The log is read once for all of them, as any reader reads it; whoever records goes on recording.
//! What stands in a draft is compared with what serves at the same position, and made a table
//! meanwhile: on a server in its database, beside a file in a file of its own, which is copied once
//! they agree. Then it is brought to where the serving one has come, and put in its place, all of
//! them in one transaction. Whatever happens before that, the old ones serve.

mod drafting;
mod in_order;

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events::{Position, Recorded, StreamId};
use projections::{Projection, Table};
use serde::{Serialize, Serializer};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinHandle};

use self::in_order::in_order;
use super::replay::whole;
use super::{YOUNG, changes};
use crate::store::engine::Workshop;
use crate::store::error::EndedEarly;
use crate::store::{Digested, Generation, Store, StoreError};

/// How many events a table is brought further at once.
const BLOCK: u64 = 5_000;

/// Beyond so many events a record is long.
const LONG: u64 = 50_000;

/// What is folded while nobody else can write: no more than this if it can be helped.
const TAIL_MAX: u64 = 500;

/// How many tables that serve are looked at at the same time, while drafts are folded.
const DIGESTED_AT_ONCE: usize = 2;

/// How often the end of the record is chased before others have to wait for it.
const CHASES_MAX: u32 = 64;

/// How far a rebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// All events up to the first position are folded; the second is where that ends.
    Folded(Position, Position),
    /// This table is held against the one that serves.
    Compared(&'static str),
    /// This table stands in the ledger, and does not serve yet.
    Staged(&'static str),
}

/// What is done when a rebuilt table is not what the serving one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differing {
    /// The one that serves stays.
    Stays,
    /// It is replaced all the same.
    IsReplaced,
}

/// What became of one projection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Its table.
    pub name: &'static str,
    /// The position at which it was compared.
    pub position: Position,
    /// How many rows it has there.
    pub rows: u64,
    /// The digest of its rows there.
    #[serde(serialize_with = "hexadecimal")]
    pub digest: [u8; 32],
    /// What the one that served held there.
    pub served: Served,
    /// How long its own folding, comparing and copying took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: Duration,
    /// Whether it serves now.
    pub swapped: bool,
}

/// What a table that served held, compared with the rebuilt one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Served {
    /// The same.
    Same,
    /// Something else. It was damaged, or one of the two was folded wrongly.
    Other,
    /// Nothing of today's version: there was nothing to compare with.
    Nothing,
}

fn hexadecimal<S: Serializer>(digest: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&events::leaf::hexadecimal(digest))
}

fn seconds<S: Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(took.as_secs_f64())
}

/// What a table holds that serves, if it is one of today's version.
type Live = Result<Option<Digested>, StoreError>;

/// Tables that serve, while they are looked at. That stops when nobody waits for it any more.
struct LookedAt(Vec<JoinHandle<Live>>);

impl Drop for LookedAt {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

/// What a task came to.
async fn ended<T>(task: impl Future<Output = Result<T, JoinError>>) -> T {
    task.await.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic()))
}

/// One projection on its way.
struct Work {
    projection: Box<dyn Projection>,
    table: &'static Table,
    /// Which of its tables is being written.
    generation: Generation,
    position: Position,
    compared: Option<Digested>,
    served: Served,
    took: Duration,
}

/// The streams that these events open.
fn opened(events: &[Recorded]) -> Vec<(StreamId, Position)> {
    let opening = events.iter().filter(|event| event.sequence == 1);
    opening.map(|event| (event.stream, event.position)).collect()
}

/// A rebuild under way.
pub struct Rebuild<'a> {
    workshop: Workshop,
    store: &'a Arc<dyn Store>,
    works: Vec<Work>,
}

impl<'a> Rebuild<'a> {
    /// Begins with tables whose rows are folded from the first event.
    #[must_use]
    pub fn anew(workshop: Workshop, store: &'a Arc<dyn Store>, tables: &[&'static Table]) -> Self {
        let work = |projection| Work::new(projection, Generation::Draft, Position(0));
        let wanted = projections::all().into_iter();
        let wanted = wanted.filter(|projection| tables.contains(&projection.table()));
        Self { workshop, store, works: wanted.map(work).collect() }
    }

    /// Begins with the tables that served before, as far as there are any of today's version.
    ///
    /// # Errors
    /// What keeps the ledger from being read.
    pub async fn back(
        mut workshop: Workshop,
        store: &'a Arc<dyn Store>,
        tables: &[&'static Table],
    ) -> Result<Self, StoreError> {
        let head = store.head().await?.position;
        let mut works = Vec::new();
        for projection in projections::all() {
            let table = projection.table();
            let former = workshop.progressed(table, Generation::Former)?;
            let former =
                former.filter(|former| former.version == table.version && former.position <= head);
            if let Some(former) = former.filter(|_| tables.contains(&table)) {
                works.push(Work::new(projection, Generation::Former, former.position));
            }
        }
        Ok(Self { workshop, store, works })
    }

    /// The tables that it is about.
    pub fn tables(&self) -> impl Iterator<Item = &'static Table> {
        self.works.iter().map(|work| work.table)
    }

    /// Does it; `step` hears how far it is.
    ///
    /// # Errors
    /// What keeps the ledger from being read or written. What served before serves then.
    pub async fn run(
        mut self,
        differing: Differing,
        mut step: impl FnMut(Step) + Send,
    ) -> Result<Vec<Rebuilt>, StoreError> {
        let tables: Vec<_> = self.tables().collect();
        let mut targets = Vec::with_capacity(tables.len());
        for table in &tables {
            targets.push(serving(self.store, table).await?);
        }
        // Looked at afterwards, so that what serves is not behind what is being built.
        let mut live = self.digest_serving(tables);
        if self.works.iter().any(|work| work.generation == Generation::Draft) {
            let pen = self.workshop.pen();
            self.works = drafting::fold(self.store, self.works, &targets, pen, &mut step).await?;
        }
        let mut served = Vec::with_capacity(self.works.len());
        for (index, live) in live.0.iter_mut().enumerate() {
            served.push(self.meet(index, ended(live).await).await?);
        }
        // The longest first, so that those who make tables end at about the same time.
        let pen = self.workshop.pen();
        let mut order: Vec<usize> = (0..self.works.len()).collect();
        order.sort_by_key(|index| Reverse(pen.size(self.works[*index].table)));
        let wanted = order.iter().map(|index| {
            let Work { table, generation, position, .. } = self.works[*index];
            (table, generation, position)
        });
        let mut digests = self.workshop.digests(wanted.collect())?;
        let swaps = |work: &Work| match work.served {
            Served::Same | Served::Nothing => true,
            Served::Other => differing == Differing::IsReplaced,
        };
        // One table is put there while the next ones are looked at.
        for index in order {
            let began = Instant::now();
            let Some(rebuilt) = digests.next() else {
                let (place, source) = ("the projections".to_owned(), Box::new(EndedEarly));
                return Err(StoreError::Failed { place, source });
            };
            self.works[index].compare(rebuilt?, served[index]);
            self.works[index].took += began.elapsed();
            step(Step::Compared(self.works[index].table.name));
            if swaps(&self.works[index]) {
                self.stage(index).await?;
                step(Step::Staged(self.works[index].table.name));
            }
        }
        self.swap(swaps).await?;
        Ok(self.works.iter().map(|work| work.rebuilt(swaps(work))).collect())
    }

    /// What serves, in numbers, each as of one moment; computed while drafts are drawn, two at a
    /// time, so that the longest is not the last one that everybody waits for.
    fn digest_serving(&self, tables: Vec<&'static Table>) -> LookedAt {
        let turns = Arc::new(Semaphore::new(DIGESTED_AT_ONCE));
        let digest = |table| {
            let (store, turns) = (Arc::clone(self.store), Arc::clone(&turns));
            tokio::spawn(async move {
                // Nobody closes it.
                let _turn = turns.acquire().await;
                store.digested(table).await
            })
        };
        LookedAt(tables.into_iter().map(digest).collect())
    }

    /// Brings a table to the position at which the one that serves was looked at; gives what that
    /// one held.
    async fn meet(&mut self, index: usize, live: Live) -> Result<Option<Digested>, StoreError> {
        let head = self.store.head().await?.position;
        let live = match live {
            Ok(live) => live,
            // That it cannot be read is what a rebuild may be wanted for.
            Err(StoreError::Corrupt { .. } | StoreError::Failed { .. }) => {
                self.works[index].served = Served::Other;
                None
            }
            Err(error) => return Err(error),
        };
        if let Some(live) = live.filter(|live| live.position <= head) {
            self.advance(index, live.position).await?;
        }
        Ok(live)
    }

    /// Puts a table into the ledger, nearly as far as the one that serves.
    async fn stage(&mut self, index: usize) -> Result<(), StoreError> {
        let work = &mut self.works[index];
        let began = Instant::now();
        if work.generation == Generation::Draft {
            self.workshop.stage(work.table)?;
            work.generation = Generation::Next;
        }
        work.took += began.elapsed();
        for _ in 0..CHASES_MAX {
            let (table, position) = (self.works[index].table, self.works[index].position);
            let serving = serving(self.store, table).await?;
            if serving.0.saturating_sub(position.0) <= TAIL_MAX {
                break;
            }
            self.advance(index, serving).await?;
        }
        Ok(())
    }

    /// All of them, in one transaction.
    async fn swap(&mut self, swaps: impl Fn(&Work) -> bool) -> Result<(), StoreError> {
        if !self.works.iter().any(&swaps) {
            return Ok(());
        }
        self.workshop.begin()?;
        for index in 0..self.works.len() {
            if !swaps(&self.works[index]) {
                continue;
            }
            let serving = serving(self.store, self.works[index].table).await?;
            self.advance(index, serving).await?;
            let Work { table, generation, position, .. } = self.works[index];
            match generation {
                Generation::Draft | Generation::Serving => {}
                Generation::Next => self.workshop.serve_next(table, position)?,
                Generation::Former => self.workshop.serve_former(table, position)?,
            }
        }
        self.workshop.commit()
    }

    /// Brings a table to a later position.
    async fn advance(&mut self, index: usize, until: Position) -> Result<(), StoreError> {
        let (work, store) = (&mut self.works[index], &**self.store);
        while work.position < until {
            let block = until.min(Position(work.position.0 + BLOCK));
            let events = store.recorded(work.position, block).await?;
            let events = whole(events, work.position, block)?;
            let began = Instant::now();
            let ops = changes(&mut *work.projection, store, events.iter()).await?;
            if work.generation == Generation::Draft {
                let pen = self.workshop.pen();
                pen.tell(&opened(&events));
                pen.draw(work.table, &in_order(ops))?;
            } else {
                self.workshop.advance(work.table, work.generation, block, &ops)?;
            }
            work.took += began.elapsed();
            work.position = block;
        }
        Ok(())
    }
}

impl Work {
    fn new(projection: Box<dyn Projection>, generation: Generation, position: Position) -> Self {
        Self {
            table: projection.table(),
            projection,
            generation,
            position,
            compared: None,
            served: Served::Nothing,
            took: Duration::ZERO,
        }
    }

    /// Holds it against the one that served, at the same position.
    fn compare(&mut self, rebuilt: Digested, live: Option<Digested>) {
        self.compared = Some(rebuilt);
        // One that somebody began anew meanwhile is behind, and nothing to compare with.
        if let Some(live) = live.filter(|live| live.position >= rebuilt.position) {
            self.served = if live == rebuilt { Served::Same } else { Served::Other };
        }
    }

    fn rebuilt(&self, swapped: bool) -> Rebuilt {
        let Digested { position, rows, digest } =
            self.compared.expect("every table is compared before it is told of");
        let (name, served, took) = (self.table.name, self.served, self.took);
        Rebuilt { name, position, rows, digest, served, took, swapped }
    }
}

/// Whether so little of a long record is in a table that it is built anew sooner than brought
/// forward: of a shorter one all is folded before anybody notices.
#[must_use]
pub fn is_next_to_empty(stands_at: Position, head: Position) -> bool {
    stands_at <= YOUNG && head.0 > LONG
}

/// Where a table has to be to take over: where the one that serves stands, or the end of the
/// record when none of today's version does, or one that is next to empty.
async fn serving(store: &Arc<dyn Store>, table: &'static Table) -> Result<Position, StoreError> {
    let serving = store.projected(table).await?;
    let head = store.head().await?.position;
    let serving = serving.filter(|serving| {
        serving.version == table.version && !is_next_to_empty(serving.position, head)
    });
    Ok(serving.map_or(head, |serving| serving.position.min(head)))
}
