//! Questions and their answers. Each names a place on both axes, and an actor.

use std::collections::{BTreeMap, HashMap};

use events::{
    BranchId, CorrectionEvent, Date, Envelope, Event, FamilyName, Instant, PersonId, Position,
    Recorded, StreamId,
};
use projections::questions::{
    By, Flows, Headcount, LifeOf, LifeSpans, RosterEntry, Totals, TreeEntry, flows, headcount,
    life_spans, posts_held, roster, tree,
};
use projections::{
    At, BranchRow, Cell, Cut, DayRule, Filter, GoesBy, Period, branches, hosts, likenesses,
    memberships, posts, timeline,
};

use projections::summary::Counts;
use uuid::Uuid;

use super::{Error, Ledger};
use crate::actor::{Actor, Scope};
use crate::runner::decode;
use crate::store::StoreError;
use crate::vault::{Answer, Field, Personal, Reader};

/// K as people give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownAt {
    /// All that is recorded.
    Now,
    /// At a position.
    Position(Position),
    /// At an instant: the greatest position recorded by then.
    Instant(Instant),
}

/// An event with its envelope: who recorded it, when, on what paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Who, when and on what authority.
    pub envelope: Envelope,
    /// The fact.
    pub recorded: Recorded,
}

/// Which flows are asked for.
#[derive(Debug, Clone, Copy)]
pub struct FlowsAsked<'a> {
    /// The period.
    pub within: Period,
    /// How it is cut into parts.
    pub cut: Cut,
    /// Whether every branch is told too.
    pub by_branch: bool,
    /// The one branch that is told too, by code or id.
    pub branch: Option<&'a str>,
    /// K: as known at this position.
    pub known_at: Position,
}

/// One member's or branch's history.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Its events, in the order in which they hold.
    pub events: Vec<Explained>,
    /// Those of them that do not count as they stand, and why.
    pub corrected: HashMap<Position, Corrected>,
}

/// That an event does not count as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrected {
    /// The position of the correction.
    pub by: Position,
    /// What it did, as a code: `retracted`, `redated` or `replaced`.
    pub how: &'static str,
}

