//! What a projection's table holds. Columns are data, so that SQL stays in the store.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use events::{Date, Position};
use serde::{Serialize, Serializer};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::period::Period;

/// One table of intervals: its domain columns, and beside them always the same seven that place
/// a row on both axes and name the events behind it ([`PLACE_COLUMNS`]).
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in every store.
    pub name: &'static str,
    /// Raised when rows would come out otherwise; then it is built anew.
    pub version: u32,
    /// The question that it answers.
    pub question: &'static str,
    /// Its domain columns.
    pub columns: &'static [Column],
}

/// One domain column.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether rows are looked up by it.
    pub indexed: bool,
    /// Whether rows that are known now are counted by it.
    pub counted: bool,
    /// Whether it may be empty.
    pub optional: bool,
}

impl Column {
    /// A column of ids that is never empty.
    #[must_use]
    pub const fn id(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Id, indexed: false, counted: false, optional: false }
    }

    /// A column of texts that is never empty.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Text, indexed: false, counted: false, optional: false }
    }

    /// A column of whole numbers that is never empty.
    #[must_use]
    pub const fn number(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Number, indexed: false, counted: false, optional: false }
    }

    /// The same, with rows looked up by it.
    #[must_use]
    pub const fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }

    /// The same column, by which rows are counted.
    #[must_use]
    pub const fn counted(self) -> Self {
        Self { counted: true, ..self }
    }

    /// The same, but it may be empty.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A random id, written as a UUID. Digests number ids by first appearance instead.
    Id,
    /// A code, name or title.
    Text,
    /// A whole number from zero on. In a cell it stands as its digits.
    Number,
}

/// The columns that every table has beside its own, in this order: `valid_from`, `valid_until`,
/// `known_from`, `known_until`, `opened_by`, `closed_by` and `line`.
pub const PLACE_COLUMNS: &[&str] =
    &["valid_from", "valid_until", "known_from", "known_until", "opened_by", "closed_by", "line"];

/// One value in a domain column. What counts of it is its text.
#[derive(Clone)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// An id.
    Id(IdText),
    /// An id, code, name or title, or the digits of a number.
    Text(String),
    /// A text that the program has itself, such as the name of a kind.
    Name(&'static str),
}

/// A UUID with the text as which it is written, in place: most cells are ids.
#[derive(Clone, Copy)]
pub struct IdText {
    id: Uuid,
    text: [u8; Hyphenated::LENGTH],
}

impl IdText {
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).expect("digits and hyphens")
    }
}

/// An id as a cell.
#[must_use]
pub fn id(id: impl Into<Uuid>) -> Cell {
    let (id, mut text) = (id.into(), [0; Hyphenated::LENGTH]);
    id.hyphenated().encode_lower(&mut text);
    Cell::Id(IdText { id, text })
}

/// The id that is written so, if it is one as ids are written: small letters and hyphens. No other
/// form of an id has so many characters.
pub(crate) fn written(text: &str) -> Option<Uuid> {
    let as_written =
        text.len() == Hyphenated::LENGTH && !text.contains(|it| matches!(it, 'A'..='F'));
    if as_written { Uuid::try_parse(text).ok() } else { None }
}

impl Cell {
    /// The text in it, if any.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Empty => None,
            Self::Id(id) => Some(id.as_str()),
            Self::Text(text) => Some(text),
            Self::Name(text) => Some(text),
        }
    }

    /// The id in it, if it is one that is written as ids are: in small letters, with hyphens.
    #[must_use]
    pub fn uuid(&self) -> Option<Uuid> {
        match self {
            Self::Empty => None,
            Self::Id(id) => Some(id.id),
            Self::Text(_) | Self::Name(_) => self.as_text().and_then(written),
        }
    }

    /// The number in a column of numbers that is not optional.
    ///
    /// # Panics
    /// When the cell holds none. No fold leaves it so and no store takes it so.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.text().parse().expect("a column of numbers holds digits")
    }

    /// The text in a column that is not optional.
    ///
    /// # Panics
    /// When the cell is empty. No fold leaves it so and no store takes it so.
    #[must_use]
    pub fn text(&self) -> &str {
        self.as_text().expect("a column that is not optional is never empty")
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_text().fmt(f)
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Id(one), Self::Id(other)) => one.id == other.id,
            (one, other) => one.as_text() == other.as_text(),
        }
    }
}

impl Eq for Cell {}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_text().cmp(&other.as_text())
    }
}

impl Hash for Cell {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_text().hash(state);
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_text().serialize(serializer)
    }
}

impl<T: ToString> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, |value| Self::Text(value.to_string()))
    }
}

/// Any displayable value as a cell.
#[must_use]
pub fn cell(value: impl ToString) -> Cell {
    Cell::Text(value.to_string())
}

/// What names a row, and places it in its table: `known_from`, `opened_by` and `line`. An event
/// changes the rows of one subject only.
pub type Place = (Position, Position, u32);

/// One row: what held, on which days, and as known between which positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The domain columns, in the table's order.
    pub cells: Vec<Cell>,
    /// The first day.
    pub valid_from: Date,
    /// The first day after; absent: open.
    pub valid_until: Option<Date>,
    /// The first position at which it was known so.
    pub known_from: Position,
    /// The first position at which it was no longer known so; absent: still is.
    pub known_until: Option<Position>,
    /// The event that opened it.
    pub opened_by: Position,
    /// The event that closed it in valid time; absent: open.
    pub closed_by: Option<Position>,
    /// Which of several rows that one event opens at once; mostly 0.
    pub line: u32,
}

