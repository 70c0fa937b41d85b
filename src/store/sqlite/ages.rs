//! Members by year of birth, out of millions of rows: persons stay the numbers that lie there, and
//! several readers go through stretches of the tables at the same time.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use events::Position;
use projections::ages::{self, Ages, Persons};
use projections::{Cell, Filter, Table, birth_bands, likenesses, memberships};
use rusqlite::types::ValueRef;
use rusqlite::{Row, params_from_iter};

use super::append::Ledger;
use super::asked::Asked;
use super::cells::text;
use super::fault::Fault;
use super::generations::Generation;
use super::reader::{LONG, Readers, STRETCHES};
use super::values::{position, unsigned};
use crate::store::StoreError;

/// The tables that say who is a member, and how old.
const TABLES: [&Table; 3] = [memberships::TABLE, birth_bands::TABLE, likenesses::TABLE];

/// After all positions.
const END: Position = Position(i64::MAX as u64);

/// Which rows are read: those of the table that serves which became known in a stretch of
/// positions.
struct Part {
    table: &'static Table,
    mark: &'static str,
    stretch: Range<Position>,
}

/// How many members there are, by the first of the five years of their birth, of rows that pass a
/// filter; `None` where a table is exchanged meanwhile.
pub(super) async fn ages(
    readers: &Arc<Readers>,
    filter: &Filter,
) -> Result<Option<Ages>, StoreError> {
    let begin = |ledger: &Ledger<'_>| ledger.at_once(|ledger| ledger.parts_about_persons());
    let (stand, numbers, parts) = readers.ask_apart(begin).await?;
    // Whatever is recorded meanwhile, all parts are read as of the same K.
    let filter = filter.known_by(stand);
    let found = move |ledger: &Ledger<'_>, _: &_, parts: Vec<Part>| {
        ledger.persons(&filter, &parts, &numbers)
    };
    let mut all = Persons::default();
    for persons in readers.ask_in_parts(parts, found).await? {
        let Some(persons) = persons else { return Ok(None) };
        all.join(persons);
    }
    Ok(Some(all.ages()))
}

/// The numbers of persons: those that lie in rows, and further ones for ids that lie there as
/// texts, of streams that were opened later or never.
struct Numbers {
    /// The first one that no event had when the question began.
    beyond: usize,
    of_texts: Mutex<HashMap<String, usize>>,
}

impl Numbers {
    fn beyond(last: Position) -> Self {
        let beyond = usize::try_from(last.0).unwrap_or(usize::MAX).saturating_add(1);
        Self { beyond, of_texts: Mutex::default() }
    }

