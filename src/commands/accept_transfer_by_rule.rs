//! Accept a member because the destination is silent, where the rules take that for consent.

use events::policy::OnSilence;
use events::{BranchId, Code, Date, Guard, PersonId, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{due_code, on_letter, refuses_trouble};
use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::taking_in::{moving_guards, refuses_no_place, refuses_not_taken_in, take_in};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::Phase;

/// Accept a member because the destination is silent, where the rules take that for consent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptTransferByRule {
    /// The letter's number.
    pub letter: Code,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why an acceptance by rule is refused.
    AcceptTransferByRuleRefusal {
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
        /// The person died.
        PersonDied("person_died") { person: PersonId, died: Date },
        /// The person goes by another id.
        PersonMerged("person_merged") { person: PersonId, into: PersonId },
        /// The person may be the same as another one, and nobody decided yet.
        IdentityInDoubt("identity_in_doubt") { person: PersonId, other: PersonId },
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
        /// The origin is the home no longer.
        OriginNotHome("origin_not_home") { person: PersonId, branch: String, effective: Date },
    }
}

use AcceptTransferByRuleRefusal as Refusal;

refuses_trouble!(Refusal);
refuses_no_place!(Refusal);
refuses_not_taken_in!(Refusal);

impl Decide for AcceptTransferByRule {
    const NAME: &'static str = "accept-transfer-by-rule";
    const FIELDS: &'static [Field] = &[required("letter", FieldKind::Text), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        moving_guards(known, (None, &self.letter), self.effective)
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let found = on_letter(known, None, &self.letter)?;
        let (effective, precision) = (self.effective, self.precision);
        let standing = &found.standing;
        if standing.phase == Phase::Accepted && standing.since == effective {
            return Ok(Decided::already_so());
        }
        found.is_in(&[Phase::Presented], effective)?;
        let rules = &known.policy(effective).rules.transfer;
        let due = standing.silence_ends(rules.silence_days);
        if rules.on_silence != OnSilence::Accept || due.is_none_or(|due| due > effective) {
            let due = due_code(due.filter(|_| rules.on_silence == OnSilence::Accept));
            return Err(Refusal::NotDue { letter: self.letter.clone(), due });
        }
        let rule = Code::parse("transfer.silence_days").expect("a key is a code");
        let (case, mut decided) = (standing.case.clone(), Decided::default());
        decided.push(found.id, TransferEvent::AcceptedByRule { effective, precision, case, rule });
        take_in(known, standing, effective, &mut decided, setting)?;
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn accept() -> AcceptTransferByRule {
        AcceptTransferByRule { letter: code("A-1"), effective: day(10), precision: None }
    }

    fn silent() -> Past {
        given(underway()).and([presented_before(40)]).under("union")
    }

    #[test]
    fn silence_is_consent_where_the_rules_say_so() {
        let moved = moved_home(ANN, NORTH, SOUTH, 10, M1);
        silent().when(accept()).then([accepted_by_rule(10), moved.clone()]);
        silent().and([accepted_by_rule(10), moved]).when(accept()).then([]);
    }

    #[test]
    fn it_is_refused_before_it_is_due_and_where_the_rules_say_otherwise() {
        given(underway())
            .and([presented(6)])
            .under("union")
            .when(accept())
            .then_refused(Refusal::NotDue { letter: code("A-1"), due: "2026-02-05".into() });
        given(underway())
            .and([presented_before(40)])
            .when(accept())
            .then_refused(Refusal::NotDue { letter: code("A-1"), due: "none".into() });
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(accept(), [presented_before(40)], Refusal: LetterUnknown,
            LetterReplaced, OtherPhase, LaterChange);
    }

    #[test]
    fn a_destination_that_was_formed_later_is_refused() {
        let silence = [presented_before(40)];
        given(underway_late(SOUTH))
            .and(silence)
            .under("union")
            .when(accept())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(12) });
    }

    #[test]
    fn a_destination_that_can_take_nobody_in_is_refused() {
        silent()
            .and([dissolved(SOUTH, 30)])
            .when(accept())
            .then_refused(Refusal::BranchDissolved { branch: "south".into(), dissolved: day(30) });
        let silence = [presented_before(40)];
        given(underway_to("committee"))
            .and(silence.clone())
            .under("union")
            .when(accept())
            .then_refused(Refusal::KindNotHome {
                branch: "south".into(),
                kind: "committee".into(),
            });
        given(underway_to_unknown())
            .and([presented_to_unknown()])
            .under("union")
            .when(accept())
            .then_refused(Refusal::BranchUnknown { branch: EAST });
        silent().and([admitted(ANN, SOUTH, 3, M2)]).when(accept()).then_refused(
            Refusal::AlreadyMember { person: ANN, branch: "south".into(), since: day(3) },
        );
    }

    #[test]
    fn an_origin_that_is_the_home_no_longer_is_refused() {
        silent().and([moved_home(ANN, NORTH, EAST, 7, M1)]).when(accept()).then_refused(
            Refusal::OriginNotHome { person: ANN, branch: "north".into(), effective: day(10) },
        );
    }

    #[test]
    fn a_destination_that_is_suspended_or_wound_up_is_refused() {
        let south = || "south".to_owned();
        given(underway())
            .and([branch_suspended(SOUTH, 3)])
            .and([presented_before(40)])
            .under("union")
            .when(accept())
            .then_refused(Refusal::BranchSuspended { branch: south(), since: day(3) });
        given(underway())
            .and([winding_up(SOUTH, 3)])
            .and([presented_before(40)])
            .under("union")
            .when(accept())
            .then_refused(Refusal::BranchWindingUp { branch: south(), since: day(3) });
    }

    #[test]
    fn who_died_or_may_be_somebody_else_is_not_taken_in() {
        takes_in_nobody_unsound!(silent(), accept(), Refusal:
            PersonDied, PersonMerged, IdentityInDoubt);
    }
}
