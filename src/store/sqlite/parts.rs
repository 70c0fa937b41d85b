//! Tables in parts that several readers go through at the same time, each as its rows lie, in which
//! an id stays the number that lies there.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use events::Position;
use projections::{Cell, Filter, Table, birth_bands, likenesses, memberships};
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

/// The tables that say who is a member, and how old.
pub(super) const PERSONS: [&Table; 3] = [memberships::TABLE, birth_bands::TABLE, likenesses::TABLE];

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
    texts: Mutex<Texts>,
}

/// Ids that lie there as texts.
#[derive(Default)]
struct Texts {
    numbers: HashMap<String, usize>,
    /// Those that go by further numbers, in the order of these.
    further: Vec<String>,
}

impl SmallNumbers {
    fn beyond(stand: Position) -> Self {
        let beyond = usize::try_from(stand.0).unwrap_or(usize::MAX).saturating_add(1);
        Self { beyond, texts: Mutex::default() }
    }

    pub(super) fn of(&self, ledger: &Ledger<'_>, value: ValueRef<'_>) -> Result<usize, Fault> {
        if let ValueRef::Integer(number) = value {
            let what = "an id in a projection is that of no event";
            return self.known(number).ok_or(Fault::Damaged { position: None, what });
        }
        let id = text(value)?;
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = texts.numbers.get(id) {
            return Ok(*number);
        }
        let uuid = Cell::Text(id.to_owned()).uuid();
        let number = uuid.map(|id| ledger.number_of(id)).transpose()?.flatten();
        let known = number.and_then(|number| self.known(number));
        let number = known.unwrap_or(self.beyond + texts.further.len());
        if known.is_none() {
            texts.further.push(id.to_owned());
        }
        texts.numbers.insert(id.to_owned(), number);
        Ok(number)
    }

    /// The same as a number of 32 bits.
    pub(super) fn small(&self, ledger: &Ledger<'_>, value: ValueRef<'_>) -> Result<u32, Fault> {
        small(self.of(ledger, value)?)
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
        let place = usize::try_from(number).ok()?.checked_sub(self.beyond)?;
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.further.get(place).cloned()
    }

    fn known(&self, number: i64) -> Option<usize> {
        usize::try_from(number).ok().filter(|number| *number < self.beyond)
    }
}

/// A number as one of 32 bits.
pub(super) fn small(number: usize) -> Result<u32, Fault> {
    let what = "there are more ids than a summary can tell apart";
    u32::try_from(number).map_err(|_| Fault::Damaged { position: None, what })
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

    /// Up to where the tables about persons account for events, the numbers of these, and what is
    /// to be read.
    pub(super) fn parts_about_persons(&self) -> Result<(Position, SmallNumbers, Vec<Part>), Fault> {
        let (stand, numbers, whole) = self.whole(&PERSONS)?;
        let cut = |part: Part| match part.table {
            // Those who are one stay together: of several merges of somebody the last one counts.
            table if table == likenesses::TABLE => vec![part],
            _ => part.cut(),
        };
        Ok((stand, numbers, whole.into_iter().flat_map(cut).collect()))
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

#[cfg(test)]
pub(super) mod tests {
    use events::LedgerId;
    use rusqlite::Connection;
    use uuid::Uuid;

    use super::super::schema;
    use super::*;

    /// Where the tables stand.
    pub(in crate::store::sqlite) const STAND: i64 = 800_000;

    fn id(number: i64) -> String {
        Uuid::from_u128(number.unsigned_abs().into()).to_string()
    }

    /// One of fifty persons as one may lie in a row: by the number of the event that opened the
    /// stream, by its text though there is a stream by now, or by its text since there is none.
    fn person(n: i64) -> Value {
        match n % 50 {
            0..=5 if n % 2 == 1 => id(n % 50 + 100).into(),
            6 => id(7).into(),
            other => (other + 100).into(),
        }
    }

    /// Tables about persons in which ids lie in every form.
    pub(in crate::store::sqlite) fn with_rows(conn: &mut Connection) -> Ledger<'_> {
        let id_of_ledger = LedgerId(Uuid::nil());
        schema::create(conn, id_of_ledger).unwrap();
        let ledger = Ledger { conn, id: id_of_ledger };
        let event = "INSERT INTO events \
            VALUES (?1, x'', 'person', ?2, 1, '', '', '', '', '', '', x'', x'')";
        for position in (100..150).chain([STAND + 1]) {
            conn.execute(event, (position, id(position))).unwrap();
        }
        for table in PERSONS {
            ledger.make(table, Generation::Serving).unwrap();
            ledger.keep_projected(table, Generation::Serving, Position(STAND as u64)).unwrap();
        }
        for n in 1..700 {
            let until = (n % 3 == 0).then_some(20_200_102 + n % 5);
            let (known, ended) = (n * 1_000 + 200, (n % 4 == 0).then_some(n * 1_000 + 5_000));
            let insert = |table: &str, first: Value, second: Value, third: &str| {
                let sql = format!(
                    "INSERT INTO {table}_rows VALUES \
                     (?1, ?2{third}, 20200101, ?3, ?4, ?5, ?4, NULL, 0)"
                );
                conn.execute(&sql, (first, second, until, known, ended)).unwrap();
            };
            insert("memberships", 100.into(), person(n * 7), ", 'branch'");
            insert("birth_bands", person(n * 11), (1940 + n % 9 * 5).into(), "");
            if n % 40 == 0 {
                let kind = if n % 80 == 0 { ", 'suspected'" } else { ", 'merged'" };
                insert("likenesses", person(n / 40), person(n / 20 + 1), kind);
            }
        }
        ledger
    }
}
