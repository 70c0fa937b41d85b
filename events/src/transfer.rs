//! What can happen to a transfer: a letter issued by the origin, presented to the destination, and
//! accepted or returned there. Until it is accepted the origin keeps the member.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::family::family;
use crate::ids::{BranchId, MembershipId, NotAStream, PersonId};
use crate::values::{Code, Date, from_text};

family! {
    /// One event about one transfer. Each names the person, both sides and the letter, so that a
    /// reader of one event alone knows who moves where on which paper.
    TransferEvent as Transfer {
        /// The origin issued a letter; it is good from `effective` on.
        1001 Issued("TransferIssued.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
            /// The membership that shall move.
            membership: MembershipId,
            /// The last day on which the letter can be presented; absent: without end.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            last_day: Option<Date>,
        }
        /// The letter was presented to the destination.
        1002 Presented("TransferPresented.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
        }
        /// The destination accepted the member; the home moves with it.
        1003 Accepted("TransferAccepted.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
        }
        /// The destination returned the letter.
        1004 Returned("TransferReturned.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
            /// Why, one of the policy's codes.
            reason: Code,
            /// What `other` stands for, as a code of the body's own.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            note: Option<Code>,
        }
        /// The origin issued the letter anew, under another number.
        1005 Reissued("TransferReissued.v1") {
            /// Whose transfer, from where to where, on the new letter.
            case: Case,
            /// The letter that it replaces.
            former: Code,
            /// The new letter's last day; absent: without end.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            last_day: Option<Date>,
        }
        /// The origin withdrew the letter: the member stays.
        1006 Withdrawn("TransferWithdrawn.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
        }
        /// The letter ran out before it was presented; `effective` is the first day without it.
        1007 Expired("TransferExpired.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
            /// The rule that gave the letter its last day.
            rule: Code,
        }
        /// The letter was lost, and is good no longer.
        1008 Voided("TransferLetterVoided.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
        }
        /// The letter goes to another destination.
        1009 Diverted("TransferDiverted.v1") {
            /// Whose transfer, from where to the new destination, on which letter.
            case: Case,
            /// The destination so far.
            former: Place,
        }
        /// The deadlines of the transfer stand still from then on.
        1010 ClockSuspended("TransferClockSuspended.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
        }
        /// The deadlines of the transfer run again, later by the days for which they stood still.
        1011 ClockResumed("TransferClockResumed.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
            /// The letter's last day from then on; absent: without end.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            last_day: Option<Date>,
        }
        /// The destination was silent too long, so the nearest common superior was called upon.
        1012 Escalated("TransferEscalated.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
            /// The nearest branch over both sides; absent: the body as a whole.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            superior: Option<BranchId>,
            /// The rule that asks for it.
            rule: Code,
        }
        /// The destination was silent, which the rules take for consent; the home moves with it.
        1013 AcceptedByRule("TransferAcceptedByRule.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
            /// The rule that says so.
            rule: Code,
        }
        /// The origin appealed against a return, to the nearest common superior.
        1014 Appealed("TransferAppealed.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
            /// The nearest branch over both sides; absent: the body as a whole.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            superior: Option<BranchId>,
        }
        /// The superior decided the appeal.
        1015 AppealDecided("TransferAppealDecided.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
            /// Whether the return was set aside: the destination then has to answer anew.
            upheld: bool,
        }
        /// The destination's receipt came back to the origin: the transfer is complete.
        1016 Receipted("TransferReceipted.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
        }
        /// The transfer became moot.
        1017 Closed("TransferClosed.v1") {
            /// Whose transfer, from where to where, on which letter.
            case: Case,
            /// What made it moot.
            reason: ClosedBecause,
        }
        /// A body outside the ledger presented a letter to a branch of it.
        1018 Received("TransferReceived.v1") {
            /// Who comes, from which body to which branch, on which letter of that body.
            case: Case,
            /// The letter's last day, as it states it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            last_day: Option<Date>,
        }
        /// A body outside the ledger confirmed that it took the member in; the membership ends here
        /// with it.
        1019 DepartedExternal("TransferDepartedExternal.v1") {
            /// Who went, from which branch to which body, on which letter.
            case: Case,
        }
        /// A reorganisation moved the member while the letter was on its way: it stays good.
        1020 OriginMoved("TransferOriginMoved.v1") {
            /// Whose transfer, from the new origin to where, on which letter.
            case: Case,
            /// The origin so far.
            former: Place,
        }
        /// A body outside the ledger sent a receipt for a letter that nobody here knows.
        1021 Unmatched("TransferReceiptUnmatched.v1") {
            /// Which body sent it.
            body: Code,
            /// The letter's number, as the receipt states it.
            letter: Code,
        }
        /// An unmatched receipt found its letter, or was put aside.
        1022 Matched("TransferReceiptMatched.v1") {
            /// Which body sent it.
            body: Code,
            /// The letter's number, as the receipt states it.
            letter: Code,
        }
    }
}

