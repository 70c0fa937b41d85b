//! Give a branch another name.

use events::{BranchEvent, BranchId, Date, Guard, Precision, Text};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::{code_of, dissolved_by, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Give a branch another name; it stays the same branch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenameBranch {
    /// Which branch.
    pub branch: BranchId,
    /// Its name from then on.
    pub name: Text,
    /// The first day of the new name.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a new name is refused.
    RenameBranchRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved by then.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
    }
}

impl Decide for RenameBranch {
    const NAME: &'static str = "rename-branch";
    const FIELDS: &'static [Field] =
        &[required("branch", FieldKind::Branch), required("name", FieldKind::Text), EFFECTIVE];
    type Refusal = RenameBranchRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::Branch(self.branch)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, RenameBranchRefusal> {
        use RenameBranchRefusal as Refusal;
        let branch = known.branch(self.branch);
        let branch = branch.ok_or(Refusal::BranchUnknown { branch: self.branch })?;
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        if let Some(dissolved) = dissolved_by(branch, effective) {
            return Err(Refusal::BranchDissolved { branch: code_of(branch), dissolved });
        }
        if branch.name_on(effective) == Some(&self.name) {
            return Ok(Decided::already_so());
        }
        let (precision, name) = (self.precision, self.name.clone());
        decided.push(self.branch, BranchEvent::Renamed { effective, precision, name });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn rename() -> RenameBranch {
        RenameBranch {
            branch: NORTH,
            name: Text::parse("Far North").unwrap(),
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn gives_another_name() {
        given([formed(NORTH, 1)]).when(rename()).then([renamed(NORTH, "Far North", 10)]);
    }

    #[test]
    fn the_name_that_it_has_is_already_so() {
        given([formed(NORTH, 1), renamed(NORTH, "Far North", 5)]).when(rename()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        use RenameBranchRefusal as Refusal;
        given([]).when(rename()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20)])
            .when(rename())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([formed(NORTH, 1), dissolved(NORTH, 10)])
            .when(rename())
            .then_refused(Refusal::BranchDissolved { branch: "north".into(), dissolved: day(10) });
    }
}
