//! Fixtures about the phases of branches, terms, and reorganisations.

use events::post::{HoldingMode, LeaveReason};
use events::reorganisation::Plan;
use events::{
    BranchEvent, BranchId, PersonId, PostEvent, PostId, ReorganisationEvent, ReorganisationId,
};
use uuid::Uuid;

use super::{Given, code, day, id, name_of, text, title_case};

pub(crate) const G1: Uuid = id(0x71);

pub(crate) fn proposed(branch: BranchId, on: i8) -> Given {
    let name = name_of(branch);
    let event = BranchEvent::Proposed {
        effective: day(on),
        precision: None,
        code: code(name),
        name: title_case(name),
        title: None,
        branch_kind: code("branch"),
        parent: None,
        by: None,
    };
    (branch.into(), event.into())
}

pub(crate) fn approved(branch: BranchId, on: i8) -> Given {
    (branch.into(), BranchEvent::Approved { effective: day(on), precision: None }.into())
}

pub(crate) fn rejected(branch: BranchId, on: i8) -> Given {
    let event = BranchEvent::Rejected { effective: day(on), precision: None, reason: None };
    (branch.into(), event.into())
}

pub(crate) fn branch_suspended(branch: BranchId, on: i8) -> Given {
    let event = BranchEvent::Suspended { effective: day(on), precision: None, reason: None };
    (branch.into(), event.into())
}

pub(crate) fn branch_resumed(branch: BranchId, on: i8) -> Given {
    (branch.into(), BranchEvent::Resumed { effective: day(on), precision: None }.into())
}

pub(crate) fn winding_up(branch: BranchId, on: i8) -> Given {
    let event = BranchEvent::WindingUpStarted { effective: day(on), precision: None, reason: None };
    (branch.into(), event.into())
}

pub(crate) fn winding_up_abandoned(branch: BranchId, on: i8) -> Given {
    let event = BranchEvent::WindingUpAbandoned { effective: day(on), precision: None };
    (branch.into(), event.into())
}

pub(crate) fn kind_changed(branch: BranchId, from: &str, to: &str, on: i8) -> Given {
    let (effective, from, to) = (day(on), code(from), code(to));
    (branch.into(), BranchEvent::KindChanged { effective, precision: None, from, to }.into())
}

pub(crate) fn re_formed(branch: BranchId, successor_of: BranchId, on: i8) -> Given {
    let effective = day(on);
    (branch.into(), BranchEvent::ReFormed { effective, precision: None, successor_of }.into())
}

pub(crate) fn serves(
    person: PersonId,
    (branch, role): (BranchId, &str),
    (from, until): (i8, Option<i8>),
    post: Uuid,
) -> Given {
    let (effective, role, mode) = (day(from), code(role), HoldingMode::Elected);
    let (precision, term_until) = (None, until.map(day));
    let event = PostEvent::TermSet { effective, precision, branch, role, person, mode, term_until };
    (PostId(post).into(), event.into())
}

pub(crate) fn acts(person: PersonId, branch: BranchId, role: &str, on: i8, post: Uuid) -> Given {
    let (effective, role) = (day(on), code(role));
    let event = PostEvent::ActingNamed { effective, precision: None, branch, role, person };
    (PostId(post).into(), event.into())
}

pub(crate) fn acts_no_more(
    person: PersonId,
    (branch, role): (BranchId, &str),
    (on, reason): (i8, LeaveReason),
    post: Uuid,
) -> Given {
    let (effective, role) = (day(on), code(role));
    let event = PostEvent::ActingEnded { effective, precision: None, branch, role, person, reason };
    (PostId(post).into(), event.into())
}

pub(crate) fn gave_way(
    person: PersonId,
    branch: BranchId,
    role: &str,
    on: i8,
    post: Uuid,
) -> Given {
    super::post_left(person, branch, role, (on, LeaveReason::Succeeded), post)
}

pub(crate) fn planned(plan: Plan, on: i8) -> Given {
    let (effective, by) = (day(on), text("local"));
    let event = ReorganisationEvent::Planned { effective, precision: None, plan, by };
    (ReorganisationId(G1).into(), event.into())
}

pub(crate) fn plan_approved(on: i8) -> Given {
    let event = ReorganisationEvent::Approved { effective: day(on), precision: None };
    (ReorganisationId(G1).into(), event.into())
}

pub(crate) fn plan_executed(on: i8) -> Given {
    let event = ReorganisationEvent::Executed { effective: day(on), precision: None };
    (ReorganisationId(G1).into(), event.into())
}

pub(crate) fn plan_withdrawn(on: i8, reason: Option<&str>) -> Given {
    let (effective, reason) = (day(on), reason.map(code));
    let event = ReorganisationEvent::Withdrawn { effective, precision: None, reason };
    (ReorganisationId(G1).into(), event.into())
}
