//! Take in the letter that a body outside the ledger presents.

use events::transfer::{Case, Place};
use events::{BranchId, Code, Date, Guard, PersonId, Precision, TransferEvent, TransferId};
use serde::{Deserialize, Serialize};

use super::cases::open_case;
use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::identity::sound;
use super::shared::life::clash_guards;
use super::taking_in::{has_place, refuses_no_place};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Take in the letter that a body outside the ledger presents.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiveExternal {
    /// Who comes.
    pub person: PersonId,
    /// The body that issued the letter.
    pub body: Code,
    /// The destination.
    pub to: BranchId,
    /// The letter's number.
    pub letter: Code,
    /// The letter's last day, as it states it.
    #[serde(default)]
    pub good_until: Option<Date>,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a letter from outside is refused.
    ReceiveExternalRefusal {
        /// No person has that id.
        PersonUnknown("person_unknown") { person: PersonId },
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
        /// Another transfer of the person from outside is open.
        TransferOpen("transfer_open") {
            person: PersonId, letter: Code, phase: &'static str, acts: &'static str,
        },
        /// The body sent another letter of that number before.
        LetterTaken("letter_taken") { letter: Code },
        /// The letter ran out before it was presented.
        LetterExpired("letter_expired") { letter: Code, last_day: Date },
    }
}

use ReceiveExternalRefusal as Refusal;
refuses_no_place!(Refusal);

impl Decide for ReceiveExternal {
    const NAME: &'static str = "receive-external";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("body", FieldKind::Text),
        required("to", FieldKind::Branch),
        required("letter", FieldKind::Text),
        optional("good_until", FieldKind::DateOrNone),
        EFFECTIVE,
    ];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let guards = [
            Guard::Branch(self.to),
            Guard::TransfersOf(self.person),
            Guard::TransferLetter(Some(self.body.clone()), self.letter.clone()),
        ];
        let mut guards = Vec::from(guards);
        guards.extend(clash_guards(known, self.person, self.effective));
        guards.retain(|guard| !known.has_looked(guard));
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, to, effective, precision, .. } = *self;
        known.person(person).ok_or(Refusal::PersonUnknown { person })?;
        let letter = self.letter.clone();
        let from = Place::Outside(self.body.clone());
        let case = Case { person, from, to: to.into(), letter: letter.clone() };
        let mut same = known.transfers_on(Some(&self.body), &self.letter);
        if let Some(before) = same.find_map(|(_, transfer)| transfer.standing()) {
            // Once only, by the number that its issuer gave it.
            return match before.case == case {
                true => Ok(Decided::already_so()),
                false => Err(Refusal::LetterTaken { letter }),
            };
        }
        sound(known, person)?;
        has_place(known, (to, person), None, effective)?;
        if let Some((_, open)) = open_case(known, person, None) {
            let (letter, phase) = (open.case.letter, open.phase.code());
            let acts = "accept-transfer, return-transfer";
            return Err(Refusal::TransferOpen { person, letter, phase, acts });
        }
        if let Some(last_day) = self.good_until.filter(|last_day| *last_day < effective) {
            return Err(Refusal::LetterExpired { letter, last_day });
        }
        let (last_day, mut decided) = (self.good_until, Decided::default());
        let id = TransferId((setting.fresh)());
        decided.push(id, TransferEvent::Received { effective, precision, case, last_day });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn receive() -> ReceiveExternal {
        ReceiveExternal {
            person: ANN,
            body: code("west"),
            to: SOUTH,
            letter: code("A-1"),
            good_until: None,
            effective: day(5),
            precision: None,
        }
    }

    fn strangers() -> Vec<Given> {
        vec![registered(ANN), registered(BOB), formed(NORTH, 1), formed(SOUTH, 1)]
    }

    #[test]
    fn a_letter_counts_once_however_often_it_comes() {
        given(strangers()).when(receive()).then([received("A-1", 5, fresh(1))]);
        given(strangers()).and([received("A-1", 5, T1)]).when(receive()).then([]);
        let again = ReceiveExternal { effective: day(9), ..receive() };
        given(strangers()).and([received("A-1", 5, T1)]).when(again).then([]);
        let bob = ReceiveExternal { person: BOB, ..receive() };
        given(strangers())
            .and([received("A-1", 5, T1)])
            .when(bob)
            .then_refused(Refusal::LetterTaken { letter: code("A-1") });
    }

    #[test]
    fn who_comes_twice_or_too_late_is_refused() {
        given(strangers()).and([received("A-2", 4, T1)]).when(receive()).then_refused(
            Refusal::TransferOpen {
                person: ANN,
                letter: code("A-2"),
                phase: "presented",
                acts: "accept-transfer, return-transfer",
            },
        );
        let late = ReceiveExternal { good_until: Some(day(4)), ..receive() };
        given(strangers())
            .when(late)
            .then_refused(Refusal::LetterExpired { letter: code("A-1"), last_day: day(4) });
        given([formed(SOUTH, 1)])
            .when(receive())
            .then_refused(Refusal::PersonUnknown { person: ANN });
    }

    #[test]
    fn a_destination_that_was_formed_later_is_refused() {
        given([registered(ANN), formed(SOUTH, 12)])
            .when(receive())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(12) });
    }

    #[test]
    fn a_destination_that_can_take_nobody_in_is_refused() {
        given([registered(ANN)])
            .when(receive())
            .then_refused(Refusal::BranchUnknown { branch: SOUTH });
        given(strangers())
            .and([dissolved(SOUTH, 30)])
            .when(receive())
            .then_refused(Refusal::BranchDissolved { branch: "south".into(), dissolved: day(30) });
        given([registered(ANN), formed_as(SOUTH, 1, "temporary")]).when(receive()).then_refused(
            Refusal::KindNotHome { branch: "south".into(), kind: "temporary".into() },
        );
        given(strangers()).and([admitted(ANN, NORTH, 3, M1)]).when(receive()).then_refused(
            Refusal::AlreadyMember { person: ANN, branch: "north".into(), since: day(3) },
        );
    }

    #[test]
    fn a_destination_that_is_suspended_or_wound_up_is_refused() {
        let south = || "south".to_owned();
        given(strangers())
            .and([branch_suspended(SOUTH, 3)])
            .when(receive())
            .then_refused(Refusal::BranchSuspended { branch: south(), since: day(3) });
        given(strangers())
            .and([winding_up(SOUTH, 3)])
            .when(receive())
            .then_refused(Refusal::BranchWindingUp { branch: south(), since: day(3) });
    }

    #[test]
    fn who_died_or_may_be_somebody_else_is_not_taken_in() {
        let past = || given(strangers());
        past()
            .and([died(ANN, 9)])
            .when(receive())
            .then_refused(Refusal::PersonDied { person: ANN, died: day(9) });
        past()
            .and([registered(BOB), merged_into(ANN, BOB, 8)])
            .when(receive())
            .then_refused(Refusal::PersonMerged { person: ANN, into: BOB });
        past()
            .and([registered(BOB), suspected(ANN, BOB, 8)])
            .when(receive())
            .then_refused(Refusal::IdentityInDoubt { person: ANN, other: BOB });
    }
}
