//! A record that comes from another place or goes to one.

use events::{LedgerId, Position};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::append::{self, Group};
use super::at_once;
use super::fault::{Fault, damaged};
use super::known::Known;
use super::reader::{ONE_MOMENT, Reader, imports, progress};
use super::server::Server;
use super::values::{blob, bytes, run};
use crate::store::plan::{self, Trouble};
use crate::store::{Blocks, Carried, Kept, StoreError};

impl Reader {
    /// What goes along with the events.
    pub(super) async fn carried(&self) -> Result<Carried, Fault> {
        let mut tx = self.connections.begin(ONE_MOMENT).await?;
        let head = append::head(&mut tx, self.ledger).await?;
        let kept = kept(&mut tx, self.ledger).await?;
        let mut carried = Carried { head, kept, imports: Vec::new() };
        for (source, _) in imports(&mut tx, self.ledger).await? {
            carried.imports.extend(progress(&mut tx, self.ledger, &source).await?);
        }
        tx.end("ROLLBACK").await?;
        Ok(carried)
    }
}

async fn kept(conn: &mut PgConnection, ledger: LedgerId) -> Result<Vec<Kept>, Fault> {
    const SQL: &str = "SELECT body_salt, body_hash, receipt FROM receipts \
        WHERE ledger = $1 ORDER BY key";
    let rows = sqlx::query(SQL).bind(ledger.0).fetch_all(conn).await?;
    let read = |row: &PgRow| -> Option<Kept> {
        let receipt = serde_json::from_slice(bytes(row, 2)?).ok()?;
        Some(Kept { body_salt: blob(row, 0)?, body_hash: blob(row, 1)?, receipt })
    };
    let read = |row| read(row).ok_or_else(|| damaged("a receipt cannot be read"));
    rows.iter().map(read).collect()
}

/// Takes over a record in one transaction over a connection of its own. If that is cut, the server
/// takes all of it back.
pub(super) async fn adopt(
    server: &Server,
    ledger: LedgerId,
    blocks: Blocks,
) -> Result<(), Trouble<Fault>> {
    let mut conn = server.connect_to_record().await?;
    let mut head = append::begin(&mut conn, ledger, None).await?;
    if head.position != Position(0) {
        return Err(Trouble::Refused(StoreError::Exists(server.place().to_owned())));
    }
    for block in blocks {
        let plan = block.and_then(|block| plan::adopt(ledger, &head, block));
        let plan = plan.map_err(Trouble::Refused)?;
        let mut group = Group::default();
        Known::default().take(&plan, &mut group.done);
        group.take(plan);
        at_once::keep(&mut conn, ledger, &head, &group).await?;
        head = group.head;
    }
    match run(&mut conn, "COMMIT").await {
        Err(fault) if fault.is_away() => Err(Trouble::Fault(Fault::Unconfirmed)),
        ended => Ok(ended?),
    }
}

/// Removes a ledger in which nothing was ever recorded.
pub(super) async fn discard(conn: &mut PgConnection, ledger: LedgerId) -> Result<(), Fault> {
    const SQL: &str = "DELETE FROM ledgers WHERE ledger = $1 AND position = 0";
    sqlx::query(SQL).bind(ledger.0).execute(conn).await?;
    Ok(())
}
