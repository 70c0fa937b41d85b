//! The clock and the lists to work from: what falls due, and rounds of screening.

use std::collections::HashMap;

use events::StreamId;
use projections::questions::due::Act;
use projections::questions::{Due, Finding};
use serde_json::{Value, json};

use super::names::Names;
use super::output::{Align, Output};
use super::told::Teller;
use super::{Exit, Failure, NOTHING, Run};
use crate::commands::Refused;
use crate::ledger::{DueEntry, KnownAt, Ledger, Mode, Round};
use crate::messages::Arg;

/// `rollbook clock advance --to DATE`.
pub(super) async fn clock(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let Some(("advance", matches)) = run.matches.subcommand() else {
        return Err(Failure::usage("missing_command", NOTHING));
    };
    let run = &run.below(matches);
    let dry_run = matches.get_flag("dry-run");
    let ledger = run.open(if dry_run { Mode::Read } else { Mode::Write }).await?;
    let to = run.typed("to").map(|text| run.day(&ledger, "--to", text)).transpose()?;
    let to = to.unwrap_or_else(|| ledger.today());
    let advance = ledger.advance_clock(&run.actor, to, dry_run).await?;
    let teller = teller(&ledger).await?;
    if output.is_json() {
        let dues = advance.fell_due.iter().map(|due| value(&teller, due, None));
        output.json(&json!({
            "to": to.to_string(),
            "from": advance.from.map(|day| day.to_string()),
            "dry_run": dry_run,
            "fell_due": dues.collect::<Vec<_>>(),
            "acted": advance.acted.iter().map(act_value).collect::<Vec<_>>(),
            "refused": advance.refused.iter().map(refused_value).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Ok);
    }
    let key = if dry_run { "clock-preview" } else { "clock-advanced" };
    let dues = ("dues", (advance.fell_due.len() as u64).into());
    output.say(key, &[("to", to.to_string().into()), dues])?;
    for due in &advance.fell_due {
        let args = [
            ("day", due.day.to_string().into()),
            ("what", told(output, due).into()),
            ("subject", subject(output, &teller, due.subject, due).into()),
            ("rule", due.rule.into()),
        ];
        output.say("clock-fell-due", &args)?;
    }
    for act in &advance.acted {
        output.say("clock-acted", &act_args(act))?;
    }
    for (act, refused) in &advance.refused {
        let args = refused.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let why = output.messages.coded("refused", refused.code, &args.collect::<Vec<_>>());
        output.say("clock-refused", &[&act_args(act)[..], &[("why", why.into())]].concat())?;
    }
    Ok(Exit::Ok)
}

fn act_args(act: &Act) -> Vec<Arg<'static>> {
    vec![
        ("day", act.day.to_string().into()),
        ("command", act.command.into()),
        ("letter", act.letter.clone().into()),
    ]
}

fn act_value(act: &Act) -> Value {
    json!({ "day": act.day.to_string(), "command": act.command, "letter": act.letter })
}

fn refused_value((act, refused): &(Act, Refused)) -> Value {
    let mut value = act_value(act);
    value["code"] = refused.code.into();
    value
}

/// `rollbook due`.
pub(super) async fn due(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let days = run.matches.get_one::<u32>("within").copied().unwrap_or(0);
    let entries = ledger.due(&run.actor, place.at, days, run.typed("branch")).await?;
    let teller = teller(&ledger).await?;
    if output.is_json() {
        let entry = |entry: &DueEntry| value(&teller, &entry.due, Some(entry.recorded));
        let values: Vec<Value> = entries.iter().map(entry).collect();
        output.json_list(&values)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if entries.is_empty() {
        output.remark("empty-due", &[]);
        return Ok(Exit::Ok);
    }
    let heads = [
        ("head-due", Align::Left),
        ("head-days", Align::Right),
        ("head-branch", Align::Left),
        ("head-what-due", Align::Left),
        ("head-about", Align::Left),
        ("head-rule", Align::Left),
        ("head-recorded-due", Align::Left),
    ];
    let row = |DueEntry { due, recorded }: &DueEntry| {
        let age = due.day.until(place.at.valid_on).map_or(0, |span| span.get_days());
        let recorded = match (recorded, due.day > place.at.valid_on) {
            (true, _) => "due-recorded",
            (false, true) => "due-ahead",
            (false, false) => "due-not-recorded",
        };
        vec![
            due.day.to_string(),
            age.to_string(),
            teller.body(&due.branch.to_string()),
            told(output, due),
            subject(output, &teller, due.subject, due),
            due.rule.to_owned(),
            output.text(recorded, &[]),
        ]
    };
    let rows = entries.iter().map(row).collect();
    output.table(&heads, rows)?;
    output.remark("definition-due", &[]);
    Ok(Exit::Ok)
}

/// `rollbook screening --branch ROOT`, or the rounds that were held.
pub(super) async fn screening(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    if run.matches.get_flag("held") {
        return held(run, output).await;
    }
    let dry_run = run.matches.get_flag("dry-run");
    let ledger = run.open(if dry_run { Mode::Read } else { Mode::Write }).await?;
    let root = run.typed("branch").unwrap_or_default();
    let (at, screened) = ledger.screen(&run.actor, root, dry_run).await?;
    let teller = teller(&ledger).await?;
    if output.is_json() {
        let finding = |it: &Finding| {
            let branch = teller.body(&it.branch.to_string());
            json!({ "finding": it.finding, "branch": branch, "subject": it.subject })
        };
        output.json(&json!({
            "day": at.valid_on.to_string(),
            "branch": root,
            "branches": screened.branches,
            "members": screened.members,
            "findings": screened.findings.iter().map(finding).collect::<Vec<_>>(),
            "dry_run": dry_run,
        }))?;
        return Ok(Exit::Ok);
    }
    let args = [
        ("day", at.valid_on.to_string().into()),
        ("branch", root.to_owned().into()),
        ("branches", screened.branches.into()),
        ("members", screened.members.into()),
        ("findings", (screened.findings.len() as u64).into()),
    ];
    output.say(if dry_run { "screening-preview" } else { "screening-held" }, &args)?;
    if screened.findings.is_empty() {
        return Ok(Exit::Ok);
    }
    let heads =
        [("head-branch", Align::Left), ("head-finding", Align::Left), ("head-about", Align::Left)];
    let row = |it: &Finding| {
        let finding = output.text(&format!("screened-{}", it.finding), &[]);
        let about = teller.subject(output, it.subject, Some(&it.branch));
        vec![teller.body(&it.branch.to_string()), finding, about]
    };
    let rows = screened.findings.iter().map(row).collect();
    output.table(&heads, rows)?;
    Ok(Exit::Ok)
}

/// `rollbook screening --held`.
async fn held(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let rounds = ledger.screenings(&run.actor, place.at).await?;
    let teller = teller(&ledger).await?;
    if output.is_json() {
        let round = |it: &Round| {
            json!({
                "day": it.day.to_string(),
                "branch": teller.body(&it.root),
                "branches": it.branches,
                "members": it.members,
                "findings": it.findings,
            })
        };
        output.json_list(&rounds.iter().map(round).collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if rounds.is_empty() {
        output.remark("empty-screenings", &[]);
        return Ok(Exit::Ok);
    }
    let heads = [
        ("head-held", Align::Left),
        ("head-branch", Align::Left),
        ("head-branches", Align::Right),
        ("head-members", Align::Right),
        ("head-finding", Align::Left),
    ];
    let row = |it: &Round| {
        let text = |(code, count): (&String, &u64)| {
            format!("{}: {count}", output.text(&format!("screened-{code}"), &[]))
        };
        let found: Vec<String> = it.findings.iter().map(text).collect();
        let found = match &found[..] {
            [] => output.text("nothing", &[]),
            found => found.join(&output.text("separator", &[])),
        };
        let numbers = [it.branches.to_string(), it.members.to_string()];
        [vec![it.day.to_string(), teller.body(&it.root)], numbers.to_vec(), vec![found]].concat()
    };
    let rows = rounds.iter().map(row).collect();
    output.table(&heads, rows)?;
    Ok(Exit::Ok)
}

/// What falls due, in words.
fn told(output: &Output<'_>, due: &Due) -> String {
    output.text(&format!("due-{}", due.what), &[])
}

/// What it falls due for: a post by its role.
fn subject(output: &Output<'_>, teller: &Teller, stream: StreamId, due: &Due) -> String {
    match &due.about {
        Some(about) => about.clone(),
        None => teller.subject(output, stream, Some(&due.branch)),
    }
}

/// What falls due, for programs.
fn value(teller: &Teller, due: &Due, recorded: Option<bool>) -> Value {
    let mut value = json!({
        "due": due.day.to_string(),
        "what": due.what,
        "rule": due.rule,
        "branch": teller.body(&due.branch.to_string()),
        "subject": due.subject,
    });
    if let Some(about) = &due.about {
        value["about"] = about.as_str().into();
    }
    if let Some(recorded) = recorded {
        value["recorded"] = recorded.into();
    }
    value
}

async fn teller(ledger: &Ledger) -> Result<Teller, Failure> {
    let latest = ledger.at(None, KnownAt::Now, projections::DayRule::EndOfDay).await?;
    let bodies: HashMap<_, _> = ledger.body_names(latest).await?;
    Ok(Teller { bodies, names: Names::none() })
}
