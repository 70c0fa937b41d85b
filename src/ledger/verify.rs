//! Holding everything that is stored against what it was made from.
//!
//! Nothing is believed: the bytes are read as they lie, every column is compared with the envelope
//! and payload, leaves and tree are computed again, guards are derived again, and all projections
//! are replayed from the first event.
//!
//! Others may write meanwhile. Whatever is held against the events is therefore read before them,
//! at one moment, and held against the events up to that moment's head.

pub(super) mod receipts;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use events::leaf::{Frontier, hexadecimal};
use events::{Envelope, Event, Instant, LedgerEvent, LedgerId, Position, Recorded, StreamId};
use projections::{Digest, Filter, Op, Place, Projection, Row};
use serde::Serialize;

use self::receipts::{ImportCheck, ReceiptCheck};
use super::{Error, Ledger, Location, Mode};
use crate::runner::{changes, summary};
use crate::store::{Beside, FoundRow, Head, KeptGuards, Nature, Store, StoreError};

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
    /// The projections that were not checked, because they are not of today's version and will be
    /// built anew at the next write.
    pub skipped: Vec<&'static str>,
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

/// Verifies a ledger where it lies, even one that is too damaged to be opened as a ledger.
///
/// # Errors
/// As [`Ledger::verify`].
pub async fn verify_at(
    location: &Location,
    nature: Arc<dyn Nature>,
    progress: impl FnMut(u64) + Send,
) -> Result<Verification, Error> {
    let store = location.store().open(Mode::Read, nature).await?;
    let found = verify(&*store, progress).await?;
    if found.events == 0 && found.is_sound() {
        // A founding that a crash cut short: there is nothing yet to be sound.
        return Err(StoreError::NoLedger(location.path.display().to_string()).into());
    }
    Ok(found)
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
    // Where projections stand first, so that the head is not behind them.
    let mut replay = Replay::begin(store, &mut found).await;
    let mut log = LogCheck::new(store.ledger(), store.beside().await?, &mut found);
    loop {
        let rows = match store.found(log.count, BLOCK).await {
            Ok(rows) => rows,
            Err(StoreError::Corrupt { position, source, .. }) => {
                let position = position.map_or(Position(log.count + 1), Position);
                found.find(Some(position), "unreadable", source);
                break;
            }
            Err(error) => return Err(error),
        };
        let sound: Vec<_> = rows.iter().filter_map(|row| log.check(row, &mut found)).collect();
        replay.apply(store, &sound, &mut found).await;
        progress(log.count);
        // A writer that is quick would otherwise keep this going.
        if rows.len() < BLOCK {
            break;
        }
    }
    found.events = log.count;
    found.root = hexadecimal(&log.frontier.root());
    let head_until = log.compare(store, &mut found).await;
    replay.compare(store, head_until, &mut found).await;
    if !matches!(summary::is_sound(store).await, Ok(None | Some(true))) {
        found.find(None, "summary", "rollbook rebuild memberships drops it");
    }
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
    /// What is kept beside the events, as far as it could be read. What lies beyond its head was
    /// recorded since, and is not in it.
    kept_head: Option<Head>,
    kept_guards: Option<KeptGuards>,
    receipts: Option<ReceiptCheck>,
    imports: Option<ImportCheck>,
    /// What the head has to be where the kept one says that the record ends.
    expected_head: Option<Head>,
}

impl LogCheck {
    fn new(ledger: LedgerId, beside: Beside, found: &mut Verification) -> Self {
        let Beside { head, guards, receipts, imports } = beside;
        let mut unreadable = |error: StoreError, find: fn(&mut Verification, String)| {
            find(found, chain(&error));
        };
        let head = head.map_err(|e| unreadable(e, |found, why| found.find(None, "head", why)));
        let guards =
            guards.map_err(|e| unreadable(e, |found, why| found.find(None, "guards", why)));
        let receipts =
            receipts.map_err(|e| unreadable(e, |found, why| found.find(None, "receipts", why)));
        let imports =
            imports.map_err(|e| unreadable(e, |found, why| found.find(None, "imports", why)));
        Self {
            ledger,
            count: 0,
            frontier: Frontier::default(),
            recorded_at: None,
            versions: HashMap::new(),
            guards: BTreeMap::new(),
            links: BTreeSet::new(),
            kept_head: head.ok(),
            kept_guards: guards.ok(),
            receipts: receipts.ok().map(ReceiptCheck::new),
            imports: imports.ok().map(ImportCheck::new),
            expected_head: None,
        }
    }

