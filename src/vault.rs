//! The vault: the only place where anything personal lies, encrypted, in a file of its own. The
//! ledger knows random ids; the vault knows whose they are, and can forget it.
//!
//! Invariant: no plaintext reaches a file. Each person's fields are sealed under a key of that
//! person, which is wrapped by a master key that lies in a third file.
//! Invariant: nothing is decrypted for anybody before the read, with its purpose, is durably
//! recorded.
//! A search finds people by keyed hashes of parts of their names; `index.rs` says what those tell
//! to somebody who has the file and no key.
//! Invariant: after an erasure neither the key nor any row of the person is in the file.
//!
//! The vault and the ledger do not commit together. The vault is written first, so that no event
//! names a person whom the vault does not know; [`Vault::replace`] frees the handle of somebody
//! whom no event came to name.

mod error;
mod file;
mod index;
mod keys;
mod personal;
mod persons;
mod reads;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

use events::{LedgerId, PersonId};

use file::File;
use index::Wanted;
use keys::{Keys, MasterKey};
use persons::Found;

pub use error::VaultError;
pub use personal::{Field, Personal};
pub use persons::{KnownAs, NewPerson};
pub use reads::{Reader, RecordedRead};

/// The vault of one ledger, open. Several may have it open; SQLite lets one write at a time.
pub struct Vault {
    file: File,
    keys: Keys,
}

/// What a read learns of a person whom the vault knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Those of the fields asked for that the person has.
    Fields(BTreeMap<Field, Personal<String>>),
    /// The person was erased: there is nothing left to read.
    Erased,
}

impl Vault {
    /// Makes a vault and, unless there is one already, its master key, each in a file that only
    /// its owner may open. A crash leaves each of them whole or not there.
    ///
    /// # Errors
    /// [`VaultError::Exists`] if the vault does; [`VaultError::MalformedKey`] if something else is
    /// in the key's place; otherwise what keeps them from being written.
    pub fn create(vault: &Path, key: &Path, ledger: LedgerId) -> Result<Self, VaultError> {
        if vault.try_exists().map_err(|error| VaultError::failed(vault, error))? {
            return Err(VaultError::Exists(vault.display().to_string()));
        }
        // The key first: a vault whose key never reached the disk could not be opened again.
        let keys = Keys::derive(&MasterKey::read_or_create(key)?, ledger);
        let file = File::create(vault, &keys)?;
        Ok(Self { file, keys })
    }

    /// Opens the vault of a ledger.
    ///
    /// # Errors
    /// What is missing, or does not belong together: [`VaultError::NoVault`],
    /// [`VaultError::NoKey`], [`VaultError::OtherLedger`], [`VaultError::WrongKey`] and the like.
    pub fn open(vault: &Path, key: &Path, ledger: LedgerId) -> Result<Self, VaultError> {
        if !vault.try_exists().map_err(|error| VaultError::failed(vault, error))? {
            return Err(VaultError::NoVault(vault.display().to_string()));
        }
        let (file, keys) = File::open(vault, &MasterKey::read(key)?, ledger)?;
        Ok(Self { file, keys })
    }

    /// Writes the vault of a ledger, as it is at one moment, into a new file that only its owner
    /// may open. Others may be using it, and nobody needs the key.
    ///
    /// # Errors
    /// What is there instead of that ledger's vault, or what keeps the file from being written.
    pub fn copy(vault: &Path, to: &Path, ledger: LedgerId) -> Result<(), VaultError> {
        File::copy(vault, to, ledger)
    }

    /// Puts such a copy in the place of a vault that is not there.
    ///
    /// # Errors
    /// [`VaultError::Exists`]; what the copy is instead, or what keeps it from being written.
    pub fn place(copy: &Path, vault: &Path, ledger: LedgerId) -> Result<(), VaultError> {
        if vault.try_exists().map_err(|error| VaultError::failed(vault, error))? {
            return Err(VaultError::Exists(vault.display().to_string()));
        }
        File::place_copy(copy, vault, ledger)
    }

    /// Stands for personal bytes outside the vault: the same for the same bytes, while nobody
    /// without the key can find them by trying.
    #[must_use]
    pub fn commitment(&self, bytes: &[u8]) -> [u8; 32] {
        self.keys.commitment(bytes)
    }

    /// The persons whom a source knows by these handles, in the order asked. For imports, which
    /// bring the handles and show nobody the answer; what a human asks goes to [`Vault::resolve`].
    ///
    /// # Errors
    /// What keeps the vault from being read.
    pub fn persons_of(
        &self,
        source: &str,
        handles: &[&str],
    ) -> Result<Vec<Option<PersonId>>, VaultError> {
        self.file.read(|connection| {
            let find = |handle: &&str| persons::by_handle(connection, &self.keys, source, handle);
            handles.iter().map(find).collect()
        })
    }

    /// The person whom a source knows by a handle: [`Vault::persons_of`] for one.
    ///
    /// # Errors
    /// What keeps the vault from being read.
    pub fn person_of(&self, source: &str, handle: &str) -> Result<Option<PersonId>, VaultError> {
        self.file.read(|connection| persons::by_handle(connection, &self.keys, source, handle))
    }

    /// Everyone who was not erased, in the order of their ids.
    ///
    /// # Errors
    /// What keeps the vault from being read.
    pub fn persons(&self) -> Result<Vec<PersonId>, VaultError> {
        self.file.read(|connection| persons::list(connection, &self.keys))
    }

