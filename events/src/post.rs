//! What can happen to a post at a branch.

use serde::{Deserialize, Serialize};

use crate::family::family;
use crate::ids::{BranchId, PersonId};
use crate::values::Code;

family! {
    /// One event about one post. The first one to take it brings the post into being.
    PostEvent as Post {
        /// A person took the post.
        501 Taken("PostTaken.v1") {
            /// Where the post is.
            branch: BranchId,
            /// Which post, as a code: `secretary`, `chair` …
            role: Code,
            /// Who holds it from then on.
            person: PersonId,
        }
        /// A person left the post; `effective` is the first day without it.
        502 Left("PostLeft.v1") {
            /// Where the post is.
            branch: BranchId,
            /// Which post.
            role: Code,
            /// Who held it.
            person: PersonId,
            /// Why.
            reason: LeaveReason,
        }
    }
}

/// Why a post was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// The holder laid it down, or the source gives no reason.
    Left,
    /// The holder's home moved or ended, and the rules bind the post to it.
    HomeEnded,
    /// The branch was dissolved.
    BranchDissolved,
    /// The holder died.
    Died,
}
