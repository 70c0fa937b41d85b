//! Stop a membership.

use events::{Code, Date, Guard, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::steps::stop;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Stop a membership: it goes to the first state without a home that the rules lead to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopMembership {
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
    StopMembershipRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// The rules do not lead there from the state that the membership is in.
        StepNotAllowed("step_not_allowed") { from: Code, to: String, allowed: String },
        /// A later change of the membership or of a post bound to it is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use StopMembershipRefusal as Refusal;

impl Decide for StopMembership {
    const NAME: &'static str = "stop-membership";
    const FIELDS: &'static [Field] = &[required("person", FieldKind::Person), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![
            Guard::MembershipsOf(self.person),
            Guard::PostsHeldBy(self.person),
            Guard::TransfersOf(self.person),
        ]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let mut decided = Decided::default();
        let when = (self.effective, self.precision);
        stop::<Refusal>(known, self.person, when, &mut decided)?;
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn halt() -> StopMembership {
        StopMembership { person: ANN, effective: day(10), precision: None }
    }

    #[test]
    fn the_membership_stops_and_has_no_home() {
        given(ann_in_north()).when(halt()).then([stepped_out(["full", "stopped"], NORTH, 10)]);
        given(ann_in_north())
            .and([stepped_out(["full", "stopped"], NORTH, 10)])
            .when(halt())
            .then([]);
        given(ann_in_north()).under("association").when(halt()).then_refused(
            Refusal::StepNotAllowed {
                from: code("member"),
                to: "stop".into(),
                allowed: String::new(),
            },
        );
    }

    #[test]
    fn a_stop_leads_to_no_state_that_a_trial_leads_to() {
        given(ann_on_trial())
            .with_rules(|it| it.life.probation.as_mut().unwrap().then = code("stopped"))
            .when(halt())
            .then_refused(Refusal::StepNotAllowed {
                from: code("probationary"),
                to: "stop".into(),
                allowed: "full, stopped".into(),
            });
    }

    #[test]
    fn refusals_come_in_order() {
        let (person, effective) = (ANN, day(10));
        given([registered(ANN)])
            .when(halt())
            .then_refused(Refusal::NoMembership { person, effective });
        given(ann_in_north())
            .and([admitted(ANN, SOUTH, 5, M2)])
            .when(halt())
            .then_refused(Refusal::SeveralMemberships { person, effective });
        given(ann_in_north())
            .and([moved_home(ANN, NORTH, SOUTH, 12, M1)])
            .when(halt())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }
}
