//! PostgreSQL with two processes that record to one ledger on it: the server is killed (SIGKILL),
//! their connections are cut, or they race until both are killed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use rollbook::ledger::Location;
use sqlx::{Connection, Executor, PgConnection};

use crate::dice::Dice;
use crate::lane::Tally;
use crate::link::Link;
use crate::modes::{Extent, Mode};
use crate::oracle::{Findings, Oracle};
use crate::stage::{Amount, Heard, Running, Stage, crash_both, empty, found};
use crate::work::Homes;

/// From so many events on a fresh ledger is taken.
const EVENTS_MAX: u64 = 2_000;

/// Each of two processes, until it is killed.
const LIVELY: Amount = Amount { callers: 4, steps: 100_000, rounds: 1 };

/// What an error may be called while the server is away, or while another one writes.
const ERRORS: &[&str] = &["unreachable", "unconfirmed", "failed", "conflict"];

/// How many connections are cut before the processes are killed.
const CUTS: u64 = 12;

/// How long is waited between two looks.
const WAIT: Duration = Duration::from_millis(2);

/// How often is looked for what is to come. What a suspended machine sleeps does not count.
const WAITS: u32 = 20_000;

/// How many servers there are at the most.
const LANES_MAX: u64 = 3;

/// A disk in memory: who is killed loses nothing that was written, so nothing has to reach a disk.
const IN_MEMORY: &str = "/dev/shm";

/// How many servers a way takes that is gone so often. To start one takes as long as a few kills.
pub fn lanes(mode: Mode, count: u64) -> u64 {
    let worth = if mode == Mode::Link { 10 * CUTS } else { 10 };
    (count / worth).clamp(1, LANES_MAX)
}

/// Whether servers can be started here.
pub fn are_here(stage: &Stage) -> bool {
    Server::start(&stage.postgres).map(Server::end).is_some()
}

/// A server of this run's own.
struct Server {
    url: String,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    script: Child,
}

impl Server {
    fn start(script: &Path) -> Option<Self> {
        let mut command = Command::new(script);
        if Path::new(IN_MEMORY).is_dir() {
            command.env("TMPDIR", IN_MEMORY);
        }
        let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
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

    /// Where it listens.
    fn socket(&self) -> PathBuf {
        let (_, parameters) = self.url.split_once("?host=").expect("the script names its place");
        let place = parameters.split('&').next().expect("a text has a beginning");
        Path::new(place).join(".s.PGSQL.5432")
    }

    fn end(mut self) {
        drop(self.input);
        let _ = self.script.wait();
    }
}

/// A ledger in a schema of its own.
struct Ground {
    /// Its schema, as the URL of a server asks for it.
    schema: String,
    url: String,
    location: Location,
    homes: Homes,
}

impl Ground {
    async fn new(server: &Server, directory: &Path, number: u64) -> Self {
        let mut conn = PgConnection::connect(&server.url).await.expect("the server");
        let schema = format!("CREATE SCHEMA crash{number}");
        conn.execute(schema.as_str()).await.expect("a schema");
        let schema = format!("options=-csearch_path%3Dcrash{number}");
        let url = format!("{}&{schema}", server.url);
        let mut location = Location::parse(&url).expect("a place on the server");
        location.vault = directory.join(format!("{number}.vault"));
        location.key = directory.join(format!("{number}.key"));
        let homes = found(&location).await;
        Self { schema, url, location, homes }
    }
}

/// A server, a ledger on it, and what those who record to it say.
struct Field<'a> {
    stage: &'a Stage,
    directory: PathBuf,
    server: Server,
    ground: Ground,
    oracle: Oracle,
    dice: Dice,
    fault: Option<&'a str>,
    round: u64,
}

/// Crashes in one way of those with a server, on one lane of so many.
pub async fn run(
    stage: &Stage,
    mode: Mode,
    extent: Extent<'_>,
    (lane, lanes): (u64, u64),
) -> Tally {
    let Extent { count, seed, fault } = extent;
    let mut tally = Tally::default();
    let Some(server) = Server::start(&stage.postgres) else {
        println!("NOT RUN: no PostgreSQL server could be started\n");
        return tally;
    };
    let name = format!("{}-{}-{lane}", fault.unwrap_or("servers"), mode.argument());
    let directory = stage.directory(&name);
    empty(&directory);
    let ground = Ground::new(&server, &directory, 0).await;
    let (oracle, dice) = (Oracle::default(), Dice::new(seed * lanes + lane));
    let mut field = Field { stage, directory, server, ground, oracle, dice, fault, round: 0 };
    let due = count / lanes + u64::from(lane < count % lanes);
    while tally.times < due {
        let (times, findings) = field.crash(mode).await;
        tally.times += times;
        if tally.ends_with(mode, findings, fault) {
            break;
        }
    }
    tally.heard(&field.oracle);
    field.server.end();
    tally
}

