//! Which branch covers which host, and how is it formed?

use events::branch::{FormationMode, Rank};
use events::{BranchEvent, BranchId, Event, HostId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each stretch during which a branch covers a host in one way.
pub const TABLE: &Table = &Table {
    name: "coverings",
    version: 1,
    question: "Which branch covers which host, and how is it formed?",
    columns: &[
        Column::id("branch").indexed(),
        Column::id("host").indexed(),
        Column::text("mode"),
        Column::text("rank"),
    ],
};

/// The rank of the one covering that counts for a host.
pub const PRIMARY: &str = "primary";

/// Which branch covers which host, and how is it formed?
pub enum Coverings {}

impl Intervals for Coverings {
    const TABLE: &'static Table = TABLE;
    type Change = BranchEvent;
    type Key = (BranchId, HostId);
    type Fact = (FormationMode, Rank);

    fn change(event: &Recorded) -> Option<(Self::Key, &BranchEvent)> {
        let Event::Branch(change) = &event.event else { return None };
        match change {
            BranchEvent::HostAttached { host, .. } | BranchEvent::HostDetached { host, .. } => {
                Some(((BranchId(event.stream.id), *host), change))
            }
            BranchEvent::Formed { .. }
            | BranchEvent::Renamed { .. }
            | BranchEvent::Moved { .. }
            | BranchEvent::Dissolved { .. }
            | BranchEvent::Proposed { .. }
            | BranchEvent::Approved { .. }
            | BranchEvent::Rejected { .. }
            | BranchEvent::Suspended { .. }
            | BranchEvent::Resumed { .. }
            | BranchEvent::WindingUpStarted { .. }
            | BranchEvent::WindingUpAbandoned { .. }
            | BranchEvent::KindChanged { .. }
            | BranchEvent::ReFormed { .. } => None,
        }
    }

    fn step(before: Option<&Self::Fact>, change: &BranchEvent) -> Option<Self::Fact> {
        match change {
            BranchEvent::HostAttached { mode, rank, .. } => Some((*mode, *rank)),
            BranchEvent::HostDetached { .. } => None,
            BranchEvent::Formed { .. }
            | BranchEvent::Renamed { .. }
            | BranchEvent::Moved { .. }
            | BranchEvent::Dissolved { .. }
            | BranchEvent::Proposed { .. }
            | BranchEvent::Approved { .. }
            | BranchEvent::Rejected { .. }
            | BranchEvent::Suspended { .. }
            | BranchEvent::Resumed { .. }
            | BranchEvent::WindingUpStarted { .. }
            | BranchEvent::WindingUpAbandoned { .. }
            | BranchEvent::KindChanged { .. }
            | BranchEvent::ReFormed { .. } => before.copied(),
        }
    }

    fn cells((branch, host): Self::Key, (mode, rank): &Self::Fact) -> Vec<Cell> {
        let rank = match rank {
            Rank::Primary => PRIMARY,
            Rank::Secondary => "secondary",
        };
        vec![id(branch), id(host), cell(mode.code()), cell(rank)]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoveringRow<'a> {
    /// The branch's id.
    pub branch: &'a str,
    /// The host's id.
    pub host: &'a str,
    /// The code of the formation mode.
    pub mode: &'a str,
    /// `primary` for the branch that counts for the host, `secondary` for one beside it.
    pub rank: &'a str,
}

impl<'a> CoveringRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [branch, host, mode, rank] = row.columns();
        Self { branch: branch.text(), host: host.text(), mode: mode.text(), rank: rank.text() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_branch_grows_from_one_host_to_two_and_loses_one() {
        let joint = FormationMode::ByRegion;
        let history = [
            attached(1, A, H1, FormationMode::Standalone),
            attached(3, A, H1, joint),
            attached(3, A, H2, joint),
            detached(5, A, H1),
        ];
        given::<Coverings>(&history).now(&[
            "01..03 known 2.. by 1-2: #a #51 standalone primary",
            "03.. known 3.. by 3: #a #52 by_region primary",
            "03..05 known 4.. by 2-4: #a #51 by_region primary",
        ]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Coverings>();
    }
}
