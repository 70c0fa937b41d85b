//! Put a branch under another parent.

use std::collections::BTreeSet;

use events::{BranchEvent, BranchId, Date, Guard, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::shared::{code_of, code_or_id, dissolved_by, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Put a branch under another parent, or at the top level.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveBranch {
    /// Which branch.
    pub branch: BranchId,
    /// Its parent from then on; none at the top level.
    #[serde(default)]
    pub to: Option<BranchId>,
    /// The first day under it.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a move is refused.
    MoveBranchRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// No branch has the parent's id.
        ParentUnknown("parent_unknown") { branch: BranchId },
        /// The branch or its new parent was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved by then.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// The new parent is dissolved, or will be.
        ParentDissolved("parent_dissolved") { branch: String, dissolved: Date },
        /// The new parent is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// The new parent is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// A later move, or the dissolution, is recorded.
        LaterChange("later_change") { later: Date },
        /// The new parent lies under the branch itself, on some day.
        Cycle("cycle") { branch: String, parent: String, day: Date },
    }
}

use MoveBranchRefusal as Refusal;

impl Decide for MoveBranch {
    const NAME: &'static str = "move-branch";
    const FIELDS: &'static [Field] =
        &[required("branch", FieldKind::Branch), optional("to", FieldKind::Branch), EFFECTIVE];
    type Refusal = MoveBranchRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    /// The branch, and all that the new parent lies or will lie under: two moves that would close a
    /// circle together look at each other.
    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![Guard::Branch(self.branch)];
        guards.extend(self.above(known).into_iter().map(Guard::Branch));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let branch = known.branch(self.branch);
        let branch = branch.ok_or(Refusal::BranchUnknown { branch: self.branch })?;
        let mut decided = Decided::default();
        let effective = self.effective_at_both(known, &mut decided)?;
        if let Some(dissolved) = dissolved_by(branch, effective) {
            return Err(Refusal::BranchDissolved { branch: code_of(branch), dissolved });
        }
        if branch.parent_on(effective) == self.to {
            return Ok(Decided::already_so());
        }
        let parent = self.to.and_then(|id| known.branch(id));
        if let Some(parent) = parent
            && let Some(dissolved) = parent.dissolved()
        {
            return Err(Refusal::ParentDissolved { branch: code_of(parent), dissolved });
        }
        parent.map_or(Ok(()), |parent| takes_in(parent, effective))?;
        // A dissolution names the parent that it found, so no move may come before it either.
        let later = branch.move_after(effective);
        if let Some(later) = later.or(branch.dissolved()) {
            return Err(Refusal::LaterChange { later });
        }
        if let Some(day) = self.day_of_cycle(known, effective) {
            let parent = self.to.map_or_else(String::new, |id| code_or_id(known, id));
            return Err(Refusal::Cycle { branch: code_of(branch), parent, day });
        }
        let moved = BranchEvent::Moved {
            effective,
            precision: self.precision,
            from: branch.parent_on(effective),
            to: self.to,
        };
        decided.push(self.branch, moved);
        Ok(decided)
    }
}

impl MoveBranch {
    /// The day from which both the branch and its new parent are there.
    fn effective_at_both(&self, known: &Known, decided: &mut Decided) -> Result<Date, Refusal> {
        let rules = &known.policy(self.effective).rules;
        let mut effective = self.effective;
        for id in [Some(self.branch), self.to].into_iter().flatten() {
            let branch = known.branch(id).ok_or(Refusal::ParentUnknown { branch: id })?;
            effective = from_formation(branch, effective, rules, decided)?;
        }
        Ok(effective)
    }

    /// The new parent and everything above it from the effective day on, as far as it is known.
    fn above(&self, known: &Known) -> BTreeSet<BranchId> {
        let mut above = BTreeSet::new();
        let mut pending: Vec<BranchId> = self.to.into_iter().collect();
        while let Some(id) = pending.pop() {
            if above.insert(id) && known.has_looked(&Guard::Branch(id)) {
                let parents = known.branch(id).into_iter().flat_map(|branch| branch.parents());
                let parents = parents.filter(|spell| spell.reaches_beyond(self.effective));
                pending.extend(parents.filter_map(|spell| spell.value));
            }
        }
        above
    }

