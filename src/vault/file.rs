//! The SQLite file: how it is made and opened, and its transactions.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::time::Duration;

use events::LedgerId;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use uuid::Uuid;

use super::error::{Flaw, Trouble, VaultError};
use super::keys::{Keys, MasterKey};
use super::persons;
use crate::files::{beside, make_whole, private, sync_folder_of, write_again};

/// "RBKV".
const APPLICATION_ID: i64 = 0x5242_4B56;
const SCHEMA_VERSION: i64 = 3;
const BUSY_WAIT: Duration = Duration::from_secs(5);

// Random ids touch pages all over the file: an import is a third quicker when SQLite neither
// reads them again nor carries them over from the write-ahead file after each batch.
const CACHE_KIB: i64 = 64 * 1024;
const CHECKPOINT_PAGES: i64 = 16 * 1024;

/// `sealed` and `wrapped_key` are a nonce and a ciphertext. A person without a wrapped key was
/// erased. The triggers keep the log of reads whole even from ourselves.
const SCHEMA: &str = "
    CREATE TABLE header (
        ledger      BLOB NOT NULL PRIMARY KEY,
        check_value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE persons (
        ledger      BLOB NOT NULL,
        person      BLOB NOT NULL,
        wrapped_key BLOB,
        PRIMARY KEY (ledger, person)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE fields (
        ledger      BLOB NOT NULL,
        person      BLOB NOT NULL,
        field       TEXT NOT NULL,
        version     INTEGER NOT NULL,
        sealed      BLOB NOT NULL,
        PRIMARY KEY (ledger, person, field)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE handles (
        ledger      BLOB NOT NULL,
        handle_hash BLOB NOT NULL,
        person      BLOB NOT NULL,
        PRIMARY KEY (ledger, handle_hash)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX handles_by_person ON handles (ledger, person);
    CREATE TABLE reads (
        ledger      BLOB NOT NULL,
        number      INTEGER NOT NULL,
        at          INTEGER NOT NULL,
        actor       TEXT NOT NULL,
        purpose     TEXT NOT NULL,
        fields      TEXT NOT NULL,
        persons     BLOB NOT NULL,
        PRIMARY KEY (ledger, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER reads_go_on BEFORE INSERT ON reads
        WHEN NEW.number IS NOT
            (SELECT coalesce(max(number), 0) + 1 FROM reads WHERE ledger = NEW.ledger)
        BEGIN SELECT RAISE(ABORT, 'reads are numbered without a gap'); END;
    CREATE TRIGGER reads_stay_as_they_are BEFORE UPDATE ON reads
        BEGIN SELECT RAISE(ABORT, 'a recorded read is not changed'); END;
    CREATE TRIGGER reads_stay BEFORE DELETE ON reads
        BEGIN SELECT RAISE(ABORT, 'a recorded read is not deleted'); END;
";

/// What version 2 has beside version 1.
const IDENTITY_HASHES: &str = "
    CREATE TABLE identity_hashes (
        ledger      BLOB NOT NULL,
        number_hash BLOB NOT NULL,
        person      BLOB NOT NULL,
        PRIMARY KEY (ledger, number_hash, person)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX identity_hashes_by_person ON identity_hashes (ledger, person);
";

/// What version 3 has beside version 2; `tokens` are those of the person, one after the other.
const NAME_TOKENS: &str = "
    CREATE TABLE name_tokens (
        ledger      BLOB NOT NULL,
        token       BLOB NOT NULL,
        person      BLOB NOT NULL,
        PRIMARY KEY (ledger, token, person)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tokens_of (
        ledger      BLOB NOT NULL,
        person      BLOB NOT NULL,
        tokens      BLOB NOT NULL,
        PRIMARY KEY (ledger, person)
    ) STRICT, WITHOUT ROWID;
";

/// What kept a vault's file from being made.
enum Making {
    File(io::Error),
    Vault(VaultError),
}

impl From<io::Error> for Making {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<VaultError> for Making {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

/// A vault's file, open.
pub(super) struct File {
    connection: Connection,
    place: String,
    /// Whether a write to disk has failed: then nothing more is believed of this handle.
    unconfirmed: Cell<bool>,
}

impl File {
    /// Makes the file.
    pub(super) fn create(path: &Path, keys: &Keys) -> Result<Self, VaultError> {
        Self::make(path, |draft| Self::build(draft, keys))?;
        let file = Self::connect(path)?;
        file.placed(file.check_durability())?;
        file.renew_log()?;
        Ok(file)
    }

    fn build(draft: &Path, keys: &Keys) -> Result<(), Making> {
        let file = Self::connect(draft)?;
        file.placed(file.connection.pragma_update(None, "journal_mode", "WAL"))?;
        file.write(|connection| {
            connection.execute_batch(SCHEMA)?;
            connection.execute_batch(IDENTITY_HASHES)?;
            connection.execute_batch(NAME_TOKENS)?;
            connection.execute(
                "INSERT INTO header (ledger, check_value) VALUES (?1, ?2)",
                (keys.ledger(), keys.check_value()),
            )?;
            connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            connection.pragma_update(None, "application_id", APPLICATION_ID)?;
            Ok(())
        })?;
        file.close()
    }

    /// Opens the file of a ledger and proves that the key is the right one.
    pub(super) fn open(
        path: &Path,
        key: &MasterKey,
        ledger: LedgerId,
    ) -> Result<(Self, Keys), VaultError> {
        let file = Self::connect(path)?;
        let check_value = file.check_value_of(ledger)?;
        let keys = Keys::derive(key, ledger);
        if !keys.fits(&check_value) {
            return Err(VaultError::WrongKey(file.place.clone()));
        }
        file.renew_log()?;
        if file.placed::<i64, _>(file.pragma("user_version"))? < SCHEMA_VERSION {
            file.grow(&keys)?;
        }
        Ok((file, keys))
    }

    /// Proves that the file is a vault, and that ledger's; gives what tells the right key.
    fn check_value_of(&self, ledger: LedgerId) -> Result<Vec<u8>, VaultError> {
        let place = || self.place.clone();
        let application: i64 = self.placed(self.pragma("application_id"))?;
        if application != APPLICATION_ID {
            return Err(VaultError::NotAVault(place()));
        }
        let found: i64 = self.placed(self.pragma("user_version"))?;
        if found > SCHEMA_VERSION {
            return Err(VaultError::NewerSchema { place: place(), found, known: SCHEMA_VERSION });
        }
        self.placed(self.check_durability())?;
        let (header, check_value): ([u8; 16], Vec<u8>) = self.read(|connection| {
            let sql = "SELECT ledger, check_value FROM header";
            Ok(connection.query_one(sql, (), |row| Ok((row.get(0)?, row.get(1)?)))?)
        })?;
        let found = LedgerId(Uuid::from_bytes(header));
        if found != ledger {
            return Err(VaultError::OtherLedger { place: place(), found });
        }
        Ok(check_value)
    }

    /// Writes the vault as it is at one moment into a new file, whoever else is using it.
    pub(super) fn copy(from: &Path, to: &Path, ledger: LedgerId) -> Result<(), VaultError> {
        let file = Self::connect(from)?;
        file.check_value_of(ledger)?;
        Self::make(to, |draft| {
            let name =
                draft.to_str().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
            file.placed(file.connection.execute("VACUUM INTO ?1", [name]))?;
            let copy = Self::connect(draft)?;
            copy.placed(copy.connection.pragma_update(None, "journal_mode", "WAL"))?;
            copy.check_value_of(ledger)?;
            copy.close()
        })
    }

    /// Puts a copy of a vault, which nobody is using, in a place where there is none.
    pub(super) fn place_copy(from: &Path, to: &Path, ledger: LedgerId) -> Result<(), VaultError> {
        Self::make(to, |draft| {
            let mut new = std::fs::File::options().write(true).open(draft)?;
            io::copy(&mut std::fs::File::open(from)?, &mut new)?;
            let copy = Self::connect(draft)?;
            copy.check_value_of(ledger)?;
            copy.close()
        })
    }

    /// Makes a file of what is put into an empty one that only its owner may open.
    fn make(path: &Path, fill: impl FnOnce(&Path) -> Result<(), Making>) -> Result<(), VaultError> {
        let made = make_whole(path, |draft| {
            drop(private().create_new(true).open(draft)?);
            fill(draft)
        });
        made.map_err(|trouble| match trouble {
            Making::Vault(error) => error,
            Making::File(error) => VaultError::failed(path, error),
        })
    }

    fn close(self) -> Result<(), Making> {
        let Self { connection, place, .. } = self;
        let failed = |(_, error)| VaultError::failed(Path::new(&place), error);
        Ok(connection.close().map_err(failed)?)
    }

    /// Makes a file of an earlier version one of this. Whoever else did so in between was as good.
    fn grow(&self, keys: &Keys) -> Result<(), VaultError> {
        self.write(|connection| {
            let found: i64 =
                connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if found < 2 {
                connection.execute_batch(IDENTITY_HASHES)?;
            }
            if found < 3 {
                connection.execute_batch(NAME_TOKENS)?;
                persons::index_all(connection, keys)?;
            }
            if found < SCHEMA_VERSION {
                connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            }
            Ok(())
        })
    }

    fn connect(path: &Path) -> Result<Self, VaultError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)
            .map_err(|error| VaultError::failed(path, error))?;
        let place = path.display().to_string();
        let file = Self { connection, place, unconfirmed: Cell::new(false) };
        file.placed(file.set_up())?;
        Ok(file)
    }

    /// Makes the write-ahead file durable, which is there by now: its name, since SQLite takes no
    /// notice if that fails, and what is in it, since the last writer's sync may have failed.
    fn renew_log(&self) -> Result<(), VaultError> {
        let path = Path::new(&self.place);
        let log = beside(path, "-wal");
        let failed = |error| VaultError::failed(path, error);
        sync_folder_of(path).map_err(failed)?;
        if std::fs::metadata(&log).map_or(0, |log| log.len()) == 0 {
            return Ok(());
        }
        self.write(|_| Ok(write_again(&log)))?.map_err(failed)
    }

    fn set_up(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(BUSY_WAIT)?;
        self.connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        self.connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.pragma_update(None, "secure_delete", "ON")
    }

    /// Settings that SQLite does not take it passes over in silence, so they are read back.
    fn check_durability(&self) -> Result<(), Trouble> {
        let journal: String = self.pragma("journal_mode")?;
        let synchronous: i64 = self.pragma("synchronous")?;
        let secure_delete: i64 = self.pragma("secure_delete")?;
        if (journal.as_str(), synchronous, secure_delete) != ("wal", 2, 1) {
            return Err(Trouble::Refused(VaultError::Failed {
                place: self.place.clone(),
                source: "SQLite did not take WAL, synchronous FULL and secure_delete".into(),
            }));
        }
        Ok(())
    }

    fn pragma<T: rusqlite::types::FromSql>(&self, name: &str) -> rusqlite::Result<T> {
        self.connection.pragma_query_value(None, name, |row| row.get(0))
    }

    /// Where it lies.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Does some work in one transaction, which is durable when this returns.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, VaultError> {
        self.transact(TransactionBehavior::Immediate, work)
    }

    /// Does some reading from one state of the file.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, VaultError> {
        self.transact(TransactionBehavior::Deferred, work)
    }

    /// Empties the write-ahead file. `secure_delete` overwrites what was deleted in the main file;
    /// the write-ahead file would keep what it holds for as long as nobody needs the room.
    pub(super) fn scrub(&self) -> Result<(), VaultError> {
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let lingers = |source| VaultError::Lingers { place: self.place.clone(), source };
        match self.connection.query_one(sql, (), |row| row.get::<_, bool>(0)) {
            Ok(false) => Ok(()),
            Ok(true) => Err(lingers("somebody is reading it".into())),
            Err(error) => Err(lingers(Box::new(self.place_trouble(error.into())))),
        }
    }

    fn transact<T>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, VaultError> {
        if self.unconfirmed.get() {
            return Err(VaultError::Unconfirmed(self.place.clone()));
        }
        let run = || {
            let transaction = Transaction::new_unchecked(&self.connection, behavior)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        self.placed::<T, Trouble>(run())
    }

    fn placed<T, E: Into<Trouble>>(&self, result: Result<T, E>) -> Result<T, VaultError> {
        result.map_err(|error| self.place_trouble(error.into()))
    }

    fn place_trouble(&self, trouble: Trouble) -> VaultError {
        let place = self.place.clone();
        let (person, flaw) = match trouble {
            Trouble::Refused(error) => return error,
            Trouble::Random(error) => return VaultError::Failed { place, source: error.into() },
            Trouble::Flawed(person, flaw) => (person, flaw.into()),
            Trouble::Sql(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => return VaultError::DiskFull(place),
                Some(ErrorCode::SystemIoFailure) => {
                    self.unconfirmed.set(true);
                    // What the log holds may not be on the disk: nothing may rest on it.
                    let no_fold = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
                    let _ = self.connection.set_db_config(no_fold, true);
                    return VaultError::Unconfirmed(place);
                }
                Some(ErrorCode::NotADatabase) => return VaultError::NotAVault(place),
                Some(ErrorCode::DatabaseCorrupt) => (None, error.into()),
                _ if is_misfit(&error) => (None, Flaw::Value.into()),
                _ => return VaultError::Failed { place, source: error.into() },
            },
        };
        VaultError::Corrupt { place, person, source: flaw }
    }
}

/// Whether a value was found that is not of its column's kind, or not one where there must be one.
fn is_misfit(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    matches!(
        error,
        E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::QueryReturnedNoRows
            | E::QueryReturnedMoreThanOneRow
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn file(directory: &tempfile::TempDir) -> File {
        let ledger = LedgerId(Uuid::from_u128(1));
        let key = MasterKey::read_or_create(&directory.path().join("key")).unwrap();
        File::create(&directory.path().join("vault"), &Keys::derive(&key, ledger)).unwrap()
    }

    #[test]
    fn a_scrub_under_a_readers_eyes_says_that_traces_linger() {
        let directory = tempfile::tempdir().unwrap();
        let file = file(&directory);
        file.connection.busy_timeout(Duration::ZERO).unwrap();
        let reader = Connection::open(&file.place).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM header").unwrap();
        file.write(|connection| Ok(connection.execute("DELETE FROM persons", ())?)).unwrap();
        assert!(matches!(file.scrub(), Err(VaultError::Lingers { .. })));
        reader.execute_batch("COMMIT").unwrap();
        file.scrub().unwrap();
    }

    #[test]
    fn a_failed_write_to_disk_is_final() {
        let directory = tempfile::tempdir().unwrap();
        let file = file(&directory);
        let fsync = ffi::Error::new(ffi::SQLITE_IOERR_FSYNC);
        let failed = rusqlite::Error::SqliteFailure(fsync, None);
        let done = file.write(|_| Err::<(), _>(failed.into()));
        assert!(matches!(done, Err(VaultError::Unconfirmed(_))));
        assert!(matches!(file.write(|_| Ok(())), Err(VaultError::Unconfirmed(_))));
        assert!(matches!(file.read(|_| Ok(())), Err(VaultError::Unconfirmed(_))));
    }

    #[test]
    fn a_full_disk_is_not_final() {
        let directory = tempfile::tempdir().unwrap();
        let file = file(&directory);
        let full = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), None);
        let done = file.write(|_| Err::<(), _>(full.into()));
        assert!(matches!(done, Err(VaultError::DiskFull(_))));
        file.write(|_| Ok(())).unwrap();
    }
}
