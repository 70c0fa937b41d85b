//! What can happen to a reorganisation: a plan that says where everybody and everything goes, its
//! approval, and its execution in one append.

use serde::{Deserialize, Serialize};

use crate::branch::FormationMode;
use crate::family::family;
use crate::ids::{BranchId, MembershipId, PersonId, TransferId};
use crate::values::{Code, Text};

family! {
    /// One event about one reorganisation.
    ReorganisationEvent as Reorganisation {
        /// It was planned, with a line for every member and every open transfer.
        1101 Planned("ReorganisationPlanned.v1") {
            /// The plan.
            plan: Plan,
            /// Who planned it, as envelopes name them: somebody else approves.
            by: Text,
        }
        /// A second person approved the plan.
        1102 Approved("ReorganisationApproved.v1") {}
        /// The plan was executed; all that it changes was recorded with it.
        1103 Executed("ReorganisationExecuted.v1") {}
        /// The plan was withdrawn, or another one took its place.
        1104 Withdrawn("ReorganisationWithdrawn.v1") {
            /// Why, as a code.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            reason: Option<Code>,
        }
    }
}

/// Where everybody and everything in some branches goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What kind of reorganisation it is.
    pub form: PlanForm,
    /// The branches that are merged, split, dissolved or moved.
    pub sources: Vec<BranchId>,
    /// The branches that are formed with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<NewBranch>,
    /// The branch that takes over whatever no line names; for a move the parent from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<BranchId>,
    /// How the branch that takes over is formed over the hosts that come to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<FormationMode>,
    /// Where each member goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberLine>,
    /// Where each open transfer goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseLine>,
}

/// What kind of reorganisation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanForm {
    /// Several branches become one.
    Merge,
    /// One branch becomes several; it may be one of them itself.
    Split,
    /// A branch is dissolved, and what is in it goes elsewhere.
    Dissolution,
    /// Branches come under another parent.
    Move,
}

impl PlanForm {
    /// Every form, with its stable code.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("merge", Self::Merge),
        ("split", Self::Split),
        ("dissolution", Self::Dissolution),
        ("move", Self::Move),
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, form)| *form == self);
        found.expect("every form is in the list").0
    }
}

/// A branch that a reorganisation forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewBranch {
    /// The id that it will have.
    pub branch: BranchId,
    /// The code that people will use for it.
    pub code: Code,
    /// Its name.
    pub name: Text,
    /// Its kind, one of the policy's.
    pub branch_kind: Code,
    /// The branch above it; absent at the top level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<BranchId>,
}

/// Where a member goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberLine {
    /// Which membership.
    pub membership: MembershipId,
    /// Whose it is.
    pub person: PersonId,
    /// The home so far.
    pub from: BranchId,
    /// The home from then on; the same branch for whoever stays.
    pub to: BranchId,
}

/// Where an open transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseLine {
    /// Which transfer.
    pub transfer: TransferId,
    /// The side that is reorganised.
    pub from: BranchId,
    /// The branch that takes its place.
    pub to: BranchId,
}
