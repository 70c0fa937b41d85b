//! What becomes of memberships and persons, as short as it can be said.

use events::{BranchId, HostEvent, HostId, MembershipEvent, MembershipId, PersonEvent, PersonId};

use super::{Happened, code, day, happened};
use crate::likenesses::Found;

pub(crate) fn applied(
    on: i8,
    membership: MembershipId,
    person: PersonId,
    branch: BranchId,
) -> Happened {
    let (effective, precision, state) = (day(on), None, code("applicant"));
    let previous = None;
    let event = MembershipEvent::Applied { effective, precision, person, branch, state, previous };
    happened(membership, event)
}

/// The states before and after, the home that begins, and the home that ends.
pub(crate) type Step = ([&'static str; 2], Option<BranchId>, Option<BranchId>);

pub(crate) fn state_changed(
    on: i8,
    membership: MembershipId,
    person: PersonId,
    ([from, to], enters, leaves): Step,
) -> Happened {
    let event = MembershipEvent::StateChanged {
        effective: day(on),
        precision: None,
        person,
        from: code(from),
        to: code(to),
        enters,
        leaves,
    };
    happened(membership, event)
}

pub(crate) fn extended(on: i8, membership: MembershipId, person: PersonId, until: i8) -> Happened {
    let (effective, until) = (day(on), day(until));
    happened(
        membership,
        MembershipEvent::ProbationExtended { effective, precision: None, person, until },
    )
}

pub(crate) fn contact_lost(on: i8, membership: MembershipId, person: PersonId) -> Happened {
    let effective = day(on);
    happened(membership, MembershipEvent::ContactLost { effective, precision: None, person })
}

pub(crate) fn contact_regained(on: i8, membership: MembershipId, person: PersonId) -> Happened {
    let effective = day(on);
    happened(membership, MembershipEvent::ContactRegained { effective, precision: None, person })
}

pub(crate) fn away(
    on: i8,
    membership: MembershipId,
    person: PersonId,
    place: Option<&str>,
    branch: Option<BranchId>,
) -> Happened {
    let (effective, precision, place) = (day(on), None, place.map(code));
    let event = MembershipEvent::MobilityRegistered { effective, precision, person, place, branch };
    happened(membership, event)
}

pub(crate) fn back(on: i8, membership: MembershipId, person: PersonId) -> Happened {
    let effective = day(on);
    happened(membership, MembershipEvent::MobilityEnded { effective, precision: None, person })
}

pub(crate) fn placed(
    on: i8,
    membership: MembershipId,
    person: PersonId,
    branch: BranchId,
) -> Happened {
    let (effective, precision) = (day(on), None);
    let event = MembershipEvent::SecondaryPlaceAssigned { effective, precision, person, branch };
    happened(membership, event)
}

pub(crate) fn unplaced(
    on: i8,
    membership: MembershipId,
    person: PersonId,
    branch: BranchId,
) -> Happened {
    let (effective, precision) = (day(on), None);
    let event = MembershipEvent::SecondaryPlaceEnded { effective, precision, person, branch };
    happened(membership, event)
}

pub(crate) fn contracted(on: i8, host: HostId, person: PersonId) -> Happened {
    let (effective, post, contract) = (day(on), None, true);
    happened(host, HostEvent::Employed { effective, precision: None, person, post, contract })
}

pub(crate) fn compared(on: i8, person: PersonId, other: PersonId, found: Found) -> Happened {
    let (effective, precision) = (day(on), None);
    let event = match found {
        Found::Suspected => PersonEvent::DuplicateSuspected { effective, precision, other },
        Found::Distinct => PersonEvent::DeclaredDistinct { effective, precision, other },
        Found::Merged => PersonEvent::Merged { effective, precision, into: other },
    };
    happened(person, event)
}

pub(crate) fn unmerged(on: i8, person: PersonId, other: PersonId) -> Happened {
    let effective = day(on);
    happened(person, PersonEvent::Unmerged { effective, precision: None, from: other })
}
