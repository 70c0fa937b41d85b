//! What was done and what came of it, as Markdown.

use std::fmt::Write;
use std::time::Duration;

use crate::modes::Mode;
use crate::parts::Part;

/// A planted bug, and what found it.
#[derive(Debug, Clone)]
pub struct Planted {
    /// Its name.
    pub fault: &'static str,
    /// The way of crashing that found it, and what was found; `None`: nothing did.
    pub caught: Option<(&'static str, String)>,
}

/// The report.
pub fn report(command: &str, parts: &[Part], planted: &[Planted]) -> String {
    let mut text = String::new();
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes anything");
    let sum = |number: fn(&Part) -> u64| parts.iter().map(number).sum::<u64>();
    line(format!("`{command}`"));
    if !parts.is_empty() {
        line("\n| what | count |\n|---|---|".to_owned());
        for mode in Mode::all() {
            let (counted, times) = (mode.counted(), of(mode, parts, |part| part.times));
            line(format!("| {counted} | {times} |"));
        }
        let rows = [
            ("commands acknowledged", sum(|part| part.acknowledged)),
            ("recorded, and the answer never arrived", sum(|part| part.unanswered)),
            ("acknowledged and lost", sum(|part| part.lost)),
            ("recorded twice", sum(|part| part.doubled)),
            ("anything else wrong", sum(|part| part.other)),
        ];
        for (what, count) in rows {
            line(format!("| {what} | {count} |"));
        }
        line("\nWays on files and ways on servers ran side by side.".to_owned());
        line(
            "\n| way | times | acknowledged | seconds | a second |\n|---|---|---|---|---|"
                .to_owned(),
        );
    }
    for mode in Mode::all() {
        let times = of(mode, parts, |part| part.times);
        let took: Duration =
            parts.iter().filter(|part| part.mode == mode).map(|part| part.took).sum();
        if times > 0 {
            let (name, seconds) = (mode.name(), took.as_secs_f64());
            let (acknowledged, rate) =
                (of(mode, parts, |part| part.acknowledged), times as f64 / seconds);
            line(format!("| {name} | {times} | {acknowledged} | {seconds:.1} | {rate:.1} |"));
        }
    }
    if !planted.is_empty() {
        let caught = planted.iter().filter(|planted| planted.caught.is_some()).count();
        line(format!("\nPlanted bugs that were caught: {caught} of {}.", planted.len()));
        line("\n| planted bug | caught by | what was found |\n|---|---|---|".to_owned());
    }
    for Planted { fault, caught } in planted {
        let (by, what) = caught.as_ref().map_or(("NOTHING", ""), |(by, what)| (by, what));
        let what: String = what.replace('|', "/").chars().take(120).collect();
        line(format!("| `{fault}` | {by} | {what} |"));
    }
    text
}

fn of(mode: Mode, parts: &[Part], number: fn(&Part) -> u64) -> u64 {
    parts.iter().filter(|part| part.mode == mode).map(number).sum()
}
