//! Events as sentences. One per kind, in the catalogue under `told-KIND`.

mod structure;
mod transfers;

mod lives;

use std::collections::HashMap;

use events::clock::FindingCount;
use events::{
    BranchId, ClockEvent, Code, CorrectionEvent, Event, FamilyName, HostEvent, LedgerEvent, Party,
    PersonId, PolicyEvent, Precision, RelationEvent, StreamId,
};
use serde::Serialize;

use super::names::Names;
use super::output::Output;
use crate::ledger::{Corrected, Explained};
use crate::messages::Arg;

/// What sentences need beside the events: what branches are called, and people where asked for.
pub(super) struct Teller {
    /// The codes and present names of branches and hosts, by id.
    pub(super) bodies: HashMap<String, (String, String)>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_by: Option<u64>,
    payload: serde_json::Value,
}

impl Told<'_> {
    /// The same event, of which a correction says that it does not count as it stands.
    pub(super) fn corrected(self, mark: Option<&Corrected>) -> Self {
        let (how, by) = (mark.map(|mark| mark.how), mark.map(|mark| mark.by.0));
        Self { corrected: how, corrected_by: by, ..self }
    }
}

impl Teller {
    /// The sentence for an event.
    pub(super) fn tell(&self, output: &Output<'_>, stream: StreamId, event: &Event) -> String {
        let key = format!("told-{}", event.kind().name);
        output.text(&key, &self.args(output, stream, event))
    }

