//! The one catalogue of everything that people read, in each language. Codes and JSON keys are not
//! in it: they are never translated.
//!
//! A key is a word for a place (`headcount-title`) or a prefix and a code (`refused-code_taken`); a
//! message may have a `.hint`, the way out.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language in which Rollbook speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, unless another one is asked for.
    #[default]
    English,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: &'static [Self] = &[Self::English, Self::Chinese];

    /// Its code, as people ask for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language with a code, if Rollbook speaks it.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|language| language.code() == code)
    }

    /// The language of a locale like `zh_CN.UTF-8`, if Rollbook speaks it.
    #[must_use]
    pub fn of_locale(locale: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|language| locale.starts_with(language.code()))
    }

    /// Its texts, in Fluent's syntax.
    fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("messages/en.ftl"),
            Self::Chinese => include_str!("messages/zh.ftl"),
        }
    }
}

/// The parameters that are numbers, for plurals; all others are shown as they are.
const COUNTS: &[&str] = &[
    "count",
    "members",
    "children",
    "posts",
    "relations",
    "hosts",
    "days_max",
    "also",
    "lines",
    "bytes_max",
];

/// The texts of one language.
pub struct Messages {
    bundle: FluentBundle<FluentResource>,
}

/// A parameter of a message.
pub type Arg<'a> = (&'a str, FluentValue<'a>);

static ENGLISH: LazyLock<Messages> = LazyLock::new(|| Messages::read(Language::English));
static CHINESE: LazyLock<Messages> = LazyLock::new(|| Messages::read(Language::Chinese));

impl Messages {
    /// The texts in a language, read when they are first needed.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }

    fn read(language: Language) -> Self {
        // What a translator got wrong is left out here and found by the tests.
        let source = language.source().to_owned();
        let resource = FluentResource::try_new(source).unwrap_or_else(|(read, _)| read);
        let tag: LanguageIdentifier = language.code().parse().expect("a language tag");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }

    /// The text of a key. Characters that cannot be seen are written out.
    ///
    /// A key that is not there gives itself: a test sees to it that none is missing.
    #[must_use]
    pub fn text(&self, key: &str, args: &[Arg<'_>]) -> String {
        self.find(key, None, args).unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key without parameters.
    #[must_use]
    pub fn plain(&self, key: &str) -> String {
        self.text(key, &[])
    }

    /// The way out that a key offers, if it does.
    #[must_use]
    pub fn hint(&self, key: &str, args: &[Arg<'_>]) -> Option<String> {
        self.find(key, Some("hint"), args)
    }

    /// The text for a code: its prefix names the kind of code, and `args` are what came with it.
    #[must_use]
    pub fn coded(&self, prefix: &str, code: &str, args: &[(String, String)]) -> String {
        self.text(&format!("{prefix}-{code}"), &self.values(args))
    }

    /// What came with a code, as parameters: counts as numbers, and what is empty said so.
    #[must_use]
    pub fn values<'a>(&self, args: &'a [(String, String)]) -> Vec<Arg<'a>> {
        let value = |(name, value): &'a (String, String)| {
            let number = COUNTS.contains(&name.as_str()).then(|| value.parse::<u64>().ok());
            let value = match number.flatten() {
                Some(number) => number.into(),
                None if value.is_empty() => self.plain("nothing").into(),
                None => value.as_str().into(),
            };
            (name.as_str(), value)
        };
        args.iter().map(value).collect()
    }

    /// Whether there is a text for a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    fn find(&self, key: &str, attribute: Option<&str>, args: &[Arg<'_>]) -> Option<String> {
        let message = self.bundle.get_message(key)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, shown(value))).collect();
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
    }
}

fn shown<'a>(value: &FluentValue<'a>) -> FluentValue<'a> {
    if let FluentValue::String(text) = value
        && text.chars().any(is_invisible)
    {
        return visible(text).into();
    }
    value.clone()
}

/// A text in which characters that cannot be seen are written out: no name steers a terminal.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

fn is_invisible(c: char) -> bool {
    events::Code::parse(c.encode_utf8(&mut [0; 4])).is_err() && c != ' '
}

/// The keys of the catalogue, in the order in which a language has them.
pub fn keys(language: Language) -> impl Iterator<Item = &'static str> {
    let key = |line: &'static str| {
        let key = line.split_once(" =").map(|(key, _)| key)?;
        key.starts_with(|c: char| c.is_ascii_lowercase()).then_some(key)
    };
    language.source().lines().filter_map(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_well_formed() {
        for language in Language::ALL.iter().copied() {
            let (_, errors) = match FluentResource::try_new(language.source().to_owned()) {
                Ok(read) => (read, Vec::new()),
                Err(trouble) => trouble,
            };
            assert_eq!(errors, [], "{language:?}");
            let all: Vec<&str> = keys(language).collect();
            let mut distinct = all.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), all.len(), "a key stands twice in {language:?}");
        }
    }

    #[test]
    fn a_locale_names_a_language() {
        for locale in ["zh", "zh_CN.UTF-8", "zh-Hans"] {
            assert_eq!(Language::of_locale(locale), Some(Language::Chinese));
        }
        assert_eq!(Language::of_locale("en_GB"), Some(Language::English));
        for locale in ["C", "C.UTF-8", "de_DE.UTF-8", ""] {
            assert_eq!(Language::of_locale(locale), None);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(visible("a\u{202e}b\u{1b}[1m c"), "a\\u{202e}b\\u{1b}[1m c");
        let args = [("given", "x\u{200b}".into())];
        assert!(Messages::of(Language::English).text("error-no_ledger", &args).is_ascii());
    }
}
