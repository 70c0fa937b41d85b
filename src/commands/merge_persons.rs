//! Merge two persons who are the same.

use events::policy::OpenAtOnce;
use events::{BranchId, Date, Guard, PersonEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::code_or_id;
use super::shared::identity::{goes_by, same_as};
use super::shared::life::clash_guards;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::person::Likeness;
use crate::state::{Known, Membership, Person, Spell};

/// Merge a person into another one who is the same: from then on the other id counts, and each
/// keeps its own record.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergePersons {
    /// The person.
    pub person: PersonId,
    /// The one by whose id the person goes from then on.
    pub other: PersonId,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    MergePersonsRefusal {
        /// Nobody has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// A person is one with itself anyway.
        OnePerson("one_person") { person: PersonId },
        /// The person goes by another id already.
        MergedAlready("merged_already") { person: PersonId, into: PersonId },
        /// The other one goes by another id, and that is the one to merge into.
        PersonMerged("person_merged") { person: PersonId, into: PersonId },
        /// Both are members at the same time, where the rules allow one membership.
        BothMembers("both_members") { person: PersonId, into: PersonId, branch: String },
        /// One of them died, and the other one is on record as alive.
        OtherAlive("other_alive") { person: PersonId, died: Date, other: PersonId },
        /// Something later is found of the two.
        LaterChange("later_change") { later: Date },
    }
}

use MergePersonsRefusal as Refusal;

impl Decide for MergePersons {
    const NAME: &'static str = "merge-persons";
    const FIELDS: &'static [Field] =
        &[required("person", FieldKind::Person), required("other", FieldKind::Person), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let of_one = clash_guards(known, self.person, self.effective);
        of_one.into_iter().chain(clash_guards(known, self.other, self.effective)).collect()
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, other, effective, precision } = *self;
        if let Some(person) = [person, other].into_iter().find(|id| known.person(*id).is_none()) {
            return Err(Refusal::PersonUnknown { person });
        }
        if person == other {
            return Err(Refusal::OnePerson { person });
        }
        let merged = |id| known.person(id).and_then(goes_by);
        match merged(person) {
            Some(into) if into == other => return Ok(Decided::already_so()),
            Some(into) => return Err(Refusal::MergedAlready { person, into }),
            None => {}
        }
        if let Some(into) = merged(other) {
            return Err(Refusal::PersonMerged { person: other, into });
        }
        let died = |id| known.person(id).and_then(Person::died);
        for (person, other) in [(person, other), (other, person)] {
            if let (Some(died), None) = (died(person), died(other)) {
                return Err(Refusal::OtherAlive { person, died, other });
            }
        }
        let later = [(person, other), (other, person)].into_iter().find_map(|(one, other)| {
            let one = known.person(one)?;
            let found = one.likeness_since(other).filter(|since| *since > effective);
            // Until a merge was undone, it went by the id of a third one.
            let mut merges = one.merges().filter(|merge| merge.reaches_beyond(effective));
            found.or_else(|| merges.find_map(|merge| merge.until))
        });
        if let Some(later) = later {
            return Err(Refusal::LaterChange { later });
        }
        if let Some(branch) = self.both_members(known) {
            return Err(Refusal::BothMembers { person, into: other, branch });
        }
        let mut decided = Decided::default();
        // The other one's record must say that there is somebody to look for.
        if known.person(other).and_then(|it| it.likeness(person)) != Some(Likeness::Suspected) {
            let suspected = PersonEvent::DuplicateSuspected { effective, precision, other: person };
            decided.push(other, suspected);
        }
        decided.push(person, PersonEvent::Merged { effective, precision, into: other });
        Ok(decided)
    }
}

