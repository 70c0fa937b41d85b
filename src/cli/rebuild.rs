//! `rollbook rebuild`: progress while it runs, and what became of each projection.

use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::output::{Format, Output};
use super::{Exit, Failure, Run};
use crate::ledger::rebuild::{Differing, Rebuilt, Served, Step, Wanted, rebuild_at};

/// The phase, how much of how much, and a rate.
const BOUNDED: &str = "{msg} {wide_bar} {human_pos}/{human_len} ({per_sec})";

/// The phase alone.
const UNBOUNDED: &str = "{msg} ({elapsed})";

/// `rollbook rebuild [PROJECTION]`.
pub(super) async fn rebuild(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let location = run.location()?;
    let replaces = run.matches.get_flag("replace");
    let wanted = Wanted {
        projection: run.typed("projection"),
        back: run.matches.get_flag("back"),
        differing: if replaces { Differing::IsReplaced } else { Differing::Stays },
    };
    let began = Instant::now();
    let rebuilt = {
        let mut progress = Progress::new(output);
        let nature = run.nature();
        let rebuilt = rebuild_at(&location, nature, wanted, |step| progress.step(step)).await;
        progress.bar.finish_and_clear();
        rebuilt?
    };
    let stays = rebuilt.iter().any(|one| one.served == Served::Other && !one.swapped);
    let seconds = began.elapsed().as_secs_f64();
    if output.is_json() {
        output.json(&json!({ "projections": rebuilt, "seconds": seconds }))?;
    } else {
        told(output, &rebuilt, seconds)?;
        if stays {
            output.remark("rebuild-stays", &[]);
            let hint = output.messages.hint("rebuild-stays", &[]).unwrap_or_default();
            output.remark("failure-hint", &[("hint", hint.into())]);
        }
    }
    Ok(if stays { Exit::Tampering } else { Exit::Ok })
}

/// Says how far it is: to a program on standard output, to a person at a terminal as a bar.
struct Progress<'a, 'b> {
    output: &'a mut Output<'b>,
    bar: ProgressBar,
}

impl<'a, 'b> Progress<'a, 'b> {
    fn new(output: &'a mut Output<'b>) -> Self {
        let shown = output.errors_are_terminal && !output.quiet;
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_message(output.text("progress-rebuild-fold", &[]));
        Self { output, bar }
    }

    fn step(&mut self, step: Step) {
        let line = match step {
            Step::Folded(position, until) => {
                if self.bar.length().is_none() {
                    self.bar.set_length(until.0);
                    self.style(BOUNDED);
                }
                self.bar.set_position(position.0);
                json!({ "phase": "fold", "position": position, "until": until })
            }
            Step::Compared(name) => {
                self.phase("progress-rebuild-compare", name);
                json!({ "phase": "compare", "projection": name })
            }
            Step::Staged(name) => {
                self.phase("progress-rebuild-stage", name);
                json!({ "phase": "stage", "projection": name })
            }
        };
        if self.output.format == Format::Ndjson {
            // Should nobody listen any more, the rebuild goes on all the same.
            _ = self.output.json(&line);
        }
    }

    fn phase(&mut self, key: &str, name: &'static str) {
        self.style(UNBOUNDED);
        self.bar.set_message(self.output.text(key, &[("name", name.into())]));
        self.bar.tick();
    }

    fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }
}

/// What became of each projection, for people.
fn told(output: &mut Output<'_>, rebuilt: &[Rebuilt], seconds: f64) -> Result<(), Failure> {
    for one in rebuilt {
        let key = match one.served {
            Served::Same => "rebuild-same",
            Served::Other => "rebuild-other",
            Served::Nothing => "rebuild-nothing",
        };
        let args = [
            ("name", one.name.into()),
            ("position", one.position.to_string().into()),
            ("rows", one.rows.into()),
            ("seconds", short(one.took.as_secs_f64()).into()),
            ("digest", events::leaf::hexadecimal(&one.digest).into()),
        ];
        output.say(key, &args)?;
    }
    let swapped = rebuilt.iter().filter(|one| one.swapped).count() as u64;
    let args = [
        ("swapped", swapped.into()),
        ("projections", (rebuilt.len() as u64).into()),
        ("seconds", short(seconds).into()),
    ];
    Ok(output.say("rebuild-swapped", &args)?)
}

fn short(seconds: f64) -> String {
    format!("{seconds:.1}")
}
