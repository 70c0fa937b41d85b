//! Rollbook's side: every task in a process of its own, as on the peer's side.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events::membership::EndReason;
use events::{
    BranchEvent, BranchId, Date, Event, LedgerId, MembershipEvent, PersonEvent, Position, StreamId,
};
use projections::DayRule;
use rollbook::actor::Actor;
use rollbook::commands::{
    AdmitMember, AnyCommand, Decided, EndMembership, FormBranch, RegisterPerson, TransferMember,
};
use rollbook::ledger::rebuild::{Differing, Served, Wanted, rebuild_at};
use rollbook::ledger::{Founding, KnownAt, Leave, Ledger, Location, Mode, Request};
use rollbook::runner::Runner;
use rollbook::runner::replay::Replay;
use rollbook::store::cqrs::Aggregates;
use rollbook::store::engine::At;
use rollbook::store::{Batch, Frame, Nature, Receipt, Store, SystemNature};
use workload::{BRANCHES, Life};

/// The preset with the strictest rules.
const PRESET: &str = "party";

/// How many lives' next steps become durable together when a ledger is filled.
const FILL: usize = 2_000;

/// How many events of a body are one command's.
const TOGETHER: usize = 20;

/// What a caller's command waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// It is durable.
    Recorded,
    /// It is durable, and the projections account for it.
    Projected,
}

/// The server's database, when it is an URL of one.
fn server(path: &Path) -> Option<Location> {
    path.to_str().filter(|url| url.starts_with("postgres:")).and_then(Location::parse)
}

fn location(path: &Path) -> Location {
    server(path).unwrap_or_else(|| Location::at(path))
}

async fn create(path: &Path, id: LedgerId) -> Arc<dyn Store> {
    let Location { engine, path, .. } = location(path);
    let at = At { engine: &engine, path: &path };
    at.create(id, Arc::new(SystemNature)).await.expect("a ledger")
}

async fn open(path: &Path) -> Arc<dyn Store> {
    let Location { engine, path, .. } = location(path);
    let at = At { engine: &engine, path: &path };
    at.open(Mode::Read, Arc::new(SystemNature)).await.expect("a ledger")
}

struct Door {
    ledger: Ledger,
    actor: Actor,
    homes: Vec<BranchId>,
    effective: Date,
    until: Until,
}

impl Door {
    async fn step(self: Arc<Self>, life: Life, step: u64) {
        let Life { person, .. } = life;
        let [first, second, third] = life.homes.map(|home| self.homes[home as usize]);
        let (effective, precision) = (self.effective, None);
        let transfer = |from, to| TransferMember { person, from, to, effective, precision };
        match step {
            0 => {
                let birth_band = None;
                self.execute(RegisterPerson { person, birth_band, effective, precision }).await;
            }
            1 => {
                let (branch, newcomer) = (first, false);
                let state = None;
                let admit = AdmitMember { person, branch, effective, precision, newcomer, state };
                self.execute(admit).await;
            }
            2 => self.execute(transfer(first, second)).await,
            3 => self.execute(transfer(second, third)).await,
            _ => {
                let (branch, reason) = (third, EndReason::Left);
                let end = EndMembership { person, branch, effective, precision, reason };
                self.execute(end).await;
            }
        }
    }

    async fn execute(&self, command: impl AnyCommand + 'static) {
        let request = Request::new(command);
        let receipt = match self.until {
            Until::Recorded => self.ledger.record(&self.actor, request).await,
            Until::Projected => self.ledger.execute(&self.actor, request).await,
        };
        let receipt = receipt.expect("a command is recorded");
        assert_eq!(receipt.positions.len(), 1, "one command, one event");
    }
}

