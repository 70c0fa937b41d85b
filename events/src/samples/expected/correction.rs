//! What the golden samples of corrections mean.

use jiff::civil::date;

use super::{ANN, MONTH, NORTH, SOUTH, YEAR, code};
use crate::membership::Via;
use crate::{CorrectionEvent, Event, MembershipEvent, Precision, Quoted};

pub(super) fn corrections() -> Vec<(&'static str, Event)> {
    let moved = |precision, via| {
        let (effective, person, from, to) = (date(2003, 10, 15), ANN, NORTH, SOUTH);
        Event::from(MembershipEvent::HomeMoved { effective, precision, person, from, to, via })
    };
    // Quoted as it was written then, in a version that is written no longer.
    let ended = |precision: &str, reason: &str| -> Quoted {
        let text = format!(
            "{{\"kind\":\"MembershipEnded.v1\",\"effective\":\"2021-12-31\",{precision}\
             \"person\":\"{ANN}\",\"home\":\"{SOUTH}\",\"reason\":\"{reason}\"}}"
        );
        serde_json::from_str(&text).expect("a quoted event")
    };
    let (full, minimal) = (moved(MONTH, Via::Transfer), moved(None, Via::Reorganisation));
    let retracted = |of, was: &Event, reason| {
        Event::from(CorrectionEvent::retracting(of, was.clone(), code(reason)))
    };
    let redated = |was: &Event, precision: Option<Precision>| {
        let (was, reason) = (was.clone(), code("wrong_date"));
        Event::from(CorrectionEvent::redating(2, was, date(2003, 11, 1), precision, reason))
    };
    let replaced = |was: &Event, by: Quoted, precision| {
        let (effective, of, was) = (date(2021, 12, 31), 2, Quoted::new(was.clone()));
        let reason = code("another_fact");
        Event::from(CorrectionEvent::Replaced { effective, precision, of, was, by, reason })
    };
    let mistaken = retracted(2, &minimal, "entered_twice");
    vec![
        ("1301-EventRetracted.v1", retracted(2, &full, "entered_twice")),
        ("1301-EventRetracted.v1.minimal", retracted(3, &mistaken, "retracted_by_mistake")),
        ("1302-EventRedated.v1", redated(&full, MONTH)),
        ("1302-EventRedated.v1.minimal", redated(&minimal, None)),
        ("1303-EventReplaced.v1", replaced(&full, ended("\"precision\":\"year\",", "left"), YEAR)),
        ("1303-EventReplaced.v1.minimal", replaced(&minimal, ended("", "branch_dissolved"), None)),
    ]
}
