//! The clock, and rounds of screening.

use jiff::civil::date;

use super::{ANN, MONTH, NORTH, UNION, YEAR, code};
use crate::clock::FindingCount;
use crate::{ClockEvent, Event};

pub(super) fn clock() -> Vec<(&'static str, Event)> {
    let advanced =
        |precision| Event::from(ClockEvent::Advanced { effective: date(2026, 3, 1), precision });
    let fell_due = |precision, subject, branch| {
        Event::from(ClockEvent::FellDue {
            effective: date(2026, 2, 27),
            precision,
            subject,
            due: code("under_strength"),
            rule: code("coverage.members_min"),
            branch,
        })
    };
    let held = |precision, findings| {
        Event::from(ClockEvent::ScreeningHeld {
            effective: date(2026, 3, 2),
            precision,
            root: UNION,
            branches: 12,
            members: 340,
            findings,
        })
    };
    let finding = |text, count| FindingCount { finding: code(text), count };
    let found = vec![finding("holder_not_at_home", 2), finding("host_gone", 1)];
    vec![
        ("1201-ClockAdvanced.v1", advanced(MONTH)),
        ("1201-ClockAdvanced.v1.minimal", advanced(None)),
        ("1202-FellDue.v1", fell_due(YEAR, NORTH.into(), Some(NORTH))),
        ("1202-FellDue.v1.minimal", fell_due(None, ANN.into(), None)),
        ("1203-ScreeningHeld.v1", held(MONTH, found)),
        ("1203-ScreeningHeld.v1.minimal", held(None, vec![])),
    ]
}
