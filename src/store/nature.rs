//! What the world gives when something is recorded: the time, and randomness.

use std::cell::RefCell;

use events::Instant;

/// What is random or read from a clock when something is recorded. Handed in, so that tests and
/// the demo get the same events twice.
pub trait Nature: Send + Sync {
    /// The time.
    fn now(&self) -> Instant;
    /// Fresh random bytes.
    fn random(&self) -> [u8; 32];
}

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock::EMPTY) };
}

/// Random bytes of the operating system, fetched many at once; none is given twice.
struct Stock {
    bytes: [[u8; 32]; 64],
    left: usize,
}

impl Stock {
    const EMPTY: Self = Self { bytes: [[0; 32]; 64], left: 0 };

    fn take(&mut self) -> [u8; 32] {
        if self.left == 0 {
            let filled = getrandom::fill(self.bytes.as_flattened_mut());
            filled.expect("the operating system gives random bytes");
            self.left = self.bytes.len();
        }
        self.left -= 1;
        std::mem::take(&mut self.bytes[self.left])
    }
}

/// The machine's clock, and the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNature;

impl Nature for SystemNature {
    fn now(&self) -> Instant {
        whole_microseconds(Instant::now())
    }

    fn random(&self) -> [u8; 32] {
        STOCK.with_borrow_mut(Stock::take)
    }
}

/// The instant, cut to microseconds: what databases keep, and so what is recorded.
#[must_use]
pub fn whole_microseconds(instant: Instant) -> Instant {
    Instant::from_microsecond(instant.as_microsecond()).expect("an earlier instant of the calendar")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_random_bytes_are_given_twice() {
        let given: HashSet<[u8; 32]> = (0..1_000).map(|_| SystemNature.random()).collect();
        assert_eq!(given.len(), 1_000);
        assert!(!given.contains(&[0; 32]));
    }
}
