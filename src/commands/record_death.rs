//! Record that a person died.

use events::membership::EndReason;
use events::post::{LeaveReason, PostEvent};
use events::transfer::ClosedBecause;
use events::{Date, Guard, HostEvent, PersonEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::life;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Record that a person died: memberships, posts and employments end with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordDeath {
    /// Who died.
    pub person: PersonId,
    /// The first day without the person.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a death is not recorded.
    RecordDeathRefusal {
        /// Nobody has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// The person is recorded as dead since another day.
        PersonDead("person_dead") { person: PersonId, died: Date },
        /// Something of the person is recorded for a later day.
        LaterChange("later_change") { later: Date },
    }
}

use RecordDeathRefusal as Refusal;

impl Decide for RecordDeath {
    const NAME: &'static str = "record-death";
    const FIELDS: &'static [Field] = &[required("person", FieldKind::Person), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![
            Guard::Person(self.person),
            Guard::MembershipsOf(self.person),
            Guard::PostsHeldBy(self.person),
            Guard::EmploymentsOf(self.person),
            Guard::TransfersOf(self.person),
        ]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, effective, precision } = *self;
        let itself = known.person(person).ok_or(Refusal::PersonUnknown { person })?;
        match itself.died() {
            Some(died) if died == effective => return Ok(Decided::already_so()),
            Some(died) => return Err(Refusal::PersonDead { person, died }),
            None => {}
        }
        let mut decided = Decided::default();
        self.leave_posts(known, &mut decided)?;
        self.end_memberships(known, &mut decided)?;
        for (id, host) in known.hosts_of(person) {
            if let Some(later) = host.employment_after(person, effective) {
                return Err(Refusal::LaterChange { later });
            }
            if host.employment_on(person, effective).is_some() {
                let ended = HostEvent::EmploymentEnded { effective, precision: None, person };
                decided.push(id, ended);
            }
        }
        decided.push(person, PersonEvent::Died { effective, precision });
        Ok(decided)
    }
}

impl RecordDeath {
    /// Every post that the person holds, bound to a home or not.
    fn leave_posts(&self, known: &Known, decided: &mut Decided) -> Result<(), Refusal> {
        let Self { person, effective, .. } = *self;
        for (id, post) in known.posts_held_by(person) {
            if let Some(later) = post.change_after(person, effective) {
                return Err(Refusal::LaterChange { later });
            }
            let held = post.spells().any(|it| it.value == person && it.reaches_beyond(effective));
            let Some((branch, role)) = post.place().filter(|_| held) else { continue };
            let left = PostEvent::Left {
                effective,
                precision: None,
                branch,
                role: role.clone(),
                person,
                reason: LeaveReason::Died,
            };
            decided.push(id, left);
        }
        Ok(())
    }

    fn end_memberships(&self, known: &Known, decided: &mut Decided) -> Result<(), Refusal> {
        let Self { person, effective, .. } = *self;
        for (id, membership) in known.memberships_of(person) {
            let Some(life) = membership.life().filter(|life| life.reaches_beyond(effective)) else {
                continue;
            };
            let later = (life.from > effective).then_some(life.from);
            if let Some(later) = later.or_else(|| membership.any_change_after(effective)) {
                return Err(Refusal::LaterChange { later });
            }
            // The posts are left already, those at home too.
            let because = ClosedBecause::Died;
            life::close_case(known, (id, membership), effective, because, decided)?;
            let when = (effective, None);
            life::end_alone((id, membership), when, EndReason::Died, decided);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{died, *};

    fn death() -> RecordDeath {
        RecordDeath { person: ANN, effective: day(10), precision: None }
    }

    fn post_of_the_dead(post: uuid::Uuid) -> Given {
        let left = PostEvent::Left {
            effective: day(10),
            precision: None,
            branch: NORTH,
            role: code("secretary"),
            person: ANN,
            reason: LeaveReason::Died,
        };
        (events::PostId(post).into(), left.into())
    }

    #[test]
    fn everything_ends_with_the_person() {
        given(ann_in_north())
            .and([took(ANN, NORTH, "secretary", 6, P1), placed(7, SOUTH)])
            .and([host(SUN, 1), employed(ANN, SUN, 5)])
            .when(death())
            .then([
                post_of_the_dead(P1),
                unplaced(10, SOUTH),
                ended_because(ANN, Some(NORTH), 10, EndReason::Died),
                unemployed(ANN, SUN, 10),
                died(ANN, 10),
            ]);
    }

    #[test]
    fn who_is_no_member_dies_too_and_once() {
        given([registered(ANN)]).when(death()).then([died(ANN, 10)]);
        given([registered(ANN), died(ANN, 10)]).when(death()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([]).when(death()).then_refused(Refusal::PersonUnknown { person: ANN });
        given([registered(ANN), died(ANN, 8)])
            .when(death())
            .then_refused(Refusal::PersonDead { person: ANN, died: day(8) });
        given(ann_in_north())
            .and([moved_home(ANN, NORTH, SOUTH, 12, M1)])
            .when(death())
            .then_refused(Refusal::LaterChange { later: day(12) });
        given([registered(ANN), host(SUN, 1), employed(ANN, SUN, 15)])
            .when(death())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
