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
