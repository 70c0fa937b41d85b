//! At which branches does each member take part beside the home?

use events::{BranchId, Date, Event, MembershipEvent, MembershipId, PersonId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, id};

/// One row for each stretch during which a member has a secondary place at a branch.
pub const TABLE: &Table = &Table {
    name: "secondary_places",
    version: 1,
    question: "At which branches does each member take part beside the home?",
    columns: &[
        Column::id("membership"),
        Column::id("person").indexed(),
        Column::id("branch").indexed().counted(),
    ],
};

/// At which branches does each member take part beside the home?
pub enum SecondaryPlaces {}

impl Intervals for SecondaryPlaces {
    const TABLE: &'static Table = TABLE;
    const RARE: bool = true;
    type Change = MembershipEvent;
    type Key = (MembershipId, BranchId);
    type Fact = PersonId;

    fn change(event: &Recorded) -> Option<(Self::Key, &MembershipEvent)> {
        let Event::Membership(change) = &event.event else { return None };
        match change {
            MembershipEvent::SecondaryPlaceAssigned { branch, .. }
            | MembershipEvent::SecondaryPlaceEnded { branch, .. } => {
                Some(((MembershipId(event.stream.id), *branch), change))
            }
            MembershipEvent::Admitted { .. }
            | MembershipEvent::HomeMoved { .. }
            | MembershipEvent::Ended { .. }
            | MembershipEvent::Applied { .. }
            | MembershipEvent::StateChanged { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. } => None,
        }
    }

    fn step(before: Option<&PersonId>, change: &MembershipEvent) -> Option<PersonId> {
        match change {
            MembershipEvent::SecondaryPlaceAssigned { person, .. } => Some(*person),
            MembershipEvent::SecondaryPlaceEnded { .. } => None,
            MembershipEvent::Admitted { .. }
            | MembershipEvent::HomeMoved { .. }
            | MembershipEvent::Ended { .. }
            | MembershipEvent::Applied { .. }
            | MembershipEvent::StateChanged { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. } => before.copied(),
        }
    }

    fn cells((membership, branch): Self::Key, person: &PersonId) -> Vec<Cell> {
        vec![id(membership), id(*person), id(branch)]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondaryPlaceRow<'a> {
    /// The membership's id.
    pub membership: &'a str,
    /// The member's id.
    pub person: &'a str,
    /// The id of the branch.
    pub branch: &'a str,
    /// Since when the member has had the place.
    pub since: Date,
}

impl<'a> SecondaryPlaceRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [membership, person, branch] = row.columns();
        Self {
            membership: membership.text(),
            person: person.text(),
            branch: branch.text(),
            since: row.valid_from,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_member_has_places_at_several_branches() {
        given::<SecondaryPlaces>(&[
            admitted(1, M1, P1, A),
            placed(2, M1, P1, B),
            placed(3, M1, P1, C),
            unplaced(5, M1, P1, B),
        ])
        .now(&["03.. known 3.. by 3: #31 #21 #c", "02..05 known 4.. by 2-4: #31 #21 #b"]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<SecondaryPlaces>();
    }
}
