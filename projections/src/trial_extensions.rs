//! Until when was which time of trial extended?

use events::{Date, Event, MembershipEvent, MembershipId, PersonId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each stretch during which an extension holds.
pub const TABLE: &Table = &Table {
    name: "trial_extensions",
    version: 1,
    question: "Until when was which time of trial extended?",
    columns: &[Column::id("membership"), Column::id("person").indexed(), Column::text("until")],
};

/// Until when was which time of trial extended?
pub enum TrialExtensions {}

/// Whose time of trial, and until when.
#[derive(Clone, Copy, PartialEq)]
pub struct Extension {
    person: PersonId,
    until: Date,
}

impl Intervals for TrialExtensions {
    const TABLE: &'static Table = TABLE;
    const RARE: bool = true;
    type Change = MembershipEvent;
    type Key = MembershipId;
    type Fact = Extension;

    fn change(event: &Recorded) -> Option<(MembershipId, &MembershipEvent)> {
        let Event::Membership(change) = &event.event else { return None };
        let counts = match change {
            MembershipEvent::ProbationExtended { .. } | MembershipEvent::Ended { .. } => true,
            MembershipEvent::Admitted { .. }
            | MembershipEvent::HomeMoved { .. }
            | MembershipEvent::Applied { .. }
            | MembershipEvent::StateChanged { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => false,
        };
        counts.then_some((MembershipId(event.stream.id), change))
    }

    fn step(before: Option<&Extension>, change: &MembershipEvent) -> Option<Extension> {
        match change {
            MembershipEvent::ProbationExtended { person, until, .. } => {
                Some(Extension { person: *person, until: *until })
            }
            MembershipEvent::Ended { .. } => None,
            MembershipEvent::Admitted { .. }
            | MembershipEvent::HomeMoved { .. }
            | MembershipEvent::Applied { .. }
            | MembershipEvent::StateChanged { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => before.copied(),
        }
    }

    fn cells(membership: MembershipId, extension: &Extension) -> Vec<Cell> {
        vec![id(membership), id(extension.person), cell(extension.until)]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialExtensionRow<'a> {
    /// The membership's id.
    pub membership: &'a str,
    /// The member's id.
    pub person: &'a str,
    /// The first day on which the trial may end, as a date.
    pub until: &'a str,
}

impl<'a> TrialExtensionRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [membership, person, until] = row.columns();
        Self { membership: membership.text(), person: person.text(), until: until.text() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn an_extension_holds_until_the_next() {
        given::<TrialExtensions>(&[
            admitted(1, M1, P1, A),
            extended(3, M1, P1, 20),
            extended(5, M1, P1, 25),
        ])
        .now(&[
            "03..05 known 3.. by 2-3: #31 #21 2020-01-20",
            "05.. known 3.. by 3: #31 #21 2020-01-25",
        ]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<TrialExtensions>();
    }
}
