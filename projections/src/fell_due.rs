//! What fell due, by which rule?

use events::{ClockEvent, Event, FamilyName, Recorded};

use crate::points::Points;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each thing of which it was recorded that it fell due, from the day on which it did.
pub const TABLE: &Table = &Table {
    name: "fell_due",
    version: 1,
    question: "What fell due, by which rule?",
    columns: &[
        Column::id("subject").indexed(),
        Column::text("family"),
        Column::text("due"),
        Column::text("rule"),
        Column::id("branch").indexed().optional(),
    ],
};

/// What fell due, by which rule?
pub enum FellDue {}

impl Points for FellDue {
    const TABLE: &'static Table = TABLE;
    const GIVEN: Option<FamilyName> = Some(FamilyName::Clock);
    const CORRECTED: Option<FamilyName> = None;

    fn cells(event: &Recorded) -> Vec<Vec<Cell>> {
        let Event::Clock(event) = &event.event else { return Vec::new() };
        match event {
            ClockEvent::FellDue { subject, due, rule, branch, .. } => {
                let family = cell(subject.family.as_str());
                vec![vec![id(subject.id), family, cell(due), cell(rule), (*branch).into()]]
            }
            ClockEvent::Advanced { .. } | ClockEvent::ScreeningHeld { .. } => Vec::new(),
        }
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FellDueRow<'a> {
    /// The id of what it is about.
    pub subject: &'a str,
    /// The family of what it is about.
    pub family: &'a str,
    /// What fell due, as a code.
    pub due: &'a str,
    /// The key of the rule.
    pub rule: &'a str,
    /// The id of the branch whose task it is, where it is a branch's.
    pub branch: Option<&'a str>,
}

impl<'a> FellDueRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [subject, family, due, rule, branch] = row.columns();
        Self {
            subject: subject.text(),
            family: family.text(),
            due: due.text(),
            rule: rule.text(),
            branch: branch.as_text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn what_fell_due_stays_so() {
        given_points::<FellDue>(&[fell_due(3, A, "under_strength"), advanced(5)])
            .then(&["03.. known 1.. by 1: #a branch under_strength a.rule #a"]);
    }
}
