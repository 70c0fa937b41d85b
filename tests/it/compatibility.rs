//! The record as cqrs-es reads it: every golden sample through the framework's own types, as an
//! untouched repository would serve it, and the framework itself on a ledger of ours.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use cqrs_es::persist::{
    PersistedEventRepository, PersistedEventStore, PersistenceError, ReplayStream, SerializedEvent,
};
use cqrs_es::{
    Aggregate, AggregateError, CqrsFramework, DomainEvent, EventEnvelope, EventStore, Query,
};
use events::{BranchEvent, Code, Family, Text};
use rollbook::commands::Refused;
use rollbook::ledger::{Founding, Ledger};
use rollbook::state::{
    Branch, Host, LedgerFrame, Membership, Person, Policies, Post, Relation, Subject,
};
use rollbook::store::cqrs::{Aggregates, Folded, FrameworkError, Stored};
use serde_json::Value;
use uuid::Uuid;

use crate::support::nature::Seeded;

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
    let own = |sample: &Sample| E::KINDS.iter().any(|kind| kind.number == sample.number);
    stated.filter(own).collect()
}

/// Rows as postgres-es would hand them over: payload and metadata as trees.
fn rows<S: Subject>() -> Vec<SerializedEvent> {
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
fn read_by_the_framework<S: Subject>() -> usize {
    let rows = rows::<S>();
    for row in &rows {
        let envelope = EventEnvelope::<Folded<S>>::try_from(row.clone()).expect("an envelope");
        let Stored(event) = &envelope.payload;
        let bytes = row.payload.to_string();
        assert_eq!(*event, serde_json::from_str::<S::Event>(&bytes).expect("an event"));
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
async fn folded_by_the_framework<S: Subject>() {
    let rows = rows::<S>();
    let mut expected = S::default();
    for row in &rows {
        expected.apply(&serde_json::from_value(row.payload.clone()).expect("an event"));
    }
    let count = rows.len();
    let store = PersistedEventStore::<_, Folded<S>>::new_event_store(Untouched(rows));
    let loaded = store.load_aggregate(&BRANCH.to_string()).await.expect("an aggregate");
    assert_eq!(loaded.current_sequence, count);
    let tree = |state| serde_json::to_value(state).expect("a tree");
    assert_eq!(tree(&loaded.aggregate.0), tree(&expected));
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

async fn aggregates() -> Aggregates {
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found_in_memory(&founding, Arc::new(Seeded::new(1)), None).await;
    ledger.expect("a ledger").aggregates()
}

fn formed(name: &str) -> BranchEvent {
    BranchEvent::Formed {
        effective: events::values::date_of("2024-02-29").expect("a date"),
        precision: None,
        code: Code::parse("north").expect("a code"),
        name: Text::parse(name).expect("a name"),
        title: None,
        branch_kind: Code::parse("branch").expect("a code"),
        parent: None,
        formed_from: Vec::new(),
    }
}

fn renamed(name: &str) -> BranchEvent {
    let effective = events::values::date_of("2024-03-01").expect("a date");
    BranchEvent::Renamed { effective, precision: None, name: Text::parse(name).expect("a name") }
}

fn acting(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn load(store: &Aggregates) -> rollbook::store::cqrs::Loaded<Branch> {
    store.load_aggregate(&BRANCH.to_string()).await.expect("an aggregate")
}

async fn stored(store: &Aggregates) -> Vec<BranchEvent> {
    let events: Result<Vec<EventEnvelope<Folded<Branch>>>, AggregateError<Refused>> =
        store.load_events(&BRANCH.to_string()).await;
    events.expect("events").into_iter().map(|envelope| envelope.payload.0).collect()
}

#[tokio::test]
async fn a_commit_that_names_no_actor_is_refused() {
    let store = aggregates().await;
    let context = load(&store).await;
    let nobody = acting(&[("source", "test")]);
    let answer = store.commit(vec![Stored(formed("North"))], context, nobody).await;
    let Err(AggregateError::UnexpectedError(source)) = answer else { panic!("{answer:?}") };
    assert!(matches!(source.downcast_ref(), Some(FrameworkError::NoActor)));
    assert_eq!(stored(&store).await, []);
}

#[tokio::test]
async fn what_is_committed_is_loaded_again() {
    let store = aggregates().await;
    let context = load(&store).await;
    let events = vec![Stored(formed("North")), Stored(renamed("Far North"))];
    let metadata = acting(&[("actor", "local"), ("source", "test")]);
    let committed = store.commit(events, context, metadata).await.expect("a commit");
    assert_eq!(committed.iter().map(|envelope| envelope.sequence).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(committed[1].metadata["actor"], "local");
    assert_eq!(committed[1].metadata["sequence"], "2");
    let branch = load(&store).await.into_subject();
    assert_eq!(branch.version(), 2);
    assert_eq!(branch.code().map(Code::as_str), Some("north"));
}

#[tokio::test]
async fn of_two_commits_on_one_version_the_second_is_a_conflict() {
    let store = aggregates().await;
    let (one, other) = (load(&store).await, load(&store).await);
    let acting = || acting(&[("actor", "local")]);
    let first = store.commit(vec![Stored(formed("North"))], one, acting()).await;
    assert!(first.is_ok());
    let second = store.commit(vec![Stored(formed("South"))], other, acting()).await;
    assert!(matches!(second, Err(AggregateError::AggregateConflict)), "{second:?}");
    assert_eq!(stored(&store).await, [formed("North")]);
}

#[tokio::test]
async fn an_id_that_is_none_is_refused() {
    let store = aggregates().await;
    let answer: Result<Vec<EventEnvelope<Folded<Branch>>>, _> = store.load_events("north").await;
    let Err(AggregateError::UnexpectedError(source)) = answer else { panic!("{answer:?}") };
    assert!(matches!(source.downcast_ref(), Some(FrameworkError::NotAnId(_))));
}

/// A query of the framework's, which notes what it is told.
struct Noted(Arc<Mutex<Vec<String>>>);

#[async_trait::async_trait]
impl Query<Folded<Branch>> for Noted {
    async fn dispatch(&self, _: &str, events: &[EventEnvelope<Folded<Branch>>]) {
        let mut noted = self.0.lock().expect("nobody panics while noting");
        noted.extend(events.iter().map(|event| event.payload.event_type()));
    }
}

#[tokio::test]
async fn the_framework_and_its_queries_work_on_our_ledger() {
    let store = aggregates().await;
    let noted = Arc::default();
    let queries: Vec<Box<dyn Query<_>>> = vec![Box::new(Noted(Arc::clone(&noted)))];
    let framework = CqrsFramework::<Folded<Branch>, _>::new(store.clone(), queries, ());
    let id = BRANCH.to_string();
    let metadata = acting(&[("actor", "local")]);
    let form = Box::new(|_: &Branch| Ok(vec![formed("North")]));
    framework.execute_with_metadata(&id, form, metadata.clone()).await.expect("formed");
    let rename = Box::new(|branch: &Branch| {
        assert_eq!(branch.version(), 1);
        Ok(vec![renamed("Far North")])
    });
    framework.execute_with_metadata(&id, rename, metadata.clone()).await.expect("renamed");
    let refuse = Box::new(|_: &Branch| Err(Refused { code: "not_so", args: Vec::new() }));
    let refused = framework.execute_with_metadata(&id, refuse, metadata).await;
    assert!(matches!(refused, Err(AggregateError::UserError(Refused { code: "not_so", .. }))));
    assert_eq!(stored(&store).await, [formed("North"), renamed("Far North")]);
    assert_eq!(*noted.lock().expect("noted"), ["BranchFormed", "BranchRenamed"]);
}
