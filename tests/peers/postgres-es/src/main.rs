//! cqrs-es over postgres-es: commands from many callers, a replay of everything, and views. And
//! what the server itself takes for the rows of a ledger of ours.
//!
//! Two aggregates with the same events as Rollbook's, byte for byte, and commands that check what
//! the aggregate alone can tell. What spans aggregates is checked by nobody here.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{GenericQuery, QueryReplay};
use cqrs_es::{Aggregate, DomainEvent, EventEnvelope, Query, View};
use events::membership::{EndReason, Via};
use events::{BranchId, Event, Family, MembershipEvent, PersonEvent, PersonId};
use postgres_es::{PostgresCqrs, PostgresEventRepository, PostgresViewRepository, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor, Pool, Postgres};
use workload::{Life, argument, branch, day};

/// An event of one of our families, as cqrs-es wants to see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "E: Family")]
struct Stored<E: Family>(E);

impl<E: Family> DomainEvent for Stored<E> {
    fn event_type(&self) -> String {
        self.0.kind().name.to_owned()
    }

    fn event_version(&self) -> String {
        self.0.kind().version.to_string()
    }
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it is there already")]
    AlreadyThere,
    #[error("not at home there")]
    NotAtHome,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Person {
    registered: bool,
}

impl Aggregate for Person {
    const TYPE: &'static str = "person";
    type Command = ();
    type Event = Stored<PersonEvent>;
    type Error = Refused;
    type Services = ();

    async fn handle(&mut self, (): (), (): &(), sink: &EventSink<Self>) -> Result<(), Refused> {
        if self.registered {
            return Err(Refused::AlreadyThere);
        }
        let registered = PersonEvent::Registered { effective: day(0), precision: None };
        sink.write(Stored(registered), self).await;
        Ok(())
    }

