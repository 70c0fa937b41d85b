//! Issue a letter anew, under another number.

use events::transfer::Case;
use events::{BranchId, Code, Date, Guard, PersonId, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{
    Trouble, due_code, last_day, letter_days, letter_is_free, on_letter, refuses_trouble,
};
use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::taking_in::{has_place, moving_guards, refuses_no_place};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::{Phase, Standing};

/// Issue a letter anew, under another number.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReissueTransfer {
    /// The letter's number.
    pub letter: Code,
    /// The new letter's number.
    pub new_letter: Code,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the reissue of a letter is refused.
    ReissueTransferRefusal {
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
        /// The letter is good still.
        LetterGood("letter_good") { letter: Code, last_day: String },
        /// Another letter has that number.
        LetterTaken("letter_taken") { letter: Code },
        /// No branch has the destination's id.
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
        /// The person is a member there already.
        AlreadyMember("already_member") { person: PersonId, branch: String, since: Date },
        /// The rules let a letter be issued anew only so often.
        ReissuesUsed("reissues_used") { letter: Code, reissues_max: u32 },
    }
}

use ReissueTransferRefusal as Refusal;

refuses_trouble!(Refusal);
refuses_no_place!(Refusal);

impl Decide for ReissueTransfer {
    const NAME: &'static str = "reissue-transfer";
    const FIELDS: &'static [Field] =
        &[required("letter", FieldKind::Text), required("new_letter", FieldKind::Text), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = moving_guards(known, (None, &self.letter), self.effective);
        guards.push(Guard::TransferLetter(None, self.new_letter.clone()));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let (effective, precision) = (self.effective, self.precision);
        let found = match on_letter(known, None, &self.letter) {
            Err(Trouble::LetterReplaced { by, .. }) if by == self.new_letter => {
                return Ok(Decided::already_so());
            }
            found => found?,
        };
        let standing = &found.standing;
        let phases = [Phase::Issued, Phase::Returned, Phase::Expired, Phase::Voided];
        found.is_in(&phases, effective)?;
        if standing.phase == Phase::Issued && !standing.has_run_out(effective) {
            let last_day = due_code(standing.last_day_from(effective));
            return Err(Refusal::LetterGood { letter: self.letter.clone(), last_day });
        }
        if !letter_is_free(known, &self.new_letter) {
            return Err(Refusal::LetterTaken { letter: self.new_letter.clone() });
        }
        let rules = &known.policy(effective).rules.transfer;
        if let Some(reissues_max) = rules.reissues_max.filter(|max| standing.reissues >= *max) {
            return Err(Refusal::ReissuesUsed { letter: self.letter.clone(), reissues_max });
        }
        let case = standing.case.clone();
        if let Some(to) = case.to.branch() {
            has_place(known, (to, case.person), standing.membership, effective)?;
        }
        let mut decided = Decided::default();
        let (days, _) = letter_days(known, (&case.from, &case.to), effective, rules);
        if standing.phase == Phase::Issued {
            decided.push(found.id, ran_out(known, standing, effective));
        }
        let (former, last_day) = (case.letter.clone(), last_day(effective, days));
        let case = Case { letter: self.new_letter.clone(), ..case };
        decided.push(
            found.id,
            TransferEvent::Reissued { effective, precision, case, former, last_day },
        );
        Ok(decided)
    }
}

/// That the letter ran out, on the first day without it.
fn ran_out(known: &Known, standing: &Standing, day: Date) -> TransferEvent {
    let last_day = standing.last_day_from(day).unwrap_or(day);
    let first = last_day.tomorrow().unwrap_or(day).max(standing.since);
    let (effective, case) = (first, standing.case.clone());
    let rules = &known.policy(standing.since).rules.transfer;
    let (_, rule) = letter_days(known, (&case.from, &case.to), standing.since, rules);
    let rule = Code::parse(rule).expect("a key is a code");
    TransferEvent::Expired { effective, precision: None, case, rule }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn reissue() -> ReissueTransfer {
        ReissueTransfer {
            letter: code("A-1"),
            new_letter: code("A-2"),
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway()).and([returned(8)]).when(reissue()).then([reissued(10)]);
        given(underway()).and([returned(8), reissued(10)]).when(reissue()).then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(reissue(), [returned(8)], Refusal: LetterUnknown,
            LetterReplaced, OtherPhase, LaterChange);
    }

    #[test]
    fn a_letter_that_ran_out_unnoticed_expires_first() {
        let late = ReissueTransfer { effective: day(22), ..reissue() };
        given(underway()).when(late).then([expired(21), reissued(22)]);
    }

    #[test]
    fn a_letter_that_is_good_is_not_issued_anew() {
        given(underway()).when(reissue()).then_refused(Refusal::LetterGood {
            letter: code("A-1"),
            last_day: "2026-01-20".into(),
        });
    }

    #[test]
    fn a_destination_that_can_take_nobody_in_is_refused() {
        given(underway())
            .and([returned(8), dissolved(SOUTH, 30)])
            .when(reissue())
            .then_refused(Refusal::BranchDissolved { branch: "south".into(), dissolved: day(30) });
        let late = ReissueTransfer { effective: day(21), ..reissue() };
        given(underway_to("temporary")).when(late.clone()).then_refused(Refusal::KindNotHome {
            branch: "south".into(),
            kind: "temporary".into(),
        });
        given(underway_to_unknown())
            .when(late)
            .then_refused(Refusal::BranchUnknown { branch: EAST });
        given(underway_late(SOUTH))
            .and([returned(8)])
            .when(reissue())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(12) });
        given(underway())
            .and([returned(8), admitted(ANN, SOUTH, 3, M2)])
            .under("association")
            .when(reissue())
            .then_refused(Refusal::AlreadyMember {
                person: ANN,
                branch: "south".into(),
                since: day(3),
            });
    }

    #[test]
    fn a_destination_that_is_suspended_or_wound_up_is_refused() {
        let south = || "south".to_owned();
        given(underway())
            .and([returned(8), branch_suspended(SOUTH, 9)])
            .when(reissue())
            .then_refused(Refusal::BranchSuspended { branch: south(), since: day(9) });
        given(underway())
            .and([returned(8), winding_up(SOUTH, 9)])
            .when(reissue())
            .then_refused(Refusal::BranchWindingUp { branch: south(), since: day(9) });
        // What was recorded before stays so.
        given(underway())
            .and([returned(8), reissued(10), winding_up(SOUTH, 11)])
            .when(reissue())
            .then([]);
    }

    #[test]
    fn a_number_is_used_once_and_a_letter_issued_anew_as_often_as_the_rules_say() {
        given(underway())
            .and([returned(8), issued_to_bob("A-2", 6)])
            .when(reissue())
            .then_refused(Refusal::LetterTaken { letter: code("A-2") });
        let third = ReissueTransfer { letter: code("A-2"), new_letter: code("A-3"), ..reissue() };
        given(underway())
            .and([returned(7), reissued(8), voided_on("A-2", 9)])
            .when(third)
            .then_refused(Refusal::ReissuesUsed { letter: code("A-2"), reissues_max: 1 });
    }
}
