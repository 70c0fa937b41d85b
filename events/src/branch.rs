//! What can happen to a branch. Committees and general branches are branches of another kind.

use crate::family::family;
use crate::ids::BranchId;
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
    }
}
