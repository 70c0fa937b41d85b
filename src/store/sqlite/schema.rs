//! What the database looks like. Readable with any tool; only events are never changed.

use events::LedgerId;
use events::leaf::Frontier;
use rusqlite::{Connection, TransactionBehavior};

use super::append::Ledger;
use super::fault::Fault;
use super::generations::{indexes, table_sql, view_sql};
use crate::store::Generation;

/// `ROLL`: marks a SQLite file as a ledger.
pub(super) const APPLICATION_ID: i64 = 0x524F_4C4C;

/// The schema that this program writes.
pub(super) const VERSION: i64 = 4;

/// What is kept, by name. `guards` and `guard_streams` account for the events up to `guards_at`;
/// what later ones touched follows from them. `metadata` holds the envelope's bytes; `events` has
/// the column names of postgres-es. REPLACE deletes without a trigger of its own, so it is refused
/// as an insert.
const SCHEMA: &[(&str, &str)] = &[
    (
        "ledgers",
        "CREATE TABLE ledgers (
    ledger BLOB NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    recorded_at TEXT,
    frontier BLOB NOT NULL,
    guards_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID",
    ),
    (
        "events",
        "CREATE TABLE events (
    position INTEGER NOT NULL PRIMARY KEY,
    ledger BLOB NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    event_version TEXT NOT NULL,
    payload TEXT NOT NULL,
    metadata TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    effective TEXT NOT NULL,
    salt BLOB NOT NULL,
    leaf BLOB NOT NULL
) STRICT",
    ),
    (
        "events_by_stream",
        "CREATE UNIQUE INDEX events_by_stream
    ON events (aggregate_type, aggregate_id, sequence)",
    ),
    (
        "events_are_not_changed",
        "CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END",
    ),
    (
        "events_are_not_deleted",
        "CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END",
    ),
    (
        "events_are_not_replaced",
        "CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE position = NEW.position)
    OR EXISTS (SELECT 1 FROM events WHERE aggregate_type = NEW.aggregate_type
        AND aggregate_id = NEW.aggregate_id AND sequence = NEW.sequence)
BEGIN SELECT RAISE(ROLLBACK, 'events are never replaced'); END",
    ),
    (
        "guards",
        "CREATE TABLE guards (
    guard TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (guard)
) STRICT, WITHOUT ROWID",
    ),
    (
        "guard_streams",
        "CREATE TABLE guard_streams (
    guard TEXT NOT NULL,
    stream TEXT NOT NULL,
    PRIMARY KEY (guard, stream)
) STRICT, WITHOUT ROWID",
    ),
    (
        "receipts",
        "CREATE TABLE receipts (
    key TEXT NOT NULL,
    body_salt BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    receipt TEXT NOT NULL,
    PRIMARY KEY (key)
) STRICT, WITHOUT ROWID",
    ),
    (
        "imports",
        "CREATE TABLE imports (
    source TEXT NOT NULL,
    lines INTEGER NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (source)
) STRICT, WITHOUT ROWID",
    ),
    (
        "import_rows",
        "CREATE TABLE import_rows (
    source TEXT NOT NULL,
    line INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT",
    ),
    ("import_rows_by_line", "CREATE INDEX import_rows_by_line ON import_rows (source, line)"),
    (
        "projections",
        "CREATE TABLE projections (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID",
    ),
];

/// Makes an empty ledger in an empty database.
pub(super) fn create(conn: &mut Connection, ledger: LedgerId) -> Result<(), Fault> {
    set_durable(conn)?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (_, sql) in SCHEMA {
        tx.execute_batch(sql)?;
    }
    tx.execute(
        "INSERT INTO ledgers (ledger, position, recorded_at, frontier, guards_at) \
            VALUES (?1, 0, NULL, ?2, 0)",
        (ledger.0.as_bytes(), Frontier::default().to_bytes()),
    )?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(())
}

/// Makes a commit mean: on the disk. Both settings are read back, since SQLite answers a setting
/// that it cannot follow with the one that it keeps.
pub(super) fn set_durable(conn: &Connection) -> Result<(), Fault> {
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Fault::Setting("journal_mode = WAL"));
    }
    set_synchronous(conn, Synchronous::Full)
}

/// When a commit is synced to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Synchronous {
    /// With the next commit that is `Full`, or when the log is folded in. A power failure may take
    /// it back, and nothing before it.
    Normal = 1,
    /// Before the commit returns.
    Full = 2,
}

/// Says when commits from now on are synced, and checks that SQLite agrees.
pub(super) fn set_synchronous(conn: &Connection, wanted: Synchronous) -> Result<(), Fault> {
    conn.pragma_update(None, "synchronous", wanted as i64)?;
    let taken: i64 = conn.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if taken != wanted as i64 {
        return Err(Fault::Setting("synchronous"));
    }
    Ok(())
}

/// Which parts of the schema are missing or not as this program made them.
///
/// A trigger or view that this program did not make is one too: it could change what is written or
/// read behind everybody's back. Tables of projections count once they are of today's version.
pub(super) fn differences(ledger: &Ledger<'_>) -> Result<Vec<String>, Fault> {
    const ACTIVE: &str = "SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view')";
    let mut wanted: Vec<(String, String)> =
        SCHEMA.iter().map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned())).collect();
    for table in projections::TABLES {
        if ledger.projected(table)?.is_some_and(|stored| stored.version == table.version) {
            let rows = Generation::Serving.rows(table);
            let indexes = indexes(table, &rows, ledger.mark(table)?);
            wanted.push((rows, table_sql(table, Generation::Serving)));
            wanted.push((table.name.to_owned(), view_sql(table)));
            wanted.extend(indexes.into_iter().map(|index| (index.name, index.sql)));
        }
    }
    let mut differences = Vec::new();
    for (name, wanted) in &wanted {
        match ledger.made_as(name)? {
            None => differences.push(format!("{name} is missing from the schema")),
            Some(found) if found != *wanted => {
                differences.push(format!("{name} is not as it was made"));
            }
            Some(_) => {}
        }
    }
    let mut statement = ledger.conn.prepare_cached(ACTIVE)?;
    let mut names = statement.query([])?;
    while let Some(row) = names.next()? {
        let name: String = row.get(0)?;
        let is_ours = wanted.iter().any(|(known, _)| *known == name)
            // One of another version stays until its table is built anew.
            || projections::TABLES.iter().any(|table| table.name == name);
        if !is_ours {
            differences.push(format!("{name} does not belong into the schema"));
        }
    }
    Ok(differences)
}
