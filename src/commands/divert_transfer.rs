//! Divert a letter to another destination.

use events::transfer::Case;
use events::{BranchId, Code, Date, Guard, PersonId, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{on_letter, refuses_trouble, run_out};
use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::code_or_id;
use super::taking_in::{has_place, moving_guards, refuses_no_place};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::Phase;

/// Divert a letter to another destination.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DivertTransfer {
    /// The letter's number.
    pub letter: Code,
    /// The new destination.
    pub to: BranchId,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a diversion is refused.
    DivertTransferRefusal {
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
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The destination was formed later.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The destination is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// The destination is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// The destination is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// Branches of the destination's kind hold no relations: a secondary place would do.
        KindNotHome("kind_not_home") { branch: String, kind: String },
        /// The person is a member already.
        AlreadyMember("already_member") { person: PersonId, branch: String, since: Date },
        /// The letter ran out before: it has to be issued anew.
        LetterExpired("letter_expired") { letter: Code, last_day: Date },
        /// The new destination is the origin.
        SameBranch("same_branch") { branch: String },
    }
}

use DivertTransferRefusal as Refusal;

refuses_trouble!(Refusal);
refuses_no_place!(Refusal);

impl Decide for DivertTransfer {
    const NAME: &'static str = "divert-transfer";
    const FIELDS: &'static [Field] =
        &[required("letter", FieldKind::Text), required("to", FieldKind::Branch), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = moving_guards(known, (None, &self.letter), self.effective);
        guards.push(Guard::Branch(self.to));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let found = on_letter(known, None, &self.letter)?;
        let (effective, precision) = (self.effective, self.precision);
        let standing = &found.standing;
        if standing.case.to.branch() == Some(self.to) {
            return Ok(Decided::already_so());
        }
        found.is_in(&[Phase::Issued, Phase::Presented, Phase::Returned], effective)?;
        if standing.phase != Phase::Returned {
            run_out(&found, effective)
                .map_err(|(letter, last_day)| Refusal::LetterExpired { letter, last_day })?;
        }
        if standing.case.from.branch() == Some(self.to) {
            return Err(Refusal::SameBranch { branch: code_or_id(known, self.to) });
        }
        has_place(known, (self.to, standing.case.person), standing.membership, effective)?;
        let former = standing.case.to.clone();
        let case = Case { to: self.to.into(), ..standing.case.clone() };
        let mut decided = Decided::default();
        decided.push(found.id, TransferEvent::Diverted { effective, precision, case, former });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn divert() -> DivertTransfer {
        DivertTransfer { letter: code("A-1"), to: EAST, effective: day(10), precision: None }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway()).and([]).when(divert()).then([diverted(10)]);
        given(underway()).and([diverted(10)]).when(divert()).then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(divert(), [], Refusal: LetterUnknown,
            LetterReplaced, OtherPhase, LaterChange);
    }

    #[test]
    fn the_origin_is_no_destination_and_a_letter_that_ran_out_goes_nowhere() {
        let back = DivertTransfer { to: NORTH, ..divert() };
        given(underway()).when(back).then_refused(Refusal::SameBranch { branch: "north".into() });
        let late = DivertTransfer { effective: day(21), ..divert() };
        given(underway())
            .when(late)
            .then_refused(Refusal::LetterExpired { letter: code("A-1"), last_day: day(20) });
    }

    #[test]
    fn a_destination_that_was_formed_later_is_refused() {
        given(underway_late(EAST))
            .when(divert())
            .then_refused(Refusal::BeforeFormation { branch: "east".into(), formed: day(12) });
    }

    #[test]
    fn a_destination_that_can_take_nobody_in_is_refused() {
        given(underway())
            .and([dissolved(EAST, 30)])
            .when(divert())
            .then_refused(Refusal::BranchDissolved { branch: "east".into(), dissolved: day(30) });
        given(underway_beside("temporary"))
            .when(divert())
            .then_refused(Refusal::KindNotHome { branch: "east".into(), kind: "temporary".into() });
        given(underway_beside_nothing())
            .when(divert())
            .then_refused(Refusal::BranchUnknown { branch: EAST });
        given(underway())
            .and([admitted(ANN, EAST, 3, M2)])
            .under("association")
            .when(divert())
            .then_refused(Refusal::AlreadyMember {
                person: ANN,
                branch: "east".into(),
                since: day(3),
            });
    }

    #[test]
    fn a_destination_that_is_suspended_or_wound_up_is_refused() {
        let east = || "east".to_owned();
        given(underway())
            .and([branch_suspended(EAST, 3)])
            .when(divert())
            .then_refused(Refusal::BranchSuspended { branch: east(), since: day(3) });
        given(underway())
            .and([winding_up(EAST, 3)])
            .when(divert())
            .then_refused(Refusal::BranchWindingUp { branch: east(), since: day(3) });
        // The former one may be: so a letter gets away from it.
        given(underway()).and([winding_up(SOUTH, 3)]).when(divert()).then([diverted(10)]);
    }
}
