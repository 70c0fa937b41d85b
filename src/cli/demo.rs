//! `rollbook demo`: the first minute. A small invented register comes in, and one branch and one
//! member are looked at on three dates, and then at two times of knowing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use events::Date;
use jiff::civil::date;
use projections::questions::RosterEntry;
use projections::{At, DayRule};
use serde_json::json;

use super::names::Names;
use super::nature::DemoNature;
use super::output::Output;
use super::scratch::Scratch;
use super::told::Teller;
use super::{Exit, Failure, Run};
use crate::import::{Options, Report, import_facts};
use crate::ledger::{Founding, KnownAt, Ledger, Location, SOURCE_DEFAULT};
use crate::messages::Arg;

/// The register: every name in it is invented.
const FACTS: &str = include_str!("../../tests/data/small.jsonl");

/// The branch that is looked at.
const BRANCH: &str = "mill";

/// The branch that it was merged into, whose chair is the member who is looked at.
const SUCCESSOR: &str = "riverside";

/// The days on which they are looked at.
const DAYS: [Date; 3] = [date(2020, 6, 1), date(2021, 6, 1), date(2024, 6, 1)];

/// A day that a paper which turns up late is dated.
const LATE: Date = date(2024, 5, 15);

/// `rollbook demo`.
pub(super) async fn demo(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let scratch = Scratch::new(run, "rollbook-demo")?;
    let keep = run.typed("keep");
    let place = keep.map_or_else(|| scratch.path("demo.db"), |path| Path::new(path).to_owned());
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let nature = Arc::new(DemoNature::default());
    let ledger = Ledger::found(&Location::at(&place), &founding, nature).await?;
    let file = scratch.path("small.jsonl");
    std::fs::write(&file, FACTS)?;
    let options = Options { source: SOURCE_DEFAULT, dry_run: false };
    let report = import_facts(&ledger, &run.actor, &file, options, |_| {}).await?;
    if output.is_json() {
        output.json(&json!({ "ledger": ledger.id(), "facts": report.lines, "path": keep }))?;
        return Ok(Exit::Ok);
    }
    let mut story = Story { run, output, ledger: &ledger };
    story.register(&report)?;
    story.branch().await?;
    let chair = story.member().await?;
    story.late_paper(&chair).await?;
    story.next_steps(keep)?;
    Ok(Exit::Ok)
}

struct Story<'a, 'b> {
    run: &'a Run<'a>,
    output: &'a mut Output<'b>,
    ledger: &'a Ledger,
}

