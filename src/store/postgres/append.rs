//! The head under its lock, and what a group comes to, for [`super::at_once`] to write.

use events::leaf::Frontier;
use events::{LedgerId, Position};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Executor, PgConnection, Postgres, Row};

use super::fault::{Fault, damaged};
use super::known::Done;
use super::values::{instant, integer, position, unsigned};
use crate::store::plan::{Kept, Plan};
use crate::store::seeded::{Fault as Bug, planted};
use crate::store::{Head, Progress, Written};

/// Begins a transaction in which nobody else moves the head, and reads it; its tree only if it is
/// not where it is known to be. Two words make the lock: one for the tables, one for the ledger.
pub(super) async fn begin(
    conn: &mut PgConnection,
    ledger: LedgerId,
    known: Option<&Head>,
) -> Result<Head, Fault> {
    let known_at = known.map_or(-1, |head| integer(head.position.0));
    let lock = if planted(Bug::HeadNotLocked) { "concat" } else { "pg_advisory_xact_lock" };
    let sql = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; \
         SELECT {lock}('ledgers'::regclass::oid::int, {}); \
         SELECT position::text, recorded_at, \
            CASE WHEN position <> {known_at} THEN encode(frontier, 'hex') END \
         FROM ledgers WHERE ledger = '{}'",
        lock_word(ledger),
        ledger.0
    );
    let rows = conn.fetch_all(sql.as_str()).await?;
    let row = rows.last().filter(|row| row.len() == 3);
    let row = row.ok_or_else(|| damaged("the ledger has no head"))?;
    let at = row.try_get::<String, _>(0)?.parse().map_err(|_| damaged("no position"))?;
    match (known, row.try_get::<Option<String>, _>(2)?) {
        (Some(known), None) => Ok(known.clone()),
        (_, frontier) => {
            let frontier = frontier.as_deref().and_then(from_hexadecimal).unwrap_or_default();
            head_of(at, row.try_get(1)?, &frontier)
        }
    }
}

