//! The one door: whoever records or asks, a command line for one, comes through [`Ledger`].
//!
//! A request comes in ([`Request`]), is decided in a [`Session`] against what it looks at, and is
//! appended on the condition that nobody touched it since; then the projections catch up.

mod acting;
mod at_hand;
mod clock;
mod correcting;
mod coverage;
mod daily;
pub mod error;
mod identity;
mod kept;
mod letters;
mod lives;
pub mod moving;
mod newcomers;
mod open;
mod queries;
pub mod rebuild;
mod restatements;
mod rules;
mod screening;
mod session;
mod structure;
mod transfers;
pub mod verify;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use events::{Code, Date, LedgerId, PersonId};

use crate::actor::Actor;
use crate::commands::{AnyCommand, Decide, Decided, RegisterPerson, SuspectDuplicate};
use crate::runner::Runner;
use crate::runner::kept::Kept;
use crate::store::cqrs::Aggregates;
use crate::store::seeded::{Fault, planted};
use crate::store::{Frame, Nature, OWN_KEYS, Receipt, Store, StoreError};
use crate::vault::{NewPerson, Vault};

pub use acting::Acting;
pub use clock::{Advance, ClockRefusal, DueEntry};
pub use correcting::Correction;
pub use daily::DailyAsked;
pub use error::Error;
pub use identity::{Identity, SOURCE_DEFAULT, date};
pub use letters::{LetterOutcome, LettersAsked, Typed};
pub use lives::{Attention, Hit};
pub(crate) use newcomers::Turn;
pub use open::{Founding, Location, Mode};
pub use queries::{Corrected, Explained, FlowsAsked, History, KnownAt, shown_name};
pub use restatements::Between;
pub use screening::Round;
pub use session::{COMMON_REFUSALS, Leave, Session};

/// How often a lost race is decided again before it is answered as a conflict.
const RACES_MAX: u32 = 8;

/// After somebody was taken for new who is not, so many more are not: to be wrong costs a try.
const DOUBTED: u32 = 64;

/// The record and its one door.
pub struct Ledger {
    store: Arc<dyn Store>,
    aggregates: Aggregates,
    at_hand: at_hand::AtHand,
    asked_last: rules::AskedLast,
    nature: Arc<dyn Nature>,
    vault: open::VaultDoor,
    /// Held by whoever brings a newcomer, and by whoever lost a race, until they are answered.
    turn: tokio::sync::Mutex<()>,
    /// How many of the next registrations are not taken for new, since one was that is known.
    doubted: AtomicU32,
    runner: tokio::sync::Mutex<Runner>,
    kept: RwLock<Option<Arc<Kept>>>,
    zone: jiff::tz::TimeZone,
}

/// A command on its way in.
#[derive(Debug)]
pub struct Request {
    /// What is wished.
    pub command: Box<dyn AnyCommand>,
    /// The person whom the caller named for a registration, if any.
    pub named: Option<PersonId>,
    /// What is personal about it: it goes to the vault before anything is recorded.
    pub personal: Option<NewPerson>,
    /// The idempotency key; a fresh one when absent.
    pub key: Option<String>,
    /// The paper that it rests on, by its number.
    pub authority: Option<String>,
    /// The second person, where the rules need one.
    pub approver: Option<PersonId>,
    /// Why the fact is dated so far back, as a code.
    pub reason: Option<String>,
    /// How it comes in: `cli`, `api` …
    pub source: &'static str,
}

impl Request {
    /// A command without anything beside it.
    #[must_use]
    pub fn new(command: impl AnyCommand + 'static) -> Self {
        Self {
            command: Box::new(command),
            named: None,
            personal: None,
            key: None,
            authority: None,
            approver: None,
            reason: None,
            source: "api",
        }
    }
}

impl Ledger {
    /// The ledger's id.
    #[must_use]
    pub fn id(&self) -> LedgerId {
        self.store.ledger()
    }

    /// The store behind the door, for those who look after it.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The ledger as cqrs-es wants to see it: an event store for every subject.
    #[must_use]
    pub fn aggregates(&self) -> Aggregates {
        self.aggregates.clone()
    }

    /// Where ids, time and randomness come from.
    #[must_use]
    pub fn nature(&self) -> &dyn Nature {
        &*self.nature
    }