impl Ledger {
    /// The place on both axes that a question is answered for.
    ///
    /// K is brought to the end of a command, and to what the projections account for.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn at(
        &self,
        valid_on: Option<Date>,
        known_at: KnownAt,
        day_rule: DayRule,
    ) -> Result<At, Error> {
        let asked = match known_at {
            KnownAt::Now => Position(u64::MAX),
            KnownAt::Position(position) => position,
            KnownAt::Instant(instant) => self.store.position_at(instant).await?,
        };
        let known_at = self.end_of_command(asked.min(self.projected().await?)).await?;
        Ok(At { valid_on: valid_on.unwrap_or_else(|| self.today()), known_at, day_rule })
    }

    /// The last position up to this one that ends a command: an answer never shows half a command.
    async fn end_of_command(&self, position: Position) -> Result<Position, Error> {
        let mut position = position;
        loop {
            let records = self.store.events(&[position, position.next()]).await?;
            let events = decode(&records)?;
            match &events[..] {
                [last, next] if last.key == next.key => position = Position(position.0 - 1),
                _ => return Ok(position),
            }
        }
    }

    /// How many members has each branch?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn headcount(&self, actor: &Actor, at: At) -> Result<Vec<Headcount>, Error> {
        if let Some(kept) = self.kept_at(actor, at).await {
            return Ok(kept.index().headcount(at.valid_on, at.known_at));
        }
        let filter = within(actor, at);
        let branches = self.store.rows(branches::TABLE, &filter, &[]).await?;
        let summed = self.summed(actor, at).await?.and_then(|counts| counts.by_branch());
        let counts = match summed {
            Some(counts) => counts,
            None => self.store.count_by(memberships::TABLE, &filter, "branch").await?,
        };
        Ok(headcount(&branches, &counts))
    }

    /// Which branch is under which?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn tree(&self, actor: &Actor, at: At) -> Result<Vec<TreeEntry>, Error> {
        Ok(tree(&self.store.rows(branches::TABLE, &within(actor, at), &[]).await?))
    }

    /// How large is the whole body?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn totals(&self, actor: &Actor, at: At) -> Result<Totals, Error> {
        let filter = within(actor, at);
        let posts = self.store.rows(posts::TABLE, &filter, &[]).await?;
        let likenesses = self.store.rows(likenesses::TABLE, &filter, &[]).await?;
        let posts = posts_held(&posts, &GoesBy::of(&likenesses));
        if let Some(kept) = self.kept_at(actor, at).await {
            return Ok(Totals { posts, ..kept.index().totals(at.valid_on, at.known_at) });
        }
        let count_branches = self.store.count_ids(branches::TABLE, &filter, "branch");
        let counts = self.summed(actor, at).await?;
        let summed = counts.and_then(|counts| Some((counts.by_branch()?, counts.ages()?)));
        if let Some((homes, ages)) = summed {
            let branches = count_branches.await?;
            // A membership is at home at one branch at a time.
            let memberships = homes.iter().map(|(_, count)| count).sum();
            return Ok(Totals { branches, members: ages.values().sum(), memberships, posts });
        }
        let (branches, memberships, ages) = tokio::try_join!(
            count_branches,
            self.store.count_ids(memberships::TABLE, &filter, "membership"),
            self.store.ages(&filter),
        )?;
        Ok(Totals { branches, members: ages.values().sum(), memberships, posts })
    }

    /// The numbers of members, where a summary says them.
    pub(super) async fn summed(&self, actor: &Actor, at: At) -> Result<Option<Counts>, Error> {
        let Scope::Whole = actor.scope();
        let At { valid_on, known_at, day_rule: DayRule::EndOfDay } = at else { return Ok(None) };
        match self.store.summary(Some(valid_on), known_at).await {
            Ok(summary) => Ok(summary.map(|summary| summary.counts(valid_on, known_at))),
            Err(error @ StoreError::Corrupt { .. }) => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "members are counted without the summary");
                Ok(None)
            }
        }
    }

    /// Who belongs to which branch, and in which role? Of one branch, or of all.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a branch that is not there, or what keeps the store from answering.
    pub async fn roster(
        &self,
        actor: &Actor,
        at: At,
        branch: Option<&str>,
    ) -> Result<Vec<RosterEntry>, Error> {
        let only = match branch {
            Some(branch) => vec![of_branch(self.branch_known(branch, at.known_at).await?)],
            None => Vec::new(),
        };
        let filter = within(actor, at);
        let branches = self.store.rows(branches::TABLE, &filter, &only).await?;
        let memberships = self.store.rows(memberships::TABLE, &filter, &only).await?;
        let posts = self.store.rows(posts::TABLE, &filter, &only).await?;
        let likenesses = self.store.rows(likenesses::TABLE, &filter, &[]).await?;
        Ok(roster(&branches, &memberships, &posts, &GoesBy::of(&likenesses)))
    }

    /// The branch that somebody typed, if it was known at K: what was not is not there, whatever
    /// was recorded since. Of several that ever had the code, the one that has it at K.
    pub(super) async fn branch_known(
        &self,
        given: &str,
        known_at: Position,
    ) -> Result<BranchId, Error> {
        let known = Filter::Known(known_at);
        let mut other = None;
        for branch in self.branches_named(given).await? {
            let rows = self.store.rows(branches::TABLE, &known, &[of_branch(branch)]).await?;
            if rows.iter().any(|row| BranchRow::of(row).code == given) {
                return Ok(branch);
            }
            other = other.or_else(|| (!rows.is_empty()).then_some(branch));
        }
        other.ok_or_else(|| Error::NotFound { what: "branch", given: given.to_owned() })
    }

    /// How long do branches live? Those of one kind, or all that were formed by D.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn life_spans(
        &self,
        actor: &Actor,
        at: At,
        of: LifeOf,
        kind: Option<&str>,
    ) -> Result<LifeSpans, Error> {
        let branches = self.store.rows(branches::TABLE, &known(actor, at.known_at), &[]).await?;
        Ok(life_spans(&branches, at.valid_on, of, kind))
    }

    /// Who came, moved and went in each part of a period?
    ///
    /// # Errors
    /// [`Error::NotFound`] for a branch that is not there, or what keeps the store from answering.
    pub async fn flows(&self, actor: &Actor, asked: &FlowsAsked<'_>) -> Result<Vec<Flows>, Error> {
        let FlowsAsked { within: days, cut, by_branch, branch, known_at } = *asked;
        let by = match branch {
            Some(branch) => By::Only(self.branch_known(branch, known_at).await?.to_string()),
            None if by_branch => By::Branch,
            None => By::Body,
        };
        let branches = match by {
            By::Body => Vec::new(),
            By::Branch | By::Only(_) => {
                self.store.rows(branches::TABLE, &known(actor, known_at), &[]).await?
            }
        };
        let before = match days.day_before() {
            Some(valid_on) => {
                let at = At { valid_on, known_at, day_rule: DayRule::EndOfDay };
                self.store.count_by(memberships::TABLE, &within(actor, at), "branch").await?
            }
            None => Vec::new(),
        };
        let turning = match actor.scope() {
            Scope::Whole => Filter::Turning { known_at, within: days },
        };
        let turning = self.store.rows(memberships::TABLE, &turning, &[]).await?;
        Ok(flows(&days.cut(cut), &by, &branches, &before, &turning))
    }

    /// What happened to one member or branch, up to D and as known at K?
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing did, or what keeps the store from answering.
    pub async fn timeline(
        &self,
        actor: &Actor,
        at: At,
        subject: StreamId,
    ) -> Result<History, Error> {
        // What holds for good from some day on: the day rule makes no difference.
        let (ids, mut rows) = (self.subjects_of(actor, at, subject).await?, Vec::new());
        for id in &ids {
            let only = [("subject", Cell::Text(id.to_string()))];
            rows.extend(self.store.rows(timeline::TABLE, &within(actor, at), &only).await?);
        }
        if rows.is_empty() {
            let given = subject.to_string();
            return Err(Error::NotFound { what: subject.family.as_str(), given });
        }
        rows.sort_by_key(|row| (row.valid_from, row.opened_by));
        // What concerns two who are one person is told once.
        rows.dedup_by_key(|row| row.opened_by);
        let positions: Vec<Position> = rows.iter().map(|row| row.opened_by).collect();
        let events = self.explain(&positions).await?;
        let corrected = self.corrected(actor, at, &ids, &events).await?;
        Ok(History { events, corrected })
    }

    /// Which of the events under a subject's ids do not count as they stand, as known at K: a
    /// correction may be of a later day than D.
    async fn corrected(
        &self,
        actor: &Actor,
        at: At,
        ids: &[Uuid],
        events: &[Explained],
    ) -> Result<HashMap<Position, Corrected>, Error> {
        let mut positions = Vec::new();
        for id in ids {
            for kind in CorrectionEvent::KINDS {
                let text = |text: String| Cell::Text(text);
                let only =
                    [("subject", text(id.to_string())), ("kind", text(kind.name.to_owned()))];
                let known = known(actor, at.known_at);
                let rows = self.store.rows(timeline::TABLE, &known, &only).await?;
                positions.extend(rows.iter().map(|row| row.opened_by));
            }
        }
        positions.sort_unstable();
        positions.dedup();
        let mut marks: HashMap<(StreamId, u64), Corrected> = HashMap::new();
        for Explained { recorded, .. } in self.explain(&positions).await? {
            let Event::Correction(correction) = &recorded.event else { continue };
            let how = match correction {
                CorrectionEvent::Retracted { was, .. } => {
                    // What a retracted correction struck counts again.
                    if let Event::Correction(was) = was.event() {
                        marks.remove(&(recorded.stream, was.of()));
                    }
                    "retracted"
                }
                CorrectionEvent::Redated { .. } => "redated",
                CorrectionEvent::Replaced { .. } => "replaced",
            };
            let mark = Corrected { by: recorded.position, how };
            marks.insert((recorded.stream, correction.of()), mark);
        }
        let marked = events.iter().filter_map(|Explained { recorded, .. }| {
            let mark = marks.get(&(recorded.stream, recorded.sequence))?;
            Some((recorded.position, *mark))
        });
        Ok(marked.collect())
    }

    /// The ids under which a subject's history lies: those of all who are one person with it.
    async fn subjects_of(
        &self,
        actor: &Actor,
        at: At,
        subject: StreamId,
    ) -> Result<Vec<Uuid>, Error> {
        if subject.family != FamilyName::Person {
            return Ok(vec![subject.id]);
        }
        let same = self.same_person(actor, at, PersonId(subject.id)).await?;
        Ok(same.into_iter().map(|person| person.0).collect())
    }

    /// The codes and present names of all branches and hosts that there ever were, by id, for texts
    /// that name them.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn body_names(&self, at: At) -> Result<HashMap<String, (String, String)>, Error> {
        let known = Filter::Known(at.known_at);
        let branches = self.store.rows(branches::TABLE, &known, &[]).await?;
        let branches = branches.iter().map(projections::BranchRow::of);
        let hosts = self.store.rows(hosts::TABLE, &known, &[]).await?;
        let hosts = hosts.iter().map(projections::HostRow::of);
        let branches = branches.map(|row| (row.branch, row.code, row.name));
        let bodies = branches.chain(hosts.map(|row| (row.host, row.code, row.name)));
        let owned = |(id, code, name): (&str, &str, &str)| {
            (id.to_owned(), (code.to_owned(), name.to_owned()))
        };
        Ok(bodies.map(owned).collect())
    }

    /// The log: at most `limit` events after a position, with their envelopes.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn log(
        &self,
        _: &Actor,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Explained>, Error> {
        let records = self.store.log(after, limit).await?;
        records.iter().map(explained).collect()
    }

    async fn explain(&self, positions: &[Position]) -> Result<Vec<Explained>, Error> {
        self.store.events(positions).await?.iter().map(explained).collect()
    }

    /// What the vault knows of these people. The read is recorded, with its purpose, before it is
    /// answered.
    ///
    /// # Errors
    /// [`crate::vault::VaultError::NoPurpose`], or what keeps the vault from answering.
    pub fn people(
        &self,
        actor: &Actor,
        purpose: &str,
        persons: &[PersonId],
        fields: &[Field],
    ) -> Result<HashMap<PersonId, Answer>, Error> {
        let reader = Reader {
            actor: actor.id().to_owned(),
            purpose: purpose.to_owned(),
            at: self.nature.now(),
        };
        Ok(self.vault()?.read(&reader, persons, fields)?)
    }
}

