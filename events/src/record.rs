//! What is recorded: an envelope and a payload, each written once as bytes.
//!
//! Those bytes are hashed, exported and replayed; every column beside them is a copy. They are
//! canonical: fields in one order, no blanks, absent fields left out, text in NFC, no floats. So
//! reading and writing again gives the same bytes, and [`Recorded::decode`] refuses any others.

use serde::{Deserialize, Serialize};

use crate::family::{Event, Kind, kinds};
use crate::ids::{LedgerId, StreamId};
use crate::leaf::{Leaf, Salt, leaf};
use crate::values::{Date, Instant, Position};

/// The version of the envelope that is written today.
pub const ENVELOPE_VERSION: &str = "1";

/// Who recorded an event, when, and on what authority. One flat object of strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The envelope's own version.
    pub envelope: String,
    /// Which ledger.
    pub ledger: LedgerId,
    /// Which stream, as `family:id`.
    pub stream: String,
    /// The stream's version after the event: 1, 2, 3 …
    pub sequence: String,
    /// The event's frozen kind number.
    pub kind: String,
    /// When it was recorded; never runs backwards along positions.
    pub recorded_at: Instant,
    /// Who acted, as an id.
    pub actor: String,
    /// In which post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    /// By which grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// The second person, where one was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// The paper that it rests on, by its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// The rule set that was applied: its place in the policy stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The position of the event that called for this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What belongs together beyond one command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// How it came in: `cli`, `api`, `import:SOURCE:LINE`, `clock` …
    pub source: String,
    /// The command's idempotency key; the events of one command share it.
    pub key: String,
}

impl Envelope {
    /// The canonical bytes.
    ///
    /// # Panics
    /// Never: an envelope is an object of strings.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an envelope is an object of strings")
    }
}

/// An event as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub position: Position,
    /// The envelope's bytes.
    pub envelope: Vec<u8>,
    /// The payload's bytes.
    pub payload: Vec<u8>,
    /// The salt of its leaf.
    pub salt: Salt,
    /// Its leaf.
    pub leaf: Leaf,
}

/// An event as readers and folds meet it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Where it stands.
    pub position: Position,
    /// The subject that it is about.
    pub stream: StreamId,
    /// The subject's version after it.
    pub sequence: u64,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The command that recorded it.
    pub key: String,
    /// The fact.
    pub event: Event,
}

/// Why bytes were not taken for an event.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The envelope is not what this program writes or once wrote.
    #[error("the envelope cannot be read")]
    Envelope(#[source] serde_json::Error),
    /// A field of the envelope has a wrong form.
    #[error("the envelope's field `{0}` has a wrong form")]
    EnvelopeField(&'static str),
    /// The payload is not what this program writes or once wrote.
    #[error("the payload cannot be read")]
    Payload(#[source] serde_json::Error),
    /// The kind number and the payload's own tag name different kinds.
    #[error("the envelope says kind {envelope}, the payload {payload}")]
    KindDiffers {
        /// What the envelope says.
        envelope: u16,
        /// What the payload says.
        payload: u16,
    },
    /// The bytes mean this event, but are not its canonical bytes.
    #[error("the {0} is not in canonical form")]
    NotCanonical(&'static str),
    /// The envelope belongs to another ledger.
    #[error("the envelope belongs to another ledger")]
    OtherLedger,
    /// The leaf is not that of these bytes.
    #[error("the leaf does not belong to the envelope, payload and salt")]
    LeafDiffers,
}

impl Record {
    /// Reads the event without asking whether the bytes are canonical or the leaf is theirs.
    ///
    /// # Errors
    /// [`RecordError`] when the bytes are no event.
    pub fn decode(&self) -> Result<(Envelope, Recorded), RecordError> {
        let envelope: Envelope =
            serde_json::from_slice(&self.envelope).map_err(RecordError::Envelope)?;
        if envelope.envelope != ENVELOPE_VERSION {
            return Err(RecordError::EnvelopeField("envelope"));
        }
        let stream: StreamId =
            envelope.stream.parse().map_err(|_| RecordError::EnvelopeField("stream"))?;
        let sequence =
            envelope.sequence.parse().map_err(|_| RecordError::EnvelopeField("sequence"))?;
        let kind: u16 = envelope.kind.parse().map_err(|_| RecordError::EnvelopeField("kind"))?;
        let event = Event::decode(stream.family, &self.payload).map_err(RecordError::Payload)?;
        if event.kind().number != kind {
            let payload = event.kind().number;
            return Err(RecordError::KindDiffers { envelope: kind, payload });
        }
        let recorded = Recorded {
            position: self.position,
            stream,
            sequence,
            recorded_at: envelope.recorded_at,
            key: envelope.key.clone(),
            event,
        };
        Ok((envelope, recorded))
    }

    /// Reads the event and holds it against its own bytes, its leaf and its ledger.
    ///
    /// # Errors
    /// [`RecordError`], the first thing that is not as it was written.
    pub fn check(&self, ledger: LedgerId) -> Result<(Envelope, Recorded), RecordError> {
        let (envelope, recorded) = self.decode()?;
        if envelope.ledger != ledger {
            return Err(RecordError::OtherLedger);
        }
        if envelope.to_bytes() != self.envelope {
            return Err(RecordError::NotCanonical("envelope"));
        }
        // An event of an older version reads as today's; its bytes are canonical for their time.
        let today = recorded.event.payload();
        if is_todays(&self.payload, recorded.event.kind()) && today != self.payload {
            return Err(RecordError::NotCanonical("payload"));
        }
        if leaf(ledger, self.position, &self.salt, &self.envelope, &self.payload) != self.leaf {
            return Err(RecordError::LeafDiffers);
        }
        Ok((envelope, recorded))
    }
}

fn is_todays(payload: &[u8], kind: Kind) -> bool {
    payload.starts_with(format!("{{\"kind\":\"{}.v{}\"", kind.name, kind.version).as_bytes())
}

/// The columns that stand beside an event's bytes: copies for look-ups, compared by `verify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The family.
    pub aggregate_type: &'static str,
    /// The subject's id.
    pub aggregate_id: String,
    /// The subject's version after the event.
    pub sequence: u64,
    /// The kind's name.
    pub event_type: &'static str,
    /// The kind's version, as recorded.
    pub event_version: String,
    /// When it was recorded, RFC 3339.
    pub recorded_at: String,
    /// From when the fact holds, ISO 8601.
    pub effective: String,
}

impl Recorded {
    /// The columns that belong beside the event.
    #[must_use]
    pub fn columns(&self) -> Columns {
        columns(
            self.stream,
            self.sequence,
            self.recorded_at,
            self.event.kind(),
            self.event.effective(),
        )
    }
}

/// The columns that belong beside an event.
#[must_use]
pub fn columns(
    stream: StreamId,
    sequence: u64,
    recorded_at: Instant,
    kind: Kind,
    effective: Date,
) -> Columns {
    Columns {
        aggregate_type: stream.family.as_str(),
        aggregate_id: stream.id.to_string(),
        sequence,
        event_type: kind.name,
        event_version: kind.version.to_string(),
        recorded_at: recorded_at.to_string(),
        effective: effective.to_string(),
    }
}

/// The kind of that number, if there is one.
#[must_use]
pub fn kind_of_number(number: u16) -> Option<Kind> {
    kinds().into_iter().find(|kind| kind.number == number)
}
