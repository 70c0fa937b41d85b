//! Work in parts: each is one way of crashing, so often, and stands in a file once it is done, so
//! that whoever is stopped goes on where they were.

use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::lane::Tally;
use crate::modes::{Extent, Mode, run};
use crate::stage::Stage;

/// In how many parts a way is done that is kept.
const PARTS: u64 = 20;

/// A part that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Which way.
    pub mode: Mode,
    /// How often.
    pub times: u64,
    /// How many commands were acknowledged.
    pub acknowledged: u64,
    /// How many were recorded, and whoever asked never heard of it.
    pub unanswered: u64,
    /// How many were acknowledged and are lost.
    pub lost: u64,
    /// How many are there twice.
    pub doubled: u64,
    /// How much else was found.
    pub other: u64,
    /// How long it took.
    pub took: Duration,
}

impl Part {
    fn new(mode: Mode, tally: &Tally, took: Duration) -> Self {
        let Tally { times, acknowledged, unanswered, findings } = tally;
        Self {
            mode,
            times: *times,
            acknowledged: *acknowledged,
            unanswered: *unanswered,
            lost: findings.lost.len() as u64,
            doubled: findings.doubled.len() as u64,
            other: findings.other.len() as u64,
            took,
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, numbers) = line.split_once(' ')?;
        let numbers: Vec<u64> = numbers.split(' ').map_while(|text| text.parse().ok()).collect();
        let [times, acknowledged, unanswered, lost, doubled, other, took] = numbers[..] else {
            return None;
        };
        let mode = Mode::all().find(|mode| mode.argument() == name)?;
        let took = Duration::from_millis(took);
        Some(Self { mode, times, acknowledged, unanswered, lost, doubled, other, took })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mode, times, acknowledged, unanswered, lost, doubled, other, took } = self;
        let (name, took) = (mode.argument(), took.as_millis());
        write!(f, "{name} {times} {acknowledged} {unanswered} {lost} {doubled} {other} {took}")
    }
}

/// Parts that are done, and the file where they are kept, if any is.
pub struct Parts {
    file: Option<PathBuf>,
    done: Mutex<Vec<Part>>,
}

impl Parts {
    /// What another run left of this very program; another program's parts count for nothing.
    pub fn at(file: Option<PathBuf>) -> Self {
        let mut done = Vec::new();
        if let Some(file) = &file {
            let program = fingerprint();
            let kept = fs::read_to_string(file).unwrap_or_default();
            let mut lines = kept.lines();
            if lines.next() == Some(&program) {
                done.extend(lines.filter_map(Part::parse));
            } else {
                fs::write(file, program + "\n").expect("a place for what is done");
            }
        }
        Self { file, done: Mutex::new(done) }
    }

    /// All that are done.
    pub fn done(&self) -> Vec<Part> {
        self.done.lock().expect("nobody panics").clone()
    }

    /// How many commands were acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.done().iter().map(|part| part.acknowledged).sum()
    }

    /// Does what is left of a way.
    pub fn finish(&self, stage: &Stage, mode: Mode, count: u64, seed: u64) {
        loop {
            let times = self.of(mode).iter().map(|part| part.times).sum::<u64>();
            let once = mode.is_counted_through();
            if once && times > 0 || !once && times >= count {
                return;
            }
            let kept = if once || self.file.is_none() { count } else { count.div_ceil(PARTS) };
            if self.take(stage, mode, kept, seed) == 0 {
                return; // it cannot be done here
            }
        }
    }

    /// Does a part more of a way, until so much is acknowledged.
    pub fn fill(&self, stage: &Stage, mode: Mode, count: u64, seed: u64, acknowledged: u64) {
        while self.acknowledged() < acknowledged {
            self.take(stage, mode, count.div_ceil(PARTS).max(1), seed);
        }
    }

    fn of(&self, mode: Mode) -> Vec<Part> {
        self.done().into_iter().filter(|part| part.mode == mode).collect()
    }

    fn take(&self, stage: &Stage, mode: Mode, count: u64, seed: u64) -> u64 {
        let began = Instant::now();
        // Each part has dice of its own.
        let seed = seed + 1_000 * self.of(mode).len() as u64;
        let tally = run(stage, mode, Extent { count, seed, fault: None });
        let part = Part::new(mode, &tally, began.elapsed());
        if let Some(file) = &self.file {
            let mut file = fs::File::options().append(true).open(file).expect("the file of parts");
            writeln!(file, "{part}").expect("a place for what is done");
        }
        eprintln!("{}: {part}", mode.name());
        self.done.lock().expect("nobody panics").push(part);
        part.times
    }
}

/// Tells one build of this program from another.
fn fingerprint() -> String {
    let program = std::env::current_exe().expect("this program");
    let mut hasher = DefaultHasher::new();
    read(&program).hash(&mut hasher);
    format!("program {:016x}", hasher.finish())
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file that can be read")
}
