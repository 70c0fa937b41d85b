//! What the clock records.

use events::ClockEvent;

use super::*;

fn clock(event: ClockEvent) -> Given {
    (StreamId::clock(LEDGER), event.into())
}

pub(crate) fn clock_advanced(on: i8) -> Given {
    clock(ClockEvent::Advanced { effective: day(on), precision: None })
}

/// That a branch came under its strength.
pub(crate) fn under_strength(branch: BranchId, on: i8) -> Given {
    let (due, rule) = (code("under_strength"), code("coverage.members_min"));
    let (effective, subject, branch) = (day(on), branch.into(), Some(branch));
    clock(ClockEvent::FellDue { effective, precision: None, subject, due, rule, branch })
}
