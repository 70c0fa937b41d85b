//! Whoever changes a stored event by as little as a bit is found out, and where.

use std::path::Path;
use std::sync::Arc;

use events::{Position, Record};
use rollbook::actor::Actor;
use rollbook::ledger::verify::{Verification, verify_at};
use rollbook::ledger::{Founding, Ledger, Location, Request};

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
    for _ in 0..400 {
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
        + width(record.position.0)
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
        ("UPDATE memberships SET valid_until = NULL WHERE valid_until IS NOT NULL", None),
        ("DELETE FROM branches", None),
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

/// The answer to a retry is known by its key even when much happened since.
#[tokio::test]
async fn a_sound_ledger_has_no_findings_after_a_restart() {
    let place = tempfile::tempdir().unwrap();
    let (location, records) = a_ledger(place.path()).await;
    let nature = Arc::new(Seeded::new(3));
    let ledger = Ledger::open(&location, rollbook::ledger::Mode::Write, nature).await.unwrap();
    let request = Request::new(rollbook::commands::RegisterPerson {
        person: ledger.fresh_person(),
        effective: ledger.today(),
        precision: None,
    });
    let receipt = ledger.execute(&Actor::local(), request).await.unwrap();
    assert_eq!(receipt.positions, [Position(records.len() as u64 + 1)]);
    let verification = ledger.verify(|_| {}).await.unwrap();
    assert!(verification.is_sound(), "{:?}", verification.findings);
}
