//! The readers: connections that cannot write, shared among all who ask.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use events::{Instant, LedgerId, Position, Record, Recorded, StreamId};
use rusqlite::{Connection, OptionalExtension};
use tokio::task::{JoinError, JoinSet};

use super::append::Ledger;
use super::cells::Ids;
use super::fault::{Fault, store_error};
use super::file::{Reach, open_reader};
use super::values::{RECORD_COLUMNS, instant, integer, position, record, unsigned};
use crate::store::{Progress, ReportRow, StoreError, no_event};

/// How many connections wait for the next question. More are opened when more ask at once.
const IDLE_MAX: usize = 8;

/// How many threads answer one question at most.
const THREADS_MAX: usize = 4;

/// Into how many stretches a long table is cut for them.
pub(super) const STRETCHES: u64 = 8;

/// In a table that accounts for fewer events one thread is as quick as several.
pub(super) const LONG: Position = Position(500_000);

/// For how many events room is made before it is seen how many there are.
const ROOM_MAX: u64 = 5_000;

/// Events, or the first one that is none.
type Decoded = Result<Vec<Recorded>, StoreError>;

/// Connections to one ledger.
pub(super) struct Readers {
    path: PathBuf,
    place: String,
    reach: Reach,
    ledger: LedgerId,
    idle: Mutex<Vec<Connection>>,
    /// What numbers in tables stand for.
    ids: Ids,
}

impl Readers {
    /// Begins with one connection.
    pub(super) fn new(
        path: PathBuf,
        place: String,
        (first, reach): (Connection, Reach),
        ledger: LedgerId,
    ) -> Self {
        let (idle, ids) = (Mutex::new(vec![first]), Ids::default());
        Self { path, place, reach, ledger, idle, ids }
    }

    /// The ledger's file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Asks at once, on the caller's thread: for what takes microseconds.
    pub(super) fn ask<T>(
        &self,
        read: impl FnOnce(&Ledger<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => Ok(conn),
            None => open_reader(&self.path, self.reach),
        };
        let answer = conn.and_then(|conn| {
            let answer = read(&Ledger { conn: &conn, id: self.ledger });
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_MAX {
                idle.push(conn);
            }
            answer
        });
        answer.map_err(|fault| store_error(&self.place, fault))
    }

    /// Asks about tables, on a thread made for waiting.
    pub(super) async fn ask_tables<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Ledger<'_>, &Ids) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(self);
        self.ask_apart(move |ledger| read(ledger, &readers.ids)).await
    }

    /// Asks about parts of tables, of long ones on several threads. Each asks as of one moment, and
    /// takes another part when it is done with one; the moments may differ. When one fails, or
    /// nobody waits for the answer any more, no further part is begun.
    pub(super) async fn ask_in_parts<P: Send + 'static, T: Send + 'static>(
        self: &Arc<Self>,
        parts: Vec<P>,
        read: impl Fn(&Ledger<'_>, &Ids, P) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> Result<Vec<T>, StoreError> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        // What is long is cut, so what has few parts is short.
        let is_long = parts.len() as u64 >= STRETCHES;
        let threads = if is_long { processors.min(THREADS_MAX) } else { 1 };
        let (parts, read) = (Parts(Arc::new(Mutex::new(parts))), Arc::new(read));
        let mut asking = JoinSet::new();
        for _ in 0..threads {
            let (readers, read) = (Arc::clone(self), Arc::clone(&read));
            let waiting = Parts(Arc::clone(&parts.0));
            asking.spawn_blocking(move || {
                let read = |ledger: &Ledger<'_>, part| read(ledger, &readers.ids, part);
                let each = |ledger: &Ledger<'_>| {
                    std::iter::from_fn(|| waiting.take()).map(|part| read(ledger, part)).collect()
                };
                readers.ask(|ledger| ledger.at_once(each))
            });
        }
        let mut all = Vec::new();
        while let Some(answers) = asking.join_next().await {
            let answers: Result<Vec<T>, StoreError> =
                answers.unwrap_or_else(|error| Err(self.ended(error)));
            all.extend(answers?);
        }
        Ok(all)
    }

    /// Asks on a thread made for waiting: for what may take long.
    pub(super) async fn ask_apart<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Ledger<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(self);
        let answer = tokio::task::spawn_blocking(move || readers.ask(read)).await;
        answer.unwrap_or_else(|error| Err(self.ended(error)))
    }

    /// A thread that was asked ended without an answer.
    fn ended(&self, error: JoinError) -> StoreError {
        StoreError::Failed { place: self.place.clone(), source: Box::new(error) }
    }
}

/// Parts of a question that wait for a thread. Once any thread ends, or whoever asks is gone, there
/// are none any more.
struct Parts<P>(Arc<Mutex<Vec<P>>>);

impl<P> Parts<P> {
    fn take(&self) -> Option<P> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

impl<P> Drop for Parts<P> {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Whose ledger it is, if it is one ledger's.
pub(super) fn ledger_of(conn: &Connection) -> Result<LedgerId, Fault> {
    let mut statement = conn.prepare("SELECT ledger FROM ledgers")?;
    let found = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
    match found[..] {
        [bytes] => Ok(LedgerId(uuid::Uuid::from_bytes(bytes))),
        _ => Err(Fault::Damaged { position: None, what: "there is not one ledger in it" }),
    }
}

impl Ledger<'_> {
    pub(super) fn stream(&self, stream: StreamId) -> Result<Vec<Record>, Fault> {
        let sql = format!(
            "SELECT {RECORD_COLUMNS} FROM events \
             WHERE aggregate_type = ?1 AND aggregate_id = ?2 ORDER BY sequence"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let key = (stream.family.as_str(), stream.id.to_string());
        let mut rows = statement.query(key)?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            records.push(record(row)?);
        }
        Ok(records)
    }

