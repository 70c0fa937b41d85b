//! Who and what an event is about. Ids are random, so that nobody can be guessed back from one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::family::FamilyName;
use crate::values::from_text;

macro_rules! ids {
    ($($(#[$doc:meta])* $Id:ident,)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[derive(Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $Id(pub Uuid);

            impl fmt::Display for $Id {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }

            impl From<$Id> for Uuid {
                fn from(id: $Id) -> Self {
                    id.0
                }
            }

            impl FromStr for $Id {
                type Err = uuid::Error;

                fn from_str(text: &str) -> Result<Self, uuid::Error> {
                    text.parse().map(Self)
                }
            }
        )*
    };
}

ids! {
    /// One ledger: the random 128-bit id that is first in every key and under every hash.
    LedgerId,
    /// One human being, known by nothing but this id outside the vault.
    PersonId,
    /// One membership of one person, from admission to end.
    MembershipId,
    /// One branch, from formation to dissolution. A re-formed branch is another one.
    BranchId,
    /// One post at one branch, whoever holds it.
    PostId,
    /// One host, from its registration to its closing.
    HostId,
    /// One relation between two bodies, from its proposal to its end.
    RelationId,
    /// One transfer of one membership, from its letter to the receipt.
    TransferId,
    /// One reorganisation, from its plan to its execution or withdrawal.
    ReorganisationId,
}

/// One stream of events: all that happened to one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Which kind of subject.
    pub family: FamilyName,
    /// Which one.
    pub id: Uuid,
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.family.as_str(), self.id)
    }
}

/// Text that does not name a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stream: expected family:uuid")]
pub struct NotAStream;

impl FromStr for StreamId {
    type Err = NotAStream;

    fn from_str(text: &str) -> Result<Self, NotAStream> {
        let (family, id) = text.split_once(':').ok_or(NotAStream)?;
        Ok(Self {
            family: FamilyName::parse(family).ok_or(NotAStream)?,
            id: id.parse().map_err(|_| NotAStream)?,
        })
    }
}

impl Serialize for StreamId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, |text| Self::written(text).ok_or(NotAStream))
    }
}

impl StreamId {
    /// Reads a stream in the one form in which it is written, with small letters and hyphens.
    pub(crate) fn written(text: &str) -> Option<Self> {
        let (family, id) = text.split_once(':')?;
        let is_written = id.len() == 36 && !id.bytes().any(|byte| byte.is_ascii_uppercase());
        let id = is_written.then(|| Uuid::try_parse(id).ok())??;
        Some(Self { family: FamilyName::parse(family)?, id })
    }
}

macro_rules! streams {
    ($($Id:ident => $Family:ident,)*) => {
        $(impl From<$Id> for StreamId {
            fn from(id: $Id) -> Self {
                Self { family: FamilyName::$Family, id: id.0 }
            }
        })*
    };
}

streams! {
    LedgerId => Ledger,
    PersonId => Person,
    MembershipId => Membership,
    BranchId => Branch,
    PostId => Post,
    HostId => Host,
    RelationId => Relation,
    TransferId => Transfer,
    ReorganisationId => Reorganisation,
}

impl StreamId {
    /// The one stream of a ledger's rule sets.
    #[must_use]
    pub fn policy(ledger: LedgerId) -> Self {
        Self { family: FamilyName::Policy, id: ledger.0 }
    }

    /// The one stream of a ledger's clock.
    #[must_use]
    pub fn clock(ledger: LedgerId) -> Self {
        Self { family: FamilyName::Clock, id: ledger.0 }
    }
}
