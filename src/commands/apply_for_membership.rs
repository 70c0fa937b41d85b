//! Record an application for membership.

use events::policy::LifeRules;
use events::{BranchId, Code, Date, Guard, MembershipEvent, MembershipId, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::identity::sound;
use super::shared::life::{clash, clash_guards, previous};
use super::shared::{code_of, code_or_id, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Known, Spell};

/// Record an application: a membership begins in a state that needs no home.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplyForMembership {
    /// Who applies.
    pub person: PersonId,
    /// The branch that looks after the application.
    pub branch: BranchId,
    /// The state in which it begins; absent: the one to which no step leads.
    #[serde(default)]
    pub state: Option<Code>,
    /// The day of the application.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why an application is refused.
    ApplyForMembershipRefusal {
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
        /// Branches of this kind do not admit.
        KindMayNotAdmit("kind_may_not_admit") { branch: String, kind: String },
        /// The rules know no application.
        NoApplications("no_applications") { rules: Code },
        /// No application begins in that state.
        StateNotForApplications("state_not_for_applications") { state: Code, states: String },
        /// The person is a member already, where the rules allow one membership.
        AlreadyMember("already_member") { person: PersonId, branch: String, since: Date },
        /// A later membership is recorded, into which this one would run.
        LaterMembership("later_membership") { person: PersonId, branch: String, from: Date },
    }
}

use ApplyForMembershipRefusal as Refusal;

impl Decide for ApplyForMembership {
    const NAME: &'static str = "apply-for-membership";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("branch", FieldKind::Branch),
        optional("state", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![Guard::Branch(self.branch)];
        guards.extend(clash_guards(known, self.person, self.effective));
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let (person, precision) = (self.person, self.precision);
        if known.person(person).is_none() {
            return Err(Refusal::PersonUnknown { person });
        }
        sound(known, person)?;
        let branch = known.branch(self.branch);
        let branch = branch.ok_or(Refusal::BranchUnknown { branch: self.branch })?;
        let code = code_of(branch);
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        let admits = |kind: &Code| rules.branch_kind(kind).is_some_and(|flags| flags.may_admit);
        if let Some(kind) = branch.kind_on(effective).filter(|kind| !admits(kind)) {
            return Err(Refusal::KindMayNotAdmit { branch: code, kind: kind.to_string() });
        }
        let state = self.state_begun(&rules.life, &rules.name)?;
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
        let (branch, previous) =
            (self.branch, previous(known, (person, self.branch), effective, once));
        let applied =
            MembershipEvent::Applied { effective, precision, person, branch, state, previous };
        decided.push(MembershipId((setting.fresh)()), applied);
        Ok(decided)
    }
}

impl ApplyForMembership {
    /// The state in which it begins: one without a home.
    fn state_begun(&self, life: &LifeRules, rules: &Code) -> Result<Code, Refusal> {
        let without_home: Vec<&Code> =
            life.states.iter().filter(|state| !state.home).map(|state| &state.code).collect();
        let led_to = |state: &Code| life.steps.iter().any(|step| step.to == *state);
        let first = without_home.iter().find(|state| !led_to(state));
        let Some(first) = first else {
            return Err(Refusal::NoApplications { rules: rules.clone() });
        };
        let state = self.state.as_ref().unwrap_or(first);
        if !without_home.contains(&state) {
            let states = without_home.iter().map(|state| state.as_str()).collect::<Vec<_>>();
            let (state, states) = (state.clone(), states.join(", "));
            return Err(Refusal::StateNotForApplications { state, states });
        }
        Ok(state.clone())
    }

