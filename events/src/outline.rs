//! What places an event, out of its envelope as it lies: quickly where the envelope is canonical,
//! and as JSON where it is not.

use std::borrow::Cow;

use jiff::tz::Offset;
use serde::Deserialize;

use crate::record::Envelope;
use crate::values::{Date, Instant};

/// The part of an envelope that readers of many events need.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Outline<'a> {
    #[serde(borrow)]
    pub(crate) envelope: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) stream: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) sequence: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) kind: Cow<'a, str>,
    pub(crate) recorded_at: Instant,
    #[serde(borrow)]
    pub(crate) key: Cow<'a, str>,
}

impl<'a> Outline<'a> {
    pub(crate) fn of(envelope: &'a Envelope) -> Self {
        Self {
            envelope: (&envelope.envelope).into(),
            stream: (&envelope.stream).into(),
            sequence: (&envelope.sequence).into(),
            kind: (&envelope.kind).into(),
            recorded_at: envelope.recorded_at,
            key: (&envelope.key).into(),
        }
    }

    /// Reads an envelope.
    ///
    /// # Errors
    /// When a field of the outline is missing, twice there or no such text, or it is no JSON.
    pub(crate) fn read(envelope: &'a [u8]) -> serde_json::Result<Self> {
        Self::scanned(envelope).map_or_else(|| serde_json::from_slice(envelope), Ok)
    }

    /// The outline of a canonical envelope, whose fields lie in one order; `None` where anything on
    /// the way is not as it is written today. What lies between the time and the key is passed by.
    fn scanned(envelope: &'a [u8]) -> Option<Self> {
        let mut rest = Rest(envelope);
        let version = rest.text(b"{\"envelope\":\"")?;
        rest.field(b",\"ledger\":\"")?;
        let stream = rest.text(b",\"stream\":\"")?;
        let sequence = rest.text(b",\"sequence\":\"")?;
        let kind = rest.text(b",\"kind\":\"")?;
        let recorded_at = instant(rest.field(b",\"recorded_at\":\"")?)?;
        // The key is the last field. A quote within a text is escaped, so no text looks like this.
        let rest = rest.0.strip_suffix(b"\"}")?;
        let (before, key) = rest.split_at(rest.iter().rposition(|byte| *byte == b'"')? + 1);
        let key = Rest(key).plain().filter(|_| before.ends_with(b",\"key\":\""))?;
        Some(Self {
            envelope: version.into(),
            stream: stream.into(),
            sequence: sequence.into(),
            kind: kind.into(),
            recorded_at,
            key: std::str::from_utf8(key).ok()?.into(),
        })
    }
}

/// What is still to be read of an envelope.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// The next field, if it is the one that begins so.
    fn field(&mut self, begins: &[u8]) -> Option<&'a [u8]> {
        self.0 = self.0.strip_prefix(begins)?;
        let field = self.plain()?;
        self.0 = self.0[field.len()..].strip_prefix(b"\"")?;
        Some(field)
    }

    /// The next field as text.
    fn text(&mut self, begins: &[u8]) -> Option<&'a str> {
        std::str::from_utf8(self.field(begins)?).ok()
    }

    /// What stands in JSON as it is, up to the next quote or the end.
    fn plain(&self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte < b' ' || matches!(byte, b'"' | b'\\'));
        let end = end.unwrap_or(self.0.len());
        self.0.get(end).is_none_or(|byte| *byte == b'"').then(|| &self.0[..end])
    }
}

/// The instant of `2024-02-29T12:00:00.000000Z`; `None` for any other form.
fn instant(text: &[u8]) -> Option<Instant> {
    let bytes: &[u8; 27] = text.try_into().ok()?;
    let [b'-', b'-', b'T', b':', b':', b'.', b'Z'] =
        [4, 7, 10, 13, 16, 19, 26].map(|index| bytes[index])
    else {
        return None;
    };
    let number = |from: usize, until: usize| digits(&bytes[from..until]);
    let small = |from: usize| number(from, from + 2).and_then(|number| i8::try_from(number).ok());
    let year = i16::try_from(number(0, 4)?).ok()?;
    let date = Date::new(year, small(5)?, small(8)?).ok()?;
    let nanoseconds = i32::try_from(number(20, 26)?).ok()? * 1_000;
    let time = jiff::civil::Time::new(small(11)?, small(14)?, small(17)?, nanoseconds).ok()?;
    Offset::UTC.to_timestamp(date.to_datetime(time)).ok()
}

/// The number that these digits are.
pub(crate) fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANONICAL: &str = concat!(
        r#"{"envelope":"1","ledger":"00000000-0000-0000-0000-000000000001","#,
        r#""stream":"branch:00000000-0000-0000-0000-000000000002","sequence":"7","#,
        r#""kind":"402","recorded_at":"2024-02-29T23:59:59.000001Z","actor":"local","#,
        r#""source":"say \",\"key\":\"x","key":"k"}"#
    );

    #[test]
    fn a_canonical_envelope_is_scanned_as_it_is_parsed() {
        let scanned = Outline::scanned(CANONICAL.as_bytes()).expect("it is canonical");
        assert_eq!(scanned, serde_json::from_str(CANONICAL).unwrap());
        for time in ["0000-01-01T00:00:00.000000Z", "9999-12-30T22:00:00.999999Z"] {
            let envelope = CANONICAL.replace("2024-02-29T23:59:59.000001Z", time);
            let scanned = Outline::scanned(envelope.as_bytes()).expect("it is canonical");
            assert_eq!(scanned, serde_json::from_str(&envelope).unwrap(), "{time}");
        }
    }

    #[test]
    fn any_other_is_parsed() {
        for (was, is) in [
            (r#""sequence":"7","kind":"402""#, r#""kind":"402","sequence":"7""#),
            (r#""sequence":"7""#, r#""sequence":"\u0037""#),
            (r#""envelope":"1""#, r#""envelope": "1""#),
            (".000001Z", "Z"),
            ("23:59:59", "23:59:60"),
            (r#""key":"k"}"#, r#""key":"k","later":"x"}"#),
            (r#""key":"k"}"#, r#""key":"\u006b"}"#),
        ] {
            let other = CANONICAL.replace(was, is);
            assert_ne!(other, CANONICAL, "{was}");
            assert_eq!(Outline::scanned(other.as_bytes()), None, "{is}");
            let read = Outline::read(other.as_bytes()).expect("it is an envelope");
            assert_eq!((&*read.sequence, &*read.key), ("7", "k"), "{is}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_in_what_is_read() {
        let with = |was: &str| {
            let mut other = CANONICAL.as_bytes().to_vec();
            other[CANONICAL.find(was).expect("it is there")] = 0xFF;
            other
        };
        for was in ["1\",\"ledger", "branch", "7", "402", "2024", "k\"}"] {
            assert!(Outline::read(&with(was)).is_err(), "{was}");
        }
        let parsed = serde_json::from_str(CANONICAL).unwrap();
        assert_eq!(Outline::scanned(&with("local")), Some(parsed));
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        for (was, is) in [
            ("2024-02-29", "2023-02-29"),
            ("branch", "bra\nnch"),
            (r#""kind":"402","#, ""),
            (r#","key":"k"}"#, "}"),
            (r#""key":"k"}"#, r#""key":"k""#),
        ] {
            let other = CANONICAL.replace(was, is);
            assert_ne!(other, CANONICAL, "{was}");
            assert!(Outline::read(other.as_bytes()).is_err(), "{is}");
        }
    }
}
