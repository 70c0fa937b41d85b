//! PostgreSQL, killed (SIGKILL) while two processes record to one ledger on it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use rollbook::ledger::Location;
use sqlx::{Connection, Executor, PgConnection};

use crate::dice::Dice;
use crate::lane::Tally;
use crate::oracle::{Findings, Oracle};
use crate::stage::{Amount, Running, Stage, found};
use crate::work::Homes;

/// From so many events on a fresh ledger is taken.
const EVENTS_MAX: u64 = 2_000;

/// Each of two processes.
const LIVELY: Amount = Amount { callers: 2, steps: 100_000, rounds: 1 };

/// What an error may be called while the server is away, or while another one writes.
const ERRORS: &[&str] = &["unreachable", "unconfirmed", "failed", "conflict"];

/// A server of this run's own.
struct Server {
    url: String,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    script: Child,
}

impl Server {
    fn start(script: &Path) -> Option<Self> {
        let mut script =
            Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let input = script.stdin.take()?;
        let mut output = BufReader::new(script.stdout.take()?);
        let mut url = String::new();
        output.read_line(&mut url).ok()?;
        let url = url.trim_end().to_owned();
        (!url.is_empty()).then_some(Self { url, input, output, script })
    }

    /// Kills it, and starts it again.
    fn kill(&mut self) {
        self.input.write_all(b"kill\n").expect("the script listens");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("the script answers");
        assert_eq!(answer, "started\n", "the server starts again");
    }

    fn end(mut self) {
        drop(self.input);
        let _ = self.script.wait();
    }
}

/// A ledger in a schema of its own.
struct Ground {
    url: String,
    location: Location,
    homes: Homes,
}

impl Ground {
    async fn new(server: &Server, directory: &Path, number: u64) -> Self {
        let mut conn = PgConnection::connect(&server.url).await.expect("the server");
        let schema = format!("CREATE SCHEMA crash{number}");
        conn.execute(schema.as_str()).await.expect("a schema");
        let url = format!("{}&options=-csearch_path%3Dcrash{number}", server.url);
        let mut location = Location::parse(&url).expect("a place on the server");
        location.vault = directory.join(format!("{number}.vault"));
        location.key = directory.join(format!("{number}.key"));
        let homes = found(&location).await;
        Self { url, location, homes }
    }

    fn worker(&self, stage: &Stage, cycle: u64) -> Command {
        let mut command = stage.worker(&self.url, &self.homes, cycle, LIVELY, None);
        command.arg(format!("vault={}", self.location.vault.display()));
        command.arg(format!("key={}", self.location.key.display()));
        command
    }
}

/// Kills a server so often.
pub fn run_all(stage: &Stage, script: &Path, count: u64, seed: u64) -> Tally {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let mut tally = Tally::default();
    let Some(mut server) = Server::start(script) else {
        println!("NOT RUN: no PostgreSQL server could be started\n");
        return tally;
    };
    let directory = stage.directory("servers");
    runtime.expect("a runtime").block_on(async {
        let (mut dice, mut oracle) = (Dice::new(seed), Oracle::default());
        let mut ground = Ground::new(&server, &directory, 0).await;
        for kill in 0..count {
            let (findings, events) =
                cycle(stage, &mut server, &ground, &mut oracle, (kill, &mut dice)).await;
            tally.server_kills += 1;
            let is_bad = !findings.is_empty();
            if is_bad {
                eprintln!("FOUND by a killed server: {findings:#?}");
            }
            tally.findings.extend(findings);
            if is_bad || events > EVENTS_MAX {
                oracle.forget();
                ground = Ground::new(&server, &directory, kill + 1).await;
            }
        }
        tally.acknowledged += oracle.acknowledged;
    });
    server.end();
    tally
}

async fn cycle(
    stage: &Stage,
    server: &mut Server,
    ground: &Ground,
    oracle: &mut Oracle,
    (kill, dice): (u64, &mut Dice),
) -> (Findings, u64) {
    oracle.begin();
    let directory: PathBuf = stage.directory("servers");
    let mut findings = Findings::default();
    let mut second = Oracle::default();
    let pause = Duration::from_millis(150 + dice.below(350));
    let mut processes = [0, 1].map(|number| {
        let command = ground.worker(stage, 2 * kill + number);
        Running::start(command, &directory.join(number.to_string()))
    });
    std::thread::sleep(pause);
    server.kill();
    // They go on once it is back, or have given up.
    std::thread::sleep(Duration::from_millis(dice.below(200)));
    processes.iter_mut().for_each(Running::kill);
    let [one, other] = processes;
    let others = [one.end(oracle), other.end(&mut second)];
    oracle.complain(&others[0], &mut findings, ERRORS);
    second.complain(&others[1], &mut findings, ERRORS);
    oracle.join(second);
    let events = oracle.check(&ground.location, &mut findings).await;
    if findings.is_empty() {
        findings.extend(oracle.ask_again(&ground.location, &ground.homes).await);
    }
    (findings, events)
}
