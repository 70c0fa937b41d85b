//! Record that a person works at a host no longer.

use events::{Date, Guard, HostEvent, HostId, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::host_code;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Record that a person works at a host no longer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndEmployment {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub host: HostId,
    /// The first day without them.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the end of an employment is refused.
    EndEmploymentRefusal {
        /// No host has that id.
        HostMissing("host_unknown") { host: HostId },
        /// The person does not work there on that day.
        NotEmployed("not_employed") { person: PersonId, host: String, effective: Date },
        /// A later change of the person's employment there is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use EndEmploymentRefusal as Refusal;

impl Decide for EndEmployment {
    const NAME: &'static str = "end-employment";
    const FIELDS: &'static [Field] =
        &[required("person", FieldKind::Person), required("host", FieldKind::Host), EFFECTIVE];
    type Refusal = EndEmploymentRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::Host(self.host)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, host: id, effective, precision } = *self;
        let host = known.host(id).ok_or(Refusal::HostMissing { host: id })?;
        if host.employment_ended(person) == Some(effective) {
            return Ok(Decided::already_so());
        }
        if host.employment_on(person, effective).is_none() {
            let host = host_code(host);
            return Err(Refusal::NotEmployed { person, host, effective });
        }
        if let Some(later) = host.employment_after(person, effective) {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        decided.push(id, HostEvent::EmploymentEnded { effective, precision, person });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn end() -> EndEmployment {
        EndEmployment { person: ANN, host: SUN, effective: day(10), precision: None }
    }

    #[test]
    fn ends_an_employment_once() {
        let ann = [registered(ANN), host(SUN, 1), employed(ANN, SUN, 5)];
        given(ann.clone()).when(end()).then([unemployed(ANN, SUN, 10)]);
        given(ann).and([unemployed(ANN, SUN, 10)]).when(end()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([]).when(end()).then_refused(Refusal::HostMissing { host: SUN });
        given([host(SUN, 1)]).when(end()).then_refused(Refusal::NotEmployed {
            person: ANN,
            host: "sun".into(),
            effective: day(10),
        });
        given([host(SUN, 1), employed(ANN, SUN, 5), employed_as(ANN, SUN, "editor", 15)])
            .when(end())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