    fn apply(&mut self, _: Stored<PersonEvent>) {
        self.registered = true;
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Membership {
    home: Option<BranchId>,
}

enum Command {
    Admit(PersonId, BranchId),
    Transfer(PersonId, BranchId, BranchId),
    End(PersonId, BranchId),
}

impl Aggregate for Membership {
    const TYPE: &'static str = "membership";
    type Command = Command;
    type Event = Stored<MembershipEvent>;
    type Error = Refused;
    type Services = ();

    async fn handle(
        &mut self,
        command: Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refused> {
        let precision = None;
        let event = match (command, self.home) {
            (Command::Admit(person, home), None) => {
                let effective = day(1);
                MembershipEvent::Admitted {
                    effective,
                    precision,
                    person,
                    home,
                    state: None,
                    previous: None,
                }
            }
            (Command::Admit(..), Some(_)) => return Err(Refused::AlreadyThere),
            (Command::Transfer(person, from, to), home) if home == Some(from) => {
                let (effective, via) = (day(2), Via::Transfer);
                MembershipEvent::HomeMoved { effective, precision, person, from, to, via }
            }
            (Command::End(person, home), at) if at == Some(home) => {
                let (effective, reason, home) = (day(4), EndReason::Left, Some(home));
                MembershipEvent::Ended { effective, precision, person, home, reason }
            }
            (Command::Transfer(..) | Command::End(..), _) => return Err(Refused::NotAtHome),
        };
        sink.write(Stored(event), self).await;
        Ok(())
    }

    fn apply(&mut self, Stored(event): Stored<MembershipEvent>) {
        self.home = match event {
            MembershipEvent::Admitted { home, .. } => Some(home),
            MembershipEvent::HomeMoved { to, .. } => Some(to),
            // The yardstick knows no other kinds: nobody is admitted without a home.
            _ => None,
        };
    }
}

struct Door {
    persons: PostgresCqrs<Person>,
    memberships: PostgresCqrs<Membership>,
    key: AtomicU64,
}

impl Door {
    async fn step(self: Arc<Self>, life: Life, step: u64) {
        let Life { person, membership, homes } = life;
        let [first, second, third] = homes.map(branch);
        let key = self.key.fetch_add(1, Ordering::Relaxed);
        let metadata: HashMap<String, String> = [
            ("actor", "local".to_owned()),
            ("source", "api".to_owned()),
            ("key", format!("00000000-0000-4000-8000-{key:012}")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let command = match step {
            0 => {
                let id = person.to_string();
                let done = self.persons.execute_with_metadata(&id, (), metadata).await;
                return done.expect("a person is registered");
            }
            1 => Command::Admit(person, first),
            2 => Command::Transfer(person, first, second),
            3 => Command::Transfer(person, second, third),
            _ => Command::End(person, third),
        };
        let id = membership.to_string();
        let done = self.memberships.execute_with_metadata(&id, command, metadata).await;
        done.expect("a command is recorded");
    }
}

async fn pool(url: &str, connections: u32) -> Pool<Postgres> {
    pool_with(url, connections, "onon").await
}

/// With these settings of `fsync` and `synchronous_commit`.
async fn pool_with(url: &str, connections: u32, wanted: &str) -> Pool<Postgres> {
    let pool = PgPoolOptions::new().max_connections(connections).min_connections(connections);
    let pool = pool.connect(url).await.expect("a database");
    let settings = "SELECT current_setting('fsync') || current_setting('synchronous_commit')";
    let found = sqlx::query_scalar(settings).fetch_one(&pool).await;
    let found: String = found.expect("settings");
    assert_eq!(found, wanted, "whether a commit is durable");
    pool
}

/// The table as postgres-es's own `init.sql` makes it.
async fn create(pool: &Pool<Postgres>) {
    const TABLE: &str = "CREATE TABLE events (aggregate_type text NOT NULL, \
        aggregate_id text NOT NULL, sequence bigint CHECK (sequence >= 0) NOT NULL, \
        event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, \
        metadata json NOT NULL, PRIMARY KEY (aggregate_type, aggregate_id, sequence))";
    pool.execute(TABLE).await.expect("a table");
}

/// An empty schema in the place of whatever was there.
async fn clear(url: &str, schema: &str) {
    let pool = pool(url, 1).await;
    let sql = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
    pool.execute(sql.as_str()).await.expect("a schema");
    // What the former one left is no burden on the next one.
    pool.execute("CHECKPOINT").await.ok();
}

/// Commands from many callers, a second.
async fn append(url: &str, callers: u64, time: Duration, connections: u32) {
    let pool = pool(url, connections).await;
    create(&pool).await;
    let door = Door {
        persons: postgres_cqrs(pool.clone(), Vec::new(), ()),
        memberships: postgres_cqrs(pool, Vec::new(), ()),
        key: AtomicU64::new(0),
    };
    let rate = workload::press(Arc::new(door), callers, time, Door::step).await;
    println!("{} {} {}", rate.per_second, rate.median.as_micros(), rate.p99.as_micros());
}

/// As many memberships' events, in the order in which lives go on. Not timed.
async fn fill(url: &str, count: u64) {
    const SQL: &str = "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, \
        event_version, payload, metadata) VALUES ($1, $2, $3, $4, $5, $6::json, $7::json)";
    let pool = pool(url, 1).await;
    create(&pool).await;
    let mut tx = pool.begin().await.expect("a transaction");
    let lives = count.div_ceil(workload::STEPS - 1);
    for (key, (n, step)) in (0_u64..).zip(workload::history(lives)) {
        let (stream, sequence, event) = workload::life(n).event(step, day(step));
        let Event::Membership(event) = event else { continue };
        let payload = Event::from(event.clone()).payload();
        let payload = String::from_utf8(payload).expect("JSON is UTF-8");
        let metadata = format!(
            "{{\"actor\":\"local\",\"key\":\"00000000-0000-4000-8000-{key:012}\",\
             \"source\":\"api\"}}"
        );
        let sequence = i64::try_from(sequence).expect("a few steps");
        let kind = event.kind();
        let insert = sqlx::query(SQL).bind(stream.family.as_str()).bind(stream.id.to_string());
        let insert = insert.bind(sequence).bind(kind.name).bind(kind.version.to_string());
        let insert = insert.bind(payload).bind(metadata).execute(&mut *tx);
        insert.await.expect("a row");
    }
    tx.commit().await.expect("a commit");
}

/// Counts what it is told, by kind, so that every event has to be there typed.
#[derive(Clone, Default)]
struct Counting(Arc<[AtomicU64; 3]>);

#[async_trait]
impl Query<Membership> for Counting {
    async fn dispatch(&self, _: &str, events: &[EventEnvelope<Membership>]) {
        for event in events {
            let index = match event.payload.0 {
                MembershipEvent::Admitted { .. } => 0,
                MembershipEvent::HomeMoved { .. } => 1,
                // The yardstick writes no other kinds.
                _ => 2,
            };
            self.0[index].fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// All events, typed, a second.
async fn replay(url: &str) {
    let pool = pool(url, 2).await;
    let counting = Counting::default();
    let repository = PostgresEventRepository::new(pool).with_streaming_channel_size(10_000);
    let replay = QueryReplay::<_, _, Membership>::new(repository, counting.clone());
    let began = Instant::now();
    replay.replay_all().await.expect("a replay");
    let elapsed = began.elapsed();
    let seen: u64 = counting.0.iter().map(|count| count.load(Ordering::Relaxed)).sum();
    println!("{} {seen}", seen as f64 / elapsed.as_secs_f64());
}

impl View<Membership> for Membership {
    fn update(&mut self, event: &EventEnvelope<Membership>) {
        self.apply(event.payload.clone());
    }
}

/// Where each member is, one view a membership, from the first event, events a second. Views are
/// made anew at every start, so no commit of theirs waits for the disk.
async fn views(url: &str) {
    const TABLE: &str = "DROP TABLE IF EXISTS homes; CREATE TABLE homes (view_id text NOT NULL, \
        version bigint CHECK (version >= 0) NOT NULL, payload json NOT NULL, \
        PRIMARY KEY (view_id))";
    let pool = pool_with(&format!("{url}%20-csynchronous_commit%3Doff"), 2, "onoff").await;
    pool.execute(TABLE).await.expect("a table");
    let table = PostgresViewRepository::<Membership, Membership>::new("homes", pool.clone());
    let mut query = GenericQuery::<_, Membership, Membership>::new(Arc::new(table));
    query.use_error_handler(Box::new(|error| panic!("{error}")));
    let repository = PostgresEventRepository::new(pool.clone());
    let repository = repository.with_streaming_channel_size(10_000);
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&pool).await.expect("rows");
    let began = Instant::now();
    let replay = QueryReplay::<_, _, Membership>::new(repository, query);
    replay.replay_all().await.expect("a replay");
    println!("{} {count}", count as f64 / began.elapsed().as_secs_f64());
}

/// How many of a ledger's events are inserted.
const ROWS: i64 = 200_000;

/// The same events and receipts as Rollbook writes, into empty tables with the same keys, all at
/// once and within the server: events a second until they are durable.
async fn bulk(url: &str) {
    let pool = pool(url, 1).await;
    for table in ["events", "receipts"] {
        let made = format!(
            "DROP TABLE IF EXISTS limit_{table}; \
             CREATE TABLE limit_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES)"
        );
        pool.execute(made.as_str()).await.expect("a table");
    }
    let began = Instant::now();
    let mut tx = pool.begin().await.expect("a transaction");
    let mut inserted = 0;
    for table in ["receipts", "events"] {
        let insert = format!("INSERT INTO limit_{table} SELECT * FROM {table} LIMIT {ROWS}");
        inserted = tx.execute(insert.as_str()).await.expect("rows").rows_affected();
    }
    tx.commit().await.expect("a commit");
    println!("{}", inserted as f64 / began.elapsed().as_secs_f64());
    pool.execute("DROP TABLE limit_events, limit_receipts").await.expect("it goes");
}

/// Every column of every event, in the order of positions, and nothing made of it: rows a second.
async fn scan(url: &str) {
    const ALL: &str = "DECLARE every CURSOR FOR SELECT * FROM events ORDER BY ledger, position";
    let pool = pool(url, 1).await;
    pool.execute("ANALYZE events").await.expect("statistics");
    let (began, mut seen) = (Instant::now(), 0_u64);
    let mut tx = pool.begin().await.expect("a transaction");
    tx.execute(ALL).await.expect("a cursor");
    loop {
        let rows = sqlx::query("FETCH 10000 FROM every").fetch_all(&mut *tx).await.expect("rows");
        if rows.is_empty() {
            break;
        }
        seen += rows.len() as u64;
    }
    println!("{}", seen as f64 / began.elapsed().as_secs_f64());
}

/// The same on all sides, and what the program itself has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let (task, url): (String, String) = (argument(1), argument(2));
    let url = url.as_str();
    match task.as_str() {
        "append" => {
            let time = Duration::from_secs_f64(argument(4));
            append(url, argument(3), time, argument(5)).await;
        }
        "clear" => clear(url, &argument::<String>(3)).await,
        "fill" => fill(url, argument(3)).await,
        "replay" => replay(url).await,
        "views" => views(url).await,
        "bulk" => bulk(url).await,
        "scan" => scan(url).await,
        other => panic!("no such task: {other}"),
    }
}
