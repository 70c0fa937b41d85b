//! What was done and what came of it, as Markdown.

use std::fmt::Write;
use std::time::Duration;

use crate::lane::Tally;

/// A planted bug, and what found it.
#[derive(Debug, Clone)]
pub struct Planted {
    /// Its name.
    pub fault: &'static str,
    /// The way of crashing that found it, and what was found; `None`: nothing did.
    pub caught: Option<(&'static str, String)>,
}

/// How long a way of crashing took.
#[derive(Debug, Clone, Copy)]
pub struct Timed {
    /// Its name.
    pub name: &'static str,
    /// How often it was done.
    pub count: u64,
    /// How long that took.
    pub took: Duration,
}

/// The report.
pub fn report(command: &str, tally: &Tally, timed: &[Timed], planted: &[Planted]) -> String {
    let mut text = String::new();
    let findings = &tally.findings;
    let rows = [
        ("processes killed under load (SIGKILL)", tally.kills),
        ("power losses under load", tally.cuts),
        ("power losses while a ledger was founded", tally.foundings),
        ("operations failed with EIO or ENOSPC, each followed by a power loss", tally.failures),
        ("processes killed while another one waited", tally.handovers),
        ("PostgreSQL servers killed under load", tally.server_kills),
        ("commands acknowledged", tally.acknowledged),
        ("acknowledged and lost", findings.lost.len() as u64),
        ("recorded twice", findings.doubled.len() as u64),
        ("anything else wrong", findings.other.len() as u64),
    ];
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes anything");
    line(format!("`{command}`\n"));
    line("| what | count |\n|---|---|".to_owned());
    for (what, count) in rows {
        line(format!("| {what} | {count} |"));
    }
    if !planted.is_empty() {
        let caught = planted.iter().filter(|planted| planted.caught.is_some()).count();
        line(format!("| planted bugs that were caught | {caught} of {} |", planted.len()));
    }
    line("\n| way | times | seconds | a second |\n|---|---|---|---|".to_owned());
    for Timed { name, count, took } in timed.iter().filter(|timed| timed.count > 0) {
        let seconds = took.as_secs_f64();
        line(format!("| {name} | {count} | {seconds:.1} | {:.1} |", *count as f64 / seconds));
    }
    if !planted.is_empty() {
        line("\n| planted bug | caught by | what was found |\n|---|---|---|".to_owned());
    }
    for Planted { fault, caught } in planted {
        let (by, what) = caught.as_ref().map_or(("NOTHING", ""), |(by, what)| (by, what));
        let what: String = what.replace('|', "/").chars().take(120).collect();
        line(format!("| `{fault}` | {by} | {what} |"));
    }
    text
}
