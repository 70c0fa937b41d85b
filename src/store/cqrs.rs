//! The whole of our contact with cqrs-es, and the path that commands take: any [`Subject`] is an
//! aggregate, any family its events, and every [`Store`] an event store.
//!
//! Facts about cqrs-es 0.5 that shaped this: `execute` returns nothing, so commands load and
//! commit and keep the receipt; `apply` sees no metadata, so `effective` is part of the payload;
//! the framework appends to one stream, so an append over several is our own, of the same parts.

use std::collections::HashMap;
use std::sync::Arc;

use cqrs_es::event_sink::EventSink;
use cqrs_es::{
    Aggregate, AggregateContext, AggregateError, DomainEvent, EventEnvelope, EventStore,
};
use events::leaf::hexadecimal;
use events::{Event, Family, FamilyName, Record, StreamId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Append, Batch, Frame, NewEvent, Receipt, Store, StoreError};
use crate::commands::{Decided, Refused};
use crate::state::{AnySubject, Subject};

/// An event, as cqrs-es wants to see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "E: Family")]
pub struct Stored<E: Family>(pub E);

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
pub struct Folded<S: Subject>(pub S);

/// A decision that waits for its subject: commands of any type become one type here.
pub type Decision<S> = Box<dyn FnOnce(&S) -> Result<Vec<<S as Subject>::Event>, Refused> + Send>;

impl<S: Subject> Aggregate for Folded<S> {
    const TYPE: &'static str = S::Event::NAME.as_str();
    type Command = Decision<S>;
    type Event = Stored<S::Event>;
    type Error = Refused;
    type Services = ();

    async fn handle(
        &mut self,
        decision: Decision<S>,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refused> {
        for event in decision(&self.0)? {
            sink.write(Stored(event), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, Stored(event): Stored<S::Event>) {
        self.0.apply(&event);
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
    /// The subject itself.
    #[must_use]
    pub fn into_subject(self) -> S {
        self.subject.0
    }
}

impl<S: Subject> AggregateContext<Folded<S>> for Loaded<S> {
    fn aggregate(&mut self) -> &mut Folded<S> {
        &mut self.subject
    }
}

/// Why a framework call was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum FrameworkError {
    /// The metadata name no actor: nothing reaches the store without one.
    #[error("the metadata name no `actor`")]
    NoActor,
    /// The aggregate id is no UUID.
    #[error("not an id: {0}")]
    NotAnId(String),
}

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
            NewEvent { stream, sequence: *sequence, event }
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
        })
    }

    async fn load_typed<S: Subject>(&self, stream: StreamId) -> Result<S, StoreError>
    where
        S::Event: Into<Event>,
    {
        let id = stream.id.to_string();
        let loaded: Result<Loaded<S>, _> = self.load_aggregate(&id).await;
        loaded.map(Loaded::into_subject).map_err(|error| from_framework(stream, error))
    }

    /// Makes appends durable.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub async fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError> {
        self.store.append(batch).await
    }

    fn stream<S: Subject>(id: &str) -> Result<StreamId, AggregateError<Refused>> {
        let uuid = id.parse().map_err(|_| unexpected(FrameworkError::NotAnId(id.to_owned())))?;
        Ok(StreamId { family: S::Event::NAME, id: uuid })
    }
}

impl<S: Subject> EventStore<Folded<S>> for Aggregates
where
    S::Event: Into<Event>,
{
    type AC = Loaded<S>;

    async fn load_events(
        &self,
        id: &str,
    ) -> Result<Vec<EventEnvelope<Folded<S>>>, AggregateError<Refused>> {
        let records = self.store.stream(Self::stream::<S>(id)?).await.map_err(store_error)?;
        records.iter().map(|record| enveloped(id, record)).collect()
    }

    async fn load_aggregate(&self, id: &str) -> Result<Loaded<S>, AggregateError<Refused>> {
        let stream = Self::stream::<S>(id)?;
        let mut subject = Folded::<S>::default();
        for record in self.store.stream(stream).await.map_err(store_error)? {
            subject.0.apply(&typed(&record)?);
        }
        Ok(Loaded { stream, version: subject.0.version(), subject })
    }

    async fn commit(
        &self,
        events: Vec<Stored<S::Event>>,
        context: Loaded<S>,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<Folded<S>>>, AggregateError<Refused>> {
        let actor = metadata.get("actor").ok_or_else(|| unexpected(FrameworkError::NoActor))?;
        let frame = Frame {
            actor: actor.clone(),
            authority: metadata.get("authority").cloned(),
            source: metadata.get("source").map_or("framework", |source| source).to_owned(),
            ..Frame::default()
        };
        let mut decided = Decided::default();
        for Stored(event) in events {
            decided.push(context.stream, event);
        }
        let (stream, before) = (context.stream, context.version);
        let body: Vec<u8> = decided.events.iter().flat_map(|(_, event)| event.payload()).collect();
        // Without a key of its own a framework call is told from others by what it writes where:
        // the same again is a retry, something else at the same version is a conflict.
        let own = || format!("framework:{stream}:{}:{}", before + 1, hexadecimal(&digest(&body)));
        let key = metadata.get("key").cloned().unwrap_or_else(own);
        let append = Self::appending(key, body, frame, decided, |_| before);
        let batch = Batch { appends: vec![append], progress: None };
        let receipts = self.append(batch).await.map_err(store_error)?;
        let positions = receipts.into_iter().flat_map(|receipt| receipt.positions);
        let positions: Vec<_> = positions.collect();
        let records = self.store.events(&positions).await.map_err(store_error)?;
        records.iter().map(|record| enveloped(&stream.id.to_string(), record)).collect()
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn typed<E: Family>(record: &Record) -> Result<E, AggregateError<Refused>> {
    serde_json::from_slice(&record.payload)
        .map_err(|error| AggregateError::DeserializationError(Box::new(error)))
}

fn enveloped<S: Subject>(
    id: &str,
    record: &Record,
) -> Result<EventEnvelope<Folded<S>>, AggregateError<Refused>> {
    let wrong = |error| AggregateError::DeserializationError(Box::new(error));
    let metadata: HashMap<String, String> =
        serde_json::from_slice(&record.envelope).map_err(wrong)?;
    let sequence = metadata.get("sequence").and_then(|text| text.parse().ok()).unwrap_or(0);
    let payload = Stored(typed(record)?);
    Ok(EventEnvelope { aggregate_id: id.to_owned(), sequence, payload, metadata })
}

fn unexpected(error: FrameworkError) -> AggregateError<Refused> {
    AggregateError::UnexpectedError(Box::new(error))
}

/// What the store had said, before the framework's types went around it.
fn from_framework(stream: StreamId, error: AggregateError<Refused>) -> StoreError {
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
        AggregateError::UserError(refused) => {
            StoreError::Failed { place: stream.to_string(), source: Box::new(refused) }
        }
    }
}

fn store_error(error: StoreError) -> AggregateError<Refused> {
    if matches!(error, StoreError::Conflict(_)) {
        AggregateError::AggregateConflict
    } else {
        AggregateError::DatabaseConnectionError(Box::new(error))
    }
}
