//! Accept a member on a letter: the home moves with it.

use events::{BranchId, Code, Date, Guard, PersonId, Precision, TransferEvent};
use serde::{Deserialize, Serialize};

use super::cases::{not_for, on_letter, refuses_trouble, run_out};
use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::code_or_id;
use super::taking_in::{moving_guards, refuses_no_place, refuses_not_taken_in, take_in};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::transfer::{Phase, Standing};

/// Accept a member on a letter: the home moves with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptTransfer {
    /// The letter's number.
    pub letter: Code,
    /// The destination that acts.
    pub branch: BranchId,
    /// The body outside the ledger that issued it, if it is one.
    #[serde(default)]
    pub body: Option<Code>,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why an acceptance is refused.
    AcceptTransferRefusal {
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
        /// The destination accepted it before, on another day.
        AlreadyAccepted("already_accepted") { letter: Code, branch: String, since: Date },
    }
}

use AcceptTransferRefusal as Refusal;

refuses_trouble!(Refusal);
refuses_no_place!(Refusal);
refuses_not_taken_in!(Refusal);

impl Decide for AcceptTransfer {
    const NAME: &'static str = "accept-transfer";
    const FIELDS: &'static [Field] = &[
        required("letter", FieldKind::Text),
        required("branch", FieldKind::Branch),
        optional("body", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        moving_guards(known, (self.body.as_ref(), &self.letter), self.effective)
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let found = on_letter(known, self.body.as_ref(), &self.letter)?;
        let (effective, precision) = (self.effective, self.precision);
        let standing = &found.standing;
        if let Some((to, since)) = not_for(known, standing, self.branch) {
            let letter = self.letter.clone();
            return Err(match since {
                Some(since) => Refusal::Diverted { letter, to, since },
                None => Refusal::OtherDestination { letter, to },
            });
        }
        if matches!(standing.phase, Phase::Accepted | Phase::Receipted) {
            return self.accepted_before(known, standing);
        }
        found.is_in(&[Phase::Issued, Phase::Presented], effective)?;
        if standing.phase == Phase::Issued {
            run_out(&found, effective)
                .map_err(|(letter, last_day)| Refusal::LetterExpired { letter, last_day })?;
        }
        let (id, mut decided) = (found.id, Decided::default());
        let case = standing.case.clone();
        if standing.phase == Phase::Issued {
            let case = case.clone();
            decided.push(id, TransferEvent::Presented { effective, precision, case });
        }
        decided.push(id, TransferEvent::Accepted { effective, precision, case });
        take_in(known, standing, effective, &mut decided, setting)?;
        Ok(decided)
    }
}