/// What is shown for a person when names are asked for: the name, or else the handle.
#[must_use]
pub fn shown_name(answer: &Answer) -> Option<&Personal<String>> {
    match answer {
        Answer::Fields(fields) => {
            let fields: &BTreeMap<Field, Personal<String>> = fields;
            fields.get(&Field::Name).or_else(|| fields.get(&Field::Handle))
        }
        Answer::Erased => None,
    }
}

/// The rows that an actor may see. Rights will narrow it here.
pub(super) fn within(actor: &Actor, at: At) -> Filter {
    match actor.scope() {
        Scope::Whole => Filter::Holding(at),
    }
}

/// The rows that an actor may see, whatever their days.
pub(super) fn known(actor: &Actor, known_at: Position) -> Filter {
    match actor.scope() {
        Scope::Whole => Filter::Known(known_at),
    }
}

fn of_branch(branch: BranchId) -> (&'static str, Cell) {
    ("branch", Cell::Text(branch.to_string()))
}

fn explained(record: &events::Record) -> Result<Explained, Error> {
    let (envelope, recorded) = record.decode().map_err(|error| {
        Error::Store(StoreError::Corrupt {
            place: "the record".to_owned(),
            position: Some(record.position.0),
            source: Box::new(error),
        })
    })?;
    Ok(Explained { envelope, recorded })
}
