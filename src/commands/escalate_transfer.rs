//! Call upon the nearest common superior because the destination is silent; the clock does.

use events::policy::OnSilence;
use events::{Code, Date, Guard, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{
    case_at_hand, due_code, letter_guards, nearest_superior, on_letter, refuses_trouble,
    superior_guards,
};
use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::Phase;

/// Call upon the nearest common superior because the destination is silent; the clock does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalateTransfer {
    /// The letter's number.
    pub letter: Code,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why an escalation is refused.
    EscalateTransferRefusal {
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

use EscalateTransferRefusal as Refusal;

refuses_trouble!(Refusal);

impl Decide for EscalateTransfer {
    const NAME: &'static str = "escalate-transfer";
    const FIELDS: &'static [Field] = &[required("letter", FieldKind::Text), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = letter_guards(known, None, &self.letter);
        let case = case_at_hand(known, None, &self.letter);
        guards.extend(case.iter().flat_map(|case| superior_guards(known, case, self.effective)));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let found = on_letter(known, None, &self.letter)?;
        let (effective, precision) = (self.effective, self.precision);
        let standing = &found.standing;
        if standing.escalated.is_some() {
            return Ok(Decided::already_so());
        }
        found.is_in(&[Phase::Presented], effective)?;
        let rules = &known.policy(effective).rules.transfer;
        let due = standing.silence_ends(rules.silence_days);
        if rules.on_silence != OnSilence::Escalate || due.is_none_or(|due| due > effective) {
            let due = due_code(due.filter(|_| rules.on_silence == OnSilence::Escalate));
            return Err(Refusal::NotDue { letter: self.letter.clone(), due });
        }
        let superior = nearest_superior(known, &standing.case, effective);
        let rule = Code::parse("transfer.silence_days").expect("a key is a code");
        let case = standing.case.clone();
        let mut decided = Decided::default();
        decided.push(
            found.id,
            TransferEvent::Escalated { effective, precision, case, superior, rule },
        );
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn escalate() -> EscalateTransfer {
        EscalateTransfer { letter: code("A-1"), effective: day(10), precision: None }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway()).and([presented_before(40)]).when(escalate()).then([escalated(10)]);
        given(underway()).and([presented_before(40), escalated(10)]).when(escalate()).then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(escalate(), [presented_before(40)], Refusal: LetterUnknown, LetterReplaced, OtherPhase,
            LaterChange);
    }

    #[test]
    fn it_is_refused_before_it_is_due_and_where_the_rules_say_otherwise() {
        given(underway())
            .and([presented(6)])
            .when(escalate())
            .then_refused(Refusal::NotDue { letter: code("A-1"), due: "2026-02-05".into() });
        given(underway())
            .and([presented_before(40)])
            .under("union")
            .when(escalate())
            .then_refused(Refusal::NotDue { letter: code("A-1"), due: "none".into() });
    }
}
