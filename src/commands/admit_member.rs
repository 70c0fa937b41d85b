//! Admit a person to a branch.

use events::policy::LifeRules;
use events::{BranchId, Code, Date, Guard, MembershipEvent, MembershipId, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::shared::identity::sound;
use super::shared::life::{clash, clash_guards, previous};
use super::shared::{code_of, code_or_id, from_formation, registered};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Known, Spell};

/// Admit a person to a branch, which becomes the home of a new membership.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdmitMember {
    /// Who joins.
    pub person: PersonId,
    /// The branch that will hold the relation.
    pub branch: BranchId,
    /// The first day of membership.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
    /// Whether to register the person with it, should nobody have that id yet.
    #[serde(default)]
    pub newcomer: bool,
    /// The state in which the membership begins; absent: the one that the rules name.
    #[serde(default)]
    pub state: Option<Code>,
}

refusals! {
    /// Why an admission is refused.
    AdmitMemberRefusal {
        /// Nobody has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// The person died.
        PersonDied("person_died") { person: PersonId, died: Date },
        /// The person goes by another id.
        PersonMerged("person_merged") { person: PersonId, into: PersonId },
        /// The person may be the same as another one, and nobody decided yet.
        IdentityInDoubt("identity_in_doubt") { person: PersonId, other: PersonId },
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
        /// Branches of this kind hold no relations.
        KindNotHome("kind_not_home") { branch: String, kind: String },
        /// Branches of this kind do not admit.
        KindMayNotAdmit("kind_may_not_admit") { branch: String, kind: String },
        /// The rules know no such state with a home.
        StateWithoutHome("state_without_home") { state: Code, states: String },
        /// The person is a member already, where the rules allow one membership.
        AlreadyMember("already_member") { person: PersonId, branch: String, since: Date },
        /// A later membership is recorded, into which this one would run.
        LaterMembership("later_membership") { person: PersonId, branch: String, from: Date },
    }
}

impl Decide for AdmitMember {
    const NAME: &'static str = "admit-member";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("branch", FieldKind::Branch),
        optional("state", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = AdmitMemberRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![Guard::Branch(self.branch)];
        guards.extend(clash_guards(known, self.person, self.effective));
        guards
    }

    fn decide(
        &self,
        known: &Known,
        setting: &mut Setting<'_>,
    ) -> Result<Decided, AdmitMemberRefusal> {
        use AdmitMemberRefusal as Refusal;
        let person = self.person;
        let mut decided = Decided::default();
        if known.person(person).is_none() {
            if !self.newcomer {
                return Err(Refusal::PersonUnknown { person });
            }
            decided.push(person, registered(self.effective, self.precision));
        }
        sound(known, person)?;
        let branch = known.branch(self.branch);
        let branch = branch.ok_or(Refusal::BranchUnknown { branch: self.branch })?;
        let code = code_of(branch);
        let rules = &known.policy(self.effective).rules;
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        takes_in(branch, effective)?;
        for kind in branch.kinds_from(effective) {
            let flags = rules.branch_kind(kind);
            let kind = kind.to_string();
            if !flags.as_ref().is_some_and(|flags| flags.may_be_home) {
                return Err(Refusal::KindNotHome { branch: code, kind });
            }
            if !flags.is_some_and(|flags| flags.may_admit) {
                return Err(Refusal::KindMayNotAdmit { branch: code, kind });
            }
        }
        self.check_state(&rules.life)?;
        if self.is_so_since(known, effective) {
            return Ok(Decided::already_so());
        }
        let once = rules.membership.open_at_once;
        if let Some(clash) = clash(known, (person, self.branch), effective, once) {
            let branch = code_or_id(known, clash.branch);
            return Err(if clash.from <= effective {
                Refusal::AlreadyMember { person, branch, since: clash.from }
            } else {
                Refusal::LaterMembership { person, branch, from: clash.from }
            });
        }
        let previous = previous(known, (person, self.branch), effective, once);
        // What the rules name goes without saying.
        let state = self.state.clone().filter(|state| *state != rules.life.state_admitted);
        let admitted = MembershipEvent::Admitted {
            effective,
            precision: self.precision,
            person,
            home: self.branch,
            state,
            previous,
        };
        decided.push(MembershipId((setting.fresh)()), admitted);
        Ok(decided)
    }
}

impl AdmitMember {
    /// Whether this very admission is recorded and nothing came after it.
    fn is_so_since(&self, known: &Known, effective: Date) -> bool {
        known.memberships_of(self.person).any(|(_, membership)| {
            let mut spells = membership.spells();
            spells.next() == Some(Spell { value: self.branch, from: effective, until: None })
        })
    }

