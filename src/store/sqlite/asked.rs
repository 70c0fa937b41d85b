//! What a question asks of a projection's table, as a condition of SQL.

use std::ops::Range;

use events::Position;
use projections::{At, DayRule, Filter, Period};
use rusqlite::types::Value;

use super::cells::Day;
use super::values::integer;

/// What is asked of a table: a condition, and a value for each question mark in it.
pub(super) struct Asked {
    pub(super) condition: String,
    pub(super) values: Vec<Value>,
    /// Whether only what is known now is asked for.
    pub(super) now: bool,
}

impl Asked {
    pub(super) fn new(filter: &Filter, stands_at: Position) -> Self {
        Self::of(filter, |asked, known_at| asked.known(known_at, stands_at))
    }

    /// The same, of rows alone that became known in a stretch of positions. There is one condition
    /// for where it ends, so that SQLite does not read on to K.
    pub(super) fn in_stretch(filter: &Filter, stretch: &Range<Position>) -> Self {
        let last = Position(stretch.end.0.saturating_sub(1));
        let mut asked =
            Self::of(filter, |asked, known_at| asked.known_then(last.min(known_at), known_at));
        if *filter == Filter::All {
            asked.and("known_from <= ?", [integer(last.0).into()]);
        }
        asked.and("known_from >= ?", [integer(stretch.start.0).into()]);
        asked
    }

    fn of(filter: &Filter, known: impl Fn(&mut Self, Position)) -> Self {
        let mut asked = Self { condition: "TRUE".to_owned(), values: Vec::new(), now: false };
        match filter {
            Filter::All => {}
            Filter::Known(known_at) => known(&mut asked, *known_at),
            Filter::Holding(at) => {
                known(&mut asked, at.known_at);
                asked.valid(at);
            }
            Filter::Turning { known_at, within } => {
                known(&mut asked, *known_at);
                asked.turning(*within);
            }
            Filter::During { known_at, within } => {
                known(&mut asked, *known_at);
                asked.during(*within);
            }
        }
        asked
    }

    pub(super) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.condition.push_str(" AND ");
        self.condition.push_str(condition);
        self.values.extend(values);
    }

    /// No row is opened or closed beyond where the projection stands, so the latest knowledge is
    /// what is not closed: that is what the index is for.
    fn known(&mut self, known_at: Position, stands_at: Position) {
        self.now = known_at >= stands_at;
        if self.now {
            self.and("known_until IS NULL", []);
        } else {
            self.known_then(known_at, known_at);
        }
    }

    /// Known at K, and no later than at the last position that is wanted.
    fn known_then(&mut self, last: Position, known_at: Position) {
        let condition = "known_from <= ? AND (known_until IS NULL OR known_until > ?)";
        self.and(condition, [last, known_at].map(|at| integer(at.0).into()));
    }

    fn valid(&mut self, at: &At) {
        let day = || Day::from(at.valid_on).into();
        self.and("valid_from <= ?", [day()]);
        match at.day_rule {
            DayRule::EndOfDay => self.and("(valid_until IS NULL OR valid_until > ?)", [day()]),
            DayRule::AnyMoment => self
                .and("(valid_until IS NULL OR valid_until > ? OR valid_from = ?)", [day(), day()]),
        }
    }

    fn turning(&mut self, within: Period) {
        let day = |day| Day::from(day).into();
        let days = || [day(within.from()), day(within.until())];
        let condition = "(valid_from >= ? AND valid_from < ? \
             OR valid_until >= ? AND valid_until < ?)";
        self.and(condition, days().into_iter().chain(days()));
    }

    fn during(&mut self, within: Period) {
        let [from, until] = [within.from(), within.until()].map(|day| Day::from(day).into());
        self.and("valid_from < ?", [until]);
        self.and("(valid_until IS NULL OR valid_until >= ?)", [from]);
    }
}
