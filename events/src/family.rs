//! What all families of events have in common, and the list of the families.
//!
//! A payload names its kind and version in its first field. To give a kind another shape:
//!
//! 1. Move the fields as they are into a struct of their own, `FormedV1` say, which serializes,
//!    deserializes, and denies unknown fields.
//! 2. Give the kind its new fields and the next version: `401 Formed("BranchFormed.v2")`.
//! 3. Say `impl From<FormedV1> for BranchEvent`: what the old fields mean in today's shape.
//! 4. Add the line `401 "BranchFormed.v1" from FormedV1,` to the family's `upcast` list.
//! 5. Put a sample of the new version beside the old one's, and both into `SHA256SUMS`.
//!
//! The module `example` under the tests is a family that has been through this.

#[cfg(test)]
mod example;

use serde::{Serialize, de::DeserializeOwned};

use crate::correction::{CorrectionEvent, Entry};
use crate::values::{Date, Precision};
use crate::{
    BranchEvent, ClockEvent, HostEvent, LedgerEvent, MembershipEvent, PersonEvent, PolicyEvent,
    PostEvent, RelationEvent, ReorganisationEvent, TransferEvent,
};

/// The frozen identity of one kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// Its number. Never changes, never reused.
    pub number: u16,
    /// Its name. Never changes, never reused.
    pub name: &'static str,
    /// The version of its payload: 1, 2, 3 …
    pub version: u16,
}

impl Kind {
    /// The kind of a tag such as `BranchFormed.v1`; any other form ends the compilation.
    pub(crate) const fn tagged(number: u16, tag: &'static str) -> Self {
        let bytes = tag.as_bytes();
        let (mut digits, mut version, mut unit) = (0, 0, 1);
        while bytes[bytes.len() - 1 - digits].is_ascii_digit() {
            version += (bytes[bytes.len() - 1 - digits] - b'0') as u16 * unit;
            unit *= 10;
            digits += 1;
        }
        let (name, suffix) = tag.split_at(bytes.len() - digits - 2);
        let suffix = suffix.as_bytes();
        assert!(suffix[0] == b'.' && suffix[1] == b'v' && version > 0, "a tag is `Name.v1`");
        Self { number, name, version }
    }
}

/// The name and version with which a payload begins; `None` when it is not in canonical form.
pub(crate) fn tag(payload: &[u8]) -> Option<(&str, u16)> {
    let (name, version) = tag_text(payload)?.rsplit_once('v')?;
    Some((name.strip_suffix('.')?, version.parse().ok()?))
}

/// The tag with which a payload begins; `None` when it is not in canonical form.
pub(crate) fn tag_text(payload: &[u8]) -> Option<&str> {
    let rest = payload.strip_prefix(b"{\"kind\":\"")?;
    let end = rest.iter().position(|&byte| byte == b'"')?;
    std::str::from_utf8(&rest[..end]).ok()
}

/// One family of events, all about one kind of subject.
pub trait Family:
    Serialize + DeserializeOwned + Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static
{
    /// Which family.
    const NAME: FamilyName;

    /// Every kind of event in the family, by number, in the version that is written today.
    const KINDS: &'static [Kind];

    /// The versions that are written no longer and read for ever.
    const FORMER: &'static [Kind];

    /// Which kind this event is.
    fn kind(&self) -> Kind;

    /// The civil date from which the fact holds.
    fn effective(&self) -> Date;

    /// How exact that date is in its source.
    fn precision(&self) -> Option<Precision>;

    /// The same fact, holding from another date.
    #[must_use]
    fn redated(self, effective: Date, precision: Option<Precision>) -> Self;

    /// Reads a payload, whatever version it was written in. The same as deserializing it, without
    /// the detour through a tree: a canonical payload says its kind before anything else.
    ///
    /// # Errors
    /// When the bytes are no event of the family.
    fn decoded(payload: &[u8]) -> serde_json::Result<Self>;

    /// The canonical bytes of what a payload says, in the version in which it was written.
    ///
    /// # Errors
    /// When the bytes are no event of the family.
    fn rewritten(payload: &[u8]) -> serde_json::Result<Vec<u8>>;
}

