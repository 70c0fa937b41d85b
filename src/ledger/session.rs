//! Several decisions in a row, each seeing the ones before it, recorded together.

use std::collections::HashMap;

use events::{Date, Event, Guard, Position, StreamId};

use super::{Error, Ledger, fresh_id};
use crate::actor::Actor;
use crate::commands::{AnyCommand, Decided, Refused, Setting};
use crate::state::Known;
use crate::store::{Batch, Frame, Progress, Receipt, StoreError};

/// Beyond this many subjects at hand a session looks afresh, to bound its memory.
const SUBJECTS_MAX: usize = 400_000;

/// The codes of the refusals that any command may meet, in order of precedence.
pub const COMMON_REFUSALS: &[&str] = &["approver_is_actor", "backdated_beyond_limit"];

/// Decisions that wait to be recorded together.
pub struct Session<'a> {
    ledger: &'a Ledger,
    known: Known,
    /// What this batch asserts: each guard at the position at which it was looked at.
    looked: HashMap<Guard, Position>,
    batch: Batch,
    foreseen: Vec<(StreamId, Event)>,
}

impl<'a> Session<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self {
            ledger,
            known: Known::new(ledger.id()),
            looked: HashMap::new(),
            batch: Batch::default(),
            foreseen: Vec::new(),
        }
    }

    /// How many commands wait to be recorded.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.batch.appends.len()
    }

    /// What is known so far.
    #[must_use]
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Looks at what the command needs, then decides it. Records nothing.
    ///
    /// # Errors
    /// The refusal, or what kept the store from answering.
    pub async fn decide(
        &mut self,
        actor: &Actor,
        approver: Option<&str>,
        command: &dyn AnyCommand,
    ) -> Result<Decided, Error> {
        loop {
            let mut guards = command.looks_at(&self.known);
            guards.push(Guard::Policy(self.ledger.id()));
            let mut new = false;
            for guard in guards {
                new |= !self.known.has_looked(&guard);
                self.look(guard).await?;
            }
            if !new {
                break;
            }
        }
        let today = self.ledger.today();
        self.check_dates(actor, approver, command.effective(), today)?;
        let nature = self.ledger.nature();
        let mut setting =
            Setting { actor, ledger: self.ledger.id(), today, fresh: &mut || fresh_id(nature) };
        Ok(command.decide(&self.known, &mut setting)?)
    }

    /// Looks at a guard: its position first, then what is behind it, so that whatever changes in
    /// between makes the append fail rather than the answer lie.
    ///
    /// # Errors
    /// What kept the store from answering.
    pub async fn look(&mut self, guard: Guard) -> Result<(), StoreError> {
        if !self.known.has_looked(&guard) {
            let look = self.ledger.store.look(&guard).await?;
            for stream in &look.streams {
                if !self.known.has_subject(*stream) {
                    let subject = self.ledger.aggregates.load(*stream).await?;
                    self.known.learn_subject(*stream, subject);
                }
            }
            self.known.learn_look(guard.clone(), look.position, look.streams);
        }
        if let Some(position) = self.known.looked_at(&guard) {
            self.looked.entry(guard).or_insert(position);
        }
        Ok(())
    }

    /// The envelope's frame for what this actor does, under the rules in force on a day.
    ///
    /// # Errors
    /// What kept the store from answering.
    pub async fn frame(&mut self, actor: &Actor, effective: Date) -> Result<Frame, StoreError> {
        self.look(Guard::Policy(self.ledger.id())).await?;
        Ok(Frame {
            actor: actor.id().to_owned(),
            post: actor.post().map(ToOwned::to_owned),
            policy: Some(self.known.policy(effective).version.to_string()),
            ..Frame::default()
        })
    }

    /// Takes a decision's events into account, so that the next decision sees them.
    pub fn foresee(&mut self, decided: &Decided) {
        for (stream, event) in &decided.events {
            self.known.foresee(*stream, event);
        }
    }

    /// Takes a decision in, to be recorded with the next commit.
    pub fn take(&mut self, key: String, body: Vec<u8>, frame: Frame, decided: Decided) {
        let known = &self.known;
        // What is known of a stream may include events of this very batch: they come before.
        let versions = |stream| known.version(stream);
        let append = self.ledger.appending((key, body, frame), decided.clone(), versions);
        self.foresee(&decided);
        self.foreseen.extend(decided.events);
        self.batch.appends.push(append);
    }

    /// Makes everything taken in durable, together with an import's progress.
    ///
    /// # Errors
    /// As [`crate::store::Store::append`]; nothing is recorded then, and the session looks afresh.
    pub async fn commit(&mut self, progress: Option<Progress>) -> Result<Vec<Receipt>, StoreError> {
        let mut batch = std::mem::take(&mut self.batch);
        batch.progress = progress;
        if let Some(first) = batch.appends.first_mut() {
            first.looked = self.looked.drain().collect();
        }
        let foreseen = std::mem::take(&mut self.foreseen);
        match self.ledger.aggregates.append(batch).await {
            Ok(receipts) => {
                let positions = receipts.iter().flat_map(|receipt| &receipt.positions);
                for ((stream, event), position) in foreseen.iter().zip(positions) {
                    self.known.settle(*stream, event, *position);
                }
                if self.known.len() > SUBJECTS_MAX {
                    self.known = Known::new(self.ledger.id());
                }
                Ok(receipts)
            }
            Err(error) => {
                self.known = Known::new(self.ledger.id());
                Err(error)
            }
        }
    }

    /// How far back a fact may be dated without a second person is the same for every command.
    fn check_dates(
        &self,
        actor: &Actor,
        approver: Option<&str>,
        effective: Date,
        today: Date,
    ) -> Result<(), Refused> {
        if approver == Some(actor.id()) {
            let args = vec![("approver", actor.id().to_owned())];
            return Err(Refused { code: COMMON_REFUSALS[0], args });
        }
        let rules = self.known.policy(effective).rules;
        let Some(days_max) = rules.dates.backdating_days_max else { return Ok(()) };
        let days = effective.until(today).map_or(0, |span| span.get_days());
        if approver.is_none() && i64::from(days) > i64::from(days_max) {
            let args =
                vec![("effective", effective.to_string()), ("days_max", days_max.to_string())];
            return Err(Refused { code: COMMON_REFUSALS[1], args });
        }
        Ok(())
    }
}
