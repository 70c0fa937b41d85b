//! Questions about a large body: from the tables, and out of memory.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use events::{Date, Position};
use projections::{At, DayRule, Period};
use rollbook::actor::Actor;
use rollbook::ledger::{DailyAsked, KnownAt, Ledger, Location, Mode};
use rollbook::runner::summary::{self, Pace};
use rollbook::store::{SqliteStore, Store, SystemNature};
use workload::body;

use crate::ours::peak_memory;

/// How often each question is asked; the median counts.
const TIMES: usize = 5;

struct Asked {
    ledger: Ledger,
    actor: Actor,
    /// Where the answers come from.
    from: &'static str,
}

/// Makes the summary of members anew, as far behind as it may be when somebody asks.
async fn summarize(path: &Path) {
    let store = SqliteStore::open(path, Mode::Write, Arc::new(SystemNature)).expect("a ledger");
    let head = store.head().await.expect("a head").position;
    let began = Instant::now();
    let behind = Pace::default().every - 1;
    summary::make(&store, Position(head.0 - behind)).await.expect("a summary");
    println!("a summary made of all: {:.1} s", began.elapsed().as_secs_f64());
    println!("peak memory: {} MiB", peak_memory());
    println!("and left {behind} events behind");
}

/// Prints a row of a table for each question: the median and every wait, in milliseconds.
pub async fn scale(path: &Path) {
    let began = Instant::now();
    // Brings the tables forward, if they are behind.
    let ledger = Ledger::open(&Location::at(path), Mode::Write, Arc::new(SystemNature)).await;
    drop(ledger.expect("a ledger"));
    println!("brought forward: {:.1} s, {} MiB", began.elapsed().as_secs_f64(), peak_memory());
    summarize(path).await;
    let began = Instant::now();
    let ledger = Ledger::open(&Location::at(path), Mode::Read, Arc::new(SystemNature)).await;
    let (ledger, actor) = (ledger.expect("a ledger"), Actor::local());
    println!("open: {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    let head = ledger.store().head().await.expect("a head").position;
    println!("events: {head}, branches: {}", body::BRANCHES);
    let mut asked = Asked { ledger, actor, from: "tables" };
    asked.ask_all(head).await;
    asked.timelines().await;
    println!("peak memory: {} MiB", peak_memory());
    let began = Instant::now();
    asked.ledger.keep_index().await.expect("an index");
    println!("keep_index: {:.1} s", began.elapsed().as_secs_f64());
    println!("memory then, and at its peak: {} {} MiB", memory("VmRSS:"), peak_memory());
    asked.from = "memory";
    asked.ask_all(head).await;
    println!("memory: {} MiB", memory("VmRSS:"));
}

impl Asked {
    async fn at(&self, day: u64, known_at: KnownAt) -> At {
        let day = body::first_day() + jiff::Span::new().days(i64::try_from(day).expect("a day"));
        self.ledger.at(Some(day), known_at, DayRule::EndOfDay).await.expect("a place")
    }

    /// Each question on several days of the middle of the time: as known now, when half of all was
    /// recorded, and when nine tenths were.
    async fn ask_all(&self, head: Position) {
        let now = ("now", KnownAt::Now);
        let half = ("half", KnownAt::Position(Position(head.0 / 2)));
        let late = ("nine tenths", KnownAt::Position(Position(head.0 / 10 * 9)));
        for (name, known_at) in [now, half, late] {
            let middle = body::DAYS / 2 - 200;
            let mut waits = [const { Vec::new() }; 4];
            for time in 0..TIMES as u64 {
                let at = self.at(middle + 31 * time, known_at).await;
                let began = Instant::now();
                let counts = self.ledger.headcount(&self.actor, at).await.expect("an answer");
                waits[0].push(began.elapsed());
                assert_eq!(counts.len() as u64, body::BRANCHES);
                assert!(counts.iter().any(|count| count.members > 0));
                let began = Instant::now();
                let found = self.ledger.coverage(&self.actor, at).await.expect("an answer");
                waits[1].push(began.elapsed());
                assert!(found.totals.hosts.hosts > 0 && found.totals.members > 0);
                let began = Instant::now();
                self.ledger.totals(&self.actor, at).await.expect("an answer");
                waits[2].push(began.elapsed());
                if self.from == "memory" || time == 0 {
                    waits[3].push(self.series(at.known_at).await);
                }
            }
            let questions = ["head-count", "coverage", "totals", "ten years, day by day"];
            for (question, waits) in questions.iter().zip(waits) {
                self.tell(question, name, waits);
            }
        }
    }

    async fn series(&self, known_at: Position) -> std::time::Duration {
        let from = body::first_day();
        let until: Date = "2025-01-01".parse().expect("a day");
        let within = Period::new(from, until).expect("ten years");
        let day_rule = DayRule::EndOfDay;
        let asked = DailyAsked { within, by_branch: false, branch: None, known_at, day_rule };
        let began = Instant::now();
        let daily = self.ledger.daily(&self.actor, &asked).await.expect("an answer");
        assert_eq!(daily.days.len() as u64, body::DAYS);
        began.elapsed()
    }

    async fn timelines(&self) {
        let mut waits = Vec::new();
        for life in 0..20 * TIMES as u64 {
            let at = self.at(body::DAYS, KnownAt::Now).await;
            let person = body::person(life * 7);
            let began = Instant::now();
            let history = self.ledger.timeline(&self.actor, at, person.into()).await;
            waits.push(began.elapsed());
            assert!(history.expect("a history").events.len() >= 3);
        }
        self.tell("one member's timeline", "now", waits);
    }

    fn tell(&self, question: &str, known_at: &str, mut waits: Vec<std::time::Duration>) {
        if waits.is_empty() {
            return;
        }
        let told: Vec<String> = waits
            .iter()
            .take(TIMES)
            .map(|wait| format!("{:.1}", wait.as_secs_f64() * 1e3))
            .collect();
        waits.sort_unstable();
        let median = waits[waits.len() / 2].as_secs_f64() * 1e3;
        let from = self.from;
        println!(
            "| {question}, known {known_at}, from {from} | {median:.2} | {} |",
            told.join(", ")
        );
    }
}

/// A figure that the process knows of its memory, in MiB; zero where nobody says.
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) / 1024
}
