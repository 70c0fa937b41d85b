//! The one writer: a thread that owns the only connection that writes.
//!
//! Group commit without a timer: what arrives while a commit is under way shares the next one. A
//! batch is checked before any of its rows is inserted, so a refused one leaves nothing and the
//! others go on. Nobody is answered before the commit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use events::{LedgerId, Position};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::append::Ledger;
use super::cells::Numbers;
use super::fault::{Fault, store_error};
use super::file::WriteLock;
use super::group::{Done, Group};
use super::guards::{BEHIND_MAX, with};
use super::recent::Recent;
use super::schema::{Synchronous, set_synchronous};
use super::tables;
use crate::store::answers::{Answer, Answers, Runtime};
use crate::store::plan::{Trouble, adopt, plan};
use crate::store::seeded::{Fault as Bug, planted};
use crate::store::summaries::SummaryStep;
use crate::store::{Batch, Blocks, Head, Nature, ProjectionStep, Receipt, StoreError};

/// How many jobs may wait. Beyond it callers wait with them in hand, so memory is bounded.
const WAITING_MAX: usize = 1_024;

/// How many batches share a commit, so that the first of them does not wait for ever.
const GROUP_MAX: usize = 512;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked for.
pub(super) enum Job {
    Append(Batch, Option<Runtime>, Reply<Vec<Receipt>>),
    Project(Vec<ProjectionStep>, Reply<()>),
    Adopt(Blocks, Reply<()>),
    KeepSummary(SummaryStep, Reply<()>),
    LimitPages(u32, Reply<()>),
}

/// The callers' end.
pub(super) struct Handle {
    /// Gone only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    place: String,
}

impl Handle {
    /// Has a batch recorded, and waits until it is durable.
    pub(super) async fn append(&self, batch: Batch) -> Answer {
        let runtime = Runtime::try_current().ok();
        self.ask(|reply| Job::Append(batch, runtime, reply)).await
    }

