//! What the demo tells of a merger, of a split, of two letters and of a correction: each as its
//! timeline has it.

use std::collections::HashMap;

use events::{
    BranchEvent, Code, Date, Event, PersonId, Position, Recorded, ReorganisationEvent, StreamId,
    TransferEvent,
};
use projections::At;

use super::story::{SHORT, Story};
use crate::cli::Failure;
use crate::cli::output::Align;
use crate::ledger::KnownAt;

/// The events that are told, each with the words for it.
const TURNS: &[(&str, &str)] = &[
    ("ReorganisationPlanned", "demo-turn-planned"),
    ("BranchFormed", "demo-turn-formed"),
    ("BranchDissolved", "demo-turn-dissolved"),
    ("TransferIssued", "demo-turn-issued"),
    ("TransferExpired", "demo-turn-expired"),
    ("TransferReissued", "demo-turn-reissued"),
    ("TransferAccepted", "demo-turn-accepted"),
    ("TransferReturned", "demo-turn-returned"),
    ("MembershipEnded", "demo-turn-ended"),
    ("EventRedated", "demo-turn-corrected"),
];

/// The codes of branches and hosts, by id, each with its name.
type Bodies = HashMap<String, (String, String)>;

/// What a correction made of a count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Restated {
    /// The last position before the correction, and the correction's.
    pub(super) known: (Position, Position),
    /// A day of which something else is told since.
    pub(super) day: Date,
}

impl Story<'_, '_> {
    /// What happened to two branches and to three members; gives what the correction restated.
    pub(super) async fn once(&mut self, at: At) -> Result<Option<Restated>, Failure> {
        self.heading("demo-once", &[])?;
        self.item("demo-once-text", &[])?;
        self.output.line("")?;
        let bodies = self.ledger.body_names(at).await?;
        let mut rows = Vec::new();
        for code in [&self.plan.told.merged, &self.plan.told.split] {
            rows.extend(self.reorganised(at, &bodies, code).await?);
        }
        let told = &self.plan.told;
        let (corrected, branch) = (told.corrected.0, told.corrected.1.clone());
        let mut restated = None;
        for no in [told.reissued, told.returned, corrected] {
            let person = self.ids.person(no);
            let events = self.events(at, person.into()).await?;
            rows.extend(
                events.iter().filter_map(|event| self.turn(&bodies, &short(person), event)),
            );
            restated = restated.or_else(|| events.iter().find_map(restatement));
        }
        let heads = [
            ("head-effective", Align::Left),
            ("head-event", Align::Left),
            ("head-about", Align::Left),
        ];
        self.output.table(&heads, rows)?;
        if let Some(restated) = restated {
            self.restated(&branch, restated).await?;
        }
        Ok(restated)
    }

    /// The plan of a branch, and what became of it on the day on which it was executed.
    async fn reorganised(
        &self,
        at: At,
        bodies: &Bodies,
        code: &Code,
    ) -> Result<Vec<Vec<String>>, Failure> {
        let branch = self.ledger.branch_named(code.as_str()).await?;
        let events = self.events(at, branch.into()).await?;
        let is_from_others = |event: &Event| {
            matches!(event, Event::Branch(BranchEvent::Formed { formed_from, .. })
                if !formed_from.is_empty())
        };
        let formed = events.iter().find(|recorded| is_from_others(&recorded.event));
        let executed = formed.map(|recorded| recorded.event.effective());
        let of_plan = |recorded: &&Recorded| {
            matches!(recorded.event, Event::Reorganisation(_))
                || Some(recorded.event.effective()) == executed
        };
        let events = events.iter().filter(of_plan);
        Ok(events.filter_map(|event| self.turn(bodies, code.as_str(), event)).collect())
    }

    async fn events(&self, at: At, subject: StreamId) -> Result<Vec<Recorded>, Failure> {
        let history = self.ledger.timeline(&self.run.actor, at, subject).await?;
        Ok(history.events.into_iter().map(|explained| explained.recorded).collect())
    }

    /// A row of the table: when, what, and of whom.
    fn turn(&self, bodies: &Bodies, asked: &str, recorded: &Recorded) -> Option<Vec<String>> {
        let event = &recorded.event;
        let (_, key) = TURNS.iter().find(|(kind, _)| *kind == event.kind().name)?;
        let code = |id: String| bodies.get(&id).map(|(code, _)| code.clone());
        let (mut args, mut about) = (Vec::new(), asked.to_owned());
        match event {
            Event::Reorganisation(ReorganisationEvent::Planned { plan, .. }) => {
                let form = self.output.text(&format!("plan-{}", plan.form.code()), &[]);
                args.push(("form", form.into()));
            }
            Event::Branch(_) => about = code(recorded.stream.id.to_string())?,
            Event::Transfer(TransferEvent::Returned { reason, .. }) => {
                args.push(("reason", reason.to_string().into()));
            }
            Event::Transfer(change) => {
                let to = change.case().and_then(|case| case.to.branch());
                let to = to.and_then(|to| code(to.to_string())).unwrap_or_default();
                args.push(("to", to.into()));
            }
            Event::Ledger(_)
            | Event::Policy(_)
            | Event::Person(_)
            | Event::Membership(_)
            | Event::Post(_)
            | Event::Host(_)
            | Event::Relation(_)
            | Event::Reorganisation(_)
            | Event::Clock(_)
            | Event::Correction(_) => {}
        }
        Some(vec![event.effective().to_string(), self.output.text(key, &args), about])
    }

    /// How many members a branch had, as it was told before a correction and as it is told since.
    async fn restated(&mut self, branch: &Code, restated: Restated) -> Result<(), Failure> {
        let Restated { known: (before, since), day } = restated;
        let args = [("branch", branch.to_string().into()), ("day", day.to_string().into())];
        self.output.line("")?;
        self.item("demo-once-corrected", &args)?;
        for (key, known_at) in [("demo-once-before", before), ("demo-once-now", since)] {
            let (position, members) =
                self.members_of(branch, day, KnownAt::Position(known_at)).await?;
            let args = [("position", position.to_string().into()), ("members", members.into())];
            self.item(key, &args)?;
        }
        Ok(())
    }
}

/// What is told otherwise since a correction moved an event to another day.
fn restatement(recorded: &Recorded) -> Option<Restated> {
    let Event::Correction(correction) = &recorded.event else { return None };
    let day = correction.effective().yesterday().ok()?;
    let before = Position(recorded.position.0.saturating_sub(1));
    Some(Restated { known: (before, recorded.position), day })
}

/// As much of a person's id as tells them from others in one list.
pub(super) fn short(person: PersonId) -> String {
    format!("{}…", &person.to_string()[..SHORT])
}
