//! A nature that gives the same clock and the same randomness at every run, for the demo.

use std::sync::atomic::{AtomicU64, Ordering};

use events::Instant;
use sha2::{Digest, Sha256};

use crate::store::Nature;

/// When the demo's clock starts, in seconds: 2 June 2025, 09:00 in UTC.
const START_SECONDS: i64 = 1_748_854_800;

/// The clock moves by a second, and the randomness by one hash, each time that they are asked.
#[derive(Debug, Default)]
pub(super) struct DemoNature {
    seconds: AtomicU64,
    draws: AtomicU64,
}

impl Nature for DemoNature {
    fn now(&self) -> Instant {
        // It stands still after the first asks of a day, long before the next one begins.
        let seconds = self.seconds.fetch_add(1, Ordering::Relaxed).min(36_000);
        let seconds = START_SECONDS + i64::try_from(seconds).unwrap_or(0);
        Instant::from_second(seconds).expect("a day in 2025")
    }

    fn random(&self) -> [u8; 32] {
        let draw = self.draws.fetch_add(1, Ordering::Relaxed);
        Sha256::digest([&b"rollbook demo"[..], &draw.to_be_bytes()].concat()).into()
    }
}
