//! Stretches of days without a break.

use events::Date;

/// A stretch `[from, until)`; open without an end.
pub(super) type Days = (Date, Option<Date>);

/// Since when it has been so without a break when a day ends; nothing, if it is not so then. The
/// stretches may overlap, as those of two who are one person do.
pub(super) fn unbroken_since(stretches: impl IntoIterator<Item = Days>, on: Date) -> Option<Date> {
    let begun = stretches.into_iter().filter(|(from, _)| *from <= on);
    let mut begun: Vec<Days> = begun.collect();
    begun.sort_unstable_by_key(|(from, _)| *from);
    let mut unbroken: Option<Days> = None;
    for (from, until) in begun {
        let goes_on = unbroken.filter(|(_, end)| end.is_none_or(|end| end >= from));
        unbroken = Some(goes_on.map_or((from, until), |(since, end)| {
            (since, end.zip(until).map(|(one, other)| one.max(other)))
        }));
    }
    let reaches = |until: Option<Date>| until.is_none_or(|until| until > on);
    unbroken.filter(|(_, until)| reaches(*until)).map(|(since, _)| since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::day;

    #[test]
    fn stretches_that_touch_or_overlap_are_one() {
        let stretch = |from: i8, until: i8| (day(from), Some(day(until)));
        let all = [stretch(12, 15), stretch(2, 5), stretch(5, 9), stretch(3, 6)];
        assert_eq!(unbroken_since(all, day(1)), None);
        assert_eq!(unbroken_since(all, day(8)), Some(day(2)));
        assert_eq!(unbroken_since(all, day(9)), None);
        assert_eq!(unbroken_since(all, day(12)), Some(day(12)));
        let open = [(day(2), None), stretch(4, 6)];
        assert_eq!(unbroken_since(open, day(20)), Some(day(2)));
        assert_eq!(unbroken_since([stretch(5, 5)], day(5)), None);
    }
}
