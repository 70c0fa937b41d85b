//! Void a letter that was lost.

use events::{Code, Date, Guard, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{letter_guards, on_letter, refuses_trouble};
use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::Phase;

/// Void a letter that was lost.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoidLetter {
    /// The letter's number.
    pub letter: Code,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the voiding of a letter is refused.
    VoidLetterRefusal {
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
    }
}

use VoidLetterRefusal as Refusal;

refuses_trouble!(Refusal);

impl Decide for VoidLetter {
    const NAME: &'static str = "void-letter";
    const FIELDS: &'static [Field] = &[required("letter", FieldKind::Text), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        letter_guards(known, None, &self.letter)
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let found = on_letter(known, None, &self.letter)?;
        let (effective, precision) = (self.effective, self.precision);
        let standing = &found.standing;
        if standing.phase == Phase::Voided && standing.since == effective {
            return Ok(Decided::already_so());
        }
        found.is_in(&[Phase::Issued, Phase::Presented], effective)?;
        let case = standing.case.clone();
        let mut decided = Decided::default();
        decided.push(found.id, TransferEvent::Voided { effective, precision, case });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn void() -> VoidLetter {
        VoidLetter { letter: code("A-1"), effective: day(10), precision: None }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway()).and([]).when(void()).then([voided(10)]);
        given(underway()).and([voided(10)]).when(void()).then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(void(), [], Refusal: LetterUnknown, LetterReplaced, OtherPhase,
            LaterChange);
    }
}
