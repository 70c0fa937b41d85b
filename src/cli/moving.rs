//! Moving the whole record, and keeping a copy of it: `export events`, `import events`, `backup`
//! and `restore`.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::output::Output;
use super::{Exit, Failure, Run};
use crate::ledger::moving::{self, Moved, export_events, export_to, import_events};
use crate::ledger::verify::Verification;
use crate::messages::Arg;

/// `rollbook export events [FILE]`.
pub(super) async fn export(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let matches = run.matches.subcommand_matches("events").unwrap_or(run.matches);
    let run = &run.below(matches);
    let (location, nature) = (run.location()?, run.nature());
    let bar = bar(output, "progress-export");
    let shown = |events| bar.set_position(events);
    let Some(file) = run.typed("file").map(PathBuf::from) else {
        let moved = export_events(&location, nature, output.data, shown).await;
        bar.finish_and_clear();
        output.remark("export-done", &args(&moved?));
        return Ok(Exit::Ok);
    };
    let moved = export_to(&file, &location, nature, shown).await;
    bar.finish_and_clear();
    let moved = moved?;
    if output.is_json() {
        output.json(&moved)?;
    } else {
        output.say("export-done", &args(&moved))?;
    }
    Ok(Exit::Ok)
}

/// `rollbook import events FILE`.
pub(super) async fn import(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let (location, nature) = (run.location()?, run.nature());
    let file = PathBuf::from(run.typed("file").unwrap_or_default());
    let bar = bar(output, "progress-verify");
    let shown = |events| bar.set_position(events);
    let made = import_events(&file, &location, nature, shown).await;
    bar.finish_and_clear();
    let (moved, found) = made?;
    told(output, "import-events-done", &moved, &found)?;
    output.remark("import-events-vault", &[]);
    Ok(Exit::Ok)
}

/// What was moved and verified.
fn told(
    output: &mut Output<'_>,
    key: &str,
    moved: &Moved,
    found: &Verification,
) -> Result<(), Failure> {
    if output.is_json() {
        let (ledger, events, root) = (moved.ledger, moved.events, &moved.root);
        let projections = &found.projections;
        let value = json!({
            "ledger": ledger, "events": events, "root": root, "projections": projections,
        });
        return Ok(output.json(&value)?);
    }
    Ok(output.say(key, &args(moved))?)
}

fn args(moved: &Moved) -> [Arg<'static>; 3] {
    [
        ("ledger", moved.ledger.to_string().into()),
        ("events", moved.events.into()),
        ("root", moved.root.clone().into()),
    ]
}

fn bar(output: &Output<'_>, key: &str) -> ProgressBar {
    let shown = output.errors_are_terminal && !output.quiet;
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{msg} {human_pos} ({per_sec})") {
        bar.set_style(style);
    }
    bar.set_message(output.text(key, &[]));
    bar
}

/// `rollbook backup DIR`.
pub(super) async fn backup(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let (location, nature) = (run.location()?, run.nature());
    let directory = PathBuf::from(run.typed("directory").unwrap_or_default());
    let bar = bar(output, "progress-export");
    let shown = |events| bar.set_position(events);
    let made = moving::backup(&directory, &location, nature, shown).await;
    bar.finish_and_clear();
    let manifest = made?;
    if output.is_json() {
        output.json(&manifest)?;
    } else {
        output.say("backup-done", &args(&manifest.moved()))?;
    }
    let key = [("key", location.key.display().to_string().into())];
    output.remark(if manifest.has_vault() { "backup-key" } else { "backup-no-vault" }, &key);
    Ok(Exit::Ok)
}

/// `rollbook restore DIR`.
pub(super) async fn restore(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let (location, nature) = (run.location()?, run.nature());
    let directory = PathBuf::from(run.typed("directory").unwrap_or_default());
    let bar = bar(output, "progress-verify");
    let shown = |events| bar.set_position(events);
    let made = moving::restore(&directory, &location, nature, shown).await;
    bar.finish_and_clear();
    let (manifest, found) = made?;
    told(output, "restore-done", &manifest.moved(), &found)?;
    if manifest.has_vault() && !location.key.exists() {
        output.remark("restore-key", &[("key", location.key.display().to_string().into())]);
    }
    Ok(Exit::Ok)
}
