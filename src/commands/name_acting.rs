//! Name somebody to act in a vacant post.

use events::{BranchId, Code, Date, Guard, PersonId, PostEvent, PostId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::holders::{UnfitHolder, may_hold};
use super::shared::identity::died;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Name somebody to act in a vacant post, until it is taken or they act no longer. A branch that is
/// suspended or wound up may have one too.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameActing {
    /// Who acts.
    pub person: PersonId,
    /// Where the post is.
    pub branch: BranchId,
    /// Which post.
    pub role: Code,
    /// The first day on which they act.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why nobody is named.
    NameActingRefusal {
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
        /// Somebody holds the post then.
        HeldByAnother("held_by_another") { role: Code, branch: String, since: Date },
        /// Somebody acts in it already.
        ActedByAnother("acted_by_another") { role: Code, branch: String, since: Date },
        /// Whoever acts must be a member at home there, from that day on.
        NotAtHome("not_at_home") { person: PersonId, branch: String, effective: Date },
        /// Whoever acts must be a full member, from that day on.
        NotFullMember("not_full_member") { person: PersonId, branch: String, effective: Date },
    }
}

use NameActingRefusal as Refusal;

impl Decide for NameActing {
    const NAME: &'static str = "name-acting";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("branch", FieldKind::Branch),
        required("role", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = NameActingRefusal;

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
        known.person(person).ok_or(Refusal::PersonUnknown { person })?;
        if let Some(died) = died(known, person) {
            return Err(Refusal::PersonDied { person, died });
        }
        let branch = known.branch(place).ok_or(Refusal::BranchUnknown { branch: place })?;
        let code = code_of(branch);
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        let post = known.posts_at(place).find(|(_, post)| post.is_called(&self.role));
        if let Some((_, post)) = post {
            let role = self.role.clone();
            if let Some(held) = post.spells().find(|spell| spell.reaches_beyond(effective)) {
                return Err(Refusal::HeldByAnother { role, branch: code, since: held.from });
            }
            if let Some(acted) = post.acting().find(|spell| spell.reaches_beyond(effective)) {
                if (acted.value, acted.from, acted.until) == (person, effective, None) {
                    return Ok(Decided::already_so());
                }
                return Err(Refusal::ActedByAnother { role, branch: code, since: acted.from });
            }
        }
        may_hold(known, (person, place), effective).map_err(|unfit| match unfit {
            UnfitHolder::NotAtHome => {
                Refusal::NotAtHome { person, branch: code.clone(), effective }
            }
            UnfitHolder::NotFull => Refusal::NotFullMember { person, branch: code, effective },
        })?;
        let id = post.map_or_else(|| PostId((setting.fresh)()), |(id, _)| id);
        let (branch, role) = (place, self.role.clone());
        decided.push(id, PostEvent::ActingNamed { effective, precision, branch, role, person });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{died, *};

    fn name() -> NameActing {
        let role = code("secretary");
        NameActing { person: BOB, branch: NORTH, role, effective: day(10), precision: None }
    }

    fn vacant() -> Vec<Given> {
        vec![
            registered(BOB),
            formed(NORTH, 1),
            admitted(BOB, NORTH, 2, M2),
            took(ANN, NORTH, "secretary", 3, P1),
            laid_down(ANN, NORTH, "secretary", 10, P1),
        ]
    }

    #[test]
    fn somebody_acts_from_the_instant_of_the_vacancy() {
        given(vacant()).when(name()).then([acts(BOB, NORTH, "secretary", 10, P1)]);
        given(vacant()).and([acts(BOB, NORTH, "secretary", 10, P1)]).when(name()).then([]);
        let new = [registered(BOB), formed(NORTH, 1), admitted(BOB, NORTH, 2, M2)];
        given(new).when(name()).then([acts(BOB, NORTH, "secretary", 10, fresh(1))]);
    }

    #[test]
    fn refusals_come_in_order() {
        let (branch, role) = (|| "north".to_owned(), code("secretary"));
        given([]).when(name()).then_refused(Refusal::PersonUnknown { person: BOB });
        given([registered(BOB)])
            .when(name())
            .then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([registered(BOB), formed(NORTH, 20)])
            .when(name())
            .then_refused(Refusal::BeforeFormation { branch: branch(), formed: day(20) });
        given([registered(BOB), formed(NORTH, 1), dissolved(NORTH, 12)])
            .when(name())
            .then_refused(Refusal::BranchDissolved { branch: branch(), dissolved: day(12) });
        given([registered(BOB), formed(NORTH, 1), took(ANN, NORTH, "secretary", 3, P1)])
            .when(name())
            .then_refused(Refusal::HeldByAnother {
                role: role.clone(),
                branch: branch(),
                since: day(3),
            });
        given([registered(BOB), formed(NORTH, 1), acts(ANN, NORTH, "secretary", 3, P1)])
            .when(name())
            .then_refused(Refusal::ActedByAnother { role, branch: branch(), since: day(3) });
        given([registered(BOB), formed(NORTH, 1)]).when(name()).then_refused(Refusal::NotAtHome {
            person: BOB,
            branch: branch(),
            effective: day(10),
        });
    }

    #[test]
    fn who_is_on_trial_is_refused_where_the_rules_ask_for_full_members() {
        given(ann_on_trial()).when(NameActing { person: ANN, ..name() }).then_refused(
            Refusal::NotFullMember { person: ANN, branch: "north".into(), effective: day(10) },
        );
    }

    #[test]
    fn who_died_is_refused() {
        given([registered(BOB), died(BOB, 8)])
            .when(name())
            .then_refused(Refusal::PersonDied { person: BOB, died: day(8) });
    }
}
