//! cqrs-es's own framework on a ledger of ours: it records what the door would have recorded, and
//! is no way around the rules.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cqrs_es::test::TestFramework;
use cqrs_es::{AggregateContext, AggregateError, CqrsFramework, EventEnvelope, EventStore, Query};
use events::{
    BranchEvent, BranchId, Code, Date, Entry, LedgerId, MembershipId, PersonId, Position, Record,
    StreamId, Text,
};
use rollbook::actor::Actor;
use rollbook::commands::{
    AdmitMember, AnyCommand, DissolveBranch, FormBranch, RegisterPerson, RenameBranch,
    TransferMember,
};
use rollbook::ledger::{Acting, Founding, Ledger, Request};
use rollbook::state::{AnySubject, Branch, History, Membership, Person, Subject};
use rollbook::store::cqrs::{Aggregates, Decides, Folded, FrameworkError, Stored, Wish};
use rollbook::store::{Append, SqliteStore};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::nature::Seeded;

const NORTH: BranchId = BranchId(Uuid::from_u128(0xb1));
const SOUTH: BranchId = BranchId(Uuid::from_u128(0xb2));
const MEMBERSHIP: MembershipId = MembershipId(Uuid::from_u128(0xc1));
const ANN: PersonId = PersonId(Uuid::from_u128(0xa1));

/// A ledger of the strictest rules in a file, and who decides for the framework there.
struct House {
    ledger: Arc<Ledger>,
    acting: Arc<dyn Decides>,
    _folder: TempDir,
}

