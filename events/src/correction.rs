//! What can happen to an event: nothing. What can be said about one: that it was not so, that it
//! was on another day, or that something else was so.
//!
//! A correction stands in the stream of the event that it is about and names it by its sequence
//! there. It quotes that event, so that whoever meets the correction alone knows whom it concerns,
//! which guards it touches, and what is so again if it is itself retracted.
//!
//! The first fact at a *place* is the one recorded there; a replacement, or the same on another
//! day, takes that place and so its order within a day. Only what stands at a place is corrected:
//! the fact that holds there, or, where none does, the retraction that emptied it.

mod live;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use live::{Entry, Place, Places};

use crate::family::{Event, FamilyName, Kind, tag};
use crate::quoted::Quoted;
use crate::values::{Code, Date, Precision};

/// One event about another one of the same stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", deny_unknown_fields, remote = "Self")]
pub enum CorrectionEvent {
    /// It was not so. A retraction can itself be retracted.
    #[serde(rename = "EventRetracted.v1")]
    Retracted {
        /// The date of what is retracted.
        effective: Date,
        /// How exact that date is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        precision: Option<Precision>,
        /// The sequence of the event in the stream.
        of: u64,
        /// The event itself.
        was: Quoted,
        /// Why, as a code.
        reason: Code,
    },
    /// It was so on another day.
    #[serde(rename = "EventRedated.v1")]
    Redated {
        /// The date from which the fact holds instead.
        effective: Date,
        /// How exact that date is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        precision: Option<Precision>,
        /// The sequence of the event in the stream.
        of: u64,
        /// The event itself.
        was: Quoted,
        /// Why, as a code.
        reason: Code,
    },
    /// Something else was so.
    #[serde(rename = "EventReplaced.v1")]
    Replaced {
        /// The date of what was so instead.
        effective: Date,
        /// How exact that date is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        precision: Option<Precision>,
        /// The sequence of the event in the stream.
        of: u64,
        /// The event itself.
        was: Quoted,
        /// What was so instead.
        by: Quoted,
        /// Why, as a code.
        reason: Code,
    },
}

