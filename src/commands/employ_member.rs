//! Record that a person works at a host.

use events::{Code, Date, Guard, HostEvent, HostId, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::identity::died;
use super::shared::operating;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::host::Employment;

/// Record that a person works at a host, or in another post there than before.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmployMember {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub host: HostId,
    /// In which post, where it is one that counts.
    #[serde(default)]
    pub post: Option<Code>,
    /// Whether there is a contract; absent: as before, and none where there was nothing before.
    #[serde(default)]
    pub contract: Option<Contract>,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

/// Whether there is a contract of employment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// It is signed.
    Signed,
    /// There is none.
    None,
}

refusals! {
    /// Why an employment is refused.
    EmployMemberRefusal {
        /// No person has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// The person died.
        PersonDied("person_died") { person: PersonId, died: Date },
        /// No host has that id.
        HostUnknown("host_unknown") { host: HostId },
        /// The host was registered later.
        HostNotYet("host_not_yet") { host: String, registered: Date },
        /// The host is closed, or will be.
        HostClosed("host_closed") { host: String, closed: Date },
        /// A later change of the person's employment there is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use EmployMemberRefusal as Refusal;

impl Decide for EmployMember {
    const NAME: &'static str = "employ-member";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("host", FieldKind::Host),
        optional("post", FieldKind::Text),
        optional("contract", FieldKind::Choice(&["signed", "none"])),
        EFFECTIVE,
    ];
    type Refusal = EmployMemberRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::Person(self.person), Guard::Host(self.host)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, host: id, post, contract, effective, precision } = self.clone();
        if known.person(person).is_none() {
            return Err(Refusal::PersonUnknown { person });
        }
        if let Some(died) = died(known, person) {
            return Err(Refusal::PersonDied { person, died });
        }
        let host = operating(known, id, effective)?;
        let before = host.employment_on(person, effective);
        let contract = match contract {
            Some(contract) => contract == Contract::Signed,
            None => before.is_some_and(|before| before.contract),
        };
        if before == Some(&Employment { post: post.clone(), contract }) {
            return Ok(Decided::already_so());
        }
        if let Some(later) = host.employment_after(person, effective) {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        decided.push(id, HostEvent::Employed { effective, precision, person, post, contract });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{died, *};

    fn employ() -> EmployMember {
        EmployMember {
            person: ANN,
            host: SUN,
            post: None,
            contract: None,
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn a_contract_is_signed_and_stays_when_the_post_changes() {
        let signed = EmployMember { contract: Some(Contract::Signed), ..employ() };
        let at_work = [registered(ANN), host(SUN, 1), employed(ANN, SUN, 5)];
        given(at_work.clone()).when(signed.clone()).then([contracted(ANN, SUN, 10)]);
        given(at_work.clone()).and([contracted(ANN, SUN, 6)]).when(signed).then([]);
        given(at_work).and([contracted(ANN, SUN, 6)]).when(employ()).then([]);
    }

    #[test]
    fn a_person_takes_up_work_and_later_a_post() {
        given([registered(ANN), host(SUN, 1)]).when(employ()).then([employed(ANN, SUN, 10)]);
        given([registered(ANN), host(SUN, 1), employed(ANN, SUN, 5)]).when(employ()).then([]);
        given([registered(ANN), host(SUN, 1), employed(ANN, SUN, 5)])
            .when(EmployMember { post: Some(code("editor")), ..employ() })
            .then([employed_as(ANN, SUN, "editor", 10)]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([]).when(employ()).then_refused(Refusal::PersonUnknown { person: ANN });
        given([registered(ANN)]).when(employ()).then_refused(Refusal::HostUnknown { host: SUN });
        given([registered(ANN), host(SUN, 20)])
            .when(employ())
            .then_refused(Refusal::HostNotYet { host: "sun".into(), registered: day(20) });
        given([registered(ANN), host(SUN, 1), host_closed(SUN, 5)])
            .when(employ())
            .then_refused(Refusal::HostClosed { host: "sun".into(), closed: day(5) });
        given([registered(ANN), host(SUN, 1), employed(ANN, SUN, 15)])
            .when(employ())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }

    #[test]
    fn who_died_is_refused() {
        given([registered(ANN), died(ANN, 8)])
            .when(employ())
            .then_refused(Refusal::PersonDied { person: ANN, died: day(8) });
    }
}
