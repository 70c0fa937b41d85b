//! The master key and what hangs from it. Keys and nonces come from the operating system and are
//! never seeded. None of the types here can be printed.
//!
//! ```text
//! master key (its own file)
//! ├── wrapping key ── data key of each person ── the person's fields
//! ├── handle key   ── hashes of (source, handle)
//! ├── number key   ── hashes of identity numbers
//! ├── token key    ── hashes of parts of names, for searching
//! └── check key    ── the header's proof that the master key is the right one
//! ```

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use events::{LedgerId, PersonId};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::error::{Flaw, Trouble, VaultError};
use super::personal::Field;
use crate::files::{private, sync_folder_of};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The key to everything; it lies in a file of its own, as hexadecimal digits.
pub(super) struct MasterKey([u8; KEY_BYTES]);

impl MasterKey {
    /// Reads the one that is there, or makes one; its file is durable when this returns.
    pub(super) fn read_or_create(path: &Path) -> Result<Self, VaultError> {
        match Self::read(path) {
            Err(VaultError::NoKey(_)) => {}
            Err(VaultError::MalformedKey(_)) if is_blank(path) => {}
            found => return found,
        }
        let key = random().map_err(|error| VaultError::failed(path, error))?;
        let made = Self::fill(path, &key).map_err(|error| VaultError::failed(path, error))?;
        if made { Ok(Self(key)) } else { Self::read(path) }
    }

    /// Writes a key into a file that is new, or that a crash left blank. `false`: somebody else,
    /// who makes a vault under the same key at this moment, was quicker.
    fn fill(path: &Path, key: &[u8; KEY_BYTES]) -> io::Result<bool> {
        let mut file = private().create(true).truncate(false).open(path)?;
        file.lock()?;
        if !is_blank(path) {
            return Ok(false);
        }
        let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        file.write_all(format!("{text}\n").as_bytes())?;
        file.sync_all()?;
        sync_folder_of(path)?;
        Ok(true)
    }

    /// Reads one from its file.
    pub(super) fn read(path: &Path) -> Result<Self, VaultError> {
        let place = || path.display().to_string();
        let bytes = fs::read(path).map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                return VaultError::NoKey(place());
            }
            VaultError::failed(path, error)
        })?;
        let text = std::str::from_utf8(&bytes).unwrap_or_default();
        parse_hex(text.trim()).map(Self).ok_or_else(|| VaultError::MalformedKey(place()))
    }
}

fn parse_hex(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    bytes.try_into().ok()
}

/// Whether nothing was ever written to a file: a crash cut its making short.
fn is_blank(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes.iter().all(|byte| *byte == 0))
}

/// The key of one person's fields. To destroy it is to erase the person.
pub(super) struct DataKey([u8; KEY_BYTES]);

impl DataKey {
    pub(super) fn fresh() -> Result<Self, Trouble> {
        Ok(Self(random()?))
    }
}

/// Which text a ciphertext stands for.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) person: PersonId,
    pub(super) field: Field,
    pub(super) version: u32,
}

/// The keys of one vault: the master key's children for one ledger.
pub(super) struct Keys {
    ledger: LedgerId,
    wrapping: XChaCha20Poly1305,
    handles: Hmac<Sha256>,
    check: Hmac<Sha256>,
    commitments: Hmac<Sha256>,
    numbers: Hmac<Sha256>,
    tokens: Hmac<Sha256>,
}

impl Keys {
    /// Derives the children. They differ between ledgers even under the same master key.
    pub(super) fn derive(master: &MasterKey, ledger: LedgerId) -> Self {
        let child = |label: &[u8]| -> [u8; KEY_BYTES] {
            let mut mac = keyed(&master.0);
            mac.update(&joined(&[b"rollbook/vault/1", label, ledger.0.as_bytes()]));
            mac.finalize().into_bytes().into()
        };
        Self {
            ledger,
            wrapping: XChaCha20Poly1305::new(&child(b"wrapping").into()),
            handles: keyed(&child(b"handles")),
            check: keyed(&child(b"check")),
            commitments: keyed(&child(b"commitments")),
            numbers: keyed(&child(b"identity numbers")),
            tokens: keyed(&child(b"name tokens")),
        }
    }

