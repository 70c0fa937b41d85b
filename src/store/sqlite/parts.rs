//! Tables in parts that several readers go through at the same time, each as its rows lie, in which
//! an id stays the number that lies there.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use events::Position;
use projections::{Cell, Filter, Table};
use rusqlite::types::ValueRef;
use rusqlite::{Row, params_from_iter};

use super::append::Ledger;
use super::cells::text;
use super::fault::Fault;
use super::generations::Generation;
use super::reader::{LONG, STRETCHES};
use super::values::{Asked, position};

/// After all positions.
const END: Position = Position(i64::MAX as u64);

/// Which rows are read: those of the table that serves which became known in a stretch of
/// positions.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) table: &'static Table,
    mark: &'static str,
    stretch: Range<Position>,
}

impl Part {
    /// The same table in as many stretches as several readers take, where it accounts for so many
    /// events that one reader would be slower.
    pub(super) fn cut(self, stand: Position) -> Vec<Self> {
        if stand < LONG {
            return vec![self];
        }
        let end = |n| if n < STRETCHES { Position(stand.0 / STRETCHES * n) } else { END };
        let stretch = |n| Self { stretch: end(n)..end(n + 1), ..self.clone() };
        (0..STRETCHES).map(stretch).collect()
    }
}

/// The numbers of ids: those that lie in rows, and further ones for ids that lie there as texts, of
/// streams that were opened later or never.
pub(super) struct Numbers {
    /// The first one that no event had when the question began.
    beyond: usize,
    of_texts: Mutex<HashMap<String, usize>>,
}

impl Numbers {
    fn beyond(last: Position) -> Self {
        let beyond = usize::try_from(last.0).unwrap_or(usize::MAX).saturating_add(1);
        Self { beyond, of_texts: Mutex::default() }
    }

    pub(super) fn of(&self, ledger: &Ledger<'_>, value: ValueRef<'_>) -> Result<usize, Fault> {
        if let ValueRef::Integer(number) = value {
            let what = "an id in a projection is that of no event";
            return self.known(number).ok_or(Fault::Damaged { position: None, what });
        }
        let id = text(value)?;
        let mut of_texts = self.of_texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = of_texts.get(id) {
            return Ok(*number);
        }
        let uuid = Cell::Text(id.to_owned()).uuid();
        let number = uuid.map(|id| ledger.number_of(id)).transpose()?.flatten();
        let next = self.beyond + of_texts.len();
        let number = number.and_then(|number| self.known(number)).unwrap_or(next);
        of_texts.insert(id.to_owned(), number);
        Ok(number)
    }

    fn known(&self, number: i64) -> Option<usize> {
        usize::try_from(number).ok().filter(|number| *number < self.beyond)
    }
}

impl Ledger<'_> {
    /// The numbers of ids, up to where the furthest of these tables accounts for events, and each
    /// of them that was begun.
    pub(super) fn whole(
        &self,
        tables: &[&'static Table],
    ) -> Result<(Numbers, Position, Vec<Part>), Fault> {
        const LAST: &str = "SELECT coalesce(max(position), 0) FROM events";
        let numbers = Numbers::beyond(position(self.conn.query_row(LAST, [], |row| row.get(0))?)?);
        let (mut stand, mut whole) = (Position(0), Vec::new());
        for table in tables {
            if let Some(stands_at) = self.stands_at(table)? {
                stand = stand.max(stands_at);
                let mark = self.mark(table)?;
                whole.push(Part { table, mark, stretch: Position(0)..END });
            }
        }
        Ok((numbers, stand, whole))
    }

    /// Whether the table of a part is still the one that serves.
    pub(super) fn serves(&self, part: &Part) -> Result<bool, Fault> {
        Ok(self.stands_at(part.table)?.is_some() && self.mark(part.table)? == part.mark)
    }

    /// Gives every row of a part that passes a filter, as the table lies.
    pub(super) fn each(
        &self,
        filter: &Filter,
        part: &Part,
        columns: &str,
        only: &str,
        mut take: impl FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let asked = Asked::in_stretch(filter, &part.stretch);
        let (name, passes) = (Generation::Serving.standing(part.table), asked.condition);
        // No index: to follow one is to jump about in the table.
        let sql = format!("SELECT {columns} FROM {name} NOT INDEXED WHERE {passes} AND {only}");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(asked.values))?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
        Ok(())
    }
}
