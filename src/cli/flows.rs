//! Who came, moved and went in a period.

use projections::questions::{BranchFlow, Flow, Flows, Moves};
use projections::{Cut, Period};

use super::output::{Align, Output};
use super::{Exit, Failure, Run};
use crate::ledger::{FlowsAsked, Ledger, Mode};

/// `rollbook flows`.
pub(super) async fn flows(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let within = run.period(&ledger)?;
    let cut = match run.typed("period") {
        Some("month") => Cut::Month,
        Some("quarter") => Cut::Quarter,
        Some("year") => Cut::Year,
        Some(_) | None => Cut::Whole,
    };
    let place = run.place_on(&ledger, Some(within.last_day())).await?;
    let branch = run.typed("branch");
    let by_branch = run.typed("by").is_some();
    let asked = FlowsAsked { within, cut, by_branch, branch, known_at: place.at.known_at };
    let flows = ledger.flows(&run.actor, &asked).await?;
    if output.is_json() {
        output.json_list(&flows)?;
        return Ok(Exit::Ok);
    }
    place.remark_period(output, within);
    if flows.iter().any(|flows| flows.branches.is_some()) {
        branches(output, &flows)?;
        moves(output, &flows)?;
    } else {
        body(output, &flows)?;
    }
    if flows.iter().all(|flows| flows.body.is_still()) {
        output.remark("empty-flows", &[]);
    }
    output.remark("definition-flows", &[]);
    Ok(Exit::Ok)
}

impl Run<'_> {
    /// The period that was typed.
    pub(super) fn period(&self, ledger: &Ledger) -> Result<Period, Failure> {
        let day = |option, name| match self.typed(name) {
            Some(text) => self.day(ledger, option, text),
            None => Err(Failure::usage("missing_argument", [("argument", option)])),
        };
        let (from, until) = (day("--from", "from")?, day("--until", "until")?);
        Period::new(from, until).ok_or_else(|| {
            let args = [("from", from.to_string()), ("until", until.to_string())];
            Failure::usage("period_without_a_day", args)
        })
    }
}

fn dates(period: Period) -> Vec<String> {
    vec![period.from().to_string(), period.until().to_string()]
}

fn body(output: &mut Output<'_>, flows: &[Flows]) -> Result<(), Failure> {
    let heads = [
        ("head-from", Align::Left),
        ("head-until", Align::Left),
        ("head-before", Align::Right),
        ("head-joined", Align::Right),
        ("head-left", Align::Right),
        ("head-after", Align::Right),
        ("head-moved", Align::Right),
    ];
    let row = |flows: &Flows| {
        let Flow { headcount_before, joined, left, headcount_after, moved_in, .. } = flows.body;
        let numbers = [headcount_before, joined, left, headcount_after, moved_in];
        [dates(flows.period), numbers.map(|number| number.to_string()).to_vec()].concat()
    };
    output.table(&heads, flows.iter().map(row).collect())?;
    Ok(())
}

fn branches(output: &mut Output<'_>, flows: &[Flows]) -> Result<(), Failure> {
    let heads = [
        ("head-from", Align::Left),
        ("head-until", Align::Left),
        ("head-branch", Align::Left),
        ("head-before", Align::Right),
        ("head-joined", Align::Right),
        ("head-moved-in", Align::Right),
        ("head-moved-out", Align::Right),
        ("head-left", Align::Right),
        ("head-after", Align::Right),
    ];
    let row = |period: Period, BranchFlow { branch, name: _, flow }: &BranchFlow| {
        let Flow { headcount_before, joined, moved_in, moved_out, left, headcount_after } = flow;
        let numbers = [headcount_before, joined, moved_in, moved_out, left, headcount_after];
        let numbers = numbers.map(ToString::to_string).to_vec();
        [dates(period), vec![branch.clone()], numbers].concat()
    };
    let rows = flows
        .iter()
        .flat_map(|flows| flows.branches.iter().flatten().map(|branch| row(flows.period, branch)));
    output.table(&heads, rows.collect())?;
    Ok(())
}

/// The matrix, as a list of its fields: there are seldom many beside those that are 0.
fn moves(output: &mut Output<'_>, flows: &[Flows]) -> Result<(), Failure> {
    if flows.iter().all(|flows| flows.moves.iter().flatten().next().is_none()) {
        return Ok(());
    }
    let heads = [
        ("head-from", Align::Left),
        ("head-until", Align::Left),
        ("head-out-of", Align::Left),
        ("head-into", Align::Left),
        ("head-members", Align::Right),
    ];
    let outside = output.text("flow-outside", &[]);
    let row = |period: Period, Moves { from, to, members }: &Moves| {
        let branch = |code: &Option<String>| code.clone().unwrap_or_else(|| outside.clone());
        [dates(period), vec![branch(from), branch(to), members.to_string()]].concat()
    };
    let rows = flows
        .iter()
        .flat_map(|flows| flows.moves.iter().flatten().map(|moves| row(flows.period, moves)));
    let rows = rows.collect();
    output.line("")?;
    output.table(&heads, rows)?;
    Ok(())
}
