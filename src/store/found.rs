//! What lies in a store, for `verify`: nothing in it is believed.

use events::{Position, Record};

use super::{Head, Receipt, StoreError};

/// An event row as it is found, columns and all, for `verify`. Nothing in it is believed.
#[derive(Debug, Clone)]
pub struct FoundRow {
    /// The bytes; `None` when the row cannot even be read as one.
    pub record: Option<Record>,
    /// The position that the row itself claims; zero if it claims none.
    pub position: i64,
    /// The columns beside the bytes, as they are found, in the order of [`FOUND_COLUMNS`]: text
    /// and blobs as they are, numbers in decimal, nothing as no bytes.
    pub columns: Vec<Vec<u8>>,
}

/// What is kept beside the events, all as of one moment, for `verify`. Nothing in it is believed;
/// what cannot be read is an error of its own.
#[derive(Debug)]
pub struct Beside {
    /// The end of the record.
    pub head: Result<Head, StoreError>,
    /// As [`Store::kept_guards`].
    pub guards: Result<KeptGuards, StoreError>,
    /// Every receipt under its key; `None` for one that cannot be read.
    pub receipts: Result<Vec<(String, Option<Receipt>)>, StoreError>,
    /// How many lines are applied of every imported source.
    pub imports: Result<Vec<(String, u64)>, StoreError>,
}

/// Every guard with its last touch, and every link between a guard and a stream.
pub type KeptGuards = (Vec<(String, Position)>, Vec<(String, String)>);

/// The columns of [`FoundRow::columns`].
pub const FOUND_COLUMNS: &[&str] = &[
    "ledger",
    "aggregate_type",
    "aggregate_id",
    "sequence",
    "event_type",
    "event_version",
    "recorded_at",
    "effective",
];
