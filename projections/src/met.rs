//! Which of many small numbers were met.

/// The numbers from zero on that were met, a bit for each.
#[derive(Debug, Clone, Default)]
pub struct Met(Vec<u64>);

impl Met {
    /// With room for so many numbers. There may be more.
    #[must_use]
    pub fn of(numbers: usize) -> Self {
        Self(vec![0; numbers.div_ceil(64)])
    }

    /// This one was met.
    pub fn add(&mut self, number: usize) {
        let word = number / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    /// This one counts as not met.
    pub fn remove(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// Whether this one was met.
    #[must_use]
    pub fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Takes in those that somebody else met.
    pub fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    /// How many were met.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Those that were met, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            let rest = |left: &u64| Some(left & (left - 1)).filter(|left| *left != 0);
            let left = std::iter::successors(Some(*word).filter(|word| *word != 0), rest);
            left.map(move |left| index * 64 + left.trailing_zeros() as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_met_is_met_once_wherever_it_lies() {
        let mut met = Met::of(3);
        for number in [0, 63, 64, 64, 200, 5] {
            met.add(number);
        }
        let mut other = Met::default();
        other.add(1_000);
        other.join(&met);
        met.remove(5);
        met.remove(9_999);
        assert_eq!(met.iter().collect::<Vec<_>>(), [0, 63, 64, 200]);
        assert_eq!((met.count(), met.has(64), met.has(5), met.has(9_999)), (4, true, false, false));
        assert_eq!(other.iter().collect::<Vec<_>>(), [0, 5, 63, 64, 200, 1_000]);
    }
}
