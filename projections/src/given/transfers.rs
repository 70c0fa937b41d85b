//! Transfers as they are told in tests: of one member, on one letter.

use events::transfer::Case;

use super::*;

fn case(from: BranchId, to: BranchId) -> Case {
    Case { person: P1, from: from.into(), to: to.into(), letter: code("L-1") }
}

/// A letter that is good for nine days.
pub(crate) fn issued(on: i8, id: TransferId, from: BranchId, to: BranchId) -> Happened {
    let (effective, case, last_day) = (day(on), case(from, to), Some(day(on + 8)));
    let (precision, membership) = (None, M1);
    happened(id, TransferEvent::Issued { effective, precision, case, membership, last_day })
}

pub(crate) fn presented(on: i8, id: TransferId, from: BranchId, to: BranchId) -> Happened {
    let (effective, case) = (day(on), case(from, to));
    happened(id, TransferEvent::Presented { effective, precision: None, case })
}

pub(crate) fn accepted_transfer(on: i8, id: TransferId, from: BranchId, to: BranchId) -> Happened {
    let (effective, case) = (day(on), case(from, to));
    happened(id, TransferEvent::Accepted { effective, precision: None, case })
}

pub(crate) fn withdrawn(on: i8, id: TransferId, from: BranchId, to: BranchId) -> Happened {
    let (effective, case) = (day(on), case(from, to));
    happened(id, TransferEvent::Withdrawn { effective, precision: None, case })
}

pub(crate) fn stood_still(on: i8, id: TransferId, from: BranchId, to: BranchId) -> Happened {
    let (effective, case) = (day(on), case(from, to));
    happened(id, TransferEvent::ClockSuspended { effective, precision: None, case })
}

pub(crate) fn ran_again(on: i8, id: TransferId, from: BranchId, to: BranchId) -> Happened {
    let (effective, case, last_day) = (day(on), case(from, to), None);
    happened(id, TransferEvent::ClockResumed { effective, precision: None, case, last_day })
}
