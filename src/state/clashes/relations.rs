//! Relations: their steps in turn, both ends there, and none that leads back to where it began.

use std::collections::BTreeSet;

use events::{Event, Guard, Party, RelationEvent, RelationId, StreamId};

use super::{Date, FamilyName, View};
use crate::state::relation::Ends;

/// What a relation rests on: its ends and, where it ranks them, all that are above the second one.
pub(super) fn rests_on(view: &View<'_>, stream: StreamId) -> Vec<Guard> {
    let relation = (stream.family == FamilyName::Relation).then_some(RelationId(stream.id));
    let Some(ends) = relation.and_then(|id| view.relation(id)?.ends()) else { return Vec::new() };
    let mut guards = vec![guard_of(ends.from), guard_of(ends.to)];
    if ends.relation.ranks() {
        let above = above(view, ends, |_| true);
        guards.extend(above.into_iter().map(Guard::RelationsOf));
    }
    guards
}

fn guard_of(party: Party) -> Guard {
    match party {
        Party::Branch(id) => Guard::Branch(id),
        Party::Host(id) => Guard::Host(id),
    }
}

/// A relation: proposed, accepted and ended in turn, and from its proposal on both ends are there:
/// whoever accepts it does not look again.
pub(super) fn relation(
    view: &View<'_>,
    id: RelationId,
    clash: &mut impl FnMut(&'static str, Date),
) {
    let Some(ends) = view.relation(id).and_then(|relation| relation.ends()) else { return };
    let (mut since, mut accepted, mut over) = (None, false, false);
    let stretch = |from: Date, until: Option<Date>, clash: &mut dyn FnMut(&'static str, Date)| {
        for party in [ends.from, ends.to] {
            if let Some(on) = view.missing(party, from, until) {
                clash("relation_left", on);
            }
        }
    };
    for (index, fact) in view.timeline(StreamId::from(id)).into_iter().enumerate() {
        let Event::Relation(fact) = fact else { continue };
        let effective = events::Family::effective(&fact);
        let (fits, relation, from, to) = match fact {
            RelationEvent::Proposed { relation, from, to, .. } => {
                since = Some(effective);
                (index == 0, relation, from, to)
            }
            RelationEvent::Accepted { relation, from, to, .. } => {
                since.get_or_insert(effective);
                let first = !std::mem::replace(&mut accepted, true);
                (first && index > 0 && !over, relation, from, to)
            }
            RelationEvent::Ended { relation, from, to, .. } => {
                if let Some(since) = since.take() {
                    stretch(since, Some(effective), clash);
                }
                (!std::mem::replace(&mut over, true) && index > 0, relation, from, to)
            }
        };
        if !fits || (relation, from, to) != (ends.relation, ends.from, ends.to) {
            clash("relation_order", effective);
        }
    }
    if let Some(since) = since {
        stretch(since, None, clash);
    }
    if ends.relation.ranks() {
        circles(view, id, ends, clash);
    }
}

/// What ranks one body over another never leads back to where it began, on any day.
fn circles(
    view: &View<'_>,
    id: RelationId,
    ends: Ends,
    clash: &mut impl FnMut(&'static str, Date),
) {
    let mut days = BTreeSet::new();
    for party in above(view, ends, |_| true) {
        let higher = relations_of(view, party, ends).into_iter().flat_map(|(id, _)| held(view, id));
        days.extend(higher.map(|(from, _)| from));
    }
    for (from, until) in held(view, id) {
        let covers = |(from, until): (Date, Option<Date>), day: Date| {
            from <= day && until.is_none_or(|until| until > day)
        };
        let starts = std::iter::once(from).chain(days.iter().copied());
        for on in starts.filter(|day| covers((from, until), *day)) {
            let holds = |other| held(view, other).into_iter().any(|stretch| covers(stretch, on));
            if above(view, ends, holds).contains(&ends.from) {
                clash("relation_circle", on);
            }
        }
    }
}

/// The second end of a relation, and all that are above it by such relations of the same kind.
fn above(view: &View<'_>, ends: Ends, counts: impl Fn(RelationId) -> bool) -> BTreeSet<Party> {
    let (mut above, mut next) = (BTreeSet::from([ends.to]), vec![ends.to]);
    while let Some(party) = next.pop() {
        for (id, higher) in relations_of(view, party, ends) {
            if counts(id) && above.insert(higher) {
                next.push(higher);
            }
        }
    }
    above
}

/// The relations of the same kind in which a body is the first end, with the second one.
fn relations_of(view: &View<'_>, party: Party, like: Ends) -> Vec<(RelationId, Party)> {
    let streams = view.behind(&Guard::RelationsOf(party), FamilyName::Relation).into_iter();
    let relations = streams.filter_map(|stream| {
        let id = RelationId(stream.id);
        let ends = view.relation(id)?.ends()?;
        (ends.relation == like.relation && ends.from == party).then_some((id, ends.to))
    });
    relations.collect()
}

/// The stretches during which a relation holds.
fn held(view: &View<'_>, id: RelationId) -> Vec<(Date, Option<Date>)> {
    let mut held: Vec<(Date, Option<Date>)> = Vec::new();
    for fact in view.timeline(StreamId::from(id)) {
        let Event::Relation(fact) = fact else { continue };
        match fact {
            RelationEvent::Proposed { .. } => {}
            RelationEvent::Accepted { effective, .. } => held.push((effective, None)),
            RelationEvent::Ended { effective, .. } => {
                held.iter_mut().for_each(|(_, until)| _ = until.get_or_insert(effective));
            }
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use events::{BranchId, RelationKind};
    use uuid::Uuid;

    use super::*;
    use crate::given::*;

    const GUIDED: RelationKind = RelationKind::GuidedBy;

    fn proposed(from: BranchId, to: BranchId, on: i8, id: Uuid) -> Given {
        let (effective, from, to) = (day(on), Party::Branch(from), Party::Branch(to));
        let precision = None;
        let proposed = RelationEvent::Proposed { effective, precision, relation: GUIDED, from, to };
        (RelationId(id).into(), proposed.into())
    }

    #[test]
    fn a_chain_of_guidance_never_comes_back_on_any_day() {
        let history = vec![
            formed(NORTH, 1),
            formed(SOUTH, 1),
            formed(EAST, 1),
            proposed(NORTH, SOUTH, 2, R1),
            branch_guided(NORTH, SOUTH, 2, R1),
            branch_unguided(NORTH, SOUTH, 8, R1),
            proposed(SOUTH, EAST, 2, R2),
            branch_guided(SOUTH, EAST, 2, R2),
            proposed(EAST, NORTH, 9, fresh(1)),
            branch_guided(EAST, NORTH, 9, fresh(1)),
        ];
        let never_ended = given(history.clone()).clashes_once(&[(5, None)]);
        assert_eq!(never_ended, ["relation_circle 2026-01-09"]);
        let found = given(history.clone()).clashes_once(&[(8, Some(5)), (9, Some(6))]);
        assert_eq!(found, ["relation_circle 2026-01-06"]);
        // Held from the eighth on, when the first one is over.
        let after = given(history).clashes_once(&[(8, Some(5)), (9, Some(8))]);
        assert_eq!(after, Vec::<String>::new());
    }

    #[test]
    fn a_proposal_needs_both_its_ends_too() {
        let bodies = vec![formed(NORTH, 1), formed(SOUTH, 1), proposed(NORTH, SOUTH, 5, R1)];
        let formed_later = given(bodies.clone()).clashes_once(&[(1, Some(7))]);
        assert_eq!(formed_later, ["relation_left 2026-01-05"]);
        assert_eq!(given(bodies).clashes_once(&[(1, Some(4))]), Vec::<String>::new());
    }
}
