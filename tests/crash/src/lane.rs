//! One ledger after the other, each handed from one crashing process to the next.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rollbook::ledger::{Error, Founding, Ledger, Location};
use rollbook::store::{StoreError, SystemNature};

use crate::dice::Dice;
use crate::modes::Mode;
use crate::oracle::{Findings, Oracle, chain};
use crate::stage::{Amount, CALLERS, Ended, POWER_FAILED, POWER_FAILED_AT_EXIT, Stage, empty, run};

/// From so many events on a fresh ledger is taken: to look through it takes time.
const EVENTS_MAX: u64 = 900;

/// Between two openings.
const LIVELY: Amount = Amount { callers: CALLERS, steps: 16, rounds: 12 };

/// One caller, so that the same run has the same operations.
const SHORT: Amount = Amount { callers: 1, steps: 9, rounds: 2 };

/// What an error of the disk may be called.
const DISK_ERRORS: &[&str] = &["disk_full", "unconfirmed", "failed", "read_only"];

/// What was done in one way, and what came of it.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// How often.
    pub times: u64,
    /// How many commands were acknowledged.
    pub acknowledged: u64,
    /// How many were recorded, and whoever asked never heard of it.
    pub unanswered: u64,
    /// What was found.
    pub findings: Findings,
}

impl Tally {
    /// Says at once what was found if nobody planted it. Whether that is the end of it:
    /// a planted bug is looked for until it is found.
    pub fn ends_with(&mut self, mode: Mode, findings: Findings, fault: Option<&str>) -> bool {
        if fault.is_none() && !findings.is_empty() {
            eprintln!("FOUND by {}: {findings:#?}", mode.name());
        }
        self.findings.extend(findings);
        fault.is_some() && !self.findings.is_empty()
    }

    /// Takes in what was said by the processes that had a ledger.
    pub fn heard(&mut self, oracle: &Oracle) {
        self.acknowledged += oracle.acknowledged;
        self.unanswered += oracle.unanswered;
    }

    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.times += other.times;
        self.acknowledged += other.acknowledged;
        self.unanswered += other.unanswered;
        self.findings.extend(other.findings);
    }
}

/// An operation that fails.
#[derive(Debug, Clone, Copy)]
pub struct Failure {
    /// Which one.
    pub at: u64,
    /// Its error number.
    pub error: i32,
    /// Whether all later ones fail too.
    pub for_good: bool,
}

/// A ledger and those who have it.
pub struct Lane<'a> {
    stage: &'a Stage,
    directory: PathBuf,
    location: Location,
    oracle: Oracle,
    cycle: u64,
    events: u64,
    dice: Dice,
    fault: Option<&'a str>,
}

impl<'a> Lane<'a> {
    /// One in a directory of that name.
    pub fn new(stage: &'a Stage, name: &str, seed: u64, fault: Option<&'a str>) -> Self {
        let directory = stage.directory(name);
        let location = stage.ledger(&directory);
        let (oracle, dice) = (Oracle::default(), Dice::new(seed));
        Self { stage, directory, location, oracle, cycle: 0, events: 0, dice, fault }
    }

