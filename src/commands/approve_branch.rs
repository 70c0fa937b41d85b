//! Approve a proposed branch.

use events::{BranchEvent, BranchId, Code, Date, Guard, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::branch::Phase;

/// Approve a proposed branch: it is formed with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApproveBranch {
    /// Which proposed branch.
    pub branch: BranchId,
    /// Its first day.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why an approval is refused.
    ApproveBranchRefusal {
        /// Nothing of that id was proposed.
        NotProposedBranch("branch_not_proposed") { branch: BranchId },
        /// It was formed, on another day.
        AlreadyFormed("already_formed") { branch: String, formed: Date },
        /// The proposal was turned down.
        ProposalRejected("proposal_rejected") { branch: String, rejected: Date },
        /// It was proposed later than that.
        BeforeProposalOfBranch("before_proposal_of_branch") { branch: String, proposed: Date },
        /// The parent was formed by mistake, as is known by now.
        ParentUnknown("parent_unknown") { branch: BranchId },
        /// The rules have no such kind.
        KindUnknown("kind_unknown") { kind: Code },
        /// The parent was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The parent is dissolved, or will be.
        ParentDissolved("parent_dissolved") { branch: String, dissolved: Date },
        /// The parent is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// The parent is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
    }
}

use ApproveBranchRefusal as Refusal;

impl Decide for ApproveBranch {
    const NAME: &'static str = "approve-branch";
    const FIELDS: &'static [Field] = &[required("branch", FieldKind::Branch), EFFECTIVE];
    type Refusal = ApproveBranchRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let own = Guard::Branch(self.branch);
        let looked = known.has_looked(&own);
        let branch = looked.then(|| known.branch_or_proposal(self.branch)).flatten();
        let parent = branch.and_then(|branch| branch.proposal()?.parent);
        parent.map(Guard::Branch).into_iter().chain([own]).collect()
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let id = self.branch;
        let branch = known.branch_or_proposal(id);
        let branch = branch.ok_or(Refusal::NotProposedBranch { branch: id })?;
        let proposal = branch.proposal().ok_or(Refusal::NotProposedBranch { branch: id })?;
        let code = code_of(branch);
        match branch.formed() {
            Some(formed) if formed == self.effective => return Ok(Decided::already_so()),
            Some(formed) => return Err(Refusal::AlreadyFormed { branch: code, formed }),
            None => {}
        }
        let latest = branch.last_change().unwrap_or(proposal.proposed);
        if branch.latest_phase() == Some(Phase::Rejected) {
            return Err(Refusal::ProposalRejected { branch: code, rejected: latest });
        }
        if latest > self.effective {
            return Err(Refusal::BeforeProposalOfBranch { branch: code, proposed: latest });
        }
        let rules = &known.policy(self.effective).rules;
        if rules.branch_kind(&proposal.kind).is_none() {
            return Err(Refusal::KindUnknown { kind: proposal.kind.clone() });
        }
        let mut decided = Decided::default();
        let mut effective = self.effective;
        if let Some(id) = proposal.parent {
            let parent = known.branch(id).ok_or(Refusal::ParentUnknown { branch: id })?;
            effective = from_formation(parent, effective, rules, &mut decided)?;
            if let Some(dissolved) = parent.dissolved() {
                return Err(Refusal::ParentDissolved { branch: code_of(parent), dissolved });
            }
            takes_in(parent, effective)?;
        }
        let precision = self.precision;
        decided.push(id, BranchEvent::Approved { effective, precision });
        let formed = BranchEvent::Formed {
            effective,
            precision,
            code: branch.code().cloned().expect("a proposal states the code"),
            name: proposal.name.clone(),
            title: proposal.title.clone(),
            branch_kind: proposal.kind.clone(),
            parent: proposal.parent,
            formed_from: vec![],
        };
        decided.push(id, formed);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn approve() -> ApproveBranch {
        ApproveBranch { branch: NORTH, effective: day(10), precision: None }
    }

    fn approval_under_south(past: impl IntoIterator<Item = Given>) -> Past {
        let (_, event) = proposed(NORTH, 5);
        let events::Event::Branch(BranchEvent::Proposed {
            effective, code, name, branch_kind, ..
        }) = event
        else {
            unreachable!("a proposal")
        };
        let proposed = BranchEvent::Proposed {
            effective,
            precision: None,
            code,
            name,
            title: None,
            branch_kind,
            parent: Some(SOUTH),
            by: None,
        };
        given(past).and([(NORTH.into(), proposed.into())])
    }

    #[test]
    fn what_was_proposed_is_formed() {
        given([proposed(NORTH, 5)]).when(approve()).then([approved(NORTH, 10), formed(NORTH, 10)]);
        given([proposed(NORTH, 5), approved(NORTH, 10), formed(NORTH, 10)])
            .when(approve())
            .then([]);
        approval_under_south([formed(SOUTH, 1)])
            .when(approve())
            .then([approved(NORTH, 10), formed_under(NORTH, "north", 10, SOUTH)]);
    }

    #[test]
    fn what_was_not_proposed_then_is_refused() {
        let branch = || "north".to_owned();
        given([]).when(approve()).then_refused(Refusal::NotProposedBranch { branch: NORTH });
        given([formed(NORTH, 1)])
            .when(approve())
            .then_refused(Refusal::NotProposedBranch { branch: NORTH });
        given([proposed(NORTH, 5), approved(NORTH, 6), formed(NORTH, 6)])
            .when(approve())
            .then_refused(Refusal::AlreadyFormed { branch: branch(), formed: day(6) });
        given([proposed(NORTH, 5), rejected(NORTH, 6)])
            .when(approve())
            .then_refused(Refusal::ProposalRejected { branch: branch(), rejected: day(6) });
        given([proposed(NORTH, 15)])
            .when(approve())
            .then_refused(Refusal::BeforeProposalOfBranch { branch: branch(), proposed: day(15) });
    }

    #[test]
    fn a_kind_that_the_rules_have_no_more_is_refused() {
        let mut club = proposed(NORTH, 5);
        if let events::Event::Branch(BranchEvent::Proposed { branch_kind, .. }) = &mut club.1 {
            *branch_kind = code("club");
        }
        given([club]).when(approve()).then_refused(Refusal::KindUnknown { kind: code("club") });
    }

    #[test]
    fn the_parent_must_still_take_it_in() {
        approval_under_south([])
            .when(approve())
            .then_refused(Refusal::ParentUnknown { branch: SOUTH });
        let branch = || "south".to_owned();
        approval_under_south([formed(SOUTH, 20)])
            .when(approve())
            .then_refused(Refusal::BeforeFormation { branch: branch(), formed: day(20) });
        approval_under_south([formed(SOUTH, 1), dissolved(SOUTH, 7)])
            .when(approve())
            .then_refused(Refusal::ParentDissolved { branch: branch(), dissolved: day(7) });
        approval_under_south([formed(SOUTH, 1), branch_suspended(SOUTH, 7)])
            .when(approve())
            .then_refused(Refusal::BranchSuspended { branch: branch(), since: day(7) });
        approval_under_south([formed(SOUTH, 1), winding_up(SOUTH, 7)])
            .when(approve())
            .then_refused(Refusal::BranchWindingUp { branch: branch(), since: day(7) });
    }
}