/// Commands from many callers, a second.
pub async fn append(path: &Path, callers: u64, time: Duration, until: Until) {
    let founding = Founding { preset: PRESET.to_owned(), zone: "UTC".to_owned() };
    let nature = Arc::new(SystemNature);
    let ledger = match server(path) {
        None => Ledger::found(&Location::at(path), &founding, nature).await,
        Some(_) => {
            let id = LedgerId(workload::random_id([9; 16]));
            let store = create(path, id).await;
            Ledger::found_over(store, &founding, nature).await
        }
    };
    let ledger = ledger.expect("a ledger");
    let (actor, effective) = (Actor::local(), ledger.today());
    let mut session = ledger.session();
    for n in 0..BRANCHES {
        let form = FormBranch {
            code: workload::code(n),
            name: workload::name(n),
            title: None,
            kind: None,
            parent: None,
            formed_from: Vec::new(),
            effective,
            precision: None,
        };
        let decided = session.decide(&actor, Leave::default(), &form).await.expect("a branch");
        let frame = session.frame(&actor, effective).await.expect("a frame");
        session.take(format!("form {n}"), form.body(), frame, decided);
    }
    let formed = session.commit(None).await.expect("branches");
    drop(session);
    let branch = |receipt: &Receipt| {
        let (stream, _) = &receipt.versions[0];
        BranchId(stream.parse::<events::StreamId>().expect("a stream").id)
    };
    let homes = formed.iter().map(branch).collect();
    ledger.catch_up().await.expect("projections");
    let door = Door { ledger, actor, homes, effective, until };
    let rate = workload::press(Arc::new(door), callers, time, Door::step).await;
    println!("{} {} {}", rate.per_second, rate.median.as_micros(), rate.p99.as_micros());
}

/// A ledger with as many events, and its projections. Not timed; events come as they are decided
/// elsewhere, one append for each.
pub async fn fill(path: &Path, count: u64) {
    let formed = (0..BRANCHES).map(|n| {
        let (stream, event) = workload::formed(n, workload::day(0));
        (stream, 1, event)
    });
    let lives = workload::history(count / workload::STEPS)
        .map(|(n, step)| workload::life(n).event(step, workload::day(step)));
    record(path, formed.chain(lives)).await;
}

/// A ledger with as many events about a body of many branches over ten years, several events to an
/// append so that it stays small.
pub async fn fill_body(path: &Path, count: u64) {
    record_together(path, workload::body::body(count), TOGETHER).await;
}

/// A ledger with as many events about a field: hosts with their branches, and members.
pub async fn fill_field(path: &Path, count: u64) {
    record(path, workload::field(count)).await;
}

async fn record(path: &Path, events: impl Iterator<Item = (StreamId, u64, Event)>) {
    record_together(path, events, 1).await;
}

async fn record_together(
    path: &Path,
    events: impl Iterator<Item = (StreamId, u64, Event)>,
    together: usize,
) {
    let random = SystemNature.random();
    let id = LedgerId(workload::random_id(*random.first_chunk().expect("32 bytes begin with 16")));
    let store = create(path, id).await;
    let founding = Founding { preset: PRESET.to_owned(), zone: "UTC".to_owned() };
    let founded = Ledger::found_over(store.clone(), &founding, Arc::new(SystemNature)).await;
    drop(founded.expect("a ledger"));
    let mut all = events.peekable();
    let mut number = 0;
    while all.peek().is_some() {
        let some: Vec<_> = all.by_ref().take(FILL).collect();
        let appends = some.chunks(together).map(|events| {
            number += 1;
            let key = format!("00000000-0000-4000-8000-{number:012}");
            let (mut decided, mut before) = (Decided::default(), HashMap::new());
            for (stream, sequence, event) in events {
                before.entry(*stream).or_insert(sequence - 1);
                decided.push(*stream, event.clone());
            }
            let frame = Frame {
                actor: "local".to_owned(),
                policy: Some("1".to_owned()),
                source: "api".to_owned(),
                ..Frame::default()
            };
            Aggregates::appending(key, Vec::new(), frame, decided, |stream| before[&stream])
        });
        let batch = Batch { appends: appends.collect(), progress: None };
        store.append(batch).await.expect("a batch");
    }
    catch_up(&*store).await;
}

