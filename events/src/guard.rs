//! What a decision looked at, and what an event touches.
//!
//! A decision lists the guards it looked at; the store appends only if none of them was touched
//! since. One function says what each event touches, so guards can be rebuilt from the events.

use std::fmt;

use crate::ids::{BranchId, HostId, LedgerId, PersonId, ReorganisationId, StreamId};
use crate::relation::Party;
use crate::transfer::Place;
use crate::values::Code;
use crate::{
    BranchEvent, ClockEvent, CorrectionEvent, EventRef, HostEvent, LedgerEvent, MembershipEvent,
    PersonEvent, PolicyEvent, PostEvent, RelationEvent, ReorganisationEvent, TransferEvent,
};

/// One question about the present record that a decision may depend on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guard {
    /// The ledger's own stream: is it open, and in which zone?
    Ledger(LedgerId),
    /// Which rule sets are in force?
    Policy(LedgerId),
    /// Is this person known?
    Person(PersonId),
    /// Which persons is or was this one said to be the same as, or not the same as?
    IdentityOf(PersonId),
    /// Which memberships has this person, and where?
    MembershipsOf(PersonId),
    /// Which posts does this person hold?
    PostsHeldBy(PersonId),
    /// What is this branch: formed, of which kind, under which parent, dissolved?
    Branch(BranchId),
    /// Who is or was at home at this branch, applied to it or had a secondary place there?
    MembersOf(BranchId),
    /// Which branches are or were under this one?
    ChildrenOf(BranchId),
    /// Which posts are there at this branch, and who holds them?
    PostsAt(BranchId),
    /// Which branch has this code?
    BranchCode(Code),
    /// What is this host: operating, of which kind, and who of the members works there?
    Host(HostId),
    /// Which host has this code?
    HostCode(Code),
    /// Which branches cover or covered this host?
    BranchesOver(HostId),
    /// Which relations has this body, past and proposed ones too?
    RelationsOf(Party),
    /// Which transfers has this person, past ones too?
    TransfersOf(PersonId),
    /// Of which transfers is or was this branch a side?
    CasesAt(BranchId),
    /// Which transfer has the letter of this number? With the body that issued it, if it is one
    /// outside the ledger.
    TransferLetter(Option<Code>, Code),
    /// How far is this reorganisation?
    Reorganisation(ReorganisationId),
    /// Which reorganisations of this branch are or were planned?
    PlansOf(BranchId),
    /// At which hosts does or did this person work?
    EmploymentsOf(PersonId),
    /// Is there an area of this code?
    Area(Code),
    /// Up to which day has the clock been advanced, and what fell due?
    Clock(LedgerId),
}

impl Guard {
    /// What is mostly asked about a person.
    #[must_use]
    pub fn about_person(person: PersonId) -> [Self; 5] {
        [
            Self::Person(person),
            Self::IdentityOf(person),
            Self::MembershipsOf(person),
            Self::PostsHeldBy(person),
            Self::TransfersOf(person),
        ]
    }

    /// The one stream that alone answers the question, where there is one. The other guards are
    /// answered by all streams that ever touched them.
    #[must_use]
    pub fn own_stream(&self) -> Option<StreamId> {
        match self {
            Self::Ledger(id) => Some((*id).into()),
            Self::Policy(id) => Some(StreamId::policy(*id)),
            Self::Person(id) => Some((*id).into()),
            Self::Branch(id) => Some((*id).into()),
            Self::Host(id) => Some((*id).into()),
            Self::Clock(id) => Some(StreamId::clock(*id)),
            Self::Reorganisation(id) => Some((*id).into()),
            Self::IdentityOf(_)
            | Self::MembershipsOf(_)
            | Self::PostsHeldBy(_)
            | Self::MembersOf(_)
            | Self::ChildrenOf(_)
            | Self::PostsAt(_)
            | Self::BranchCode(_)
            | Self::HostCode(_)
            | Self::BranchesOver(_)
            | Self::RelationsOf(_)
            | Self::TransfersOf(_)
            | Self::CasesAt(_)
            | Self::TransferLetter(..)
            | Self::PlansOf(_)
            | Self::EmploymentsOf(_)
            | Self::Area(_) => None,
        }
    }

