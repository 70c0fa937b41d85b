//! In which state is each membership?

use events::policy::LifeRules;
use events::{Code, Date, Event, MembershipEvent, MembershipId, PersonId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, id};

/// One row for each stretch during which a membership is in one state.
pub const TABLE: &Table = &Table {
    name: "membership_states",
    version: 1,
    question: "In which state is each membership?",
    columns: &[
        Column::id("membership"),
        Column::id("person").indexed(),
        Column::text("state").optional().counted(),
    ],
};

/// In which state is each membership?
pub enum MembershipStates {}

/// Whose membership it is, and its state.
#[derive(Clone, PartialEq)]
pub struct Standing {
    person: PersonId,
    /// Absent: the one that the rules name for an admission.
    state: Option<Code>,
}

impl Intervals for MembershipStates {
    const TABLE: &'static Table = TABLE;
    type Change = MembershipEvent;
    type Key = MembershipId;
    type Fact = Standing;

    fn change(event: &Recorded) -> Option<(MembershipId, &MembershipEvent)> {
        let Event::Membership(change) = &event.event else { return None };
        let counts = match change {
            MembershipEvent::Admitted { .. }
            | MembershipEvent::Applied { .. }
            | MembershipEvent::StateChanged { .. }
            | MembershipEvent::Ended { .. } => true,
            MembershipEvent::HomeMoved { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => false,
        };
        counts.then_some((MembershipId(event.stream.id), change))
    }

    fn step(before: Option<&Standing>, change: &MembershipEvent) -> Option<Standing> {
        match change {
            MembershipEvent::Admitted { person, state, .. } => {
                Some(Standing { person: *person, state: state.clone() })
            }
            MembershipEvent::Applied { person, state, .. }
            | MembershipEvent::StateChanged { person, to: state, .. } => {
                Some(Standing { person: *person, state: Some(state.clone()) })
            }
            MembershipEvent::Ended { .. } => None,
            MembershipEvent::HomeMoved { .. }
            | MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => before.cloned(),
        }
    }

    fn cells(membership: MembershipId, standing: &Standing) -> Vec<Cell> {
        vec![id(membership), id(standing.person), standing.state.as_ref().into()]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipStateRow<'a> {
    /// The membership's id.
    pub membership: &'a str,
    /// The member's id.
    pub person: &'a str,
    /// The code of the state; absent: the one that the rules name for an admission.
    pub state: Option<&'a str>,
    /// Since when it has been in it.
    pub since: Date,
}

impl<'a> MembershipStateRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [membership, person, state] = row.columns();
        Self {
            membership: membership.text(),
            person: person.text(),
            state: state.as_text(),
            since: row.valid_from,
        }
    }

    /// Whether a member in it counts as a full one: unless the rules know the state and deny it.
    #[must_use]
    pub fn is_full(&self, life: &LifeRules) -> bool {
        let state = self.state.unwrap_or(life.state_admitted.as_str());
        let known = life.states.iter().find(|known| known.code.as_str() == state);
        known.is_none_or(|known| known.full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_membership_goes_from_state_to_state_and_ends() {
        given::<MembershipStates>(&[
            applied(1, M1, P1, A),
            contact_lost(2, M1, P1),
            state_changed(3, M1, P1, (["applicant", "full"], Some(A), None)),
            ended(9, M1, P1, A),
            admitted(1, M2, P2, A),
        ])
        .now(&[
            "01..03 known 3.. by 1-3: #31 #21 applicant",
            "03..09 known 4.. by 3-4: #31 #21 full",
            "01.. known 5.. by 5: #32 #22 -",
        ]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<MembershipStates>();
    }
}
