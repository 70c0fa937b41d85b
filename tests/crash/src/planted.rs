//! Bugs that are planted one after the other, each to be found by crashing.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rollbook::store::seeded::{Fault, plant};

use crate::modes::{Extent, Mode, run_lane};
use crate::report::Planted;
use crate::stage::Stage;

/// How many bugs are looked for at the same time.
const LANES: usize = 2;

/// Plants the bug of that name in this process.
pub fn plant_named(name: &str) {
    let fault = Fault::ALL.iter().find(|fault| fault.as_str() == name);
    plant(*fault.expect("a bug of that name"));
}

/// Plants one bug after the other of those that show in such ways, and crashes in every one of
/// these until it is found.
pub fn catch(stage: &Stage, seed: u64, modes: &[Mode]) -> Vec<Planted> {
    let faults: Vec<Fault> =
        Fault::ALL.iter().copied().filter(|fault| modes.contains(&shows_in(*fault))).collect();
    let (next, caught) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = Instant::now();
                    let found = find(stage, seed, *fault, modes);
                    let by = found.caught.as_ref().map_or("NOTHING", |(by, _)| by);
                    eprintln!("{}: {by}, {:.1} s", found.fault, began.elapsed().as_secs_f64());
                    caught.lock().expect("nobody panics").push(found);
                }
            });
        }
    });
    caught.into_inner().expect("nobody panics")
}

/// The way that shows a bug soonest: it goes first.
fn shows_in(fault: Fault) -> Mode {
    match fault {
        Fault::AcknowledgeBeforeCommit
        | Fault::BatchSplit
        | Fault::FrontierNotStored
        | Fault::GuardNotAsserted
        | Fault::GuardsLeftBehind
        | Fault::MemoryToldBeforeCommit
        | Fault::PositionFromSequence
        | Fault::ProjectionStepTwice
        | Fault::ReceiptOutsideTheTransaction
        | Fault::VersionNotAsserted => Mode::Kill,
        Fault::CheckpointNotSynced
        | Fault::PositionStoredBeforeRows
        | Fault::SynchronousNormal
        | Fault::VaultWrittenAfter => Mode::Cut,
        Fault::LockNotTaken => Mode::HandOver,
        Fault::FoundedInPlace => Mode::Found,
        Fault::CommitErrorIgnored | Fault::HeadMovedBeforeCommit | Fault::UnconfirmedForgotten => {
            Mode::Fail
        }
        Fault::CutCommitBelieved => Mode::Link,
        Fault::AskedTwiceRefused | Fault::HeadNotLocked => Mode::Race,
    }
}

fn find(stage: &Stage, seed: u64, fault: Fault, modes: &[Mode]) -> Planted {
    let (fault, first) = (fault.as_str(), shows_in(fault));
    let others = modes.iter().copied().filter(|mode| *mode != first);
    let caught = std::iter::once(first).chain(others).find_map(|mode| {
        // Several times as often as it takes by chance, since who is found is not looked for any
        // more. Of what is counted through, every how many-th.
        let count = match mode {
            Mode::Kill => 80,
            Mode::Cut => 320,
            Mode::HandOver | Mode::Server | Mode::Race => 20,
            Mode::Found => 9,
            Mode::Fail => 2,
            Mode::Link => 400,
        };
        let extent = Extent { count, seed, fault: Some(fault) };
        let found = run_lane(stage, mode, extent, (0, 1)).findings;
        (!found.is_empty()).then(|| (mode.name(), found.told()))
    });
    Planted { fault, caught }
}
