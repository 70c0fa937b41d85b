//! The whole of our contact with cqrs-es, and the path that commands take: any [`Subject`] is an
//! aggregate, any family its events, and every [`Store`] an event store.
//!
//! Facts about cqrs-es 0.5 that shaped this: `execute` returns nothing, so commands load and
//! commit and keep the receipt; `apply` sees no metadata, so `effective` is part of the payload;
//! the framework appends to one stream, so an append over several is our own, of the same parts.
//!
//! Invariant: the framework is no way around the rules. Its `handle` asks whoever [`Decides`] for
//! everybody, and keeps what that decision looked at and under which rules; `commit` takes no
//! other events, asserts those looks, and refuses what it could not record as the door would.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use cqrs_es::event_sink::EventSink;
use cqrs_es::{
    Aggregate, AggregateContext, AggregateError, DomainEvent, EventEnvelope, EventStore,
};
use events::leaf::hexadecimal;
use events::{Code, Entry, Event, Family, FamilyName, Record, StreamId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::error::OutOfTurn;
use super::{Append, Batch, Frame, NewEvent, OWN_KEYS, Receipt, Store, StoreError, no_event};
use crate::commands::{AnyCommand, Decided, Refused};
use crate::state::{AnySubject, History, Subject};

/// An event of a stream, as cqrs-es wants to see it: a fact of the family, or a correction of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "E: Family")]
pub struct Stored<E: Family>(pub Entry<E>);

impl<E: Family> DomainEvent for Stored<E> {
    fn event_type(&self) -> String {
        self.0.kind().name.to_owned()
    }

    fn event_version(&self) -> String {
        self.0.kind().version.to_string()
    }
}

/// A subject, as cqrs-es wants to see it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent, bound = "S: Subject")]
pub struct Folded<S: Subject> {
    /// The subject, and what counts of its stream.
    pub history: History<S>,
    /// What `handle` decided about it, for `commit`.
    #[serde(skip)]
    decided: Option<Append>,
}

/// What the framework is asked to do. Its `handle` is not told about whom, so the wish says it.
#[derive(Debug)]
pub struct Wish {
    /// The subject's id: the aggregate's. A subject that is new gets it.
    pub about: Uuid,
    /// The command.
    pub command: Box<dyn AnyCommand>,
    /// The paper that it rests on, by its number.
    pub authority: Option<String>,
}

impl Wish {
    /// A command about a subject, without a paper.
    pub fn new(about: impl Into<StreamId>, command: impl AnyCommand + 'static) -> Self {
        Self { about: about.into().id, command: Box::new(command), authority: None }
    }
}

/// Who decides for the framework, as for everybody, in the name of one actor.
#[async_trait]
pub trait Decides: Send + Sync {
    /// Looks at what the command needs and decides it. The subject of that stream is known as the
    /// framework loaded it. What comes back lacks what the metadata say: key and source.
    ///
    /// # Errors
    /// [`FrameworkError::Refused`] by a rule, or what kept the store from answering.
    async fn decide(
        &self,
        wish: &Wish,
        stream: StreamId,
        subject: AnySubject,
    ) -> Result<Append, FrameworkError>;
}

impl<S: Subject> Aggregate for Folded<S>
where
    History<S>: Into<AnySubject>,
{
    const TYPE: &'static str = S::Event::NAME.as_str();
    type Command = Wish;
    type Event = Stored<S::Event>;
    type Error = FrameworkError;
    type Services = Arc<dyn Decides>;

    async fn handle(
        &mut self,
        wish: Wish,
        decides: &Arc<dyn Decides>,
        sink: &EventSink<Self>,
    ) -> Result<(), FrameworkError> {
        let stream = StreamId { family: S::Event::NAME, id: wish.about };
        let subject = self.history.clone().into();
        let append = decides.decide(&wish, stream, subject).await?;
        if let Some(other) = append.events.iter().find(|new| new.stream != stream) {
            return Err(FrameworkError::OtherSubject(other.stream));
        }
        for new in &append.events {
            let entry = Entry::decoded(&new.event.payload());
            let entry = entry.expect("an event of the stream's family, since it is of the stream");
            sink.write(Stored(entry), self).await;
        }
        self.decided = Some(append);
        Ok(())
    }

    fn apply(&mut self, Stored(entry): Stored<S::Event>) {
        self.history.take(entry);
    }
}

/// A loaded subject, and which stream it was loaded from.
#[derive(Debug)]
pub struct Loaded<S: Subject> {
    stream: StreamId,
    version: u64,
    subject: Folded<S>,
}

impl<S: Subject> Loaded<S> {
    /// The subject, and what counts of its stream.
    #[must_use]
    pub fn into_history(self) -> History<S> {
        self.subject.history
    }
}

impl<S: Subject> AggregateContext<Folded<S>> for Loaded<S>
where
    History<S>: Into<AnySubject>,
{
    fn aggregate(&mut self) -> &mut Folded<S> {
        &mut self.subject
    }
}

/// Why a framework call was not carried out. Nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum FrameworkError {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The store did not answer while the command was being decided.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The decision, or the commit, is about another subject too: that takes the ledger's own door.
    #[error("the decision is about {0} too")]
    OtherSubject(StreamId),
    /// The events are not those that were decided.
    #[error("the events come from no decision")]
    NotDecided,
    /// The metadata name no actor: nothing reaches the store without one.
    #[error("the metadata name no `actor`")]
    NoActor,
    /// The metadata name another actor than the one for whom it was decided.
    #[error("it was decided for another actor")]
    OtherActor,
    /// The call says something beside the command that cannot be recorded as it is.
    #[error("the call's `{0}` cannot be recorded as it is")]
    Metadata(String),
    /// The aggregate id is no UUID.
    #[error("not an id: {0}")]
    NotAnId(String),
}

