//! The index of names: what makes a search among many persons quick.
//!
//! For each name, former name and handle the file holds *tokens*: keyed hashes, eight bytes long,
//! of its whole words, of the beginnings of words (two to four characters), and of single
//! characters and pairs of them where a script has no words. A search intersects the tokens of
//! what was typed, then decrypts those few persons and looks whether they really match.
//!
//! The trade: who has the vault's file without the key sees which persons share a token, and how
//! many have the commonest ones, so that who knows how frequent names are may suspect a very
//! common one. No name can be tried without the key. Tokens are bound to nothing: who can write
//! to the file can hide somebody from a search, but not from a read by id.

use std::collections::{BTreeMap, BTreeSet};

use events::PersonId;
use rusqlite::{Connection, OptionalExtension};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::error::Trouble;
use super::keys::Keys;
use super::personal::{Field, Personal};

/// The fields that are searched.
pub(super) const SEARCHED: [Field; 3] = [Field::Handle, Field::Name, Field::FormerNames];

/// How long the beginnings of words are that have a token; a longer one is looked up by these.
const BEGINNING: std::ops::RangeInclusive<usize> = 2..=4;

/// Up to how many persons are counted to find the rarest token.
const RARE: i64 = 1_000;

/// A stretch of a text in its normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A word; in a search, whether it is typed to its end.
    Word { text: String, is_whole: bool },
    /// A run of characters of a script that has no words.
    Run(String),
}

/// What somebody searches for.
pub(super) struct Wanted(Vec<Part>);

impl Wanted {
    /// Reads what was typed: each word stands for itself, and the last one, while nothing follows
    /// it, for all that begin so. A single letter alone stands for itself.
    pub(super) fn parse(typed: &str) -> Self {
        let mut parts = parts(typed);
        let is_alone = parts.len() == 1;
        if let Some(Part::Word { text, is_whole }) = parts.last_mut() {
            let is_open = typed.chars().next_back().is_some_and(char::is_alphanumeric);
            let is_letter = text.chars().count() < *BEGINNING.start();
            *is_whole = !is_open || (is_alone && is_letter);
        }
        Self(parts)
    }

    /// Whether all of it occurs in one text.
    pub(super) fn takes(&self, text: &str) -> bool {
        let found = parts(text);
        let takes = |wanted: &Part| found.iter().any(|part| wanted.takes(part));
        !self.0.is_empty() && self.0.iter().all(takes)
    }

    /// The tokens that everybody has who matches.
    fn tokens(&self, keys: &Keys) -> BTreeSet<[u8; 8]> {
        let token = |(kind, text): (u8, String)| keys.name_token(kind, &text);
        self.0.iter().flat_map(Part::looked_up).map(token).collect()
    }
}

impl Part {
    fn takes(&self, part: &Self) -> bool {
        match (self, part) {
            (Self::Word { text, is_whole: true }, Self::Word { text: other, .. }) => text == other,
            (Self::Word { text, is_whole: false }, Self::Word { text: other, .. }) => {
                other.starts_with(text)
            }
            (Self::Run(text), Self::Run(other)) => other.contains(text),
            (Self::Word { .. }, Self::Run(_)) | (Self::Run(_), Self::Word { .. }) => false,
        }
    }

    /// What a text with this part is kept under.
    fn kept(&self) -> Vec<(u8, String)> {
        match self {
            Self::Word { text, .. } => {
                let length = text.chars().count();
                let lengths = BEGINNING.filter(|&size| size <= length);
                let beginnings = lengths.map(|size| (b'b', text.chars().take(size).collect()));
                beginnings.chain([(b'w', text.clone())]).collect()
            }
            Self::Run(text) => {
                let single = text.chars().map(|character| (b's', character.to_string()));
                single.chain(pairs(text)).collect()
            }
        }
    }

    /// What of this is looked up.
    fn looked_up(&self) -> Vec<(u8, String)> {
        match self {
            Self::Word { text, is_whole: true } => vec![(b'w', text.clone())],
            Self::Word { text, is_whole: false } => {
                let is_long = text.chars().count() >= *BEGINNING.start();
                let beginning = text.chars().take(*BEGINNING.end()).collect();
                is_long.then_some((b'b', beginning)).into_iter().collect()
            }
            Self::Run(text) => {
                let found: Vec<_> = pairs(text).collect();
                if found.is_empty() { vec![(b's', text.clone())] } else { found }
            }
        }
    }
}

fn pairs(text: &str) -> impl Iterator<Item = (u8, String)> {
    text.chars().zip(text.chars().skip(1)).map(|(one, next)| (b'p', [one, next].iter().collect()))
}

/// The words and runs of a text: NFKC, lower case, whatever stands between them left out.
fn parts(text: &str) -> Vec<Part> {
    let lower: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let mut parts: Vec<Part> = Vec::new();
    let mut is_open = false;
    for character in lower.chars() {
        let follows = std::mem::replace(&mut is_open, character.is_alphanumeric());
        if !is_open {
            continue;
        }
        match (is_wordless(character), parts.last_mut().filter(|_| follows)) {
            (true, Some(Part::Run(run))) => run.push(character),
            (false, Some(Part::Word { text, .. })) => text.push(character),
            (true, _) => parts.push(Part::Run(character.to_string())),
            (false, _) => parts.push(Part::Word { text: character.into(), is_whole: true }),
        }
    }
    parts
}

/// Whether a character is of a script that is written without gaps between words.
fn is_wordless(character: char) -> bool {
    matches!(
        u32::from(character),
        0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF
            | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF
    )
}

