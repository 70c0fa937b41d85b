//! Members by year of birth. The server counts those who are one person for certain, which are
//! nearly all; those who are merged, or into whom somebody is, come here.

use std::collections::HashMap;

use projections::ages::{self, Ages, Persons};
use projections::{Filter, birth_bands, likenesses, memberships};
use sqlx::Row;

use super::fault::Fault;
use super::numbered::Numbered;
use super::reader::Reader;
use super::values::unsigned;

impl Reader {
    /// How many members there are, by the first of the five years of their birth, of rows that
    /// pass a filter.
    pub(super) async fn ages(&self, filter: &Filter) -> Result<Ages, Fault> {
        let tables = [memberships::TABLE, birth_bands::TABLE, likenesses::TABLE];
        let Some((mut tx, stands_at)) = self.standing(&tables).await? else {
            return Ok(Ages::new());
        };
        let asked = Numbered::new(filter, stands_at);
        let passes = &asked.condition;
        let sql = format!(
            "WITH merges AS (SELECT person, other FROM likenesses \
                WHERE {passes} AND found = 'merged' ORDER BY known_from, opened_by, line), \
            same AS (SELECT person FROM merges UNION SELECT other FROM merges), \
            at_home AS (SELECT DISTINCT person FROM memberships WHERE {passes}), \
            born AS (SELECT person, min(from_year) AS from_year FROM birth_bands \
                WHERE {passes} GROUP BY person) \
            SELECT person::text, other::text, NULL::bigint, NULL::bigint FROM merges \
            UNION ALL SELECT person::text, NULL, NULL, NULL FROM at_home JOIN same USING (person) \
            UNION ALL SELECT person::text, NULL, from_year, NULL \
                FROM born JOIN same USING (person) \
            UNION ALL SELECT NULL, NULL, from_year, count(*) \
                FROM at_home LEFT JOIN born USING (person) \
                WHERE NOT EXISTS (SELECT FROM same WHERE same.person = at_home.person) \
                GROUP BY from_year"
        );
        let rows = asked.query(&sql).fetch_all(&mut *tx).await?;
        tx.end("ROLLBACK").await?;
        let (mut numbers, mut found) = (HashMap::new(), Persons::default());
        let mut number = |id: &str| {
            let next = numbers.len();
            *numbers.entry(id.to_owned()).or_insert(next)
        };
        let mut others = Ages::new();
        for row in &rows {
            let from_year = row.try_get::<Option<i64>, _>(2)?.map(unsigned).transpose()?;
            let year = from_year.and_then(ages::year);
            let Some(person) = row.try_get::<Option<&str>, _>(0)? else {
                *others.entry(year).or_default() += unsigned(row.try_get(3)?)?;
                continue;
            };
            let person = number(person);
            match row.try_get::<Option<&str>, _>(1)? {
                Some(other) => found.merged(person, number(other)),
                None if from_year.is_some() => found.born(person, year),
                None => found.at_home(person),
            }
        }
        for (from_year, persons) in found.ages() {
            *others.entry(from_year).or_default() += persons;
        }
        Ok(others)
    }
}