/// What the metadata of a call may say.
const METADATA: &[&str] = &["actor", "key", "source"];

/// A store, as cqrs-es wants to see it.
#[derive(Clone)]
pub struct Aggregates {
    store: Arc<dyn Store>,
}

impl Aggregates {
    /// Over a store of any engine.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The append over several streams, beside `commit`: what was decided, as one append.
    ///
    /// `versions` tells the version of a stream before the decision.
    #[must_use]
    pub fn appending(
        key: String,
        body: Vec<u8>,
        frame: Frame,
        decided: Decided,
        mut versions: impl FnMut(StreamId) -> u64,
    ) -> Append {
        let mut next: HashMap<StreamId, u64> = HashMap::new();
        let events = decided.events.into_iter().map(|(stream, event)| {
            let sequence = next.entry(stream).or_insert_with(|| versions(stream));
            *sequence += 1;
            NewEvent::new(stream, *sequence, event)
        });
        let events = events.collect();
        Append { key, body, frame, looked: Vec::new(), events, notes: decided.notes }
    }

    /// Loads any subject the way the framework does, and says what the store said.
    ///
    /// # Errors
    /// What kept the store from reading, or [`StoreError::Corrupt`] for bytes that are no event.
    pub async fn load(&self, stream: StreamId) -> Result<AnySubject, StoreError> {
        Ok(match stream.family {
            FamilyName::Ledger => AnySubject::Ledger(self.load_typed(stream).await?),
            FamilyName::Person => AnySubject::Person(self.load_typed(stream).await?),
            FamilyName::Membership => AnySubject::Membership(self.load_typed(stream).await?),
            FamilyName::Branch => AnySubject::Branch(self.load_typed(stream).await?),
            FamilyName::Post => AnySubject::Post(self.load_typed(stream).await?),
            FamilyName::Policy => AnySubject::Policy(self.load_typed(stream).await?),
            FamilyName::Host => AnySubject::Host(self.load_typed(stream).await?),
            FamilyName::Relation => AnySubject::Relation(self.load_typed(stream).await?),
            FamilyName::Clock => AnySubject::Clock(self.load_typed(stream).await?),
            FamilyName::Transfer => AnySubject::Transfer(self.load_typed(stream).await?),
            FamilyName::Reorganisation => {
                AnySubject::Reorganisation(self.load_typed(stream).await?)
            }
        })
    }

