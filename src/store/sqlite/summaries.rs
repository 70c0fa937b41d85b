//! Summaries as they lie, and the people of whom they are made: persons stay the numbers that lie
//! in rows, and only branches get their ids.

use std::sync::Arc;

use events::{Date, Position};
use foldhash::HashMap;
use projections::summary::people::with_merged;
use projections::summary::{People, TABLES, Told, VERSION};
use projections::{Filter, Stretch, Table, ages, birth_bands, likenesses, memberships, timeline};
use rusqlite::{Params, Row};

use super::append::Ledger;
use super::cells::date;
use super::fault::Fault;
use super::parts::{PERSONS, Part, SmallNumbers, small};
use super::reader::Readers;
use super::tables::NO_FIRST_DAY;
use super::values::{integer, position, unsigned};
use crate::store::summaries::{
    KeptPiece, Summarized, Summary, SummaryStep, Tables, day_number, names_members,
};
use crate::store::{Generation, StoreError};

/// The table of pieces, made when the first ones are kept. One of all days is of day 0.
const TABLE: &str = "rollbook_summary";

const TABLE_SQL: &str = "CREATE TABLE IF NOT EXISTS rollbook_summary (
    from_day INTEGER NOT NULL,
    position INTEGER NOT NULL,
    version INTEGER NOT NULL,
    piece BLOB NOT NULL,
    PRIMARY KEY (from_day, position)
) STRICT";

/// What is read of a row about a person beside what it says.
const TOLD: &str = "valid_from, valid_until, known_from, known_until";

/// Everybody, as known at a position; `None` where a table is exchanged meanwhile.
pub(super) async fn everybody(
    readers: &Arc<Readers>,
    known_at: Position,
) -> Result<Option<(People, Tables)>, StoreError> {
    let begin = move |ledger: &Ledger<'_>| match ledger.summary_tables(known_at)? {
        Some(tables) => Ok(Some((ledger.parts_about_persons()?, tables))),
        None => Ok(None),
    };
    let begun = readers.ask_apart(move |ledger| ledger.at_once(begin)).await?;
    let Some(((stand, numbers, parts), tables)) = begun else { return Ok(None) };
    let numbers = Arc::new(numbers);
    let (filter, known) = (Filter::Known(known_at).known_by(stand), Arc::clone(&numbers));
    let read = move |ledger: &Ledger<'_>, _: &_, part: &_| ledger.told(&filter, part, &known);
    let Some(told) = readers.ask_of_parts(parts, read).await? else { return Ok(None) };
    let mut all = People::default();
    for part in told {
        all.stays.extend(part.stays);
        all.births.extend(part.births);
        all.merges.extend(part.merges);
    }
    let all = readers.ask_apart(move |ledger| ledger.with_branches(all, &numbers)).await?;
    Ok(Some((all, tables)))
}

