//! Events as sentences. One per kind, in the catalogue under `told-KIND`.

use std::collections::HashMap;

use events::membership::EndReason;
use events::post::LeaveReason;
use events::{
    BranchEvent, BranchId, Event, LedgerEvent, MembershipEvent, PersonEvent, PersonId, PolicyEvent,
    PostEvent, Precision, StreamId,
};
use serde::Serialize;

use super::names::Names;
use super::output::Output;
use crate::ledger::Explained;
use crate::messages::Arg;

/// What sentences need beside the events: what branches are called, and people where asked for.
pub(super) struct Teller {
    /// The codes and present names of branches, by id.
    pub(super) branches: HashMap<String, (String, String)>,
    /// The names of people.
    pub(super) names: Names,
}

/// An event with its envelope, as programs get it.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    position: u64,
    effective: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<&'a str>,
    kind: &'static str,
    stream: String,
    sequence: u64,
    recorded_at: String,
    actor: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    approver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<&'a str>,
    source: &'a str,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
    payload: serde_json::Value,
}

impl Teller {
    /// The sentence for an event.
    pub(super) fn tell(&self, output: &Output<'_>, stream: StreamId, event: &Event) -> String {
        let key = format!("told-{}", event.kind().name);
        output.text(&key, &self.args(output, stream, event))
    }