    /// The events of a stream. A decision may rest on them, so each is held against its leaf, and
    /// none may be missing before another one.
    async fn records(&self, stream: StreamId) -> Result<Vec<Record>, StoreError> {
        let (ledger, records) = (self.store.ledger(), self.store.stream(stream).await?);
        for (expected, record) in (1..).zip(&records) {
            let held = record.held(ledger);
            let recorded = held.map_err(|error| no_event(record.position, error))?;
            if (recorded.stream, recorded.sequence) != (stream, expected) {
                let (place, position) = ("the record".to_owned(), Some(record.position.0));
                let source = Box::new(OutOfTurn { stream, expected });
                return Err(StoreError::Corrupt { place, position, source });
            }
        }
        Ok(records)
    }

    async fn load_typed<S: Subject>(&self, stream: StreamId) -> Result<History<S>, StoreError>
    where
        History<S>: Into<AnySubject>,
    {
        let id = stream.id.to_string();
        let loaded: Result<Loaded<S>, _> = self.load_aggregate(&id).await;
        loaded.map(Loaded::into_history).map_err(|error| from_framework(stream, error))
    }

    /// Makes appends durable.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub async fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError> {
        self.store.append(batch).await
    }

    fn stream<S: Subject>(id: &str) -> Result<StreamId, AggregateError<FrameworkError>> {
        let uuid = id.parse().map_err(|_| FrameworkError::NotAnId(id.to_owned()));
        Ok(StreamId { family: S::Event::NAME, id: uuid.map_err(AggregateError::UserError)? })
    }
}

