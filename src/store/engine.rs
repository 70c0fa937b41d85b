//! Which engine keeps a ledger, for whoever does not care: one door to all of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use events::{LedgerId, Position};
use projections::{Op, Table};

pub use super::drafts::Pen;
#[cfg(feature = "postgres")]
use super::postgres::{self, PostgresStore, Server};
use super::sqlite::{self, SqliteStore};
use super::{Digested, Nature, Progressed, Store, StoreError};

/// What keeps a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// A SQLite file.
    Sqlite,
    /// A PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres(Box<Server>),
}

/// What a ledger is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To append. To a file one process at a time, which waits a few seconds for another one to
    /// end; on a server any number.
    Write,
    /// To append, if nobody else is writing to the file just now.
    WriteIfFree,
    /// To look; any number of processes, also while another one writes.
    Read,
}

/// Which of a projection's tables is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// One that is folded in a file of its own, and is no table yet.
    Draft,
    /// The draft as a table in the ledger.
    Next,
    /// The one that answers.
    Serving,
    /// The one that answered before.
    Former,
}

/// Where a ledger lies.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// What keeps it.
    pub engine: &'a Engine,
    /// The file; what messages call it, where it is none.
    pub path: &'a Path,
}

impl Engine {
    /// The engine of an URL, and the file that it names or what messages call it; `None` for an
    /// URL of no engine.
    #[must_use]
    pub fn of_url(url: &str) -> Option<(Self, PathBuf)> {
        if let Some(path) = url.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Some((Self::Sqlite, path.into()));
        }
        #[cfg(feature = "postgres")]
        if let Ok(server) = url.parse::<Server>() {
            let path = server.place().into();
            return Some((Self::Postgres(Box::new(server)), path));
        }
        None
    }
}

impl At<'_> {
    /// Makes an empty ledger and opens it for writing.
    ///
    /// # Errors
    /// As the engine's.
    pub async fn create(
        self,
        ledger: LedgerId,
        nature: Arc<dyn Nature>,
    ) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self.engine {
            Engine::Sqlite => Arc::new(SqliteStore::create(self.path, ledger, nature)?),
            #[cfg(feature = "postgres")]
            Engine::Postgres(server) => {
                Arc::new(PostgresStore::create(server, ledger, nature).await?)
            }
        })
    }

    /// Opens an existing ledger.
    ///
    /// # Errors
    /// As the engine's.
    pub async fn open(
        self,
        mode: Mode,
        nature: Arc<dyn Nature>,
    ) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self.engine {
            Engine::Sqlite => Arc::new(SqliteStore::open(self.path, mode, nature)?),
            #[cfg(feature = "postgres")]
            Engine::Postgres(server) => Arc::new(PostgresStore::open(server, mode, nature).await?),
        })
    }

    /// Removes a ledger that was made and in which nothing was ever recorded, if it is that one
    /// and lies on a server. A file is removed as a file.
    ///
    /// # Errors
    /// As the engine's.
    pub async fn discard(self, ledger: LedgerId) -> Result<(), StoreError> {
        match self.engine {
            Engine::Sqlite => _ = ledger,
            #[cfg(feature = "postgres")]
            Engine::Postgres(server) => PostgresStore::discard(server, ledger).await?,
        }
        Ok(())
    }
}

/// A generation of a table, and the position that it has come to.
pub type Wanted = (&'static Table, Generation, Position);

/// What tables hold, one after the other.
pub type Digests = Box<dyn Iterator<Item = Result<Digested, StoreError>> + Send>;

/// The right to rebuild the tables of a ledger, and where it is done. One process has it at a time.
pub enum Workshop {
    /// Beside a SQLite file.
    Sqlite(Box<sqlite::Workshop>),
    /// In a PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Workshop>),
}

/// Each engine's answer to the same question.
macro_rules! ask {
    ($workshop:expr, $inner:ident => $answer:expr) => {
        match $workshop {
            Workshop::Sqlite($inner) => $answer,
            #[cfg(feature = "postgres")]
            Workshop::Postgres($inner) => $answer,
        }
    };
}

/// Every error is what keeps the draft or the ledger from being read or written.
#[expect(clippy::missing_errors_doc, reason = "said once, for all of them")]
impl Workshop {
    /// How far a generation has come; `None` if there is none. A draft keeps no account of it.
    pub fn progressed(
        &mut self,
        table: &'static Table,
        generation: Generation,
    ) -> Result<Option<Progressed>, StoreError> {
        ask!(self, workshop => workshop.progressed(table, generation))
    }

    /// What draws drafts.
    #[must_use]
    pub fn pen(&self) -> Pen {
        ask!(self, workshop => workshop.pen())
    }

    /// What generations hold that have come to a position each, in the order asked. To wait for
    /// the next one blocks the thread.
    pub fn digests(&mut self, wanted: Vec<Wanted>) -> Result<Digests, StoreError> {
        ask!(self, workshop => workshop.digests(wanted))
    }

    /// Makes a draft the next generation; others can write before the next one.
    pub fn stage(&mut self, table: &'static Table) -> Result<(), StoreError> {
        ask!(self, workshop => workshop.stage(table))
    }

    /// Brings the next or the former generation to a later position, in a transaction of its own
    /// unless one was begun.
    pub fn advance(
        &mut self,
        table: &'static Table,
        generation: Generation,
        until: Position,
        ops: &[Op],
    ) -> Result<(), StoreError> {
        ask!(self, workshop => workshop.advance(table, generation, until, ops))
    }

    /// Begins a transaction: nobody else changes these tables from here until it is committed.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        ask!(self, workshop => workshop.begin())
    }

    /// Lets the next generation serve; the one that does becomes the former one.
    pub fn serve_next(&mut self, table: &'static Table, until: Position) -> Result<(), StoreError> {
        ask!(self, workshop => workshop.serve_next(table, until))
    }

    /// Lets the former generation serve again; the one that does becomes the former one.
    pub fn serve_former(
        &mut self,
        table: &'static Table,
        until: Position,
    ) -> Result<(), StoreError> {
        ask!(self, workshop => workshop.serve_former(table, until))
    }

    /// Ends the transaction.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        ask!(self, workshop => workshop.commit())
    }
}
