//! Members by year of birth, out of millions of rows: persons stay the numbers that lie there, and
//! several readers go through parts of the tables at the same time.

use std::sync::Arc;

use projections::ages::{self, Ages, Persons};
use projections::{Filter, birth_bands, memberships};
use rusqlite::Row;

use super::append::Ledger;
use super::fault::Fault;
use super::parts::{Part, SmallNumbers};
use super::reader::Readers;
use super::values::unsigned;
use crate::store::StoreError;

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
    let persons =
        move |ledger: &Ledger<'_>, _: &_, part: &_| ledger.persons(&filter, part, &numbers);
    let Some(persons) = readers.ask_of_parts(parts, persons).await? else { return Ok(None) };
    let mut all = Persons::default();
    persons.into_iter().for_each(|persons| all.join(persons));
    Ok(Some(all.ages()))
}

impl Ledger<'_> {
    /// What the rows of a part say about persons.
    fn persons(
        &self,
        filter: &Filter,
        part: &Part,
        numbers: &SmallNumbers,
    ) -> Result<Persons, Fault> {
        let mut persons = Persons::default();
        let number = |row: &Row<'_>, index| numbers.of(self, row.get_ref(index)?);
        if part.table == memberships::TABLE {
            self.each(filter, part, "person", "TRUE", |row| {
                persons.at_home(number(row, 0)?);
                Ok(())
            })?;
        } else if part.table == birth_bands::TABLE {
            self.each(filter, part, "person, from_year", "TRUE", |row| {
                let from_year = unsigned(row.get(1)?)?;
                persons.born(number(row, 0)?, ages::year(from_year));
                Ok(())
            })?;
        } else {
            self.each(filter, part, "person, other", "found = 'merged'", |row| {
                persons.merged(number(row, 0)?, number(row, 1)?);
                Ok(())
            })?;
        }
        Ok(persons)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use events::Position;
    use projections::met::Met;
    use projections::{At, Cell, DayRule};
    use rusqlite::Connection;

    use super::super::cells::Ids;
    use super::super::parts::PERSONS;
    use super::super::parts::tests::{STAND, with_rows};
    use super::super::reader::STRETCHES;
    use super::*;

    #[test]
    fn parts_together_say_what_all_rows_say() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = Connection::open(folder.path().join("ledger.db")).unwrap();
        let (ledger, ids) = (with_rows(&mut conn), Ids::default());
        let (stand, numbers, parts) = ledger.parts_about_persons().unwrap();
        assert_eq!((stand.0, parts.len() as u64), (STAND as u64, 2 * STRETCHES + 1));
        // What is recorded and projected meanwhile belongs to no answer.
        let later = "INSERT INTO memberships_rows \
            VALUES (100, 800001, 'branch', 20200101, NULL, 800001, NULL, 800001, NULL, 0)";
        ledger.conn.execute(later, []).unwrap();
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
                all.join(found.unwrap());
            }
            let (mut met, mut counts) = (Met::default(), BTreeMap::new());
            for part in parts.iter().filter(|part| part.table == memberships::TABLE) {
                let filter = filter.known_by(stand);
                met.join(&ledger.met(&filter, part, "person", &numbers).unwrap());
                let found = ledger.count_part_by(&filter, part, "person", &ids).unwrap();
                for (person, count) in found {
                    *counts.entry(person).or_default() += count;
                }
            }
            let mut rows = PERSONS.map(|table| ledger.rows(table, &filter, &[], &ids).unwrap());
            rows.iter_mut().for_each(|rows| rows.retain(|row| row.known_from <= stand));
            let mut expected: BTreeMap<Cell, u64> = BTreeMap::new();
            for row in &rows[0] {
                *expected.entry(row.cells[1].clone()).or_default() += 1;
            }
            assert_eq!(met.count(), expected.len() as u64, "{filter:?}");
            assert_eq!(counts, expected, "{filter:?}");
            let [memberships, birth_bands, likenesses] = &rows;
            let expected = ages::of(memberships, birth_bands, likenesses);
            assert_eq!(all.ages(), expected, "{filter:?}");
            some += usize::from(expected.values().sum::<u64>() > 20);
        }
        assert!(some > 20, "so few members would show nothing");
    }
}
