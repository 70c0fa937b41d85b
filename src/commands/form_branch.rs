//! Form a branch.

use events::{BranchEvent, BranchId, Code, Date, Guard, Precision, Text};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Branch, Known};

/// Form a branch, under another one or at the top level.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormBranch {
    /// The code that people will use for it.
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
    /// The branches that it is merged or split from.
    #[serde(default)]
    pub formed_from: Vec<BranchId>,
    /// Its first day.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a formation is refused.
    FormBranchRefusal {
        /// Another branch has or had the code.
        CodeTaken("code_taken") { code: Code, formed: Date },
        /// The code is kept for a proposal.
        CodeProposed("code_proposed") { code: Code, proposed: Date },
        /// The rules ask for a proposal and its approval.
        ApprovalNeeded("approval_needed") { code: Code },
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
        /// No branch has the id of a predecessor.
        PredecessorUnknown("predecessor_unknown") { branch: BranchId },
    }
}

use FormBranchRefusal as Refusal;

impl Decide for FormBranch {
    const NAME: &'static str = "form-branch";
    const FIELDS: &'static [Field] = &[
        required("code", FieldKind::Text),
        required("name", FieldKind::Text),
        optional("title", FieldKind::Text),
        optional("kind", FieldKind::Text),
        optional("parent", FieldKind::Branch),
        optional("formed_from", FieldKind::Branches),
        EFFECTIVE,
    ];
    type Refusal = FormBranchRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        let mut guards = vec![Guard::BranchCode(self.code.clone())];
        guards.extend(self.parent.iter().chain(&self.formed_from).copied().map(Guard::Branch));
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let rules = &known.policy(self.effective).rules;
        if let Some((_, branch)) = known.branch_of_code(&self.code) {
            return self.already_formed(branch);
        }
        if rules.structure.approval_needed {
            return Err(Refusal::ApprovalNeeded { code: self.code.clone() });
        }
        let kind = self.kind.clone().unwrap_or_else(|| rules.branch.kind_default.clone());
        if rules.branch_kind(&kind).is_none() {
            return Err(Refusal::KindUnknown { kind });
        }
        let mut decided = Decided::default();
        let mut effective = self.effective;
        if let Some(id) = self.parent {
            let parent = known.branch(id).ok_or(Refusal::ParentUnknown { branch: id })?;
            let code = code_of(parent);
            effective = from_formation(parent, effective, rules, &mut decided)?;
            if let Some(dissolved) = parent.dissolved() {
                return Err(Refusal::ParentDissolved { branch: code, dissolved });
            }
            takes_in(parent, effective)?;
        }
        if let Some(id) = self.formed_from.iter().find(|id| known.branch(**id).is_none()) {
            return Err(Refusal::PredecessorUnknown { branch: *id });
        }
        let formed = BranchEvent::Formed {
            effective,
            precision: self.precision,
            code: self.code.clone(),
            name: self.name.clone(),
            title: self.title.clone(),
            branch_kind: kind,
            parent: self.parent,
            formed_from: self.formed_from.clone(),
        };
        decided.push(BranchId((setting.fresh)()), formed);
        Ok(decided)
    }
}

impl FormBranch {
    /// The same formation again is already so; the code of any other branch is taken for ever.
    fn already_formed(&self, branch: &Branch) -> Result<Decided, Refusal> {
        let Some(formed) = branch.formed() else {
            let proposed = branch.last_change().unwrap_or(self.effective);
            return Err(Refusal::CodeProposed { code: self.code.clone(), proposed });
        };
        if formed == self.effective
            && branch.name_on(formed) == Some(&self.name)
            && branch.title() == self.title.as_ref()
            && branch.parent_on(formed) == self.parent
            && branch.predecessors() == self.formed_from
            && self.kind.as_ref().is_none_or(|kind| branch.kind() == Some(kind))
        {
            Ok(Decided::already_so())
        } else {
            Err(Refusal::CodeTaken { code: self.code.clone(), formed })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn form() -> FormBranch {
        FormBranch {
            code: Code::parse("north").unwrap(),
            name: Text::parse("North").unwrap(),
            title: None,
            kind: None,
            parent: Some(SOUTH),
            formed_from: vec![],
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn forms_a_branch_of_the_default_kind() {
        given([formed(SOUTH, 1)]).when(form()).then([formed_under(
            BranchId(fresh(1)),
            "north",
            10,
            SOUTH,
        )]);
    }

    #[test]
    fn the_same_formation_again_is_already_so() {
        given([formed(SOUTH, 1), formed_under(NORTH, "north", 10, SOUTH)]).when(form()).then([]);
    }

    #[test]
    fn another_title_or_origin_is_another_formation() {
        let taken = Refusal::CodeTaken { code: Code::parse("north").unwrap(), formed: day(10) };
        for other in [
            FormBranch { title: Some(Text::parse("The North").unwrap()), ..form() },
            FormBranch { formed_from: vec![SOUTH], ..form() },
        ] {
            given([formed(SOUTH, 1), formed_under(NORTH, "north", 10, SOUTH)])
                .when(other)
                .then_refused(taken.clone());
        }
    }

    #[test]
    fn a_code_is_never_used_twice() {
        given([formed(SOUTH, 1), formed(NORTH, 2), dissolved(NORTH, 3)]).when(form()).then_refused(
            Refusal::CodeTaken { code: Code::parse("north").unwrap(), formed: day(2) },
        );
    }

    #[test]
    fn a_kind_that_the_rules_do_not_have_is_refused_unless_they_are_open() {
        let club = FormBranch { kind: Some(Code::parse("club").unwrap()), ..form() };
        given([formed(SOUTH, 1)])
            .when(club.clone())
            .then_refused(Refusal::KindUnknown { kind: Code::parse("club").unwrap() });
        given([formed(SOUTH, 1)])
            .under("association")
            .when(FormBranch { parent: None, ..club })
            .then([formed_as(BranchId(fresh(1)), 10, "club")]);
    }

    #[test]
    fn a_parent_that_is_not_there_is_refused() {
        given([]).when(form()).then_refused(Refusal::ParentUnknown { branch: SOUTH });
        given([formed(SOUTH, 20)])
            .when(form())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(20) });
        given([formed(SOUTH, 1), dissolved(SOUTH, 5)])
            .when(form())
            .then_refused(Refusal::ParentDissolved { branch: "south".into(), dissolved: day(5) });
    }

    #[test]
    fn what_is_suspended_or_wound_up_takes_nothing_in() {
        given([formed(SOUTH, 1), branch_suspended(SOUTH, 3)])
            .when(form())
            .then_refused(Refusal::BranchSuspended { branch: "south".into(), since: day(3) });
        given([formed(SOUTH, 1), winding_up(SOUTH, 3)])
            .when(form())
            .then_refused(Refusal::BranchWindingUp { branch: "south".into(), since: day(3) });
    }

    #[test]
    fn where_the_rules_ask_for_approval_a_branch_is_proposed() {
        given([formed(SOUTH, 1)])
            .with_rules(|rules| rules.structure.approval_needed = true)
            .when(form())
            .then_refused(Refusal::ApprovalNeeded { code: code("north") });
        given([formed(SOUTH, 1), proposed(NORTH, 5)])
            .when(form())
            .then_refused(Refusal::CodeProposed { code: code("north"), proposed: day(5) });
    }

    #[test]
    fn an_unknown_predecessor_is_refused() {
        given([formed(SOUTH, 1)])
            .when(FormBranch { formed_from: vec![EAST], ..form() })
            .then_refused(Refusal::PredecessorUnknown { branch: EAST });
    }
}
