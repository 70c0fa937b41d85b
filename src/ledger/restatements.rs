//! What is told otherwise: between two positions, and once a command were recorded.

use std::collections::BTreeMap;

use events::{Date, Event, FamilyName, Position, Recorded, StreamId};
use projections::questions::{Figures, Restatements, restatements};
use projections::{
    At, Branches, Cell, DayRule, Filter, IntervalFold, MembershipRow, Memberships, Op, Place,
    Projection, Row, branches, memberships,
};

use super::queries::within;
use super::{Error, Explained, KnownAt, Ledger};
use crate::actor::Actor;
use crate::commands::Decided;
use crate::runner::decode;

/// How many events are read together.
const PAGE: usize = 1_000;

/// What was recorded between two positions about days up to one.
#[derive(Debug)]
pub struct Between {
    /// The first of them.
    pub events: Vec<Explained>,
    /// How many there are.
    pub total: u64,
}

impl Ledger {
    /// What is told otherwise of a day than it was told at an earlier position?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn restatements(
        &self,
        actor: &Actor,
        then: At,
        now: At,
    ) -> Result<Restatements, Error> {
        let (old, before) = self.figures(actor, then).await?;
        let (new, after) = self.figures(actor, now).await?;
        let then = Figures { branches: &old, counts: &before };
        Ok(restatements(then, Figures { branches: &new, counts: &after }))
    }

    async fn figures(&self, actor: &Actor, at: At) -> Result<(Vec<Row>, Vec<(Cell, u64)>), Error> {
        let filter = within(actor, at);
        let branches = self.store.rows(branches::TABLE, &filter, &[]).await?;
        let counts = self.store.count_by(memberships::TABLE, &filter, "branch").await?;
        Ok((branches, counts))
    }

    /// The events recorded after one position and up to another that are about a day or one before
    /// it, or correct something that was: at most `limit` of them, and how many there are.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn recorded_between(
        &self,
        actor: &Actor,
        (after, until): (Position, Position),
        day: Date,
        limit: usize,
    ) -> Result<Between, Error> {
        let mut between = Between { events: Vec::new(), total: 0 };
        let mut after = after;
        while after < until {
            let page = self.log(actor, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.recorded.position;
            for event in page {
                let recorded = &event.recorded;
                if recorded.position > until || first_day(&recorded.event) > day {
                    continue;
                }
                between.total += 1;
                if between.events.len() < limit {
                    between.events.push(event);
                }
            }
        }
        Ok(between)
    }

    /// What would be told otherwise of a day if a decision were recorded now: the subjects that it
    /// touches are folded with its events, by the folds that make the tables.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn foreseen(
        &self,
        actor: &Actor,
        decided: &Decided,
        valid_on: Date,
    ) -> Result<Restatements, Error> {
        let at = self.at(Some(valid_on), KnownAt::Now, DayRule::EndOfDay).await?;
        let (old, before) = self.figures(actor, at).await?;
        let known = self.touched(decided).await?;
        let mut world = known.clone();
        world.extend(self.next(decided, &known).await?);
        let holding = Filter::Holding(At { known_at: Position(u64::MAX), ..at });
        let homes = |events: &[Recorded]| folded(IntervalFold::<Memberships>::default(), events);
        let stood = |events: &[Recorded]| folded(IntervalFold::<Branches>::default(), events);
        let mut counts: BTreeMap<Cell, u64> = before.iter().cloned().collect();
        for row in homes(&known).iter().filter(|row| holding.passes(row)) {
            let count = counts.entry(branch(row)).or_default();
            *count = count.saturating_sub(1);
        }
        for row in homes(&world).iter().filter(|row| holding.passes(row)) {
            *counts.entry(branch(row)).or_default() += 1;
        }
        let touched = |row: &Row| decided.events.iter().any(|(stream, _)| is_about(row, *stream));
        let mut new: Vec<Row> = old.iter().filter(|row| !touched(row)).cloned().collect();
        new.extend(stood(&world).into_iter().filter(|row| holding.passes(row)));
        let counts: Vec<(Cell, u64)> = counts.into_iter().collect();
        let then = Figures { branches: &old, counts: &before };
        Ok(restatements(then, Figures { branches: &new, counts: &counts }))
    }

    /// What is recorded of the memberships and branches that a decision touches.
    async fn touched(&self, decided: &Decided) -> Result<Vec<Recorded>, Error> {
        let counted = |stream: &StreamId| {
            matches!(stream.family, FamilyName::Membership | FamilyName::Branch)
        };
        let streams = decided.events.iter().map(|(stream, _)| *stream).filter(counted);
        let streams: std::collections::BTreeSet<_> =
            streams.map(|stream| (stream.family.as_str(), stream.id, stream)).collect();
        let mut known = Vec::new();
        for (_, _, stream) in streams {
            known.extend(decode(&self.store.stream(stream).await?)?);
        }
        known.sort_by_key(|event| event.position);
        Ok(known)
    }

    /// The events of a decision as they would stand in the record.
    async fn next(&self, decided: &Decided, known: &[Recorded]) -> Result<Vec<Recorded>, Error> {
        let mut position = self.store.head().await?.position;
        let mut next: Vec<Recorded> = Vec::new();
        for (stream, event) in &decided.events {
            position = position.next();
            let before = known.iter().chain(&next).filter(|it| it.stream == *stream).count();
            next.push(Recorded {
                position,
                stream: *stream,
                sequence: before as u64 + 1,
                recorded_at: self.nature.now(),
                key: String::new(),
                version: event.kind().version,
                event: event.clone(),
            });
        }
        Ok(next)
    }
}

/// The rows that are known after these events of whole streams.
fn folded(mut projection: impl Projection, events: &[Recorded]) -> Vec<Row> {
    let mut rows: BTreeMap<Place, Row> = BTreeMap::new();
    for op in events.iter().flat_map(|event| projection.apply(event)) {
        match op {
            Op::Open(row) => _ = rows.insert(row.place(), row),
            Op::Close { known_from, opened_by, line, .. } => {
                _ = rows.remove(&(known_from, opened_by, line));
            }
        }
    }
    rows.into_values().collect()
}

/// The branch of a membership's row.
fn branch(row: &Row) -> Cell {
    Cell::Text(MembershipRow::of(row).branch.to_owned())
}

/// Whether a branch's row is about a stream.
fn is_about(row: &Row, stream: StreamId) -> bool {
    let branch = projections::BranchRow::of(row).branch;
    stream.family == FamilyName::Branch && branch == stream.id.to_string()
}

/// The first day about which an event says something.
fn first_day(event: &Event) -> Date {
    match event {
        Event::Correction(correction) => correction.effective().min(first_day(correction.was())),
        Event::Ledger(_)
        | Event::Policy(_)
        | Event::Person(_)
        | Event::Membership(_)
        | Event::Branch(_)
        | Event::Post(_)
        | Event::Host(_)
        | Event::Clock(_)
        | Event::Relation(_)
        | Event::Transfer(_)
        | Event::Reorganisation(_) => event.effective(),
    }
}
