//! In which five years was each person born?

use events::{Event, PersonEvent, PersonId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each person of whom it is known. The year itself is in the vault alone.
pub const TABLE: &Table = &Table {
    name: "birth_bands",
    version: 1,
    question: "In which five years was each person born?",
    columns: &[Column::id("person").indexed(), Column::number("from_year")],
};

/// In which five years was each person born?
pub enum BirthBands {}

impl Intervals for BirthBands {
    const TABLE: &'static Table = TABLE;
    type Change = PersonEvent;
    type Key = PersonId;
    type Fact = u16;

    fn change(event: &Recorded) -> Option<(PersonId, &PersonEvent)> {
        let Event::Person(change) = &event.event else { return None };
        match change {
            PersonEvent::BirthBandRecorded { .. } => Some((PersonId(event.stream.id), change)),
            PersonEvent::Registered { .. }
            | PersonEvent::Died { .. }
            | PersonEvent::DuplicateSuspected { .. }
            | PersonEvent::DeclaredDistinct { .. }
            | PersonEvent::Merged { .. }
            | PersonEvent::Unmerged { .. } => None,
        }
    }

    fn step(before: Option<&u16>, change: &PersonEvent) -> Option<u16> {
        match change {
            PersonEvent::BirthBandRecorded { from_year, .. } => Some(*from_year),
            PersonEvent::Registered { .. }
            | PersonEvent::Died { .. }
            | PersonEvent::DuplicateSuspected { .. }
            | PersonEvent::DeclaredDistinct { .. }
            | PersonEvent::Merged { .. }
            | PersonEvent::Unmerged { .. } => before.copied(),
        }
    }

    fn cells(person: PersonId, from_year: &u16) -> Vec<Cell> {
        vec![id(person), cell(from_year)]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BirthBandRow<'a> {
    /// The person's id.
    pub person: &'a str,
    /// The first of the five years.
    pub from_year: u64,
}

impl<'a> BirthBandRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [person, from_year] = row.columns();
        Self { person: person.text(), from_year: from_year.number() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_band_holds_from_the_day_of_its_record() {
        given::<BirthBands>(&[registered(1, P1), born(1, P1, 1985)])
            .now(&["01.. known 2.. by 2: #21 1985"]);
    }
}
