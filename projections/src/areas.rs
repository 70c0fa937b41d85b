//! Which areas are defined?

use events::{Event, FamilyName, LedgerEvent, Recorded};

use crate::points::Points;
use crate::table::{Cell, Column, Row, Table, cell};

/// One row for each area, from the day of its definition.
pub const TABLE: &Table = &Table {
    name: "areas",
    version: 1,
    question: "Which areas are defined?",
    columns: &[Column::text("code"), Column::text("name")],
};

/// Which areas are defined?
pub enum Areas {}

impl Points for Areas {
    const TABLE: &'static Table = TABLE;
    const GIVEN: Option<FamilyName> = Some(FamilyName::Ledger);
    const CORRECTED: Option<FamilyName> = None;

    fn cells(event: &Recorded) -> Vec<Vec<Cell>> {
        match &event.event {
            Event::Ledger(LedgerEvent::AreaDefined { code, name, .. }) => {
                vec![vec![cell(code), cell(name)]]
            }
            Event::Ledger(LedgerEvent::Opened { .. })
            | Event::Person(_)
            | Event::Membership(_)
            | Event::Branch(_)
            | Event::Post(_)
            | Event::Policy(_)
            | Event::Host(_)
            | Event::Relation(_)
            | Event::Transfer(_)
            | Event::Reorganisation(_)
            | Event::Clock(_)
            | Event::Correction(_) => Vec::new(),
        }
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaRow<'a> {
    /// The area's code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
}

impl<'a> AreaRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [code, name] = row.columns();
        Self { code: code.text(), name: name.text() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn an_area_is_defined_once_and_stays() {
        given_points::<Areas>(&[area(1, "haven"), registered(2, P1)])
            .then(&["01.. known 1.. by 1: haven Area haven"]);
    }
}
