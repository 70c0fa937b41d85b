//! A draft as a table of PostgreSQL. Rows come first and keys after them: to sort once costs less
//! than to look for each row's place.
//!
//! A table is made in one transaction. So the server may take its rows as seen by everybody at
//! once, and has none of them to visit later: a vacuum of its own would be in the way of whoever
//! puts the table in its place. From PostgreSQL 14 on an index answers alone from the beginning.

use std::sync::Arc;

use events::LedgerId;
use projections::Table;
use sqlx::PgConnection;

use super::desk::Desk;
use super::fault::Fault;
use super::generations::{self, Generation};
use super::rows::{COPIED, Copied, copy_sql};
use super::server::Server;
use super::values::run;
use crate::store::drafts::{Drafts, Rows};

/// What a connection says first: rows can be built again, a rough idea of what a column holds will
/// do until the server looks by itself, and it takes as long as it takes.
const SETTINGS: &str = "SET synchronous_commit = off; SET default_statistics_target = 10; \
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN \
    ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')";

/// Makes drafts tables, one after the other, over a connection of its own.
pub(super) struct Maker {
    pub(super) server: Server,
    pub(super) ledger: LedgerId,
    pub(super) drafts: Arc<Drafts>,
    /// Opened when the first table is made.
    pub(super) desk: Option<Desk>,
}

impl Maker {
    /// Makes a draft the next generation of a table, with its key and indexes.
    pub(super) fn make(&mut self, table: &'static Table) -> Result<(), Fault> {
        let desk = match &mut self.desk {
            Some(desk) => desk,
            None => {
                let mut desk = Desk::open(&self.server)?;
                desk.ask(async |conn| run(conn, SETTINGS).await)?;
                self.desk.insert(desk)
            }
        };
        let rows = self.drafts.rows(table)?;
        let made = desk.ask(async |conn| {
            run(conn, "BEGIN").await?;
            make(conn, self.ledger, table, rows).await?;
            run(conn, "COMMIT").await
        });
        if made.is_err() {
            // It may be within a transaction that failed.
            self.desk = None;
        }
        made
    }
}

async fn make(
    conn: &mut PgConnection,
    ledger: LedgerId,
    table: &'static Table,
    mut rows: Rows<'_>,
) -> Result<(), Fault> {
    const NEXT: Generation = Generation::Next;
    generations::make_bare(conn, table, NEXT).await?;
    let mut copied = Copied::new(COPIED);
    let mut copying = conn.copy_in_raw(&copy_sql(table, NEXT, true)).await?;
    while !rows.is_over() {
        rows.block(|row| copied.add(ledger, table, row.row_ref()?))?;
        if copied.len() >= COPIED {
            copying.send(copied.bytes()).await?;
            copied.clear();
        }
    }
    copying.send(copied.end()).await?;
    copying.finish().await?;
    drop(rows);
    generations::make_key(conn, table, NEXT).await?;
    generations::make_indexes(conn, table, NEXT).await?;
    run(conn, &format!("ANALYZE \"{}\"", NEXT.name(table))).await
}
