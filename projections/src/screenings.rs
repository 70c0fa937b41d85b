//! Which rounds of screening were held, and what did each find?

use events::{ClockEvent, Event, FamilyName, Recorded};

use crate::points::Points;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each thing that a round found; one without a finding for a round that found nothing.
pub const TABLE: &Table = &Table {
    name: "screenings",
    version: 1,
    question: "Which rounds of screening were held, and what did each find?",
    columns: &[
        Column::id("root").indexed(),
        Column::number("branches"),
        Column::number("members"),
        Column::text("finding").optional(),
        Column::number("count").optional(),
    ],
};

/// Which rounds of screening were held, and what did each find?
pub enum Screenings {}

impl Points for Screenings {
    const TABLE: &'static Table = TABLE;
    const GIVEN: Option<FamilyName> = Some(FamilyName::Clock);
    const CORRECTED: Option<FamilyName> = None;

    fn cells(event: &Recorded) -> Vec<Vec<Cell>> {
        let Event::Clock(event) = &event.event else { return Vec::new() };
        match event {
            ClockEvent::ScreeningHeld { root, branches, members, findings, .. } => {
                let round = [id(*root), cell(branches), cell(members)];
                let with = |more: [Cell; 2]| round.iter().cloned().chain(more).collect();
                if findings.is_empty() {
                    return vec![with([Cell::Empty, Cell::Empty])];
                }
                findings.iter().map(|it| with([cell(&it.finding), cell(it.count)])).collect()
            }
            ClockEvent::Advanced { .. } | ClockEvent::FellDue { .. } => Vec::new(),
        }
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScreeningRow<'a> {
    /// The id of the branch at the top.
    pub root: &'a str,
    /// How many branches were gone through.
    pub branches: u64,
    /// How many members are at home in them.
    pub members: u64,
    /// What was found, as a code, and how often.
    pub finding: Option<(&'a str, u64)>,
}

impl<'a> ScreeningRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [root, branches, members, finding, count] = row.columns();
        Self {
            root: root.text(),
            branches: branches.number(),
            members: members.number(),
            finding: finding.as_text().map(|finding| (finding, count.number())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_round_has_a_row_for_each_finding_and_one_at_least() {
        given_points::<Screenings>(&[
            screening_held(3, A, &[("host_gone", 2), ("holder_not_at_home", 1)]),
            screening_held(4, A, &[]),
        ])
        .then(&[
            "03.. known 1.. by 1: #a 2 9 host_gone 2",
            "03.. known 1.. by 1/1: #a 2 9 holder_not_at_home 1",
            "04.. known 2.. by 2: #a 2 9 - -",
        ]);
    }
}
