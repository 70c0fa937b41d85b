//! Make a person known to the ledger.

use events::{Date, Guard, PersonEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional};
use super::refusal::refusals;
use super::shared::registered;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Known, Person};

/// Make a person known to the ledger, by id alone; what is personal goes to the vault.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterPerson {
    /// The person's id: random, and chosen before, so that the vault can be written first.
    pub person: PersonId,
    /// The first of the five years in which the person was born, a multiple of five.
    #[serde(default)]
    pub birth_band: Option<u16>,
    /// From when the person is known.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// A registration is never refused yet: who is known already stays known.
    RegisterPersonRefusal {}
}

impl Decide for RegisterPerson {
    const NAME: &'static str = "register-person";
    const FIELDS: &'static [Field] = &[
        optional("person", FieldKind::NewPerson),
        EFFECTIVE,
        optional("handle", FieldKind::Personal("handle")),
        optional("name", FieldKind::Personal("name")),
        optional("birth_year", FieldKind::Personal("birth_year")),
        optional("identity_number", FieldKind::Personal("identity_number")),
        optional("phone", FieldKind::Personal("phone")),
        optional("email", FieldKind::Personal("email")),
    ];
    type Refusal = RegisterPersonRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::Person(self.person)]
    }

    fn taken_for_new(&self) -> Option<PersonId> {
        Some(self.person)
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, RegisterPersonRefusal> {
        let Self { person, birth_band, effective, precision } = *self;
        let mut decided = Decided::default();
        let before = known.person(person);
        if before.is_none() {
            decided.push(person, registered(effective, precision));
        }
        if let Some(from_year) = birth_band
            && before.and_then(Person::birth_band) != birth_band
        {
            let recorded = PersonEvent::BirthBandRecorded { effective, precision, from_year };
            decided.push(person, recorded);
        }
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{registered, *};

    fn register() -> RegisterPerson {
        RegisterPerson { person: ANN, birth_band: None, effective: day(1), precision: None }
    }

    #[test]
    fn makes_a_person_known() {
        given([]).when(register()).then([registered(ANN)]);
    }

    #[test]
    fn a_year_of_birth_is_recorded_as_five() {
        given([])
            .when(RegisterPerson { birth_band: Some(1985), ..register() })
            .then([registered(ANN), born_within(ANN, 1985)]);
    }

    #[test]
    fn who_is_known_stays_known() {
        given([registered(ANN)]).when(register()).then([]);
        let band = RegisterPerson { birth_band: Some(1985), ..register() };
        given([registered(ANN), born_within(ANN, 1985)]).when(band.clone()).then([]);
        given([registered(ANN)]).when(band).then([born_within(ANN, 1985)]);
    }
}
