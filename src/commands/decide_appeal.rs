//! Decide an appeal against the return of a letter.

use events::{Code, Date, Guard, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{letter_guards, on_letter, refuses_trouble};
use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::{Appeal, Phase};

/// Decide an appeal against the return of a letter.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideAppeal {
    /// The letter's number.
    pub letter: Code,
    /// Whether the return is set aside.
    pub verdict: Verdict,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

/// What the superior decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The return is set aside: the destination has to answer anew.
    Upheld,
    /// The return stands.
    Dismissed,
}

refusals! {
    /// Why the decision of an appeal is refused.
    DecideAppealRefusal {
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
        /// Nobody appealed, or it is decided.
        NoAppeal("no_appeal") { letter: Code },
    }
}

use DecideAppealRefusal as Refusal;

refuses_trouble!(Refusal);

impl Decide for DecideAppeal {
    const NAME: &'static str = "decide-appeal";
    const FIELDS: &'static [Field] = &[
        required("letter", FieldKind::Text),
        required("verdict", FieldKind::Choice(&["upheld", "dismissed"])),
        EFFECTIVE,
    ];
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
        if standing.since == effective
            && standing.phase == Phase::Presented
            && self.verdict == Verdict::Upheld
        {
            return Ok(Decided::already_so());
        }
        found.is_in(&[Phase::Returned], effective)?;
        if !matches!(standing.appeal, Some(Appeal::Pending(_))) {
            return Err(Refusal::NoAppeal { letter: self.letter.clone() });
        }
        let upheld = self.verdict == Verdict::Upheld;
        let case = standing.case.clone();
        let mut decided = Decided::default();
        decided.push(found.id, TransferEvent::AppealDecided { effective, precision, case, upheld });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn decide_it() -> DecideAppeal {
        DecideAppeal {
            letter: code("A-1"),
            verdict: Verdict::Upheld,
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway())
            .and([returned(7), appealed(8)])
            .when(decide_it())
            .then([appeal_decided(true, 10)]);
        given(underway())
            .and([returned(7), appealed(8), appeal_decided(true, 10)])
            .when(decide_it())
            .then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(decide_it(), [returned(7), appealed(8)], Refusal: LetterUnknown, LetterReplaced, OtherPhase,
            LaterChange);
    }

    #[test]
    fn without_an_appeal_there_is_nothing_to_decide() {
        given(underway())
            .and([returned(8)])
            .when(decide_it())
            .then_refused(Refusal::NoAppeal { letter: code("A-1") });
    }
}
