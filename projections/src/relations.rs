//! Which relations hold between bodies, and which are proposed?

use events::{Event, Party, Recorded, RelationEvent, RelationId, RelationKind};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each stretch during which a relation is proposed or holds.
pub const TABLE: &Table = &Table {
    name: "relations",
    version: 1,
    question: "Which relations hold between bodies, and which are proposed?",
    columns: &[
        Column::id("relation"),
        Column::text("kind"),
        Column::text("from_family"),
        Column::id("from_id").indexed(),
        Column::text("to_family"),
        Column::id("to_id").indexed(),
        Column::text("state"),
    ],
};

/// The state of a relation that holds.
pub const ACCEPTED: &str = "accepted";

/// The state of a relation that one side only has spoken for.
pub const PROPOSED: &str = "proposed";

/// Which relations hold between bodies, and which are proposed?
pub enum Relations {}

/// What a relation is for a while.
#[derive(Clone, Copy, PartialEq)]
pub struct Standing {
    kind: RelationKind,
    from: Party,
    to: Party,
    accepted: bool,
}

impl Intervals for Relations {
    const TABLE: &'static Table = TABLE;
    type Change = RelationEvent;
    type Key = RelationId;
    type Fact = Standing;

    fn change(event: &Recorded) -> Option<(RelationId, &RelationEvent)> {
        let Event::Relation(change) = &event.event else { return None };
        Some((RelationId(event.stream.id), change))
    }

    fn step(_: Option<&Standing>, change: &RelationEvent) -> Option<Standing> {
        match *change {
            RelationEvent::Proposed { relation: kind, from, to, .. } => {
                Some(Standing { kind, from, to, accepted: false })
            }
            RelationEvent::Accepted { relation: kind, from, to, .. } => {
                Some(Standing { kind, from, to, accepted: true })
            }
            RelationEvent::Ended { .. } => None,
        }
    }

    fn cells(relation: RelationId, standing: &Standing) -> Vec<Cell> {
        let Standing { kind, from, to, accepted } = standing;
        let end = |party: &Party| {
            let stream = events::StreamId::from(*party);
            [cell(stream.family.as_str()), id(stream.id)]
        };
        let [from_family, from] = end(from);
        let [to_family, to] = end(to);
        let state = if *accepted { ACCEPTED } else { PROPOSED };
        vec![id(relation), cell(kind.code()), from_family, from, to_family, to, cell(state)]
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelationRow<'a> {
    /// The relation's id.
    pub relation: &'a str,
    /// What the first end is to the second: a code.
    pub kind: &'a str,
    /// Whether the first end is a `branch` or a `host`.
    pub from_family: &'a str,
    /// The id of the first end.
    pub from: &'a str,
    /// Whether the second end is a `branch` or a `host`.
    pub to_family: &'a str,
    /// The id of the second end.
    pub to: &'a str,
    /// `proposed` or `accepted`.
    pub state: &'a str,
}

impl<'a> RelationRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [relation, kind, from_family, from, to_family, to, state] = row.columns();
        Self {
            relation: relation.text(),
            kind: kind.text(),
            from_family: from_family.text(),
            from: from.text(),
            to_family: to_family.text(),
            to: to.text(),
            state: state.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_relation_is_proposed_accepted_and_ended() {
        let ends = (RelationKind::SupervisedBy, Party::Host(H1), Party::Branch(A));
        given::<Relations>(&[proposed(1, R1, ends), accepted(3, R1, ends), parted(5, R1, ends)])
            .now(&[
                "01..03 known 2.. by 1-2: #61 supervised_by host #51 branch #a proposed",
                "03..05 known 3.. by 2-3: #61 supervised_by host #51 branch #a accepted",
            ]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Relations>();
    }
}
