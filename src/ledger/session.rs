//! Several decisions in a row, each seeing the ones before it, recorded together.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use events::{Date, Event, Guard, PersonId, Position, StreamId};
use foldhash::HashMap;
use uuid::Uuid;

use super::{Error, Ledger, fresh_id};
use crate::actor::Actor;
use crate::commands::{AnyCommand, Decided, Refused, Setting};
use crate::state::{AnySubject, Known};
use crate::store::cqrs::Aggregates;
use crate::store::{Append, Batch, Frame, Progress, Receipt, StoreError};

/// Beyond this many subjects at hand a session looks afresh, to bound its memory.
const SUBJECTS_MAX: usize = 400_000;

/// The codes of the refusals that any command may meet, in order of precedence.
pub const COMMON_REFUSALS: &[&str] = &["date_out_of_range", "backdated_beyond_limit"];

/// Years in which facts may be dated: beyond them a date has another form than `YYYY-MM-DD`.
const YEARS: std::ops::RangeInclusive<i16> = 1..=9999;

/// What lets a fact be dated further back than the rules allow one person alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leave<'a> {
    /// The second person.
    pub approver: Option<PersonId>,
    /// Why it is dated so far back, as a code.
    pub reason: Option<&'a str>,
}

/// Decisions that wait to be recorded together.
pub struct Session<'a> {
    ledger: &'a Ledger,
    known: Known,
    /// What this batch asserts: each guard at the position at which it was looked at.
    looked: HashMap<Guard, Position>,
    batch: Batch,
    foreseen: Vec<(StreamId, Event)>,
    /// The id that the next new subject gets instead of a fresh one.
    named: Option<Uuid>,
    /// The last position of its own last commit: what is known is known up to there.
    until: Option<Position>,
    under_way: Option<UnderWay<'a>>,
    /// What was under way and is durable now, until somebody asks.
    settled: Option<Vec<Receipt>>,
}

/// What is being recorded while the next decisions are taken. They count on it.
struct UnderWay<'a> {
    foreseen: Vec<(StreamId, Event)>,
    answer: Pin<Box<dyn Future<Output = Result<Vec<Receipt>, StoreError>> + Send + 'a>>,
}

