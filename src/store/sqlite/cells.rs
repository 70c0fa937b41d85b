//! How ids and dates lie in tables of projections: as numbers, since these tables are most of what
//! is written. The views beside the tables write them out.
//!
//! For an id stands the position of the event that opened its stream. An id that had no stream yet
//! when its row was known, or never has one, lies there as its text.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::{Date, Position};
use foldhash::HashMap;
use projections::{Cell, CellRef};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{OptionalExtension, Row, ToSql};
use uuid::Uuid;

use super::append::Ledger;
use super::fault::Fault;
use super::values::{integer, unsigned};
use crate::store::day::Day;

/// How many ids are at hand before they are forgotten, to bound memory.
const KNOWN_MAX: usize = 500_000;

/// The numbers of ids, for whoever writes rows.
#[derive(Default)]
pub(super) struct Numbers {
    known: HashMap<Uuid, i64>,
}

impl Numbers {
    /// What stands for an id in a row that is known from a position on.
    pub(super) fn number(
        &mut self,
        ledger: &Ledger<'_>,
        id: &Cell,
        known_from: Position,
    ) -> Result<Option<i64>, Fault> {
        let Some(uuid) = id.uuid() else { return Ok(None) };
        let number = match self.known.get(&uuid) {
            Some(number) => Some(*number),
            None => {
                let found = ledger.number_of(uuid)?;
                if self.known.len() >= KNOWN_MAX {
                    self.known.clear();
                }
                found.inspect(|number| {
                    self.known.insert(uuid, *number);
                })
            }
        };
        Ok(number.filter(|number| *number <= integer(known_from.0)))
    }
}

const ALL_IDS: &str = "SELECT position, aggregate_id FROM events WHERE sequence = 1";

impl Ledger<'_> {
    /// The position of the event that opened the stream of an id.
    pub(super) fn number_of(&self, id: Uuid) -> Result<Option<i64>, Fault> {
        const SQL: &str = "SELECT position FROM events \
            WHERE aggregate_type = ?1 AND aggregate_id = ?2 AND sequence = 1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let mut text = Uuid::encode_buffer();
        let id = &*id.hyphenated().encode_lower(&mut text);
        for family in events::FamilyName::ALL {
            let found = statement.query_row((family.as_str(), id), |row| row.get(0)).optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// What may stand for an id that is asked for.
    pub(super) fn forms_of(&self, id: &Cell) -> Result<[Value; 2], Fault> {
        let number = id.uuid().map(|id| self.number_of(id)).transpose()?.flatten();
        let number = number.map_or(Value::Null, Value::Integer);
        Ok([number, Value::Text(id.text().to_owned())])
    }

    /// The ids of all streams, each at the position of the event that opened it: nil where none was
    /// opened, or the record is too long. They are read out of an index, which is short.
    fn all_ids(&self) -> Result<Vec<Uuid>, Fault> {
        let head = usize::try_from(self.head()?.position.0).unwrap_or(usize::MAX);
        let mut all = vec![Uuid::nil(); head.saturating_add(1).min(ALL_MAX)];
        let mut statement = self.conn.prepare_cached(ALL_IDS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number = row.get_ref(0)?.as_i64().ok().and_then(|at| usize::try_from(at).ok());
            let id = row.get_ref(1)?.as_bytes().ok().and_then(|id| Uuid::try_parse_ascii(id).ok());
            // What cannot be read is looked up, and then said to be damaged.
            if let (Some(place), Some(id)) = (number.and_then(|at| all.get_mut(at)), id) {
                *place = id;
            }
        }
        Ok(all)
    }

    /// The id for which a number stands.
    pub(super) fn id_of(&self, number: i64) -> Result<Uuid, Fault> {
        const SQL: &str = "SELECT aggregate_id FROM events WHERE position = ?1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let found: Option<String> = statement.query_row([number], |row| row.get(0)).optional()?;
        let id = found.and_then(|id| Cell::Text(id).uuid());
        let what = "an id in a projection is that of no event";
        id.ok_or(Fault::Damaged { position: None, what })
    }
}

/// How many ids are looked up one by one, at least, before all of them are read at once.
const LOOKED_UP_MIN: usize = 1_000;

/// So many events are there for each id that is looked up before all are read at once: to read
/// them takes about as long then as to have looked these up.
const EVENTS_A_LOOK: usize = 32;

/// In a record that is longer than this ids are looked up one by one, to bound memory.
const ALL_MAX: usize = 8_000_000;

/// The ids of numbers, shared by all who read rows of a ledger. What a number stands for never
/// changes.
#[derive(Default)]
pub(super) struct Ids {
    /// Those of all streams that were there when they were last read at once, by their numbers.
    all: Mutex<Arc<Vec<Uuid>>>,
    /// Those that were looked up one by one.
    looked_up: Mutex<HashMap<i64, Uuid>>,
}

/// The ids that one question, or a part of one, asks for.
pub(super) struct Asking<'a> {
    ids: &'a Ids,
    all: Arc<Vec<Uuid>>,
    met: HashMap<i64, Uuid>,
}

