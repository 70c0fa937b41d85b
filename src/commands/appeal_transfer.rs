//! Appeal against the return of a letter, to the nearest common superior.

use events::{BranchId, Code, Date, Guard, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{
    case_at_hand, letter_guards, nearest_superior, on_letter, refuses_trouble, superior_code,
    superior_guards,
};
use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::code_or_id;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::{Appeal, Phase};

/// Appeal against the return of a letter, to the nearest common superior.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppealTransfer {
    /// The letter's number.
    pub letter: Code,
    /// The superior that is appealed to; the nearest common one when none is named.
    #[serde(default)]
    pub to: Option<BranchId>,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why an appeal is refused.
    AppealTransferRefusal {
        /// Nobody issued a letter of that number.
        LetterUnknown("letter_unknown") { letter: Code },
        /// Another letter took its place.
        LetterReplaced("letter_replaced") { letter: Code, by: Code },
        /// The transfer did not come so far, or went further.
        OtherPhase("transfer_phase") {
            letter: Code, phase: &'static str, since: Date, acts: &'static str,
        },
        /// A later act is recorded.
        LaterChange("later_change") { later: Date },
        /// There was an appeal already.
        AppealedBefore("appealed_before") { letter: Code, since: Date },
        /// The branch is not the nearest one over both sides.
        NotSuperior("not_superior") { branch: String, superior: String },
    }
}

use AppealTransferRefusal as Refusal;

refuses_trouble!(Refusal);

impl Decide for AppealTransfer {
    const NAME: &'static str = "appeal-transfer";
    const FIELDS: &'static [Field] =
        &[required("letter", FieldKind::Text), optional("to", FieldKind::Branch), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = letter_guards(known, None, &self.letter);
        let case = case_at_hand(known, None, &self.letter);
        guards.extend(case.iter().flat_map(|case| superior_guards(known, case, self.effective)));
        guards.extend(self.to.map(Guard::Branch));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let found = on_letter(known, None, &self.letter)?;
        let (effective, precision) = (self.effective, self.precision);
        let standing = &found.standing;
        if standing.appeal == Some(Appeal::Pending(effective)) {
            return Ok(Decided::already_so());
        }
        found.is_in(&[Phase::Returned], effective)?;
        if let Some(Appeal::Pending(since) | Appeal::Dismissed(since)) = standing.appeal {
            return Err(Refusal::AppealedBefore { letter: self.letter.clone(), since });
        }
        let superior = nearest_superior(known, &standing.case, effective);
        if let Some(branch) = self.to.filter(|to| superior != Some(*to)) {
            let superior = superior_code(known, superior);
            return Err(Refusal::NotSuperior { branch: code_or_id(known, branch), superior });
        }
        let case = standing.case.clone();
        let mut decided = Decided::default();
        decided.push(found.id, TransferEvent::Appealed { effective, precision, case, superior });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn appeal() -> AppealTransfer {
        AppealTransfer { letter: code("A-1"), to: None, effective: day(10), precision: None }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway()).and([returned(8)]).when(appeal()).then([appealed(10)]);
        given(underway()).and([returned(8), appealed(10)]).when(appeal()).then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(appeal(), [returned(8)], Refusal: LetterUnknown, LetterReplaced, OtherPhase,
            LaterChange);
    }

    #[test]
    fn a_second_appeal_is_refused() {
        let dismissed = appeal_decided(false, 9);
        given(underway())
            .and([returned(7), appealed(8), dismissed])
            .when(appeal())
            .then_refused(Refusal::AppealedBefore { letter: code("A-1"), since: day(9) });
    }

    #[test]
    fn who_has_no_authority_over_both_sides_is_refused() {
        let to_east = AppealTransfer { to: Some(EAST), ..appeal() };
        given(underway())
            .and([returned(8)])
            .when(to_east)
            .then_refused(Refusal::NotSuperior { branch: "east".into(), superior: "none".into() });
    }
}
