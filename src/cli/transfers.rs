//! Questions about transfers.

use projections::questions::{TransferEntry, TransfersAsked};

use super::names::Names;
use super::output::{Align, Output};
use super::{Exit, Failure, Run};
use crate::ledger::Mode;

/// `rollbook inbox`, `outbox`, `waiting` and `overdue`.
pub(super) async fn transfers(
    run: &Run<'_>,
    output: &mut Output<'_>,
    name: &str,
) -> Result<Exit, Failure> {
    let names_asked = run.names_asked()?;
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let branch = run.matches.try_get_one::<String>("branch").ok().flatten();
    let side = match branch {
        Some(branch) => ledger.side_named(branch, place.at.known_at).await?,
        None => String::new(),
    };
    let asked = match name {
        "inbox" => TransfersAsked::Inbox(side),
        "outbox" => TransfersAsked::Outbox(side),
        "overdue" => TransfersAsked::Overdue,
        _ => TransfersAsked::Waiting,
    };
    let entries = ledger.transfers(&run.actor, place.at, &asked).await?;
    let persons = entries.iter().filter_map(|entry| entry.person.as_ref()?.parse().ok());
    let names = Names::read(run, &ledger, names_asked, persons)?;
    if output.is_json() {
        let values = entries.iter().map(|entry| with_member(entry, &names));
        output.json_list(&values.collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if entries.is_empty() {
        output.remark("empty-transfers", &[]);
        return Ok(Exit::Ok);
    }
    let heads = [
        ("head-letter", Align::Left),
        ("head-from", Align::Left),
        ("head-to", Align::Left),
        ("head-phase", Align::Left),
        ("head-days", Align::Right),
        ("head-acts", Align::Left),
        ("head-due", Align::Left),
        ("head-overdue", Align::Right),
        ("head-person", Align::Left),
    ];
    let rows = entries.into_iter().map(|entry| row(output, &names, entry)).collect();
    output.table(&heads, rows)?;
    output.remark("definition-transfers", &[]);
    Ok(Exit::Ok)
}

fn row(output: &Output<'_>, names: &Names, entry: TransferEntry) -> Vec<String> {
    let person = entry.person.unwrap_or_default();
    let person = if names.were_asked() { names.shown(output, &person) } else { person };
    let mut phase = output.text(&format!("phase-{}", entry.phase), &[]);
    if let Some(shut) = &entry.destination_phase {
        phase.push_str(&output.text(&format!("destination-{shut}"), &[]));
    }
    let stands_still = entry.suspended.map(|_| output.text("clock-stands-still", &[]));
    let due = entry.due.map(|due| due.to_string()).or(stands_still);
    vec![
        entry.letter,
        entry.from,
        entry.to,
        phase,
        entry.days.to_string(),
        entry.acts.unwrap_or_default(),
        due.unwrap_or_default(),
        entry.days_overdue.map(|days| days.to_string()).unwrap_or_default(),
        person,
    ]
}

fn with_member(entry: &TransferEntry, names: &Names) -> serde_json::Value {
    let mut value = serde_json::to_value(entry).expect("an entry is an object of texts");
    if let (true, Some(person)) = (names.were_asked(), &entry.person) {
        value["member"] = names.of(person).into();
    }
    value
}
