//! What the golden samples of corrections mean.

use jiff::civil::date;

use super::{ANN, MONTH, NORTH, SOUTH, YEAR, code};
use crate::membership::{EndReason, Via};
use crate::{CorrectionEvent, Event, MembershipEvent, Precision};

pub(super) fn corrections() -> Vec<(&'static str, Event)> {
    let moved = |precision, via| {
        let (effective, person, from, to) = (date(2003, 10, 15), ANN, NORTH, SOUTH);
        Event::from(MembershipEvent::HomeMoved { effective, precision, person, from, to, via })
    };
    let ended = |precision, reason| {
        let (effective, person, home) = (date(2021, 12, 31), ANN, SOUTH);
        Event::from(MembershipEvent::Ended {
            effective,
            precision,
            person,
            home: Some(home),
            reason,
        })
    };
    let (full, minimal) = (moved(MONTH, Via::Transfer), moved(None, Via::Reorganisation));
    let retracted = |of, was: &Event, reason| {
        Event::from(CorrectionEvent::retracting(of, was.clone(), code(reason)))
    };
    let redated = |was: &Event, precision: Option<Precision>| {
        let (was, reason) = (was.clone(), code("wrong_date"));
        Event::from(CorrectionEvent::redating(2, was, date(2003, 11, 1), precision, reason))
    };
    let replaced = |was: &Event, by| {
        Event::from(CorrectionEvent::replacing(2, was.clone(), by, code("another_fact")))
    };
    let mistaken = retracted(2, &minimal, "entered_twice");
    vec![
        ("1301-EventRetracted.v1", retracted(2, &full, "entered_twice")),
        ("1301-EventRetracted.v1.minimal", retracted(3, &mistaken, "retracted_by_mistake")),
        ("1302-EventRedated.v1", redated(&full, MONTH)),
        ("1302-EventRedated.v1.minimal", redated(&minimal, None)),
        ("1303-EventReplaced.v1", replaced(&full, ended(YEAR, EndReason::Left))),
        (
            "1303-EventReplaced.v1.minimal",
            replaced(&minimal, ended(None, EndReason::BranchDissolved)),
        ),
    ]
}
