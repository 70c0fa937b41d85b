//! Time and randomness from a seed.

use std::sync::Mutex;

use events::Instant;
use rollbook::store::Nature;

use super::dice::Dice;

/// The same seed, the same time and randomness.
pub struct Seeded(Mutex<State>);

struct State {
    dice: Dice,
    microseconds: i64,
}

const A_DAY: i64 = 24 * 60 * 60 * 1_000_000;

impl Seeded {
    pub fn new(seed: u64) -> Self {
        // 2026-01-31T08:00:00Z
        Self(Mutex::new(State { dice: Dice::new(seed), microseconds: 1_769_846_400_000_000 }))
    }

    /// A day later. A clock that stands still moves on by itself, a millisecond a look.
    pub fn tomorrow(&self) {
        self.0.lock().unwrap().microseconds += A_DAY;
    }
}

impl Nature for Seeded {
    fn now(&self) -> Instant {
        let mut state = self.0.lock().unwrap();
        state.microseconds += 1_000;
        Instant::from_microsecond(state.microseconds).unwrap()
    }

    fn random(&self) -> [u8; 32] {
        let mut state = self.0.lock().unwrap();
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&state.dice.roll().to_le_bytes());
        }
        bytes
    }
}
