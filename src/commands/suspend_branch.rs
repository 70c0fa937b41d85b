//! Suspend a branch.

use events::{BranchEvent, BranchId, Code, Date, Guard, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::phase::{NoTurn, comer_after, turn, turn_looks_at};
use super::refusal::refusals;
use super::shared::code_of;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::branch::Phase;

/// Suspend a branch: it admits nobody, its superior acts, its members count.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspendBranch {
    /// Which branch.
    pub branch: BranchId,
    /// Why, as a code.
    #[serde(default)]
    pub reason: Option<Code>,
    /// From which day on.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    SuspendBranchRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved by then.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// The branch is being wound up.
        AlreadyWindingUp("already_winding_up") { branch: String, since: Date },
        /// A later change of the branch, or somebody who comes to it later, is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use SuspendBranchRefusal as Refusal;

impl From<NoTurn> for Refusal {
    fn from(trouble: NoTurn) -> Self {
        match trouble {
            NoTurn::Unknown(branch) => Self::BranchUnknown { branch },
            NoTurn::TooEarly(early) => early.into(),
            NoTurn::Dissolved(branch, dissolved) => Self::BranchDissolved { branch, dissolved },
        }
    }
}

impl Decide for SuspendBranch {
    const NAME: &'static str = "suspend-branch";
    const FIELDS: &'static [Field] =
        &[required("branch", FieldKind::Branch), optional("reason", FieldKind::Text), EFFECTIVE];
    type Refusal = SuspendBranchRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        turn_looks_at(self.branch)
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let mut decided = Decided::default();
        let turn = turn(known, self.branch, self.effective, &mut decided)?;
        match turn.phase {
            (Phase::Suspended, _) => return Ok(Decided::already_so()),
            (Phase::WindingUp, since) => {
                return Err(Refusal::AlreadyWindingUp { branch: code_of(turn.branch), since });
            }
            (Phase::Proposed | Phase::Rejected | Phase::Active | Phase::Dissolved, _) => {}
        }
        let later = turn.later.or_else(|| comer_after(known, self.branch, turn.effective));
        if let Some(later) = later {
            return Err(Refusal::LaterChange { later });
        }
        let reason = self.reason.clone();
        let (effective, precision) = (turn.effective, self.precision);
        decided.push(self.branch, BranchEvent::Suspended { effective, precision, reason });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn wish() -> SuspendBranch {
        SuspendBranch { branch: NORTH, reason: None, effective: day(10), precision: None }
    }

    #[test]
    fn suspends_once() {
        given([formed(NORTH, 1)]).when(wish()).then([branch_suspended(NORTH, 10)]);
        given([formed(NORTH, 1), branch_suspended(NORTH, 5)]).when(wish()).then([]);
    }

    #[test]
    fn what_is_wound_up_or_changes_later_is_refused() {
        given([formed(NORTH, 1), winding_up(NORTH, 5)])
            .when(wish())
            .then_refused(Refusal::AlreadyWindingUp { branch: "north".into(), since: day(5) });
        given([formed(NORTH, 1), winding_up(NORTH, 15)])
            .when(wish())
            .then_refused(Refusal::LaterChange { later: day(15) });
        given([formed(NORTH, 1), admitted(ANN, NORTH, 12, M1)])
            .when(wish())
            .then_refused(Refusal::LaterChange { later: day(12) });
        given([formed(NORTH, 1), formed(SOUTH, 1), admitted(ANN, SOUTH, 2, M1), placed(12, NORTH)])
            .when(wish())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn what_is_not_there_or_no_more_is_refused() {
        given([]).when(wish()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20)])
            .when(wish())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([formed(NORTH, 1), dissolved(NORTH, 5)])
            .when(wish())
            .then_refused(Refusal::BranchDissolved { branch: "north".into(), dissolved: day(5) });
        given([proposed(NORTH, 1)])
            .when(wish())
            .then_refused(Refusal::BranchUnknown { branch: NORTH });
    }
}
