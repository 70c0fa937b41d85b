//! What the samples about the phases of branches, terms and reorganisations mean.

use jiff::civil::date;
use uuid::Uuid;

use super::expected::{ANN, EARLIER, MONTH, NORTH, SONNE, SOUTH, UNION, YEAR, code, text};
use crate::branch::FormationMode;
use crate::post::{HoldingMode, LeaveReason};
use crate::reorganisation::{CaseLine, MemberLine, NewBranch, Plan, PlanForm};
use crate::{
    BranchEvent, BranchId, Event, MembershipId, Party, PostEvent, ReorganisationEvent, TransferId,
};

const NEW: BranchId = BranchId(Uuid::from_u128(0x2b91_c7d0_46ea_4f58_83b1_6c0d_e5f2_9a74));

pub(super) fn expected() -> Vec<(&'static str, Event)> {
    [proposals(), phases(), terms(), acting(), plans(), ends_of_plans()].concat()
}

fn proposals() -> Vec<(&'static str, Event)> {
    let day = date(2018, 3, 1);
    let proposed = |precision, title, parent, by| {
        Event::from(BranchEvent::Proposed {
            effective: day,
            precision,
            code: code("sonne"),
            name: text("Betriebsgruppe Sonne"),
            title,
            branch_kind: code("joint"),
            parent,
            by,
        })
    };
    let approved = |precision| Event::from(BranchEvent::Approved { effective: day, precision });
    let rejected = |precision, reason| {
        Event::from(BranchEvent::Rejected { effective: day, precision, reason })
    };
    let by = Some(Party::Host(SONNE));
    vec![
        ("407-BranchProposed.v1", proposed(YEAR, Some(text("Sonne")), Some(UNION), by)),
        ("407-BranchProposed.v1.minimal", proposed(None, None, None, None)),
        ("408-BranchApproved.v1", approved(MONTH)),
        ("408-BranchApproved.v1.minimal", approved(None)),
        ("409-BranchProposalRejected.v1", rejected(MONTH, Some(code("too_small")))),
        ("409-BranchProposalRejected.v1.minimal", rejected(None, None)),
    ]
}

fn phases() -> Vec<(&'static str, Event)> {
    let day = date(2019, 5, 2);
    let suspended = |precision, reason| {
        Event::from(BranchEvent::Suspended { effective: day, precision, reason })
    };
    let resumed = |precision| Event::from(BranchEvent::Resumed { effective: day, precision });
    let started = |precision, reason| {
        Event::from(BranchEvent::WindingUpStarted { effective: day, precision, reason })
    };
    let abandoned =
        |precision| Event::from(BranchEvent::WindingUpAbandoned { effective: day, precision });
    let changed = |precision| {
        let (from, to) = (code("branch"), code("general_branch"));
        Event::from(BranchEvent::KindChanged { effective: day, precision, from, to })
    };
    let re_formed = |precision| {
        Event::from(BranchEvent::ReFormed { effective: day, precision, successor_of: SOUTH })
    };
    vec![
        ("410-BranchSuspended.v1", suspended(MONTH, Some(code("no_secretary")))),
        ("410-BranchSuspended.v1.minimal", suspended(None, None)),
        ("411-BranchResumed.v1", resumed(MONTH)),
        ("411-BranchResumed.v1.minimal", resumed(None)),
        ("412-WindingUpStarted.v1", started(MONTH, Some(code("host_closed")))),
        ("412-WindingUpStarted.v1.minimal", started(None, None)),
        ("413-WindingUpAbandoned.v1", abandoned(MONTH)),
        ("413-WindingUpAbandoned.v1.minimal", abandoned(None)),
        ("414-BranchKindChanged.v1", changed(MONTH)),
        ("414-BranchKindChanged.v1.minimal", changed(None)),
        ("415-BranchReFormed.v1", re_formed(MONTH)),
        ("415-BranchReFormed.v1.minimal", re_formed(None)),
    ]
}

