//! Fixtures about hosts, the branches over them, and relations.

use events::branch::{FormationMode, Rank};
use events::{
    BranchEvent, BranchId, Code, HostEvent, HostId, LedgerEvent, Party, PersonEvent, PersonId,
    RelationEvent, RelationId, RelationKind,
};
use uuid::Uuid;

use super::{Given, LEDGER, code, day, id, title_case};

pub(crate) const SUN: HostId = HostId(id(0x51));
pub(crate) const MOON: HostId = HostId(id(0x52));
pub(crate) const R1: Uuid = id(0x61);
pub(crate) const R2: Uuid = id(0x62);

pub(crate) fn area(area: &str, from: i8) -> Given {
    let (code, name) = (code(area), title_case(area));
    let event = LedgerEvent::AreaDefined { effective: day(from), precision: None, code, name };
    (LEDGER.into(), event.into())
}

pub(crate) fn born_within(person: PersonId, from_year: u16) -> Given {
    let event = PersonEvent::BirthBandRecorded { effective: day(1), precision: None, from_year };
    (person.into(), event.into())
}

pub(crate) fn host(host: HostId, from: i8) -> Given {
    registration(host, from, "software", None)
}

pub(crate) fn host_of_kind(host: HostId, from: i8, kind: &str) -> Given {
    registration(host, from, kind, None)
}

pub(crate) fn host_in(host: HostId, from: i8, area: &str) -> Given {
    registration(host, from, "software", Some(area))
}

fn registration(host: HostId, from: i8, kind: &str, area: Option<&str>) -> Given {
    let name = if host == MOON { "moon" } else { "sun" };
    let event = HostEvent::Registered {
        effective: day(from),
        precision: None,
        code: code(name),
        name: title_case(name),
        host_kind: code(kind),
        ownership: code("private"),
        staff: 30,
        area: area.map(code),
        key_posts: vec![],
    };
    (host.into(), event.into())
}

pub(crate) fn host_staffed(host: HostId, staff: u32, from: i8) -> Given {
    let event = HostEvent::Changed {
        effective: day(from),
        precision: None,
        name: None,
        host_kind: None,
        ownership: None,
        staff: Some(staff),
        area: None,
        key_posts: None,
    };
    (host.into(), event.into())
}

pub(crate) fn host_closed(host: HostId, on: i8) -> Given {
    let event = HostEvent::Closed { effective: day(on), precision: None, reason: None };
    (host.into(), event.into())
}

pub(crate) fn employed(person: PersonId, host: HostId, from: i8) -> Given {
    employment(person, host, None, from, false)
}

pub(crate) fn employed_as(person: PersonId, host: HostId, post: &str, from: i8) -> Given {
    employment(person, host, Some(code(post)), from, false)
}

pub(crate) fn contracted(person: PersonId, host: HostId, from: i8) -> Given {
    employment(person, host, None, from, true)
}

fn employment(
    person: PersonId,
    host: HostId,
    post: Option<Code>,
    from: i8,
    contract: bool,
) -> Given {
    let (effective, precision) = (day(from), None);
    (host.into(), HostEvent::Employed { effective, precision, person, post, contract }.into())
}

pub(crate) fn unemployed(person: PersonId, host: HostId, on: i8) -> Given {
    let event = HostEvent::EmploymentEnded { effective: day(on), precision: None, person };
    (host.into(), event.into())
}

pub(crate) fn attached(branch: BranchId, host: HostId, mode: FormationMode, from: i8) -> Given {
    attachment(branch, host, (mode, Rank::Primary), from)
}

pub(crate) fn attached_beside(
    branch: BranchId,
    host: HostId,
    mode: FormationMode,
    from: i8,
) -> Given {
    attachment(branch, host, (mode, Rank::Secondary), from)
}

fn attachment(
    branch: BranchId,
    host: HostId,
    (mode, rank): (FormationMode, Rank),
    from: i8,
) -> Given {
    let effective = day(from);
    let event = BranchEvent::HostAttached { effective, precision: None, host, mode, rank };
    (branch.into(), event.into())
}

pub(crate) fn detached(branch: BranchId, host: HostId, on: i8) -> Given {
    let event = BranchEvent::HostDetached { effective: day(on), precision: None, host };
    (branch.into(), event.into())
}

const GUIDED: RelationKind = RelationKind::GuidedBy;

pub(crate) fn guidance_proposed(host: HostId, by: BranchId, from: i8, relation: Uuid) -> Given {
    let (effective, precision) = (day(from), None);
    let (from, to) = (Party::Host(host), Party::Branch(by));
    let event = RelationEvent::Proposed { effective, precision, relation: GUIDED, from, to };
    (RelationId(relation).into(), event.into())
}

pub(crate) fn guided(host: HostId, by: BranchId, from: i8, relation: Uuid) -> Given {
    accepted(Party::Host(host), Party::Branch(by), from, relation)
}

pub(crate) fn branch_guided(branch: BranchId, by: BranchId, from: i8, relation: Uuid) -> Given {
    accepted(Party::Branch(branch), Party::Branch(by), from, relation)
}

fn accepted(from: Party, to: Party, on: i8, relation: Uuid) -> Given {
    let (effective, precision) = (day(on), None);
    let event = RelationEvent::Accepted { effective, precision, relation: GUIDED, from, to };
    (RelationId(relation).into(), event.into())
}

pub(crate) fn unguided(host: HostId, by: BranchId, on: i8, relation: Uuid) -> Given {
    let (effective, precision, reason) = (day(on), None, None);
    let (from, to) = (Party::Host(host), Party::Branch(by));
    let event = RelationEvent::Ended { effective, precision, relation: GUIDED, from, to, reason };
    (RelationId(relation).into(), event.into())
}

pub(crate) fn branch_unguided(branch: BranchId, by: BranchId, on: i8, relation: Uuid) -> Given {
    let (effective, precision, reason) = (day(on), None, None);
    let (from, to) = (Party::Branch(branch), Party::Branch(by));
    let event = RelationEvent::Ended { effective, precision, relation: GUIDED, from, to, reason };
    (RelationId(relation).into(), event.into())
}
