//! Change what a host is.

use events::{Code, Date, Guard, HostEvent, HostId, Precision, Text};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::operating;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::host::Attributes;

/// Change some of what a host is, from a day on; what is left out stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeHost {
    /// Which host.
    pub host: HostId,
    /// Its name from then on.
    #[serde(default)]
    pub name: Option<Text>,
    /// Its kind from then on.
    #[serde(default)]
    pub kind: Option<Code>,
    /// Who owns it from then on.
    #[serde(default)]
    pub ownership: Option<Code>,
    /// How many people work there from then on.
    #[serde(default)]
    pub staff: Option<u32>,
    /// The area in which it lies from then on.
    #[serde(default)]
    pub area: Option<Code>,
    /// All the posts that a member should hold from then on.
    #[serde(default)]
    pub key_posts: Option<Vec<Code>>,
    /// From when it holds.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the change of a host is refused.
    ChangeHostRefusal {
        /// Nothing is named that should change.
        NothingToChange("nothing_to_change") {},
        /// No host has that id.
        HostUnknown("host_unknown") { host: HostId },
        /// The host was registered later.
        HostNotYet("host_not_yet") { host: String, registered: Date },
        /// The host is closed, or will be.
        HostClosed("host_closed") { host: String, closed: Date },
        /// The rules have no such kind of host.
        HostKindUnknown("host_kind_unknown") { kind: Code },
        /// The rules have no such ownership.
        OwnershipUnknown("ownership_unknown") { ownership: Code },
        /// No area of that code is defined on that day.
        AreaUnknown("area_unknown") { area: Code },
    }
}

use ChangeHostRefusal as Refusal;

impl Decide for ChangeHost {
    const NAME: &'static str = "change-host";
    const FIELDS: &'static [Field] = &[
        required("host", FieldKind::Host),
        optional("name", FieldKind::Text),
        optional("kind", FieldKind::Text),
        optional("ownership", FieldKind::Text),
        optional("staff", FieldKind::Number),
        optional("area", FieldKind::Text),
        optional("key_posts", FieldKind::Codes),
        EFFECTIVE,
    ];
    type Refusal = ChangeHostRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        let area = self.area.iter().cloned().map(Guard::Area);
        area.chain([Guard::Host(self.host)]).collect()
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let asked = self.asked();
        if asked == Attributes::default() {
            return Err(Refusal::NothingToChange {});
        }
        let host = operating(known, self.host, self.effective)?;
        let rules = &known.policy(self.effective).rules.coverage;
        if let Some(kind) = self.kind.as_ref().filter(|kind| !rules.knows_kind(kind)) {
            return Err(Refusal::HostKindUnknown { kind: kind.clone() });
        }
        let unknown = |ownership: &&Code| !rules.knows_ownership(ownership);
        if let Some(ownership) = self.ownership.as_ref().filter(unknown) {
            return Err(Refusal::OwnershipUnknown { ownership: ownership.clone() });
        }
        let defined = |area: &Code| known.area(area).is_some_and(|(_, day)| *day <= self.effective);
        if let Some(area) = self.area.as_ref().filter(|area| !defined(area)) {
            return Err(Refusal::AreaUnknown { area: area.clone() });
        }
        let before = host.attributes_on(self.effective);
        if asked.clone().over(before.clone()) == before {
            return Ok(Decided::already_so());
        }
        let Attributes { name, kind: host_kind, ownership, staff, area, key_posts } = asked;
        let (effective, precision) = (self.effective, self.precision);
        let mut decided = Decided::default();
        let changed = HostEvent::Changed {
            effective,
            precision,
            name,
            host_kind,
            ownership,
            staff,
            area,
            key_posts,
        };
        decided.push(self.host, changed);
        Ok(decided)
    }
}

impl ChangeHost {
    fn asked(&self) -> Attributes {
        Attributes {
            name: self.name.clone(),
            kind: self.kind.clone(),
            ownership: self.ownership.clone(),
            staff: self.staff,
            area: self.area.clone(),
            key_posts: self.key_posts.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn change() -> ChangeHost {
        ChangeHost {
            host: SUN,
            name: None,
            kind: None,
            ownership: None,
            staff: Some(80),
            area: None,
            key_posts: None,
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn changes_what_is_named_and_nothing_else() {
        given([host(SUN, 1)]).when(change()).then([host_staffed(SUN, 80, 10)]);
    }

    #[test]
    fn what_is_so_already_is_not_recorded_again() {
        let same = ChangeHost { staff: Some(30), kind: Some(code("software")), ..change() };
        given([host(SUN, 1)]).when(same).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([])
            .when(ChangeHost { staff: None, ..change() })
            .then_refused(Refusal::NothingToChange {});
        given([]).when(change()).then_refused(Refusal::HostUnknown { host: SUN });
        given([host(SUN, 20)])
            .when(change())
            .then_refused(Refusal::HostNotYet { host: "sun".into(), registered: day(20) });
        given([host(SUN, 1), host_closed(SUN, 5)])
            .when(change())
            .then_refused(Refusal::HostClosed { host: "sun".into(), closed: day(5) });
        given([host(SUN, 1)])
            .when(ChangeHost { kind: Some(code("bakery")), ..change() })
            .then_refused(Refusal::HostKindUnknown { kind: code("bakery") });
        given([host(SUN, 1)])
            .when(ChangeHost { ownership: Some(code("church")), ..change() })
            .then_refused(Refusal::OwnershipUnknown { ownership: code("church") });
        given([host(SUN, 1)])
            .when(ChangeHost { area: Some(code("haven")), ..change() })
            .then_refused(Refusal::AreaUnknown { area: code("haven") });
    }
}