    pub(super) fn log(&self, after: Position, limit: usize) -> Result<Vec<Record>, Fault> {
        let sql = format!(
            "SELECT {RECORD_COLUMNS} FROM events \
             WHERE position > ?1 ORDER BY position LIMIT ?2"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let limit = integer(limit as u64);
        let mut rows = statement.query((integer(after.0), limit))?;
        let mut records: Vec<Record> = Vec::new();
        loop {
            let last = records.last().map_or(after.0, |record| record.position.0);
            match rows.next() {
                Ok(None) => return Ok(records),
                Ok(Some(row)) => records.push(record(row)?),
                Err(source) => return Err(Fault::Unreadable { after: last, source }),
            }
        }
    }

    /// The events after a position up to another one, decoded out of the rows as they lie.
    pub(super) fn recorded(&self, after: Position, until: Position) -> Result<Decoded, Fault> {
        const SQL: &str = "SELECT position, metadata, payload FROM events \
            WHERE position > ?1 AND position <= ?2 ORDER BY position";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let range = (integer(after.0), integer(until.0));
        let mut rows = statement.query(range)?;
        // Events are large: a list that grows is copied again and again.
        let room = until.0.saturating_sub(after.0).min(ROOM_MAX);
        let mut events: Vec<Recorded> = Vec::with_capacity(room as usize);
        loop {
            let last = events.last().map_or(after.0, |event| event.position.0);
            let row = match rows.next() {
                Ok(None) => return Ok(Ok(events)),
                Ok(Some(row)) => row,
                Err(source) => return Err(Fault::Unreadable { after: last, source }),
            };
            let at = row.get_ref(0)?.as_i64().ok().and_then(|at| position(at).ok());
            let bytes = |index| row.get_ref(index).ok()?.as_bytes().ok();
            let (Some(at), Some(envelope), Some(payload)) = (at, bytes(1), bytes(2)) else {
                let position = at.map(|at| at.0);
                return Err(Fault::Damaged { position, what: "the row is no event" });
            };
            match events::record::read(at, envelope, payload) {
                Ok(event) => events.push(event),
                Err(error) => return Ok(Err(no_event(at, error))),
            }
        }
    }

    pub(super) fn events(&self, positions: &[Position]) -> Result<Vec<Record>, Fault> {
        let sql = format!("SELECT {RECORD_COLUMNS} FROM events WHERE position = ?1");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut records = Vec::with_capacity(positions.len());
        for position in positions {
            let mut rows = statement.query([integer(position.0)])?;
            if let Some(row) = rows.next()? {
                records.push(record(row)?);
            }
        }
        Ok(records)
    }

    /// By bisection, since times rise with positions. Their text does not: its fraction is of any
    /// length.
    pub(super) fn position_at(&self, by: Instant) -> Result<Position, Fault> {
        const SQL: &str = "SELECT recorded_at FROM events WHERE position = ?1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let (mut known, mut beyond) = (0, self.head()?.position.0 + 1);
        while known + 1 < beyond {
            let middle = known + (beyond - known) / 2;
            let at = [integer(middle)];
            let text: Option<String> = statement.query_row(at, |row| row.get(0)).optional()?;
            let recorded_at = text.and_then(|text| instant(&text).ok());
            let what = "the time of an event cannot be read";
            let damaged = Fault::Damaged { position: Some(middle), what };
            if recorded_at.ok_or(damaged)? <= by { known = middle } else { beyond = middle }
        }
        Ok(Position(known))
    }

    /// How far an import has come; of one moment only where the caller sees to it.
    pub(super) fn progress(&self, source: &str) -> Result<Option<Progress>, Fault> {
        const SQL: &str = "SELECT lines, digest FROM imports WHERE source = ?1";
        const ROWS: &str = "SELECT line, outcome, note FROM import_rows \
            WHERE source = ?1 ORDER BY line, rowid";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let found = statement
            .query_row([source], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
            .optional()?;
        let Some((lines, digest)) = found else { return Ok(None) };
        let mut statement = self.conn.prepare_cached(ROWS)?;
        let mut rows = statement.query([source])?;
        let mut report = Vec::new();
        while let Some(row) = rows.next()? {
            let note: String = row.get(2)?;
            let what = "a line of an import's report cannot be read";
            let note = serde_json::from_str(&note);
            let note = note.map_err(|_| Fault::Damaged { position: None, what })?;
            report.push(ReportRow { line: unsigned(row.get(0)?)?, outcome: row.get(1)?, note });
        }
        let (source, lines) = (source.to_owned(), unsigned(lines)?);
        Ok(Some(Progress { source, lines, digest, rows: report }))
    }

    /// Asks several questions of one snapshot.
    pub(super) fn at_once<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let tx = self.conn.unchecked_transaction()?;
        let answer = read(self)?;
        tx.finish()?;
        Ok(answer)
    }
}
