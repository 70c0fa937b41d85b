//! Change the kind of a branch.

use events::{BranchEvent, BranchId, Code, Date, Guard, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// The kind of a branch that several hosts share, in every rule set that has it.
const JOINT: &str = "joint";

/// Change the kind of a branch; it stays the same branch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeBranchKind {
    /// Which branch.
    pub branch: BranchId,
    /// Its kind from then on.
    pub kind: Code,
    /// The first day on which it is of that kind.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a change of kind is refused.
    ChangeBranchKindRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// The rules have no such kind.
        KindUnknown("kind_unknown") { kind: Code },
        /// A later change of the branch is recorded.
        LaterChange("later_change") { later: Date },
        /// A joint branch has two hosts at least.
        JointNeedsTwo("joint_needs_two") { branch: String, hosts: usize },
        /// Members are at home in it, and branches of that kind hold no relations.
        KindNotForMembers("kind_not_for_members") { branch: String, kind: Code, members: usize },
    }
}

use ChangeBranchKindRefusal as Refusal;

impl Decide for ChangeBranchKind {
    const NAME: &'static str = "change-branch-kind";
    const FIELDS: &'static [Field] =
        &[required("branch", FieldKind::Branch), required("kind", FieldKind::Text), EFFECTIVE];
    type Refusal = ChangeBranchKindRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::Branch(self.branch), Guard::MembersOf(self.branch)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let id = self.branch;
        let branch = known.branch(id).ok_or(Refusal::BranchUnknown { branch: id })?;
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        let (code, kind) = (code_of(branch), self.kind.clone());
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        let Some(flags) = rules.branch_kind(&kind) else {
            return Err(Refusal::KindUnknown { kind });
        };
        let from = branch.kind_on(effective).cloned().expect("a formed branch has a kind");
        if from == kind {
            return Ok(Decided::already_so());
        }
        if let Some(later) = branch.last_change().filter(|last| *last > effective) {
            return Err(Refusal::LaterChange { later });
        }
        let hosts = branch.hosts_on(effective).len();
        if kind.as_str() == JOINT && hosts < 2 {
            return Err(Refusal::JointNeedsTwo { branch: code, hosts });
        }
        let spells = known.members_of(id).flat_map(|(_, membership)| membership.spells());
        let here = spells.filter(|spell| spell.value == id && spell.reaches_beyond(effective));
        let members = here.count();
        if !flags.may_be_home && members > 0 {
            return Err(Refusal::KindNotForMembers { branch: code, kind, members });
        }
        let (precision, to) = (self.precision, kind);
        decided.push(id, BranchEvent::KindChanged { effective, precision, from, to });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use events::branch::FormationMode;

    use super::*;
    use crate::given::*;

    fn change(kind: &str) -> ChangeBranchKind {
        let kind = code(kind);
        ChangeBranchKind { branch: NORTH, kind, effective: day(10), precision: None }
    }

    #[test]
    fn a_branch_changes_its_kind_and_stays_the_same() {
        let changed = kind_changed(NORTH, "branch", "committee", 10);
        given([formed(NORTH, 1)]).when(change("committee")).then([changed.clone()]);
        given([formed(NORTH, 1), changed]).when(change("committee")).then([]);
        given([formed(NORTH, 1)]).when(change("branch")).then([]);
    }

    #[test]
    fn a_joint_branch_needs_two_hosts() {
        let mode = FormationMode::ByRegion;
        let one = [formed(NORTH, 1), host(SUN, 1), host(MOON, 1), attached(NORTH, SUN, mode, 5)];
        given(one.clone())
            .when(change("joint"))
            .then_refused(Refusal::JointNeedsTwo { branch: "north".into(), hosts: 1 });
        given(one)
            .and([attached(NORTH, MOON, mode, 5)])
            .when(change("joint"))
            .then([kind_changed(NORTH, "branch", "joint", 10)]);
    }

    #[test]
    fn refusals_come_in_order() {
        let branch = || "north".to_owned();
        given([]).when(change("joint")).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20)])
            .when(change("joint"))
            .then_refused(Refusal::BeforeFormation { branch: branch(), formed: day(20) });
        given([formed(NORTH, 1), dissolved(NORTH, 12)])
            .when(change("joint"))
            .then_refused(Refusal::BranchDissolved { branch: branch(), dissolved: day(12) });
        given([formed(NORTH, 1)])
            .when(change("club"))
            .then_refused(Refusal::KindUnknown { kind: code("club") });
        given([formed(NORTH, 1), branch_suspended(NORTH, 12)])
            .when(change("committee"))
            .then_refused(Refusal::LaterChange { later: day(12) });
        given([formed(NORTH, 1), admitted(ANN, NORTH, 5, M1)])
            .when(change("committee"))
            .then_refused(Refusal::KindNotForMembers {
                branch: branch(),
                kind: code("committee"),
                members: 1,
            });
    }
}
