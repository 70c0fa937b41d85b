//! Where tables of projections are rebuilt while the ones that serve go on serving.
//!
//! They are folded in a file of their own beside the ledger, which takes no lock on it, made tables
//! in files of their own, and copied into the ledger's file under names of their own, each with its
//! indexes in one transaction, between which others write. To put them in place is one transaction.
//! Whatever a crash leaves, those files or tables that never served, the next rebuild removes;
//! nobody else looks at it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use events::{LedgerId, Position};
use projections::{Op, Table};
use rusqlite::Connection;

use super::append::Ledger;
use super::cells::Numbers;
use super::draft;
use super::fault::{Fault, store_error};
use super::file::{self, Reach, WriteLock};
use super::reader::ledger_of;
use super::schema::{Synchronous, set_synchronous};
use crate::files::remove;
use crate::store::drafts::{Drafts, Flaw, Ids, Making, Pen, in_turn};
use crate::store::engine::{Digests, Wanted};
use crate::store::{Generation, Progressed, StoreError};

/// How long others may write after a transaction that kept them waiting for as long.
const PAUSE: Duration = Duration::from_millis(10);

/// How often the log is folded in while tables are copied.
const FOLDED_EVERY: Duration = Duration::from_millis(50);

/// Tables are copied from one end to the other, and nothing is read again. The log is folded in
/// beside it all.
const IN_BULK: &str = "PRAGMA cache_size = -1024; PRAGMA wal_autocheckpoint = 0;";

/// The right to rebuild, and where it is done. One process has it at a time.
pub struct Workshop {
    // Closed before the draft is removed, and that before others may begin one: fields are dropped
    // in this order.
    folding: Option<Folding>,
    making: Option<Making<Result<PathBuf, Fault>>>,
    conn: Connection,
    drafts: Arc<Drafts>,
    _temporary: Temporary,
    _lock: WriteLock,
    ledger: LedgerId,
    /// The numbers of ids in tables that are in the ledger's file.
    numbers: Numbers,
    path: PathBuf,
    place: String,
}

/// A thread that folds the log into the ledger's file while tables are copied, so that the disk
/// and the processors work at the same time, and the log stays short.
struct Folding {
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Folding {
    fn start(path: PathBuf) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&ends);
        let thread = thread::spawn(move || {
            // Whoever commits last folds in what this one leaves.
            let Ok(conn) = file::open_folder(&path) else { return };
            while !ended.load(Ordering::Relaxed) {
                thread::sleep(FOLDED_EVERY);
                let folded = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
                if let Err(error) = folded {
                    tracing::debug!(%error, "the log was not folded in");
                }
            }
        });
        Self { ends, thread: Some(thread) }
    }
}

impl Drop for Folding {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that failed has nothing that anybody waits for.
            let _ = thread.join();
        }
    }
}

const NOT_MADE: Fault = Fault::Damaged { position: None, what: "a draft was not made a table" };

/// A file and a folder that go when they are no longer needed.
struct Temporary {
    file: PathBuf,
    folder: PathBuf,
}

impl Temporary {
    /// Begins anew, whatever was left behind.
    fn begin(&self) -> Result<Drafts, Fault> {
        self.remove();
        fs::create_dir(&self.folder)?;
        Ok(Drafts::new(File::create_new(&self.file)?, Ids::Numbered))
    }

    fn remove(&self) {
        remove(&self.file);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.remove();
    }
}

