//! Present a letter to its destination.

use events::{BranchId, Code, Date, Guard, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{
    case_at_hand, letter_guards, not_for, on_letter, refuses_trouble, run_out, sides,
};
use super::field::{EFFECTIVE, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::Phase;

/// Present a letter to its destination.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresentTransfer {
    /// The letter's number.
    pub letter: Code,
    /// The destination that acts.
    pub branch: BranchId,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the presentation of a letter is refused.
    PresentTransferRefusal {
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
        /// The letter goes to another destination.
        OtherDestination("other_destination") { letter: Code, to: String },
        /// The letter was diverted to another destination.
        Diverted("letter_diverted") { letter: Code, to: String, since: Date },
        /// The destination is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// The destination is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// The letter ran out before: it has to be issued anew.
        LetterExpired("letter_expired") { letter: Code, last_day: Date },
    }
}

use PresentTransferRefusal as Refusal;

refuses_trouble!(Refusal);

impl Decide for PresentTransfer {
    const NAME: &'static str = "present-transfer";
    const FIELDS: &'static [Field] =
        &[required("letter", FieldKind::Text), required("branch", FieldKind::Branch), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = letter_guards(known, None, &self.letter);
        let case = case_at_hand(known, None, &self.letter);
        guards.extend(case.iter().flat_map(sides).map(Guard::Branch));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let found = on_letter(known, None, &self.letter)?;
        let (effective, precision) = (self.effective, self.precision);
        let standing = &found.standing;
        if standing.phase == Phase::Presented && standing.since == effective {
            return Ok(Decided::already_so());
        }
        if let Some((to, since)) = not_for(known, standing, self.branch) {
            let letter = self.letter.clone();
            return Err(match since {
                Some(since) => Refusal::Diverted { letter, to, since },
                None => Refusal::OtherDestination { letter, to },
            });
        }
        found.is_in(&[Phase::Issued], effective)?;
        run_out(&found, effective)
            .map_err(|(letter, last_day)| Refusal::LetterExpired { letter, last_day })?;
        let destination = known.branch(self.branch);
        destination.map_or(Ok(()), |branch| takes_in(branch, effective))?;
        let case = standing.case.clone();
        let mut decided = Decided::default();
        decided.push(found.id, TransferEvent::Presented { effective, precision, case });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn present() -> PresentTransfer {
        PresentTransfer { letter: code("A-1"), branch: SOUTH, effective: day(10), precision: None }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway()).and([]).when(present()).then([presented(10)]);
        given(underway()).and([presented(10)]).when(present()).then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(present(), [], Refusal: LetterUnknown,
            LetterReplaced, OtherPhase, LaterChange);
    }

    #[test]
    fn another_destination_is_told_where_the_letter_goes() {
        let at_east = PresentTransfer { branch: EAST, ..present() };
        given(underway())
            .when(at_east.clone())
            .then_refused(Refusal::OtherDestination { letter: code("A-1"), to: "south".into() });
        given(underway()).and([diverted(8)]).when(present()).then_refused(Refusal::Diverted {
            letter: code("A-1"),
            to: "east".into(),
            since: day(8),
        });
    }

    #[test]
    fn a_letter_that_ran_out_is_refused() {
        let late = PresentTransfer { effective: day(21), ..present() };
        given(underway())
            .when(late)
            .then_refused(Refusal::LetterExpired { letter: code("A-1"), last_day: day(20) });
    }

    #[test]
    fn a_destination_that_is_suspended_or_wound_up_is_refused() {
        let south = || "south".to_owned();
        given(underway())
            .and([branch_suspended(SOUTH, 3)])
            .when(present())
            .then_refused(Refusal::BranchSuspended { branch: south(), since: day(3) });
        given(underway())
            .and([winding_up(SOUTH, 3)])
            .when(present())
            .then_refused(Refusal::BranchWindingUp { branch: south(), since: day(3) });
    }
}