impl Story<'_, '_> {
    /// A heading, with room around it.
    fn heading(&mut self, key: &str, args: &[Arg<'_>]) -> Result<(), Failure> {
        self.output.line("")?;
        self.output.say(key, args)?;
        Ok(self.output.line("")?)
    }

    /// Lines of a story, set in a little.
    fn tell(&mut self, key: &str, args: &[Arg<'_>]) -> Result<(), Failure> {
        self.indented("   ", key, args)
    }

    /// A line of a list, set in further.
    fn item(&mut self, key: &str, args: &[Arg<'_>]) -> Result<(), Failure> {
        self.indented("     ", key, args)
    }

    fn indented(&mut self, indent: &str, key: &str, args: &[Arg<'_>]) -> Result<(), Failure> {
        for line in self.output.text(key, args).lines() {
            self.output.line(&format!("{indent}{line}"))?;
        }
        Ok(())
    }

    /// A register comes in; what was not simply recorded is told with its reason.
    fn register(&mut self, report: &Report) -> Result<(), Failure> {
        self.output.say("demo-welcome", &[])?;
        self.heading("demo-register", &[])?;
        let args = [
            ("lines", report.lines.into()),
            ("events", report.events.into()),
            ("odd", (report.rows.len() as u64).into()),
        ];
        self.tell("demo-register-text", &args)?;
        for row in &report.rows {
            let prefix = if row.outcome == "refused" { "refused" } else { "note" };
            let reason = self.output.messages.coded(prefix, &row.note.code, &row.note.args);
            let args = [
                ("line", row.line.to_string().into()),
                ("outcome", self.output.text(&format!("outcome-{}", row.outcome), &[]).into()),
                ("reason", reason.into()),
            ];
            self.item("demo-row", &args)?;
        }
        Ok(())
    }

    /// One branch on three dates, and what happened to it in between.
    async fn branch(&mut self) -> Result<(), Failure> {
        self.heading("demo-branch", &[("branch", BRANCH.into())])?;
        for day in DAYS {
            let at = self.at(day).await?;
            let tree = self.ledger.tree(&self.run.actor, at).await?;
            let day = ("day", day.to_string().into());
            let Some(entry) = tree.into_iter().find(|entry| entry.branch == BRANCH) else {
                self.item("demo-branch-gone", &[day])?;
                continue;
            };
            let members = self.members(BRANCH, at).await?;
            let parent = entry.parent.unwrap_or_default();
            let args = [
                day,
                ("name", entry.name.into()),
                ("parent", parent.into()),
                ("members", members.into()),
            ];
            self.item("demo-branch-day", &args)?;
        }
        let subject = self.ledger.branch_named(BRANCH).await?;
        let at = self.at(DAYS[2]).await?;
        let events = self.ledger.timeline(&self.run.actor, at, subject.into()).await?.events;
        let bodies = self.ledger.body_names(at).await?;
        let teller = Teller { bodies, names: Names::none() };
        self.tell("demo-why", &[])?;
        for event in events.iter().filter(|event| event.recorded.stream.id == subject.0) {
            let recorded = &event.recorded;
            let sentence = teller.tell(self.output, recorded.stream, &recorded.event);
            let paper = event.envelope.authority.clone().unwrap_or_default();
            let args = [
                ("day", recorded.event.effective().to_string().into()),
                ("event", sentence.into()),
                ("paper", if paper.is_empty() { "none".into() } else { paper.into() }),
            ];
            self.item("demo-event", &args)?;
        }
        Ok(())
    }

    /// One member on the same dates. The record does not know the name.
    async fn member(&mut self) -> Result<RosterEntry, Failure> {
        let at = self.at(DAYS[2]).await?;
        let roster = self.ledger.roster(&self.run.actor, at, Some(SUCCESSOR)).await?;
        let chair = roster.into_iter().find(|entry| entry.role == "chair");
        let chair = chair.expect("the invented branch has a chair");
        self.heading("demo-member", &[])?;
        self.tell("demo-member-text", &[("person", chair.person.clone().into())])?;
        for day in DAYS {
            let at = self.at(day).await?;
            let roster = self.ledger.roster(&self.run.actor, at, None).await?;
            for entry in roster.into_iter().filter(|entry| entry.person == chair.person) {
                let args = [
                    ("day", day.to_string().into()),
                    ("role", entry.role.into()),
                    ("branch", entry.branch.into()),
                    ("since", entry.since.to_string().into()),
                ];
                self.item("demo-member-day", &args)?;
            }
        }
        Ok(chair)
    }

    /// A paper turns up late: what was known before stays what was known before.
    async fn late_paper(&mut self, chair: &RosterEntry) -> Result<(), Failure> {
        let before = self.at(DAYS[2]).await?;
        let roster = self.ledger.roster(&self.run.actor, before, Some(SUCCESSOR)).await?;
        let other = roster.into_iter().find(|entry| entry.role == "member");
        let person = other.map_or_else(|| chair.person.clone(), |entry| entry.person);
        let fields = [("person", person.clone()), ("branch", SUCCESSOR.to_owned())];
        let fields = fields.into_iter().chain([("effective", LATE.to_string())]);
        let fields: BTreeMap<_, _> = fields.map(|(name, text)| (name.to_owned(), text)).collect();
        let request = self.ledger.interpret(&self.run.actor, "end-membership", fields).await?;
        self.ledger.execute(&self.run.actor, request).await?;
        let now = self.at(DAYS[2]).await?;
        self.heading("demo-late", &[])?;
        let args = [
            ("person", person.into()),
            ("branch", SUCCESSOR.into()),
            ("late", LATE.to_string().into()),
            ("day", DAYS[2].to_string().into()),
        ];
        self.tell("demo-late-text", &args)?;
        for (key, at) in [("demo-late-before", before), ("demo-late-now", now)] {
            let members = self.members(SUCCESSOR, at).await?;
            let position = at.known_at.to_string().into();
            self.item(key, &[("position", position), ("members", members.into())])?;
        }
        Ok(())
    }

    fn next_steps(&mut self, keep: Option<&str>) -> Result<(), Failure> {
        let args = [
            ("program", self.run.surroundings.program().into()),
            ("path", keep.unwrap_or("demo.db").to_owned().into()),
            ("day", DAYS[1].to_string().into()),
            ("branch", BRANCH.into()),
        ];
        if keep.is_some() {
            self.heading("demo-kept", &[])?;
        } else {
            self.heading("demo-gone", &[])?;
            self.tell("demo-keep", &args)?;
        }
        self.tell("demo-next", &args)
    }

    async fn at(&self, day: Date) -> Result<At, Failure> {
        Ok(self.ledger.at(Some(day), KnownAt::Now, DayRule::EndOfDay).await?)
    }

    async fn members(&self, branch: &str, at: At) -> Result<u64, Failure> {
        let counts = self.ledger.headcount(&self.run.actor, at).await?;
        let count = counts.into_iter().find(|count| count.branch == branch);
        Ok(count.map_or(0, |count| count.members))
    }
}
