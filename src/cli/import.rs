//! `rollbook import`: progress while it runs, a report when it is done; and plans of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::output::{Align, Format, Output};
use super::record::{founded, note_value};
use super::scratch::Scratch;
use super::{Exit, Failure, Run};
use crate::import::{ImportPlan, Options, Report, Step, import_facts, plan_import};
use crate::ledger::{Error, Ledger, Location, Mode, SOURCE_DEFAULT};
use crate::store::{ReportRow, StoreError};

/// How many rows of the report are shown unless all are asked for.
const ROWS_SHOWN: usize = 20;

/// The phase, a count and a rate, while nobody knows how much there is.
const UNBOUNDED: &str = "{msg} {human_pos} ({per_sec})";

/// The same once it is known.
const BOUNDED: &str = "{msg} {wide_bar} {human_pos}/{human_len} ({per_sec})";

/// `rollbook import plan FILE --out PLAN`.
async fn plan(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let path = PathBuf::from(run.typed("file").unwrap_or_default());
    let out = PathBuf::from(run.typed("out").unwrap_or_default());
    let source = run.typed("source").unwrap_or(SOURCE_DEFAULT);
    let ledger = run.open(Mode::Read).await?;
    let (plan, report) = {
        let mut progress = Progress::new(output, &path);
        let asked = (path.as_path(), source);
        let planned = plan_import(&ledger, &run.actor, asked, |step| progress.step(step)).await;
        progress.end();
        planned?
    };
    plan.write(&out)?;
    if output.is_json() {
        output.json(&json!({ "report": report_value(&report), "plan": plan }))?;
    } else {
        show(output, &report, run.matches.get_flag("all"))?;
        output.say("import-planned", &[("out", out.display().to_string().into())])?;
    }
    Ok(Exit::Ok)
}

/// `rollbook import facts FILE`, and the other things that are imported.
pub(super) async fn import(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    if let Some(matches) = run.matches.subcommand_matches("plan") {
        return plan(&run.below(matches), output).await;
    }
    if let Some(matches) = run.matches.subcommand_matches("events") {
        return super::moving::import(&run.below(matches), output).await;
    }
    let matches = run.matches.subcommand_matches("facts").unwrap_or(run.matches);
    let run = &run.below(matches);
    let path = PathBuf::from(run.typed("file").unwrap_or_default());
    let dry_run = matches.get_flag("dry-run");
    let source = run.typed("source").unwrap_or(SOURCE_DEFAULT);
    // A name that cannot be recorded, or a file that cannot even be opened, makes no ledger.
    crate::import::check_source(source)?;
    crate::import::Lines::open(&path)?;
    let plan = run.typed("plan").map(|path| ImportPlan::read(Path::new(path))).transpose()?;
    let (ledger, _scratch) = run.open_or_found(output, dry_run).await?;
    let options = Options { source, dry_run, plan: plan.as_ref() };
    let report = {
        let mut progress = Progress::new(output, &path);
        let report =
            import_facts(&ledger, &run.actor, &path, options, |step| progress.step(step)).await;
        progress.end();
        report?
    };
    if output.is_json() {
        output.json(&json!({ "report": report_value(&report) }))?;
    } else {
        show(output, &report, matches.get_flag("all"))?;
    }
    Ok(Exit::Ok)
}

impl Run<'_> {
    /// The ledger, a new one where there is none; for a preview one that nobody keeps.
    async fn open_or_found(
        &self,
        output: &mut Output<'_>,
        dry_run: bool,
    ) -> Result<(Arc<Ledger>, Option<Scratch>), Failure> {
        if let Some(ledger) = self.ledger {
            return Ok((ledger.clone(), None));
        }
        let location = self.location()?;
        let nature = self.nature();
        let mode = if dry_run { Mode::Read } else { Mode::Write };
        match Ledger::open(&location, mode, nature.clone()).await {
            Err(Error::Store(StoreError::NoLedger(_))) => {}
            opened => return Ok((Arc::new(opened?), None)),
        }
        let founding = self.founding();
        if !dry_run {
            let ledger = Ledger::found(&location, &founding, nature).await?;
            if !output.is_json() {
                founded(output, &ledger, &founding, &location)?;
            }
            return Ok((Arc::new(ledger), None));
        }
        let scratch = Scratch::new(self, "rollbook-preview")?;
        let location = Location::at(&scratch.path("preview.db"));
        let ledger = Ledger::found_in_memory(&founding, nature, Some(&location)).await?;
        Ok((Arc::new(ledger), Some(scratch)))
    }
}

