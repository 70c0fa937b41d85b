//! Propose a relation between two bodies.

use std::collections::BTreeSet;

use events::{Date, Guard, Party, Precision, RelationEvent, RelationId, RelationKind};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::{RELATIONS, life_of, party_code};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::relation::{Ends, Stage};

/// Propose a relation between two bodies: it holds when it is accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposeRelation {
    /// What the first end is to the second.
    pub relation: RelationKind,
    /// The first end.
    pub from: Party,
    /// The second end.
    pub to: Party,
    /// From when it is proposed.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the proposal of a relation is refused.
    ProposeRelationRefusal {
        /// Both ends are the same body.
        SameParty("same_party") { party: String },
        /// Such a relation does not hold between such bodies.
        EndsUnfit("ends_unfit") { relation: &'static str },
        /// No body has the id of one end.
        PartyUnknown("party_unknown") { party: Party },
        /// One end was formed or registered later.
        PartyNotYet("party_not_yet") { party: String, begins: Date },
        /// One end is dissolved or closed, or will be.
        PartyGone("party_gone") { party: String, gone: Date },
        /// The relation is proposed or holds already.
        AlreadyRelated("already_related") { from: String, to: String, since: Date },
        /// It would lead from the one back to itself.
        Circle("relation_circle") { from: String, to: String },
    }
}

use ProposeRelationRefusal as Refusal;

impl Decide for ProposeRelation {
    const NAME: &'static str = "propose-relation";
    const FIELDS: &'static [Field] = &[
        required("relation", FieldKind::Choice(RELATIONS)),
        required("from", FieldKind::Party),
        required("to", FieldKind::Party),
        EFFECTIVE,
    ];
    type Refusal = ProposeRelationRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    /// Both ends, and for a relation that ranks everybody who is above the second one.
    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![
            life_of(self.from),
            life_of(self.to),
            Guard::RelationsOf(self.from),
            Guard::RelationsOf(self.to),
        ];
        if self.relation.ranks() {
            guards.extend(self.above(known).into_iter().map(Guard::RelationsOf));
        }
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { relation, from, to, effective, precision } = *self;
        if from == to {
            return Err(Refusal::SameParty { party: party_code(known, from) });
        }
        if !relation.joins(from, to) {
            return Err(Refusal::EndsUnfit { relation: relation.code() });
        }
        stands(known, from, effective)?;
        stands(known, to, effective)?;
        let ends = Ends { relation, from, to };
        let same =
            known.relations_of(from).find(|(_, other, known)| *other == ends && known.is_open());
        if let Some((stage, since)) = same.and_then(|(_, _, known)| known.latest()) {
            if stage == Stage::Proposed && since == effective {
                return Ok(Decided::already_so());
            }
            let (from, to) = (party_code(known, from), party_code(known, to));
            return Err(Refusal::AlreadyRelated { from, to, since });
        }
        if relation.ranks() && self.above(known).contains(&from) {
            let (from, to) = (party_code(known, from), party_code(known, to));
            return Err(Refusal::Circle { from, to });
        }
        let mut decided = Decided::default();
        let proposed = RelationEvent::Proposed { effective, precision, relation, from, to };
        decided.push(RelationId((setting.fresh)()), proposed);
        Ok(decided)
    }
}

impl ProposeRelation {
    /// The second end and everybody above it, as far as was looked.
    fn above(&self, known: &Known) -> BTreeSet<Party> {
        let mut above = BTreeSet::from([self.to]);
        let mut next = vec![self.to];
        while let Some(party) = next.pop() {
            if !known.has_looked(&Guard::RelationsOf(party)) {
                continue;
            }
            for (_, ends, relation) in known.relations_of(party) {
                let rises = ends.relation == self.relation && ends.from == party;
                // One that is to end later stands over the days until then.
                if rises && relation.reaches_beyond(self.effective) && above.insert(ends.to) {
                    next.push(ends.to);
                }
            }
        }
        above
    }
}

