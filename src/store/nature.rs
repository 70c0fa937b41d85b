//! What the world gives when something is recorded: the time, and randomness.

use events::Instant;

/// What is random or read from a clock when something is recorded. Handed in, so that tests and
/// the demo get the same events twice.
pub trait Nature: Send + Sync {
    /// The time.
    fn now(&self) -> Instant;
    /// Fresh random bytes.
    fn random(&self) -> [u8; 32];
}

/// The machine's clock, and the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNature;

impl Nature for SystemNature {
    fn now(&self) -> Instant {
        whole_microseconds(Instant::now())
    }

    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }
}

/// The instant, cut to microseconds: what databases keep, and so what is recorded.
#[must_use]
pub fn whole_microseconds(instant: Instant) -> Instant {
    Instant::from_microsecond(instant.as_microsecond()).expect("an earlier instant of the calendar")
}
