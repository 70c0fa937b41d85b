//! Clocks that do not go by themselves: the demo's, and one that stands still for tests.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use events::{Date, Instant};
use sha2::{Digest, Sha256};

use crate::store::{Nature, SystemNature};

/// When the office opens, in seconds of a day.
const OPENS: i64 = 9 * 3_600;

/// How long it works at most, in tenths of a second.
const WORKS: i64 = 10 * 36_000;

/// The clock stands on a day and moves by a tenth of a second, and the randomness by one hash,
/// each time that they are asked.
#[derive(Debug)]
pub(super) struct DemoNature {
    opened: AtomicI64,
    asked: AtomicI64,
    draws: AtomicU64,
}

impl DemoNature {
    /// One whose clock stands on the morning of a day.
    pub(super) fn on(day: Date) -> Self {
        let nature = Self {
            opened: AtomicI64::default(),
            asked: AtomicI64::default(),
            draws: AtomicU64::default(),
        };
        nature.move_to(day);
        nature
    }

    /// Moves the clock to the morning of a day.
    pub(super) fn move_to(&self, day: Date) {
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).expect("a day of the calendar");
        self.opened.store(midnight.timestamp().as_second() + OPENS, Ordering::Relaxed);
        self.asked.store(0, Ordering::Relaxed);
    }
}

impl Nature for DemoNature {
    fn now(&self) -> Instant {
        // It stands still in the evening, long before the next day begins.
        let tenths = self.asked.fetch_add(1, Ordering::Relaxed).min(WORKS);
        let opened = self.opened.load(Ordering::Relaxed);
        Instant::from_millisecond(opened * 1_000 + tenths * 100).expect("a day of the calendar")
    }

    fn random(&self) -> [u8; 32] {
        let draw = self.draws.fetch_add(1, Ordering::Relaxed);
        Sha256::digest([&b"rollbook demo"[..], &draw.to_be_bytes()].concat()).into()
    }
}

/// A clock that stands at noon of a day; what is random is random.
#[derive(Debug)]
pub(super) struct StandingClock(pub(super) Date);

impl Nature for StandingClock {
    fn now(&self) -> Instant {
        let noon = self.0.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        noon.expect("a day of the calendar").timestamp()
    }

    fn random(&self) -> [u8; 32] {
        SystemNature.random()
    }
}
