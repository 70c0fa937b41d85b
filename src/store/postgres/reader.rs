//! What readers ask, over connections that are shared. What has to be of one moment is asked in
//! one statement, or in one transaction that sees one.

use events::{Instant, LedgerId, Position, Record, StreamId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::append::Statement;
use super::connections::Connections;
use super::fault::{Fault, damaged};
use super::recent::{NOWHERE, Tip};
use super::values::{RECORD_COLUMNS, bytes, instant, integer, position, record, unsigned};
use super::{append, schema};
use crate::store::{Beside, Head, KeptGuards, Progress, Receipt, ReportRow, StoreError};

/// Begins a transaction that sees one moment and changes nothing.
pub(super) const ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// One ledger, as readers see it.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) connections: Connections,
    /// For what is looked up by its key.
    pub(super) lookups: Connections,
    pub(super) ledger: LedgerId,
}

impl Reader {
    pub(super) async fn head(&self) -> Result<Head, Fault> {
        let mut conn = self.connections.take().await?;
        let head = append::head(&mut conn, self.ledger).await?;
        conn.give_back();
        Ok(head)
    }

    /// Where the head is.
    pub(super) async fn head_position(&self) -> Result<Position, Fault> {
        const SQL: &str = "SELECT position FROM ledgers WHERE ledger = $1";
        let rows = self.by_key(sqlx::query(SQL).bind(self.ledger.0)).await?;
        let row = rows.first().ok_or_else(|| damaged("the ledger has no head"))?;
        position(row.try_get(0)?)
    }

    /// Where a stream ends, all zero if it is not there, and where the head was at that moment.
    pub(super) async fn tip(&self, stream: StreamId) -> Result<(Tip, Position), Fault> {
        const SQL: &str = "SELECT head.position, tip.sequence, tip.position \
            FROM ledgers AS head LEFT JOIN LATERAL (SELECT sequence, position FROM events \
                WHERE ledger = $1 AND aggregate_type = $2 AND aggregate_id = $3 \
                ORDER BY sequence DESC LIMIT 1) AS tip ON true WHERE head.ledger = $1";
        let asked = sqlx::query(SQL).bind(self.ledger.0).bind(stream.family.as_str());
        let rows = self.by_key(asked.bind(stream.id.to_string())).await?;
        let row = rows.first().ok_or_else(|| damaged("the ledger has no head"))?;
        let head = position(row.try_get(0)?)?;
        let Some(version) = row.try_get(1)? else { return Ok((NOWHERE, head)) };
        Ok(((unsigned(version)?, position(row.try_get(2)?)?), head))
    }

    pub(super) async fn stream(&self, stream: StreamId) -> Result<Vec<Record>, Fault> {
        let sql = format!(
            "SELECT {RECORD_COLUMNS} FROM events WHERE ledger = $1 \
             AND aggregate_type = $2 AND aggregate_id = $3 ORDER BY sequence"
        );
        let asked = sqlx::query(&sql).bind(self.ledger.0).bind(stream.family.as_str());
        let rows = self.by_key(asked.bind(stream.id.to_string())).await?;
        rows.iter().map(record).collect()
    }

    pub(super) async fn log(&self, after: Position, limit: usize) -> Result<Vec<Record>, Fault> {
        let sql = format!(
            "SELECT {RECORD_COLUMNS} FROM events \
             WHERE ledger = $1 AND position > $2 ORDER BY position LIMIT $3"
        );
        let asked = sqlx::query(&sql).bind(self.ledger.0).bind(integer(after.0));
        let rows = self.all(asked.bind(integer(limit as u64))).await?;
        rows.iter().map(record).collect()
    }

    pub(super) async fn events(&self, positions: &[Position]) -> Result<Vec<Record>, Fault> {
        const SQL: &str = "SELECT event.position, metadata, payload, salt, leaf \
            FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (position, place) \
            JOIN events AS event ON event.ledger = $1 AND event.position = asked.position \
            ORDER BY asked.place";
        let positions: Vec<i64> = positions.iter().map(|at| integer(at.0)).collect();
        let asked = sqlx::query(SQL).bind(self.ledger.0).bind(positions);
        self.all(asked).await?.iter().map(record).collect()
    }

    /// All rows of one answer.
    pub(super) async fn all(&self, asked: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        self.connections.all(asked).await
    }

    /// All rows of one answer that is found by a key.
    pub(super) async fn by_key(&self, asked: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        self.lookups.all(asked).await
    }

    /// By bisection, since times rise with positions.
    pub(super) async fn position_at(&self, by: Instant) -> Result<Position, Fault> {
        const SQL: &str = "SELECT recorded_at FROM events WHERE ledger = $1 AND position = $2";
        let mut conn = self.connections.take().await?;
        let head = append::head(&mut conn, self.ledger).await?;
        let (mut known, mut beyond) = (0, head.position.0 + 1);
        while known + 1 < beyond {
            let middle = known + (beyond - known) / 2;
            let asked = sqlx::query_scalar(SQL).bind(self.ledger.0).bind(integer(middle));
            let text: Option<String> = asked.fetch_optional(&mut *conn).await?;
            let recorded_at = text.and_then(|text| instant(&text).ok());
            let what = "the time of an event cannot be read";
            let damaged = Fault::Damaged { position: Some(middle), what };
            if recorded_at.ok_or(damaged)? <= by { known = middle } else { beyond = middle }
        }
        conn.give_back();
        Ok(Position(known))
    }

