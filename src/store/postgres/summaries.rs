//! Summaries as they lie, and the people of whom they are made.

use events::{Date, Position};
use foldhash::HashMap;
use projections::summary::people::with_merged;
use projections::summary::{People, TABLES, Told, VERSION};
use projections::{Stretch, Table, ages, birth_bands, likenesses, memberships};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::connections::Held;
use super::fault::{Fault, damaged};
use super::reader::Reader;
use super::tables::{all_progressed, hold_off};
use super::values::{bytes, day_of, integer, position, run, unsigned};
use crate::store::summaries::{
    KeptPiece, Summarized, Summary, SummaryStep, Tables, day_number, names_members,
};

/// The table of pieces, made when the first ones are kept. One of all days is of day 0.
const TABLE_SQL: &str = "CREATE TABLE IF NOT EXISTS rollbook_summary (
    ledger uuid NOT NULL,
    from_day bigint NOT NULL,
    position bigint NOT NULL,
    version bigint NOT NULL,
    piece bytea NOT NULL,
    PRIMARY KEY (from_day, position, ledger)
)";

/// The tables that say something of a person, and the column in which they do.
const SAID: [(&Table, &str); 2] =
    [(memberships::TABLE, "branch"), (birth_bands::TABLE, "from_year")];

/// How many rows are read at once.
const PAGE: usize = 20_000;

/// What is read of a row about a person beside what it says.
const TOLD: &str = "valid_from, valid_until, known_from, known_until";

impl Reader {
    /// How far a summary is kept.
    pub(super) async fn summarized(&self) -> Result<Option<Summarized>, Fault> {
        let Some(mut tx) = self.beside_summary(Position(0)).await? else { return Ok(None) };
        let summarized = self.summarized_in(&mut tx).await?;
        tx.end("ROLLBACK").await?;
        Ok(summarized)
    }

    /// What is kept of a day, and the people about whom something was recorded since.
    pub(super) async fn summary(
        &self,
        on: Option<Date>,
        known_at: Position,
    ) -> Result<Option<Summary>, Fault> {
        const SQL: &str = "SELECT position, from_day, piece FROM rollbook_summary \
            WHERE ledger = $1 \
            AND (from_day = 0 OR from_day = (SELECT max(from_day) FROM rollbook_summary \
                WHERE ledger = $1 AND from_day <> 0 AND from_day <= $2)) \
            ORDER BY position, from_day";
        let Some(mut tx) = self.beside_summary(known_at).await? else { return Ok(None) };
        let near = self.summarized_in(&mut tx).await?.filter(|it| it.is_near(known_at));
        let Some(Summarized { until, .. }) = near else {
            tx.end("ROLLBACK").await?;
            return Ok(None);
        };
        let asked = sqlx::query(SQL).bind(self.ledger.0).bind(day_number(on));
        let pieces = asked.fetch_all(&mut *tx).await?;
        let since = self.people_since(&mut tx, until, known_at).await?;
        let tables = tables_in(&mut tx).await?;
        tx.end("ROLLBACK").await?;
        let pieces = pieces.iter().map(kept).collect::<Result<_, Fault>>()?;
        Ok(Some(Summary { pieces, until, since, tables }))
    }

    pub(super) async fn summary_pieces(&self) -> Result<Vec<KeptPiece>, Fault> {
        const SQL: &str = "SELECT position, from_day, piece FROM rollbook_summary \
            WHERE ledger = $1 \
            ORDER BY position, from_day";
        let Some(mut tx) = self.beside_summary(Position(0)).await? else { return Ok(Vec::new()) };
        let found = match self.summarized_in(&mut tx).await? {
            Some(_) => sqlx::query(SQL).bind(self.ledger.0).fetch_all(&mut *tx).await?,
            None => Vec::new(),
        };
        tx.end("ROLLBACK").await?;
        found.iter().map(kept).collect()
    }

    /// Keeps pieces, if nobody else did meanwhile.
    pub(super) async fn keep_summary(&self, step: &SummaryStep) -> Result<(), Fault> {
        const DROP: &str = "DELETE FROM rollbook_summary WHERE ledger = $1 AND position >= $2";
        const KEEP: &str = "INSERT INTO rollbook_summary \
            (ledger, from_day, position, version, piece) \
            VALUES ($1, $2, $3, $4, $5)";
        // It can be made again, as the tables can.
        let begin = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off";
        let mut tx = self.connections.begin(begin).await?;
        hold_off(&mut tx, self.ledger).await?;
        let was = if is_there(&mut tx).await? { self.summarized_in(&mut tx).await? } else { None };
        if was != step.was || tables_in(&mut tx).await? != step.tables {
            return tx.end("ROLLBACK").await;
        }
        run(&mut tx, TABLE_SQL).await?;
        let drop = sqlx::query(DROP).bind(self.ledger.0).bind(integer(step.from.0));
        drop.execute(&mut *tx).await?;
        for kept in &step.pieces {
            let keep = sqlx::query(KEEP).bind(self.ledger.0).bind(kept.day());
            let keep = keep.bind(integer(kept.position.0)).bind(i64::from(VERSION));
            let keep = keep.bind(kept.piece.to_bytes());
            keep.execute(&mut *tx).await?;
        }
        tx.end("COMMIT").await
    }

