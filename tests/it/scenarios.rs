//! The transcripts of `tests/scenarios`: each is played on memory, on SQLite, on PostgreSQL and
//! through the program itself, and each refusal of each command stands in one.

mod play;
mod stage;
mod transcript;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rollbook::commands::{self, Refusal};
use rollbook::ledger;

use play::play;
use stage::{InProcess, Program, Stage};
use transcript::Transcript;

/// The refusals of commands that have no transcript yet. The list must shrink: one in it that has
/// a transcript fails the test.
const NOT_YET: &[(&str, &str)] = &[];

/// The edge case without a transcript: erasure.
const OPEN_EDGES: &[u32] = &[24];

/// The edge cases are numbered from one to this.
const EDGES: u32 = 25;

/// The refusals that no command line brings about, with the reason: commands share what they look
/// at, and some look at less than the others.
const BEYOND_REACH: &[(&str, &[&str], &str)] = &[
    (
        "accept-transfer",
        &["branch_unknown"],
        "who answers a letter is told first whether it is his",
    ),
    ("accept-transfer", &["branch_dissolved", "origin_not_home"], CLOSED),
    ("accept-transfer-by-rule", &["branch_unknown"], "a letter is issued to a branch there is"),
    ("accept-transfer-by-rule", &["branch_dissolved", "origin_not_home", "person_died"], CLOSED),
    ("correct-events", &["family_mismatch"], "the fields that are typed are of the same event"),
    ("receipt-transfer", &["origin_not_home"], CLOSED),
    ("reissue-transfer", &["branch_unknown"], "a letter is issued to a branch there is"),
    ("reissue-transfer", &["branch_dissolved"], CLOSED),
];

const CLOSED: &str = "whatever ends the home or a side closes the letter, or takes it along";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// Every transcript below a folder, by its path.
fn transcripts(folder: &Path) -> Vec<Transcript> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(transcripts(&path));
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            let text = fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(self::folder()).unwrap().display().to_string();
            found.push(Transcript::read(&name, &text).unwrap_or_else(|wrong| panic!("{wrong}")));
        }
    }
    found
}

/// Plays every transcript, and tells all that differ.
fn all_on<S: Stage>(begin: fn(&Transcript) -> S) {
    let transcripts = transcripts(&folder());
    assert!(transcripts.len() > 20, "the transcripts are gone");
    let differing: Vec<String> = transcripts
        .iter()
        .filter_map(|transcript| play(transcript, &mut begin(transcript)).err())
        .collect();
    assert!(differing.is_empty(), "\n{}\n", differing.join("\n\n"));
}

#[test]
fn every_transcript_holds_on_memory() {
    all_on(InProcess::on_memory);
}

#[test]
fn every_transcript_holds_on_sqlite() {
    all_on(InProcess::on_sqlite);
}

#[cfg(feature = "postgres")]
#[test]
fn every_transcript_holds_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if runtime.block_on(crate::support::postgres::database()).is_some() {
        all_on(InProcess::on_postgres);
    }
}

#[test]
fn every_transcript_holds_through_the_program() {
    all_on(Program::begin);
}

