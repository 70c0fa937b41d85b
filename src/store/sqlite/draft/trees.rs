//! Writes whole b-trees into a file of SQLite's format, out of records in their order: each page
//! once, and full. SQLite itself looks for the place of every record and would rather sort.
//!
//! <https://sqlite.org/fileformat2.html> says how they lie. All are b-trees of indexes, as those of
//! tables without a rowid are too.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// The size of a page in such a file.
pub(super) const PAGE: usize = 32_768;

/// How many bytes of a record lie with its cell at most, and at least if some lie elsewhere.
const LOCAL_MAX: usize = (PAGE - 12) * 64 / 255 - 23;
const LOCAL_MIN: usize = (PAGE - 12) * 32 / 255 - 23;

/// SQLite locks files by a byte that is in this page, and keeps nothing there.
const LOCKED: u32 = (0x4000_0000 / PAGE + 1) as u32;

/// Where the number of pages stands in the file.
const COUNT_AT: u64 = 28;

/// A value of a record.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    /// An id, which lies as its text.
    Id(Uuid),
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::Null, Self::Integer)
    }
}

impl Value<'_> {
    /// What says in a record which type it is, and how long.
    fn code(self) -> u64 {
        match self {
            Self::Null => 0,
            Self::Integer(0) => 8,
            Self::Integer(1) => 9,
            Self::Integer(number) => match bytes_of(number) {
                8 => 6,
                6 => 5,
                few => few as u64,
            },
            Self::Text(text) => code_of_text(text.len()),
            Self::Id(_) => code_of_text(Hyphenated::LENGTH),
        }
    }

    fn write(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Null | Self::Integer(0 | 1) => {}
            Self::Integer(number) => {
                bytes.extend(&number.to_be_bytes()[8 - bytes_of(number)..]);
            }
            Self::Text(text) => bytes.extend(text.as_bytes()),
            Self::Id(id) => {
                let mut text = Uuid::encode_buffer();
                bytes.extend(id.hyphenated().encode_lower(&mut text).as_bytes());
            }
        }
    }
}

fn code_of_text(length: usize) -> u64 {
    length as u64 * 2 + 13
}

/// How many bytes a number takes.
fn bytes_of(number: i64) -> usize {
    let bits = 65 - (number ^ (number >> 63)).leading_zeros();
    match bits {
        0..=8 => 1,
        9..=16 => 2,
        17..=24 => 3,
        25..=32 => 4,
        33..=48 => 6,
        _ => 8,
    }
}

/// Writes a record: the length of its header, what its values are, and the values.
pub(super) fn write_record(bytes: &mut Vec<u8>, values: &[Value<'_>]) {
    let start = bytes.len();
    bytes.push(0);
    values.iter().for_each(|value| write_number(bytes, value.code()));
    match u8::try_from(bytes.len() - start) {
        Ok(short) if short < 0x80 => bytes[start] = short,
        _ => {
            let mut header = Vec::new();
            write_number(&mut header, (bytes.len() - start) as u64 + 1);
            bytes.splice(start..=start, header);
        }
    }
    values.iter().for_each(|value| value.write(bytes));
}

/// How many bytes [`write_number`] writes.
fn length_of(number: u64) -> usize {
    let bits = 64 - (number | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Writes a number below 2^56, seven bits to a byte, the greatest ones first; all but the last byte
/// have their high bit set.
fn write_number(bytes: &mut Vec<u8>, number: u64) {
    if number < 0x80 {
        bytes.push(number as u8);
        return;
    }
    for left in (0..length_of(number)).rev() {
        let mark = if left > 0 { 0x80 } else { 0 };
        bytes.push((number >> (7 * left)) as u8 & 0x7f | mark);
    }
}

/// The pages of a file that SQLite made with empty tables, and that nobody else has open.
pub(super) struct Pages {
    file: BufWriter<File>,
    count: u32,
}

impl Pages {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::options().read(true).write(true).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        let count = u32::try_from(length / PAGE as u64).map_err(io::Error::other)?;
        Ok(Self { file: BufWriter::with_capacity(1 << 20, file), count })
    }

    /// Adds a page; gives its number.
    fn add(&mut self, page: &[u8]) -> io::Result<u32> {
        if self.count + 1 == LOCKED {
            self.file.write_all(&[0; PAGE])?;
            self.count += 1;
        }
        self.file.write_all(page)?;
        self.count += 1;
        Ok(self.count)
    }

    /// Writes a page that is there.
    fn put(&mut self, number: u32, page: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(u64::from(number - 1) * PAGE as u64))?;
        self.file.write_all(page)?;
        self.file.seek(SeekFrom::End(0))?;
        Ok(())
    }

    /// Says in the file how many there are.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(COUNT_AT))?;
        self.file.write_all(&self.count.to_be_bytes())?;
        self.file.flush()
    }
}

