//! Approve the open plan of a branch.

use events::{BranchId, Date, Guard, Precision, ReorganisationEvent};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::planning::{open_plan, plans_looked_at};
use super::refusal::refusals;
use super::shared::code_or_id;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::reorganisation::Stage;

/// Approve the open plan of a branch, as somebody else than who planned it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovePlan {
    /// One of the branches that it reorganises.
    pub branch: BranchId,
    /// The day of the approval.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why an approval is refused.
    ApprovePlanRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// No plan of the branch is open.
        NoPlan("no_plan") { branch: String },
        /// The plan was made later than that.
        BeforePlan("before_plan") { branch: String, planned: Date },
        /// Who planned it cannot approve it alone.
        SecondPersonNeeded("second_person_needed") { branch: String },
    }
}

use ApprovePlanRefusal as Refusal;

impl Decide for ApprovePlan {
    const NAME: &'static str = "approve-plan";
    const FIELDS: &'static [Field] = &[required("branch", FieldKind::Branch), EFFECTIVE];
    type Refusal = ApprovePlanRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = plans_looked_at(known, self.branch);
        guards.push(Guard::Branch(self.branch));
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let id = self.branch;
        known.branch(id).ok_or(Refusal::BranchUnknown { branch: id })?;
        let branch = code_or_id(known, id);
        let Some((plan, open)) = open_plan(known, id) else {
            return Err(Refusal::NoPlan { branch });
        };
        if open.stage() == Some(Stage::Approved) {
            return Ok(Decided::already_so());
        }
        if let Some(planned) = open.planned().filter(|planned| *planned > self.effective) {
            return Err(Refusal::BeforePlan { branch, planned });
        }
        let planner = open.planner().map(events::Text::as_str);
        if setting.approver.is_none() && planner == Some(setting.actor.id()) {
            return Err(Refusal::SecondPersonNeeded { branch });
        }
        let (effective, precision) = (self.effective, self.precision);
        let mut decided = Decided::default();
        decided.push(plan, ReorganisationEvent::Approved { effective, precision });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use events::reorganisation::{Plan, PlanForm};

    use super::*;
    use crate::given::*;

    fn approve() -> ApprovePlan {
        ApprovePlan { branch: NORTH, effective: day(10), precision: None }
    }

    fn planned_on(on: i8) -> [Given; 2] {
        let plan = Plan {
            form: PlanForm::Move,
            sources: vec![NORTH],
            forms: vec![],
            rest: None,
            mode: None,
            members: vec![],
            cases: vec![],
        };
        [formed(NORTH, 1), planned(plan, on)]
    }

    #[test]
    fn a_second_person_approves_once() {
        given(planned_on(5)).approved_by(BOB).when(approve()).then([plan_approved(10)]);
        given(planned_on(5)).and([plan_approved(7)]).when(approve()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        let branch = || "north".to_owned();
        given([]).when(approve()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 1)])
            .when(approve())
            .then_refused(Refusal::NoPlan { branch: branch() });
        given(planned_on(15))
            .when(approve())
            .then_refused(Refusal::BeforePlan { branch: branch(), planned: day(15) });
        given(planned_on(5))
            .when(approve())
            .then_refused(Refusal::SecondPersonNeeded { branch: branch() });
    }
}
