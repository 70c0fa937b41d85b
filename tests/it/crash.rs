//! An importing process is killed at random; what it had acknowledged to us, another process, is
//! there, and finishing the import gives what an undisturbed one gives.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use events::PersonId;
use rollbook::actor::Actor;
use rollbook::ledger::verify::{Verification, verify_at};
use rollbook::ledger::{Founding, Ledger, Location, Request};
use rollbook::store::SystemNature;
use rollbook::vault::{Field, NewPerson, Personal};

use crate::support::dice::Dice;
use crate::support::facts::facts;

/// How often the importing process is killed; `ROLLBOOK_TEST_KILLS` says otherwise.
const KILLS: usize = 50;
const FACTS: usize = 5_000;
/// How many batches the importer makes of them.
const BATCHES: usize = 3;

fn kills() -> usize {
    std::env::var("ROLLBOOK_TEST_KILLS").map_or(KILLS, |text| text.parse().unwrap())
}

fn importing(ledger: &Path, file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollbook"));
    let url = format!("sqlite:{}", ledger.display());
    command.args(["--ledger", &url, "import", "facts", "--ndjson"]).arg(file);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// What a run acknowledged: the number of lines, and the last position.
#[derive(Debug, Default, Clone, Copy)]
struct Acknowledged {
    lines: u64,
    position: u64,
}

/// Reads the acknowledgements of a run, and kills it some time after the n-th of them.
fn run_and_kill(mut run: Command, after: usize, pause: Duration) -> Acknowledged {
    let mut child = run.spawn().unwrap();
    let mut acknowledged = Acknowledged::default();
    let mut count = 0;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut read = |line: std::io::Result<String>| {
        // The last line may be half a line.
        let line: serde_json::Value =
            serde_json::from_str(&line.unwrap_or_default()).unwrap_or_default();
        if line["phase"] == "apply" {
            acknowledged.lines = line["lines"].as_u64().unwrap();
            acknowledged.position = line["position"].as_u64().unwrap();
            count += 1;
        }
        count
    };
    while let Some(line) = (after > 0).then(|| lines.next()).flatten() {
        if read(line) >= after {
            break;
        }
    }
    std::thread::sleep(pause);
    child.kill().unwrap();
    // What it had written before it died counts as well.
    lines.for_each(|line| _ = read(line));
    child.wait().unwrap();
    acknowledged
}

fn copy(from: &Location, to: &Path) -> Location {
    let to = Location::at(to);
    for (from, to) in [(&from.path, &to.path), (&from.vault, &to.vault), (&from.key, &to.key)] {
        std::fs::copy(from, to).unwrap();
    }
    to
}

async fn founded(path: &Path) -> (Location, Ledger) {
    let location = Location::at(path);
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found(&location, &founding, Arc::new(SystemNature)).await.unwrap();
    (location, ledger)
}

async fn verified(location: &Location) -> Verification {
    verify_at(location, Arc::new(SystemNature), |_| {}).await.unwrap()
}

fn digests(verification: &Verification) -> BTreeMap<&str, String> {
    let projections = verification.projections.iter();
    projections.map(|(name, check)| (*name, check.digest.clone())).collect()
}

fn finish(location: &Location, file: &Path) {
    let output = importing(&location.path, file).output().unwrap();
    assert!(output.status.success(), "{}", output.status);
}

#[tokio::test]
async fn a_killed_import_loses_nothing_and_doubles_nothing() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("facts.jsonl");
    std::fs::write(&file, facts(FACTS)).unwrap();
    let (base, ledger) = founded(&place.path().join("base.db")).await;
    drop(ledger);

    let undisturbed = copy(&base, &place.path().join("undisturbed.db"));
    finish(&undisturbed, &file);
    let undisturbed = verified(&undisturbed).await;
    assert!(undisturbed.is_sound(), "{:?}", undisturbed.findings);

    let mut dice = Dice::new(2026);
    let mut in_the_middle = 0;
    for kill in 0..kills() {
        let location = copy(&base, &place.path().join(format!("killed-{kill}.db")));
        // One in ten before anything is durable, the others between the first batch and the last.
        let after = if dice.one_in(10) { 0 } else { 1 + dice.below(BATCHES as u32 - 1) as usize };
        let pause = Duration::from_micros(u64::from(dice.below(12_000)));
        let acknowledged = run_and_kill(importing(&location.path, &file), after, pause);

        let found = verified(&location).await;
        assert!(found.is_sound(), "kill {kill}: {:?}", found.findings);
        assert!(found.events >= acknowledged.position, "kill {kill}: {acknowledged:?} lost");
        in_the_middle += usize::from((1..FACTS as u64).contains(&acknowledged.lines));

        finish(&location, &file);
        let finished = verified(&location).await;
        assert!(finished.is_sound(), "kill {kill}: {:?}", finished.findings);
        assert_eq!(finished.events, undisturbed.events, "kill {kill}: an event twice, or none");
        assert_eq!(digests(&finished), digests(&undisturbed), "kill {kill}");
        for file in [&location.path, &location.vault, &location.key] {
            std::fs::remove_file(file).unwrap();
        }
    }
    println!("{} kills, {in_the_middle} of them between the first batch and the last", kills());
    assert!(in_the_middle * 2 > kills(), "most kills come between the first batch and the last");
}

/// The vault is written first, so a crash may leave a person there whom no event names.
#[tokio::test]
async fn a_registration_that_was_cut_short_is_finished_by_the_next_try() {
    let place = tempfile::tempdir().unwrap();
    let (_, ledger) = founded(&place.path().join("ledger.db")).await;
    let person = PersonId(uuid::Uuid::from_u128(7));
    let fields = [(Field::Name, Personal::new("Ann".to_owned()))].into();
    let newcomer = NewPerson { person, known_as: None, fields };
    ledger.vault().unwrap().put(std::slice::from_ref(&newcomer)).unwrap();

    let request = || Request {
        named: Some(person),
        key: Some("one".to_owned()),
        ..Request::register(newcomer.clone(), ledger.today())
    };
    let receipt = ledger.execute(&Actor::local(), request()).await.unwrap();
    assert_eq!(receipt.positions.len(), 1);
    let again = ledger.execute(&Actor::local(), request()).await.unwrap();
    assert_eq!((again.positions, again.replayed), (receipt.positions, true));

    let another = Request { key: Some("two".to_owned()), ..request() };
    let another = ledger.execute(&Actor::local(), another).await;
    assert!(another.is_err(), "whom an event names is nobody else");
}
