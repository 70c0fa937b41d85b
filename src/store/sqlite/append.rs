//! The writer's statements: what a check asks, and what a plan inserts.

use events::{LedgerId, Position, StreamId};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql};

use super::fault::Fault;
use super::recent::Tip;
use super::values::{blob, instant, integer, position, unsigned};
use crate::store::plan::{Kept, Plan};
use crate::store::seeded::{Fault as Bug, planted};
use crate::store::{Head, Progress, Written};

/// How many of the last positions are counted before anything is recorded; what is missing before
/// them is for `verify` to find, which reads all.
const COUNTED: u64 = 2_000;

/// One ledger over one connection. What it says is of one moment only where the caller began a
/// transaction.
pub(super) struct Ledger<'a> {
    pub(super) conn: &'a Connection,
    pub(super) id: LedgerId,
}

impl Ledger<'_> {
    /// The answer that was given to a key.
    pub(super) fn kept(&self, key: &str) -> Result<Option<Kept>, Fault> {
        const SQL: &str = "SELECT body_salt, body_hash, receipt FROM receipts WHERE key = ?1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let mut rows = statement.query([key])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let read = || -> Option<Kept> {
            let receipt = serde_json::from_slice(row.get_ref(2).ok()?.as_bytes().ok()?).ok()?;
            Some(Kept { body_salt: blob(row, 0)?, body_hash: blob(row, 1)?, receipt })
        };
        let damaged = Fault::Damaged { position: None, what: "a receipt cannot be read" };
        read().ok_or(damaged).map(Some)
    }

    /// Where a stream ends.
    pub(super) fn tip(&self, stream: StreamId) -> Result<Tip, Fault> {
        const SQL: &str = "SELECT sequence, position FROM events \
            WHERE aggregate_type = ?1 AND aggregate_id = ?2 ORDER BY sequence DESC LIMIT 1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let key = (stream.family.as_str(), stream.id.to_string());
        let mut rows = statement.query(key)?;
        let Some(row) = rows.next()? else { return Ok(Tip::default()) };
        Ok(Tip { version: unsigned(row.get(0)?)?, position: position(row.get(1)?)? })
    }

    /// How many lines of a source are applied.
    pub(super) fn lines(&self, source: &str) -> Result<Option<u64>, Fault> {
        const SQL: &str = "SELECT lines FROM imports WHERE source = ?1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let found = statement.query_row([source], |row| row.get(0)).optional()?;
        found.map(unsigned).transpose()
    }

    /// The end of the record, as the head row has it.
    pub(super) fn head(&self) -> Result<Head, Fault> {
        const SQL: &str = "SELECT position, recorded_at, frontier FROM ledgers WHERE ledger = ?1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let mut rows = statement.query([self.id.0.as_bytes()])?;
        let damaged = |what| Fault::Damaged { position: None, what };
        let row = rows.next()?.ok_or_else(|| damaged("the ledger has no head"))?;
        let frontier = row.get_ref(2)?.as_bytes().unwrap_or_default();
        let frontier = events::leaf::Frontier::from_bytes(frontier)
            .map_err(|_| damaged("the head's frontier cannot be read"))?;
        let head = Head {
            position: position(row.get(0)?)?,
            recorded_at: row.get::<_, Option<String>>(1)?.as_deref().map(instant).transpose()?,
            frontier,
        };
        if head.frontier.size() != head.position.0 {
            return Err(damaged("the head's frontier is of another size than its position"));
        }
        if head.recorded_at.is_none() != (head.position == Position(0)) {
            return Err(damaged("the head's time does not fit its position"));
        }
        Ok(head)
    }

    /// The end of the record, if it can be the end of these events, and none of the last ones is
    /// missing or of another ledger.
    pub(super) fn checked_head(&self) -> Result<Head, Fault> {
        const LAST: &str = "SELECT max(position) FROM events";
        const COUNT: &str = "SELECT count(*) FROM events WHERE position > ?1 AND ledger = ?2";
        let head = self.head()?;
        let last: Option<i64> = self.conn.query_row(LAST, [], |row| row.get(0))?;
        let last = last.map_or(Ok(Position(0)), position)?;
        if last != head.position {
            let position = Some(last.min(head.position).next().0);
            return Err(Fault::Damaged { position, what: "the head is not where the events end" });
        }
        let before = last.0.saturating_sub(COUNTED);
        let counted = (integer(before), self.id.0.as_bytes());
        let counted: i64 = self.conn.query_row(COUNT, counted, |row| row.get(0))?;
        if unsigned(counted)? != last.0 - before {
            return Err(self.missing(before)?);
        }
        Ok(head)
    }

    /// Names the first position after another one at which there is no event of this ledger.
    fn missing(&self, before: u64) -> Result<Fault, Fault> {
        const SQL: &str = "SELECT position FROM events WHERE position > ?1 AND ledger = ?2 \
            ORDER BY position";
        let mut statement = self.conn.prepare(SQL)?;
        let mut rows = statement.query((integer(before), self.id.0.as_bytes()))?;
        let mut expected = before + 1;
        while let Some(row) = rows.next()?
            && unsigned(row.get(0)?)? == expected
        {
            expected += 1;
        }
        Ok(Fault::Damaged { position: Some(expected), what: "there is no event here" })
    }

    /// Inserts what was planned, without guards.
    pub(super) fn keep(&self, plan: &Plan) -> Result<(), Fault> {
        for written in &plan.written {
            self.keep_event(written)?;
            if planted(Bug::BatchSplit) {
                self.commit_midway()?;
            }
        }
        if planted(Bug::ReceiptOutsideTheTransaction) {
            self.commit_midway()?;
        }
        for kept in &plan.kept {
            self.keep_receipt(kept)?;
        }
        plan.progress.as_ref().map_or(Ok(()), |progress| self.keep_progress(progress))
    }

    fn keep_event(&self, written: &Written) -> Result<(), Fault> {
        // A row that is refused takes the transaction with it. Were it the statement alone, SQLite
        // would copy every page that the row touches, so that it could undo just that.
        const SQL: &str = "INSERT OR ROLLBACK INTO events (ledger, position, aggregate_type, \
            aggregate_id, sequence, event_type, event_version, payload, metadata, recorded_at, \
            effective, salt, leaf) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        let (record, columns) = (&written.record, &written.columns);
        self.conn.prepare_cached(SQL)?.execute((
            self.id.0.as_bytes(),
            integer(record.position.0),
            columns.aggregate_type,
            &columns.aggregate_id,
            integer(columns.sequence),
            columns.event_type,
            &columns.event_version,
            Json(&record.payload),
            Json(&record.envelope),
            &columns.recorded_at,
            &columns.effective,
            record.salt,
            record.leaf,
        ))?;
        Ok(())
    }

    fn keep_receipt(&self, kept: &Kept) -> Result<(), Fault> {
        const SQL: &str = "INSERT INTO receipts (key, body_salt, body_hash, receipt) \
            VALUES (?1, ?2, ?3, ?4)";
        self.conn.prepare_cached(SQL)?.execute((
            &kept.receipt.key,
            kept.body_salt,
            kept.body_hash,
            json(&kept.receipt),
        ))?;
        Ok(())
    }

    fn keep_progress(&self, progress: &Progress) -> Result<(), Fault> {
        const SQL: &str = "INSERT INTO imports (source, lines, digest) \
            VALUES (?1, ?2, ?3) ON CONFLICT (source) \
            DO UPDATE SET lines = excluded.lines, digest = excluded.digest";
        const ROW: &str = "INSERT INTO import_rows (source, line, outcome, note) \
            VALUES (?1, ?2, ?3, ?4)";
        let lines = integer(progress.lines);
        let mut statement = self.conn.prepare_cached(SQL)?;
        statement.execute((&progress.source, lines, progress.digest))?;
        for row in &progress.rows {
            let (line, note) = (integer(row.line), json(&row.note));
            let mut statement = self.conn.prepare_cached(ROW)?;
            statement.execute((&progress.source, line, &row.outcome, note))?;
        }
        Ok(())
    }

    /// What no transaction may do: for bugs that are planted.
    pub(super) fn commit_midway(&self) -> Result<(), Fault> {
        Ok(self.conn.execute_batch("COMMIT; BEGIN IMMEDIATE")?)
    }

    /// Moves the head.
    pub(super) fn keep_head(&self, head: &Head) -> Result<(), Fault> {
        const SQL: &str = "UPDATE ledgers SET position = ?2, recorded_at = ?3, frontier = ?4 \
            WHERE ledger = ?1";
        let recorded_at = head.recorded_at.map(events::record::instant_text);
        let head = if planted(Bug::FrontierNotStored) {
            &Head { frontier: self.head()?.frontier, ..head.clone() }
        } else {
            head
        };
        self.conn.prepare_cached(SQL)?.execute((
            self.id.0.as_bytes(),
            integer(head.position.0),
            recorded_at,
            head.frontier.to_bytes(),
        ))?;
        Ok(())
    }
}

/// Canonical bytes, kept as text without being copied or read again.
struct Json<'a>(&'a [u8]);

impl ToSql for Json<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("strings and whole numbers are JSON")
}
