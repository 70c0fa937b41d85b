//! Begin to wind a branch up.

use events::{BranchEvent, BranchId, Code, Date, Guard, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::phase::{NoTurn, comer_after, turn, turn_looks_at};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::branch::Phase;

/// Begin to wind a branch up: nobody comes any more, what is in it goes elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartWindingUp {
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
    StartWindingUpRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved by then.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// A later change of the branch, or somebody who comes to it later, is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use StartWindingUpRefusal as Refusal;

impl From<NoTurn> for Refusal {
    fn from(trouble: NoTurn) -> Self {
        match trouble {
            NoTurn::Unknown(branch) => Self::BranchUnknown { branch },
            NoTurn::TooEarly(early) => early.into(),
            NoTurn::Dissolved(branch, dissolved) => Self::BranchDissolved { branch, dissolved },
        }
    }
}

impl Decide for StartWindingUp {
    const NAME: &'static str = "start-winding-up";
    const FIELDS: &'static [Field] =
        &[required("branch", FieldKind::Branch), optional("reason", FieldKind::Text), EFFECTIVE];
    type Refusal = StartWindingUpRefusal;

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
            (Phase::WindingUp, _) => return Ok(Decided::already_so()),
            (
                Phase::Proposed
                | Phase::Rejected
                | Phase::Active
                | Phase::Suspended
                | Phase::Dissolved,
                _,
            ) => {}
        }
        let later = turn.later.or_else(|| comer_after(known, self.branch, turn.effective));
        if let Some(later) = later {
            return Err(Refusal::LaterChange { later });
        }
        let reason = self.reason.clone();
        let (effective, precision) = (turn.effective, self.precision);
        decided.push(self.branch, BranchEvent::WindingUpStarted { effective, precision, reason });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn wish() -> StartWindingUp {
        StartWindingUp { branch: NORTH, reason: None, effective: day(10), precision: None }
    }

    #[test]
    fn begins_once_also_where_it_is_suspended() {
        given([formed(NORTH, 1)]).when(wish()).then([winding_up(NORTH, 10)]);
        given([formed(NORTH, 1), branch_suspended(NORTH, 5)])
            .when(wish())
            .then([winding_up(NORTH, 10)]);
        given([formed(NORTH, 1), winding_up(NORTH, 5)]).when(wish()).then([]);
    }

    #[test]
    fn whoever_comes_later_is_in_the_way() {
        given([formed(NORTH, 1), admitted(ANN, NORTH, 12, M1)])
            .when(wish())
            .then_refused(Refusal::LaterChange { later: day(12) });
        given([formed(NORTH, 1), admitted(ANN, NORTH, 10, M1)])
            .when(wish())
            .then([winding_up(NORTH, 10)]);
    }

    #[test]
    fn a_letter_that_is_on_its_way_stays_and_a_later_one_is_in_the_way() {
        let of = |branch| StartWindingUp { branch, ..wish() };
        given(underway()).when(of(SOUTH)).then([winding_up(SOUTH, 10)]);
        given(underway())
            .and([diverted(12)])
            .when(of(EAST))
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
