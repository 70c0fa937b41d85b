//! Records the demo's plan: every wish is decided as an ordinary command, and what was decided
//! becomes durable in batches, as an import's facts do.

use std::collections::BTreeMap;

use events::{Position, Quoted};
use jiff::civil::Date;

use crate::actor::Actor;
use crate::cli::Failure;
use crate::cli::nature::DemoNature;
use crate::commands::Decided;
use crate::commands::correct_events::Target;
use crate::demo::{Act, Ids, PersonNo, Plan, Step, What, command, date, handle, of_person};
use crate::ledger::{Error, Leave, Ledger, SOURCE_DEFAULT, Session};
use crate::store::Frame;
use crate::vault::{Field, KnownAs, NewPerson, Personal};

/// How many commands become durable together.
const BATCH_COMMANDS: usize = 1_000;

/// Beyond so many days back the rules ask for a second person.
const ALONE_DAYS_MAX: i32 = 365;

/// Why what is older is recorded all the same.
const REASON: &str = "taken_over_from_paper";

/// Records a plan in a ledger that was just founded; `progress` hears how many wishes are durable.
/// The clock moves along with the story.
pub(super) async fn build(
    ledger: &Ledger,
    actor: &Actor,
    nature: &DemoNature,
    plan: &Plan,
    mut progress: impl FnMut(usize) + Send,
) -> Result<Ids, Failure> {
    let session = ledger.session();
    let ids = Ids::of(plan);
    let (newcomers, mistakes, papers) = (Vec::new(), Vec::new(), Papers::default());
    let mut office = Office { ledger, actor, session, ids, newcomers, mistakes, papers };
    let mut friday = None;
    for (number, step) in plan.steps.iter().enumerate() {
        let day = crate::demo::recorded_on(step.heard);
        if friday != Some(day) {
            office.commit().await?;
            progress(number);
            nature.move_to(date(day));
            friday = Some(day);
        }
        office.record(number, step, day, plan.approver).await?;
        if office.session.waiting() >= BATCH_COMMANDS {
            office.commit().await?;
            progress(number);
        }
    }
    office.commit().await?;
    progress(plan.steps.len());
    ledger.catch_up().await?;
    Ok(office.ids)
}

/// Whoever records.
struct Office<'a> {
    ledger: &'a Ledger,
    actor: &'a Actor,
    session: Session<'a>,
    ids: Ids,
    /// People met in this batch: the vault learns of them before the ledger does.
    newcomers: Vec<NewPerson>,
    /// What is recorded wrongly in this batch, each with the number of its command there.
    mistakes: Vec<(usize, PersonNo, Target)>,
    papers: Papers,
}

impl Office<'_> {
    async fn record(
        &mut self,
        number: usize,
        step: &Step,
        day: i32,
        approver: PersonNo,
    ) -> Result<(), Failure> {
        if let What::Person(no, Act::Register(born)) = step.what {
            self.meet(no, born);
        }
        let old = day - step.effective > ALONE_DAYS_MAX;
        let approver = (old || step.what.is_approval()).then(|| self.ids.person(approver));
        let reason = old.then_some(REASON);
        let command = command(step, &self.ids);
        let leave = Leave { approver, reason };
        let decided = self.session.decide(self.actor, leave, &*command).await?;
        if let Some((stream, _)) = decided.events.first() {
            self.ids.learn(&step.what, *stream);
        }
        if let Some(no) = self.ids.corrected(&step.what) {
            self.mistake(no, &decided);
        }
        let frame = Frame {
            approver: approver.map(|person| person.to_string()),
            authority: Some(self.papers.number(date(step.heard.max(-1)))),
            reason: reason.map(ToOwned::to_owned),
            source: "demo".to_owned(),
            ..self.session.frame(self.actor, command.effective()).await.map_err(Error::from)?
        };
        self.session.take(format!("demo:{number}"), command.body(), frame, decided);
        Ok(())
    }

    fn meet(&mut self, no: PersonNo, born: u16) {
        let person = self.ledger.fresh_person();
        self.ids.meet(no, person);
        let fields = [(Field::Name, of_person(no.0)), (Field::BirthYear, born.to_string())];
        let fields = fields.map(|(field, text)| (field, Personal::new(text)));
        self.newcomers.push(NewPerson {
            person,
            known_as: Some(KnownAs {
                source: SOURCE_DEFAULT.to_owned(),
                handle: Personal::new(handle(no.0)),
            }),
            fields: BTreeMap::from(fields),
        });
    }

    /// Keeps where an event will stand that is corrected later.
    fn mistake(&mut self, no: PersonNo, decided: &Decided) {
        let Some((stream, event)) = decided.events.first() else { return };
        let sequence = self.session.known().version(*stream) + 1;
        let (position, event) = (Position(0), Quoted::new(event.clone()));
        let target = Target { position, stream: stream.to_string(), sequence, event };
        self.mistakes.push((self.session.waiting(), no, target));
    }

    async fn commit(&mut self) -> Result<(), Failure> {
        if self.session.waiting() == 0 {
            return Ok(());
        }
        if !self.newcomers.is_empty() {
            self.ledger.vault()?.put(&self.newcomers).map_err(Error::from)?;
            self.newcomers.clear();
        }
        let receipts = self.session.commit(None).await.map_err(Error::from)?;
        for (number, no, target) in self.mistakes.drain(..) {
            if let Some(position) = receipts[number].positions.first() {
                self.ids.stands(no, Target { position: *position, ..target });
            }
        }
        Ok(())
    }
}

/// The numbers of the papers on which facts rest: anew each year.
#[derive(Debug, Default)]
struct Papers {
    year: i16,
    last: u32,
}

impl Papers {
    fn number(&mut self, heard: Date) -> String {
        if self.year != heard.year() {
            (self.year, self.last) = (heard.year(), 0);
        }
        self.last += 1;
        format!("{}/{}", self.year, self.last)
    }
}