/// Says how far the import is: to a program on standard output, to a person at a terminal as a bar.
struct Progress<'a, 'b> {
    output: &'a mut Output<'b>,
    bar: ProgressBar,
    checked: u64,
}

impl<'a, 'b> Progress<'a, 'b> {
    fn new(output: &'a mut Output<'b>, path: &Path) -> Self {
        let shown = output.errors_are_terminal && !output.quiet;
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(UNBOUNDED) {
            bar.set_style(style);
        }
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        bar.set_message(output.text("progress-check", &[("file", file.into())]));
        Self { output, bar, checked: 0 }
    }

    fn step(&mut self, step: Step) {
        let (phase, lines, position) = match step {
            Step::Checked(lines) => {
                self.checked = lines;
                ("check", lines, None)
            }
            Step::Applied(lines, position) => {
                self.begin_applying();
                ("apply", lines, Some(position))
            }
        };
        self.bar.set_position(lines);
        if self.output.format == Format::Ndjson {
            let line = json!({ "phase": phase, "lines": lines, "position": position });
            // Should nobody listen any more, the import goes on all the same.
            _ = self.output.json(&line);
        }
    }

    /// Now it is known how many lines there are.
    fn begin_applying(&mut self) {
        if self.bar.length().is_some() {
            return;
        }
        self.bar.reset();
        self.bar.set_length(self.checked);
        if let Ok(style) = ProgressStyle::with_template(BOUNDED) {
            self.bar.set_style(style);
        }
        self.bar.set_message(self.output.text("progress-apply", &[]));
    }

    fn end(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn report_value(report: &Report) -> serde_json::Value {
    let row = |row: &ReportRow| {
        let mut value = note_value(&row.note);
        value["line"] = row.line.into();
        value["outcome"] = row.outcome.clone().into();
        value
    };
    let mut value = serde_json::to_value(report).expect("a report is JSON");
    value["rows"] = report.rows.iter().map(row).collect();
    value
}

/// The summary, and a row for every fact that was not simply recorded.
fn show(output: &mut Output<'_>, report: &Report, all: bool) -> Result<(), Failure> {
    let args = [
        ("source", report.source.clone().into()),
        ("lines", report.lines.into()),
        ("lines_before", report.lines_before.into()),
        ("applied", report.applied.into()),
        ("events", report.events.into()),
        ("position", report.position.to_string().into()),
    ];
    output.say(if report.dry_run { "report-preview" } else { "report" }, &args)?;
    if report.lines_before > 0 {
        output.say("report-before", &args)?;
    }
    let counts = [
        ("report-already_so", report.already_so),
        ("report-refused", report.refused),
        ("report-held", report.held),
        ("report-noted", report.noted),
    ];
    for (key, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        output.say(key, &[("count", count.into())])?;
    }
    if report.rows.is_empty() {
        return Ok(());
    }
    let shown = if all { report.rows.len() } else { ROWS_SHOWN.min(report.rows.len()) };
    let row = |row: &ReportRow| {
        let prefix = if row.outcome == "refused" { "refused" } else { "note" };
        vec![
            row.line.to_string(),
            output.text(&format!("outcome-{}", row.outcome), &[]),
            output.messages.coded(prefix, &row.note.code, &row.note.args),
        ]
    };
    let rows = report.rows[..shown].iter().map(row).collect();
    let heads =
        [("head-line", Align::Right), ("head-outcome", Align::Left), ("head-reason", Align::Left)];
    output.line("")?;
    output.table(&heads, rows)?;
    let more = report.rows.len() - shown;
    if more > 0 {
        output.say("report-more", &[("count", (more as u64).into())])?;
    }
    Ok(())
}
