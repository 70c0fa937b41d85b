//! End a member's place at another branch.

use events::{BranchId, Date, Guard, MembershipEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::life::open_membership;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// End the place that a member has at a branch beside the home.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndSecondaryPlace {
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
    EndSecondaryPlaceRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// A later change of the same is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use EndSecondaryPlaceRefusal as Refusal;

impl Decide for EndSecondaryPlace {
    const NAME: &'static str = "end-secondary-place";
    const FIELDS: &'static [Field] =
        &[required("person", FieldKind::Person), required("branch", FieldKind::Branch), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::MembershipsOf(self.person)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, branch, effective, precision } = *self;
        let (id, membership) = open_membership(known, person, effective)?;
        if !membership.places_on(effective).any(|place| place == branch) {
            return Ok(Decided::already_so());
        }
        if let Some(later) = membership.place_after(branch, effective) {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        let ended = MembershipEvent::SecondaryPlaceEnded { effective, precision, person, branch };
        decided.push(id, ended);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> EndSecondaryPlace {
        EndSecondaryPlace { person: ANN, branch: SOUTH, effective: day(10), precision: None }
    }

    #[test]
    fn only_a_place_that_is_there_ends() {
        given(ann_in_north()).when(it()).then([]);
        given(ann_in_north()).and([placed(8, SOUTH)]).when(it()).then([unplaced(10, SOUTH)]);
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
        given(ann_in_north())
            .and([placed(8, SOUTH), unplaced(15, SOUTH)])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
