//! Reading an export of events: nothing in it is believed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use events::leaf::{Frontier, hexadecimal};
use events::{Event, Instant, LedgerEvent, LedgerId, Position, Record, StreamId};

use super::lines::{End, FORMAT, Heading, ImportLine, ReceiptLine, Summed, read_event};
use super::{BLOCK, MoveError};
use crate::ledger::verify::receipts::{ImportCheck, ReceiptCheck};
use crate::store::{Block, Kept, Progress, StoreError};

/// No line is longer.
const LINE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What became of a reading, for whoever handed it to a store.
pub(super) type Outcome = Arc<Mutex<Option<MoveError>>>;

/// An export, read line by line.
pub(super) struct Reading {
    path: PathBuf,
    lines: BufReader<File>,
    /// How many lines were read.
    line: u64,
    heading: Heading,
    /// What the next line is, when a block ended before it.
    next: Option<Line>,
    checks: Checks,
    outcome: Outcome,
    ended: bool,
}

/// What a line is.
enum Line {
    Receipt(Kept),
    Import(Progress),
    Event(Record),
    End,
}

/// What the lines so far come to.
struct Checks {
    ledger: LedgerId,
    frontier: Frontier,
    recorded_at: Option<Instant>,
    versions: HashMap<StreamId, u64>,
    receipts: Vec<(String, Option<crate::store::Receipt>)>,
    imports: Vec<(String, u64)>,
    counts: (u64, u64),
    beside: Option<(ReceiptCheck, ImportCheck)>,
}

impl Reading {
    /// Opens an export and reads its heading.
    pub(super) fn open(path: &Path) -> Result<Self, MoveError> {
        let unreadable = |source| MoveError::Unreadable { path: path.to_owned(), source };
        let mut lines = BufReader::new(File::open(path).map_err(unreadable)?);
        let mut first = Vec::new();
        let limited = &mut (&mut lines).take(64 * 1024);
        limited.read_until(b'\n', &mut first).map_err(unreadable)?;
        let no_export = || MoveError::NotAnExport { path: path.to_owned() };
        let heading = first.strip_suffix(b"\n").ok_or_else(no_export)?;
        let is_ours = heading.starts_with(format!(r#"{{"format":"{FORMAT}","#).as_bytes());
        let heading = match Heading::read(heading) {
            Some(heading) if heading.format == FORMAT => heading,
            _ if is_ours => return Err(MoveError::Line { path: path.to_owned(), line: 1 }),
            _ => return Err(no_export()),
        };
        let checks = Checks::new(heading.ledger);
        let (path, outcome) = (path.to_owned(), Outcome::default());
        Ok(Self { path, lines, line: 1, heading, next: None, checks, outcome, ended: false })
    }

    pub(super) fn heading(&self) -> &Heading {
        &self.heading
    }

    /// What became of it.
    pub(super) fn outcome(&self) -> Outcome {
        Arc::clone(&self.outcome)
    }

    /// Reads all of it and keeps nothing.
    pub(super) fn check(mut self) -> Result<(), MoveError> {
        while let Some(block) = self.block() {
            block?;
        }
        Ok(())
    }

    fn block(&mut self) -> Option<Result<Block, MoveError>> {
        if self.ended {
            return None;
        }
        let mut block = Block::default();
        loop {
            let line = match self.next.take().map_or_else(|| self.line(), Ok) {
                Ok(line) => line,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            };
            match line {
                Line::End => {
                    self.ended = true;
                    return Some(Ok(block));
                }
                Line::Import(progress) if block.progress.is_none() => {
                    block.progress = Some(progress);
                }
                Line::Receipt(kept) if block.kept.len() < BLOCK => block.kept.push(kept),
                Line::Event(record) if block.records.len() < BLOCK => block.records.push(record),
                other @ (Line::Import(_) | Line::Receipt(_) | Line::Event(_)) => {
                    self.next = Some(other);
                    return Some(Ok(block));
                }
            }
        }
    }

    fn line(&mut self) -> Result<Line, MoveError> {
        let mut bytes = Vec::new();
        let read = (&mut self.lines).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes);
        read.map_err(|source| MoveError::Unreadable { path: self.path.clone(), source })?;
        let Some(bytes) = bytes.strip_suffix(b"\n") else {
            return Err(MoveError::CutOff { path: self.path.clone(), lines: self.line });
        };
        self.line += 1;
        let wrong = MoveError::Line { path: self.path.clone(), line: self.line };
        if bytes.starts_with(br#"{"receipt":"#) {
            let kept = ReceiptLine::read(bytes).and_then(ReceiptLine::kept).ok_or(wrong)?;
            return self.checks.receipt(kept).map(Line::Receipt).ok_or_else(|| self.wrong());
        }
        if bytes.starts_with(br#"{"import":"#) {
            let progress = ImportLine::read(bytes).and_then(ImportLine::progress).ok_or(wrong)?;
            return self.checks.import(progress).map(Line::Import).ok_or_else(|| self.wrong());
        }
        if bytes.starts_with(br#"{"end":"#) {
            let end = End::read(bytes).ok_or(wrong)?;
            return self.end(&end);
        }
        let damaged = MoveError::Damaged {
            path: self.path.clone(),
            line: self.line,
            position: Position(self.checks.frontier.size() + 1),
        };
        let record = read_event(bytes).and_then(|record| self.checks.event(record));
        record.map(Line::Event).ok_or(damaged)
    }

    fn wrong(&self) -> MoveError {
        MoveError::Line { path: self.path.clone(), line: self.line }
    }

    /// What was read is what the heading and the end say, and nothing follows.
    fn end(&mut self, end: &End) -> Result<Line, MoveError> {
        let (checks, heading) = (&mut self.checks, &self.heading);
        let (size, root) = (checks.frontier.size(), hexadecimal(&checks.frontier.root()));
        let said =
            [(heading.ledger, heading.head, &heading.root), (end.end, end.events, &end.root)];
        let is_said = said.iter().all(|said| *said == (checks.ledger, size, &root));
        let is_whole = is_said && checks.counts == (end.receipts, end.imports) && checks.answered();
        let more = self.lines.fill_buf();
        let more = more.map_err(|source| MoveError::Unreadable { path: self.path.clone(), source });
        if is_whole && more?.is_empty() { Ok(Line::End) } else { Err(self.wrong()) }
    }
}

impl Iterator for Reading {
    type Item = Result<Block, StoreError>;

