//! Record that a letter ran out; the clock does.

use events::{Code, Date, Guard, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{
    case_at_hand, due_code, letter_days, letter_guards, on_letter, refuses_trouble, sides,
};
use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::Phase;

/// Record that a letter ran out; the clock does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpireTransfer {
    /// The letter's number.
    pub letter: Code,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the expiry of a letter is refused.
    ExpireTransferRefusal {
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
        /// It is not due yet; absent where it never will be.
        NotDue("not_due") { letter: Code, due: String },
    }
}

use ExpireTransferRefusal as Refusal;

refuses_trouble!(Refusal);

impl Decide for ExpireTransfer {
    const NAME: &'static str = "expire-transfer";
    const FIELDS: &'static [Field] = &[required("letter", FieldKind::Text), EFFECTIVE];
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
        if standing.phase == Phase::Expired && standing.since == effective {
            return Ok(Decided::already_so());
        }
        found.is_in(&[Phase::Issued], effective)?;
        if !standing.has_run_out(effective) {
            let first = standing.last_day.and_then(|last_day| last_day.tomorrow().ok());
            let due = due_code(first.filter(|_| standing.suspended.is_none()));
            return Err(Refusal::NotDue { letter: self.letter.clone(), due });
        }
        let rules = &known.policy(standing.since).rules.transfer;
        let sides = (&standing.case.from, &standing.case.to);
        let (_, rule) = letter_days(known, sides, standing.since, rules);
        let rule = Code::parse(rule).expect("a key is a code");
        let case = standing.case.clone();
        let mut decided = Decided::default();
        decided.push(found.id, TransferEvent::Expired { effective, precision, case, rule });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn expire() -> ExpireTransfer {
        ExpireTransfer { letter: code("A-1"), effective: day(21), precision: None }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway()).and([]).when(expire()).then([expired(21)]);
        given(underway()).and([expired(21)]).when(expire()).then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(expire(), [], Refusal: LetterUnknown, LetterReplaced, OtherPhase,
            LaterChange);
    }

    #[test]
    fn a_letter_is_good_until_its_last_day_ends() {
        let early = ExpireTransfer { effective: day(20), ..expire() };
        given(underway())
            .when(early.clone())
            .then_refused(Refusal::NotDue { letter: code("A-1"), due: "2026-01-21".into() });
        given(underway())
            .and([suspended(6)])
            .when(expire())
            .then_refused(Refusal::NotDue { letter: code("A-1"), due: "none".into() });
    }
}
