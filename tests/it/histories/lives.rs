//! States, contact, mobility and secondary places at a random (D, K), held against the definition.

use std::collections::{BTreeMap, BTreeSet};

use events::branch::Rank;
use events::{BranchId, HostId, MembershipId, PersonId};
use projections::questions::Watched;
use projections::{
    At, Filter, LikenessRow, LostContactRow, MembershipStateRow, MobilityRow, Row,
    SecondaryPlaceRow, Table, likenesses, lost_contacts, membership_states, memberships,
    mobilities, secondary_places,
};

use rollbook::ledger::Attention;

use super::Life;
use crate::oracle::World;

impl Life {
    async fn holding(&self, table: &'static Table, at: At) -> Vec<Row> {
        self.ledger.store().rows(table, &Filter::Holding(at), &[]).await.unwrap()
    }

    /// Who is merged stands in the roster once, under the id that counts.
    pub(super) async fn roster_as_defined(&self, world: &World, at: At) {
        let roster = self.ledger.roster(&self.actor, at, None).await.unwrap();
        let told = roster.iter().map(|entry| {
            let person = entry.person.parse().unwrap();
            (entry.branch.clone(), entry.role.clone(), person, entry.is_member)
        });
        let told: BTreeSet<_> = told.collect();
        assert_eq!(told, world.roster(), "roster at {at:?}");
        assert_eq!(told.len(), roster.len(), "nobody stands there twice at {at:?}");
    }

    /// Every list of members who ask for attention.
    pub(super) async fn attention(&self, at: At) -> Vec<Watched> {
        let mut listed = Vec::new();
        for (_, why) in Attention::ALL {
            listed.extend(self.ledger.attention(&self.actor, at, *why).await.unwrap());
        }
        listed
    }

    /// Who is out of contact or away is listed under the id that counts, with the home.
    pub(super) async fn attention_as_defined(&self, world: &World, at: At) {
        let home = |id: &MembershipId, person: &PersonId| {
            let home = world.homes.get(id).map(|(_, home)| world.branches[home].code.clone());
            (world.known_as(*person).to_string(), home)
        };
        let expected = |members: &mut dyn Iterator<Item = &MembershipId>| {
            let mut told: Vec<_> = members.map(|id| home(id, &world.states[id].0)).collect();
            told.sort();
            told
        };
        let lost = expected(&mut world.lost.iter());
        let away = expected(&mut world.away.keys());
        for (why, expected) in [(Attention::OutOfContact, lost), (Attention::Mobile, away)] {
            let told = self.ledger.attention(&self.actor, at, why).await.unwrap();
            let mut told: Vec<_> = told.into_iter().map(|it| (it.person, it.branch)).collect();
            told.sort();
            assert_eq!(told, expected, "{why:?} at {at:?}");
        }
    }

    /// A contract at a host for which another branch counts makes a transfer due, at once.
    pub(super) async fn duties_as_defined(&self, world: &World, at: At) {
        let told = self.ledger.duties(&self.actor, at).await.unwrap();
        let seat = |person: &PersonId, home: &BranchId, host: &HostId| {
            let towards = world.coverings.iter().find(|((branch, covered), (_, rank))| {
                covered == host && *rank == Rank::Primary && branch != home
            });
            let towards = world.branches[&towards?.0.0].code.clone();
            let host = world.hosts.get(host).map(|host| host.code.to_string())?;
            Some((person.to_string(), world.branches[home].code.clone(), towards, host))
        };
        let seats = |works: &mut dyn Iterator<Item = &(HostId, PersonId)>| {
            let works: Vec<_> = works.map(|(host, it)| (host, world.known_as(*it))).collect();
            let homes = world.homes.values().map(|(it, home)| (world.known_as(*it), home));
            let pairs = homes.flat_map(|(person, home)| {
                let own = works.iter().filter(move |(_, works)| *works == person);
                own.filter_map(move |(host, _)| seat(&person, home, host))
            });
            pairs.collect::<BTreeSet<_>>()
        };
        let by_contract = self.rules.transfer.duty_by_contract;
        let due = seats(&mut world.contracts.iter().filter(|_| by_contract));
        let may_be = seats(&mut world.employments.keys());
        let told: BTreeSet<_> = told
            .into_iter()
            .map(|duty| (duty.person, duty.branch, duty.towards, duty.host))
            .collect();
        assert!(due.is_subset(&told), "{due:?} of {told:?} at {at:?}");
        assert!(told.is_subset(&may_be), "{told:?} of {may_be:?} at {at:?}");
    }