/// Declares an enum of events: its kinds with their frozen numbers and tags, the fields of each,
/// and the types that read what was written in former versions.
///
/// Every event has `effective` first and may have `precision`.
macro_rules! family {
    (
        $(#[$doc:meta])*
        $Family:ident as $Name:ident {
            $(
                $(#[$kind_doc:meta])*
                $number:literal $Kind:ident($tag:literal) {
                    $($(#[$field_doc:meta])* $field:ident: $Type:ty,)*
                }
            )*
        }
        $(upcast { $($former_number:literal $former_tag:literal from $Former:ident,)* })?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind", from = "AsWritten")]
        pub enum $Family {
            $(
                $(#[$kind_doc])*
                #[serde(rename = $tag)]
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

        /// The family as its payloads are written: former versions beside today's.
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind", deny_unknown_fields)]
        enum AsWritten {
            $(
                #[serde(rename = $tag)]
                $Kind {
                    effective: $crate::values::Date,
                    #[serde(default, skip_serializing_if = "Option::is_none")]
                    precision: Option<$crate::values::Precision>,
                    $($(#[$field_doc])* $field: $Type,)*
                },
            )*
            $($(
                #[serde(rename = $former_tag)]
                $Former($Former),
            )*)?
        }

        impl From<AsWritten> for $Family {
            fn from(written: AsWritten) -> Self {
                match written {
                    $(AsWritten::$Kind { effective, precision, $($field,)* } => {
                        Self::$Kind { effective, precision, $($field,)* }
                    })*
                    $($(AsWritten::$Former(former) => former.into(),)*)?
                }
            }
        }

        impl $crate::family::Family for $Family {
            const NAME: $crate::family::FamilyName = $crate::family::FamilyName::$Name;
            const KINDS: &'static [$crate::family::Kind] =
                &[$($crate::family::Kind::tagged($number, $tag),)*];
            const FORMER: &'static [$crate::family::Kind] =
                &[$($($crate::family::Kind::tagged($former_number, $former_tag),)*)?];

            fn kind(&self) -> $crate::family::Kind {
                match self {
                    $(Self::$Kind { .. } => const { $crate::family::Kind::tagged($number, $tag) },)*
                }
            }

            fn effective(&self) -> $crate::values::Date {
                match self {
                    $(Self::$Kind { effective, .. } => *effective,)*
                }
            }

            fn precision(&self) -> Option<$crate::values::Precision> {
                match self {
                    $(Self::$Kind { precision, .. } => *precision,)*
                }
            }

            fn redated(
                mut self,
                date: $crate::values::Date,
                exact: Option<$crate::values::Precision>,
            ) -> Self {
                match &mut self {
                    $(Self::$Kind { effective, precision, .. } => {
                        (*effective, *precision) = (date, exact);
                    })*
                }
                self
            }

            fn decoded(payload: &[u8]) -> serde_json::Result<Self> {
                match $crate::family::tag_text(payload) {
                    $(Some($tag) => {
                        #[derive(serde::Deserialize)]
                        #[serde(deny_unknown_fields)]
                        struct Written {
                            #[serde(rename = "kind")]
                            _kind: serde::de::IgnoredAny,
                            effective: $crate::values::Date,
                            #[serde(default, skip_serializing_if = "Option::is_none")]
                            precision: Option<$crate::values::Precision>,
                            $($(#[$field_doc])* $field: $Type,)*
                        }
                        let Written { effective, precision, $($field,)* .. } =
                            serde_json::from_slice(payload)?;
                        Ok(Self::$Kind { effective, precision, $($field,)* })
                    })*
                    _ => serde_json::from_slice(payload),
                }
            }

            fn rewritten(payload: &[u8]) -> serde_json::Result<Vec<u8>> {
                serde_json::from_slice::<AsWritten>(payload).and_then(|it| serde_json::to_vec(&it))
            }
        }
    };
}
pub(crate) use family;

macro_rules! families {
    ($($(#[$doc:meta])* $Name:ident($Event:ident) = $text:literal,)*) => {
        /// The families there are.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FamilyName { $($(#[$doc])* $Name,)* }

        impl FamilyName {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$Name,)*];

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
        pub enum Event {
            $($(#[$doc])* $Name($Event),)*
            /// An earlier event of the same stream, of any family.
            Correction(CorrectionEvent),
        }

        /// Any event, borrowed.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub enum EventRef<'a> {
            $($(#[$doc])* $Name(&'a $Event),)*
            /// An earlier event of the same stream, of any family.
            Correction(&'a CorrectionEvent),
        }

        $(impl From<$Event> for Event {
            fn from(event: $Event) -> Self { Self::$Name(event) }
        }

        impl TryFrom<Event> for $Event {
            type Error = Event;

            fn try_from(event: Event) -> Result<Self, Event> {
                if let Event::$Name(event) = event { Ok(event) } else { Err(event) }
            }
        })*

        impl From<CorrectionEvent> for Event {
            fn from(event: CorrectionEvent) -> Self { Self::Correction(event) }
        }

        impl Serialize for Event {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$Name(event) => event.serialize(serializer),)*
                    Self::Correction(event) => event.serialize(serializer),
                }
            }
        }

        impl Event {
            /// Which family the event belongs to; a correction to that of what it corrects.
            #[must_use]
            pub fn family(&self) -> FamilyName {
                match self {
                    $(Self::$Name(_) => FamilyName::$Name,)*
                    Self::Correction(event) => event.family(),
                }
            }

            /// Which kind the event is.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$Name(event) => event.kind(),)*
                    Self::Correction(event) => event.kind(),
                }
            }

            /// The civil date from which the fact holds.
            #[must_use]
            pub fn effective(&self) -> Date {
                match self {
                    $(Self::$Name(event) => event.effective(),)*
                    Self::Correction(event) => event.effective(),
                }
            }

            /// How exact that date is in its source.
            #[must_use]
            pub fn precision(&self) -> Option<Precision> {
                match self {
                    $(Self::$Name(event) => event.precision(),)*
                    Self::Correction(event) => event.precision(),
                }
            }

            /// The event, borrowed.
            #[must_use]
            pub fn as_ref(&self) -> EventRef<'_> {
                match self {
                    $(Self::$Name(event) => EventRef::$Name(event),)*
                    Self::Correction(event) => EventRef::Correction(event),
                }
            }

            /// The payload's canonical bytes.
            #[must_use]
            pub fn payload(&self) -> Vec<u8> {
                payload(self)
            }

            /// The same fact, holding from another date; what is no fact stays as it is.
            #[must_use]
            pub fn redated(self, date: Date, precision: Option<Precision>) -> Self {
                match self {
                    $(Self::$Name(event) => Self::$Name(event.redated(date, precision)),)*
                    Self::Correction(event) => Self::Correction(event),
                }
            }

            /// Whether it says that another event was not so.
            #[must_use]
            pub fn is_retraction(&self) -> bool {
                matches!(self, Self::Correction(CorrectionEvent::Retracted { .. }))
            }

            /// Reads a payload of a stream of a family, whatever version it was written in.
            ///
            /// # Errors
            /// When the bytes are neither an event of that family nor a correction of one.
            pub fn decode(family: FamilyName, payload: &[u8]) -> serde_json::Result<Self> {
                match family {
                    $(FamilyName::$Name => {
                        Entry::<$Event>::decoded(payload).map(Self::from)
                    })*
                }
            }

            /// Reads a payload of the kind that its tag names.
            ///
            /// # Errors
            /// When there is no such kind, or the bytes are no event of it.
            pub(crate) fn decode_any(tag: &str, payload: &[u8]) -> serde_json::Result<Self> {
                let name = tag.rsplit_once(".v").map_or(tag, |(name, _)| name);
                let is = |kinds: &[Kind]| kinds.iter().any(|kind| kind.name == name);
                if CorrectionEvent::is_kind(name) {
                    return CorrectionEvent::decoded(payload).map(Self::Correction);
                }
                $(if is($Event::KINDS) || is($Event::FORMER) {
                    return $Event::decoded(payload).map(Self::$Name);
                })*
                Err(serde::de::Error::custom(format_args!("unknown kind `{tag}`")))
            }

            /// The canonical bytes of what a payload of a family says, in the version in which it
            /// was written.
            ///
            /// # Errors
            /// When the bytes are no event of that family.
            pub fn rewritten(family: FamilyName, payload: &[u8]) -> serde_json::Result<Vec<u8>> {
                if CorrectionEvent::is_tagged(payload) {
                    return CorrectionEvent::rewritten(payload);
                }
                match family {
                    $(FamilyName::$Name => $Event::rewritten(payload),)*
                }
            }
        }

        /// Every kind of event in every version that was ever released, by number and version.
        #[must_use]
        pub fn released() -> Vec<Kind> {
            let mut kinds = [
                $($Event::KINDS, $Event::FORMER,)*
                CorrectionEvent::KINDS, CorrectionEvent::FORMER,
            ].concat();
            kinds.sort_by_key(|kind| (kind.number, kind.version));
            kinds
        }

        /// Every kind of event, by number, in the version that is written today.
        #[must_use]
        pub fn kinds() -> Vec<Kind> {
            let mut kinds = [$($Event::KINDS,)* CorrectionEvent::KINDS].concat();
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
    /// A host.
    Host(HostEvent) = "host",
    /// A relation between two bodies.
    Relation(RelationEvent) = "relation",
    /// A transfer of one membership.
    Transfer(TransferEvent) = "transfer",
    /// A reorganisation of branches.
    Reorganisation(ReorganisationEvent) = "reorganisation",
    /// The clock, and rounds of screening.
    Clock(ClockEvent) = "clock",
}

fn payload(event: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(event).expect("an event has string keys and no floats, so it is JSON")
}
