//! Fixtures about the life of a membership: Ann's, with the id [`M1`], unless said otherwise.

use events::membership::EndReason;
use events::{BranchId, Date, MembershipEvent, MembershipId, PersonEvent, PersonId, StreamId};
use uuid::Uuid;

use super::{ANN, Given, M1, NORTH, SOUTH, admitted, code, day, formed, registered};

fn of_ann(event: MembershipEvent) -> Given {
    (StreamId::from(MembershipId(M1)), event.into())
}

/// Ann is at home in the north since the fifth; there is a south too.
pub(crate) fn ann_in_north() -> Vec<Given> {
    vec![registered(ANN), formed(NORTH, 1), formed(SOUTH, 1), admitted(ANN, NORTH, 5, M1)]
}

/// Ann is on trial in the north since the fifth.
pub(crate) fn ann_on_trial() -> Vec<Given> {
    vec![
        registered(ANN),
        formed(NORTH, 1),
        formed(SOUTH, 1),
        applied(ANN, NORTH, 2, M1),
        entered(["candidate", "probationary"], NORTH, 5),
    ]
}

pub(crate) fn applied(person: PersonId, branch: BranchId, on: i8, membership: Uuid) -> Given {
    let applied = MembershipEvent::Applied {
        effective: day(on),
        precision: None,
        person,
        branch,
        state: code("applicant"),
        previous: None,
    };
    (MembershipId(membership).into(), applied.into())
}

fn step(
    [from, to]: [&str; 2],
    effective: Date,
    enters: Option<BranchId>,
    leaves: Option<BranchId>,
) -> Given {
    of_ann(MembershipEvent::StateChanged {
        effective,
        precision: None,
        person: ANN,
        from: code(from),
        to: code(to),
        enters,
        leaves,
    })
}

pub(crate) fn went(states: [&str; 2], on: i8) -> Given {
    step(states, day(on), None, None)
}

pub(crate) fn went_on(states: [&str; 2], on: Date) -> Given {
    step(states, on, None, None)
}

pub(crate) fn entered(states: [&str; 2], home: BranchId, on: i8) -> Given {
    step(states, day(on), Some(home), None)
}

pub(crate) fn stepped_out(states: [&str; 2], home: BranchId, on: i8) -> Given {
    step(states, day(on), None, Some(home))
}

pub(crate) fn extended(on: i8, until: Date) -> Given {
    let effective = day(on);
    of_ann(MembershipEvent::ProbationExtended { effective, precision: None, person: ANN, until })
}

pub(crate) fn contact_lost(on: i8) -> Given {
    let effective = day(on);
    of_ann(MembershipEvent::ContactLost { effective, precision: None, person: ANN })
}

pub(crate) fn contact_regained(on: i8) -> Given {
    let effective = day(on);
    of_ann(MembershipEvent::ContactRegained { effective, precision: None, person: ANN })
}

pub(crate) fn away(on: i8, place: Option<&str>, branch: Option<BranchId>) -> Given {
    let (effective, precision, person, place) = (day(on), None, ANN, place.map(code));
    of_ann(MembershipEvent::MobilityRegistered { effective, precision, person, place, branch })
}

pub(crate) fn back(on: i8) -> Given {
    let effective = day(on);
    of_ann(MembershipEvent::MobilityEnded { effective, precision: None, person: ANN })
}

pub(crate) fn placed(on: i8, branch: BranchId) -> Given {
    let (effective, precision, person) = (day(on), None, ANN);
    of_ann(MembershipEvent::SecondaryPlaceAssigned { effective, precision, person, branch })
}

pub(crate) fn unplaced(on: i8, branch: BranchId) -> Given {
    let (effective, precision, person) = (day(on), None, ANN);
    of_ann(MembershipEvent::SecondaryPlaceEnded { effective, precision, person, branch })
}

pub(crate) fn ended_because(
    person: PersonId,
    home: Option<BranchId>,
    on: i8,
    reason: EndReason,
) -> Given {
    let effective = day(on);
    of_ann(MembershipEvent::Ended { effective, precision: None, person, home, reason })
}

pub(crate) fn died(person: PersonId, on: i8) -> Given {
    (person.into(), PersonEvent::Died { effective: day(on), precision: None }.into())
}

pub(crate) fn suspected(person: PersonId, other: PersonId, on: i8) -> Given {
    let effective = day(on);
    let suspected = PersonEvent::DuplicateSuspected { effective, precision: None, other };
    (person.into(), suspected.into())
}

pub(crate) fn distinct(person: PersonId, other: PersonId, on: i8) -> Given {
    let effective = day(on);
    let distinct = PersonEvent::DeclaredDistinct { effective, precision: None, other };
    (person.into(), distinct.into())
}

pub(crate) fn merged_into(person: PersonId, into: PersonId, on: i8) -> Given {
    let effective = day(on);
    (person.into(), PersonEvent::Merged { effective, precision: None, into }.into())
}

pub(crate) fn unmerged(person: PersonId, from: PersonId, on: i8) -> Given {
    let effective = day(on);
    (person.into(), PersonEvent::Unmerged { effective, precision: None, from }.into())
}