impl Row {
    /// What names it.
    #[must_use]
    pub fn place(&self) -> Place {
        (self.known_from, self.opened_by, self.line)
    }

    /// The domain columns, to be taken apart by name.
    ///
    /// # Panics
    /// When the row is not of a table with N columns.
    #[must_use]
    pub fn columns<const N: usize>(&self) -> &[Cell; N] {
        self.cells.as_slice().try_into().expect("a row has the columns of its table")
    }

    /// Where the row stands among others of its subject in valid time. What came and went within a
    /// day stands before what held when it ended, whichever was recorded first.
    #[must_use]
    pub fn in_time(&self) -> (Date, bool, Position) {
        (self.valid_from, self.valid_until != Some(self.valid_from), self.opened_by)
    }
}

/// Which moments of a day count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayRule {
    /// What held when the day ended.
    #[default]
    EndOfDay,
    /// What held at any moment of the day: also what began and ended on it.
    AnyMoment,
}

/// A place on both axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// D: the civil date asked about.
    pub valid_on: Date,
    /// K: as known at this position.
    pub known_at: Position,
    /// Which moments of the day count.
    pub day_rule: DayRule,
}

impl At {
    /// Whether the row was known at K.
    #[must_use]
    pub fn knows(&self, row: &Row) -> bool {
        known(row, self.known_at)
    }

    /// Whether the row was known at K and held on D.
    #[must_use]
    pub fn holds(&self, row: &Row) -> bool {
        let day = self.valid_on;
        self.knows(row)
            && row.valid_from <= day
            && match self.day_rule {
                DayRule::EndOfDay => row.valid_until.is_none_or(|end| end > day),
                DayRule::AnyMoment => {
                    row.valid_until.is_none_or(|end| end > day || row.valid_from == day)
                }
            }
    }
}

/// Which rows of a table are asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Those that hold at a place on both axes.
    Holding(At),
    /// Those known at K, whatever their days.
    Known(Position),
    /// Those known at K that begin or end on a day of a period.
    Turning {
        /// K: as known at this position.
        known_at: Position,
        /// The days.
        within: Period,
    },
    /// Those known at K that have a moment in a period.
    During {
        /// K: as known at this position.
        known_at: Position,
        /// The days.
        within: Period,
    },
    /// Every row there is, superseded ones too.
    All,
}

impl Filter {
    /// The same, of what was known by a position: K is not later than that.
    #[must_use]
    pub fn known_by(&self, latest: Position) -> Self {
        let mut filter = self.clone();
        match &mut filter {
            Self::Holding(At { known_at, .. })
            | Self::Known(known_at)
            | Self::Turning { known_at, .. }
            | Self::During { known_at, .. } => *known_at = latest.min(*known_at),
            Self::All => {}
        }
        filter
    }

    /// Whether a row passes.
    #[must_use]
    pub fn passes(&self, row: &Row) -> bool {
        match self {
            Self::Holding(at) => at.holds(row),
            Self::Known(known_at) => known(row, *known_at),
            Self::Turning { known_at, within } => {
                let ends_within = row.valid_until.is_some_and(|end| within.contains(end));
                known(row, *known_at) && (within.contains(row.valid_from) || ends_within)
            }
            Self::During { known_at, within } => {
                let ends_before = row.valid_until.is_some_and(|end| end < within.from());
                known(row, *known_at) && row.valid_from < within.until() && !ends_before
            }
            Self::All => true,
        }
    }
}

/// The days during which a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// The first day.
    pub from: Date,
    /// The first day after; absent: open.
    pub until: Option<Date>,
}

impl Stretch {
    /// The days of a row.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        Self { from: row.valid_from, until: row.valid_until }
    }
}

/// Whether a row was known at K.
fn known(row: &Row, known_at: Position) -> bool {
    row.known_from <= known_at && row.known_until.is_none_or(|end| end > known_at)
}
/// The rows of one table, as known at one K, in the order in which they hold: by their first day,
/// and within a day each before the one that begins where it ends. A correction stands in the
/// place of what it corrects, so the positions of events do not tell that order.
#[must_use]
pub fn in_order(rows: &[Row]) -> Vec<&Row> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| {
        (row.valid_from, row.valid_until.unwrap_or(Date::MAX), row.opened_by, row.line)
    });
    let is_run = |one: &&Row, next: &&Row| {
        let day = Some(one.valid_from);
        one.valid_until == day && next.valid_until == day && Some(next.valid_from) == day
    };
    rows.chunk_by(is_run).flat_map(chained).collect()
}

/// Rows that begin and end on one day, each chain of them from its beginning.
fn chained<'a>(run: &[&'a Row]) -> Vec<&'a Row> {
    if run.len() == 1 {
        return run.to_vec();
    }
    let follows = |row: &Row| run.iter().any(|other| other.closed_by == Some(row.opened_by));
    let next = |row: &Row| run.iter().find(|next| row.closed_by == Some(next.opened_by)).copied();
    let begins = run.iter().copied().filter(|row| !follows(row));
    begins.flat_map(|first| std::iter::successors(Some(first), |row| next(row))).collect()
}
