//! Take a membership from one state to another.

use events::{BranchId, Code, Date, Guard, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::steps::step;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Take a membership from one state to another, by a step that the rules know.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeState {
    /// Whose membership.
    pub person: PersonId,
    /// The state after, by its code.
    pub state: Code,
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
    ChangeStateRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// The rules know no such state.
        StateUnknown("state_unknown") { state: Code, known: String },
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
        /// The home stays what it is; a transfer moves it.
        HomeStays("home_stays") { person: PersonId, branch: String },
        /// A later change of the membership or of a post bound to it is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use ChangeStateRefusal as Refusal;

impl Decide for ChangeState {
    const NAME: &'static str = "change-state";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("state", FieldKind::Text),
        optional("branch", FieldKind::Branch),
        EFFECTIVE,
    ];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = vec![
            Guard::MembershipsOf(self.person),
            Guard::PostsHeldBy(self.person),
            Guard::TransfersOf(self.person),
        ];
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
        let towards = (&self.state, self.branch);
        let when = (self.effective, self.precision);
        step::<Refusal>(known, self.person, towards, when, &mut decided)?;
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn to(state: &str) -> ChangeState {
        let (state, branch) = (code(state), None);
        ChangeState { person: ANN, state, branch, effective: day(10), precision: None }
    }

    fn at_home(state: &str) -> ChangeState {
        ChangeState { branch: Some(NORTH), ..to(state) }
    }

    fn ann_applied() -> Vec<Given> {
        vec![registered(ANN), formed(NORTH, 1), formed(SOUTH, 1), applied(ANN, NORTH, 2, M1)]
    }

    fn ann_candidate() -> Vec<Given> {
        let steps = [went(["applicant", "activist"], 3), went(["activist", "candidate"], 4)];
        [ann_applied(), steps.to_vec()].concat()
    }

    #[test]
    fn an_application_goes_on_without_a_home_until_it_needs_one() {
        given(ann_applied()).when(to("activist")).then([went(["applicant", "activist"], 10)]);
        given(ann_applied()).when(to("applicant")).then([]);
        given(ann_candidate()).when(at_home("probationary")).then([entered(
            ["candidate", "probationary"],
            NORTH,
            10,
        )]);
    }

    #[test]
    fn a_post_is_left_with_full_membership_where_the_rules_ask_for_it() {
        use events::PostEvent;
        use events::post::LeaveReason;
        let officer = [took(ANN, NORTH, "chair", 6, P1)];
        let no_longer = PostEvent::Left {
            effective: day(10),
            precision: None,
            branch: NORTH,
            role: code("chair"),
            person: ANN,
            reason: LeaveReason::NotFull,
        };
        let arrears = went(["active", "arrears"], 10);
        given(ann_in_north())
            .and(officer.clone())
            .under("union")
            .when(to("arrears"))
            .then([(events::PostId(P1).into(), no_longer.into()), arrears.clone()]);
        given(ann_in_north())
            .and(officer)
            .under("union")
            .with_rules(|it| it.post.holder_full = false)
            .when(to("arrears"))
            .then([arrears]);
    }

    #[test]
    fn a_trial_ends_on_its_day_and_not_before() {
        let over = jiff::civil::date(2027, 1, 5);
        let full = ChangeState { effective: over, ..to("full") };
        given(ann_on_trial()).when(full.clone()).then([went_on(["probationary", "full"], over)]);
        let (person, until) = (ANN, jiff::civil::date(2027, 7, 5));
        given(ann_on_trial())
            .and([extended(9, until)])
            .when(full)
            .then_refused(Refusal::OnTrial { person, until });
        given(ann_on_trial())
            .and([extended(12, until)])
            .with_rules(|it| {
                it.life.probation.iter_mut().for_each(|probation| probation.months = 0);
            })
            .when(to("full"))
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn a_post_and_a_second_place_end_with_the_home() {
        given(ann_in_north())
            .and([took(ANN, NORTH, "secretary", 6, P1), placed(7, SOUTH)])
            .when(to("stopped"))
            .then([
                lost_with_home(ANN, NORTH, "secretary", 10, P1),
                unplaced(10, SOUTH),
                stepped_out(["full", "stopped"], NORTH, 10),
            ]);
    }

    #[test]
    fn refusals_come_in_order() {
        let (person, effective) = (ANN, day(10));
        given([registered(ANN)])
            .when(to("full"))
            .then_refused(Refusal::NoMembership { person, effective });
        given(ann_in_north())
            .and([admitted(ANN, SOUTH, 5, M2)])
            .when(to("stopped"))
            .then_refused(Refusal::SeveralMemberships { person, effective });
        given(ann_in_north()).when(to("retired")).then_refused(Refusal::StateUnknown {
            state: code("retired"),
            known: "applicant, activist, candidate, probationary, full, stopped".into(),
        });
        given(ann_applied()).when(to("full")).then_refused(Refusal::StepNotAllowed {
            from: code("applicant"),
            to: "full".into(),
            allowed: "activist".into(),
        });
        given(ann_on_trial())
            .when(to("full"))
            .then_refused(Refusal::OnTrial { person, until: jiff::civil::date(2027, 1, 5) });
        given(ann_candidate())
            .when(to("probationary"))
            .then_refused(Refusal::HomeNeeded { state: code("probationary") });
        given(ann_candidate())
            .when(ChangeState { branch: Some(EAST), ..to("probationary") })
            .then_refused(Refusal::BranchUnknown { branch: EAST });
        given(ann_candidate())
            .and([formed(EAST, 20)])
            .when(ChangeState { branch: Some(EAST), ..to("probationary") })
            .then_refused(Refusal::BeforeFormation { branch: "east".into(), formed: day(20) });
        given(ann_candidate())
            .and([dissolved(NORTH, 20)])
            .when(at_home("probationary"))
            .then_refused(Refusal::BranchDissolved { branch: "north".into(), dissolved: day(20) });
        given(ann_candidate())
            .and([formed_as(EAST, 1, "committee")])
            .when(ChangeState { branch: Some(EAST), ..to("probationary") })
            .then_refused(Refusal::KindNotHome { branch: "east".into(), kind: "committee".into() });
        let over = jiff::civil::date(2027, 1, 5);
        given(ann_on_trial())
            .when(ChangeState { effective: over, branch: Some(SOUTH), ..to("full") })
            .then_refused(Refusal::HomeStays { person, branch: "north".into() });
        given(ann_in_north())
            .and([moved_home(ANN, NORTH, SOUTH, 12, M1)])
            .when(to("stopped"))
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn a_home_that_is_suspended_or_wound_up_does_not_begin() {
        let north = || "north".to_owned();
        given(ann_candidate())
            .and([branch_suspended(NORTH, 8)])
            .when(at_home("probationary"))
            .then_refused(Refusal::BranchSuspended { branch: north(), since: day(8) });
        given(ann_candidate())
            .and([winding_up(NORTH, 8)])
            .when(at_home("probationary"))
            .then_refused(Refusal::BranchWindingUp { branch: north(), since: day(8) });
    }
}
