//! Drafts of tables while they are folded: their rows in few bytes, in one file.
//!
//! Rows are folded in the order in which a table keeps them, so they are written one after the
//! other and none is ever looked for. That a row is no longer known is kept apart, and comes
//! together with the row when the draft is read. An engine makes a table of a draft once all of it
//! is drawn, so it writes every row once, as it ended up.

mod bytes;
mod making;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use events::{Position, StreamId};
use foldhash::HashMap;
use projections::{Cell, CellRef, ColumnKind, Digest, Op, Place, Table};
use uuid::Uuid;

use super::engine::Wanted;
use super::error::NoSuchRow;
use super::{Digested, Generation, StoreError};

pub(super) use self::bytes::Drawn;
use self::bytes::{Bytes, write_row};
pub(super) use self::making::{Making, in_turn};

/// How many bytes of a table are gathered before they are written at once.
const BLOCK_MIN: usize = 1 << 18;

/// The drafts of a rebuild, one for each table. Several may be drawn at the same time.
pub(super) struct Drafts {
    /// The file, and where it ends.
    file: Mutex<(File, u64)>,
    tables: Vec<(&'static Table, RwLock<Draft>)>,
    /// What stands for the id of every stream that was opened so far, where an engine keeps numbers
    /// in the place of ids.
    numbers: Option<RwLock<HashMap<Uuid, u64>>>,
}

/// What keeps a draft from being written or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Flaw {
    /// The file system.
    #[error(transparent)]
    File(#[from] io::Error),
    /// It is not what was drawn, or not drawn as it has to be.
    #[error("{0}")]
    Damaged(&'static str),
    /// A row is closed that is not there.
    #[error(transparent)]
    NoRow(#[from] NoSuchRow),
}

/// How an engine keeps ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ids {
    /// The position of the event that opened its stream stands for an id, from there on.
    Numbered,
    /// As they are.
    Whole,
}

/// What draws drafts; several may at the same time, each the drafts of other tables.
#[derive(Clone)]
pub struct Pen {
    drafts: Arc<Drafts>,
    place: String,
    failed: fn(&str, Flaw) -> StoreError,
}

impl Pen {
    /// For the ledger of a place; what fails is told as its engine tells it.
    pub(super) fn new(
        drafts: &Arc<Drafts>,
        place: &str,
        failed: fn(&str, Flaw) -> StoreError,
    ) -> Self {
        Self { drafts: Arc::clone(drafts), place: place.to_owned(), failed }
    }

    /// About how much was drawn of a table, in bytes.
    #[must_use]
    pub fn size(&self, table: &'static Table) -> usize {
        self.drafts.size(table)
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
        self.drafts.draw(table, ops).map_err(|flaw| (self.failed)(&self.place, flaw))
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

impl Draft {
    /// Brings what happened to rows into the order of the rows.
    fn order(&mut self) {
        if !std::mem::replace(&mut self.in_order, true) {
            self.closings.sort_by_key(|closing| closing.place);
        }
    }
}

/// Where rows of one table lie in the file.
struct Block {
    at: u64,
    length: usize,
}

/// A row is known no longer.
struct Closing {
    place: Place,
    known_until: Position,
}

impl Drafts {
    /// Begins one for every table, in a file that is empty and may be read and written.
    pub(super) fn new(file: File, ids: Ids) -> Self {
        let tables = projections::TABLES.iter().map(|table| (*table, RwLock::default()));
        let numbers = match ids {
            Ids::Numbered => Some(RwLock::default()),
            Ids::Whole => None,
        };
        Self { file: Mutex::new((file, 0)), tables: tables.collect(), numbers }
    }

    /// Is told of streams that were opened, before rows name them.
    pub(super) fn tell(&self, opened: &[(StreamId, Position)]) {
        if let Some(numbers) = &self.numbers {
            let mut numbers = numbers.write().unwrap_or_else(PoisonError::into_inner);
            numbers.extend(opened.iter().map(|(stream, at)| (stream.id, at.0)));
        }
    }

    /// Takes changes of a table: rows in their order, each after all that were taken before.
    pub(super) fn draw(&self, table: &'static Table, ops: &[Op]) -> Result<(), Flaw> {
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

    fn of(&self, table: &'static Table) -> Result<&RwLock<Draft>, Flaw> {
        let mut tables = self.tables.iter();
        let found = tables.find(|(known, _)| *known == table);
        found.map(|(_, draft)| draft).ok_or(Flaw::Damaged("a table has no draft"))
    }

    /// Is told that all is drawn, so that those who read the same draft do not wait for each other;
    /// gives the tables of which drafts are wanted.
    pub(super) fn end(&self, wanted: &[Wanted]) -> Vec<&'static Table> {
        for (_, draft) in &self.tables {
            draft.write().unwrap_or_else(PoisonError::into_inner).order();
        }
        let drafts = wanted.iter().filter(|(_, generation, _)| *generation == Generation::Draft);
        drafts.map(|(table, ..)| *table).collect()
    }

    /// About how much was drawn of a table, in bytes.
    fn size(&self, table: &'static Table) -> usize {
        let size = |draft: &RwLock<Draft>| {
            let draft = draft.read().unwrap_or_else(PoisonError::into_inner);
            draft.blocks.iter().map(|block| block.length).sum::<usize>() + draft.gathered.len()
        };
        self.of(table).map_or(0, size)
    }

    /// Writes what is gathered to the end of the file.
    fn write(&self, draft: &mut Draft) -> Result<(), Flaw> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, end) = &mut *file;
        file.seek(SeekFrom::Start(*end))?;
        file.write_all(&draft.gathered)?;
        draft.blocks.push(Block { at: *end, length: draft.gathered.len() });
        *end += draft.gathered.len() as u64;
        draft.gathered.clear();
        Ok(())
    }

    /// Reads what is in the file.
    fn read(&self, block: &Block, bytes: &mut Vec<u8>) -> Result<(), Flaw> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.resize(block.length, 0);
        file.0.seek(SeekFrom::Start(block.at))?;
        Ok(file.0.read_exact(bytes)?)
    }

    /// What stands for every id in rows that are opened, one after the other. All are looked up at
    /// once, so that the processor waits for several at a time.
    fn numbers_in(&self, table: &Table, ops: &[Op]) -> Vec<Option<u64>> {
        let Some(numbers) = &self.numbers else { return Vec::new() };
        let numbers = numbers.read().unwrap_or_else(PoisonError::into_inner);
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
    ) -> Result<Digested, Flaw> {
        let (mut rows, mut digest) = (0, Digest::new(table, position));
        let mut drawn = self.rows(table)?;
        while !drawn.is_over() {
            drawn.block(|row| -> Result<(), Flaw> {
                self.number_late(row);
                digest.row_ref(row.row_ref()?);
                rows += 1;
                Ok(())
            })?;
        }
        Ok(Digested { position, rows, digest: digest.finish() })
    }

    /// Lets the number stand for an id whose stream was opened after the row was known: in a table
    /// that row has its text and later ones its number, and a digest would take them for two ids.
    fn number_late(&self, row: &mut Drawn<'_>) {
        let Some(numbers) = &self.numbers else { return };
        for cell in &mut row.cells {
            if let CellRef::Id(id) = *cell {
                let numbers = numbers.read().unwrap_or_else(PoisonError::into_inner);
                *cell = numbers.get(&id).map_or(*cell, |number| CellRef::Number(*number));
            }
        }
    }

    /// The rows of a draft in their order, each as it ended up. Nothing is drawn meanwhile.
    pub(super) fn rows(&self, table: &'static Table) -> Result<Rows<'_>, Flaw> {
        let draft = self.of(table)?;
        let read = || draft.read().unwrap_or_else(PoisonError::into_inner);
        if !read().in_order {
            draft.write().unwrap_or_else(PoisonError::into_inner).order();
        }
        let (draft, drafts, bytes) = (read(), self, Vec::new());
        Ok(Rows { drafts, table, draft, bytes, next: 0, closed: 0, last: None })
    }
}

/// The rows of a draft that is being read, one block after the other.
pub(super) struct Rows<'a> {
    drafts: &'a Drafts,
    table: &'static Table,
    draft: RwLockReadGuard<'a, Draft>,
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
    pub(super) fn block<E: From<Flaw>>(
        &mut self,
        mut take: impl FnMut(&mut Drawn<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut bytes = std::mem::take(&mut self.bytes);
        match self.draft.blocks.get(self.next) {
            Some(block) => self.drafts.read(block, &mut bytes)?,
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
        closing.map_or(Ok(()), |closing| Err(self.lacks(closing.place).into()))
    }

    /// Closes the row, if it is to be closed.
    fn settle(&mut self, row: &mut Drawn<'_>) -> Result<(), Flaw> {
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

    fn lacks(&self, (known_from, opened_by, line): Place) -> Flaw {
        let (known_from, opened_by) = (known_from.0, opened_by.0);
        NoSuchRow { table: self.table.name, known_from, opened_by, line }.into()
    }
}

const UNREADABLE: Flaw = Flaw::Damaged("a draft cannot be read");

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

    fn drafts(ids: Ids) -> Drafts {
        Drafts::new(tempfile::tempfile().unwrap(), ids)
    }

    fn digest(rows: &[Row]) -> [u8; 32] {
        let mut digest = Digest::new(TABLE, Position(9));
        rows.iter().for_each(|row| digest.row(row));
        digest.finish()
    }

    #[test]
    fn a_draft_holds_what_was_drawn_however_much_it_is() {
        for ids in [Ids::Numbered, Ids::Whole] {
            holds_what_was_drawn(&drafts(ids));
        }
    }

    fn holds_what_was_drawn(drafts: &Drafts) {
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
            let drafts = drafts(Ids::Numbered);
            let ops: Vec<_> = rows.into_iter().map(Op::Open).chain(closings).collect();
            drafts.draw(TABLE, &ops).unwrap();
            match drafts.digested(TABLE, Position(9)) {
                Err(Flaw::NoRow(lacks)) => assert_eq!(lacks.known_from, lacking),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn rows_that_are_mixed_up_are_refused() {
        for rows in [[row(2, 0), row(1, 0)], [row(2, 1), row(2, 0)], [row(2, 0), row(2, 0)]] {
            let drafts = drafts(Ids::Whole);
            drafts.draw(TABLE, &rows.map(Op::Open)).unwrap();
            let found = drafts.digested(TABLE, Position(9));
            assert!(matches!(found, Err(Flaw::Damaged(_))), "{found:?}");
        }
    }
}