impl Workshop {
    /// Opens it for the ledger in a file, whoever records there, and removes what was left behind.
    ///
    /// # Errors
    /// As for writing, with [`StoreError::AnotherRebuild`] when another process is rebuilding.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let (conn, lock) = file::open_workshop(path)?;
        let place = file::place(path);
        let temporary = Temporary { file: file::draft(path), folder: file::draft_folder(path) };
        let ready = || -> Result<(LedgerId, Drafts), Fault> {
            // Views that analysts made go on meaning the table that serves.
            conn.pragma_update(None, "legacy_alter_table", true)?;
            conn.execute_batch(IN_BULK)?;
            set_synchronous(&conn, Synchronous::Normal)?;
            Ok((ledger_of(&conn)?, temporary.begin()?))
        };
        let (ledger, drafts) = ready().map_err(|fault| store_error(&place, fault))?;
        let drafts = Arc::new(drafts);
        let path = path.to_owned();
        let (folding, making, numbers) = (None, None, Numbers::default());
        let (_temporary, _lock) = (temporary, lock);
        let mut workshop =
            Self { folding, making, conn, drafts, _temporary, _lock, ledger, numbers, path, place };
        workshop.clear()?;
        Ok(workshop)
    }

    /// Drops tables that a crash left before they served.
    fn clear(&mut self) -> Result<(), StoreError> {
        for table in projections::TABLES {
            let next = Generation::Next;
            if self.ask(|ledger| ledger.made_as(&next.rows(table)))?.is_some() {
                self.write_at_once(|ledger| ledger.drop_generation(table, next))?;
            }
        }
        Ok(())
    }

    /// How far a generation has come; `None` if there is none. A draft keeps no account of it.
    ///
    /// # Errors
    /// What keeps the ledger from being read.
    pub fn progressed(
        &self,
        table: &'static Table,
        generation: Generation,
    ) -> Result<Option<Progressed>, StoreError> {
        self.ask(|ledger| ledger.progressed(table, generation))
    }

    /// What draws the drafts.
    #[must_use]
    pub fn pen(&self) -> Pen {
        Pen::new(&self.drafts, &self.place, |place, flaw: Flaw| {
            store_error(place, Fault::from(flaw))
        })
    }

    /// What generations hold that have come to a position each, one after the other; drafts are
    /// made tables meanwhile.
    ///
    /// # Errors
    /// None: what keeps one from being read is said in its place.
    pub fn digests(&mut self, wanted: Vec<Wanted>) -> Result<Digests, StoreError> {
        let folder = file::draft_folder(&self.path);
        let drawn = self.drafts.end(&wanted);
        let drafts = Arc::clone(&self.drafts);
        self.making = Some(Making::start(drawn, || {
            let (drafts, folder) = (Arc::clone(&drafts), folder.clone());
            move |table| draft::make(&drafts, table, &folder)
        }));
        let (path, place, id) = (self.path.clone(), self.place.clone(), self.ledger);
        let digested = move |(table, generation, position): Wanted| {
            if generation == Generation::Draft {
                return Ok(drafts.digested(table, position)?);
            }
            let conn = file::open_reader(&path, Reach::Shared)?;
            Ledger { conn: &conn, id }.digested(table, generation, position)
        };
        Ok(in_turn(wanted, move |wanted| {
            digested(wanted).map_err(|fault: Fault| store_error(&place, fault))
        }))
    }

    /// Writes a draft into the ledger's file, and others can write before the next one. The former
    /// generation goes, and makes room.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn stage(&mut self, table: &'static Table) -> Result<(), StoreError> {
        if self.folding.is_none() {
            self.folding = Some(Folding::start(self.path.clone()));
        }
        self.write_at_once(|ledger| {
            ledger.drop_generation(table, Generation::Former)?;
            ledger.make(table, Generation::Next)
        })?;
        let made = self.making.as_mut().and_then(|making| making.of(table));
        let made =
            made.unwrap_or(Err(NOT_MADE)).map_err(|fault| store_error(&self.place, fault))?;
        let draft = file::immutable(&made);
        self.ask(|ledger| {
            ledger.conn.execute("ATTACH ?1 AS draft", [draft.to_string_lossy()])?;
            Ok(())
        })?;
        // Without a condition SQLite copies rows and entries of indexes as they lie, in their
        // order, and takes none apart.
        let copy = copy_sql(table, Generation::Next);
        self.write_at_once(|ledger| Ok(ledger.conn.execute_batch(&copy)?))?;
        self.ask(|ledger| Ok(ledger.conn.execute_batch("DETACH draft")?))?;
        remove(&made);
        Ok(())
    }

    /// Brings the next or the former generation to a later position, in a transaction of its own
    /// unless one was begun.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it has not the rows that it should have; otherwise what keeps
    /// the ledger from being written.
    pub fn advance(
        &mut self,
        table: &'static Table,
        generation: Generation,
        until: Position,
        ops: &[Op],
    ) -> Result<(), StoreError> {
        let mut numbers = std::mem::take(&mut self.numbers);
        let change = |ledger: &Ledger<'_>| {
            ledger.change(table, generation, &mut numbers, ops)?;
            ledger.keep_projected(table, generation, until)
        };
        let at_once = self.conn.is_autocommit();
        let changed = if at_once { self.write_at_once(change) } else { self.ask(change) };
        self.numbers = numbers;
        changed
    }

    /// Begins a transaction: nobody else writes from here until [`Workshop::commit`].
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.ask(|ledger| Ok(ledger.conn.execute_batch("BEGIN IMMEDIATE")?))
    }

    /// Lets the next generation serve; the one that does becomes the former one.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn serve_next(&mut self, table: &'static Table, until: Position) -> Result<(), StoreError> {
        let (next, serving, former) = (Generation::Next, Generation::Serving, Generation::Former);
        self.ask(|ledger| {
            ledger.drop_generation(table, former)?;
            if ledger.made_as(&serving.rows(table))?.is_some() {
                ledger.rename(table, serving, former)?;
            }
            ledger.drop_generation(table, serving)?;
            ledger.rename(table, next, serving)?;
            ledger.make_view(table)?;
            ledger.drop_summary_of(table)?;
            ledger.keep_projected(table, serving, until)
        })
    }

    /// Lets the former generation serve again; the one that does becomes the former one.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn serve_former(
        &mut self,
        table: &'static Table,
        until: Position,
    ) -> Result<(), StoreError> {
        let (next, serving, former) = (Generation::Next, Generation::Serving, Generation::Former);
        self.ask(|ledger| {
            ledger.rename(table, former, next)?;
            ledger.rename(table, serving, former)?;
            ledger.rename(table, next, serving)?;
            ledger.drop_summary_of(table)?;
            ledger.keep_projected(table, serving, until)
        })
    }

    /// Ends the transaction. What was not committed never was, and what was a power failure may
    /// take back until the log is folded in: then what served before serves.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.ask(|ledger| Ok(ledger.conn.execute_batch("COMMIT")?))?;
        self.folding = None;
        self.ask(|ledger| {
            // The copies made the log long. Should others be at work, one of them folds it in.
            ledger.conn.busy_timeout(Duration::ZERO)?;
            let folded =
                ledger.conn.query_row("PRAGMA main.wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            if let Err(error) = folded {
                tracing::debug!(place = self.place, %error, "the log was not folded in");
            }
            Ok(ledger.conn.busy_timeout(file::WRITER_BUSY_WAIT)?)
        })
    }

    fn write_at_once(
        &mut self,
        write: impl FnOnce(&Ledger<'_>) -> Result<(), Fault>,
    ) -> Result<(), StoreError> {
        self.ask(|ledger| {
            ledger.conn.execute_batch("BEGIN IMMEDIATE")?;
            let began = Instant::now();
            let written = write(ledger).and_then(|()| Ok(ledger.conn.execute_batch("COMMIT")?));
            if written.is_err() && !ledger.conn.is_autocommit() {
                ledger.conn.execute_batch("ROLLBACK")?;
            }
            if began.elapsed() > PAUSE {
                thread::sleep(PAUSE);
            }
            written
        })
    }

    fn ask<T>(&self, ask: impl FnOnce(&Ledger<'_>) -> Result<T, Fault>) -> Result<T, StoreError> {
        let answer = ask(&Ledger { conn: &self.conn, id: self.ledger });
        answer.map_err(|fault| store_error(&self.place, fault))
    }
}

/// The statement that copies a table out of the file in which it was made.
pub(super) fn copy_sql(table: &Table, to: Generation) -> String {
    let (to, rows) = (to.standing(table), Generation::Next.rows(table));
    // What fails takes the transaction with it: else SQLite would see to every page whether it has
    // to copy it first, so that it could undo the statement alone.
    format!("INSERT OR ROLLBACK INTO {to} SELECT * FROM draft.\"{rows}\"")
}