    /// Asks the writer, and waits until its answer is durable.
    pub(super) async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let gone = || StoreError::Unconfirmed(self.place.clone());
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(job(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Handle {
    /// Waits until the file is closed and the lock released, so that it can be opened again.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's end.
pub(super) struct Writer {
    // Closed before the lock is released: fields are dropped in this order.
    conn: Connection,
    _lock: WriteLock,
    ledger: LedgerId,
    place: String,
    nature: Arc<dyn Nature>,
    head: Head,
    /// The position that the tables of guards stand at.
    guards_at: Position,
    recent: Arc<Recent>,
    numbers: Numbers,
    synchronous: Synchronous,
    /// A write or a sync failed: nobody can say what is on the disk.
    unconfirmed: bool,
}

impl Writer {
    /// Takes over a connection that nobody else writes with; refuses a head that does not fit.
    pub(super) fn new(
        conn: Connection,
        lock: WriteLock,
        ledger: LedgerId,
        place: String,
        nature: Arc<dyn Nature>,
        recent: Arc<Recent>,
    ) -> Result<Self, Fault> {
        let stored = Ledger { conn: &conn, id: ledger };
        let (head, guards_at) = (stored.checked_head()?, stored.guards_at()?);
        let touched = stored.pending(head.position)?;
        if !planted(Bug::GuardsLeftBehind) {
            let touched = touched.into_iter().collect();
            recent.tell(Done { touched, ..Done::default() });
        }
        Ok(Self {
            conn,
            _lock: lock,
            ledger,
            place,
            nature,
            head,
            guards_at,
            recent,
            numbers: Numbers::default(),
            synchronous: Synchronous::Full,
            unconfirmed: false,
        })
    }

    /// Starts the thread.
    pub(super) fn start(self) -> Result<Handle, Fault> {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let place = self.place.clone();
        let builder = thread::Builder::new().name("rollbook-writer".to_owned());
        let thread = Some(builder.spawn(move || self.run(waiting))?);
        Ok(Handle { jobs: Some(jobs), thread, place })
    }

    fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        let mut next = waiting.blocking_recv();
        while let Some(job) = next {
            let mut after = None;
            match job {
                Job::Append(batch, runtime, reply) => {
                    let mut group = vec![(batch, reply)];
                    while group.len() < GROUP_MAX && after.is_none() {
                        match waiting.try_recv() {
                            Ok(Job::Append(batch, _, reply)) => group.push((batch, reply)),
                            Ok(
                                other @ (Job::Project(..)
                                | Job::Adopt(..)
                                | Job::KeepSummary(..)
                                | Job::LimitPages(..)),
                            ) => {
                                after = Some(other);
                            }
                            Err(_) => break,
                        }
                    }
                    self.append(group, runtime).tell();
                }
                Job::Project(steps, reply) => {
                    let answer = self.project(&steps);
                    // A caller that no longer waits has lost nothing but the news.
                    let _ = reply.send(answer);
                }
                Job::Adopt(blocks, reply) => {
                    let answer = self.adopt(blocks);
                    let _ = reply.send(answer);
                }
                Job::KeepSummary(step, reply) => {
                    let answer = self.keep_summary(&step);
                    let _ = reply.send(answer);
                }
                Job::LimitPages(pages, reply) => {
                    let limited = self.conn.pragma_update(None, "max_page_count", pages);
                    let _ =
                        reply.send(limited.map_err(|e| store_error(&self.place, Fault::from(e))));
                }
            }
            next = after.or_else(|| waiting.blocking_recv());
        }
        self.close();
    }

    fn append(
        &mut self,
        group: Vec<(Batch, Reply<Vec<Receipt>>)>,
        runtime: Option<Runtime>,
    ) -> Answers {
        let (batches, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        match self.commit(batches) {
            Ok(answers) => Answers::new(runtime, replies.into_iter().zip(answers)),
            Err(fault) => {
                let fault = Arc::new(fault);
                self.note(&fault);
                let failed = |reply| (reply, Err(self.error(&fault)));
                Answers::new(runtime, replies.into_iter().map(failed))
            }
        }
    }

    /// Commits the group; each batch has its own answer. On a fault nothing of it is recorded, and
    /// the head stays where it was.
    fn commit(&mut self, batches: Vec<Batch>) -> Result<Vec<Answer>, Fault> {
        self.begin(Synchronous::Full)?;
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let ledger = Ledger { conn: &tx, id: self.ledger };
        let mut group = Group::new(Ledger { conn: &tx, id: self.ledger }, &self.recent);
        let mut head = self.head.clone();
        let mut answers = Vec::with_capacity(batches.len());
        for batch in batches {
            match plan(self.ledger, &head, &*self.nature, &group, &batch) {
                Ok(plan) => {
                    group.keep(&plan)?;
                    head = plan.head;
                    answers.push(Ok(plan.receipts));
                }
                Err(Trouble::Refused(error)) => {
                    if planted(Bug::PositionFromSequence) {
                        head.position = head.position.next();
                    }
                    answers.push(Err(error));
                }
                Err(Trouble::Fault(fault)) => return Err(fault),
            }
        }
        if head.position != self.head.position {
            ledger.keep_head(&head)?;
        }
        let done = group.finish();
        let guards_at = if head.position.0 - self.guards_at.0 < BEHIND_MAX {
            self.guards_at
        } else {
            ledger.enter(&with(self.recent.pending(), &done), head.position)?;
            head.position
        };
        if planted(Bug::MemoryToldBeforeCommit) {
            self.recent.tell(done.clone());
        }
        if planted(Bug::HeadMovedBeforeCommit) {
            self.head = head.clone();
        }
        if planted(Bug::AcknowledgeBeforeCommit) {
            std::mem::forget(tx); // `begin` commits it
        } else if planted(Bug::CommitErrorIgnored) {
            let _ = tx.commit();
        } else {
            tx.commit()?;
        }
        self.head = head;
        self.recent.tell(done);
        self.entered(guards_at);
        Ok(answers)
    }

    /// Forgets what the tables of guards have taken in.
    fn entered(&mut self, guards_at: Position) {
        if self.guards_at != guards_at {
            self.guards_at = guards_at;
            self.recent.entered();
        }
    }

    /// Rows can be built again, so their commit does not wait for the disk. It is synced with the
    /// next append: the log has one order, and a failure can only cut its end.
    fn project(&mut self, steps: &[ProjectionStep]) -> Result<(), StoreError> {
        self.write_again(|ledger, numbers| {
            steps.iter().try_for_each(|step| tables::project(ledger, numbers, step))
        })
    }

    /// A summary can be made again too.
    fn keep_summary(&mut self, step: &SummaryStep) -> Result<(), StoreError> {
        self.write_again(|ledger, _| ledger.keep_summary(step).map_err(Trouble::Fault))
    }

    /// Writes what can be written again, in one transaction.
    fn write_again(
        &mut self,
        write: impl FnOnce(&Ledger<'_>, &mut Numbers) -> Result<(), Trouble<Fault>>,
    ) -> Result<(), StoreError> {
        let done = self.begin(Synchronous::Normal).map_err(Trouble::Fault).and_then(|()| {
            let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate);
            let tx = tx.map_err(Fault::from)?;
            write(&Ledger { conn: &tx, id: self.ledger }, &mut self.numbers)?;
            Ok(tx.commit().map_err(Fault::from)?)
        });
        done.map_err(|trouble| self.told(trouble))
    }

    /// Takes over the record of another place in one transaction.
    fn adopt(&mut self, blocks: Blocks) -> Result<(), StoreError> {
        self.adopted(blocks).map_err(|trouble| self.told(trouble))
    }

    fn adopted(&mut self, blocks: Blocks) -> Result<(), Trouble<Fault>> {
        if self.head.position != Position(0) {
            return Err(Trouble::Refused(StoreError::Exists(self.place.clone())));
        }
        self.begin(Synchronous::Full)?;
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate);
        let tx = tx.map_err(Fault::from)?;
        let ledger = Ledger { conn: &tx, id: self.ledger };
        let mut head = self.head.clone();
        let mut done = Vec::new();
        for block in blocks {
            let plan = block.and_then(|block| adopt(self.ledger, &head, block));
            let plan = plan.map_err(Trouble::Refused)?;
            let mut group = Group::new(Ledger { conn: &tx, id: self.ledger }, &self.recent);
            group.keep(&plan)?;
            let group = group.finish();
            ledger.enter(&with(BTreeMap::new(), &group), plan.head.position)?;
            done.push(group);
            head = plan.head;
        }
        ledger.keep_head(&head)?;
        tx.commit().map_err(Fault::from)?;
        done.into_iter().for_each(|done| self.recent.tell(done));
        self.entered(head.position);
        self.head = head;
        Ok(())
    }

    fn told(&mut self, trouble: Trouble<Fault>) -> StoreError {
        match trouble {
            Trouble::Refused(error) => error,
            Trouble::Fault(fault) => {
                let fault = Arc::new(fault);
                self.note(&fault);
                self.error(&fault)
            }
        }
    }

    fn begin(&mut self, synchronous: Synchronous) -> Result<(), Fault> {
        if self.unconfirmed {
            return Err(Fault::Unconfirmed);
        }
        if planted(Bug::AcknowledgeBeforeCommit) && !self.conn.is_autocommit() {
            self.conn.execute_batch("COMMIT")?;
        }
        let normal = planted(Bug::SynchronousNormal);
        let synchronous = if normal { Synchronous::Normal } else { synchronous };
        if self.synchronous != synchronous {
            set_synchronous(&self.conn, synchronous)?;
            self.synchronous = synchronous;
        }
        Ok(())
    }

    /// After a failed sync nothing more is written. The same holds when a transaction could not
    /// be rolled back.
    fn note(&mut self, fault: &Fault) {
        if planted(Bug::UnconfirmedForgotten) {
            return;
        }
        self.unconfirmed |= fault.leaves_disk_unknown() || !self.conn.is_autocommit();
    }

    fn error(&self, fault: &Arc<Fault>) -> StoreError {
        if self.unconfirmed {
            StoreError::Unconfirmed(self.place.clone())
        } else {
            store_error(&self.place, Arc::clone(fault))
        }
    }

    /// Has the tables of guards take in what they lack, so that nobody has to work it out.
    fn enter_rest(&mut self) -> Result<(), Fault> {
        if self.guards_at == self.head.position {
            return Ok(());
        }
        self.begin(Synchronous::Normal)?;
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ledger { conn: &tx, id: self.ledger }.enter(&self.recent.pending(), self.head.position)?;
        Ok(tx.commit()?)
    }

    /// Folds the log into the database, if it can. Whoever opens the ledger next does it otherwise.
    fn close(mut self) {
        if let Err(fault) = self.enter_rest() {
            tracing::debug!(place = self.place, %fault, "the guards stay behind");
        }
        if self.unconfirmed {
            let _ = self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        } else {
            if planted(Bug::CheckpointNotSynced) {
                let _ = self.conn.pragma_update(None, "synchronous", "OFF");
            }
            let folded = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            if let Err(error) = folded {
                tracing::debug!(place = self.place, %error, "the log was not folded in");
            }
        }
    }
}
