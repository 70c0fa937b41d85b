//! What happened: to one member, branch or host, or at all.

use events::{Date, Position, StreamId};

use super::names::Names;
use super::output::{Align, Output};
use super::place::Place;
use super::told::{Teller, person_of};
use super::{Exit, Failure, NOTHING, Run};
use crate::ledger::{Corrected, Explained, History, Identity, KnownAt, Ledger, Mode};

/// How many events of the log are read together.
const PAGE: usize = 1_000;

/// How many events the log shows when nobody says how many.
const LIMIT_DEFAULT: u64 = 50;

/// `rollbook timeline`.
pub(super) async fn timeline(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let asked = run.names_asked()?;
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let subject = run.subject(&ledger).await?;
    let History { events, corrected } = ledger.timeline(&run.actor, place.at, subject).await?;
    let mark = |event: &Explained| corrected.get(&event.recorded.position);
    let teller = teller(run, &ledger, asked, &events).await?;
    if output.is_json() {
        let told = events.iter().map(|event| teller.value(event).corrected(mark(event)));
        output.json_list(&told.collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if events.is_empty() {
        output.remark("empty-timeline", &[]);
        return Ok(Exit::Ok);
    }
    let heads = [
        ("head-effective", Align::Left),
        ("head-event", Align::Left),
        ("head-paper", Align::Left),
        ("head-actor", Align::Left),
        ("head-recorded", Align::Left),
        ("head-position", Align::Right),
    ];
    let row = |explained: &Explained| {
        let recorded = &explained.recorded;
        vec![
            recorded.event.effective().to_string(),
            sentence(output, &teller, explained, mark(explained)),
            explained.envelope.authority.clone().unwrap_or_default(),
            explained.envelope.actor.clone(),
            format!("{:.0}", recorded.recorded_at),
            recorded.position.to_string(),
        ]
    };
    let rows = events.iter().map(row).collect();
    output.table(&heads, rows)?;
    output.remark("definition-timeline", &[]);
    Ok(Exit::Ok)
}

/// What an event says; and where it does not count as it stands, which correction says so.
fn sentence(
    output: &Output<'_>,
    teller: &Teller,
    explained: &Explained,
    mark: Option<&Corrected>,
) -> String {
    let told = teller.tell(output, explained.recorded.stream, &explained.recorded.event);
    let Some(Corrected { by, how }) = mark else { return told };
    let args = [("event", told.into()), ("position", by.to_string().into())];
    let key = match *how {
        "redated" => "struck-redated",
        "replaced" => "struck-replaced",
        _ => "struck-retracted",
    };
    output.text(key, &args)
}

/// `rollbook log`.
pub(super) async fn log(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let (events, more) = logged(run, &ledger, &place).await?;
    let teller = teller(run, &ledger, None, &events).await?;
    if output.is_json() {
        output.json_list(&events.iter().map(|event| teller.value(event)).collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    if events.is_empty() {
        output.remark("empty-log", &[]);
        return Ok(Exit::Ok);
    }
    let heads = [
        ("head-position", Align::Right),
        ("head-recorded", Align::Left),
        ("head-effective", Align::Left),
        ("head-event", Align::Left),
        ("head-source", Align::Left),
    ];
    let row = |explained: &Explained| {
        let recorded = &explained.recorded;
        vec![
            recorded.position.to_string(),
            format!("{:.0}", recorded.recorded_at),
            recorded.event.effective().to_string(),
            teller.tell(output, recorded.stream, &recorded.event),
            explained.envelope.source.clone(),
        ]
    };
    let rows = events.iter().map(row).collect();
    output.table(&heads, rows)?;
    if more && let Some(last) = events.last() {
        output.remark("log-more", &[("position", last.recorded.position.to_string().into())]);
    }
    Ok(Exit::Ok)
}

/// The events asked for, and whether there are more.
async fn logged(
    run: &Run<'_>,
    ledger: &Ledger,
    place: &Place,
) -> Result<(Vec<Explained>, bool), Failure> {
    let number = |name| run.matches.get_one::<u64>(name).copied();
    let limit = number("limit").unwrap_or(LIMIT_DEFAULT);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut after = Position(number("after").unwrap_or(0));
    let until: Option<Date> = place.dated.then_some(place.at.valid_on);
    let mut found: Vec<Explained> = Vec::new();
    while found.len() <= limit && after < place.at.known_at {
        let page = ledger.log(&run.actor, after, PAGE.min(limit.saturating_add(1))).await?;
        let Some(last) = page.last() else { break };
        after = last.recorded.position;
        found.extend(page.into_iter().filter(|event| {
            let recorded = &event.recorded;
            recorded.position <= place.at.known_at
                && until.is_none_or(|until| recorded.event.effective() <= until)
        }));
    }
    let more = found.len() > limit;
    found.truncate(limit);
    Ok((found, more))
}

/// What sentences about these events need.
pub(super) async fn teller(
    run: &Run<'_>,
    ledger: &Ledger,
    asked: Option<&str>,
    events: &[Explained],
) -> Result<Teller, Failure> {
    let persons =
        events.iter().filter_map(|event| person_of(event.recorded.stream, &event.recorded.event));
    let names = Names::read(run, ledger, asked, persons)?;
    let latest = ledger.at(None, KnownAt::Now, projections::DayRule::EndOfDay).await?;
    Ok(Teller { bodies: ledger.body_names(latest).await?, names })
}

impl Run<'_> {
    /// The member, branch or host whose timeline is asked for.
    async fn subject(&self, ledger: &Ledger) -> Result<StreamId, Failure> {
        if let Some(branch) = self.typed("branch") {
            return Ok(ledger.branch_named(branch).await?.into());
        }
        if let Some(host) = self.typed("host") {
            return Ok(ledger.host_named(host).await?.into());
        }
        let person = self.typed("person").unwrap_or_default();
        let purpose = self.typed("purpose").filter(|purpose| !purpose.trim().is_empty());
        let by_handle = matches!(Identity::parse(person), Identity::Handle { .. });
        if by_handle && purpose.is_none() {
            return Err(Failure::usage("handle_without_purpose", NOTHING));
        }
        Ok(ledger.person_named(&self.actor, purpose.unwrap_or_default(), person)?.into())
    }
}
