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

impl MemoryStore {
    /// An empty record.
    #[must_use]
    pub fn new(ledger: LedgerId, nature: Arc<dyn Nature>) -> Self {
        Self { ledger, nature, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("nobody panics while holding the record")
    }
}

impl Kept {
    fn record(&self, position: Position) -> Option<&Record> {
        let index = usize::try_from(position.0).ok()?.checked_sub(1)?;
        self.written.get(index).map(|written| &written.record)
    }

    fn head(&self) -> Position {
        Position(self.written.len() as u64)
    }

    /// What must hold before an append, given what the batch touched before it.
    fn check(&self, append: &Append, moved: &mut HashMap<StreamId, u64>) -> Result<(), StoreError> {
        for (guard, position) in &append.looked {
            if self.guards.get(guard).is_some_and(|looked| looked.position > *position) {
                return Err(StoreError::Conflict(guard.to_string()));
            }
        }
        for event in &append.events {
            let stored = self.streams.get(&event.stream).map_or(0, |events| events.len() as u64);
            let version = moved.entry(event.stream).or_insert(stored);
            *version += 1;
            if event.sequence != *version {
                return Err(StoreError::Conflict(event.stream.to_string()));
            }
        }
        Ok(())
    }

    fn append(&mut self, ledger: LedgerId, nature: &dyn Nature, append: Append) -> Receipt {
        let mut receipt = Receipt {
            key: append.key.clone(),
            positions: Vec::new(),
            versions: Vec::new(),
            notes: append.notes,
            replayed: false,
        };
        let mut versions = BTreeMap::new();
        for new in &append.events {
            let position = self.head().next();
            let now = self.recorded_at.map_or(nature.now(), |before| before.max(nature.now()));
            self.recorded_at = Some(now);
            let salt = nature.random();
            let written = write(ledger, position, now, salt, &append.key, &append.frame, new);
            self.frontier.push(&written.record.leaf);
            self.streams.entry(new.stream).or_default().push(position);
            for guard in &written.touched {
                let looked = self.guards.entry(guard.clone()).or_default();
                looked.position = position;
                if !looked.streams.contains(&new.stream) {
                    looked.streams.push(new.stream);
                }
            }
            self.written.push(written);
            receipt.positions.push(position);
            versions.insert(new.stream.to_string(), new.sequence);
        }
        receipt.versions = versions.into_iter().collect();
        self.receipts.insert(append.key, (append.body, receipt.clone()));
        receipt
    }

