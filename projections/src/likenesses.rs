//! Which persons may be the same, are the same, or are not?

use std::collections::HashMap;

use events::{Date, Event, PersonEvent, PersonId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each stretch during which something is found of a person and another one.
pub const TABLE: &Table = &Table {
    name: "likenesses",
    version: 1,
    question: "Which persons may be the same, are the same, or are not?",
    columns: &[
        Column::id("person").indexed(),
        Column::id("other").indexed(),
        Column::text("found"),
    ],
};

/// Which persons may be the same, are the same, or are not?
pub enum Likenesses {}

/// What is found of two persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// They may be the same.
    Suspected,
    /// They are not the same, as two people found.
    Distinct,
    /// They are the same; the person goes by the other one's id.
    Merged,
}

impl Found {
    fn code(self) -> &'static str {
        match self {
            Self::Suspected => "suspected",
            Self::Distinct => "distinct",
            Self::Merged => "merged",
        }
    }
}

impl Intervals for Likenesses {
    const TABLE: &'static Table = TABLE;
    const RARE: bool = true;
    type Change = PersonEvent;
    type Key = (PersonId, PersonId);
    type Fact = Found;

    fn change(event: &Recorded) -> Option<(Self::Key, &PersonEvent)> {
        let Event::Person(change) = &event.event else { return None };
        Some(((PersonId(event.stream.id), change.other()?), change))
    }

    fn step(before: Option<&Found>, change: &PersonEvent) -> Option<Found> {
        match change {
            PersonEvent::DuplicateSuspected { .. } => Some(Found::Suspected),
            PersonEvent::DeclaredDistinct { .. } => Some(Found::Distinct),
            PersonEvent::Merged { .. } => Some(Found::Merged),
            PersonEvent::Unmerged { .. } => None,
            PersonEvent::Registered { .. }
            | PersonEvent::BirthBandRecorded { .. }
            | PersonEvent::Died { .. } => before.copied(),
        }
    }

    fn cells((person, other): Self::Key, found: &Found) -> Vec<Cell> {
        vec![id(person), id(other), cell(found.code())]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LikenessRow<'a> {
    /// The person's id.
    pub person: &'a str,
    /// The other one's id.
    pub other: &'a str,
    /// `suspected`, `distinct` or `merged`.
    pub found: &'a str,
    /// Since when.
    pub since: Date,
}

impl<'a> LikenessRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [person, other, found] = row.columns();
        Self {
            person: person.text(),
            other: other.text(),
            found: found.text(),
            since: row.valid_from,
        }
    }

    /// Whether the person goes by the other one's id.
    #[must_use]
    pub fn is_merged(&self) -> bool {
        self.found == Found::Merged.code()
    }

    /// Whether they may be the same.
    #[must_use]
    pub fn is_suspected(&self) -> bool {
        self.found == Found::Suspected.code()
    }
}

/// By whose id each person goes, by the rows that hold at one place on both axes.
#[derive(Debug, Clone, Default)]
pub struct GoesBy<'a>(HashMap<&'a str, &'a str>);

impl<'a> GoesBy<'a> {
    /// Reads rows of [`TABLE`].
    #[must_use]
    pub fn of(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let merged = rows.into_iter().map(LikenessRow::of).filter(LikenessRow::is_merged);
        Self(merged.map(|row| (row.person, row.other)).collect())
    }

    /// The id that counts for a person: its own, unless the person is merged into another one.
    #[must_use]
    pub fn id<'b>(&self, person: &'b str) -> &'b str
    where
        'a: 'b,
    {
        // Each step is another merge, so there are never more steps than merges.
        let steps = std::iter::successors(Some(person), |id| self.0.get(id).copied());
        steps.take(self.0.len() + 1).last().unwrap_or(person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_suspicion_ends_in_a_merge_that_may_be_undone() {
        given::<Likenesses>(&[
            registered(1, P1),
            compared(2, P1, P2, Found::Suspected),
            compared(4, P1, P2, Found::Merged),
            unmerged(6, P1, P2),
            compared(2, P2, P1, Found::Distinct),
        ])
        .now(&[
            "02..04 known 3.. by 2-3: #21 #22 suspected",
            "04..06 known 4.. by 3-4: #21 #22 merged",
            "02.. known 5.. by 5: #22 #21 distinct",
        ]);
    }

    #[test]
    fn a_person_goes_by_the_last_of_the_ids_into_which_it_was_merged() {
        let history = [
            compared(2, P1, P2, Found::Merged),
            compared(3, P2, P3, Found::Merged),
            compared(3, P4, P1, Found::Suspected),
        ];
        let rows = given::<Likenesses>(&history).known();
        let (goes_by, ids) = (GoesBy::of(&rows), [P1, P2, P3, P4].map(|id| id.to_string()));
        let counted: Vec<&str> = ids.iter().map(|id| goes_by.id(id)).collect();
        assert_eq!(counted, [&ids[2], &ids[2], &ids[2], &ids[3]]);
        assert_eq!(GoesBy::default().id(&ids[0]), ids[0]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Likenesses>();
    }
}
