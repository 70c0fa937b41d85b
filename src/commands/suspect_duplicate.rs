//! Suspect that two persons are the same.

use events::{Date, Guard, PersonEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::person::Likeness;

/// Suspect that two persons are the same: an identity case begins, which must be decided before
/// either becomes a member or moves.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspectDuplicate {
    /// The person.
    pub person: PersonId,
    /// The other one.
    pub other: PersonId,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    SuspectDuplicateRefusal {
        /// Nobody has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// A person is one with itself anyway.
        OnePerson("one_person") { person: PersonId },
        /// Something later is found of the two.
        LaterChange("later_change") { later: Date },
    }
}

use SuspectDuplicateRefusal as Refusal;

impl Decide for SuspectDuplicate {
    const NAME: &'static str = "suspect-duplicate";
    const FIELDS: &'static [Field] =
        &[required("person", FieldKind::Person), required("other", FieldKind::Person), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        [self.person, self.other].into_iter().map(Guard::Person).collect()
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, other, effective, precision } = *self;
        if let Some(person) = [person, other].into_iter().find(|id| known.person(*id).is_none()) {
            return Err(Refusal::PersonUnknown { person });
        }
        if person == other {
            return Err(Refusal::OnePerson { person });
        }
        let found = |one: PersonId, other: PersonId| known.person(one)?.likeness(other);
        let (ours, theirs) = (found(person, other), found(other, person));
        let is_open = |found| found == Some(Likeness::Suspected);
        let is_merged = |found| found == Some(Likeness::Merged);
        if is_open(ours) && is_open(theirs) || is_merged(ours) || is_merged(theirs) {
            return Ok(Decided::already_so());
        }
        let later = [(person, other), (other, person)].into_iter().find_map(|(one, other)| {
            known.person(one)?.likeness_since(other).filter(|since| *since > effective)
        });
        if let Some(later) = later {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        for (one, other) in [(person, other), (other, person)] {
            if !is_open(found(one, other)) {
                let suspected = PersonEvent::DuplicateSuspected { effective, precision, other };
                decided.push(one, suspected);
            }
        }
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> SuspectDuplicate {
        SuspectDuplicate { person: ANN, other: BOB, effective: day(10), precision: None }
    }

    fn both() -> [Given; 2] {
        [registered(ANN), registered(BOB)]
    }

    fn doubt() -> [Given; 2] {
        [suspected(ANN, BOB, 5), suspected(BOB, ANN, 5)]
    }

    #[test]
    fn each_is_suspected_to_be_the_other_once() {
        given(both()).when(it()).then([suspected(ANN, BOB, 10), suspected(BOB, ANN, 10)]);
        given(both()).and(doubt()).when(it()).then([]);
        given(both()).and(doubt()).and([merged_into(ANN, BOB, 6)]).when(it()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([registered(BOB)]).when(it()).then_refused(Refusal::PersonUnknown { person: ANN });
        given(both())
            .when(SuspectDuplicate { other: ANN, ..it() })
            .then_refused(Refusal::OnePerson { person: ANN });
        given(both())
            .and(doubt())
            .and([distinct(ANN, BOB, 15), distinct(BOB, ANN, 15)])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
