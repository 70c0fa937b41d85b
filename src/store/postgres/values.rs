//! Values as PostgreSQL keeps them, and back. What comes back is not believed.

use events::{Date, Instant, Position, Record};
use sqlx::postgres::PgRow;
use sqlx::{Executor, PgConnection, Row};

use super::fault::{Fault, damaged};

/// Runs statements that answer nothing.
pub(super) async fn run(conn: &mut PgConnection, statements: &str) -> Result<(), Fault> {
    conn.execute(statements).await?;
    Ok(())
}

/// A number for PostgreSQL, whose integers end where no ledger comes to: what lies beyond means
/// "the end" in every question.
pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A number that cannot be negative.
pub(super) fn unsigned(value: i64) -> Result<u64, Fault> {
    u64::try_from(value).map_err(|_| damaged("a number is negative"))
}

/// A position.
pub(super) fn position(value: i64) -> Result<Position, Fault> {
    unsigned(value).map(Position)
}

/// The day from which PostgreSQL counts days.
const EPOCH: Date = jiff::civil::date(2000, 1, 1);

/// A date as PostgreSQL sends it: days since the first of January 2000.
pub(super) fn day_of(sent: &[u8]) -> Option<Date> {
    let days = jiff::Span::new().try_days(i32::from_be_bytes(sent.try_into().ok()?)).ok()?;
    EPOCH.checked_add(days).ok()
}

/// A date as it is sent to PostgreSQL.
pub(super) fn days(day: Date) -> i32 {
    (day - EPOCH).get_days()
}

/// An instant.
pub(super) fn instant(text: &str) -> Result<Instant, Fault> {
    text.parse().map_err(|_| damaged("a time cannot be read"))
}

/// The columns that [`record`] reads.
pub(super) const RECORD_COLUMNS: &str = "position, metadata, payload, salt, leaf";

/// How many they are.
pub(super) const RECORD_WIDTH: usize = 5;

/// The bytes of a column as they lie; `None` if there are none. The text of `json` is its bytes.
pub(super) fn bytes(row: &PgRow, index: usize) -> Option<&[u8]> {
    row.try_get_raw(index).ok()?.as_bytes().ok()
}

/// A blob of a fixed length.
pub(super) fn blob<const N: usize>(row: &PgRow, index: usize) -> Option<[u8; N]> {
    bytes(row, index)?.try_into().ok()
}

/// An event's bytes, out of [`RECORD_COLUMNS`]; `None` if that is no event.
pub(super) fn record_of(row: &PgRow) -> Option<Record> {
    Some(Record {
        position: position(row.try_get(0).ok()?).ok()?,
        envelope: bytes(row, 1)?.to_vec(),
        payload: bytes(row, 2)?.to_vec(),
        salt: blob(row, 3)?,
        leaf: blob(row, 4)?,
    })
}

/// An event's bytes, out of [`RECORD_COLUMNS`].
pub(super) fn record(row: &PgRow) -> Result<Record, Fault> {
    let position = row.try_get(0).ok().and_then(|at: i64| u64::try_from(at).ok());
    record_of(row).ok_or(Fault::Damaged { position, what: "the row is no event" })
}
