//! Crashes Rollbook under load, in every way that is known, and looks afterwards whether what it
//! acknowledged is there. `tests/crash/run` says how it is used.

mod dice;
mod lane;
mod link;
mod modes;
mod oracle;
mod parts;
#[cfg(feature = "seeded-faults")]
mod planted;
mod report;
mod servers;
mod stage;
mod work;
mod worker;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use rollbook::ledger::Location;

use crate::modes::Mode;
use crate::parts::Parts;
use crate::report::report;
use crate::stage::Stage;
use crate::worker::Load;

/// After so many seconds a process that does not end by itself is ended.
const SECONDS_MAX: u32 = 300;

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
        // Second by second: one that is stopped and continued does not end at once.
        (0..SECONDS_MAX).for_each(|_| std::thread::sleep(Duration::from_secs(1)));
        eprintln!("panicked: nobody ended this process");
        std::process::exit(70);
    });
    if let Some(fault) = arguments.text("fault") {
        planted::plant_named(fault);
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
        again: arguments.number("again") > 0,
        twin: arguments.number("twin") > 0,
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(worker::run(load))
}

#[cfg(not(feature = "seeded-faults"))]
mod planted {
    //! Nothing is planted in a program that is to be relied on.

    use crate::modes::Mode;
    use crate::report::Planted;
    use crate::stage::Stage;

    const ABSENT: &str = "bugs can be planted with the feature `seeded-faults` only";

    pub fn plant_named(_: &str) {
        panic!("{ABSENT}");
    }

    pub fn catch(_: &Stage, _: u64, _: &[Mode]) -> Vec<Planted> {
        panic!("{ABSENT}");
    }
}

/// The part of the one who crashes and looks.
fn drive(arguments: &Arguments) -> ExitCode {
    let path = |name| PathBuf::from(arguments.text(name).expect("a path"));
    let seed = arguments.number("seed");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let setting = Stage::set(path("place"), path("shim"), path("postgres"));
    let stage = runtime.expect("a runtime").block_on(setting);
    let parts = Parts::at(arguments.text("parts").map(PathBuf::from));
    let crash = |modes: &[Mode]| {
        for mode in modes {
            let count = arguments.number(mode.argument());
            if count > 0 {
                parts.finish(&stage, *mode, count, seed);
            }
        }
    };
    let seeded = arguments.number("faults") > 0;
    // Who works with a server mostly waits for it.
    let mut caught = std::thread::scope(|scope| {
        let on_servers = scope.spawn(|| {
            crash(&Mode::ON_SERVERS);
            if seeded && servers::are_here(&stage) {
                planted::catch(&stage, seed, &Mode::ON_SERVERS)
            } else {
                Vec::new()
            }
        });
        crash(&Mode::ON_FILES);
        let mut caught =
            if seeded { planted::catch(&stage, seed, &Mode::ON_FILES) } else { Vec::new() };
        caught.extend(on_servers.join().expect("the harness does not panic"));
        caught
    });
    caught.sort_by_key(|planted| planted.fault);
    let kills = arguments.number(Mode::Kill.argument());
    parts.fill(&stage, Mode::Kill, kills, seed, arguments.number("acknowledged"));
    let (command, done) = (arguments.text("command").unwrap_or("tests/crash/run"), parts.done());
    print!("{}", report(command, &done, &caught));
    let all_caught = caught.iter().all(|planted| planted.caught.is_some());
    let is_well = done.iter().all(|part| part.lost + part.doubled + part.other == 0);
    if is_well && all_caught { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
