//! What becomes of open transfers when a plan is executed: each follows its line, and its letter
//! stays good.

use std::collections::BTreeSet;

use events::transfer::{Case, ClosedBecause, Place};
use events::{BranchId, MembershipId, PersonId, TransferEvent, TransferId};

use super::Decided;
use super::cases::{open_at, open_case};
use super::planning::cases_beyond;
use super::rehoming::{Execution, Stuck};

impl Execution<'_> {
    /// The transfer of a member whom the plan moves begins at the new home, where it is to be
    /// issued from and returned to. Told right behind the move, so that both are one step.
    pub(super) fn move_origin(
        &self,
        (person, membership): (PersonId, MembershipId),
        home: BranchId,
        decided: &mut Decided,
    ) -> Result<(), Stuck> {
        let Some((id, standing)) = open_case(self.known, person, Some(membership)) else {
            return Ok(());
        };
        if let Some(origin) = standing.case.from.branch() {
            self.refuse_later(origin, id)?;
        }
        let Case { from, to, .. } = standing.case.clone();
        let former_destination = to.clone();
        let to = to.branch().map_or(to, |to| self.follows(id, to).into());
        if to.branch() == Some(home) {
            self.close(id, standing.case, decided);
            return Ok(());
        }
        let (effective, precision) = (self.effective, None);
        let case = Case { from: home.into(), ..standing.case };
        let moved =
            TransferEvent::OriginMoved { effective, precision, case: case.clone(), former: from };
        decided.push(id, moved);
        if to != former_destination {
            self.divert(id, case, to, decided);
        }
        Ok(())
    }

    /// Who is on the way to one of the sources goes to the branch that takes its place.
    pub(super) fn move_destinations(
        &self,
        ending: &[BranchId],
        decided: &mut Decided,
    ) -> Result<(), Stuck> {
        let mut done: BTreeSet<TransferId> = decided
            .events
            .iter()
            .filter(|(stream, _)| stream.family == events::FamilyName::Transfer)
            .map(|(stream, _)| TransferId(stream.id))
            .collect();
        for source in &self.plan.sources {
            let open = if ending.contains(source) {
                open_at(self.known, *source, self.effective)?
            } else {
                cases_beyond(self.known, *source)
            };
            for (id, standing) in open {
                let is_going = standing.case.to.branch() == Some(*source);
                let to = self.follows(id, *source);
                if !is_going || to == *source || !done.insert(id) {
                    continue;
                }
                self.refuse_later(*source, id)?;
                if standing.case.from.branch() == Some(to) {
                    self.close(id, standing.case, decided);
                } else {
                    self.divert(id, standing.case, to.into(), decided);
                }
            }
        }
        Ok(())
    }

    /// Which branch takes the place of a side, by the line of the transfer; the side itself where
    /// there is none.
    fn follows(&self, transfer: TransferId, side: BranchId) -> BranchId {
        let mut lines = self.plan.cases.iter().filter(|line| line.transfer == transfer);
        lines.find(|line| line.from == side).map_or(side, |line| line.to)
    }

    /// What is recorded for later about a transfer would contradict its move.
    fn refuse_later(&self, source: BranchId, id: TransferId) -> Result<(), Stuck> {
        let mut cases = self.known.cases_at(source).filter(|(other, _)| *other == id);
        let last = cases.next().and_then(|(_, transfer)| transfer.last_change());
        match last.filter(|last| *last > self.effective) {
            Some(later) => Err(Stuck::Later(later)),
            None => Ok(()),
        }
    }

    fn divert(&self, id: TransferId, case: Case, to: Place, decided: &mut Decided) {
        let (effective, precision, former) = (self.effective, None, case.to.clone());
        let case = Case { to, ..case };
        decided.push(id, TransferEvent::Diverted { effective, precision, case, former });
    }

    /// Both sides become one: there is nowhere to go any more.
    fn close(&self, id: TransferId, case: Case, decided: &mut Decided) {
        let (effective, reason) = (self.effective, ClosedBecause::BranchDissolved);
        decided.push(id, TransferEvent::Closed { effective, precision: None, case, reason });
    }
}

#[cfg(test)]
mod tests {
    use events::membership::Via;
    use events::reorganisation::{CaseLine, MemberLine, Plan, PlanForm};
    use events::{BranchEvent, MembershipEvent, ReorganisationId, StreamId};

    use super::*;
    use crate::commands::execute_plan::{ExecutePlan, ExecutePlanRefusal as Refusal};
    use crate::commands::plan_reorganisation::{LineWish, PlanReorganisation};
    use crate::commands::remake_plan::RemakePlan;
    use crate::given::*;

    fn merge(source: BranchId, to: &str) -> PlanReorganisation {
        PlanReorganisation {
            form: PlanForm::Merge,
            sources: vec![source],
            forms: vec![],
            to: Some(code(to)),
            lines: vec![],
            mode: None,
            effective: day(5),
            precision: None,
        }
    }

    fn execute(branch: BranchId) -> ExecutePlan {
        ExecutePlan { branch, effective: day(10), precision: None }
    }