/// A b-tree that is being written.
pub(super) struct Tree<'a> {
    pages: &'a mut Pages,
    root: u32,
    /// The page on each level that is not full yet, that of the leaves first.
    levels: Vec<Level>,
}

/// A page that is being filled.
#[derive(Default)]
struct Level {
    /// Its cells, one after the other; above the leaves each begins with the page before it.
    cells: Vec<u8>,
    starts: Vec<usize>,
    /// The cell for which there is no room any more. If there is another one, it goes to the level
    /// above, between this page and the next one.
    over: Option<Vec<u8>>,
}

/// How long the number of a page is.
const NUMBER: usize = 4;

impl<'a> Tree<'a> {
    /// Begins the tree whose root has this number.
    pub(super) fn new(pages: &'a mut Pages, root: u32) -> Self {
        Self { pages, root, levels: vec![Level::default()] }
    }

    /// Takes the next record.
    pub(super) fn add(&mut self, record: &[u8]) -> io::Result<()> {
        let level = &mut self.levels[0];
        if record.len() <= LOCAL_MAX && level.over.is_none() {
            let start = level.cells.len();
            write_number(&mut level.cells, record.len() as u64);
            level.cells.extend(record);
            if level.is_within(0, 1) {
                level.starts.push(start);
                return Ok(());
            }
            level.over = Some(level.cells.split_off(start));
            return Ok(());
        }
        let cell = self.cell(record)?;
        self.push(0, cell)
    }

    /// A record as a cell, with what does not fit written elsewhere.
    fn cell(&mut self, record: &[u8]) -> io::Result<Vec<u8>> {
        let mut cell = Vec::with_capacity(record.len().min(LOCAL_MAX) + 16);
        write_number(&mut cell, record.len() as u64);
        if record.len() <= LOCAL_MAX {
            cell.extend(record);
            return Ok(cell);
        }
        let room = PAGE - NUMBER;
        let local = LOCAL_MIN + (record.len() - LOCAL_MIN) % room;
        let (local, rest) = record.split_at(if local <= LOCAL_MAX { local } else { LOCAL_MIN });
        cell.extend(local);
        // Each page names the next one, so the last one is written first.
        let mut next = 0_u32;
        for part in rest.chunks(room).rev() {
            let mut page = vec![0; PAGE];
            page[..NUMBER].copy_from_slice(&next.to_be_bytes());
            page[NUMBER..NUMBER + part.len()].copy_from_slice(part);
            next = self.pages.add(&page)?;
        }
        cell.extend(next.to_be_bytes());
        Ok(cell)
    }

    fn push(&mut self, height: usize, cell: Vec<u8>) -> io::Result<()> {
        if self.levels.len() == height {
            self.levels.push(Level::default());
        }
        let level = &mut self.levels[height];
        if let Some(over) = level.over.take() {
            self.close(height, over)?;
            self.levels[height].insert(&cell);
        } else {
            level.insert(&cell);
            if !level.is_within(height, 0) {
                level.over = level.pop();
            }
        }
        Ok(())
    }

    /// Ends a page. The cell that comes next goes to the level above.
    fn close(&mut self, height: usize, mut next: Vec<u8>) -> io::Result<()> {
        let last = if height > 0 { next.drain(..NUMBER).collect() } else { Vec::new() };
        let page = self.levels[height].page(&last);
        let number = self.pages.add(&page)?;
        self.levels[height] = Level::default();
        self.push(height + 1, [&number.to_be_bytes()[..], &next].concat())
    }

    /// Ends the tree.
    pub(super) fn end(mut self) -> io::Result<()> {
        let (mut height, mut last) = (0, Vec::new());
        loop {
            // No page but the root may be without cells.
            if let Some(over) = self.levels[height].over.take() {
                let before = self.levels[height].pop().unwrap_or_default();
                self.close(height, before)?;
                self.levels[height].insert(&over);
            }
            let page = self.levels[height].page(&last);
            height += 1;
            if height == self.levels.len() {
                return self.pages.put(self.root, &page);
            }
            last = self.pages.add(&page)?.to_be_bytes().to_vec();
        }
    }
}

impl Level {
    fn insert(&mut self, cell: &[u8]) {
        self.starts.push(self.cells.len());
        self.cells.extend(cell);
    }

    /// Takes the last cell out.
    fn pop(&mut self) -> Option<Vec<u8>> {
        self.starts.pop().map(|start| self.cells.split_off(start))
    }

    /// Whether a page has room for the cells, with so many more than have a start.
    fn is_within(&self, height: usize, more: usize) -> bool {
        header(height) + 2 * (self.starts.len() + more) + self.cells.len() <= PAGE
    }

    /// The page; above the leaves it ends with the number of the last page below it.
    fn page(&self, last: &[u8]) -> Vec<u8> {
        let mut page = Vec::with_capacity(PAGE);
        let content = PAGE - self.cells.len();
        page.push(if last.is_empty() { 10 } else { 2 });
        page.extend([0, 0]);
        page.extend((self.starts.len() as u16).to_be_bytes());
        page.extend((content as u16).to_be_bytes());
        page.push(0);
        page.extend(last);
        for start in &self.starts {
            page.extend(((content + start) as u16).to_be_bytes());
        }
        page.resize(content, 0);
        page.extend(&self.cells);
        page
    }
}

