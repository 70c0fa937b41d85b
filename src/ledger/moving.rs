//! The whole record, moved from one place to another as it is, whatever keeps it on either side.
//!
//! What is moved are the bytes that were recorded, with position, salt and leaf, and beside them
//! the receipts and how far imports have come. Everything else is made from these again. The vault
//! is not in it.

mod backup;
mod lines;
mod reading;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use events::leaf::{Frontier, hexadecimal};
use events::{LedgerId, Position};
use projections::TABLES;
use serde::Serialize;

use self::lines::{End, FORMAT, Heading, ImportLine, ReceiptLine, Summed, event_line};
use self::reading::Reading;
use super::rebuild::replace;
use super::verify::{Verification, verify};
use super::{Error, Location, Mode};
use crate::files::{beside, draft_of, private, remove, settle};
use crate::store::engine::At;
use crate::store::{Engine, Nature, Store, StoreError};
use crate::vault::VaultError;

pub use self::backup::{KeptFile, Manifest, backup, restore};

/// How many lines go together.
const BLOCK: usize = 1_000;

/// Why a record was not moved. What was begun is gone again.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is something where a file or directory was to be made.
    #[error("there is something at {path} already")]
    TargetExists {
        /// Where.
        path: PathBuf,
    },
    /// A file is something else, or of another version.
    #[error("{path} is no export of events")]
    NotAnExport {
        /// Which.
        path: PathBuf,
    },
    /// An export ends before its last line.
    #[error("{path} ends after line {lines}, before its end")]
    CutOff {
        /// Which.
        path: PathBuf,
        /// How many whole lines there are.
        lines: u64,
    },
    /// A line of an export is not as it was written.
    #[error("{path} is not as it was written, from line {line} on")]
    Line {
        /// Which.
        path: PathBuf,
        /// The first such line.
        line: u64,
    },
    /// An event of an export is not as it was recorded, or not the next.
    #[error("{path} is not as it was recorded, from position {position} on")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// The first such line.
        line: u64,
        /// The position that belongs there.
        position: Position,
    },
    /// A directory holds no backup, or one of another version.
    #[error("{path} is no backup")]
    NotABackup {
        /// Which.
        path: PathBuf,
    },
    /// A file of a backup is not the one that was written.
    #[error("{path} is not the file that was backed up")]
    OtherFile {
        /// Which.
        path: PathBuf,
    },
    /// The ledger on either side.
    #[error(transparent)]
    Ledger(#[from] Error),
}

impl From<StoreError> for MoveError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<VaultError> for MoveError {
    fn from(error: VaultError) -> Self {
        Self::Ledger(error.into())
    }
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Whose record it is.
    pub ledger: LedgerId,
    /// How many events: the last position.
    pub events: u64,
    /// The root of the tree over their leaves, in hexadecimal.
    pub root: String,
}

/// Writes the whole record as it is now; `progress` hears how many events were written.
///
/// # Errors
/// [`StoreError::Corrupt`], naming the first position at which an event is not as it was recorded;
/// what keeps the ledger from being read, or `out` from being written.
pub async fn export_events(
    location: &Location,
    nature: Arc<dyn Nature>,
    out: &mut (dyn Write + Send),
    mut progress: impl FnMut(u64) + Send,
) -> Result<Moved, MoveError> {
    let store = location.store().open(Mode::Read, nature).await?;
    let carried = store.carried().await?;
    let (ledger, head) = (store.ledger(), carried.head.position.0);
    if head == 0 {
        return Err(StoreError::NoLedger(location.path.display().to_string()).into());
    }
    let moved = Moved { ledger, events: head, root: hexadecimal(&carried.head.frontier.root()) };
    let unwritable = |source| MoveError::Unwritable { path: PathBuf::new(), source };
    let mut line = |bytes: Vec<u8>| {
        out.write_all(&bytes).and_then(|()| out.write_all(b"\n")).map_err(unwritable)
    };
    let (format, root, sum) = (FORMAT.to_owned(), moved.root.clone(), String::new());
    line(Heading { format, ledger, head, root, sum }.sealed())?;
    for kept in &carried.kept {
        line(ReceiptLine::of(kept).sealed())?;
    }
    for import in &carried.imports {
        line(ImportLine::of(import).sealed())?;
    }
    let (mut frontier, place) = (Frontier::default(), location.path.display().to_string());
    while frontier.size() < head {
        let size = frontier.size();
        let limit = usize::try_from(head - size).unwrap_or(BLOCK).min(BLOCK);
        let records = store.log(Position(size), limit).await?;
        let missing = records.is_empty().then(|| corrupt(&place, size + 1, "no event is here"));
        missing.map_or(Ok(()), Err)?;
        for record in records {
            let position = frontier.size() + 1;
            let checked = record.check(ledger).map_err(|error| corrupt(&place, position, error));
            checked?;
            let text = event_line(&record).filter(|_| record.position.0 == position);
            line(text.ok_or_else(|| corrupt(&place, position, "another event is here"))?)?;
            frontier.push(&record.leaf);
        }
        progress(frontier.size());
    }
    if frontier != carried.head.frontier {
        return Err(corrupt(&place, head, "the tree is not that of the leaves").into());
    }
    let (receipts, imports) = (carried.kept.len() as u64, carried.imports.len() as u64);
    let (root, sum) = (moved.root.clone(), String::new());
    line(End { end: ledger, events: head, receipts, imports, root, sum }.sealed())?;
    Ok(moved)
}

