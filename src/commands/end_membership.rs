//! End a membership.

use events::membership::EndReason;
use events::{BranchId, Date, Guard, MembershipEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::cases::{close_open_case, closed_because, last_act};
use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::{LaterChange, at_home, code_or_id, from_formation, leave_posts_with_home};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// End the membership that a person has at a branch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndMembership {
    /// Whose membership.
    pub person: PersonId,
    /// Where it is at home.
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
        /// The person has no membership at home there on that day.
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
        optional(
            "reason",
            FieldKind::Choice(&[
                "left",
                "died",
                "expelled",
                "removed",
                "branch_dissolved",
                "departed",
            ]),
        ),
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
        let Some((id, membership)) = at_home(known, person, home, effective) else {
            if self.is_so(known, effective) {
                return Ok(Decided::already_so());
            }
            let branch = code_or_id(known, home);
            return Err(Refusal::NotAMember { person, branch, effective });
        };
        let acted = last_act(known, person, id).filter(|last| *last > effective);
        if let Some(later) = membership.change_after(effective).or(acted) {
            return Err(Refusal::LaterChange { later });
        }
        if rules.post.holder_at_home {
            leave_posts_with_home(known, (person, home), effective, &mut decided)
                .map_err(|LaterChange(later)| Refusal::LaterChange { later })?;
        }
        close_open_case(known, (person, id), effective, closed_because(reason), &mut decided)
            .map_err(|LaterChange(later)| Refusal::LaterChange { later })?;
        decided.push(id, MembershipEvent::Ended { effective, precision, person, home, reason });
        Ok(decided)
    }
}

impl EndMembership {
    /// Whether a membership ended there on that very day, for that very reason.
    fn is_so(&self, known: &Known, effective: Date) -> bool {
        known.memberships_of(self.person).any(|(_, membership)| {
            membership.ended() == Some(effective)
                && membership.end_reason() == Some(self.reason)
                && membership.spells().last().is_some_and(|last| last.value == self.branch)
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
