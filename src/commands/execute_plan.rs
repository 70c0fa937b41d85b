//! Execute the open plan of a branch.

use events::{BranchId, Code, Date, Guard, Party, Precision, ReorganisationEvent};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::planning::{open_plan, plans_looked_at, targets};
use super::refusal::refusals;
use super::rehoming::{Execution, Stuck};
use super::shared::life::clash_guards;
use super::shared::{UnfitMode, code_or_id};
use super::{Decide, Decided, Field, FieldKind, MoveBranch, Setting};
use crate::commands::Refusal as _;
use crate::state::Known;
use crate::state::reorganisation::Stage;

/// Execute the open plan of a branch: all that it changes, at once or not at all.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutePlan {
    /// One of the branches that it reorganises.
    pub branch: BranchId,
    /// The day from which it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why an execution is refused.
    ExecutePlanRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// No plan of the branch is open.
        NoPlan("no_plan") { branch: String },
        /// The rules ask for a second person's approval.
        PlanNotApproved("plan_not_approved") { branch: String, planned: Date },
        /// The plan was made or approved later than that.
        BeforePlan("before_plan") { branch: String, planned: Date },
        /// A branch is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// A later change of what the plan is about is recorded.
        LaterChange("later_change") { later: Date },
        /// Somebody has no line in the plan.
        PlanForgets("plan_forgets") { branch: String, members: String },
        /// An open transfer has no line in the plan.
        PlanForgetsCases("plan_forgets_cases") { branch: String, cases: String },
        /// A new branch has a code that is taken.
        NewCodeTaken("new_code_taken") { code: Code },
        /// A branch to which somebody comes is not formed by then.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// A target is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// A target is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// Branches of a target's kind hold no relations.
        KindNotHome("kind_not_home") { branch: String, kind: Code },
        /// The hosts that come together do not fit the mode.
        HostsUnfit("hosts_unfit") { branch: String, hosts: usize },
        /// A branch cannot be moved so.
        MoveImpossible("move_impossible") { branch: String, code: String },
    }
}

use ExecutePlanRefusal as Refusal;

impl From<Stuck> for Refusal {
    fn from(stuck: Stuck) -> Self {
        match stuck {
            Stuck::Forgets(branch, members) => {
                let members: Vec<String> = members.iter().map(ToString::to_string).collect();
                Self::PlanForgets { branch, members: members.join(", ") }
            }
            Stuck::ForgetsCases(branch, cases) => {
                let told = cases.iter().map(|case| format!("{} ({})", case.letter, case.person));
                let cases = told.collect::<Vec<_>>().join(", ");
                Self::PlanForgetsCases { branch, cases }
            }
            Stuck::Unknown(branch) => Self::BranchUnknown { branch },
            Stuck::Dissolved(branch, dissolved) => Self::BranchDissolved { branch, dissolved },
            Stuck::NotYet(branch, formed) => Self::BeforeFormation { branch, formed },
            Stuck::Shut(shut) => Self::from(shut),
            Stuck::NotHome(branch, kind) => Self::KindNotHome { branch, kind },
            Stuck::CodeTaken(code) => Self::NewCodeTaken { code },
            Stuck::Unfit(
                UnfitMode::StandsAlone { branch, hosts }
                | UnfitMode::JointNeedsTwo { branch, hosts }
                | UnfitMode::TooManyHosts { branch, hosts, .. },
            ) => Self::HostsUnfit { branch, hosts },
            Stuck::Later(later) => Self::LaterChange { later },
        }
    }
}

