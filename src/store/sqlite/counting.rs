//! How many rows hold when a day ends, as known now, by the value of a column: counted in the index
//! in which they stand by that value and their last day, by several readers at the same time.

use std::collections::BTreeMap;
use std::sync::Arc;

use events::Position;
use projections::{At, Cell, Column, ColumnKind, DayRule, Filter, Table};
use rusqlite::types::Value;

use super::append::Ledger;
use super::cells::Ids;
use super::fault::Fault;
use super::generations::counting_index;
use super::reader::{LONG, Readers, STRETCHES};
use super::values::unsigned;
use crate::store::asked::find;
use crate::store::day::Day;
use crate::store::{Generation, StoreError};

/// What is counted: a table's column, on a day, as known at the position at which the table stands.
struct Counted {
    table: &'static Table,
    column: &'static str,
    day: Day,
    stands_at: Position,
    mark: &'static str,
}

/// Values of a column: from one on, and before another one. Numbers come before texts, and both
/// before blobs, which are no ids: the last part would find them, and say so.
type Part = (Value, Value);

/// How many rows that pass a filter there are of each value; `None` where no index says so, or the
/// table was written meanwhile.
pub(super) async fn count(
    readers: &Arc<Readers>,
    table: &'static Table,
    filter: &Filter,
    column: &'static str,
) -> Result<Option<Vec<(Cell, u64)>>, StoreError> {
    let Filter::Holding(At { valid_on, known_at, day_rule: DayRule::EndOfDay }) = *filter else {
        return Ok(None);
    };
    let begin = move |ledger: &Ledger<'_>| ledger.counted(table, column, valid_on.into(), known_at);
    let Some((counted, parts)) = readers.ask_apart(begin).await? else { return Ok(None) };
    let count = move |ledger: &Ledger<'_>, ids: &Ids, part| ledger.count_part(&counted, part, ids);
    let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
    for part in readers.ask_in_parts(parts, count).await? {
        let Some(part) = part else { return Ok(None) };
        for (value, count) in part {
            // An id may lie there in two forms.
            *counts.entry(value).or_default() += count;
        }
    }
    Ok(Some(counts.into_iter().collect()))
}

impl Ledger<'_> {
    /// What is to be counted, and in which parts; `None` if no index says so.
    fn counted(
        &self,
        table: &'static Table,
        column: &'static str,
        day: Day,
        known_at: Position,
    ) -> Result<Option<(Counted, Vec<Part>)>, Fault> {
        let Column { kind, counted, optional, .. } = find(table, column)?;
        let is_counted = *counted && *kind == ColumnKind::Id && !optional;
        self.at_once(|ledger| {
            let stands_at = ledger.stands_at(table)?.filter(|at| is_counted && known_at >= *at);
            let Some(stands_at) = stands_at else { return Ok(None) };
            let mark = ledger.mark(table)?;
            let counted = Counted { table, column, day, stands_at, mark };
            let mut cuts = vec![Value::Integer(i64::MIN)];
            if stands_at >= LONG
                && let (Value::Integer(first), Value::Integer(last)) = ledger.ends(&counted)?
            {
                let parts = STRETCHES as i64;
                let cut = |n| first + (last / parts - first / parts) * n;
                cuts.extend((1..parts).map(|n| Value::Integer(cut(n))));
            }
            cuts.push(Value::Blob(vec![u8::MAX; 64]));
            let parts = cuts.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
            Ok(Some((counted, parts)))
        })
    }

    /// The least number in a column, and the greatest one.
    fn ends(&self, counted: &Counted) -> Result<(Value, Value), Fault> {
        let (column, index) = (counted.column, counted.index());
        let sql = |which| {
            format!(
                "SELECT {which}(\"{column}\") FROM {index} WHERE known_until IS NULL \
                 AND \"{column}\" < ''"
            )
        };
        let end = |which| self.conn.query_row(&sql(which), [], |row| row.get(0));
        Ok((end("min")?, end("max")?))
    }

    /// Counts a part, if the table is what it was when the question began. From value to value it
    /// goes by the index, and of each value it looks only at rows of which the index does not say
    /// by itself that they have ended.
    fn count_part(
        &self,
        counted: &Counted,
        (from, before): Part,
        ids: &Ids,
    ) -> Result<Option<Vec<(Cell, u64)>>, Fault> {
        let Counted { table, column, day, .. } = *counted;
        let stands = (self.stands_at(table)?, self.mark(table)?);
        if stands != (Some(counted.stands_at), counted.mark) {
            return Ok(None);
        }
        let index = counted.index();
        let now = format!("FROM {index} WHERE known_until IS NULL AND \"{column}\"");
        let sql = format!(
            "WITH RECURSIVE each(value) AS (\
                SELECT (SELECT min(\"{column}\") {now} >= ?2 AND \"{column}\" < ?3) \
                UNION ALL SELECT (SELECT min(\"{column}\") {now} > each.value \
                    AND \"{column}\" < ?3) \
                FROM each WHERE each.value IS NOT NULL) \
             SELECT value, \
                (SELECT count(*) {now} = each.value AND valid_until IS NULL AND valid_from <= ?1) \
                + (SELECT count(*) {now} = each.value AND valid_until > ?1 AND valid_from <= ?1) \
             FROM each WHERE each.value IS NOT NULL"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query((day, from, before))?;
        let (mut counts, mut ids) = (Vec::new(), ids.asking());
        while let Some(row) = rows.next()? {
            let count = unsigned(row.get(1)?)?;
            if count > 0 {
                counts.push((self.cell(ColumnKind::Id, row.get_ref(0)?, &mut ids)?, count));
            }
        }
        Ok(Some(counts))
    }
}

