//! Which branches are there, under which name and parent?

use std::collections::BTreeMap;

use events::{BranchEvent, BranchId, Code, Event, Recorded, Text};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id, in_order};

/// One row for each stretch of a branch's life under one name and parent.
pub const TABLE: &Table = &Table {
    name: "branches",
    version: 2,
    question: "Which branches are there, under which name and parent?",
    columns: &[
        Column::id("branch").indexed(),
        Column::text("code"),
        Column::text("name"),
        Column::text("title").optional(),
        Column::text("kind"),
        Column::id("parent").indexed().optional(),
        Column::text("phase"),
    ],
};

/// Which branches are there, under which name and parent?
pub enum Branches {}

/// What a branch is for a while.
#[derive(Clone, PartialEq)]
pub struct Standing {
    code: Code,
    name: Text,
    title: Option<Text>,
    kind: Code,
    parent: Option<BranchId>,
    phase: &'static str,
}

/// The phase of a branch that does all that its kind may do.
pub const ACTIVE: &str = "active";
/// The phase of a branch that admits nobody, while its superior acts.
pub const SUSPENDED: &str = "suspended";
/// The phase of a branch to which nobody comes any more.
pub const WINDING_UP: &str = "winding_up";

impl Intervals for Branches {
    const TABLE: &'static Table = TABLE;
    type Change = BranchEvent;
    type Key = BranchId;
    type Fact = Standing;

    fn change(event: &Recorded) -> Option<(BranchId, &BranchEvent)> {
        let Event::Branch(change) = &event.event else { return None };
        match change {
            BranchEvent::Formed { .. }
            | BranchEvent::Renamed { .. }
            | BranchEvent::Moved { .. }
            | BranchEvent::Dissolved { .. }
            | BranchEvent::Suspended { .. }
            | BranchEvent::Resumed { .. }
            | BranchEvent::WindingUpStarted { .. }
            | BranchEvent::WindingUpAbandoned { .. }
            | BranchEvent::KindChanged { .. } => Some((BranchId(event.stream.id), change)),
            BranchEvent::HostAttached { .. }
            | BranchEvent::HostDetached { .. }
            | BranchEvent::Proposed { .. }
            | BranchEvent::Approved { .. }
            | BranchEvent::Rejected { .. }
            | BranchEvent::ReFormed { .. } => None,
        }
    }

    fn step(before: Option<&Standing>, change: &BranchEvent) -> Option<Standing> {
        match change {
            BranchEvent::Formed { code, name, title, branch_kind, parent, .. } => Some(Standing {
                code: code.clone(),
                name: name.clone(),
                title: title.clone(),
                kind: branch_kind.clone(),
                parent: *parent,
                phase: ACTIVE,
            }),
            BranchEvent::Renamed { name, .. } => {
                before.map(|branch| Standing { name: name.clone(), ..branch.clone() })
            }
            BranchEvent::Moved { to, .. } => {
                before.map(|branch| Standing { parent: *to, ..branch.clone() })
            }
            BranchEvent::Dissolved { .. } => None,
            BranchEvent::Suspended { .. } => in_phase(before, SUSPENDED),
            BranchEvent::WindingUpStarted { .. } => in_phase(before, WINDING_UP),
            BranchEvent::Resumed { .. } | BranchEvent::WindingUpAbandoned { .. } => {
                in_phase(before, ACTIVE)
            }
            BranchEvent::KindChanged { to, .. } => {
                before.map(|branch| Standing { kind: to.clone(), ..branch.clone() })
            }
            BranchEvent::HostAttached { .. }
            | BranchEvent::HostDetached { .. }
            | BranchEvent::Proposed { .. }
            | BranchEvent::Approved { .. }
            | BranchEvent::Rejected { .. }
            | BranchEvent::ReFormed { .. } => before.cloned(),
        }
    }

    fn cells(branch: BranchId, standing: &Standing) -> Vec<Cell> {
        let Standing { code, name, title, kind, parent, phase } = standing;
        vec![
            id(branch),
            cell(code),
            cell(name),
            title.as_ref().into(),
            cell(kind),
            (*parent).into(),
            cell(phase),
        ]
    }
}