impl Decide for ExecutePlan {
    const NAME: &'static str = "execute-plan";
    const FIELDS: &'static [Field] = &[required("branch", FieldKind::Branch), EFFECTIVE];
    type Refusal = ExecutePlanRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    /// All that is in the sources, wherever it goes, and whatever lies above.
    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![Guard::Branch(self.branch)];
        guards.extend(plans_looked_at(known, self.branch));
        let known_already = guards.iter().all(|guard| known.has_looked(guard));
        let open = known_already.then(|| open_plan(known, self.branch)).flatten();
        let Some(plan) = open.and_then(|(_, open)| open.plan()) else { return guards };
        for source in &plan.sources {
            guards.extend([
                Guard::Branch(*source),
                Guard::MembersOf(*source),
                Guard::CasesAt(*source),
                Guard::ChildrenOf(*source),
                Guard::PostsAt(*source),
                Guard::RelationsOf(Party::Branch(*source)),
            ]);
            let moving = self.moving(*source, plan.rest);
            guards.extend(Decide::looks_at(&moving, known));
        }
        guards.extend(targets(plan).into_iter().map(Guard::Branch));
        for new in &plan.forms {
            guards.push(Guard::BranchCode(new.code.clone()));
            // Whatever a new branch will lie under may itself lie under a source.
            guards.extend(Decide::looks_at(&self.moving(self.branch, new.parent), known));
        }
        for line in &plan.members {
            guards.extend(clash_guards(known, line.person, self.effective));
            guards.extend([Guard::PostsHeldBy(line.person), Guard::TransfersOf(line.person)]);
        }
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let id = self.branch;
        known.branch(id).ok_or(Refusal::BranchUnknown { branch: id })?;
        let branch = code_or_id(known, id);
        let Some((plan_id, open)) = open_plan(known, id) else {
            let so = known.plans_of(id).any(|(_, plan)| {
                plan.stage() == Some(Stage::Executed) && plan.last_change() == Some(self.effective)
            });
            return if so { Ok(Decided::already_so()) } else { Err(Refusal::NoPlan { branch }) };
        };
        let rules = &known.policy(self.effective).rules;
        let planned = open.planned().unwrap_or(self.effective);
        if rules.structure.plan_approval_needed && open.stage() != Some(Stage::Approved) {
            return Err(Refusal::PlanNotApproved { branch, planned });
        }
        if let Some(planned) = open.last_change().filter(|last| *last > self.effective) {
            return Err(Refusal::BeforePlan { branch, planned });
        }
        let plan = open.plan().expect("an open plan was planned");
        let (effective, precision) = (self.effective, self.precision);
        let mut decided = Decided::default();
        match plan.form {
            events::reorganisation::PlanForm::Move => {
                for source in &plan.sources {
                    let moved = Decide::decide(&self.moving(*source, plan.rest), known, setting);
                    let moved = moved.map_err(|refusal| Refusal::MoveImpossible {
                        branch: code_or_id(known, *source),
                        code: refusal.code().to_owned(),
                    })?;
                    decided.events.extend(moved.events);
                }
            }
            events::reorganisation::PlanForm::Merge
            | events::reorganisation::PlanForm::Split
            | events::reorganisation::PlanForm::Dissolution => {
                Execution { known, rules, plan, effective }.rehome(&mut decided)?;
            }
        }
        decided.push(plan_id, ReorganisationEvent::Executed { effective, precision });
        Ok(decided)
    }
}

impl ExecutePlan {
    /// A source on its way under another branch; of it a merger needs to know what lies above.
    fn moving(&self, branch: BranchId, to: Option<BranchId>) -> MoveBranch {
        MoveBranch { branch, to, effective: self.effective, precision: None }
    }
}

#[cfg(test)]
mod tests {
    use events::branch::FormationMode;
    use events::membership::Via;
    use events::reorganisation::{MemberLine, NewBranch, Plan, PlanForm};
    use events::{BranchEvent, Event, MembershipEvent, MembershipId, PersonId};
    use uuid::Uuid;

    use super::*;
    use crate::given::*;

    fn execute() -> ExecutePlan {
        ExecutePlan { branch: NORTH, effective: day(10), precision: None }
    }

    fn line(membership: Uuid, person: PersonId, to: BranchId) -> MemberLine {
        MemberLine { membership: MembershipId(membership), person, from: NORTH, to }
    }

    fn merger() -> Plan {
        Plan {
            form: PlanForm::Merge,
            sources: vec![NORTH],
            forms: vec![],
            rest: Some(SOUTH),
            mode: None,
            members: vec![line(M1, ANN, SOUTH)],
            cases: vec![],
        }
    }

    fn rehomed(person: PersonId, to: BranchId, membership: Uuid) -> Given {
        let (stream, event) = moved_home(person, NORTH, to, 10, membership);
        let Event::Membership(MembershipEvent::HomeMoved { effective, from, .. }) = event else {
            unreachable!("a home moves")
        };
        let (precision, via) = (None, Via::Reorganisation);
        let moved = MembershipEvent::HomeMoved { effective, precision, person, from, to, via };
        (stream, moved.into())
    }

    fn dissolved_into(branch: BranchId, into: &[BranchId], form: &str) -> Given {
        let dissolved = BranchEvent::Dissolved {
            effective: day(10),
            precision: None,
            parent: None,
            reason: Some(code(form)),
            into: into.to_vec(),
        };
        (branch.into(), dissolved.into())
    }

    fn past() -> Vec<Given> {
        vec![
            formed(NORTH, 1),
            formed(SOUTH, 1),
            registered(ANN),
            registered(BOB),
            admitted(ANN, NORTH, 2, M1),
        ]
    }

