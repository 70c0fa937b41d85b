//! Flows of real bodies, against their files of facts, their headcounts and themselves.

use std::collections::BTreeMap;

use events::Date;
use projections::questions::Flows;
use projections::{Cut, Period};
use rollbook::ledger::FlowsAsked;
use serde_json::Value;

use super::Body;

/// How many went from where to where, by the first day of the year.
type Matrix = BTreeMap<(Date, Option<String>, Option<String>), u64>;

impl Body {
    /// Year by year and branch by branch: what came and went is what the facts say, the margins of
    /// the matrix are the ins and outs, and the headcounts before and after are those that are
    /// asked for by themselves.
    pub(super) async fn flows_as_its_facts_say(&self) {
        let flows = self.yearly_flows().await;
        let counted: Matrix = flows
            .iter()
            .flat_map(|flows| flows.moves.iter().flatten().map(|moves| (flows.period, moves)))
            .map(|(period, moves)| {
                ((year(period.from()), moves.from.clone(), moves.to.clone()), moves.members)
            })
            .collect();
        let expected = matrix_of(&self.facts());
        let differs = |place: &&_| expected.get(*place) != counted.get(*place);
        let first = expected.keys().chain(counted.keys()).find(differs);
        let both = first.map(|place| (place, expected.get(place), counted.get(place)));
        assert_eq!(both, None, "first difference: expected, counted");
        if let Some(transfers) = self.truth["transfers_total"].as_u64() {
            let moved: u64 = flows.iter().map(|flows| flows.body.moved_in).sum();
            assert_eq!(moved, transfers, "transfers_total");
        }
        for flows in &flows {
            adds_up(flows);
            self.headcounts_agree(flows).await;
        }
    }

    async fn yearly_flows(&self) -> Vec<Flows> {
        let day = |index: usize| -> Date {
            self.truth["period"][index].as_str().unwrap().parse().unwrap()
        };
        let within = Period::new(year(day(0)), day(1).tomorrow().unwrap()).unwrap();
        let known_at = self.at("2000-01-01").await.known_at;
        let asked = FlowsAsked { within, cut: Cut::Year, by_branch: true, branch: None, known_at };
        self.ledger.flows(&self.actor, &asked).await.unwrap()
    }

    async fn headcounts_agree(&self, flows: &Flows) {
        let (before, after) = (flows.period.day_before().unwrap(), flows.period.last_day());
        for (day, is_after) in [(before, false), (after, true)] {
            let at = self.at(&day.to_string()).await;
            let expected = self.ledger.headcount(&self.actor, at).await.unwrap();
            let expected = expected.into_iter().map(|line| (line.branch, line.members));
            let expected: BTreeMap<_, _> = expected.filter(|(_, members)| *members > 0).collect();
            let members = flows.branches.iter().flatten().map(|line| {
                let flow = &line.flow;
                let members = if is_after { flow.headcount_after } else { flow.headcount_before };
                (line.branch.clone(), members)
            });
            let counted: BTreeMap<_, _> = members.filter(|(_, members)| *members > 0).collect();
            assert_eq!(counted, expected, "headcounts on {day}");
        }
    }
}

/// Every margin of the matrix, and every change of a headcount.
pub(crate) fn adds_up(flows: &Flows) {
    let period = flows.period;
    let (branches, moves) = (flows.branches.as_ref().unwrap(), flows.moves.as_ref().unwrap());
    let row = |from: Option<&str>| -> u64 {
        moves.iter().filter(|field| field.from.as_deref() == from).map(|field| field.members).sum()
    };
    let column = |to: Option<&str>| -> u64 {
        moves.iter().filter(|field| field.to.as_deref() == to).map(|field| field.members).sum()
    };
    for line in branches {
        let (branch, flow) = (&line.branch, &line.flow);
        assert_eq!(row(Some(branch)), flow.left + flow.moved_out, "{branch} in {period:?}");
        assert_eq!(column(Some(branch)), flow.joined + flow.moved_in, "{branch} in {period:?}");
        assert_eq!(
            flow.headcount_before + flow.joined + flow.moved_in,
            flow.headcount_after + flow.left + flow.moved_out,
            "{branch} in {period:?}"
        );
    }
    let body = &flows.body;
    assert_eq!((row(None), column(None)), (body.joined, body.left), "outside in {period:?}");
    assert_eq!(body.moved_in, body.moved_out, "moves in {period:?}");
    assert_eq!(
        body.headcount_before + body.joined,
        body.headcount_after + body.left,
        "the body in {period:?}"
    );
    let all = |of: fn(&projections::questions::Flow) -> u64| -> u64 {
        branches.iter().map(|line| of(&line.flow)).sum()
    };
    assert_eq!(all(|flow| flow.headcount_after), body.headcount_after, "after {period:?}");
    assert_eq!(all(|flow| flow.joined), body.joined, "joined in {period:?}");
}

fn year(day: Date) -> Date {
    day.first_of_year()
}

/// What the facts say of members who came and went. Who joined a branch before it was formed counts
/// from its formation on.
fn matrix_of(facts: &[Value]) -> Matrix {
    let formed: BTreeMap<&str, &str> = facts
        .iter()
        .filter(|fact| fact["kind"] == "organisation_formed")
        .map(|fact| (fact["organisation"].as_str().unwrap(), fact["date"].as_str().unwrap()))
        .collect();
    let mut matrix = Matrix::new();
    for fact in facts {
        let branch = fact["organisation"].as_str().unwrap();
        let here = Some(branch.to_owned());
        let (from, to) = match fact["kind"].as_str().unwrap() {
            "member_joined" => (None, here),
            "member_left" => (here, None),
            "member_transferred" => (here, fact["to"].as_str().map(str::to_owned)),
            _ => continue,
        };
        let day = fact["date"].as_str().unwrap().max(formed[branch]);
        *matrix.entry((year(day.parse().unwrap()), from, to)).or_default() += 1;
    }
    matrix
}
