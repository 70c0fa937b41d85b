//! Make the open plan of a branch anew.

use std::collections::BTreeMap;

use events::reorganisation::Plan;
use events::transfer::Case;
use events::{BranchId, Code, Date, Guard, Precision, ReorganisationEvent, ReorganisationId, Text};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::planning::{all_lines, open_plan, plans_looked_at};
use super::refusal::refusals;
use super::shared::code_or_id;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Why a plan is withdrawn when another one takes its place.
const REMADE: &str = "remade";

/// Make the open plan of a branch anew: who has a line keeps it, and so does a transfer; everybody
/// else in the sources, or on the way, goes to the branch that takes over. It is to be approved
/// again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemakePlan {
    /// One of the branches that it reorganises.
    pub branch: BranchId,
    /// The day of the new plan.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a plan is not made anew.
    RemakePlanRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// No plan of the branch is open.
        NoPlan("no_plan") { branch: String },
        /// The plan was made or approved later than that.
        BeforePlan("before_plan") { branch: String, planned: Date },
        /// Nothing says where members go.
        TargetMissing("target_missing") { branch: String },
    }
}

use RemakePlanRefusal as Refusal;

impl Decide for RemakePlan {
    const NAME: &'static str = "remake-plan";
    const FIELDS: &'static [Field] = &[required("branch", FieldKind::Branch), EFFECTIVE];
    type Refusal = RemakePlanRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = plans_looked_at(known, self.branch);
        guards.push(Guard::Branch(self.branch));
        if guards.iter().all(|guard| known.has_looked(guard))
            && let Some(plan) = open_plan(known, self.branch).and_then(|(_, open)| open.plan())
        {
            let sources = plan.sources.iter();
            guards.extend(
                sources.flat_map(|id| {
                    [Guard::Branch(*id), Guard::MembersOf(*id), Guard::CasesAt(*id)]
                }),
            );
        }
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let id = self.branch;
        known.branch(id).ok_or(Refusal::BranchUnknown { branch: id })?;
        let branch = code_or_id(known, id);
        let Some((former, open)) = open_plan(known, id) else {
            return Err(Refusal::NoPlan { branch });
        };
        if let Some(planned) = open.last_change().filter(|last| *last > self.effective) {
            return Err(Refusal::BeforePlan { branch, planned });
        }
        let before = open.plan().expect("an open plan was planned");
        let kept: BTreeMap<_, _> =
            before.members.iter().map(|line| (line.person, line.to)).collect();
        let own = |transfer, case: &Case| {
            let lines = before.cases.iter().filter(|line| line.transfer == transfer);
            let mut side = lines.filter(|line| case.to.branch() == Some(line.from));
            side.next().map(|line| line.to)
        };
        let sources = (&before.sources[..], before.rest);
        let (members, cases) = all_lines(known, before.form, sources, (&kept, own), self.effective)
            .map_err(|id| Refusal::TargetMissing { branch: code_or_id(known, id) })?;
        let plan = Plan { members, cases, ..before.clone() };
        if plan == *before {
            return Ok(Decided::already_so());
        }
        let (effective, precision) = (self.effective, self.precision);
        let mut decided = Decided::default();
        let reason = Code::parse(REMADE).ok();
        decided.push(former, ReorganisationEvent::Withdrawn { effective, precision, reason });
        let by = Text::parse(setting.actor.id()).expect("an actor's id is a text");
        let planned = ReorganisationEvent::Planned { effective, precision, plan, by };
        decided.push(ReorganisationId((setting.fresh)()), planned);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use events::reorganisation::{MemberLine, PlanForm};
    use events::{MembershipId, PersonId};
    use uuid::Uuid;

    use super::*;
    use crate::given::*;

    fn remake() -> RemakePlan {
        RemakePlan { branch: NORTH, effective: day(10), precision: None }
    }

    fn line(membership: Uuid, person: PersonId, to: BranchId) -> MemberLine {
        MemberLine { membership: MembershipId(membership), person, from: NORTH, to }
    }

    fn plan(rest: Option<BranchId>, members: Vec<MemberLine>) -> Plan {
        let (form, sources) = (PlanForm::Merge, vec![NORTH]);
        Plan { form, sources, forms: vec![], rest, mode: None, members, cases: vec![] }
    }

    fn past() -> [Given; 5] {
        [
            formed(NORTH, 1),
            formed(SOUTH, 1),
            formed(EAST, 1),
            admitted(ANN, NORTH, 2, M1),
            admitted(BOB, NORTH, 7, M2),
        ]
    }

    #[test]
    fn lines_are_kept_and_newcomers_go_to_the_rest() {
        let before = plan(Some(SOUTH), vec![line(M1, ANN, EAST)]);
        let after = plan(Some(SOUTH), vec![line(M1, ANN, EAST), line(M2, BOB, SOUTH)]);
        let (_, event) = planned(after.clone(), 10);
        given(past())
            .and([planned(before, 5)])
            .when(remake())
            .then([plan_withdrawn(10, Some("remade")), (ReorganisationId(fresh(1)).into(), event)]);
        given(past()).and([planned(after, 8)]).when(remake()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        let branch = || "north".to_owned();
        given([]).when(remake()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given(past()).when(remake()).then_refused(Refusal::NoPlan { branch: branch() });
        given(past())
            .and([planned(plan(Some(SOUTH), vec![]), 15)])
            .when(remake())
            .then_refused(Refusal::BeforePlan { branch: branch(), planned: day(15) });
        given(past())
            .and([planned(plan(None, vec![]), 5)])
            .when(remake())
            .then_refused(Refusal::TargetMissing { branch: branch() });
    }
}