/// `coverage` and `headcount` on one day after the other, from the tables: milliseconds of the
/// first answer of each, and the median of those after it.
pub async fn coverage(path: &Path) {
    const LATER: i16 = 20;
    let ledger = Ledger::open(&Location::at(path), Mode::Read, Arc::new(SystemNature)).await;
    let (ledger, actor) = (ledger.expect("a ledger"), Actor::local());
    let at = async |year| {
        let day = events::Date::new(year, 6, 1).expect("a day");
        ledger.at(Some(day), KnownAt::Now, DayRule::EndOfDay).await.expect("a place")
    };
    let mut covered = Vec::new();
    let mut counted = Vec::new();
    for n in 0..=LATER {
        let (at, began) = (at(2021 + n % 5).await, Instant::now());
        let found = ledger.coverage(&actor, at).await.expect("an answer");
        covered.push(began.elapsed().as_secs_f64() * 1e3);
        assert!(found.totals.hosts.hosts > 0 && found.totals.members > 0);
        let began = Instant::now();
        assert!(!ledger.headcount(&actor, at).await.expect("an answer").is_empty());
        counted.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let median = |later: &mut [f64]| {
        later.sort_unstable_by(f64::total_cmp);
        later[later.len() / 2]
    };
    let first = (covered[0], counted[0]);
    let (covered, counted) = (median(&mut covered[1..]), median(&mut counted[1..]));
    println!("{covered} {} {counted} {} {}", first.0, first.1, peak_memory());
}

/// The most memory that this process ever had, in MiB; zero where nobody says.
pub(crate) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) / 1024
}

/// All events in the order of positions, typed, a second.
pub async fn replay(path: &Path) {
    let store = open(path).await;
    let mut seen = [0_u64; 5];
    let (began, mut last) = (Instant::now(), Position(0));
    let until = store.head().await.expect("a head").position;
    let mut replay = Replay::new(store, last, until);
    while let Some(events) = replay.next().await.expect("events") {
        for recorded in events {
            assert_eq!(recorded.position, last.next(), "every position once, in order");
            last = recorded.position;
            seen[index(&recorded.event)] += 1;
        }
    }
    let elapsed = began.elapsed();
    let seen: u64 = seen.iter().sum();
    assert_eq!(seen, until.0);
    println!("{} {}", seen as f64 / elapsed.as_secs_f64(), peak_memory());
}

fn index(event: &Event) -> usize {
    match event {
        Event::Membership(MembershipEvent::Admitted { .. }) => 0,
        Event::Membership(MembershipEvent::HomeMoved { .. }) => 1,
        Event::Membership(MembershipEvent::Ended { .. }) => 2,
        Event::Person(PersonEvent::Registered { .. }) => 3,
        Event::Branch(BranchEvent::Formed { .. }) => 4,
        _ => 4,
    }
}

/// All projections from the first event, tables and all, events a second.
pub async fn rebuild(path: &Path) {
    let head = open(path).await.head().await.expect("a head").position;
    let began = Instant::now();
    let wanted = Wanted { projection: None, back: false, differing: Differing::Stays };
    let rebuilt = rebuild_at(&location(path), Arc::new(SystemNature), wanted, |_| {}).await;
    let elapsed = began.elapsed();
    for table in rebuilt.expect("projections") {
        assert_eq!((table.position, table.served), (head, Served::Same), "{}", table.name);
        assert!(table.swapped, "{}", table.name);
    }
    println!("{} {}", head.0 as f64 / elapsed.as_secs_f64(), peak_memory());
}

/// The projections of a ledger that has none yet, as they are caught up. Not timed.
async fn catch_up(store: &dyn Store) {
    Runner::default().catch_up(store, |_| {}).await.expect("projections");
}
