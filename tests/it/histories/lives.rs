//! States, contact, mobility and secondary places at a random (D, K), held against the definition.

use std::collections::{BTreeMap, BTreeSet};

use projections::{
    At, Filter, LikenessRow, LostContactRow, MembershipStateRow, MobilityRow, Row,
    SecondaryPlaceRow, Table, likenesses, lost_contacts, membership_states, memberships,
    mobilities, secondary_places,
};

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
