//! Whoever changes a stored event by as little as a bit is found out, and where.

use std::path::Path;
use std::sync::Arc;

use events::{Code, Date, Event, LedgerEvent, LedgerId, Position, Record, StreamId};
use rollbook::actor::Actor;
use rollbook::ledger::verify::{Verification, verify, verify_at};
use rollbook::ledger::{Founding, Ledger, Location, Mode, Request};
use rollbook::store::{Append, Batch, Frame, MemoryStore, NewEvent, Progress, SqliteStore, Store};

use crate::support::commands::Fates;
use crate::support::dice::Dice;
use crate::support::nature::Seeded;

const FLIPS: usize = 1_000;

/// A small ledger in a file that nobody has open, and its events.
async fn a_ledger(place: &Path) -> (Location, Vec<Record>) {
    let location = Location::at(&place.join("ledger.db"));
    let nature = Arc::new(Seeded::new(7));
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found(&location, &founding, nature).await.unwrap();
    let (mut dice, mut fates) = (Dice::new(7), Fates::default());
    for _ in 0..1_200 {
        let wish = fates.wish(&mut dice, ledger.today());
        if let Ok(receipt) = ledger.execute(&Actor::local(), wish).await {
            for record in ledger.store().events(&receipt.positions).await.unwrap() {
                fates.learn(&record.decode().unwrap().1);
            }
        }
    }
    let records = ledger.store().log(Position(0), 10_000).await.unwrap();
    assert!(records.len() > 100);
    (location, records)
}

async fn verified(location: &Location) -> Verification {
    verify_at(location, Arc::new(Seeded::new(1)), |_| {}).await.unwrap()
}

fn find(haystack: &[u8], needle: &[u8]) -> usize {
    // A page that was split may keep an old copy before the live one.
    haystack.windows(needle.len()).rposition(|window| window == needle).expect("it is in the file")
}

/// The bytes that SQLite needs for a number in a row; 0 and 1 need none.
fn width(number: u64) -> usize {
    match number {
        0 | 1 => 0,
        2..=127 => 1,
        _ => 2,
    }
}

/// Where a stored event lies in the file, from its first column to its last.
fn extent(file: &[u8], record: &Record) -> std::ops::Range<usize> {
    let (_, recorded) = record.decode().unwrap();
    let columns = recorded.columns();
    let before = 16
        + columns.aggregate_type.len()
        + columns.aggregate_id.len()
        + width(columns.sequence)
        + columns.event_type.len()
        + columns.event_version.len()
        + record.payload.len();
    let after = columns.recorded_at.len() + columns.effective.len() + 32 + record.leaf.len();
    let envelope = find(file, &record.envelope);
    let extent = envelope - before..envelope + record.envelope.len() + after;
    assert_eq!(file[extent.end - record.leaf.len()..extent.end], record.leaf);
    extent
}

#[tokio::test]
async fn every_flipped_bit_is_found_at_its_position() {
    let place = tempfile::tempdir().unwrap();
    let (location, records) = a_ledger(place.path()).await;
    assert!(verified(&location).await.is_sound());
    let file = std::fs::read(&location.path).unwrap();
    let extents: Vec<_> = records.iter().map(|record| extent(&file, record)).collect();
    let mut dice = Dice::new(11);
    for _ in 0..FLIPS {
        let index = dice.below(u32::try_from(records.len()).unwrap()) as usize;
        let extent = &extents[index];
        let place = extent.start + dice.below(u32::try_from(extent.len()).unwrap()) as usize;
        let bit = 1 << dice.below(8);
        let mut flipped = file.clone();
        flipped[place] ^= bit;
        std::fs::write(&location.path, &flipped).unwrap();
        let verification = verified(&location).await;
        let first = verification.findings.first().map(|finding| finding.position);
        let expected = Some(records[index].position);
        let byte = place - extent.start;
        let around = String::from_utf8_lossy(&file[place.saturating_sub(20)..place + 20]);
        assert_eq!(
            first,
            Some(expected),
            "bit {bit} of byte {byte} in {around:?}: {:?}",
            verification.findings
        );
    }
}

