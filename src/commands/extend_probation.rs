//! Make a member's time of trial longer.

use events::{Date, Guard, MembershipEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::life::{months_after, open_membership, state_on, trial_on};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Make a member's time of trial longer by some months, as far and as often as the rules allow.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtendProbation {
    /// Whose membership.
    pub person: PersonId,
    /// By how many months.
    pub months: u32,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    ExtendProbationRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// The member is not on trial on that day.
        NotOnProbation("not_on_probation") { person: PersonId, effective: Date },
        /// The rules allow no extension by so many months.
        ExtensionOutOfRange("extension_out_of_range") {
            months: u32,
            months_min: u32,
            months_max: u32,
        },
        /// It was extended as often as the rules allow.
        ExtendedAlready("extended_already") { person: PersonId, until: Date },
        /// A later change of the same is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use ExtendProbationRefusal as Refusal;

impl Decide for ExtendProbation {
    const NAME: &'static str = "extend-probation";
    const FIELDS: &'static [Field] =
        &[required("person", FieldKind::Person), required("months", FieldKind::Number), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::MembershipsOf(self.person)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, months, effective, precision } = *self;
        let (id, membership) = open_membership(known, person, effective)?;
        let rules = &known.policy(effective).rules.life;
        let state = state_on(known, membership, effective);
        let probation =
            rules.probation.as_ref().filter(|trial| Some(&trial.state) == state.as_ref());
        let trial = trial_on(known, membership, effective);
        let (Some(probation), Some(trial)) = (probation, trial) else {
            return Err(Refusal::NotOnProbation { person, effective });
        };
        let (months_min, months_max) =
            (probation.extension_months_min, probation.extension_months_max);
        if !(months_min..=months_max).contains(&months) {
            return Err(Refusal::ExtensionOutOfRange { months, months_min, months_max });
        }
        let as_begun = months_after(months_after(trial.began, probation.months), months);
        if membership.extensions().any(|extension| extension == (effective, as_begun)) {
            return Ok(Decided::already_so());
        }
        if trial.extensions >= probation.extensions_max {
            return Err(Refusal::ExtendedAlready { person, until: trial.ends });
        }
        let decided_later = membership.extensions().map(|(decided, _)| decided);
        let decided_later = decided_later.filter(|decided| *decided > effective).min();
        let later = membership.change_after(effective).into_iter().chain(decided_later).min();
        if let Some(later) = later {
            return Err(Refusal::LaterChange { later });
        }
        let until = months_after(trial.ends, months);
        let mut decided = Decided::default();
        let extended = MembershipEvent::ProbationExtended { effective, precision, person, until };
        decided.push(id, extended);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> ExtendProbation {
        ExtendProbation { person: ANN, months: 6, effective: day(10), precision: None }
    }

    /// On trial from the fifth on: a year, then at most a year and a half.
    fn until() -> Date {
        jiff::civil::date(2027, 7, 5)
    }

    #[test]
    fn a_trial_is_extended_once_as_far_as_the_rules_allow() {
        given(ann_on_trial()).when(it()).then([extended(10, until())]);
        given(ann_on_trial()).and([extended(10, until())]).when(it()).then([]);
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
        given(ann_on_trial()).when(ExtendProbation { months: 5, ..it() }).then_refused(
            Refusal::ExtensionOutOfRange { months: 5, months_min: 6, months_max: 12 },
        );
        given(ann_on_trial())
            .and([extended(8, until())])
            .when(it())
            .then_refused(Refusal::ExtendedAlready { person, until: until() });
        given(ann_on_trial())
            .and([extended(15, until())])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
