//! `rollbook correct-events --file FILE`: a set of corrections out of a file.

use std::path::Path;

use events::Code;

use super::output::Output;
use super::record::{Beside, settle};
use super::{Exit, Failure, Run};
use crate::import::{BadCorrections, Written, corrections};
use crate::ledger::{Correction, Mode};

/// Corrects what the file says, all of it at once. A reason on the command line goes before the
/// one in the file.
pub(super) async fn correct(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let path = Path::new(run.typed("file").unwrap_or_default());
    let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))?;
    let bad = |bad| Failure::in_corrections(path, bad);
    let written = corrections(&text).map_err(bad)?;
    let at = |line, field: &str, problem| {
        bad(BadCorrections { line, field: field.to_owned(), problem, cause: None })
    };
    let typed = run.typed("reason").map(|text| {
        let given = [("argument", "--reason"), ("given", text)];
        Code::parse(text).map_err(|_| Failure::usage("invalid_value", given))
    });
    let reason = typed.transpose()?.or(written.reason);
    let reason = reason.ok_or_else(|| at(1, "reason", "field_missing"))?;
    let beside = Beside::of(run);
    let dry_run = run.matches.get_flag("dry-run");
    let ledger = run.open(if dry_run { Mode::Read } else { Mode::Write }).await?;
    let entries: Vec<Correction> =
        written.entries.iter().map(|entry| entry.correction.clone()).collect();
    let request = ledger.correcting(&run.actor, &entries, reason).await;
    let request = request.map_err(|(index, error)| {
        let Written { line, field, .. } = &written.entries[index];
        Failure::in_correction(path, (*line, field), error)
    })?;
    let request = beside.with(run, &ledger, request)?;
    settle(run, output, &ledger, request).await
}
