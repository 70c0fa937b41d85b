//! Drafts of tables while they are folded: their rows as numbers, in one file beside the ledger.
//!
//! Rows are folded in the order in which a table keeps them, so they are written one after the
//! other and none is ever looked for. That a row is no longer known is kept apart, and comes
//! together with the row when the draft is read.

mod bytes;
mod entries;
mod table;
mod trees;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use events::{Position, StreamId};
use foldhash::HashMap;
use projections::{Cell, CellRef, ColumnKind, Digest, Op, RowRef, Table};
use uuid::Uuid;

use super::cells::Day;
use super::fault::{Fault, store_error};
use crate::store::error::NoSuchRow;
use crate::store::{Digested, StoreError};

pub(super) use self::bytes::Drawn;
use self::bytes::{Bytes, write_row};

/// How many bytes of a table are gathered before they are written at once.
const BLOCK_MIN: usize = 1 << 18;

/// The drafts of a rebuild, one for each table. Several may be drawn at the same time.
pub(super) struct Drafts {
    path: PathBuf,
    /// The file, and where it ends.
    file: Mutex<(File, u64)>,
    tables: Vec<(&'static Table, RwLock<Draft>)>,
    /// What stands for the id of every stream that was opened so far.
    numbers: RwLock<HashMap<Uuid, u64>>,
}

/// What draws drafts; several may at the same time, each the drafts of other tables.
#[derive(Clone)]
pub struct Pen {
    drafts: Arc<Drafts>,
    place: String,
}

impl Pen {
    pub(super) fn new(drafts: &Arc<Drafts>, place: &str) -> Self {
        Self { drafts: Arc::clone(drafts), place: place.to_owned() }
    }

    /// Is told of streams that were opened, before rows name them.
    pub fn tell(&self, opened: &[(StreamId, Position)]) {
        self.drafts.tell(opened);
    }

    /// Writes changes into a draft: rows in their order, each after all that were drawn before.
    ///
    /// # Errors
    /// What keeps the draft from being written.
    pub fn draw(&self, table: &'static Table, ops: &[Op]) -> Result<(), StoreError> {
        self.drafts.draw(table, ops).map_err(|fault| store_error(&self.place, fault))
    }
}

/// One table's draft.
#[derive(Default)]
struct Draft {
    /// What is in the file.
    blocks: Vec<Block>,
    /// The rows that are not in it yet.
    gathered: Vec<u8>,
    /// What happened to rows.
    closings: Vec<Closing>,
    /// Whether these are in the order of the rows.
    in_order: bool,
}

/// Where rows of one table lie in the file.
struct Block {
    at: u64,
    length: usize,
}

/// What names a row, and places it: `known_from`, `opened_by` and `line`.
type Place = (Position, Position, u32);

/// A row is known no longer.
struct Closing {
    place: Place,
    known_until: Position,
}

impl Drafts {
    /// Begins one for every table, in a file that is not there yet.
    pub(super) fn create(path: &Path) -> Result<Self, Fault> {
        let (path, file) = (path.to_owned(), File::create_new(path)?);
        let tables = projections::TABLES.iter().map(|table| (*table, RwLock::default()));
        let (file, numbers) = (Mutex::new((file, 0)), RwLock::default());
        Ok(Self { path, file, tables: tables.collect(), numbers })
    }

    /// Is told of streams that were opened, before rows name them.
    pub(super) fn tell(&self, opened: &[(StreamId, Position)]) {
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
        numbers.extend(opened.iter().map(|(stream, at)| (stream.id, at.0)));
    }

    /// Takes changes of a table: rows in their order, each after all that were taken before.
    pub(super) fn draw(&self, table: &'static Table, ops: &[Op]) -> Result<(), Fault> {
        let mut numbers = self.numbers_in(table, ops).into_iter();
        let mut draft = self.of(table)?.write().unwrap_or_else(PoisonError::into_inner);
        for op in ops {
            match op {
                Op::Open(row) => {
                    write_row(&mut draft.gathered, table, row, &mut numbers);
                    if draft.gathered.len() >= BLOCK_MIN {
                        self.write(&mut draft)?;
                    }
                }
                Op::Close { known_from, opened_by, line, known_until } => {
                    let place = (*known_from, *opened_by, *line);
                    draft.closings.push(Closing { place, known_until: *known_until });
                    draft.in_order = false;
                }
            }
        }
        Ok(())
    }

