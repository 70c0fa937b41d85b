//! Undo the merge of two persons.

use events::{Date, Guard, PersonEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::person::Likeness;

/// Undo the merge of two persons: each goes by its own id again, with the record it had.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnmergePersons {
    /// The person.
    pub person: PersonId,
    /// The one by whose id the person goes so far.
    pub other: PersonId,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    UnmergePersonsRefusal {
        /// Nobody has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// A person is one with itself anyway.
        OnePerson("one_person") { person: PersonId },
        /// The person does not go by that id.
        NotMerged("not_merged") { person: PersonId, from: PersonId },
        /// Something later is found of the two.
        LaterChange("later_change") { later: Date },
    }
}

use UnmergePersonsRefusal as Refusal;

impl Decide for UnmergePersons {
    const NAME: &'static str = "unmerge-persons";
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
        let itself = known.person(person).ok_or(Refusal::PersonUnknown { person })?;
        match itself.likeness(other) {
            Some(Likeness::Apart) => return Ok(Decided::already_so()),
            Some(Likeness::Merged) => {}
            Some(Likeness::Suspected | Likeness::Distinct) | None => {
                return Err(Refusal::NotMerged { person, from: other });
            }
        }
        if let Some(later) = itself.likeness_since(other).filter(|since| *since > effective) {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        decided.push(person, PersonEvent::Unmerged { effective, precision, from: other });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> UnmergePersons {
        UnmergePersons { person: ANN, other: BOB, effective: day(10), precision: None }
    }

    fn both() -> [Given; 2] {
        [registered(ANN), registered(BOB)]
    }

    fn doubt() -> [Given; 2] {
        [suspected(ANN, BOB, 5), suspected(BOB, ANN, 5)]
    }

    #[test]
    fn each_goes_by_its_own_id_again() {
        let merged = [merged_into(ANN, BOB, 6)];
        given(both()).and(doubt()).and(merged.clone()).when(it()).then([unmerged(ANN, BOB, 10)]);
        given(both()).and(doubt()).and(merged).and([unmerged(ANN, BOB, 10)]).when(it()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([registered(BOB)]).when(it()).then_refused(Refusal::PersonUnknown { person: ANN });
        given(both())
            .when(UnmergePersons { other: ANN, ..it() })
            .then_refused(Refusal::OnePerson { person: ANN });
        given(both())
            .and(doubt())
            .when(it())
            .then_refused(Refusal::NotMerged { person: ANN, from: BOB });
        given(both())
            .and(doubt())
            .and([merged_into(ANN, BOB, 15)])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
