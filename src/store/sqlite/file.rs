//! The file: where it lies, whether it is a ledger at all, and who may write to it.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use events::LedgerId;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};

use super::fault::{Fault, store_error};
use super::schema::{self, Synchronous};
use crate::files::{beside, make_whole, sync_folder_of, write_again};
use crate::store::StoreError;
use crate::store::seeded::{Fault as Bug, planted};

/// How long a statement waits for somebody else's lock: an analyst's tool, a backup.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// How long a writer waits for somebody else's transaction: a rebuild puts large tables in place.
pub(super) const WRITER_BUSY_WAIT: Duration = Duration::from_secs(60);

/// How long one writer waits for another to end: for a command, or a reader that catches up.
pub(super) const WRITER_WAIT: Duration = Duration::from_secs(3);

/// What is wrong with a file of a program that was never released.
const BEFORE_RELEASE: &str = "its schema is of before the first release; the program that made it \
    can export its events, and this one imports them";

/// How often it looks whether the other one has ended.
const WRITER_LOOKS: Duration = Duration::from_millis(10);

/// More than the distinct statements that one connection ever prepares in its daily work.
const STATEMENTS_MAX: usize = 64;

/// The right to write, for as long as it is held.
///
/// It is a file of its own: to close any descriptor of the database file would drop the locks that
/// SQLite holds on it for the whole process.
#[derive(Debug)]
pub(super) struct WriteLock {
    _file: File,
}

/// How readers have to open the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// As one of many who share it.
    Shared,
    /// As one who cannot even leave a lock beside it, because nothing there can be written.
    Immutable,
}

/// Makes an empty ledger; a crash leaves either none or a whole one.
pub(super) fn create(path: &Path, ledger: LedgerId) -> Result<WriteLock, StoreError> {
    refuse_existing(path)?;
    let lock = lock(path, WRITER_WAIT)?;
    refuse_existing(path)?;
    if planted(Bug::FoundedInPlace) {
        build(path, ledger).map_err(|fault| store_error(&place(path), fault))?;
        return Ok(lock);
    }
    make_whole(path, |draft| build(draft, ledger)).map_err(|f| store_error(&place(path), f))?;
    Ok(lock)
}

/// A log without its database is somebody's last commits, and SQLite would mix it into a new file.
fn refuse_existing(path: &Path) -> Result<(), StoreError> {
    for path in [path.to_owned(), beside(path, "-wal"), beside(path, "-journal")] {
        if fs::symlink_metadata(&path).is_ok() {
            return Err(StoreError::Exists(place(&path)));
        }
    }
    Ok(())
}

fn build(draft: &Path, ledger: LedgerId) -> Result<(), Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut conn = Connection::open_with_flags(draft, flags)?;
    schema::create(&mut conn, ledger)?;
    Ok(conn.close().map_err(|(_, error)| error)?)
}

/// Takes the right to write, and waits for it so long.
fn lock(path: &Path, wait: Duration) -> Result<WriteLock, StoreError> {
    let began = Instant::now();
    let failed = |error: io::Error| store_error(&place(path), Fault::from(error));
    let file = File::options().create(true).truncate(false).write(true).open(beside(path, ".lock"));
    let file = file.map_err(failed)?;
    if planted(Bug::LockNotTaken) {
        return Ok(WriteLock { _file: file });
    }
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(WriteLock { _file: file }),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) if began.elapsed() >= wait => {
                return Err(StoreError::AnotherWriter(place(path)));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(WRITER_LOOKS),
        }
    }
}

/// Opens an existing ledger for its one writer, who waits so long for another one to end.
pub(super) fn open_writer(
    path: &Path,
    wait: Duration,
) -> Result<(Connection, WriteLock), StoreError> {
    let conn = open_writable(path)?;
    let lock = lock(path, wait)?;
    prepare_writer(&conn, path).map_err(|fault| store_error(&place(path), fault))?;
    Ok((conn, lock))
}

/// Opens an existing ledger to put rebuilt tables in place; one process at a time, and beside the
/// one that records.
pub(super) fn open_workshop(path: &Path) -> Result<(Connection, WriteLock), StoreError> {
    let conn = open_writable(path)?;
    let lock = lock(&draft(path), Duration::ZERO);
    if let Err(StoreError::AnotherWriter(_)) = lock {
        return Err(StoreError::AnotherRebuild(place(path)));
    }
    let lock = lock?;
    prepare_writer(&conn, path).map_err(|fault| store_error(&place(path), fault))?;
    Ok((conn, lock))
}

/// Opens an existing ledger to fold its log in, beside the one that writes it.
pub(super) fn open_folder(path: &Path) -> Result<Connection, StoreError> {
    let conn = open_writable(path)?;
    let ready = prepare(&conn).and_then(|()| schema::set_synchronous(&conn, Synchronous::Normal));
    ready.map_err(|fault| store_error(&place(path), fault))?;
    Ok(conn)
}

/// The file in which tables are rebuilt.
pub(super) fn draft(path: &Path) -> PathBuf {
    beside(path, ".rebuild")
}

/// The folder in which rebuilt tables lie until they are copied.
pub(super) fn draft_folder(path: &Path) -> PathBuf {
    beside(path, ".rebuild.d")
}

