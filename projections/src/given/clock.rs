//! What the clock and rounds of screening record.

use events::clock::FindingCount;
use events::{BranchId, ClockEvent, LedgerId};
use uuid::Uuid;

use super::{Happened, code, day, happened};

fn clock(event: ClockEvent) -> Happened {
    happened(events::StreamId::clock(LedgerId(Uuid::from_u128(1))), event)
}

pub(crate) fn advanced(on: i8) -> Happened {
    clock(ClockEvent::Advanced { effective: day(on), precision: None })
}

pub(crate) fn fell_due(on: i8, branch: BranchId, due: &str) -> Happened {
    clock(ClockEvent::FellDue {
        effective: day(on),
        precision: None,
        subject: branch.into(),
        due: code(due),
        rule: code("a.rule"),
        branch: Some(branch),
    })
}

pub(crate) fn screening_held(on: i8, root: BranchId, findings: &[(&str, u32)]) -> Happened {
    let findings = findings.iter();
    let finding =
        |(finding, count): &(&str, u32)| FindingCount { finding: code(finding), count: *count };
    clock(ClockEvent::ScreeningHeld {
        effective: day(on),
        precision: None,
        root,
        branches: 2,
        members: 9,
        findings: findings.map(finding).collect(),
    })
}
