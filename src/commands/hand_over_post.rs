//! Hand a post over from one person to another.

use events::post::LeaveReason;
use events::{BranchId, Code, Date, Guard, PersonId, PostEvent, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::holders::{UnfitHolder, may_hold};
use super::shared::identity::died;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Known, Spell};

/// Hand a post over on one day, both sides at once: it is never vacant, and never held by both.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOverPost {
    /// Where it is.
    pub branch: BranchId,
    /// Which post.
    pub role: Code,
    /// Who holds it so far.
    pub holder: PersonId,
    /// Who holds it from then on.
    pub successor: PersonId,
    /// The successor's first day.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a handing over is refused.
    HandOverPostRefusal {
        /// The holder and the successor are one.
        SamePerson("same_person") { person: PersonId },
        /// Nobody has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// The person died.
        PersonDied("person_died") { person: PersonId, died: Date },
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// The holder does not hold the post on that day.
        NotHeld("not_held") { person: PersonId, role: Code, branch: String, effective: Date },
        /// A later change of the post is recorded.
        LaterChange("later_change") { later: Date },
        /// The successor holds the post already.
        AlreadyHolds("already_holds") { person: PersonId, role: Code, since: Date },
        /// The successor must be a member at home there, from that day on.
        NotAtHome("not_at_home") { person: PersonId, branch: String, effective: Date },
        /// The successor must be a full member, from that day on.
        NotFullMember("not_full_member") { person: PersonId, branch: String, effective: Date },
    }
}

use HandOverPostRefusal as Refusal;

