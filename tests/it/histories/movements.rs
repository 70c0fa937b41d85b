//! Flows and life spans of random histories, held against what the events themselves say.

use std::collections::BTreeMap;

use events::{BranchId, Date, Position, Recorded};
use projections::questions::{Flows, LifeOf};
use projections::{At, Cut, DayRule, Period};
use rollbook::ledger::{FlowsAsked, KnownAt};

use super::Life;
use crate::oracle::{self, World};
use crate::real_data::flows::adds_up;
use crate::support::commands::plus_days;

impl Life {
    /// The flows of some weeks before and after a day.
    pub(super) async fn flows_around(&self, at: At) -> Vec<Flows> {
        let within = Period::new(plus_days(at.valid_on, -40), plus_days(at.valid_on, 30));
        self.flows(within.unwrap(), Cut::Month, at.known_at).await
    }

    async fn flows(&self, within: Period, cut: Cut, known_at: Position) -> Vec<Flows> {
        let asked = FlowsAsked { within, cut, by_branch: true, branch: None, known_at };
        self.ledger.flows(&self.actor, &asked).await.unwrap()
    }

    /// What came and went at a random K is what the events say, margins and headcounts included;
    /// and so is how long branches live.
    pub(super) async fn moves_as_defined(&mut self, events: &[Recorded]) {
        let head = u32::try_from(events.len()).unwrap();
        let known_at = KnownAt::Position(Position(u64::from(self.dice.below(head)) + 1));
        let from = self.a_day();
        let until = plus_days(from, 1 + i64::from(self.dice.below(70)));
        let within = Period::new(from, until).unwrap();
        let at = self.ledger.at(Some(until), known_at, DayRule::EndOfDay).await.unwrap();
        let cut = if self.dice.one_in(2) { Cut::Month } else { Cut::Whole };
        for flows in self.flows(within, cut, at.known_at).await {
            adds_up(&flows);
            flows_as_defined(&flows, events, at.known_at);
        }
        self.lives_as_defined(events, at).await;
    }

    async fn lives_as_defined(&self, events: &[Recorded], at: At) {
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

fn flows_as_defined(flows: &Flows, events: &[Recorded], known_at: Position) {
    let (from, until) = (flows.period.from(), flows.period.until());
    let codes = codes(events, known_at);
    let code = |branch: Option<BranchId>| branch.map(|branch| codes[&branch].clone());
    let expected: BTreeMap<_, _> = oracle::moves(events, from..until, known_at)
        .into_iter()
        .map(|((from, to), members)| ((code(from), code(to)), members))
        .collect();
    let moves = flows.moves.clone().unwrap();
    let counted: BTreeMap<_, _> =
        moves.into_iter().map(|field| ((field.from, field.to), field.members)).collect();
    assert_eq!(counted, expected, "moves from {from} until {until} at {known_at:?}");

    let members = |day: Date| {
        let mut members: BTreeMap<String, u64> = BTreeMap::new();
        for (_, home) in World::at(events, day, known_at).homes.values() {
            *members.entry(codes[home].clone()).or_default() += 1;
        }
        members
    };
    let (before, after) =
        (members(flows.period.day_before().unwrap()), members(until.yesterday().unwrap()));
    for line in flows.branches.iter().flatten() {
        let of = |members: &BTreeMap<String, u64>| members.get(&line.branch).copied().unwrap_or(0);
        let counted = (line.flow.headcount_before, line.flow.headcount_after);
        assert_eq!(counted, (of(&before), of(&after)), "{} at {known_at:?}", line.branch);
    }
}

/// By which code each branch is known at K, corrections included.
fn codes(events: &[Recorded], known_at: Position) -> BTreeMap<BranchId, String> {
    let code = |recorded: Recorded| {
        let events::Event::Branch(event) = &recorded.event else { return None };
        let events::BranchEvent::Formed { code, .. } = event else { return None };
        Some((BranchId(recorded.stream.id), code.to_string()))
    };
    oracle::holding(events, Date::MAX, known_at).into_iter().filter_map(code).collect()
}
