//! `rollbook diff`: what is told otherwise than it was; and the same of a command not yet recorded.

use events::Date;
use projections::questions::{BranchRestated, Described, Restatements};
use serde_json::json;

use super::history::teller;
use super::output::{Align, Output};
use super::{Exit, Failure, Run};
use crate::commands::Decided;
use crate::ledger::{Explained, Ledger, Mode};

/// How many events are shown when nobody says how many.
const LIMIT_DEFAULT: u64 = 50;

/// `rollbook diff`.
pub(super) async fn diff(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let then = run.place(&ledger).await?.at;
    let now = run.place_at(&ledger, "and", then.valid_on).await?;
    let found = ledger.restatements(&run.actor, then, now).await?;
    let limit = run.matches.get_one::<u64>("limit").copied().unwrap_or(LIMIT_DEFAULT);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let stretch = (then.known_at.min(now.known_at), then.known_at.max(now.known_at));
    let between = ledger.recorded_between(&run.actor, stretch, then.valid_on, limit).await?;
    let teller = teller(run, &ledger, None, &between.events).await?;
    if output.is_json() {
        let told: Vec<_> = between.events.iter().map(|event| teller.value(event)).collect();
        let mut value = value(then.valid_on, &found);
        value["known_at"] = then.known_at.0.into();
        value["and"] = now.known_at.0.into();
        value["events"] = json!(told);
        value["events_total"] = between.total.into();
        output.json(&value)?;
        return Ok(Exit::Ok);
    }
    let args = [
        ("valid_on", then.valid_on.to_string().into()),
        ("then", then.known_at.to_string().into()),
        ("now", now.known_at.to_string().into()),
    ];
    output.remark("place-diff", &args);
    told(output, &found)?;
    if between.events.is_empty() {
        output.remark("empty-diff", &args);
        return Ok(Exit::Ok);
    }
    output.line("")?;
    let row = |Explained { recorded, .. }: &Explained| {
        vec![
            recorded.position.to_string(),
            format!("{:.0}", recorded.recorded_at),
            recorded.event.effective().to_string(),
            teller.tell(output, recorded.stream, &recorded.event),
        ]
    };
    let rows = between.events.iter().map(row).collect();
    let heads = [
        ("head-position", Align::Right),
        ("head-recorded", Align::Left),
        ("head-effective", Align::Left),
        ("head-event", Align::Left),
    ];
    output.table(&heads, rows)?;
    let more = between.total.saturating_sub(between.events.len() as u64);
    if more > 0 {
        output.remark("diff-more", &[("count", more.into())]);
    }
    output.remark("definition-diff", &[]);
    Ok(Exit::Ok)
}

/// What a decision would change, on its day and today.
pub(super) async fn foreseen(
    run: &Run<'_>,
    ledger: &Ledger,
    decided: &Decided,
    effective: Date,
) -> Result<Vec<(Date, Restatements)>, Failure> {
    let mut days = vec![effective, ledger.today()];
    // A correction changes the day on which the event stood, too.
    for (_, event) in &decided.events {
        days.push(event.effective());
        if let events::Event::Correction(correction) = event {
            days.push(correction.was().effective());
        }
    }
    days.sort_unstable();
    days.dedup();
    let mut found = Vec::new();
    for day in days {
        found.push((day, ledger.foreseen(&run.actor, decided, day).await?));
    }
    Ok(found)
}

/// Restatements for programs.
pub(super) fn value(valid_on: Date, found: &Restatements) -> serde_json::Value {
    let mut value = serde_json::to_value(found).expect("numbers and texts are JSON");
    value["as_of"] = valid_on.to_string().into();
    value
}

/// Restatements for people.
pub(super) fn told(output: &mut Output<'_>, found: &Restatements) -> Result<(), Failure> {
    for (key, number) in
        [("restated-members", found.members), ("restated-branches", found.branches)]
    {
        let args = [
            ("then", number.then.into()),
            ("now", number.now.into()),
            ("difference", format!("{:+}", number.difference).into()),
        ];
        output.say(key, &args)?;
    }
    if found.restated.is_empty() {
        output.say("restated-nothing", &[])?;
        return Ok(());
    }
    let heads = [
        ("head-branch", Align::Left),
        ("head-then", Align::Right),
        ("head-now", Align::Right),
        ("head-difference", Align::Right),
        ("head-change", Align::Left),
    ];
    let row = |it: &BranchRestated| {
        let count = |is_there: bool, number: u64| {
            if is_there { number.to_string() } else { "–".to_owned() }
        };
        vec![
            it.branch.clone(),
            count(it.then.is_some(), it.members.then),
            count(it.now.is_some(), it.members.now),
            format!("{:+}", it.members.difference),
            changes(output, it),
        ]
    };
    let rows = found.restated.iter().map(row).collect();
    Ok(output.table(&heads, rows)?)
}

/// What else is told otherwise of a branch.
fn changes(output: &Output<'_>, it: &BranchRestated) -> String {
    let sentence = |what: &&str| {
        let key = match *what {
            "appeared" => "restated-appeared",
            "vanished" => "restated-vanished",
            "name" => "restated-name",
            "parent" => "restated-parent",
            _ => "restated-phase",
        };
        let side = |side: &Option<Described>| described(output, side.as_ref(), what);
        output.text(key, &[("then", side(&it.then).into()), ("now", side(&it.now).into())])
    };
    let told: Vec<String> = it.changes.iter().map(sentence).collect();
    told.join(&output.text("separator", &[]))
}

fn described(output: &Output<'_>, side: Option<&Described>, what: &str) -> String {
    let Some(Described { name, parent, phase }) = side else { return String::new() };
    match what {
        "parent" => parent.clone().unwrap_or_else(|| output.text("restated-top", &[])),
        "phase" => phase.clone(),
        _ => name.clone(),
    }
}
