//! The one writer of this process: a thread that owns the connection that records. Other servers
//! have theirs, and the lock on the ledger's head makes them take turns.
//!
//! Group commit without a timer: what arrives while a commit is under way shares the next one, and
//! is planned meanwhile; it is on its way to the server before those of the last one are told. A
//! batch is checked before any of its rows is inserted, so a refused one leaves nothing and the
//! others go on. Nobody is answered before the commit. Where the connection is cut during one, the
//! server is asked whether it took place.

use std::pin::pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use events::LedgerId;
use sqlx::PgConnection;
use tokio::sync::{mpsc, oneshot};

use super::append::{self, Group};
use super::at_once::{self, Assumed};
use super::fault::{Fault, store_error};
use super::forming::{Forming, Job, Planned};
use super::known::Known;
use super::recent::Recent;
use super::server::Server;
use super::values::run;
use crate::store::answers::{Answer, Answers, Runtime};
use crate::store::seeded::{Fault as Bug, planted};
use crate::store::{Batch, Head, Nature, StoreError};

/// How many jobs may wait. Beyond it callers wait with them in hand, so memory is bounded.
const WAITING_MAX: usize = 1_024;

/// How often a group is tried, when the server goes away or ends a race.
const TRIES_MAX: u32 = 6;

/// How long it waits before the second try; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(50);

/// What callers ask for.
type Waiting = mpsc::Receiver<Job>;

/// The callers' end.
pub(super) struct Handle {
    /// Gone only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    place: String,
}

impl Handle {
    /// Records a batch, and waits until it is durable.
    pub(super) async fn append(&self, batch: Batch) -> Answer {
        let (reply, answer) = oneshot::channel();
        let gone = || store_error(&self.place, Fault::Ended);
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        let runtime = Runtime::try_current().ok();
        jobs.send(Job { batch, runtime, reply }).await.map_err(|_| gone())?;
        // It may have been under way.
        answer.await.map_err(|_| store_error(&self.place, Fault::Unconfirmed))?
    }
}

impl Drop for Handle {
    /// Waits until what is under way has ended.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's end.
pub(super) struct Writer {
    server: Server,
    ledger: LedgerId,
    nature: Arc<dyn Nature>,
    conn: Option<PgConnection>,
    /// Where this writer left the head, or saw it last.
    head: Option<Head>,
    /// Whether nobody else recorded since: then a group is tried at once.
    alone: bool,
    known: Known,
    /// What readers of this process know.
    recent: Arc<Recent>,
    /// Answers of the last group that nobody was told yet.
    untold: Option<Answers>,
}

impl Drop for Writer {
    /// Nobody waits for what will not be told any more.
    fn drop(&mut self) {
        self.recent.give_up();
    }
}

/// How a try to record a group failed.
enum Failed {
    /// Nothing of it is recorded.
    Before(Fault),
    /// The connection was cut during the commit.
    InCommit(Box<Group>, Vec<Answer>),
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Before(fault)
    }
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Before(error.into())
    }
}

/// What a fault says that came while a commit was under way.
fn in_commit(fault: Fault, group: Group, answers: Vec<Answer>) -> Failed {
    if fault.is_away() { Failed::InCommit(Box::new(group), answers) } else { Failed::Before(fault) }
}

impl Writer {
    /// Whoever records over connections to this server.
    pub(super) fn new(
        server: Server,
        ledger: LedgerId,
        nature: Arc<dyn Nature>,
        recent: Arc<Recent>,
    ) -> Self {
        Self {
            server,
            ledger,
            nature,
            conn: None,
            head: None,
            alone: false,
            known: Known::default(),
            recent,
            untold: None,
        }
    }

    /// Starts the thread.
    pub(super) fn start(self) -> Result<Handle, StoreError> {
        let place = self.server.place().to_owned();
        let failed =
            |error: std::io::Error| store_error(&place, Fault::Server(sqlx::Error::Io(error)));
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(failed)?;
        let run = move || runtime.block_on(self.serve(waiting));
        let builder = thread::Builder::new().name("rollbook-writer".to_owned());
        let thread = Some(builder.spawn(run).map_err(failed)?);
        Ok(Handle { jobs: Some(jobs), thread, place })
    }