impl Ledger<'_> {
    /// How far a summary is kept.
    pub(super) fn summarized(&self) -> Result<Option<Summarized>, Fault> {
        const SQL: &str = "SELECT min(position), max(position) FROM rollbook_summary \
            WHERE from_day = 0 AND version = ?1";
        if self.made_as(TABLE)?.is_none() {
            return Ok(None);
        }
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (made, until) = self.conn.prepare_cached(SQL)?.query_row([VERSION], read)?;
        let (Some(made), Some(until)) = (made, until) else { return Ok(None) };
        Ok(Some(Summarized { made: position(made)?, until: position(until)? }))
    }

    /// What is kept of a day, and the people about whom something was recorded since.
    pub(super) fn summary(
        &self,
        on: Option<Date>,
        known_at: Position,
    ) -> Result<Option<Summary>, Fault> {
        const SQL: &str = "SELECT position, from_day, piece FROM rollbook_summary \
            WHERE from_day = 0 OR from_day = (SELECT max(from_day) FROM rollbook_summary \
                WHERE from_day <> 0 AND from_day <= ?1) \
            ORDER BY position, from_day";
        let near = self.summarized()?.filter(|summarized| summarized.is_near(known_at));
        let Some(Summarized { until, .. }) = near else { return Ok(None) };
        let Some(tables) = self.summary_tables(known_at)? else { return Ok(None) };
        let pieces = self.pieces(SQL, [day_number(on)])?;
        Ok(Some(Summary { pieces, until, since: self.people_since(until, known_at)?, tables }))
    }

    /// The tables that serve, by the marks of their indexes; `None` unless all of them account for
    /// a position.
    fn summary_tables(&self, known_at: Position) -> Result<Option<Tables>, Fault> {
        let mut marks = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            if self.stands_at(table)?.is_none_or(|stands_at| stands_at < known_at) {
                return Ok(None);
            }
            marks.push(self.mark(table)?);
        }
        Ok(Some(marks.join(" ")))
    }

    pub(super) fn summary_pieces(&self) -> Result<Vec<KeptPiece>, Fault> {
        const SQL: &str =
            "SELECT position, from_day, piece FROM rollbook_summary ORDER BY position, from_day";
        if self.summarized()?.is_none() {
            return Ok(Vec::new());
        }
        self.pieces(SQL, [])
    }

    fn pieces(&self, sql: &str, values: impl Params) -> Result<Vec<KeptPiece>, Fault> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        let mut pieces = Vec::new();
        while let Some(row) = rows.next()? {
            pieces.push(kept(row)?);
        }
        Ok(pieces)
    }

    /// Keeps pieces, if nobody else did meanwhile. Within a transaction.
    pub(super) fn keep_summary(&self, step: &SummaryStep) -> Result<(), Fault> {
        const DROP: &str = "DELETE FROM rollbook_summary WHERE position >= ?1";
        const KEEP: &str = "INSERT INTO rollbook_summary (from_day, position, version, piece) \
            VALUES (?1, ?2, ?3, ?4)";
        let tables = self.summary_tables(Position(0))?;
        if self.summarized()? != step.was || tables.as_ref() != Some(&step.tables) {
            return Ok(());
        }
        self.conn.execute_batch(TABLE_SQL)?;
        self.conn.execute(DROP, [integer(step.from.0)])?;
        let mut keep = self.conn.prepare_cached(KEEP)?;
        for kept in &step.pieces {
            let position = integer(kept.position.0);
            keep.execute((kept.day(), position, VERSION, kept.piece.to_bytes()))?;
        }
        Ok(())
    }

    /// Drops the summary if it was made of this table, which is begun anew or exchanged.
    pub(super) fn drop_summary_of(&self, table: &Table) -> Result<(), Fault> {
        if TABLES.iter().any(|of| of.name == table.name) {
            self.conn.execute_batch("DROP TABLE IF EXISTS rollbook_summary")?;
        }
        Ok(())
    }

    /// What the rows of a part say of persons and branches, which go by their small numbers.
    fn told(&self, filter: &Filter, part: &Part, numbers: &SmallNumbers) -> Result<People, Fault> {
        let mut people = People::default();
        let number = |row: &Row<'_>, index| numbers.small(self, row.get_ref(index)?);
        if part.table == memberships::TABLE {
            self.each(filter, part, &format!("person, branch, {TOLD}"), "TRUE", |row| {
                people.stays.push(told(row, number(row, 0)?, number(row, 1)?)?);
                Ok(())
            })?;
        } else if part.table == birth_bands::TABLE {
            self.each(filter, part, &format!("person, from_year, {TOLD}"), "TRUE", |row| {
                people.births.push(told(row, number(row, 0)?, year(row)?)?);
                Ok(())
            })?;
        } else {
            self.each(
                filter,
                part,
                &format!("person, other, {TOLD}"),
                "found = 'merged'",
                |row| {
                    people.merges.push(told(row, number(row, 0)?, number(row, 1)?)?);
                    Ok(())
                },
            )?;
        }
        Ok(people)
    }

    /// The people about whom something was recorded in a stretch of positions, and whoever is
    /// merged with one of them. All of it is of one moment.
    fn people_since(&self, after: Position, until: Position) -> Result<People, Fault> {
        let (_, numbers, whole) = self.whole(&PERSONS)?;
        let (mut people, mut asked) = (People::default(), Vec::new());
        let sql = format!(
            "SELECT DISTINCT subject FROM {} WHERE known_from > ?1 AND known_from <= ?2 AND {}",
            Generation::Serving.standing(timeline::TABLE),
            names_members()
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([after.0, until.0].map(integer))?;
        while let Some(row) = rows.next()? {
            asked.push(numbers.small(self, row.get_ref(0)?)?);
        }
        for part in whole.iter().filter(|part| part.table == likenesses::TABLE) {
            people.merges.extend(self.told(&Filter::All, part, &numbers)?.merges);
        }
        let (asked, merges) = with_merged(asked, people.merges);
        people.merges = merges;
        let of = |part, what| Wanted { part, what, persons: &asked, until, numbers: &numbers };
        for part in &whole {
            if part.table == memberships::TABLE {
                people.stays =
                    self.told_of(&of(part, "branch"), |row| numbers.small(self, row.get_ref(1)?))?;
            } else if part.table == birth_bands::TABLE {
                people.births = self.told_of(&of(part, "from_year"), year)?;
            }
        }
        self.with_branches(people, &numbers)
    }

    /// What all rows of a table say of some persons that were known by a position, also those that
    /// are known no longer.
    fn told_of<T>(
        &self,
        wanted: &Wanted<'_>,
        what: impl Fn(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<Told<T>>, Fault> {
        let Wanted { part, persons, until, numbers, .. } = *wanted;
        let (table, by) = (Generation::Serving.standing(part.table), part.index_by("person"));
        let sql = format!(
            "SELECT person, \"{}\", {TOLD} FROM {table} INDEXED BY \"{by}\" \
             WHERE person = ?1 AND known_from <= ?2",
            wanted.what
        );
        let texts = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE person >= '')");
        let has_texts: bool = self.conn.prepare_cached(&texts)?.query_row([], |row| row.get(0))?;
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut all = Vec::new();
        for person in persons {
            for form in numbers.forms(self, *person, has_texts)? {
                let mut rows = statement.query((form, integer(until.0)))?;
                while let Some(row) = rows.next()? {
                    all.push(told(row, *person, what(row)?)?);
                }
            }
        }
        Ok(all)
    }

    /// Gives branches their ids, and numbers by these.
    fn with_branches(&self, mut people: People, numbers: &SmallNumbers) -> Result<People, Fault> {
        let mut places: HashMap<u32, u32> = HashMap::default();
        for stay in &mut people.stays {
            let next = small(places.len())?;
            let place = *places.entry(stay.what).or_insert(next);
            if place == next && people.branches.len() < places.len() {
                people.branches.push(numbers.id(self, stay.what)?);
            }
            stay.what = place;
        }
        Ok(people)
    }
}

/// A piece as it lies.
fn kept(row: &Row<'_>) -> Result<KeptPiece, Fault> {
    let bytes = row.get_ref(2)?.as_blob().unwrap_or_default();
    let kept = KeptPiece::read(position(row.get(0)?)?, row.get(1)?, bytes);
    kept.ok_or(Fault::Damaged { position: None, what: "a summary cannot be read" })
}

/// What a row says, which has two columns and then [`TOLD`].
fn told<T>(row: &Row<'_>, person: u32, what: T) -> Result<Told<T>, Fault> {
    let valid = Stretch { from: date(row, 2)?.ok_or(NO_FIRST_DAY)?, until: date(row, 3)? };
    let known_until = row.get::<_, Option<i64>>(5)?.map(position).transpose()?;
    Ok(Told { person, what, valid, known_from: position(row.get(4)?)?, known_until })
}

fn year(row: &Row<'_>) -> Result<Option<u16>, Fault> {
    Ok(ages::year(unsigned(row.get(1)?)?))
}

/// Which rows about persons are wanted.
struct Wanted<'a> {
    part: &'a Part,
    /// The column that says something of them.
    what: &'a str,
    persons: &'a [u32],
    /// By when they were known.
    until: Position,
    numbers: &'a SmallNumbers,
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::cells::Ids;
    use super::super::parts::tests::{STAND, with_rows};
    use super::*;

    /// Everybody, in parts as several readers take them.
    fn everybody(ledger: &Ledger<'_>, known_at: Position) -> People {
        let (stand, numbers, parts) = ledger.parts_about_persons().unwrap();
        let filter = Filter::Known(known_at).known_by(stand);
        let mut all = People::default();
        for part in parts {
            let part = ledger.told(&filter, &part, &numbers).unwrap();
            all.stays.extend(part.stays);
            all.births.extend(part.births);
            all.merges.extend(part.merges);
        }
        ledger.with_branches(all, &numbers).unwrap()
    }

    #[test]
    fn people_are_those_of_rows_in_which_ids_lie_in_every_form() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = Connection::open(folder.path().join("ledger.db")).unwrap();
        let (ledger, ids) = (with_rows(&mut conn), Ids::default());
        ledger.make(timeline::TABLE, Generation::Serving).unwrap();
        let lines = std::cell::Cell::new(0);
        for (table, column) in [
            ("memberships", "person"),
            ("birth_bands", "person"),
            ("likenesses", "person"),
            ("likenesses", "other"),
        ] {
            for position in ["known_from", "known_until"] {
                lines.set(lines.get() + 1);
                let sql = format!(
                    "INSERT INTO timeline_rows SELECT {column}, 'EventRetracted', 20200101, \
                     NULL, {position}, NULL, {position}, NULL, {} * 10000 + row_number() OVER () \
                     FROM {table}_rows WHERE {position} NOT NULL",
                    lines.get()
                );
                ledger.conn.execute(&sql, []).unwrap();
            }
        }
        let places = [0, 99_000, 350_000, 351_000, 699_200, STAND as u64].map(Position);
        let mut some = 0;
        for known_at in places {
            let filter = Filter::Known(known_at);
            let rows = PERSONS.map(|table| ledger.rows(table, &filter, &[], &ids).unwrap());
            let expected = People::of(&rows[0], &rows[1], &rows[2]).changes(known_at);
            assert_eq!(everybody(&ledger, known_at).changes(known_at), expected, "{known_at}");
            for before in places.into_iter().filter(|before| *before <= known_at) {
                let since = ledger.people_since(before, known_at).unwrap();
                let changes = since.changes(known_at).less(&since.changes(before));
                let sum = everybody(&ledger, before).changes(before).and(&changes);
                assert_eq!(sum, expected, "{before} and {known_at}");
                some += usize::from(!changes.is_empty() && !since.merges.is_empty());
            }
        }
        assert!(some > 8, "so few changes would show nothing");
    }
}
