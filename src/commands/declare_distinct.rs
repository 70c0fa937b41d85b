//! Declare that two persons are not the same.

use events::{Date, Guard, PersonEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::person::Likeness;

/// Declare that two persons are not the same, together with a second person who agrees.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclareDistinct {
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
    DeclareDistinctRefusal {
        /// Nobody has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// A person is one with itself anyway.
        OnePerson("one_person") { person: PersonId },
        /// Nobody else agreed.
        ApproverNeeded("approver_needed") { person: PersonId, other: PersonId },
        /// They are merged: that must be undone first.
        MergedAlready("merged_already") { person: PersonId, into: PersonId },
        /// Something later is found of the two.
        LaterChange("later_change") { later: Date },
    }
}

use DeclareDistinctRefusal as Refusal;

impl Decide for DeclareDistinct {
    const NAME: &'static str = "declare-distinct";
    const FIELDS: &'static [Field] =
        &[required("person", FieldKind::Person), required("other", FieldKind::Person), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        [self.person, self.other].into_iter().map(Guard::Person).collect()
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, other, effective, precision } = *self;
        if let Some(person) = [person, other].into_iter().find(|id| known.person(*id).is_none()) {
            return Err(Refusal::PersonUnknown { person });
        }
        if person == other {
            return Err(Refusal::OnePerson { person });
        }
        let found = |one: PersonId, other: PersonId| known.person(one)?.likeness(other);
        let (ours, theirs) = (found(person, other), found(other, person));
        let is_distinct = |found| found == Some(Likeness::Distinct);
        if is_distinct(ours) && is_distinct(theirs) {
            return Ok(Decided::already_so());
        }
        if !setting.approver.is_some_and(|approver| approver != person && approver != other) {
            return Err(Refusal::ApproverNeeded { person, other });
        }
        for (found, person, into) in [(ours, person, other), (theirs, other, person)] {
            if found == Some(Likeness::Merged) {
                return Err(Refusal::MergedAlready { person, into });
            }
        }
        let later = [(person, other), (other, person)].into_iter().find_map(|(one, other)| {
            known.person(one)?.likeness_since(other).filter(|since| *since > effective)
        });
        if let Some(later) = later {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        for (one, other) in [(person, other), (other, person)] {
            let distinct = PersonEvent::DeclaredDistinct { effective, precision, other };
            decided.push(one, distinct);
        }
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> DeclareDistinct {
        DeclareDistinct { person: ANN, other: BOB, effective: day(10), precision: None }
    }

    fn both() -> [Given; 2] {
        [registered(ANN), registered(BOB)]
    }

    fn doubt() -> [Given; 2] {
        [suspected(ANN, BOB, 5), suspected(BOB, ANN, 5)]
    }

    const CAROL: PersonId = PersonId(uuid::Uuid::from_u128(0xca));

    #[test]
    fn two_people_end_the_doubt() {
        let told = [distinct(ANN, BOB, 10), distinct(BOB, ANN, 10)];
        given(both()).and(doubt()).approved_by(CAROL).when(it()).then(told.clone());
        given(both()).and(told).when(it()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([registered(BOB)]).when(it()).then_refused(Refusal::PersonUnknown { person: ANN });
        given(both())
            .when(DeclareDistinct { other: ANN, ..it() })
            .then_refused(Refusal::OnePerson { person: ANN });
        let (person, other) = (ANN, BOB);
        given(both())
            .and(doubt())
            .when(it())
            .then_refused(Refusal::ApproverNeeded { person, other });
        given(both())
            .and(doubt())
            .approved_by(BOB)
            .when(it())
            .then_refused(Refusal::ApproverNeeded { person, other });
        given(both())
            .and(doubt())
            .and([merged_into(BOB, ANN, 6)])
            .approved_by(CAROL)
            .when(it())
            .then_refused(Refusal::MergedAlready { person: BOB, into: ANN });
        given(both())
            .and([suspected(ANN, BOB, 15), suspected(BOB, ANN, 15)])
            .approved_by(CAROL)
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
