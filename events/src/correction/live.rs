//! What counts among the entries of one stream.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::CorrectionEvent;
use crate::family::{Event, Family, Kind, tag};
use crate::tree::Tree;
use crate::values::Date;

/// One entry of a subject's stream: a fact of the subject's family, or a correction of one.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry<E> {
    /// A fact.
    Fact(E),
    /// A correction of an earlier entry.
    Correction(CorrectionEvent),
}

impl<E: Family> Entry<E> {
    /// Reads a payload of the stream, whatever version it was written in.
    ///
    /// # Errors
    /// When the bytes are neither an event of the family nor a correction of one.
    pub fn decoded(payload: &[u8]) -> serde_json::Result<Self> {
        match tag(payload) {
            Some((name, _)) if CorrectionEvent::is_kind(name) => {
                CorrectionEvent::decoded(payload).and_then(Self::correction)
            }
            Some(_) => E::decoded(payload).map(Self::Fact),
            // In another order than the canonical one the kind has to be looked for.
            None => serde_json::from_slice(payload),
        }
    }

    /// Which kind of event it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Fact(fact) => fact.kind(),
            Self::Correction(correction) => correction.kind(),
        }
    }

    /// The civil date from which what it says holds.
    pub fn effective(&self) -> Date {
        match self {
            Self::Fact(fact) => fact.effective(),
            Self::Correction(correction) => correction.effective(),
        }
    }

    fn correction(correction: CorrectionEvent) -> serde_json::Result<Self> {
        if correction.family() == E::NAME {
            return Ok(Self::Correction(correction));
        }
        Err(serde_json::Error::custom("a correction of another family's event"))
    }
}

impl<E: Into<Event>> From<Entry<E>> for Event {
    fn from(entry: Entry<E>) -> Self {
        match entry {
            Entry::Fact(fact) => fact.into(),
            Entry::Correction(correction) => Self::Correction(correction),
        }
    }
}

impl<E: Serialize> Serialize for Entry<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fact(fact) => fact.serialize(serializer),
            Self::Correction(correction) => correction.serialize(serializer),
        }
    }
}

impl<'de, E: Family> Deserialize<'de> for Entry<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = Tree::deserialize(deserializer)?;
        let kind = tree.text("kind").and_then(|tag| tag.rsplit_once(".v"));
        let payload = tree.to_bytes();
        let entry = if kind.is_some_and(|(name, _)| CorrectionEvent::is_kind(name)) {
            CorrectionEvent::decoded(&payload).and_then(Self::correction)
        } else {
            E::decoded(&payload).map(Self::Fact)
        };
        entry.map_err(D::Error::custom)
    }
}

/// What stands at one place of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "E: Family")]
pub struct Place<E> {
    /// The sequence of the fact that was recorded first: the order of places within a day.
    pub place: u64,
    /// The sequence of the event that can be corrected: the one that says the fact, or the
    /// retraction that left nothing.
    pub by: u64,
    /// The fact that holds; `None`: nothing.
    pub fact: Option<E>,
}

/// The places of one stream, in order: what counts of it, whatever was corrected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "E: Family")]
pub struct Places<E> {
    version: u64,
    places: Vec<Place<E>>,
}

impl<E> Default for Places<E> {
    fn default() -> Self {
        Self { version: 0, places: Vec::new() }
    }
}

impl<E> Places<E> {
    /// How many entries the stream has.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Every place, in order.
    #[must_use]
    pub fn all(&self) -> &[Place<E>] {
        &self.places
    }

    /// The facts that hold, in the order of their places.
    pub fn facts(&self) -> impl Iterator<Item = &E> {
        self.places.iter().filter_map(|place| place.fact.as_ref())
    }

    /// The place of which an event of the stream is what stands there.
    #[must_use]
    pub fn standing(&self, sequence: u64) -> Option<&Place<E>> {
        self.places.iter().find(|place| place.by == sequence)
    }

    /// Takes a fact in, at a place of its own.
    pub fn add(&mut self, fact: E) {
        self.version += 1;
        let sequence = self.version;
        self.places.push(Place { place: sequence, by: sequence, fact: Some(fact) });
    }
}

impl<E: TryFrom<Event>> Places<E> {
    /// Takes a correction in.
    pub fn correct(&mut self, correction: &CorrectionEvent) {
        self.version += 1;
        let stands = correction.stands(self.version);
        let by = stands.as_ref().map_or(self.version, |(by, _)| *by);
        let fact = stands.and_then(|(_, fact)| E::try_from(fact).ok());
        let index = self.places.binary_search_by_key(&correction.place(), |place| place.place);
        if let Ok(index) = index {
            let place = self.places[index].place;
            self.places[index] = Place { place, by, fact };
        }
    }
}
