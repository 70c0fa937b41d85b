//! A record on its way from one place to another: its events as they are, and what stands beside
//! them and cannot be made from them again.

use events::Record;

use super::{Head, Kept, Progress, StoreError};

/// What goes along with the events, as of one moment. Events beyond that head were recorded since.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// The end of the record.
    pub head: Head,
    /// Every receipt, in the order of its key.
    pub kept: Vec<Kept>,
    /// How far every import has come, with its report, in the order of the sources.
    pub imports: Vec<Progress>,
}

/// A piece of a record.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Events, in order.
    pub records: Vec<Record>,
    /// Receipts of any events.
    pub kept: Vec<Kept>,
    /// How far one import has come, all of it.
    pub progress: Option<Progress>,
}

/// A record, piece by piece; an error ends it, and nothing of it is taken over then.
pub type Blocks = Box<dyn Iterator<Item = Result<Block, StoreError>> + Send>;