/// How many bytes a page has before those that say where its cells are.
fn header(height: usize) -> usize {
    if height == 0 { 8 } else { 12 }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// Writes a table with one row for each text, and lets SQLite read it.
    fn written(texts: &[String], count_before: u32) -> (tempfile::TempDir, Connection) {
        const SQL: &str = "CREATE TABLE rows (number INTEGER NOT NULL, text TEXT NOT NULL, \
            PRIMARY KEY (number)) STRICT, WITHOUT ROWID";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        let conn = Connection::open(&path).unwrap();
        conn.pragma_update(None, "page_size", PAGE as i64).unwrap();
        conn.execute_batch(SQL).unwrap();
        conn.close().unwrap();
        if count_before > 0 {
            let file = File::options().write(true).open(&path).unwrap();
            file.set_len(u64::from(count_before) * PAGE as u64).unwrap();
        }
        let mut pages = Pages::open(&path).unwrap();
        let mut tree = Tree::new(&mut pages, 2);
        let mut record = Vec::new();
        for (number, text) in (0..).zip(texts) {
            record.clear();
            write_record(&mut record, &[Value::Integer(number), Value::Text(text)]);
            tree.add(&record).unwrap();
        }
        tree.end().unwrap();
        pages.end().unwrap();
        let conn = Connection::open(&path).unwrap();
        let mut statement = conn.prepare("SELECT number, text FROM rows").unwrap();
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let found: Vec<(i64, String)> = found.collect::<Result<_, _>>().unwrap();
        assert!(found.into_iter().eq((0..).zip(texts.iter().cloned())));
        drop(statement);
        (folder, conn)
    }

    fn is_sound(conn: &Connection) {
        let sql = "PRAGMA integrity_check";
        let found: String = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(found, "ok");
    }

    #[test]
    fn sqlite_finds_every_row_however_many_there_are() {
        let long = |number: usize| "x".repeat(7_000 + number % 1_100);
        let counts = (0..=40).chain([400, 2_000]);
        let texts = counts.map(|count| (0..count).map(long).collect());
        let short: Vec<String> = (0..100_000).map(|number: usize| number.to_string()).collect();
        for texts in texts.chain([short]) {
            is_sound(&written(&texts, 0).1);
        }
    }

    #[test]
    fn what_does_not_fit_into_a_page_lies_elsewhere() {
        let lengths = [1, LOCAL_MAX - 9, LOCAL_MAX - 8, LOCAL_MAX, PAGE, 2 * PAGE, 300_000, 3];
        let texts =
            (0..20).flat_map(|_| lengths.map(|length| "y".repeat(length))).collect::<Vec<_>>();
        is_sound(&written(&texts, 0).1);
    }

    #[test]
    fn the_page_that_sqlite_locks_is_left_out() {
        let texts: Vec<_> = (0..40).map(|_| "z".repeat(8_000)).collect();
        let (folder, conn) = written(&texts, LOCKED - 4);
        let found: i64 =
            conn.query_row("SELECT max(number) FROM rows", [], |row| row.get(0)).unwrap();
        assert_eq!(found, 39);
        let length = folder.path().join("rows").metadata().unwrap().len();
        assert!(length > u64::from(LOCKED) * PAGE as u64, "it has pages on both sides");
    }

    #[test]
    fn numbers_are_written_as_sqlite_writes_them() {
        let ends = [0, 7, 8, 15, 23, 31, 47, 62].map(|bits| 1_i64 << bits);
        let numbers = ends.iter().flat_map(|end| [*end - 1, *end, -*end, -*end - 1]);
        let numbers: Vec<i64> = numbers.chain([i64::MAX, i64::MIN]).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers");
        let conn = Connection::open(&path).unwrap();
        conn.pragma_update(None, "page_size", PAGE as i64).unwrap();
        conn.execute_batch("CREATE TABLE numbers (n, t, PRIMARY KEY (n, t)) WITHOUT ROWID")
            .unwrap();
        conn.close().unwrap();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let mut pages = Pages::open(&path).unwrap();
        let mut tree = Tree::new(&mut pages, 2);
        for number in &sorted {
            let mut record = Vec::new();
            write_record(&mut record, &[Value::Integer(*number), Value::Text("")]);
            tree.add(&record).unwrap();
        }
        tree.end().unwrap();
        pages.end().unwrap();
        let conn = Connection::open(&path).unwrap();
        is_sound(&conn);
        let mut statement = conn.prepare("SELECT n FROM numbers WHERE n = ?1").unwrap();
        for number in numbers {
            let found: i64 = statement.query_row([number], |row| row.get(0)).unwrap();
            assert_eq!(found, number);
        }
    }
}
