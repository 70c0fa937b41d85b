//! Restore a stopped membership.

use events::{BranchId, Code, Date, Guard, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::steps::restore;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Restore a stopped membership: it goes to the first state with a home that the rules lead to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreMembership {
    /// Whose membership.
    pub person: PersonId,
    /// The home that begins, where the state after needs one; the last home when none is named.
    #[serde(default)]
    pub branch: Option<BranchId>,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    RestoreMembershipRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// The rules do not lead there from the state that the membership is in.
        StepNotAllowed("step_not_allowed") { from: Code, to: String, allowed: String },
        /// The time of trial is not over.
        OnTrial("on_trial") { person: PersonId, until: Date },
        /// The state after needs a home, and none is named.
        HomeNeeded("home_needed") { state: Code },
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
        /// A later change of the membership or of a post bound to it is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use RestoreMembershipRefusal as Refusal;

impl Decide for RestoreMembership {
    const NAME: &'static str = "restore-membership";
    const FIELDS: &'static [Field] =
        &[required("person", FieldKind::Person), optional("branch", FieldKind::Branch), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![Guard::MembershipsOf(self.person), Guard::PostsHeldBy(self.person)];
        guards.extend(self.branch.map(Guard::Branch));
        // Without a branch it is the last one that a restored membership comes back to.
        if known.has_looked(&guards[0]) {
            let memberships = known.memberships_of(self.person);
            let seats = memberships.filter_map(|(_, it)| it.seat_on(self.effective));
            guards.extend(seats.map(Guard::Branch));
        }
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let mut decided = Decided::default();
        let when = (self.effective, self.precision);
        restore::<Refusal>(known, self.person, self.branch, when, &mut decided)?;
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn back() -> RestoreMembership {
        RestoreMembership { person: ANN, branch: None, effective: day(10), precision: None }
    }

    fn ann_stopped() -> Vec<Given> {
        [ann_in_north(), vec![stepped_out(["full", "stopped"], NORTH, 7)]].concat()
    }

    #[test]
    fn the_membership_comes_back_to_its_last_home_or_another() {
        given(ann_stopped()).when(back()).then([entered(["stopped", "full"], NORTH, 10)]);
        given(ann_stopped())
            .when(RestoreMembership { branch: Some(SOUTH), ..back() })
            .then([entered(["stopped", "full"], SOUTH, 10)]);
        given(ann_in_north()).when(back()).then([]);
    }

    #[test]
    fn a_home_that_is_gone_takes_nobody_back() {
        given(ann_stopped())
            .and([dissolved(NORTH, 8)])
            .when(back())
            .then_refused(Refusal::BranchDissolved { branch: "north".into(), dissolved: day(8) });
    }

    #[test]
    fn refusals_come_in_order() {
        let (person, effective) = (ANN, day(10));
        given([registered(ANN)])
            .when(back())
            .then_refused(Refusal::NoMembership { person, effective });
        given(ann_in_north())
            .and([admitted(ANN, SOUTH, 5, M2)])
            .when(back())
            .then_refused(Refusal::SeveralMemberships { person, effective });
        given([registered(ANN), formed(NORTH, 1), applied(ANN, NORTH, 5, M1)])
            .and([went(["applicant", "activist"], 6), went(["activist", "candidate"], 7)])
            .when(back())
            .then_refused(Refusal::HomeNeeded { state: code("probationary") });
        given([registered(ANN), formed(NORTH, 1), applied(ANN, NORTH, 5, M1)])
            .when(back())
            .then_refused(Refusal::StepNotAllowed {
                from: code("applicant"),
                to: "restore".into(),
                allowed: "activist".into(),
            });
        given(ann_on_trial())
            .and([stepped_out(["probationary", "stopped"], NORTH, 7)])
            .when(back())
            .then_refused(Refusal::OnTrial { person, until: jiff::civil::date(2027, 1, 5) });
        let east = || RestoreMembership { branch: Some(EAST), ..back() };
        given(ann_stopped()).when(east()).then_refused(Refusal::BranchUnknown { branch: EAST });
        given(ann_stopped())
            .and([formed(EAST, 20)])
            .when(east())
            .then_refused(Refusal::BeforeFormation { branch: "east".into(), formed: day(20) });
        given(ann_stopped())
            .and([formed_as(EAST, 1, "committee")])
            .when(east())
            .then_refused(Refusal::KindNotHome { branch: "east".into(), kind: "committee".into() });
        given(ann_stopped())
            .and([entered(["stopped", "full"], NORTH, 12)])
            .when(back())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn a_home_that_is_suspended_or_wound_up_does_not_begin() {
        let north = || "north".to_owned();
        given(ann_stopped())
            .and([branch_suspended(NORTH, 8)])
            .when(back())
            .then_refused(Refusal::BranchSuspended { branch: north(), since: day(8) });
        given(ann_stopped())
            .and([winding_up(NORTH, 8)])
            .when(back())
            .then_refused(Refusal::BranchWindingUp { branch: north(), since: day(8) });
    }
}