    fn of(&self, table: &'static Table) -> Result<&RwLock<Draft>, Fault> {
        let mut tables = self.tables.iter();
        let found = tables.find(|(known, _)| *known == table);
        found.map(|(_, draft)| draft).ok_or(NO_DRAFT)
    }

    /// Writes what is gathered to the end of the file.
    fn write(&self, draft: &mut Draft) -> Result<(), Fault> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, end) = &mut *file;
        file.write_all(&draft.gathered)?;
        draft.blocks.push(Block { at: *end, length: draft.gathered.len() });
        *end += draft.gathered.len() as u64;
        draft.gathered.clear();
        Ok(())
    }

    /// What stands for every id in rows that are opened, one after the other. All are looked up at
    /// once, so that the processor waits for several at a time.
    fn numbers_in(&self, table: &Table, ops: &[Op]) -> Vec<Option<u64>> {
        let numbers = self.numbers.read().unwrap_or_else(PoisonError::into_inner);
        let rows = ops.iter().filter_map(|op| match op {
            Op::Open(row) => Some(row),
            Op::Close { .. } => None,
        });
        let ids = rows.flat_map(|row| {
            let cells = table.columns.iter().zip(&row.cells);
            let ids = cells.filter(|(column, _)| column.kind == ColumnKind::Id);
            ids.map(|(_, id)| (id, row.known_from))
        });
        let number = |(id, known_from): (&Cell, Position)| {
            let number = numbers.get(&id.uuid()?).copied();
            number.filter(|number| *number <= known_from.0)
        };
        ids.map(number).collect()
    }

    /// What a draft holds that has come to a position, in one number.
    pub(super) fn digested(
        &self,
        table: &'static Table,
        position: Position,
    ) -> Result<Digested, Fault> {
        let (mut rows, mut digest) = (0, Digest::new(table, position));
        let mut drawn = self.rows(table)?;
        while !drawn.is_over() {
            drawn.block(|row| {
                self.number_late(table, row);
                digest.row_ref(RowRef {
                    cells: &row.cells,
                    valid_from: row.valid_from.date().ok_or(UNREADABLE)?,
                    valid_until: row.valid_until.and_then(Day::date),
                    known_from: row.known_from,
                    known_until: row.known_until,
                    opened_by: row.opened_by,
                    closed_by: row.closed_by,
                    line: row.line,
                });
                rows += 1;
                Ok(())
            })?;
        }
        Ok(Digested { position, rows, digest: digest.finish() })
    }

    /// Makes a draft a table of SQLite with its indexes, in a file of its own in a folder.
    pub(super) fn make(&self, table: &'static Table, folder: &Path) -> Result<PathBuf, Fault> {
        table::make(self, table, folder)
    }

    /// Lets the number stand for an id whose stream was opened after the row was known: to a digest
    /// an id is the same in both forms.
    fn number_late(&self, table: &Table, row: &mut Drawn<'_>) {
        for (column, cell) in table.columns.iter().zip(&mut row.cells) {
            if let (ColumnKind::Id, CellRef::Text(text)) = (column.kind, *cell) {
                let numbers = self.numbers.read().unwrap_or_else(PoisonError::into_inner);
                let id = Cell::Text(text.to_owned()).uuid();
                let number = id.and_then(|id| numbers.get(&id));
                *cell = number.map_or(*cell, |number| CellRef::Number(*number));
            }
        }
    }

    /// The rows of a draft in their order, each as it ended up. Nothing is drawn meanwhile.
    pub(super) fn rows(&self, table: &'static Table) -> Result<Rows<'_>, Fault> {
        let draft = self.of(table)?;
        let mut to_order = draft.write().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut to_order.in_order, true) {
            to_order.closings.sort_by_key(|closing| closing.place);
        }
        drop(to_order);
        let draft = draft.read().unwrap_or_else(PoisonError::into_inner);
        let (file, bytes) = (File::open(&self.path)?, Vec::new());
        Ok(Rows { table, draft, file, bytes, next: 0, closed: 0, last: None })
    }
}

