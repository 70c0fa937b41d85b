//! Rounds of screening: every relation of a subtree is gone through, and the round is recorded.

use std::collections::BTreeMap;

use events::clock::FindingCount;
use events::{BranchId, ClockEvent, Code, Date, Guard, StreamId};
use projections::questions::screening::{FINDINGS, ScreeningRows};
use projections::questions::{Screened, screening};
use projections::{
    At, DayRule, Filter, Row, ScreeningRow, branches, coverings, employments, hosts, memberships,
    posts, relations, screenings, transfers,
};
use serde::{Deserialize, Serialize};

use super::clock::ClockRefusal;
use super::queries::within;
use super::{Error, KnownAt, Ledger, Request};
use crate::actor::{Actor, Scope};
use crate::commands::{Decide, Decided, Field, Setting};
use crate::state::{Known, Screening};

/// Record a round of screening.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HoldScreening {
    root: BranchId,
    effective: Date,
    branches: u32,
    members: u32,
    findings: Vec<FindingCount>,
}

impl Decide for HoldScreening {
    const NAME: &'static str = "screening";
    const FIELDS: &'static [Field] = &[];
    type Refusal = ClockRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        vec![Guard::Clock(known.ledger())]
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, ClockRefusal> {
        let Self { root, effective, branches, members, findings } = self.clone();
        let (day, precision) = (effective, None);
        let held = Screening { day, branches, members, findings: findings.clone() };
        if known.clock().and_then(|clock| clock.screening(root)) == Some(&held) {
            return Ok(Decided::already_so());
        }
        let mut decided = Decided::default();
        let event =
            ClockEvent::ScreeningHeld { effective, precision, root, branches, members, findings };
        decided.push(StreamId::clock(setting.ledger), event);
        Ok(decided)
    }
}

/// A round that was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Round {
    /// For which day.
    pub day: Date,
    /// The id of the branch at the top.
    pub root: String,
    /// How many branches were gone through.
    pub branches: u64,
    /// How many members are at home in them.
    pub members: u64,
    /// What was found, and how often.
    pub findings: BTreeMap<String, u64>,
}

impl Ledger {
    /// Holds a round of screening below a branch, as of today, and records it. A preview records
    /// nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a branch that is not there, or what keeps the store from working.
    pub async fn screen(
        &self,
        actor: &Actor,
        root: &str,
        preview: bool,
    ) -> Result<(At, Screened), Error> {
        let at = self.at(None, KnownAt::Now, DayRule::EndOfDay).await?;
        let branch = self.branch_named(root).await?;
        let filter = within(actor, at);
        let only = [("branch", projections::table::cell(branch))];
        if self.store.rows(branches::TABLE, &filter, &only).await?.is_empty() {
            return Err(Error::NotFound { what: "branch", given: root.to_owned() });
        }
        let store = &self.store;
        let rows = ScreeningRows {
            branches: &store.rows(branches::TABLE, &filter, &[]).await?,
            memberships: &store.rows(memberships::TABLE, &filter, &[]).await?,
            posts: &store.rows(posts::TABLE, &filter, &[]).await?,
            hosts: &store.rows(hosts::TABLE, &filter, &[]).await?,
            coverings: &store.rows(coverings::TABLE, &filter, &[]).await?,
            employments: &store.rows(employments::TABLE, &filter, &[]).await?,
            relations: &store.rows(relations::TABLE, &filter, &[]).await?,
            transfers: &store.rows(transfers::TABLE, &filter, &[]).await?,
        };
        let screened = screening(&rows, branch, at.valid_on);
        if !preview {
            let command = HoldScreening {
                root: branch,
                effective: at.valid_on,
                branches: screened.branches,
                members: screened.members,
                findings: counts(&screened),
            };
            self.execute(actor, Request { source: "screening", ..Request::new(command) }).await?;
        }
        Ok((at, screened))
    }

    /// The rounds that were held by D, as known at K; the latest first.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn screenings(&self, actor: &Actor, at: At) -> Result<Vec<Round>, Error> {
        let Scope::Whole = actor.scope();
        let known = Filter::Known(at.known_at);
        let mut rows = self.store.rows(screenings::TABLE, &known, &[]).await?;
        rows.retain(|row| row.valid_from <= at.valid_on);
        rows.sort_by_key(|row| (row.valid_from, row.opened_by, row.line));
        let rounds = rows.chunk_by(|one, next| one.opened_by == next.opened_by).map(round);
        let mut rounds: Vec<Round> = rounds.collect();
        rounds.reverse();
        Ok(rounds)
    }
}

fn round(rows: &[Row]) -> Round {
    let first = ScreeningRow::of(&rows[0]);
    let found = rows.iter().filter_map(|row| ScreeningRow::of(row).finding);
    Round {
        day: rows[0].valid_from,
        root: first.root.to_owned(),
        branches: first.branches,
        members: first.members,
        findings: found.map(|(finding, count)| (finding.to_owned(), count)).collect(),
    }
}

/// How often each thing was found.
fn counts(screened: &Screened) -> Vec<FindingCount> {
    let count = |code: &&str| {
        let found = screened.findings.iter().filter(|it| it.finding == *code).count();
        let finding = Code::parse(code).expect("codes of findings are codes");
        FindingCount { finding, count: u32::try_from(found).unwrap_or(u32::MAX) }
    };
    FINDINGS.iter().map(count).filter(|it| it.count > 0).collect()
}
