//! What changed when: the changes of one subject in (effective, recorded) order.

use serde::{Deserialize, Serialize};

use crate::values::{Date, Position};

/// Up to so many changes take no more room than they need.
const SELDOM: usize = 4;

/// The changes of one subject, in the order in which they hold: by effective date, and within a
/// day by position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timeline<T> {
    changes: Vec<Change<T>>,
}

/// One change and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change<T> {
    /// From when it holds.
    pub effective: Date,
    /// Where it was recorded.
    pub position: Position,
    /// What holds from then on.
    pub value: T,
}

/// A half-open stretch `[from, until)` during which one value held. `until` absent: open.
#[derive(Debug, Clone, PartialEq)]
pub struct Span<'a, T> {
    /// What held.
    pub value: &'a T,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
    /// The position of the event that opened it.
    pub opened: Position,
    /// The position of the event that closed it.
    pub closed: Option<Position>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { changes: Vec::new() }
    }
}

impl<T> Timeline<T> {
    /// Puts a change in its place and says at which index that is. A change recorded later comes
    /// after those of the same day.
    pub fn insert(&mut self, effective: Date, position: Position, value: T) -> usize {
        let index =
            self.changes.partition_point(|c| (c.effective, c.position) <= (effective, position));
        // Most subjects change seldom, and there are many of them.
        if self.changes.len() < SELDOM {
            self.changes.reserve_exact(1);
        }
        self.changes.insert(index, Change { effective, position, value });
        index
    }

    /// Whether a change stands at that position.
    #[must_use]
    pub fn contains(&self, position: Position) -> bool {
        self.changes.iter().any(|change| change.position == position)
    }

    /// Takes the change at that position out again.
    pub fn remove(&mut self, position: Position) {
        self.changes.retain(|change| change.position != position);
    }

    /// What held at the end of that day; `None` before the first change.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&T> {
        let after = self.changes.partition_point(|c| c.effective <= day);
        self.changes[..after].last().map(|c| &c.value)
    }

    /// The changes that take effect after that day.
    #[must_use]
    pub fn after(&self, day: Date) -> &[Change<T>] {
        &self.changes[self.changes.partition_point(|c| c.effective <= day)..]
    }

    /// All changes, in order.
    #[must_use]
    pub fn changes(&self) -> &[Change<T>] {
        &self.changes
    }

    /// The stretches between the changes, in order; stretches of no day are among them.
    pub fn spans(&self) -> impl Iterator<Item = Span<'_, T>> {
        self.changes.iter().enumerate().map(|(index, change)| {
            let next = self.changes.get(index + 1);
            Span {
                value: &change.value,
                from: change.effective,
                until: next.map(|next| next.effective),
                opened: change.position,
                closed: next.map(|next| next.position),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_late_change_finds_its_place_and_a_day_keeps_the_order_of_recording() {
        let mut timeline = Timeline::default();
        timeline.insert(date(2020, 1, 1), Position(1), "formed");
        timeline.insert(date(2020, 3, 1), Position(2), "gone");
        timeline.insert(date(2020, 2, 1), Position(9), "mistaken");
        assert!(timeline.contains(Position(9)));
        timeline.remove(Position(9));
        assert!(!timeline.contains(Position(9)));
        assert_eq!(timeline.insert(date(2020, 2, 1), Position(3), "renamed"), 1);
        assert_eq!(timeline.insert(date(2020, 3, 1), Position(4), "back"), 3);
        assert_eq!(timeline.on(date(2019, 12, 31)), None);
        assert_eq!(timeline.on(date(2020, 2, 29)), Some(&"renamed"));
        assert_eq!(timeline.on(date(2020, 3, 1)), Some(&"back"));
        let zero = timeline.spans().nth(2).unwrap();
        assert_eq!((zero.from, zero.until), (date(2020, 3, 1), Some(date(2020, 3, 1))));
    }
}
