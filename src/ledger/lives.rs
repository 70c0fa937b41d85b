//! Questions about the life of members: who asks for attention, who ought to transfer, who is who.

use std::collections::{BTreeSet, HashSet};

use events::PersonId;
use projections::questions::members::{by_state, in_doubt, mobile, out_of_contact, probation_due};
use projections::questions::{Duty, Homes, InState, Watched, Work, duties};
use projections::{
    At, BranchRow, Cell, LikenessRow, branches, coverings, employments, hosts, likenesses,
    lost_contacts, membership_states, memberships, mobilities, trial_extensions,
};
use serde::Serialize;

use super::queries::{known, within};
use super::{Error, Ledger};
use crate::actor::Actor;
use crate::vault::{Personal, Reader};

/// Why a member asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attention {
    /// Nobody knows where the member is.
    OutOfContact,
    /// The member is registered as away.
    Mobile,
    /// The time of trial may end.
    ProbationDue,
    /// The person may be the same as another one.
    InDoubt,
}

impl Attention {
    /// Every one with its code.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("out-of-contact", Self::OutOfContact),
        ("mobile", Self::Mobile),
        ("probation-due", Self::ProbationDue),
        ("in-doubt", Self::InDoubt),
    ];
}

/// A body or person that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// `branch` or `person`.
    pub what: &'static str,
    /// The id.
    pub id: String,
    /// A branch's code; absent for a person.
    pub code: Option<String>,
    /// What it is called now; absent for a person, whose name the vault tells.
    pub name: Option<String>,
    /// The name in which the text was found, where that is a former one.
    pub former_name: Option<String>,
}

