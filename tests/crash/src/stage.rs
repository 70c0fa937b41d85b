//! Where processes are started, crashed and looked after: a template of a ledger, and directories
//! for copies of it.

use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rollbook::actor::Actor;
use rollbook::ledger::{Founding, Ledger, Location, Request};
use rollbook::store::SystemNature;

use crate::oracle::Oracle;
use crate::work::{Homes, branch_of, home};

/// How many ask at the same time.
pub const CALLERS: u64 = 8;

/// What a process that lost its power ends with.
pub const POWER_FAILED: i32 = 86;

/// What one ends with that had ended by itself before the power failed.
pub const POWER_FAILED_AT_EXIT: i32 = 87;

/// The place of all of it.
pub struct Stage {
    place: PathBuf,
    program: PathBuf,
    shim: PathBuf,
    /// The script that starts a PostgreSQL server.
    pub postgres: PathBuf,
    /// The branches of the template.
    pub homes: Homes,
    template: Location,
}

/// How much a process is to do.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// How many ask at the same time.
    pub callers: u64,
    /// After how many commands of each the ledger is closed and opened again.
    pub steps: u64,
    /// How often.
    pub rounds: u64,
}

/// How a process ended.
pub struct Ended {
    /// Its status.
    pub status: ExitStatus,
    /// What it said on standard error.
    pub told: String,
}

impl Stage {
    /// Clears a place, and makes the template there.
    pub async fn set(place: PathBuf, shim: PathBuf, postgres: PathBuf) -> Self {
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).expect("a place for data");
        let place = place.canonicalize().expect("a place for data");
        let program = std::env::current_exe().expect("this program");
        let template = Location::at(&place.join("template.db"));
        let homes = found(&template).await;
        Self { place, program, shim, postgres, homes, template }
    }

    /// A directory of one's own.
    pub fn directory(&self, name: &str) -> PathBuf {
        let directory = self.place.join(name);
        fs::create_dir_all(&directory).expect("a directory");
        directory
    }

    /// Keeps a directory in which something was found, and clears it.
    pub fn keep(&self, directory: &Path) {
        let kept = (1..).map(|n| self.place.join(format!("found-{n}")));
        let kept = kept.take(20).find(|kept| !kept.exists());
        if let Some(kept) = kept {
            let _ = fs::rename(directory, kept);
        }
        let _ = fs::remove_dir_all(directory);
        fs::create_dir_all(directory).expect("a directory");
    }

    /// A ledger like the template.
    pub fn ledger(&self, directory: &Path) -> Location {
        empty(directory);
        let location = Location::at(&directory.join("ledger.db"));
        let Location { path, vault, key, .. } = &self.template;
        for (from, to) in [(path, &location.path), (vault, &location.vault), (key, &location.key)] {
            fs::copy(from, to).expect("a copy of the template");
        }
        location
    }

    /// The process that is crashed.
    pub fn worker(
        &self,
        url: &str,
        homes: &Homes,
        cycle: u64,
        amount: Amount,
        fault: Option<&str>,
    ) -> Command {
        let Amount { callers, steps, rounds } = amount;
        let mut command = self.bare_worker(url, fault);
        command.arg(format!("cycle={cycle}")).arg(format!("homes={homes}"));
        command.arg(format!("callers={callers}"));
        command.arg(format!("steps={steps}")).arg(format!("rounds={rounds}"));
        command
    }

    /// The process that founds a ledger.
    pub fn bare_worker(&self, url: &str, fault: Option<&str>) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("worker").arg(format!("ledger={url}"));
        command.args(fault.map(|fault| format!("fault={fault}")));
        command.stdout(Stdio::piped());
        command
    }

    /// Puts a process before a disk that forgets what was not synced.
    pub fn shim(&self, command: &mut Command, directory: &Path, seed: u64) {
        command.env("LD_PRELOAD", &self.shim).env("SHIM_ROOT", directory);
        command.env("SHIM_SEED", seed.to_string());
    }
}

/// Removes every file of a directory.
pub fn empty(directory: &Path) {
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let _ = fs::remove_file(entry.path());
    }
}

/// A process under way.
pub struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    errors: PathBuf,
}

impl Running {
    /// Starts it.
    pub fn start(mut command: Command, directory: &Path) -> Self {
        let errors = directory.with_extension("stderr");
        let to = fs::File::create(&errors).expect("a file for standard error");
        let mut child = command.stderr(to).spawn().expect("a process");
        let lines = BufReader::new(child.stdout.take().expect("its standard output"));
        Self { child, lines, errors }
    }

    /// Kills it, whatever it is doing, and hears the rest.
    pub fn kill(mut self, oracle: &mut Oracle) -> Ended {
        self.child.kill().expect("it can be killed");
        self.end(oracle)
    }

    /// Hears the rest, and waits until it has ended.
    fn end(mut self, oracle: &mut Oracle) -> Ended {
        oracle.hear(&mut self.lines, u64::MAX);
        let status = self.child.wait().expect("it ends");
        Ended { status, told: fs::read_to_string(&self.errors).unwrap_or_default() }
    }
}

/// Runs a process and hears what it says; kills it some time after so many acknowledgements.
pub fn run(
    command: Command,
    directory: &Path,
    oracle: &mut Oracle,
    kill: Option<(u64, Duration)>,
) -> Ended {
    let mut running = Running::start(command, directory);
    let Some((enough, pause)) = kill else { return running.end(oracle) };
    oracle.hear(&mut running.lines, enough);
    std::thread::sleep(pause);
    running.kill(oracle)
}

/// How many commands each of two processes acknowledged so far.
pub type Heard = [AtomicU64; 2];

/// Hears two processes while something is done, and kills them after it.
pub fn crash_both(
    processes: [Running; 2],
    oracles: [&mut Oracle; 2],
    until: impl FnOnce(&Heard),
) -> [Ended; 2] {
    let heard = Heard::default();
    std::thread::scope(|scope| {
        let heard = &heard;
        let mut listening = Vec::new();
        let children =
            processes.into_iter().zip(oracles).zip(heard).map(|((it, oracle), heard)| {
                let Running { child, mut lines, errors } = it;
                listening.push(scope.spawn(move || {
                    while oracle.hear(&mut lines, 1) {
                        heard.fetch_add(1, Ordering::Relaxed);
                    }
                }));
                (child, errors)
            });
        let mut children: Vec<_> = children.collect();
        until(heard);
        children.iter_mut().for_each(|(child, _)| child.kill().expect("it can be killed"));
        let mut ended = children.into_iter().map(|(mut child, errors)| {
            let status = child.wait().expect("it ends");
            Ended { status, told: fs::read_to_string(errors).unwrap_or_default() }
        });
        [ended.next(), ended.next()].map(|ended| ended.expect("there are two"))
    })
}

/// Founds a ledger with the branches that callers need.
pub async fn found(location: &Location) -> Homes {
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found(location, &founding, Arc::new(SystemNature)).await;
    let ledger = ledger.expect("a ledger");
    let mut homes = Vec::new();
    for number in 0..=usize::try_from(CALLERS).expect("few callers") {
        let formed = ledger.execute(&Actor::local(), Request::new(home(number))).await;
        homes.push(branch_of(&formed.expect("a branch").versions[0].0));
    }
    Homes(homes)
}