    pub(super) async fn states_as_defined(&self, world: &World, at: At) {
        let rows = self.holding(membership_states::TABLE, at).await;
        let states: BTreeMap<String, (String, Option<String>)> = rows
            .iter()
            .map(MembershipStateRow::of)
            .map(|row| {
                let state = (row.person.to_owned(), row.state.map(ToOwned::to_owned));
                (row.membership.to_owned(), state)
            })
            .collect();
        let expected = world.states.iter().map(|(id, (person, state))| {
            (id.to_string(), (person.to_string(), state.as_ref().map(ToString::to_string)))
        });
        assert_eq!(states, expected.collect(), "states at {at:?}");
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (_, state) in world.states.values() {
            let state = state.as_ref().unwrap_or(&self.rules.life.state_admitted);
            *counts.entry(state.to_string()).or_default() += 1;
        }
        let counted = self.ledger.by_state(&self.actor, at).await.unwrap();
        let counted = counted.into_iter().map(|it| (it.state, it.memberships));
        assert_eq!(counted.collect::<BTreeMap<_, _>>(), counts, "by state at {at:?}");

        // Conservation: whoever needs a home has one, and nobody else has.
        let rows = self.holding(memberships::TABLE, at).await;
        let at_home: BTreeSet<String> =
            rows.iter().map(|row| row.cells[0].text().to_owned()).collect();
        assert_eq!(rows.len(), at_home.len(), "nobody is at home twice at {at:?}");
        let in_need = world.in_need_of_home(&self.rules);
        assert_eq!(at_home, in_need.iter().map(ToString::to_string).collect(), "homes at {at:?}");

        let rows = self.holding(lost_contacts::TABLE, at).await;
        let lost: BTreeSet<String> =
            rows.iter().map(|row| LostContactRow::of(row).membership.to_owned()).collect();
        assert_eq!(lost, world.lost.iter().map(ToString::to_string).collect(), "lost at {at:?}");

        let rows = self.holding(mobilities::TABLE, at).await;
        let away: BTreeMap<String, Option<String>> = rows
            .iter()
            .map(MobilityRow::of)
            .map(|row| (row.membership.to_owned(), row.place.map(ToOwned::to_owned)))
            .collect();
        let expected = world
            .away
            .iter()
            .map(|(id, (place, _))| (id.to_string(), place.as_ref().map(ToString::to_string)));
        assert_eq!(away, expected.collect(), "mobile at {at:?}");

        let rows = self.holding(secondary_places::TABLE, at).await;
        let places: BTreeSet<(String, String)> = rows
            .iter()
            .map(SecondaryPlaceRow::of)
            .map(|row| (row.membership.to_owned(), row.branch.to_owned()))
            .collect();
        let expected = world.places.iter().map(|(id, branch)| (id.to_string(), branch.to_string()));
        assert_eq!(places, expected.collect(), "secondary places at {at:?}");

        let rows = self.holding(likenesses::TABLE, at).await;
        let merged: BTreeMap<String, String> = rows
            .iter()
            .map(LikenessRow::of)
            .filter(LikenessRow::is_merged)
            .map(|row| (row.person.to_owned(), row.other.to_owned()))
            .collect();
        let expected = world.merged.iter().map(|(id, into)| (id.to_string(), into.to_string()));
        assert_eq!(merged, expected.collect(), "merged at {at:?}");
    }
}
