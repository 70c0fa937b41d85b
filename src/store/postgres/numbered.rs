//! What a question asks of a projection's table, as PostgreSQL takes it: parameters with numbers,
//! of which the first one is the ledger.

use events::{Date, LedgerId, Position};
use projections::Filter;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use super::values::integer;
use crate::store::asked::{self, Bound};

/// A value in a question.
pub(super) enum Value {
    Number(i64),
    Text(String),
}

impl Bound for Value {
    const DAY: &'static str = "?::text::date";

    fn position(position: Position) -> Self {
        Self::Number(integer(position.0))
    }

    fn day(day: Date) -> Self {
        Self::Text(day.to_string())
    }
}

/// What is asked of a table: a condition, and a value for each of its parameters.
pub(super) struct Asked {
    pub(super) condition: String,
    ledger: LedgerId,
    values: Vec<Value>,
}

impl Asked {
    pub(super) fn new(ledger: LedgerId, filter: &Filter, stands_at: Position) -> Self {
        Self::of(ledger, asked::Asked::new(filter, stands_at))
    }

    /// Gives the question marks their numbers.
    pub(super) fn of(ledger: LedgerId, asked: asked::Asked<Value>) -> Self {
        let mut condition = "ledger = $1 AND ".to_owned();
        for (index, piece) in asked.condition.split('?').enumerate() {
            if index > 0 {
                condition.push_str(&format!("${}", index + 1));
            }
            condition.push_str(piece);
        }
        Self { condition, ledger, values: asked.values }
    }

    pub(super) fn query<'q>(&'q self, sql: &'q str) -> Query<'q, Postgres, PgArguments> {
        let mut query = sqlx::query(sql).bind(self.ledger.0);
        for value in &self.values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.as_str()),
            };
        }
        query
    }
}
