//! What is recorded: an envelope and a payload, each written once as bytes.
//!
//! Those bytes are hashed, exported and replayed; every column beside them is a copy. They are
//! canonical: fields in one order, no blanks, absent fields left out, text in NFC, no floats. So
//! reading and writing again gives the same bytes, and [`Record::check`] refuses any others.

use serde::{Deserialize, Serialize};

use crate::family::{Event, Kind, kinds, tag};
use crate::ids::{LedgerId, StreamId};
use crate::leaf::{Leaf, Salt, leaf};
use crate::outline::{Outline, digits};
use crate::values::{Date, Instant, Position, Text};

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
    #[serde(serialize_with = "instant")]
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
    /// Why the fact is dated so far back, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
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

impl Envelope {
    /// The first field whose text is not what is seen: not in NFC, or with invisible characters.
    fn unseen(&self) -> Option<&'static str> {
        let fields = [
            ("actor", Some(&self.actor)),
            ("post", self.post.as_ref()),
            ("grant", self.grant.as_ref()),
            ("approver", self.approver.as_ref()),
            ("authority", self.authority.as_ref()),
            ("reason", self.reason.as_ref()),
            ("policy", self.policy.as_ref()),
            ("cause", self.cause.as_ref()),
            ("correlation", self.correlation.as_ref()),
            ("source", Some(&self.source)),
            ("key", Some(&self.key)),
        ];
        let is_seen = |text: &str| Text::parse(text).is_ok_and(|parsed| parsed.as_str() == text);
        fields.into_iter().find(|(_, text)| text.is_some_and(|text| !is_seen(text))).map(|(f, _)| f)
    }
}

/// An instant as it is recorded: RFC 3339 in UTC with six decimals, so that texts sort as times.
#[must_use]
pub fn instant_text(instant: Instant) -> String {
    format!("{instant:.6}")
}

fn instant<S: serde::Serializer>(instant: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&instant_text(*instant))
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
    /// The version in which its payload was recorded; the fact itself is in today's shape.
    pub version: u16,
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
    /// The payload is of a version that only a newer program knows.
    #[error("the payload is {kind}.v{version}; this program knows {kind} up to v{known}")]
    Newer {
        /// The kind's name.
        kind: &'static str,
        /// The payload's version.
        version: u16,
        /// The version that is written today.
        known: u16,
    },
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
    /// [`RecordError`] when the bytes are no event, or the payload does not begin with its tag.
    pub fn decode(&self) -> Result<(Envelope, Recorded), RecordError> {
        let envelope: Envelope =
            serde_json::from_slice(&self.envelope).map_err(RecordError::Envelope)?;
        let recorded = recorded(self.position, Outline::of(&envelope), &self.payload)?;
        Ok((envelope, recorded))
    }

    /// The same for those who replay many and need no envelope: of it only the outline is read.
    ///
    /// # Errors
    /// As [`Record::decode`], but for what is wrong elsewhere in the envelope.
    pub fn read(&self) -> Result<Recorded, RecordError> {
        read(self.position, &self.envelope, &self.payload)
    }

    /// Reads the event and holds it against its leaf, and so against its ledger, whatever form its
    /// bytes have: for whoever decides on it.
    ///
    /// # Errors
    /// [`RecordError::LeafDiffers`], and as [`Record::read`].
    pub fn held(&self, ledger: LedgerId) -> Result<Recorded, RecordError> {
        let recorded = self.read()?;
        if leaf(ledger, self.position, &self.salt, &self.envelope, &self.payload) != self.leaf {
            return Err(RecordError::LeafDiffers);
        }
        Ok(recorded)
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
        if let Some(field) = envelope.unseen() {
            return Err(RecordError::EnvelopeField(field));
        }
        if self.rewritten(&recorded)? != self.payload {
            return Err(RecordError::NotCanonical("payload"));
        }
        if leaf(ledger, self.position, &self.salt, &self.envelope, &self.payload) != self.leaf {
            return Err(RecordError::LeafDiffers);
        }
        Ok((envelope, recorded))
    }

    /// The canonical payload of what was read, in the version in which it was recorded.
    fn rewritten(&self, recorded: &Recorded) -> Result<Vec<u8>, RecordError> {
        if recorded.version == recorded.event.kind().version {
            return Ok(recorded.event.payload());
        }
        Event::rewritten(recorded.stream.family, &self.payload).map_err(RecordError::Payload)
    }
}

/// Reads the event at a position out of its bytes wherever they lie, as [`Record::read`] does.
///
/// # Errors
/// As [`Record::read`].
pub fn read(position: Position, envelope: &[u8], payload: &[u8]) -> Result<Recorded, RecordError> {
    recorded(position, Outline::read(envelope).map_err(RecordError::Envelope)?, payload)
}

fn recorded(
    position: Position,
    envelope: Outline<'_>,
    payload: &[u8],
) -> Result<Recorded, RecordError> {
    if envelope.envelope != ENVELOPE_VERSION {
        return Err(RecordError::EnvelopeField("envelope"));
    }
    let wrong = RecordError::EnvelopeField;
    let stream = StreamId::written(&envelope.stream).ok_or(wrong("stream"))?;
    let sequence = number(&envelope.sequence).ok_or(wrong("sequence"))?;
    let kind = number(&envelope.kind).and_then(|kind| u16::try_from(kind).ok());
    let kind = kind.ok_or(wrong("kind"))?;
    let event =
        Event::decode(stream.family, payload).map_err(|error| unreadable(payload, error))?;
    let (_, version) = tag(payload).ok_or(RecordError::NotCanonical("payload"))?;
    if event.kind().number != kind {
        let payload = event.kind().number;
        return Err(RecordError::KindDiffers { envelope: kind, payload });
    }
    let (recorded_at, key) = (envelope.recorded_at, envelope.key.into_owned());
    Ok(Recorded { position, stream, sequence, recorded_at, key, version, event })
}

