//! The clock: what falls due, what of it is recorded, and the command that records it.

use events::{BranchId, ClockEvent, Code, Date, Guard, Position, StreamId};
use projections::questions::due::{Act, DueRows, acts};
use projections::questions::screening::subtree;
use projections::questions::{Due, Ruled, due};
use projections::{
    At, DayRule, FellDueRow, Filter, branches, coverings, employments, fell_due, hosts, likenesses,
    lost_contacts, membership_states, memberships, mobilities, posts, timeline, transfers,
    trial_extensions,
};
use serde::{Deserialize, Serialize};

use super::queries::within;
use super::{Error, KnownAt, Leave, Ledger, RACES_MAX, Request};
use crate::actor::{Actor, Scope};
use crate::commands::refusal::refusals;
use crate::commands::{self, AnyCommand, Decide, Decided, Field, Refused, Setting};
use crate::state::Known;
use crate::store::{Frame, StoreError};

/// How much of what fell due is recorded in one append.
const DUES_MAX: usize = 2_000;

/// Where events of the clock come from, as their envelopes say.
const SOURCE: &str = "clock";

/// Record what fell due, and perhaps that nothing else did up to a day.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AdvanceClock {
    /// The day up to which the clock is advanced.
    to: Date,
    /// The day on which it is; what fell due may lie far back.
    today: Date,
    /// What fell due and was not recorded when somebody looked.
    dues: Vec<FallsDue>,
    /// Whether this is all up to that day.
    complete: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct FallsDue {
    day: Date,
    subject: StreamId,
    due: Code,
    rule: Code,
    branch: BranchId,
}

refusals! {
    /// Why the clock is not advanced.
    ClockRefusal {
        /// The day lies ahead.
        BeyondToday("beyond_today") { to: Date, today: Date },
        /// The clock was advanced further already.
        ClockAhead("clock_ahead") { to: Date, advanced: Date },
    }
}

impl Decide for AdvanceClock {
    const NAME: &'static str = "clock";
    const FIELDS: &'static [Field] = &[];
    type Refusal = ClockRefusal;

    fn effective(&self) -> Date {
        self.today
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        vec![Guard::Clock(known.ledger())]
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, ClockRefusal> {
        let (to, today) = (self.to, setting.today);
        if to > today {
            return Err(ClockRefusal::BeyondToday { to, today });
        }
        let clock = known.clock();
        let advanced = clock.and_then(crate::state::Clock::advanced);
        if let Some(advanced) = advanced.filter(|advanced| *advanced > to) {
            return Err(ClockRefusal::ClockAhead { to, advanced });
        }
        let mut decided = Decided::default();
        let stream = StreamId::clock(setting.ledger);
        for FallsDue { day, subject, due, rule, branch } in self.dues.clone() {
            if !clock.is_some_and(|clock| clock.knows(subject, &due, day)) {
                let (effective, precision, branch) = (day, None, Some(branch));
                let fell_due =
                    ClockEvent::FellDue { effective, precision, subject, due, rule, branch };
                decided.push(stream, fell_due);
            }
        }
        if self.complete && advanced != Some(to) {
            decided.push(stream, ClockEvent::Advanced { effective: to, precision: None });
        }
        Ok(decided)
    }
}

/// One thing that is due, and whether the clock has recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEntry {
    /// What is due.
    pub due: Due,
    /// Whether it is recorded.
    pub recorded: bool,
}

/// What advancing the clock recorded, or would record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Advance {
    /// Up to which day it had been advanced before.
    pub from: Option<Date>,
    /// What fell due, in order.
    pub fell_due: Vec<Due>,
    /// What the rules did by themselves, in order.
    pub acted: Vec<Act>,
    /// What they could not do, and why.
    pub refused: Vec<(Act, Refused)>,
}

impl Ledger {
    /// What is due on D, or falls due within so many days after it: of a branch and those below it,
    /// or of the whole body.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a branch that is not there, or what keeps the store from answering.
    pub async fn due(
        &self,
        actor: &Actor,
        at: At,
        days: u32,
        branch: Option<&str>,
    ) -> Result<Vec<DueEntry>, Error> {
        let below = match branch {
            Some(branch) => {
                let root = self.branch_named(branch).await?;
                let rows = self.store.rows(branches::TABLE, &within(actor, at), &[]).await?;
                Some(subtree(&rows, root))
            }
            None => None,
        };
        let last = jiff::Span::new().try_days(days).and_then(|span| at.valid_on.checked_add(span));
        let last = last.unwrap_or(Date::MAX);
        let known = Filter::Known(at.known_at);
        let recorded = self.store.rows(fell_due::TABLE, &known, &[]).await?;
        let recorded: std::collections::HashSet<(String, String, Date)> = recorded
            .iter()
            .map(|row| (FellDueRow::of(row), row.valid_from))
            .map(|(row, day)| (row.subject.to_owned(), row.due.to_owned(), day))
            .collect();
        let (mut dues, _) = self.due_until(actor, at.known_at, last).await?;
        dues.retain(|due| due.day > at.valid_on || due.is_open_on(at.valid_on));
        if let Some(below) = below {
            dues.retain(|due| below.contains(&due.branch.to_string()));
        }
        let entry = |due: Due| {
            let key = (due.subject.id.to_string(), due.what.to_owned(), due.day);
            DueEntry { recorded: recorded.contains(&key), due }
        };
        Ok(dues.into_iter().map(entry).collect())
    }