    #[test]
    fn a_merger_moves_everything_in_one_append() {
        let alone = FormationMode::Standalone;
        given(past())
            .and([
                took(ANN, NORTH, "secretary", 3, P1),
                host(SUN, 1),
                attached(NORTH, SUN, alone, 4),
                branch_guided(NORTH, EAST, 4, R1),
                formed_under(EAST, "east", 4, NORTH),
                planned(merger(), 5),
                plan_approved(6),
            ])
            .when(execute())
            .then([
                moved(EAST, Some(NORTH), Some(SOUTH), 10),
                lost_with_branch(ANN, NORTH, "secretary", 10, P1),
                rehomed(ANN, SOUTH, M1),
                detached(NORTH, SUN, 10),
                attached(SOUTH, SUN, alone, 10),
                branch_unguided(NORTH, EAST, 10, R1),
                dissolved_into(NORTH, &[SOUTH], "merge"),
                plan_executed(10),
            ]);
        given(past())
            .and([planned(merger(), 5), plan_approved(6), plan_executed(10)])
            .when(execute())
            .then([]);
    }

    #[test]
    fn a_split_keeps_its_source_where_the_rest_stays() {
        let new = NewBranch {
            branch: EAST,
            code: code("east"),
            name: text("East"),
            branch_kind: code("branch"),
            parent: None,
        };
        let plan = Plan {
            form: PlanForm::Split,
            forms: vec![new],
            rest: Some(NORTH),
            members: vec![line(M1, ANN, EAST), line(M2, BOB, NORTH)],
            ..merger()
        };
        let mut formed_east = formed(EAST, 10);
        if let Event::Branch(BranchEvent::Formed { formed_from, .. }) = &mut formed_east.1 {
            formed_from.push(NORTH);
        }
        given(past())
            .and([admitted(BOB, NORTH, 2, M2), took(ANN, NORTH, "secretary", 3, P1)])
            .and([planned(plan, 5), plan_approved(6)])
            .when(execute())
            .then([
                formed_east,
                lost_with_home(ANN, NORTH, "secretary", 10, P1),
                rehomed(ANN, EAST, M1),
                plan_executed(10),
            ]);
    }

