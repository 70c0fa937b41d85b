//! What every engine promises about the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use events::leaf::Frontier;
use events::{Guard, Instant, Position, Record};
use rollbook::store::{Append, Head, Note, Progress, Receipt, ReportRow, Store, StoreError};

use super::support::{
    Engine, Fresh, admitted, append, batch, branch, ended, ledger_id, looking, membership,
    on_every_engine, person, record,
};

on_every_engine! {
    a_new_ledger_is_empty,
    positions_are_dense,
    what_was_recorded_is_read_back,
    a_batch_is_recorded_whole_or_not_at_all,
    an_untouched_guard_lets_an_append_pass,
    a_touched_guard_is_a_conflict,
    a_guard_touched_earlier_in_the_batch_is_a_conflict,
    a_stream_that_moved_on_is_a_conflict,
    a_retry_gets_the_same_receipt,
    a_reused_key_is_refused,
    an_append_of_no_events_keeps_its_receipt,
    a_known_key_in_a_larger_batch_is_a_conflict,
    progress_comes_with_its_batch,
    callers_at_the_same_time_share_one_order,
    recorded_at_never_runs_backwards,
    a_position_is_found_by_time,
    the_tree_can_be_computed_again,
    guards_can_be_rebuilt_from_the_events,
    rows_are_found_as_they_lie,
}

async fn all(store: &dyn Store) -> Vec<Record> {
    store.log(Position(0), usize::MAX).await.unwrap()
}

fn is_conflict<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Conflict(what)) => what,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

async fn a_new_ledger_is_empty(Fresh { store, .. }: Fresh) {
    assert_eq!(store.ledger(), ledger_id());
    assert_eq!(store.head().await.unwrap(), Head::default());
    assert!(all(&*store).await.is_empty());
    assert!(store.receipt("k").await.unwrap().is_none());
    assert!(store.progress("s").await.unwrap().is_none());
    assert_eq!(store.position_at(Instant::MAX).await.unwrap(), Position(0));
    assert_eq!(store.look(&Guard::Branch(branch(1))).await.unwrap().position, Position(0));
    assert!(store.check_engine().await.unwrap().is_empty());
}

async fn positions_are_dense(Fresh { store, .. }: Fresh) {
    for n in 1..=5 {
        let events = vec![admitted(n, branch(1)), ended(n, branch(1), 2)];
        let receipt = record(&*store, append(&format!("k{n}"), events)).await.unwrap();
        assert_eq!(receipt.positions, [Position(2 * n - 1), Position(2 * n)]);
        assert_eq!(receipt.versions, [(membership(n).to_string(), 2)]);
        assert!(!receipt.replayed);
    }
    let positions: Vec<u64> = all(&*store).await.iter().map(|r| r.position.0).collect();
    assert_eq!(positions, (1..=10).collect::<Vec<_>>());
}

async fn what_was_recorded_is_read_back(Fresh { store, .. }: Fresh) {
    record(&*store, append("a", vec![admitted(1, branch(1)), admitted(2, branch(1))]))
        .await
        .unwrap();
    record(&*store, append("b", vec![ended(1, branch(1), 2)])).await.unwrap();
    let log = all(&*store).await;
    for record in &log {
        record.check(ledger_id()).unwrap();
    }
    let (envelope, recorded) = log[2].decode().unwrap();
    assert_eq!((envelope.key.as_str(), envelope.sequence.as_str()), ("b", "2"));
    assert_eq!(recorded.event, ended(1, branch(1), 2).event);
    assert_eq!(store.stream(membership(1)).await.unwrap(), [log[0].clone(), log[2].clone()]);
    assert_eq!(store.log(Position(1), 1).await.unwrap(), [log[1].clone()]);
    assert!(store.log(Position(u64::MAX), 9).await.unwrap().is_empty());
    let picked = [Position(3), Position(9), Position(0), Position(1)];
    assert_eq!(store.events(&picked).await.unwrap(), [log[2].clone(), log[0].clone()]);
}

async fn a_batch_is_recorded_whole_or_not_at_all(Fresh { store, .. }: Fresh) {
    let good = append("good", vec![admitted(1, branch(1))]);
    let bad = append("bad", vec![admitted(2, branch(1)), ended(3, branch(1), 7)]);
    is_conflict(store.append(batch(vec![good.clone(), bad])).await);
    assert_eq!(store.head().await.unwrap(), Head::default());
    assert!(store.receipt("good").await.unwrap().is_none());
    assert!(store.kept_guards().await.unwrap().0.is_empty());

    let after = append("after", vec![ended(1, branch(1), 2)]);
    let receipts = store.append(batch(vec![good, after])).await.unwrap();
    assert_eq!(receipts[1].positions, [Position(2)]);
    assert_eq!(receipts[1].versions, [(membership(1).to_string(), 2)]);
}