impl Decide for HandOverPost {
    const NAME: &'static str = "hand-over-post";
    const FIELDS: &'static [Field] = &[
        required("branch", FieldKind::Branch),
        required("role", FieldKind::Text),
        required("holder", FieldKind::Person),
        required("successor", FieldKind::Person),
        EFFECTIVE,
    ];
    type Refusal = HandOverPostRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![
            Guard::Person(self.successor),
            Guard::Branch(self.branch),
            Guard::PostsAt(self.branch),
            Guard::MembershipsOf(self.successor),
        ]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { branch: place, holder, successor, precision, .. } = *self;
        if holder == successor {
            return Err(Refusal::SamePerson { person: holder });
        }
        if known.person(successor).is_none() {
            return Err(Refusal::PersonUnknown { person: successor });
        }
        if let Some(died) = died(known, successor) {
            return Err(Refusal::PersonDied { person: successor, died });
        }
        let branch = known.branch(place).ok_or(Refusal::BranchUnknown { branch: place })?;
        let code = code_of(branch);
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        let role = self.role.clone();
        let post = known.posts_at(place).find(|(_, post)| post.is_called(&role));
        let spells = post.iter().flat_map(|(_, post)| post.spells());
        let spells: Vec<Spell<PersonId>> = spells.filter(|s| s.reaches_beyond(effective)).collect();
        let of = |person| spells.iter().find(move |spell| spell.value == person);
        let not_held = || Refusal::NotHeld {
            person: holder,
            role: role.clone(),
            branch: code.clone(),
            effective,
        };
        let (id, post, held) = match (post, of(holder), of(successor)) {
            // The same handing over again.
            (_, None, Some(now)) if now.from == effective && now.until.is_none() => {
                return Ok(Decided::already_so());
            }
            (Some((id, post)), Some(held), _) if held.covers(effective) => (id, post, held),
            _ => return Err(not_held()),
        };
        if let Some(spell) = of(successor) {
            return Err(Refusal::AlreadyHolds { person: successor, role, since: spell.from });
        }
        // With one holder at a time a later one shows in the end of this one's term.
        if let Some(later) = post.later_change(held, effective) {
            return Err(Refusal::LaterChange { later });
        }
        may_hold(known, (successor, place), effective).map_err(|unfit| match unfit {
            UnfitHolder::NotAtHome => {
                Refusal::NotAtHome { person: successor, branch: code.clone(), effective }
            }
            UnfitHolder::NotFull => {
                Refusal::NotFullMember { person: successor, branch: code, effective }
            }
        })?;
        let (reason, branch) = (LeaveReason::Left, place);
        let (left, taken) = (role.clone(), role);
        decided.push(
            id,
            PostEvent::Left { effective, precision, branch, role: left, person: holder, reason },
        );
        decided.push(
            id,
            PostEvent::Taken { effective, precision, branch, role: taken, person: successor },
        );
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{died, *};

    fn hand_over() -> HandOverPost {
        HandOverPost {
            branch: NORTH,
            role: Code::parse("chair").unwrap(),
            holder: ANN,
            successor: BOB,
            effective: day(10),
            precision: None,
        }
    }

    fn ann_in_the_chair() -> Vec<Given> {
        vec![
            registered(ANN),
            registered(BOB),
            formed(NORTH, 1),
            admitted(ANN, NORTH, 2, M1),
            admitted(BOB, NORTH, 2, M2),
            took(ANN, NORTH, "chair", 5, P1),
        ]
    }

    fn handed_over() -> [Given; 2] {
        [laid_down(ANN, NORTH, "chair", 10, P1), took(BOB, NORTH, "chair", 10, P1)]
    }

    #[test]
    fn one_leaves_as_the_other_takes_over() {
        given(ann_in_the_chair()).when(hand_over()).then(handed_over());
    }

    #[test]
    fn the_same_handing_over_again_is_already_so() {
        given(ann_in_the_chair()).and(handed_over()).when(hand_over()).then([]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        given([]).when(hand_over()).then_refused(Refusal::PersonUnknown { person: BOB });
        given([registered(BOB)])
            .when(hand_over())
            .then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([registered(BOB), formed(NORTH, 20)])
            .when(hand_over())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([registered(BOB), formed(NORTH, 1), dissolved(NORTH, 12)])
            .when(hand_over())
            .then_refused(Refusal::BranchDissolved { branch: "north".into(), dissolved: day(12) });
    }

    #[test]
    fn only_its_holder_hands_it_over_and_to_somebody_else() {
        let role = Code::parse("chair").unwrap();
        given(ann_in_the_chair())
            .when(HandOverPost { successor: ANN, ..hand_over() })
            .then_refused(Refusal::SamePerson { person: ANN });
        given([registered(BOB), formed(NORTH, 1)]).when(hand_over()).then_refused(
            Refusal::NotHeld {
                person: ANN,
                role: role.clone(),
                branch: "north".into(),
                effective: day(10),
            },
        );
        given(ann_in_the_chair())
            .and([took(BOB, NORTH, "chair", 7, P1)])
            .under("association")
            .when(hand_over())
            .then_refused(Refusal::AlreadyHolds { person: BOB, role, since: day(7) });
    }

    #[test]
    fn a_recorded_end_of_the_term_stands_in_the_way() {
        given(ann_in_the_chair())
            .and([laid_down(ANN, NORTH, "chair", 12, P1)])
            .when(hand_over())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn a_successor_from_elsewhere_is_refused_where_the_rules_bind_posts() {
        given([registered(BOB), formed(NORTH, 1), took(ANN, NORTH, "chair", 5, P1)])
            .when(hand_over())
            .then_refused(Refusal::NotAtHome {
                person: BOB,
                branch: "north".into(),
                effective: day(10),
            });
    }

    #[test]
    fn who_is_on_trial_is_refused_where_the_rules_ask_for_full_members() {
        given(ann_on_trial())
            .and([took(BOB, NORTH, "chair", 5, P1)])
            .when(HandOverPost { holder: BOB, successor: ANN, ..hand_over() })
            .then_refused(Refusal::NotFullMember {
                person: ANN,
                branch: "north".into(),
                effective: day(10),
            });
    }

    #[test]
    fn who_died_is_refused() {
        given([registered(BOB), died(BOB, 8)])
            .when(hand_over())
            .then_refused(Refusal::PersonDied { person: BOB, died: day(8) });
    }
}