fn in_phase(before: Option<&Standing>, phase: &'static str) -> Option<Standing> {
    before.map(|branch| Standing { phase, ..branch.clone() })
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BranchRow<'a> {
    /// The branch's id.
    pub branch: &'a str,
    /// The code that people use for it; never changes and is nobody else's.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its human title, where there is one.
    pub title: Option<&'a str>,
    /// The code of its kind.
    pub kind: &'a str,
    /// The id of the branch above it; absent at the top level.
    pub parent: Option<&'a str>,
    /// How far it is in its life: [`ACTIVE`], [`SUSPENDED`] or [`WINDING_UP`].
    pub phase: &'a str,
}

impl<'a> BranchRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [branch, code, name, title, kind, parent, phase] = row.columns();
        Self {
            branch: branch.text(),
            code: code.text(),
            name: name.text(),
            title: title.as_text(),
            kind: kind.text(),
            parent: parent.as_text(),
            phase: phase.text(),
        }
    }

    /// Reads rows that hold on one day, by code. A branch that changed on a day of which any moment
    /// counts has several; its last one stands for it.
    #[must_use]
    pub fn of_day(rows: &'a [Row]) -> Vec<Self> {
        let last: BTreeMap<&str, Self> =
            in_order(rows).into_iter().map(Self::of).map(|branch| (branch.code, branch)).collect();
        last.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_branch_is_formed_renamed_moved_and_dissolved() {
        let history = [
            formed(1, A, "Alpha", None),
            renamed(3, A, "Aleph"),
            moved(5, A, None, Some(B)),
            dissolved(7, A, Some(B), &[]),
        ];
        given::<Branches>(&history).then(&[
            "01.. known 1..2 by 1: #a a Alpha - branch - active",
            "01..03 known 2.. by 1-2: #a a Alpha - branch - active",
            "03.. known 2..3 by 2: #a a Aleph - branch - active",
            "03..05 known 3.. by 2-3: #a a Aleph - branch - active",
            "05.. known 3..4 by 3: #a a Aleph - branch #b active",
            "05..07 known 4.. by 3-4: #a a Aleph - branch #b active",
        ]);
    }

    #[test]
    fn a_backdated_rename_reaches_to_the_next_name_and_no_further() {
        let history = [
            formed(1, A, "Alpha", None),
            moved(5, A, None, Some(B)),
            renamed(7, A, "Aleph"),
            moved(9, A, Some(B), None),
            renamed(3, A, "Alef"),
        ];
        given::<Branches>(&history).now(&[
            "07..09 known 4.. by 3-4: #a a Aleph - branch #b active",
            "09.. known 4.. by 4: #a a Aleph - branch - active",
            "01..03 known 5.. by 1-5: #a a Alpha - branch - active",
            "05..07 known 5.. by 2-3: #a a Alef - branch #b active",
            "03..05 known 5.. by 5-2: #a a Alef - branch - active",
        ]);
    }

    #[test]
    fn a_branch_of_one_day_is_a_row_of_no_day() {
        given::<Branches>(&[formed(1, A, "Alpha", None), dissolved(1, A, None, &[])])
            .now(&["01..01 known 2.. by 1-2: #a a Alpha - branch - active"]);
    }

    #[test]
    fn a_rename_dated_after_the_end_gives_no_row() {
        let history =
            [formed(1, A, "Alpha", None), dissolved(5, A, None, &[]), renamed(7, A, "Aleph")];
        given::<Branches>(&history).now(&["01..05 known 2.. by 1-2: #a a Alpha - branch - active"]);
    }

    #[test]
    fn the_last_row_of_a_day_stands_for_a_branch() {
        let history = [formed(1, A, "Alpha", None), renamed(1, A, "Aleph")];
        let known = given::<Branches>(&history).known();
        let names: Vec<_> = BranchRow::of_day(&known).iter().map(|branch| branch.name).collect();
        assert_eq!((known.len(), names), (2, vec!["Aleph"]));
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Branches>();
    }
}
