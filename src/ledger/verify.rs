//! Holding everything that is stored against what it was made from.
//!
//! Nothing is believed: the bytes are read as they lie, every column is compared with the envelope
//! and payload, leaves and tree are computed again, guards are derived again, and all projections
//! are replayed from the first event.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use events::leaf::{Frontier, hexadecimal};
use events::{Envelope, Guard, Instant, LedgerId, Position, Recorded, StreamId};
use projections::{Digest, Filter, Op, Projection, Row};
use serde::Serialize;

use super::{Error, Ledger, Location, Mode};
use crate::store::{FoundRow, Nature, SqliteStore, Store, StoreError};

const BLOCK: usize = 5_000;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The position, where it concerns one event.
    pub position: Option<Position>,
    /// What is wrong: a stable code.
    pub problem: &'static str,
    /// What exactly.
    pub detail: String,
}

/// What was checked, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// How many events were read and held against their bytes and leaves.
    pub events: u64,
    /// The root of the tree over their leaves, in hexadecimal.
    pub root: String,
    /// The digest of each projection, replayed from the first event.
    pub projections: BTreeMap<&'static str, ProjectionCheck>,
    /// What is not as it was written, by position; empty when all is well.
    pub findings: Vec<Finding>,
}

/// What was checked of one projection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectionCheck {
    /// The position that it accounts for.
    pub position: Position,
    /// How many rows it has.
    pub rows: u64,
    /// The digest of its rows, in hexadecimal.
    pub digest: String,
}

impl Verification {
    /// Whether all is well.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, position: Option<Position>, problem: &'static str, detail: impl ToString) {
        self.findings.push(Finding { position, problem, detail: detail.to_string() });
    }
}

impl Ledger {
    /// Verifies the whole ledger; `progress` hears how many events were checked.
    ///
    /// # Errors
    /// What keeps the store from being read at all. Damage is no error here but a finding.
    pub async fn verify(&self, progress: impl FnMut(u64) + Send) -> Result<Verification, Error> {
        Ok(verify(&**self.store(), progress).await?)
    }
}

/// Verifies the ledger in a file, even one that is too damaged to be opened as a ledger.
///
/// # Errors
/// As [`Ledger::verify`].
pub async fn verify_at(
    location: &Location,
    nature: Arc<dyn Nature>,
    progress: impl FnMut(u64) + Send,
) -> Result<Verification, Error> {
    let store = SqliteStore::open(&location.path, Mode::Read, nature)?;
    Ok(verify(&store, progress).await?)
}

/// Verifies the ledger in a store.
///
/// # Errors
/// As [`Ledger::verify`].
pub async fn verify(
    store: &dyn Store,
    mut progress: impl FnMut(u64) + Send,
) -> Result<Verification, StoreError> {
    let mut found = Verification::default();
    for complaint in store.check_engine().await? {
        found.find(None, "engine", complaint);
    }
    let mut replay = Replay::begin(store, &mut found).await;
    let mut log = LogCheck::new(store.ledger());
    loop {
        let rows = match store.found(log.count, BLOCK).await {
            Ok(rows) if rows.is_empty() => break,
            Ok(rows) => rows,
            Err(StoreError::Corrupt { position, source, .. }) => {
                let position = position.map_or(Position(log.count + 1), Position);
                found.find(Some(position), "unreadable", source);
                break;
            }
            Err(error) => return Err(error),
        };
        for row in &rows {
            if let Some(recorded) = log.check(row, &mut found) {
                replay.apply(&recorded);
            }
        }
        progress(log.count);
    }
    found.events = log.count;
    found.root = hexadecimal(&log.frontier.root());
    check_head(store, &log, &mut found).await;
    check_guards(store, &log, &mut found).await;
    replay.compare(store, &mut found).await;
    found.findings.sort_by_key(|finding| finding.position.unwrap_or(Position(u64::MAX)));
    Ok(found)
}

/// The events, one after the other.
struct LogCheck {
    ledger: LedgerId,
    count: u64,
    frontier: Frontier,
    recorded_at: Option<Instant>,
    versions: HashMap<StreamId, u64>,
    guards: BTreeMap<String, Position>,
    links: BTreeSet<(String, String)>,
}

impl LogCheck {
    fn new(ledger: LedgerId) -> Self {
        Self {
            ledger,
            count: 0,
            frontier: Frontier::default(),
            recorded_at: None,
            versions: HashMap::new(),
            guards: BTreeMap::new(),
            links: BTreeSet::new(),
        }
    }

    /// Checks one row; gives the event when its bytes are sound.
    fn check(&mut self, row: &FoundRow, found: &mut Verification) -> Option<Recorded> {
        self.count += 1;
        let position = Position(self.count);
        let Some(record) = &row.record else {
            found.find(Some(position), "unreadable", "no event can be read here");
            return None;
        };
        self.frontier.push(&record.leaf);
        if i64::try_from(position.0).ok() != Some(row.position) {
            let detail = format!("found {} where {position} belongs", row.position);
            found.find(Some(position), "position", detail);
            return None;
        }
        let (envelope, recorded) = match record.check(self.ledger) {
            Ok(event) => event,
            Err(error) => {
                found.find(Some(position), "bytes", error);
                return None;
            }
        };
        self.check_columns(row, &envelope, &recorded, found);
        self.check_order(&recorded, found);
        self.account_for(&recorded);
        Some(recorded)
    }

