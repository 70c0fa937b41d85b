//! Looking after a ledger: what state it is in, and whether it is as it was written.

use events::{Event, Guard, LedgerEvent, Position};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::output::{Align, Output};
use super::{Exit, Failure, Run};
use crate::ledger::verify::{Finding, Verification, verify_at};
use crate::ledger::{Ledger, Location, Mode, SOURCE_DEFAULT};

/// `rollbook status`.
pub(super) async fn status(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let location = run.location()?;
    let ledger = run.open(Mode::Read).await?;
    let head = ledger.store().head().await?;
    let mut projections = Vec::new();
    for table in projections::TABLES {
        let stored = ledger.store().projected(table).await?;
        let position = stored.map_or(Position(0), |stored| stored.position);
        projections.push((table.name, position, head.position.0.saturating_sub(position.0)));
    }
    let frame = frame(run, &ledger).await?;
    let import = ledger.store().progress(SOURCE_DEFAULT).await?;
    let sizes = sizes(&location, &ledger);
    if output.is_json() {
        let projection = |(name, position, lag): &(&str, Position, u64)| -> serde_json::Value {
            json!({ "name": name, "position": position, "lag": lag })
        };
        output.json(&json!({
            "ledger": ledger.id(),
            "zone": frame.zone,
            "preset": frame.preset,
            "rules": frame.rules,
            "position": head.position,
            "recorded_at": head.recorded_at,
            "projections": projections.iter().map(projection).collect::<Vec<_>>(),
            "import": import.as_ref().map(|import| {
                json!({ "source": import.source, "lines": import.lines })
            }),
            "vault": ledger.has_vault(),
            "bytes": sizes.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        }))?;
        return Ok(Exit::Ok);
    }
    let lag = projections.iter().map(|(_, _, lag)| *lag).max().unwrap_or(0);
    let recorded_at = head.recorded_at.map(|at| format!("{at:.0}")).unwrap_or_default();
    let mut rows = vec![
        ("status-ledger", ledger.id().to_string()),
        ("status-zone", frame.zone),
        ("status-rules", frame.rules),
        ("status-events", head.position.to_string()),
        ("status-recorded", recorded_at),
        ("status-lag", output.text("status-lag-value", &[("lag", lag.into())])),
    ];
    if let Some(import) = import {
        let args = [("source", import.source.into()), ("lines", import.lines.into())];
        rows.push(("status-import", output.text("status-import-value", &args)));
    }
    let vault = if ledger.has_vault() { "status-vault-yes" } else { "status-vault-no" };
    rows.push(("status-vault", output.text(vault, &[])));
    let mut rows: Vec<Vec<String>> =
        rows.into_iter().map(|(key, value)| vec![output.text(key, &[]), value]).collect();
    for (path, bytes) in sizes {
        rows.push(vec![path, output.text("status-bytes", &[("bytes", grouped(bytes).into())])]);
    }
    output.table(&[("head-what", Align::Left), ("head-value", Align::Left)], rows)?;
    Ok(Exit::Ok)
}

/// What was fixed when the ledger was founded, and the rules of today.
struct Frame {
    zone: String,
    preset: String,
    rules: String,
}

async fn frame(run: &Run<'_>, ledger: &Ledger) -> Result<Frame, Failure> {
    let opening = ledger.log(&run.actor, Position(0), 1).await?;
    let opened = opening.first().map(|explained| &explained.recorded.event);
    let (zone, preset) = match opened {
        Some(Event::Ledger(LedgerEvent::Opened { zone, preset, .. })) => {
            (zone.to_string(), preset.to_string())
        }
        Some(_) | None => (String::new(), String::new()),
    };
    let mut session = ledger.session();
    session.look(Guard::Policy(ledger.id())).await?;
    let rules = session.known().policy(ledger.today()).rules.name.to_string();
    Ok(Frame { zone, preset, rules })
}

/// The sizes of the ledger's files.
fn sizes(location: &Location, ledger: &Ledger) -> Vec<(String, u64)> {
    let vault = ledger.has_vault().then_some(&location.vault);
    let size = |path: &std::path::PathBuf| {
        let bytes = std::fs::metadata(path).ok()?.len();
        Some((path.display().to_string(), bytes))
    };
    std::iter::once(&location.path).chain(vault).filter_map(size).collect()
}

/// A number with its digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// `rollbook verify`.
pub(super) async fn verify(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let location = run.location()?;
    let shown = output.errors_are_terminal && !output.quiet;
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{msg} {human_pos} ({per_sec})") {
        bar.set_style(style);
    }
    bar.set_message(output.text("progress-verify", &[]));
    let nature = run.nature();
    let verified = verify_at(&location, nature, |events| bar.set_position(events)).await;
    bar.finish_and_clear();
    // What stops half-way leaves the question open.
    let found = verified.map_err(|error| {
        let mut failure = Failure::from(error);
        if failure.exit == Exit::Failed {
            failure.exit = Exit::Incomplete;
        }
        failure
    })?;
    let exit = if found.is_sound() { Exit::Ok } else { Exit::Tampering };
    if output.is_json() {
        let mut value = serde_json::to_value(&found).expect("a verification is JSON");
        value["sound"] = found.is_sound().into();
        output.json(&value)?;
        return Ok(exit);
    }
    told(output, &found)?;
    Ok(exit)
}

/// What was checked and what was found, for people.
fn told(output: &mut Output<'_>, found: &Verification) -> Result<(), Failure> {
    let args = [
        ("events", found.events.into()),
        ("projections", (found.projections.len() as u64).into()),
        ("findings", (found.findings.len() as u64).into()),
        ("root", found.root.clone().into()),
    ];
    output.say(if found.is_sound() { "verify-sound" } else { "verify-findings" }, &args)?;
    output.say("verify-root", &args)?;
    for (name, check) in &found.projections {
        let args = [
            ("name", (*name).into()),
            ("rows", check.rows.into()),
            ("position", check.position.to_string().into()),
            ("digest", check.digest.clone().into()),
        ];
        output.say("verify-projection", &args)?;
    }
    for name in &found.skipped {
        output.say("verify-skipped", &[("name", (*name).into())])?;
    }
    let row = |finding: &Finding| {
        let position = finding.position.map(|position| position.to_string());
        let problem = output.text(&format!("finding-{}", finding.problem), &[]);
        vec![position.unwrap_or_default(), problem, crate::messages::visible(&finding.detail)]
    };
    if !found.is_sound() {
        let rows = found.findings.iter().map(row).collect();
        let heads = [
            ("head-position", Align::Right),
            ("head-finding", Align::Left),
            ("head-detail", Align::Left),
        ];
        output.line("")?;
        output.table(&heads, rows)?;
        output.remark("verify-hint", &[]);
    }
    Ok(())
}
