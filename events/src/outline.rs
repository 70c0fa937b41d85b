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
        let mut rest = Rest(std::str::from_utf8(envelope).ok()?);
        let version = rest.field("{\"envelope\":\"")?;
        rest.field(",\"ledger\":\"")?;
        let stream = rest.field(",\"stream\":\"")?;
        let sequence = rest.field(",\"sequence\":\"")?;
        let kind = rest.field(",\"kind\":\"")?;
        let recorded_at = instant(rest.field(",\"recorded_at\":\"")?)?;
        // The key is the last field. A quote within a text is escaped, so no text looks like this.
        let (_, key) = rest.0.strip_suffix("\"}")?.rsplit_once('"')?;
        let before = rest.0.len() - key.len() - "\"}".len();
        let named = rest.0.get(..before)?.ends_with(",\"key\":\"");
        (named && is_plain(key)).then(|| Self {
            envelope: version.into(),
            stream: stream.into(),
            sequence: sequence.into(),
            kind: kind.into(),
            recorded_at,
            key: key.into(),
        })
    }
}

/// What is still to be read of an envelope.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// The text of the next field, if it is the one that begins so.
    fn field(&mut self, begins: &str) -> Option<&'a str> {
        let (text, rest) = self.0.strip_prefix(begins)?.split_once('"')?;
        self.0 = rest;
        is_plain(text).then_some(text)
    }
}

/// Whether the text stands in JSON as it is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte >= b' ' && byte != b'\\')
}

/// The instant of `2024-02-29T12:00:00.000000Z`; `None` for any other form.
fn instant(text: &str) -> Option<Instant> {
    let bytes: &[u8; 27] = text.as_bytes().try_into().ok()?;
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