    fn args(&self, output: &Output<'_>, stream: StreamId, event: &Event) -> Vec<Arg<'static>> {
        let branch = |id: &BranchId| self.branch(id);
        let under = |id: &Option<BranchId>| {
            id.as_ref().map_or_else(|| output.text("top-level", &[]), branch)
        };
        let all = |ids: &[BranchId]| self.all(output, ids);
        let person = |id: &PersonId| self.person(output, id);
        let reason = |code: &str| output.text(&format!("reason-{code}"), &[]);
        let own = self.branch(&BranchId(stream.id));
        let args: Vec<(&str, String)> = match event {
            Event::Ledger(LedgerEvent::Opened { zone, preset, .. }) => {
                vec![("zone", zone.to_string()), ("preset", preset.to_string())]
            }
            Event::Policy(PolicyEvent::Adopted { rules, .. }) => {
                vec![("rules", rules.name.to_string())]
            }
            Event::Person(PersonEvent::Registered { .. }) => {
                vec![("person", person(&PersonId(stream.id)))]
            }
            Event::Membership(MembershipEvent::Admitted {
                person: who, home, previous, ..
            }) => {
                let again = if previous.is_some() { "yes" } else { "no" };
                vec![("person", person(who)), ("branch", branch(home)), ("again", again.into())]
            }
            Event::Membership(MembershipEvent::HomeMoved { person: who, from, to, .. }) => {
                vec![("person", person(who)), ("from", branch(from)), ("to", branch(to))]
            }
            Event::Membership(MembershipEvent::Ended {
                person: who, home, reason: why, ..
            }) => {
                vec![
                    ("person", person(who)),
                    ("branch", branch(home)),
                    ("why", end_reason(*why).into()),
                    ("reason", reason(end_reason(*why))),
                ]
            }
            Event::Post(PostEvent::Taken { branch: place, role, person: who, .. }) => {
                vec![("person", person(who)), ("branch", branch(place)), ("role", role.to_string())]
            }
            Event::Post(PostEvent::Left {
                branch: place, role, person: who, reason: why, ..
            }) => {
                vec![
                    ("person", person(who)),
                    ("branch", branch(place)),
                    ("role", role.to_string()),
                    ("why", leave_reason(*why).into()),
                    ("reason", reason(leave_reason(*why))),
                ]
            }
            Event::Branch(BranchEvent::Formed { code, name, parent, formed_from, .. }) => vec![
                ("branch", code.to_string()),
                ("name", name.to_string()),
                ("parent", under(parent)),
                ("origins", all(formed_from)),
            ],
            Event::Branch(BranchEvent::Renamed { name, .. }) => {
                vec![("branch", own), ("name", name.to_string())]
            }
            Event::Branch(BranchEvent::Moved { from, to, .. }) => {
                vec![("branch", own), ("from", under(from)), ("to", under(to))]
            }
            Event::Branch(BranchEvent::Dissolved { into, .. }) => {
                vec![("branch", own), ("into", all(into))]
            }
        };
        args.into_iter().map(|(name, value)| (name, value.into())).collect()
    }

    /// The event for programs.
    pub(super) fn value<'a>(&'a self, explained: &'a Explained) -> Told<'a> {
        let (envelope, recorded) = (&explained.envelope, &explained.recorded);
        let payload = recorded.event.payload();
        let payload = serde_json::from_slice(&payload).expect("a payload is JSON");
        Told {
            position: recorded.position.0,
            effective: recorded.event.effective().to_string(),
            precision: precision(&recorded.event).map(|precision| match precision {
                Precision::Year => "year",
                Precision::Month => "month",
            }),
            kind: recorded.event.kind().name,
            stream: recorded.stream.to_string(),
            sequence: recorded.sequence,
            recorded_at: recorded.recorded_at.to_string(),
            actor: &envelope.actor,
            approver: envelope.approver.as_deref(),
            authority: envelope.authority.as_deref(),
            source: &envelope.source,
            key: &envelope.key,
            member: person_of(recorded.stream, &recorded.event)
                .and_then(|person| self.names.of(&person.to_string())),
            payload,
        }
    }

    fn branch(&self, id: &BranchId) -> String {
        let id = id.to_string();
        self.branches.get(&id).map_or(id, |(code, _)| code.clone())
    }

    /// Branches in a list; `none` where there are none, for the sentence to choose by.
    fn all(&self, output: &Output<'_>, ids: &[BranchId]) -> String {
        match ids {
            [] => "none".to_owned(),
            ids => {
                let branches: Vec<_> = ids.iter().map(|id| self.branch(id)).collect();
                branches.join(&output.text("separator", &[]))
            }
        }
    }

    fn person(&self, output: &Output<'_>, id: &PersonId) -> String {
        let id = id.to_string();
        if self.names.were_asked() { self.names.shown(output, &id) } else { id }
    }
}

/// The person whom an event is about, if it is about one.
pub(super) fn person_of(stream: StreamId, event: &Event) -> Option<PersonId> {
    match event {
        Event::Person(PersonEvent::Registered { .. }) => Some(PersonId(stream.id)),
        Event::Membership(
            MembershipEvent::Admitted { person, .. }
            | MembershipEvent::HomeMoved { person, .. }
            | MembershipEvent::Ended { person, .. },
        )
        | Event::Post(PostEvent::Taken { person, .. } | PostEvent::Left { person, .. }) => {
            Some(*person)
        }
        Event::Ledger(_) | Event::Policy(_) | Event::Branch(_) => None,
    }
}

fn end_reason(reason: EndReason) -> &'static str {
    let found = EndReason::ALL.iter().find(|(_, other)| *other == reason);
    found.map_or("left", |(code, _)| code)
}

fn leave_reason(reason: LeaveReason) -> &'static str {
    match reason {
        LeaveReason::Left => "left",
        LeaveReason::HomeEnded => "home_ended",
        LeaveReason::BranchDissolved => "branch_dissolved",
    }
}

/// How exact an event's date is.
fn precision(event: &Event) -> Option<Precision> {
    match event {
        Event::Ledger(LedgerEvent::Opened { precision, .. })
        | Event::Policy(PolicyEvent::Adopted { precision, .. })
        | Event::Person(PersonEvent::Registered { precision, .. })
        | Event::Membership(
            MembershipEvent::Admitted { precision, .. }
            | MembershipEvent::HomeMoved { precision, .. }
            | MembershipEvent::Ended { precision, .. },
        )
        | Event::Post(PostEvent::Taken { precision, .. } | PostEvent::Left { precision, .. })
        | Event::Branch(
            BranchEvent::Formed { precision, .. }
            | BranchEvent::Renamed { precision, .. }
            | BranchEvent::Moved { precision, .. }
            | BranchEvent::Dissolved { precision, .. },
        ) => *precision,
    }
}