    /// Everybody, as known at a position; `None` while there are no tables.
    pub(super) async fn everybody(
        &self,
        known_at: Position,
    ) -> Result<Option<(People, Tables)>, Fault> {
        let Some(mut tx) = self.standing_at(known_at).await? else { return Ok(None) };
        let at = integer(known_at.0);
        let known = format!("known_from <= {at} AND (known_until IS NULL OR known_until > {at})");
        let mut gathered = Gathered::default();
        gathered.take_merges(&merges(&mut tx, at).await?)?;
        for (table, what) in SAID {
            let sql = format!(
                "DECLARE people NO SCROLL CURSOR FOR SELECT person, {what}, {TOLD} \
                 FROM \"{}\" WHERE {known}",
                table.name
            );
            run(&mut tx, &sql).await?;
            loop {
                let page = format!("FETCH {PAGE} FROM people");
                let rows = sqlx::query(&page).persistent(false).fetch_all(&mut *tx).await?;
                gathered.take(table, &rows)?;
                if rows.len() < PAGE {
                    break;
                }
            }
            run(&mut tx, "CLOSE people").await?;
        }
        let tables = tables_in(&mut tx).await?;
        tx.end("ROLLBACK").await?;
        Ok(Some((gathered.people, tables)))
    }

    /// The people about whom something was recorded in a stretch of positions, and whoever is
    /// merged with one of them.
    async fn people_since(
        &self,
        tx: &mut Held,
        after: Position,
        until: Position,
    ) -> Result<People, Fault> {
        let subjects = format!(
            "SELECT DISTINCT subject FROM timeline \
             WHERE known_from > $1 AND known_from <= $2 AND {}",
            names_members()
        );
        let (after, until) = (integer(after.0), integer(until.0));
        let asked = sqlx::query(&subjects).bind(after).bind(until).fetch_all(&mut **tx).await?;
        let mut gathered = Gathered::default();
        let asked = asked.iter().map(|row| gathered.person(row.try_get(0)?));
        let asked = asked.collect::<Result<Vec<u32>, Fault>>()?;
        gathered.take_merges(&merges(tx, until).await?)?;
        let (asked, merges) = with_merged(asked, std::mem::take(&mut gathered.people.merges));
        gathered.people.merges = merges;
        let ids = gathered.ids_of(&asked);
        for (table, what) in SAID {
            let sql = format!(
                "SELECT person, {what}, {TOLD} FROM \"{}\" \
                 WHERE person = ANY($1::uuid[]) AND known_from <= $2",
                table.name
            );
            let asked = sqlx::query(&sql).bind(&ids).bind(until);
            gathered.take(table, &asked.fetch_all(&mut **tx).await?)?;
        }
        Ok(gathered.people)
    }

    /// A moment in which there is a summary, and its tables account for a position and are not
    /// exchanged. Whether there is one is asked first: a short record is spared the locks.
    async fn beside_summary(&self, known_at: Position) -> Result<Option<Held>, Fault> {
        let mut conn = self.connections.take().await?;
        let is_there = is_there(&mut conn).await?;
        conn.give_back();
        if !is_there {
            return Ok(None);
        }
        // Whoever drops it exchanges one of the tables first, and waits for us to end.
        let Some(mut tx) = self.standing_at(known_at).await? else { return Ok(None) };
        if self::is_there(&mut tx).await? {
            return Ok(Some(tx));
        }
        tx.end("ROLLBACK").await?;
        Ok(None)
    }

    /// A moment in which the tables of a summary account for a position, and are not exchanged.
    async fn standing_at(&self, known_at: Position) -> Result<Option<Held>, Fault> {
        let Some((mut tx, _)) = self.standing(TABLES).await? else { return Ok(None) };
        let all = all_progressed(&mut tx, self.ledger).await?;
        let stands = |table: &&Table| all.get(table.name).is_some_and(|it| it.position >= known_at);
        if TABLES.iter().all(stands) {
            return Ok(Some(tx));
        }
        tx.end("ROLLBACK").await?;
        Ok(None)
    }

    async fn summarized_in(&self, conn: &mut PgConnection) -> Result<Option<Summarized>, Fault> {
        const SQL: &str = "SELECT min(position), max(position) FROM rollbook_summary \
            WHERE ledger = $1 AND from_day = 0 AND version = $2";
        let found: (Option<i64>, Option<i64>) = sqlx::query_as(SQL)
            .bind(self.ledger.0)
            .bind(i64::from(VERSION))
            .fetch_one(conn)
            .await?;
        let (Some(made), Some(until)) = found else { return Ok(None) };
        Ok(Some(Summarized { made: position(made)?, until: position(until)? }))
    }
}