/// Whose transfer it is, from where to where, and on which letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Who moves.
    pub person: PersonId,
    /// The origin, which keeps the member until acceptance.
    pub from: Place,
    /// The destination.
    pub to: Place,
    /// The letter's number; its issuer never uses it for another letter.
    pub letter: Code,
}

/// One side of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A branch of the ledger.
    Branch(BranchId),
    /// A body outside the ledger, by the code that people use for it.
    Outside(Code),
}

impl Place {
    /// The branch, if it is one of the ledger.
    #[must_use]
    pub fn branch(&self) -> Option<BranchId> {
        match self {
            Self::Branch(id) => Some(*id),
            Self::Outside(_) => None,
        }
    }

    /// The body outside the ledger, if it is one.
    #[must_use]
    pub fn body(&self) -> Option<&Code> {
        match self {
            Self::Branch(_) => None,
            Self::Outside(body) => Some(body),
        }
    }
}

impl From<BranchId> for Place {
    fn from(id: BranchId) -> Self {
        Self::Branch(id)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch(id) => write!(f, "branch:{id}"),
            Self::Outside(body) => write!(f, "outside:{body}"),
        }
    }
}

impl FromStr for Place {
    type Err = NotAStream;

    fn from_str(text: &str) -> Result<Self, NotAStream> {
        match text.split_once(':') {
            Some(("branch", id)) => id.parse().map(Self::Branch).map_err(|_| NotAStream),
            Some(("outside", body)) => Code::parse(body).map(Self::Outside).map_err(|_| NotAStream),
            Some(_) | None => Err(NotAStream),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, str::parse)
    }
}

/// What makes a transfer moot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBecause {
    /// The membership ended.
    MembershipEnded,
    /// The member died.
    Died,
    /// The member was expelled.
    Expelled,
    /// The body removed the member from its rolls.
    Removed,
    /// The membership came into a state without a home.
    HomeLost,
    /// The home moved in another way.
    HomeMoved,
    /// A side was dissolved, and its rules end what is left in it.
    BranchDissolved,
}

impl ClosedBecause {
    /// Every reason, with its stable code.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("membership_ended", Self::MembershipEnded),
        ("died", Self::Died),
        ("expelled", Self::Expelled),
        ("removed", Self::Removed),
        ("home_lost", Self::HomeLost),
        ("home_moved", Self::HomeMoved),
        ("branch_dissolved", Self::BranchDissolved),
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, reason)| *reason == self);
        found.expect("every reason is in the list").0
    }
}