    /// Today, in the ledger's zone.
    #[must_use]
    pub fn today(&self) -> Date {
        self.nature.now().to_zoned(self.zone.clone()).date()
    }

    /// The day in the ledger's zone on which an instant falls.
    #[must_use]
    pub fn day_of(&self, instant: events::Instant) -> Date {
        instant.to_zoned(self.zone.clone()).date()
    }

    /// The vault.
    ///
    /// # Errors
    /// [`Error::NoVault`] when the ledger was opened without one.
    ///
    /// # Panics
    /// When another thread panicked while it held the vault.
    pub fn vault(&self) -> Result<MutexGuard<'_, Vault>, Error> {
        if self.vault.open.get().is_none() {
            let place = self.vault.location.as_ref().ok_or(Error::NoVault)?;
            let vault = Vault::open(&place.vault, &place.key, self.id())?;
            // Should another thread have been quicker, its vault serves as well.
            _ = self.vault.open.set(Mutex::new(vault));
        }
        let vault = self.vault.open.get().ok_or(Error::NoVault)?;
        Ok(vault.lock().expect("nobody panics while holding the vault"))
    }

    /// A session: several decisions, recorded together.
    #[must_use]
    pub fn session(&self) -> Session<'_> {
        Session::new(self)
    }

    /// Executes a command: looks, decides, records, and brings the projections up to date.
    ///
    /// # Errors
    /// [`Error::Refused`] by a rule, [`Error::Conflict`] after several lost races, or what keeps
    /// the store or the vault from working. Nothing is recorded then.
    pub async fn execute(&self, actor: &Actor, request: Request) -> Result<Receipt, Error> {
        let receipt = self.record(actor, request).await?;
        // What is recorded stays recorded: projections that could not follow catch up later.
        if let Err(error) = self.project(&receipt).await {
            tracing::warn!(%error, "recorded, but the projections are behind");
        }
        Ok(receipt)
    }

    /// Executes a command without waiting for the projections.
    ///
    /// # Errors
    /// As [`Ledger::execute`].
    pub async fn record(&self, actor: &Actor, request: Request) -> Result<Receipt, Error> {
        request.check_texts()?;
        let key = request.key.clone().unwrap_or_else(|| self.fresh_id().to_string());
        // Whether the body of an answered key is the same one, the store alone can tell.
        let answered = request.key.is_some() && self.store.receipt(&key).await?.is_some();
        match self.record_as(actor, &request, &key, answered).await {
            // What stands in the way may be the very same, asked for twice at the same time.
            Err(Error::Refused(_) | Error::Vault(_))
                if request.key.is_some()
                    && !answered
                    && !planted(Fault::AskedTwiceRefused)
                    && self.store.receipt(&key).await?.is_some() =>
            {
                self.record_as(actor, &request, &key, true).await
            }
            outcome => outcome,
        }
    }

    /// Records what is asked for under a key, which has an answer already or has none.
    async fn record_as(
        &self,
        actor: &Actor,
        request: &Request,
        key: &str,
        answered: bool,
    ) -> Result<Receipt, Error> {
        let body = self.body(request)?;
        let mut turn = None;
        if let Some(newcomer) = request.personal.as_ref().filter(|_| !answered) {
            turn = Some(self.turn_of_newcomers().await?);
            if !planted(Fault::VaultWrittenAfter) {
                self.introduce(actor, newcomer).await?;
            }
        }
        let mut race = 0;
        let mut new = self.taken_for_new(request);
        loop {
            let mut session = self.session();
            let decided = if answered {
                Decided::already_so()
            } else if race == 0 {
                self.decided_at_hand(&mut session, actor, request, new).await?
            } else {
                session.decide(actor, request.leave(), &*request.command).await?
            };
            let frame = Frame {
                approver: request.approver.map(|person| person.to_string()),
                authority: request.authority.clone(),
                reason: request.reason.clone(),
                source: request.source.to_owned(),
                ..session.frame(actor, request.command.effective()).await?
            };
            session.take(key.to_owned(), body.clone(), frame.clone(), decided);
            if let Some(newcomer) = request.personal.as_ref().filter(|_| !answered) {
                self.suspect(&mut session, actor, (request, newcomer.person), &frame).await?;
            }
            match session.commit(None).await {
                Ok(receipts) => {
                    if let Some(newcomer) = &request.personal
                        && planted(Fault::VaultWrittenAfter)
                    {
                        self.introduce(actor, newcomer).await?;
                    }
                    return receipts.into_iter().next().ok_or(Error::Conflict);
                }
                Err(StoreError::Conflict(_)) if race < RACES_MAX => race += 1,
                Err(StoreError::Conflict(_)) => return Err(Error::Conflict),
                Err(error) => return Err(error.into()),
            }
            // Who is no newcomer after all has not raced anybody. Losers decide again one after the
            // other, or they would race each other once more.
            if new.take().is_some() {
                self.doubted.store(DOUBTED, Ordering::Relaxed);
            } else if turn.is_none() {
                turn = Some(self.turn_of_losers().await);
            }
        }
    }

    /// Who is taken for new: somebody that is not at hand, unless one was just now who is not.
    fn taken_for_new(&self, request: &Request) -> Option<PersonId> {
        let person = request.command.taken_for_new()?;
        let less = |doubted: u32| doubted.checked_sub(1);
        let doubted = self.doubted.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        (doubted.is_err() && self.at_hand.any(person.into()).is_none()).then_some(person)
    }

    /// What a command comes to on what is at hand, which costs no way to the store: what is
    /// recorded asserts what it rests on. A refusal counts if nothing was recorded elsewhere, and
    /// if nobody was taken for new.
    async fn decided_at_hand<'a>(
        &'a self,
        session: &mut Session<'a>,
        actor: &Actor,
        request: &Request,
        new: Option<PersonId>,
    ) -> Result<Decided, Error> {
        let memory = self.store.memory();
        if let Some(person) = new {
            session.meet_newcomer(person);
        }
        let decided = session.decide_at_hand(actor, request.leave(), &*request.command).await;
        if !matches!(decided, Err(Error::Refused(_))) {
            return decided;
        }
        if new.is_none() {
            self.store.refresh().await?;
            if self.store.memory() == memory {
                return decided;
            }
        }
        *session = self.session();
        session.decide(actor, request.leave(), &*request.command).await
    }

    /// Whoever has the identity number of a newcomer may be the same person: that is recorded with
    /// the registration, or not at all.
    async fn suspect(
        &self,
        session: &mut Session<'_>,
        actor: &Actor,
        (request, person): (&Request, PersonId),
        frame: &Frame,
    ) -> Result<(), Error> {
        let doubles = self.vault()?.doubles(person)?;
        for (index, other) in doubles.into_iter().enumerate() {
            // Whom only the vault knows is nobody yet.
            if self.store.stream(other.into()).await?.is_empty() {
                continue;
            }
            let effective = request.command.effective();
            let suspect = SuspectDuplicate { person, other, effective, precision: None };
            let decided = session.decide(actor, request.leave(), &suspect).await?;
            let key = format!("{}/{}/{index}", SuspectDuplicate::NAME, self.fresh_id());
            session.take(key, AnyCommand::body(&suspect), frame.clone(), decided);
        }
        Ok(())
    }

    /// Whether there is a vault beside the ledger.
    #[must_use]
    pub fn has_vault(&self) -> bool {
        self.vault.location.as_ref().is_some_and(|location| location.vault.exists())
    }

    /// What would be recorded if the command were executed now. Nothing is.
    ///
    /// # Errors
    /// As [`Ledger::execute`].
    pub async fn preview(&self, actor: &Actor, request: &Request) -> Result<Decided, Error> {
        if let Some(newcomer) = &request.personal {
            self.bearer(actor, newcomer).await?;
        }
        self.session().decide(actor, request.leave(), &*request.command).await
    }

    /// Brings every projection up to the end of the record, or builds it anew where its table is of
    /// another version or that takes less.
    ///
    /// # Errors
    /// What keeps the store from working.
    pub async fn catch_up(&self) -> Result<(), Error> {
        let mut runner = self.runner.lock().await;
        rebuild::renew(&self.store).await?;
        runner.catch_up(&*self.store, |_| {}).await?;
        let position = runner.position();
        drop(runner);
        self.follow_with_index(position).await;
        Ok(())
    }

    /// Brings every projection up to what was recorded. Others who waited too may have done so.
    async fn project(&self, receipt: &Receipt) -> Result<(), Error> {
        let mut runner = self.runner.lock().await;
        if receipt.positions.last().is_some_and(|last| *last <= runner.position()) {
            return Ok(());
        }
        runner.catch_up(&*self.store, |_| {}).await?;
        let position = runner.position();
        drop(runner);
        self.follow_with_index(position).await;
        Ok(())
    }

    /// An id for a new subject: random, and in the order in which they are made.
    pub(crate) fn fresh_id(&self) -> uuid::Uuid {
        fresh_id(&*self.nature)
    }

    /// An id for a new person: random, and nothing else.
    #[must_use]
    pub fn fresh_person(&self) -> PersonId {
        let random = self.nature.random();
        let bytes = *random.first_chunk().expect("32 bytes begin with 16");
        PersonId(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// The body that tells a retry from another command with the same key. A person who is
    /// registered gets a fresh id at every try, so it is what is personal that counts there; the
    /// vault commits to it, so that nobody without its key can try names against a receipt.
    fn body(&self, request: &Request) -> Result<Vec<u8>, Error> {
        let beside = (request.authority.as_deref(), request.reason.as_deref(), request.approver);
        let Some(newcomer) = &request.personal else { return Ok(body(&beside, &*request.command)) };
        let fields: Vec<(&str, &str)> = newcomer
            .fields
            .iter()
            .map(|(field, value)| (field.as_str(), value.reveal().as_str()))
            .collect();
        let known_as = newcomer.known_as.as_ref();
        let known_as = known_as.map(|known| (&known.source, known.handle.reveal()));
        let (name, effective) = (request.command.name(), request.command.effective());
        let body = serde_json::to_vec(&(name, effective, request.named, known_as, fields, beside))
            .expect("names, dates and texts are JSON");
        Ok(self.vault()?.commitment(&body).to_vec())
    }
}

/// What is asked beside a command: the paper, why it is dated back, and the second person.
type Beside<'a> = (Option<&'a str>, Option<&'a str>, Option<PersonId>);

/// The body of a request about which nothing is personal.
fn body(beside: &Beside<'_>, command: &dyn AnyCommand) -> Vec<u8> {
    serde_json::to_vec(&(beside, command.body())).expect("texts and numbers are JSON")
}

/// An id for a new subject (UUID version 7).
pub(crate) fn fresh_id(nature: &dyn Nature) -> uuid::Uuid {
    let millis = u64::try_from(nature.now().as_millisecond()).unwrap_or(0);
    let random = nature.random();
    let bytes = random.first_chunk().expect("32 bytes begin with 10");
    uuid::Builder::from_unix_timestamp_millis(millis, bytes).into_uuid()
}

impl Request {
    /// The registration of a person, whose personal side goes to the vault.
    #[must_use]
    pub fn register(newcomer: NewPerson, effective: Date) -> Self {
        let person = newcomer.person;
        let command = RegisterPerson { person, birth_band: None, effective, precision: None };
        Self { personal: Some(newcomer), ..Self::new(command) }
    }

    /// What the rules about dates ask beside the command.
    fn leave(&self) -> Leave<'_> {
        Leave { approver: self.approver, reason: self.reason.as_deref() }
    }

    /// What goes into the envelope as text must be what is seen, and keys of our own are ours.
    fn check_texts(&self) -> Result<(), Error> {
        let texts = [
            ("idempotency-key", self.key.as_ref()),
            ("authority", self.authority.as_ref()),
            ("because", self.reason.as_ref()),
        ];
        for (field, text) in texts {
            text.map_or(Ok(()), |text| check_text(field, text))?;
        }
        let is_ours = |key: &String| OWN_KEYS.iter().any(|own| key.starts_with(own));
        if self.key.as_ref().is_some_and(is_ours) {
            return Err(malformed("idempotency-key", "key_reserved"));
        }
        Ok(())
    }
}

/// What goes into an envelope as text must be what is seen.
pub(crate) fn check_text(field: &str, text: &str) -> Result<(), Error> {
    let is_seen = Code::parse(text).is_ok_and(|code| code.as_str() == text);
    if is_seen { Ok(()) } else { Err(malformed(field, "text_malformed")) }
}

fn malformed(field: &str, problem: &'static str) -> Error {
    Error::Malformed { field: field.to_owned(), problem, given: String::new() }
}