#[test]
fn every_refusal_has_a_transcript() {
    let mut shown = BTreeSet::new();
    for transcript in transcripts(&folder()) {
        shown.extend(transcript.refusals());
    }
    let common = ledger::COMMON_REFUSALS.iter();
    let lacking = common.filter(|code| !shown.iter().any(|(_, shown)| shown == *code));
    let mut lacking: Vec<String> = lacking.map(|code| format!("any command: {code}")).collect();
    let clock = ledger::ClockRefusal::CODES.iter();
    let clock = clock.filter(|code| !shown.contains(&("clock".to_owned(), (**code).to_owned())));
    lacking.extend(clock.map(|code| format!("clock: {code}")));
    let beyond = BEYOND_REACH
        .iter()
        .flat_map(|(name, codes, _)| codes.iter().map(move |code| (*name, *code)));
    let exempt: BTreeSet<(&str, &str)> = NOT_YET.iter().copied().chain(beyond).collect();
    let all = commands::all();
    let all: BTreeSet<(&str, &str)> = all
        .iter()
        .flat_map(|info| info.refusals.iter().map(move |code| (info.name, *code)))
        .collect();
    let is_shown =
        |(name, code): &(&str, &str)| shown.contains(&((*name).to_owned(), (*code).to_owned()));
    let without = all.difference(&exempt).filter(|pair| !is_shown(pair));
    lacking.extend(without.map(|(name, code)| format!("{name}: {code}")));
    let idle = exempt.iter().filter(|pair| is_shown(pair) || !all.contains(pair));
    lacking.extend(idle.map(|(name, code)| format!("{name}: {code} is exempt without need")));
    assert!(lacking.is_empty(), "\nwithout a transcript:\n{}\n", lacking.join("\n"));
}

#[test]
fn every_edge_case_has_a_transcript() {
    let names: Vec<String> = transcripts(&folder()).into_iter().map(|it| it.name).collect();
    for edge in 1..=EDGES {
        let is_told = names.iter().any(|name| name.starts_with(&format!("edge-{edge:02}-")));
        assert_ne!(is_told, OPEN_EDGES.contains(&edge), "edge case {edge}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a text on memory.
    fn played(steps: &str) -> Result<(), String> {
        let text = format!("# A trial.\n# preset party\n# today 2026-02-01\n\n{steps}");
        let transcript = Transcript::read("trial", &text)?;
        play(&transcript, &mut InProcess::on_memory(&transcript))
    }

    const FORM: &str = "$ form-branch --code north --name North\n";

    #[test]
    fn what_holds_is_played() {
        let steps = format!(
            "{FORM}north was formed as “North”, …\n= 1 event\n{FORM}= nothing new\n\
             $ register-person --handle ann\nperson ann was registered\n\
             $ take-post --person ann --branch north --role chair\n\
             ! not_at_home: ann is not at home at north on 2026-02-01, and the rules ask for it.\n\
             hint: Admit or transfer the person to the branch first.\n\
             $ roster\n- ann\n"
        );
        assert_eq!(played(&steps), Ok(()));
    }

    #[test]
    fn what_differs_is_told() {
        for (steps, said) in [
            (format!("{FORM}south was formed …\n"), "no such line"),
            (format!("{FORM}= 2 events\n"), "1 event"),
            (format!("{FORM}= nothing new\n"), "1 event"),
            (format!("{FORM}- north\n"), "stands there"),
            (format!("{FORM}! code_taken\n"), "it was not refused"),
            ("$ tree --branch x\n".to_owned(), "unknown_argument"),
            ("$ roster --branch x\n! branch_unknown\n".to_owned(), "not_found"),
            ("$ roster --branch x\n! not_found: Gone.\n".to_owned(), "There is no branch x."),
            ("$ roster --branch x\n! not_found\nhint: Go.\n".to_owned(), "no such hint"),
        ] {
            let differs = played(&steps).expect_err(&steps);
            assert!(differs.contains(said), "{steps}: {differs}");
        }
    }

    #[test]
    fn a_text_that_is_no_transcript_is_told_with_its_line() {
        for (text, line) in [
            ("", "trial:1"),
            ("# A title.\n$ tree\n", "trial:2"),
            ("# A title.\n# preset party\n# today 2026-02-30\n", "trial:3"),
            ("# A title.\n# preset party\n# today 2026-02-01\nno command\n", "trial:4"),
            ("# A title.\n# preset party\n# today 2026-02-01\n$ tree \"x\n", "trial:4"),
        ] {
            let wrong = Transcript::read("trial", text).map(|_| ()).expect_err(text);
            assert!(wrong.starts_with(line), "{text}: {wrong}");
        }
    }
}
