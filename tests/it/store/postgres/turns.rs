//! Servers that take turns at one record, and what each plans before it is its turn.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use events::{Guard, Position};
use rollbook::runner::kept::Kept;
use rollbook::store::{Append, Mode, PostgresStore, Store, StoreError};
use sqlx::{Connection, PgConnection};

use super::{filled, findings, log, open};
use crate::store::support::{admitted, append, branch, ended, looking, person, record};
use crate::support::postgres::{ask_by_hand, by_hand};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_record_in_one_order() {
    const EACH: u64 = 150;
    let Some((url, one)) = filled(0).await else { return };
    let other = open(&url, Mode::Write).await.unwrap();
    let stores: [Arc<dyn Store>; 2] = [Arc::new(one), Arc::new(other)];
    let kept = Kept::build(&stores[0], Position(0)).await.unwrap().unwrap();
    let callers = (0..16_u64).map(|caller| {
        let store = Arc::clone(&stores[caller as usize % 2]);
        tokio::spawn(async move {
            let members = Guard::MembersOf(branch(1));
            let (mut done, mut lost, mut n) = (Vec::new(), 0, 0);
            while n < EACH / 8 {
                store.refresh().await.unwrap();
                let looked = store.look(&members).await.unwrap().position.0;
                let number = caller * EACH + n;
                let command = append(&format!("k{number}"), vec![admitted(number, branch(1))]);
                match record(&*store, looking(command, &[(members.clone(), looked)])).await {
                    Ok(receipt) => {
                        done.extend(receipt.positions);
                        n += 1;
                    }
                    Err(StoreError::Conflict(_)) => lost += 1,
                    Err(error) => panic!("{error:?}"),
                }
            }
            (done, lost)
        })
    });
    let (mut positions, mut lost) = (BTreeSet::new(), 0);
    for caller in callers.collect::<Vec<_>>() {
        let (done, races) = caller.await.unwrap();
        lost += races;
        for position in done {
            assert!(positions.insert(position.0), "{position} was given twice");
        }
    }
    let count = 16 * (EACH / 8);
    assert!(positions.into_iter().eq(1..=count), "positions are dense");
    assert!(lost > 0, "nobody was ever late");
    let (head, day) = (Position(count), jiff::civil::date(2020, 6, 1));
    assert!(kept.follow(&stores[0], head).await.unwrap());
    let members = kept.index().totals(day, head).memberships;
    assert_eq!(members, count, "an index takes in what the other one recorded");
    assert_eq!(findings(&*stores[0]).await, Vec::new());
}