    /// Whether every event of a stream behind it touches it. Then it was last touched where the
    /// last of its streams ends, and an engine that knows the streams need not keep that again.
    #[must_use]
    pub fn ends_with_its_streams(&self) -> bool {
        match self {
            Self::Ledger(_)
            | Self::Policy(_)
            | Self::Person(_)
            | Self::Branch(_)
            | Self::Host(_)
            | Self::MembershipsOf(_)
            | Self::Clock(_)
            | Self::RelationsOf(_)
            | Self::Reorganisation(_) => true,
            Self::PostsHeldBy(_)
            | Self::MembersOf(_)
            | Self::ChildrenOf(_)
            | Self::PostsAt(_)
            | Self::BranchCode(_)
            | Self::HostCode(_)
            | Self::BranchesOver(_)
            | Self::TransfersOf(_)
            | Self::CasesAt(_)
            | Self::TransferLetter(..)
            | Self::PlansOf(_)
            | Self::IdentityOf(_)
            | Self::EmploymentsOf(_)
            | Self::Area(_) => false,
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger(id) => write!(f, "ledger:{id}"),
            Self::Policy(id) => write!(f, "policy:{id}"),
            Self::Person(id) => write!(f, "person:{id}/life"),
            Self::IdentityOf(id) => write!(f, "person:{id}/identity"),
            Self::MembershipsOf(id) => write!(f, "person:{id}/memberships"),
            Self::PostsHeldBy(id) => write!(f, "person:{id}/posts"),
            Self::Branch(id) => write!(f, "branch:{id}/life"),
            Self::MembersOf(id) => write!(f, "branch:{id}/members"),
            Self::ChildrenOf(id) => write!(f, "branch:{id}/children"),
            Self::PostsAt(id) => write!(f, "branch:{id}/posts"),
            Self::BranchCode(code) => write!(f, "code:{code}"),
            Self::Host(id) => write!(f, "host:{id}/life"),
            Self::HostCode(code) => write!(f, "host-code:{code}"),
            Self::BranchesOver(id) => write!(f, "host:{id}/branches"),
            Self::RelationsOf(party) => write!(f, "{party}/relations"),
            Self::TransfersOf(id) => write!(f, "person:{id}/transfers"),
            Self::CasesAt(id) => write!(f, "branch:{id}/cases"),
            Self::TransferLetter(None, letter) => write!(f, "letter:{letter}"),
            Self::TransferLetter(Some(body), letter) => write!(f, "letter-of:{body}/{letter}"),
            Self::Reorganisation(id) => write!(f, "reorganisation:{id}/life"),
            Self::PlansOf(id) => write!(f, "branch:{id}/plans"),
            Self::EmploymentsOf(id) => write!(f, "person:{id}/employments"),
            Self::Area(code) => write!(f, "area:{code}"),
            Self::Clock(id) => write!(f, "clock:{id}"),
        }
    }
}

/// The guards that an event of a stream touches.
#[must_use]
pub fn touched(stream: StreamId, event: EventRef<'_>) -> Vec<Guard> {
    match event {
        EventRef::Ledger(LedgerEvent::Opened { ledger, .. }) => vec![Guard::Ledger(*ledger)],
        EventRef::Ledger(LedgerEvent::AreaDefined { code, .. }) => {
            vec![Guard::Ledger(LedgerId(stream.id)), Guard::Area(code.clone())]
        }
        EventRef::Policy(PolicyEvent::Adopted { .. }) => vec![Guard::Policy(LedgerId(stream.id))],
        EventRef::Person(event) => touched_by_person(PersonId(stream.id), event),
        EventRef::Membership(event) => touched_by_membership(event),
        EventRef::Branch(event) => touched_by_branch(BranchId(stream.id), event),
        EventRef::Post(event) => touched_by_post(event),
        EventRef::Clock(
            ClockEvent::Advanced { .. }
            | ClockEvent::FellDue { .. }
            | ClockEvent::ScreeningHeld { .. },
        ) => vec![Guard::Clock(LedgerId(stream.id))],
        EventRef::Host(event) => touched_by_host(HostId(stream.id), event),
        EventRef::Relation(
            RelationEvent::Proposed { from, to, .. }
            | RelationEvent::Accepted { from, to, .. }
            | RelationEvent::Ended { from, to, .. },
        ) => vec![Guard::RelationsOf(*from), Guard::RelationsOf(*to)],
        EventRef::Correction(event) => touched_by_correction(stream, event),
        EventRef::Transfer(event) => touched_by_transfer(event),
        EventRef::Reorganisation(event) => {
            touched_by_reorganisation(ReorganisationId(stream.id), event)
        }
    }
}

fn touched_by_post(event: &PostEvent) -> Vec<Guard> {
    let (branch, _, person) = event.seat();
    vec![Guard::PostsAt(branch), Guard::PostsHeldBy(person)]
}

/// A plan is found by each branch that it is about; what becomes of it is its own.
fn touched_by_reorganisation(id: ReorganisationId, event: &ReorganisationEvent) -> Vec<Guard> {
    let mut guards = vec![Guard::Reorganisation(id)];
    match event {
        ReorganisationEvent::Planned { plan, .. } => {
            guards.extend(plan.sources.iter().copied().map(Guard::PlansOf));
        }
        ReorganisationEvent::Approved { .. }
        | ReorganisationEvent::Executed { .. }
        | ReorganisationEvent::Withdrawn { .. } => {}
    }
    guards
}

