//! Faults that other stores of events are known to have, looked for on every engine. Each check is
//! shown a store that has the fault, and has to find it there.

use std::ops::Range;
use std::sync::Arc;

use events::{Position, Text};
use projections::DayRule;
use rollbook::actor::Actor;
use rollbook::commands::{AdmitMember, RenameBranch};
use rollbook::ledger::{Founding, KnownAt, Ledger, Request};
use rollbook::runner::Runner;
use rollbook::runner::kept::Kept;
use rollbook::runner::replay::Replay;
use rollbook::store::{Store, StoreError};

use super::support::{Fresh, admitted, append, branch, ended, on_every_engine, record};
use crate::support::commands::branch_and_person;
use crate::support::fronted::{Bends, FOLLOWED, Faults, Fronted, NOT_ALL};

on_every_engine! {
    no_later_position_is_seen_before_an_earlier_one,
    no_event_between_a_commit_and_its_projection_is_lost_by_a_crash,
    a_replay_has_every_position_once_and_in_order,
    whoever_follows_the_log_finds_what_is_missing,
    an_index_that_is_not_shown_all_does_not_answer,
}

/// More than two blocks of a replay.
const MANY: u64 = 11_000;

/// A follower of the log: where it is after what it is shown, unless a position was left out that
/// may still come.
fn followed(seen: u64, shown: impl IntoIterator<Item = Position>) -> Result<u64, String> {
    let mut last = seen;
    for position in shown {
        if position.0 != last + 1 {
            return Err(format!("{position} was seen while {last} was the last one"));
        }
        last = position.0;
    }
    Ok(last)
}