#[tokio::test]
async fn what_was_assumed_and_is_not_so_is_decided_by_the_record() {
    let Some((url, one)) = filled(3).await else { return };
    let again = record(&one, append("1", vec![admitted(1, branch(1)), ended(1, branch(1), 2)]));
    assert!(again.await.unwrap().replayed, "a key that the writer does not know");
    let reused = record(&one, Append { body: b"x".to_vec(), ..append("2", Vec::new()) }).await;
    assert!(matches!(reused, Err(StoreError::KeyReused(_))), "{reused:?}");
    // Whoever comes new knows nothing, and assumes what its callers saw.
    let other = open(&url, Mode::Write).await.unwrap();
    let members = Guard::MembersOf(branch(1));
    let (person, posts) = (Guard::MembershipsOf(person(2)), Guard::PostsHeldBy(person(2)));
    let mut n = 100;
    for (guard, looked_at, holds) in [
        (&members, 6, true),
        (&members, 6, false),
        (&members, 7, true),
        (&person, 5, false),
        (&person, 6, true),
        (&posts, 0, true),
        (&Guard::Branch(branch(1)), 0, true),
    ] {
        n += 1;
        let command = append(&format!("k{n}"), vec![admitted(n, branch(1))]);
        let told = record(&other, looking(command, &[(guard.clone(), looked_at)])).await;
        match told {
            Ok(_) => assert!(holds, "{guard} at {looked_at}"),
            Err(StoreError::Conflict(what)) => {
                assert!(!holds, "{guard} at {looked_at}");
                assert_eq!(what, guard.to_string());
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    for (sequence, holds) in [(2, false), (4, false), (3, true), (3, false)] {
        n += 1;
        let command = append(&format!("k{n}"), vec![ended(0, branch(1), sequence)]);
        assert_eq!(record(&other, command).await.is_ok(), holds, "sequence {sequence}");
    }
    // The one who was alone until now is not any more.
    let late = append("late", vec![admitted(200, branch(2))]);
    let looked = looking(late, &[(members.clone(), 6)]);
    assert!(matches!(record(&one, looked).await, Err(StoreError::Conflict(_))));
    record(&one, append("last", vec![admitted(201, branch(2))])).await.unwrap();
    assert_eq!(log(&one).await, log(&other).await);
    assert_eq!(findings(&one).await, Vec::new());
}

/// A group is planned while the server works on the one before, and that one is not recorded as it
/// was planned: another server was first, or the connection was cut and it is tried again, which
/// brings it to the same position by other salts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_does_not_outlive_the_group_that_it_follows() {
    const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted \
        AND locktype = 'advisory' AND classid = 'ledgers'::regclass::oid";
    let Some((url, one)) = filled(3).await else { return };
    let one = Arc::new(one);
    let mut raw = PgConnection::connect(&url).await.unwrap();
    let bytes = *one.ledger().0.as_bytes().last_chunk().unwrap();
    let lock = |what| {
        let word = i32::from_be_bytes(bytes);
        format!("SELECT pg_advisory_{what}('ledgers'::regclass::oid::int, {word})")
    };
    for (round, is_cut) in [(0_u64, false), (1, true), (2, false), (3, true)] {
        // One that comes new waits for the lock before it looks at anything.
        let other = Arc::new(open(&url, Mode::Write).await.unwrap());
        sqlx::query(&lock("lock")).execute(&mut raw).await.unwrap();
        let member = 100 * (round + 1);
        let begin = |store: &Arc<PostgresStore>, command| {
            let store = Arc::clone(store);
            tokio::spawn(async move { record(&*store, command).await })
        };
        let mut begun = Vec::new();
        let rival = (&other, append(&format!("other {round}"), vec![admitted(member, branch(1))]));
        let rival = Some(rival).filter(|_| !is_cut);
        let ours = [
            (&one, append(&format!("first {round}"), vec![admitted(member + 1, branch(1))])),
            (&one, append(&format!("next {round}"), vec![ended(member + 1, branch(1), 2)])),
            (&one, append(&format!("late {round}"), vec![ended(member + 1, branch(1), 2)])),
        ];
        let commands = 2 + rival.iter().len();
        for (store, command) in rival.into_iter().chain(ours) {
            begun.push(begin(store, command));
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        if is_cut {
            sqlx::query(CUT).execute(&mut raw).await.unwrap();
        }
        sqlx::query(&lock("unlock")).execute(&mut raw).await.unwrap();
        let mut positions = Vec::new();
        for (number, answer) in begun.into_iter().enumerate() {
            match answer.await.unwrap() {
                Ok(receipt) => positions.extend(receipt.positions.iter().map(|at| at.0)),
                Err(StoreError::Conflict(_)) => assert_eq!(number, commands, "it came too late"),
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(positions.len(), commands);
        assert!(positions.is_sorted(), "{positions:?}");
        // From now on it is alone again, so that the next round is tried at once.
        for n in 2..4 {
            let command = append(&format!("{n} of {round}"), vec![admitted(member + n, branch(1))]);
            record(&*one, command).await.unwrap();
        }
    }
    assert_eq!(findings(&*one).await, Vec::new());
}

/// Has the server end so many tries to keep a receipt as races that were lost. What it counts them
/// with is not taken back when they are.
async fn end_races(url: &str, code: &str, races: u64) {
    let statements = format!(
        "CREATE SEQUENCE tries; \
         CREATE FUNCTION end_race() RETURNS trigger LANGUAGE plpgsql AS $body$BEGIN \
             IF nextval('tries') <= {races} THEN \
                 RAISE EXCEPTION 'race' USING ERRCODE = '{code}'; \
             END IF; \
             RETURN NEW; \
         END$body$; \
         CREATE TRIGGER ends_races BEFORE INSERT ON receipts \
             FOR EACH ROW EXECUTE FUNCTION end_race()"
    );
    by_hand(url, &statements).await;
}

/// Of two transactions that cannot both be, or that wait for each other, the server ends one.
#[tokio::test]
async fn a_race_that_the_server_ends_is_run_again() {
    const TRIES: u64 = 6;
    for code in ["40001", "40P01"] {
        // Whoever comes new asks for everything first; whoever recorded before tries at once.
        for (admissions, races) in [(0, 2), (1, 2), (1, TRIES)] {
            let Some((url, store)) = filled(admissions).await else { return };
            let before = log(&store).await;
            end_races(&url, code, races).await;
            let command = || append("late", vec![admitted(100, branch(1))]);
            let answer = record(&store, command()).await;
            let tries = ask_by_hand(&url, "SELECT last_value::text FROM tries").await;
            assert_eq!(tries, (races + 1).min(TRIES).to_string(), "{code}");
            let answer = if races < TRIES {
                answer
            } else {
                assert!(matches!(answer, Err(StoreError::Failed { .. })), "{answer:?}");
                assert_eq!(log(&store).await, before);
                record(&store, command()).await
            };
            let (receipt, after) = (answer.unwrap(), log(&store).await);
            let position = Position(before.len() as u64 + 1);
            assert_eq!((&receipt.positions[..], receipt.replayed), (&[position][..], false));
            assert_eq!(after[..before.len()], before);
            assert_eq!(after.len(), before.len() + 1);
            // What does not belong into the schema is told of.
            by_hand(&url, "DROP TRIGGER ends_races ON receipts").await;
            assert_eq!(findings(&store).await, Vec::new());
        }
    }
}
