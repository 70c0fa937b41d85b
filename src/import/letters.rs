//! Reading a file of letters: comma-separated, a header, a row for each member.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};

use super::ImportError;

/// The columns that there may be; the others are refused, lest something is passed over unseen.
pub const COLUMNS: &[&str] = &["person", "from", "to", "body", "letter", "effective"];

/// The columns without which no letter can be issued.
const REQUIRED: &[&str] = &["person", "letter"];

/// No file is larger than this many bytes: it is read whole.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// No cell is longer than this many characters.
const CELL_CHARACTERS_MAX: usize = 500;

/// What is wrong with a row as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misfit {
    /// Which column; `line` for the row as a whole.
    pub field: &'static str,
    /// A stable code of what is wrong.
    pub problem: &'static str,
}

/// One row of a file of letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterRow {
    /// The line in the file on which it begins.
    pub line: u64,
    /// What stands in its cells; those that are empty are left out.
    pub cells: Result<BTreeMap<String, String>, Misfit>,
}

/// Reads every row of a file of letters.
///
/// # Errors
/// [`ImportError::Unreadable`], or [`ImportError::Malformed`] for a header with which no row can be
/// read. What is wrong with one row is said in its place.
pub fn letters(path: &Path) -> Result<Vec<LetterRow>, ImportError> {
    let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
    let malformed =
        |field, problem| ImportError::Malformed { path: path.to_owned(), line: 1, field, problem };
    let found = std::fs::metadata(path).map_err(unreadable)?;
    if !found.is_file() {
        let source = std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file");
        return Err(unreadable(source));
    }
    if found.len() > FILE_BYTES_MAX {
        return Err(malformed("line", "file_too_large"));
    }
    let file = File::open(path).map_err(unreadable)?;
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let failed = |error: csv::Error| unreadable(std::io::Error::other(error));
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(failed)? {
        return Err(malformed("line", "column_missing"));
    }
    let columns = columns(&record).map_err(|(field, problem)| malformed(field, problem))?;
    let mut rows = Vec::new();
    while reader.read_byte_record(&mut record).map_err(failed)? {
        let line = record.position().map_or(0, csv::Position::line);
        rows.push(LetterRow { line, cells: cells(&columns, &record) });
    }
    Ok(rows)
}

fn columns(header: &ByteRecord) -> Result<Vec<&'static str>, (&'static str, &'static str)> {
    let mut columns: Vec<&'static str> = Vec::new();
    for (index, name) in header.iter().enumerate() {
        let name = String::from_utf8_lossy(name);
        // Spreadsheets put a mark in front that nobody sees.
        let name = if index == 0 { name.trim_start_matches('\u{FEFF}') } else { &name };
        let known = COLUMNS.iter().find(|known| **known == name.trim());
        let known = *known.ok_or(("line", "column_unknown"))?;
        if columns.contains(&known) {
            return Err((known, "column_unknown"));
        }
        columns.push(known);
    }
    match REQUIRED.iter().find(|needed| !columns.contains(needed)) {
        Some(missing) => Err((missing, "column_missing")),
        None => Ok(columns),
    }
}

fn cells(
    columns: &[&'static str],
    record: &ByteRecord,
) -> Result<BTreeMap<String, String>, Misfit> {
    if record.len() != columns.len() {
        return Err(Misfit { field: "line", problem: "cells_differ" });
    }
    let mut cells = BTreeMap::new();
    for (&field, cell) in columns.iter().zip(record) {
        let misfit = |problem| Misfit { field, problem };
        let text = std::str::from_utf8(cell).map_err(|_| misfit("not_utf8"))?.trim();
        if text.chars().count() > CELL_CHARACTERS_MAX {
            return Err(misfit("cell_too_long"));
        }
        if text.is_empty() {
            continue;
        }
        // What is not seen, and what turns the order of letters about, is not what it looks like.
        let text = events::Text::parse(text).map_err(|_| misfit("text_malformed"))?;
        cells.insert(field.to_owned(), text.as_str().to_owned());
    }
    Ok(cells)
}