    /// Puts new persons in, all or none; they are durable when this returns.
    ///
    /// # Errors
    /// [`VaultError::AlreadyKnown`], [`VaultError::HandleTaken`]; [`VaultError::HandleFixed`] for
    /// a handle among the fields; otherwise what keeps the vault from being written.
    pub fn put(&mut self, people: &[NewPerson]) -> Result<(), VaultError> {
        self.file.write(|connection| {
            people.iter().try_for_each(|new| persons::put(connection, &self.keys, new))
        })
    }

    /// Puts new persons in the place of somebody whom no event came to name, all or nothing: no
    /// moment has neither, whoever is killed.
    ///
    /// # Errors
    /// As [`Vault::put`].
    pub fn replace(&mut self, orphan: PersonId, people: &[NewPerson]) -> Result<(), VaultError> {
        self.file.write(|connection| {
            persons::remove(connection, &self.keys, orphan)?;
            people.iter().try_for_each(|new| persons::put(connection, &self.keys, new))
        })?;
        self.file.scrub()
    }

    /// Sets a field anew; the text before is deleted, though the write-ahead file may hold its
    /// ciphertext until it is next emptied.
    ///
    /// # Errors
    /// [`VaultError::Unknown`], [`VaultError::Erased`]; [`VaultError::HandleFixed`] for the
    /// handle; otherwise what keeps the vault from being written.
    pub fn set_field(
        &mut self,
        person: PersonId,
        field: Field,
        text: &Personal<String>,
    ) -> Result<(), VaultError> {
        self.file.write(|connection| persons::set(connection, &self.keys, person, field, text))
    }

    /// Gives a person another name; the one before is kept among the former names.
    ///
    /// # Errors
    /// As [`Vault::set_field`].
    pub fn rename(&mut self, person: PersonId, name: &Personal<String>) -> Result<(), VaultError> {
        self.file.write(|connection| persons::rename(connection, &self.keys, person, name))
    }

    /// The others who have the identity number of a person, by its keyed hash. Nothing is
    /// decrypted; a hash is short, so that rarely somebody else is among them.
    ///
    /// # Errors
    /// What keeps the vault from being read.
    pub fn doubles(&self, person: PersonId) -> Result<Vec<PersonId>, VaultError> {
        self.file.read(|connection| persons::doubles(connection, &self.keys, person))
    }

    /// The persons in whose name, former name or handle all words of a text occur, the last one as
    /// the beginning of a word, whatever the case; of a script without words, each run of it. That
    /// there was a search is recorded before anything is decrypted, and whom it found before they
    /// are told.
    ///
    /// # Errors
    /// As [`Vault::read`].
    pub fn search(&self, reader: &Reader, text: &str) -> Result<Vec<PersonId>, VaultError> {
        let fields = index::SEARCHED;
        reads::record(&self.file, &self.keys, reader, &[], &fields)?;
        let wanted = Wanted::parse(text);
        let found =
            self.file.read(|connection| persons::search(connection, &self.keys, &wanted))?;
        if !found.is_empty() {
            reads::record(&self.file, &self.keys, reader, &found, &fields)?;
        }
        Ok(found)
    }

    /// Records the read, then decrypts these fields of these persons. Whom the vault does not
    /// know is not in the answer.
    ///
    /// # Errors
    /// [`VaultError::NoPurpose`]; what keeps the read from being recorded; [`VaultError::Corrupt`]
    /// if anything asked for is not what was written. Nothing is answered then.
    pub fn read(
        &self,
        reader: &Reader,
        persons: &[PersonId],
        fields: &[Field],
    ) -> Result<HashMap<PersonId, Answer>, VaultError> {
        reads::record(&self.file, &self.keys, reader, persons, fields)?;
        self.file.read(|connection| {
            let mut answers = HashMap::with_capacity(persons.len());
            for &person in persons {
                let answer = match persons::find(connection, &self.keys, person)? {
                    Some(Found::Opened(opened)) => {
                        Answer::Fields(opened.reveal(&self.keys, person, fields)?)
                    }
                    Some(Found::Erased) => Answer::Erased,
                    None => continue,
                };
                answers.insert(person, answer);
            }
            Ok(answers)
        })
    }

    /// The person whom a source knows by a handle that somebody typed; recorded as a read of the
    /// handle, also when there is no such person.
    ///
    /// # Errors
    /// [`VaultError::NoPurpose`]; what keeps the read from being recorded.
    pub fn resolve(
        &self,
        reader: &Reader,
        source: &str,
        handle: &str,
    ) -> Result<Option<PersonId>, VaultError> {
        let found = self.person_of(source, handle)?;
        reads::record(&self.file, &self.keys, reader, found.as_slice(), &[Field::Handle])?;
        Ok(found)
    }

    /// The last `limit` reads, the latest first.
    ///
    /// # Errors
    /// What keeps the vault from being read.
    pub fn reads(&self, limit: usize) -> Result<Vec<RecordedRead>, VaultError> {
        reads::list(&self.file, &self.keys, limit)
    }

    /// Erases persons for ever, all or none, out of the write-ahead file too. What remains is that
    /// they were erased. To erase again, or somebody unknown, is no error.
    ///
    /// # Errors
    /// [`VaultError::Lingers`] if they are erased but traces may remain: erase again; otherwise
    /// what keeps the vault from being written.
    pub fn erase(&mut self, people: &[PersonId]) -> Result<(), VaultError> {
        self.file.write(|connection| {
            people.iter().try_for_each(|&person| persons::erase(connection, &self.keys, person))
        })?;
        self.file.scrub()
    }
}

/// Shows where it lies and nothing of its keys.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("place", &self.file.place()).finish_non_exhaustive()
    }
}
