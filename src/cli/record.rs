//! Recording: founding a ledger, and every command.

use std::collections::BTreeMap;

use clap::parser::ValueSource;
use events::{Event, Position, StreamId};
use serde_json::json;

use super::names::Names;
use super::output::Output;
use super::told::Teller;
use super::{Exit, Failure, Run, restatements};
use crate::commands::{self, Note};
use crate::config;
use crate::ledger::{Explained, Founding, KnownAt, Ledger, Location, Mode, Request};
use crate::store::Receipt;

/// The preset of a new ledger when none is named.
const PRESET_DEFAULT: &str = "association";

/// `rollbook init`.
pub(super) async fn init(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let location = run.location()?;
    let founding = run.founding();
    let ledger = Ledger::found(&location, &founding, run.nature()).await?;
    if output.is_json() {
        output.json(&json!({
            "ledger": ledger.id(),
            "preset": founding.preset,
            "zone": founding.zone,
            "path": location.path,
            "vault": location.vault,
            "key": location.key,
        }))?;
        return Ok(Exit::Ok);
    }
    founded(output, &ledger, &founding, &location)?;
    output.remark("init-next", &[("program", run.surroundings.program().into())]);
    Ok(Exit::Ok)
}

/// Tells what was made.
pub(super) fn founded(
    output: &mut Output<'_>,
    ledger: &Ledger,
    founding: &Founding,
    location: &Location,
) -> Result<(), Failure> {
    let args = [
        ("ledger", ledger.id().to_string().into()),
        ("preset", founding.preset.clone().into()),
        ("zone", founding.zone.clone().into()),
        ("path", location.path.display().to_string().into()),
        ("vault", location.vault.display().to_string().into()),
    ];
    output.say("init-done", &args)?;
    output.remark("init-key", &[("key", location.key.display().to_string().into())]);
    Ok(())
}

/// `rollbook do COMMAND key=value…`.
pub(super) async fn execute(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let name = run.typed("command").unwrap_or_default();
    let mut typed = BTreeMap::new();
    for field in run.matches.get_many::<String>("fields").into_iter().flatten() {
        let Some((key, value)) = field.split_once('=') else {
            return Err(Failure::usage("field_without_value", [("argument", field)]));
        };
        if typed.insert(key.replace('-', "_"), value.to_owned()).is_some() {
            return Err(Failure::usage("field_twice", [("argument", key)]));
        }
    }
    if let Some(effective) = run.typed("effective")
        && typed.insert("effective".to_owned(), effective.to_owned()).is_some()
    {
        return Err(Failure::usage("field_twice", [("argument", "effective")]));
    }
    decide(run, output, name, typed).await
}

/// `rollbook COMMAND --field value…`.
pub(super) async fn command(
    run: &Run<'_>,
    output: &mut Output<'_>,
    name: &str,
) -> Result<Exit, Failure> {
    let info = commands::all().into_iter().find(|info| info.name == name);
    let fields = info.map(|info| info.fields).unwrap_or_default();
    let typed = fields.iter().filter_map(|field| {
        let given = run.matches.value_source(field.name) == Some(ValueSource::CommandLine);
        let text = run.typed(field.name).filter(|_| given)?;
        Some((field.name.to_owned(), text.to_owned()))
    });
    decide(run, output, name, typed.collect()).await
}

async fn decide(
    run: &Run<'_>,
    output: &mut Output<'_>,
    name: &str,
    typed: BTreeMap<String, String>,
) -> Result<Exit, Failure> {
    let dry_run = run.matches.get_flag("dry-run");
    let ledger = run.open(if dry_run { Mode::Read } else { Mode::Write }).await?;
    let beside = Beside::of(run);
    let request = ledger.interpret(&run.actor, name, typed).await?;
    let request = beside.with(run, &ledger, request)?;
    settle(run, output, &ledger, request).await
}

/// What every write takes beside its fields, as it was typed.
pub(super) struct Beside {
    key: Option<String>,
    authority: Option<String>,
    approver: Option<String>,
    reason: Option<String>,
}

impl Beside {
    /// As it was typed.
    pub(super) fn of(run: &Run<'_>) -> Self {
        let given = |name| run.typed(name).map(ToOwned::to_owned);
        Self {
            key: given("idempotency-key"),
            authority: given("authority"),
            approver: given("approver"),
            reason: given("because"),
        }
    }

    /// A request with it.
    ///
    /// # Errors
    /// The second person is nobody, or the vault does not answer.
    pub(super) fn with(
        &self,
        run: &Run<'_>,
        ledger: &Ledger,
        request: Request,
    ) -> Result<Request, Failure> {
        let name = request.command.name();
        let approver = self.approver.as_ref();
        let approver = approver.map(|text| ledger.person_named(&run.actor, name, text));
        Ok(Request {
            key: self.key.clone(),
            authority: self.authority.clone(),
            approver: approver.transpose()?,
            reason: self.reason.clone(),
            ..request
        })
    }
}