    fn begin(&mut self, progress: Progress) {
        let before = self.imports.remove(&progress.source);
        let mut rows = before.map(|before| before.rows).unwrap_or_default();
        rows.extend(progress.rows.iter().cloned());
        self.imports.insert(progress.source.clone(), Progress { rows, ..progress });
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn ledger(&self) -> LedgerId {
        self.ledger
    }

    async fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError> {
        let mut kept = self.kept();
        if let [append] = &batch.appends[..]
            && let Some((body, receipt)) = kept.receipts.get(&append.key)
        {
            return if *body == append.body {
                Ok(vec![Receipt { replayed: true, ..receipt.clone() }])
            } else {
                Err(StoreError::KeyReused(append.key.clone()))
            };
        }
        let (mut moved, mut keys) = (HashMap::new(), BTreeSet::new());
        for append in &batch.appends {
            if kept.receipts.contains_key(&append.key) || !keys.insert(&append.key) {
                return Err(StoreError::Conflict(append.key.clone()));
            }
            kept.check(append, &mut moved)?;
        }
        let (ledger, nature) = (self.ledger, &*self.nature);
        let appends = batch.appends.into_iter();
        let receipts = appends.map(|append| kept.append(ledger, nature, append)).collect();
        if let Some(progress) = batch.progress {
            kept.begin(progress);
        }
        Ok(receipts)
    }

    async fn head(&self) -> Result<Head, StoreError> {
        let kept = self.kept();
        Ok(Head {
            position: kept.head(),
            recorded_at: kept.recorded_at,
            frontier: kept.frontier.clone(),
        })
    }

    async fn look(&self, guard: &Guard) -> Result<Looked, StoreError> {
        Ok(self.kept().guards.get(guard).cloned().unwrap_or_default())
    }

    async fn stream(&self, stream: StreamId) -> Result<Vec<Record>, StoreError> {
        let kept = self.kept();
        let positions = kept.streams.get(&stream).into_iter().flatten();
        Ok(positions.filter_map(|position| kept.record(*position).cloned()).collect())
    }

    async fn log(&self, after: Position, limit: usize) -> Result<Vec<Record>, StoreError> {
        let skip = usize::try_from(after.0).unwrap_or(usize::MAX);
        let kept = self.kept();
        Ok(kept.written.iter().skip(skip).take(limit).map(|w| w.record.clone()).collect())
    }

    async fn events(&self, positions: &[Position]) -> Result<Vec<Record>, StoreError> {
        let kept = self.kept();
        Ok(positions.iter().filter_map(|position| kept.record(*position).cloned()).collect())
    }

    async fn position_at(&self, instant: Instant) -> Result<Position, StoreError> {
        let kept = self.kept();
        let by_then = |written: &&Written| {
            let (envelope, _) = written.record.decode().ok()?;
            (envelope.recorded_at <= instant).then_some(written.record.position)
        };
        Ok(kept.written.iter().rev().find_map(|written| by_then(&written)).unwrap_or_default())
    }

    async fn receipt(&self, key: &str) -> Result<Option<Receipt>, StoreError> {
        Ok(self.kept().receipts.get(key).map(|(_, receipt)| receipt.clone()))
    }

    async fn progress(&self, source: &str) -> Result<Option<Progress>, StoreError> {
        Ok(self.kept().imports.get(source).cloned())
    }

    async fn found(&self, skip: u64, limit: usize) -> Result<Vec<FoundRow>, StoreError> {
        let kept = self.kept();
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let found = |written: &Written| {
            let columns = &written.columns;
            FoundRow {
                record: Some(written.record.clone()),
                position: i64::try_from(written.record.position.0).unwrap_or(i64::MAX),
                columns: vec![
                    self.ledger.0.as_bytes().to_vec(),
                    columns.aggregate_type.into(),
                    columns.aggregate_id.clone().into(),
                    columns.sequence.to_string().into(),
                    columns.event_type.into(),
                    columns.event_version.clone().into(),
                    columns.recorded_at.clone().into(),
                    columns.effective.clone().into(),
                ],
            }
        };
        Ok(kept.written.iter().skip(skip).take(limit).map(found).collect())
    }

    async fn kept_guards(
        &self,
    ) -> Result<(Vec<(String, Position)>, Vec<(String, String)>), StoreError> {
        let kept = self.kept();
        let touches =
            kept.guards.iter().map(|(guard, looked)| (guard.to_string(), looked.position));
        let open = kept.guards.iter().filter(|(guard, _)| guard.own_stream().is_none());
        let links = open.flat_map(|(guard, looked)| {
            looked.streams.iter().map(|stream| (guard.to_string(), stream.to_string()))
        });
        Ok((touches.collect(), links.collect()))
    }

    async fn check_engine(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    async fn projected(&self, table: &'static Table) -> Result<Option<Progressed>, StoreError> {
        Ok(self.kept().tables.get(table.name).map(|rows| rows.progressed))
    }

    async fn project(
        &self,
        table: &'static Table,
        from: Option<Position>,
        until: Position,
        ops: Vec<Op>,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let progressed = Progressed { version: table.version, position: until };
        let rows = match from {
            None => kept
                .tables
                .entry(table.name)
                .insert_entry(Rows { progressed, rows: BTreeMap::new() })
                .into_mut(),
            Some(from) => kept
                .tables
                .get_mut(table.name)
                .filter(|rows| rows.progressed.position == from)
                .ok_or_else(|| StoreError::Conflict(table.name.to_owned()))?,
        };
        rows.progressed = progressed;
        for op in ops {
            match op {
                Op::Open(row) => {
                    rows.rows.insert((row.known_from, row.opened_by, row.line), row);
                }
                Op::Close { known_from, opened_by, line, known_until } => {
                    if let Some(row) = rows.rows.get_mut(&(known_from, opened_by, line)) {
                        row.known_until = Some(known_until);
                    }
                }
            }
        }
        Ok(())
    }

    async fn rows(
        &self,
        table: &'static Table,
        filter: &Filter,
        only: &[(&'static str, Cell)],
    ) -> Result<Vec<Row>, StoreError> {
        let kept = self.kept();
        let rows = kept.tables.get(table.name).into_iter().flat_map(|rows| rows.rows.values());
        let matching = |row: &&Row| {
            only.iter().all(|(name, cell)| row.cells.get(column(table, name)) == Some(cell))
        };
        Ok(rows.filter(|row| filter.passes(row)).filter(matching).cloned().collect())
    }

    async fn count_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        name: &'static str,
    ) -> Result<Vec<(Cell, u64)>, StoreError> {
        let mut counts = BTreeMap::new();
        for row in self.rows(table, filter, &[]).await? {
            *counts.entry(row.cells[column(table, name)].clone()).or_insert(0) += 1;
        }
        Ok(counts.into_iter().collect())
    }
}

/// The place of a column; one that the table does not have is a slip in the program.
fn column(table: &Table, name: &str) -> usize {
    let place = table.columns.iter().position(|column| column.name == name);
    place.unwrap_or_else(|| panic!("the table {} has no column {name}", table.name))
}
