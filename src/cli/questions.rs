//! Questions that are answered with a table of what holds.

use projections::At;
use projections::questions::daily::{BodyLine, BranchLine};
use projections::questions::{RosterEntry, depths};

use super::names::Names;
use super::output::{Align, Output};
use super::{Exit, Failure, Run};
use crate::ledger::{DailyAsked, Ledger, Mode};

/// `rollbook headcount`.
pub(super) async fn headcount(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    if run.typed("from").is_some() {
        return daily(run, &ledger, output).await;
    }
    let place = run.place(&ledger).await?;
    let counts = ledger.headcount(&run.actor, place.at).await?;
    if output.is_json() {
        output.json_list(&counts)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if counts.is_empty() {
        output.remark("empty-branches", &[]);
        return Ok(Exit::Ok);
    }
    let heads =
        [("head-branch", Align::Left), ("head-name", Align::Left), ("head-members", Align::Right)];
    let row = |count: projections::questions::Headcount| {
        vec![count.branch, count.name, count.members.to_string()]
    };
    output.table(&heads, counts.into_iter().map(row).collect())?;
    output.remark("definition-headcount", &[]);
    Ok(Exit::Ok)
}

/// `rollbook headcount --from --until`.
async fn daily(run: &Run<'_>, ledger: &Ledger, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let within = run.period(ledger)?;
    let place = run.place_on(ledger, Some(within.last_day())).await?;
    let (branch, by_branch) = (run.typed("branch"), run.typed("by").is_some());
    let At { known_at, day_rule, .. } = place.at;
    let asked = DailyAsked { within, by_branch, branch, known_at, day_rule };
    let daily = ledger.daily(&run.actor, &asked).await?;
    let of_branches = by_branch || branch.is_some();
    if output.is_json() {
        match of_branches {
            true => output.json_lines(daily.branch_lines())?,
            false => output.json_lines(daily.body_lines())?,
        }
        return Ok(Exit::Ok);
    }
    place.remark_days(output, within);
    if of_branches {
        if daily.branches.is_empty() {
            output.remark("empty-branches", &[]);
            return Ok(Exit::Ok);
        }
        let heads = [
            ("head-day", Align::Left),
            ("head-branch", Align::Left),
            ("head-members", Align::Right),
        ];
        let row = |line: BranchLine<'_>| {
            vec![line.day.to_string(), line.branch.to_owned(), line.members.to_string()]
        };
        output.table(&heads, daily.branch_lines().map(row).collect())?;
    } else {
        let heads = [
            ("head-day", Align::Left),
            ("head-branches", Align::Right),
            ("head-members", Align::Right),
        ];
        let row = |line: BodyLine| {
            vec![line.day.to_string(), line.branches.to_string(), line.members.to_string()]
        };
        output.table(&heads, daily.body_lines().map(row).collect())?;
    }
    output.remark("definition-daily", &[]);
    Ok(Exit::Ok)
}

/// `rollbook totals`.
pub(super) async fn totals(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let totals = ledger.totals(&run.actor, place.at).await?;
    let states = ledger.by_state(&run.actor, place.at).await?;
    if output.is_json() {
        let mut told = serde_json::to_value(totals).expect("numbers are JSON");
        let counts = states.into_iter().map(|it| (it.state, it.memberships.into()));
        told["states"] = serde_json::Value::Object(counts.collect());
        output.json(&told)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    let rows = [
        ("total-branches", totals.branches),
        ("total-members", totals.members),
        ("total-memberships", totals.memberships),
        ("total-posts", totals.posts),
    ];
    let heads =
        [("head-what", Align::Left), ("head-number", Align::Right), ("head-meaning", Align::Left)];
    let row = |(key, number): (&str, u64)| {
        let meaning = output.text(&format!("{key}-meaning"), &[]);
        vec![output.text(key, &[]), number.to_string(), meaning]
    };
    let mut rows = rows.map(row).to_vec();
    rows.extend(states.into_iter().map(|it| {
        let what = output.text("total-state", &[("state", it.state.into())]);
        let meaning = output.text("total-state-meaning", &[]);
        vec![what, it.memberships.to_string(), meaning]
    }));
    output.table(&heads, rows)?;
    Ok(Exit::Ok)
}

/// `rollbook tree`.
pub(super) async fn tree(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let tree = ledger.tree(&run.actor, place.at).await?;
    if output.is_json() {
        output.json_list(&tree)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if tree.is_empty() {
        output.remark("empty-branches", &[]);
        return Ok(Exit::Ok);
    }
    let heads =
        [("head-branch", Align::Left), ("head-name", Align::Left), ("head-kind", Align::Left)];
    let depths = depths(&tree);
    let rows = tree.into_iter().zip(depths).map(|(entry, depth)| {
        let indented = format!("{}{}", "  ".repeat(depth), entry.branch);
        vec![indented, entry.title.unwrap_or(entry.name), entry.kind]
    });
    output.table(&heads, rows.collect())?;
    output.remark("definition-tree", &[]);
    Ok(Exit::Ok)
}

/// `rollbook roster`.
pub(super) async fn roster(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let asked = run.names_asked()?;
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let entries = ledger.roster(&run.actor, place.at, run.typed("branch")).await?;
    let persons = entries.iter().filter_map(|entry| entry.person.parse().ok());
    let names = Names::read(run, &ledger, asked, persons)?;
    if output.is_json() {
        let values = entries.iter().map(|entry| with_member(entry, &names));
        output.json_list(&values.collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if entries.is_empty() {
        output.remark("empty-roster", &[]);
        return Ok(Exit::Ok);
    }
    let mut heads = vec![
        ("head-branch", Align::Left),
        ("head-role", Align::Left),
        ("head-since", Align::Left),
        ("head-person", Align::Left),
    ];
    if names.were_asked() {
        heads.push(("head-member", Align::Left));
    }
    let row = |entry: RosterEntry| {
        let member = names.were_asked().then(|| names.shown(output, &entry.person));
        let cells = [entry.branch, entry.role, entry.since.to_string(), entry.person];
        cells.into_iter().chain(member).collect()
    };
    let rows = entries.into_iter().map(row).collect();
    output.table(&heads, rows)?;
    output.remark("definition-roster", &[]);
    Ok(Exit::Ok)
}

fn with_member(entry: &RosterEntry, names: &Names) -> serde_json::Value {
    let mut value = serde_json::to_value(entry).expect("an entry is an object of texts");
    if names.were_asked() {
        value["member"] = names.of(&entry.person).into();
    }
    value
}
