//! Turn a proposed branch down.

use events::{BranchEvent, BranchId, Code, Date, Guard, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::code_of;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::branch::Phase;

/// Turn a proposed branch down; it may be proposed again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectBranch {
    /// Which proposed branch.
    pub branch: BranchId,
    /// Why, as a code.
    #[serde(default)]
    pub reason: Option<Code>,
    /// The day of the rejection.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a rejection is refused.
    RejectBranchRefusal {
        /// Nothing of that id was proposed.
        NotProposedBranch("branch_not_proposed") { branch: BranchId },
        /// It was formed.
        AlreadyFormed("already_formed") { branch: String, formed: Date },
        /// It was proposed later than that.
        BeforeProposalOfBranch("before_proposal_of_branch") { branch: String, proposed: Date },
    }
}

use RejectBranchRefusal as Refusal;

impl Decide for RejectBranch {
    const NAME: &'static str = "reject-branch";
    const FIELDS: &'static [Field] =
        &[required("branch", FieldKind::Branch), optional("reason", FieldKind::Text), EFFECTIVE];
    type Refusal = RejectBranchRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::Branch(self.branch)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let id = self.branch;
        let branch = known.branch_or_proposal(id).filter(|branch| branch.proposal().is_some());
        let branch = branch.ok_or(Refusal::NotProposedBranch { branch: id })?;
        if let Some(formed) = branch.formed() {
            return Err(Refusal::AlreadyFormed { branch: code_of(branch), formed });
        }
        if branch.latest_phase() == Some(Phase::Rejected) {
            return Ok(Decided::already_so());
        }
        if let Some(proposed) = branch.last_change().filter(|last| *last > self.effective) {
            return Err(Refusal::BeforeProposalOfBranch { branch: code_of(branch), proposed });
        }
        let (effective, precision, reason) = (self.effective, self.precision, self.reason.clone());
        let mut decided = Decided::default();
        decided.push(id, BranchEvent::Rejected { effective, precision, reason });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn reject() -> RejectBranch {
        RejectBranch { branch: NORTH, reason: None, effective: day(10), precision: None }
    }

    #[test]
    fn turns_a_proposal_down_once() {
        given([proposed(NORTH, 5)]).when(reject()).then([rejected(NORTH, 10)]);
        given([proposed(NORTH, 5), rejected(NORTH, 10)]).when(reject()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([]).when(reject()).then_refused(Refusal::NotProposedBranch { branch: NORTH });
        given([proposed(NORTH, 5), approved(NORTH, 6), formed(NORTH, 6)])
            .when(reject())
            .then_refused(Refusal::AlreadyFormed { branch: "north".into(), formed: day(6) });
        given([proposed(NORTH, 15)]).when(reject()).then_refused(Refusal::BeforeProposalOfBranch {
            branch: "north".into(),
            proposed: day(15),
        });
    }
}