impl TransferEvent {
    /// Whose transfer it is, from where to where, on which letter; an unmatched receipt has none.
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        self.case_or_receipt().ok()
    }

    /// The case, or the body and the number on an unmatched receipt.
    pub(crate) fn case_or_receipt(&self) -> Result<&Case, (&Code, &Code)> {
        match self {
            Self::Issued { case, .. }
            | Self::Presented { case, .. }
            | Self::Accepted { case, .. }
            | Self::Returned { case, .. }
            | Self::Reissued { case, .. }
            | Self::Withdrawn { case, .. }
            | Self::Expired { case, .. }
            | Self::Voided { case, .. }
            | Self::Diverted { case, .. }
            | Self::ClockSuspended { case, .. }
            | Self::ClockResumed { case, .. }
            | Self::Escalated { case, .. }
            | Self::AcceptedByRule { case, .. }
            | Self::Appealed { case, .. }
            | Self::AppealDecided { case, .. }
            | Self::Receipted { case, .. }
            | Self::Closed { case, .. }
            | Self::Received { case, .. }
            | Self::DepartedExternal { case, .. }
            | Self::OriginMoved { case, .. } => Ok(case),
            Self::Unmatched { body, letter, .. } | Self::Matched { body, letter, .. } => {
                Err((body, letter))
            }
        }
    }

    /// The branch to which it sends a letter: issued, received, issued anew or diverted.
    #[must_use]
    pub fn sent_to(&self) -> Option<BranchId> {
        match self {
            Self::Issued { case, .. }
            | Self::Received { case, .. }
            | Self::Reissued { case, .. }
            | Self::Diverted { case, .. } => case.to.branch(),
            Self::Presented { .. }
            | Self::Accepted { .. }
            | Self::AcceptedByRule { .. }
            | Self::Returned { .. }
            | Self::Withdrawn { .. }
            | Self::Expired { .. }
            | Self::Voided { .. }
            | Self::ClockSuspended { .. }
            | Self::ClockResumed { .. }
            | Self::Escalated { .. }
            | Self::Appealed { .. }
            | Self::AppealDecided { .. }
            | Self::Receipted { .. }
            | Self::DepartedExternal { .. }
            | Self::Closed { .. }
            | Self::OriginMoved { .. }
            | Self::Unmatched { .. }
            | Self::Matched { .. } => None,
        }
    }

    /// The side that it replaces by another one, if it does.
    #[must_use]
    pub fn former(&self) -> Option<&Place> {
        match self {
            Self::Diverted { former, .. } | Self::OriginMoved { former, .. } => Some(former),
            Self::Issued { .. }
            | Self::Presented { .. }
            | Self::Accepted { .. }
            | Self::Returned { .. }
            | Self::Reissued { .. }
            | Self::Withdrawn { .. }
            | Self::Expired { .. }
            | Self::Voided { .. }
            | Self::ClockSuspended { .. }
            | Self::ClockResumed { .. }
            | Self::Escalated { .. }
            | Self::AcceptedByRule { .. }
            | Self::Appealed { .. }
            | Self::AppealDecided { .. }
            | Self::Receipted { .. }
            | Self::Closed { .. }
            | Self::Received { .. }
            | Self::DepartedExternal { .. }
            | Self::Unmatched { .. }
            | Self::Matched { .. } => None,
        }
    }

    /// The branch called upon between both sides, if it calls upon one.
    #[must_use]
    pub fn superior(&self) -> Option<BranchId> {
        match self {
            Self::Escalated { superior, .. } | Self::Appealed { superior, .. } => *superior,
            Self::Issued { .. }
            | Self::Presented { .. }
            | Self::Accepted { .. }
            | Self::Returned { .. }
            | Self::Reissued { .. }
            | Self::Withdrawn { .. }
            | Self::Expired { .. }
            | Self::Voided { .. }
            | Self::Diverted { .. }
            | Self::ClockSuspended { .. }
            | Self::ClockResumed { .. }
            | Self::AcceptedByRule { .. }
            | Self::AppealDecided { .. }
            | Self::Receipted { .. }
            | Self::Closed { .. }
            | Self::Received { .. }
            | Self::DepartedExternal { .. }
            | Self::OriginMoved { .. }
            | Self::Unmatched { .. }
            | Self::Matched { .. } => None,
        }
    }
}
