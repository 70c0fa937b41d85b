//! Record that a person died.

use events::membership::EndReason;
use events::post::LeaveReason;
use events::transfer::ClosedBecause;
use events::{Date, Guard, HostEvent, PersonEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::identity::{self, goes_by, same_as};
use super::shared::{leave_posts, life};
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
        /// The person goes by another id, and everybody who does dies under that one.
        PersonMerged("person_merged") { person: PersonId, into: PersonId },
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

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let mut guards = identity::guards(known, self.person);
        let persons = guards
            .iter()
            .filter_map(|guard| if let Guard::Person(id) = guard { Some(*id) } else { None });
        for person in persons.collect::<Vec<_>>() {
            guards.extend([
                Guard::MembershipsOf(person),
                Guard::PostsHeldBy(person),
                Guard::EmploymentsOf(person),
                Guard::TransfersOf(person),
            ]);
        }
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, effective, precision } = *self;
        let itself = known.person(person).ok_or(Refusal::PersonUnknown { person })?;
        match itself.died() {
            Some(died) if died == effective => return Ok(Decided::already_so()),
            Some(died) => return Err(Refusal::PersonDead { person, died }),
            None => {}
        }
        if let Some(into) = goes_by(itself) {
            return Err(Refusal::PersonMerged { person, into });
        }
        let mut decided = Decided::default();
        // Those who go by the person's id are the person.
        let same = same_as(known, person, effective);
        let alive = |one: &PersonId| known.person(*one).is_some_and(|one| one.died().is_none());
        let same: Vec<PersonId> = same.into_iter().filter(alive).collect();
        for one in same.iter().copied() {
            leave_posts(known, (one, None), effective, LeaveReason::Died, &mut decided)?;
            self.end_memberships(known, one, &mut decided)?;
            self.end_employments(known, one, &mut decided)?;
        }
        for one in same {
            decided.push(one, PersonEvent::Died { effective, precision });
        }
        Ok(decided)
    }
}

impl RecordDeath {
    fn end_employments(
        &self,
        known: &Known,
        person: PersonId,
        decided: &mut Decided,
    ) -> Result<(), Refusal> {
        let effective = self.effective;
        for (id, host) in known.hosts_of(person) {
            if let Some(later) = host.employment_after(person, effective) {
                return Err(Refusal::LaterChange { later });
            }
            if host.employment_on(person, effective).is_some() {
                let ended = HostEvent::EmploymentEnded { effective, precision: None, person };
                decided.push(id, ended);
            }
        }
        Ok(())
    }

    fn end_memberships(
        &self,
        known: &Known,
        person: PersonId,
        decided: &mut Decided,
    ) -> Result<(), Refusal> {
        let effective = self.effective;
        for (id, membership) in known.memberships_of(person) {
            let Some(life) = membership.life().filter(|life| life.reaches_beyond(effective)) else {
                continue;
            };
            if life.from > effective {
                return Err(Refusal::LaterChange { later: life.from });
            }
            // The posts are left already, those at home too.
            let because = ClosedBecause::Died;
            life::close_case(known, (id, membership), effective, because, decided)?;
            let when = (effective, None);
            life::end_alone((id, membership), when, EndReason::Died, decided)?;
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
        let left = events::PostEvent::Left {
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
    fn the_dead_act_in_no_post() {
        given([registered(ANN), formed(NORTH, 1), acts(ANN, NORTH, "secretary", 5, P1)])
            .under("association")
            .when(death())
            .then([
                acts_no_more(ANN, (NORTH, "secretary"), (10, LeaveReason::Died), P1),
                died(ANN, 10),
            ]);
    }

    #[test]
    fn those_who_are_one_die_together_under_the_id_that_counts() {
        let one = [registered(BOB), suspected(ANN, BOB, 6), merged_into(BOB, ANN, 6)];
        let history = [ann_in_north(), one.to_vec()].concat();
        given(history.clone())
            .when(RecordDeath { person: BOB, ..death() })
            .then_refused(Refusal::PersonMerged { person: BOB, into: ANN });
        let other = [host(SUN, 1), employed(BOB, SUN, 5)];
        given(history).and(other).when(death()).then([
            ended_because(ANN, Some(NORTH), 10, EndReason::Died),
            unemployed(BOB, SUN, 10),
            died(ANN, 10),
            died(BOB, 10),
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