    fn args(&self, output: &Output<'_>, stream: StreamId, event: &Event) -> Vec<Arg<'static>> {
        let args: Vec<(&str, String)> = match event {
            Event::Ledger(LedgerEvent::Opened { zone, preset, .. }) => {
                vec![("zone", zone.to_string()), ("preset", preset.to_string())]
            }
            Event::Ledger(LedgerEvent::AreaDefined { code, name, .. }) => {
                vec![("area", code.to_string()), ("name", name.to_string())]
            }
            Event::Policy(PolicyEvent::Adopted { rules, .. }) => {
                vec![("rules", rules.name.to_string())]
            }
            Event::Person(event) => self.person_args(output, stream, event),
            Event::Host(event) => self.host_args(output, stream, event),
            Event::Clock(event) => self.clock_args(output, event),
            Event::Relation(event) => self.relation_args(output, event),
            Event::Transfer(event) => self.transfer_args(output, event),
            Event::Membership(event) => self.membership_args(output, event),
            Event::Post(event) => self.post_args(output, event),
            Event::Branch(event) => self.branch_args(output, stream, event),
            Event::Correction(event) => self.correction_args(output, stream, event),
            Event::Reorganisation(event) => self.reorganisation_args(output, event),
        };
        args.into_iter().map(|(name, value)| (name, value.into())).collect()
    }

    fn correction_args(
        &self,
        output: &Output<'_>,
        stream: StreamId,
        event: &CorrectionEvent,
    ) -> Vec<(&'static str, String)> {
        let by = match event {
            CorrectionEvent::Replaced { by, .. } => Some(by.event()),
            CorrectionEvent::Retracted { .. } | CorrectionEvent::Redated { .. } => None,
        };
        let by = by.map(|by| ("by", self.tell(output, stream, by)));
        let was = [
            ("was", self.tell(output, stream, event.was())),
            ("date", event.was().effective().to_string()),
            ("reason", event.reason().to_string()),
        ];
        was.into_iter().chain(by).collect()
    }

    fn host_args(
        &self,
        output: &Output<'_>,
        stream: StreamId,
        event: &HostEvent,
    ) -> Vec<(&'static str, String)> {
        let host = self.body(&stream.id.to_string());
        let post = |post: &Option<Code>| post.as_ref().map_or("none".to_owned(), Code::to_string);
        match event {
            HostEvent::Registered { code, name, host_kind, ownership, staff, .. } => vec![
                ("host", code.to_string()),
                ("name", name.to_string()),
                ("kind", host_kind.to_string()),
                ("ownership", ownership.to_string()),
                ("staff", staff.to_string()),
            ],
            HostEvent::Changed { name, host_kind, ownership, staff, area, key_posts, .. } => {
                let key_posts = key_posts
                    .as_ref()
                    .map(|posts| posts.iter().map(Code::as_str).collect::<Vec<_>>().join(" "));
                let changes = [
                    ("field-name", name.as_ref().map(ToString::to_string)),
                    ("field-kind", host_kind.as_ref().map(ToString::to_string)),
                    ("field-ownership", ownership.as_ref().map(ToString::to_string)),
                    ("field-staff", staff.as_ref().map(ToString::to_string)),
                    ("field-area", area.as_ref().map(ToString::to_string)),
                    ("field-key_posts", key_posts),
                ];
                let told = changes.into_iter().filter_map(|(field, value)| {
                    Some(format!("{}: {}", output.text(field, &[]), value?))
                });
                vec![
                    ("host", host),
                    ("changes", told.collect::<Vec<_>>().join(&output.text("separator", &[]))),
                ]
            }
            HostEvent::Closed { .. } => vec![("host", host)],
            HostEvent::Employed { person, post: held, contract, .. } => vec![
                ("person", self.person(output, person)),
                ("host", host),
                ("post", post(held)),
                ("contract", if *contract { "signed" } else { "none" }.to_owned()),
            ],
            HostEvent::EmploymentEnded { person, .. } => {
                vec![("person", self.person(output, person)), ("host", host)]
            }
        }
    }

    fn clock_args(&self, output: &Output<'_>, event: &ClockEvent) -> Vec<(&'static str, String)> {
        match event {
            ClockEvent::Advanced { effective, .. } => vec![("day", effective.to_string())],
            ClockEvent::FellDue { subject, due, rule, branch, .. } => vec![
                ("due", output.text(&format!("due-{due}"), &[])),
                ("rule", rule.to_string()),
                ("subject", self.subject(output, *subject, branch.as_ref())),
            ],
            ClockEvent::ScreeningHeld { root, branches, members, findings, .. } => {
                let count = |found: &FindingCount| {
                    let text = output.text(&format!("screened-{}", found.finding), &[]);
                    format!("{text}: {}", found.count)
                };
                let findings = match &findings[..] {
                    [] => output.text("nothing", &[]),
                    found => {
                        let found: Vec<String> = found.iter().map(count).collect();
                        found.join(&output.text("separator", &[]))
                    }
                };
                vec![
                    ("branch", self.branch(root)),
                    ("branches", branches.to_string()),
                    ("members", members.to_string()),
                    ("findings", findings),
                ]
            }
        }
    }

    /// What something fell due for: a body by its code, a person, or what lies at a branch.
    pub(super) fn subject(
        &self,
        output: &Output<'_>,
        subject: StreamId,
        branch: Option<&BranchId>,
    ) -> String {
        match subject.family {
            FamilyName::Person => self.person(output, &PersonId(subject.id)),
            FamilyName::Branch | FamilyName::Host => self.body(&subject.id.to_string()),
            FamilyName::Post
            | FamilyName::Ledger
            | FamilyName::Membership
            | FamilyName::Policy
            | FamilyName::Relation
            | FamilyName::Transfer
            | FamilyName::Reorganisation
            | FamilyName::Clock => branch.map_or_else(|| subject.to_string(), |id| self.branch(id)),
        }
    }

    fn relation_args(
        &self,
        output: &Output<'_>,
        event: &RelationEvent,
    ) -> Vec<(&'static str, String)> {
        let (RelationEvent::Proposed { relation, from, to, .. }
        | RelationEvent::Accepted { relation, from, to, .. }
        | RelationEvent::Ended { relation, from, to, .. }) = event;
        let end = |party: &Party| self.body(&StreamId::from(*party).id.to_string());
        vec![
            ("relation", output.text(&format!("relation-{}", relation.code()), &[])),
            ("from", end(from)),
            ("to", end(to)),
        ]
    }

    /// The event for programs.
    pub(super) fn value<'a>(&'a self, explained: &'a Explained) -> Told<'a> {
        let (envelope, recorded) = (&explained.envelope, &explained.recorded);
        let payload = recorded.event.payload();
        let payload = serde_json::from_slice(&payload).expect("a payload is JSON");
        Told {
            position: recorded.position.0,
            effective: recorded.event.effective().to_string(),
            precision: recorded.event.precision().map(|precision| match precision {
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
            corrected: None,
            corrected_by: None,
            payload,
        }
    }

    fn branch(&self, id: &BranchId) -> String {
        self.body(&id.to_string())
    }

    /// The code of a branch or host.
    pub(super) fn body(&self, id: &str) -> String {
        self.bodies.get(id).map_or_else(|| id.to_owned(), |(code, _)| code.clone())
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
        Event::Person(_) => Some(PersonId(stream.id)),
        Event::Host(
            HostEvent::Employed { person, .. } | HostEvent::EmploymentEnded { person, .. },
        ) => Some(*person),
        Event::Host(
            HostEvent::Registered { .. } | HostEvent::Changed { .. } | HostEvent::Closed { .. },
        ) => None,
        Event::Membership(event) => Some(event.person()),
        Event::Post(event) => Some(event.seat().2),
        Event::Correction(correction) => person_of(stream, correction.was()),
        Event::Transfer(event) => event.case().map(|case| case.person),
        Event::Clock(ClockEvent::FellDue { subject, .. }) => {
            (subject.family == FamilyName::Person).then_some(PersonId(subject.id))
        }
        Event::Ledger(_)
        | Event::Policy(_)
        | Event::Branch(_)
        | Event::Relation(_)
        | Event::Reorganisation(_)
        | Event::Clock(ClockEvent::Advanced { .. } | ClockEvent::ScreeningHeld { .. }) => None,
    }
}
