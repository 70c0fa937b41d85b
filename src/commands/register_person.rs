//! Make a person known to the ledger.

use events::{Date, Guard, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional};
use super::refusal::refusals;
use super::shared::registered;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Make a person known to the ledger, by id alone; what is personal goes to the vault.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterPerson {
    /// The person's id: random, and chosen before, so that the vault can be written first.
    pub person: PersonId,
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

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, RegisterPersonRefusal> {
        if known.person(self.person).is_some() {
            return Ok(Decided::already_so());
        }
        let mut decided = Decided::default();
        let Self { person, effective, precision } = *self;
        decided.push(person, registered(effective, precision));
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{registered, *};

    fn register() -> RegisterPerson {
        RegisterPerson { person: ANN, effective: day(1), precision: None }
    }

    #[test]
    fn makes_a_person_known() {
        given([]).when(register()).then([registered(ANN)]);
    }

    #[test]
    fn who_is_known_stays_known() {
        given([registered(ANN)]).when(register()).then([]);
    }
}
