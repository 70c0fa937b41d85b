//! A day as few bytes.

use events::Date;

/// A day as a number that people can read: 29 February 2024 is 20240229. Numbers have the order of
/// the days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Day(i64);

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        let [year, month, day] =
            [i64::from(date.year()), i64::from(date.month()), i64::from(date.day())];
        Self(year * 10_000 + month * 100 + day)
    }
}

impl Day {
    /// The day of a number, if it is one.
    pub(super) fn of(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    pub(super) fn number(self) -> i64 {
        self.0
    }

    /// The number's bytes.
    pub(super) fn to_bytes(self) -> [u8; 4] {
        i32::try_from(self.0).expect("years have four digits").to_le_bytes()
    }

    /// The day of such bytes.
    pub(super) fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(i32::from_le_bytes(bytes).into())
    }

    /// The date, if there is such a day.
    pub(super) fn date(self) -> Option<Date> {
        let (year, rest) = (self.0.div_euclid(10_000), self.0.rem_euclid(10_000));
        let (month, day) = (i8::try_from(rest / 100).ok()?, i8::try_from(rest % 100).ok()?);
        Date::new(i16::try_from(year).ok()?, month, day).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbers_in_their_order() {
        let dates = ["-000001-12-31", "0000-01-01", "0999-12-31", "2024-02-29", "9999-12-31"];
        let days = dates.map(|date| Day::from(date.parse::<Date>().unwrap()));
        assert!(days.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(days[3].0, 20_240_229);
        for (day, date) in days.iter().zip(dates) {
            assert_eq!(day.date(), Some(date.parse().unwrap()));
        }
        assert_eq!(Day(20_230_229).date(), None);
    }
}