impl MergePersons {
    /// A branch at which the person is a member while the other one is a member too, where the
    /// rules allow one membership.
    fn both_members(&self, known: &Known) -> Option<String> {
        let open = |person| {
            let same = same_as(known, person, self.effective).into_iter();
            let memberships = same.flat_map(|person| known.memberships_of(person));
            memberships.filter(|(_, membership)| {
                membership.life().is_some_and(|life| life.reaches_beyond(self.effective))
            })
        };
        let homes = |membership: &Membership| -> Vec<Spell<BranchId>> {
            membership.spells().filter(|spell| spell.reaches_beyond(self.effective)).collect()
        };
        let once = known.policy(self.effective).rules.membership.open_at_once;
        for (_, ours) in open(self.person) {
            for (_, theirs) in open(self.other) {
                let (one, other) = (ours.life()?, theirs.life()?);
                let at_once = |one: (Date, Option<Date>), other: (Date, Option<Date>)| {
                    one.1.is_none_or(|until| until > other.0)
                        && other.1.is_none_or(|until| until > one.0)
                };
                let branch = match once {
                    OpenAtOnce::OnePerPerson => {
                        let clash = at_once((one.from, one.until), (other.from, other.until));
                        let day = self.effective.max(one.from);
                        ours.seat_on(day).filter(|_| clash)
                    }
                    OpenAtOnce::OnePerBranch => homes(ours).into_iter().find_map(|one| {
                        let clash = homes(theirs).into_iter().find(|other| {
                            let days = ((one.from, one.until), (other.from, other.until));
                            one.value == other.value && at_once(days.0, days.1)
                        });
                        clash.map(|other| other.value)
                    }),
                };
                if let Some(branch) = branch {
                    return Some(code_or_id(known, branch));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> MergePersons {
        MergePersons { person: ANN, other: BOB, effective: day(10), precision: None }
    }

    fn both() -> [Given; 2] {
        [registered(ANN), registered(BOB)]
    }

    fn doubt() -> [Given; 2] {
        [suspected(ANN, BOB, 5), suspected(BOB, ANN, 5)]
    }

    #[test]
    fn the_dead_are_merged_with_the_dead() {
        let dead = |person| given(both()).and([died(person, 8)]);
        let refused = |person, other| Refusal::OtherAlive { person, died: day(8), other };
        dead(ANN).when(it()).then_refused(refused(ANN, BOB));
        dead(BOB).when(it()).then_refused(refused(BOB, ANN));
        dead(ANN)
            .and([died(BOB, 8)])
            .when(it())
            .then([suspected(BOB, ANN, 10), merged_into(ANN, BOB, 10)]);
    }

    #[test]
    fn a_person_goes_by_the_other_id_from_then_on() {
        given(both()).when(it()).then([suspected(BOB, ANN, 10), merged_into(ANN, BOB, 10)]);
        given(both()).and(doubt()).when(it()).then([merged_into(ANN, BOB, 10)]);
        given(both()).and(doubt()).and([merged_into(ANN, BOB, 6)]).when(it()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([registered(BOB)]).when(it()).then_refused(Refusal::PersonUnknown { person: ANN });
        given(both())
            .when(MergePersons { other: ANN, ..it() })
            .then_refused(Refusal::OnePerson { person: ANN });
        let carol = PersonId(uuid::Uuid::from_u128(0xca));
        given(both())
            .and([registered(carol), suspected(carol, ANN, 5), merged_into(ANN, carol, 6)])
            .when(it())
            .then_refused(Refusal::MergedAlready { person: ANN, into: carol });
        given(both())
            .and([registered(carol), suspected(carol, BOB, 5), merged_into(BOB, carol, 6)])
            .when(it())
            .then_refused(Refusal::PersonMerged { person: BOB, into: carol });
        given(both())
            .and(doubt())
            .and([distinct(ANN, BOB, 15), distinct(BOB, ANN, 15)])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
        let once = [merged_into(ANN, carol, 6), unmerged(ANN, carol, 12)];
        given(both())
            .and([registered(carol), suspected(carol, ANN, 5)])
            .and(once)
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(12) });
        let once = [merged_into(BOB, carol, 6), unmerged(BOB, carol, 12)];
        given(both())
            .and([registered(carol), suspected(carol, BOB, 5)])
            .and(once)
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(12) });
        let members = [
            formed(NORTH, 1),
            formed(SOUTH, 1),
            admitted(ANN, NORTH, 2, M1),
            admitted(BOB, SOUTH, 2, M2),
        ];
        given(both()).and(members.clone()).when(it()).then_refused(Refusal::BothMembers {
            person: ANN,
            into: BOB,
            branch: "north".into(),
        });
        given(both())
            .and(members)
            .under("association")
            .when(it())
            .then([suspected(BOB, ANN, 10), merged_into(ANN, BOB, 10)]);
    }
}
