//! A ledger that lives as long as its process: for tests, and the plainest reading of the contract.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use events::{Guard, Instant, LedgerId, Position, Record, StreamId};
use projections::ages::Ages;
use projections::{Cell, Digest, Filter, Op, Place, Row, Stretch, Table};

use super::engine::Workshop;
use super::error::{NoSuchColumn, NoSuchRow};
use super::plan::{Kept, Plan, Present, Trouble, adopt, plan};
use super::summaries::Summaries;
use super::{
    Batch, Beside, Blocks, Carried, Digested, FoundRow, Head, KeptGuards, Looked, Nature, Progress,
    Progressed, ProjectionStep, Receipt, Store, StoreError, Written, of_rows,
};

const PLACE: &str = "memory";

/// A store that keeps everything in memory.
pub struct MemoryStore {
    ledger: LedgerId,
    nature: Arc<dyn Nature>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    head: Head,
    written: Vec<Written>,
    recorded_at: Vec<Instant>,
    streams: HashMap<StreamId, Vec<Position>>,
    guards: BTreeMap<String, (Guard, Position)>,
    links: BTreeMap<String, BTreeMap<String, StreamId>>,
    kept: HashMap<String, Kept>,
    imports: HashMap<String, Progress>,
    tables: HashMap<&'static str, KeptTable>,
}

struct KeptTable {
    progressed: Progressed,
    rows: Rows,
}

type Rows = BTreeMap<Place, Row>;

impl MemoryStore {
    /// An empty ledger.
    #[must_use]
    pub fn new(ledger: LedgerId, nature: Arc<dyn Nature>) -> Self {
        Self { ledger, nature, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present for State {
    type Fault = Infallible;

    fn kept(&self, key: &str) -> Result<Option<Kept>, Infallible> {
        Ok(self.kept.get(key).cloned())
    }

    fn touched_at(&self, guard: &Guard) -> Result<Position, Infallible> {
        Ok(self.guards.get(&guard.to_string()).map_or(Position(0), |(_, at)| *at))
    }

    fn version(&self, stream: StreamId) -> Result<u64, Infallible> {
        Ok(self.streams.get(&stream).map_or(0, |positions| positions.len() as u64))
    }

    fn lines(&self, source: &str) -> Result<Option<u64>, Infallible> {
        Ok(self.imports.get(source).map(|progress| progress.lines))
    }
}

impl State {
    fn keep(&mut self, plan: Plan) -> Vec<Receipt> {
        let recorded_at = |written: &Written| written.columns.recorded_at.parse::<Instant>().ok();
        self.recorded_at.extend(plan.written.iter().filter_map(recorded_at));
        self.head = plan.head;
        for written in plan.written {
            self.streams.entry(written.stream).or_default().push(written.record.position);
            for guard in &written.touched {
                let touch = (guard.clone(), written.record.position);
                self.guards.insert(guard.to_string(), touch);
                if guard.own_stream().is_none() {
                    let links = self.links.entry(guard.to_string()).or_default();
                    links.insert(written.stream.to_string(), written.stream);
                }
            }
            self.written.push(written);
        }
        self.kept.extend(plan.kept.into_iter().map(|kept| (kept.receipt.key.clone(), kept)));
        if let Some(mut progress) = plan.progress {
            let before = self.imports.remove(&progress.source);
            let before = before.map_or_else(Vec::new, |before| before.rows);
            progress.rows = [before, progress.rows].concat();
            progress.rows.sort_by_key(|row| row.line);
            self.imports.insert(progress.source.clone(), progress);
        }
        plan.receipts
    }

    fn at(&self, position: Position) -> Option<&Written> {
        let index = usize::try_from(position.0).ok()?.checked_sub(1)?;
        self.written.get(index)
    }

    fn kept_guards(&self) -> KeptGuards {
        let guards = self.guards.iter().filter(|(_, (guard, _))| !guard.ends_with_its_streams());
        let guards = guards.map(|(text, (_, at))| (text.clone(), *at)).collect();
        let links = self.links.iter();
        let links = links.flat_map(|(guard, streams)| {
            streams.keys().map(|stream| (guard.clone(), stream.clone()))
        });
        (guards, links.collect())
    }

    fn rows<'a>(
        &'a self,
        table: &'static Table,
        filter: &'a Filter,
    ) -> impl Iterator<Item = &'a Row> {
        let kept = self.tables.get(table.name);
        let kept = kept.filter(|kept| kept.progressed.version == table.version);
        kept.into_iter().flat_map(|kept| kept.rows.values()).filter(|row| filter.passes(row))
    }
}

impl Summaries for MemoryStore {}

#[async_trait]
impl Store for MemoryStore {
    fn ledger(&self) -> LedgerId {
        self.ledger
    }