    /// Checks one row; gives the event when its bytes are sound.
    fn check(&mut self, row: &FoundRow, found: &mut Verification) -> Option<Recorded> {
        if self.kept_head.as_ref().is_some_and(|head| head.position.0 == self.count) {
            self.expected_head = Some(self.end());
        }
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
        self.check_opening(&recorded, found);
        if self.kept_head.as_ref().is_none_or(|head| recorded.position <= head.position) {
            self.account_for(&envelope, &recorded);
        }
        Some(recorded)
    }

    /// What the head has to be where the events checked so far end.
    fn end(&self) -> Head {
        Head {
            position: Position(self.count),
            recorded_at: self.recorded_at,
            frontier: self.frontier.clone(),
        }
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

    fn check_opening(&self, recorded: &Recorded, found: &mut Verification) {
        let opened = match &recorded.event {
            Event::Ledger(LedgerEvent::Opened { ledger, .. }) => Some(*ledger),
            Event::Ledger(LedgerEvent::AreaDefined { .. })
            | Event::Policy(_)
            | Event::Host(_)
            | Event::Relation(_)
            | Event::Clock(_)
            | Event::Transfer(_)
            | Event::Reorganisation(_)
            | Event::Branch(_)
            | Event::Person(_)
            | Event::Membership(_)
            | Event::Post(_)
            | Event::Correction(_) => None,
        };
        let expected = (recorded.position == Position(1)).then_some(self.ledger);
        if opened != expected {
            let told = |ledger: Option<LedgerId>| {
                ledger.map_or_else(|| "none".to_owned(), |ledger| ledger.to_string())
            };
            let detail = format!("opens {} where {} belongs", told(opened), told(expected));
            found.find(Some(recorded.position), "opened", detail);
        }
    }

    fn account_for(&mut self, envelope: &Envelope, recorded: &Recorded) {
        if let Some(receipts) = &mut self.receipts {
            receipts.event(recorded);
        }
        if let Some(imports) = &mut self.imports {
            imports.event(envelope);
        }
        for guard in events::guard::touched(recorded.stream, recorded.event.as_ref()) {
            if guard.own_stream().is_none() {
                self.links.insert((guard.to_string(), recorded.stream.to_string()));
            }
            if !guard.ends_with_its_streams() {
                self.guards.insert(guard.to_string(), recorded.position);
            }
        }
    }

    /// Holds what is kept beside the events against them; gives where the record ended then.
    async fn compare(mut self, store: &dyn Store, found: &mut Verification) -> Position {
        let expected = self.expected_head.take().unwrap_or_else(|| self.end());
        if let Some(detail) = self.receipts.take().and_then(ReceiptCheck::finish) {
            found.find(None, "receipts", detail);
        }
        if let Some(detail) = self.imports.take().and_then(ImportCheck::finish) {
            found.find(None, "imports", detail);
        }
        if let Some(guards) = self.kept_guards.take() {
            check_guards(guards, &self, found);
        }
        let Some(kept) = self.kept_head.take() else { return expected.position };
        if kept.position != expected.position {
            self.find_head(kept.position, found);
        }
        if kept.frontier != expected.frontier {
            found.find(None, "frontier", "not that of the leaves");
        }
        if expected.recorded_at.is_some() && kept.recorded_at != expected.recorded_at {
            found.find(None, "head", "not recorded when the last event was");
        }
        // What lies beyond it must have been recorded since.
        match store.head().await {
            Ok(now) if self.count > now.position.0 => self.find_head(now.position, found),
            Ok(_) => {}
            Err(error) => found.find(None, "head", chain(&error)),
        }
        kept.position
    }

    fn find_head(&self, head: Position, found: &mut Verification) {
        let detail = format!("says {head}, {} events found", self.count);
        found.find(Some(Position(head.0.min(self.count) + 1)), "head", detail);
    }
}

fn check_guards((guards, links): KeptGuards, log: &LogCheck, found: &mut Verification) {
    let guards: BTreeMap<String, Position> = guards.into_iter().collect();
    let links: BTreeSet<(String, String)> = links.into_iter().collect();
    let wrong = guards.iter().find(|(guard, position)| log.guards.get(*guard) != Some(*position));
    let missing = log.guards.keys().find(|guard| !guards.contains_key(*guard));
    if let Some(guard) = wrong.map(|(guard, _)| guard).or(missing) {
        found.find(None, "guards", guard);
    }
    if let Some((guard, stream)) = links.symmetric_difference(&log.links).next() {
        found.find(None, "guards", format!("{guard} and {stream}"));
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
    rows: BTreeMap<Place, Row>,
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
                Ok(_) => found.skipped.push(table.name),
                Err(error) => found.find(None, "projection", chain(&error)),
            }
        }
        Self { folds }
    }

    async fn apply(&mut self, store: &dyn Store, events: &[Recorded], found: &mut Verification) {
        for fold in &mut self.folds {
            let events = events.iter().filter(|event| event.position <= fold.until);
            match changes(&mut *fold.projection, store, events).await {
                Ok(ops) => fold.take(ops),
                Err(error) => found.find(None, "projection", chain(&error)),
            }
        }
    }

    async fn compare(self, store: &dyn Store, head: Position, found: &mut Verification) {
        if found.events == 0 {
            found.skipped.clear();
        }
        for fold in self.folds {
            let table = fold.projection.table();
            if let Err(error) = fold.compare(store, head, found).await {
                found.find(None, "projection", format!("{}: {}", table.name, chain(&error)));
            }
        }
    }
}

