//! What the PostgreSQL engine promises beside the contract.

mod founding;
mod hasty;
mod migrating;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use cqrs_es::EventStore;
use cqrs_es::persist::PersistedEventStore;
use events::{Entry, MembershipEvent, Position, Record};
use projections::table::id;
use projections::{Digest, Op, Row};
use rollbook::ledger::verify::{Finding, verify};
use rollbook::runner::Runner;
use rollbook::state::Membership;
use rollbook::store::cqrs::Folded;
use rollbook::store::postgres::Workshop;
use rollbook::store::{Append, Generation, Mode, PostgresStore, Receipt, Store, StoreError};
use tokio::sync::Barrier;

use super::support::{
    Seeded, admitted, append, batch, branch, ended, ledger_id, membership, person, record,
};
use crate::support::postgres::{
    Running, ask_by_hand, by_hand, database, schema_in, server, try_by_hand,
};

async fn create(url: &str) -> Result<PostgresStore, StoreError> {
    PostgresStore::create(&server(url), ledger_id(), Arc::new(Seeded::new(7))).await
}

async fn open(url: &str, mode: Mode) -> Result<PostgresStore, StoreError> {
    PostgresStore::open(&server(url), mode, Arc::new(Seeded::new(8))).await
}

/// A ledger of so many admissions in a database of its own.
async fn filled(admissions: u64) -> Option<(String, PostgresStore)> {
    let url = database().await?;
    let store = create(&url).await.unwrap();
    for n in 0..admissions {
        let events = vec![admitted(n, branch(1)), ended(n, branch(1), 2)];
        record(&store, append(&n.to_string(), events)).await.unwrap();
    }
    Some((url, store))
}

/// A server of one's own. `None`, and a line that says so, where there is none to be found.
async fn started() -> Option<Running> {
    let running = tokio::task::spawn_blocking(Running::start).await.unwrap();
    if running.is_none() {
        println!("NOT RUN: no PostgreSQL server could be started");
    }
    running
}

/// Has so many act at the same moment, each by its number from one on.
async fn at_once<T, F>(count: u64, act: impl Fn(u64) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let ready = Arc::new(Barrier::new(count as usize));
    let acting = (1..=count).map(|n| {
        let (ready, acted) = (Arc::clone(&ready), act(n));
        tokio::spawn(async move {
            ready.wait().await;
            acted.await
        })
    });
    let mut outcomes = Vec::new();
    for acted in acting.collect::<Vec<_>>() {
        outcomes.push(acted.await.unwrap());
    }
    outcomes
}

/// What `verify` finds, but that no ledger was opened here.
async fn findings(store: &dyn Store) -> Vec<Finding> {
    let mut findings = verify(store, |_| {}).await.unwrap().findings;
    findings.retain(|finding| finding.problem != "opened");
    findings
}

async fn log(store: &dyn Store) -> Vec<Record> {
    store.log(Position(0), usize::MAX).await.unwrap()
}

#[tokio::test]
async fn an_untouched_postgres_es_reads_the_same_events() {
    let Some((_url, store)) = filled(3).await else { return };
    let theirs: PersistedEventStore<_, Folded<Membership>> =
        PersistedEventStore::new_event_store(store.event_repository());
    let stream = membership(1);
    let read = theirs.load_events(&stream.id.to_string()).await.unwrap();
    let ours = store.stream(stream).await.unwrap();
    assert_eq!(read.len(), 2);
    for (theirs, ours) in read.iter().zip(&ours) {
        let (envelope, recorded) = ours.decode().unwrap();
        let events::Event::Membership(event) = &recorded.event else { panic!("{recorded:?}") };
        let event: &MembershipEvent = event;
        assert_eq!(theirs.payload.0, Entry::Fact(event.clone()));
        assert_eq!(theirs.sequence as u64, recorded.sequence);
        assert_eq!(theirs.aggregate_id, stream.id.to_string());
        assert_eq!(theirs.metadata["key"], envelope.key);
        assert_eq!(theirs.metadata["stream"], envelope.stream);
    }
}

