//! What a question asks of a projection's table, as PostgreSQL takes it: parameters with numbers.
//! The rows are all of one ledger, as everything in its schema is.

use events::{Date, Position};
use projections::Filter;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use super::values::integer;
use crate::store::asked::{Asked, Bound};

/// A value in a question.
#[derive(Debug, PartialEq)]
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
pub(super) struct Numbered {
    pub(super) condition: String,
    values: Vec<Value>,
}

impl Numbered {
    pub(super) fn new(filter: &Filter, stands_at: Position) -> Self {
        Self::of(Asked::new(filter, stands_at))
    }

    /// Gives the question marks their numbers.
    ///
    /// # Panics
    /// Unless there is a value for each of them, which nothing that anybody types decides.
    pub(super) fn of(asked: Asked<Value>) -> Self {
        assert_eq!(asked.condition.matches('?').count(), asked.values.len(), "a value for each");
        let mut condition = String::new();
        for (index, piece) in asked.condition.split('?').enumerate() {
            if index > 0 {
                condition.push_str(&format!("${index}"));
            }
            condition.push_str(piece);
        }
        Self { condition, values: asked.values }
    }

    pub(super) fn query<'q>(&'q self, sql: &'q str) -> Query<'q, Postgres, PgArguments> {
        let mut query = sqlx::query(sql);
        for value in &self.values {
            query = match value {
                Value::Number(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.as_str()),
            };
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use projections::{At, DayRule, Period};

    use super::*;

    fn numbered(filter: &Filter) -> (String, Vec<Value>) {
        let Numbered { condition, values, .. } = Numbered::new(filter, Position(9));
        (condition, values)
    }

    fn day(day: i8) -> Value {
        Value::Text(date(2020, 1, day).to_string())
    }

    #[test]
    fn every_value_has_the_number_of_its_parameter() {
        let (valid_on, known_at) = (date(2020, 1, 2), Position(7));
        let at = At { valid_on, known_at, day_rule: DayRule::AnyMoment };
        let (condition, values) = numbered(&Filter::Holding(at));
        let expected = "TRUE \
            AND known_from <= $1 AND (known_until IS NULL OR known_until > $2) \
            AND valid_from <= $3::text::date AND (valid_until IS NULL \
            OR valid_until > $4::text::date OR valid_from = $5::text::date)";
        assert_eq!(condition, expected);
        let known = || Value::Number(7);
        assert_eq!(values, [known(), known(), day(2), day(2), day(2)]);

        let within = Period::new(date(2020, 1, 1), date(2020, 1, 5)).expect("five days");
        let (condition, values) = numbered(&Filter::Turning { known_at: Position(9), within });
        let expected = "TRUE AND known_until IS NULL \
            AND (valid_from >= $1::text::date AND valid_from < $2::text::date \
            OR valid_until >= $3::text::date AND valid_until < $4::text::date)";
        assert_eq!(condition, expected);
        assert_eq!(values, [day(1), day(5), day(1), day(5)]);
    }
}
