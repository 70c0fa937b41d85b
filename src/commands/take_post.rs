//! Take a post.

use events::post::LeaveReason;
use events::{BranchId, Code, Date, Guard, PersonId, PostEvent, PostId, Precision};
use serde::{Deserialize, Serialize};

use super::ending::end_acting;
use super::field::{EFFECTIVE, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::shared::holders::{UnfitHolder, may_hold};
use super::shared::identity::died;
use super::shared::{LaterChange, code_of, from_formation, registered};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Known, Post};

/// Take a post at a branch. The first taking brings the post into being.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakePost {
    /// Who takes it.
    pub person: PersonId,
    /// Where it is.
    pub branch: BranchId,
    /// Which post, as a code.
    pub role: Code,
    /// The first day in it.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
    /// Whether to register the person with it, should nobody have that id yet.
    #[serde(default)]
    pub newcomer: bool,
}

refusals! {
    /// Why the taking of a post is refused.
    TakePostRefusal {
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
        /// The branch is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// The branch is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// The person holds the post already.
        AlreadyHolds("already_holds") { person: PersonId, role: Code, since: Date },
        /// The post has one holder at a time, and somebody else holds it then.
        HeldByAnother("held_by_another") { role: Code, branch: String, since: Date },
        /// The holder must be a member at home there, from that day on.
        NotAtHome("not_at_home") { person: PersonId, branch: String, effective: Date },
        /// The holder must be a full member, from that day on.
        NotFullMember("not_full_member") { person: PersonId, branch: String, effective: Date },
        /// Somebody acts in the post later.
        LaterChange("later_change") { later: Date },
    }
}

use TakePostRefusal as Refusal;

impl Decide for TakePost {
    const NAME: &'static str = "take-post";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("branch", FieldKind::Branch),
        required("role", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = TakePostRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![
            Guard::Person(self.person),
            Guard::Branch(self.branch),
            Guard::PostsAt(self.branch),
            Guard::MembershipsOf(self.person),
        ]
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, branch: place, precision, .. } = *self;
        let mut decided = Decided::default();
        if known.person(person).is_none() {
            if !self.newcomer {
                return Err(Refusal::PersonUnknown { person });
            }
            decided.push(person, registered(self.effective, precision));
        }
        if let Some(died) = died(known, person) {
            return Err(Refusal::PersonDied { person, died });
        }
        let branch = known.branch(place).ok_or(Refusal::BranchUnknown { branch: place })?;
        let code = code_of(branch);
        let rules = &known.policy(self.effective).rules;
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        takes_in(branch, effective)?;
        let post = known.posts_at(place).find(|(_, post)| post.is_called(&self.role));
        for spell in post.into_iter().flat_map(|(_, post)| beyond(post, effective)) {
            let (role, since) = (self.role.clone(), spell.from);
            if spell.value == person {
                return match spell.until {
                    None if since == effective => Ok(Decided::already_so()),
                    _ => Err(Refusal::AlreadyHolds { person, role, since }),
                };
            }
            if rules.post.exclusive {
                return Err(Refusal::HeldByAnother { role, branch: code, since });
            }
        }
        may_hold(known, (person, place), effective).map_err(|unfit| match unfit {
            UnfitHolder::NotAtHome => {
                Refusal::NotAtHome { person, branch: code.clone(), effective }
            }
            UnfitHolder::NotFull => Refusal::NotFullMember { person, branch: code, effective },
        })?;
        if let Some(post) = post {
            end_acting(post, effective, LeaveReason::Succeeded, &mut decided)
                .map_err(|LaterChange(later)| Refusal::LaterChange { later })?;
        }
        let id = post.map_or_else(|| PostId((setting.fresh)()), |(id, _)| id);
        let role = self.role.clone();
        decided.push(id, PostEvent::Taken { effective, precision, branch: place, role, person });
        Ok(decided)
    }
}