/// Opens an existing ledger that can be written, and is one that this program understands.
fn open_writable(path: &Path) -> Result<Connection, StoreError> {
    let found = find(path)?;
    if found.permissions().readonly() {
        return Err(StoreError::ReadOnly(place(path)));
    }
    // Under each of its names a file has another lock and another log: two would write at once.
    if names(&found) > 1 {
        return Err(StoreError::ManyNames(place(path)));
    }
    let failed = |fault: Fault| store_error(&place(path), fault);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|error| failed(error.into()))?;
    // SQLite opens what it cannot write for reading, and finds out later about the folder.
    let folder_is_read_only =
        || application_id(&conn).is_err_and(|fault| fault.has_code(&[ffi::SQLITE_CANTOPEN]));
    if conn.is_readonly(rusqlite::MAIN_DB).unwrap_or(true) || folder_is_read_only() {
        return Err(StoreError::ReadOnly(place(path)));
    }
    // Nothing is written, not even a lock file, before it is known to be a ledger.
    identify(&conn, path)?;
    Ok(conn)
}

fn prepare_writer(conn: &Connection, path: &Path) -> Result<(), Fault> {
    prepare(conn)?;
    conn.busy_timeout(WRITER_BUSY_WAIT)?;
    schema::set_durable(conn)?;
    // The log is there now, or was. SQLite syncs its name too, but takes no notice if that fails.
    sync_folder_of(path)?;
    renew_log(conn, path)?;
    // Large enough for the trees' upper levels, and no larger: after a commit that split a page
    // SQLite goes through its whole cache.
    conn.pragma_update(None, "cache_size", -16_384)?;
    conn.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    Ok(())
}

/// What the last writer left in the log is what the next one appends to, so it has to be on the
/// disk, even if that writer's last sync failed.
fn renew_log(conn: &Connection, path: &Path) -> Result<(), Fault> {
    if !has_log(path) {
        return Ok(());
    }
    // Tables may be put in place beside us.
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let renewed = write_again(&beside(path, "-wal"));
    conn.execute_batch("ROLLBACK")?;
    Ok(renewed?)
}

/// Finds out how readers have to open the ledger, and gives the first of them a connection.
pub(super) fn open_first_reader(path: &Path) -> Result<(Connection, Reach), StoreError> {
    find(path)?;
    let shared = open_reader(path, Reach::Shared).and_then(|conn| {
        application_id(&conn)?;
        Ok(conn)
    });
    let cannot_share =
        |fault: &Fault| fault.has_code(&[ffi::SQLITE_CANTOPEN, ffi::SQLITE_READONLY]);
    let (conn, reach) = match shared {
        Err(fault) if cannot_share(&fault) && !has_log(path) => {
            let conn = open_reader(path, Reach::Immutable);
            (conn.map_err(|fault| store_error(&place(path), fault))?, Reach::Immutable)
        }
        // What else is wrong with the file, `identify` names.
        Err(_) => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
            let conn = Connection::open_with_flags(path, flags);
            (conn.map_err(|error| store_error(&place(path), Fault::from(error)))?, Reach::Shared)
        }
        Ok(conn) => (conn, Reach::Shared),
    };
    identify(&conn, path)?;
    Ok((conn, reach))
}

/// Opens a connection that can only read.
pub(super) fn open_reader(path: &Path, reach: Reach) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = match reach {
        Reach::Shared => Connection::open_with_flags(path, flags)?,
        Reach::Immutable => {
            Connection::open_with_flags(immutable(path), flags | OpenFlags::SQLITE_OPEN_URI)?
        }
    };
    prepare(&conn)?;
    conn.pragma_update(None, "query_only", true)?;
    // Only the writer folds the log into the database.
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(conn)
}

fn prepare(conn: &Connection) -> Result<(), Fault> {
    conn.busy_timeout(BUSY_WAIT)?;
    // Otherwise SQLite prepares a statement again whenever other values are bound to it.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(())
}

/// Whether there is a file at all. It is looked at, never opened: see [`WriteLock`].
fn find(path: &Path) -> Result<fs::Metadata, StoreError> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(found),
        Ok(_) => Err(StoreError::NotALedger(place(path))),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(StoreError::Failed { place: place(path), source: Box::new(error) })
        }
        Err(_) => Err(StoreError::NoLedger(place(path))),
    }
}

/// How many names a file has.
#[cfg(unix)]
fn names(found: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(found)
}

#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}

fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Whether the file is a ledger, and one that this program understands.
fn identify(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let id = application_id(conn).map_err(|fault| {
        if fault.has_code(&[ffi::SQLITE_NOTADB]) {
            StoreError::NotALedger(place(path))
        } else {
            store_error(&place(path), fault)
        }
    })?;
    if id != schema::APPLICATION_ID {
        return Err(StoreError::NotALedger(place(path)));
    }
    let found: i64 = conn
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| store_error(&place(path), Fault::from(error)))?;
    if found > schema::VERSION {
        let known = schema::VERSION;
        return Err(StoreError::NewerSchema { place: place(path), found, known });
    }
    if found < schema::VERSION {
        let fault = Fault::Damaged { position: None, what: BEFORE_RELEASE };
        return Err(store_error(&place(path), fault));
    }
    Ok(())
}

fn application_id(conn: &Connection) -> Result<i64, Fault> {
    Ok(conn.pragma_query_value(None, "application_id", |row| row.get(0))?)
}

/// The file as a URI that promises SQLite that nobody writes to it.
pub(super) fn immutable(path: &Path) -> PathBuf {
    let mut uri = OsString::from("file:");
    for part in path.to_string_lossy().chars() {
        match part {
            '%' => uri.push("%25"),
            '?' => uri.push("%3f"),
            '#' => uri.push("%23"),
            other => uri.push(other.to_string()),
        }
    }
    uri.push("?immutable=1");
    uri.into()
}

/// The path as people read it.
pub(super) fn place(path: &Path) -> String {
    path.display().to_string()
}