/// Whether a body is there from that day on.
fn stands(known: &Known, party: Party, day: Date) -> Result<(), Refusal> {
    let life = match party {
        Party::Branch(id) => known.branch(id).map(|branch| (branch.formed(), branch.dissolved())),
        Party::Host(id) => known.host(id).map(|host| (host.registered(), host.closed())),
    };
    let (begins, gone) = life.ok_or(Refusal::PartyUnknown { party })?;
    let code = || party_code(known, party);
    if let Some(begins) = begins.filter(|begins| *begins > day) {
        return Err(Refusal::PartyNotYet { party: code(), begins });
    }
    gone.map_or(Ok(()), |gone| Err(Refusal::PartyGone { party: code(), gone }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn propose() -> ProposeRelation {
        ProposeRelation {
            relation: RelationKind::GuidedBy,
            from: Party::Host(SUN),
            to: Party::Branch(NORTH),
            effective: day(10),
            precision: None,
        }
    }

    fn between(from: Party, to: Party) -> ProposeRelation {
        ProposeRelation { from, to, ..propose() }
    }

    #[test]
    fn proposes_once() {
        let r1 = fresh(1);
        given([formed(NORTH, 1), host(SUN, 1)])
            .when(propose())
            .then([guidance_proposed(SUN, NORTH, 10, r1)]);
        given([formed(NORTH, 1), host(SUN, 1), guidance_proposed(SUN, NORTH, 10, R1)])
            .when(propose())
            .then([]);
    }

    #[test]
    fn an_ended_relation_may_be_proposed_again() {
        given([
            formed(NORTH, 1),
            host(SUN, 1),
            guided(SUN, NORTH, 2, R1),
            unguided(SUN, NORTH, 5, R1),
        ])
        .when(propose())
        .then([guidance_proposed(SUN, NORTH, 10, fresh(1))]);
    }

    #[test]
    fn a_chain_of_guidance_never_comes_back() {
        let [north, south, east] = [NORTH, SOUTH, EAST].map(Party::Branch);
        given([
            formed(NORTH, 1),
            formed(SOUTH, 1),
            formed(EAST, 1),
            branch_guided(NORTH, SOUTH, 2, R1),
            branch_guided(SOUTH, EAST, 2, R2),
        ])
        .when(between(east, north))
        .then_refused(Refusal::Circle { from: "east".into(), to: "north".into() });
        given([formed(NORTH, 1), formed(SOUTH, 1), branch_guided(NORTH, SOUTH, 2, R1)])
            .when(between(south, north))
            .then_refused(Refusal::Circle { from: "south".into(), to: "north".into() });
        // Until it ends it stands over those days too.
        let ends = |on| {
            [
                formed(NORTH, 1),
                formed(SOUTH, 1),
                branch_guided(NORTH, SOUTH, 2, R1),
                branch_unguided(NORTH, SOUTH, on, R1),
            ]
        };
        given(ends(11))
            .when(between(south, north))
            .then_refused(Refusal::Circle { from: "south".into(), to: "north".into() });
        _ = given(ends(10)).when(between(south, north)).decided();
    }

    #[test]
    fn refusals_come_in_order() {
        let north = Party::Branch(NORTH);
        given([formed(NORTH, 1)])
            .when(between(north, north))
            .then_refused(Refusal::SameParty { party: "north".into() });
        given([formed(NORTH, 1), host(SUN, 1)])
            .when(between(north, Party::Host(SUN)))
            .then_refused(Refusal::EndsUnfit { relation: "guided_by" });
        given([formed(NORTH, 1)])
            .when(propose())
            .then_refused(Refusal::PartyUnknown { party: Party::Host(SUN) });
        given([formed(NORTH, 1), host(SUN, 20)])
            .when(propose())
            .then_refused(Refusal::PartyNotYet { party: "sun".into(), begins: day(20) });
        given([formed(NORTH, 1), host(SUN, 1), dissolved(NORTH, 5)])
            .when(propose())
            .then_refused(Refusal::PartyGone { party: "north".into(), gone: day(5) });
        given([formed(NORTH, 1), host(SUN, 1), guided(SUN, NORTH, 5, R1)])
            .when(propose())
            .then_refused(Refusal::AlreadyRelated {
                from: "sun".into(),
                to: "north".into(),
                since: day(5),
            });
    }
}
