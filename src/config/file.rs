//! The file of settings: TOML, one text for each key.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

/// The keys that the file may have.
pub const KEYS: &[&str] = &["key", "lang", "ledger", "log", "vault"];

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct File {
    entries: BTreeMap<String, Entry>,
}

/// A text, and the line on which its key stands, counted from 1.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) line: usize,
}

/// Why the file could not be read as what it should be.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read at all.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is not TOML.
    #[error("{path}, line {line}: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the reader of TOML said.
        why: String,
    },
    /// There is no such setting.
    #[error("{path}, line {line}: there is no setting {key}")]
    KeyUnknown {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The key.
        key: String,
    },
    /// A setting is a text, and this is none.
    #[error("{path}, line {line}: {key} is no text")]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The key.
        key: String,
    },
}

impl File {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, is not TOML, or says something that is no setting.
    pub(super) fn read(path: &Path) -> Result<Self, FileError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| FileError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, FileError> {
        let line_at = |byte: usize| 1 + text[..byte].matches('\n').count();
        let table = DeTable::parse(text).map_err(|error| FileError::Malformed {
            path: path.to_owned(),
            line: line_at(error.span().map_or(0, |span| span.start)),
            why: error.message().to_owned(),
        })?;
        let mut entries = BTreeMap::new();
        for (key, value) in table.get_ref() {
            let (path, line) = (path.to_owned(), line_at(key.span().start));
            let key = key.get_ref().to_string();
            if !KEYS.contains(&key.as_str()) {
                return Err(FileError::KeyUnknown { path, line, key });
            }
            let Some(text) = value.get_ref().as_str() else {
                return Err(FileError::NotText { path, line, key });
            };
            entries.insert(key, Entry { text: text.to_owned(), line });
        }
        Ok(Self { entries })
    }

    /// What it says for a key.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<File, FileError> {
        File::parse(Path::new("config.toml"), text)
    }

    #[test]
    fn a_text_for_each_key() {
        let file = parse("# mine\nledger = \"sqlite:a.db\"\nlang = 'zh'\n").unwrap();
        assert_eq!(file.get("ledger").map(|entry| entry.line), Some(2));
        assert_eq!(file.get("lang").map(|entry| entry.text.as_str()), Some("zh"));
        assert!(file.get("key").is_none());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let malformed = parse("lang = \"zh\"\nledger = sqlite\n").unwrap_err();
        assert!(matches!(malformed, FileError::Malformed { line: 2, .. }), "{malformed:?}");
        let unknown = parse("\n\npurpose = \"x\"\n").unwrap_err();
        assert!(matches!(unknown, FileError::KeyUnknown { line: 3, .. }), "{unknown:?}");
        let number = parse("ledger = 3").unwrap_err();
        assert!(matches!(number, FileError::NotText { line: 1, .. }), "{number:?}");
    }
}