/// A correction touches what the event that it corrects touched, and what it puts in its place.
fn touched_by_correction(stream: StreamId, event: &CorrectionEvent) -> Vec<Guard> {
    let mut guards = touched(stream, event.was().as_ref());
    if let CorrectionEvent::Replaced { by, .. } = event {
        for guard in touched(stream, by.event().as_ref()) {
            if !guards.contains(&guard) {
                guards.push(guard);
            }
        }
    }
    guards
}

/// The person, every side, and the letter: two acts upon one transfer meet at all of them.
fn touched_by_transfer(event: &TransferEvent) -> Vec<Guard> {
    let case = match event.case_or_receipt() {
        Ok(case) => case,
        // A receipt is for a letter that was issued here.
        Err((_, letter)) => return vec![Guard::TransferLetter(None, letter.clone())],
    };
    let mut guards = vec![Guard::TransfersOf(case.person)];
    let sides = [Some(&case.from), Some(&case.to), event.former()].into_iter().flatten();
    guards.extend(sides.filter_map(Place::branch).map(Guard::CasesAt));
    let letter = |number: &Code| Guard::TransferLetter(case.from.body().cloned(), number.clone());
    guards.push(letter(&case.letter));
    if let TransferEvent::Reissued { former, .. } = event {
        guards.push(letter(former));
    }
    guards
}

fn touched_by_host(host: HostId, event: &HostEvent) -> Vec<Guard> {
    let beside = match event {
        HostEvent::Registered { code, .. } => Some(Guard::HostCode(code.clone())),
        HostEvent::Employed { person, .. } | HostEvent::EmploymentEnded { person, .. } => {
            Some(Guard::EmploymentsOf(*person))
        }
        HostEvent::Changed { .. } | HostEvent::Closed { .. } => None,
    };
    beside.into_iter().chain([Guard::Host(host)]).collect()
}

fn touched_by_person(person: PersonId, event: &PersonEvent) -> Vec<Guard> {
    let other = event.other();
    let both = other.into_iter().flat_map(|other| [person, other]).map(Guard::IdentityOf);
    [Guard::Person(person)].into_iter().chain(both).collect()
}

fn touched_by_membership(event: &MembershipEvent) -> Vec<Guard> {
    let there = match event {
        // Who is looked after there for a while is no member there.
        MembershipEvent::MobilityRegistered { .. } => Vec::new(),
        MembershipEvent::Admitted { .. }
        | MembershipEvent::HomeMoved { .. }
        | MembershipEvent::Ended { .. }
        | MembershipEvent::Applied { .. }
        | MembershipEvent::StateChanged { .. }
        | MembershipEvent::ProbationExtended { .. }
        | MembershipEvent::ContactLost { .. }
        | MembershipEvent::ContactRegained { .. }
        | MembershipEvent::MobilityEnded { .. }
        | MembershipEvent::SecondaryPlaceAssigned { .. }
        | MembershipEvent::SecondaryPlaceEnded { .. } => event.branches(),
    };
    let there = there.into_iter().map(Guard::MembersOf);
    [Guard::MembershipsOf(event.person())].into_iter().chain(there).collect()
}

fn touched_by_branch(branch: BranchId, event: &BranchEvent) -> Vec<Guard> {
    let mut guards = vec![Guard::Branch(branch)];
    match event {
        BranchEvent::Formed { code, parent, .. } => {
            guards.push(Guard::BranchCode(code.clone()));
            guards.extend(parent.map(Guard::ChildrenOf));
        }
        BranchEvent::Proposed { code, .. } => guards.push(Guard::BranchCode(code.clone())),
        BranchEvent::Renamed { .. }
        | BranchEvent::Approved { .. }
        | BranchEvent::Rejected { .. }
        | BranchEvent::Suspended { .. }
        | BranchEvent::Resumed { .. }
        | BranchEvent::WindingUpStarted { .. }
        | BranchEvent::WindingUpAbandoned { .. }
        | BranchEvent::KindChanged { .. }
        | BranchEvent::ReFormed { .. } => {}
        BranchEvent::Moved { from, to, .. } => {
            guards.extend([*from, *to].into_iter().flatten().map(Guard::ChildrenOf));
        }
        BranchEvent::Dissolved { parent, .. } => guards.extend(parent.map(Guard::ChildrenOf)),
        BranchEvent::HostAttached { host, .. } | BranchEvent::HostDetached { host, .. } => {
            guards.push(Guard::BranchesOver(*host));
        }
    }
    guards
}
