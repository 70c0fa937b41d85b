//! Define an area.

use events::{Code, Date, Guard, LedgerEvent, Precision, Text};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Define an area in which hosts may lie.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefineArea {
    /// The code that people will use for it.
    pub code: Code,
    /// Its name.
    pub name: Text,
    /// Its first day.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the definition of an area is refused.
    DefineAreaRefusal {
        /// Another area has the code.
        AreaTaken("area_taken") { area: Code, name: Text },
    }
}

impl Decide for DefineArea {
    const NAME: &'static str = "define-area";
    const FIELDS: &'static [Field] =
        &[required("code", FieldKind::Text), required("name", FieldKind::Text), EFFECTIVE];
    type Refusal = DefineAreaRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    /// The ledger's own stream too: the definition becomes a part of it.
    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        vec![Guard::Area(self.code.clone()), Guard::Ledger(known.ledger())]
    }

    fn decide(
        &self,
        known: &Known,
        setting: &mut Setting<'_>,
    ) -> Result<Decided, DefineAreaRefusal> {
        let Self { code, name, effective, precision } = self.clone();
        if let Some((known_name, since)) = known.area(&code) {
            if *known_name == name && *since == effective {
                return Ok(Decided::already_so());
            }
            let name = known_name.clone();
            return Err(DefineAreaRefusal::AreaTaken { area: code, name });
        }
        let mut decided = Decided::default();
        let defined = LedgerEvent::AreaDefined { effective, precision, code, name };
        decided.push(setting.ledger, defined);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn define() -> DefineArea {
        DefineArea { code: code("haven"), name: text("Haven"), effective: day(1), precision: None }
    }

    #[test]
    fn defines_an_area_once() {
        given([]).when(define()).then([area("haven", 1)]);
        given([area("haven", 1)]).when(define()).then([]);
    }

    #[test]
    fn a_code_names_one_area() {
        let other = DefineArea { name: text("Heaven"), ..define() };
        given([area("haven", 1)]).when(other).then_refused(DefineAreaRefusal::AreaTaken {
            area: code("haven"),
            name: text("Haven"),
        });
    }
}
