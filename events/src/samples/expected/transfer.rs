//! What the golden samples of transfers mean.

use super::*;
use crate::TransferEvent as T;
use crate::transfer::{Case, ClosedBecause, Place};

/// Samples of one kind: the full one states every field, the minimal one only those that it must.
type Pair = [(&'static str, Event); 2];

fn case() -> Case {
    Case { person: ANN, from: NORTH.into(), to: SOUTH.into(), letter: code("2003-117") }
}

fn outward() -> Case {
    Case { to: Place::Outside(code("union-west")), ..case() }
}

fn inward() -> Case {
    Case { from: Place::Outside(code("union-west")), ..case() }
}

pub(super) fn transfer() -> Vec<(&'static str, Event)> {
    [letters(), answers(), deadlines(), disputes(), ends(), bodies()].concat().concat()
}

fn pair(names: [&'static str; 2], event: impl Fn(Option<Precision>, bool) -> T) -> Pair {
    [(names[0], event(MONTH, true).into()), (names[1], event(None, false).into())]
}

macro_rules! sample {
    ($tag:literal, $event:expr) => {
        pair([$tag, concat!($tag, ".minimal")], $event)
    };
}

fn letters() -> Vec<Pair> {
    let last_day = |full: bool| full.then_some(date(2003, 12, 30));
    vec![
        sample!("1001-TransferIssued.v1", |precision, full| T::Issued {
            effective: date(2003, 10, 1),
            precision,
            case: if full { outward() } else { case() },
            membership: MembershipId(EARLIER),
            last_day: last_day(full),
        }),
        sample!("1002-TransferPresented.v1", |precision, _| T::Presented {
            effective: date(2003, 10, 5),
            precision,
            case: case(),
        }),
        sample!("1005-TransferReissued.v1", |precision, full| T::Reissued {
            effective: date(2003, 11, 1),
            precision,
            case: case(),
            former: code("2003-098"),
            last_day: last_day(full),
        }),
        sample!("1006-TransferWithdrawn.v1", |precision, _| T::Withdrawn {
            effective: date(2003, 10, 9),
            precision,
            case: case(),
        }),
        sample!("1008-TransferLetterVoided.v1", |precision, _| T::Voided {
            effective: date(2003, 10, 9),
            precision,
            case: case(),
        }),
        sample!("1009-TransferDiverted.v1", |precision, _| T::Diverted {
            effective: date(2003, 10, 9),
            precision,
            case: case(),
            former: UNION.into(),
        }),
    ]
}

fn answers() -> Vec<Pair> {
    vec![
        sample!("1003-TransferAccepted.v1", |precision, _| T::Accepted {
            effective: date(2003, 10, 15),
            precision,
            case: case(),
        }),
        sample!("1004-TransferReturned.v1", |precision, full| T::Returned {
            effective: date(2003, 10, 15),
            precision,
            case: case(),
            reason: code(if full { "other" } else { "dues_gap" }),
            note: full.then(|| code("no_quorum")),
        }),
        sample!("1016-TransferReceipted.v1", |precision, _| T::Receipted {
            effective: date(2003, 10, 20),
            precision,
            case: case(),
        }),
    ]
}

fn deadlines() -> Vec<Pair> {
    vec![
        sample!("1007-TransferExpired.v1", |precision, _| T::Expired {
            effective: date(2003, 12, 31),
            precision,
            case: case(),
            rule: code("transfer.letter_days_far"),
        }),
        sample!("1010-TransferClockSuspended.v1", |precision, _| T::ClockSuspended {
            effective: date(2003, 11, 1),
            precision,
            case: case(),
        }),
        sample!("1011-TransferClockResumed.v1", |precision, full| T::ClockResumed {
            effective: date(2003, 11, 8),
            precision,
            case: case(),
            last_day: full.then_some(date(2004, 1, 6)),
        }),
        sample!("1013-TransferAcceptedByRule.v1", |precision, _| T::AcceptedByRule {
            effective: date(2003, 11, 4),
            precision,
            case: case(),
            rule: code("transfer.silence_days"),
        }),
    ]
}

fn disputes() -> Vec<Pair> {
    vec![
        sample!("1012-TransferEscalated.v1", |precision, full| T::Escalated {
            effective: date(2003, 11, 4),
            precision,
            case: case(),
            superior: full.then_some(UNION),
            rule: code("transfer.silence_days"),
        }),
        sample!("1014-TransferAppealed.v1", |precision, full| T::Appealed {
            effective: date(2003, 11, 4),
            precision,
            case: case(),
            superior: full.then_some(UNION),
        }),
        sample!("1015-TransferAppealDecided.v1", |precision, upheld| T::AppealDecided {
            effective: date(2003, 11, 14),
            precision,
            case: case(),
            upheld,
        }),
    ]
}

fn ends() -> Vec<Pair> {
    vec![
        sample!("1017-TransferClosed.v1", |precision, full| T::Closed {
            effective: date(2003, 11, 14),
            precision,
            case: case(),
            reason: if full { ClosedBecause::Died } else { ClosedBecause::BranchDissolved },
        }),
        sample!("1020-TransferOriginMoved.v1", |precision, _| T::OriginMoved {
            effective: date(2003, 11, 14),
            precision,
            case: case(),
            former: UNION.into(),
        }),
    ]
}

fn bodies() -> Vec<Pair> {
    vec![
        sample!("1018-TransferReceived.v1", |precision, full| T::Received {
            effective: date(2003, 10, 5),
            precision,
            case: inward(),
            last_day: full.then_some(date(2003, 12, 30)),
        }),
        sample!("1019-TransferDepartedExternal.v1", |precision, _| T::DepartedExternal {
            effective: date(2003, 10, 15),
            precision,
            case: outward(),
        }),
        sample!("1021-TransferReceiptUnmatched.v1", |precision, _| T::Unmatched {
            effective: date(2003, 10, 15),
            precision,
            body: code("union-west"),
            letter: code("2003-711"),
        }),
        sample!("1022-TransferReceiptMatched.v1", |precision, _| T::Matched {
            effective: date(2003, 10, 22),
            precision,
            body: code("union-west"),
            letter: code("2003-711"),
        }),
    ]
}