    async fn append(&self, batch: Batch) -> Result<Vec<Receipt>, StoreError> {
        let state = &mut *self.state();
        match plan(self.ledger, &state.head, &*self.nature, state, &batch) {
            Ok(plan) => Ok(state.keep(plan)),
            Err(Trouble::Refused(error)) => Err(error),
            Err(Trouble::Fault(never)) => match never {},
        }
    }

    async fn head(&self) -> Result<Head, StoreError> {
        Ok(self.state().head.clone())
    }

    async fn look(&self, guard: &Guard) -> Result<Looked, StoreError> {
        let (state, text) = (self.state(), guard.to_string());
        let Some(position) = state.guards.get(&text).map(|(_, at)| *at) else {
            return Ok(Looked::default());
        };
        let streams = match guard.own_stream() {
            Some(stream) => vec![stream],
            None => state.links.get(&text).into_iter().flat_map(|l| l.values().copied()).collect(),
        };
        Ok(Looked { position, streams })
    }

    async fn version(&self, stream: StreamId) -> Result<u64, StoreError> {
        Ok(self.state().streams.get(&stream).map_or(0, |positions| positions.len() as u64))
    }

    async fn stream(&self, stream: StreamId) -> Result<Vec<Record>, StoreError> {
        let state = self.state();
        let positions = state.streams.get(&stream).into_iter().flatten();
        Ok(positions.filter_map(|at| state.at(*at)).map(|w| w.record.clone()).collect())
    }

    async fn log(&self, after: Position, limit: usize) -> Result<Vec<Record>, StoreError> {
        let skip = usize::try_from(after.0).unwrap_or(usize::MAX);
        let state = self.state();
        Ok(state.written.iter().skip(skip).take(limit).map(|w| w.record.clone()).collect())
    }

    async fn events(&self, positions: &[Position]) -> Result<Vec<Record>, StoreError> {
        let state = self.state();
        Ok(positions.iter().filter_map(|at| state.at(*at)).map(|w| w.record.clone()).collect())
    }

    async fn position_at(&self, instant: Instant) -> Result<Position, StoreError> {
        Ok(Position(self.state().recorded_at.partition_point(|at| *at <= instant) as u64))
    }

    async fn receipt(&self, key: &str) -> Result<Option<Receipt>, StoreError> {
        let state = self.state();
        Ok(state.kept.get(key).map(|kept| Receipt { replayed: true, ..kept.receipt.clone() }))
    }

    async fn progress(&self, source: &str) -> Result<Option<Progress>, StoreError> {
        Ok(self.state().imports.get(source).cloned())
    }

    async fn found(&self, skip: u64, limit: usize) -> Result<Vec<FoundRow>, StoreError> {
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let state = self.state();
        let found = state.written.iter().skip(skip).take(limit);
        Ok(found.map(|written| found_row(self.ledger, written)).collect())
    }

    async fn kept_guards(&self) -> Result<KeptGuards, StoreError> {
        Ok(self.state().kept_guards())
    }

    async fn beside(&self) -> Result<Beside, StoreError> {
        let state = self.state();
        let receipts = state.kept.iter().map(|(key, kept)| (key.clone(), kept.receipt.clone()));
        let imports = state.imports.iter().map(|(source, import)| (source.clone(), import.lines));
        Ok(Beside {
            head: Ok(state.head.clone()),
            guards: Ok(state.kept_guards()),
            receipts: Ok(receipts.map(|(key, receipt)| (key, Some(receipt))).collect()),
            imports: Ok(imports.collect()),
        })
    }

