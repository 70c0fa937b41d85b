//! Withdraw the open plan of a branch.

use events::{BranchId, Code, Date, Guard, Precision, ReorganisationEvent};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::planning::{open_plan, plans_looked_at};
use super::refusal::refusals;
use super::shared::code_or_id;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::reorganisation::Stage;

/// Withdraw the open plan of a branch: nothing of it was done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawPlan {
    /// One of the branches that it was to reorganise.
    pub branch: BranchId,
    /// Why, as a code.
    #[serde(default)]
    pub reason: Option<Code>,
    /// The day of the withdrawal.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a withdrawal is refused.
    WithdrawPlanRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// No plan of the branch is open.
        NoPlan("no_plan") { branch: String },
        /// The plan was made or approved later than that.
        BeforePlan("before_plan") { branch: String, planned: Date },
    }
}

use WithdrawPlanRefusal as Refusal;

impl Decide for WithdrawPlan {
    const NAME: &'static str = "withdraw-plan";
    const FIELDS: &'static [Field] =
        &[required("branch", FieldKind::Branch), optional("reason", FieldKind::Text), EFFECTIVE];
    type Refusal = WithdrawPlanRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = plans_looked_at(known, self.branch);
        guards.push(Guard::Branch(self.branch));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let id = self.branch;
        known.branch(id).ok_or(Refusal::BranchUnknown { branch: id })?;
        let branch = code_or_id(known, id);
        let Some((plan, open)) = open_plan(known, id) else {
            let so = known.plans_of(id).any(|(_, plan)| {
                plan.stage() == Some(Stage::Withdrawn) && plan.last_change() == Some(self.effective)
            });
            return if so { Ok(Decided::already_so()) } else { Err(Refusal::NoPlan { branch }) };
        };
        if let Some(planned) = open.last_change().filter(|last| *last > self.effective) {
            return Err(Refusal::BeforePlan { branch, planned });
        }
        let (effective, precision, reason) = (self.effective, self.precision, self.reason.clone());
        let mut decided = Decided::default();
        decided.push(plan, ReorganisationEvent::Withdrawn { effective, precision, reason });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use events::reorganisation::{Plan, PlanForm};

    use super::*;
    use crate::given::*;

    fn withdraw() -> WithdrawPlan {
        WithdrawPlan { branch: NORTH, reason: None, effective: day(10), precision: None }
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
    fn an_open_plan_is_withdrawn_once() {
        given(planned_on(5)).when(withdraw()).then([plan_withdrawn(10, None)]);
        given(planned_on(5)).and([plan_withdrawn(10, None)]).when(withdraw()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        let branch = || "north".to_owned();
        given([]).when(withdraw()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 1)])
            .when(withdraw())
            .then_refused(Refusal::NoPlan { branch: branch() });
        given(planned_on(15))
            .when(withdraw())
            .then_refused(Refusal::BeforePlan { branch: branch(), planned: day(15) });
    }
}
