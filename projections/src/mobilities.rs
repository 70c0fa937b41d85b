//! Which members are away for long, and where?

use events::{BranchId, Code, Date, Event, MembershipEvent, MembershipId, PersonId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, id};

/// One row for each stretch during which a member is registered as away.
pub const TABLE: &Table = &Table {
    name: "mobilities",
    version: 1,
    question: "Which members are away for long, and where?",
    columns: &[
        Column::id("membership"),
        Column::id("person").indexed(),
        Column::text("place").optional(),
        Column::id("branch").optional(),
    ],
};

/// Which members are away for long, and where?
pub enum Mobilities {}

/// Who is away, and where.
#[derive(Clone, PartialEq)]
pub struct Away {
    person: PersonId,
    place: Option<Code>,
    branch: Option<BranchId>,
}

impl Intervals for Mobilities {
    const TABLE: &'static Table = TABLE;
    const RARE: bool = true;
    type Change = MembershipEvent;
    type Key = MembershipId;
    type Fact = Away;

    fn change(event: &Recorded) -> Option<(MembershipId, &MembershipEvent)> {
        let Event::Membership(change) = &event.event else { return None };
        let counts = match change {
            MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::Ended { .. } => true,
            MembershipEvent::Admitted { .. }
            | MembershipEvent::HomeMoved { .. }
            | MembershipEvent::Applied { .. }
            | MembershipEvent::StateChanged { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => false,
        };
        counts.then_some((MembershipId(event.stream.id), change))
    }

    fn step(before: Option<&Away>, change: &MembershipEvent) -> Option<Away> {
        match change {
            MembershipEvent::MobilityRegistered { person, place, branch, .. } => {
                Some(Away { person: *person, place: place.clone(), branch: *branch })
            }
            MembershipEvent::MobilityEnded { .. } | MembershipEvent::Ended { .. } => None,
            MembershipEvent::Admitted { .. }
            | MembershipEvent::HomeMoved { .. }
            | MembershipEvent::Applied { .. }
            | MembershipEvent::StateChanged { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => before.cloned(),
        }
    }

    fn cells(membership: MembershipId, away: &Away) -> Vec<Cell> {
        let (place, branch) = (away.place.as_ref().into(), away.branch.as_ref().into());
        vec![id(membership), id(away.person), place, branch]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MobilityRow<'a> {
    /// The membership's id.
    pub membership: &'a str,
    /// The member's id.
    pub person: &'a str,
    /// The code of the place, where it is known.
    pub place: Option<&'a str>,
    /// The id of the branch that looks after the member there.
    pub branch: Option<&'a str>,
    /// Since when the member has been registered as away.
    pub since: Date,
}

impl<'a> MobilityRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [membership, person, place, branch] = row.columns();
        Self {
            membership: membership.text(),
            person: person.text(),
            place: place.as_text(),
            branch: branch.as_text(),
            since: row.valid_from,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_member_is_away_until_back() {
        given::<Mobilities>(&[
            admitted(1, M1, P1, A),
            away(2, M1, P1, Some("basel"), None),
            away(4, M1, P1, None, Some(B)),
            back(6, M1, P1),
        ])
        .now(&[
            "02..04 known 3.. by 2-3: #31 #21 basel -",
            "04..06 known 4.. by 3-4: #31 #21 - #b",
        ]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Mobilities>();
    }
}