impl<'a> Session<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self {
            ledger,
            known: Known::new(ledger.id()),
            looked: HashMap::default(),
            batch: Batch::default(),
            foreseen: Vec::new(),
            named: None,
            until: None,
            under_way: None,
            settled: None,
        }
    }

    /// Takes in a subject as somebody else loaded it; a new one has its id already.
    pub(super) fn meet(&mut self, stream: StreamId, subject: AnySubject) {
        self.named = (subject.version() == 0).then_some(stream.id);
        self.known.learn_subject(stream, subject);
    }

    /// Takes in somebody about whom nothing is recorded, or most likely nothing: what is recorded
    /// next asserts that, so the store need not be asked.
    pub fn meet_newcomer(&mut self, person: PersonId) {
        for guard in Guard::about_person(person) {
            self.known.learn_look(guard, Position::default(), []);
        }
    }

    /// How many commands wait to be recorded.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.batch.appends.len()
    }

    /// What is known so far.
    #[must_use]
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Looks at what the command needs, then decides it. Records nothing.
    ///
    /// # Errors
    /// The refusal, or what kept the store from answering.
    pub async fn decide(
        &mut self,
        actor: &Actor,
        leave: Leave<'_>,
        command: &dyn AnyCommand,
    ) -> Result<Decided, Error> {
        // Beyond what is known without a gap, another server may have recorded.
        if self.until.is_none() {
            self.ledger.store.refresh().await?;
        }
        self.decide_at_hand(actor, leave, command).await
    }

    /// Decides on what is at hand, which may be of an earlier moment: so the decision counts only
    /// when it is recorded, since that asserts what was looked at; a refusal, when nothing was
    /// recorded elsewhere.
    ///
    /// # Errors
    /// As [`Session::decide`].
    pub(super) async fn decide_at_hand(
        &mut self,
        actor: &Actor,
        leave: Leave<'_>,
        command: &dyn AnyCommand,
    ) -> Result<Decided, Error> {
        loop {
            let mut guards = command.looks_at(&self.known);
            guards.push(Guard::Policy(self.ledger.id()));
            let mut new = false;
            for guard in guards {
                new |= !self.known.has_looked(&guard);
                self.look(guard).await?;
            }
            if !new {
                break;
            }
        }
        let today = self.ledger.today();
        self.check_dates(leave, command.effective(), today)?;
        let nature = self.ledger.nature();
        let mut named = self.named.take();
        let fresh = &mut || named.take().unwrap_or_else(|| fresh_id(nature));
        let (ledger, approver) = (self.ledger.id(), leave.approver);
        let mut setting = Setting { actor, ledger, today, approver, fresh };
        Ok(command.decide(&self.known, &mut setting)?)
    }

    /// Looks at a guard: its position first, then what is behind it, so that whatever changes in
    /// between makes the append fail rather than the answer lie.
    ///
    /// # Errors
    /// What kept the store from answering.
    pub async fn look(&mut self, guard: Guard) -> Result<(), StoreError> {
        if !self.known.has_looked(&guard) {
            let look = self.ledger.store.look(&guard).await?;
            // What was recorded meanwhile may be our own.
            if self.under_way.is_some() && self.until.is_some_and(|until| look.position > until) {
                self.wait().await?;
            }
            // Somebody else wrote since: subjects that are at hand may be stale.
            if self.until.is_some_and(|until| look.position > until) {
                return Err(StoreError::Conflict(guard.to_string()));
            }
            for stream in &look.streams {
                if !self.known.has_subject(*stream) {
                    let subject = load(self.ledger, *stream).await?;
                    self.known.learn_subject(*stream, subject);
                }
            }
            self.known.learn_look(guard.clone(), look.position, look.streams);
        }
        if let Some(position) = self.known.looked_at(&guard) {
            self.looked.entry(guard).or_insert(position);
        }
        Ok(())
    }

    /// The envelope's frame for what this actor does, under the rules in force on a day.
    ///
    /// # Errors
    /// What kept the store from answering.
    pub async fn frame(&mut self, actor: &Actor, effective: Date) -> Result<Frame, StoreError> {
        self.look(Guard::Policy(self.ledger.id())).await?;
        Ok(Frame {
            actor: actor.id().to_owned(),
            post: actor.post().map(ToOwned::to_owned),
            policy: Some(self.known.policy(effective).version.to_string()),
            ..Frame::default()
        })
    }

    /// Takes a decision's events into account, so that the next decision sees them.
    pub fn foresee(&mut self, decided: &Decided) {
        for (stream, event) in &decided.events {
            self.known.foresee(*stream, event);
        }
    }

    /// Takes a decision in, to be recorded with the next commit.
    pub fn take(&mut self, key: String, body: Vec<u8>, frame: Frame, decided: Decided) {
        let known = &self.known;
        // What is known of a stream may include events of this very batch: they come before.
        let versions = |stream| known.version(stream);
        let append = Aggregates::appending(key, body, frame, decided.clone(), versions);
        self.foresee(&decided);
        self.foreseen.extend(decided.events);
        self.batch.appends.push(append);
    }

    /// Everything taken in, on the condition that nobody touched what was looked at.
    pub(super) fn taken(&mut self) -> Vec<Append> {
        let mut appends = std::mem::take(&mut self.batch.appends);
        if let Some(first) = appends.first_mut() {
            first.looked = self.looked.drain().collect();
        }
        appends
    }

    /// Makes everything taken in durable, together with an import's progress.
    ///
    /// # Errors
    /// As [`crate::store::Store::append`]; nothing is recorded then, and the session looks afresh.
    pub async fn commit(&mut self, progress: Option<Progress>) -> Result<Vec<Receipt>, StoreError> {
        self.wait().await?;
        let (batch, foreseen) = self.sealed(progress);
        let answer = self.ledger.aggregates.append(batch).await;
        self.take_answer(answer, &foreseen)
    }

    /// Begins to make everything taken in durable, and lets the next decisions be taken meanwhile.
    /// Nothing may be under way.
    ///
    /// # Panics
    /// When something is.
    pub async fn begin_commit(&mut self, progress: Option<Progress>) {
        assert!(self.under_way.is_none(), "one commit at a time");
        let (batch, foreseen) = self.sealed(progress);
        let mut answer: Pin<Box<_>> = Box::pin(self.ledger.aggregates.append(batch));
        // It reaches the writer at the first poll. If the answer is there already, it is kept.
        let first = std::future::poll_fn(|context| Poll::Ready(answer.as_mut().poll(context)));
        let answer: Pin<Box<dyn Future<Output = _> + Send + 'a>> = match first.await {
            Poll::Ready(ready) => Box::pin(std::future::ready(ready)),
            Poll::Pending => answer,
        };
        self.under_way = Some(UnderWay { foreseen, answer });
    }

    /// Waits until what is under way is durable. `None` when nothing was.
    ///
    /// # Errors
    /// As [`Session::commit`]; what was decided meanwhile is dropped then. [`StoreError::Conflict`]
    /// too when somebody else wrote in between: what was under way is recorded, and what was
    /// decided meanwhile may rest on what is stale.
    pub async fn settle(&mut self) -> Result<Option<Vec<Receipt>>, StoreError> {
        self.wait().await?;
        Ok(self.settled.take())
    }

    async fn wait(&mut self) -> Result<(), StoreError> {
        if let Some(UnderWay { foreseen, answer }) = self.under_way.take() {
            let answer = answer.await;
            self.settled = Some(self.take_answer(answer, &foreseen)?);
        }
        Ok(())
    }

    /// Whether decisions may be taken while the next commit is under way: up to somewhere the
    /// record must be known without a gap, and there must be room for more subjects.
    #[must_use]
    pub fn may_go_on(&self) -> bool {
        self.until.is_some() && self.known.len() <= SUBJECTS_MAX
    }

    fn sealed(&mut self, progress: Option<Progress>) -> (Batch, Vec<(StreamId, Event)>) {
        let appends = self.taken();
        (Batch { appends, progress }, std::mem::take(&mut self.foreseen))
    }

    fn take_answer(
        &mut self,
        answer: Result<Vec<Receipt>, StoreError>,
        foreseen: &[(StreamId, Event)],
    ) -> Result<Vec<Receipt>, StoreError> {
        let receipts = answer.inspect_err(|_| self.forget())?;
        let positions: Vec<Position> =
            receipts.iter().flat_map(|receipt| &receipt.positions).copied().collect();
        let alone = match (self.until, positions.first()) {
            (Some(until), Some(first)) => *first == until.next(),
            (None, _) | (_, None) => true,
        };
        let meanwhile = !self.looked.is_empty() || !self.batch.appends.is_empty();
        for ((stream, event), position) in foreseen.iter().zip(&positions) {
            self.known.settle(*stream, event, *position);
            if meanwhile {
                self.move_looks(*stream, event, *position);
            }
        }
        if let [_] = &receipts[..]
            && !meanwhile
        {
            self.leave_at_hand(foreseen);
        }
        // Somebody else wrote in between, perhaps to what was looked at and not asserted.
        if !alone && meanwhile {
            self.forget();
            return Err(StoreError::Conflict("another writer".to_owned()));
        }
        let full = self.known.len() > SUBJECTS_MAX && !meanwhile;
        if !alone || full {
            self.forget();
        }
        self.until = positions.last().copied().or(self.until);
        Ok(receipts)
    }

    /// A guard that was looked at meanwhile was touched by what was under way, and by nobody else.
    fn move_looks(&mut self, stream: StreamId, event: &Event, position: Position) {
        for guard in events::guard::touched(stream, event.as_ref()) {
            if let Some(looked_at) = self.looked.get_mut(&guard) {
                *looked_at = position;
            }
        }
    }

    /// What one command changed, the next one often asks about.
    fn leave_at_hand(&self, recorded: &[(StreamId, Event)]) {
        for (stream, _) in recorded {
            if let Some(subject) = self.known.shared(*stream) {
                self.ledger.at_hand.keep(*stream, Arc::clone(subject));
            }
        }
    }

    /// Looks afresh from now on.
    fn forget(&mut self) {
        self.known = Known::new(self.ledger.id());
        self.looked.clear();
        self.batch = Batch::default();
        self.foreseen.clear();
        self.until = None;
    }

    /// How far back a fact may be dated by one person alone is the same for every command, and a
    /// matter of the rules in force when it is recorded.
    fn check_dates(&self, leave: Leave<'_>, effective: Date, today: Date) -> Result<(), Refused> {
        if !YEARS.contains(&effective.year()) {
            let args = vec![("effective", effective.to_string())];
            return Err(Refused { code: COMMON_REFUSALS[0], args });
        }
        let dates = &self.known.policy(today).rules.dates;
        let Some(days_max) = dates.backdating_days_max else { return Ok(()) };
        let days = effective.until(today).map_or(0, |span| span.get_days());
        let has_leave = leave.approver.is_some() && leave.reason.is_some();
        if !has_leave && i64::from(days) > i64::from(days_max) {
            let args =
                vec![("effective", effective.to_string()), ("days_max", days_max.to_string())];
            return Err(Refused { code: COMMON_REFUSALS[1], args });
        }
        Ok(())
    }
}

/// Loads a subject, unless it is at hand in the version that its stream has now.
pub(super) async fn load(ledger: &Ledger, stream: StreamId) -> Result<Arc<AnySubject>, StoreError> {
    let Ledger { store, aggregates, at_hand, .. } = ledger;
    if let Some(subject) = at_hand.any(stream)
        && subject.version() == store.version(stream).await?
    {
        return Ok(subject);
    }
    let subject = Arc::new(aggregates.load(stream).await?);
    at_hand.keep(stream, Arc::clone(&subject));
    Ok(subject)
}
