//! The ways in which processes are crashed, each so often, on two lanes at the same time.

use crate::lane::{Failure, Lane, Tally};
use crate::stage::Stage;

/// How many ledgers are crashed at the same time.
const LANES: u64 = 2;

/// The numbers of `EIO` and `ENOSPC`.
const ERRORS: [i32; 2] = [5, 28];

/// No founding has more operations.
const FOUNDING_MAX: u64 = 2_000;

/// One way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

impl Mode {
    /// All of them, the cheapest first.
    pub const ALL: [Self; 5] = [Self::Kill, Self::Cut, Self::HandOver, Self::Found, Self::Fail];

    /// What a report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "SIGKILL",
            Self::Cut => "power loss",
            Self::HandOver => "two processes",
            Self::Found => "power loss while founding",
            Self::Fail => "EIO and ENOSPC",
        }
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

/// Crashes processes in one way, on all lanes; a planted bug that is found ends it.
pub fn run(stage: &Stage, mode: Mode, extent: Extent<'_>) -> Tally {
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| scope.spawn(move || run_lane(stage, mode, extent, lane, LANES)))
            .collect();
        for lane in lanes {
            tally.add(lane.join().expect("the harness does not panic"));
        }
    });
    tally
}

/// Crashes processes in one way, on one lane of so many.
pub fn run_lane(stage: &Stage, mode: Mode, extent: Extent<'_>, lane: u64, lanes: u64) -> Tally {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let Extent { count, seed, fault } = extent;
    let name = format!("{}-{lane}", fault.unwrap_or("lane"));
    let mut tally = Tally::default();
    runtime.block_on(async {
        let mut ledger = Lane::new(stage, &name, seed * LANES + lane, fault);
        match mode {
            Mode::Kill | Mode::Cut | Mode::HandOver => {
                for _ in (lane..count).step_by(usize::try_from(lanes).expect("few")) {
                    let findings = match mode {
                        Mode::Kill => ledger.kill().await,
                        Mode::Cut => ledger.cut().await,
                        _ => ledger.hand_over().await,
                    };
                    tally.count(mode);
                    tally.take(mode, findings, fault);
                    if fault.is_some() && !tally.findings.is_empty() {
                        break;
                    }
                }
            }
            Mode::Found => {
                for at in (1 + lane * count..FOUNDING_MAX).step_by(stride(count * lanes)) {
                    let Some(findings) = ledger.found(at).await else { break };
                    tally.count(mode);
                    tally.take(mode, findings, fault);
                    if fault.is_some() && !tally.findings.is_empty() {
                        break;
                    }
                }
            }
            Mode::Fail => fail(&mut ledger, extent, (lane, lanes), &mut tally).await,
        }
        tally.acknowledged += ledger.acknowledged();
    });
    tally
}

async fn fail(
    ledger: &mut Lane<'_>,
    extent: Extent<'_>,
    (lane, lanes): (u64, u64),
    tally: &mut Tally,
) {
    let operations = ledger.operations();
    if operations == 0 {
        tally.findings.other.push("the operations of a short run were not counted".to_owned());
    }
    for at in (1 + lane * extent.count..=operations).step_by(stride(extent.count * lanes)) {
        let ways = ERRORS.into_iter().flat_map(|error| [(error, false), (error, true)]);
        // Who gives up for good acknowledges nothing that could show a bug.
        for (error, for_good) in ways.filter(|(_, for_good)| !for_good || extent.fault.is_none()) {
            let findings = ledger.fail(Failure { at, error, for_good }).await;
            tally.count(Mode::Fail);
            tally.take(Mode::Fail, findings, extent.fault);
            if extent.fault.is_some() && !tally.findings.is_empty() {
                return;
            }
        }
    }
}

fn stride(count: u64) -> usize {
    usize::try_from(count.max(1)).expect("a small number")
}
