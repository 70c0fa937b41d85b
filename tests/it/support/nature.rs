//! Time and randomness from a seed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard};

use events::Instant;
use rollbook::store::Nature;

use super::dice::Dice;

/// A nature without surprises: the same seed gives the same bytes, and the clock goes only where it
/// is told to.
pub struct Seeded {
    dice: Mutex<Dice>,
    microsecond: AtomicI64,
    step: AtomicI64,
}

const A_DAY: i64 = 24 * 60 * 60 * 1_000_000;

impl Seeded {
    /// It is 31 January 2026, 8 o'clock; each look at the clock takes a millisecond.
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Mutex::new(Dice::new(seed)),
            microsecond: AtomicI64::new(1_769_846_400_000_000),
            step: AtomicI64::new(1_000),
        }
    }

    /// A day later.
    pub fn tomorrow(&self) {
        self.microsecond.fetch_add(A_DAY, Ordering::Relaxed);
    }

    /// How far the clock goes each time it is looked at; may be negative.
    pub fn step_clock_by(&self, microseconds: i64) {
        self.step.store(microseconds, Ordering::Relaxed);
    }

    /// The next number.
    pub fn number(&self) -> u64 {
        self.dice().roll()
    }

    /// A number below the limit.
    pub fn below(&self, limit: u64) -> u64 {
        self.number() % limit
    }

    fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap()
    }
}

impl Nature for Seeded {
    fn now(&self) -> Instant {
        let step = self.step.load(Ordering::Relaxed);
        let now = self.microsecond.fetch_add(step, Ordering::Relaxed) + step;
        // Finer than what is recorded, so that cutting it shows.
        let finer = jiff::SignedDuration::from_nanos(789);
        Instant::from_microsecond(now).unwrap() + finer
    }

    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.number().to_be_bytes());
        }
        bytes
    }
}
