//! Questions about the field: how well it is covered, where not, and who answers for whom.

use projections::questions::coverage::{CountCell, HostCell, HostCounts, Listed, per_hundred};
use projections::questions::{Coverage, Gap, ResponsibleEntry};

use super::output::{Align, Output};
use super::place::Place;
use super::{Exit, Failure, Run};
use crate::ledger::Mode;

/// `rollbook coverage`.
pub(super) async fn coverage(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    if let Some(measure) = run.typed("list") {
        let within = run.typed("by").zip(run.typed("value"));
        let listed = ledger.covered(&run.actor, place.at, measure, within).await?;
        return list(output, &place, listed);
    }
    let coverage = ledger.coverage(&run.actor, place.at).await?;
    if output.is_json() {
        output.json(&coverage)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if coverage.totals.hosts.hosts == 0 {
        output.remark("empty-hosts", &[]);
        return Ok(Exit::Ok);
    }
    totals(output, &coverage)?;
    let by = run.typed("by");
    cells(output, &coverage, by)?;
    output.remark("definition-coverage", &[]);
    Ok(Exit::Ok)
}

/// The whole field: each number with its share of the hosts and what it means.
pub(super) fn totals(output: &mut Output<'_>, coverage: &Coverage) -> Result<(), Failure> {
    let totals = &coverage.totals;
    let HostCounts { hosts, not_public, staff, .. } = totals.hosts;
    let HostCounts { organised, standalone, joint, online, work_covered, .. } = totals.hosts;
    let share = |number| per_hundred(number, hosts).map(|share| format!("{share}%"));
    let rows = [
        ("hosts", hosts, None),
        ("not_public", not_public, share(not_public)),
        ("organised", organised, share(organised)),
        ("standalone", standalone, share(standalone)),
        ("joint", joint, share(joint)),
        ("online", online, share(online)),
        ("work_covered", work_covered, share(work_covered)),
        ("staff", staff, None),
        ("members", totals.members, None),
        ("branches", totals.branches, totals.branches_per_100_hosts.clone()),
    ];
    let row = |(measure, number, share): (&str, u64, Option<String>)| {
        let name = output.text(&format!("measure-{measure}"), &[]);
        let meaning = output.text(&format!("measure-{measure}-meaning"), &[]);
        vec![name, number.to_string(), share.unwrap_or_default(), meaning]
    };
    let rows = rows.map(row).to_vec();
    let heads = [
        ("head-what", Align::Left),
        ("head-number", Align::Right),
        ("head-share", Align::Right),
        ("head-meaning", Align::Left),
    ];
    Ok(output.table(&heads, rows)?)
}

/// The cells of every dimension, or of one.
fn cells(output: &mut Output<'_>, coverage: &Coverage, by: Option<&str>) -> Result<(), Failure> {
    let asked = |dimension: &str| by.is_none_or(|by| by == dimension);
    let hosts: Vec<&HostCell> =
        coverage.hosts.iter().filter(|cell| asked(cell.dimension)).collect();
    let row = |cell: &&HostCell| {
        let HostCounts { hosts, organised, standalone, joint, online, work_covered, staff, .. } =
            cell.counts;
        let numbers = [hosts, organised, standalone, joint, online, work_covered, staff];
        let name = [output.text(&format!("dimension-{}", cell.dimension), &[])];
        let value = [shown(output, cell.dimension, &cell.value)];
        name.into_iter().chain(value).chain(numbers.map(|number| number.to_string())).collect()
    };
    let rows: Vec<Vec<String>> = hosts.iter().map(row).collect();
    if !rows.is_empty() {
        let heads = [
            ("head-by", Align::Left),
            ("head-value", Align::Left),
            ("measure-hosts", Align::Right),
            ("measure-organised", Align::Right),
            ("measure-standalone", Align::Right),
            ("measure-joint", Align::Right),
            ("measure-online", Align::Right),
            ("measure-work_covered", Align::Right),
            ("measure-staff", Align::Right),
        ];
        output.line("")?;
        output.table(&heads, rows)?;
    }
    for (measure, cells) in [("branches", &coverage.branches), ("members", &coverage.members)] {
        let row = |cell: &CountCell| {
            let name = output.text(&format!("dimension-{}", cell.dimension), &[]);
            vec![name, shown(output, cell.dimension, &cell.value), cell.number.to_string()]
        };
        let own = cells.iter().filter(|cell| asked(cell.dimension));
        let rows: Vec<Vec<String>> = own.map(row).collect();
        if !rows.is_empty() {
            let measure = format!("measure-{measure}");
            let heads = [
                ("head-by", Align::Left),
                ("head-value", Align::Left),
                (measure.as_str(), Align::Right),
            ];
            output.line("")?;
            output.table(&heads, rows)?;
        }
    }
    Ok(())
}

/// A value as people read it: codes of our own in words, and what is absent said so.
fn shown(output: &Output<'_>, dimension: &str, value: &str) -> String {
    match dimension {
        _ if value.is_empty() => output.text("nothing", &[]),
        "mode" => output.text(&format!("mode-{value}"), &[]),
        "line" => output.text(&format!("line-{value}"), &[]),
        _ => value.to_owned(),
    }
}

fn list(output: &mut Output<'_>, place: &Place, listed: Vec<Listed>) -> Result<Exit, Failure> {
    if output.is_json() {
        output.json_list(&listed)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if listed.is_empty() {
        output.remark("empty-list", &[]);
        return Ok(Exit::Ok);
    }
    let heads =
        [("head-code", Align::Left), ("head-name", Align::Left), ("head-staff", Align::Right)];
    let row = |it: Listed| {
        let staff = it.staff.map(|staff| staff.to_string());
        vec![it.code, it.name.unwrap_or_default(), staff.unwrap_or_default()]
    };
    output.table(&heads, listed.into_iter().map(row).collect())?;
    Ok(Exit::Ok)
}

/// `rollbook gaps`.
pub(super) async fn gaps(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let mut gaps = ledger.gaps(&run.actor, place.at).await?;
    if let Some(asked) = run.typed("kind") {
        gaps.retain(|gap| gap.gap == asked);
    }
    if output.is_json() {
        output.json_list(&gaps)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if gaps.is_empty() {
        output.remark("empty-gaps", &[]);
        return Ok(Exit::Ok);
    }
    let heads = [("head-code", Align::Left), ("head-name", Align::Left), ("head-gap", Align::Left)];
    let row = |gap: &Gap| vec![gap.code.clone(), gap.name.clone(), told(output, gap)];
    let rows = gaps.iter().map(row).collect();
    output.table(&heads, rows)?;
    output.remark("definition-gaps", &[("gaps", (gaps.len() as u64).into())]);
    Ok(Exit::Ok)
}

/// The reason of a gap, as a sentence.
pub(super) fn told(output: &Output<'_>, gap: &Gap) -> String {
    let args = [
        ("found", gap.found.unwrap_or(0).into()),
        ("expected", gap.expected.unwrap_or(0).into()),
        ("post", gap.post.clone().unwrap_or_default().into()),
        ("since", gap.since.map(|day| day.to_string()).unwrap_or_default().into()),
    ];
    output.text(&format!("gap-{}", gap.gap), &args)
}

/// `rollbook responsible`.
pub(super) async fn responsible(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let mut entries = ledger.responsible(&run.actor, place.at, run.typed("host")).await?;
    if run.matches.get_flag("nobody") {
        entries.retain(|entry| entry.line.is_none());
    }
    if output.is_json() {
        output.json_list(&entries)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if entries.is_empty() {
        output.remark("empty-hosts", &[]);
        return Ok(Exit::Ok);
    }
    let heads = [
        ("head-code", Align::Left),
        ("head-name", Align::Left),
        ("head-answers-by", Align::Left),
        ("head-body", Align::Left),
        ("head-since", Align::Left),
    ];
    let row = |entry: ResponsibleEntry| {
        let line = shown(output, "line", entry.line.unwrap_or_default());
        let since = entry.since.map(|since| since.to_string()).unwrap_or_default();
        vec![entry.host, entry.name, line, entry.body.unwrap_or_default(), since]
    };
    let rows = entries.into_iter().map(row).collect();
    output.table(&heads, rows)?;
    output.remark("definition-responsible", &[]);
    Ok(Exit::Ok)
}