async fn house() -> House {
    let folder = TempDir::new().unwrap();
    let nature = Arc::new(Seeded::new(5));
    let path = folder.path().join("ledger.db");
    let store = SqliteStore::create(path, LedgerId(Uuid::from_u128(1)), nature.clone()).unwrap();
    let founding = Founding { preset: "party".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found_over(Arc::new(store), &founding, nature).await.unwrap();
    let ledger = Arc::new(ledger);
    let acting = Arc::new(Acting::new(Arc::clone(&ledger), Actor::local()));
    House { ledger, acting, _folder: folder }
}

type Framework<S> = CqrsFramework<Folded<S>, Aggregates>;
type Answer = Result<(), AggregateError<FrameworkError>>;

impl House {
    fn framework<S: Subject>(&self) -> Framework<S>
    where
        History<S>: Into<AnySubject>,
    {
        CqrsFramework::new(self.ledger.aggregates(), Vec::new(), Arc::clone(&self.acting))
    }

    /// Executes a command by the framework, as it is.
    async fn by_framework<S: Subject>(
        &self,
        about: impl Into<StreamId>,
        command: impl AnyCommand + 'static,
        said: &[(&str, &str)],
    ) -> Answer
    where
        History<S>: Into<AnySubject>,
    {
        let stream = about.into();
        let wish = Wish::new(stream, command);
        let id = stream.id.to_string();
        self.framework::<S>().execute_with_metadata(&id, wish, metadata(said)).await
    }

    /// Two branches, one person, who is a member of the northern one.
    async fn inhabited(self) -> Self {
        for (branch, code) in [(NORTH, "north"), (SOUTH, "south")] {
            self.by_framework::<Branch>(branch, form(code), ACTING).await.unwrap();
        }
        self.by_framework::<Person>(ANN, register(), ACTING).await.unwrap();
        self.by_framework::<Membership>(MEMBERSHIP, admit(), ACTING).await.unwrap();
        self
    }

    async fn records(&self) -> Vec<Record> {
        self.ledger.store().log(Position(0), 1_000).await.unwrap()
    }

    /// That every position is there and everything else as it should be.
    async fn is_sound(&self, count: usize) {
        let positions = self.records().await.into_iter().map(|record| record.position.0);
        assert_eq!(positions.collect::<Vec<_>>(), (1..=count as u64).collect::<Vec<_>>());
        self.ledger.catch_up().await.unwrap();
        let verification = self.ledger.verify(|_| {}).await.unwrap();
        assert!(verification.findings.is_empty(), "{:?}", verification.findings);
    }
}

const ACTING: &[(&str, &str)] = &[("actor", "local")];

fn metadata(said: &[(&str, &str)]) -> HashMap<String, String> {
    said.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn day(n: i8) -> Date {
    jiff::civil::date(2026, 1, n)
}

fn form(code: &str) -> FormBranch {
    FormBranch {
        code: Code::parse(code).unwrap(),
        name: Text::parse(code).unwrap(),
        title: None,
        kind: None,
        parent: None,
        formed_from: Vec::new(),
        effective: day(1),
        precision: None,
    }
}

fn rename(branch: BranchId, name: &str) -> RenameBranch {
    let name = Text::parse(name).unwrap();
    RenameBranch { branch, name, effective: day(10), precision: None }
}

fn dissolve(branch: BranchId) -> DissolveBranch {
    let (effective, precision) = (day(20), None);
    DissolveBranch { branch, into: Vec::new(), reason: None, effective, precision }
}

fn register() -> RegisterPerson {
    RegisterPerson { person: ANN, birth_band: None, effective: day(1), precision: None }
}

fn admit() -> AdmitMember {
    let (effective, precision, newcomer) = (day(5), None, false);
    AdmitMember { person: ANN, branch: NORTH, effective, precision, newcomer, state: None }
}

fn transfer() -> TransferMember {
    let (effective, precision) = (day(8), None);
    TransferMember { person: ANN, from: NORTH, to: SOUTH, effective, precision }
}

fn refusal(answer: Answer) -> &'static str {
    match answer {
        Err(AggregateError::UserError(FrameworkError::Refused(refused))) => refused.code,
        other => panic!("{other:?}"),
    }
}

fn wrong(answer: Answer) -> FrameworkError {
    match answer {
        Err(AggregateError::UserError(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_framework_records_to_the_last_byte_what_the_door_does() {
    let said = |key| [("actor", "local"), ("source", "api"), ("key", key)];
    let (one, other) = (house().await.inhabited().await, house().await.inhabited().await);
    let by_door = [
        Request::new(rename(NORTH, "Far North")),
        Request::new(transfer()),
        Request::new(dissolve(NORTH)),
    ];
    for (key, request) in ["a", "b", "c"].into_iter().zip(by_door) {
        let request = Request { key: Some(key.to_owned()), ..request };
        one.ledger.execute(&Actor::local(), request).await.unwrap();
    }
    other.by_framework::<Branch>(NORTH, rename(NORTH, "Far North"), &said("a")).await.unwrap();
    other.by_framework::<Membership>(MEMBERSHIP, transfer(), &said("b")).await.unwrap();
    other.by_framework::<Branch>(NORTH, dissolve(NORTH), &said("c")).await.unwrap();
    assert_eq!(one.records().await, other.records().await);
    one.is_sound(9).await;
    other.is_sound(9).await;
    let (envelope, _) = other.records().await[8].decode().unwrap();
    assert_eq!(envelope.policy.as_deref(), Some("1"), "the rules under which it was decided");
    let (memberships, at) = (projections::memberships::TABLE, projections::Filter::All);
    let southern = [("branch", projections::table::cell(SOUTH))];
    let members = other.ledger.store().rows(memberships, &at, &southern).await.unwrap();
    assert_eq!(members.len(), 1, "projections know what the framework recorded");
}

#[tokio::test]
async fn a_call_without_an_actor_is_refused() {
    let house = house().await;
    let unsaid = house.by_framework::<Branch>(NORTH, form("north"), &[("source", "test")]).await;
    assert!(matches!(wrong(unsaid), FrameworkError::NoActor));
    let plain = house.framework::<Branch>();
    let plain = plain.execute(&NORTH.to_string(), Wish::new(NORTH, form("north"))).await;
    assert!(matches!(wrong(plain), FrameworkError::NoActor));
    let other = house.by_framework::<Branch>(NORTH, form("north"), &[("actor", "somebody")]).await;
    assert!(matches!(wrong(other), FrameworkError::OtherActor));
    house.is_sound(2).await;
}

#[tokio::test]
async fn a_rule_refuses_the_framework_as_it_refuses_everybody() {
    let house = house().await.inhabited().await;
    let other = FormBranch { name: Text::parse("Other North").unwrap(), ..form("north") };
    let taken = house.by_framework::<Branch>(BranchId(Uuid::from_u128(0xb3)), other, ACTING).await;
    assert_eq!(refusal(taken), "code_taken", "a code is a matter of all branches");
    let inhabited = house.by_framework::<Branch>(NORTH, dissolve(NORTH), ACTING).await;
    assert_eq!(refusal(inhabited), "members_left", "a matter of all memberships");
    let mut early = rename(NORTH, "Old North");
    early.effective = jiff::civil::date(2024, 1, 1);
    let early = house.by_framework::<Branch>(NORTH, early, ACTING).await;
    assert_eq!(refusal(early), "backdated_beyond_limit");
    house.is_sound(6).await;
}

/// Decides, and then somebody else is quicker.
struct Overtaken<C> {
    acting: Arc<dyn Decides>,
    ledger: Arc<Ledger>,
    by: fn() -> C,
}

#[async_trait::async_trait]
impl<C: AnyCommand + 'static> Decides for Overtaken<C> {
    async fn decide(
        &self,
        wish: &Wish,
        stream: StreamId,
        subject: AnySubject,
    ) -> Result<Append, FrameworkError> {
        let decided = self.acting.decide(wish, stream, subject).await;
        self.ledger.execute(&Actor::local(), Request::new((self.by)())).await.unwrap();
        decided
    }
}

async fn overtaken<C: AnyCommand + 'static>(
    house: &House,
    command: impl AnyCommand + 'static,
    by: fn() -> C,
) -> Answer {
    let (acting, ledger) = (Arc::clone(&house.acting), Arc::clone(&house.ledger));
    let overtaken: Arc<dyn Decides> = Arc::new(Overtaken { acting, ledger, by });
    let framework: Framework<Branch> =
        CqrsFramework::new(house.ledger.aggregates(), Vec::new(), overtaken);
    let wish = Wish::new(SOUTH, command);
    framework.execute_with_metadata(&SOUTH.to_string(), wish, metadata(ACTING)).await
}

#[tokio::test]
async fn a_lost_race_is_the_frameworks_conflict() {
    let house = house().await.inhabited().await;
    let lost = overtaken(&house, rename(SOUTH, "One"), || rename(SOUTH, "Other")).await;
    assert!(matches!(lost, Err(AggregateError::AggregateConflict)), "{lost:?}");
    house.is_sound(7).await;
}

#[tokio::test]
async fn what_the_decision_looked_at_elsewhere_is_asserted_too() {
    let house = house().await.inhabited().await;
    // Nothing happens to the branch itself: the member who comes has a stream of their own.
    let lost = overtaken(&house, dissolve(SOUTH), transfer).await;
    assert!(matches!(lost, Err(AggregateError::AggregateConflict)), "{lost:?}");
    house.is_sound(7).await;
}

#[tokio::test]
async fn a_decision_about_several_subjects_takes_the_door() {
    let house = house().await.inhabited().await;
    let newcomer = AdmitMember { person: PersonId(Uuid::from_u128(9)), newcomer: true, ..admit() };
    let id = MembershipId(Uuid::from_u128(0xc2));
    let two = house.by_framework::<Membership>(id, newcomer, ACTING).await;
    assert!(matches!(wrong(two), FrameworkError::OtherSubject(_)));
    let other = house.by_framework::<Branch>(NORTH, rename(SOUTH, "Deep South"), ACTING).await;
    assert!(matches!(wrong(other), FrameworkError::OtherSubject(_)));
    house.is_sound(6).await;
}

#[tokio::test]
async fn a_commit_takes_what_was_decided_about_its_aggregate_and_nothing_else() {
    let house = house().await.inhabited().await;
    let store = house.ledger.aggregates();
    let name = Text::parse("Atlantis").unwrap();
    let event = BranchEvent::Renamed { effective: day(10), precision: None, name };
    let bare = load(&store, NORTH).await;
    let bare = store.commit(vec![Stored(Entry::Fact(event.clone()))], bare, metadata(ACTING)).await;
    assert!(matches!(wrong(bare.map(|_| ())), FrameworkError::NotDecided));

    let mut context = load(&store, NORTH).await;
    let sink = cqrs_es::event_sink::EventSink::default();
    let wish = Wish::new(NORTH, rename(NORTH, "Far North"));
    let branch: &mut Folded<Branch> = context.aggregate();
    cqrs_es::Aggregate::handle(branch, wish, &house.acting, &sink).await.unwrap();
    let changed = store.commit(vec![Stored(Entry::Fact(event))], context, metadata(ACTING)).await;
    assert!(matches!(wrong(changed.map(|_| ())), FrameworkError::NotDecided));

    let wish = Wish::new(SOUTH, rename(SOUTH, "Deep South"));
    let framework = house.framework::<Branch>();
    let moved = framework.execute_with_metadata(&NORTH.to_string(), wish, metadata(ACTING)).await;
    assert!(matches!(wrong(moved), FrameworkError::OtherSubject(_)));
    house.is_sound(6).await;
}

async fn load(store: &Aggregates, id: BranchId) -> rollbook::store::cqrs::Loaded<Branch> {
    store.load_aggregate(&id.to_string()).await.unwrap()
}

#[tokio::test]
async fn what_cannot_be_recorded_as_it_is_is_refused() {
    let house = house().await;
    for said in [
        ("key", "import:x:1"),
        ("key", "framework:x"),
        ("key", " padded"),
        ("source", "two\nlines"),
        ("correlation", "x"),
    ] {
        let said = [ACTING[0], said];
        let strange = house.by_framework::<Branch>(NORTH, form("north"), &said).await;
        let FrameworkError::Metadata(name) = wrong(strange) else { panic!("{said:?}") };
        assert_eq!(name, said[1].0);
    }
    let wish = Wish { authority: Some("a\tb".to_owned()), ..Wish::new(NORTH, form("north")) };
    let framework = house.framework::<Branch>();
    let tab = framework.execute_with_metadata(&NORTH.to_string(), wish, metadata(ACTING)).await;
    assert!(matches!(wrong(tab), FrameworkError::Metadata(_)));
    let id = framework.execute("north", Wish::new(NORTH, form("north"))).await;
    assert!(matches!(wrong(id), FrameworkError::NotAnId(_)));
    house.is_sound(2).await;
}

#[tokio::test]
async fn a_retry_with_its_key_records_nothing_new() {
    let house = house().await;
    let said = [ACTING[0], ("key", "once")];
    for _ in 0..2 {
        house.by_framework::<Person>(ANN, register(), &said).await.unwrap();
    }
    let again = Request { key: Some("once".to_owned()), ..Request::new(register()) };
    let again = house.ledger.execute(&Actor::local(), again).await.unwrap();
    assert!(again.replayed, "the door knows the key, and the body is the same");
    house.by_framework::<Person>(ANN, register(), ACTING).await.unwrap();
    house.is_sound(3).await;
}

/// A query of the framework's own, which notes what it is told.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Vec<String>>>);

#[async_trait::async_trait]
impl Query<Folded<Branch>> for Noted {
    async fn dispatch(&self, id: &str, events: &[EventEnvelope<Folded<Branch>>]) {
        let mut noted = self.0.lock().unwrap();
        for EventEnvelope { aggregate_id, sequence, payload: Stored(event), metadata } in events {
            assert_eq!(aggregate_id, id);
            let effective = event.effective();
            noted.push(format!("{sequence} {} by {}", effective, metadata["actor"]));
        }
    }
}

#[tokio::test]
async fn a_query_sees_what_was_recorded_and_only_that() {
    let house = house().await;
    let (noted, acting) = (Noted::default(), Arc::clone(&house.acting));
    let queries: Vec<Box<dyn Query<_>>> = vec![Box::new(noted.clone())];
    let framework = CqrsFramework::new(house.ledger.aggregates(), queries, acting);
    let id = NORTH.to_string();
    let ask = |wish| framework.execute_with_metadata(&id, wish, metadata(ACTING));
    ask(Wish::new(NORTH, form("north"))).await.unwrap();
    ask(Wish::new(NORTH, rename(NORTH, "Far North"))).await.unwrap();
    ask(Wish::new(NORTH, rename(NORTH, "Far North"))).await.unwrap();
    assert_eq!(refusal(ask(Wish::new(NORTH, rename(SOUTH, "Nowhere"))).await), "branch_unknown");
    let expected = ["1 2026-01-01 by local", "2 2026-01-10 by local"];
    assert_eq!(*noted.0.lock().unwrap(), expected);
}

#[tokio::test]
async fn the_frameworks_own_tests_decide_by_our_rules() {
    let formed = || {
        Stored(Entry::Fact(BranchEvent::Formed {
            effective: day(1),
            precision: None,
            code: Code::parse("north").unwrap(),
            name: Text::parse("north").unwrap(),
            title: None,
            branch_kind: Code::parse("branch").unwrap(),
            parent: None,
            formed_from: Vec::new(),
        }))
    };
    let renamed = |name| {
        let name = Text::parse(name).unwrap();
        Stored(Entry::Fact(BranchEvent::Renamed { effective: day(10), precision: None, name }))
    };
    let House { acting, _folder, .. } = house().await;
    let test = || TestFramework::<Folded<Branch>>::with(Arc::clone(&acting));
    let when = Wish::new(NORTH, form("north"));
    test().given_no_previous_events().when_async(when).await.then_expect_events(vec![formed()]);
    let when = Wish::new(NORTH, rename(NORTH, "Far North"));
    let renaming = test().given(vec![formed()]).when_async(when).await;
    renaming.then_expect_events(vec![renamed("Far North")]);
    let when = Wish::new(NORTH, rename(NORTH, "Far North"));
    let so_already = test().given(vec![formed(), renamed("Far North")]).when_async(when).await;
    so_already.then_expect_events(vec![]);
    let when = Wish::new(NORTH, rename(NORTH, "Far North"));
    let unknown = test().given_no_previous_events().when_async(when).await;
    unknown.then_expect_error_message(&format!("branch_unknown: branch={NORTH}"));
}