/// Follows the log to a position. What is behind the head is there whenever it is asked for.
async fn follow(store: &dyn Store, until: u64) -> Result<(), String> {
    let mut seen = 0;
    while seen < until {
        let head = store.head().await.unwrap().position.0;
        let records = store.log(Position(seen), 1_000).await.unwrap();
        seen = followed(seen, records.iter().map(|record| record.position))?;
        if seen < head.min(1_000) {
            return Err(format!("the head was at {head} and the log ended at {seen}"));
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn no_later_position_is_seen_before_an_earlier_one(Fresh { store, .. }: Fresh) {
    const CALLERS: u64 = 6;
    const EACH: u64 = 25;
    let callers = (0..CALLERS).map(|caller| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for n in caller * EACH..(caller + 1) * EACH {
                record(&*store, append(&n.to_string(), vec![admitted(n, branch(1))]))
                    .await
                    .unwrap();
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    assert_eq!(follow(&*store, CALLERS * EACH).await, Ok(()));
    for caller in callers {
        caller.await.unwrap();
    }
    // As with numbers from a sequence: the earlier one is taken, and not committed yet.
    let log = |after: Position, mut records: Vec<events::Record>| {
        records.retain(|record| record.position != after.next());
        records
    };
    let faulty = Fronted::faulty(Arc::clone(&store), Faults { log, ..Faults::default() });
    let found = follow(&faulty, CALLERS * EACH).await;
    assert_eq!(found, Err("2 was seen while 0 was the last one".to_owned()));
    // The head tells of an event that cannot be read yet.
    let log = |_, _| Vec::new();
    let faulty = Fronted::faulty(store, Faults { log, ..Faults::default() });
    assert!(follow(&faulty, 1).await.is_err());
}

/// Whether the tables hold what is folded from all events, by whoever has nothing but the events.
async fn accounts_for_all(store: &dyn Store) -> bool {
    let events = store.log(Position(0), 1_000).await.unwrap();
    let events = rollbook::store::decode(&events).unwrap();
    let head = store.head().await.unwrap().position;
    for mut projection in projections::all() {
        let table = projection.table();
        let mut rows: Vec<projections::Row> = Vec::new();
        for event in &events {
            for op in projection.apply(event) {
                match op {
                    projections::Op::Open(row) => rows.push(row),
                    projections::Op::Close { known_from, opened_by, line, known_until } => {
                        let place = (known_from, opened_by, line);
                        let row = rows
                            .iter_mut()
                            .find(|row| (row.known_from, row.opened_by, row.line) == place);
                        row.unwrap().known_until = Some(known_until);
                    }
                }
            }
        }
        rows.sort_by_key(|row| (row.known_from, row.opened_by, row.line));
        let mut digest = projections::Digest::new(table, head);
        rows.iter().for_each(|row| digest.row(row));
        let stored = store.digested(table).await.unwrap();
        if stored.map(|stored| (stored.position, stored.digest)) != Some((head, digest.finish())) {
            return false;
        }
    }
    true
}

async fn no_event_between_a_commit_and_its_projection_is_lost_by_a_crash(
    Fresh { store, .. }: Fresh,
) {
    let step = async |n: u64| {
        let events = vec![admitted(n, branch(n % 3)), ended(n, branch(n % 3), 2)];
        record(&*store, append(&n.to_string(), events)).await.unwrap();
    };
    step(1).await;
    Runner::default().catch_up(&*store, |_| {}).await.unwrap();
    assert!(accounts_for_all(&*store).await);
    // Recorded, and whoever was to project it is gone.
    for n in 2..5 {
        step(n).await;
        assert!(!accounts_for_all(&*store).await, "it finds what is missing");
    }
    let mut runner = Runner::default();
    runner.catch_up(&*store, |_| {}).await.unwrap();
    assert!(accounts_for_all(&*store).await);
    // Given up in the middle, at whatever point: rows and position move together.
    for n in 5..15 {
        step(n).await;
        let caught_up = runner.catch_up(&*store, |_| {});
        let patience = std::time::Duration::from_micros(200 * (n - 5));
        let _ = tokio::time::timeout(patience, caught_up).await;
        Runner::default().catch_up(&*store, |_| {}).await.unwrap();
        assert!(accounts_for_all(&*store).await, "given up after {patience:?}");
    }
    // The position is stored before the rows, and the crash comes between the two.
    step(15).await;
    let project = |mut steps: Vec<rollbook::store::ProjectionStep>| {
        steps.iter_mut().for_each(|step| step.ops.clear());
        steps
    };
    let faulty = Fronted::faulty(Arc::clone(&store), Faults { project, ..Faults::default() });
    Runner::default().catch_up(&faulty, |_| {}).await.unwrap();
    Runner::default().catch_up(&*store, |_| {}).await.unwrap();
    assert!(!accounts_for_all(&*store).await, "an event was lost, and nobody noticed");
}

/// Where a replay of everything came to, and how it ended.
async fn replayed(store: Arc<dyn Store>, until: u64) -> (Result<u64, String>, Option<StoreError>) {
    let mut replay = Replay::new(store, Position(0), Position(until));
    let mut seen = 0;
    loop {
        match replay.next().await {
            Ok(None) => return (Ok(seen), None),
            Err(error) => return (Ok(seen), Some(error)),
            Ok(Some(events)) => match followed(seen, events.iter().map(|event| event.position)) {
                Ok(last) => seen = last,
                wrong => return (wrong, None),
            },
        }
    }
}

async fn a_replay_has_every_position_once_and_in_order(Fresh { store, .. }: Fresh) {
    let events = (0..MANY).map(|n| admitted(n, branch(n % 7))).collect();
    record(&*store, append("many", events)).await.unwrap();
    let (seen, ended) = replayed(Arc::clone(&store), MANY).await;
    assert!(ended.is_none());
    assert_eq!(seen, Ok(MANY));
    let faults: [Bends; 5] = [
        // Out of order.
        |after, mut events| {
            if after.0 > 0 {
                events.swap(17, 18);
            }
            events
        },
        // One of them twice.
        |after, mut events| {
            if after.0 > 0 {
                events[18] = events[17].clone();
            }
            events
        },
        // It ends early, within a block, at the end of one, or before all.
        |after, mut events| {
            if after.0 > 0 {
                events.truncate(17);
            }
            events
        },
        |after, events| if after.0 > 0 { Vec::new() } else { events },
        |_, _| Vec::new(),
    ];
    for (number, recorded) in faults.into_iter().enumerate() {
        let faults = || Faults { recorded, ..Faults::default() };
        let faulty = Arc::new(Fronted::faulty(Arc::clone(&store), faults()));
        let (seen, ended) = replayed(faulty, MANY).await;
        assert!(seen.is_ok(), "fault {number} was handed on: {seen:?}");
        let corrupt = matches!(ended, Some(StoreError::Corrupt { position: Some(_), .. }));
        assert!(corrupt, "fault {number}: {ended:?}");
    }
    // Whoever folds does not believe either that this is all.
    let early: [Bends; 2] = [
        |_, mut events| {
            events.truncate(17);
            events
        },
        |_, _| Vec::new(),
    ];
    for recorded in early {
        let faulty = Fronted::faulty(Arc::clone(&store), Faults { recorded, ..Faults::default() });
        let folded = Runner::default().catch_up(&faulty, |_| {}).await;
        assert!(matches!(folded, Err(StoreError::Corrupt { .. })), "{folded:?}");
    }
}

async fn whoever_follows_the_log_finds_what_is_missing(Fresh { store, .. }: Fresh) {
    let admit = async |members: Range<u64>| {
        let key = format!("from {}", members.start);
        let events = members.map(|n| admitted(n, branch(1))).collect();
        record(&*store, append(&key, events)).await.unwrap();
    };
    let until = Position(2 * FOLLOWED.0);
    admit(0..FOLLOWED.0).await;
    let kept = Kept::build(&store, FOLLOWED).await.unwrap().unwrap();
    admit(FOLLOWED.0..until.0).await;
    for (recorded, missing) in NOT_ALL {
        let faulty = Fronted::faulty(Arc::clone(&store), Faults { recorded, ..Faults::default() });
        let faulty: Arc<dyn Store> = Arc::new(faulty);
        let followed = kept.follow(&faulty, until).await;
        let Err(StoreError::Corrupt { position, .. }) = followed else { panic!("{followed:?}") };
        assert_eq!(position, Some(missing.0));
        assert_eq!(kept.index().position(), FOLLOWED, "what was shown is not taken in either");
    }
    assert!(kept.follow(&store, until).await.unwrap());
    let day = jiff::civil::date(2020, 6, 1);
    assert_eq!(kept.index().totals(day, until).memberships, until.0);
}

async fn an_index_that_is_not_shown_all_does_not_answer(Fresh { store, nature, .. }: Fresh) {
    const LEFT_OUT: Position = Position(5);
    let recorded: Bends = |_, mut events| {
        events.retain(|event| event.position != LEFT_OUT);
        events
    };
    let faulty = Fronted::faulty(Arc::clone(&store), Faults { recorded, ..Faults::default() });
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found_over(Arc::new(faulty), &founding, nature).await.unwrap();
    let actor = Actor::local();
    let (branch, person) = branch_and_person(&ledger, &actor).await;
    ledger.keep_index().await.unwrap();
    let (effective, precision) = (ledger.today(), None);
    let (newcomer, state) = (false, None);
    let admit = AdmitMember { person, branch, effective, precision, newcomer, state };
    let admitted = ledger.record(&actor, Request::new(admit)).await.unwrap();
    assert_eq!(admitted.positions, [LEFT_OUT]);
    let rename =
        RenameBranch { branch, name: Text::parse("Renamed").unwrap(), effective, precision };
    ledger.record(&actor, Request::new(rename)).await.unwrap();
    // Another server, which is shown all, brings the tables on.
    Runner::default().catch_up(&*store, |_| {}).await.unwrap();
    let at = ledger.at(None, KnownAt::Now, DayRule::EndOfDay).await.unwrap();
    assert_eq!(at.known_at, LEFT_OUT.next());
    let counted = ledger.headcount(&actor, at).await.unwrap().into_iter();
    let counted: Vec<_> = counted.map(|line| (line.name, line.members)).collect();
    assert_eq!(counted, [("Renamed".to_owned(), 1)], "as the tables have it");
}
