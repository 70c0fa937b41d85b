//! What a decision looked at, and what an event touches.
//!
//! A decision lists the guards it looked at; the store appends only if none of them was touched
//! since. One function says what each event touches, so guards can be rebuilt from the events.

use std::fmt;

use crate::ids::{BranchId, LedgerId, PersonId, StreamId};
use crate::values::Code;
use crate::{
    BranchEvent, EventRef, LedgerEvent, MembershipEvent, PersonEvent, PolicyEvent, PostEvent,
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
    /// Which memberships has this person, and where?
    MembershipsOf(PersonId),
    /// Which posts does this person hold?
    PostsHeldBy(PersonId),
    /// What is this branch: formed, of which kind, under which parent, dissolved?
    Branch(BranchId),
    /// Who is or was at home at this branch?
    MembersOf(BranchId),
    /// Which branches are or were under this one?
    ChildrenOf(BranchId),
    /// Which posts are there at this branch, and who holds them?
    PostsAt(BranchId),
    /// Which branch has this code?
    BranchCode(Code),
}

impl Guard {
    /// The one stream that alone answers the question, where there is one. The other guards are
    /// answered by all streams that ever touched them.
    #[must_use]
    pub fn own_stream(&self) -> Option<StreamId> {
        match self {
            Self::Ledger(id) => Some((*id).into()),
            Self::Policy(id) => Some(StreamId::policy(*id)),
            Self::Person(id) => Some((*id).into()),
            Self::Branch(id) => Some((*id).into()),
            Self::MembershipsOf(_)
            | Self::PostsHeldBy(_)
            | Self::MembersOf(_)
            | Self::ChildrenOf(_)
            | Self::PostsAt(_)
            | Self::BranchCode(_) => None,
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger(id) => write!(f, "ledger:{id}"),
            Self::Policy(id) => write!(f, "policy:{id}"),
            Self::Person(id) => write!(f, "person:{id}/life"),
            Self::MembershipsOf(id) => write!(f, "person:{id}/memberships"),
            Self::PostsHeldBy(id) => write!(f, "person:{id}/posts"),
            Self::Branch(id) => write!(f, "branch:{id}/life"),
            Self::MembersOf(id) => write!(f, "branch:{id}/members"),
            Self::ChildrenOf(id) => write!(f, "branch:{id}/children"),
            Self::PostsAt(id) => write!(f, "branch:{id}/posts"),
            Self::BranchCode(code) => write!(f, "code:{code}"),
        }
    }
}

/// The guards that an event of a stream touches.
#[must_use]
pub fn touched(stream: StreamId, event: EventRef<'_>) -> Vec<Guard> {
    match event {
        EventRef::Ledger(LedgerEvent::Opened { ledger, .. }) => vec![Guard::Ledger(*ledger)],
        EventRef::Policy(PolicyEvent::Adopted { .. }) => vec![Guard::Policy(LedgerId(stream.id))],
        EventRef::Person(PersonEvent::Registered { .. }) => {
            vec![Guard::Person(PersonId(stream.id))]
        }
        EventRef::Membership(event) => touched_by_membership(event),
        EventRef::Branch(event) => touched_by_branch(BranchId(stream.id), event),
        EventRef::Post(
            PostEvent::Taken { branch, person, .. } | PostEvent::Left { branch, person, .. },
        ) => vec![Guard::PostsAt(*branch), Guard::PostsHeldBy(*person)],
    }
}

fn touched_by_membership(event: &MembershipEvent) -> Vec<Guard> {
    match event {
        MembershipEvent::Admitted { person, home, .. }
        | MembershipEvent::Ended { person, home, .. } => {
            vec![Guard::MembershipsOf(*person), Guard::MembersOf(*home)]
        }
        MembershipEvent::HomeMoved { person, from, to, .. } => {
            vec![Guard::MembershipsOf(*person), Guard::MembersOf(*from), Guard::MembersOf(*to)]
        }
    }
}

fn touched_by_branch(branch: BranchId, event: &BranchEvent) -> Vec<Guard> {
    let mut guards = vec![Guard::Branch(branch)];
    match event {
        BranchEvent::Formed { code, parent, .. } => {
            guards.push(Guard::BranchCode(code.clone()));
            guards.extend(parent.map(Guard::ChildrenOf));
        }
        BranchEvent::Renamed { .. } => {}
        BranchEvent::Moved { from, to, .. } => {
            guards.extend([*from, *to].into_iter().flatten().map(Guard::ChildrenOf));
        }
        BranchEvent::Dissolved { parent, .. } => guards.extend(parent.map(Guard::ChildrenOf)),
    }
    guards
}
