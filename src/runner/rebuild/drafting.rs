//! Folds the log into drafts: it is read once, and every projection takes what was read in a task
//! of its own, so that all processors fold.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use events::{FamilyName, Position, Recorded};
use projections::{Op, Table};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Step, Work, opened};
use crate::runner::replay::Replay;
use crate::runner::{SUBJECTS_OF_ALL_MAX, changes};
use crate::store::engine::Workshop;
use crate::store::{Store, StoreError, sqlite};

/// How many blocks of events wait for a projection, so that memory is bounded.
const WAITING_MAX: usize = 2;

/// How many tables' changes wait to be written by the one who draws alone.
const CHANGES_MAX: usize = 4 * projections::TABLES.len();

/// How many rows of a table are held back until they are likely to be final, where one that is
/// closed later has to be looked for.
const HELD_BACK_MAX: usize = 100_000;

/// Events that are handed out at once.
struct Block {
    events: Vec<Recorded>,
    /// The family of each: most projections take one alone, and so need not look at the others.
    families: Vec<FamilyName>,
}

/// Changes on their way into a draft.
type Drawing = (&'static Table, Vec<Op>);

/// How a projection's changes come into its draft.
#[derive(Clone)]
enum Desk {
    /// Each draws its own.
    Own(sqlite::Pen),
    /// One draws for all.
    Shared(mpsc::Sender<Drawing>),
}

/// A projection that is being folded.
struct Folding {
    work: Work,
    store: Arc<dyn Store>,
    desk: Desk,
    /// Where its draft is to end.
    target: Position,
    /// Where the longest one ends.
    until: Position,
    /// How far it has come.
    folded: Arc<AtomicU64>,
}

/// Folds all drafts up to where what serves stands.
pub(super) async fn draw(
    mut workshop: Workshop,
    store: &Arc<dyn Store>,
    works: Vec<Work>,
    targets: &[Position],
    step: &mut (impl FnMut(Step) + Send),
) -> Result<(Workshop, Vec<Work>), StoreError> {
    if let Some(pen) = workshop.pen() {
        let works = fold(store, works, targets, Desk::Own(pen), step).await?;
        return Ok((workshop, works));
    }
    let tables: Vec<_> = works.iter().map(|work| work.table).collect();
    let (drawn, mut waiting) = mpsc::channel::<Drawing>(CHANGES_MAX);
    let drawing = tokio::task::spawn_blocking(move || {
        workshop.begin_drafts(&tables)?;
        while let Some((table, ops)) = waiting.blocking_recv() {
            workshop.draw(table, &[], &ops)?;
        }
        workshop.end_drafts()?;
        Ok(workshop)
    });
    let works = fold(store, works, targets, Desk::Shared(drawn), step).await;
    Ok((ended(drawing).await?, works?))
}

/// What a task came to.
async fn ended<T>(task: JoinHandle<T>) -> T {
    task.await.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic()))
}

/// Reads the log once and hands it to every projection.
async fn fold(
    store: &Arc<dyn Store>,
    works: Vec<Work>,
    targets: &[Position],
    desk: Desk,
    step: &mut (impl FnMut(Step) + Send),
) -> Result<Vec<Work>, StoreError> {
    let until = targets.iter().copied().max().unwrap_or_default();
    let (mut tasks, mut hands, mut reached) = (Vec::new(), Vec::new(), Vec::new());
    for (work, target) in works.into_iter().zip(targets) {
        let (hand, blocks) = mpsc::channel(WAITING_MAX);
        let folded = Arc::<AtomicU64>::default();
        reached.push(Arc::clone(&folded));
        let (store, desk, target) = (Arc::clone(store), desk.clone(), *target);
        let folding = Folding { work, store, desk, target, until, folded };
        tasks.push(tokio::spawn(folding.run(blocks)));
        hands.push(hand);
    }
    let read = hand_out(store, until, &desk, &hands, || {
        let least = reached.iter().map(|folded| folded.load(Ordering::Relaxed)).min();
        if let Some(least) = least.filter(|least| (1..until.0).contains(least)) {
            step(Step::Folded(Position(least), until));
        }
    });
    let read = read.await;
    // Nothing more comes, nor will anything more be drawn than what they draw.
    drop((hands, desk));
    let mut works = Vec::with_capacity(tasks.len());
    for task in tasks {
        works.push(ended(task).await);
    }
    let works = works.into_iter().collect::<Result<_, _>>()?;
    read?;
    step(Step::Folded(until, until));
    Ok(works)
}

async fn hand_out(
    store: &Arc<dyn Store>,
    until: Position,
    desk: &Desk,
    hands: &[mpsc::Sender<Arc<Block>>],
    mut handed: impl FnMut() + Send,
) -> Result<(), StoreError> {
    let mut replay = Replay::new(Arc::clone(store), Position(0), until);
    while let Some(events) = replay.next().await? {
        desk.tell(&events);
        let families = events.iter().map(|event| event.event.family()).collect();
        let block = Arc::new(Block { events, families });
        for hand in hands {
            // When nobody takes it, whoever folds says why.
            if hand.send(Arc::clone(&block)).await.is_err() {
                return Ok(());
            }
        }
        handed();
    }
    Ok(())
}

impl Desk {
    /// Tells of the streams that these events open, before rows name them.
    fn tell(&self, events: &[Recorded]) {
        match self {
            Self::Own(pen) => pen.tell(&opened(events)),
            Self::Shared(_) => {}
        }
    }

    /// How many events are folded before what they change is drawn, and how many of a table's
    /// newest rows are held back then.
    fn habits(&self) -> (usize, usize) {
        match self {
            // What is closed later is not looked for, and what is at hand is in the processor's
            // own cache.
            Self::Own(_) => (128, 0),
            Self::Shared(_) => (usize::MAX, HELD_BACK_MAX),
        }
    }
}

impl Folding {
    /// Takes blocks of events until there are no more.
    async fn run(mut self, mut blocks: mpsc::Receiver<Arc<Block>>) -> Result<Work, StoreError> {
        while let Some(block) = blocks.recv().await {
            self.fold(&block).await?;
            self.folded.store(self.work.position.0, Ordering::Relaxed);
        }
        // Few events come after this; what they need is recalled.
        self.work.projection.forget();
        Ok(self.work)
    }

    async fn fold(&mut self, Block { events, families }: &Block) -> Result<(), StoreError> {
        let (work, began) = (&mut self.work, Instant::now());
        let (at_once, held_back_max) = self.desk.habits();
        for (events, families) in events.chunks(at_once).zip(families.chunks(at_once)) {
            let Some(last) = events.last().map(|event| event.position) else { break };
            let only = work.projection.only();
            let new = events.iter().zip(families).filter(|(event, family)| {
                event.position <= self.target
                    && only.is_none_or(|only| only == **family || event.position == Position(1))
            });
            let new = new.map(|(event, _)| event);
            work.window.take(changes(&mut *work.projection, &*self.store, new).await?);
            work.position = last.min(self.target);
            let ops = work.window.drain(if last < self.until { held_back_max } else { 0 });
            match &self.desk {
                _ if ops.is_empty() => {}
                Desk::Own(pen) => pen.draw(work.table, &ops)?,
                // When nobody takes it, whoever draws says why.
                Desk::Shared(drawn) => _ = drawn.send((work.table, ops)).await,
            }
        }
        work.projection.let_go(SUBJECTS_OF_ALL_MAX);
        work.took += began.elapsed();
        Ok(())
    }
}