fn terms() -> Vec<(&'static str, Event)> {
    let set = |precision, mode, term_until| {
        Event::from(PostEvent::TermSet {
            effective: date(2019, 6, 1),
            precision,
            branch: NORTH,
            role: code("secretary"),
            person: ANN,
            mode,
            term_until,
        })
    };
    let end = Some(date(2022, 6, 1));
    vec![
        ("503-PostTermSet.v1", set(MONTH, HoldingMode::Elected, end)),
        ("503-PostTermSet.v1.minimal", set(None, HoldingMode::Appointed, None)),
    ]
}

fn acting() -> Vec<(&'static str, Event)> {
    let (effective, branch, person) = (date(2019, 6, 1), NORTH, ANN);
    let named = |precision| {
        let role = code("secretary");
        Event::from(PostEvent::ActingNamed { effective, precision, branch, role, person })
    };
    let ended = |precision, reason| {
        let role = code("secretary");
        Event::from(PostEvent::ActingEnded { effective, precision, branch, role, person, reason })
    };
    vec![
        ("504-ActingNamed.v1", named(MONTH)),
        ("504-ActingNamed.v1.minimal", named(None)),
        ("505-ActingEnded.v1", ended(MONTH, LeaveReason::Succeeded)),
        ("505-ActingEnded.v1.minimal", ended(None, LeaveReason::Left)),
    ]
}

fn plans() -> Vec<(&'static str, Event)> {
    let planned = |precision, plan| {
        let (effective, by) = (date(2019, 9, 1), text("local"));
        Event::from(ReorganisationEvent::Planned { effective, precision, plan, by })
    };
    let (membership, transfer) = (MembershipId(EARLIER), TransferId(EARLIER));
    let full = Plan {
        form: PlanForm::Split,
        sources: vec![NORTH],
        forms: vec![
            NewBranch {
                branch: NEW,
                code: code("zh-nord-2"),
                name: text("Zürich Nord 2"),
                branch_kind: code("local"),
                parent: Some(UNION),
            },
            NewBranch {
                branch: SOUTH,
                code: code("zh-nord-3"),
                name: text("Zürich Nord 3"),
                branch_kind: code("local"),
                parent: None,
            },
        ],
        rest: Some(NORTH),
        mode: Some(FormationMode::ByRegion),
        members: vec![MemberLine { membership, person: ANN, from: NORTH, to: NEW }],
        cases: vec![CaseLine { transfer, from: NORTH, to: NEW }],
    };
    let minimal = Plan {
        form: PlanForm::Move,
        sources: vec![NORTH],
        forms: vec![],
        rest: None,
        mode: None,
        members: vec![],
        cases: vec![],
    };
    vec![
        ("1101-ReorganisationPlanned.v1", planned(MONTH, full)),
        ("1101-ReorganisationPlanned.v1.minimal", planned(None, minimal)),
    ]
}

fn ends_of_plans() -> Vec<(&'static str, Event)> {
    let day = date(2019, 10, 1);
    let approved =
        |precision| Event::from(ReorganisationEvent::Approved { effective: day, precision });
    let executed =
        |precision| Event::from(ReorganisationEvent::Executed { effective: day, precision });
    let withdrawn = |precision, reason| {
        Event::from(ReorganisationEvent::Withdrawn { effective: day, precision, reason })
    };
    vec![
        ("1102-ReorganisationApproved.v1", approved(MONTH)),
        ("1102-ReorganisationApproved.v1.minimal", approved(None)),
        ("1103-ReorganisationExecuted.v1", executed(MONTH)),
        ("1103-ReorganisationExecuted.v1.minimal", executed(None)),
        ("1104-ReorganisationWithdrawn.v1", withdrawn(MONTH, Some(code("remade")))),
        ("1104-ReorganisationWithdrawn.v1.minimal", withdrawn(None, None)),
    ]
}
