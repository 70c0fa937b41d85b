//! Stretches of days that questions are asked for.

use events::Date;
use jiff::ToSpan;
use jiff::civil::date;
use serde::Serialize;

/// A half-open stretch of days, `[from, until)`; there is at least one day in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    from: Date,
    until: Date,
}

/// How a period is cut into parts that are told one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cut {
    /// Not at all.
    #[default]
    Whole,
    /// At the first day of every month.
    Month,
    /// At the first days of January, April, July and October.
    Quarter,
    /// At every first of January.
    Year,
}

impl Period {
    /// `None` where no day would be in it.
    #[must_use]
    pub fn new(from: Date, until: Date) -> Option<Self> {
        (from < until).then_some(Self { from, until })
    }

    /// The first day.
    #[must_use]
    pub fn from(self) -> Date {
        self.from
    }

    /// The first day after it.
    #[must_use]
    pub fn until(self) -> Date {
        self.until
    }

    /// The last day in it.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.until.yesterday().expect("the first day comes before it")
    }

    /// The day before the first; `None` where the calendar has none.
    #[must_use]
    pub fn day_before(self) -> Option<Date> {
        self.from.yesterday().ok()
    }

    /// Whether the day is in it.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day < self.until
    }

    /// Its days, in order.
    pub fn days(self) -> impl Iterator<Item = Date> {
        let next = |day: &Date| day.tomorrow().ok();
        std::iter::successors(Some(self.from), next).take_while(move |day| self.contains(*day))
    }

    /// Its parts, in order and without a gap; the first and the last may be shorter.
    #[must_use]
    pub fn cut(self, cut: Cut) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut from = self.from;
        while from < self.until {
            let until = next(from, cut).map_or(self.until, |next| next.min(self.until));
            parts.push(Self { from, until });
            from = until;
        }
        parts
    }
}

/// The first day of the calendar's next stretch; `None` where there is no further one.
fn next(day: Date, cut: Cut) -> Option<Date> {
    let (first_month, months) = match cut {
        Cut::Whole => return None,
        Cut::Month => (day.month(), 1),
        Cut::Quarter => ((day.month() - 1) / 3 * 3 + 1, 3),
        Cut::Year => (1, 12),
    };
    date(day.year(), first_month, 1).checked_add(months.months()).ok()
}

/// The number of a day: days that follow each other have numbers that do.
#[must_use]
pub fn day_number(day: Date) -> i32 {
    // Years begin in March here, so that a leap day is the last one of its year.
    let january = i32::from(day.month() <= 2);
    let (year, month) = (i32::from(day.year()) - january, i32::from(day.month()) + 12 * january);
    let before_month = (153 * (month - 3) + 2) / 5;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + before_month + i32::from(day.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(from: &str, until: &str, cut: Cut) -> Vec<String> {
        let period = Period::new(from.parse().unwrap(), until.parse().unwrap()).unwrap();
        let parts = period.cut(cut);
        assert_eq!((parts[0].from, parts[parts.len() - 1].until), (period.from, period.until));
        assert!(parts.windows(2).all(|pair| pair[0].until == pair[1].from));
        parts.iter().map(|part| part.from.to_string()).collect()
    }

    #[test]
    fn a_period_has_a_day_in_it() {
        let day = date(2024, 2, 29);
        assert_eq!(Period::new(day, day), None);
        assert_eq!(Period::new(day, date(2024, 2, 28)), None);
        let period = Period::new(day, date(2024, 3, 1)).unwrap();
        assert_eq!(period.last_day(), day);
        assert_eq!(period.day_before(), Some(date(2024, 2, 28)));
        assert_eq!(Period::new(Date::MIN, day).unwrap().day_before(), None);
    }

    #[test]
    fn days_are_numbered_one_after_the_other() {
        let step = |first: Date, days: i32| {
            let all = std::iter::successors(Some(first), |day| day.tomorrow().ok());
            for (index, day) in (0..days).zip(all) {
                assert_eq!(day_number(day), day_number(first) + index, "{day}");
            }
        };
        step(Date::MIN, 1_000);
        step(date(-1, 12, 1), 2_000);
        step(date(1896, 1, 1), 366 * 130);
        assert_eq!(day_number(Date::MAX) - day_number(date(1970, 1, 1)), 2_932_896);
    }

    #[test]
    fn parts_begin_where_the_calendar_does() {
        let until = "2024-05-02";
        assert_eq!(cut("2023-12-31", until, Cut::Whole), ["2023-12-31"]);
        assert_eq!(
            cut("2023-12-31", until, Cut::Month),
            ["2023-12-31", "2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"]
        );
        let quarters = ["2023-12-31", "2024-01-01", "2024-04-01"];
        assert_eq!(cut("2023-12-31", until, Cut::Quarter), quarters);
        assert_eq!(cut("2023-12-31", until, Cut::Year), ["2023-12-31", "2024-01-01"]);
        assert_eq!(cut("2024-01-01", "2025-01-01", Cut::Year), ["2024-01-01"]);
        assert_eq!(cut("9999-12-30", "9999-12-31", Cut::Year), ["9999-12-30"]);
    }
}
