//! Random histories of commands, held against the naive definition of state at (D, K).
//!
//! Every history is made from its number alone: clock, ids, randomness, commands and, where several
//! callers race, the order in which they get their turns. So a failing one can be run again.

mod clock;
mod clock_races;
mod daily;
mod lives;
mod movements;
mod races;
#[cfg(feature = "postgres")]
mod servers;
mod structure;
mod summaries;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use events::{Date, Event, FamilyName, Position, Recorded};
use projections::questions::{LifeOf, TransfersAsked};
use projections::{At, DayRule};
use rollbook::actor::Actor;
use rollbook::ledger::{Error, Founding, KnownAt, Ledger, Request};
use rollbook::store::{MemoryStore, Receipt, SqliteStore, Store};

use crate::oracle::{World, joins_and_ends};
use crate::support::commands::Fates;
use crate::support::dice::Dice;
use crate::support::fronted::Fronted;
use crate::support::nature::Seeded;

const PRESETS: [&str; 3] = ["association", "party", "union"];
/// How many histories there are; `ROLLBOOK_TEST_HISTORIES` says otherwise.
const HISTORIES: u64 = 2_100;
/// A third of them about hosts and relations, two ninths about transfers, the others about members
/// and branches.
const COMMANDS: usize = 80;
/// One history in so many has four callers at a time.
const RACES_EVERY: u64 = 3;
const CALLERS: usize = 4;
/// One history in so many is answered out of memory from its beginning on.
const KEPT_EVERY: u64 = 5;
/// One wish in so many is about the clock.
const CLOCK_EVERY: u32 = 12;

/// A ledger on its way through a history.
struct Life {
    ledger: Ledger,
    nature: Arc<Seeded>,
    dice: Dice,
    fates: Fates,
    actor: Actor,
    rules: events::policy::RuleSet,
}

/// An answer that was given at some K, to be asked for again.
struct Noted {
    at: At,
    answer: String,
}

fn founding(number: u64) -> Founding {
    let preset = PRESETS[usize::try_from(number % 3).unwrap()];
    Founding { preset: preset.to_owned(), zone: "UTC".to_owned() }
}

impl Life {
    async fn begin(number: u64, store: Arc<dyn Store>, nature: Arc<Seeded>) -> Self {
        let founding = founding(number);
        let ledger = Ledger::found_over(store, &founding, nature.clone()).await.unwrap();
        let rules = rollbook::policy::preset(&founding.preset).unwrap();
        if number.is_multiple_of(KEPT_EVERY) {
            ledger.keep_index().await.unwrap();
        }
        let (dice, fates) = (Dice::new(number), Fates::default());
        Self { ledger, nature, dice, fates, actor: Actor::local(), rules }
    }

    /// The next wish, and what became of it. Refusals are part of life; anything else is not.
    async fn step(&mut self, key: usize) -> (String, Option<Receipt>) {
        if self.dice.one_in(3) {
            self.nature.tomorrow();
        }
        if self.dice.one_in(CLOCK_EVERY) {
            return (self.advance_clock().await, None);
        }
        let wish = self.fates.wish(&mut self.dice, self.ledger.today());
        let body = format!("{wish:?}");
        let request = Request { key: Some(key.to_string()), ..wish };
        let receipt = settled(self.ledger.execute(&self.actor, request).await);
        if let Some(receipt) = &receipt {
            self.learn(receipt).await;
        }
        (body, receipt)
    }

    /// Several wishes at once, each blind to the others until they meet in the store.
    async fn race(&mut self, first_key: usize) {
        let today = self.ledger.today();
        let wishes: Vec<Request> = (0..CALLERS)
            .map(|n| Request {
                key: Some((first_key + n).to_string()),
                ..self.fates.wish(&mut self.dice, today)
            })
            .collect();
        let callers = wishes.into_iter().map(|wish| self.ledger.record(&self.actor, wish));
        let receipts = crate::support::turns::all(callers).await;
        for receipt in receipts.into_iter().filter_map(settled) {
            self.learn(&receipt).await;
        }
        self.ledger.catch_up().await.unwrap();
        if self.dice.one_in(CLOCK_EVERY) {
            self.advance_clock().await;
        }
    }