/// The stretches of a post that reach beyond a day.
fn beyond(post: &Post, day: Date) -> impl Iterator<Item = crate::state::Spell<PersonId>> {
    post.spells().filter(move |spell| spell.reaches_beyond(day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{died, registered, *};

    fn take() -> TakePost {
        TakePost {
            person: ANN,
            branch: NORTH,
            role: Code::parse("secretary").unwrap(),
            effective: day(10),
            precision: None,
            newcomer: false,
        }
    }

    fn ann_in_north() -> Vec<Given> {
        vec![registered(ANN), registered(BOB), formed(NORTH, 1), admitted(ANN, NORTH, 5, M1)]
    }

    #[test]
    fn the_first_taking_brings_the_post_into_being() {
        given(ann_in_north()).when(take()).then([took(ANN, NORTH, "secretary", 10, fresh(1))]);
    }

    #[test]
    fn a_vacant_post_is_taken_again() {
        given(ann_in_north())
            .and([took(BOB, NORTH, "secretary", 2, P1), laid_down(BOB, NORTH, "secretary", 10, P1)])
            .when(take())
            .then([took(ANN, NORTH, "secretary", 10, P1)]);
    }

    #[test]
    fn whoever_acts_in_it_does_so_no_longer() {
        given(ann_in_north()).and([acts(BOB, NORTH, "secretary", 5, P1)]).when(take()).then([
            acts_no_more(BOB, (NORTH, "secretary"), (10, LeaveReason::Succeeded), P1),
            took(ANN, NORTH, "secretary", 10, P1),
        ]);
        given(ann_in_north())
            .and([acts(BOB, NORTH, "secretary", 15, P1)])
            .when(take())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }

    #[test]
    fn a_shut_branch_has_no_new_officers() {
        given(ann_in_north())
            .and([branch_suspended(NORTH, 7)])
            .when(take())
            .then_refused(Refusal::BranchSuspended { branch: "north".into(), since: day(7) });
        given(ann_in_north())
            .and([winding_up(NORTH, 7)])
            .when(take())
            .then_refused(Refusal::BranchWindingUp { branch: "north".into(), since: day(7) });
    }

    #[test]
    fn the_same_taking_again_is_already_so() {
        given(ann_in_north()).and([took(ANN, NORTH, "secretary", 10, P1)]).when(take()).then([]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        given([formed(NORTH, 1)]).when(take()).then_refused(Refusal::PersonUnknown { person: ANN });
        given([registered(ANN)])
            .when(take())
            .then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([registered(ANN), formed(NORTH, 20)])
            .when(take())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([registered(ANN), formed(NORTH, 1), dissolved(NORTH, 12)])
            .when(take())
            .then_refused(Refusal::BranchDissolved { branch: "north".into(), dissolved: day(12) });
    }

    #[test]
    fn a_held_post_is_refused_where_posts_are_exclusive() {
        let role = Code::parse("secretary").unwrap();
        let held = given(ann_in_north()).and([took(BOB, NORTH, "secretary", 7, P1)]);
        held.clone().when(take()).then_refused(Refusal::HeldByAnother {
            role: role.clone(),
            branch: "north".into(),
            since: day(7),
        });
        held.under("association").when(take()).then([took(ANN, NORTH, "secretary", 10, P1)]);
        given(ann_in_north())
            .and([took(ANN, NORTH, "secretary", 7, P1)])
            .when(take())
            .then_refused(Refusal::AlreadyHolds { person: ANN, role, since: day(7) });
    }

    #[test]
    fn who_is_not_at_home_there_is_refused_where_the_rules_bind_posts() {
        let stranger = [registered(ANN), formed(NORTH, 1)];
        given(stranger.clone()).when(take()).then_refused(Refusal::NotAtHome {
            person: ANN,
            branch: "north".into(),
            effective: day(10),
        });
        given(stranger).under("association").when(take()).then([took(
            ANN,
            NORTH,
            "secretary",
            10,
            fresh(1),
        )]);
    }

    #[test]
    fn who_is_no_full_member_is_refused_where_the_rules_ask_for_one() {
        let no_full_member =
            || Refusal::NotFullMember { person: ANN, branch: "north".into(), effective: day(10) };
        given(ann_on_trial()).when(take()).then_refused(no_full_member());
        given(ann_on_trial())
            .with_rules(|it| it.post.holder_full = false)
            .when(take())
            .then([took(ANN, NORTH, "secretary", 10, fresh(1))]);
        // Nor who will be none.
        let arrears = [went(["active", "arrears"], 12)];
        given(ann_in_north())
            .and(arrears)
            .under("union")
            .when(take())
            .then_refused(no_full_member());
        let once = [went(["active", "arrears"], 6), went(["arrears", "active"], 8)];
        given(ann_in_north()).and(once).under("union").when(take()).then([took(
            ANN,
            NORTH,
            "secretary",
            10,
            fresh(1),
        )]);
    }

    #[test]
    fn who_died_is_refused() {
        given([registered(ANN), died(ANN, 8)])
            .when(take())
            .then_refused(Refusal::PersonDied { person: ANN, died: day(8) });
    }
}
