//! What can happen to a branch. Committees and general branches are branches of another kind.

use serde::{Deserialize, Serialize};

use crate::family::family;
use crate::ids::{BranchId, HostId};
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
