//! Files that are there whole or not at all, whatever happens while they are made.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What SQLite may leave beside a database.
const TRACES: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Builds a file beside its place under another name and, once it is on the disk, moves it there.
/// What an earlier crash left under that name goes first; if it cannot go, building says why.
pub(crate) fn make_whole<E: From<io::Error>>(
    path: &Path,
    build: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let draft = draft_of(path);
    remove(&draft);
    let made = build(&draft).and_then(|()| Ok(settle(&draft, path)?));
    if made.is_err() {
        remove(&draft);
    }
    made
}

/// The name under which a file is built.
pub(crate) fn draft_of(path: &Path) -> PathBuf {
    beside(path, ".new")
}

/// Moves what was built to its place once it is on the disk.
pub(crate) fn settle(draft: &Path, path: &Path) -> io::Result<()> {
    File::open(draft)?.sync_all()?;
    fs::rename(draft, path)?;
    sync_folder_of(path)
}

/// Removes a database and what SQLite may leave beside it, as far as it is there.
pub(crate) fn remove(database: &Path) {
    for trace in TRACES {
        let _ = fs::remove_file(beside(database, trace));
    }
}

/// Writes a file again as it is read, and makes it durable. After a sync that failed the system may
/// take for written what is in memory alone, and no later sync would write it.
pub(crate) fn write_again(path: &Path) -> io::Result<()> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let (mut block, mut at) = (vec![0; 1 << 16], 0);
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return file.sync_all();
        }
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&block[..count])?;
        at += count as u64;
    }
}

/// How a file is opened that only its owner may open, when it is made.
pub(crate) fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a file's place in its directory durable.
#[cfg(unix)]
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Makes a file's place in its directory durable.
#[cfg(not(unix))]
pub(crate) fn sync_folder_of(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The path with this behind it.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