/// Records a request, or shows what would be recorded, and tells of it.
pub(super) async fn settle(
    run: &Run<'_>,
    output: &mut Output<'_>,
    ledger: &Ledger,
    request: Request,
) -> Result<Exit, Failure> {
    let effective = request.command.effective().to_string();
    if run.matches.get_flag("dry-run") {
        return preview(run, output, ledger, &request).await;
    }
    let receipt = ledger.execute(&run.actor, request).await?;
    if output.is_json() {
        let versions = receipt.versions.iter();
        let versions =
            versions.map(|(stream, version)| json!({ "stream": stream, "version": version }));
        output.json(&json!({
            "effective": effective,
            "key": receipt.key,
            "positions": receipt.positions,
            "streams": versions.collect::<Vec<_>>(),
            "notes": receipt.notes.iter().map(note_value).collect::<Vec<_>>(),
            "replayed": receipt.replayed,
        }))?;
        return Ok(Exit::Ok);
    }
    let outcome = match (receipt.replayed, receipt.positions.is_empty()) {
        (true, _) => "recorded-before",
        (false, true) => "recorded-nothing",
        (false, false) => "recorded",
    };
    output.say(outcome, &[("effective", effective.into()), ("key", receipt.key.clone().into())])?;
    recorded(run, output, ledger, &receipt).await?;
    notes(output, &receipt.notes)?;
    Ok(Exit::Ok)
}

/// The events of a receipt, a line each.
async fn recorded(
    run: &Run<'_>,
    output: &mut Output<'_>,
    ledger: &Ledger,
    receipt: &Receipt,
) -> Result<(), Failure> {
    let Some(first) = receipt.positions.first() else { return Ok(()) };
    let before = Position(first.0 - 1);
    let events: Vec<Explained> = ledger.log(&run.actor, before, receipt.positions.len()).await?;
    let teller = teller(ledger).await?;
    for Explained { recorded, .. } in &events {
        let sentence = teller.tell(output, recorded.stream, &recorded.event);
        let args = [
            ("position", recorded.position.to_string().into()),
            ("event", sentence.into()),
            ("stream", recorded.stream.to_string().into()),
            ("version", recorded.sequence.to_string().into()),
        ];
        output.say("recorded-event", &args)?;
    }
    Ok(())
}

async fn preview(
    run: &Run<'_>,
    output: &mut Output<'_>,
    ledger: &Ledger,
    request: &Request,
) -> Result<Exit, Failure> {
    let decided = ledger.preview(&run.actor, request).await?;
    let day = request.command.effective();
    let effective = day.to_string();
    let figures = restatements::foreseen(run, ledger, &decided, day).await?;
    if output.is_json() {
        let value = |(stream, event): &(StreamId, Event)| {
            let payload: serde_json::Value =
                serde_json::from_slice(&event.payload()).expect("a payload is JSON");
            json!({ "stream": stream.to_string(), "kind": event.kind().name, "payload": payload })
        };
        output.json(&json!({
            "dry_run": true,
            "effective": effective,
            "events": decided.events.iter().map(value).collect::<Vec<_>>(),
            "notes": decided.notes.iter().map(note_value).collect::<Vec<_>>(),
            "figures": figures
                .iter()
                .map(|(day, found)| restatements::value(*day, found))
                .collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Ok);
    }
    let outcome = if decided.events.is_empty() { "preview-nothing" } else { "preview" };
    output.say(outcome, &[("effective", effective.into())])?;
    let teller = teller(ledger).await?;
    for (stream, event) in &decided.events {
        let sentence = teller.tell(output, *stream, event);
        let args = [("event", sentence.into()), ("stream", stream.to_string().into())];
        output.say("preview-event", &args)?;
    }
    notes(output, &decided.notes)?;
    for (day, found) in figures.iter().filter(|(_, found)| !found.restated.is_empty()) {
        output.line("")?;
        output.say("preview-figures", &[("day", day.to_string().into())])?;
        restatements::told(output, found)?;
    }
    Ok(Exit::Ok)
}

async fn teller(ledger: &Ledger) -> Result<Teller, Failure> {
    let latest = ledger.at(None, KnownAt::Now, projections::DayRule::EndOfDay).await?;
    Ok(Teller { bodies: ledger.body_names(latest).await?, names: Names::none() })
}

fn notes(output: &mut Output<'_>, notes: &[Note]) -> Result<(), Failure> {
    for note in notes {
        let note = output.messages.coded("note", &note.code, &note.args);
        output.say("recorded-note", &[("note", note.into())])?;
    }
    Ok(())
}

/// A note for programs.
pub(super) fn note_value(note: &Note) -> serde_json::Value {
    let args = note.args.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    let args: serde_json::Map<String, serde_json::Value> = args.collect();
    json!({ "code": note.code, "args": args })
}

impl Run<'_> {
    /// What a new ledger is founded with.
    pub(super) fn founding(&self) -> Founding {
        Founding {
            preset: self.typed("preset").unwrap_or(PRESET_DEFAULT).to_owned(),
            zone: self.typed("zone").map_or_else(config::zone, ToOwned::to_owned),
        }
    }
}
