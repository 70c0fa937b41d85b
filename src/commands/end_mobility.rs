//! Record that a member is back.

use events::{Date, Guard, MembershipEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::life::open_membership;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Record that a member who was registered as away is back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndMobility {
    /// Whose membership.
    pub person: PersonId,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    EndMobilityRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// A later change of the same is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use EndMobilityRefusal as Refusal;

impl Decide for EndMobility {
    const NAME: &'static str = "end-mobility";
    const FIELDS: &'static [Field] = &[required("person", FieldKind::Person), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::MembershipsOf(self.person)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, effective, precision } = *self;
        let (id, membership) = open_membership(known, person, effective)?;
        if membership.mobility_on(effective).is_none() {
            return Ok(Decided::already_so());
        }
        if let Some(later) = membership.mobility_after(effective) {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        decided.push(id, MembershipEvent::MobilityEnded { effective, precision, person });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> EndMobility {
        EndMobility { person: ANN, effective: day(10), precision: None }
    }

    #[test]
    fn only_who_was_away_comes_back() {
        given(ann_in_north()).when(it()).then([]);
        given(ann_in_north()).and([away(8, None, None)]).when(it()).then([back(10)]);
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
            .and([away(8, None, None), back(15)])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
