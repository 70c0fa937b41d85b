//! Record the receipt of the destination: the transfer is complete.

use events::membership::EndReason;
use events::{Code, Date, Guard, PersonId, Precision, TransferEvent, TransferId};
use serde::{Deserialize, Serialize};

use super::cases::{Trouble, on_letter, place_code, refuses_trouble};
use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::LaterChange;
use super::shared::life::end_alone;
use super::taking_in::{NotTakenIn, leave_home, moving_guards};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::Phase;

/// Record the receipt of the destination: the transfer is complete.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptTransfer {
    /// The letter's number.
    pub letter: Code,
    /// The body outside the ledger that sent it, if it is one.
    #[serde(default)]
    pub body: Option<Code>,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a receipt is refused.
    ReceiptTransferRefusal {
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
        /// The letter went to another destination.
        OtherDestination("other_destination") { letter: Code, to: String },
        /// The origin is the home no longer.
        OriginNotHome("origin_not_home") { person: PersonId, branch: String, effective: Date },
    }
}

use ReceiptTransferRefusal as Refusal;

refuses_trouble!(Refusal);

impl Decide for ReceiptTransfer {
    const NAME: &'static str = "receipt-transfer";
    const FIELDS: &'static [Field] =
        &[required("letter", FieldKind::Text), optional("body", FieldKind::Text), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        moving_guards(known, (None, &self.letter), self.effective)
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let found = match on_letter(known, None, &self.letter) {
            Err(Trouble::LetterUnknown { letter }) => {
                let unmatched = self.unmatched(known, setting);
                return unmatched.ok_or(Refusal::LetterUnknown { letter });
            }
            found => found?,
        };
        let (effective, precision) = (self.effective, self.precision);
        let (id, standing) = (found.id, &found.standing);
        let case = standing.case.clone();
        if case.to.body() != self.body.as_ref() {
            let (letter, to) = (self.letter.clone(), place_code(known, &case.to));
            return Err(Refusal::OtherDestination { letter, to });
        }
        if matches!(standing.phase, Phase::Receipted | Phase::Departed) {
            return Ok(self.settled(known));
        }
        let mut decided = self.settled(known);
        let (Some(from), Some(membership), Some(_)) =
            (case.from.branch(), standing.membership, case.to.body())
        else {
            found.is_in(&[Phase::Accepted], effective)?;
            decided.push(id, TransferEvent::Receipted { effective, precision, case });
            return Ok(decided);
        };
        found.is_in(&[Phase::Issued, Phase::Presented], effective)?;
        let person = case.person;
        decided.push(id, TransferEvent::DepartedExternal { effective, precision, case });
        let origin = (person, membership, from);
        let of_person = leave_home(known, origin, effective, &mut decided)?;
        let when = (effective, None);
        end_alone((membership, of_person), when, EndReason::Departed, &mut decided)
            .map_err(|LaterChange(later)| Refusal::LaterChange { later })?;
        Ok(decided)
    }
}

impl From<NotTakenIn> for Refusal {
    fn from(trouble: NotTakenIn) -> Self {
        match trouble {
            NotTakenIn::OriginNotHome { person, branch, effective } => {
                Self::OriginNotHome { person, branch, effective }
            }
            NotTakenIn::LaterChange { later } => Self::LaterChange { later },
            NotTakenIn::NoPlace(_) | NotTakenIn::Unsound(_) => {
                unreachable!("nobody looks for a place where one leaves")
            }
        }
    }
}

impl ReceiptTransfer {
    /// A receipt for a letter that nobody here knows waits until somebody settles it.
    fn unmatched(&self, known: &Known, setting: &mut Setting<'_>) -> Option<Decided> {
        let body = self.body.clone()?;
        let mut decided = Decided::default();
        if self.waiting(known).is_empty() {
            let (effective, precision) = (self.effective, self.precision);
            let letter = self.letter.clone();
            let id = TransferId((setting.fresh)());
            decided.push(id, TransferEvent::Unmatched { effective, precision, body, letter });
        }
        Some(decided)
    }

    /// What settles the receipts that waited for this letter.
    fn settled(&self, known: &Known) -> Decided {
        let mut decided = Decided::default();
        for (id, since) in self.waiting(known) {
            let (body, letter) = (self.body.clone(), self.letter.clone());
            let (Some(body), effective) = (body, self.effective.max(since)) else { continue };
            decided.push(id, TransferEvent::Matched { effective, precision: None, body, letter });
        }
        decided
    }

    fn waiting(&self, known: &Known) -> Vec<(TransferId, Date)> {
        let waiting = known.transfers_on(None, &self.letter).filter_map(|(id, transfer)| {
            let (body, _, since) = transfer.unmatched()?;
            (Some(body) == self.body.as_ref()).then_some((id, since))
        });
        waiting.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn receipt() -> ReceiptTransfer {
        ReceiptTransfer { letter: code("A-1"), body: None, effective: day(10), precision: None }
    }

    fn from_west() -> ReceiptTransfer {
        ReceiptTransfer { body: Some(code("west")), ..receipt() }
    }

    #[test]
    fn it_completes_a_transfer_once() {
        let accepted = [presented(6), accepted(8), moved_home(ANN, NORTH, SOUTH, 8, M1)];
        given(underway()).and(accepted.clone()).when(receipt()).then([receipted(10)]);
        given(underway()).and(accepted).and([receipted(9)]).when(receipt()).then([]);
    }

    #[test]
    fn that_of_a_body_outside_ends_the_membership_here() {
        let secretary = took(ANN, NORTH, "secretary", 4, P1);
        given(outward()).and([secretary]).when(from_west()).then([
            departed(10),
            lost_with_home(ANN, NORTH, "secretary", 10, P1),
            gone_outside(ANN, NORTH, 10, M1),
        ]);
        let (place, left) = (placed(6, EAST), unplaced(10, EAST));
        given(outward()).and([place]).when(from_west()).then([
            departed(10),
            left,
            gone_outside(ANN, NORTH, 10, M1),
        ]);
        given(outward())
            .and([placed(12, EAST)])
            .when(from_west())
            .then_refused(Refusal::LaterChange { later: day(12) });
        let gone = [departed(9), gone_outside(ANN, NORTH, 9, M1)];
        given(outward()).and(gone).when(from_west()).then([]);
    }

    #[test]
    fn without_its_letter_it_waits_in_the_queue_once() {
        given(before_transfer()).when(from_west()).then([unmatched(10, fresh(1))]);
        given(before_transfer()).and([unmatched(9, T2)]).when(from_west()).then([]);
        given(outward()).and([unmatched(4, T2)]).when(from_west()).then([
            matched(10, T2),
            departed(10),
            gone_outside(ANN, NORTH, 10, M1),
        ]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        let accepted = [presented(6), accepted(8), moved_home(ANN, NORTH, SOUTH, 8, M1)];
        let [one, two, three] = accepted;
        refuses_in_common!(receipt(), [one, two, three], Refusal: LetterUnknown, LetterReplaced,
            OtherPhase, LaterChange);
    }

    #[test]
    fn another_sender_or_an_origin_that_is_not_the_home_is_refused() {
        given(outward())
            .when(receipt())
            .then_refused(Refusal::OtherDestination { letter: code("A-1"), to: "west".into() });
        given(outward()).and([moved_home(ANN, NORTH, EAST, 7, M1)]).when(from_west()).then_refused(
            Refusal::OriginNotHome { person: ANN, branch: "north".into(), effective: day(10) },
        );
    }
}
