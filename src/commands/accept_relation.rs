//! Accept a proposed relation.

use events::{Date, Guard, Party, Precision, RelationEvent, RelationKind};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::{RELATIONS, life_of, party_code};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::relation::{Ends, Stage};

/// Accept a relation that was proposed: it holds from then on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptRelation {
    /// What the first end is to the second.
    pub relation: RelationKind,
    /// The first end.
    pub from: Party,
    /// The second end.
    pub to: Party,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the acceptance of a relation is refused.
    AcceptRelationRefusal {
        /// Nobody proposed such a relation, or it has ended.
        NotProposed("not_proposed") { from: String, to: String },
        /// It holds since another day already.
        AlreadyAccepted("already_related") { from: String, to: String, since: Date },
        /// It was proposed later.
        BeforeProposal("before_proposal") { from: String, to: String, proposed: Date },
    }
}

use AcceptRelationRefusal as Refusal;

impl Decide for AcceptRelation {
    const NAME: &'static str = "accept-relation";
    const FIELDS: &'static [Field] = &[
        required("relation", FieldKind::Choice(RELATIONS)),
        required("from", FieldKind::Party),
        required("to", FieldKind::Party),
        EFFECTIVE,
    ];
    type Refusal = AcceptRelationRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    /// That both ends are there was looked at when it was proposed; an end that goes takes its
    /// relations with it.
    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![life_of(self.from), life_of(self.to), Guard::RelationsOf(self.from)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { relation, from, to, effective, precision } = *self;
        let ends = Ends { relation, from, to };
        let codes = || (party_code(known, from), party_code(known, to));
        let mut same = known.relations_of(from).filter(|(_, other, _)| *other == ends);
        let open = same.find(|(_, _, relation)| relation.is_open());
        let latest = open.and_then(|(id, _, relation)| Some((id, relation.latest()?)));
        let Some((id, (stage, since))) = latest else {
            let (from, to) = codes();
            return Err(Refusal::NotProposed { from, to });
        };
        if stage == Stage::Accepted {
            if since == effective {
                return Ok(Decided::already_so());
            }
            let (from, to) = codes();
            return Err(Refusal::AlreadyAccepted { from, to, since });
        }
        if since > effective {
            let (from, to) = codes();
            return Err(Refusal::BeforeProposal { from, to, proposed: since });
        }
        let mut decided = Decided::default();
        let accepted = RelationEvent::Accepted { effective, precision, relation, from, to };
        decided.push(id, accepted);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn accept() -> AcceptRelation {
        AcceptRelation {
            relation: RelationKind::GuidedBy,
            from: Party::Host(SUN),
            to: Party::Branch(NORTH),
            effective: day(10),
            precision: None,
        }
    }

    fn sun_and_north() -> Vec<Given> {
        vec![formed(NORTH, 1), host(SUN, 1)]
    }

    #[test]
    fn accepts_what_was_proposed_once() {
        given(sun_and_north())
            .and([guidance_proposed(SUN, NORTH, 5, R1)])
            .when(accept())
            .then([guided(SUN, NORTH, 10, R1)]);
        given(sun_and_north()).and([guided(SUN, NORTH, 10, R1)]).when(accept()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        let ends = || ("sun".to_owned(), "north".to_owned());
        let (from, to) = ends();
        given(sun_and_north()).when(accept()).then_refused(Refusal::NotProposed { from, to });
        let (from, to) = ends();
        given(sun_and_north())
            .and([guided(SUN, NORTH, 5, R1)])
            .when(accept())
            .then_refused(Refusal::AlreadyAccepted { from, to, since: day(5) });
        let (from, to) = ends();
        given(sun_and_north())
            .and([guidance_proposed(SUN, NORTH, 15, R1)])
            .when(accept())
            .then_refused(Refusal::BeforeProposal { from, to, proposed: day(15) });
    }
}