/// The rows of a draft that is being read, one block after the other.
pub(super) struct Rows<'a> {
    table: &'static Table,
    draft: RwLockReadGuard<'a, Draft>,
    file: File,
    bytes: Vec<u8>,
    /// Which block comes next; after those in the file comes what is gathered.
    next: usize,
    /// How many closings met their row.
    closed: usize,
    last: Option<Place>,
}

impl Rows<'_> {
    /// Whether there are no more blocks.
    pub(super) fn is_over(&self) -> bool {
        self.next > self.draft.blocks.len()
    }

    /// Gives the rows of the next block.
    pub(super) fn block(
        &mut self,
        mut take: impl FnMut(&mut Drawn<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut bytes = std::mem::take(&mut self.bytes);
        match self.draft.blocks.get(self.next) {
            Some(block) => {
                bytes.resize(block.length, 0);
                self.file.seek(SeekFrom::Start(block.at))?;
                self.file.read_exact(&mut bytes)?;
            }
            None => bytes.clone_from(&self.draft.gathered),
        }
        let (mut rest, mut row) = (Bytes(&bytes), Drawn::default());
        while !rest.is_empty() {
            rest.row(self.table, &mut row).ok_or(UNREADABLE)?;
            self.settle(&mut row)?;
            take(&mut row)?;
        }
        self.bytes = bytes;
        self.next += 1;
        let closing = self.draft.closings.get(self.closed).filter(|_| self.is_over());
        closing.map_or(Ok(()), |closing| Err(self.lacks(closing.place)))
    }

    /// Closes the row, if it is to be closed.
    fn settle(&mut self, row: &mut Drawn<'_>) -> Result<(), Fault> {
        let place = (row.known_from, row.opened_by, row.line);
        if self.last.replace(place).is_some_and(|last| last >= place) {
            return Err(UNREADABLE);
        }
        let closing = self.draft.closings.get(self.closed);
        if let Some(closing) = closing.filter(|closing| closing.place <= place) {
            if closing.place < place || row.known_until.is_some() {
                return Err(self.lacks(closing.place));
            }
            row.known_until = Some(closing.known_until);
            self.closed += 1;
        }
        Ok(())
    }

    fn lacks(&self, (known_from, opened_by, line): Place) -> Fault {
        let (known_from, opened_by) = (known_from.0, opened_by.0);
        NoSuchRow { table: self.table.name, known_from, opened_by, line }.into()
    }
}

const UNREADABLE: Fault = Fault::Damaged { position: None, what: "a draft cannot be read" };

const NO_DRAFT: Fault = Fault::Damaged { position: None, what: "a table has no draft" };

#[cfg(test)]
mod tests {
    use events::{BranchId, MembershipId, PersonId};
    use projections::Row;
    use projections::memberships::TABLE;
    use projections::table::{cell, id};

    use super::*;

    fn row(known_from: u64, line: u32) -> Row {
        let uuid = |what: u128| Uuid::from_u128(what << 64 | u128::from(known_from));
        Row {
            cells: vec![
                id(MembershipId(uuid(1))),
                id(PersonId(uuid(2))),
                // The first one is that of a stream a moment later, the last one of none.
                match line {
                    0 => id(BranchId(uuid(3))),
                    1 => id(BranchId(Uuid::from_u128(uuid(3).as_u128() - 4))),
                    _ => cell("nowhere"),
                },
            ],
            valid_from: jiff::civil::date(-1, 12, 31),
            valid_until: (line > 0).then(|| jiff::civil::date(9999, 12, 31)),
            known_from: Position(known_from),
            known_until: None,
            opened_by: Position(known_from.div_ceil(2)),
            closed_by: (line == 1).then_some(Position(1)),
            line,
        }
    }