    async fn learn(&mut self, receipt: &Receipt) {
        for recorded in self.recorded(&receipt.positions).await {
            self.fates.learn(&recorded);
        }
    }

    async fn recorded(&self, positions: &[Position]) -> Vec<Recorded> {
        let records = self.ledger.store().events(positions).await.unwrap();
        records.iter().map(|record| record.decode().unwrap().1).collect()
    }

    async fn events(&self) -> Vec<Recorded> {
        let records = self.ledger.store().log(Position(0), usize::MAX >> 1).await.unwrap();
        records.iter().map(|record| record.decode().unwrap().1).collect()
    }

    /// All answers at a place on both axes, as one text.
    async fn answer(&self, at: At) -> String {
        let (ledger, actor) = (&self.ledger, &self.actor);
        let answers = (
            ledger.headcount(actor, at).await.unwrap(),
            ledger.tree(actor, at).await.unwrap(),
            ledger.totals(actor, at).await.unwrap(),
            ledger.roster(actor, at, None).await.unwrap(),
            ledger.life_spans(actor, at, LifeOf::Branch, None).await.unwrap(),
            ledger.life_spans(actor, at, LifeOf::Name, None).await.unwrap(),
            self.flows_around(at).await,
            ledger.coverage(actor, at).await.unwrap(),
            ledger.gaps(actor, at).await.unwrap(),
            ledger.responsible(actor, at, None).await.unwrap(),
            ledger.transfers(actor, at, &TransfersAsked::Waiting).await.unwrap(),
            ledger.transfers(actor, at, &TransfersAsked::Overdue).await.unwrap(),
            ledger.key_posts(actor, at).await.unwrap(),
            self.dues_around(at).await,
        );
        let more = (
            ledger.holders(actor, at).await.unwrap(),
            ledger.duties(actor, at).await.unwrap(),
            self.attention(at).await,
        );
        serde_json::to_string(&(answers, more)).unwrap()
    }

    async fn note(&mut self) -> Noted {
        let day = self.a_day();
        let at = self.ledger.at(Some(day), KnownAt::Now, DayRule::EndOfDay).await.unwrap();
        Noted { at, answer: self.answer(at).await }
    }

    fn a_day(&mut self) -> Date {
        let days = self.dice.below(120);
        crate::support::commands::plus_days(self.ledger.today(), i64::from(days) - 80)
    }

    /// I1 to I3, I6 to I9 and I12 to I15, at every moment of the whole timeline.
    fn keeps_its_invariants(&self, events: &[Recorded]) {
        let mut world = World::default();
        let holding = crate::oracle::holding(events, Date::MAX, Position(u64::MAX));
        // A fact that is put on another day keeps its place in the order of recording, and may
        // stand before what it rests on; when the day ends, everything is in order.
        let corrected =
            events.iter().any(|recorded| matches!(recorded.event, Event::Correction(_)));
        for (index, recorded) in holding.iter().enumerate() {
            world.live(recorded);
            world.check_fact(&self.rules, recorded);
            let day = recorded.event.effective();
            let ends = holding.get(index + 1).is_none_or(|next| next.event.effective() > day);
            if !corrected {
                world.check(&self.rules, recorded);
            } else if ends {
                world.check_day(&self.rules, recorded.position);
                world.check_origins(recorded.position);
            }
            if ends {
                world.end_day();
            }
        }
    }