async fn an_untouched_guard_lets_an_append_pass(Fresh { store, .. }: Fresh) {
    record(&*store, append("a", vec![admitted(1, branch(1))])).await.unwrap();
    let members = Guard::MembersOf(branch(1));
    let looked = store.look(&members).await.unwrap();
    assert_eq!((looked.position, &looked.streams[..]), (Position(1), &[membership(1)][..]));
    let next = append("b", vec![admitted(2, branch(1))]);
    record(&*store, looking(next, &[(members.clone(), 1)])).await.unwrap();
    let streams: BTreeSet<_> = store.look(&members).await.unwrap().streams.into_iter().collect();
    assert_eq!(streams, BTreeSet::from([membership(1), membership(2)]));
}

async fn a_touched_guard_is_a_conflict(Fresh { store, .. }: Fresh) {
    let members = Guard::MembersOf(branch(1));
    record(&*store, append("a", vec![admitted(1, branch(1))])).await.unwrap();
    let before = store.head().await.unwrap();
    let late = looking(append("b", vec![admitted(2, branch(1))]), &[(members.clone(), 0)]);
    assert_eq!(is_conflict(record(&*store, late).await), members.to_string());
    assert_eq!(store.head().await.unwrap(), before);
    assert!(store.receipt("b").await.unwrap().is_none());
    assert!(store.stream(membership(2)).await.unwrap().is_empty());
}

async fn a_guard_touched_earlier_in_the_batch_is_a_conflict(Fresh { store, .. }: Fresh) {
    let first = append("a", vec![admitted(1, branch(1))]);
    let second = append("b", vec![admitted(2, branch(1))]);
    let looked = [(Guard::MembersOf(branch(1)), 0)];
    is_conflict(store.append(batch(vec![first.clone(), looking(second.clone(), &looked)])).await);
    store.append(batch(vec![looking(first, &looked), second])).await.unwrap();
}

async fn a_stream_that_moved_on_is_a_conflict(Fresh { store, .. }: Fresh) {
    record(&*store, append("a", vec![admitted(1, branch(1))])).await.unwrap();
    for sequence in [0, 1, 3] {
        let event = ended(1, branch(1), sequence);
        let conflict = is_conflict(record(&*store, append("b", vec![event])).await);
        assert_eq!(conflict, membership(1).to_string());
    }
    record(&*store, append("b", vec![ended(1, branch(1), 2)])).await.unwrap();
}

async fn a_retry_gets_the_same_receipt(Fresh { store, .. }: Fresh) {
    let mut command = append("a", vec![admitted(1, branch(1))]);
    command.notes = vec![Note { code: "held".to_owned(), args: vec![("n".into(), "1".into())] }];
    let first = record(&*store, command.clone()).await.unwrap();
    let head = store.head().await.unwrap();
    let again = record(&*store, command).await.unwrap();
    assert_eq!(again, Receipt { replayed: true, ..first });
    assert_eq!(store.head().await.unwrap(), head);
    assert_eq!(store.receipt("a").await.unwrap(), Some(again));
}

async fn a_reused_key_is_refused(Fresh { store, .. }: Fresh) {
    record(&*store, append("a", vec![admitted(1, branch(1))])).await.unwrap();
    let other = Append { body: b"other".to_vec(), ..append("a", vec![admitted(2, branch(1))]) };
    let refused = record(&*store, other).await.unwrap_err();
    assert!(matches!(refused, StoreError::KeyReused(key) if key == "a"));
    assert_eq!(store.head().await.unwrap().position, Position(1));
}

async fn an_append_of_no_events_keeps_its_receipt(Fresh { store, .. }: Fresh) {
    let first = record(&*store, append("a", Vec::new())).await.unwrap();
    assert!(first.positions.is_empty() && first.versions.is_empty() && !first.replayed);
    assert!(record(&*store, append("a", Vec::new())).await.unwrap().replayed);
    assert_eq!(store.head().await.unwrap(), Head::default());
}

