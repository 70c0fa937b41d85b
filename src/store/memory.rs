//! The record in memory: for tests, previews and what is not meant to last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use events::leaf::Frontier;
use events::{Guard, Instant, LedgerId, Position, Record, StreamId};
use projections::{Cell, Filter, Op, Row, Table};

use super::{
    Append, Batch, FoundRow, Head, Looked, Nature, Progress, Progressed, Receipt, Store,
    StoreError, Written, write,
};

/// A store that is gone with its process.
pub struct MemoryStore {
    ledger: LedgerId,
    nature: Arc<dyn Nature>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    written: Vec<Written>,
    recorded_at: Option<Instant>,
    frontier: Frontier,
    streams: HashMap<StreamId, Vec<Position>>,
    guards: BTreeMap<Guard, Looked>,
    receipts: HashMap<String, (Vec<u8>, Receipt)>,
    imports: HashMap<String, Progress>,
    tables: HashMap<&'static str, Rows>,
}

struct Rows {
    progressed: Progressed,
    rows: BTreeMap<(Position, Position, u32), Row>,
}