/// Writes the whole record as it is now into a new file, which is there whole or not at all.
///
/// # Errors
/// As [`export_events`]; [`MoveError::TargetExists`].
pub async fn export_to(
    path: &Path,
    location: &Location,
    nature: Arc<dyn Nature>,
    progress: impl FnMut(u64) + Send,
) -> Result<Moved, MoveError> {
    if std::fs::symlink_metadata(path).is_ok() {
        return Err(MoveError::TargetExists { path: path.to_owned() });
    }
    let draft = draft_of(path);
    let done = async {
        let unwritable = |source| MoveError::Unwritable { path: path.to_owned(), source };
        let file = private().create(true).truncate(true).open(&draft).map_err(unwritable)?;
        let mut out = io::BufWriter::new(file);
        let moved = export_events(location, nature, &mut out, progress).await?;
        out.flush().and_then(|()| settle(&draft, path)).map_err(unwritable)?;
        Ok(moved)
    };
    let done = done.await;
    if done.is_err() {
        remove(&draft);
    }
    done
}

fn corrupt(
    place: &str,
    position: u64,
    why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Corrupt { place: place.to_owned(), position: Some(position), source: why.into() }
}

/// Makes a ledger of an export in an empty place, and verifies it before it says so; `progress`
/// hears how many events were verified.
///
/// # Errors
/// What is wrong with the file, [`StoreError::Exists`], or what keeps the ledger from being made.
/// Nothing is left of it then.
pub async fn import_events(
    path: &Path,
    location: &Location,
    nature: Arc<dyn Nature>,
    progress: impl FnMut(u64) + Send,
) -> Result<(Moved, Verification), MoveError> {
    let reading = Reading::open(path)?;
    match &location.engine {
        Engine::Sqlite => import_beside(reading, location, nature, progress).await,
        #[cfg(feature = "postgres")]
        Engine::Postgres(_) => import_in_place(reading, location, nature, progress).await,
    }
}

/// Makes the file under another name and moves it to its place once it is verified.
async fn import_beside(
    reading: Reading,
    location: &Location,
    nature: Arc<dyn Nature>,
    progress: impl FnMut(u64) + Send,
) -> Result<(Moved, Verification), MoveError> {
    vacant(location)?;
    let draft = draft_of(&location.path);
    let at = At { engine: &location.engine, path: &draft };
    // What a crash left goes; what somebody is making just now does not.
    match at.open(Mode::WriteIfFree, nature.clone()).await {
        Err(busy @ StoreError::AnotherWriter(_)) => return Err(busy.into()),
        Err(_) => {}
        Ok(left) => drop(left),
    }
    remove(&draft);
    let done = async {
        let store = at.create(reading.heading().ledger, nature).await?;
        adopted(reading, location, store, progress).await
    };
    let done = done.await;
    let settled = done.and_then(|done| {
        vacant(location)?;
        // What is still in the log would stay behind.
        if std::fs::metadata(beside(&draft, "-wal")).is_ok_and(|log| log.len() > 0) {
            return Err(StoreError::Unconfirmed(location.path.display().to_string()).into());
        }
        let unwritable = |source| MoveError::Unwritable { path: location.path.clone(), source };
        settle(&draft, &location.path).map_err(unwritable)?;
        Ok(done)
    });
    remove(&draft);
    for lock in [".lock", ".rebuild.lock"] {
        let _ = std::fs::remove_file(beside(&draft, lock));
    }
    settled
}

/// Refuses a file where there is one, or a log without one.
fn vacant(location: &Location) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-journal"] {
        let path = beside(&location.path, suffix);
        if location.engine == Engine::Sqlite && std::fs::symlink_metadata(&path).is_ok() {
            return Err(StoreError::Exists(path.display().to_string()));
        }
    }
    Ok(())
}

/// Makes the ledger where it is to be, its record in one transaction.
#[cfg(feature = "postgres")]
async fn import_in_place(
    reading: Reading,
    location: &Location,
    nature: Arc<dyn Nature>,
    progress: impl FnMut(u64) + Send,
) -> Result<(Moved, Verification), MoveError> {
    let (at, ledger) = (location.store(), reading.heading().ledger);
    let store = match at.create(ledger, nature.clone()).await {
        Err(StoreError::Exists(place)) => {
            let there = at.open(Mode::Read, nature.clone()).await?;
            if there.head().await?.position != Position(0) {
                return Err(StoreError::Exists(place).into());
            }
            // Somebody began and did not finish.
            at.discard(there.ledger()).await?;
            at.create(ledger, nature).await?
        }
        created => created?,
    };
    let done = adopted(reading, location, store, progress).await;
    if done.is_err() {
        // Should it stay, the next one who founds or imports here finds it empty.
        let _ = at.discard(ledger).await;
    }
    done
}

/// Has the store that was made there take over what is read, builds its projections and verifies
/// all of it.
async fn adopted(
    reading: Reading,
    location: &Location,
    store: Arc<dyn Store>,
    progress: impl FnMut(u64) + Send,
) -> Result<(Moved, Verification), MoveError> {
    let (moved, outcome) = (reading.heading().moved(), reading.outcome());
    let adopted = store.adopt(Box::new(reading)).await;
    if let Some(error) = outcome.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(error);
    }
    adopted?;
    // To bring tables forward that are empty would take longer.
    replace(&store, TABLES.to_vec()).await?;
    let found = verify(&*store, progress).await?;
    if let Some(finding) = found.findings.first() {
        let position = finding.position.map(|position| position.0);
        let place = location.path.display().to_string();
        let source = finding.detail.clone().into();
        return Err(StoreError::Corrupt { place, position, source }.into());
    }
    Ok((moved, found))
}