impl AcceptTransfer {
    /// The very same acceptance is so already; of another one the caller is told.
    fn accepted_before(&self, known: &Known, standing: &Standing) -> Result<Decided, Refusal> {
        let person = standing.case.person;
        let spells = known.memberships_of(person).flat_map(|(_, membership)| membership.spells());
        let since =
            spells.filter(|spell| spell.value == self.branch).map(|spell| spell.from).last();
        let since = since.unwrap_or(standing.since);
        if since == self.effective {
            return Ok(Decided::already_so());
        }
        let (letter, branch) = (self.letter.clone(), code_or_id(known, self.branch));
        Err(Refusal::AlreadyAccepted { letter, branch, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn accept() -> AcceptTransfer {
        AcceptTransfer {
            letter: code("A-1"),
            branch: SOUTH,
            body: None,
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn it_is_recorded_once() {
        given(underway())
            .and([presented(6)])
            .when(accept())
            .then([accepted(10), moved_home(ANN, NORTH, SOUTH, 10, M1)]);
        given(underway())
            .and([presented(6), accepted(10), moved_home(ANN, NORTH, SOUTH, 10, M1)])
            .when(accept())
            .then([]);
    }

    #[test]
    fn what_every_act_needs_is_asked_first() {
        refuses_in_common!(accept(), [presented(6)], Refusal: LetterUnknown,
            LetterReplaced, OtherPhase, LaterChange);
    }

    #[test]
    fn another_destination_is_told_where_the_letter_goes() {
        let at_east = AcceptTransfer { branch: EAST, ..accept() };
        given(underway())
            .when(at_east.clone())
            .then_refused(Refusal::OtherDestination { letter: code("A-1"), to: "south".into() });
        given(underway()).and([diverted(8)]).when(accept()).then_refused(Refusal::Diverted {
            letter: code("A-1"),
            to: "east".into(),
            since: day(8),
        });
    }

    #[test]
    fn a_letter_that_ran_out_is_refused() {
        let late = AcceptTransfer { effective: day(21), ..accept() };
        given(underway())
            .when(late)
            .then_refused(Refusal::LetterExpired { letter: code("A-1"), last_day: day(20) });
    }

    #[test]
    fn a_letter_that_was_not_presented_is_presented_and_accepted_at_once() {
        let moved = moved_home(ANN, NORTH, SOUTH, 10, M1);
        given(underway()).when(accept()).then([presented(10), accepted(10), moved]);
    }

    #[test]
    fn a_post_bound_to_the_old_home_ends() {
        given(underway())
            .and([took(ANN, NORTH, "secretary", 4, P1), presented(6)])
            .when(accept())
            .then([
                accepted(10),
                lost_with_home(ANN, NORTH, "secretary", 10, P1),
                moved_home(ANN, NORTH, SOUTH, 10, M1),
            ]);
    }

    #[test]
    fn who_comes_from_outside_is_admitted() {
        let from_outside = AcceptTransfer { body: Some(code("west")), ..accept() };
        given(coming())
            .when(from_outside)
            .then([accepted_from_outside(10), admitted(ANN, SOUTH, 10, fresh(1))]);
    }

    #[test]
    fn the_second_one_is_told_who_accepted_and_when() {
        let moved = moved_home(ANN, NORTH, SOUTH, 8, M1);
        given(underway()).and([presented(6), accepted(8), moved]).when(accept()).then_refused(
            Refusal::AlreadyAccepted { letter: code("A-1"), branch: "south".into(), since: day(8) },
        );
    }

    #[test]
    fn an_origin_that_is_the_home_no_longer_is_refused() {
        given(underway()).and([moved_home(ANN, NORTH, EAST, 7, M1)]).when(accept()).then_refused(
            Refusal::OriginNotHome { person: ANN, branch: "north".into(), effective: day(10) },
        );
    }

    #[test]
    fn a_destination_that_was_formed_later_is_refused() {
        given(underway_late(SOUTH))
            .when(accept())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(12) });
    }

    #[test]
    fn a_destination_that_can_take_nobody_in_is_refused() {
        given(underway())
            .and([dissolved(SOUTH, 30)])
            .when(accept())
            .then_refused(Refusal::BranchDissolved { branch: "south".into(), dissolved: day(30) });
        given(underway_to("temporary")).when(accept()).then_refused(Refusal::KindNotHome {
            branch: "south".into(),
            kind: "temporary".into(),
        });
        given(underway())
            .and([admitted(ANN, SOUTH, 3, M2)])
            .under("association")
            .when(accept())
            .then_refused(Refusal::AlreadyMember {
                person: ANN,
                branch: "south".into(),
                since: day(3),
            });
    }

    #[test]
    fn a_destination_that_is_unknown_is_refused() {
        let nowhere = AcceptTransfer { branch: EAST, ..accept() };
        given(underway_to_unknown())
            .when(nowhere)
            .then_refused(Refusal::BranchUnknown { branch: EAST });
    }

    #[test]
    fn a_destination_that_is_suspended_or_wound_up_is_refused() {
        let south = || "south".to_owned();
        given(underway())
            .and([branch_suspended(SOUTH, 3)])
            .when(accept())
            .then_refused(Refusal::BranchSuspended { branch: south(), since: day(3) });
        given(underway())
            .and([winding_up(SOUTH, 3)])
            .when(accept())
            .then_refused(Refusal::BranchWindingUp { branch: south(), since: day(3) });
    }

    #[test]
    fn who_died_or_may_be_somebody_else_is_not_taken_in() {
        takes_in_nobody_unsound!(given(underway()), accept(), Refusal:
            PersonDied, PersonMerged, IdentityInDoubt);
    }

    #[test]
    fn whom_the_person_is_declared_distinct_from_keeps_nobody_out() {
        given(underway())
            .and([presented(6), registered(BOB), suspected(ANN, BOB, 7), distinct(ANN, BOB, 8)])
            .when(accept())
            .then([accepted(10), moved_home(ANN, NORTH, SOUTH, 10, M1)]);
    }

    #[test]
    fn a_member_elsewhere_is_refused_with_the_place() {
        given(underway()).and([admitted(ANN, EAST, 3, M2)]).when(accept()).then_refused(
            Refusal::AlreadyMember { person: ANN, branch: "east".into(), since: day(3) },
        );
    }
}
