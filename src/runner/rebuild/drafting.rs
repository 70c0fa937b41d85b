//! Folds the log into drafts: it is read once, and every projection takes what was read in a task
//! of its own, so that all processors fold.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use events::{FamilyName, Position, Recorded};
use tokio::sync::mpsc;

use super::in_order::in_order;
use super::{Step, Work, ended, opened};
use crate::runner::replay::Replay;
use crate::runner::{SUBJECTS_OF_ALL_MAX, changes};
use crate::store::engine::Pen;
use crate::store::{Store, StoreError};

/// How many blocks of events wait for a projection, so that memory is bounded.
const WAITING_MAX: usize = 2;

/// How many events are folded before what they change is drawn: what is at hand then is in the
/// processor's own cache.
const AT_ONCE: usize = 128;

/// Events that are handed out at once.
struct Block {
    events: Vec<Recorded>,
    /// The family of each: most projections take one alone, and so need not look at the others.
    families: Vec<FamilyName>,
}

/// A projection that is being folded.
struct Folding {
    work: Work,
    store: Arc<dyn Store>,
    pen: Pen,
    /// Where its draft is to end.
    target: Position,
    /// How far it has come.
    folded: Arc<AtomicU64>,
}

/// Folds all drafts up to where what serves stands: reads the log once and hands it to every
/// projection.
pub(super) async fn fold(
    store: &Arc<dyn Store>,
    works: Vec<Work>,
    targets: &[Position],
    pen: Pen,
    step: &mut (impl FnMut(Step) + Send),
) -> Result<Vec<Work>, StoreError> {
    let until = targets.iter().copied().max().unwrap_or_default();
    let (mut tasks, mut hands, mut reached) = (Vec::new(), Vec::new(), Vec::new());
    for (work, target) in works.into_iter().zip(targets) {
        let (hand, blocks) = mpsc::channel(WAITING_MAX);
        let folded = Arc::<AtomicU64>::default();
        reached.push(Arc::clone(&folded));
        let (store, pen, target) = (Arc::clone(store), pen.clone(), *target);
        let folding = Folding { work, store, pen, target, folded };
        tasks.push(tokio::spawn(folding.run(blocks)));
        hands.push(hand);
    }
    let read = hand_out(store, until, &pen, &hands, || {
        let least = reached.iter().map(|folded| folded.load(Ordering::Relaxed)).min();
        if let Some(least) = least.filter(|least| (1..until.0).contains(least)) {
            step(Step::Folded(Position(least), until));
        }
    });
    let read = read.await;
    // Nothing more comes.
    drop(hands);
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
    pen: &Pen,
    hands: &[mpsc::Sender<Arc<Block>>],
    mut handed: impl FnMut() + Send,
) -> Result<(), StoreError> {
    let mut replay = Replay::new(Arc::clone(store), Position(0), until);
    while let Some(events) = replay.next().await? {
        pen.tell(&opened(&events));
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
        for (events, families) in events.chunks(AT_ONCE).zip(families.chunks(AT_ONCE)) {
            let Some(last) = events.last().map(|event| event.position) else { break };
            let only = work.projection.only();
            let new = events.iter().zip(families).filter(|(event, family)| {
                event.position <= self.target
                    && only.is_none_or(|only| only == **family || event.position == Position(1))
            });
            let new = new.map(|(event, _)| event);
            let ops = changes(&mut *work.projection, &*self.store, new).await?;
            if !ops.is_empty() {
                self.pen.draw(work.table, &in_order(ops))?;
            }
            work.position = last.min(self.target);
        }
        work.projection.let_go(SUBJECTS_OF_ALL_MAX);
        work.took += began.elapsed();
        Ok(())
    }
}
