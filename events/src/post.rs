//! What can happen to a post at a branch.

use serde::{Deserialize, Serialize};

use crate::family::family;
use crate::ids::{BranchId, PersonId};
use crate::values::{Code, Date};

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
        /// The holder's term was set: how they came to the post, and how long they serve.
        503 TermSet("PostTermSet.v1") {
            /// Where the post is.
            branch: BranchId,
            /// Which post.
            role: Code,
            /// Who holds it.
            person: PersonId,
            /// How the holder came to it.
            mode: HoldingMode,
            /// The first day after the term; absent: without end.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            term_until: Option<Date>,
        }
        /// A person was named to act in a vacant post.
        504 ActingNamed("ActingNamed.v1") {
            /// Where the post is.
            branch: BranchId,
            /// Which post.
            role: Code,
            /// Who acts in it from then on.
            person: PersonId,
        }
        /// A person acts in the post no longer; `effective` is the first day without it.
        505 ActingEnded("ActingEnded.v1") {
            /// Where the post is.
            branch: BranchId,
            /// Which post.
            role: Code,
            /// Who acted in it.
            person: PersonId,
            /// Why.
            reason: LeaveReason,
        }
    }
}

impl PostEvent {
    /// Where the post is, which one, and whom the event is about.
    #[must_use]
    pub fn seat(&self) -> (BranchId, &Code, PersonId) {
        match self {
            Self::Taken { branch, role, person, .. }
            | Self::Left { branch, role, person, .. }
            | Self::TermSet { branch, role, person, .. }
            | Self::ActingNamed { branch, role, person, .. }
            | Self::ActingEnded { branch, role, person, .. } => (*branch, role, *person),
        }
    }
}

/// How a holder came to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldingMode {
    /// By an election.
    Elected,
    /// Named by a superior.
    Appointed,
}

impl HoldingMode {
    /// Every mode, with its stable code.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("elected", Self::Elected), ("appointed", Self::Appointed)];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, mode)| *mode == self);
        found.expect("every mode is in the list").0
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
    /// The holder is no full member any more, and the rules ask for one.
    NotFull,
    /// The branch was dissolved.
    BranchDissolved,
    /// Somebody else was elected.
    Succeeded,
    /// The holder died.
    Died,
}
