//! Return a letter to its origin, with the reason.

use events::{BranchId, Code, Date, Guard, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{
    case_at_hand, letter_guards, not_for, on_letter, refuses_trouble, run_out, sides,
};
use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::Phase;

/// Return a letter to its origin, with the reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnTransfer {
    /// The letter's number.
    pub letter: Code,
    /// The destination that acts.
    pub branch: BranchId,
    /// The body outside the ledger that issued it, if it is one.
    #[serde(default)]
    pub body: Option<Code>,
    /// Why, one of the policy's codes.
    pub reason: Code,
    /// What `other` stands for, as a code.
    #[serde(default)]
    pub note: Option<Code>,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the return of a letter is refused.
    ReturnTransferRefusal {
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
        /// The letter ran out before: it has to be issued anew.
        LetterExpired("letter_expired") { letter: Code, last_day: Date },
        /// The rules list no such reason.
        ReasonUnknown("return_reason_unknown") { reason: Code, reasons: String },
        /// Another reason than those has to be said by a code.
        NoteMissing("return_note_missing") { reason: Code },
    }
}

use ReturnTransferRefusal as Refusal;

refuses_trouble!(Refusal);

impl Decide for ReturnTransfer {
    const NAME: &'static str = "return-transfer";
    const FIELDS: &'static [Field] = &[
        required("letter", FieldKind::Text),
        required("branch", FieldKind::Branch),
        optional("body", FieldKind::Text),
        required("reason", FieldKind::Text),
        optional("note", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = letter_guards(known, self.body.as_ref(), &self.letter);
        let case = case_at_hand(known, self.body.as_ref(), &self.letter);
        guards.extend(case.iter().flat_map(sides).map(Guard::Branch));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let found = on_letter(known, self.body.as_ref(), &self.letter)?;
        let (effective, precision) = (self.effective, self.precision);
        let standing = &found.standing;
        if standing.phase == Phase::Returned && standing.since == effective {
            return Ok(Decided::already_so());
        }
        if let Some((to, since)) = not_for(known, standing, self.branch) {
            let letter = self.letter.clone();
            return Err(match since {
                Some(since) => Refusal::Diverted { letter, to, since },
                None => Refusal::OtherDestination { letter, to },
            });
        }
        found.is_in(&[Phase::Issued, Phase::Presented], effective)?;
        if standing.phase == Phase::Issued {
            run_out(&found, effective)
                .map_err(|(letter, last_day)| Refusal::LetterExpired { letter, last_day })?;
        }
        self.check_reason(known)?;
        let (id, case) = (found.id, standing.case.clone());
        let mut decided = Decided::default();
        if standing.phase == Phase::Issued {
            let case = case.clone();
            decided.push(id, TransferEvent::Presented { effective, precision, case });
        }
        let (reason, note) = (self.reason.clone(), self.note.clone());
        decided.push(id, TransferEvent::Returned { effective, precision, case, reason, note });
        Ok(decided)
    }
}

/// The reason that says nothing by itself.
const OTHER: &str = "other";

impl ReturnTransfer {
    fn check_reason(&self, known: &Known) -> Result<(), Refusal> {
        let reasons = &known.policy(self.effective).rules.transfer.return_reasons;
        let reason = self.reason.clone();
        if !reasons.contains(&reason) {
            let reasons = reasons.iter().map(Code::as_str).collect::<Vec<_>>().join(", ");
            return Err(Refusal::ReasonUnknown { reason, reasons });
        }
        if reason.as_str() == OTHER && self.note.is_none() {
            return Err(Refusal::NoteMissing { reason });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn send_back() -> ReturnTransfer {
        ReturnTransfer {
            letter: code("A-1"),
            branch: SOUTH,
            body: None,
            reason: code("dues_gap"),
            note: None,
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway()).and([presented(6)]).when(send_back()).then([returned(10)]);
        given(underway()).and([presented(6), returned(10)]).when(send_back()).then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(send_back(), [presented(6)], Refusal: LetterUnknown, LetterReplaced, OtherPhase,
            LaterChange);
    }

    #[test]
    fn another_destination_is_told_where_the_letter_goes() {
        let at_east = ReturnTransfer { branch: EAST, ..send_back() };
        given(underway())
            .when(at_east.clone())
            .then_refused(Refusal::OtherDestination { letter: code("A-1"), to: "south".into() });
        given(underway()).and([diverted(8)]).when(send_back()).then_refused(Refusal::Diverted {
            letter: code("A-1"),
            to: "east".into(),
            since: day(8),
        });
    }

    #[test]
    fn a_letter_that_ran_out_is_refused() {
        let late = ReturnTransfer { effective: day(21), ..send_back() };
        given(underway())
            .when(late)
            .then_refused(Refusal::LetterExpired { letter: code("A-1"), last_day: day(20) });
    }

    #[test]
    fn the_rules_say_what_may_be_a_reason() {
        let whim = ReturnTransfer { reason: code("whim"), ..send_back() };
        given(underway()).when(whim).then_refused(Refusal::ReasonUnknown {
            reason: code("whim"),
            reasons: "wrong_destination, papers_incomplete, dues_gap, not_eligible, \
                      identity_doubt, destination_winding_up, duplicate, other"
                .into(),
        });
        let other = ReturnTransfer { reason: code("other"), ..send_back() };
        given(underway()).when(other).then_refused(Refusal::NoteMissing { reason: code("other") });
    }

    #[test]
    fn what_was_not_presented_yet_is_so_with_the_return() {
        given(underway()).when(send_back()).then([presented(10), returned(10)]);
    }
}
