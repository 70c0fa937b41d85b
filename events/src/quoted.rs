//! An event inside another one: a payload as an object within a payload.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::family::{Event, tag};
use crate::tree::Tree;

/// An event that another one quotes: the same bytes as if it stood alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Quoted {
    event: Box<Event>,
    /// What is written, when it is of a version that is written no longer: the bytes stay.
    former: Option<Tree>,
}

impl Quoted {
    /// Quotes an event in today's version.
    #[must_use]
    pub fn new(event: Event) -> Self {
        Self { event: Box::new(event), former: None }
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }

    fn of(tree: &Tree) -> serde_json::Result<Self> {
        let payload = tree.to_bytes();
        let kind = tree.text("kind").unwrap_or_default();
        let event = Event::decode_any(kind, &payload)?;
        let today = tag(&payload).is_none_or(|(_, version)| version == event.kind().version);
        let former = if today {
            None
        } else {
            // The versions that are read for ever are the families' own; they know their order.
            let rewritten = Event::rewritten(event.family(), &payload)?;
            Some(serde_json::from_slice(&rewritten)?)
        };
        Ok(Self { event: Box::new(event), former })
    }
}

impl Serialize for Quoted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.former {
            Some(former) => former.serialize(serializer),
            None => self.event.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Quoted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(&Tree::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_version_is_quoted_as_it_was_written() {
        let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/");
        for name in ["601-PolicyAdopted.v1.json", "601-PolicyAdopted.v3.json"] {
            let bytes = std::fs::read(format!("{samples}{name}")).unwrap();
            let quoted: Quoted = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(quoted.event().kind().version, 3, "{name}");
            assert_eq!(serde_json::to_vec(&quoted).unwrap(), bytes, "{name}");
            // A general library sorts the keys of an object; the meaning is the same.
            let tree: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(serde_json::from_value::<Quoted>(tree).unwrap().event(), quoted.event());
        }
    }

    #[test]
    fn what_is_no_event_is_not_quoted() {
        for text in ["{}", "7", r#"{"kind":"HomePainted.v1"}"#, r#"{"kind":7}"#] {
            assert!(serde_json::from_str::<Quoted>(text).is_err(), "{text}");
        }
    }
}