impl Ids {
    /// Begins a question.
    pub(super) fn asking(&self) -> Asking<'_> {
        let all = Arc::clone(&self.all.lock().unwrap_or_else(PoisonError::into_inner));
        Asking { ids: self, all, met: HashMap::default() }
    }

    /// All ids, once they are known to be more than those that somebody had. Who asks at the same
    /// time waits for them.
    fn beyond(&self, had: usize, ledger: &Ledger<'_>) -> Result<Arc<Vec<Uuid>>, Fault> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() <= had {
            *all = Arc::new(ledger.all_ids()?);
        }
        Ok(Arc::clone(&all))
    }

    fn looked_up(&self) -> MutexGuard<'_, HashMap<i64, Uuid>> {
        self.looked_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether so many were looked up that it is time to read all of them.
    fn are_many(&self, ledger: &Ledger<'_>) -> Result<bool, Fault> {
        let count = self.looked_up().len();
        if count < LOOKED_UP_MIN || !count.is_multiple_of(LOOKED_UP_MIN) {
            return Ok(false);
        }
        let events = usize::try_from(ledger.head()?.position.0).unwrap_or(usize::MAX);
        Ok(count >= events / EVENTS_A_LOOK)
    }
}

impl Asking<'_> {
    /// The id that lies there.
    pub(super) fn cell(&mut self, ledger: &Ledger<'_>, value: ValueRef<'_>) -> Result<Cell, Fault> {
        Ok(match value {
            ValueRef::Null => Cell::Empty,
            ValueRef::Integer(number) => {
                let id = self.known(number).map_or_else(|| self.look_up(ledger, number), Ok)?;
                projections::table::id(id)
            }
            other @ (ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_)) => {
                Cell::Text(text(other)?.to_owned())
            }
        })
    }

    fn known(&self, number: i64) -> Option<Uuid> {
        let id = usize::try_from(number).ok().and_then(|number| self.all.get(number));
        id.filter(|id| !id.is_nil()).or_else(|| self.met.get(&number)).copied()
    }

    /// What others looked up, or else the ledger says.
    fn look_up(&mut self, ledger: &Ledger<'_>, number: i64) -> Result<Uuid, Fault> {
        let found = self.ids.looked_up().get(&number).copied();
        if let Some(id) = found {
            self.met.insert(number, id);
            return Ok(id);
        }
        if self.all.len() < ALL_MAX && self.ids.are_many(ledger)? {
            self.all = self.ids.beyond(self.all.len(), ledger)?;
            if let Some(id) = self.known(number) {
                return Ok(id);
            }
        }
        let id = ledger.id_of(number)?;
        let mut looked_up = self.ids.looked_up();
        if looked_up.len() >= KNOWN_MAX {
            looked_up.clear();
        }
        looked_up.insert(number, id);
        drop(looked_up);
        self.met.insert(number, id);
        Ok(id)
    }
}

/// An id as it lies, for a digest: by its number, as soon as there is one.
pub(super) fn id_as_kept<'a>(
    ledger: &Ledger<'_>,
    value: ValueRef<'a>,
) -> Result<CellRef<'a>, Fault> {
    Ok(match value {
        ValueRef::Null => CellRef::Empty,
        ValueRef::Integer(number) => CellRef::Number(unsigned(number)?),
        other @ (ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_)) => {
            let text = text(other)?;
            let id = Cell::Text(text.to_owned()).uuid();
            let number = id.map(|id| ledger.number_of(id)).transpose()?.flatten();
            number
                .map_or(Ok(CellRef::Text(text)), |number| unsigned(number).map(CellRef::Number))?
        }
    })
}

/// A text that must be one.
pub(super) fn text(value: ValueRef<'_>) -> Result<&str, Fault> {
    let what = "a text in a projection cannot be read";
    value.as_str().map_err(|_| Fault::Damaged { position: None, what })
}

impl ToSql for Day {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.number().into())
    }
}

impl From<Day> for Value {
    fn from(day: Day) -> Self {
        Self::Integer(day.number())
    }
}

/// The date in a column; `None` where there is none.
pub(super) fn date(row: &Row<'_>, index: usize) -> Result<Option<Date>, Fault> {
    let what = "a date in a projection cannot be read";
    let damaged = || Fault::Damaged { position: None, what };
    match row.get_ref(index)? {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Day::of(number).date().map(Some).ok_or_else(damaged),
        ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => Err(damaged()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_comes_back_as_it_was_written_is_an_id() {
        let small = "00000000-0000-0000-0000-00000000000a";
        let uuid = |text: &str| Cell::Text(text.to_owned()).uuid();
        assert!(uuid(small).is_some());
        for other in [&small.to_uppercase(), &small.replace('-', ""), "x", ""] {
            assert_eq!(uuid(other), None, "{other}");
        }
    }
}
