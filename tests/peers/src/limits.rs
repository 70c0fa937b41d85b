//! What SQLite itself takes for the same rows, without anything of Rollbook's: the limits.

use std::fs;
use std::path::Path;
use std::time::Instant;

use rusqlite::Connection;

/// How many of a ledger's events are inserted.
const ROWS: i64 = 200_000;

/// What an append writes for every event: its row, and the receipt of its command.
const TABLES: [&str; 2] = ["events", "receipts"];

/// The same events and receipts, into empty tables with the same keys and indexes, all at once and
/// from one SQLite file into another: events a second until they are durable.
pub fn bulk(ledger: &Path) {
    let copy = ledger.with_extension("bulk");
    let conn = Connection::open(&copy).expect("a database");
    let mode: String = conn
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .expect("a setting");
    assert_eq!(mode, "wal");
    conn.pragma_update(None, "synchronous", "FULL").expect("a setting");
    conn.execute("ATTACH ?1 AS ledger", [ledger.to_str().expect("a path")]).expect("a ledger");
    for table in TABLES {
        for sql in made_as(&conn, table) {
            conn.execute_batch(&sql).expect("a table");
        }
    }
    let began = Instant::now();
    let tx = conn.unchecked_transaction().expect("a transaction");
    let inserted = TABLES.map(|table| {
        let sql = format!("INSERT INTO main.{table} SELECT * FROM ledger.{table} LIMIT ?1");
        tx.execute(&sql, [ROWS]).expect("rows")
    });
    tx.commit().expect("a commit");
    let elapsed = began.elapsed();
    drop(conn);
    for ending in ["bulk", "bulk-wal", "bulk-shm"] {
        _ = fs::remove_file(ledger.with_extension(ending));
    }
    println!("{}", inserted[0] as f64 / elapsed.as_secs_f64());
}

/// A table and its indexes, as the ledger has them.
fn made_as(conn: &Connection, table: &str) -> Vec<String> {
    const SQL: &str = "SELECT sql FROM ledger.sqlite_schema \
        WHERE tbl_name = ?1 AND type IN ('table', 'index') AND sql IS NOT NULL ORDER BY rowid";
    let mut statement = conn.prepare(SQL).expect("a statement");
    let rows = statement.query_map([table], |row| row.get(0)).expect("a schema");
    rows.map(|sql| sql.expect("a text")).collect()
}

/// Every column of every event, in the order of positions, and nothing made of it: rows a second.
pub fn scan(ledger: &Path) {
    let conn = Connection::open(ledger).expect("a ledger");
    let sql = "SELECT * FROM events ORDER BY position";
    let mut statement = conn.prepare(sql).expect("a statement");
    let columns = statement.column_count();
    let (began, mut rows_seen, mut bytes) = (Instant::now(), 0_u64, 0_usize);
    let mut rows = statement.query([]).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        rows_seen += 1;
        for column in 0..columns {
            let value = row.get_ref(column).expect("a value");
            bytes += value.as_bytes_or_null().ok().flatten().map_or(8, <[u8]>::len);
        }
    }
    assert!(bytes > 0);
    println!("{}", rows_seen as f64 / began.elapsed().as_secs_f64());
}
