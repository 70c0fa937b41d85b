//! What all families of events have in common, and the list of the families.

use serde::{Serialize, de::DeserializeOwned};

use crate::values::Date;
use crate::{BranchEvent, LedgerEvent, MembershipEvent, PersonEvent, PolicyEvent, PostEvent};

/// The frozen identity of one kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// Its number. Never changes, never reused.
    pub number: u16,
    /// Its name. Never changes, never reused.
    pub name: &'static str,
    /// The payload version that is written today.
    pub version: u16,
}

/// One family of events, all about one kind of subject.
pub trait Family:
    Serialize + DeserializeOwned + Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static
{
    /// Which family.
    const NAME: FamilyName;

    /// Every kind of event in the family, by number.
    const KINDS: &'static [Kind];

    /// Which kind this event is.
    fn kind(&self) -> Kind;

    /// The civil date from which the fact holds.
    fn effective(&self) -> Date;

    /// The event as a member of no particular family.
    fn as_ref(&self) -> EventRef<'_>;
}

/// Declares an enum of events: its kinds with their frozen numbers, and the fields of each.
///
/// Every event has `effective` first and may have `precision`. Adding a field later means a new
/// version: a new variant tag beside the old one, and an upcast from old to new.
macro_rules! family {
    (
        $(#[$doc:meta])*
        $Family:ident as $Name:ident {
            $(
                $(#[$kind_doc:meta])*
                $number:literal $Kind:ident($kind_name:literal, $version:literal) {
                    $($(#[$field_doc:meta])* $field:ident: $Type:ty,)*
                }
            )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind", deny_unknown_fields)]
        pub enum $Family {
            $(
                $(#[$kind_doc])*
                #[serde(rename = $kind_name)]
                $Kind {
                    /// The date from which the fact holds.
                    effective: $crate::values::Date,
                    /// How exact that date is in the source; absent: to the day.
                    #[serde(default, skip_serializing_if = "Option::is_none")]
                    precision: Option<$crate::values::Precision>,
                    $($(#[$field_doc])* $field: $Type,)*
                },
            )*
        }

        impl $crate::family::Family for $Family {
            const NAME: $crate::family::FamilyName = $crate::family::FamilyName::$Name;
            const KINDS: &'static [$crate::family::Kind] = &[
                $($crate::family::Kind {
                    number: $number,
                    name: $crate::family::without_version($kind_name),
                    version: $version,
                },)*
            ];

            fn kind(&self) -> $crate::family::Kind {
                match self {
                    $(Self::$Kind { .. } => $crate::family::Kind {
                        number: $number,
                        name: const { $crate::family::without_version($kind_name) },
                        version: $version,
                    },)*
                }
            }

            fn effective(&self) -> $crate::values::Date {
                match self {
                    $(Self::$Kind { effective, .. } => *effective,)*
                }
            }

            fn as_ref(&self) -> $crate::family::EventRef<'_> {
                $crate::family::EventRef::$Name(self)
            }
        }
    };
}
pub(crate) use family;

/// `BranchFormed.v1` → `BranchFormed`, when the program is compiled.
pub(crate) const fn without_version(tag: &'static str) -> &'static str {
    let (name, _) = tag.as_bytes().split_at(tag.len() - 3);
    match std::str::from_utf8(name) {
        Ok(name) => name,
        Err(_) => panic!("a kind's name is ASCII"),
    }
}

macro_rules! families {
    ($($(#[$doc:meta])* $Name:ident($Event:ident) = $text:literal,)*) => {
        /// The families there are.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FamilyName { $($(#[$doc])* $Name,)* }

        impl FamilyName {
            /// The family's name in the store. Never changes.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Name => $text,)* }
            }

            /// The family of that name, if there is one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$Name),)* _ => None }
            }
        }

        /// Any event in the ledger, as a reader of the whole log meets it.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event { $($(#[$doc])* $Name($Event),)* }

        /// Any event, borrowed.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub enum EventRef<'a> { $($(#[$doc])* $Name(&'a $Event),)* }

        $(impl From<$Event> for Event {
            fn from(event: $Event) -> Self { Self::$Name(event) }
        })*

        impl Event {
            /// Which family the event belongs to.
            #[must_use]
            pub fn family(&self) -> FamilyName {
                match self { $(Self::$Name(_) => FamilyName::$Name,)* }
            }

            /// Which kind the event is.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self { $(Self::$Name(event) => event.kind(),)* }
            }

            /// The civil date from which the fact holds.
            #[must_use]
            pub fn effective(&self) -> Date {
                match self { $(Self::$Name(event) => event.effective(),)* }
            }

            /// The event, borrowed.
            #[must_use]
            pub fn as_ref(&self) -> EventRef<'_> {
                match self { $(Self::$Name(event) => EventRef::$Name(event),)* }
            }

            /// The payload's canonical bytes.
            #[must_use]
            pub fn payload(&self) -> Vec<u8> {
                match self { $(Self::$Name(event) => payload(event),)* }
            }

            /// Reads a payload of a family, whatever version it was written in.
            ///
            /// # Errors
            /// When the bytes are no event of that family.
            pub fn decode(family: FamilyName, payload: &[u8]) -> serde_json::Result<Self> {
                match family {
                    $(FamilyName::$Name => serde_json::from_slice(payload).map(Self::$Name),)*
                }
            }
        }

        /// Every kind of event, by number.
        #[must_use]
        pub fn kinds() -> Vec<Kind> {
            let mut kinds = [$($Event::KINDS,)*].concat();
            kinds.sort_by_key(|kind| kind.number);
            kinds
        }
    };
}

families! {
    /// The ledger itself.
    Ledger(LedgerEvent) = "ledger",
    /// A person.
    Person(PersonEvent) = "person",
    /// A membership.
    Membership(MembershipEvent) = "membership",
    /// A branch.
    Branch(BranchEvent) = "branch",
    /// A post.
    Post(PostEvent) = "post",
    /// The rule sets.
    Policy(PolicyEvent) = "policy",
}

fn payload(event: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(event).expect("an event has string keys and no floats, so it is JSON")
}
