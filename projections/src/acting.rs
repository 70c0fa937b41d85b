//! Who acts in which post?

use events::{BranchId, Code, Date, Event, PersonId, PostEvent, PostId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each time that a person acted in a post.
pub const TABLE: &Table = &Table {
    name: "acting",
    version: 1,
    question: "Who acts in which post?",
    columns: &[
        Column::id("post"),
        Column::id("branch").indexed(),
        Column::text("role"),
        Column::id("person").indexed(),
    ],
};

/// Who acts in which post?
pub enum Acting {}

/// One post as one person acts in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part {
    post: PostId,
    person: PersonId,
}

/// Where the post is, and which it is.
#[derive(Clone, PartialEq)]
pub struct Stage {
    branch: BranchId,
    role: Code,
}

impl Intervals for Acting {
    const TABLE: &'static Table = TABLE;
    const RARE: bool = true;
    type Change = PostEvent;
    type Key = Part;
    type Fact = Stage;

    fn change(event: &Recorded) -> Option<(Part, &PostEvent)> {
        let Event::Post(change) = &event.event else { return None };
        match change {
            PostEvent::ActingNamed { person, .. } | PostEvent::ActingEnded { person, .. } => {
                Some((Part { post: PostId(event.stream.id), person: *person }, change))
            }
            PostEvent::Taken { .. } | PostEvent::Left { .. } | PostEvent::TermSet { .. } => None,
        }
    }

    fn step(before: Option<&Stage>, change: &PostEvent) -> Option<Stage> {
        match change {
            PostEvent::ActingNamed { branch, role, .. } => {
                Some(Stage { branch: *branch, role: role.clone() })
            }
            PostEvent::ActingEnded { .. } => None,
            PostEvent::Taken { .. } | PostEvent::Left { .. } | PostEvent::TermSet { .. } => {
                before.cloned()
            }
        }
    }

    fn cells(part: Part, stage: &Stage) -> Vec<Cell> {
        vec![id(part.post), id(stage.branch), cell(&stage.role), id(part.person)]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActingRow<'a> {
    /// The post's id.
    pub post: &'a str,
    /// The id of the branch.
    pub branch: &'a str,
    /// Which post, as a code.
    pub role: &'a str,
    /// The id of whoever acts.
    pub person: &'a str,
    /// Since when they act.
    pub since: Date,
}

impl<'a> ActingRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [post, branch, role, person] = row.columns();
        Self {
            post: post.text(),
            branch: branch.text(),
            role: role.text(),
            person: person.text(),
            since: row.valid_from,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn whoever_acts_in_a_vacant_post_does_so_until_it_is_taken() {
        let history = [
            left(3, O1, A, "chair", P1),
            acting(3, O1, A, "chair", P2),
            acting_ended(5, O1, A, "chair", P2),
            taken(5, O1, A, "chair", P1),
        ];
        given::<Acting>(&history).now(&["03..05 known 3.. by 2-3: #41 #a chair #22"]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Acting>();
    }
}
