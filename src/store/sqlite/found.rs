//! The rows as they lie, for `verify`: nothing is believed, and nothing odd stops the reading.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::append::Ledger;
use super::fault::{Fault, store_error};
use super::schema;
use super::values::{RECORD_COLUMNS, RECORD_WIDTH, blob, integer, record_at, unsigned};
use crate::store::{Beside, Carried, FOUND_COLUMNS, FoundRow, Receipt};

/// Where the last reading ended: `rowid` of the row before the n-th.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bookmark {
    pub(super) skip: u64,
    pub(super) rowid: i64,
}

/// After `rowid`.
const RECORD_FIRST: usize = 1;
const COLUMNS_FIRST: usize = RECORD_FIRST + RECORD_WIDTH;

impl Ledger<'_> {
    /// At most `limit` rows from the n-th on, in the order of the table itself: an index may leave
    /// out what the table has. Rows of any ledger, since none but one belongs here.
    pub(super) fn found(
        &self,
        skip: u64,
        limit: usize,
        bookmark: Option<Bookmark>,
    ) -> Result<(Vec<FoundRow>, Option<Bookmark>), Fault> {
        let bookmark = bookmark.filter(|bookmark| bookmark.skip == skip);
        let after = bookmark.map_or(i64::MIN, |bookmark| bookmark.rowid);
        let offset = if bookmark.is_some() { 0 } else { skip };
        let sql = format!(
            "SELECT rowid, {RECORD_COLUMNS}, {} FROM events NOT INDEXED \
             WHERE rowid > ?1 ORDER BY rowid LIMIT ?2 OFFSET ?3",
            FOUND_COLUMNS.join(", ")
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query((after, integer(limit as u64), integer(offset)))?;
        let mut found: Vec<FoundRow> = Vec::new();
        let mut rowid = after;
        loop {
            match rows.next() {
                Ok(None) => break,
                Ok(Some(row)) => {
                    rowid = row.get(0)?;
                    found.push(found_row(row)?);
                }
                Err(source) => {
                    let last = found.last().and_then(|row| u64::try_from(row.position).ok());
                    return Err(Fault::Unreadable { after: last.unwrap_or(skip), source });
                }
            }
        }
        let bookmark = Bookmark { skip: skip + found.len() as u64, rowid };
        let next = if found.is_empty() { None } else { Some(bookmark) };
        Ok((found, next))
    }

    /// What is kept beside the events. What cannot be read does not keep the rest from being read.
    pub(super) fn beside(&self, place: &str) -> Beside {
        let failed = |fault| store_error(place, fault);
        Beside {
            head: self.head().map_err(failed),
            guards: self.kept_guards().map_err(failed),
            receipts: self.kept_receipts().map_err(failed),
            imports: self.imports().map_err(failed),
        }
    }

    /// What goes along with the events.
    pub(super) fn carried(&self) -> Result<Carried, Fault> {
        const KEYS: &str = "SELECT key FROM receipts ORDER BY key";
        let mut carried = Carried { head: self.head()?, ..Carried::default() };
        let mut statement = self.conn.prepare_cached(KEYS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            carried.kept.extend(self.kept(&row.get::<_, String>(0)?)?);
        }
        let mut sources: Vec<String> = self.imports()?.into_iter().map(|(it, _)| it).collect();
        sources.sort();
        for source in sources {
            carried.imports.extend(self.progress(&source)?);
        }
        Ok(carried)
    }

    fn kept_receipts(&self) -> Result<Vec<(String, Option<Receipt>)>, Fault> {
        const SQL: &str = "SELECT key, body_salt, body_hash, receipt FROM receipts ORDER BY key";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let mut rows = statement.query([])?;
        let mut receipts = Vec::new();
        while let Some(row) = rows.next()? {
            let read = || -> Option<Receipt> {
                blob::<32>(row, 1)?;
                blob::<32>(row, 2)?;
                serde_json::from_slice(row.get_ref(3).ok()?.as_bytes().ok()?).ok()
            };
            receipts.push((row.get(0)?, read()));
        }
        Ok(receipts)
    }

    fn imports(&self) -> Result<Vec<(String, u64)>, Fault> {
        const SQL: &str = "SELECT source, lines FROM imports";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let mut rows = statement.query([])?;
        let mut imports = Vec::new();
        while let Some(row) = rows.next()? {
            imports.push((row.get(0)?, unsigned(row.get(1)?)?));
        }
        Ok(imports)
    }

    /// What SQLite complains of when it checks its own structures, and what is missing from ours.
    pub(super) fn complaints(&self) -> Vec<String> {
        let integrity = || -> Result<Vec<String>, Fault> {
            let mut statement = self.conn.prepare("PRAGMA integrity_check")?;
            let mut rows = statement.query([])?;
            let mut lines = Vec::new();
            while let Some(row) = rows.next()? {
                let line = String::from_utf8(bytes(row.get_ref(0)?)).unwrap_or_default();
                if line != "ok" {
                    lines.push(line);
                }
            }
            Ok(lines)
        };
        let complain = |fault: Fault| vec![fault.to_string()];
        let mut complaints = integrity().unwrap_or_else(complain);
        complaints.extend(self.at_once(schema::differences).unwrap_or_else(complain));
        complaints
    }
}

fn found_row(row: &Row<'_>) -> Result<FoundRow, Fault> {
    let position = row.get_ref(RECORD_FIRST)?.as_i64().unwrap_or_default();
    let columns = (COLUMNS_FIRST..COLUMNS_FIRST + FOUND_COLUMNS.len())
        .map(|index| Ok(bytes(row.get_ref(index)?)))
        .collect::<Result<_, Fault>>()?;
    Ok(FoundRow { record: record_at(row, RECORD_FIRST), position, columns })
}

fn bytes(value: ValueRef<'_>) -> Vec<u8> {
    match value {
        ValueRef::Null => Vec::new(),
        ValueRef::Integer(number) => number.to_string().into_bytes(),
        ValueRef::Real(number) => number.to_string().into_bytes(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
    }
}
