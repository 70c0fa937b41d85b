//! Transfer a member from one branch to another, both sides at once.

use events::membership::Via;
use events::{BranchId, Code, Date, Guard, MembershipId, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::cases::{last_act, next_acts, open_case};
use super::field::{EFFECTIVE, required};
use super::phase::{not_home, takes_in};
use super::refusal::refusals;
use super::shared::identity::sound;
use super::shared::life::{clash_beside, clash_guards, move_home};
use super::shared::{
    LaterChange, at_home, code_of, code_or_id, from_formation, leave_posts_with_home,
};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Known, Spell};

/// Transfer a member's relation from one branch to another, both sides at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferMember {
    /// Who moves.
    pub person: PersonId,
    /// The home so far.
    pub from: BranchId,
    /// The home from then on.
    pub to: BranchId,
    /// The first day at the new home.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a transfer is refused.
    TransferMemberRefusal {
        /// Origin and destination are one.
        SameBranch("same_branch") { branch: String },
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// One of the branches was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The person has no membership at home at the origin on that day.
        NotAMember("not_a_member") { person: PersonId, branch: String, effective: Date },
        /// A transfer with a letter is open, and goes on by that.
        TransferOpen("transfer_open") {
            person: PersonId, letter: Code, phase: &'static str, acts: &'static str,
        },
        /// The person died.
        PersonDied("person_died") { person: PersonId, died: Date },
        /// The person goes by another id.
        PersonMerged("person_merged") { person: PersonId, into: PersonId },
        /// The person may be the same as another one, and nobody decided yet.
        IdentityInDoubt("identity_in_doubt") { person: PersonId, other: PersonId },
        /// The destination is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// The destination is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// The destination is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// Branches of the destination's kind hold no relations.
        KindNotHome("kind_not_home") { branch: String, kind: String },
        /// The person has another membership, of which the rules allow one.
        AlreadyMember("already_member") { person: PersonId, branch: String, since: Date },
        /// A later change of the membership or of a post bound to it is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use TransferMemberRefusal as Refusal;

impl Decide for TransferMember {
    const NAME: &'static str = "transfer-member";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("from", FieldKind::Branch),
        required("to", FieldKind::Branch),
        EFFECTIVE,
    ];
    type Refusal = TransferMemberRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![
            Guard::Branch(self.from),
            Guard::Branch(self.to),
            Guard::PostsHeldBy(self.person),
            Guard::TransfersOf(self.person),
        ];
        guards.extend(clash_guards(known, self.person, self.effective));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, from, to, precision, .. } = *self;
        if from == to {
            return Err(Refusal::SameBranch { branch: code_or_id(known, from) });
        }
        let mut decided = Decided::default();
        let effective = self.effective_at_both(known, &mut decided)?;
        let Some((id, membership)) = at_home(known, person, from, effective) else {
            if self.is_so(known, effective) {
                return Ok(Decided::already_so());
            }
            let branch = code_or_id(known, from);
            return Err(Refusal::NotAMember { person, branch, effective });
        };
        if let Some((_, open)) = open_case(known, person, Some(id)) {
            let (letter, phase) = (open.case.letter, open.phase.code());
            let acts = next_acts(open.phase);
            return Err(Refusal::TransferOpen { person, letter, phase, acts });
        }
        sound(known, person)?;
        self.check_destination(known, effective, id)?;
        let acted = last_act(known, person, id).filter(|last| *last > effective);
        if let Some(later) = membership.change_after(effective).or(acted) {
            return Err(Refusal::LaterChange { later });
        }
        if known.policy(self.effective).rules.post.holder_at_home {
            leave_posts_with_home(known, (person, from), effective, &mut decided)
                .map_err(|LaterChange(later)| Refusal::LaterChange { later })?;
        }
        let when = (effective, precision);
        move_home((id, membership), (from, to), when, Via::Transfer, &mut decided)
            .map_err(|LaterChange(later)| Refusal::LaterChange { later })?;
        Ok(decided)
    }
}

impl TransferMember {
    /// The day from which both branches are there.
    fn effective_at_both(&self, known: &Known, decided: &mut Decided) -> Result<Date, Refusal> {
        let rules = &known.policy(self.effective).rules;
        let mut effective = self.effective;
        for id in [self.from, self.to] {
            let branch = known.branch(id).ok_or(Refusal::BranchUnknown { branch: id })?;
            effective = from_formation(branch, effective, rules, decided)?;
        }
        Ok(effective)
    }

    /// Whether this very transfer is recorded and nothing came after it.
    fn is_so(&self, known: &Known, effective: Date) -> bool {
        let now_there = Spell { value: self.to, from: effective, until: None };
        known.memberships_of(self.person).any(|(_, membership)| {
            let spells: Vec<_> = membership.spells().collect();
            spells.last() == Some(&now_there)
                && spells.iter().rev().nth(1).is_some_and(|before| before.value == self.from)
        })
    }

