//! Which branch came out of which?

use events::{BranchEvent, BranchId, Event, FamilyName, Recorded};

use crate::points::Points;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each link that a formation or dissolution names, from the day on which it happened.
pub const TABLE: &Table = &Table {
    name: "lineage",
    version: 2,
    question: "Which branch came out of which?",
    columns: &[
        Column::id("branch").indexed(),
        Column::id("other").indexed(),
        Column::text("relation"),
    ],
};

/// The relation of a branch to one that it was merged or split from.
pub const FORMED_FROM: &str = "formed_from";

/// The relation of a branch to one that succeeds it.
pub const DISSOLVED_INTO: &str = "dissolved_into";

/// The relation of a branch to a dissolved one whose place it takes.
pub const SUCCESSOR_OF: &str = "successor_of";

/// Which branch came out of which?
pub enum Lineage {}

impl Points for Lineage {
    const TABLE: &'static Table = TABLE;
    const GIVEN: Option<FamilyName> = Some(FamilyName::Branch);
    const CORRECTED: Option<FamilyName> = Some(FamilyName::Branch);

    fn cells(event: &Recorded) -> Vec<Vec<Cell>> {
        let Event::Branch(change) = &event.event else { return Vec::new() };
        let (others, relation): (&[BranchId], _) = match change {
            BranchEvent::Formed { formed_from, .. } => (formed_from, FORMED_FROM),
            BranchEvent::Dissolved { into, .. } => (into, DISSOLVED_INTO),
            BranchEvent::ReFormed { successor_of, .. } => {
                (std::slice::from_ref(successor_of), SUCCESSOR_OF)
            }
            BranchEvent::Renamed { .. }
            | BranchEvent::Moved { .. }
            | BranchEvent::HostAttached { .. }
            | BranchEvent::HostDetached { .. }
            | BranchEvent::Proposed { .. }
            | BranchEvent::Approved { .. }
            | BranchEvent::Rejected { .. }
            | BranchEvent::Suspended { .. }
            | BranchEvent::Resumed { .. }
            | BranchEvent::WindingUpStarted { .. }
            | BranchEvent::WindingUpAbandoned { .. }
            | BranchEvent::KindChanged { .. } => return Vec::new(),
        };
        let branch = BranchId(event.stream.id);
        others.iter().map(|other| vec![id(branch), id(*other), cell(relation)]).collect()
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineageRow<'a> {
    /// The id of the branch that was formed or dissolved.
    pub branch: &'a str,
    /// The id of its predecessor or successor.
    pub other: &'a str,
    /// [`FORMED_FROM`], [`DISSOLVED_INTO`] or [`SUCCESSOR_OF`].
    pub relation: &'a str,
}

impl<'a> LineageRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [branch, other, relation] = row.columns();
        Self { branch: branch.text(), other: other.text(), relation: relation.text() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_merger_is_told_from_both_sides() {
        let history = [
            formed(1, A, "Alpha", None),
            merged(5, C, "Gamma", &[A, B]),
            renamed(5, C, "Gimel"),
            dissolved(5, A, None, &[C]),
        ];
        given_points::<Lineage>(&history).then(&[
            "05.. known 2.. by 2: #c #a formed_from",
            "05.. known 2.. by 2/1: #c #b formed_from",
            "05.. known 4.. by 4: #a #c dissolved_into",
        ]);
    }

    #[test]
    fn a_late_formation_counts_from_its_own_day() {
        given_points::<Lineage>(&[dissolved(5, A, None, &[B]), merged(3, B, "Beta", &[A])]).then(
            &[
                "05.. known 1.. by 1: #a #b dissolved_into",
                "03.. known 2.. by 2: #b #a formed_from",
            ],
        );
    }

    #[test]
    fn a_correction_takes_links_back_and_gives_them_again() {
        let merger = merged(5, C, "Gamma", &[A, B]);
        let mistaken = retracted(&merger, 1);
        let history = [
            merger.clone(),
            replaced(&merger, 1, merged(4, C, "Gamma", &[A])),
            renamed(6, C, "Gimel"),
        ];
        given_points::<Lineage>(&history).then(&[
            "05.. known 1..2 by 1: #c #a formed_from",
            "05.. known 1..2 by 1/1: #c #b formed_from",
            "04.. known 2.. by 2: #c #a formed_from",
        ]);
        let history = [merger, mistaken.clone(), retracted(&mistaken, 2)];
        given_points::<Lineage>(&history).then(&[
            "05.. known 1..2 by 1: #c #a formed_from",
            "05.. known 1..2 by 1/1: #c #b formed_from",
            "05.. known 3.. by 1: #c #a formed_from",
            "05.. known 3.. by 1/1: #c #b formed_from",
        ]);
    }
}