/// The writer plans the second command on what it takes for granted.
#[tokio::test]
async fn what_another_process_recorded_is_met_where_it_is_inserted() {
    let Some((url, former)) = filled(1).await else { return };
    let asked = append("0", vec![admitted(0, branch(1)), ended(0, branch(1), 2)]);
    let first = record(&former, asked.clone()).await.unwrap();
    drop(former);
    for n in 1..=4 {
        let store = open(&url, Mode::Write).await.unwrap();
        record(&store, append(&format!("own {n}"), vec![admitted(n, branch(1))])).await.unwrap();
        let before = log(&store).await;
        let second = match n {
            1 => asked.clone(),
            2 => Append { body: b"other".to_vec(), ..asked.clone() },
            3 => append("new", vec![admitted(0, branch(1))]),
            _ => append("gap", vec![ended(1, branch(1), 3)]),
        };
        let answer = record(&store, second).await;
        match n {
            1 => assert_eq!(answer.unwrap(), Receipt { replayed: true, ..first.clone() }),
            2 => assert!(matches!(answer, Err(StoreError::KeyReused(_))), "{answer:?}"),
            _ => assert!(matches!(answer, Err(StoreError::Conflict(_))), "{n}: {answer:?}"),
        }
        assert_eq!(log(&store).await, before);
    }
}

#[tokio::test]
async fn events_are_never_changed_by_right_and_by_trigger() {
    let Some((url, store)) = filled(2).await else { return };
    let before = log(&store).await;
    let statements = [
        "UPDATE events SET effective = '1999-01-01' WHERE position = 1",
        "UPDATE events SET effective = effective WHERE false",
        "DELETE FROM events WHERE position = 1",
        "TRUNCATE events",
    ];
    let code = |refused: Result<(), sqlx::Error>| {
        refused.unwrap_err().as_database_error().unwrap().code().unwrap().into_owned()
    };
    for statement in statements {
        assert_eq!(code(try_by_hand(&url, statement).await), "42501", "{statement}");
    }
    by_hand(&url, "GRANT UPDATE, DELETE, TRUNCATE ON events TO CURRENT_USER").await;
    for statement in statements {
        assert_eq!(code(try_by_hand(&url, statement).await), "P0001", "{statement}");
    }
    assert_eq!(log(&store).await, before);
}

#[tokio::test]
async fn a_function_that_is_not_as_it_was_made_is_told_of() {
    let Some((url, store)) = filled(1).await else { return };
    assert_eq!(store.check_engine().await.unwrap(), Vec::<String>::new());
    by_hand(&url, "DROP FUNCTION record_group").await;
    assert_eq!(store.check_engine().await.unwrap(), ["record_group is not as it was made"]);
}

/// Appends numbers until told otherwise; each is acknowledged once and stands there once.
async fn press(store: Arc<dyn Store>, callers: u64, each: u64) -> Vec<String> {
    let callers = (0..callers).map(|caller| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for n in caller * each..(caller + 1) * each {
                let command = append(&format!("k{n}"), vec![admitted(n, branch(n % 5))]);
                // Whoever is not answered asks again with the same key, as a client does.
                for _ in 0..50 {
                    match record(&*store, command.clone()).await {
                        Ok(receipt) => {
                            acknowledged.push(receipt.key);
                            break;
                        }
                        Err(StoreError::Unreachable { .. } | StoreError::Unconfirmed(_)) => {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                }
            }
            acknowledged
        })
    });
    let mut acknowledged = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        acknowledged.extend(caller.await.unwrap());
    }
    acknowledged
}

