//! Phases, kinds, posts and acting holders of random histories, held against the definition.

use std::collections::BTreeSet;

use projections::At;

use super::Life;
use crate::oracle::World;

impl Life {
    /// How branches stand and who holds which post at (D, K) is what the definition says.
    pub(super) async fn stands_as_defined(&self, world: &World, at: At) {
        let standing = self.ledger.standing(&self.actor, at).await.unwrap();
        let told: BTreeSet<(String, String, String)> =
            standing.into_iter().map(|entry| (entry.branch, entry.kind, entry.phase)).collect();
        let place = |place: &crate::oracle::Place| {
            (place.code.clone(), place.kind.to_string(), place.phase.to_owned())
        };
        assert_eq!(told, world.branches.values().map(place).collect(), "phases at {at:?}");

        let holders = self.ledger.holders(&self.actor, at).await.unwrap();
        let code = |id| world.branches[id].code.clone();
        let told = holders.iter().filter(|entry| entry.person.is_some()).count();
        let held: BTreeSet<_> = holders
            .iter()
            .filter_map(|entry| {
                Some((entry.branch.clone(), entry.role.clone(), entry.person.clone()?))
            })
            .collect();
        let expected = world.posts.iter().map(|((_, person), (branch, role))| {
            (code(branch), role.to_string(), world.known_as(*person).to_string())
        });
        assert_eq!(held, expected.collect(), "holders at {at:?}");
        assert_eq!(told, held.len(), "nobody holds a post twice at {at:?}");
        let acting: BTreeSet<_> = holders
            .into_iter()
            .filter_map(|entry| Some((entry.branch, entry.role, entry.acting?)))
            .collect();
        let expected = world.acting.iter().map(|((_, person), (branch, role))| {
            (code(branch), role.to_string(), world.known_as(*person).to_string())
        });
        assert_eq!(acting, expected.collect(), "acting at {at:?}");
    }
}