    /// Whether the state in which it shall begin is one with a home.
    fn check_state(&self, life: &LifeRules) -> Result<(), AdmitMemberRefusal> {
        let with_home = || life.states.iter().filter(|state| state.home).map(|state| &state.code);
        match &self.state {
            Some(state) if !with_home().any(|other| other == state) => {
                let states = with_home().map(Code::as_str).collect::<Vec<_>>().join(", ");
                Err(AdmitMemberRefusal::StateWithoutHome { state: state.clone(), states })
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{registered, *};

    fn admit() -> AdmitMember {
        AdmitMember {
            person: ANN,
            branch: NORTH,
            effective: day(10),
            precision: None,
            newcomer: false,
            state: None,
        }
    }

    #[test]
    fn what_is_suspended_or_wound_up_takes_nobody_in() {
        use AdmitMemberRefusal as Refusal;
        given([registered(ANN), formed(NORTH, 1), branch_suspended(NORTH, 3)])
            .when(admit())
            .then_refused(Refusal::BranchSuspended { branch: "north".into(), since: day(3) });
        given([registered(ANN), formed(NORTH, 1), winding_up(NORTH, 3)])
            .when(admit())
            .then_refused(Refusal::BranchWindingUp { branch: "north".into(), since: day(3) });
    }

    #[test]
    fn a_membership_begins_in_a_state_with_a_home() {
        let north = [registered(ANN), formed(NORTH, 1)];
        let on_trial = AdmitMember { state: Some(code("probationary")), ..admit() };
        let event = MembershipEvent::Admitted {
            effective: day(10),
            precision: None,
            person: ANN,
            home: NORTH,
            state: Some(code("probationary")),
            previous: None,
        };
        given(north.clone()).when(on_trial).then([(MembershipId(fresh(1)).into(), event.into())]);
        given(north.clone())
            .when(AdmitMember { state: Some(code("full")), ..admit() })
            .then([admitted(ANN, NORTH, 10, fresh(1))]);
        given(north).when(AdmitMember { state: Some(code("stopped")), ..admit() }).then_refused(
            AdmitMemberRefusal::StateWithoutHome {
                state: code("stopped"),
                states: "probationary, full".into(),
            },
        );
    }

    #[test]
    fn the_dead_and_the_doubtful_are_not_admitted() {
        let both = [registered(ANN), registered(BOB), formed(NORTH, 1)];
        given(both.clone())
            .and([died(ANN, 5)])
            .when(admit())
            .then_refused(AdmitMemberRefusal::PersonDied { person: ANN, died: day(5) });
        given(both.clone())
            .and([suspected(ANN, BOB, 2), suspected(BOB, ANN, 2)])
            .when(admit())
            .then_refused(AdmitMemberRefusal::IdentityInDoubt { person: ANN, other: BOB });
        given(both)
            .and([suspected(BOB, ANN, 2), merged_into(ANN, BOB, 3)])
            .when(admit())
            .then_refused(AdmitMemberRefusal::PersonMerged { person: ANN, into: BOB });
    }

    #[test]
    fn opens_a_membership() {
        given([registered(ANN), formed(NORTH, 1)]).when(admit()).then([admitted(
            ANN,
            NORTH,
            10,
            fresh(1),
        )]);
    }

    #[test]
    fn registers_a_newcomer_with_it() {
        given([formed(NORTH, 1)])
            .when(AdmitMember { newcomer: true, ..admit() })
            .then([registered_on(ANN, 10), admitted(ANN, NORTH, 10, fresh(1))]);
    }

    #[test]
    fn the_same_admission_again_is_already_so() {
        given([registered(ANN), formed(NORTH, 1), admitted(ANN, NORTH, 10, M1)])
            .when(admit())
            .then([]);
    }

    #[test]
    fn a_return_is_linked_to_the_membership_before() {
        given([
            registered(ANN),
            formed(NORTH, 1),
            admitted(ANN, NORTH, 2, M1),
            left(ANN, NORTH, 10, M1),
        ])
        .when(admit())
        .then([readmitted(ANN, NORTH, 10, fresh(1), M1)]);
    }

    #[test]
    fn an_unknown_person_or_branch_is_refused() {
        given([formed(NORTH, 1)])
            .when(admit())
            .then_refused(AdmitMemberRefusal::PersonUnknown { person: ANN });
        given([registered(ANN)])
            .when(admit())
            .then_refused(AdmitMemberRefusal::BranchUnknown { branch: NORTH });
    }

    #[test]
    fn a_fact_before_formation_is_refused_or_held_as_the_rules_say() {
        let late = [registered(ANN), formed(NORTH, 20)];
        given(late.clone()).when(admit()).then_refused(AdmitMemberRefusal::BeforeFormation {
            branch: "north".into(),
            formed: day(20),
        });
        given(late)
            .under("association")
            .when(admit())
            .then_noting(["held_until_formation"], [admitted(ANN, NORTH, 20, fresh(1))]);
    }

    #[test]
    fn a_dissolved_branch_admits_nobody_even_before_its_last_day() {
        given([registered(ANN), formed(NORTH, 1), dissolved(NORTH, 15)])
            .when(admit())
            .then_refused(AdmitMemberRefusal::BranchDissolved {
                branch: "north".into(),
                dissolved: day(15),
            });
    }

    #[test]
    fn a_kind_that_is_no_home_or_does_not_admit_is_refused() {
        given([registered(ANN), formed_as(NORTH, 1, "committee")]).when(admit()).then_refused(
            AdmitMemberRefusal::KindNotHome { branch: "north".into(), kind: "committee".into() },
        );
        given([registered(ANN), formed_as(NORTH, 1, "holding")]).when(admit()).then_refused(
            AdmitMemberRefusal::KindMayNotAdmit { branch: "north".into(), kind: "holding".into() },
        );
    }

    #[test]
    fn a_second_open_membership_is_refused_where_the_rules_say_one() {
        let elsewhere =
            [registered(ANN), formed(NORTH, 1), formed(SOUTH, 1), admitted(ANN, SOUTH, 5, M1)];
        given(elsewhere.clone()).when(admit()).then_refused(AdmitMemberRefusal::AlreadyMember {
            person: ANN,
            branch: "south".into(),
            since: day(5),
        });
        given(elsewhere).under("association").when(admit()).then([admitted(
            ANN,
            NORTH,
            10,
            fresh(1),
        )]);
    }

    #[test]
    fn an_admission_that_would_run_into_a_later_one_is_refused() {
        given([registered(ANN), formed(NORTH, 1), admitted(ANN, NORTH, 15, M1)])
            .when(admit())
            .then_refused(AdmitMemberRefusal::LaterMembership {
                person: ANN,
                branch: "north".into(),
                from: day(15),
            });
    }
}