#[tokio::test]
async fn what_is_deleted_swapped_or_cut_off_by_hand_is_found() {
    let place = tempfile::tempdir().unwrap();
    let (location, _) = a_ledger(place.path()).await;
    let whole = std::fs::read(&location.path).unwrap();
    let unlocked = "DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_deleted;";
    for (statement, position) in [
        ("DELETE FROM events WHERE position = 40", Some(40)),
        ("DELETE FROM events WHERE position > 100", Some(101)),
        (
            "UPDATE events SET position = 0 WHERE position = 50;
             UPDATE events SET position = 50 WHERE position = 51;
             UPDATE events SET position = 51 WHERE position = 0",
            Some(50),
        ),
        ("UPDATE events SET effective = '2020-01-01' WHERE position = 60", Some(60)),
        ("UPDATE ledgers SET position = position + 1", None),
        ("UPDATE ledgers SET frontier = zeroblob(8)", None),
        ("DELETE FROM guards WHERE position = (SELECT max(position) FROM guards)", None),
        ("DELETE FROM guard_streams WHERE guard LIKE 'branch%'", None),
        ("UPDATE memberships_rows SET valid_until = NULL WHERE valid_until IS NOT NULL", None),
        ("DELETE FROM branches_rows", None),
    ] {
        std::fs::write(&location.path, &whole).unwrap();
        let by_hand = rusqlite::Connection::open(&location.path).unwrap();
        by_hand.execute_batch(&format!("{unlocked} {statement};")).unwrap();
        by_hand.close().unwrap();
        let findings = verified(&location).await.findings;
        // The triggers' absence is a finding of its own, so look for more than that.
        let found = findings.iter().any(|finding| match position {
            Some(position) => finding.position == Some(Position(position)),
            None => finding.problem != "engine",
        });
        assert!(found, "{statement}: {findings:?}");
    }
}

/// The problems that are found after something was done to a ledger by hand.
async fn problems(location: &Location, whole: &[u8], statement: &str) -> Vec<&'static str> {
    std::fs::write(&location.path, whole).unwrap();
    let by_hand = rusqlite::Connection::open(&location.path).unwrap();
    by_hand.execute_batch(statement).unwrap();
    by_hand.close().unwrap();
    verified(location).await.findings.iter().map(|finding| finding.problem).collect()
}

/// An append of one event, as nobody but a forger would make it.
fn forged(key: &str, source: &str, stream: StreamId, sequence: u64, event: Event) -> Append {
    Append {
        key: key.to_owned(),
        body: Vec::new(),
        frame: Frame { actor: "local".to_owned(), source: source.to_owned(), ..Frame::default() },
        looked: Vec::new(),
        events: vec![NewEvent::new(stream, sequence, event)],
        notes: Vec::new(),
    }
}

fn batch(append: Append) -> Batch {
    Batch { appends: vec![append], progress: None }
}

fn a_day() -> Date {
    jiff::civil::date(2026, 1, 31)
}

fn opened(ledger: LedgerId) -> Event {
    let code = |text| Code::parse(text).unwrap();
    let (zone, preset) = (code("UTC"), code("association"));
    LedgerEvent::Opened { effective: a_day(), precision: None, ledger, format: 1, zone, preset }
        .into()
}

fn registered() -> Event {
    events::PersonEvent::Registered { effective: a_day(), precision: None }.into()
}

fn person(number: u128) -> StreamId {
    StreamId::from(events::PersonId(uuid::Uuid::from_u128(number)))
}

#[tokio::test]
async fn what_stands_beside_the_events_is_held_against_them() {
    let place = tempfile::tempdir().unwrap();
    let (location, _) = a_ledger(place.path()).await;
    let store = SqliteStore::open(&location.path, Mode::Write, Arc::new(Seeded::new(9))).unwrap();
    let append = forged("import:facts:7", "import:facts:7", person(7), 1, registered());
    let (source, digest) = ("facts".to_owned(), [0; 32]);
    let progress = Some(Progress { source, lines: 7, digest, rows: Vec::new() });
    store.append(Batch { progress, ..batch(append) }).await.unwrap();
    drop(store);
    let whole = std::fs::read(&location.path).unwrap();
    assert_eq!(problems(&location, &whole, "").await, Vec::<&str>::new());
    let rows = "memberships_rows";
    let one = "(SELECT max(known_from) FROM memberships_rows)";
    let last = "(SELECT key FROM receipts WHERE receipt LIKE '%\"positions\":[40%')";
    for (statement, problem) in [
        (format!("UPDATE {rows} SET branch = 'b' WHERE known_from = {one}"), "projection"),
        (format!("UPDATE {rows} SET person = 'p' WHERE known_from = {one}"), "projection"),
        ("UPDATE memberships_rows SET person = person || '1'".to_owned(), "projection"),
        (
            "INSERT INTO memberships_rows SELECT membership, person, branch, valid_from,
                valid_until, 9999, NULL, opened_by, closed_by, line FROM memberships_rows LIMIT 1"
                .to_owned(),
            "projection",
        ),
        ("UPDATE projections SET position = 9999 WHERE name = 'posts'".to_owned(), "projection"),
        (format!("DELETE FROM receipts WHERE key = {last}"), "receipts"),
        (
            format!(
                "UPDATE receipts SET receipt = replace(receipt, '[40', '[39') WHERE key = {last}"
            ),
            "receipts",
        ),
        (format!("UPDATE receipts SET body_hash = x'00' WHERE key = {last}"), "receipts"),
        (format!("UPDATE receipts SET key = 'another' WHERE key = {last}"), "receipts"),
        ("UPDATE imports SET lines = 6".to_owned(), "imports"),
        ("DELETE FROM imports".to_owned(), "imports"),
        ("CREATE VIEW all_events AS SELECT * FROM events".to_owned(), "engine"),
        (
            "CREATE TRIGGER quietly AFTER INSERT ON events BEGIN DELETE FROM receipts; END"
                .to_owned(),
            "engine",
        ),
        ("DROP INDEX memberships_by_branch".to_owned(), "engine"),
        ("ALTER TABLE memberships_rows ADD COLUMN note TEXT".to_owned(), "engine"),
    ] {
        assert_eq!(problems(&location, &whole, &statement).await, [problem], "{statement}");
    }
}

