//! Assign a member a place at another branch.

use events::{BranchId, Date, Guard, MembershipEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::shared::life::open_membership;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Assign a member a place at another branch beside the home, which stays where it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignSecondaryPlace {
    /// Whose membership.
    pub person: PersonId,
    /// The other branch.
    pub branch: BranchId,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    AssignSecondaryPlaceRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// The membership has no home on that day, so there is nothing beside it.
        NoHome("no_home") { person: PersonId, effective: Date },
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// The branch is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// The branch is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// The member is at home there.
        HomeThere("home_there") { person: PersonId, branch: String },
        /// A later change of the same is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use AssignSecondaryPlaceRefusal as Refusal;

impl Decide for AssignSecondaryPlace {
    const NAME: &'static str = "assign-secondary-place";
    const FIELDS: &'static [Field] =
        &[required("person", FieldKind::Person), required("branch", FieldKind::Branch), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::MembershipsOf(self.person), Guard::Branch(self.branch)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, branch, effective, precision } = *self;
        let (id, membership) = open_membership(known, person, effective)?;
        let Some(home) = membership.home_on(effective) else {
            return Err(Refusal::NoHome { person, effective });
        };
        let there = known.branch(branch).ok_or(Refusal::BranchUnknown { branch })?;
        let rules = &known.policy(effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(there, effective, rules, &mut decided)?;
        if let Some(dissolved) = there.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code_of(there), dissolved });
        }
        let is_there = membership.places_on(effective).any(|place| place == branch);
        if !is_there {
            takes_in(there, effective)?;
        }
        if home == branch {
            return Err(Refusal::HomeThere { person, branch: code_of(there) });
        }
        if is_there {
            return Ok(Decided::already_so());
        }
        let place = membership.place_after(branch, effective);
        if let Some(later) = membership.change_after(effective).into_iter().chain(place).min() {
            return Err(Refusal::LaterChange { later });
        }
        let placed =
            MembershipEvent::SecondaryPlaceAssigned { effective, precision, person, branch };
        decided.push(id, placed);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> AssignSecondaryPlace {
        AssignSecondaryPlace { person: ANN, branch: SOUTH, effective: day(10), precision: None }
    }

    #[test]
    fn a_place_is_assigned_once() {
        given(ann_in_north()).when(it()).then([placed(10, SOUTH)]);
        given(ann_in_north()).and([placed(8, SOUTH)]).when(it()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        let (person, effective) = (ANN, day(10));
        given([registered(ANN)])
            .when(it())
            .then_refused(Refusal::NoMembership { person, effective });
        given([
            registered(ANN),
            formed(NORTH, 1),
            formed(SOUTH, 1),
            admitted(ANN, NORTH, 2, M1),
            admitted(ANN, SOUTH, 2, M2),
        ])
        .when(it())
        .then_refused(Refusal::SeveralMemberships { person, effective });
        given([registered(ANN), formed(NORTH, 1), applied(ANN, NORTH, 5, M1)])
            .when(it())
            .then_refused(Refusal::NoHome { person, effective });
        let alone = [registered(ANN), formed(NORTH, 1), admitted(ANN, NORTH, 5, M1)];
        given(alone.clone()).when(it()).then_refused(Refusal::BranchUnknown { branch: SOUTH });
        given(alone.clone())
            .and([formed(SOUTH, 20)])
            .when(it())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(20) });
        given(ann_in_north())
            .and([dissolved(SOUTH, 20)])
            .when(it())
            .then_refused(Refusal::BranchDissolved { branch: "south".into(), dissolved: day(20) });
        given(ann_in_north())
            .when(AssignSecondaryPlace { branch: NORTH, ..it() })
            .then_refused(Refusal::HomeThere { person, branch: "north".into() });
        given(ann_in_north())
            .and([placed(15, SOUTH)])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }

    #[test]
    fn a_destination_that_is_suspended_or_wound_up_is_refused() {
        let south = || "south".to_owned();
        given(ann_in_north())
            .and([branch_suspended(SOUTH, 3)])
            .when(it())
            .then_refused(Refusal::BranchSuspended { branch: south(), since: day(3) });
        given(ann_in_north())
            .and([winding_up(SOUTH, 3)])
            .when(it())
            .then_refused(Refusal::BranchWindingUp { branch: south(), since: day(3) });
    }
}
