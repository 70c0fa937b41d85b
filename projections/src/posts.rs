//! Who holds which post?

use events::post::HoldingMode;
use events::{BranchId, Code, Date, Event, PersonId, PostEvent, PostId, Recorded};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each time that a person held a post.
pub const TABLE: &Table = &Table {
    name: "posts",
    version: 2,
    question: "Who holds which post?",
    columns: &[
        Column::id("post"),
        Column::id("branch").indexed(),
        Column::text("role"),
        Column::id("person").indexed(),
        Column::text("mode").optional(),
        Column::text("term_until").optional(),
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
#[derive(Clone, PartialEq)]
pub struct Seat {
    branch: BranchId,
    role: Code,
    term: Option<(HoldingMode, Option<Date>)>,
}

impl Intervals for Posts {
    const TABLE: &'static Table = TABLE;
    type Change = PostEvent;
    type Key = Holding;
    type Fact = Seat;

    fn change(event: &Recorded) -> Option<(Holding, &PostEvent)> {
        let Event::Post(change) = &event.event else { return None };
        match change {
            PostEvent::Taken { person, .. }
            | PostEvent::Left { person, .. }
            | PostEvent::TermSet { person, .. } => {
                Some((Holding { post: PostId(event.stream.id), person: *person }, change))
            }
            PostEvent::ActingNamed { .. } | PostEvent::ActingEnded { .. } => None,
        }
    }

    fn step(before: Option<&Seat>, change: &PostEvent) -> Option<Seat> {
        match change {
            PostEvent::Taken { branch, role, .. } => {
                Some(Seat { branch: *branch, role: role.clone(), term: None })
            }
            PostEvent::Left { .. } => None,
            PostEvent::TermSet { mode, term_until, .. } => {
                before.map(|seat| Seat { term: Some((*mode, *term_until)), ..seat.clone() })
            }
            PostEvent::ActingNamed { .. } | PostEvent::ActingEnded { .. } => before.cloned(),
        }
    }

    fn cells(holding: Holding, seat: &Seat) -> Vec<Cell> {
        let mode = seat.term.map(|(mode, _)| cell(mode.code()));
        let until = seat.term.and_then(|(_, until)| until).map(cell);
        vec![
            id(holding.post),
            id(seat.branch),
            cell(&seat.role),
            id(holding.person),
            mode.unwrap_or(Cell::Empty),
            until.unwrap_or(Cell::Empty),
        ]
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
    /// How the holder came to it, where that is known.
    pub mode: Option<&'a str>,
    /// The first day after the term, where there is one.
    pub term_until: Option<&'a str>,
}

impl<'a> PostRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [post, branch, role, person, mode, term_until] = row.columns();
        Self {
            post: post.text(),
            branch: branch.text(),
            role: role.text(),
            person: person.text(),
            since: row.valid_from,
            mode: mode.as_text(),
            term_until: term_until.as_text(),
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
            "01.. known 1..2 by 1: #41 #a chair #21 - -",
            "01..05 known 2.. by 1-2: #41 #a chair #21 - -",
            "05.. known 3.. by 3: #41 #a chair #22 - -",
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
            "03.. known 2.. by 2: #41 #a chair #22 - -",
            "01..05 known 3.. by 1-3: #41 #a chair #21 - -",
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
            "01.. known 1..2 by 1: #41 #a chair #21 - -",
            "01..07 known 2..3 by 1-2: #41 #a chair #21 - -",
            "07.. known 2.. by 2: #41 #a chair #21 - -",
            "01..03 known 3.. by 1-3: #41 #a chair #21 - -",
        ]);
    }

    #[test]
    fn a_post_held_within_one_day_is_a_row_of_no_day() {
        given::<Posts>(&[taken(1, O1, A, "chair", P1), left(1, O1, A, "chair", P1)])
            .now(&["01..01 known 2.. by 1-2: #41 #a chair #21 - -"]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Posts>();
    }
}