    /// Records group after group, until nobody can ask for more.
    async fn serve(mut self, mut waiting: Waiting) {
        let mut next = Forming::default();
        loop {
            if next.is_empty() {
                self.tell();
                let Some(job) = waiting.recv().await else { return };
                next.push(job);
            }
            while next.has_room()
                && let Ok(job) = waiting.try_recv()
            {
                next.push(job);
            }
            let mut group = std::mem::take(&mut next);
            group.behind.take().into_iter().for_each(|job| next.push(job));
            if self.alone
                && let Some(head) = self.head.clone()
            {
                self.plan_ahead(&mut group, &head);
            }
            let recorded = self.record(&mut group, &mut next, &mut waiting).await;
            let answers = match recorded {
                Ok(answers) => group.answered(answers.into_iter()),
                Err(fault) => {
                    let (place, fault) = (self.server.place(), Arc::new(fault));
                    let answer = || Err(store_error(place, Arc::clone(&fault)));
                    group.answered(std::iter::repeat_with(answer))
                }
            };
            self.untold = Some(answers);
        }
    }

    /// Has those of the last group told, unless they are.
    fn tell(&mut self) {
        if let Some(answers) = self.untold.take() {
            answers.tell();
        }
    }

    /// Plans what of a group is not planned yet, to be recorded after this head, if that may do.
    fn plan_ahead(&mut self, group: &mut Forming, head: &Head) {
        // A group that is planned ahead is never written under a head that is read without a lock.
        if !group.may_assume() || planted(Bug::HeadNotLocked) {
            return;
        }
        let planned = group.planned.get_or_insert_with(|| {
            self.known.begin(head.position);
            Planned::new(head.clone(), Some(Assumed::default()))
        });
        for batch in &group.batches[planned.answers.len()..] {
            planned.add(self.ledger, &*self.nature, (&mut self.known, &self.recent), batch);
        }
    }

    /// A group is not recorded as it was planned: no plan outlives that, nor what is known with it.
    fn drop_plans(&mut self, next: &mut Forming) {
        next.planned = None;
        self.known.forget();
    }

    /// Records a group; each batch has its own answer. On a fault nothing of it is recorded,
    /// unless the fault says that nobody knows. Meanwhile the next one is planned.
    async fn record(
        &mut self,
        group: &mut Forming,
        next: &mut Forming,
        waiting: &mut Waiting,
    ) -> Result<Vec<Answer>, Fault> {
        let mut tries = 1;
        loop {
            let failed = match self.attempt(group, next, waiting).await {
                Ok(answers) => return Ok(answers),
                Err(failed) => failed,
            };
            self.drop_plans(next);
            self.head = None;
            self.recent.give_up();
            match failed {
                Failed::InCommit(group, answers) => {
                    self.conn = None;
                    if planted(Bug::CutCommitBelieved) || self.took_place(&group).await? {
                        return Ok(answers);
                    }
                }
                Failed::Before(fault) => {
                    if fault.is_away() {
                        self.conn = None;
                    } else if let Some(conn) = &mut self.conn
                        && run(conn, "ROLLBACK").await.is_err()
                    {
                        self.conn = None;
                    }
                    if tries == TRIES_MAX || !(fault.is_away() || fault.is_race()) {
                        return Err(fault);
                    }
                    tokio::time::sleep(PAUSE * 2_u32.pow(tries - 1)).await;
                }
            }
            tries += 1;
        }
    }