    fn check_columns(
        &self,
        row: &FoundRow,
        envelope: &Envelope,
        recorded: &Recorded,
        found: &mut Verification,
    ) {
        let columns = recorded.columns();
        let sequence = columns.sequence.to_string();
        let expected: [&[u8]; 8] = [
            envelope.ledger.0.as_bytes(),
            columns.aggregate_type.as_bytes(),
            columns.aggregate_id.as_bytes(),
            sequence.as_bytes(),
            columns.event_type.as_bytes(),
            columns.event_version.as_bytes(),
            columns.recorded_at.as_bytes(),
            columns.effective.as_bytes(),
        ];
        for (index, name) in crate::store::FOUND_COLUMNS.iter().enumerate() {
            if row.columns.get(index).map(Vec::as_slice) != Some(expected[index]) {
                found.find(Some(recorded.position), "column", name);
            }
        }
    }

    fn check_order(&mut self, recorded: &Recorded, found: &mut Verification) {
        let position = Some(recorded.position);
        let version = self.versions.entry(recorded.stream).or_insert(0);
        *version += 1;
        if recorded.sequence != *version {
            let detail = format!("{} where {version} belongs", recorded.sequence);
            found.find(position, "sequence", detail);
        }
        if self.recorded_at.is_some_and(|before| before > recorded.recorded_at) {
            found.find(position, "recorded_at", "earlier than the event before");
        }
        self.recorded_at = Some(recorded.recorded_at);
    }

    fn account_for(&mut self, recorded: &Recorded) {
        for guard in events::guard::touched(recorded.stream, recorded.event.as_ref()) {
            if guard.own_stream().is_none() {
                self.links.insert((guard.to_string(), recorded.stream.to_string()));
            }
            self.guards.insert(guard_name(&guard), recorded.position);
        }
    }
}

fn guard_name(guard: &Guard) -> String {
    guard.to_string()
}

async fn check_head(store: &dyn Store, log: &LogCheck, found: &mut Verification) {
    match store.head().await {
        Err(error) => found.find(None, "head", chain(&error)),
        Ok(head) => {
            if head.position.0 != log.count {
                let detail = format!("says {}, {} events found", head.position, log.count);
                found.find(Some(Position(head.position.0.min(log.count) + 1)), "head", detail);
            }
            if head.frontier != log.frontier {
                found.find(None, "frontier", "not that of the leaves");
            }
            if log.recorded_at.is_some() && head.recorded_at != log.recorded_at {
                found.find(None, "head", "not recorded when the last event was");
            }
        }
    }
}

async fn check_guards(store: &dyn Store, log: &LogCheck, found: &mut Verification) {
    match store.kept_guards().await {
        Err(error) => found.find(None, "guards", chain(&error)),
        Ok((guards, links)) => {
            let guards: BTreeMap<String, Position> = guards.into_iter().collect();
            let links: BTreeSet<(String, String)> = links.into_iter().collect();
            let wrong =
                guards.iter().find(|(guard, position)| log.guards.get(*guard) != Some(*position));
            let missing = log.guards.keys().find(|guard| !guards.contains_key(*guard));
            if let Some(guard) = wrong.map(|(guard, _)| guard).or(missing) {
                found.find(None, "guards", guard);
            }
            if let Some((guard, stream)) = links.symmetric_difference(&log.links).next() {
                found.find(None, "guards", format!("{guard} and {stream}"));
            }
        }
    }
}

/// All projections, replayed from the first event in memory.
struct Replay {
    folds: Vec<Replayed>,
}

struct Replayed {
    projection: Box<dyn Projection>,
    /// The position up to which the stored rows account; nothing beyond is replayed.
    until: Position,
    rows: BTreeMap<(Position, Position, u32), Row>,
}

impl Replay {
    async fn begin(store: &dyn Store, found: &mut Verification) -> Self {
        let mut folds = Vec::new();
        for projection in projections::all() {
            let table = projection.table();
            match store.projected(table).await {
                Ok(Some(stored)) if stored.version == table.version => folds.push(Replayed {
                    projection,
                    until: stored.position,
                    rows: BTreeMap::new(),
                }),
                // Never begun, or of an older version: it is built anew at the next write.
                Ok(_) => {}
                Err(error) => found.find(None, "projection", chain(&error)),
            }
        }
        Self { folds }
    }

    fn apply(&mut self, event: &Recorded) {
        for fold in self.folds.iter_mut().filter(|fold| event.position <= fold.until) {
            for op in fold.projection.apply(event) {
                match op {
                    Op::Open(row) => {
                        fold.rows.insert((row.known_from, row.opened_by, row.line), row);
                    }
                    Op::Close { known_from, opened_by, line, known_until } => {
                        if let Some(row) = fold.rows.get_mut(&(known_from, opened_by, line)) {
                            row.known_until = Some(known_until);
                        }
                    }
                }
            }
        }
    }

    async fn compare(self, store: &dyn Store, found: &mut Verification) {
        for fold in self.folds {
            let table = fold.projection.table();
            let mut replayed = Digest::new(table, fold.until);
            fold.rows.values().for_each(|row| replayed.row(row));
            let replayed = replayed.finish();
            let stored = match store.rows(table, &Filter::All, &[]).await {
                Ok(rows) => {
                    let mut stored = Digest::new(table, fold.until);
                    rows.iter().for_each(|row| stored.row(row));
                    stored.finish()
                }
                Err(error) => {
                    found.find(None, "projection", format!("{}: {}", table.name, chain(&error)));
                    continue;
                }
            };
            if stored != replayed {
                found.find(None, "projection", format!("{} differs from its replay", table.name));
            }
            let check = ProjectionCheck {
                position: fold.until,
                rows: fold.rows.len() as u64,
                digest: hexadecimal(&replayed),
            };
            found.projections.insert(table.name, check);
        }
    }
}

/// An error with everything behind it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
