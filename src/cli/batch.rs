//! `rollbook transfer-batch`: letters for many members from one file, and what became of each row.

use std::path::PathBuf;

use serde_json::json;

use super::output::{Align, Output};
use super::{Exit, Failure, Run};
use crate::commands::{Decide, IssueTransfer};
use crate::import::{LetterRow, letters};
use crate::ledger::{Error, LetterOutcome, LettersAsked, Mode};

/// A row of the report: the line, the outcome as a code, and why it was refused.
struct Told {
    line: u64,
    outcome: &'static str,
    failure: Option<Failure>,
}

/// `rollbook transfer-batch FILE`.
pub(super) async fn transfer_batch(
    run: &Run<'_>,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let path = PathBuf::from(run.typed("file").unwrap_or_default());
    let rows = letters(&path)?;
    let dry_run = run.matches.get_flag("dry-run");
    let ledger = run.open(if dry_run { Mode::Read } else { Mode::Write }).await?;
    let approver = run.typed("approver");
    let approver = approver.map(|text| ledger.person_named(&run.actor, IssueTransfer::NAME, text));
    let given = |name| run.typed(name).map(ToOwned::to_owned);
    let asked = LettersAsked {
        all_or_nothing: run.matches.get_flag("all-or-nothing"),
        dry_run,
        authority: given("authority"),
        approver: approver.transpose()?,
        reason: given("because"),
    };
    let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
    let typed = rows.into_iter().map(|LetterRow { cells, .. }| {
        cells.map_err(|misfit| Error::Malformed {
            field: misfit.field.to_owned(),
            problem: misfit.problem,
            given: String::new(), // it may be a name
        })
    });
    let outcomes = ledger.issue_letters(&run.actor, &asked, typed.collect()).await?;
    let told: Vec<Told> =
        lines.into_iter().zip(outcomes).map(|(line, outcome)| told(line, outcome)).collect();
    show(output, &asked, &told)?;
    let is_refused = told.iter().any(|row| row.failure.is_some());
    Ok(if is_refused { Exit::Refused } else { Exit::Ok })
}

fn told(line: u64, outcome: LetterOutcome) -> Told {
    let (outcome, failure) = match outcome {
        LetterOutcome::Recorded => ("recorded", None),
        LetterOutcome::AlreadySo => ("already_so", None),
        LetterOutcome::Foreseen => ("foreseen", None),
        LetterOutcome::Withheld => ("withheld", None),
        LetterOutcome::Refused(error) => ("refused", Some(Failure::from(error))),
    };
    Told { line, outcome, failure }
}

fn show(output: &mut Output<'_>, asked: &LettersAsked, rows: &[Told]) -> Result<(), Failure> {
    let count = |outcome: &str| rows.iter().filter(|row| row.outcome == outcome).count() as u64;
    let counts =
        ["recorded", "already_so", "foreseen", "withheld", "refused"].map(|it| (it, count(it)));
    if output.is_json() {
        let row = |row: &Told| {
            let mut value = json!({ "line": row.line, "outcome": row.outcome });
            if let Some(failure) = &row.failure {
                let told = failure.to_json(output.messages);
                for key in ["code", "message", "args"] {
                    value[key] = told["error"][key].clone();
                }
            }
            value
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        let mut report = json!({
            "all_or_nothing": asked.all_or_nothing,
            "dry_run": asked.dry_run,
            "rows": rows,
        });
        for (outcome, count) in counts {
            report[outcome] = count.into();
        }
        output.json(&report)?;
        return Ok(());
    }
    let args = counts.map(|(outcome, count)| (outcome, count.into()));
    output.say(if asked.dry_run { "letters-preview" } else { "letters" }, &args)?;
    let row = |row: &Told| {
        let outcome = match row.outcome {
            "recorded" => "outcome-recorded",
            "already_so" => "outcome-already_so",
            "foreseen" => "outcome-foreseen",
            "withheld" => "outcome-withheld",
            _ => "outcome-refused",
        };
        let code = row.failure.as_ref().map(|failure| failure.code().to_owned());
        let sentence = row.failure.as_ref().map(|failure| failure.sentence(output.messages));
        vec![
            row.line.to_string(),
            output.text(outcome, &[]),
            code.unwrap_or_default(),
            sentence.unwrap_or_default(),
        ]
    };
    let rows = rows.iter().map(row).collect();
    let heads = [
        ("head-line", Align::Right),
        ("head-outcome", Align::Left),
        ("head-code", Align::Left),
        ("head-reason", Align::Left),
    ];
    Ok(output.table(&heads, rows)?)
}