    /// The first day on which the new parent would lie under the branch, be it for a part of it.
    fn day_of_cycle(&self, known: &Known, effective: Date) -> Option<Date> {
        let above = self.above(known);
        let changes = above.iter().filter_map(|id| known.branch(*id)).flat_map(|b| b.parents());
        let later: BTreeSet<Date> =
            changes.map(|spell| spell.from).filter(|from| *from > effective).collect();
        let days = std::iter::once(effective).chain(later);
        days.into_iter().find(|day| self.lies_above(known, *day, effective))
    }

    /// Whether the branch lies above its new parent at any moment of a day. The move comes last on
    /// its own day; on a later day all that held on it, however shortly, may have held at once.
    fn lies_above(&self, known: &Known, day: Date, effective: Date) -> bool {
        let mut seen = BTreeSet::new();
        let mut pending: Vec<BranchId> = self.to.into_iter().collect();
        while let Some(id) = pending.pop() {
            if id == self.branch {
                return true;
            }
            let Some(branch) = known.branch(id).filter(|_| seen.insert(id)) else { continue };
            if day == effective {
                pending.extend(branch.parent_on(day));
            } else {
                let held = branch.parents().filter(|spell| {
                    spell.from <= day && spell.until.is_none_or(|until| until >= day)
                });
                pending.extend(held.filter_map(|spell| spell.value));
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn move_north() -> MoveBranch {
        MoveBranch { branch: NORTH, to: Some(SOUTH), effective: day(10), precision: None }
    }

    #[test]
    fn puts_a_branch_under_another() {
        given([formed(NORTH, 1), formed(SOUTH, 1)]).when(move_north()).then([moved(
            NORTH,
            None,
            Some(SOUTH),
            10,
        )]);
    }

    #[test]
    fn the_parent_that_it_has_is_already_so() {
        given([formed(SOUTH, 1), formed_under(NORTH, "north", 2, SOUTH)])
            .when(move_north())
            .then([]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        given([formed(SOUTH, 1)])
            .when(move_north())
            .then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 1)])
            .when(move_north())
            .then_refused(Refusal::ParentUnknown { branch: SOUTH });
        given([formed(NORTH, 1), formed(SOUTH, 20)])
            .when(move_north())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(20) });
    }

    #[test]
    fn what_is_dissolved_neither_moves_nor_takes_in() {
        given([formed(NORTH, 1), formed(SOUTH, 1), dissolved(NORTH, 5)])
            .when(move_north())
            .then_refused(Refusal::BranchDissolved { branch: "north".into(), dissolved: day(5) });
        given([formed(NORTH, 1), formed(SOUTH, 1), dissolved(SOUTH, 15)])
            .when(move_north())
            .then_refused(Refusal::ParentDissolved { branch: "south".into(), dissolved: day(15) });
    }

    #[test]
    fn a_move_before_a_recorded_move_is_refused() {
        given([
            formed(NORTH, 1),
            formed(SOUTH, 1),
            formed(EAST, 1),
            moved(NORTH, None, Some(EAST), 12),
        ])
        .when(move_north())
        .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn what_is_suspended_or_wound_up_takes_nothing_in() {
        given([formed(NORTH, 1), formed(SOUTH, 1), branch_suspended(SOUTH, 3)])
            .when(move_north())
            .then_refused(Refusal::BranchSuspended { branch: "south".into(), since: day(3) });
        given([formed(NORTH, 1), formed(SOUTH, 1), winding_up(SOUTH, 3)])
            .when(move_north())
            .then_refused(Refusal::BranchWindingUp { branch: "south".into(), since: day(3) });
    }

    #[test]
    fn a_circle_is_refused_on_every_day() {
        let cycle = |day| Refusal::Cycle { branch: "north".into(), parent: "south".into(), day };
        given([formed(NORTH, 1), formed_under(SOUTH, "south", 1, NORTH)])
            .when(move_north())
            .then_refused(cycle(day(10)));
        given([formed(NORTH, 1), formed(EAST, 1), formed(SOUTH, 1)])
            .and([moved(EAST, None, Some(NORTH), 5), moved(SOUTH, None, Some(EAST), 20)])
            .when(move_north())
            .then_refused(cycle(day(20)));
    }
}