    /// The ledger to which they belong, as it stands in every row.
    pub(super) fn ledger(&self) -> &[u8; 16] {
        self.ledger.0.as_bytes()
    }

    /// What the vault's header keeps, so that a wrong key is found before anything is read.
    pub(super) fn check_value(&self) -> [u8; 32] {
        self.check.clone().finalize().into_bytes().into()
    }

    /// Whether a header's check value was made with these keys.
    pub(super) fn fits(&self, check_value: &[u8]) -> bool {
        self.check.clone().verify_slice(check_value).is_ok()
    }

    /// Stands for bytes outside the vault: the same for the same bytes, and nothing to guess by.
    pub(super) fn commitment(&self, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.commitments.clone();
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// Stands for a handle in the map to persons; nobody can guess it back without the key.
    pub(super) fn handle_hash(&self, source: &str, handle: &str) -> [u8; 16] {
        let mut mac = self.handles.clone();
        mac.update(&joined(&[source.as_bytes(), handle.as_bytes()]));
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        let (kept, _) = hash.split_at(16);
        kept.try_into().expect("half of 32 bytes is 16")
    }

    /// Stands for an identity number, however it is spaced: the same for the same number, and too
    /// short to tell for certain which number it was.
    pub(super) fn number_hash(&self, number: &str) -> [u8; 8] {
        let plain: String = number.chars().filter(|c| c.is_alphanumeric()).collect();
        let mut mac = self.numbers.clone();
        mac.update(plain.to_uppercase().as_bytes());
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        *hash.first_chunk().expect("32 bytes begin with 8")
    }

    /// Stands for a part of a name, of some kind of part, in the index of names.
    pub(super) fn name_token(&self, kind: u8, part: &str) -> [u8; 8] {
        let mut mac = self.tokens.clone();
        mac.update(&[kind]);
        mac.update(part.as_bytes());
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        *hash.first_chunk().expect("32 bytes begin with 8")
    }

    /// Wraps a person's key, bound to the version of every field that the person has: so no field
    /// can be taken away, or set back to an old version, without the others noticing.
    pub(super) fn wrap(
        &self,
        key: &DataKey,
        person: PersonId,
        versions: &[(Field, u32)],
    ) -> Result<Vec<u8>, Trouble> {
        seal(&self.wrapping, &self.key_data(person, versions), &key.0)
    }

    /// Opens what [`Keys::wrap`] wrapped.
    pub(super) fn unwrap_key(
        &self,
        wrapped: &[u8],
        person: PersonId,
        versions: &[(Field, u32)],
    ) -> Result<DataKey, Trouble> {
        open(&self.wrapping, &self.key_data(person, versions), wrapped)
            .and_then(|key| key.try_into().ok())
            .map(DataKey)
            .ok_or(Trouble::Flawed(Some(person), Flaw::Key))
    }

    /// Seals the text of a field.
    pub(super) fn seal(&self, key: &DataKey, slot: Slot, text: &str) -> Result<Vec<u8>, Trouble> {
        seal(&XChaCha20Poly1305::new(&key.0.into()), &self.field_data(slot), text.as_bytes())
    }

    /// Opens what [`Keys::seal`] sealed.
    pub(super) fn open(&self, key: &DataKey, slot: Slot, sealed: &[u8]) -> Result<String, Trouble> {
        open(&XChaCha20Poly1305::new(&key.0.into()), &self.field_data(slot), sealed)
            .and_then(|text| String::from_utf8(text).ok())
            .ok_or(Trouble::Flawed(Some(slot.person), Flaw::Sealed(slot.field.as_str())))
    }

    fn key_data(&self, person: PersonId, versions: &[(Field, u32)]) -> Vec<u8> {
        let mut data = joined(&[self.ledger(), person.0.as_bytes()]);
        for (field, version) in versions {
            data.extend(joined(&[field.as_str().as_bytes(), &version.to_be_bytes()]));
        }
        data
    }

    fn field_data(&self, Slot { person, field, version }: Slot) -> Vec<u8> {
        let field = field.as_str().as_bytes();
        joined(&[self.ledger(), person.0.as_bytes(), field, &version.to_be_bytes()])
    }
}

/// Each part after its length, so that different parts never give the same bytes.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
    for part in parts {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(*part);
    }
    bytes
}