    fn of(&self, ledger: &Ledger<'_>, value: ValueRef<'_>) -> Result<usize, Fault> {
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
    /// Up to where the tables about persons account for events, the numbers of these, and what is
    /// to be read.
    fn parts_about_persons(&self) -> Result<(Position, Numbers, Vec<Vec<Part>>), Fault> {
        const LAST: &str = "SELECT coalesce(max(position), 0) FROM events";
        let numbers = Numbers::beyond(position(self.conn.query_row(LAST, [], |row| row.get(0))?)?);
        let (mut stand, mut whole) = (Position(0), Vec::new());
        for table in TABLES {
            if let Some(stands_at) = self.stands_at(table)? {
                stand = stand.max(stands_at);
                let mark = self.mark(table)?;
                whole.push(Part { table, mark, stretch: Position(0)..END });
            }
        }
        if stand < LONG {
            return Ok((stand, numbers, vec![whole]));
        }
        let cut = |n| if n < STRETCHES { Position(stand.0 / STRETCHES * n) } else { END };
        let stretches = |part: Part| -> Vec<Vec<Part>> {
            // Those who are one stay together: of several merges of somebody the last one counts.
            if part.table == likenesses::TABLE {
                return vec![vec![part]];
            }
            let stretch = |n| vec![Part { stretch: cut(n)..cut(n + 1), ..part }];
            (0..STRETCHES).map(stretch).collect()
        };
        Ok((stand, numbers, whole.into_iter().flat_map(stretches).collect()))
    }

    /// What the rows of parts say about persons; `None` where another table serves by now.
    fn persons(
        &self,
        filter: &Filter,
        parts: &[Part],
        numbers: &Numbers,
    ) -> Result<Option<Persons>, Fault> {
        let mut persons = Persons::default();
        for part in parts {
            if self.stands_at(part.table)?.is_none() || self.mark(part.table)? != part.mark {
                return Ok(None);
            }
            self.take_persons(filter, part, numbers, &mut persons)?;
        }
        Ok(Some(persons))
    }

    /// Takes what the rows of a part say about persons.
    fn take_persons(
        &self,
        filter: &Filter,
        part: &Part,
        numbers: &Numbers,
        persons: &mut Persons,
    ) -> Result<(), Fault> {
        let number = |row: &Row<'_>, index| numbers.of(self, row.get_ref(index)?);
        if part.table == memberships::TABLE {
            self.each(filter, part, "person", "TRUE", |row| {
                persons.at_home(number(row, 0)?);
                Ok(())
            })
        } else if part.table == birth_bands::TABLE {
            self.each(filter, part, "person, from_year", "TRUE", |row| {
                let from_year = unsigned(row.get(1)?)?;
                persons.born(number(row, 0)?, ages::year(from_year));
                Ok(())
            })
        } else {
            self.each(filter, part, "person, other", "found = 'merged'", |row| {
                persons.merged(number(row, 0)?, number(row, 1)?);
                Ok(())
            })
        }
    }

    /// Gives every row of a part that passes a filter, as the table lies.
    fn each(
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
mod tests {
    use events::LedgerId;
    use projections::{At, DayRule};
    use rusqlite::Connection;
    use rusqlite::types::Value;
    use uuid::Uuid;

    use super::super::cells::Ids;
    use super::super::schema;
    use super::*;

    /// Where the tables stand.
    const STAND: i64 = 800_000;

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

    fn with_rows(conn: &mut Connection) -> Ledger<'_> {
        let id_of_ledger = LedgerId(Uuid::nil());
        schema::create(conn, id_of_ledger).unwrap();
        let ledger = Ledger { conn, id: id_of_ledger };
        let event = "INSERT INTO events \
            VALUES (?1, x'', 'person', ?2, 1, '', '', '', '', '', '', x'', x'')";
        for position in 100..150 {
            conn.execute(event, (position, id(position))).unwrap();
        }
        for table in TABLES {
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

    #[test]
    fn parts_together_say_what_all_rows_say() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = Connection::open(folder.path().join("ledger.db")).unwrap();
        let (ledger, ids) = (with_rows(&mut conn), Ids::default());
        let (stand, numbers, parts) = ledger.parts_about_persons().unwrap();
        assert_eq!((stand.0, parts.len() as u64), (STAND as u64, 2 * STRETCHES + 1));
        let mut filters = vec![Filter::All];
        for known_at in [0, 99_000, 350_000, 700_000, 800_000, 900_000].map(Position) {
            filters.push(Filter::Known(known_at));
            for day in 1..8 {
                let valid_on = jiff::civil::date(2020, 1, day);
                filters.push(Filter::Holding(At {
                    valid_on,
                    known_at,
                    day_rule: DayRule::EndOfDay,
                }));
            }
        }
        let mut some = 0;
        for filter in filters {
            let mut all = Persons::default();
            for part in &parts {
                let found = ledger.persons(&filter.known_by(stand), part, &numbers);
                all.join(found.unwrap().unwrap());
            }
            let rows = TABLES.map(|table| ledger.rows(table, &filter, &[], &ids).unwrap());
            let [memberships, birth_bands, likenesses] = &rows;
            let expected = ages::of(memberships, birth_bands, likenesses);
            assert_eq!(all.ages(), expected, "{filter:?}");
            some += usize::from(expected.values().sum::<u64>() > 20);
        }
        assert!(some > 20, "so few members would show nothing");
    }
}