    fn check_destination(
        &self,
        known: &Known,
        effective: Date,
        moving: MembershipId,
    ) -> Result<(), Refusal> {
        let branch = known.branch(self.to).ok_or(Refusal::BranchUnknown { branch: self.to })?;
        let code = code_of(branch);
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        takes_in(branch, effective)?;
        let rules = &known.policy(self.effective).rules;
        if let Some(kind) = not_home(branch, rules, effective) {
            return Err(Refusal::KindNotHome { branch: code, kind: kind.to_string() });
        }
        let once = rules.membership.open_at_once;
        match clash_beside(known, ((self.person, self.to), Some(moving)), effective, once) {
            Some(clash) => {
                let branch = code_or_id(known, clash.branch);
                Err(Refusal::AlreadyMember { person: self.person, branch, since: clash.from })
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn transfer() -> TransferMember {
        TransferMember { person: ANN, from: NORTH, to: SOUTH, effective: day(10), precision: None }
    }

    fn ann_in_north() -> Vec<Given> {
        vec![registered(ANN), formed(NORTH, 1), formed(SOUTH, 1), admitted(ANN, NORTH, 5, M1)]
    }

    #[test]
    fn moves_the_home_in_one_event() {
        given(ann_in_north()).when(transfer()).then([moved_home(ANN, NORTH, SOUTH, 10, M1)]);
    }

    #[test]
    fn a_secondary_place_at_the_new_home_ends_with_the_move() {
        given(ann_in_north())
            .and([placed(7, SOUTH), placed(7, EAST)])
            .when(transfer())
            .then([unplaced(10, SOUTH), moved_home(ANN, NORTH, SOUTH, 10, M1)]);
        given(ann_in_north())
            .and([placed(7, SOUTH), unplaced(12, SOUTH)])
            .when(transfer())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn what_is_suspended_or_wound_up_takes_nothing_in() {
        given(ann_in_north())
            .and([branch_suspended(SOUTH, 3)])
            .when(transfer())
            .then_refused(Refusal::BranchSuspended { branch: "south".into(), since: day(3) });
        given(ann_in_north())
            .and([winding_up(SOUTH, 3)])
            .when(transfer())
            .then_refused(Refusal::BranchWindingUp { branch: "south".into(), since: day(3) });
    }

    #[test]
    fn the_same_transfer_again_is_already_so() {
        given(ann_in_north())
            .and([moved_home(ANN, NORTH, SOUTH, 10, M1)])
            .when(transfer())
            .then([]);
    }

    #[test]
    fn a_post_bound_to_the_old_home_ends() {
        given(ann_in_north()).and([took(ANN, NORTH, "secretary", 6, P1)]).when(transfer()).then([
            lost_with_home(ANN, NORTH, "secretary", 10, P1),
            moved_home(ANN, NORTH, SOUTH, 10, M1),
        ]);
    }

    #[test]
    fn an_origin_that_is_the_destination_is_refused() {
        given(ann_in_north())
            .when(TransferMember { to: NORTH, ..transfer() })
            .then_refused(Refusal::SameBranch { branch: "north".into() });
    }

    #[test]
    fn an_unknown_or_later_formed_branch_is_refused() {
        given([registered(ANN), formed(NORTH, 1)])
            .when(transfer())
            .then_refused(Refusal::BranchUnknown { branch: SOUTH });
        given([registered(ANN), formed(NORTH, 1), formed(SOUTH, 20), admitted(ANN, NORTH, 5, M1)])
            .when(transfer())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(20) });
    }

    #[test]
    fn who_is_not_at_home_at_the_origin_is_refused() {
        given([registered(ANN), formed(NORTH, 1), formed(SOUTH, 1)]).when(transfer()).then_refused(
            Refusal::NotAMember { person: ANN, branch: "north".into(), effective: day(10) },
        );
    }

    #[test]
    fn an_open_transfer_goes_on_by_its_letter() {
        given(underway()).when(transfer()).then_refused(Refusal::TransferOpen {
            person: ANN,
            letter: code("A-1"),
            phase: "issued",
            acts: "present-transfer, accept-transfer, divert-transfer, withdraw-transfer",
        });
    }

    #[test]
    fn a_destination_that_is_dissolved_or_no_home_is_refused() {
        given(ann_in_north())
            .and([dissolved(SOUTH, 20)])
            .when(transfer())
            .then_refused(Refusal::BranchDissolved { branch: "south".into(), dissolved: day(20) });
        given([
            registered(ANN),
            formed(NORTH, 1),
            formed_as(SOUTH, 1, "temporary"),
            admitted(ANN, NORTH, 5, M1),
        ])
        .when(transfer())
        .then_refused(Refusal::KindNotHome { branch: "south".into(), kind: "temporary".into() });
    }

    #[test]
    fn a_member_of_the_destination_is_refused_where_one_may_be_in_both() {
        given(ann_in_north())
            .and([admitted(ANN, SOUTH, 7, M2)])
            .under("association")
            .when(transfer())
            .then_refused(Refusal::AlreadyMember {
                person: ANN,
                branch: "south".into(),
                since: day(7),
            });
    }

    #[test]
    fn a_transfer_before_a_recorded_change_is_refused() {
        given(ann_in_north())
            .and([left(ANN, NORTH, 12, M1)])
            .when(transfer())
            .then_refused(Refusal::LaterChange { later: day(12) });
        given(underway())
            .and([withdrawn(12)])
            .when(transfer())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn who_died_or_may_be_somebody_else_is_not_taken_in() {
        let past = || given(ann_in_north());
        past()
            .and([died(ANN, 9)])
            .when(transfer())
            .then_refused(Refusal::PersonDied { person: ANN, died: day(9) });
        past()
            .and([registered(BOB), merged_into(ANN, BOB, 8)])
            .when(transfer())
            .then_refused(Refusal::PersonMerged { person: ANN, into: BOB });
        past()
            .and([registered(BOB), suspected(ANN, BOB, 8)])
            .when(transfer())
            .then_refused(Refusal::IdentityInDoubt { person: ANN, other: BOB });
    }

    #[test]
    fn a_member_elsewhere_is_refused_with_the_place() {
        given(ann_in_north())
            .and([formed(EAST, 1), admitted(ANN, EAST, 7, M2)])
            .when(transfer())
            .then_refused(Refusal::AlreadyMember {
                person: ANN,
                branch: "east".into(),
                since: day(7),
            });
    }
}