impl Field<'_> {
    /// One round: how often anything was crashed in it, and what was found.
    async fn crash(&mut self, mode: Mode) -> (u64, Findings) {
        self.round += 1;
        self.oracle.begin();
        let seed = self.dice.roll();
        let link = (mode == Mode::Link).then(|| Link::new(&self.server.socket(), seed));
        let (mut findings, mut second) = (Findings::default(), Oracle::default());
        let processes = self.processes(mode, link.as_ref());
        let chance = [(); 2].map(|()| u64::from(self.dice.below(200)));
        let resumes = self.round.is_multiple_of(2);
        let (server, oracle) = (&mut self.server, &mut self.oracle);
        let mut complaint = None;
        let ended = crash_both(processes, [oracle, &mut second], |heard| {
            complaint = match &link {
                Some(link) => cut(link, heard, resumes),
                None if mode == Mode::Race => race(heard, chance[0]),
                None => kill(server, heard, chance[0], resumes),
            };
            // They go on, or try to, until they are killed at any moment.
            std::thread::sleep(Duration::from_micros(1_000 * chance[1]) / 2);
        });
        if let Some(complaint) = complaint {
            let last = [&self.oracle, &second].map(|oracle| oracle.errors.last().cloned());
            findings.other.push(format!("{complaint}; the last errors: {last:?}"));
        }
        if ended.iter().any(|ended| ended.status.code().is_some()) {
            findings.other.push("one that records ended by itself".to_owned());
        }
        self.oracle.complain(&ended[0], &mut findings, ERRORS);
        second.complain(&ended[1], &mut findings, ERRORS);
        self.oracle.join(second, &mut findings);
        (link.map_or(1, |link| link.cuts()), self.look(findings).await)
    }

    /// The two that record. Those that race have the same commands in every second round.
    fn processes(&self, mode: Mode, link: Option<&Link>) -> [Running; 2] {
        let twin = mode == Mode::Race && self.round.is_multiple_of(2);
        let schema = &self.ground.schema;
        let url = link.map_or_else(
            || self.ground.url.clone(),
            |link| {
                let place = format!("127.0.0.1:{}/rollbook", link.port);
                format!("postgres://rollbook@{place}?sslmode=disable&{schema}")
            },
        );
        [0, 1].map(|number| {
            let cycle = 2 * self.round + if twin { 0 } else { number };
            let homes = &self.ground.homes;
            let mut command = self.stage.worker(&url, homes, cycle, LIVELY, self.fault);
            command.arg(format!("vault={}", self.ground.location.vault.display()));
            command.arg(format!("key={}", self.ground.location.key.display()));
            command.arg("again=1").arg(format!("twin={}", u64::from(twin)));
            Running::start(command, &self.directory.join(number.to_string()))
        })
    }

    /// Looks at what is left, and asks for it again.
    async fn look(&mut self, mut findings: Findings) -> Findings {
        let Ground { location, homes, .. } = &self.ground;
        let events = self.oracle.check(location, &mut findings).await;
        if findings.is_empty() {
            findings.extend(self.oracle.ask_again(location, homes).await);
        }
        if !findings.is_empty() || events > EVENTS_MAX {
            self.oracle.forget();
            self.ground = Ground::new(&self.server, &self.directory, self.round).await;
        }
        findings
    }
}

/// Kills the server under those who record, and lets them go on with the next one, or not. What
/// did not come to be.
fn kill(server: &mut Server, heard: &Heard, pause: u64, resumes: bool) -> Option<&'static str> {
    if !comes(|| so_many(heard).iter().all(|heard| *heard > 0)) {
        return Some("nobody was answered before the server was killed");
    }
    std::thread::sleep(Duration::from_millis(pause));
    server.kill();
    if !resumes {
        return None;
    }
    (!go_on(heard)).then_some("nobody was answered after the server had been killed")
}

/// Cuts connections, and then either lets those who had them come back and go on, or nothing
/// through any more after the last one. What did not come to be.
fn cut(link: &Link, heard: &Heard, resumes: bool) -> Option<&'static str> {
    if !comes(|| link.cuts() >= CUTS) {
        return Some("nothing was asked that could be cut");
    }
    if !resumes {
        link.close();
        return (!comes(|| link.is_closed())).then_some("nothing was asked that could be cut");
    }
    link.rest();
    (!go_on(heard)).then_some("nobody was answered after the connections had been cut")
}

/// Lets two processes record so much each.
fn race(heard: &Heard, enough: u64) -> Option<&'static str> {
    let ran = comes(|| so_many(heard).into_iter().all(|heard| heard > enough));
    (!ran).then_some("one of two who raced recorded nothing for long")
}

/// Whether both are answered once more.
fn go_on(heard: &Heard) -> bool {
    let before = so_many(heard);
    comes(|| so_many(heard).iter().zip(before).all(|(now, before)| *now > before))
}

fn so_many(heard: &Heard) -> [u64; 2] {
    [0, 1].map(|number| heard[number].load(Ordering::Relaxed))
}

/// Waits for something.
fn comes(what: impl Fn() -> bool) -> bool {
    (0..WAITS).any(|_| {
        std::thread::sleep(WAIT);
        what()
    })
}