impl Replayed {
    fn take(&mut self, ops: Vec<Op>) {
        for op in ops {
            match op {
                Op::Open(row) => {
                    self.rows.insert(row.place(), row);
                }
                Op::Close { known_from, opened_by, line, known_until } => {
                    if let Some(row) = self.rows.get_mut(&(known_from, opened_by, line)) {
                        row.known_until = Some(known_until);
                    }
                }
            }
        }
    }

    async fn compare(
        self,
        store: &dyn Store,
        head: Position,
        found: &mut Verification,
    ) -> Result<(), StoreError> {
        let (table, until) = (self.projection.table(), self.until);
        let mut stored = store.rows(table, &Filter::All, &[]).await?;
        let now = store.projected(table).await?;
        let now = now.filter(|now| now.version == table.version && now.position >= until);
        let Some(now) = now else {
            // Somebody began it anew in between.
            found.skipped.push(table.name);
            return Ok(());
        };
        if until > head {
            let detail = format!("{} stands at {until}, the record at {head}", table.name);
            found.find(None, "projection", detail);
        }
        stored.retain_mut(|row| as_of(row, until, now.position));
        let replayed: Vec<&Row> = self.rows.values().collect();
        let differs = |index: &usize| stored.get(*index) != replayed.get(*index).copied();
        if let Some(index) = (0..stored.len().max(replayed.len())).find(differs) {
            let rows = [stored.get(index), replayed.get(index).copied()];
            // The row that is missing, or too many, comes first.
            let place = rows.into_iter().flatten().map(Row::place).min();
            let (known_from, opened_by, line) = place.expect("one of them is there");
            let row = format!("{known_from}, {opened_by}, {line}");
            let detail = format!("{} differs from its replay in row {row}", table.name);
            found.find(None, "projection", detail);
        }
        let mut digest = Digest::new(table, until);
        replayed.iter().for_each(|row| digest.row(row));
        let digest = hexadecimal(&digest.finish());
        let rows = replayed.len() as u64;
        found.projections.insert(table.name, ProjectionCheck { position: until, rows, digest });
        Ok(())
    }
}

/// Takes back what happened to a row after a position, up to where its projection stands now; not
/// what could only happen beyond that. Says whether the row was there.
fn as_of(row: &mut Row, until: Position, now: Position) -> bool {
    let since = |position: Position| position > until && position <= now;
    row.known_until = row.known_until.filter(|known_until| !since(*known_until));
    !since(row.known_from)
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