/// Which ledger a lock is about. Two of the same word wait for each other for nothing, and that
/// is all.
pub(super) fn lock_word(ledger: LedgerId) -> i32 {
    let bytes = ledger.0.as_bytes();
    i32::from_be_bytes(*bytes.last_chunk().expect("16 bytes end with 4"))
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The end of the record, as the head row has it.
pub(super) async fn head(conn: &mut PgConnection, ledger: LedgerId) -> Result<Head, Fault> {
    const SQL: &str = "SELECT position, recorded_at, frontier FROM ledgers WHERE ledger = $1";
    let row = sqlx::query(SQL).bind(ledger.0).fetch_optional(conn).await?;
    let row = row.ok_or_else(|| damaged("the ledger has no head"))?;
    head_of(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)
}

fn head_of(at: i64, recorded_at: Option<String>, frontier: &[u8]) -> Result<Head, Fault> {
    let frontier = Frontier::from_bytes(frontier)
        .map_err(|_| damaged("the head's frontier cannot be read"))?;
    let recorded_at = recorded_at.as_deref().map(instant).transpose()?;
    let head = Head { position: position(at)?, recorded_at, frontier };
    if head.frontier.size() != head.position.0 {
        return Err(damaged("the head's frontier is of another size than its position"));
    }
    if head.recorded_at.is_none() != (head.position == Position(0)) {
        return Err(damaged("the head's time does not fit its position"));
    }
    Ok(head)
}

/// How many of the last positions are counted before anything is recorded; what is missing before
/// them is for `verify` to find, which reads all.
const COUNTED: u64 = 10_000;

/// Refuses a head that cannot be the end of these events, or behind which some are missing.
pub(super) async fn check_head(conn: &mut PgConnection, ledger: LedgerId) -> Result<(), Fault> {
    const MISSING: &str = "SELECT min(at) FROM generate_series($2, $3) AS at \
        WHERE NOT EXISTS (SELECT FROM events WHERE ledger = $1 AND position = at)";
    const SQL: &str = "SELECT l.position, coalesce((SELECT max(position) FROM events \
        WHERE ledger = $1), 0), (SELECT count(*) FROM events WHERE ledger = $1 \
        AND position > greatest(l.position - $2, 0)) FROM ledgers l WHERE l.ledger = $1";
    head(&mut *conn, ledger).await?;
    let asked = sqlx::query_as(SQL).bind(ledger.0).bind(integer(COUNTED));
    let (head, last, counted): (i64, i64, i64) = asked.fetch_one(&mut *conn).await?;
    if head != last {
        let position = Some(unsigned(last.min(head))? + 1);
        return Err(Fault::Damaged { position, what: "the head is not where the events end" });
    }
    let of = head.min(integer(COUNTED));
    if counted != of {
        let first = head - of + 1;
        let asked = sqlx::query_scalar(MISSING).bind(ledger.0).bind(first).bind(head);
        let missing: Option<i64> = asked.fetch_one(conn).await?;
        let position = missing.map(unsigned).transpose()?;
        return Err(Fault::Damaged { position, what: "there is no event here" });
    }
    Ok(())
}

/// A statement whose parameters are being bound.
pub(super) type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// What a group has to write.
#[derive(Default)]
pub(super) struct Group {
    /// The end of the record afterwards.
    pub(super) head: Head,
    pub(super) written: Vec<Written>,
    pub(super) kept: Vec<Kept>,
    pub(super) progress: Vec<Progress>,
    pub(super) done: Done,
}

impl Group {
    /// Takes in a batch that was planned.
    pub(super) fn take(&mut self, plan: Plan) {
        self.head = plan.head;
        self.written.extend(plan.written);
        self.kept.extend(plan.kept);
        self.progress.extend(plan.progress);
    }

    /// Whether there is nothing to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.written.is_empty() && self.kept.is_empty() && self.progress.is_empty()
    }

    /// Its rows, and the head afterwards, as the next parameters of a statement.
    pub(super) fn bind_rows<'q>(&'q self, statement: Statement<'q>) -> Statement<'q> {
        let (written, kept, done) = (&self.written, &self.kept, &self.done);
        let columns = || written.iter().map(|written| &written.columns);
        let records = || written.iter().map(|written| &written.record);
        let recorded_at = self.head.recorded_at.map(events::record::instant_text);
        statement
            .bind(records().map(|it| integer(it.position.0)).collect::<Vec<_>>())
            .bind(columns().map(|it| it.aggregate_type).collect::<Vec<_>>())
            .bind(columns().map(|it| it.aggregate_id.as_str()).collect::<Vec<_>>())
            .bind(columns().map(|it| integer(it.sequence)).collect::<Vec<_>>())
            .bind(columns().map(|it| it.event_type).collect::<Vec<_>>())
            .bind(columns().map(|it| it.event_version.as_str()).collect::<Vec<_>>())
            .bind(records().map(|it| text(&it.payload)).collect::<Vec<_>>())
            .bind(records().map(|it| text(&it.envelope)).collect::<Vec<_>>())
            .bind(columns().map(|it| it.recorded_at.as_str()).collect::<Vec<_>>())
            .bind(columns().map(|it| it.effective.as_str()).collect::<Vec<_>>())
            .bind(records().map(|it| &it.salt[..]).collect::<Vec<_>>())
            .bind(records().map(|it| &it.leaf[..]).collect::<Vec<_>>())
            .bind(done.touched.keys().collect::<Vec<_>>())
            .bind(done.touched.values().map(|at| integer(at.0)).collect::<Vec<_>>())
            .bind(done.links.iter().map(|(guard, _)| guard).collect::<Vec<_>>())
            .bind(done.links.iter().map(|(_, stream)| stream).collect::<Vec<_>>())
            .bind(kept.iter().map(|it| it.receipt.key.as_str()).collect::<Vec<_>>())
            .bind(kept.iter().map(|it| &it.body_salt[..]).collect::<Vec<_>>())
            .bind(kept.iter().map(|it| &it.body_hash[..]).collect::<Vec<_>>())
            .bind(kept.iter().map(|it| json(&it.receipt)).collect::<Vec<_>>())
            .bind(integer(self.head.position.0))
            .bind(recorded_at)
            .bind(self.head.frontier.to_bytes())
    }

    /// Whether the group was recorded. Its salts are random, so nobody else's are the same.
    pub(super) async fn is_recorded(
        &self,
        conn: &mut PgConnection,
        ledger: LedgerId,
    ) -> Result<bool, Fault> {
        const RECEIPT: &str = "SELECT EXISTS (SELECT 1 FROM receipts \
             WHERE ledger = $1 AND key = $2 AND body_salt = $3)";
        const IMPORT: &str = "SELECT EXISTS (SELECT 1 FROM imports WHERE ledger = $1 \
             AND source = $2 AND lines = $3 AND digest = $4)";
        if let Some(kept) = self.kept.first() {
            let asked = sqlx::query_scalar(RECEIPT).bind(ledger.0).bind(&kept.receipt.key);
            return Ok(asked.bind(&kept.body_salt[..]).fetch_one(conn).await?);
        }
        let Some(progress) = self.progress.last() else { return Ok(true) };
        let asked = sqlx::query_scalar(IMPORT).bind(ledger.0).bind(&progress.source);
        let asked = asked.bind(integer(progress.lines)).bind(&progress.digest[..]);
        Ok(asked.fetch_one(conn).await?)
    }
}

/// Writes how far an import has come.
pub(super) async fn keep_progress(
    conn: &mut PgConnection,
    ledger: LedgerId,
    progress: &Progress,
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO imports (ledger, source, lines, digest) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (ledger, source) \
        DO UPDATE SET lines = excluded.lines, digest = excluded.digest";
    const ROWS: &str = "INSERT INTO import_rows (ledger, source, line, outcome, note) \
        SELECT $1, $2, new.line, new.outcome, new.note \
        FROM unnest($3::bigint[], $4::text[], $5::text[]) AS new (line, outcome, note)";
    let rows = &progress.rows;
    sqlx::query(SQL)
        .bind(ledger.0)
        .bind(&progress.source)
        .bind(integer(progress.lines))
        .bind(&progress.digest[..])
        .execute(&mut *conn)
        .await?;
    sqlx::query(ROWS)
        .bind(ledger.0)
        .bind(&progress.source)
        .bind(rows.iter().map(|row| integer(row.line)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.outcome.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| json(&row.note)).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}

/// Canonical bytes as the text that they are.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("canonical bytes are JSON")
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("strings and whole numbers are JSON")
}