/// Reads a number that has one spelling: `7`, and neither `07` nor `+7`.
fn number(text: &str) -> Option<u64> {
    let has_one = !text.is_empty() && (text == "0" || !text.starts_with('0'));
    has_one.then(|| digits(text.as_bytes()))?
}

/// Why a payload cannot be read, told apart from damage where it is just of a later time.
fn unreadable(payload: &[u8], error: serde_json::Error) -> RecordError {
    let newer = tag(payload).and_then(|(name, version)| {
        let kind = kinds().into_iter().find(|kind| kind.name == name && kind.version < version)?;
        Some(RecordError::Newer { kind: kind.name, version, known: kind.version })
    });
    newer.unwrap_or(RecordError::Payload(error))
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
        let kind = Kind { version: self.version, ..self.event.kind() };
        columns(self.stream, self.sequence, self.recorded_at, kind, self.event.effective())
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
        recorded_at: instant_text(recorded_at),
        effective: effective.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BranchEvent, BranchId};

    const LEDGER: LedgerId = LedgerId(uuid::Uuid::from_u128(1));

    fn renamed() -> Record {
        let branch = BranchId(uuid::Uuid::from_u128(2));
        let name = Text::parse("Zürich").expect("a name");
        let effective = jiff::civil::date(2024, 2, 29);
        let event = Event::from(BranchEvent::Renamed { effective, precision: None, name });
        let envelope = Envelope {
            envelope: ENVELOPE_VERSION.to_owned(),
            ledger: LEDGER,
            stream: StreamId::from(branch).to_string(),
            sequence: "7".to_owned(),
            kind: event.kind().number.to_string(),
            recorded_at: Instant::UNIX_EPOCH,
            actor: "local".to_owned(),
            post: None,
            grant: None,
            approver: None,
            authority: None,
            reason: None,
            policy: None,
            cause: None,
            correlation: None,
            source: "cli".to_owned(),
            key: "k".to_owned(),
        };
        sealed(envelope.to_bytes(), event.payload())
    }

    fn sealed(envelope: Vec<u8>, payload: Vec<u8>) -> Record {
        let (position, salt) = (Position(7), [3; 32]);
        let leaf = leaf(LEDGER, position, &salt, &envelope, &payload);
        Record { position, envelope, payload, salt, leaf }
    }

    /// The record with other words in its bytes and a leaf that fits them.
    fn with(record: &Record, was: &str, is: &str) -> Record {
        let change =
            |bytes: &[u8]| std::str::from_utf8(bytes).expect("JSON").replace(was, is).into_bytes();
        let changed = sealed(change(&record.envelope), change(&record.payload));
        assert_ne!(changed, *record, "{was}");
        changed
    }

    #[track_caller]
    fn refused(record: &Record) -> String {
        record.check(LEDGER).expect_err("refused").to_string()
    }

    #[test]
    fn what_is_written_is_taken() {
        let (_, recorded) = renamed().check(LEDGER).unwrap();
        assert_eq!(renamed().read().unwrap(), recorded);
        let columns = recorded.columns();
        assert_eq!((columns.event_type, columns.event_version.as_str()), ("BranchRenamed", "1"));
        assert_eq!(columns.effective, "2024-02-29");
    }

    #[test]
    fn the_columns_name_the_version_that_was_recorded() {
        let (_, recorded) = renamed().decode().unwrap();
        let former = Recorded { version: 0, ..recorded };
        assert_eq!(former.columns().event_version, "0");
    }

    #[test]
    fn the_same_meaning_in_other_bytes_is_not_canonical() {
        let payload = "the payload is not in canonical form";
        for (was, is) in [
            ("Zürich", "Zu\u{308}rich"),
            ("Zürich", "Z\\u00fcrich"),
            (r#""name":"#, r#""name": "#),
            (
                r#""effective":"2024-02-29","name":"Zürich""#,
                r#""name":"Zürich","effective":"2024-02-29""#,
            ),
            ("2024-02-29", "20240229"),
            (r#","name""#, r#","precision":null,"name""#),
        ] {
            assert_eq!(refused(&with(&renamed(), was, is)), payload, "{is}");
        }
        let envelope = "the envelope is not in canonical form";
        assert_eq!(refused(&with(&renamed(), "00:00:00.000000Z", "00:00:00.0Z")), envelope);
        let sequence = "the envelope's field `sequence` has a wrong form";
        assert_eq!(refused(&with(&renamed(), r#""7""#, r#""07""#)), sequence);
    }

    #[test]
    fn a_newer_version_is_named_and_not_called_damage() {
        let newer = with(&renamed(), "BranchRenamed.v1", "BranchRenamed.v2");
        let said = "the payload is BranchRenamed.v2; this program knows BranchRenamed up to v1";
        assert_eq!(refused(&newer), said);
        let unknown = with(&renamed(), "BranchRenamed.v1", "BranchPainted.v1");
        assert!(matches!(unknown.check(LEDGER), Err(RecordError::Payload(_))));
    }

    #[test]
    fn bytes_of_another_kind_ledger_or_leaf_are_refused() {
        let kind = with(&renamed(), r#""kind":"402""#, r#""kind":"401""#);
        assert_eq!(refused(&kind), "the envelope says kind 401, the payload 402");
        let ledger = LedgerId(uuid::Uuid::from_u128(9));
        assert!(matches!(renamed().check(ledger), Err(RecordError::OtherLedger)));
        let salted = Record { salt: [4; 32], ..renamed() };
        assert!(matches!(salted.check(LEDGER), Err(RecordError::LeafDiffers)));
    }
}