impl Counted {
    /// The table by the index in which it is counted, as a statement names it.
    fn index(&self) -> String {
        let index = counting_index(self.table, self.mark, self.column);
        format!("{} INDEXED BY \"{index}\"", Generation::Serving.standing(self.table))
    }
}

#[cfg(test)]
mod tests {
    use events::LedgerId;
    use rusqlite::Connection;
    use uuid::Uuid;

    use super::*;

    static TABLE: Table = Table {
        name: "homes",
        version: 1,
        question: "Who is at home where?",
        columns: &[Column::id("person"), Column::id("branch").counted()],
    };

    /// A day of January 2020.
    fn day(day: i64) -> i64 {
        20_200_100 + day
    }

    fn id(number: i64) -> String {
        Uuid::from_u128(number.unsigned_abs().into()).to_string()
    }

    /// Rows at twenty branches, whose streams are opened by every hundredth event. Some name one of
    /// them by its text, and some a branch that has no stream.
    fn with_rows(conn: &Connection) -> Ledger<'_> {
        conn.execute_batch(
            "CREATE TABLE events (position, aggregate_type, aggregate_id, sequence); \
             CREATE TABLE projections (name, version, position)",
        )
        .unwrap();
        let ledger = Ledger { conn, id: LedgerId(Uuid::nil()) };
        ledger.make(&TABLE, Generation::Serving).unwrap();
        for branch in (1..=20).map(|n| n * 100) {
            let event = (branch, "branch", id(branch));
            conn.execute("INSERT INTO events VALUES (?1, ?2, ?3, 1)", event).unwrap();
        }
        for n in 1..=900 {
            let branch = match n % 10 {
                0 => Value::Text(id(n % 7 * 100 + 100)),
                1 => Value::Text(id(77)),
                _ => Value::Integer(n * 7 % 20 * 100 + 100),
            };
            let until = (n % 4 > 0).then(|| day(n % 9 + n % 5));
            let known_until = (n % 3 == 0).then_some(n + 1);
            let row = (n, branch, day(n % 9), until, n, known_until);
            let sql = "INSERT INTO homes_rows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, NULL, 0)";
            conn.execute(sql, row).unwrap();
        }
        ledger
    }

    #[test]
    fn parts_together_are_what_a_count_of_all_rows_gives() {
        let conn = Connection::open_in_memory().unwrap();
        let (ledger, ids) = (with_rows(&conn), Ids::default());
        let stands = "INSERT INTO projections VALUES ('homes', 1, ?1)";
        for (position, parts) in [(900, 1), (900_000, STRETCHES as usize)] {
            conn.execute("DELETE FROM projections", []).unwrap();
            conn.execute(stands, [position]).unwrap();
            for n in 1..=10 {
                let valid_on = Day::from_bytes((day(n) as i32).to_le_bytes()).date().unwrap();
                let known_at = Position(1_000_000);
                let at = At { valid_on, known_at, day_rule: DayRule::EndOfDay };
                let found = ledger.counted(&TABLE, "branch", valid_on.into(), known_at).unwrap();
                let (counted, cut) = found.unwrap();
                assert_eq!(cut.len(), parts);
                let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
                for part in cut {
                    let part = ledger.count_part(&counted, part, &ids).unwrap().unwrap();
                    part.into_iter().for_each(|(id, more)| *counts.entry(id).or_default() += more);
                }
                let expected = ledger.count_by(&TABLE, &Filter::Holding(at), "branch", &ids);
                assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected.unwrap(), "day {n}");
            }
        }
    }

    #[test]
    fn a_table_that_moved_on_is_not_counted_half() {
        let conn = Connection::open_in_memory().unwrap();
        let (ledger, ids) = (with_rows(&conn), Ids::default());
        conn.execute("INSERT INTO projections VALUES ('homes', 1, 900)", []).unwrap();
        let begin = |known_at| {
            ledger.counted(&TABLE, "branch", Day::default(), Position(known_at)).unwrap()
        };
        assert!(begin(899).is_none(), "what was known earlier is in no index");
        let (counted, parts) = begin(900).unwrap();
        conn.execute("UPDATE projections SET position = 901", []).unwrap();
        let part = parts.into_iter().next().unwrap();
        assert!(ledger.count_part(&counted, part, &ids).unwrap().is_none());
    }
}
