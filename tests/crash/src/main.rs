//! Crashes Rollbook under load, in every way that is known, and looks afterwards whether what it
//! acknowledged is there. `tests/crash/run` says how it is used.

mod dice;
mod lane;
mod modes;
mod oracle;
mod report;
mod servers;
mod stage;
mod work;
mod worker;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rollbook::ledger::Location;

use crate::lane::Tally;
use crate::modes::{Extent, Mode};
use crate::report::{Planted, Timed, report};
use crate::stage::Stage;
use crate::worker::Load;

/// After so long a process that does not end by itself is ended.
const WORKER_MAX: Duration = Duration::from_secs(60);

/// Arguments of the form `name=value`.
struct Arguments(HashMap<String, String>);

impl Arguments {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn number(&self, name: &str) -> u64 {
        self.text(name).map_or(0, |text| text.parse().expect("a number"))
    }
}

fn main() -> ExitCode {
    let mut given = std::env::args().skip(1).peekable();
    let works = given.next_if_eq("worker").is_some();
    let pairs = given.map(|argument| {
        let (name, value) = argument.split_once('=').expect("arguments are name=value");
        (name.to_owned(), value.to_owned())
    });
    let arguments = Arguments(pairs.collect());
    if works { work(&arguments) } else { drive(&arguments) }
}

/// The part of the process that is crashed.
fn work(arguments: &Arguments) -> ExitCode {
    std::thread::spawn(|| {
        std::thread::sleep(WORKER_MAX);
        eprintln!("panicked: nothing went on for a minute");
        std::process::exit(70);
    });
    if let Some(fault) = arguments.text("fault") {
        plant(fault);
    }
    let mut location = arguments.text("ledger").and_then(Location::parse).expect("a ledger");
    if let Some((vault, key)) = arguments.text("vault").zip(arguments.text("key")) {
        (location.vault, location.key) = (vault.into(), key.into());
    }
    let load = Load {
        location,
        homes: arguments.text("homes").map(|homes| homes.parse().expect("ids of branches")),
        cycle: arguments.number("cycle"),
        callers: arguments.number("callers"),
        steps: arguments.number("steps"),
        rounds: arguments.number("rounds"),
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(worker::run(load))
}

#[cfg(feature = "seeded-faults")]
fn plant(name: &str) {
    use rollbook::store::seeded::{Fault, plant};
    let fault = Fault::ALL.iter().find(|fault| fault.as_str() == name);
    plant(*fault.expect("a bug of that name"));
}

#[cfg(not(feature = "seeded-faults"))]
fn plant(_: &str) {
    panic!("bugs can be planted with the feature `seeded-faults` only");
}

/// The part of the one who crashes and looks.
fn drive(arguments: &Arguments) -> ExitCode {
    let path = |name| PathBuf::from(arguments.text(name).expect("a path"));
    let seed = arguments.number("seed");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let stage = runtime.expect("a runtime").block_on(Stage::set(path("place"), path("shim")));
    let (mut tally, mut timed) = (Tally::default(), Vec::new());
    let mut take = |name, count: &dyn Fn(&Tally) -> u64, work: &dyn Fn() -> Tally| {
        let began = Instant::now();
        let done = work();
        timed.push(Timed { name, count: count(&done), took: began.elapsed() });
        tally.add(done);
    };
    for mode in Mode::ALL {
        let count = arguments.number(match mode {
            Mode::Kill => "kills",
            Mode::Cut => "cuts",
            Mode::HandOver => "handovers",
            Mode::Found => "foundings",
            Mode::Fail => "failures",
        });
        if count > 0 {
            let extent = Extent { count, seed, fault: None };
            take(mode.name(), &Tally::crashes, &|| modes::run(&stage, mode, extent));
        }
    }
    let kills = arguments.number("servers");
    if kills > 0 {
        let start = path("postgres");
        take("PostgreSQL killed", &Tally::crashes, &|| {
            servers::run_all(&stage, &start, kills, seed)
        });
    }
    let planted = if arguments.number("faults") > 0 { catch(&stage, seed) } else { Vec::new() };
    let command = arguments.text("command").unwrap_or("tests/crash/run");
    print!("{}", report(command, &tally, &timed, &planted));
    let all_caught = planted.iter().all(|planted| planted.caught.is_some());
    if tally.findings.is_empty() && all_caught { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Plants one bug after the other, and crashes in every way until it is found.
#[cfg(feature = "seeded-faults")]
fn catch(stage: &Stage, seed: u64) -> Vec<Planted> {
    use rollbook::store::seeded::Fault;
    let next = std::sync::atomic::AtomicUsize::new(0);
    let caught = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(fault) =
                    Fault::ALL.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let began = Instant::now();
                    let found = find(stage, seed, fault.as_str());
                    let by = found.caught.as_ref().map_or("NOTHING", |(by, _)| by);
                    eprintln!("{}: {by}, {:.1} s", found.fault, began.elapsed().as_secs_f64());
                    caught.lock().expect("nobody panics").push(found);
                }
            });
        }
    });
    let mut caught = caught.into_inner().expect("nobody panics");
    caught.sort_by_key(|planted| planted.fault);
    caught
}

#[cfg(not(feature = "seeded-faults"))]
fn catch(_: &Stage, _: u64) -> Vec<Planted> {
    panic!("bugs can be planted with the feature `seeded-faults` only");
}

#[cfg(feature = "seeded-faults")]
fn find(stage: &Stage, seed: u64, fault: &'static str) -> Planted {
    let caught = Mode::ALL.into_iter().find_map(|mode| {
        let count = match mode {
            Mode::Kill => 8,
            Mode::Cut => 40,
            Mode::HandOver => 2,
            Mode::Found => 9,
            Mode::Fail => 2,
        };
        let extent = Extent { count, seed, fault: Some(fault) };
        let found = modes::run_lane(stage, mode, extent, 0, 1).findings;
        (!found.is_empty()).then(|| (mode.name(), found.told()))
    });
    Planted { fault, caught }
}
