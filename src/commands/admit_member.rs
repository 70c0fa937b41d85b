//! Admit a person to a branch.

use events::policy::OpenAtOnce;
use events::{BranchId, Date, Guard, MembershipEvent, MembershipId, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::{code_of, code_or_id, from_formation, registered};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Known, Membership, Spell, Subject};

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
}

refusals! {
    /// Why an admission is refused.
    AdmitMemberRefusal {
        /// Nobody has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// Branches of this kind hold no relations.
        KindNotHome("kind_not_home") { branch: String, kind: String },
        /// Branches of this kind do not admit.
        KindMayNotAdmit("kind_may_not_admit") { branch: String, kind: String },
        /// The person is a member already, where the rules allow one membership.
        AlreadyMember("already_member") { person: PersonId, branch: String, since: Date },
        /// A later membership is recorded, into which this one would run.
        LaterMembership("later_membership") { person: PersonId, branch: String, from: Date },
    }
}

impl Decide for AdmitMember {
    const NAME: &'static str = "admit-member";
    const FIELDS: &'static [Field] =
        &[required("person", FieldKind::Person), required("branch", FieldKind::Branch), EFFECTIVE];
    type Refusal = AdmitMemberRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![
            Guard::Person(self.person),
            Guard::Branch(self.branch),
            Guard::MembershipsOf(self.person),
        ];
        // A refusal names the other branch by its code.
        if known.has_looked(&guards[2]) {
            let spells = known.memberships_of(self.person).flat_map(|(_, m)| m.spells());
            let clashing = spells.filter(|spell| spell.reaches_beyond(self.effective));
            guards.extend(clashing.map(|spell| Guard::Branch(spell.value)));
        }
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
        let branch = known.branch(self.branch);
        let branch = branch.ok_or(Refusal::BranchUnknown { branch: self.branch })?;
        let code = code_of(branch);
        let rules = &known.policy(self.effective).rules;
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        if let Some(kind) = branch.kind() {
            let flags = rules.branch_kind(kind);
            let kind = kind.to_string();
            if !flags.as_ref().is_some_and(|flags| flags.may_be_home) {
                return Err(Refusal::KindNotHome { branch: code, kind });
            }
            if !flags.is_some_and(|flags| flags.may_admit) {
                return Err(Refusal::KindMayNotAdmit { branch: code, kind });
            }
        }
        if self.is_so_since(known, effective) {
            return Ok(Decided::already_so());
        }
        if let Some(spell) = self.clash(known, effective, rules.membership.open_at_once) {
            let branch = code_or_id(known, spell.value);
            return Err(if spell.from <= effective {
                Refusal::AlreadyMember { person, branch, since: spell.from }
            } else {
                Refusal::LaterMembership { person, branch, from: spell.from }
            });
        }
        let previous = self.previous(known, effective, rules.membership.open_at_once);
        let admitted = MembershipEvent::Admitted {
            effective,
            precision: self.precision,
            person,
            home: self.branch,
            state: None,
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

    /// A stretch at some home with which an open membership from that day on would overlap.
    fn clash(
        &self,
        known: &Known,
        effective: Date,
        open_at_once: OpenAtOnce,
    ) -> Option<Spell<BranchId>> {
        let spells = known.memberships_of(self.person).flat_map(|(_, m)| m.spells());
        spells.filter(|spell| spell.reaches_beyond(effective)).find(|spell| match open_at_once {
            OpenAtOnce::OnePerPerson => true,
            OpenAtOnce::OnePerBranch => spell.value == self.branch,
        })
    }

    /// The ended membership to which this one is a return.
    fn previous(
        &self,
        known: &Known,
        effective: Date,
        open_at_once: OpenAtOnce,
    ) -> Option<MembershipId> {
        let was_here = |membership: &Membership| match open_at_once {
            OpenAtOnce::OnePerPerson => true,
            OpenAtOnce::OnePerBranch => membership.spells().any(|s| s.value == self.branch),
        };
        known
            .memberships_of(self.person)
            .filter(|(_, membership)| was_here(membership))
            .filter_map(|(id, membership)| Some((membership.ended()?, membership.version(), id)))
            .filter(|(ended, ..)| *ended <= effective)
            .max()
            .map(|(.., id)| id)
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
        }
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