    async fn attempt(
        &mut self,
        group: &mut Forming,
        next: &mut Forming,
        waiting: &mut Waiting,
    ) -> Result<Vec<Answer>, Failed> {
        // The server would not find out that a plan follows another head of the same position.
        let planned = group.planned.take().filter(|planned| {
            !planned.group.is_empty() && self.head.as_ref() == Some(&planned.from)
        });
        if planned.is_none() {
            self.tell(); // what comes now may wait for the server
        }
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.server.connect_to_record().await?,
        };
        let recorded = match planned {
            Some(planned) => self.at_once(&mut conn, planned, next, waiting).await,
            None => Ok(None),
        };
        let answers = match recorded {
            Ok(None) => self.after_asking(&mut conn, &group.batches).await,
            Ok(Some(answers)) => Ok(answers),
            Err(failed) => Err(failed),
        };
        self.conn = Some(conn);
        answers
    }

    /// Tries a group in one question, and plans the next one until it is answered; `None` when
    /// nothing is recorded and the record has to be asked first.
    async fn at_once(
        &mut self,
        conn: &mut PgConnection,
        planned: Planned,
        next: &mut Forming,
        waiting: &mut Waiting,
    ) -> Result<Option<Vec<Answer>>, Failed> {
        let Planned { from, assumed, group, answers } = planned;
        let assumed = assumed.expect("who plans ahead says what that rests on");
        self.recent.begin(from.position, group.head.position);
        let appended = {
            let mut append = pin!(at_once::append(conn, self.ledger, &from, &assumed, &group));
            loop {
                tokio::select! {
                    biased;
                    appended = &mut append => break appended,
                    // Now that the next group is on its way: whoever is woken wants a processor.
                    () = std::future::ready(()), if self.untold.is_some() => self.tell(),
                    Some(job) = waiting.recv(), if next.has_room() => {
                        next.push(job);
                        self.plan_ahead(next, &group.head);
                    }
                }
            }
        };
        self.tell(); // should the server have been as quick as that
        match appended {
            Ok(true) => {
                assumed.held(from.position, &mut self.known, &self.recent);
                self.recent.tell(&group.written);
                self.head = Some(group.head);
                Ok(Some(answers))
            }
            Err(fault) if !fault.is_key_taken() => Err(in_commit(fault, group, answers)),
            Ok(false) | Err(_) => {
                self.drop_plans(next);
                self.recent.withdraw();
                Ok(None)
            }
        }
    }

    /// Records a group after everything that it rests on was asked for, under the lock.
    async fn after_asking(
        &mut self,
        conn: &mut PgConnection,
        batches: &[Batch],
    ) -> Result<Vec<Answer>, Failed> {
        let head = append::begin(conn, self.ledger, self.head.as_ref()).await?;
        if self.head.as_ref() != Some(&head) {
            self.known.forget(); // another server recorded
        }
        self.alone = self.head.as_ref().is_none_or(|known| *known == head);
        self.known.fetch(conn, self.ledger, head.position, batches).await?;
        let mut planned = Planned::new(head, None);
        for batch in batches {
            planned.add(self.ledger, &*self.nature, (&mut self.known, &self.recent), batch);
        }
        let Planned { from, group, answers, .. } = planned;
        if group.is_empty() {
            run(conn, "ROLLBACK").await?;
        } else {
            at_once::keep(conn, self.ledger, &from, &group).await?;
            self.recent.begin(from.position, group.head.position);
            if let Err(fault) = run(conn, "COMMIT").await {
                return Err(in_commit(fault, group, answers));
            }
        }
        self.recent.tell(&group.written);
        self.head = Some(group.head);
        Ok(answers)
    }

    /// Whether a commit took place during which the connection was cut. The lock on the head is
    /// free only once the server is done with that transaction, one way or the other.
    async fn took_place(&mut self, group: &Group) -> Result<bool, Fault> {
        for tries in 0..TRIES_MAX {
            tokio::time::sleep(PAUSE * 2_u32.pow(tries)).await;
            let asked = async {
                let mut conn = self.server.connect_to_record().await?;
                append::begin(&mut conn, self.ledger, None).await?;
                let recorded = group.is_recorded(&mut conn, self.ledger).await?;
                run(&mut conn, "ROLLBACK").await?;
                Ok::<_, Fault>((conn, recorded))
            };
            match asked.await {
                Ok((conn, recorded)) => {
                    self.conn = Some(conn);
                    return Ok(recorded);
                }
                Err(fault) if fault.is_away() || fault.is_race() => {}
                // Whatever it is, it says nothing about that commit.
                Err(_) => return Err(Fault::Unconfirmed),
            }
        }
        Err(Fault::Unconfirmed)
    }
}
