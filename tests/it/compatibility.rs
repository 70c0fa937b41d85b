//! The record as cqrs-es reads it: every golden sample through the framework's own types, as an
//! untouched repository would serve it.

use std::path::Path;

use cqrs_es::persist::{
    PersistedEventRepository, PersistedEventStore, PersistenceError, ReplayStream, SerializedEvent,
};
use cqrs_es::{Aggregate, DomainEvent, EventEnvelope, EventStore};
use events::{CorrectionEvent, Entry, Family};
use rollbook::state::{
    AnySubject, Branch, History, Host, LedgerFrame, Membership, Person, Policies, Post, Relation,
    Subject,
};
use rollbook::store::cqrs::{Folded, Stored};
use serde_json::Value;
use uuid::Uuid;

const BRANCH: Uuid = Uuid::from_u128(0xb);

/// A golden payload, and the kind that its file name states.
struct Sample {
    number: u16,
    name: String,
    version: String,
    payload: Value,
}

fn read(name: &str) -> Value {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("events/samples");
    let text = std::fs::read(samples.join(name)).expect("a sample");
    serde_json::from_slice(&text).expect("JSON")
}

/// The samples of one family, in the order of their names.
fn samples<E: Family>() -> Vec<Sample> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("events/samples");
    let entries = std::fs::read_dir(samples).expect("the samples");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().expect("ASCII")).collect();
    names.sort();
    let stated = names.iter().filter_map(|file| {
        let (number, rest) = file.split_once('-')?;
        let (name, rest) = rest.split_once(".v")?;
        let (version, _) = rest.split_once('.')?;
        let number = number.parse().ok()?;
        let (name, version) = (name.to_owned(), version.to_owned());
        Some(Sample { number, name, version, payload: read(file) })
    });
    let corrects = |sample: &Sample| {
        CorrectionEvent::is_kind(&sample.name)
            && serde_json::from_value::<Entry<E>>(sample.payload.clone()).is_ok()
    };
    let own = |sample: &Sample| {
        E::KINDS.iter().any(|kind| kind.number == sample.number) || corrects(sample)
    };
    stated.filter(own).collect()
}

/// Rows as postgres-es would hand them over: payload and metadata as trees.
fn rows<S: Subject>() -> Vec<SerializedEvent>
where
    History<S>: Into<AnySubject>,
{
    let envelopes = [read("envelope.v1.json"), read("envelope.v1.minimal.json")];
    let rows = (1..).zip(samples::<S::Event>()).zip(envelopes.into_iter().cycle());
    let rows = rows.map(|((sequence, sample), envelope)| SerializedEvent {
        aggregate_id: BRANCH.to_string(),
        sequence,
        aggregate_type: Folded::<S>::TYPE.to_owned(),
        event_type: sample.name,
        event_version: sample.version,
        payload: sample.payload,
        metadata: envelope,
    });
    rows.collect()
}

/// How many samples of a family went through the framework's types unharmed.
fn read_by_the_framework<S: Subject>() -> usize
where
    History<S>: Into<AnySubject>,
{
    let rows = rows::<S>();
    for row in &rows {
        let envelope = EventEnvelope::<Folded<S>>::try_from(row.clone()).expect("an envelope");
        let Stored(event) = &envelope.payload;
        let bytes = row.payload.to_string();
        assert_eq!(*event, serde_json::from_str::<Entry<S::Event>>(&bytes).expect("an event"));
        assert_eq!(envelope.payload.event_type(), row.event_type);
        // What was written in a former version reads as today's.
        let version: u16 = row.event_version.parse().expect("a number");
        assert!(version <= event.kind().version, "{}", row.event_type);
        assert_eq!(envelope.metadata["actor"], "local");
        assert_eq!(serde_json::to_value(&envelope.metadata).expect("a tree"), row.metadata);
    }
    rows.len()
}

#[test]
fn every_golden_sample_decodes_through_the_frameworks_types() {
    let read = read_by_the_framework::<LedgerFrame>()
        + read_by_the_framework::<Person>()
        + read_by_the_framework::<Membership>()
        + read_by_the_framework::<Branch>()
        + read_by_the_framework::<Post>()
        + read_by_the_framework::<Policies>()
        + read_by_the_framework::<Host>()
        + read_by_the_framework::<Relation>();
    assert!(read >= events::family::released().len(), "only {read} samples were read");
}

/// A repository that knows nothing of us: it serves rows, and no more is asked of it.
struct Untouched(Vec<SerializedEvent>);

impl PersistedEventRepository for Untouched {
    async fn get_events<A: Aggregate>(
        &self,
        _: &str,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        Ok(self.0.clone())
    }

    async fn get_last_events<A: Aggregate>(
        &self,
        _: &str,
        last: usize,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        Ok(self.0.iter().filter(|row| row.sequence > last).cloned().collect())
    }

    async fn get_snapshot<A: Aggregate>(
        &self,
        _: &str,
    ) -> Result<Option<cqrs_es::persist::SerializedSnapshot>, PersistenceError> {
        Ok(None)
    }

    async fn persist<A: Aggregate>(
        &self,
        _: &[SerializedEvent],
        _: Option<(String, Value, usize)>,
    ) -> Result<(), PersistenceError> {
        panic!("what is written goes through our own store: the bytes would be others")
    }

    async fn stream_events<A: Aggregate>(&self, _: &str) -> Result<ReplayStream, PersistenceError> {
        panic!("nobody asks for a stream")
    }

    async fn stream_all_events<A: Aggregate>(&self) -> Result<ReplayStream, PersistenceError> {
        panic!("nobody asks for all streams")
    }
}

/// What the framework folds out of the rows is what we fold ourselves.
async fn folded_by_the_framework<S: Subject>()
where
    History<S>: Into<AnySubject>,
{
    let rows = rows::<S>();
    let mut expected = History::<S>::default();
    for row in &rows {
        expected.take(serde_json::from_value(row.payload.clone()).expect("an event"));
    }
    let count = rows.len();
    let store = PersistedEventStore::<_, Folded<S>>::new_event_store(Untouched(rows));
    let loaded = store.load_aggregate(&BRANCH.to_string()).await.expect("an aggregate");
    assert_eq!(loaded.current_sequence, count);
    let tree = |state| serde_json::to_value(state).expect("a tree");
    assert_eq!(tree(&loaded.aggregate.history), tree(&expected));
}

#[tokio::test]
async fn an_untouched_repository_loads_every_aggregate() {
    folded_by_the_framework::<LedgerFrame>().await;
    folded_by_the_framework::<Person>().await;
    folded_by_the_framework::<Membership>().await;
    folded_by_the_framework::<Branch>().await;
    folded_by_the_framework::<Post>().await;
    folded_by_the_framework::<Policies>().await;
}
