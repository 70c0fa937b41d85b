//! Stop a membership.

use events::{BranchId, Code, Date, Guard, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::steps::{Towards, step};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Stop a membership: it goes to the first state without a home that the rules lead to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopMembership {
    /// Whose membership.
    pub person: PersonId,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    StopMembershipRefusal {
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

use StopMembershipRefusal as Refusal;

impl Decide for StopMembership {
    const NAME: &'static str = "stop-membership";
    const FIELDS: &'static [Field] = &[required("person", FieldKind::Person), EFFECTIVE];
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
        let towards = (Towards::Stop, None);
        let when = (self.effective, self.precision);
        step::<Refusal>(known, self.person, towards, when, &mut decided)?;
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn stop() -> StopMembership {
        StopMembership { person: ANN, effective: day(10), precision: None }
    }

    #[test]
    fn the_membership_stops_and_has_no_home() {
        given(ann_in_north()).when(stop()).then([stepped_out(["full", "stopped"], NORTH, 10)]);
        given(ann_in_north())
            .and([stepped_out(["full", "stopped"], NORTH, 10)])
            .when(stop())
            .then([]);
        given(ann_in_north()).under("association").when(stop()).then_refused(
            Refusal::StepNotAllowed {
                from: code("member"),
                to: "stop".into(),
                allowed: String::new(),
            },
        );
    }

    #[test]
    fn refusals_come_in_order() {
        let (person, effective) = (ANN, day(10));
        given([registered(ANN)])
            .when(stop())
            .then_refused(Refusal::NoMembership { person, effective });
        given(ann_in_north())
            .and([admitted(ANN, SOUTH, 5, M2)])
            .when(stop())
            .then_refused(Refusal::SeveralMemberships { person, effective });
        given(ann_in_north())
            .and([moved_home(ANN, NORTH, SOUTH, 12, M1)])
            .when(stop())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    /// What cannot come about here is refused as every step refuses it.
    #[test]
    fn what_a_step_refuses_is_refused_alike() {
        use crate::commands::shared::life::UnfitHome;
        use crate::commands::shared::steps::BadStep;
        let (person, state) = (ANN, code("full"));
        assert_eq!(
            Refusal::from(BadStep::Unknown(state.clone(), "full".into())),
            Refusal::StateUnknown { state: state.clone(), known: "full".into() }
        );
        assert_eq!(
            Refusal::from(BadStep::HomeStays(person, "north".into())),
            Refusal::HomeStays { person, branch: "north".into() }
        );
        assert_eq!(Refusal::from(UnfitHome::Needed(state.clone())), Refusal::HomeNeeded { state });
        let until = day(20);
        assert_eq!(
            Refusal::from(BadStep::OnTrial(person, until)),
            Refusal::OnTrial { person, until }
        );
        let branch = NORTH;
        assert_eq!(Refusal::from(UnfitHome::Unknown(branch)), Refusal::BranchUnknown { branch });
        let (branch, kind) = ("north".to_owned(), "committee".to_owned());
        let early = crate::commands::shared::TooEarly { branch: branch.clone(), formed: until };
        assert_eq!(
            Refusal::from(UnfitHome::Early(early)),
            Refusal::BeforeFormation { branch: branch.clone(), formed: until }
        );
        assert_eq!(
            Refusal::from(UnfitHome::Dissolved(branch.clone(), until)),
            Refusal::BranchDissolved { branch: branch.clone(), dissolved: until }
        );
        use crate::commands::phase::Shut;
        let since = day(3);
        assert_eq!(
            Refusal::from(UnfitHome::Shut(Shut::Suspended("north".into(), since))),
            Refusal::BranchSuspended { branch: "north".into(), since }
        );
        assert_eq!(
            Refusal::from(UnfitHome::Shut(Shut::WindingUp("north".into(), since))),
            Refusal::BranchWindingUp { branch: "north".into(), since }
        );
        assert_eq!(
            Refusal::from(UnfitHome::NoHome(branch.clone(), kind.clone())),
            Refusal::KindNotHome { branch, kind }
        );
    }
}
