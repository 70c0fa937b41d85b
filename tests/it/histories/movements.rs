//! Life spans of random histories, held against what the events themselves say.

use events::{Position, Recorded};
use projections::DayRule;
use projections::questions::LifeOf;
use rollbook::ledger::KnownAt;

use super::Life;
use crate::oracle;

impl Life {
    /// How long branches live, at a random place on both axes, is what the events say.
    pub(super) async fn lives_as_defined(&mut self, events: &[Recorded]) {
        let head = u32::try_from(events.len()).unwrap();
        let known_at = KnownAt::Position(Position(u64::from(self.dice.below(head)) + 1));
        let day = self.a_day();
        let at = self.ledger.at(Some(day), known_at, DayRule::EndOfDay).await.unwrap();
        let spans = self.ledger.life_spans(&self.actor, at, LifeOf::Branch, None).await.unwrap();
        let mut expected: Vec<(i32, bool)> =
            oracle::lives(events, at.valid_on, at.known_at).into_values().collect();
        let mut counted: Vec<(i32, bool)> = spans
            .lives
            .iter()
            .map(|life| (i32::try_from(life.days).unwrap(), !life.censored))
            .collect();
        expected.sort_unstable();
        counted.sort_unstable();
        assert_eq!(counted, expected, "lives at {at:?}");
        let survival = oracle::survival(&expected);
        assert_eq!(spans.curve.len(), survival.len(), "lengths at {at:?}");
        for step in &spans.curve {
            let share: f64 = step.survival.parse().unwrap();
            let expected = survival[&i32::try_from(step.days).unwrap()];
            assert!((share - expected).abs() < 1e-6, "{step:?}, not {expected}, at {at:?}");
        }
    }
}
