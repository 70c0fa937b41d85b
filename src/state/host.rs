//! What decisions remember about a host.

use std::collections::BTreeMap;

use events::{Code, Date, HostEvent, PersonId, Position, Text, Timeline};
use serde::{Deserialize, Serialize};

use super::Subject;

/// One host: its life, what it was, and who of the members worked there, day by day.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Host {
    version: u64,
    code: Option<Code>,
    registered: Option<Date>,
    closed: Option<Date>,
    closed_because: Option<Code>,
    attributes: Timeline<Attributes>,
    staffed: BTreeMap<PersonId, Timeline<Option<Employment>>>,
    last_change: Option<Date>,
}

/// What a host is, or what of it changes: then the others are absent.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Its name.
    pub name: Option<Text>,
    /// Its kind.
    pub kind: Option<Code>,
    /// Who owns it.
    pub ownership: Option<Code>,
    /// How many people work there.
    pub staff: Option<u32>,
    /// Its area.
    pub area: Option<Code>,
    /// The posts that a member should hold.
    pub key_posts: Option<Vec<Code>>,
}

/// How a person is employed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employment {
    /// The post, where it is one that counts.
    pub post: Option<Code>,
    /// Whether there is a contract of employment.
    pub contract: bool,
}

impl Attributes {
    /// These, and the earlier ones where these are absent.
    #[must_use]
    pub fn over(self, earlier: Self) -> Self {
        Self {
            name: self.name.or(earlier.name),
            kind: self.kind.or(earlier.kind),
            ownership: self.ownership.or(earlier.ownership),
            staff: self.staff.or(earlier.staff),
            area: self.area.or(earlier.area),
            key_posts: self.key_posts.or(earlier.key_posts),
        }
    }
}

impl Host {
    /// The code that people use for it.
    #[must_use]
    pub fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// Its first day.
    #[must_use]
    pub fn registered(&self) -> Option<Date> {
        self.registered
    }

    /// The first day without it, if its closing is recorded, be it for a day to come.
    #[must_use]
    pub fn closed(&self) -> Option<Date> {
        self.closed
    }

    /// Why it was closed, where that was said.
    #[must_use]
    pub fn closed_because(&self) -> Option<&Code> {
        self.closed_because.as_ref()
    }

    /// What it was when that day ended.
    #[must_use]
    pub fn attributes_on(&self, day: Date) -> Attributes {
        let until = self.attributes.changes().iter().take_while(|change| change.effective <= day);
        until.fold(Attributes::default(), |earlier, change| change.value.clone().over(earlier))
    }

    /// How a person was employed there when that day ended.
    #[must_use]
    pub fn employment_on(&self, person: PersonId, day: Date) -> Option<&Employment> {
        self.staffed.get(&person)?.on(day)?.as_ref()
    }

    /// The first recorded change of a person's employment there after that day.
    #[must_use]
    pub fn employment_after(&self, person: PersonId, day: Date) -> Option<Date> {
        self.staffed.get(&person)?.after(day).first().map(|change| change.effective)
    }

    /// The day on which a person's employment there ended last.
    #[must_use]
    pub fn employment_ended(&self, person: PersonId) -> Option<Date> {
        let last = self.staffed.get(&person)?.changes().last()?;
        last.value.is_none().then_some(last.effective)
    }

    /// Who is employed there beyond that day.
    pub fn employed_beyond(&self, day: Date) -> impl Iterator<Item = PersonId> {
        let open = move |timeline: &Timeline<Option<Employment>>| {
            timeline.on(day).is_some_and(Option::is_some)
        };
        self.staffed.iter().filter(move |(_, timeline)| open(timeline)).map(|(person, _)| *person)
    }

    /// The latest day on which anything about it is recorded to change.
    #[must_use]
    pub fn last_change(&self) -> Option<Date> {
        self.last_change
    }
}

impl Subject for Host {
    type Event = HostEvent;

    fn apply(&mut self, event: &HostEvent) {
        self.version += 1;
        let position = Position(self.version);
        let effective = events::Family::effective(event);
        match event.clone() {
            HostEvent::Registered {
                code,
                name,
                host_kind,
                ownership,
                staff,
                area,
                key_posts,
                ..
            } => {
                self.code = Some(code);
                self.registered = Some(effective);
                let attributes = Attributes {
                    name: Some(name),
                    kind: Some(host_kind),
                    ownership: Some(ownership),
                    staff: Some(staff),
                    area,
                    key_posts: Some(key_posts),
                };
                self.attributes.insert(effective, position, attributes);
            }
            HostEvent::Changed {
                name, host_kind: kind, ownership, staff, area, key_posts, ..
            } => {
                let attributes = Attributes { name, kind, ownership, staff, area, key_posts };
                self.attributes.insert(effective, position, attributes);
            }
            HostEvent::Closed { reason, .. } => {
                self.closed = Some(effective);
                self.closed_because = reason;
            }
            HostEvent::Employed { person, post, contract, .. } => {
                let employment = Some(Employment { post, contract });
                self.staffed.entry(person).or_default().insert(effective, position, employment);
            }
            HostEvent::EmploymentEnded { person, .. } => {
                self.staffed.entry(person).or_default().insert(effective, position, None);
            }
        }
        self.last_change = self.last_change.max(Some(effective));
    }
}
