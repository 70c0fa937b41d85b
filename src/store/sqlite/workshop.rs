//! Where tables of projections are rebuilt while the ones that serve go on serving.
//!
//! They are folded in a file of their own beside the ledger, which takes no lock on it, and copied
//! into the ledger's file under names of their own, each table and each index in a transaction
//! between which others write. To put them in place is one transaction. Whatever a crash leaves,
//! the file or tables that never served, the next rebuild removes; nobody else looks at it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use events::{LedgerId, Position, StreamId};
use projections::{Op, Table};
use rusqlite::Connection;

use super::append::Ledger;
use super::cells::Numbers;
use super::fault::{Fault, store_error};
use super::file::{self, Reach, WriteLock};
use super::generations::Generation;
use super::reader::ledger_of;
use super::schema::{Synchronous, set_synchronous};
use crate::files::remove;
use crate::store::engine::{Digests, Wanted};
use crate::store::{Progressed, StoreError};

/// How long others may write between two transactions of a copy.
const PAUSE: Duration = Duration::from_millis(10);

/// How often the log is folded in while tables are copied.
const FOLDED_EVERY: Duration = Duration::from_millis(50);

/// A draft is worth nothing to anybody else. The caches hold what is closed again at random, and
/// what is sorted for an index, by two threads. The log is folded in beside it all.
const LOST_WITH_A_CRASH: &str = "PRAGMA draft.journal_mode = OFF;
    PRAGMA draft.synchronous = OFF;
    PRAGMA draft.locking_mode = EXCLUSIVE;
    PRAGMA draft.cache_size = -65536;
    PRAGMA main.cache_size = -65536;
    PRAGMA main.wal_autocheckpoint = 0;
    PRAGMA threads = 2;";

/// The right to rebuild, and where it is done. One process has it at a time.
pub struct Workshop {
    // Closed before the draft is removed, and that before others may begin one: fields are dropped
    // in this order.
    folding: Option<Folding>,
    conn: Connection,
    _draft: Draft,
    _lock: WriteLock,
    ledger: LedgerId,
    /// The numbers of ids in drafts, which are folded from the first event.
    drawn: Numbers,
    /// Those in tables that are in the ledger's file.
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

/// A file that goes when it is no longer needed.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

impl Workshop {
    /// Opens it for the ledger in a file, whoever records there, and removes what was left behind.
    ///
    /// # Errors
    /// As for writing, with [`StoreError::AnotherWriter`] when another process is rebuilding.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let (conn, lock) = file::open_workshop(path)?;
        let place = file::place(path);
        let draft = Draft(file::draft(path));
        let ready = || -> Result<LedgerId, Fault> {
            // Views that analysts made go on meaning the table that serves.
            conn.pragma_update(None, "legacy_alter_table", true)?;
            remove(&draft.0);
            File::create_new(&draft.0)?;
            conn.execute("ATTACH ?1 AS draft", [draft.0.to_string_lossy()])?;
            conn.execute_batch(LOST_WITH_A_CRASH)?;
            set_synchronous(&conn, Synchronous::Normal)?;
            ledger_of(&conn)
        };
        let ledger = ready().map_err(|fault| store_error(&place, fault))?;
        let path = path.to_owned();
        let (folding, _draft, _lock) = (None, draft, lock);
        let (drawn, numbers) = (Numbers::told(), Numbers::default());
        let mut workshop =
            Self { folding, conn, _draft, _lock, ledger, drawn, numbers, path, place };
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

