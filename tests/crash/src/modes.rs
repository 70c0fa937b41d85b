//! The ways in which processes are crashed, each so often, on several lanes at the same time.

use crate::lane::{Failure, Lane, Tally};
use crate::servers;
use crate::stage::Stage;

/// How many ledgers are crashed at the same time.
const LANES: u64 = 2;

/// The numbers of `EIO` and `ENOSPC`.
const ERRORS: [i32; 2] = [5, 28];

/// No founding has more operations.
const FOUNDING_MAX: u64 = 2_000;

/// One way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Processes under load are killed.
    Kill,
    /// The power fails under load.
    Cut,
    /// One process waits for another one to be killed.
    HandOver,
    /// The power fails at each operation of a founding.
    Found,
    /// Each n-th operation of a short run fails.
    Fail,
    /// PostgreSQL is killed under two processes.
    Server,
    /// Connections of two processes to PostgreSQL are cut.
    Link,
    /// Two processes race on PostgreSQL, often about the same key, and are killed.
    Race,
}

impl Mode {
    /// Those that crash a ledger in a file, the cheapest first.
    pub const ON_FILES: [Self; 5] =
        [Self::Kill, Self::Cut, Self::HandOver, Self::Found, Self::Fail];

    /// Those that crash a ledger on a server.
    pub const ON_SERVERS: [Self; 3] = [Self::Server, Self::Link, Self::Race];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ON_FILES.into_iter().chain(Self::ON_SERVERS)
    }

    /// What a report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "SIGKILL",
            Self::Cut => "power loss",
            Self::HandOver => "two processes",
            Self::Found => "power loss while founding",
            Self::Fail => "EIO and ENOSPC",
            Self::Server => "PostgreSQL killed",
            Self::Link => "connections cut",
            Self::Race => "two servers racing",
        }
    }

    /// What a report says was counted.
    pub fn counted(self) -> &'static str {
        match self {
            Self::Kill => "processes killed under load (SIGKILL)",
            Self::Cut => "power losses under load",
            Self::HandOver => "processes killed while another one waited",
            Self::Found => "power losses while a ledger was founded",
            Self::Fail => "operations failed with EIO or ENOSPC, each followed by a power loss",
            Self::Server => "PostgreSQL servers killed under load",
            Self::Link => "connections to PostgreSQL cut under load",
            Self::Race => "races of two processes on PostgreSQL, both killed",
        }
    }

    /// Its name on a command line.
    pub fn argument(self) -> &'static str {
        match self {
            Self::Kill => "kills",
            Self::Cut => "cuts",
            Self::HandOver => "handovers",
            Self::Found => "foundings",
            Self::Fail => "failures",
            Self::Server => "servers",
            Self::Link => "links",
            Self::Race => "races",
        }
    }

    /// Whether it goes through what there is, so that once is all of it.
    pub fn is_counted_through(self) -> bool {
        matches!(self, Self::Found | Self::Fail)
    }
}

/// How much of a mode is done.
#[derive(Debug, Clone, Copy)]
pub struct Extent<'a> {
    /// How often; of what is counted through, every how many-th.
    pub count: u64,
    /// The seed of all chance.
    pub seed: u64,
    /// The bug that is planted.
    pub fault: Option<&'a str>,
}

/// Crashes processes in one way, on all lanes.
pub fn run(stage: &Stage, mode: Mode, extent: Extent<'_>) -> Tally {
    let mut tally = Tally::default();
    let lanes = match mode {
        Mode::Server | Mode::Link | Mode::Race => servers::lanes(mode, extent.count),
        Mode::Kill | Mode::Cut | Mode::HandOver | Mode::Found | Mode::Fail => LANES,
    };
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes)
            .map(|lane| scope.spawn(move || run_lane(stage, mode, extent, (lane, lanes))))
            .collect();
        for lane in lanes {
            tally.add(lane.join().expect("the harness does not panic"));
        }
    });
    tally
}

/// Crashes processes in one way, on one lane of so many; a planted bug that is found ends it.
pub fn run_lane(stage: &Stage, mode: Mode, extent: Extent<'_>, lane: (u64, u64)) -> Tally {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        match mode {
            Mode::Server | Mode::Link | Mode::Race => servers::run(stage, mode, extent, lane).await,
            Mode::Kill | Mode::Cut | Mode::HandOver => under_load(stage, mode, extent, lane).await,
            Mode::Found => found(stage, extent, lane).await,
            Mode::Fail => fail(stage, extent, lane).await,
        }
    })
}

fn begin<'a>(
    stage: &'a Stage,
    mode: Mode,
    extent: Extent<'a>,
    (lane, lanes): (u64, u64),
) -> Lane<'a> {
    let name = format!("{}-{}-{lane}", extent.fault.unwrap_or("lane"), mode.argument());
    Lane::new(stage, &name, extent.seed * lanes + lane, extent.fault)
}

async fn under_load(
    stage: &Stage,
    mode: Mode,
    extent: Extent<'_>,
    (lane, lanes): (u64, u64),
) -> Tally {
    let mut tally = Tally::default();
    let mut ledger = begin(stage, mode, extent, (lane, lanes));
    for _ in (lane..extent.count).step_by(stride(lanes)) {
        let findings = match mode {
            Mode::Cut => ledger.cut().await,
            Mode::HandOver => ledger.hand_over().await,
            _ => ledger.kill().await,
        };
        tally.times += 1;
        if tally.ends_with(mode, findings, extent.fault) {
            break;
        }
    }
    tally.heard(ledger.oracle());
    tally
}

async fn found(stage: &Stage, extent: Extent<'_>, (lane, lanes): (u64, u64)) -> Tally {
    let mut tally = Tally::default();
    let mut ledger = begin(stage, Mode::Found, extent, (lane, lanes));
    for at in (1 + lane * extent.count..FOUNDING_MAX).step_by(stride(extent.count * lanes)) {
        let Some(findings) = ledger.found(at).await else { break };
        tally.times += 1;
        if tally.ends_with(Mode::Found, findings, extent.fault) {
            break;
        }
    }
    tally
}

async fn fail(stage: &Stage, extent: Extent<'_>, (lane, lanes): (u64, u64)) -> Tally {
    let mut tally = Tally::default();
    let mut ledger = begin(stage, Mode::Fail, extent, (lane, lanes));
    let operations = ledger.operations();
    if operations == 0 {
        tally.findings.other.push("the operations of a short run were not counted".to_owned());
    }
    'all: for at in (1 + lane * extent.count..=operations).step_by(stride(extent.count * lanes)) {
        let ways = ERRORS.into_iter().flat_map(|error| [(error, false), (error, true)]);
        // Who gives up for good acknowledges nothing that could show a bug.
        for (error, for_good) in ways.filter(|(_, for_good)| !for_good || extent.fault.is_none()) {
            let findings = ledger.fail(Failure { at, error, for_good }).await;
            tally.times += 1;
            if tally.ends_with(Mode::Fail, findings, extent.fault) {
                break 'all;
            }
        }
    }
    tally.heard(ledger.oracle());
    tally
}

fn stride(count: u64) -> usize {
    usize::try_from(count.max(1)).expect("a small number")
}
