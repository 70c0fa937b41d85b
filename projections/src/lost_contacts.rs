//! Which members are out of contact?

use events::{Date, Event, MembershipEvent, MembershipId, PersonId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, id};

/// One row for each stretch during which nobody knows where a member is.
pub const TABLE: &Table = &Table {
    name: "lost_contacts",
    version: 1,
    question: "Which members are out of contact?",
    columns: &[Column::id("membership"), Column::id("person").indexed()],
};

/// Which members are out of contact?
pub enum LostContacts {}

impl Intervals for LostContacts {
    const TABLE: &'static Table = TABLE;
    const RARE: bool = true;
    type Change = MembershipEvent;
    type Key = MembershipId;
    type Fact = PersonId;

    fn change(event: &Recorded) -> Option<(MembershipId, &MembershipEvent)> {
        let Event::Membership(change) = &event.event else { return None };
        let counts = match change {
            MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::Ended { .. } => true,
            MembershipEvent::Admitted { .. }
            | MembershipEvent::HomeMoved { .. }
            | MembershipEvent::Applied { .. }
            | MembershipEvent::StateChanged { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => false,
        };
        counts.then_some((MembershipId(event.stream.id), change))
    }

    fn step(before: Option<&PersonId>, change: &MembershipEvent) -> Option<PersonId> {
        match change {
            MembershipEvent::ContactLost { person, .. } => Some(*person),
            MembershipEvent::ContactRegained { .. } | MembershipEvent::Ended { .. } => None,
            MembershipEvent::Admitted { .. }
            | MembershipEvent::HomeMoved { .. }
            | MembershipEvent::Applied { .. }
            | MembershipEvent::StateChanged { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => before.copied(),
        }
    }

    fn cells(membership: MembershipId, person: &PersonId) -> Vec<Cell> {
        vec![id(membership), id(*person)]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostContactRow<'a> {
    /// The membership's id.
    pub membership: &'a str,
    /// The member's id.
    pub person: &'a str,
    /// Since when nobody knows.
    pub since: Date,
}

impl<'a> LostContactRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [membership, person] = row.columns();
        Self { membership: membership.text(), person: person.text(), since: row.valid_from }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn contact_is_lost_until_it_is_regained_or_the_membership_ends() {
        given::<LostContacts>(&[
            admitted(1, M1, P1, A),
            contact_lost(2, M1, P1),
            contact_regained(4, M1, P1),
            contact_lost(6, M1, P1),
            ended(9, M1, P1, A),
        ])
        .now(&["02..04 known 3.. by 2-3: #31 #21", "06..09 known 5.. by 4-5: #31 #21"]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<LostContacts>();
    }
}