    /// The next block. Why there is none is in the outcome; a store has to know no more than that.
    fn next(&mut self) -> Option<Self::Item> {
        let block = self.block()?;
        Some(block.map_err(|error| {
            let place = self.path.display().to_string();
            *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            StoreError::NotALedger(place)
        }))
    }
}

impl Checks {
    fn new(ledger: LedgerId) -> Self {
        Self {
            ledger,
            frontier: Frontier::default(),
            recorded_at: None,
            versions: HashMap::new(),
            receipts: Vec::new(),
            imports: Vec::new(),
            counts: (0, 0),
            beside: None,
        }
    }

    /// A receipt, if it stands where receipts do and its key is the next.
    fn receipt(&mut self, kept: Kept) -> Option<Kept> {
        let is_next = self.receipts.last().is_none_or(|(key, _)| *key < kept.receipt.key);
        if !is_next || self.counts.1 > 0 || self.beside.is_some() {
            return None;
        }
        self.counts.0 += 1;
        self.receipts.push((kept.receipt.key.clone(), Some(kept.receipt.clone())));
        Some(kept)
    }

    fn import(&mut self, progress: Progress) -> Option<Progress> {
        let is_next = self.imports.last().is_none_or(|(source, _)| *source < progress.source);
        if !is_next || self.beside.is_some() {
            return None;
        }
        self.counts.1 += 1;
        self.imports.push((progress.source.clone(), progress.lines));
        Some(progress)
    }

    /// An event, if it is as it was recorded and the next of its ledger and of its stream.
    fn event(&mut self, record: Record) -> Option<Record> {
        let position = Position(self.frontier.size() + 1);
        let (envelope, recorded) = record.check(self.ledger).ok()?;
        let version = self.versions.entry(recorded.stream).or_insert(0);
        *version += 1;
        let opens = matches!(&recorded.event,
            Event::Ledger(LedgerEvent::Opened { ledger, .. }) if *ledger == self.ledger);
        if record.position != position
            || recorded.sequence != *version
            || self.recorded_at.is_some_and(|before| before > recorded.recorded_at)
            || opens != (position == Position(1))
        {
            return None;
        }
        self.recorded_at = Some(recorded.recorded_at);
        self.frontier.push(&record.leaf);
        let (receipts, imports) = self.beside();
        receipts.event(&recorded);
        imports.event(&envelope);
        Some(record)
    }

    fn beside(&mut self) -> &mut (ReceiptCheck, ImportCheck) {
        let (receipts, imports) = (&mut self.receipts, &mut self.imports);
        self.beside.get_or_insert_with(|| {
            let receipts = ReceiptCheck::new(std::mem::take(receipts));
            (receipts, ImportCheck::new(std::mem::take(imports)))
        })
    }

    /// Whether every event has its receipt, and every imported one its line.
    fn answered(&mut self) -> bool {
        let beside = self.beside.take();
        beside.is_some_and(|(receipts, imports)| {
            receipts.finish().is_none() && imports.finish().is_none()
        })
    }
}