async fn a_known_key_in_a_larger_batch_is_a_conflict(Fresh { store, .. }: Fresh) {
    let (a, b) = (append("a", vec![admitted(1, branch(1))]), append("b", Vec::new()));
    is_conflict(store.append(batch(vec![b.clone(), b.clone()])).await);
    record(&*store, a.clone()).await.unwrap();
    is_conflict(store.append(batch(vec![b, a])).await);
    assert!(store.receipt("b").await.unwrap().is_none());
}

async fn progress_comes_with_its_batch(Fresh { store, .. }: Fresh) {
    let row = |line| ReportRow {
        line,
        outcome: "noted".to_owned(),
        note: Note { code: "held".to_owned(), args: vec![("line".into(), line.to_string())] },
    };
    let progress = |lines, rows| {
        Some(Progress { source: "book".to_owned(), lines, digest: [lines as u8; 32], rows })
    };
    let with = |key: &str, n, progress| {
        let mut batch = batch(vec![append(key, vec![admitted(n, branch(1))])]);
        batch.progress = progress;
        batch
    };
    store.append(with("a", 1, progress(3, vec![row(3), row(1)]))).await.unwrap();
    store.append(with("b", 2, progress(5, vec![row(4)]))).await.unwrap();
    let wanted = progress(5, vec![row(1), row(3), row(4)]);
    assert_eq!(store.progress("book").await.unwrap(), wanted);

    let mut refused = with("c", 2, progress(6, vec![row(6)]));
    is_conflict(store.append(refused.clone()).await);
    refused = with("c", 3, progress(4, Vec::new()));
    assert_eq!(is_conflict(store.append(refused).await), "import book");
    let replayed = store.append(with("b", 2, progress(5, vec![row(4)]))).await.unwrap();
    assert!(replayed[0].replayed);
    assert_eq!(store.progress("book").await.unwrap(), wanted);
    assert!(store.progress("other").await.unwrap().is_none());

    let mut alone = batch(Vec::new());
    alone.progress = progress(7, Vec::new());
    assert!(store.append(alone).await.unwrap().is_empty());
    assert_eq!(store.progress("book").await.unwrap().unwrap().lines, 7);
}

async fn callers_at_the_same_time_share_one_order(Fresh { store, .. }: Fresh) {
    const CALLERS: u64 = 64;
    const APPENDS: u64 = 50;
    let callers = (0..CALLERS).map(|caller| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut receipts = Vec::new();
            for n in (0..APPENDS).map(|n| caller * APPENDS + n) {
                let command = append(&format!("k{n}"), vec![admitted(n, branch(n % 9))]);
                receipts.push(record(&*store, command).await.unwrap());
            }
            receipts
        })
    });
    let mut keys = BTreeMap::new();
    for caller in callers.collect::<Vec<_>>() {
        for receipt in caller.await.unwrap() {
            assert_eq!(receipt.positions.len(), 1);
            assert!(keys.insert(receipt.positions[0], receipt.key).is_none());
        }
    }
    let log = all(&*store).await;
    let positions: Vec<u64> = log.iter().map(|record| record.position.0).collect();
    assert_eq!(positions, (1..=CALLERS * APPENDS).collect::<Vec<_>>());
    for record in &log {
        let (envelope, _) = record.check(ledger_id()).unwrap();
        assert_eq!(Some(&envelope.key), keys.get(&record.position));
    }
    assert_eq!(store.head().await.unwrap().position, Position(CALLERS * APPENDS));
}

async fn recorded_at_never_runs_backwards(Fresh { store, nature, .. }: Fresh) {
    for (n, step) in [5_000_000, -1_000_000, -1, 3_000_000, 7].into_iter().enumerate() {
        nature.step_clock_by(step);
        record(&*store, append(&n.to_string(), vec![admitted(n as u64, branch(1))])).await.unwrap();
    }
    let times: Vec<Instant> =
        all(&*store).await.iter().map(|r| r.decode().unwrap().1.recorded_at).collect();
    assert!(times.is_sorted());
    assert_eq!(times[0], times[2]);
    assert!(times.iter().all(|at| at.as_nanosecond() % 1_000 == 0), "whole microseconds");
    assert_eq!(store.head().await.unwrap().recorded_at, times.last().copied());
}

