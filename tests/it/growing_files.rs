//! A file that grows, or whose import was interrupted, ends where one import of it all would have.

use std::path::Path;
use std::sync::Arc;

use projections::DayRule;
use rollbook::actor::Actor;
use rollbook::import::{ImportError, Options, Report, import_facts};
use rollbook::ledger::{Founding, KnownAt, Ledger, Location};
use rollbook::store::SystemNature;

/// Facts that wait for one organisation, then for another, and one that is refused.
const LINES: [(&str, &str); 8] = [
    ("organisation_formed", r#""x","name":"X","parent":"y""#),
    ("member_joined", r#""x","member":"m1""#),
    ("organisation_formed", r#""a","name":"A""#),
    ("member_joined", r#""a","member":"m2""#),
    ("member_transferred", r#""a","member":"m2","to":"b""#),
    ("member_left", r#""a","member":"m9""#),
    ("organisation_formed", r#""y","name":"Y""#),
    ("organisation_formed", r#""b","name":"B""#),
];

fn line(number: usize, (kind, rest): (&str, &str)) -> String {
    format!(
        "{{\"seq\":{number},\"date\":\"2020-01-{number:02}\",\"kind\":\"{kind}\",\
         \"organisation\":{rest}}}\n"
    )
}

async fn import(ledger: &Ledger, place: &Path, lines: usize) -> Result<Report, ImportError> {
    let file = place.join("facts.jsonl");
    let text: String = (1..).zip(&LINES[..lines]).map(|(n, fact)| line(n, *fact)).collect();
    std::fs::write(&file, text).unwrap();
    let options = Options { source: "main", dry_run: false, plan: None };
    import_facts(ledger, &Actor::local(), &file, options, |_| {}).await
}

/// What a ledger holds after imports of ever longer beginnings of the file.
async fn after(lengths: &[usize]) -> (String, Report) {
    let place = tempfile::tempdir().unwrap();
    let location = Location::at(&place.path().join("ledger.db"));
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found(&location, &founding, Arc::new(SystemNature)).await.unwrap();
    let mut report = Report::default();
    for lines in lengths {
        report = import(&ledger, place.path(), *lines).await.unwrap();
    }
    let verification = ledger.verify(|_| {}).await.unwrap();
    assert!(verification.is_sound(), "{:?}", verification.findings);
    let actor = Actor::local();
    let at = ledger.at(None, KnownAt::Now, DayRule::EndOfDay).await.unwrap();
    let held = serde_json::to_string(&(
        ledger.headcount(&actor, at).await.unwrap(),
        ledger.tree(&actor, at).await.unwrap(),
    ));
    (held.unwrap(), report)
}

#[tokio::test]
async fn facts_that_wait_are_applied_whenever_what_they_wait_for_comes() {
    let (whole, report) = after(&[8]).await;
    assert!(whole.contains(r#"{"branch":"x","name":"X","members":1}"#), "{whole}");
    assert!(whole.contains(r#"{"branch":"b","name":"B","members":1}"#), "{whole}");
    assert_eq!((report.applied, report.refused), (7, 1));
    for lengths in [&[1, 8][..], &[2, 8], &[5, 8], &[6, 7, 8], &[1, 2, 3, 4, 5, 6, 7, 8, 8]] {
        let (grown, _) = after(lengths).await;
        assert_eq!(grown, whole, "in the steps {lengths:?}");
    }
}

#[tokio::test]
async fn what_still_waits_stays_in_the_report() {
    let (_, first) = after(&[5]).await;
    let (_, second) = after(&[5, 6]).await;
    let waiting = |report: &Report| report.rows.iter().filter(|row| row.outcome == "held").count();
    assert_eq!(waiting(&first), 3, "{:?}", first.rows);
    assert_eq!(waiting(&second), 3, "{:?}", second.rows);
}

#[tokio::test]
async fn a_pipe_cannot_be_read_twice_and_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let location = Location::at(&place.path().join("ledger.db"));
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found(&location, &founding, Arc::new(SystemNature)).await.unwrap();
    for no_file in [Path::new("/dev/null"), place.path()] {
        let options = Options { source: "main", dry_run: false, plan: None };
        let answer = import_facts(&ledger, &Actor::local(), no_file, options, |_| {}).await;
        assert!(matches!(answer, Err(ImportError::Unreadable { .. })), "{answer:?}");
    }
}