/// Keeps a person's tokens in place of those before.
pub(super) fn keep(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
    texts: &BTreeMap<Field, Personal<String>>,
) -> Result<(), Trouble> {
    forget(connection, keys, person)?;
    let searched = SEARCHED.iter().filter_map(|field| texts.get(field));
    let lines = searched.flat_map(|text| text.reveal().lines());
    let kept = lines.flat_map(parts).flat_map(|part| part.kept());
    let tokens: BTreeSet<[u8; 8]> = kept.map(|(kind, text)| keys.name_token(kind, &text)).collect();
    if tokens.is_empty() {
        return Ok(());
    }
    let (ledger, person) = (keys.ledger(), person.0.as_bytes());
    let sql = "INSERT INTO name_tokens (ledger, token, person) VALUES (?1, ?2, ?3)";
    let mut insert = connection.prepare_cached(sql)?;
    for token in &tokens {
        insert.execute((ledger, token, person))?;
    }
    let sql = "INSERT INTO tokens_of (ledger, person, tokens) VALUES (?1, ?2, ?3)";
    let tokens: Vec<u8> = tokens.into_iter().flatten().collect();
    connection.prepare_cached(sql)?.execute((ledger, person, tokens))?;
    Ok(())
}

/// Deletes a person's tokens: those that were kept, whatever would be kept today.
pub(super) fn forget(
    connection: &Connection,
    keys: &Keys,
    person: PersonId,
) -> Result<(), Trouble> {
    let place = (keys.ledger(), person.0.as_bytes());
    let sql = "SELECT tokens FROM tokens_of WHERE ledger = ?1 AND person = ?2";
    let tokens: Option<Vec<u8>> =
        connection.prepare_cached(sql)?.query_row(place, |row| row.get(0)).optional()?;
    let Some(tokens) = tokens else { return Ok(()) };
    let sql = "DELETE FROM name_tokens WHERE ledger = ?1 AND token = ?2 AND person = ?3";
    let mut delete = connection.prepare_cached(sql)?;
    for token in tokens.as_chunks::<8>().0 {
        delete.execute((place.0, token, place.1))?;
    }
    let sql = "DELETE FROM tokens_of WHERE ledger = ?1 AND person = ?2";
    connection.prepare_cached(sql)?.execute(place)?;
    Ok(())
}

/// Everybody who has all tokens of what is wanted, in the order of their ids: those who match, and
/// a few more.
pub(super) fn candidates(
    connection: &Connection,
    keys: &Keys,
    wanted: &Wanted,
) -> Result<Vec<PersonId>, Trouble> {
    let ledger = keys.ledger();
    let sql = "SELECT count(*) FROM
        (SELECT 1 FROM name_tokens WHERE ledger = ?1 AND token = ?2 LIMIT ?3)";
    let mut count = connection.prepare_cached(sql)?;
    let mut tokens = Vec::new();
    for token in wanted.tokens(keys) {
        let bearers: i64 = count.query_row((ledger, token, RARE), |row| row.get(0))?;
        tokens.push((bearers, token));
    }
    tokens.sort_unstable();
    let Some(((_, rarest), others)) = tokens.split_first() else { return Ok(Vec::new()) };
    let sql = "SELECT person FROM name_tokens WHERE ledger = ?1 AND token = ?2 ORDER BY person";
    let mut bearers = connection.prepare_cached(sql)?;
    let sql = "SELECT 1 FROM name_tokens WHERE ledger = ?1 AND token = ?2 AND person = ?3";
    let mut has = connection.prepare_cached(sql)?;
    let mut found = Vec::new();
    let mut rows = bearers.query((ledger, rarest))?;
    'bearers: while let Some(row) = rows.next()? {
        let person: [u8; 16] = row.get(0)?;
        for (_, token) in others {
            if !has.exists((ledger, token, person))? {
                continue 'bearers;
            }
        }
        found.push(PersonId(Uuid::from_bytes(person)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str, text: &str) -> bool {
        let wanted = Wanted::parse(typed);
        let kept: BTreeSet<_> = parts(text).iter().flat_map(Part::kept).collect();
        let looked_up: Vec<_> = wanted.0.iter().flat_map(Part::looked_up).collect();
        let takes = wanted.takes(text);
        let has_all = looked_up.iter().all(|token| kept.contains(token));
        assert!(has_all || !takes, "whoever matches has the tokens: {typed} in {text}");
        takes && !looked_up.is_empty()
    }

    #[test]
    fn words_are_found_from_their_beginning_in_any_order_and_case() {
        for typed in ["rosa berg", "ROSA", "Bergman", "rosa b", "ｒｏｓａ", "be"] {
            assert!(found(typed, "Rosa Bergmann"), "{typed}");
        }
        assert!(found("berg rosa", "Rosa Berg"));
        assert!(found("zoë", "Zoe\u{308} Strauß"), "the same however it is composed");
        for typed in ["ros berg", "osa", "rosa x", "-", "", "b", "bergma ", "anna"] {
            assert!(!found(typed, "Rosa Bergmann"), "{typed}");
        }
        assert!(found("b", "Rosa B. Mann"), "a letter alone is a word");
    }

    #[test]
    fn scripts_without_words_are_found_by_any_run() {
        for typed in ["王", "小明", "王小明", "明"] {
            assert!(found(typed, "王小明"), "{typed}");
        }
        for typed in ["王明", "小王", "李", "明小"] {
            assert!(!found(typed, "王小明"), "{typed}");
        }
        assert!(found("王 rosa", "Rosa王"));
    }
}
