//! Who holds which post?

use events::{BranchId, Code, Date, Event, PersonId, PostEvent, PostId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell};

/// One row for each time that a person held a post.
pub const TABLE: &Table = &Table {
    name: "posts",
    version: 1,
    question: "Who holds which post?",
    columns: &[
        Column::id("post"),
        Column::id("branch").indexed(),
        Column::text("role"),
        Column::id("person").indexed(),
    ],
};

/// Who holds which post?
pub enum Posts {}

/// One post as one person holds it: a post may have several holders where the rules allow it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Holding {
    post: PostId,
    person: PersonId,
}

/// Where the post is, and which it is.
#[derive(PartialEq)]
pub struct Seat {
    branch: BranchId,
    role: Code,
}

impl Intervals for Posts {
    const TABLE: &'static Table = TABLE;
    type Change = PostEvent;
    type Key = Holding;
    type Fact = Seat;

    fn change(event: &Recorded) -> Option<(Holding, &PostEvent)> {
        let Event::Post(change) = &event.event else { return None };
        let (PostEvent::Taken { person, .. } | PostEvent::Left { person, .. }) = change;
        Some((Holding { post: PostId(event.stream.id), person: *person }, change))
    }

    fn step(_before: Option<&Seat>, change: &PostEvent) -> Option<Seat> {
        match change {
            PostEvent::Taken { branch, role, .. } => {
                Some(Seat { branch: *branch, role: role.clone() })
            }
            PostEvent::Left { .. } => None,
        }
    }

    fn cells(holding: Holding, seat: &Seat) -> Vec<Cell> {
        vec![cell(holding.post), cell(seat.branch), cell(&seat.role), cell(holding.person)]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostRow<'a> {
    /// The post's id.
    pub post: &'a str,
    /// The id of the branch.
    pub branch: &'a str,
    /// Which post, as a code.
    pub role: &'a str,
    /// The holder's id.
    pub person: &'a str,
    /// Since when the person has held it.
    pub since: Date,
}

impl<'a> PostRow<'a> {
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
    fn a_post_passes_from_one_holder_to_the_next() {
        let history = [
            taken(1, O1, A, "chair", P1),
            left(5, O1, A, "chair", P1),
            taken(5, O1, A, "chair", P2),
        ];
        given::<Posts>(&history).then(&[
            "01.. known 1..2 by 1: #41 #a chair #21",
            "01..05 known 2.. by 1-2: #41 #a chair #21",
            "05.. known 3.. by 3: #41 #a chair #22",
        ]);
    }

    #[test]
    fn two_holders_of_one_post_dont_end_each_others_time() {
        let history = [
            taken(1, O1, A, "chair", P1),
            taken(3, O1, A, "chair", P2),
            left(5, O1, A, "chair", P1),
        ];
        given::<Posts>(&history).now(&[
            "03.. known 2.. by 2: #41 #a chair #22",
            "01..05 known 3.. by 1-3: #41 #a chair #21",
        ]);
    }

    #[test]
    fn a_backdated_leave_ends_the_earlier_of_two_times() {
        let history = [
            taken(1, O1, A, "chair", P1),
            taken(7, O1, A, "chair", P1),
            left(3, O1, A, "chair", P1),
        ];
        given::<Posts>(&history).then(&[
            "01.. known 1..2 by 1: #41 #a chair #21",
            "01..07 known 2..3 by 1-2: #41 #a chair #21",
            "07.. known 2.. by 2: #41 #a chair #21",
            "01..03 known 3.. by 1-3: #41 #a chair #21",
        ]);
    }

    #[test]
    fn a_post_held_within_one_day_is_a_row_of_no_day() {
        given::<Posts>(&[taken(1, O1, A, "chair", P1), left(1, O1, A, "chair", P1)])
            .now(&["01..01 known 2.. by 1-2: #41 #a chair #21"]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Posts>();
    }
}
