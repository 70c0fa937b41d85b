//! Which members work at which host, and in which post?

use events::{Code, Event, HostEvent, HostId, PersonId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each stretch during which a person works at a host in one post.
pub const TABLE: &Table = &Table {
    name: "employments",
    version: 2,
    question: "Which members work at which host, and in which post?",
    columns: &[
        Column::id("host").indexed(),
        Column::id("person").indexed(),
        Column::text("post").optional(),
        Column::text("contract").optional(),
    ],
};

/// Which members work at which host, and in which post?
pub enum Employments {}

/// How a person is employed.
#[derive(Clone, PartialEq)]
pub struct Job {
    post: Option<Code>,
    contract: bool,
}

impl Intervals for Employments {
    const TABLE: &'static Table = TABLE;
    type Change = HostEvent;
    type Key = (HostId, PersonId);
    type Fact = Job;

    fn change(event: &Recorded) -> Option<(Self::Key, &HostEvent)> {
        let Event::Host(change) = &event.event else { return None };
        match change {
            HostEvent::Employed { person, .. } | HostEvent::EmploymentEnded { person, .. } => {
                Some(((HostId(event.stream.id), *person), change))
            }
            HostEvent::Registered { .. } | HostEvent::Changed { .. } | HostEvent::Closed { .. } => {
                None
            }
        }
    }

    fn step(before: Option<&Self::Fact>, change: &HostEvent) -> Option<Self::Fact> {
        match change {
            HostEvent::Employed { post, contract, .. } => {
                Some(Job { post: post.clone(), contract: *contract })
            }
            HostEvent::EmploymentEnded { .. } => None,
            HostEvent::Registered { .. } | HostEvent::Changed { .. } | HostEvent::Closed { .. } => {
                before.cloned()
            }
        }
    }

    fn cells((host, person): Self::Key, job: &Self::Fact) -> Vec<Cell> {
        let contract = if job.contract { cell("signed") } else { Cell::Empty };
        vec![id(host), id(person), job.post.as_ref().into(), contract]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmploymentRow<'a> {
    /// The host's id.
    pub host: &'a str,
    /// The person's id.
    pub person: &'a str,
    /// The code of the post, where it is one that counts.
    pub post: Option<&'a str>,
    /// Whether there is a contract.
    pub contract: bool,
}

impl<'a> EmploymentRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [host, person, post, contract] = row.columns();
        Self {
            host: host.text(),
            person: person.text(),
            post: post.as_text(),
            contract: contract.as_text().is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn people_come_change_post_and_go() {
        let history = [
            employed(1, H1, P1, None),
            employed(2, H1, P2, None),
            employed(3, H1, P1, Some("editor")),
            unemployed(5, H1, P1),
        ];
        given::<Employments>(&history).now(&[
            "02.. known 2.. by 2: #51 #22 - -",
            "01..03 known 3.. by 1-3: #51 #21 - -",
            "03..05 known 4.. by 3-4: #51 #21 editor -",
        ]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Employments>();
    }
}