impl<S: Subject> EventStore<Folded<S>> for Aggregates
where
    History<S>: Into<AnySubject>,
{
    type AC = Loaded<S>;

    async fn load_events(
        &self,
        id: &str,
    ) -> Result<Vec<EventEnvelope<Folded<S>>>, AggregateError<FrameworkError>> {
        let records = self.records(Self::stream::<S>(id)?).await.map_err(store_error)?;
        records.iter().map(|record| enveloped(id, record)).collect()
    }

    async fn load_aggregate(&self, id: &str) -> Result<Loaded<S>, AggregateError<FrameworkError>> {
        let stream = Self::stream::<S>(id)?;
        let mut subject = Folded::<S>::default();
        for record in self.records(stream).await.map_err(store_error)? {
            subject.history.take(entry(&record)?);
        }
        Ok(Loaded { stream, version: subject.history.version(), subject })
    }

    async fn commit(
        &self,
        events: Vec<Stored<S::Event>>,
        context: Loaded<S>,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<Folded<S>>>, AggregateError<FrameworkError>> {
        let events = events.into_iter().map(|Stored(event)| event.into()).collect();
        let stream = context.stream;
        let append = as_decided(context, events, metadata).map_err(AggregateError::UserError)?;
        let Some(append) = append else { return Ok(Vec::new()) };
        let batch = Batch { appends: vec![append], progress: None };
        let receipts = self.append(batch).await.map_err(store_error)?;
        let positions = receipts.into_iter().flat_map(|receipt| receipt.positions);
        let positions: Vec<_> = positions.collect();
        let records = self.store.events(&positions).await.map_err(store_error)?;
        records.iter().map(|record| enveloped(&stream.id.to_string(), record)).collect()
    }
}

/// What was decided, with what the metadata say, if these are the events that were decided. `None`
/// when there is nothing to record, not even a key.
fn as_decided<S: Subject>(
    context: Loaded<S>,
    events: Vec<Event>,
    mut metadata: HashMap<String, String>,
) -> Result<Option<Append>, FrameworkError> {
    let as_is = |text: &String| Code::parse(text).is_ok_and(|code| code.as_str() == text);
    let mut strange = metadata.iter().filter(|(name, text)| {
        !METADATA.contains(&name.as_str()) || !as_is(text) || (*name == "key" && is_own(text))
    });
    if let Some((name, _)) = strange.next() {
        return Err(FrameworkError::Metadata(name.clone()));
    }
    let actor = metadata.get("actor").ok_or(FrameworkError::NoActor)?;
    let (stream, version) = (context.stream, context.version);
    let mut append = context.subject.decided.ok_or(FrameworkError::NotDecided)?;
    if append.frame.actor != *actor {
        return Err(FrameworkError::OtherActor);
    }
    if !append.events.iter().map(|new| &new.event).eq(&events) {
        return Err(FrameworkError::NotDecided);
    }
    if let Some(other) = append.events.iter().find(|new| new.stream != stream) {
        return Err(FrameworkError::OtherSubject(other.stream));
    }
    if append.frame.authority.as_ref().is_some_and(|authority| !as_is(authority)) {
        return Err(FrameworkError::Metadata("authority".to_owned()));
    }
    append.frame.source = metadata.remove("source").unwrap_or_else(|| "framework".to_owned());
    append.key = match metadata.remove("key") {
        Some(key) => key,
        None if events.is_empty() => return Ok(None),
        // Without a key of its own a call is told from others by what it writes where.
        None => {
            let mut digest = Sha256::new();
            events.iter().for_each(|event| digest.update(event.payload()));
            let digest = hexadecimal(&<[u8; 32]>::from(digest.finalize()));
            format!("framework:{stream}:{}:{digest}", version + 1)
        }
    };
    Ok(Some(append))
}

fn is_own(key: &str) -> bool {
    OWN_KEYS.iter().any(|own| key.starts_with(own))
}

fn entry<E: Family>(record: &Record) -> Result<Entry<E>, AggregateError<FrameworkError>> {
    Entry::decoded(&record.payload)
        .map_err(|error| AggregateError::DeserializationError(Box::new(error)))
}

fn enveloped<S: Subject>(
    id: &str,
    record: &Record,
) -> Result<EventEnvelope<Folded<S>>, AggregateError<FrameworkError>>
where
    History<S>: Into<AnySubject>,
{
    let wrong = |error| AggregateError::DeserializationError(Box::new(error));
    let metadata: HashMap<String, String> =
        serde_json::from_slice(&record.envelope).map_err(wrong)?;
    let sequence = metadata.get("sequence").and_then(|text| text.parse().ok()).unwrap_or(0);
    let payload = Stored(entry(record)?);
    Ok(EventEnvelope { aggregate_id: id.to_owned(), sequence, payload, metadata })
}

/// What the store had said, before the framework's types went around it.
fn from_framework(stream: StreamId, error: AggregateError<FrameworkError>) -> StoreError {
    match error {
        AggregateError::AggregateConflict => StoreError::Conflict(stream.to_string()),
        AggregateError::DatabaseConnectionError(source) => match source.downcast() {
            Ok(error) => *error,
            Err(source) => StoreError::Failed { place: stream.to_string(), source },
        },
        AggregateError::DeserializationError(source) => {
            StoreError::Corrupt { place: stream.to_string(), position: None, source }
        }
        AggregateError::UnexpectedError(source) => {
            StoreError::Failed { place: stream.to_string(), source }
        }
        AggregateError::UserError(error) => {
            StoreError::Failed { place: stream.to_string(), source: Box::new(error) }
        }
    }
}

fn store_error(error: StoreError) -> AggregateError<FrameworkError> {
    if matches!(error, StoreError::Conflict(_)) {
        AggregateError::AggregateConflict
    } else {
        AggregateError::DatabaseConnectionError(Box::new(error))
    }
}
