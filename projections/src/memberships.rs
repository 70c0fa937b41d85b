//! At which branch is each membership at home?

use events::{BranchId, Date, Event, MembershipEvent, MembershipId, PersonId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, id};

/// One row for each stay of a membership at a branch.
pub const TABLE: &Table = &Table {
    name: "memberships",
    version: 1,
    question: "At which branch is each membership at home?",
    columns: &[
        Column::id("membership"),
        Column::id("person").indexed(),
        Column::id("branch").indexed().counted(),
    ],
};

/// At which branch is each membership at home?
pub enum Memberships {}

/// Whose membership it is, and where it is at home.
#[derive(Clone, Copy, PartialEq)]
pub struct Stay {
    person: PersonId,
    home: BranchId,
}

impl Intervals for Memberships {
    const TABLE: &'static Table = TABLE;
    type Change = MembershipEvent;
    type Key = MembershipId;
    type Fact = Stay;

    fn change(event: &Recorded) -> Option<(MembershipId, &MembershipEvent)> {
        let Event::Membership(change) = &event.event else { return None };
        let moves = match change {
            MembershipEvent::Admitted { .. } | MembershipEvent::HomeMoved { .. } => true,
            MembershipEvent::Ended { home, .. } => home.is_some(),
            MembershipEvent::StateChanged { enters, leaves, .. } => {
                enters.is_some() || leaves.is_some()
            }
            MembershipEvent::Applied { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => false,
        };
        moves.then_some((MembershipId(event.stream.id), change))
    }

    fn step(before: Option<&Stay>, change: &MembershipEvent) -> Option<Stay> {
        match change {
            MembershipEvent::Admitted { person, home, .. } => {
                Some(Stay { person: *person, home: *home })
            }
            MembershipEvent::HomeMoved { to, .. } => before.map(|stay| Stay { home: *to, ..*stay }),
            MembershipEvent::StateChanged { person, enters, .. } => {
                enters.map(|home| Stay { person: *person, home })
            }
            MembershipEvent::Ended { .. } => None,
            MembershipEvent::Applied { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => before.copied(),
        }
    }

    fn cells(membership: MembershipId, stay: &Stay) -> Vec<Cell> {
        vec![id(membership), id(stay.person), id(stay.home)]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipRow<'a> {
    /// The membership's id.
    pub membership: &'a str,
    /// The member's id.
    pub person: &'a str,
    /// The id of the branch.
    pub branch: &'a str,
    /// Since when it has been at home there.
    pub since: Date,
}

impl<'a> MembershipRow<'a> {
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
    fn a_member_comes_moves_and_goes() {
        given::<Memberships>(&[
            admitted(1, M1, P1, A),
            home_moved(5, M1, P1, A, B),
            ended(9, M1, P1, B),
        ])
        .then(&[
            "01.. known 1..2 by 1: #31 #21 #a",
            "01..05 known 2.. by 1-2: #31 #21 #a",
            "05.. known 2..3 by 2: #31 #21 #b",
            "05..09 known 3.. by 2-3: #31 #21 #b",
        ]);
    }

    #[test]
    fn a_backdated_move_alters_only_the_stretches_around_it() {
        let history = [
            admitted(1, M1, P1, A),
            home_moved(5, M1, P1, B, C),
            ended(9, M1, P1, C),
            home_moved(3, M1, P1, A, B),
        ];
        given::<Memberships>(&history).now(&[
            "05..09 known 3.. by 2-3: #31 #21 #c",
            "01..03 known 4.. by 1-4: #31 #21 #a",
            "03..05 known 4.. by 4-2: #31 #21 #b",
        ]);
    }

    #[test]
    fn a_day_keeps_the_order_of_recording_and_its_stretches_of_no_day() {
        let history =
            [admitted(1, M1, P1, A), home_moved(1, M1, P1, A, B), home_moved(1, M1, P1, B, C)];
        given::<Memberships>(&history).now(&[
            "01..01 known 2.. by 1-2: #31 #21 #a",
            "01..01 known 3.. by 2-3: #31 #21 #b",
            "01.. known 3.. by 3: #31 #21 #c",
        ]);
    }

    #[test]
    fn a_backdated_end_leaves_no_row_after_it() {
        let history = [admitted(1, M1, P1, A), home_moved(5, M1, P1, A, B), ended(3, M1, P1, A)];
        given::<Memberships>(&history).then(&[
            "01.. known 1..2 by 1: #31 #21 #a",
            "01..05 known 2..3 by 1-2: #31 #21 #a",
            "05.. known 2..3 by 2: #31 #21 #b",
            "01..03 known 3.. by 1-3: #31 #21 #a",
        ]);
    }

    #[test]
    fn members_of_one_branch_leave_each_others_rows_alone() {
        given::<Memberships>(&[admitted(1, M1, P1, A), admitted(1, M2, P2, A)])
            .then(&["01.. known 1.. by 1: #31 #21 #a", "01.. known 2.. by 2: #32 #22 #a"]);
    }

    #[test]
    fn a_correction_takes_the_place_of_what_it_corrects() {
        let move_away = home_moved(5, M1, P1, A, B);
        let history = [admitted(1, M1, P1, A), move_away.clone(), home_moved(5, M1, P1, B, C)];
        let redated = redated(&move_away, 2, 3);
        let again = retracted(&redated, 4);
        given::<Memberships>(&[history.as_slice(), &[redated, again]].concat()).then(&[
            "01.. known 1..2 by 1: #31 #21 #a",
            "01..05 known 2..4 by 1-2: #31 #21 #a",
            "05.. known 2..3 by 2: #31 #21 #b",
            "05..05 known 3..4 by 2-3: #31 #21 #b",
            "05.. known 3.. by 3: #31 #21 #c",
            "01..03 known 4..5 by 1-4: #31 #21 #a",
            "03..05 known 4..5 by 4-3: #31 #21 #b",
            "01..05 known 5.. by 1-2: #31 #21 #a",
            "05..05 known 5.. by 2-3: #31 #21 #b",
        ]);
    }

    #[test]
    fn a_home_begins_and_ends_with_the_states_that_need_one() {
        given::<Memberships>(&[
            applied(1, M1, P1, A),
            state_changed(3, M1, P1, (["candidate", "probationary"], Some(B), None)),
            state_changed(5, M1, P1, (["probationary", "full"], None, None)),
            state_changed(7, M1, P1, (["full", "stopped"], None, Some(B))),
        ])
        .now(&["03..07 known 4.. by 2-4: #31 #21 #b"]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Memberships>();
    }
}
