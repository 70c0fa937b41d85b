//! Declare that a branch takes the place of a dissolved one.

use events::{BranchEvent, BranchId, Date, Guard, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Declare that a branch takes the place of a dissolved one: it is another branch all the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclareSuccessor {
    /// Which branch.
    pub branch: BranchId,
    /// The dissolved one.
    pub successor_of: BranchId,
    /// From which day on.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a succession is refused.
    DeclareSuccessorRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The other branch is not dissolved by then.
        NotDissolved("not_dissolved") { branch: String, effective: Date },
        /// It takes the place of another one already.
        SucceedsAnother("succeeds_another") { branch: String, other: String },
    }
}

use DeclareSuccessorRefusal as Refusal;

impl Decide for DeclareSuccessor {
    const NAME: &'static str = "declare-successor";
    const FIELDS: &'static [Field] = &[
        required("branch", FieldKind::Branch),
        required("successor_of", FieldKind::Branch),
        EFFECTIVE,
    ];
    type Refusal = DeclareSuccessorRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let own = Guard::Branch(self.branch);
        let looked = known.has_looked(&own);
        let branch = looked.then(|| known.branch(self.branch)).flatten();
        let other = branch.and_then(crate::state::Branch::successor_of).map(Guard::Branch);
        other.into_iter().chain([own, Guard::Branch(self.successor_of)]).collect()
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let of = |id| known.branch(id).ok_or(Refusal::BranchUnknown { branch: id });
        let (branch, former) = (of(self.branch)?, of(self.successor_of)?);
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        match branch.successor_of() {
            Some(other) if other == self.successor_of => return Ok(Decided::already_so()),
            Some(other) => {
                let other = super::shared::code_or_id(known, other);
                return Err(Refusal::SucceedsAnother { branch: code_of(branch), other });
            }
            None => {}
        }
        if former.dissolved().is_none_or(|dissolved| dissolved > effective) {
            return Err(Refusal::NotDissolved { branch: code_of(former), effective });
        }
        let (precision, successor_of) = (self.precision, self.successor_of);
        decided.push(self.branch, BranchEvent::ReFormed { effective, precision, successor_of });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn declare() -> DeclareSuccessor {
        let (branch, successor_of) = (NORTH, SOUTH);
        DeclareSuccessor { branch, successor_of, effective: day(10), precision: None }
    }

    #[test]
    fn a_branch_takes_the_place_of_a_dissolved_one() {
        let past = [formed(SOUTH, 1), dissolved(SOUTH, 5), formed(NORTH, 7)];
        given(past.clone()).when(declare()).then([re_formed(NORTH, SOUTH, 10)]);
        given(past).and([re_formed(NORTH, SOUTH, 10)]).when(declare()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([]).when(declare()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20), formed(SOUTH, 1)])
            .when(declare())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([formed(NORTH, 1), formed(SOUTH, 1), dissolved(SOUTH, 12)])
            .when(declare())
            .then_refused(Refusal::NotDissolved { branch: "south".into(), effective: day(10) });
        given([formed(NORTH, 1), formed(SOUTH, 1), dissolved(SOUTH, 5)])
            .and([formed(EAST, 1), dissolved(EAST, 2), re_formed(NORTH, EAST, 3)])
            .when(declare())
            .then_refused(Refusal::SucceedsAnother {
                branch: "north".into(),
                other: "east".into(),
            });
    }
}