    /// What its processes said so far.
    pub fn oracle(&self) -> &Oracle {
        &self.oracle
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.location.path.display())
    }

    fn worker(&self, cycle: u64, amount: Amount) -> Command {
        self.stage.worker(&self.url(), &self.stage.homes, cycle, amount, self.fault)
    }

    fn renew(&mut self) {
        self.location = self.stage.ledger(&self.directory);
        self.oracle.forget();
        self.events = 0;
    }

    fn begin(&mut self) {
        if self.events > EVENTS_MAX {
            self.renew();
        }
        self.cycle += 1;
        self.oracle.begin();
    }

    /// A process under load is killed, whatever it is doing.
    pub async fn kill(&mut self) -> Findings {
        self.begin();
        // One in five while it opens the ledger, the others while it works.
        let early = self.dice.one_in(5);
        let enough = if early { 0 } else { 1 + self.dice.below(240) };
        let pause = self.dice.below(if early { 12_000 } else { 2_000 });
        let worker = self.worker(self.cycle, LIVELY);
        let kill = Some((enough.into(), Duration::from_micros(pause.into())));
        let ended = run(worker, &self.directory, &mut self.oracle, kill);
        let mut findings = Findings::default();
        if ended.status.code().is_some_and(|code| code != 0) {
            findings.other.push(format!("it ended by itself: {}", ended.status));
        }
        self.heard(&ended, &mut findings, &[]);
        self.look(findings).await
    }

    /// The power fails at some operation of a process under load.
    pub async fn cut(&mut self) -> Findings {
        self.begin();
        // One in four while it opens the ledger.
        let latest = self.dice.pick(&[80, 2_400, 2_400, 2_400]).copied().expect("one of four");
        let at = 1 + self.dice.below(latest);
        let mut worker = self.worker(self.cycle, LIVELY);
        self.stage.shim(&mut worker, &self.directory, self.dice.roll());
        worker.env("SHIM_CUT", at.to_string());
        let ended = run(worker, &self.directory, &mut self.oracle, None);
        let mut findings = Findings::default();
        if !matches!(ended.status.code(), Some(POWER_FAILED | POWER_FAILED_AT_EXIT)) {
            let told = ended.told.lines().next().unwrap_or_default();
            findings.other.push(format!("it ended by itself: {} {told}", ended.status));
            self.heard(&ended, &mut findings, &[]);
        }
        self.look(findings).await
    }

    /// The power fails at an operation of the founding of a ledger. `None`: it has fewer.
    pub async fn found(&mut self, at: u64) -> Option<Findings> {
        empty(&self.directory);
        let mut oracle = Oracle::default();
        let mut worker = self.stage.bare_worker(&self.url(), self.fault);
        self.stage.shim(&mut worker, &self.directory, self.dice.roll());
        worker.env("SHIM_CUT", at.to_string());
        let ended = run(worker, &self.directory, &mut oracle, None);
        let founded = oracle.founded;
        let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
        let mut findings = Findings::default();
        // What was begun is finished, or was finished; nobody has to clear up.
        match Ledger::found(&self.location, &founding, Arc::new(SystemNature)).await {
            Ok(_) if founded => findings.lost.push(format!("the ledger founded before {at}")),
            Ok(_) | Err(Error::Store(StoreError::Exists(_))) => {}
            Err(error) => {
                findings.other.push(format!("founding again after {at}: {}", chain(&error)));
            }
        }
        oracle.check(&self.location, &mut findings).await;
        if !findings.is_empty() {
            self.stage.keep(&self.directory);
        }
        (ended.status.code() == Some(POWER_FAILED) || !findings.is_empty()).then_some(findings)
    }

    /// How many operations a short run has.
    pub fn operations(&mut self) -> u64 {
        self.renew();
        self.begin();
        let mut worker = self.worker(self.cycle, SHORT);
        self.stage.shim(&mut worker, &self.directory, 0);
        worker.env("SHIM_COUNT", "1");
        let ended = run(worker, &self.directory, &mut self.oracle, None);
        let counted = ended.told.lines().find_map(|line| line.strip_prefix("operations: "));
        counted.and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// One operation of a short run fails, or all from it on; some time after it, or when the
    /// process ends, the power fails too.
    pub async fn fail(&mut self, failure: Failure) -> Findings {
        self.renew();
        self.begin();
        let mut worker = self.worker(self.cycle, SHORT);
        self.stage.shim(&mut worker, &self.directory, self.dice.roll());
        // At once, a little later, or in the end.
        let cut = if self.dice.one_in(2) {
            "exit".to_owned()
        } else {
            (failure.at + u64::from(self.dice.below(120))).to_string()
        };
        worker.env("SHIM_CUT", cut);
        worker.env("SHIM_FAIL", failure.at.to_string());
        worker.env("SHIM_ERROR", failure.error.to_string());
        if failure.for_good {
            worker.env("SHIM_FOR_GOOD", "1");
        }
        let ended = run(worker, &self.directory, &mut self.oracle, None);
        let mut findings = Findings::default();
        if !matches!(ended.status.code(), Some(POWER_FAILED | POWER_FAILED_AT_EXIT)) {
            let told = ended.told.lines().next().unwrap_or_default();
            findings.other.push(format!("it ended with {} {told}", ended.status));
        }
        self.heard(&ended, &mut findings, DISK_ERRORS);
        let mut findings = self.look(findings).await;
        if findings.is_empty() {
            findings.extend(self.oracle.ask_again(&self.location, &self.stage.homes).await);
        }
        for found in findings.lost.iter_mut().chain(&mut findings.other) {
            *found = format!("{failure:?}: {found}");
        }
        findings
    }

    /// Two processes want the same ledger: one waits until the other one is killed.
    pub async fn hand_over(&mut self) -> Findings {
        self.begin();
        let directories = ["first", "second"].map(|name| self.directory.join(name));
        let mut findings = Findings::default();
        let mut second = Oracle::default();
        let homes = &self.stage.homes;
        let ended = std::thread::scope(|scope| {
            let waiting = self.worker(self.cycle + 1, LIVELY);
            let working = self.worker(self.cycle, LIVELY);
            let pause = Duration::from_millis(20 + u64::from(self.dice.below(40)));
            let later = scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(15));
                let kill = Some((40, Duration::from_millis(1)));
                run(waiting, &directories[1], &mut second, kill)
            });
            let kill = Some((20, pause));
            let ended = run(working, &directories[0], &mut self.oracle, kill);
            self.heard(&ended, &mut findings, &["another_writer"]);
            later.join().expect("it is heard")
        });
        second.complain(&ended, &mut findings, &["another_writer"]);
        self.oracle.join(second, &mut findings);
        self.cycle += 1;
        let mut findings = self.look(findings).await;
        if findings.is_empty() {
            findings.extend(self.oracle.ask_again(&self.location, homes).await);
        }
        findings
    }

    /// What the process said beside its acknowledgements.
    fn heard(&self, ended: &Ended, findings: &mut Findings, may: &[&str]) {
        self.oracle.complain(ended, findings, may);
    }

    /// Looks at what is left.
    async fn look(&mut self, mut findings: Findings) -> Findings {
        self.events = self.oracle.check(&self.location, &mut findings).await;
        if findings.is_empty() && self.cycle.is_multiple_of(3) {
            findings.extend(self.oracle.ask_again(&self.location, &self.stage.homes).await);
        }
        if !findings.is_empty() {
            self.stage.keep(&self.directory);
            self.renew();
        }
        findings
    }
}