    /// All that falls due up to a day, and what the rules do by themselves, as known at K.
    async fn due_until(
        &self,
        actor: &Actor,
        known_at: Position,
        until: Date,
    ) -> Result<(Vec<Due>, Vec<Act>), Error> {
        let Scope::Whole = actor.scope();
        let policies = self.policies(known_at).await?;
        let sets = policies.sets().map(|(from, until, rules)| Ruled { from, until, rules });
        let sets: Vec<Ruled<'_>> = sets.collect();
        let (store, known) = (&self.store, Filter::Known(known_at));
        let rows = DueRows {
            branches: &store.rows(branches::TABLE, &known, &[]).await?,
            memberships: &store.rows(memberships::TABLE, &known, &[]).await?,
            states: &store.rows(membership_states::TABLE, &known, &[]).await?,
            extensions: &store.rows(trial_extensions::TABLE, &known, &[]).await?,
            lost: &store.rows(lost_contacts::TABLE, &known, &[]).await?,
            mobilities: &store.rows(mobilities::TABLE, &known, &[]).await?,
            posts: &store.rows(posts::TABLE, &known, &[]).await?,
            hosts: &store.rows(hosts::TABLE, &known, &[]).await?,
            coverings: &store.rows(coverings::TABLE, &known, &[]).await?,
            employments: &store.rows(employments::TABLE, &known, &[]).await?,
            likenesses: &store.rows(likenesses::TABLE, &known, &[]).await?,
            timeline: &store.rows(timeline::TABLE, &known, &[]).await?,
            transfers: &store.rows(transfers::TABLE, &known, &[]).await?,
        };
        Ok((due(&rows, &sets, until), acts(rows.transfers, &sets, until)))
    }

    /// Advances the clock: records what fell due up to the end of a day and does what the rules do
    /// by themselves, in the order of the days, and then records that it did. What is recorded
    /// already is left out, so a second time, or one after a crash, records only what is missing.
    /// A preview records nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] for a day that lies ahead or behind the clock, [`Error::Conflict`] after
    /// several lost races, or what keeps the store from working.
    pub async fn advance_clock(
        &self,
        actor: &Actor,
        to: Date,
        preview: bool,
    ) -> Result<Advance, Error> {
        let mut told = Advance::default();
        let (mut races, mut tried): (u32, Vec<Act>) = (0, Vec::new());
        loop {
            let at = self.at(Some(to), KnownAt::Now, DayRule::EndOfDay).await?;
            let (dues, mut acts) = self.due_until(actor, at.known_at, to).await?;
            acts.retain(|act| !tried.contains(act));
            let act = acts.first().filter(|_| !preview).cloned();
            let mut session = self.session();
            session.look(Guard::Clock(self.id())).await?;
            session.look(Guard::Policy(self.id())).await?;
            let mut new = unrecorded(session.known(), dues);
            if told.fell_due.is_empty() && tried.is_empty() {
                told.from = session.known().clock().and_then(crate::state::Clock::advanced);
            }
            let count = portion(session.known(), &new, act.as_ref());
            let complete = count == new.len() && act.is_none();
            let dues = new[..count].iter().map(falls_due).collect();
            let command = AdvanceClock { to, today: self.today(), dues, complete };
            let decided = session.decide(actor, Leave::default(), &command).await?;
            if preview {
                return Ok(Advance { fell_due: new, acted: acts, ..told });
            }
            if !decided.events.is_empty() {
                let day = new.first().map_or(to, |due| due.day);
                let frame = session.frame(actor, day).await?;
                let frame = Frame { source: SOURCE.to_owned(), ..frame };
                session.take(self.fresh_id().to_string(), command.body(), frame, decided);
                match session.commit(None).await {
                    Ok(receipts) => {
                        for receipt in &receipts {
                            self.project(receipt).await?;
                        }
                        told.fell_due.extend(new.drain(..count));
                    }
                    Err(StoreError::Conflict(_)) if races < RACES_MAX => races += 1,
                    Err(StoreError::Conflict(_)) => return Err(Error::Conflict),
                    Err(error) => return Err(error.into()),
                }
                continue;
            }
            let Some(act) = act else { return Ok(told) };
            tried.push(act.clone());
            self.act(actor, act, &mut told).await?;
        }
    }

