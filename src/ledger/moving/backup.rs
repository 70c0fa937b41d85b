//! A backup: a directory that holds all of a ledger but the key of its vault.
//!
//! It holds the export of the events as they were at one moment, then the vault, and a manifest. A
//! name is in the vault before an event names the person, so a vault that is copied after the
//! events knows everybody whom they name. The key is left out on purpose: whoever finds a backup
//! reads no names.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use events::LedgerId;
use events::leaf::hexadecimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::lines::Summed;
use super::reading::Reading;
use super::{MoveError, Moved, export_to, import_events, vacant};
use crate::files::{beside, private, remove, settle};
use crate::ledger::Location;
use crate::ledger::verify::Verification;
use crate::store::Nature;
use crate::vault::{Vault, VaultError};

/// The format that is written today.
const FORMAT: &str = "rollbook backup 1";

const EVENTS: &str = "events.jsonl";
const VAULT: &str = "vault.db";
const MANIFEST: &str = "manifest.json";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    /// Whose backup it is.
    pub ledger: LedgerId,
    /// The last position in it.
    pub head: u64,
    /// The root of the tree over the leaves up to it, in hexadecimal.
    pub root: String,
    /// The files beside the manifest.
    pub files: Vec<KeptFile>,
    sum: String,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptFile {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

impl Summed for Manifest {
    fn sum(&mut self) -> &mut String {
        &mut self.sum
    }
}

impl Manifest {
    /// What was moved into it.
    #[must_use]
    pub fn moved(&self) -> Moved {
        Moved { ledger: self.ledger, events: self.head, root: self.root.clone() }
    }

    /// Whether the vault is in it.
    #[must_use]
    pub fn has_vault(&self) -> bool {
        self.files.iter().any(|file| file.name == VAULT)
    }

    fn read(directory: &Path) -> Result<Self, MoveError> {
        let path = directory.join(MANIFEST);
        let no_backup = || MoveError::NotABackup { path: directory.to_owned() };
        let bytes = fs::read(&path).map_err(|source| {
            let is_missing = source.kind() == io::ErrorKind::NotFound;
            let unreadable = MoveError::Unreadable { path: path.clone(), source };
            if is_missing { no_backup() } else { unreadable }
        })?;
        let is_ours = bytes.starts_with(format!(r#"{{"format":"{FORMAT}","#).as_bytes());
        let read = bytes.strip_suffix(b"\n").and_then(<Self as Summed>::read);
        match read.filter(|read| read.format == FORMAT) {
            Some(manifest) => Ok(manifest),
            None if is_ours => Err(MoveError::Line { path, line: 1 }),
            None => Err(no_backup()),
        }
    }

    /// Holds a file against what is said of it here.
    fn check(&self, directory: &Path, name: &str) -> Result<(), MoveError> {
        let path = directory.join(name);
        let said = self.files.iter().find(|file| file.name == name);
        match kept(directory, name) {
            Ok(found) if said == Some(&found) => Ok(()),
            Err(MoveError::Unreadable { source, .. })
                if source.kind() != io::ErrorKind::NotFound =>
            {
                Err(MoveError::Unreadable { path, source })
            }
            Ok(_) | Err(_) => Err(MoveError::OtherFile { path }),
        }
    }
}

/// Makes a backup of a ledger, as it is at one moment, in a new directory; others may record
/// meanwhile. `progress` hears how many events were written.
///
/// # Errors
/// [`MoveError::TargetExists`]; what is damaged, cannot be read or cannot be written. The directory
/// is there whole or not at all.
pub async fn backup(
    directory: &Path,
    location: &Location,
    nature: Arc<dyn Nature>,
    progress: impl FnMut(u64) + Send,
) -> Result<Manifest, MoveError> {
    // Without the slash at its end, so that a name can be put behind it.
    let directory: PathBuf = directory.components().collect();
    let target_exists = |path: &Path| MoveError::TargetExists { path: path.to_owned() };
    if fs::symlink_metadata(&directory).is_ok() {
        return Err(target_exists(&directory));
    }
    let draft = beside(&directory, ".new");
    clear(&draft);
    let unwritable = |source| MoveError::Unwritable { path: directory.clone(), source };
    fs::create_dir(&draft).map_err(|error| {
        let is_there = error.kind() == io::ErrorKind::AlreadyExists;
        if is_there { target_exists(&draft) } else { unwritable(error) }
    })?;
    let filled = fill(&draft, location, nature, progress).await;
    let done = filled.and_then(|manifest| {
        settle(&draft, &directory).map_err(unwritable)?;
        Ok(manifest)
    });
    if done.is_err() {
        clear(&draft);
    }
    done
}

/// Removes what an earlier try left, and nothing that is not of its making.
fn clear(draft: &Path) {
    for name in [EVENTS, VAULT, MANIFEST] {
        remove(&draft.join(name));
        remove(&beside(&draft.join(name), ".new"));
    }
    let _ = fs::remove_dir(draft);
}

async fn fill(
    draft: &Path,
    location: &Location,
    nature: Arc<dyn Nature>,
    progress: impl FnMut(u64) + Send,
) -> Result<Manifest, MoveError> {
    let Moved { ledger, events: head, root } =
        export_to(&draft.join(EVENTS), location, nature, progress).await?;
    let mut files = vec![kept(draft, EVENTS)?];
    if location.vault.exists() {
        Vault::copy(&location.vault, &draft.join(VAULT), ledger)?;
        files.push(kept(draft, VAULT)?);
    }
    let (format, sum) = (FORMAT.to_owned(), String::new());
    let manifest = Manifest { format, ledger, head, root, files, sum };
    let path = draft.join(MANIFEST);
    let written = || {
        let mut file = private().create_new(true).open(&path)?;
        file.write_all(&[&manifest.clone().sealed()[..], b"\n"].concat())?;
        file.sync_all()
    };
    written().map_err(|source| MoveError::Unwritable { path: path.clone(), source })?;
    Ok(manifest)
}

/// Makes a ledger and its vault of a backup in an empty place, and verifies them before it says so;
/// `progress` hears how many events were verified.
///
/// # Errors
/// What of the backup is not as it was written, with the first bad position; what is there already;
/// what keeps the ledger from being made. Nothing is left of it then.
pub async fn restore(
    directory: &Path,
    location: &Location,
    nature: Arc<dyn Nature>,
    progress: impl FnMut(u64) + Send,
) -> Result<(Manifest, Verification), MoveError> {
    let manifest = Manifest::read(directory)?;
    vacant(location)?;
    let events = directory.join(EVENTS);
    if let Err(other) = manifest.check(directory, EVENTS) {
        // The file itself knows best where it is damaged.
        Reading::open(&events)?.check()?;
        return Err(other);
    }
    if Reading::open(&events)?.heading().moved() != manifest.moved() {
        return Err(MoveError::OtherFile { path: events });
    }
    let mut placed = false;
    if manifest.has_vault() {
        manifest.check(directory, VAULT)?;
        placed = place(&directory.join(VAULT), location, manifest.ledger)?;
    }
    // The vault before the ledger, as when people are registered: there is no ledger without one.
    let done = import_events(&events, location, nature, progress).await;
    if done.is_err() && placed {
        remove(&location.vault);
    }
    let (_, found) = done?;
    Ok((manifest, found))
}

/// Puts the vault in its place and says so; `false` if an earlier try left the same one there. A
/// key that is there has to fit.
fn place(copy: &Path, location: &Location, ledger: LedgerId) -> Result<bool, MoveError> {
    let hashes = || Some((hash(copy).ok()?, hash(&location.vault).ok()?));
    let is_there = location.vault.exists();
    if is_there && hashes().is_none_or(|(copy, there)| copy != there) {
        return Err(VaultError::Exists(location.vault.display().to_string()).into());
    }
    if !is_there {
        Vault::place(copy, &location.vault, ledger)?;
    }
    if location.key.exists()
        && let Err(error) = Vault::open(&location.vault, &location.key, ledger)
    {
        if !is_there {
            remove(&location.vault);
        }
        return Err(error.into());
    }
    Ok(!is_there)
}

fn kept(directory: &Path, name: &str) -> Result<KeptFile, MoveError> {
    let path = directory.join(name);
    let hashed = hash(&path).map_err(|source| MoveError::Unreadable { path, source });
    let (bytes, sha256) = hashed?;
    Ok(KeptFile { name: name.to_owned(), bytes, sha256 })
}

/// The length of a file, and the SHA-256 of its content.
fn hash(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut hash, mut length) = (File::open(path)?, Sha256::new(), 0);
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok((length, hexadecimal(&hash.finalize())));
        }
        hash.update(&piece[..read]);
        length += read as u64;
    }
}
