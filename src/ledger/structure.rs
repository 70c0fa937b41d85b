//! Questions about branches and posts: how they stand, and what falls due.

use projections::questions::{
    KeyPostEntry, PostEntry, Standing, StandingEntry, holders, key_posts, standing,
};
use projections::{
    At, GoesBy, acting, branches, employments, hosts, likenesses, membership_states, memberships,
    posts, timeline,
};

use super::queries::{known, within};
use super::{Error, Ledger};
use crate::actor::Actor;

impl Ledger {
    /// Who holds which post, until when, and which posts are vacant?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn holders(&self, actor: &Actor, at: At) -> Result<Vec<PostEntry>, Error> {
        let (live, all) = (within(actor, at), known(actor, at.known_at));
        let branches = self.store().rows(branches::TABLE, &live, &[]).await?;
        let posts = self.store().rows(posts::TABLE, &all, &[]).await?;
        let acting = self.store().rows(acting::TABLE, &all, &[]).await?;
        let rules = self.rules_at(at).await?.map(|rules| rules.term).unwrap_or_default();
        let likenesses = self.store().rows(likenesses::TABLE, &live, &[]).await?;
        let goes_by = GoesBy::of(&likenesses);
        Ok(holders(&branches, (&posts, &acting), &goes_by, &rules, at.valid_on))
    }

    /// Which member holds which key post at which host?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn key_posts(&self, actor: &Actor, at: At) -> Result<Vec<KeyPostEntry>, Error> {
        let (store, live) = (self.store(), within(actor, at));
        let likenesses = store.rows(likenesses::TABLE, &live, &[]).await?;
        Ok(key_posts(
            &store.rows(hosts::TABLE, &live, &[]).await?,
            &store.rows(employments::TABLE, &live, &[]).await?,
            &store.rows(memberships::TABLE, &live, &[]).await?,
            &GoesBy::of(&likenesses),
        ))
    }

    /// How does each branch stand, and what falls due for it?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn standing(&self, actor: &Actor, at: At) -> Result<Vec<StandingEntry>, Error> {
        let (live, all) = (within(actor, at), known(actor, at.known_at));
        let Some(rules) = self.rules_at(at).await? else { return Ok(Vec::new()) };
        Ok(standing(&Standing {
            branches: &self.store().rows(branches::TABLE, &live, &[]).await?,
            lives: &self.store().rows(branches::TABLE, &all, &[]).await?,
            memberships: &self.store().rows(memberships::TABLE, &live, &[]).await?,
            states: &self.store().rows(membership_states::TABLE, &live, &[]).await?,
            timeline: &self.store().rows(timeline::TABLE, &live, &[]).await?,
            rules: &rules,
            on: at.valid_on,
        }))
    }
}
