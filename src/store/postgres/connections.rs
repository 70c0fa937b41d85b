//! Connections that readers share, kept open between their questions.
//!
//! sqlx's own pool asks every connection that is given back whether it is still there, which
//! doubles a question's way. Here one that failed, or whose question was given up, is closed, and
//! so are those that lay idle meanwhile: what cut one has mostly cut them all.
//!
//! A connection is driven by the runtime in which it was opened, and serves no other one: when that
//! has ended, an answer that is there already may still be read, and the next one never comes.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::postgres::PgRow;
use sqlx::{Executor, PgConnection};
use tokio::runtime::{Handle, Id};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::append::Statement;
use super::fault::Fault;
use super::server::Server;
use super::values::run;

/// How many connections readers share.
const CONNECTIONS_MAX: usize = 8;

/// The connections, opened as they are needed.
#[derive(Clone)]
pub(super) struct Connections {
    server: Server,
    /// What each of them says first.
    settings: &'static str,
    idle: Arc<Mutex<Idle>>,
    free: Arc<Semaphore>,
}

/// Connections that nobody uses, each with the runtime that drives it.
type Idle = Vec<(Id, PgConnection)>;

/// A connection in use.
pub(super) struct Held {
    /// Gone only while it is given back.
    conn: Option<PgConnection>,
    home: Arc<Mutex<Idle>>,
    runtime: Id,
    /// Others wait for a place until it is given back or closed.
    _place: OwnedSemaphorePermit,
}

impl Connections {
    pub(super) fn new(server: Server, settings: &'static str) -> Self {
        let free = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Self { server, settings, idle: Arc::default(), free }
    }

    /// Without settings, and with the first one open already, in this runtime: a server takes
    /// longer to open one than to answer most questions.
    pub(super) fn from_first(server: Server, conn: PgConnection) -> Self {
        let idle = Arc::new(Mutex::new(vec![(Handle::current().id(), conn)]));
        Self { idle, ..Self::new(server, "") }
    }

    /// One of them, for as long as it is held.
    pub(super) async fn take(&self) -> Result<Held, Fault> {
        let place = Arc::clone(&self.free).acquire_owned().await.map_err(|_| Fault::Ended)?;
        let runtime = Handle::current().id();
        let idle = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let mine = idle.iter().rposition(|(driven_by, _)| *driven_by == runtime);
            mine.map(|at| idle.remove(at).1)
        };
        let conn = match idle {
            Some(conn) => conn,
            None => self.open().await?,
        };
        Ok(Held { conn: Some(conn), home: Arc::clone(&self.idle), runtime, _place: place })
    }

    async fn open(&self) -> Result<PgConnection, Fault> {
        let mut conn = self.server.connect().await?;
        if !self.settings.is_empty() {
            run(&mut conn, self.settings).await?;
        }
        Ok(conn)
    }

    /// All rows of one answer.
    pub(super) async fn all(&self, asked: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        let mut held = self.take().await?;
        let rows = asked.fetch_all(&mut *held).await?;
        held.give_back();
        Ok(rows)
    }

    /// One of them, in a transaction that was begun by these statements.
    pub(super) async fn begin(&self, statements: &str) -> Result<Held, Fault> {
        Ok(self.begin_asking(statements).await?.0)
    }

    /// One of them, in a transaction that was begun by these statements, and what they found.
    pub(super) async fn begin_asking(&self, statements: &str) -> Result<(Held, Vec<PgRow>), Fault> {
        let mut held = self.take().await?;
        let found = match held.fetch_all(statements).await.map_err(Fault::from) {
            // One that was kept may have been cut while it lay idle.
            Err(fault) if fault.is_away() => {
                drop(held);
                held = self.take().await?;
                held.fetch_all(statements).await?
            }
            found => found?,
        };
        Ok((held, found))
    }
}

impl Held {
    /// What was asked is answered: the next one may have it.
    pub(super) fn give_back(mut self) {
        if let Some(conn) = self.conn.take() {
            let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
            // Those of runtimes that have ended are the oldest.
            if home.len() >= CONNECTIONS_MAX {
                home.remove(0);
            }
            home.push((self.runtime, conn));
        }
    }

    /// Ends its transaction, and gives it back.
    pub(super) async fn end(mut self, statement: &str) -> Result<(), Fault> {
        run(&mut self, statement).await?;
        self.give_back();
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.conn.take().is_some() {
            self.home.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

impl Deref for Held {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.conn.as_ref().expect("it is there until it is given back")
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.conn.as_mut().expect("it is there until it is given back")
    }
}
