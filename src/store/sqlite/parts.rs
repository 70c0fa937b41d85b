//! Tables in parts that several readers go through at the same time, each as its rows lie, in which
//! an id stays the number that lies there.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use events::Position;
use projections::{Cell, Filter, Table};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Row, params_from_iter};
use uuid::Uuid;

use super::append::Ledger;
use super::cells::{Ids, text};
use super::fault::Fault;
use super::generations::looking_index;
use super::reader::{LONG, Readers, STRETCHES};
use super::values::Asked;
use crate::store::{Generation, StoreError};

/// Which rows are read: those of the table that serves which became known in a stretch of
/// positions.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) table: &'static Table,
    mark: &'static str,
    stretch: Range<Position>,
}

impl Part {
    /// The name of the index in which rows are looked up by a column.
    pub(super) fn index_by(&self, column: &str) -> String {
        looking_index(self.table, self.mark, column)
    }

    /// The same in as many stretches as several readers take, if it is so long that one reader
    /// would be slower.
    pub(super) fn cut(self) -> Vec<Self> {
        let end = self.stretch.end;
        if end < LONG {
            return vec![self];
        }
        let cut = |n| if n < STRETCHES { Position(end.0 / STRETCHES * n) } else { end };
        let stretch = |n| Self { stretch: cut(n)..cut(n + 1), ..self.clone() };
        (0..STRETCHES).map(stretch).collect()
    }
}

/// Small numbers of ids: those that lie in rows, and further ones for ids that lie there as texts,
/// of streams that were opened later or never.
pub(super) struct SmallNumbers {
    /// The first one that is that of no event for which the tables account.
    beyond: usize,
    of_texts: Mutex<HashMap<String, usize>>,
}

impl SmallNumbers {
    fn beyond(stand: Position) -> Self {
        let beyond = usize::try_from(stand.0).unwrap_or(usize::MAX).saturating_add(1);
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

    /// The ids for which a number may lie in rows: as a number, and as a text where there are any.
    pub(super) fn forms(
        &self,
        ledger: &Ledger<'_>,
        number: u32,
        has_texts: bool,
    ) -> Result<Vec<Value>, Fault> {
        let position = Value::Integer(number.into());
        if !has_texts {
            return Ok(vec![position]);
        }
        let text = match self.text(number) {
            Some(text) => text,
            None => ledger.id_of(number.into())?.to_string(),
        };
        Ok(vec![position, Value::Text(text)])
    }

    /// The id of a number.
    pub(super) fn id(&self, ledger: &Ledger<'_>, number: u32) -> Result<Uuid, Fault> {
        match self.text(number) {
            Some(text) => Ok(Cell::Text(text).uuid().unwrap_or_default()),
            None => ledger.id_of(number.into()),
        }
    }

    /// The text for which a number stands, if it stands for a text alone.
    fn text(&self, number: u32) -> Option<String> {
        let number = usize::try_from(number).ok().filter(|number| *number >= self.beyond)?;
        let of_texts = self.of_texts.lock().unwrap_or_else(PoisonError::into_inner);
        of_texts.iter().find(|(_, of_text)| **of_text == number).map(|(text, _)| text.clone())
    }

    fn known(&self, number: i64) -> Option<usize> {
        usize::try_from(number).ok().filter(|number| *number < self.beyond)
    }
}

impl Readers {
    /// Asks about every part; `None` where another table serves by now.
    pub(super) async fn ask_of_parts<T: Send + 'static>(
        self: &Arc<Self>,
        parts: Vec<Part>,
        read: impl Fn(&Ledger<'_>, &Ids, &Part) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> Result<Option<Vec<T>>, StoreError> {
        let read = move |ledger: &Ledger<'_>, ids: &Ids, part: Part| {
            if ledger.serves(&part)? { read(ledger, ids, &part).map(Some) } else { Ok(None) }
        };
        Ok(self.ask_in_parts(parts, read).await?.into_iter().collect())
    }
}

impl Ledger<'_> {
    /// Up to where the furthest of these tables accounts for events, the numbers of ids there, and
    /// each of the tables that was begun. What is recorded later is in none of their parts.
    pub(super) fn whole(
        &self,
        tables: &[&'static Table],
    ) -> Result<(Position, SmallNumbers, Vec<Part>), Fault> {
        let (mut stand, mut begun) = (Position(0), Vec::new());
        for table in tables {
            if let Some(stands_at) = self.stands_at(table)? {
                stand = stand.max(stands_at);
                begun.push((*table, self.mark(table)?));
            }
        }
        let stretch = Position(0)..stand.next();
        let part = |(table, mark)| Part { table, mark, stretch: stretch.clone() };
        let parts = begun.into_iter().map(part).collect();
        Ok((stand, SmallNumbers::beyond(stand), parts))
    }

    /// Whether the table of a part is still the one that serves.
    fn serves(&self, part: &Part) -> Result<bool, Fault> {
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
