//! Propose a branch.

use events::{BranchEvent, BranchId, Code, Date, Guard, Party, Precision, Text};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::branch::{Phase, Proposal};
use crate::state::{Branch, Known};

/// Propose that a branch be formed: it is none before it is approved.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposeBranch {
    /// The code that it shall have.
    pub code: Code,
    /// Its name.
    pub name: Text,
    /// Its human title, where there is one beside the name.
    #[serde(default)]
    pub title: Option<Text>,
    /// Its kind; the policy's default when none is given.
    #[serde(default)]
    pub kind: Option<Code>,
    /// The branch above it; none at the top level.
    #[serde(default)]
    pub parent: Option<BranchId>,
    /// The body that asks for it.
    #[serde(default)]
    pub by: Option<Party>,
    /// The day of the proposal.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a proposal is refused.
    ProposeBranchRefusal {
        /// Another branch has or had the code.
        CodeTaken("code_taken") { code: Code, formed: Date },
        /// The code is kept for another proposal.
        CodeProposed("code_proposed") { code: Code, proposed: Date },
        /// The rules have no such kind.
        KindUnknown("kind_unknown") { kind: Code },
        /// No branch has the parent's id.
        ParentUnknown("parent_unknown") { branch: BranchId },
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

use ProposeBranchRefusal as Refusal;

impl Decide for ProposeBranch {
    const NAME: &'static str = "propose-branch";
    const FIELDS: &'static [Field] = &[
        required("code", FieldKind::Text),
        required("name", FieldKind::Text),
        optional("title", FieldKind::Text),
        optional("kind", FieldKind::Text),
        optional("parent", FieldKind::Branch),
        optional("by", FieldKind::Party),
        EFFECTIVE,
    ];
    type Refusal = ProposeBranchRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        let mut guards = vec![Guard::BranchCode(self.code.clone())];
        guards.extend(self.parent.map(Guard::Branch));
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let rules = &known.policy(self.effective).rules;
        let kind = self.kind.clone().unwrap_or_else(|| rules.branch.kind_default.clone());
        let id = match known.branch_of_code(&self.code) {
            Some((id, branch)) => match self.again(branch, &kind)? {
                Some(so) => return Ok(so),
                None => id,
            },
            None => BranchId((setting.fresh)()),
        };
        if rules.branch_kind(&kind).is_none() {
            return Err(Refusal::KindUnknown { kind });
        }
        let mut decided = Decided::default();
        let mut effective = self.effective;
        if let Some(parent) = self.parent {
            let branch = known.branch(parent).ok_or(Refusal::ParentUnknown { branch: parent })?;
            effective = from_formation(branch, effective, rules, &mut decided)?;
            if let Some(dissolved) = branch.dissolved() {
                return Err(Refusal::ParentDissolved { branch: code_of(branch), dissolved });
            }
            takes_in(branch, effective)?;
        }
        let proposed = BranchEvent::Proposed {
            effective,
            precision: self.precision,
            code: self.code.clone(),
            name: self.name.clone(),
            title: self.title.clone(),
            branch_kind: kind,
            parent: self.parent,
            by: self.by,
        };
        decided.push(id, proposed);
        Ok(decided)
    }
}

impl ProposeBranch {
    /// What a branch of that code means for the proposal: the same again is already so, a rejected
    /// one may be made again from the day of its rejection on, any other has the code.
    fn again(&self, branch: &Branch, kind: &Code) -> Result<Option<Decided>, Refusal> {
        let code = self.code.clone();
        if let Some(formed) = branch.formed() {
            return Err(Refusal::CodeTaken { code, formed });
        }
        let own = Proposal {
            proposed: self.effective,
            name: self.name.clone(),
            title: self.title.clone(),
            kind: kind.clone(),
            parent: self.parent,
            by: self.by,
        };
        let open = branch.latest_phase() == Some(Phase::Proposed);
        let proposed = branch.last_change().unwrap_or(self.effective);
        match branch.proposal() {
            Some(proposal) if open && *proposal == own => Ok(Some(Decided::already_so())),
            Some(_) if open || proposed > self.effective => {
                Err(Refusal::CodeProposed { code, proposed })
            }
            Some(_) | None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn propose() -> ProposeBranch {
        ProposeBranch {
            code: code("north"),
            name: text("North"),
            title: None,
            kind: None,
            parent: None,
            by: None,
            effective: day(10),
            precision: None,
        }
    }

    fn under_south() -> ProposeBranch {
        ProposeBranch { parent: Some(SOUTH), ..propose() }
    }

    #[test]
    fn proposes_a_branch_once_and_again_after_a_rejection() {
        given([]).when(propose()).then([proposed(BranchId(fresh(1)), 10)]);
        given([proposed(NORTH, 10)]).when(propose()).then([]);
        given([proposed(NORTH, 5), rejected(NORTH, 7)]).when(propose()).then([proposed(NORTH, 10)]);
    }

    #[test]
    fn a_code_belongs_to_one_branch_formed_or_proposed() {
        given([formed(NORTH, 1)])
            .when(propose())
            .then_refused(Refusal::CodeTaken { code: code("north"), formed: day(1) });
        given([proposed(NORTH, 5)])
            .when(propose())
            .then_refused(Refusal::CodeProposed { code: code("north"), proposed: day(5) });
    }

    #[test]
    fn kinds_and_parents_are_as_for_a_formation() {
        given([])
            .when(ProposeBranch { kind: Some(code("club")), ..propose() })
            .then_refused(Refusal::KindUnknown { kind: code("club") });
        given([]).when(under_south()).then_refused(Refusal::ParentUnknown { branch: SOUTH });
        given([formed(SOUTH, 20)])
            .when(under_south())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(20) });
        given([formed(SOUTH, 1), dissolved(SOUTH, 5)])
            .when(under_south())
            .then_refused(Refusal::ParentDissolved { branch: "south".into(), dissolved: day(5) });
        given([formed(SOUTH, 1), branch_suspended(SOUTH, 5)])
            .when(under_south())
            .then_refused(Refusal::BranchSuspended { branch: "south".into(), since: day(5) });
        given([formed(SOUTH, 1), winding_up(SOUTH, 5)])
            .when(under_south())
            .then_refused(Refusal::BranchWindingUp { branch: "south".into(), since: day(5) });
    }
}
