//! End a membership.

use events::membership::EndReason;
use events::{BranchId, Date, Guard, MembershipId, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::life::end;
use super::shared::{END_REASONS, at_home, code_or_id, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Known, Membership};

/// End the membership that a person has at a branch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndMembership {
    /// Whose membership.
    pub person: PersonId,
    /// Where it is at home; of one without a home: where it was last, or the application is.
    pub branch: BranchId,
    /// The first day outside.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
    /// Why.
    #[serde(default = "reason_default")]
    pub reason: EndReason,
}

fn reason_default() -> EndReason {
    EndReason::Left
}

refusals! {
    /// Why the end of a membership is refused.
    EndMembershipRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The person has no open membership there on that day.
        NotAMember("not_a_member") { person: PersonId, branch: String, effective: Date },
        /// A later change of the membership or of a post bound to it is recorded.
        LaterChange("later_change") { later: Date },
    }
}

impl Decide for EndMembership {
    const NAME: &'static str = "end-membership";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("branch", FieldKind::Branch),
        optional("reason", FieldKind::Choice(END_REASONS)),
        EFFECTIVE,
    ];
    type Refusal = EndMembershipRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![
            Guard::Branch(self.branch),
            Guard::MembershipsOf(self.person),
            Guard::PostsHeldBy(self.person),
            Guard::TransfersOf(self.person),
        ]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, EndMembershipRefusal> {
        use EndMembershipRefusal as Refusal;
        let Self { person, branch: home, precision, reason, .. } = *self;
        let branch = known.branch(home).ok_or(Refusal::BranchUnknown { branch: home })?;
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        let Some((id, membership)) = self.found(known, effective) else {
            if self.is_so(known, effective) {
                return Ok(Decided::already_so());
            }
            let branch = code_or_id(known, home);
            return Err(Refusal::NotAMember { person, branch, effective });
        };
        end(known, (id, membership), (effective, precision), reason, &mut decided)?;
        Ok(decided)
    }
}

impl EndMembership {
    /// The membership that is at home there, or without a home looked after from there.
    fn found<'a>(
        &self,
        known: &'a Known,
        effective: Date,
    ) -> Option<(MembershipId, &'a Membership)> {
        at_home(known, self.person, self.branch, effective).or_else(|| {
            known.memberships_of(self.person).find(|(_, membership)| {
                membership.is_open_on(effective)
                    && membership.home_on(effective).is_none()
                    && membership.seat_on(effective) == Some(self.branch)
            })
        })
    }

    /// Whether a membership ended there on that very day, for that very reason.
    fn is_so(&self, known: &Known, effective: Date) -> bool {
        known.memberships_of(self.person).any(|(_, membership)| {
            membership.ended() == Some(effective)
                && membership.end_reason() == Some(self.reason)
                && membership.seat_on(effective) == Some(self.branch)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn end() -> EndMembership {
        EndMembership {
            person: ANN,
            branch: NORTH,
            effective: day(10),
            precision: None,
            reason: EndReason::Left,
        }
    }

    fn ann_in_north() -> Vec<Given> {
        vec![registered(ANN), formed(NORTH, 1), formed(SOUTH, 1), admitted(ANN, NORTH, 5, M1)]
    }

    #[test]
    fn ends_the_membership_on_the_first_day_outside() {
        given(ann_in_north()).when(end()).then([left(ANN, NORTH, 10, M1)]);
    }

    #[test]
    fn a_membership_without_a_home_ends_where_it_was_last() {
        given([registered(ANN), formed(NORTH, 1), applied(ANN, NORTH, 5, M1)])
            .when(EndMembership { reason: EndReason::Declined, ..end() })
            .then([ended_because(ANN, None, 10, EndReason::Declined)]);
        given(ann_in_north())
            .and([stepped_out(["full", "stopped"], NORTH, 7)])
            .when(EndMembership { reason: EndReason::Removed, ..end() })
            .then([ended_because(ANN, None, 10, EndReason::Removed)]);
    }

    #[test]
    fn the_same_end_again_is_already_so() {
        given(ann_in_north()).and([left(ANN, NORTH, 10, M1)]).when(end()).then([]);
    }

    #[test]
    fn a_post_bound_to_the_home_ends_with_it() {
        let secretary = [took(ANN, NORTH, "secretary", 6, P1)];
        given(ann_in_north())
            .and(secretary.clone())
            .when(end())
            .then([lost_with_home(ANN, NORTH, "secretary", 10, P1), left(ANN, NORTH, 10, M1)]);
        given(ann_in_north())
            .and(secretary)
            .under("association")
            .when(end())
            .then([left(ANN, NORTH, 10, M1)]);
    }

    #[test]
    fn an_open_transfer_becomes_moot_with_it() {
        let died = EndMembership { reason: EndReason::Died, ..end() };
        given(underway()).when(died).then([
            closed(events::transfer::ClosedBecause::Died, 10),
            ended_by_death(ANN, NORTH, 10, M1),
        ]);
        given(underway())
            .and([presented(12)])
            .when(end())
            .then_refused(EndMembershipRefusal::LaterChange { later: day(12) });
    }

    #[test]
    fn refusals_come_in_order() {
        given([registered(ANN)])
            .when(end())
            .then_refused(EndMembershipRefusal::BranchUnknown { branch: NORTH });
        given([registered(ANN), formed(NORTH, 20)]).when(end()).then_refused(
            EndMembershipRefusal::BeforeFormation { branch: "north".into(), formed: day(20) },
        );
        given([registered(ANN), formed(NORTH, 1)]).when(end()).then_refused(
            EndMembershipRefusal::NotAMember {
                person: ANN,
                branch: "north".into(),
                effective: day(10),
            },
        );
        given(ann_in_north())
            .and([moved_home(ANN, NORTH, SOUTH, 12, M1)])
            .when(end())
            .then_refused(EndMembershipRefusal::LaterChange { later: day(12) });
    }
}
