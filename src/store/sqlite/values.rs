//! Values as SQLite keeps them, and back. What comes back is not believed.

use events::{Date, Instant, Position, Record};
use rusqlite::Row;
use rusqlite::types::Value;

use super::fault::Fault;
use crate::store::asked::{self, Bound};
use crate::store::day::Day;

/// What is asked of a table.
pub(super) type Asked = asked::Asked<Value>;

impl Bound for Value {
    const DAY: &'static str = "?";

    fn position(position: Position) -> Self {
        integer(position.0).into()
    }

    fn day(day: Date) -> Self {
        Day::from(day).into()
    }
}

/// A number for SQLite, whose integers end where no ledger comes to: what lies beyond means "the
/// end" in every question.
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

/// An instant.
pub(super) fn instant(text: &str) -> Result<Instant, Fault> {
    text.parse().map_err(|_| damaged("a time cannot be read"))
}

/// A blob of a fixed length.
pub(super) fn blob<const N: usize>(row: &Row<'_>, index: usize) -> Option<[u8; N]> {
    row.get_ref(index).ok()?.as_blob().ok()?.try_into().ok()
}

/// The columns that [`record_at`] reads.
pub(super) const RECORD_COLUMNS: &str = "position, metadata, payload, salt, leaf";

/// How many they are.
pub(super) const RECORD_WIDTH: usize = 5;

/// An event's bytes, out of [`RECORD_COLUMNS`] beginning with the n-th; `None` if that is no event.
pub(super) fn record_at(row: &Row<'_>, first: usize) -> Option<Record> {
    let bytes = |index| Some(row.get_ref(index).ok()?.as_bytes().ok()?.to_vec());
    Some(Record {
        position: position(row.get_ref(first).ok()?.as_i64().ok()?).ok()?,
        envelope: bytes(first + 1)?,
        payload: bytes(first + 2)?,
        salt: blob(row, first + 3)?,
        leaf: blob(row, first + 4)?,
    })
}

/// An event's bytes, out of [`RECORD_COLUMNS`].
pub(super) fn record(row: &Row<'_>) -> Result<Record, Fault> {
    let position = row.get_ref(0)?.as_i64().ok().and_then(|at| u64::try_from(at).ok());
    record_at(row, 0).ok_or(Fault::Damaged { position, what: "the row is no event" })
}

fn damaged(what: &'static str) -> Fault {
    Fault::Damaged { position: None, what }
}
