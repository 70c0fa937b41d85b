//! Register a host.

use events::{Code, Date, Guard, HostEvent, HostId, Precision, Text};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::host::Attributes;
use crate::state::{Host, Known};

/// Register a host: an enterprise or unit on which branches rest and where members work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterHost {
    /// The code that people will use for it.
    pub code: Code,
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub kind: Code,
    /// Who owns it.
    pub ownership: Code,
    /// How many people work there.
    pub staff: u32,
    /// The area in which it lies.
    #[serde(default)]
    pub area: Option<Code>,
    /// The posts that a member should hold.
    #[serde(default)]
    pub key_posts: Vec<Code>,
    /// The first day on which it operates.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the registration of a host is refused.
    RegisterHostRefusal {
        /// Another host has or had the code.
        HostCodeTaken("host_code_taken") { code: Code, registered: Date },
        /// The rules have no such kind of host.
        HostKindUnknown("host_kind_unknown") { kind: Code },
        /// The rules have no such ownership.
        OwnershipUnknown("ownership_unknown") { ownership: Code },
        /// No area of that code is defined on that day.
        AreaUnknown("area_unknown") { area: Code },
    }
}

use RegisterHostRefusal as Refusal;

impl Decide for RegisterHost {
    const NAME: &'static str = "register-host";
    const FIELDS: &'static [Field] = &[
        required("code", FieldKind::Text),
        required("name", FieldKind::Text),
        required("kind", FieldKind::Text),
        required("ownership", FieldKind::Text),
        required("staff", FieldKind::Number),
        optional("area", FieldKind::Text),
        optional("key_posts", FieldKind::Codes),
        EFFECTIVE,
    ];
    type Refusal = RegisterHostRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        let area = self.area.iter().cloned().map(Guard::Area);
        area.chain([Guard::HostCode(self.code.clone())]).collect()
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        if let Some((_, host)) = known.host_of_code(&self.code) {
            return self.already_registered(host);
        }
        let rules = &known.policy(self.effective).rules.coverage;
        if !rules.knows_kind(&self.kind) {
            return Err(Refusal::HostKindUnknown { kind: self.kind.clone() });
        }
        if !rules.knows_ownership(&self.ownership) {
            return Err(Refusal::OwnershipUnknown { ownership: self.ownership.clone() });
        }
        let defined = |area: &Code| known.area(area).is_some_and(|(_, day)| *day <= self.effective);
        if let Some(area) = self.area.as_ref().filter(|area| !defined(area)) {
            return Err(Refusal::AreaUnknown { area: area.clone() });
        }
        let mut decided = Decided::default();
        let registered = HostEvent::Registered {
            effective: self.effective,
            precision: self.precision,
            code: self.code.clone(),
            name: self.name.clone(),
            host_kind: self.kind.clone(),
            ownership: self.ownership.clone(),
            staff: self.staff,
            area: self.area.clone(),
            key_posts: self.key_posts.clone(),
        };
        decided.push(HostId((setting.fresh)()), registered);
        Ok(decided)
    }
}

impl RegisterHost {
    /// The same registration again is already so; the code of any other host is taken for ever.
    fn already_registered(&self, host: &Host) -> Result<Decided, Refusal> {
        let registered = host.registered().unwrap_or(self.effective);
        let asked = Attributes {
            name: Some(self.name.clone()),
            kind: Some(self.kind.clone()),
            ownership: Some(self.ownership.clone()),
            staff: Some(self.staff),
            area: self.area.clone(),
            key_posts: Some(self.key_posts.clone()),
        };
        if registered == self.effective && host.attributes_on(registered) == asked {
            Ok(Decided::already_so())
        } else {
            Err(Refusal::HostCodeTaken { code: self.code.clone(), registered })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn register() -> RegisterHost {
        RegisterHost {
            code: code("sun"),
            name: text("Sun"),
            kind: code("software"),
            ownership: code("private"),
            staff: 30,
            area: None,
            key_posts: vec![],
            effective: day(2),
            precision: None,
        }
    }

    #[test]
    fn registers_a_host_once() {
        given([]).when(register()).then([host(HostId(fresh(1)), 2)]);
        given([host(SUN, 2)]).when(register()).then([]);
    }

    #[test]
    fn a_code_is_never_used_twice() {
        let taken = Refusal::HostCodeTaken { code: code("sun"), registered: day(2) };
        given([host(SUN, 2)])
            .when(RegisterHost { staff: 31, ..register() })
            .then_refused(taken.clone());
        given([host(SUN, 2), host_closed(SUN, 3)])
            .when(RegisterHost { effective: day(5), ..register() })
            .then_refused(taken);
    }

    #[test]
    fn kind_and_ownership_are_those_of_the_rules_unless_they_are_open() {
        let bakery = RegisterHost { kind: code("bakery"), ..register() };
        given([])
            .when(bakery.clone())
            .then_refused(Refusal::HostKindUnknown { kind: code("bakery") });
        given([])
            .when(RegisterHost { ownership: code("church"), ..register() })
            .then_refused(Refusal::OwnershipUnknown { ownership: code("church") });
        given([]).under("association").when(bakery).then([host_of_kind(
            HostId(fresh(1)),
            2,
            "bakery",
        )]);
    }

    #[test]
    fn an_area_is_defined_before() {
        let there = RegisterHost { area: Some(code("haven")), ..register() };
        let unknown = Refusal::AreaUnknown { area: code("haven") };
        given([]).when(there.clone()).then_refused(unknown.clone());
        given([area("haven", 3)]).when(there.clone()).then_refused(unknown);
        given([area("haven", 1)]).when(there).then([host_in(HostId(fresh(1)), 2, "haven")]);
    }
}
