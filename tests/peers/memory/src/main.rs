//! The index in memory alone, without a store: folds a body's events and asks for several days, as
//! known now and earlier.

use std::time::{Duration, Instant};

use events::policy::CoverageRules;
use events::{Date, Position, Recorded};
use jiff::ToSpan;
use projections::index::{Index, TABLES};
use projections::{Period, Projection};
use workload::{argument, body};

/// How often each question is asked; the median counts.
const TIMES: u64 = 5;

/// How many events are folded before what is over is let go.
const BLOCK: u64 = 5_000;

fn main() {
    let (index, head) = folded(argument(1));
    let middle = body::DAYS / 2 - 200;
    for (name, known_at) in [("now", head), ("half", head / 2), ("nine tenths", head / 10 * 9)] {
        let known_at = Position(known_at);
        let days =
            |n: u64| body::first_day() + i64::try_from(middle + 31 * n).expect("a day").days();
        let timed = |question: &str, ask: &dyn Fn(Date)| {
            let waits = (0..TIMES).map(|n| {
                let began = Instant::now();
                ask(days(n));
                began.elapsed()
            });
            tell(question, name, waits.collect());
        };
        timed("head-count", &|on| {
            let counts = index.headcount(on, known_at);
            assert!(
                counts.len() as u64 == body::BRANCHES && counts.iter().any(|it| it.members > 0)
            );
        });
        let rules = CoverageRules { age_bands: vec![35, 60], ..CoverageRules::open() };
        timed("coverage", &|on| {
            let found = index.coverage(on, known_at, &rules).totals;
            assert!(found.hosts.organised > 0 && found.members > 0);
        });
        timed("totals", &|on| assert!(index.totals(on, known_at).members > 0));
        let until = body::first_day() + i64::try_from(body::DAYS).expect("ten years").days();
        let within = Period::new(body::first_day(), until).expect("ten years");
        timed("ten years, day by day", &|_| {
            let daily = index.daily(within, known_at, false);
            assert!(daily.days.iter().any(|day| day.members > 0));
        });
    }
}

/// The index of so many events, and the last position.
fn folded(count: u64) -> (Index, u64) {
    let folds = projections::all().into_iter();
    let mut folds: Vec<Box<dyn Projection>> =
        folds.filter(|fold| TABLES.contains(&fold.table())).collect();
    let (mut index, mut head, began) = (Index::default(), 0, Instant::now());
    for (stream, sequence, event) in body::body(count) {
        head += 1;
        let event = Recorded {
            position: Position(head),
            stream,
            sequence,
            recorded_at: events::Instant::UNIX_EPOCH,
            key: String::new(),
            version: event.kind().version,
            event,
        };
        for fold in &mut folds {
            index.take(fold.table(), fold.apply(&event));
            if head.is_multiple_of(BLOCK) {
                fold.forget_ended();
            }
        }
        index.advance(event.position);
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{head} events folded in {seconds:.1} s, peak memory {} MiB", memory("VmHWM:"));
    drop(folds);
    println!("memory with the index alone: {} MiB", memory("VmRSS:"));
    (index, head)
}

fn tell(question: &str, known_at: &str, mut waits: Vec<Duration>) {
    let told: Vec<String> =
        waits.iter().map(|wait| format!("{:.1}", wait.as_secs_f64() * 1e3)).collect();
    waits.sort_unstable();
    let median = waits[waits.len() / 2].as_secs_f64() * 1e3;
    println!("| {question}, known {known_at} | {median:.2} | {} |", told.join(", "));
}

/// A figure that the process knows of its memory, in MiB; zero where nobody says.
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) / 1024
}