async fn nothing_is_lost_or_doubled(store: &dyn Store, mut acknowledged: Vec<String>) {
    let records = log(store).await;
    let mut recorded: Vec<String> =
        records.iter().map(|record| record.decode().unwrap().0.key).collect();
    recorded.sort_unstable();
    acknowledged.sort_unstable();
    assert_eq!(recorded, acknowledged);
    assert_eq!(findings(store).await, Vec::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_cut_loses_and_doubles_nothing() {
    // So that somebody comes to an end.
    const CUTS_MAX: u64 = 20;
    let Some((url, store)) = filled(0).await else { return };
    let store: Arc<dyn Store> = Arc::new(store);
    let pressing = tokio::spawn(press(Arc::clone(&store), 8, 125));
    let schema = ask_by_hand(&url, "SELECT current_schema()::text").await;
    let cut = format!(
        "SELECT count(pg_terminate_backend(a.pid))::text FROM pg_stat_activity a \
         JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'advisory' \
         AND l.classid = '{schema}.ledgers'::regclass::oid WHERE a.pid <> pg_backend_pid()"
    );
    let mut cuts = 0;
    while !pressing.is_finished() && cuts < CUTS_MAX {
        cuts += ask_by_hand(&url, &cut).await.parse::<u64>().unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let acknowledged = pressing.await.unwrap();
    assert_eq!(acknowledged.len(), 1_000);
    assert!(cuts > 0, "no connection was cut");
    println!("{cuts} connections cut");
    nothing_is_lost_or_doubled(&*store, acknowledged).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_loses_and_doubles_nothing() {
    const KILLS: usize = 5;
    let Some(mut running) = started().await else { return };
    let url = schema_in(&running.url, 0).await;
    // Its user does not wait for commits, unless told to.
    let hasty = format!("{url}%20-csynchronous_commit%3Doff");
    let store: Arc<dyn Store> = Arc::new(create(&hasty).await.unwrap());
    let pressing = tokio::spawn(press(Arc::clone(&store), 8, 250));
    let running = tokio::task::spawn_blocking(move || {
        for _ in 0..KILLS {
            std::thread::sleep(Duration::from_millis(60));
            running.kill();
        }
        running
    });
    let running = running.await.unwrap();
    let acknowledged = pressing.await.unwrap();
    assert_eq!(acknowledged.len(), 2_000);
    nothing_is_lost_or_doubled(&*store, acknowledged).await;
    drop(store);
    tokio::task::spawn_blocking(|| running.end()).await.unwrap();
}

#[tokio::test]
async fn what_is_there_instead_is_told_apart() {
    let Some(url) = database().await else { return };
    assert!(matches!(open(&url, Mode::Write).await, Err(StoreError::NoLedger(_))));
    by_hand(&url, "CREATE TABLE events (number int)").await;
    assert!(matches!(open(&url, Mode::Read).await, Err(StoreError::NotALedger(_))));
    assert!(matches!(create(&url).await, Err(StoreError::NotALedger(_))));
    by_hand(&url, "DROP TABLE events").await;
    drop(create(&url).await.unwrap());
    assert!(matches!(create(&url).await, Err(StoreError::Exists(_))));
    by_hand(&url, "INSERT INTO rollbook_schema VALUES (900)").await;
    for mode in [Mode::Read, Mode::Write] {
        let newer = open(&url, mode).await;
        assert!(matches!(newer, Err(StoreError::NewerSchema { found: 900, .. })));
    }
    assert!(matches!(create(&url).await, Err(StoreError::NewerSchema { .. })));
    let nowhere = url.replace("/rollbook?", "/nowhere?");
    assert!(matches!(open(&nowhere, Mode::Read).await, Err(StoreError::Unreachable { .. })));
    let away = "postgres://nobody:secret@127.0.0.1:1/rollbook";
    let Err(unreachable) = open(away, Mode::Read).await else { panic!("nothing listens there") };
    assert!(matches!(unreachable, StoreError::Unreachable { .. }));
    let told = format!("{unreachable} {unreachable:?} {:?}", server(away));
    assert!(!told.contains("secret") && told.contains("127.0.0.1:1/rollbook"), "{told}");
}

#[tokio::test]
async fn a_database_that_only_reads_is_told_so_before_anything_is_written() {
    let Some((url, store)) = filled(2).await else { return };
    let read_only = format!("{url}%20-cdefault_transaction_read_only%3Don");
    let reader = open(&read_only, Mode::Read).await.unwrap();
    assert_eq!(log(&reader).await, log(&store).await);
    let refused = record(&reader, append("x", vec![admitted(9, branch(1))])).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly(_))), "opened for reading");
    for mode in [Mode::Write, Mode::WriteIfFree] {
        let refused = open(&read_only, mode).await.err();
        assert!(matches!(refused, Some(StoreError::ReadOnly(_))), "{refused:?}");
    }
    assert_eq!(log(&store).await.len(), 4);
}

#[tokio::test]
async fn a_head_that_does_not_fit_can_only_be_looked_at() {
    let Some((url, store)) = filled(2).await else { return };
    drop(store);
    by_hand(&url, "UPDATE ledgers SET position = 3").await;
    let corrupt = open(&url, Mode::Write).await;
    assert!(matches!(corrupt, Err(StoreError::Corrupt { .. })));
    assert_eq!(log(&open(&url, Mode::Read).await.unwrap()).await.len(), 4);
}

#[tokio::test]
async fn verify_finds_what_was_altered_by_hand() {
    let Some((url, store)) = filled(4).await else { return };
    let alterations = [
        (
            "UPDATE events SET payload = replace(payload::text, '2020', '2021')::json \
          WHERE position = 3",
            Some(3),
        ),
        ("UPDATE events SET effective = '1999-01-01' WHERE position = 4", Some(4)),
        ("UPDATE events SET salt = leaf WHERE position = 5", Some(5)),
        ("DELETE FROM events WHERE position = 6", Some(6)),
        ("UPDATE guards SET position = 1", None),
        ("DELETE FROM receipts WHERE key = '2'", None),
        ("DROP TRIGGER events_are_not_changed ON events", None),
    ];
    let rights = "GRANT UPDATE, DELETE ON events TO CURRENT_USER; \
        ALTER TABLE events DISABLE TRIGGER events_are_not_changed";
    let saved = "CREATE TABLE kept_events AS TABLE events; CREATE TABLE kept_guards AS TABLE \
        guards; CREATE TABLE kept_receipts AS TABLE receipts";
    let back = "ALTER TABLE events DISABLE TRIGGER USER; DELETE FROM events; INSERT INTO events \
        TABLE kept_events; DELETE FROM guards; INSERT INTO guards TABLE kept_guards; \
        DELETE FROM receipts; INSERT INTO receipts TABLE kept_receipts; \
        ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_not_changed";
    assert_eq!(findings(&store).await, Vec::new());
    by_hand(&url, saved).await;
    for (alteration, position) in alterations {
        by_hand(&url, rights).await;
        by_hand(&url, alteration).await;
        if !alteration.starts_with("DROP") {
            by_hand(&url, "ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_not_changed").await;
        }
        let found = findings(&store).await;
        let first = found.first().expect(alteration);
        assert_eq!(first.position, position.map(Position), "{alteration}: {found:?}");
        if !alteration.starts_with("DROP") {
            by_hand(&url, back).await;
            assert_eq!(findings(&store).await, Vec::new(), "{alteration}");
        }
    }
}

#[tokio::test]
async fn one_rebuilds_at_a_time() {
    let Some((url, _store)) = filled(1).await else { return };
    let first = Workshop::open(&server(&url)).unwrap();
    assert!(matches!(Workshop::open(&server(&url)), Err(StoreError::AnotherRebuild(_))));
    drop(first);
    workshop(&url);
}

/// The right to rebuild, once the server has noticed that whoever had it is gone.
fn workshop(url: &str) -> Workshop {
    for _ in 0..100 {
        match Workshop::open(&server(url)) {
            Ok(workshop) => return workshop,
            Err(StoreError::AnotherRebuild(_)) => std::thread::sleep(Duration::from_millis(20)),
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("the server does not let go");
}

#[tokio::test]
async fn a_draft_is_made_a_table_with_every_row_as_it_ended_up() {
    const ROWS: u64 = 20_000;
    let Some((url, _store)) = filled(0).await else { return };
    let table = projections::memberships::TABLE;
    let row = |n: u64| Row {
        cells: vec![id(membership(n).id), id(person(n)), id(branch(n % 7))],
        valid_from: jiff::civil::date(2020, 1, 1),
        valid_until: None,
        known_from: Position(n),
        known_until: None,
        opened_by: Position(n),
        closed_by: None,
        line: 0,
    };
    let until = Position(2 * ROWS);
    let draw = |closed: &[u64]| {
        let close = |n: &u64| {
            let (known_from, opened_by) = (Position(*n), Position(*n));
            Op::Close { known_from, opened_by, line: 0, known_until: until }
        };
        let mut workshop = workshop(&url);
        let pen = workshop.pen();
        pen.draw(table, &(0..ROWS).map(|n| Op::Open(row(n))).collect::<Vec<_>>())?;
        pen.draw(table, &closed.iter().map(close).collect::<Vec<_>>())?;
        let digest = |workshop: &mut Workshop, generation| {
            workshop.digests(vec![(table, generation, until)])?.next().expect("one digest")
        };
        let drawn = digest(&mut workshop, Generation::Draft);
        let staged = workshop.stage(table);
        assert_eq!(staged.is_ok(), drawn.is_ok(), "{staged:?}");
        let drawn = drawn?;
        assert_eq!(digest(&mut workshop, Generation::Next)?, drawn, "what the server holds");
        Ok(drawn)
    };
    for closed in [0, 500, ROWS / 2, ROWS] {
        let mut expected = Digest::new(table, until);
        for n in 0..ROWS {
            let known_until = (n < closed).then_some(until);
            expected.row(&Row { known_until, ..row(n) });
        }
        let drawn = draw(&(0..closed).collect::<Vec<_>>()).unwrap();
        assert_eq!((drawn.rows, drawn.digest), (ROWS, expected.finish()), "{closed} closed");
    }
    for closed in [vec![7, ROWS + 1], vec![7, 7], (1..=ROWS).collect(), [3].repeat(15_000)] {
        let drawn = draw(&closed);
        assert!(matches!(drawn, Err(StoreError::Corrupt { .. })), "{drawn:?}");
    }
}

/// What one of them opened is not asked by the next, which would wait for ever, or fail in the
/// middle of what it writes.
#[test]
fn a_ledger_is_asked_in_one_runtime_after_another() {
    let within = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some((_url, store)) = within().block_on(filled(1)) else { return };
    let store: Arc<dyn Store> = Arc::new(store);
    let mut runner = Runner::default();
    for n in 1..40 {
        within().block_on(async {
            record(&*store, append(&n.to_string(), vec![admitted(n, branch(1))])).await.unwrap();
            runner.catch_up(&*store, |_| {}).await.unwrap();
            let head = store.head().await.unwrap().position;
            assert_eq!((head, runner.position()), (Position(2 + n), head));
        });
    }
}

#[tokio::test]
async fn an_abandoned_caller_does_not_stop_the_writer() {
    let Some((_url, store)) = filled(0).await else { return };
    let store: Arc<dyn Store> = Arc::new(store);
    for n in 0..20 {
        let (store, command) = (Arc::clone(&store), append(&n.to_string(), Vec::new()));
        tokio::spawn(async move { record(&*store, command).await }).abort();
    }
    let appends = (100..102).map(|n| append(&n.to_string(), vec![admitted(n, branch(1))]));
    store.append(batch(appends.collect())).await.unwrap();
    assert_eq!(store.head().await.unwrap().position, Position(2));
}
