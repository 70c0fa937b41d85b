//! End a membership in its time of trial.

use events::membership::EndReason;
use events::{Date, Guard, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::life::{end, open_membership, state_on};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// End the membership of somebody who is on trial and does not become a full member.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelProbation {
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
    CancelProbationRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// The member is not on trial on that day.
        NotOnProbation("not_on_probation") { person: PersonId, effective: Date },
        /// A later change of the same is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use CancelProbationRefusal as Refusal;

impl Decide for CancelProbation {
    const NAME: &'static str = "cancel-probation";
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
        let Self { person, effective, precision } = *self;
        let (id, membership) = open_membership(known, person, effective)?;
        let rules = &known.policy(effective).rules.life;
        let state = state_on(known, membership, effective);
        if rules.probation.as_ref().is_none_or(|trial| Some(&trial.state) != state.as_ref()) {
            return Err(Refusal::NotOnProbation { person, effective });
        }
        let mut decided = Decided::default();
        let reason = EndReason::ProbationCancelled;
        end(known, (id, membership), (effective, precision), reason, &mut decided)?;
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> CancelProbation {
        CancelProbation { person: ANN, effective: day(10), precision: None }
    }

    #[test]
    fn the_membership_ends_with_its_reason() {
        given(ann_on_trial()).when(it()).then([ended_because(
            ANN,
            Some(NORTH),
            10,
            EndReason::ProbationCancelled,
        )]);
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
            .when(it())
            .then_refused(Refusal::NotOnProbation { person, effective });
        given(ann_on_trial())
            .and([contact_lost(15)])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