    /// Ann's letter on its way from north to south, and a plan of one of them.
    fn plan(form: PlanForm, source: BranchId, (rest, to): (BranchId, BranchId)) -> Plan {
        let (membership, transfer) = (MembershipId(M1), TransferId(T1));
        let line = MemberLine { membership, person: ANN, from: NORTH, to };
        Plan {
            form,
            sources: vec![source],
            forms: vec![],
            rest: Some(rest),
            mode: None,
            members: if source == NORTH { vec![line] } else { vec![] },
            cases: vec![CaseLine { transfer, from: source, to }],
        }
    }

    fn as_fresh((_, event): Given) -> Given {
        (StreamId::from(ReorganisationId(fresh(1))), event)
    }

    fn rehomed(to: BranchId) -> Given {
        let (effective, precision, via) = (day(10), None, Via::Reorganisation);
        let (person, from) = (ANN, NORTH);
        let moved = MembershipEvent::HomeMoved { effective, precision, person, from, to, via };
        (MembershipId(M1).into(), moved.into())
    }

    fn ended(source: BranchId, into: BranchId, form: &str) -> Given {
        let dissolved = BranchEvent::Dissolved {
            effective: day(10),
            precision: None,
            parent: None,
            reason: Some(code(form)),
            into: vec![into],
        };
        (source.into(), dissolved.into())
    }

    #[test]
    fn every_open_transfer_gets_a_line() {
        let of_north = plan(PlanForm::Merge, NORTH, (EAST, EAST));
        given(underway()).when(merge(NORTH, "east")).then([as_fresh(planned(of_north.clone(), 5))]);
        given(underway()).and([planned(of_north, 5)]).when(merge(NORTH, "east")).then([]);
        let of_south = plan(PlanForm::Merge, SOUTH, (EAST, EAST));
        given(underway()).when(merge(SOUTH, "east")).then([as_fresh(planned(of_south, 5))]);
        let lines = vec![LineWish { person: ANN, to: code("north") }];
        let by_line = PlanReorganisation { lines, ..merge(SOUTH, "east") };
        let back = plan(PlanForm::Merge, SOUTH, (EAST, NORTH));
        given(underway()).when(by_line).then([as_fresh(planned(back, 5))]);
        let over = Plan { cases: vec![], ..plan(PlanForm::Merge, SOUTH, (EAST, EAST)) };
        given(underway())
            .and([moot(4)])
            .when(merge(SOUTH, "east"))
            .then([as_fresh(planned(over, 5))]);
    }

    #[test]
    fn the_origin_goes_where_the_member_goes_and_the_letter_stays_good() {
        for (form, name) in [(PlanForm::Merge, "merge"), (PlanForm::Dissolution, "dissolution")] {
            given(underway())
                .and([planned(plan(form, NORTH, (EAST, EAST)), 5), plan_approved(6)])
                .when(execute(NORTH))
                .then([
                    rehomed(EAST),
                    origin_moved(10),
                    ended(NORTH, EAST, name),
                    plan_executed(10),
                ]);
        }
    }

    #[test]
    fn a_destination_is_followed_by_the_branch_that_takes_its_place() {
        given(underway())
            .and([presented(4), planned(plan(PlanForm::Merge, SOUTH, (EAST, EAST)), 5)])
            .and([plan_approved(6)])
            .when(execute(SOUTH))
            .then([diverted(10), ended(SOUTH, EAST, "merge"), plan_executed(10)]);
    }

    #[test]
    fn a_transfer_whose_sides_become_one_is_moot() {
        let moot = || closed(ClosedBecause::BranchDissolved, 10);
        given(underway())
            .and([planned(plan(PlanForm::Merge, NORTH, (SOUTH, SOUTH)), 5), plan_approved(6)])
            .when(execute(NORTH))
            .then([rehomed(SOUTH), moot(), ended(NORTH, SOUTH, "merge"), plan_executed(10)]);
        given(underway())
            .and([planned(plan(PlanForm::Merge, SOUTH, (NORTH, NORTH)), 5), plan_approved(6)])
            .when(execute(SOUTH))
            .then([moot(), ended(SOUTH, NORTH, "merge"), plan_executed(10)]);
    }

    #[test]
    fn a_transfer_without_a_line_is_named_and_remade() {
        let with_it = plan(PlanForm::Merge, SOUTH, (EAST, EAST));
        let without = Plan { cases: vec![], ..with_it.clone() };
        let forgotten = || given(underway()).and([planned(without.clone(), 5), plan_approved(6)]);
        forgotten().when(execute(SOUTH)).then_refused(Refusal::PlanForgetsCases {
            branch: "south".into(),
            cases: format!("A-1 ({ANN})"),
        });
        let remake = RemakePlan { branch: SOUTH, effective: day(7), precision: None };
        forgotten()
            .when(remake)
            .then([plan_withdrawn(7, Some("remade")), as_fresh(planned(with_it, 7))]);
    }

    #[test]
    fn what_is_recorded_for_later_about_a_transfer_is_told() {
        for source in [NORTH, SOUTH] {
            given(underway())
                .and([planned(plan(PlanForm::Merge, source, (EAST, EAST)), 5), plan_approved(6)])
                .and([suspended(12)])
                .when(execute(source))
                .then_refused(Refusal::LaterChange { later: day(12) });
        }
    }
}
