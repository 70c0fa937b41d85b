//! End a relation, or turn a proposal down.

use events::{Code, Date, Guard, Party, Precision, RelationEvent, RelationKind};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::{RELATIONS, life_of, party_code};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::relation::{Ends, Stage};

/// End a relation between two bodies, or turn its proposal down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndRelation {
    /// What the first end is to the second.
    pub relation: RelationKind,
    /// The first end.
    pub from: Party,
    /// The second end.
    pub to: Party,
    /// Why, as a code.
    #[serde(default)]
    pub reason: Option<Code>,
    /// The first day without it.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the end of a relation is refused.
    EndRelationRefusal {
        /// There is no such relation, nor a proposal.
        NotRelated("not_related") { from: String, to: String },
        /// It was proposed or accepted later.
        LaterChange("later_change") { later: Date },
    }
}

use EndRelationRefusal as Refusal;

impl Decide for EndRelation {
    const NAME: &'static str = "end-relation";
    const FIELDS: &'static [Field] = &[
        required("relation", FieldKind::Choice(RELATIONS)),
        required("from", FieldKind::Party),
        required("to", FieldKind::Party),
        optional("reason", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = EndRelationRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![life_of(self.from), life_of(self.to), Guard::RelationsOf(self.from)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { relation, from, to, reason, effective, precision } = self.clone();
        let ends = Ends { relation, from, to };
        let same = || known.relations_of(from).filter(|(_, other, _)| *other == ends);
        let open = same().find(|(_, _, relation)| relation.is_open());
        let Some((id, _, open)) = open else {
            if same().any(|(_, _, relation)| relation.latest() == Some((Stage::Ended, effective))) {
                return Ok(Decided::already_so());
            }
            let (from, to) = (party_code(known, from), party_code(known, to));
            return Err(Refusal::NotRelated { from, to });
        };
        if let Some((_, later)) = open.latest().filter(|(_, latest)| *latest > effective) {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        let ended = RelationEvent::Ended { effective, precision, relation, from, to, reason };
        decided.push(id, ended);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn end() -> EndRelation {
        EndRelation {
            relation: RelationKind::GuidedBy,
            from: Party::Host(SUN),
            to: Party::Branch(NORTH),
            reason: None,
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn ends_a_relation_or_a_proposal_once() {
        let there = || given([formed(NORTH, 1), host(SUN, 1)]);
        there().and([guided(SUN, NORTH, 5, R1)]).when(end()).then([unguided(SUN, NORTH, 10, R1)]);
        there()
            .and([guidance_proposed(SUN, NORTH, 5, R1)])
            .when(end())
            .then([unguided(SUN, NORTH, 10, R1)]);
        there().and([guided(SUN, NORTH, 5, R1), unguided(SUN, NORTH, 10, R1)]).when(end()).then([]);
    }

    #[test]
    fn what_is_not_there_does_not_end() {
        given([formed(NORTH, 1), host(SUN, 1)])
            .when(end())
            .then_refused(Refusal::NotRelated { from: "sun".into(), to: "north".into() });
        given([formed(NORTH, 1), host(SUN, 1), guided(SUN, NORTH, 15, R1)])
            .when(end())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
