//! Values that are checked once, when they are made, and valid ever after.

use std::fmt;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A civil date in the ledger's zone.
pub type Date = jiff::civil::Date;

/// Reads a civil date in the one form in which dates are written: `YYYY-MM-DD`. `None` for any
/// other form, and for a date that does not exist.
#[must_use]
pub fn date_of(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

/// A moment on the world's clock, in microseconds.
pub type Instant = jiff::Timestamp;

/// A place in the ledger: 1, 2, 3 … without a gap. Zero stands before the first event.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// The position after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How exact an effective date is in its source. Absent means: to the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Day and month are a convention.
    Year,
    /// The day is a convention.
    Month,
}

/// Why a text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing in it.
    #[error("empty text")]
    Empty,
    /// More characters than the limit.
    #[error("text longer than {0} characters")]
    TooLong(usize),
    /// A control, bidirectional or zero-width character: what is seen would not be what is kept.
    #[error("control, bidirectional or zero-width character U+{0:04X}")]
    Invisible(u32),
}

/// A name or title: 1 to 500 characters in NFC, none of them control, bidirectional or zero-width.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text(String);

/// A code: a [`Text`] of at most 200 characters without leading or trailing blanks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Code(String);

const TEXT_CHARACTERS_MAX: usize = 500;
const CODE_CHARACTERS_MAX: usize = 200;

impl Text {
    /// Takes a text into NFC; refuses what cannot be seen.
    ///
    /// # Errors
    /// [`TextError`] for an empty or overlong text and for invisible characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        visible(text, TEXT_CHARACTERS_MAX).map(Self)
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Code {
    /// Takes a code into NFC, trimmed; refuses what cannot be seen.
    ///
    /// # Errors
    /// [`TextError`] for an empty or overlong code and for invisible characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        visible(text.trim(), CODE_CHARACTERS_MAX).map(Self)
    }

    /// The code itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a value of a text where the text lies; `Cow` would make a copy of it first.
pub(crate) fn from_text<'de, D: Deserializer<'de>, T, E: fmt::Display>(
    deserializer: D,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error> {
    struct Reader<F>(F);

    impl<T, E: fmt::Display, F: FnOnce(&str) -> Result<T, E>> Visitor<'_> for Reader<F> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<Other: serde::de::Error>(self, text: &str) -> Result<T, Other> {
            (self.0)(text).map_err(Other::custom)
        }
    }

    deserializer.deserialize_str(Reader(read))
}

fn visible(text: &str, characters_max: usize) -> Result<String, TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    // Nearly all text is such: to be seen, in NFC, and a byte is a character.
    if text.len() <= characters_max && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(text.to_owned());
    }
    if let Some(bad) = text.chars().find(|&c| is_invisible(c)) {
        return Err(TextError::Invisible(bad as u32));
    }
    let text = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        IsNormalized::No | IsNormalized::Maybe => text.nfc().collect(),
    };
    if text.chars().count() > characters_max {
        return Err(TextError::TooLong(characters_max));
    }
    Ok(text)
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

macro_rules! checked_text {
    ($($T:ident),*) => {
        $(
            impl fmt::Display for $T {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl FromStr for $T {
                type Err = TextError;

                fn from_str(text: &str) -> Result<Self, TextError> {
                    Self::parse(text)
                }
            }

            impl<'de> Deserialize<'de> for $T {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    from_text(deserializer, Self::parse)
                }
            }
        )*
    };
}

checked_text!(Text, Code);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_in_nfc() {
        assert_eq!(Text::parse("Zu\u{308}rich").unwrap().as_str(), "Z\u{fc}rich");
    }

    #[test]
    fn invisible_characters_are_refused() {
        for bad in ['\u{0}', '\n', '\u{7f}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}'] {
            let text = format!("a{bad}b");
            assert_eq!(Text::parse(&text), Err(TextError::Invisible(bad as u32)));
            assert_eq!(Code::parse(&text), Err(TextError::Invisible(bad as u32)));
        }
    }

    #[test]
    fn a_date_has_one_form_and_exists() {
        assert_eq!(date_of("2024-02-29"), Some(jiff::civil::date(2024, 2, 29)));
        for bad in ["2023-02-29", "2024-2-29", "20240229", "2024-02-29T00:00", "29.02.2024", ""] {
            assert_eq!(date_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn empty_and_overlong_texts_are_refused() {
        assert_eq!(Text::parse("  "), Err(TextError::Empty));
        assert_eq!(Code::parse(&"x".repeat(201)), Err(TextError::TooLong(200)));
        assert!(Text::parse(&"x".repeat(500)).is_ok());
        assert!(Text::parse(&"x".repeat(501)).is_err());
    }
}