async fn a_position_is_found_by_time(Fresh { store, nature, .. }: Fresh) {
    // Steps that leave fractions of several lengths, so that text order is not time order.
    for (n, step) in [1_000_000, 500_000, 10, 0, 499_990, 123_456].into_iter().enumerate() {
        nature.step_clock_by(step);
        record(&*store, append(&n.to_string(), vec![admitted(n as u64, branch(1))])).await.unwrap();
    }
    let times: Vec<Instant> =
        all(&*store).await.iter().map(|r| r.decode().unwrap().1.recorded_at).collect();
    let tick = jiff::SignedDuration::from_micros(1);
    for asked in times.iter().flat_map(|at| [*at - tick, *at, *at + tick]) {
        let naive = times.iter().filter(|at| **at <= asked).count() as u64;
        assert_eq!(store.position_at(asked).await.unwrap(), Position(naive), "{asked}");
    }
    assert_eq!(store.position_at(Instant::MIN).await.unwrap(), Position(0));
}

async fn the_tree_can_be_computed_again(Fresh { store, .. }: Fresh) {
    for n in 0..20 {
        let events = (0..=n % 3).map(|m| admitted(10 * n + m, branch(1))).collect();
        record(&*store, append(&n.to_string(), events)).await.unwrap();
    }
    let mut frontier = Frontier::default();
    let mut salts = BTreeSet::new();
    for record in all(&*store).await {
        record.check(ledger_id()).unwrap();
        frontier.push(&record.leaf);
        assert!(salts.insert(record.salt), "a salt came twice");
    }
    assert_eq!(store.head().await.unwrap().frontier, frontier);
}

async fn guards_can_be_rebuilt_from_the_events(Fresh { store, nature, .. }: Fresh) {
    for n in 0..40 {
        let home = branch(nature.below(4));
        let mut events = vec![admitted(n, home)];
        if nature.below(2) == 0 {
            events.push(ended(n, home, 2));
        }
        record(&*store, append(&n.to_string(), events)).await.unwrap();
    }
    let mut guards = BTreeMap::new();
    let mut links = BTreeSet::new();
    for record in all(&*store).await {
        let (_, recorded) = record.decode().unwrap();
        for guard in events::guard::touched(recorded.stream, recorded.event.as_ref()) {
            if !guard.ends_with_its_streams() {
                guards.insert(guard.to_string(), recorded.position);
            }
            if guard.own_stream().is_none() {
                links.insert((guard.to_string(), recorded.stream.to_string()));
            }
        }
    }
    let (kept_guards, kept_links) = store.kept_guards().await.unwrap();
    assert_eq!(kept_guards, guards.into_iter().collect::<Vec<_>>());
    assert_eq!(kept_links, links.into_iter().collect::<Vec<_>>());
    let mine = store.look(&Guard::MembershipsOf(person(3))).await.unwrap();
    assert_eq!(mine.streams, [membership(3)]);
}

async fn rows_are_found_as_they_lie(Fresh { store, .. }: Fresh) {
    for n in 0..7 {
        record(&*store, append(&n.to_string(), vec![admitted(n, branch(1))])).await.unwrap();
    }
    let log = all(&*store).await;
    let mut found = Vec::new();
    while let Ok(rows) = store.found(found.len() as u64, 3).await
        && !rows.is_empty()
    {
        found.extend(rows);
    }
    assert_eq!(found.len(), log.len());
    for (row, record) in found.iter().zip(&log) {
        let columns = record.decode().unwrap().1.columns();
        let wanted: [Vec<u8>; 8] = [
            ledger_id().0.as_bytes().to_vec(),
            columns.aggregate_type.into(),
            columns.aggregate_id.into(),
            columns.sequence.to_string().into(),
            columns.event_type.into(),
            columns.event_version.into(),
            columns.recorded_at.into(),
            columns.effective.into(),
        ];
        assert_eq!(row.record.as_ref(), Some(record));
        assert_eq!((row.position, &row.columns[..]), (record.position.0 as i64, &wanted[..]));
    }
    assert_eq!(store.found(5, 9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn engines_write_the_same_bytes() {
    const ENGINES: &[Engine] = &[
        Engine::Memory,
        Engine::Sqlite,
        #[cfg(feature = "postgres")]
        Engine::Postgres,
    ];
    let mut heads = Vec::new();
    for engine in ENGINES {
        let Some(Fresh { store, nature: _nature, .. }) = &engine.fresh().await else { continue };
        for n in 0..30 {
            let command = append(&n.to_string(), vec![admitted(n, branch(n % 3))]);
            record(&**store, command.clone()).await.unwrap();
            record(&**store, command).await.unwrap();
            is_conflict(record(&**store, append("x", vec![admitted(n, branch(1))])).await);
        }
        heads.push((store.head().await.unwrap(), all(&**store).await));
    }
    assert!(heads.len() > 1 && heads.iter().all(|head| *head == heads[0]));
}