    async fn carried(&self) -> Result<Carried, StoreError> {
        let state = self.state();
        let mut kept: Vec<Kept> = state.kept.values().cloned().collect();
        kept.sort_by(|a, b| a.receipt.key.cmp(&b.receipt.key));
        let mut imports: Vec<Progress> = state.imports.values().cloned().collect();
        imports.sort_by(|a, b| a.source.cmp(&b.source));
        Ok(Carried { head: state.head.clone(), kept, imports })
    }

    async fn adopt(&self, blocks: Blocks) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.head.position != Position(0) {
            return Err(StoreError::Exists(PLACE.to_owned()));
        }
        let (mut head, mut plans) = (state.head.clone(), Vec::new());
        for block in blocks {
            let plan = adopt(self.ledger, &head, block?)?;
            head = plan.head.clone();
            plans.push(plan);
        }
        for plan in plans {
            state.keep(plan);
        }
        Ok(())
    }

    async fn check_engine(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    async fn projected(&self, table: &'static Table) -> Result<Option<Progressed>, StoreError> {
        Ok(self.state().tables.get(table.name).map(|kept| kept.progressed))
    }

    async fn project(&self, steps: Vec<ProjectionStep>) -> Result<(), StoreError> {
        let mut state = self.state();
        let mut done = Vec::with_capacity(steps.len());
        for step in steps {
            let table = step.table;
            match state.step(step) {
                Ok(undo) => done.push((table, undo)),
                Err(error) => {
                    done.into_iter().rev().for_each(|(table, undo)| state.undo(table, undo));
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn workshop(&self) -> Result<Workshop, StoreError> {
        Err(StoreError::ReadOnly(PLACE.to_owned()))
    }

    async fn digested(&self, table: &'static Table) -> Result<Option<Digested>, StoreError> {
        let state = self.state();
        let kept = state.tables.get(table.name);
        let kept = kept.filter(|kept| kept.progressed.version == table.version);
        Ok(kept.map(|kept| {
            let position = kept.progressed.position;
            let mut digest = Digest::new(table, position);
            kept.rows.values().for_each(|row| digest.row(row));
            Digested { position, rows: kept.rows.len() as u64, digest: digest.finish() }
        }))
    }

    async fn rows(
        &self,
        table: &'static Table,
        filter: &Filter,
        only: &[(&'static str, Cell)],
    ) -> Result<Vec<Row>, StoreError> {
        let only: Vec<(usize, &Cell)> = only
            .iter()
            .map(|(column, cell)| Ok((index(table, column)?, cell)))
            .collect::<Result<_, StoreError>>()?;
        let state = self.state();
        let rows = state.rows(table, filter);
        let rows = rows.filter(|row| only.iter().all(|(index, cell)| row.cells[*index] == **cell));
        Ok(rows.cloned().collect())
    }

    async fn count_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, u64)>, StoreError> {
        let index = index(table, column)?;
        let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
        for row in self.state().rows(table, filter) {
            *counts.entry(row.cells[index].clone()).or_default() += 1;
        }
        Ok(counts.into_iter().collect())
    }

    async fn ages(&self, filter: &Filter) -> Result<Ages, StoreError> {
        of_rows::ages(self, filter).await
    }

    async fn count_ids(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<u64, StoreError> {
        of_rows::count_ids(self, table, filter, column).await
    }

    async fn stretches_by(
        &self,
        table: &'static Table,
        filter: &Filter,
        column: &'static str,
    ) -> Result<Vec<(Cell, Vec<Stretch>)>, StoreError> {
        let index = index(table, column)?;
        let mut stretches: BTreeMap<Cell, Vec<Stretch>> = BTreeMap::new();
        for row in self.state().rows(table, filter) {
            stretches.entry(row.cells[index].clone()).or_default().push(Stretch::of(row));
        }
        stretches.values_mut().for_each(|stretches| stretches.sort_unstable());
        Ok(stretches.into_iter().collect())
    }
}

/// How a step is taken back.
enum Undo {
    /// The table that was dropped, if there was one.
    Begun(Option<KeptTable>),
    /// Where the projection stood, and the rows that changed as they were.
    Moved(Progressed, Vec<(Place, Option<Row>)>),
}

impl State {
    /// Takes a whole step, or nothing of it.
    fn step(&mut self, step: ProjectionStep) -> Result<Undo, StoreError> {
        let ProjectionStep { table, from, until, ops } = step;
        let progressed = Progressed { version: table.version, position: until };
        let Some(from) = from else {
            let mut rows = Rows::new();
            change(table, &mut rows, ops)?;
            return Ok(Undo::Begun(self.tables.insert(table.name, KeptTable { progressed, rows })));
        };
        let from = Progressed { version: table.version, position: from };
        let kept = self.tables.get_mut(table.name).filter(|kept| kept.progressed == from);
        let kept = kept.ok_or_else(|| StoreError::Conflict(table.name.to_owned()))?;
        let changed = change(table, &mut kept.rows, ops)?;
        kept.progressed = progressed;
        Ok(Undo::Moved(from, changed))
    }

    fn undo(&mut self, table: &'static Table, undo: Undo) {
        match undo {
            Undo::Begun(Some(before)) => {
                self.tables.insert(table.name, before);
            }
            Undo::Begun(None) => {
                self.tables.remove(table.name);
            }
            Undo::Moved(progressed, changed) => {
                if let Some(kept) = self.tables.get_mut(table.name) {
                    restore(&mut kept.rows, changed);
                    kept.progressed = progressed;
                }
            }
        }
    }
}

/// Applies all changes and gives what was there before, or none and says which row is not there.
fn change(
    table: &'static Table,
    rows: &mut Rows,
    ops: Vec<Op>,
) -> Result<Vec<(Place, Option<Row>)>, StoreError> {
    let mut undo = Vec::with_capacity(ops.len());
    for op in ops {
        match op {
            Op::Open(row) => {
                let key = row.place();
                undo.push((key, rows.insert(key, row)));
            }
            Op::Close { known_from, opened_by, line, known_until } => {
                let key = (known_from, opened_by, line);
                let row = rows.get_mut(&key).filter(|row| row.known_until.is_none());
                let Some(row) = row else {
                    restore(rows, undo);
                    return Err(no_such_row(table, key));
                };
                undo.push((key, Some(row.clone())));
                row.known_until = Some(known_until);
            }
        }
    }
    Ok(undo)
}

fn restore(rows: &mut Rows, undo: Vec<(Place, Option<Row>)>) {
    for (key, before) in undo.into_iter().rev() {
        match before {
            Some(row) => rows.insert(key, row),
            None => rows.remove(&key),
        };
    }
}

fn no_such_row(table: &'static Table, (known_from, opened_by, line): Place) -> StoreError {
    let (table, known_from, opened_by) = (table.name, known_from.0, opened_by.0);
    StoreError::Corrupt {
        place: PLACE.to_owned(),
        position: None,
        source: Box::new(NoSuchRow { table, known_from, opened_by, line }),
    }
}

fn index(table: &'static Table, column: &'static str) -> Result<usize, StoreError> {
    table.columns.iter().position(|known| known.name == column).ok_or_else(|| StoreError::Failed {
        place: PLACE.to_owned(),
        source: Box::new(NoSuchColumn { table: table.name, column }),
    })
}

fn found_row(ledger: LedgerId, written: &Written) -> FoundRow {
    let columns = &written.columns;
    FoundRow {
        record: Some(written.record.clone()),
        position: i64::try_from(written.record.position.0).unwrap_or(i64::MAX),
        columns: vec![
            ledger.0.as_bytes().to_vec(),
            columns.aggregate_type.into(),
            columns.aggregate_id.clone().into(),
            columns.sequence.to_string().into(),
            columns.event_type.into(),
            columns.event_version.clone().into(),
            columns.recorded_at.clone().into(),
            columns.effective.clone().into(),
        ],
    }
}