impl Ledger {
    /// The members who ask for attention, the longest first.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn attention(
        &self,
        actor: &Actor,
        at: At,
        why: Attention,
    ) -> Result<Vec<Watched>, Error> {
        let (store, filter) = (self.store(), within(actor, at));
        let branches = store.rows(branches::TABLE, &filter, &[]).await?;
        let at_home = store.rows(memberships::TABLE, &filter, &[]).await?;
        let likenesses = store.rows(likenesses::TABLE, &filter, &[]).await?;
        let homes = Homes::of(&branches, &at_home, &likenesses);
        Ok(match why {
            Attention::OutOfContact => {
                out_of_contact(&homes, &store.rows(lost_contacts::TABLE, &filter, &[]).await?)
            }
            Attention::Mobile => {
                mobile(&homes, &store.rows(mobilities::TABLE, &filter, &[]).await?)
            }
            Attention::ProbationDue => {
                let states = store.rows(membership_states::TABLE, &filter, &[]).await?;
                let extensions = store.rows(trial_extensions::TABLE, &filter, &[]).await?;
                let Some(rules) = self.rules_at(at).await? else { return Ok(Vec::new()) };
                probation_due(&homes, (&states, &extensions), &rules.life, at.valid_on)
            }
            Attention::InDoubt => in_doubt(&homes, &likenesses),
        })
    }

    /// How many memberships there are in each state.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn by_state(&self, actor: &Actor, at: At) -> Result<Vec<InState>, Error> {
        let (table, filter) = (membership_states::TABLE, within(actor, at));
        let counts = self.store().count_by(table, &filter, "state").await?;
        let rules = self.rules_at(at).await?;
        Ok(rules.map_or_else(Vec::new, |rules| by_state(&counts, &rules.life.state_admitted)))
    }

    /// The members who ought to transfer, those due longest first.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn duties(&self, actor: &Actor, at: At) -> Result<Vec<Duty>, Error> {
        let (store, filter) = (self.store(), within(actor, at));
        let work = Work {
            branches: &store.rows(branches::TABLE, &filter, &[]).await?,
            hosts: &store.rows(hosts::TABLE, &filter, &[]).await?,
            coverings: &store.rows(coverings::TABLE, &filter, &[]).await?,
            memberships: &store.rows(memberships::TABLE, &filter, &[]).await?,
            employments: &store.rows(employments::TABLE, &known(actor, at.known_at), &[]).await?,
            likenesses: &store.rows(likenesses::TABLE, &filter, &[]).await?,
        };
        let Some(rules) = self.rules_at(at).await? else { return Ok(Vec::new()) };
        Ok(duties(&work, &rules.transfer, at.valid_on))
    }

    /// The persons who are one with a person at (D, K); it is the first, and the one by whose id
    /// they go is the last.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn same_person(
        &self,
        actor: &Actor,
        at: At,
        person: PersonId,
    ) -> Result<Vec<PersonId>, Error> {
        let (filter, own) = (within(actor, at), person.to_string());
        let (mut same, mut waiting) = (BTreeSet::from([own.clone()]), vec![own.clone()]);
        let mut merged: HashSet<String> = HashSet::new();
        // From one to the next: there may be many others in the table.
        while let Some(next) = waiting.pop() {
            for column in ["person", "other"] {
                let only = [(column, Cell::Text(next.clone()))];
                let rows = self.store().rows(likenesses::TABLE, &filter, &only).await?;
                for row in rows.iter().map(LikenessRow::of).filter(LikenessRow::is_merged) {
                    merged.insert(row.person.to_owned());
                    let beside = if column == "person" { row.other } else { row.person };
                    if same.insert(beside.to_owned()) {
                        waiting.push(beside.to_owned());
                    }
                }
            }
        }
        let last = same.iter().find(|id| !merged.contains(*id));
        let between = same.iter().filter(|id| **id != own && Some(*id) != last);
        let last = last.filter(|last| **last != own);
        let told = [&own].into_iter().chain(between).chain(last);
        Ok(told.filter_map(|id| id.parse().ok()).collect())
    }

    /// Branches by id, code, name or former name: what was ever known of them at K.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn search_branches(
        &self,
        actor: &Actor,
        at: At,
        text: &str,
    ) -> Result<Vec<Hit>, Error> {
        let rows = self.store().rows(branches::TABLE, &known(actor, at.known_at), &[]).await?;
        let wanted = text.to_lowercase();
        let mut hits: Vec<Hit> = Vec::new();
        let mut latest = rows.iter().collect::<Vec<_>>();
        latest.sort_by_key(|row| std::cmp::Reverse(row.in_time()));
        for row in latest.into_iter().map(BranchRow::of) {
            let named = row.name.to_lowercase().contains(&wanted);
            let meant = row.branch == text || row.code.to_lowercase() == wanted || named;
            let known = hits.iter().position(|hit| hit.id == row.branch);
            match known {
                // Its latest name is told already; here the text is in an earlier one.
                Some(index) if named => {
                    let hit = &mut hits[index];
                    let is_former = hit.name.as_deref() != Some(row.name);
                    if is_former && hit.former_name.is_none() {
                        hit.former_name = Some(row.name.to_owned());
                    }
                }
                Some(_) => {}
                None if meant => {
                    let last = rows.iter().filter(|other| other.cells[0].text() == row.branch);
                    let last = last.max_by_key(|row| (row.valid_from, row.opened_by));
                    let name = last.map(|last| BranchRow::of(last).name.to_owned());
                    let former = named && name.as_deref() != Some(row.name);
                    hits.push(Hit {
                        what: "branch",
                        id: row.branch.to_owned(),
                        code: Some(row.code.to_owned()),
                        name,
                        former_name: former.then(|| row.name.to_owned()),
                    });
                }
                None => {}
            }
        }
        hits.sort_by(|one, other| one.code.cmp(&other.code));
        Ok(hits)
    }

    /// Persons by id, handle, name or former name. Names are decrypted in memory and nowhere else;
    /// the search is recorded with its purpose before, and whom it found too.
    ///
    /// # Errors
    /// What keeps the vault from answering.
    pub fn search_persons(
        &self,
        actor: &Actor,
        purpose: &str,
        text: &str,
    ) -> Result<Vec<PersonId>, Error> {
        let reader = Reader {
            actor: actor.id().to_owned(),
            purpose: purpose.to_owned(),
            at: self.nature.now(),
        };
        let vault = self.vault()?;
        let by_handle = vault.resolve(&reader, super::SOURCE_DEFAULT, text)?;
        let mut found = vault.search(&reader, text)?;
        found.extend(by_handle.into_iter().chain(text.parse().ok()));
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Gives a person another name in the vault. No event tells of it.
    ///
    /// # Errors
    /// What keeps the vault from being written.
    pub fn rename_person(&self, person: PersonId, name: &Personal<String>) -> Result<(), Error> {
        Ok(self.vault()?.rename(person, name)?)
    }
}
