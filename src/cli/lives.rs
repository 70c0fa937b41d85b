//! Members who ask for attention, who ought to transfer, and who is looked for.

use events::PersonId;
use projections::questions::{Duty, Watched};
use serde_json::json;

use super::names::Names;
use super::output::{Align, Output};
use super::{Exit, Failure, NOTHING, Run};
use crate::ledger::{Attention, Hit, Ledger, Mode};
use crate::vault::Personal;

fn ids<'a>(persons: impl Iterator<Item = &'a str>) -> impl Iterator<Item = PersonId> {
    persons.filter_map(|id| id.parse().ok())
}

/// `rollbook members LIST`.
pub(super) async fn members(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let asked = run.typed("list").unwrap_or_default();
    let why = Attention::ALL.iter().find(|(code, _)| *code == asked);
    let why = why.map_or(Attention::OutOfContact, |(_, why)| *why);
    let purpose = run.names_asked()?;
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let watched = ledger.attention(&run.actor, place.at, why).await?;
    if output.is_json() {
        output.json_list(&watched)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if watched.is_empty() {
        output.remark("empty-members", &[]);
        return Ok(Exit::Ok);
    }
    let persons = ids(watched.iter().map(|it| it.person.as_str()));
    let names = Names::read(run, &ledger, purpose, persons)?;
    let heads = [
        ("head-member", Align::Left),
        ("head-branch", Align::Left),
        ("head-since", Align::Left),
        ("head-detail", Align::Left),
    ];
    let row = |it: &Watched| {
        let (branch, note) = (it.branch.clone(), it.note.clone());
        let member = called(output, &names, &it.person);
        vec![member, branch.unwrap_or_default(), it.since.to_string(), note.unwrap_or_default()]
    };
    let rows = watched.iter().map(row).collect();
    output.table(&heads, rows)?;
    Ok(Exit::Ok)
}

fn called(output: &Output<'_>, names: &Names, person: &str) -> String {
    if names.were_asked() { names.shown(output, person) } else { person.to_owned() }
}

/// `rollbook duties`.
pub(super) async fn duties(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let purpose = run.names_asked()?;
    let branch = run.typed("branch");
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let mut duties = ledger.duties(&run.actor, place.at).await?;
    duties.retain(|duty| branch.is_none_or(|branch| duty.branch == branch));
    if output.is_json() {
        output.json_list(&duties)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if duties.is_empty() {
        output.remark("empty-duties", &[]);
        return Ok(Exit::Ok);
    }
    let persons = ids(duties.iter().map(|duty| duty.person.as_str()));
    let names = Names::read(run, &ledger, purpose, persons)?;
    let heads = [
        ("head-member", Align::Left),
        ("head-from", Align::Left),
        ("head-into", Align::Left),
        ("head-reason", Align::Left),
        ("head-since", Align::Left),
        ("head-days", Align::Right),
    ];
    let row = |duty: &Duty| {
        let args = [("host", duty.host.as_str().into())];
        let reason = output
            .text(if duty.reason == "contract" { "duty-contract" } else { "duty-months" }, &args);
        let member = called(output, &names, &duty.person);
        let (from, into) = (duty.branch.clone(), duty.towards.clone());
        vec![member, from, into, reason, duty.since.to_string(), duty.days.to_string()]
    };
    let rows = duties.iter().map(row).collect();
    output.table(&heads, rows)?;
    output.remark("definition-duties", &[]);
    Ok(Exit::Ok)
}

/// `rollbook search TEXT`.
pub(super) async fn search(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let text = run.typed("text").unwrap_or_default().trim();
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let mut hits = ledger.search_branches(&run.actor, place.at, text).await?;
    let purpose = run.typed("purpose").filter(|purpose| !purpose.trim().is_empty());
    let persons = match purpose {
        Some(purpose) => ledger.search_persons(&run.actor, purpose, text)?,
        None => Vec::new(),
    };
    let names = Names::read(run, &ledger, purpose, persons.iter().copied())?;
    hits.extend(persons.iter().map(|person| Hit {
        what: "person",
        id: person.to_string(),
        code: None,
        name: names.of(&person.to_string()).map(ToOwned::to_owned),
        former_name: None,
    }));
    if output.is_json() {
        output.json_list(&hits)?;
        return Ok(Exit::Ok);
    }
    if purpose.is_none() {
        output.remark("search-without-purpose", &[]);
    }
    if hits.is_empty() {
        output.remark("empty-search", &[("text", text.into())]);
        return Ok(Exit::Ok);
    }
    let heads = [
        ("head-what", Align::Left),
        ("head-code", Align::Left),
        ("head-name", Align::Left),
        ("head-before", Align::Left),
    ];
    let row = |hit: &Hit| {
        let code = hit.code.clone().unwrap_or_else(|| hit.id.clone());
        let name = hit.name.clone().unwrap_or_default();
        let what =
            output.text(if hit.what == "branch" { "found-branch" } else { "found-person" }, &[]);
        vec![what, code, name, hit.former_name.clone().unwrap_or_default()]
    };
    let rows = hits.iter().map(row).collect();
    output.table(&heads, rows)?;
    Ok(Exit::Ok)
}

/// `rollbook rename-person`: in the vault, and nowhere else.
pub(super) async fn rename(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Write).await?;
    let person = run.typed("person").unwrap_or_default();
    let person = ledger.person_named(&run.actor, "rename-person", person)?;
    let name = events::Text::parse(run.typed("name").unwrap_or_default());
    let name = name.map_err(|_| Failure::usage("empty_name", NOTHING))?;
    rename_to(&ledger, person, name.as_str())?;
    if output.is_json() {
        output.json(&json!({ "person": person.to_string() }))?;
        return Ok(Exit::Ok);
    }
    output.say("renamed-person", &[("person", person.to_string().into())])?;
    Ok(Exit::Ok)
}

fn rename_to(ledger: &Ledger, person: PersonId, name: &str) -> Result<(), Failure> {
    Ok(ledger.rename_person(person, &Personal::new(name.to_owned()))?)
}