    pub(super) async fn receipt(&self, key: &str) -> Result<Option<Receipt>, Fault> {
        const SQL: &str = "SELECT receipt FROM receipts WHERE ledger = $1 AND key = $2";
        let rows = self.by_key(sqlx::query(SQL).bind(self.ledger.0).bind(key)).await?;
        let text: Option<String> = rows.first().map(|row| row.try_get(0)).transpose()?;
        let receipt = text.map(|text| serde_json::from_str(&text)).transpose();
        receipt.map_err(|_| damaged("a receipt cannot be read"))
    }

    pub(super) async fn progress(&self, source: &str) -> Result<Option<Progress>, Fault> {
        let mut tx = self.connections.begin(ONE_MOMENT).await?;
        let progress = progress(&mut tx, self.ledger, source).await?;
        tx.end("ROLLBACK").await?;
        Ok(progress)
    }

    pub(super) async fn kept_guards(&self) -> Result<KeptGuards, Fault> {
        let mut tx = self.connections.begin(ONE_MOMENT).await?;
        let guards = kept_guards(&mut tx, self.ledger).await?;
        tx.end("ROLLBACK").await?;
        Ok(guards)
    }

    /// What is kept beside the events. What cannot be read does not keep the rest from being read.
    pub(super) async fn beside(
        &self,
        failed: impl Fn(Fault) -> StoreError,
    ) -> Result<Beside, Fault> {
        let mut tx = self.connections.begin(ONE_MOMENT).await?;
        let beside = Beside {
            head: append::head(&mut tx, self.ledger).await.map_err(&failed),
            guards: kept_guards(&mut tx, self.ledger).await.map_err(&failed),
            receipts: kept_receipts(&mut tx, self.ledger).await.map_err(&failed),
            imports: imports(&mut tx, self.ledger).await.map_err(&failed),
        };
        tx.end("ROLLBACK").await?;
        Ok(beside)
    }

    /// What is wrong with what this program made: its tables, its trigger, its indexes.
    pub(super) async fn complaints(&self) -> Result<Vec<String>, Fault> {
        let mut conn = self.connections.take().await?;
        let mut complaints = schema::differences(&mut conn).await?;
        conn.give_back();
        let mut tx = self.connections.begin(ONE_MOMENT).await?;
        complaints.extend(schema::index_differences(&mut tx).await?);
        tx.end("ROLLBACK").await?;
        Ok(complaints)
    }
}

/// How far an import has come.
pub(super) async fn progress(
    conn: &mut PgConnection,
    ledger: LedgerId,
    source: &str,
) -> Result<Option<Progress>, Fault> {
    const SQL: &str = "SELECT lines, digest FROM imports WHERE ledger = $1 AND source = $2";
    const ROWS: &str = "SELECT line, outcome, note FROM import_rows \
        WHERE ledger = $1 AND source = $2 ORDER BY line, ctid";
    let found = sqlx::query(SQL).bind(ledger.0).bind(source).fetch_optional(&mut *conn).await?;
    let Some(found) = found else { return Ok(None) };
    let rows = sqlx::query(ROWS).bind(ledger.0).bind(source).fetch_all(conn).await?;
    let report_row = |row: &PgRow| {
        let note = serde_json::from_str(row.try_get(2)?);
        let note = note.map_err(|_| damaged("a line of an import's report cannot be read"))?;
        Ok(ReportRow { line: unsigned(row.try_get(0)?)?, outcome: row.try_get(1)?, note })
    };
    Ok(Some(Progress {
        source: source.to_owned(),
        lines: unsigned(found.try_get(0)?)?,
        digest: super::values::blob(&found, 1)
            .ok_or_else(|| damaged("an import's digest cannot be read"))?,
        rows: rows.iter().map(report_row).collect::<Result<_, Fault>>()?,
    }))
}

async fn kept_guards(conn: &mut PgConnection, ledger: LedgerId) -> Result<KeptGuards, Fault> {
    const GUARDS: &str = "SELECT guard, position FROM guards WHERE ledger = $1 ORDER BY guard";
    const LINKS: &str = "SELECT guard, stream FROM guard_streams WHERE ledger = $1 \
        ORDER BY guard, stream";
    let guards: Vec<(String, i64)> =
        sqlx::query_as(GUARDS).bind(ledger.0).fetch_all(&mut *conn).await?;
    let guards = guards.into_iter().map(|(guard, at)| Ok((guard, position(at)?)));
    let guards = guards.collect::<Result<_, Fault>>()?;
    Ok((guards, sqlx::query_as(LINKS).bind(ledger.0).fetch_all(conn).await?))
}

async fn kept_receipts(
    conn: &mut PgConnection,
    ledger: LedgerId,
) -> Result<Vec<(String, Option<Receipt>)>, Fault> {
    const SQL: &str = "SELECT key, body_salt, body_hash, receipt FROM receipts \
        WHERE ledger = $1 ORDER BY key";
    let rows = sqlx::query(SQL).bind(ledger.0).fetch_all(conn).await?;
    let receipt = |row: &PgRow| {
        super::values::blob::<32>(row, 1)?;
        super::values::blob::<32>(row, 2)?;
        serde_json::from_slice(bytes(row, 3)?).ok()
    };
    rows.iter().map(|row| Ok((row.try_get(0)?, receipt(row)))).collect()
}

/// How many lines are applied of every imported source.
pub(super) async fn imports(
    conn: &mut PgConnection,
    ledger: LedgerId,
) -> Result<Vec<(String, u64)>, Fault> {
    const SQL: &str = "SELECT source, lines FROM imports WHERE ledger = $1 ORDER BY source";
    let found: Vec<(String, i64)> = sqlx::query_as(SQL).bind(ledger.0).fetch_all(conn).await?;
    found.into_iter().map(|(source, lines)| Ok((source, unsigned(lines)?))).collect()
}