impl CorrectionEvent {
    /// Every kind of correction, by number, in the version that is written today.
    pub const KINDS: &'static [Kind] = &[
        Kind::tagged(1301, "EventRetracted.v1"),
        Kind::tagged(1302, "EventRedated.v1"),
        Kind::tagged(1303, "EventReplaced.v1"),
    ];

    /// The versions that are written no longer and read for ever.
    pub const FORMER: &'static [Kind] = &[];

    /// Says that an event was not so.
    #[must_use]
    pub fn retracting(of: u64, was: Event, reason: Code) -> Self {
        let (effective, precision) = (was.effective(), was.precision());
        Self::Retracted { effective, precision, of, was: Quoted::new(was), reason }
    }

    /// Says that an event was so on another day.
    #[must_use]
    pub fn redating(
        of: u64,
        was: Event,
        effective: Date,
        precision: Option<Precision>,
        reason: Code,
    ) -> Self {
        Self::Redated { effective, precision, of, was: Quoted::new(was), reason }
    }

    /// Says that something else was so than an event.
    #[must_use]
    pub fn replacing(of: u64, was: Event, by: Event, reason: Code) -> Self {
        let (effective, precision) = (by.effective(), by.precision());
        let (was, by) = (Quoted::new(was), Quoted::new(by));
        Self::Replaced { effective, precision, of, was, by, reason }
    }

    /// Whether kinds of that name are corrections.
    #[must_use]
    pub fn is_kind(name: &str) -> bool {
        Self::KINDS.iter().chain(Self::FORMER).any(|kind| kind.name == name)
    }

    /// Whether a payload says in its first field that it is a correction.
    pub(crate) fn is_tagged(payload: &[u8]) -> bool {
        tag(payload).is_some_and(|(name, _)| Self::is_kind(name))
    }

    /// Which kind of correction it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Retracted { .. } => Self::KINDS[0],
            Self::Redated { .. } => Self::KINDS[1],
            Self::Replaced { .. } => Self::KINDS[2],
        }
    }

    /// The family of what it corrects, and so of the stream in which it stands.
    #[must_use]
    pub fn family(&self) -> FamilyName {
        self.was().family()
    }

    /// The date from which what it says holds.
    #[must_use]
    pub fn effective(&self) -> Date {
        match self {
            Self::Retracted { effective, .. }
            | Self::Redated { effective, .. }
            | Self::Replaced { effective, .. } => *effective,
        }
    }

    /// How exact that date is.
    #[must_use]
    pub fn precision(&self) -> Option<Precision> {
        match self {
            Self::Retracted { precision, .. }
            | Self::Redated { precision, .. }
            | Self::Replaced { precision, .. } => *precision,
        }
    }

    /// The sequence of the corrected event in the stream.
    #[must_use]
    pub fn of(&self) -> u64 {
        match self {
            Self::Retracted { of, .. } | Self::Redated { of, .. } | Self::Replaced { of, .. } => {
                *of
            }
        }
    }

    /// The corrected event.
    #[must_use]
    pub fn was(&self) -> &Event {
        match self {
            Self::Retracted { was, .. }
            | Self::Redated { was, .. }
            | Self::Replaced { was, .. } => was.event(),
        }
    }

    /// Why it was corrected, as a code.
    #[must_use]
    pub fn reason(&self) -> &Code {
        match self {
            Self::Retracted { reason, .. }
            | Self::Redated { reason, .. }
            | Self::Replaced { reason, .. } => reason,
        }
    }

    /// How many events are quoted, one inside the other.
    #[must_use]
    pub fn depth(&self) -> usize {
        if let Event::Correction(was) = self.was() { 1 + was.depth() } else { 1 }
    }

    /// The sequence of the fact that was recorded first at its place.
    #[must_use]
    pub fn place(&self) -> u64 {
        if let Event::Correction(was) = self.was() { was.place() } else { self.of() }
    }

    /// What stands at its place, and by which event of the stream, now that it is the event of that
    /// sequence; `None`: nothing.
    #[must_use]
    pub fn stands(&self, sequence: u64) -> Option<(u64, Event)> {
        match self {
            Self::Retracted { was, .. } => {
                let Event::Correction(was) = was.event() else { return None };
                standing(was.of(), was.was())
            }
            Self::Redated { effective, precision, .. } => {
                let (_, fact) = standing(self.of(), self.was())?;
                Some((sequence, fact.redated(*effective, *precision)))
            }
            Self::Replaced { by, .. } => Some((sequence, by.event().clone())),
        }
    }

    /// Reads a payload, whatever version it was written in.
    pub(crate) fn decoded(payload: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(payload)
    }

    /// The canonical bytes of what a payload says, in the version in which it was written.
    pub(crate) fn rewritten(payload: &[u8]) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&Self::decoded(payload)?)
    }

    /// What makes the correction one that nobody could have meant.
    fn contradiction(&self) -> Option<&'static str> {
        let was = self.was();
        if let Event::Correction(was) = was
            && was.of() >= self.of()
        {
            return Some("it quotes an event that corrects a later one");
        }
        let (told, own) = match self {
            Self::Retracted { effective, precision, .. } => {
                ((was.effective(), was.precision()), (*effective, *precision))
            }
            Self::Redated { effective, precision, .. } => {
                if was.is_retraction() {
                    return Some("a retraction has no date of its own");
                }
                ((*effective, *precision), (*effective, *precision))
            }
            Self::Replaced { effective, precision, by, .. } => {
                let by = by.event();
                if was.is_retraction() || matches!(by, Event::Correction(_)) {
                    return Some("only facts are replaced, and by facts");
                }
                if by.family() != was.family() {
                    return Some("a fact is replaced by one of its own family");
                }
                ((by.effective(), by.precision()), (*effective, *precision))
            }
        };
        (told != own).then_some("its date is another than that of the event it quotes")
    }
}

/// What stands by an event that counts, and by which one.
fn standing(sequence: u64, event: &Event) -> Option<(u64, Event)> {
    if let Event::Correction(correction) = event {
        return correction.stands(sequence);
    }
    Some((sequence, event.clone()))
}

impl Serialize for CorrectionEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for CorrectionEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = Self::deserialize(deserializer)?;
        match event.contradiction() {
            Some(contradiction) => Err(serde::de::Error::custom(contradiction)),
            None => Ok(event),
        }
    }
}