    /// Whether this very application is recorded and the membership is open still.
    fn is_so_since(&self, known: &Known, effective: Date) -> bool {
        known.memberships_of(self.person).any(|(_, membership)| {
            let begun = Spell { value: (), from: effective, until: None };
            membership.life() == Some(begun)
                && membership.home_on(effective).is_none()
                && membership.seat_on(effective) == Some(self.branch)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{applied, registered, *};

    fn apply() -> ApplyForMembership {
        ApplyForMembership {
            person: ANN,
            branch: NORTH,
            state: None,
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn an_application_begins_a_membership_without_a_home() {
        let north = [registered(ANN), formed(NORTH, 1)];
        given(north.clone()).when(apply()).then([applied(ANN, NORTH, 10, fresh(1))]);
        given(north).and([applied(ANN, NORTH, 10, M1)]).when(apply()).then([]);
    }

    #[test]
    fn whose_identity_is_in_doubt_or_decided_otherwise_is_refused() {
        let both = [registered(ANN), registered(BOB), formed(NORTH, 1)];
        let doubt = [suspected(ANN, BOB, 2), suspected(BOB, ANN, 2)];
        given(both.clone())
            .and(doubt.clone())
            .when(apply())
            .then_refused(Refusal::IdentityInDoubt { person: ANN, other: BOB });
        given(both.clone())
            .and(doubt.clone())
            .and([distinct(ANN, BOB, 3), distinct(BOB, ANN, 3)])
            .when(apply())
            .then([applied(ANN, NORTH, 10, fresh(1))]);
        given(both.clone())
            .and(doubt.clone())
            .and([merged_into(ANN, BOB, 3)])
            .when(apply())
            .then_refused(Refusal::PersonMerged { person: ANN, into: BOB });
        // Under the other id the memberships of both count.
        given(both.clone())
            .and(doubt.clone())
            .and([admitted(ANN, NORTH, 2, M1), merged_into(ANN, BOB, 3)])
            .when(ApplyForMembership { person: BOB, ..apply() })
            .then_refused(Refusal::AlreadyMember {
                person: BOB,
                branch: "north".into(),
                since: day(2),
            });
        given(both)
            .and(doubt)
            .and([admitted(ANN, NORTH, 2, M1), merged_into(ANN, BOB, 3), unmerged(ANN, BOB, 4)])
            .when(ApplyForMembership { person: BOB, ..apply() })
            .then([applied(BOB, NORTH, 10, fresh(1))]);
    }

    #[test]
    fn refusals_come_in_order() {
        let north = [registered(ANN), formed(NORTH, 1)];
        given([]).when(apply()).then_refused(Refusal::PersonUnknown { person: ANN });
        given(north.clone())
            .and([died(ANN, 5)])
            .when(apply())
            .then_refused(Refusal::PersonDied { person: ANN, died: day(5) });
        given([registered(ANN)])
            .when(apply())
            .then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([registered(ANN), formed(NORTH, 20)])
            .when(apply())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given(north.clone())
            .and([dissolved(NORTH, 20)])
            .when(apply())
            .then_refused(Refusal::BranchDissolved { branch: "north".into(), dissolved: day(20) });
        given([registered(ANN), formed_as(NORTH, 1, "committee")]).when(apply()).then_refused(
            Refusal::KindMayNotAdmit { branch: "north".into(), kind: "committee".into() },
        );
        // The kind of the day counts, not the one that it was formed as.
        let became = |day| [kind_changed(NORTH, "branch", "committee", day)];
        given(north.clone()).and(became(10)).when(apply()).then_refused(Refusal::KindMayNotAdmit {
            branch: "north".into(),
            kind: "committee".into(),
        });
        given(north.clone()).and(became(11)).when(apply()).then([applied(
            ANN,
            NORTH,
            10,
            fresh(1),
        )]);
        given([registered(ANN), formed_as(NORTH, 1, "committee")])
            .and([kind_changed(NORTH, "committee", "branch", 5)])
            .when(apply())
            .then([applied(ANN, NORTH, 10, fresh(1))]);
        given(north.clone())
            .under("association")
            .when(apply())
            .then_refused(Refusal::NoApplications { rules: code("association") });
        given(north.clone())
            .when(ApplyForMembership { state: Some(code("full")), ..apply() })
            .then_refused(Refusal::StateNotForApplications {
                state: code("full"),
                states: "applicant, activist, candidate, stopped".into(),
            });
        given(north.clone()).and([applied(ANN, NORTH, 5, M1)]).when(apply()).then_refused(
            Refusal::AlreadyMember { person: ANN, branch: "north".into(), since: day(5) },
        );
        given(north).and([admitted(ANN, NORTH, 15, M1)]).when(apply()).then_refused(
            Refusal::LaterMembership { person: ANN, branch: "north".into(), from: day(15) },
        );
    }
}
