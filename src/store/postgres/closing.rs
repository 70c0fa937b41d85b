//! Closes the rows of a draft that have no key yet, all at once.
//!
//! To change a row where it lies means to look for it, to write it again elsewhere and to enter it
//! into the key once more. Where many are closed, the whole table is written a second time instead,
//! which needs no key; it then lies in the order in which it is read.

use events::LedgerId;
use projections::Table;
use sqlx::PgConnection;

use super::fault::Fault;
use super::generations::{self, Generation};
use super::rows::{self, Closed};
use super::values::{integer, run};

/// From so many rows on the table is written again.
const MANY: usize = 10_000;

/// Makes the key of a draft, and closes these rows of it.
pub(super) async fn key_and_close(
    conn: &mut PgConnection,
    ledger: LedgerId,
    (table, generation): (&'static Table, Generation),
    closed: &[Closed],
) -> Result<(), Fault> {
    /// How many rows are closed by one statement.
    const AT_ONCE: usize = 50_000;
    let rewritten = closed.len() >= MANY && rewritten(conn, (table, generation), closed).await?;
    generations::make_key(conn, table, generation).await?;
    let open = if rewritten { &[] } else { closed };
    for closed in open.chunks(AT_ONCE) {
        rows::close(conn, ledger, table, generation, closed).await?;
    }
    Ok(())
}

/// Writes a table again with these rows closed; `false` when nothing is changed, because not every
/// one of them was there and open, once.
async fn rewritten(
    conn: &mut PgConnection,
    of: (&'static Table, Generation),
    closed: &[Closed],
) -> Result<bool, Fault> {
    run(conn, "BEGIN").await?;
    let rewritten = rewrite(conn, of, closed).await;
    run(conn, if matches!(rewritten, Ok(true)) { "COMMIT" } else { "ROLLBACK" }).await?;
    rewritten
}

async fn rewrite(
    conn: &mut PgConnection,
    (table, generation): (&'static Table, Generation),
    closed: &[Closed],
) -> Result<bool, Fault> {
    let (name, before) = (generation.name(table), format!("{}_before", table.name));
    let names = rows::column_names(table);
    let values = names.iter().map(|name| match name.as_str() {
        "\"known_until\"" => "coalesce(open.known_until, closed.until)".to_owned(),
        name => format!("open.{name}"),
    });
    let values: Vec<String> = values.collect();
    run(
        conn,
        "CREATE TEMPORARY TABLE closed (known_from bigint, opened_by bigint, line bigint, \
         until bigint) ON COMMIT DROP",
    )
    .await?;
    let mut copied = rows::Copied::new(closed.len());
    for ((known_from, opened_by, line), until) in closed {
        copied.row(4);
        for number in [known_from.0, opened_by.0, u64::from(*line), until.0] {
            copied.number(integer(number));
        }
    }
    rows::send(conn, "COPY closed FROM STDIN (FORMAT binary)", &copied.end()).await?;
    run(conn, &format!("ANALYZE closed; ALTER TABLE \"{name}\" RENAME TO \"{before}\"")).await?;
    generations::make_bare(conn, table, generation).await?;
    let count = async |conn: &mut PgConnection, name: &str| -> Result<(i64, i64), Fault> {
        let sql = format!("SELECT count(*), count(known_until) FROM \"{name}\"");
        Ok(sqlx::query_as(&sql).persistent(false).fetch_one(conn).await?)
    };
    let (all, known) = count(conn, &before).await?;
    let sql = format!(
        "INSERT INTO \"{name}\" (ledger, {}) SELECT open.ledger, {} FROM \"{before}\" AS open \
         LEFT JOIN closed ON open.known_from = closed.known_from \
         AND open.opened_by = closed.opened_by AND open.line = closed.line \
         AND open.known_until IS NULL",
        names.join(", "),
        values.join(", ")
    );
    run(conn, &sql).await?;
    let found = count(conn, &name).await?;
    run(conn, &format!("DROP TABLE \"{before}\"")).await?;
    Ok(found == (all, known + integer(closed.len() as u64)))
}
