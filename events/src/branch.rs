//! What can happen to a branch. Committees and general branches are branches of another kind.

use serde::{Deserialize, Serialize};

use crate::family::family;
use crate::ids::{BranchId, HostId};
use crate::relation::Party;
use crate::values::{Code, Text};

family! {
    /// One event about one branch.
    BranchEvent as Branch {
        /// The branch came into being.
        401 Formed("BranchFormed.v1") {
            /// The code that people use for it; no other branch of the ledger ever has the same.
            code: Code,
            /// Its name on that day.
            name: Text,
            /// Its human title, where there is one beside the name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            title: Option<Text>,
            /// Its kind, one of the policy's.
            branch_kind: Code,
            /// The branch above it; absent at the top level.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            parent: Option<BranchId>,
            /// The branches that it was merged or split from.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            formed_from: Vec<BranchId>,
        }
        /// The branch took another name; it stays the same branch.
        402 Renamed("BranchRenamed.v1") {
            /// Its name from then on.
            name: Text,
        }
        /// The branch came under another parent.
        403 Moved("BranchMoved.v1") {
            /// The parent just before; absent at the top level.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            from: Option<BranchId>,
            /// The parent from then on; absent at the top level.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            to: Option<BranchId>,
        }
        /// The branch ceased to be; `effective` is the first day without it.
        404 Dissolved("BranchDissolved.v1") {
            /// The parent just before; absent at the top level.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            parent: Option<BranchId>,
            /// Why, as a code.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            reason: Option<Code>,
            /// The branches that succeed it.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            into: Vec<BranchId>,
        }
        /// The branch covers a host, or covers it in another way than before.
        405 HostAttached("HostAttached.v1") {
            /// Which host.
            host: HostId,
            /// How the branch is formed over its hosts from then on.
            mode: FormationMode,
            /// Whether it is the branch that counts for the host.
            rank: Rank,
        }
        /// The branch covers a host no longer; `effective` is the first day without it.
        406 HostDetached("HostDetached.v1") {
            /// Which host.
            host: HostId,
        }
        /// Somebody proposed that the branch be formed; it is none yet.
        407 Proposed("BranchProposed.v1") {
            /// The code that it shall have; it is kept for it, also after a rejection.
            code: Code,
            /// Its name.
            name: Text,
            /// Its human title, where there is one beside the name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            title: Option<Text>,
            /// Its kind, one of the policy's.
            branch_kind: Code,
            /// The branch above it; absent at the top level.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            parent: Option<BranchId>,
            /// The body that asks for it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            by: Option<Party>,
        }
        /// The proposal was approved: the formation follows.
        408 Approved("BranchApproved.v1") {}
        /// The proposal was turned down; it may be made again.
        409 Rejected("BranchProposalRejected.v1") {
            /// Why, as a code.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            reason: Option<Code>,
        }
        /// The branch was suspended: it admits nobody, its superior acts, its members count.
        410 Suspended("BranchSuspended.v1") {
            /// Why, as a code.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            reason: Option<Code>,
        }
        /// The suspension ended.
        411 Resumed("BranchResumed.v1") {}
        /// Winding up began: nobody comes any more, what is in the branch goes elsewhere.
        412 WindingUpStarted("WindingUpStarted.v1") {
            /// Why, as a code.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            reason: Option<Code>,
        }
        /// Winding up was given up: the branch goes on.
        413 WindingUpAbandoned("WindingUpAbandoned.v1") {}
        /// The branch is of another kind from then on.
        414 KindChanged("BranchKindChanged.v1") {
            /// The kind just before.
            from: Code,
            /// The kind from then on.
            to: Code,
        }
        /// The branch takes up what a dissolved one was: another branch, perhaps of the same name.
        415 ReFormed("BranchReFormed.v1") {
            /// The branch that was dissolved.
            successor_of: BranchId,
        }
    }
}

/// How a branch is formed over the hosts that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormationMode {
    /// Alone, at one host.
    Standalone,
    /// Jointly by hosts of one trade.
    JointByIndustry,
    /// Jointly, around a leading firm.
    LedByFirm,
    /// Jointly by hosts of one region: a park, a building, a street.
    ByRegion,
    /// Online, for hosts wherever they are.
    Online,
}

impl FormationMode {
    /// Every mode, with its stable code.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("standalone", Self::Standalone),
        ("joint_by_industry", Self::JointByIndustry),
        ("led_by_firm", Self::LedByFirm),
        ("by_region", Self::ByRegion),
        ("online", Self::Online),
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, mode)| *mode == self);
        found.expect("every mode is in the list").0
    }

    /// Whether several hosts share the branch.
    #[must_use]
    pub fn is_joint(self) -> bool {
        match self {
            Self::JointByIndustry | Self::LedByFirm | Self::ByRegion => true,
            Self::Standalone | Self::Online => false,
        }
    }
}

/// What a branch is among those that cover a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// The one that counts; a host has at most one at a time.
    Primary,
    /// One beside it.
    Secondary,
}
