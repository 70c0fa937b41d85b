//! The rows as they are found, for `verify`: nothing is believed, and nothing odd stops the
//! reading.

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::fault::Fault;
use super::reader::Reader;
use super::values::{RECORD_COLUMNS, RECORD_WIDTH, integer, record_of};
use crate::store::{FOUND_COLUMNS, FoundRow};

/// Where the last reading ended: the key of the row before the n-th.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bookmark {
    skip: u64,
    ledger: uuid::Uuid,
    position: i64,
}

/// At most `limit` rows from the n-th on, in the order of their key. That the key leaves out no
/// row of the table, the check of the indexes says. Rows of any ledger, since none but one belongs
/// here.
pub(super) async fn found(
    reader: &Reader,
    skip: u64,
    limit: usize,
    bookmark: Option<Bookmark>,
) -> Result<(Vec<FoundRow>, Option<Bookmark>), Fault> {
    let bookmark = bookmark.filter(|bookmark| bookmark.skip == skip);
    let offset = if bookmark.is_some() { 0 } else { skip };
    let after = bookmark.map_or((uuid::Uuid::nil(), i64::MIN), |at| (at.ledger, at.position));
    let columns: Vec<String> =
        FOUND_COLUMNS.iter().skip(1).map(|column| format!("{column}::text")).collect();
    let sql = format!(
        "SELECT {RECORD_COLUMNS}, ledger, {} FROM events WHERE (ledger, position) > ($1, $2) \
         ORDER BY ledger, position LIMIT $3 OFFSET $4",
        columns.join(", ")
    );
    let asked = sqlx::query(&sql).bind(after.0).bind(after.1);
    let asked = asked.bind(integer(limit as u64)).bind(integer(offset));
    let rows = reader.all(asked).await?;
    let found = rows.iter().map(found_row).collect::<Result<Vec<_>, Fault>>()?;
    let bookmark = rows.last().map(|last| -> Result<_, Fault> {
        let skip = skip + rows.len() as u64;
        let (ledger, position) = (last.try_get(RECORD_WIDTH)?, last.try_get(0)?);
        Ok(Bookmark { skip, ledger, position })
    });
    Ok((found, bookmark.transpose()?))
}

fn found_row(row: &PgRow) -> Result<FoundRow, Fault> {
    let ledger: uuid::Uuid = row.try_get(RECORD_WIDTH)?;
    let mut columns = vec![ledger.as_bytes().to_vec()];
    for index in 1..FOUND_COLUMNS.len() {
        let text: String = row.try_get(RECORD_WIDTH + index)?;
        columns.push(text.into_bytes());
    }
    Ok(FoundRow { record: record_of(row), position: row.try_get(0)?, columns })
}
