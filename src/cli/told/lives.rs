//! What is told of persons and of the life of memberships.

use events::{MembershipEvent, PersonEvent, PersonId, StreamId};

use super::Teller;
use crate::cli::output::Output;

type Args = Vec<(&'static str, String)>;

impl Teller {
    pub(super) fn person_args(
        &self,
        output: &Output<'_>,
        stream: StreamId,
        event: &PersonEvent,
    ) -> Args {
        let mut args = vec![("person", self.person(output, &PersonId(stream.id)))];
        if let PersonEvent::BirthBandRecorded { from_year, .. } = event {
            args.push(("from", from_year.to_string()));
            args.push(("to", (from_year + 4).to_string()));
        }
        args.extend(event.other().map(|other| ("other", self.person(output, &other))));
        args
    }

    pub(super) fn membership_args(&self, output: &Output<'_>, event: &MembershipEvent) -> Args {
        let mut args = vec![("person", self.person(output, &event.person()))];
        let none = || "none".to_owned();
        match event {
            MembershipEvent::Admitted { home, state, previous, .. } => {
                let again = if previous.is_some() { "yes" } else { "no" };
                args.push(("branch", self.branch(home)));
                args.push(("again", again.to_owned()));
                args.push(("state", state.as_ref().map_or_else(none, ToString::to_string)));
            }
            MembershipEvent::HomeMoved { from, to, .. } => {
                args.push(("from", self.branch(from)));
                args.push(("to", self.branch(to)));
            }
            MembershipEvent::Ended { home, reason, .. } => {
                let home = home.as_ref().map_or_else(none, |home| self.branch(home));
                args.push(("branch", home));
                args.push(("why", reason.code().to_owned()));
                args.push(("reason", output.text(&format!("reason-{}", reason.code()), &[])));
            }
            MembershipEvent::Applied { branch, state, .. } => {
                args.push(("branch", self.branch(branch)));
                args.push(("state", state.to_string()));
            }
            MembershipEvent::StateChanged { from, to, enters, leaves, .. } => {
                args.push(("from", from.to_string()));
                args.push(("to", to.to_string()));
                args.push(("enters", enters.as_ref().map_or_else(none, |id| self.branch(id))));
                args.push(("leaves", leaves.as_ref().map_or_else(none, |id| self.branch(id))));
            }
            MembershipEvent::ProbationExtended { until, .. } => {
                args.push(("until", until.to_string()));
            }
            MembershipEvent::MobilityRegistered { place, branch, .. } => {
                args.push(("place", place.as_ref().map_or_else(none, ToString::to_string)));
                args.push(("branch", branch.as_ref().map_or_else(none, |id| self.branch(id))));
            }
            MembershipEvent::SecondaryPlaceAssigned { branch, .. }
            | MembershipEvent::SecondaryPlaceEnded { branch, .. } => {
                args.push(("branch", self.branch(branch)));
            }
            MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityEnded { .. } => {}
        }
        args
    }
}
