//! What can happen to a membership, in the order it usually happens.

use serde::{Deserialize, Serialize};

use crate::family::family;
use crate::ids::{BranchId, MembershipId, PersonId};

family! {
    /// One event about one membership. Each names the person and the branches it touches, so that a
    /// reader of one event alone knows who moved where.
    MembershipEvent as Membership {
        /// The person became a member, with a home.
        301 Admitted("MembershipAdmitted.v1") {
            /// Who joined.
            person: PersonId,
            /// The branch that holds the relation from then on.
            home: BranchId,
            /// The ended membership to which this is a return.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            previous: Option<MembershipId>,
        }
        /// The relation moved from one branch to another. The one way in which a home changes.
        302 HomeMoved("HomeMoved.v1") {
            /// Who moved.
            person: PersonId,
            /// The home just before.
            from: BranchId,
            /// The home from then on.
            to: BranchId,
            /// What moved it.
            via: Via,
        }
        /// The membership ended for good; `effective` is the first day outside.
        303 Ended("MembershipEnded.v1") {
            /// Whose membership.
            person: PersonId,
            /// The home just before.
            home: BranchId,
            /// Why.
            reason: EndReason,
        }
    }
}

/// What moved a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A transfer of the organisation relation.
    Transfer,
    /// A merge, split or dissolution with a re-homing line.
    Reorganisation,
    /// A correction of the record.
    Correction,
    /// A record taken over from another register.
    Import,
}

/// Why a membership ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The member left of their own will, or the source gives no reason.
    Left,
    /// The member died.
    Died,
    /// The member was expelled.
    Expelled,
    /// The body removed the member from its rolls.
    Removed,
    /// The home was dissolved and its rules end what is left in it.
    BranchDissolved,
    /// A body outside the ledger took the member in.
    Departed,
}

impl EndReason {
    /// Every reason, with its stable code.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("left", Self::Left),
        ("died", Self::Died),
        ("expelled", Self::Expelled),
        ("removed", Self::Removed),
        ("branch_dissolved", Self::BranchDissolved),
        ("departed", Self::Departed),
    ];
}