    /// Lets the rules do something by themselves. What another rule forbids stays undone, and is
    /// told: somebody has to see to it.
    async fn act(&self, actor: &Actor, act: Act, told: &mut Advance) -> Result<(), Error> {
        let info = commands::all().into_iter().find(|info| info.name == act.command);
        let info = info.expect("what the rules do by themselves are commands");
        let body = serde_json::json!({ "letter": act.letter, "effective": act.day.to_string() });
        let command = (info.parse)(body).expect("such a command takes a letter and a day");
        let (named, personal, key) = (None, None, None);
        let (authority, approver, reason, source) = (None, None, None, SOURCE);
        let request =
            Request { command, named, personal, key, authority, approver, reason, source };
        match self.execute(actor, request).await {
            Ok(_) => told.acted.push(act),
            Err(Error::Refused(refused)) => told.refused.push((act, refused)),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// What fell due and is not recorded.
fn unrecorded(known: &Known, mut dues: Vec<Due>) -> Vec<Due> {
    if let Some(clock) = known.clock() {
        dues.retain(|due| !clock.knows(due.subject, &code(due.what), due.day));
    }
    dues
}

/// How much of it can be recorded at once: under one rule set, and before the next act.
fn portion(known: &Known, new: &[Due], act: Option<&Act>) -> usize {
    let version = |due: &Due| known.policy(due.day).version;
    let first = new.first().map(version);
    let comes_first = |due: &Due| act.is_none_or(|act| due.day <= act.day);
    let alike = new.iter().take(DUES_MAX);
    alike.take_while(|due| Some(version(due)) == first && comes_first(due)).count()
}

fn falls_due(due: &Due) -> FallsDue {
    let (day, subject, branch) = (due.day, due.subject, due.branch);
    FallsDue { day, subject, due: code(due.what), rule: code(due.rule), branch }
}

fn code(text: &str) -> Code {
    Code::parse(text).expect("codes of what falls due are codes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Refusal;
    use crate::given::{code, *};

    /// Nothing but that north came under its strength on day 5.
    fn advance(to: Date) -> AdvanceClock {
        let due = FallsDue {
            day: day(5),
            subject: NORTH.into(),
            due: code("under_strength"),
            rule: code("coverage.members_min"),
            branch: NORTH,
        };
        AdvanceClock { to, today: day(31), dues: vec![due], complete: true }
    }

    #[test]
    fn what_fell_due_is_recorded_once_and_then_that_this_is_all() {
        let both = [under_strength(NORTH, 5), clock_advanced(20)];
        given([formed(NORTH, 1)]).when(advance(day(20))).then(both.clone());
        given([formed(NORTH, 1)]).and(both).when(advance(day(20))).then([]);
        given([formed(NORTH, 1), under_strength(NORTH, 5)])
            .when(advance(day(20)))
            .then([clock_advanced(20)]);
        let part = AdvanceClock { complete: false, ..advance(day(20)) };
        given([formed(NORTH, 1)]).when(part).then([under_strength(NORTH, 5)]);
    }

    #[test]
    fn what_falls_due_on_another_day_is_another_thing() {
        given([formed(NORTH, 1), under_strength(NORTH, 4), clock_advanced(19)])
            .when(advance(day(20)))
            .then([under_strength(NORTH, 5), clock_advanced(20)]);
    }

    #[test]
    fn nobody_knows_what_will_fall_due() {
        let (to, today) = (jiff::civil::date(2026, 2, 1), day(31));
        given([formed(NORTH, 1)])
            .when(advance(to))
            .then_refused(ClockRefusal::BeyondToday { to, today });
        given([formed(NORTH, 1)])
            .when(advance(today))
            .then([under_strength(NORTH, 5), clock_advanced(31)]);
    }

    #[test]
    fn the_clock_never_goes_back() {
        let (to, advanced) = (day(20), day(21));
        given([formed(NORTH, 1), clock_advanced(21)])
            .when(advance(to))
            .then_refused(ClockRefusal::ClockAhead { to, advanced });
    }

    #[test]
    fn every_refusal_of_the_clock_is_tried_here() {
        assert_eq!(ClockRefusal::CODES, ["beyond_today", "clock_ahead"]);
    }
}