    /// Every projection at a random (D, K) is the definition's, and nothing is lost or doubled.
    async fn agrees_with_the_definition(&mut self, events: &[Recorded]) {
        let day = self.a_day();
        let head = u32::try_from(events.len()).unwrap();
        let known_at = KnownAt::Position(Position(u64::from(self.dice.below(head)) + 1));
        let at = self.ledger.at(Some(day), known_at, DayRule::EndOfDay).await.unwrap();
        let world = World::at(events, at.valid_on, at.known_at);

        let mut expected: BTreeMap<String, (String, u64)> = BTreeMap::new();
        for place in world.branches.values() {
            expected.insert(place.code.clone(), (place.name.clone(), 0));
        }
        for (_, home) in world.homes.values() {
            expected.get_mut(&world.branches[home].code).unwrap().1 += 1;
        }
        let headcount = self.ledger.headcount(&self.actor, at).await.unwrap();
        let counted: BTreeMap<String, (String, u64)> =
            headcount.into_iter().map(|line| (line.branch, (line.name, line.members))).collect();
        assert_eq!(counted, expected, "head-count at {at:?}");

        let tree = self.ledger.tree(&self.actor, at).await.unwrap();
        assert_eq!(tree.len(), world.branches.len());
        for entry in tree {
            let place = world.branches.values().find(|place| place.code == entry.branch).unwrap();
            let parent = place.parent.map(|parent| world.branches[&parent].code.clone());
            assert_eq!((entry.parent, entry.name), (parent, place.name.clone()), "tree at {at:?}");
        }

        let totals = self.ledger.totals(&self.actor, at).await.unwrap();
        assert_eq!(totals.branches, world.branches.len() as u64, "branches at {at:?}");
        assert_eq!(totals.members, world.people().len() as u64, "members at {at:?}");
        assert_eq!(totals.posts, world.holders().len() as u64, "posts at {at:?}");

        self.roster_as_defined(&world, at).await;
        self.transfers_agree(&world, at).await;
        self.states_as_defined(&world, at).await;
        self.attention_as_defined(&world, at).await;
        self.duties_as_defined(&world, at).await;
        crate::coverage::compare(&self.ledger, events, at, &self.rules.coverage).await;
        self.stands_as_defined(&world, at).await;
        self.days_as_counted(at).await;

        // Conservation: members over all branches are the members who need a home, and the joins
        // less the ends are the stock.
        let over_branches: u64 = counted.values().map(|(_, members)| members).sum();
        let (joins, ends) = joins_and_ends(events, at.valid_on, at.known_at);
        assert_eq!(over_branches, world.homes.len() as u64);
        assert_eq!(joins - ends, world.homes.len(), "joins less ends at {at:?}");
        assert_eq!(totals.memberships, over_branches);
    }

    /// Who is in transit, from where to where and how far, is what the definition says.
    async fn transfers_agree(&self, world: &World, at: At) {
        let asked = TransfersAsked::Waiting;
        let waiting = self.ledger.transfers(&self.actor, at, &asked).await.unwrap();
        let told: BTreeSet<_> = waiting
            .into_iter()
            .filter_map(|entry| Some((entry.person?, entry.letter, entry.phase)))
            .collect();
        assert_eq!(told, world.in_transit(), "in transit at {at:?}");
    }

    /// I20: the same key again is the same result once; with another body it is refused.
    async fn answers_a_key_once(&mut self, bodies: &[(usize, Receipt)]) {
        let Some((key, receipt)) = bodies.last() else { return };
        let before = self.ledger.store().head().await.unwrap().position;
        let other = self.fates.wish(&mut self.dice, self.ledger.today());
        let again = Request { key: Some(key.to_string()), ..other };
        match self.ledger.record(&self.actor, again).await {
            Err(Error::Store(rollbook::store::StoreError::KeyReused(_))) => {}
            Ok(same) => assert_eq!(same, Receipt { replayed: true, ..receipt.clone() }),
            Err(error) => panic!("{error:?}"),
        }
        assert_eq!(self.ledger.store().head().await.unwrap().position, before);
    }

    /// Everything above, at the end of a history.
    async fn holds(&mut self, noted: Vec<Noted>) {
        let events = self.events().await;
        let positions: Vec<u64> = events.iter().map(|recorded| recorded.position.0).collect();
        assert!(positions.iter().copied().eq(1..=events.len() as u64), "positions are dense");
        self.keeps_its_invariants(&events);
        for _ in 0..3 {
            self.agrees_with_the_definition(&events).await;
            self.dues_as_defined(&events).await;
            self.moves_as_defined(&events).await;
        }
        for noted in &noted {
            assert_eq!(self.answer(noted.at).await, noted.answer, "I16: changed at {:?}", noted.at);
        }
        self.memory_says_what_the_tables_say(&noted).await;
        // Bytes, leaves, guards, and rebuilt projections equal to the incremental ones.
        let verification = self.ledger.verify(|_| {}).await.unwrap();
        assert!(verification.is_sound(), "{:?}", verification.findings);
    }
}