#[tokio::test]
async fn a_ledger_is_opened_by_its_first_event_and_by_no_other() {
    let (this, other) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    let (this, other) = (LedgerId(this), LedgerId(other));
    let stream = StreamId::from(this);
    for (events, position) in [
        (vec![opened(this), registered()], None),
        (vec![registered(), registered()], Some(1)),
        (vec![opened(other)], Some(1)),
        (vec![opened(this), opened(this)], Some(2)),
    ] {
        let store = MemoryStore::new(this, Arc::new(Seeded::new(5)));
        for (index, event) in (1..).zip(events) {
            let (stream, sequence) = if matches!(event, Event::Ledger(_)) {
                (stream, index)
            } else {
                (person(u128::from(index)), 1)
            };
            let append = forged(&index.to_string(), "test", stream, sequence, event);
            store.append(batch(append)).await.unwrap();
        }
        let verification = verify(&store, |_| {}).await.unwrap();
        let found = verification.findings.iter();
        let found: Vec<_> = found.map(|finding| (finding.problem, finding.position)).collect();
        let expected = position.map(|position| ("opened", Some(Position(position))));
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        // Nothing was projected: that is no finding, but it is said.
        assert_eq!(verification.skipped.len(), projections::TABLES.len());
    }
}

#[tokio::test]
async fn a_projection_of_another_version_is_skipped_aloud() {
    let place = tempfile::tempdir().unwrap();
    let (location, _) = a_ledger(place.path()).await;
    assert!(verified(&location).await.skipped.is_empty());
    let whole = std::fs::read(&location.path).unwrap();
    let statement = "UPDATE projections SET version = 99 WHERE name = 'posts'";
    assert_eq!(problems(&location, &whole, statement).await, Vec::<&str>::new());
    assert_eq!(verified(&location).await.skipped, ["posts"]);
}

#[tokio::test]
async fn a_projection_that_is_further_than_the_record_is_begun_anew() {
    let place = tempfile::tempdir().unwrap();
    let (location, _) = a_ledger(place.path()).await;
    let whole = std::fs::read(&location.path).unwrap();
    let statement = "UPDATE projections SET position = 9999";
    assert!(!problems(&location, &whole, statement).await.is_empty());
    drop(Ledger::open(&location, Mode::Write, Arc::new(Seeded::new(3))).await.unwrap());
    let verification = verified(&location).await;
    assert!(verification.is_sound(), "{:?}", verification.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_that_is_being_written_to_is_sound() {
    let place = tempfile::tempdir().unwrap();
    let (location, records) = a_ledger(place.path()).await;
    let nature = Arc::new(Seeded::new(3));
    let ledger = Arc::new(Ledger::open(&location, Mode::Write, nature).await.unwrap());
    let writer = Arc::clone(&ledger);
    let writing = tokio::spawn(async move {
        let (mut dice, mut fates) = (Dice::new(13), Fates::default());
        for record in records {
            fates.learn(&record.decode().unwrap().1);
        }
        for _ in 0..600 {
            let wish = fates.wish(&mut dice, writer.today());
            _ = writer.execute(&Actor::local(), wish).await;
        }
    });
    let (mut runs, mut heads) = (0, std::collections::BTreeSet::new());
    while !writing.is_finished() || runs < 2 {
        let verification = verified(&location).await;
        assert!(verification.is_sound(), "{:?}", verification.findings);
        heads.insert(verification.events);
        runs += 1;
    }
    writing.await.unwrap();
    assert!(heads.len() > 1, "nothing was written meanwhile");
    assert!(verified(&location).await.is_sound());
}

/// The answer to a retry is known by its key even when much happened since.
#[tokio::test]
async fn a_sound_ledger_has_no_findings_after_a_restart() {
    let place = tempfile::tempdir().unwrap();
    let (location, records) = a_ledger(place.path()).await;
    let nature = Arc::new(Seeded::new(3));
    let ledger = Ledger::open(&location, Mode::Write, nature).await.unwrap();
    let request = Request::new(rollbook::commands::RegisterPerson {
        birth_band: None,
        person: ledger.fresh_person(),
        effective: ledger.today(),
        precision: None,
    });
    let receipt = ledger.execute(&Actor::local(), request).await.unwrap();
    assert_eq!(receipt.positions, [Position(records.len() as u64 + 1)]);
    let verification = ledger.verify(|_| {}).await.unwrap();
    assert!(verification.is_sound(), "{:?}", verification.findings);
}
