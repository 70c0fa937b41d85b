//! What can happen to a membership, in the order it usually happens.

use serde::{Deserialize, Serialize};

use crate::family::family;
use crate::ids::{BranchId, MembershipId, PersonId};
use crate::values::{Code, Date, Precision};

family! {
    /// One event about one membership. Each names the person and the branches it touches, so that a
    /// reader of one event alone knows who moved where.
    MembershipEvent as Membership {
        /// The person became a member, with a home.
        301 Admitted("MembershipAdmitted.v2") {
            /// Who joined.
            person: PersonId,
            /// The branch that holds the relation from then on.
            home: BranchId,
            /// The state in which the membership begins; absent: the one that the rules name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            state: Option<Code>,
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
        303 Ended("MembershipEnded.v2") {
            /// Whose membership.
            person: PersonId,
            /// The home just before, if it had one.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            home: Option<BranchId>,
            /// Why.
            reason: EndReason,
        }
        /// The person applied; the membership begins, without a home.
        304 Applied("MembershipApplied.v1") {
            /// Who applied.
            person: PersonId,
            /// The branch that looks after the application.
            branch: BranchId,
            /// The state in which the membership begins.
            state: Code,
            /// The ended membership to which this is a return.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            previous: Option<MembershipId>,
        }
        /// The membership went from one state to another.
        305 StateChanged("MembershipStateChanged.v1") {
            /// Whose membership.
            person: PersonId,
            /// The state just before.
            from: Code,
            /// The state from then on.
            to: Code,
            /// The home that begins with it, where the state after needs one and that before did
            /// not.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            enters: Option<BranchId>,
            /// The home that ends with it, where the state before needed one and that after does
            /// not.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            leaves: Option<BranchId>,
        }
        /// The time of trial was made longer.
        306 ProbationExtended("ProbationExtended.v1") {
            /// Whose membership.
            person: PersonId,
            /// The first day on which the trial may end.
            until: Date,
        }
        /// Nobody knows any more where the member is.
        307 ContactLost("ContactLost.v1") {
            /// Whose membership.
            person: PersonId,
        }
        /// The member was found again.
        308 ContactRegained("ContactRegained.v1") {
            /// Whose membership.
            person: PersonId,
        }
        /// The member is away for long, and the relation stays where it is.
        309 MobilityRegistered("MobilityRegistered.v1") {
            /// Whose membership.
            person: PersonId,
            /// Where the member is, as a code of the body's own.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            place: Option<Code>,
            /// The branch that looks after the member there.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            branch: Option<BranchId>,
        }
        /// The member is back.
        310 MobilityEnded("MobilityEnded.v1") {
            /// Whose membership.
            person: PersonId,
        }
        /// The member takes part at another branch too; the home stays where it is.
        311 SecondaryPlaceAssigned("SecondaryPlaceAssigned.v1") {
            /// Whose membership.
            person: PersonId,
            /// The other branch.
            branch: BranchId,
        }
        /// The member takes part there no longer.
        312 SecondaryPlaceEnded("SecondaryPlaceEnded.v1") {
            /// Whose membership.
            person: PersonId,
            /// The other branch.
            branch: BranchId,
        }
    }
    upcast {
        301 "MembershipAdmitted.v1" from AdmittedV1,
        303 "MembershipEnded.v1" from EndedV1,
    }
}

impl MembershipEvent {
    /// Whose membership it is about.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        match self {
            Self::Admitted { person, .. }
            | Self::HomeMoved { person, .. }
            | Self::Ended { person, .. }
            | Self::Applied { person, .. }
            | Self::StateChanged { person, .. }
            | Self::ProbationExtended { person, .. }
            | Self::ContactLost { person, .. }
            | Self::ContactRegained { person, .. }
            | Self::MobilityRegistered { person, .. }
            | Self::MobilityEnded { person, .. }
            | Self::SecondaryPlaceAssigned { person, .. }
            | Self::SecondaryPlaceEnded { person, .. } => *person,
        }
    }

    /// The branches that it names, the one before a move first.
    #[must_use]
    pub fn branches(&self) -> Vec<BranchId> {
        match self {
            Self::Admitted { home, .. } => vec![*home],
            Self::HomeMoved { from, to, .. } => vec![*from, *to],
            Self::Ended { home, .. } => home.iter().copied().collect(),
            Self::StateChanged { enters, leaves, .. } => {
                leaves.iter().chain(enters).copied().collect()
            }
            Self::MobilityRegistered { branch, .. } => branch.iter().copied().collect(),
            Self::Applied { branch, .. }
            | Self::SecondaryPlaceAssigned { branch, .. }
            | Self::SecondaryPlaceEnded { branch, .. } => vec![*branch],
            Self::ProbationExtended { .. }
            | Self::ContactLost { .. }
            | Self::ContactRegained { .. }
            | Self::MobilityEnded { .. } => Vec::new(),
        }
    }
}

/// An admission before there were states: into the one that the rules name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdmittedV1 {
    effective: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    precision: Option<Precision>,
    person: PersonId,
    home: BranchId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<MembershipId>,
}

impl From<AdmittedV1> for MembershipEvent {
    fn from(former: AdmittedV1) -> Self {
        let AdmittedV1 { effective, precision, person, home, previous } = former;
        Self::Admitted { effective, precision, person, home, state: None, previous }
    }
}

/// An end while every membership had a home.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndedV1 {
    effective: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    precision: Option<Precision>,
    person: PersonId,
    home: BranchId,
    reason: EndReason,
}

impl From<EndedV1> for MembershipEvent {
    fn from(former: EndedV1) -> Self {
        let EndedV1 { effective, precision, person, home, reason } = former;
        Self::Ended { effective, precision, person, home: Some(home), reason }
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
    /// The member gave no sign for so long that this counts as leaving.
    Withdrew,
    /// The member asked to leave, and the body agreed.
    Resigned,
    /// The time of trial ended without full membership.
    ProbationCancelled,
    /// The application came to nothing.
    Declined,
    /// The person is recorded under another id too, and the membership with it.
    Duplicate,
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
        ("withdrew", Self::Withdrew),
        ("resigned", Self::Resigned),
        ("probation_cancelled", Self::ProbationCancelled),
        ("declined", Self::Declined),
        ("duplicate", Self::Duplicate),
    ];

    /// Its stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Died => "died",
            Self::Expelled => "expelled",
            Self::Removed => "removed",
            Self::BranchDissolved => "branch_dissolved",
            Self::Withdrew => "withdrew",
            Self::Resigned => "resigned",
            Self::ProbationCancelled => "probation_cancelled",
            Self::Departed => "departed",
            Self::Declined => "declined",
            Self::Duplicate => "duplicate",
        }
    }
}