fn settled(outcome: Result<Receipt, Error>) -> Option<Receipt> {
    match outcome {
        Ok(receipt) => Some(receipt),
        Err(Error::Refused(_) | Error::Conflict) => None,
        Err(error) => panic!("{error:?}"),
    }
}

/// What a history came to, for the sums at the end.
#[derive(Default)]
struct Sums {
    commands: usize,
    events: usize,
    dated_back: usize,
    /// The numbers of the histories in which something was not as it should be.
    differ: Vec<u64>,
}

fn ledger_id(number: u64) -> events::LedgerId {
    events::LedgerId(uuid::Uuid::from_u128(u128::from(number) + 1))
}

/// A world and an empty store in it; `None` where the engine is not to be had.
type Begun = Option<(Arc<Seeded>, Arc<dyn Store>)>;

async fn in_memory(number: u64) -> Begun {
    let nature = Arc::new(Seeded::new(number));
    let memory = MemoryStore::new(ledger_id(number), nature.clone());
    Some((nature, Arc::new(memory)))
}

async fn history(number: u64, begun: Begun) -> Sums {
    let Some((nature, store)) = begun else { return Sums::default() };
    let races = number.is_multiple_of(RACES_EVERY);
    let store =
        if races { Arc::new(Fronted::in_turns(store, number)) as Arc<dyn Store> } else { store };
    let mut life = Life::begin(number, store, nature).await;
    let (mut noted, mut bodies, mut step) = (Vec::new(), Vec::new(), 0);
    while step < COMMANDS {
        if races {
            life.race(step).await;
            step += CALLERS;
        } else {
            if let (_, Some(receipt)) = life.step(step).await {
                bodies.push((step, receipt));
            }
            step += 1;
        }
        if step % 20 < CALLERS {
            noted.push(life.note().await);
        }
    }
    life.answers_a_key_once(&bodies).await;
    if std::env::var(ONE_HISTORY).is_ok() {
        for Recorded { position, stream, event, .. } in life.events().await {
            println!("{position} {stream} {event:?}");
        }
    }
    life.holds(noted).await;
    let events = life.events().await;
    let today = life.ledger.today();
    let facts = events.iter().filter(|recorded| recorded.event.family() != FamilyName::Policy);
    let dated_back = facts.filter(|recorded| recorded.event.effective() < today).count();
    Sums { commands: step, events: events.len(), dated_back, differ: Vec::new() }
}

fn run<F: Future<Output = Begun>>(
    numbers: impl Iterator<Item = u64>,
    begin: impl Fn(u64) -> F,
) -> Sums {
    let mut sums = Sums::default();
    for number in numbers {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // A panic's message comes with the number of its history, to run it again.
        let live = async { history(number, begin(number).await).await };
        let live = std::panic::AssertUnwindSafe(|| runtime.block_on(live));
        let Ok(one) = std::panic::catch_unwind(live) else {
            println!("history {number} ({}) differs", founding(number).preset);
            sums.differ.push(number);
            continue;
        };
        sums.commands += one.commands;
        sums.events += one.events;
        sums.dated_back += one.dated_back;
    }
    sums
}

/// The number of histories is shared by two threads, one a core.
fn run_all(histories: u64) {
    let half = std::thread::spawn(move || run((0..histories).filter(|n| n % 2 == 0), in_memory));
    let other = run((0..histories).filter(|n| n % 2 == 1), in_memory);
    let half = half.join().unwrap();
    let differ = [half.differ, other.differ].concat();
    println!(
        "{histories} histories, {} commands, {} events, {} differences",
        half.commands + other.commands,
        half.events + other.events,
        differ.len(),
    );
    assert!(differ.is_empty(), "histories that differ: {differ:?}");
}

/// Names the one history that is to be lived, and told event by event.
const ONE_HISTORY: &str = "ROLLBOOK_TEST_HISTORY";