    fn close(row: &Row, known_until: u64) -> Op {
        let Row { known_from, opened_by, line, .. } = *row;
        Op::Close { known_from, opened_by, line, known_until: Position(known_until) }
    }

    fn drafts() -> (tempfile::TempDir, Drafts) {
        let folder = tempfile::tempdir().unwrap();
        let drafts = Drafts::create(&folder.path().join("draft")).unwrap();
        (folder, drafts)
    }

    fn digest(rows: &[Row]) -> [u8; 32] {
        let mut digest = Digest::new(TABLE, Position(9));
        rows.iter().for_each(|row| digest.row(row));
        digest.finish()
    }

    #[test]
    fn a_draft_holds_what_was_drawn_however_much_it_is() {
        let (_folder, drafts) = drafts();
        let mut rows: Vec<Row> = Vec::new();
        for known_from in (4..=80_000_u64).step_by(4) {
            let opened = |what: u128, at| {
                let stream = Uuid::from_u128(what << 64 | u128::from(known_from));
                (MembershipId(stream).into(), Position(at))
            };
            let [first, second] = [known_from - 2, known_from - 1];
            drafts.tell(&[opened(1, first), opened(2, second), opened(3, known_from + 1)]);
            let mut ops = Vec::new();
            if let Some(row) = rows.iter_mut().rev().nth(40).filter(|_| known_from % 12 == 0) {
                row.known_until = Some(Position(known_from));
                ops.push(close(row, known_from));
            }
            let new = [row(known_from, 0), row(known_from, 1), row(known_from, 2)];
            ops.extend(new.iter().cloned().map(Op::Open));
            rows.extend(new);
            drafts.draw(TABLE, &ops).unwrap();
            if known_from % 40_000 == 0 {
                let found = drafts.digested(TABLE, Position(9)).unwrap();
                let expected = (rows.len() as u64, digest(&rows));
                assert_eq!((found.rows, found.digest), expected, "and then it goes on");
            }
        }
        let draft = drafts.of(TABLE).unwrap().read().unwrap();
        assert!(draft.blocks.len() > 2, "it is more than memory is to hold");
        let other = drafts.digested(projections::posts::TABLE, Position(9)).unwrap();
        assert_eq!(other.rows, 0);
    }

    #[test]
    fn what_is_not_there_cannot_be_closed_nor_anything_twice() {
        let closed = Row { known_until: Some(Position(7)), ..row(3, 0) };
        for (rows, closings, lacking) in [
            (vec![row(2, 0)], vec![close(&row(1, 0), 5)], 1),
            (vec![row(2, 0)], vec![close(&row(2, 1), 5)], 2),
            (vec![row(2, 0)], vec![close(&row(3, 0), 5)], 3),
            (vec![row(2, 0), row(4, 0)], vec![close(&row(2, 0), 5), close(&row(2, 0), 6)], 2),
            (vec![closed.clone()], vec![close(&closed, 8)], 3),
        ] {
            let (_folder, drafts) = drafts();
            let ops: Vec<_> = rows.into_iter().map(Op::Open).chain(closings).collect();
            drafts.draw(TABLE, &ops).unwrap();
            match drafts.digested(TABLE, Position(9)) {
                Err(Fault::NoRow(lacks)) => assert_eq!(lacks.known_from, lacking),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn rows_that_are_mixed_up_are_refused() {
        for rows in [[row(2, 0), row(1, 0)], [row(2, 1), row(2, 0)], [row(2, 0), row(2, 0)]] {
            let (_folder, drafts) = drafts();
            drafts.draw(TABLE, &rows.map(Op::Open)).unwrap();
            let found = drafts.digested(TABLE, Position(9));
            assert!(matches!(found, Err(Fault::Damaged { .. })), "{found:?}");
        }
    }
}