/// Drops the summary if it was made of this table, which is begun anew or exchanged.
pub(super) async fn drop_of(conn: &mut PgConnection, table: &Table) -> Result<(), Fault> {
    if TABLES.iter().any(|of| of.name == table.name) && is_there(conn).await? {
        run(conn, "DROP TABLE rollbook_summary").await?;
    }
    Ok(())
}

/// The tables that serve, by the numbers that the server gives them. This and the next question are
/// about a table: one about none is answered by what the server remembers from before a lock.
async fn tables_in(conn: &mut PgConnection) -> Result<Tables, Fault> {
    let sql = format!(
        "SELECT coalesce(string_agg(oid::text, ' ' ORDER BY relname), '') FROM pg_class \
         WHERE relname = ANY($1) AND {OURS}"
    );
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    Ok(sqlx::query_scalar(&sql).bind(names).fetch_one(conn).await?)
}

async fn is_there(conn: &mut PgConnection) -> Result<bool, Fault> {
    let sql = format!(
        "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'rollbook_summary' AND {OURS})"
    );
    Ok(sqlx::query_scalar(&sql).fetch_one(conn).await?)
}

/// What lies where the record does, and not elsewhere on the search path.
const OURS: &str =
    "relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'events'::regclass)";

/// Merges that were known by a position, also those that are known no longer, in their order.
async fn merges(conn: &mut PgConnection, until: i64) -> Result<Vec<PgRow>, Fault> {
    let sql = format!(
        "SELECT person, other, {TOLD} FROM \"{}\" WHERE found = 'merged' AND known_from <= $1 \
         ORDER BY known_from, opened_by, line",
        likenesses::TABLE.name
    );
    Ok(sqlx::query(&sql).bind(until).fetch_all(conn).await?)
}

/// A piece as it lies.
fn kept(row: &PgRow) -> Result<KeptPiece, Fault> {
    let piece = bytes(row, 2).unwrap_or_default();
    let kept = KeptPiece::read(position(row.try_get(0)?)?, row.try_get(1)?, piece);
    kept.ok_or_else(|| damaged("a summary cannot be read"))
}

/// People as they are met in rows, and the numbers of ids.
#[derive(Default)]
struct Gathered {
    people: People,
    persons: HashMap<Uuid, u32>,
    branches: HashMap<Uuid, u32>,
}

impl Gathered {
    fn person(&mut self, id: Uuid) -> Result<u32, Fault> {
        number(&mut self.persons, id)
    }

    /// The ids of some persons, who are in the order of their numbers.
    fn ids_of(&self, persons: &[u32]) -> Vec<Uuid> {
        let of = self.persons.iter().filter(|(_, number)| persons.binary_search(number).is_ok());
        of.map(|(id, _)| *id).collect()
    }

    fn take_merges(&mut self, rows: &[PgRow]) -> Result<(), Fault> {
        for row in rows {
            let other = self.person(row.try_get(1)?)?;
            let merge = self.told(row, other)?;
            self.people.merges.push(merge);
        }
        Ok(())
    }

    fn take(&mut self, table: &'static Table, rows: &[PgRow]) -> Result<(), Fault> {
        for row in rows {
            if table == birth_bands::TABLE {
                let birth = self.told(row, ages::year(unsigned(row.try_get(1)?)?))?;
                self.people.births.push(birth);
                continue;
            }
            let branch = row.try_get(1)?;
            let home = number(&mut self.branches, branch)?;
            if self.people.branches.len() < self.branches.len() {
                self.people.branches.push(branch);
            }
            let stay = self.told(row, home)?;
            self.people.stays.push(stay);
        }
        Ok(())
    }

    /// What a row says, which has a person, something else and then [`TOLD`].
    fn told<T>(&mut self, row: &PgRow, what: T) -> Result<Told<T>, Fault> {
        let day = |index| bytes(row, index).and_then(day_of);
        let from = day(2).ok_or_else(|| damaged("a row of a projection has no first day"))?;
        Ok(Told {
            person: self.person(row.try_get(0)?)?,
            what,
            valid: Stretch { from, until: day(3) },
            known_from: position(row.try_get(4)?)?,
            known_until: row.try_get::<Option<i64>, _>(5)?.map(position).transpose()?,
        })
    }
}

fn number(numbers: &mut HashMap<Uuid, u32>, id: Uuid) -> Result<u32, Fault> {
    let next = u32::try_from(numbers.len())
        .map_err(|_| damaged("there are more ids than a summary can tell apart"))?;
    Ok(*numbers.entry(id).or_insert(next))
}