#[test]
fn random_histories_keep_the_invariants_and_agree_with_the_definition() {
    match std::env::var(ONE_HISTORY) {
        Ok(number) => {
            let sums = run(std::iter::once(number.parse().unwrap()), in_memory);
            assert!(sums.differ.is_empty());
        }
        Err(_) => run_all(crate::support::times("ROLLBOOK_TEST_HISTORIES", HISTORIES)),
    }
}

/// The same wishes, ids, salts and clock give the same bytes and answers on both engines.
#[tokio::test]
async fn memory_and_sqlite_record_the_same_bytes() {
    for number in [1, 2, 4, 5, 7, 8] {
        let id = ledger_id(number);
        let place = tempfile::tempdir().unwrap();
        let (one, two) = (Arc::new(Seeded::new(number)), Arc::new(Seeded::new(number)));
        let memory = Arc::new(MemoryStore::new(id, one.clone()));
        let sqlite = SqliteStore::create(place.path().join("l.db"), id, two.clone()).unwrap();
        let mut memory = Life::begin(number, memory, one).await;
        let mut sqlite = Life::begin(number, Arc::new(sqlite), two).await;
        for step in 0..COMMANDS {
            assert_eq!(memory.step(step).await, sqlite.step(step).await, "history {number}");
        }
        let all = |life: &Life| life.ledger.store().clone();
        let kept = all(&memory).log(Position(0), 10_000).await.unwrap();
        assert_eq!(kept, all(&sqlite).log(Position(0), 10_000).await.unwrap());
        for _ in 0..10 {
            let at = memory.note().await.at;
            assert_eq!(memory.answer(at).await, sqlite.answer(at).await);
        }
        sqlite.holds(vec![]).await;
    }
}

/// Whoever is admitted while the branch is being dissolved is either not admitted, or in it no
/// more: whatever the order of turns.
#[test]
fn an_admission_racing_a_dissolution_never_leaves_a_member_behind() {
    let (mut admitted, mut dissolved) = (0, 0);
    let races = crate::support::times("ROLLBOOK_TEST_RACES", 600);
    for number in 0..races {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (one, other) = runtime.block_on(admission_racing_dissolution(number));
        admitted += usize::from(one);
        dissolved += usize::from(other);
    }
    println!("{races} races: {admitted} admitted, {dissolved} dissolved");
    assert!(admitted > 0 && dissolved > 0, "both may win");
}

async fn admission_racing_dissolution(number: u64) -> (bool, bool) {
    use rollbook::commands::{AdmitMember, DissolveBranch};
    let nature = Arc::new(Seeded::new(number));
    let id = events::LedgerId(uuid::Uuid::from_u128(1));
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new(id, nature.clone()));
    let store = Arc::new(Fronted::in_turns(memory, number));
    let life = Life::begin(number, store, nature).await;
    let (ledger, actor) = (&life.ledger, &life.actor);
    let today = ledger.today();
    let (branch, person) = crate::support::commands::branch_and_person(ledger, actor).await;
    let admit = AdmitMember {
        person,
        branch,
        effective: today,
        precision: None,
        newcomer: false,
        state: None,
    };
    let dissolve =
        DissolveBranch { branch, into: vec![], reason: None, effective: today, precision: None };
    let mut wishes = vec![Request::new(admit), Request::new(dissolve)];
    if number.is_multiple_of(2) {
        wishes.reverse();
    }
    let callers = wishes.into_iter().map(|wish| ledger.record(actor, wish));
    crate::support::turns::all(callers).await.into_iter().for_each(|outcome| _ = settled(outcome));
    let events = life.events().await;
    life.keeps_its_invariants(&events);
    let world = World::at(&events, today, Position(u64::MAX));
    let left = world.homes.values().any(|(_, home)| !world.branches.contains_key(home));
    assert!(!left, "race {number}: a member in a dissolved branch");
    let was_admitted = events.iter().any(|recorded| {
        matches!(recorded.event, Event::Membership(events::MembershipEvent::Admitted { .. }))
    });
    (was_admitted, !world.branches.contains_key(&branch))
}