    /// Begins drafts of tables.
    ///
    /// # Errors
    /// What keeps the draft from being written.
    pub fn begin_drafts(&mut self, tables: &[&'static Table]) -> Result<(), StoreError> {
        self.ask(|ledger| {
            // Nothing of the ledger is touched, so this locks the draft alone.
            ledger.conn.execute_batch("BEGIN")?;
            tables.iter().try_for_each(|table| ledger.make_bare(table, Generation::Draft))
        })
    }

    /// Is told of streams that were opened, before rows name them.
    pub fn tell(&mut self, opened: &[(StreamId, Position)]) {
        opened.iter().for_each(|(stream, at)| self.drawn.tell(*stream, *at));
    }

    /// Writes changes into a draft.
    ///
    /// # Errors
    /// What keeps the draft from being written.
    pub fn draw(&mut self, table: &'static Table, ops: &[Op]) -> Result<(), StoreError> {
        let mut numbers = std::mem::take(&mut self.drawn);
        let drawn = self.ask(|ledger| ledger.change(table, Generation::Draft, &mut numbers, ops));
        self.drawn = numbers;
        drawn
    }

    /// Ends the drafts: now they can be copied.
    ///
    /// # Errors
    /// What keeps the draft from being written.
    pub fn end_drafts(&mut self) -> Result<(), StoreError> {
        self.ask(|ledger| Ok(ledger.conn.execute_batch("COMMIT")?))
    }

    /// What generations hold that have come to a position each, one after the other: counted by a
    /// thread, so that the first can be copied while the others are looked at.
    ///
    /// # Errors
    /// What keeps the draft from being shared with it.
    pub fn digests(&mut self, wanted: Vec<Wanted>) -> Result<Digests, StoreError> {
        // The lock goes when it is next looked at.
        const SHARE: &str = "PRAGMA draft.locking_mode = NORMAL; SELECT 1 FROM draft.sqlite_schema";
        self.ask(|ledger| Ok(ledger.conn.execute_batch(SHARE)?))?;
        let (found, digests) = mpsc::channel();
        let (path, place, id) = (self.path.clone(), self.place.clone(), self.ledger);
        thread::spawn(move || {
            let conn = file::open_reader(&path, Reach::Shared).and_then(|conn| {
                conn.execute("ATTACH ?1 AS draft", [file::draft(&path).to_string_lossy()])?;
                Ok(conn)
            });
            let conn = match conn {
                Ok(conn) => conn,
                Err(fault) => return drop(found.send(Err(store_error(&place, fault)))),
            };
            let ledger = Ledger { conn: &conn, id };
            for (table, generation, position) in wanted {
                let digested = ledger.digested(table, generation, position);
                if found.send(digested.map_err(|fault| store_error(&place, fault))).is_err() {
                    break;
                }
            }
        });
        Ok(Box::new(digests.into_iter()))
    }

    /// Copies a draft into the ledger's file, so that others can write in between. The former
    /// generation goes, and makes room.
    ///
    /// # Errors
    /// What keeps the ledger from being written.
    pub fn stage(&mut self, table: &'static Table) -> Result<(), StoreError> {
        let (draft, next) = (Generation::Draft.standing(table), Generation::Next.standing(table));
        if self.folding.is_none() {
            self.folding = Some(Folding::start(self.path.clone()));
        }
        self.write_at_once(|ledger| {
            ledger.drop_generation(table, Generation::Former)?;
            ledger.make_bare(table, Generation::Next)
        })?;
        thread::sleep(PAUSE);
        // Without a condition SQLite copies rows as they lie, in their order, and takes none apart.
        let copy = format!("INSERT INTO {next} SELECT * FROM {draft}");
        self.write_at_once(|ledger| Ok(ledger.conn.execute_batch(&copy)?))?;
        for index in self.ask(|ledger| ledger.indexes_to_make(table, Generation::Next))? {
            thread::sleep(PAUSE);
            self.write_at_once(|ledger| Ok(ledger.conn.execute_batch(&index.sql)?))?;
        }
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
            let written = write(ledger).and_then(|()| Ok(ledger.conn.execute_batch("COMMIT")?));
            if written.is_err() && !ledger.conn.is_autocommit() {
                ledger.conn.execute_batch("ROLLBACK")?;
            }
            written
        })
    }

    fn ask<T>(&self, ask: impl FnOnce(&Ledger<'_>) -> Result<T, Fault>) -> Result<T, StoreError> {
        let answer = ask(&Ledger { conn: &self.conn, id: self.ledger });
        answer.map_err(|fault| store_error(&self.place, fault))
    }
}
