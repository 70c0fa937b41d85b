//! `rollbook demo`: the first minute. A synthetic city is recorded, and then asked about.

mod build;
mod once;
mod space;
mod story;

use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::nature::DemoNature;
use super::output::Output;
use super::{Exit, Failure, Run};
use crate::config::Origin;
use crate::demo::{FIRST, Ids, LAST, Plan, SCALE_MAX, plan};
use crate::ledger::{Founding, Ledger, Location};
use story::Story;

/// The name of the demo's ledger when none is named.
const NAME: &str = "rollbook-demo";

/// As many demos may lie side by side unnamed; whoever has more is told of the last.
const UNNAMED_MAX: u32 = 1_000;

/// How the progress of the recording is shown.
const BAR: &str = "{msg} {wide_bar} {human_pos}/{human_len} ({per_sec})";

/// `rollbook demo`.
pub(super) async fn demo(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let scale = run.scale()?;
    let (file, location) = run.new_place()?;
    if location.path.exists() {
        return Err(Failure::demo_exists(&file));
    }
    if let Some(lacking) = space::lacking(scale, space::free(&location.path)) {
        return Err(Failure::demo_too_large(&file, space::needed(scale), lacking));
    }
    let plan = plan(scale);
    let founding = Founding { preset: "party".to_owned(), zone: "UTC".to_owned() };
    let nature = Arc::new(DemoNature::on(FIRST));
    let ledger = Ledger::found(&location, &founding, nature.clone()).await?;
    let ids = build(run, output, &ledger, &nature, &plan).await?;
    let story = Story { run, output, ledger: &ledger, plan: &plan, ids: &ids, file, last: LAST };
    story.tell().await?;
    Ok(Exit::Ok)
}

/// Records the plan; a person at a terminal sees how far it is.
async fn build(
    run: &Run<'_>,
    output: &Output<'_>,
    ledger: &Ledger,
    nature: &DemoNature,
    plan: &Plan,
) -> Result<Ids, Failure> {
    let shown = output.errors_are_terminal && !output.quiet;
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(plan.steps.len() as u64), target);
    if let Ok(style) = ProgressStyle::with_template(BAR) {
        bar.set_style(style);
    }
    bar.set_message(output.text("progress-apply", &[]));
    let progress = |steps: usize| bar.set_position(steps as u64);
    let built = build::build(ledger, &run.actor, nature, plan, progress).await;
    bar.finish_and_clear();
    built
}

impl Run<'_> {
    /// The scale that was typed.
    fn scale(&self) -> Result<u32, Failure> {
        let Some(given) = self.typed("scale") else { return Ok(1) };
        let scale = given.parse().ok().filter(|scale| (1..=SCALE_MAX).contains(scale));
        scale.ok_or_else(|| {
            let args = [("given", given.to_owned()), ("most", SCALE_MAX.to_string())];
            Failure::usage("demo_scale", args)
        })
    }

    /// Where the ledger is to be founded: where the command line says, and not where the settings
    /// do, for there lies a ledger in use. When it says nothing, in a new file.
    fn new_place(&self) -> Result<(String, Location), Failure> {
        let named = |origin: &Origin| matches!(origin, Origin::Flag(_));
        if named(&self.settings.ledger.origin) {
            let location = self.location()?;
            let url = &self.settings.ledger.value;
            let file = url.strip_prefix("sqlite:").map(ToOwned::to_owned);
            return Ok((file.unwrap_or_else(|| super::without_password(url)), location));
        }
        let (file, mut location) = unnamed();
        if let Some(key) =
            self.settings.key.value.as_ref().filter(|_| named(&self.settings.key.origin))
        {
            location.key.clone_from(key);
        }
        Ok((file, location))
    }
}

/// The first name under which there is neither a ledger nor the vault or key of one, so that a demo
/// can be looked at again without a thought for the last one.
fn unnamed() -> (String, Location) {
    let mut number = 1;
    loop {
        let file = if number == 1 { format!("{NAME}.db") } else { format!("{NAME}-{number}.db") };
        let location = Location::at(file.as_ref());
        let taken =
            [&location.path, &location.vault, &location.key].into_iter().any(|at| at.exists());
        if !taken || number == UNNAMED_MAX {
            return (file, location);
        }
        number += 1;
    }
}