fn keyed(key: &[u8; KEY_BYTES]) -> Hmac<Sha256> {
    <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// The nonce, then the ciphertext.
fn seal(cipher: &XChaCha20Poly1305, aad: &[u8], msg: &[u8]) -> Result<Vec<u8>, Trouble> {
    let nonce: [u8; NONCE_BYTES] = random()?;
    let sealed = cipher
        .encrypt(XNonce::from_slice(&nonce), Payload { msg, aad })
        .expect("a text in memory is shorter than the cipher's 256 GB");
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open(cipher: &XChaCha20Poly1305, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, msg) = sealed.split_at_checked(NONCE_BYTES)?;
    cipher.decrypt(XNonce::from_slice(nonce), Payload { msg, aad }).ok()
}

fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn keys(master: u8, ledger: u128) -> Keys {
        Keys::derive(&MasterKey([master; 32]), LedgerId(Uuid::from_u128(ledger)))
    }

    fn slot() -> Slot {
        Slot { person: PersonId(Uuid::from_u128(1)), field: Field::Name, version: 2 }
    }

    #[test]
    fn handle_hashes_differ_between_ledgers_keys_and_splits() {
        let hash = keys(1, 1).handle_hash("roll", "12");
        assert_eq!(hash, keys(1, 1).handle_hash("roll", "12"));
        assert_ne!(hash, keys(1, 2).handle_hash("roll", "12"));
        assert_ne!(hash, keys(2, 1).handle_hash("roll", "12"));
        assert_ne!(hash, keys(1, 1).handle_hash("rol", "l12"));
    }

    #[test]
    fn a_check_value_fits_only_its_own_key_and_ledger() {
        let check = keys(1, 1).check_value();
        assert!(keys(1, 1).fits(&check));
        assert!(!keys(2, 1).fits(&check));
        assert!(!keys(1, 2).fits(&check));
        assert!(!keys(1, 1).fits(&check[..31]));
    }

    #[test]
    fn a_field_opens_only_in_its_own_slot() {
        let (keys, key) = (keys(1, 1), DataKey::fresh().unwrap());
        let sealed = keys.seal(&key, slot(), "Rosa").unwrap();
        assert_eq!(keys.open(&key, slot(), &sealed).unwrap(), "Rosa");
        let elsewhere = [
            Slot { person: PersonId(Uuid::from_u128(2)), ..slot() },
            Slot { field: Field::Phone, ..slot() },
            Slot { version: 1, ..slot() },
        ];
        for slot in elsewhere {
            assert!(keys.open(&key, slot, &sealed).is_err());
        }
        let other_ledger = self::keys(1, 2);
        assert!(other_ledger.open(&key, slot(), &sealed).is_err());
        for bad in 0..sealed.len() {
            let mut sealed = sealed.clone();
            sealed[bad] ^= 1;
            assert!(keys.open(&key, slot(), &sealed).is_err());
        }
        assert!(keys.open(&key, slot(), &sealed[..20]).is_err());
    }

    #[test]
    fn a_wrapped_key_opens_only_with_its_versions() {
        let (keys, person) = (keys(1, 1), slot().person);
        let key = DataKey::fresh().unwrap();
        let versions = [(Field::Name, 2), (Field::Phone, 1)];
        let wrapped = keys.wrap(&key, person, &versions).unwrap();
        assert_eq!(keys.unwrap_key(&wrapped, person, &versions).ok().unwrap().0, key.0);
        assert!(keys.unwrap_key(&wrapped, person, &versions[..1]).is_err());
        let rolled_back = [(Field::Name, 1), (Field::Phone, 1)];
        assert!(keys.unwrap_key(&wrapped, person, &rolled_back).is_err());
    }

    #[test]
    fn the_same_text_is_never_sealed_twice_alike() {
        let (keys, key) = (keys(1, 1), DataKey::fresh().unwrap());
        assert_ne!(keys.seal(&key, slot(), "a").unwrap(), keys.seal(&key, slot(), "a").unwrap());
    }

    #[test]
    fn only_64_digits_are_a_key() {
        assert_eq!(parse_hex(&"Ff".repeat(32)), Some([255; 32]));
        for bad in ["", "ff", &"ff".repeat(33), &"g".repeat(64), &"f".repeat(63)] {
            assert_eq!(parse_hex(bad), None);
        }
    }
}
