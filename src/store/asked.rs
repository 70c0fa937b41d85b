//! What a question asks of a projection's table, as a condition of SQL: the same for all engines
//! that know SQL, but for how a value is written.

use std::ops::Range;

use events::{Date, Position};
use projections::table::PLACE_COLUMNS;
use projections::{At, Column, DayRule, Filter, Period, Table};

use super::error::NoSuchColumn;

/// A column of a table, by its name.
pub(super) fn find(
    table: &'static Table,
    column: &'static str,
) -> Result<&'static Column, NoSuchColumn> {
    let known = table.columns.iter().find(|known| known.name == column);
    known.ok_or(NoSuchColumn { table: table.name, column })
}

/// The names of a table's columns without the ledger, quoted.
pub(super) fn column_names(table: &Table) -> Vec<String> {
    let own = table.columns.iter().map(|column| column.name);
    own.chain(PLACE_COLUMNS.iter().copied()).map(|name| format!("\"{name}\"")).collect()
}

/// A value as an engine binds it.
pub(super) trait Bound: Sized {
    /// How a day stands in a condition, with a question mark for its value.
    const DAY: &'static str;

    /// The value of a position.
    fn position(position: Position) -> Self;

    /// The value of a day.
    fn day(day: Date) -> Self;
}

/// What is asked of a table: a condition, and a value for each question mark in it.
pub(super) struct Asked<V> {
    pub(super) condition: String,
    pub(super) values: Vec<V>,
    /// Whether only what is known now is asked for.
    pub(super) now: bool,
}

impl<V: Bound> Asked<V> {
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
            asked.and("known_from <= ?", [V::position(last)]);
        }
        asked.and("known_from >= ?", [V::position(stretch.start)]);
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

    pub(super) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = V>) {
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
        self.and(condition, [last, known_at].map(V::position));
    }

    fn valid(&mut self, at: &At) {
        let (mark, day) = (V::DAY, || V::day(at.valid_on));
        self.and(&format!("valid_from <= {mark}"), [day()]);
        match at.day_rule {
            DayRule::EndOfDay => {
                self.and(&format!("(valid_until IS NULL OR valid_until > {mark})"), [day()]);
            }
            DayRule::AnyMoment => self.and(
                &format!("(valid_until IS NULL OR valid_until > {mark} OR valid_from = {mark})"),
                [day(), day()],
            ),
        }
    }

    fn turning(&mut self, within: Period) {
        let (mark, from, until) = (V::DAY, within.from(), within.until());
        let condition = format!(
            "(valid_from >= {mark} AND valid_from < {mark} \
             OR valid_until >= {mark} AND valid_until < {mark})"
        );
        self.and(&condition, [from, until, from, until].map(V::day));
    }

    fn during(&mut self, within: Period) {
        let mark = V::DAY;
        self.and(&format!("valid_from < {mark}"), [V::day(within.until())]);
        let lasts = format!("(valid_until IS NULL OR valid_until >= {mark})");
        self.and(&lasts, [V::day(within.from())]);
    }
}
