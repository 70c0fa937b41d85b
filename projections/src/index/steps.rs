//! A number that changes on some days, and stays as it is between them.

/// From each day on a number, until the next day.
#[derive(Debug, Default)]
pub(super) struct Steps {
    days: Vec<i32>,
    numbers: Vec<i32>,
}

impl Steps {
    /// From a day on it is so much more.
    pub(super) fn add(&mut self, day: i32, more: i32) {
        let at = self.days.partition_point(|known| *known < day);
        let before = at.checked_sub(1).map_or(0, |before| self.numbers[before]);
        if self.days.get(at) != Some(&day) {
            self.days.insert(at, day);
            self.numbers.insert(at, before);
        }
        self.numbers[at..].iter_mut().for_each(|number| *number += more);
        if self.numbers[at] == before {
            self.days.remove(at);
            self.numbers.remove(at);
        }
    }

    /// The number on a day.
    pub(super) fn on(&self, day: i32) -> u64 {
        let after = self.days.partition_point(|known| *known <= day);
        let number = after.checked_sub(1).map_or(0, |at| self.numbers[at]);
        u64::try_from(number).unwrap_or_default()
    }

    /// The number on each of some days that follow each other.
    pub(super) fn on_days(&self, first: i32, days: usize) -> Vec<u64> {
        let mut numbers = Vec::with_capacity(days);
        let mut next = self.days.partition_point(|known| *known <= first);
        for day in (first..).take(days) {
            while self.days.get(next).is_some_and(|known| *known <= day) {
                next += 1;
            }
            let number = next.checked_sub(1).map_or(0, |at| self.numbers[at]);
            numbers.push(u64::try_from(number).unwrap_or_default());
        }
        numbers
    }
}

/// Changes of several numbers, those of one number on one day added up.
#[derive(Debug, Default)]
pub(super) struct Changes<K>(Vec<(K, i32, i32)>);

impl<K: Copy + PartialEq> Changes<K> {
    /// The number of a key is so much more from a day on, until another day.
    pub(super) fn add(&mut self, key: K, from: i32, until: i32, more: i32) {
        if from >= until {
            return;
        }
        self.step(key, from, more);
        if until != super::columns::OPEN {
            self.step(key, until, -more);
        }
    }

    fn step(&mut self, key: K, day: i32, more: i32) {
        match self.0.iter_mut().find(|(other, on, _)| (*other, *on) == (key, day)) {
            Some((_, _, sum)) => *sum += more,
            None => self.0.push((key, day, more)),
        }
    }

    /// What is left of them.
    pub(super) fn taken(self) -> impl Iterator<Item = (K, i32, i32)> {
        self.0.into_iter().filter(|(_, _, more)| *more != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_sums_of_what_was_added_up_to_the_day() {
        let mut steps = Steps::default();
        let added = [(5, 1), (9, -1), (5, 2), (3, 1), (7, 4), (5, -3), (7, -4), (3, -1)];
        for (count, (day, more)) in (1..).zip(added) {
            steps.add(day, more);
            let naive = |on: i32| -> i32 {
                added[..count].iter().filter(|(day, _)| *day <= on).map(|(_, more)| more).sum()
            };
            let naive: Vec<u64> = (0..12).map(|on| naive(on).try_into().unwrap_or(0)).collect();
            assert_eq!((0..12).map(|on| steps.on(on)).collect::<Vec<_>>(), naive);
            assert_eq!(steps.on_days(0, 12), naive);
            assert_eq!(steps.on_days(4, 5), naive[4..9]);
        }
        assert_eq!(steps.days, [9], "what changes nothing is no step");
    }
}
