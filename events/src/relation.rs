//! What can happen to a relation between two bodies: proposed by one side, accepted by the other,
//! ended by either.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::family::{FamilyName, family};
use crate::ids::{BranchId, HostId, NotAStream, StreamId};
use crate::values::{Code, from_text};

family! {
    /// One event about one relation. Each names both ends, so that a reader of one event alone
    /// knows whom it concerns.
    RelationEvent as Relation {
        /// One side proposed it; nothing holds yet.
        801 Proposed("RelationProposed.v1") {
            /// What `from` is to `to`.
            relation: RelationKind,
            /// The first end.
            from: Party,
            /// The second end.
            to: Party,
        }
        /// The other side accepted it; it holds from then on.
        802 Accepted("RelationAccepted.v1") {
            /// What `from` is to `to`.
            relation: RelationKind,
            /// The first end.
            from: Party,
            /// The second end.
            to: Party,
        }
        /// It ended, or the proposal was turned down; `effective` is the first day without it.
        803 Ended("RelationEnded.v1") {
            /// What `from` was to `to`.
            relation: RelationKind,
            /// The first end.
            from: Party,
            /// The second end.
            to: Party,
            /// Why, as a code.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            reason: Option<Code>,
        }
    }
}

/// One end of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// A branch, or a body that is a branch of another kind.
    Branch(BranchId),
    /// A host.
    Host(HostId),
}

impl From<Party> for StreamId {
    fn from(party: Party) -> Self {
        match party {
            Party::Branch(id) => id.into(),
            Party::Host(id) => id.into(),
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        StreamId::from(*self).fmt(f)
    }
}

impl FromStr for Party {
    type Err = NotAStream;

    fn from_str(text: &str) -> Result<Self, NotAStream> {
        let stream: StreamId = text.parse()?;
        match stream.family {
            FamilyName::Branch => Ok(Self::Branch(BranchId(stream.id))),
            FamilyName::Host => Ok(Self::Host(HostId(stream.id))),
            FamilyName::Ledger
            | FamilyName::Person
            | FamilyName::Membership
            | FamilyName::Post
            | FamilyName::Policy
            | FamilyName::Clock
            | FamilyName::Relation
            | FamilyName::Transfer
            | FamilyName::Reorganisation => Err(NotAStream),
        }
    }
}

impl Serialize for Party {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, str::parse)
    }
}

/// What one body is to another. Its first end is the subject of the phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// It is led by a branch above it in the trade or area.
    SupervisedBy,
    /// It takes guidance in its work from a branch that does not lead it.
    GuidedBy,
    /// A branch rests on a host: its rooms, its people.
    HostedBy,
    /// Two branches are built together.
    JointlyBuiltWith,
    /// It follows a leading firm.
    LedBy,
    /// A branch answers for it as long as nobody else does.
    FallbackResponsibleFor,
    /// A host belongs to an association.
    MemberOfAssociation,
}

impl RelationKind {
    /// Every kind, with its stable code.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("supervised_by", Self::SupervisedBy),
        ("guided_by", Self::GuidedBy),
        ("hosted_by", Self::HostedBy),
        ("jointly_built_with", Self::JointlyBuiltWith),
        ("led_by", Self::LedBy),
        ("fallback_responsible_for", Self::FallbackResponsibleFor),
        ("member_of_association", Self::MemberOfAssociation),
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, kind)| *kind == self);
        found.expect("every kind is in the list").0
    }

    /// The kind of that code, if there is one.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == code).map(|(_, kind)| *kind)
    }

    /// Whether it may hold between these ends.
    #[must_use]
    pub fn joins(self, from: Party, to: Party) -> bool {
        use Party::{Branch, Host};
        match self {
            Self::SupervisedBy | Self::GuidedBy => matches!(to, Branch(_)),
            Self::HostedBy => matches!((from, to), (Branch(_), Host(_))),
            Self::JointlyBuiltWith => matches!((from, to), (Branch(_), Branch(_))),
            Self::LedBy => matches!(to, Host(_)),
            Self::FallbackResponsibleFor => matches!(from, Branch(_)),
            Self::MemberOfAssociation => matches!(from, Host(_)),
        }
    }

    /// Whether it puts one body over another, so that it must not lead back to where it began.
    #[must_use]
    pub fn ranks(self) -> bool {
        match self {
            Self::SupervisedBy | Self::GuidedBy | Self::LedBy | Self::MemberOfAssociation => true,
            Self::HostedBy | Self::JointlyBuiltWith | Self::FallbackResponsibleFor => false,
        }
    }
}