    #[test]
    fn nobody_moves_from_under_a_letter_that_came_to_nothing_later() {
        let to_east = Plan {
            form: PlanForm::Split,
            rest: Some(NORTH),
            members: vec![line(M1, ANN, EAST)],
            ..merger()
        };
        given(underway())
            .and([withdrawn(12), planned(to_east, 5), plan_approved(6)])
            .when(execute())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn a_plan_moves_branches_under_another_parent() {
        let plan = Plan { form: PlanForm::Move, members: vec![], ..merger() };
        given(past())
            .and([planned(plan.clone(), 5), plan_approved(6)])
            .when(execute())
            .then([moved(NORTH, None, Some(SOUTH), 10), plan_executed(10)]);
        given(past())
            .and([moved(SOUTH, None, Some(NORTH), 3), planned(plan, 5), plan_approved(6)])
            .when(execute())
            .then_refused(Refusal::MoveImpossible { branch: "north".into(), code: "cycle".into() });
    }

    #[test]
    fn whoever_was_admitted_since_is_named() {
        given(past())
            .and([planned(merger(), 5), plan_approved(6), admitted(BOB, NORTH, 7, M2)])
            .when(execute())
            .then_refused(Refusal::PlanForgets {
                branch: "north".into(),
                members: BOB.to_string(),
            });
        given(past())
            .and([planned(merger(), 5), plan_approved(6), left(ANN, NORTH, 7, M1)])
            .when(execute())
            .then([dissolved_into(NORTH, &[SOUTH], "merge"), plan_executed(10)]);
    }

    #[test]
    fn a_letter_that_was_issued_since_is_named() {
        given(underway())
            .and([planned(merger(), 5), plan_approved(6)])
            .when(execute())
            .then_refused(Refusal::PlanForgetsCases {
                branch: "north".into(),
                cases: format!("A-1 ({ANN})"),
            });
    }

    #[test]
    fn places_beside_a_home_end_with_the_branch() {
        let plan = Plan { sources: vec![SOUTH], members: vec![], rest: Some(NORTH), ..merger() };
        given(past())
            .and([placed(4, SOUTH), planned(plan, 5), plan_approved(6)])
            .when(ExecutePlan { branch: SOUTH, ..execute() })
            .then([
                unplaced(10, SOUTH),
                dissolved_into(SOUTH, &[NORTH], "merge"),
                plan_executed(10),
            ]);
    }

    #[test]
    fn two_who_are_one_come_to_a_branch_once() {
        let one = [suspected(ANN, BOB, 3), merged_into(BOB, ANN, 3)];
        given(past())
            .and([admitted(BOB, SOUTH, 2, M2)])
            .and(one)
            .and([planned(merger(), 5), plan_approved(6)])
            .under("association")
            .when(execute())
            .then([
                ended_with_branch(ANN, NORTH, 10, M1),
                dissolved_into(NORTH, &[SOUTH], "merge"),
                plan_executed(10),
            ]);
    }

    #[test]
    fn whoever_went_over_to_another_source_is_named() {
        let both = Plan { sources: vec![NORTH, EAST], ..merger() };
        given(past())
            .and([formed(EAST, 1), planned(both, 5), plan_approved(6)])
            .and([moved_home(ANN, NORTH, EAST, 7, M1)])
            .when(execute())
            .then_refused(Refusal::PlanForgets { branch: "east".into(), members: ANN.to_string() });
    }

    #[test]
    fn a_membership_that_ends_at_its_target_keeps_no_place_anywhere() {
        let merger = merger();
        let ready = [
            admitted(ANN, SOUTH, 2, M2),
            placed(4, EAST),
            placed(4, NORTH),
            planned(merger, 5),
            plan_approved(6),
        ];
        let history = [past(), vec![formed(EAST, 1)], ready.to_vec()].concat();
        given(history.clone()).under("association").when(execute()).then([
            unplaced(10, NORTH),
            unplaced(10, EAST),
            ended_with_branch(ANN, NORTH, 10, M1),
            dissolved_into(NORTH, &[SOUTH], "merge"),
            plan_executed(10),
        ]);
        given(history)
            .and([unplaced(12, EAST)])
            .under("association")
            .when(execute())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn a_plan_that_is_not_ready_is_refused() {
        let branch = || "north".to_owned();
        given([]).when(execute()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given(past()).when(execute()).then_refused(Refusal::NoPlan { branch: branch() });
        given(past())
            .and([planned(merger(), 5), plan_withdrawn(6, None)])
            .when(execute())
            .then_refused(Refusal::NoPlan { branch: branch() });
        given(past())
            .and([planned(merger(), 5)])
            .when(execute())
            .then_refused(Refusal::PlanNotApproved { branch: branch(), planned: day(5) });
        given(past())
            .and([planned(merger(), 5), plan_approved(12)])
            .when(execute())
            .then_refused(Refusal::BeforePlan { branch: branch(), planned: day(12) });
    }

    #[test]
    fn what_changed_under_the_plan_is_refused() {
        let ready = || given(past()).and([planned(merger(), 5), plan_approved(6)]);
        let south = || "south".to_owned();
        ready()
            .and([dissolved(SOUTH, 7)])
            .when(execute())
            .then_refused(Refusal::BranchDissolved { branch: south(), dissolved: day(7) });
        ready()
            .and([branch_suspended(SOUTH, 7)])
            .when(execute())
            .then_refused(Refusal::BranchSuspended { branch: south(), since: day(7) });
        ready()
            .and([winding_up(SOUTH, 7)])
            .when(execute())
            .then_refused(Refusal::BranchWindingUp { branch: south(), since: day(7) });
        ready()
            .and([kind_changed(SOUTH, "branch", "committee", 7)])
            .when(execute())
            .then_refused(Refusal::KindNotHome { branch: south(), kind: code("committee") });
        ready()
            .and([renamed(NORTH, "Far North", 12)])
            .when(execute())
            .then_refused(Refusal::LaterChange { later: day(12) });
        given([formed(NORTH, 1), formed(SOUTH, 12)])
            .and([planned(Plan { members: vec![], ..merger() }, 5), plan_approved(6)])
            .when(execute())
            .then_refused(Refusal::BeforeFormation { branch: south(), formed: day(12) });
    }

    #[test]
    fn codes_and_modes_are_looked_at_again() {
        let new = NewBranch {
            branch: BranchId(fresh(9)),
            code: code("south"),
            name: text("South"),
            branch_kind: code("branch"),
            parent: None,
        };
        let plan = Plan { forms: vec![new], ..merger() };
        given(past())
            .and([planned(plan, 5), plan_approved(6)])
            .when(execute())
            .then_refused(Refusal::NewCodeTaken { code: code("south") });
        let alone = Plan { mode: Some(FormationMode::ByRegion), ..merger() };
        given(past())
            .and([host(SUN, 1), attached(NORTH, SUN, FormationMode::Standalone, 4)])
            .and([planned(alone, 5), plan_approved(6)])
            .when(execute())
            .then_refused(Refusal::HostsUnfit { branch: "south".into(), hosts: 1 });
    }
}
