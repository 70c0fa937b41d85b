//! given(events).then(rows): the only way in which projections are tested.
//!
//! Everything happens in January 2020, so a date is a day. A row reads
//! `from..until known from..until by opening/line-closing: cells`.

mod clock;
mod lives;
mod random;
mod rules;
mod transfers;

use events::branch::{FormationMode, Rank};
use events::membership::{EndReason, Via};
use events::post::{HoldingMode, LeaveReason};
use events::{
    BranchEvent, BranchId, Code, CorrectionEvent, Date, Event, HostEvent, HostId, Instant,
    LedgerEvent, LedgerId, MembershipEvent, MembershipId, Party, PersonEvent, PersonId, Position,
    PostEvent, PostId, Recorded, RelationEvent, RelationId, RelationKind, StreamId, Text,
    TransferEvent, TransferId,
};
use uuid::Uuid;

pub(crate) use self::clock::*;
pub(crate) use self::lives::*;
pub(crate) use self::random::{any_histories, folds_as_defined};
pub(crate) use self::rules::rules;
pub(crate) use self::transfers::*;
use crate::intervals::{IntervalFold, Intervals};
use crate::points::{PointFold, Points};
use crate::projection::{Op, Projection};
use crate::table::{Cell, Row};

pub(crate) const A: BranchId = BranchId(Uuid::from_u128(0xa));
pub(crate) const B: BranchId = BranchId(Uuid::from_u128(0xb));
pub(crate) const C: BranchId = BranchId(Uuid::from_u128(0xc));
pub(crate) const D: BranchId = BranchId(Uuid::from_u128(0xd));
pub(crate) const E: BranchId = BranchId(Uuid::from_u128(0xe));
pub(crate) const P1: PersonId = PersonId(Uuid::from_u128(0x21));
pub(crate) const P2: PersonId = PersonId(Uuid::from_u128(0x22));
pub(crate) const P3: PersonId = PersonId(Uuid::from_u128(0x23));
pub(crate) const P4: PersonId = PersonId(Uuid::from_u128(0x24));
pub(crate) const M1: MembershipId = MembershipId(Uuid::from_u128(0x31));
pub(crate) const M2: MembershipId = MembershipId(Uuid::from_u128(0x32));
pub(crate) const M3: MembershipId = MembershipId(Uuid::from_u128(0x33));
pub(crate) const H1: HostId = HostId(Uuid::from_u128(0x51));
pub(crate) const H2: HostId = HostId(Uuid::from_u128(0x52));
pub(crate) const R1: RelationId = RelationId(Uuid::from_u128(0x61));
pub(crate) const T1: TransferId = TransferId(Uuid::from_u128(0x71));
pub(crate) const O1: PostId = PostId(Uuid::from_u128(0x41));
pub(crate) const O2: PostId = PostId(Uuid::from_u128(0x42));
pub(crate) const O3: PostId = PostId(Uuid::from_u128(0x43));

/// What a history is made of: an event and its stream. Its place in the history is its position.
pub(crate) type Happened = (StreamId, Event);

/// What a projection made of a history.
pub(crate) struct Given(Vec<Row>);

pub(crate) fn given<I: Intervals>(history: &[Happened]) -> Given {
    Given(table(&mut IntervalFold::<I>::default(), &recorded(history)))
}

pub(crate) fn given_points<P: Points>(history: &[Happened]) -> Given {
    Given(table(&mut PointFold::<P>::default(), &recorded(history)))
}

/// The rows that a projection makes of a history.
pub(crate) fn rows<I: Intervals>(history: &[Happened]) -> Vec<Row> {
    table(&mut IntervalFold::<I>::default(), &recorded(history))
}

impl Given {
    /// Every row there is, superseded ones too.
    #[track_caller]
    pub(crate) fn then(self, expected: &[&str]) {
        assert_eq!(self.0.iter().map(told).collect::<Vec<_>>(), expected);
    }

    /// The rows that are known still.
    #[track_caller]
    pub(crate) fn now(self, expected: &[&str]) {
        assert_eq!(self.known().iter().map(told).collect::<Vec<_>>(), expected);
    }

    pub(crate) fn known(self) -> Vec<Row> {
        self.0.into_iter().filter(|row| row.known_until.is_none()).collect()
    }
}

fn told(row: &Row) -> String {
    let Row { valid_from, valid_until, known_from, known_until, opened_by, closed_by, .. } = row;
    let mut told = format!("{:02}..", valid_from.day());
    told += &valid_until.map(|until| format!("{:02}", until.day())).unwrap_or_default();
    told += &format!(" known {known_from}..");
    told += &known_until.map(|until| until.to_string()).unwrap_or_default();
    told += &format!(" by {opened_by}");
    if row.line > 0 {
        told += &format!("/{}", row.line);
    }
    told += &closed_by.map(|closing| format!("-{closing}")).unwrap_or_default();
    let cells = row.cells.iter().map(|cell| match cell.as_text() {
        None => "-".to_owned(),
        Some(text) => text
            .parse::<Uuid>()
            .map_or_else(|_| text.to_owned(), |id| format!("#{:x}", id.as_u128())),
    });
    format!("{told}: {}", cells.collect::<Vec<_>>().join(" "))
}

pub(crate) fn recorded(history: &[Happened]) -> Vec<Recorded> {
    let recorded = (1..).zip(history).map(|(position, (stream, event))| {
        let before = &history[..position - 1];
        Recorded {
            position: Position(position as u64),
            stream: *stream,
            sequence: before.iter().filter(|(other, _)| other == stream).count() as u64 + 1,
            recorded_at: Instant::UNIX_EPOCH,
            key: String::new(),
            version: event.kind().version,
            event: event.clone(),
        }
    });
    recorded.collect()
}

/// Has a fold take the n-th event, with the past that it asks for.
pub(crate) fn take(fold: &mut dyn Projection, history: &[Recorded], index: usize) -> Vec<Op> {
    if let Some(stream) = fold.recalls(&history[index]) {
        let past = history[..index].iter().filter(|event| event.stream == stream);
        fold.recall(&past.cloned().collect::<Vec<_>>());
        assert_eq!(fold.recalls(&history[index]), None);
    }
    fold.apply(&history[index])
}

/// The rows that a store would have after the events, in its order.
fn table(fold: &mut dyn Projection, history: &[Recorded]) -> Vec<Row> {
    let mut rows = Vec::new();
    for index in 0..history.len() {
        keep(&mut rows, take(fold, history, index));
    }
    rows.sort_by_key(Row::place);
    rows
}

/// Does to rows what a store would do, and refuses what a store could not.
pub(crate) fn keep(rows: &mut Vec<Row>, ops: Vec<Op>) {
    for op in ops {
        match op {
            Op::Open(row) => {
                assert!(!rows.iter().any(|other| other.place() == row.place()), "{row:?} twice");
                rows.push(row);
            }
            Op::Close { known_from, opened_by, line, known_until } => {
                let row = rows.iter_mut().find(|row| row.place() == (known_from, opened_by, line));
                let row = row.expect("a row that is closed was opened");
                assert_eq!(row.known_until.replace(known_until), None, "closed twice");
            }
        }
    }
}

pub(crate) fn day(day: i8) -> Date {
    Date::constant(2020, 1, day)
}

pub(super) fn happened(subject: impl Into<StreamId>, event: impl Into<Event>) -> Happened {
    (subject.into(), event.into())
}

pub(crate) fn registered(on: i8, person: PersonId) -> Happened {
    happened(person, PersonEvent::Registered { effective: day(on), precision: None })
}

pub(crate) fn formed(on: i8, branch: BranchId, name: &str, parent: Option<BranchId>) -> Happened {
    happened(branch, formation(on, branch, name, parent, &[]))
}

pub(crate) fn merged(on: i8, branch: BranchId, name: &str, from: &[BranchId]) -> Happened {
    happened(branch, formation(on, branch, name, None, from))
}

fn formation(
    on: i8,
    branch: BranchId,
    name: &str,
    parent: Option<BranchId>,
    formed_from: &[BranchId],
) -> BranchEvent {
    BranchEvent::Formed {
        effective: day(on),
        precision: None,
        code: code(&format!("{:x}", branch.0.as_u128())),
        name: text(name),
        title: None,
        branch_kind: code("branch"),
        parent,
        formed_from: formed_from.to_vec(),
    }
}

pub(crate) fn renamed(on: i8, branch: BranchId, name: &str) -> Happened {
    let name = text(name);
    happened(branch, BranchEvent::Renamed { effective: day(on), precision: None, name })
}

pub(crate) fn moved(
    on: i8,
    branch: BranchId,
    from: Option<BranchId>,
    to: Option<BranchId>,
) -> Happened {
    happened(branch, BranchEvent::Moved { effective: day(on), precision: None, from, to })
}

pub(crate) fn dissolved(
    on: i8,
    branch: BranchId,
    parent: Option<BranchId>,
    into: &[BranchId],
) -> Happened {
    let (effective, into) = (day(on), into.to_vec());
    let event = BranchEvent::Dissolved { effective, precision: None, parent, reason: None, into };
    happened(branch, event)
}

pub(crate) fn admitted(
    on: i8,
    membership: MembershipId,
    person: PersonId,
    home: BranchId,
) -> Happened {
    let effective = day(on);
    let (precision, state, previous) = (None, None, None);
    let event = MembershipEvent::Admitted { effective, precision, person, home, state, previous };
    happened(membership, event)
}

pub(crate) fn home_moved(
    on: i8,
    membership: MembershipId,
    person: PersonId,
    from: BranchId,
    to: BranchId,
) -> Happened {
    let (effective, via) = (day(on), Via::Transfer);
    let event = MembershipEvent::HomeMoved { effective, precision: None, person, from, to, via };
    happened(membership, event)
}

pub(crate) fn ended(
    on: i8,
    membership: MembershipId,
    person: PersonId,
    home: BranchId,
) -> Happened {
    let (effective, home, reason) = (day(on), Some(home), EndReason::Left);
    let event = MembershipEvent::Ended { effective, precision: None, person, home, reason };
    happened(membership, event)
}

pub(crate) fn taken(
    on: i8,
    post: PostId,
    branch: BranchId,
    role: &str,
    person: PersonId,
) -> Happened {
    let (effective, role) = (day(on), code(role));
    happened(post, PostEvent::Taken { effective, precision: None, branch, role, person })
}

pub(crate) fn left(
    on: i8,
    post: PostId,
    branch: BranchId,
    role: &str,
    person: PersonId,
) -> Happened {
    let (effective, role, reason) = (day(on), code(role), LeaveReason::Left);
    happened(post, PostEvent::Left { effective, precision: None, branch, role, person, reason })
}

fn post_event(
    (on, post): (i8, PostId),
    (branch, role, person): (BranchId, &str, PersonId),
    event: impl FnOnce(Date, BranchId, Code, PersonId) -> PostEvent,
) -> Happened {
    happened(post, event(day(on), branch, code(role), person))
}

pub(crate) fn acting(
    on: i8,
    post: PostId,
    branch: BranchId,
    role: &str,
    person: PersonId,
) -> Happened {
    post_event((on, post), (branch, role, person), |effective, branch, role, person| {
        PostEvent::ActingNamed { effective, precision: None, branch, role, person }
    })
}

pub(crate) fn acting_ended(
    on: i8,
    post: PostId,
    branch: BranchId,
    role: &str,
    person: PersonId,
) -> Happened {
    post_event((on, post), (branch, role, person), |effective, branch, role, person| {
        let (precision, reason) = (None, LeaveReason::Left);
        PostEvent::ActingEnded { effective, precision, branch, role, person, reason }
    })
}

pub(crate) fn term_set(
    on: i8,
    post: PostId,
    branch: BranchId,
    role: &str,
    person: PersonId,
    until: Option<i8>,
) -> Happened {
    post_event((on, post), (branch, role, person), |effective, branch, role, person| {
        let (mode, term_until) = (HoldingMode::Elected, until.map(day));
        PostEvent::TermSet { effective, precision: None, branch, role, person, mode, term_until }
    })
}

pub(crate) fn kind_changed(on: i8, branch: BranchId, to: &str) -> Happened {
    let (effective, from, to) = (day(on), code("branch"), code(to));
    happened(branch, BranchEvent::KindChanged { effective, precision: None, from, to })
}

pub(crate) fn born(on: i8, person: PersonId, from_year: u16) -> Happened {
    let event = PersonEvent::BirthBandRecorded { effective: day(on), precision: None, from_year };
    happened(person, event)
}

pub(crate) fn area(on: i8, area: &str) -> Happened {
    let (code, name) = (code(area), text(&format!("Area {area}")));
    let event = LedgerEvent::AreaDefined { effective: day(on), precision: None, code, name };
    happened(LedgerId(Uuid::from_u128(1)), event)
}

pub(crate) fn host_registered(on: i8, host: HostId, staff: u32) -> Happened {
    let number = format!("{:x}", host.0.as_u128());
    let event = HostEvent::Registered {
        effective: day(on),
        precision: None,
        code: code(&number),
        name: text(&format!("Host {number}")),
        host_kind: code("software"),
        ownership: code("private"),
        staff,
        area: None,
        key_posts: Vec::new(),
    };
    happened(host, event)
}

fn host_changed(on: i8, host: HostId, staff: Option<u32>, ownership: Option<&str>) -> Happened {
    let event = HostEvent::Changed {
        effective: day(on),
        precision: None,
        name: None,
        host_kind: None,
        ownership: ownership.map(code),
        staff,
        area: None,
        key_posts: None,
    };
    happened(host, event)
}

pub(crate) fn host_staffed(on: i8, host: HostId, staff: u32) -> Happened {
    host_changed(on, host, Some(staff), None)
}

pub(crate) fn host_owned(on: i8, host: HostId, ownership: &str) -> Happened {
    host_changed(on, host, None, Some(ownership))
}

pub(crate) fn host_closed(on: i8, host: HostId) -> Happened {
    happened(host, HostEvent::Closed { effective: day(on), precision: None, reason: None })
}

pub(crate) fn employed(on: i8, host: HostId, person: PersonId, post: Option<&str>) -> Happened {
    let (effective, post, contract) = (day(on), post.map(code), false);
    happened(host, HostEvent::Employed { effective, precision: None, person, post, contract })
}

pub(crate) fn unemployed(on: i8, host: HostId, person: PersonId) -> Happened {
    let effective = day(on);
    happened(host, HostEvent::EmploymentEnded { effective, precision: None, person })
}

pub(crate) fn attached(on: i8, branch: BranchId, host: HostId, mode: FormationMode) -> Happened {
    let (effective, rank) = (day(on), Rank::Primary);
    happened(branch, BranchEvent::HostAttached { effective, precision: None, host, mode, rank })
}

pub(crate) fn detached(on: i8, branch: BranchId, host: HostId) -> Happened {
    happened(branch, BranchEvent::HostDetached { effective: day(on), precision: None, host })
}

/// What a relation is, and between whom.
pub(crate) type Ends = (RelationKind, Party, Party);

pub(crate) fn proposed(on: i8, id: RelationId, (relation, from, to): Ends) -> Happened {
    let effective = day(on);
    happened(id, RelationEvent::Proposed { effective, precision: None, relation, from, to })
}

pub(crate) fn accepted(on: i8, id: RelationId, (relation, from, to): Ends) -> Happened {
    let effective = day(on);
    happened(id, RelationEvent::Accepted { effective, precision: None, relation, from, to })
}

pub(crate) fn parted(on: i8, id: RelationId, (relation, from, to): Ends) -> Happened {
    let (effective, reason) = (day(on), None);
    happened(id, RelationEvent::Ended { effective, precision: None, relation, from, to, reason })
}

/// That an event, of that sequence in its stream, was not so.
pub(crate) fn retracted((stream, was): &Happened, of: u64) -> Happened {
    happened(*stream, CorrectionEvent::retracting(of, was.clone(), code("mistaken")))
}

/// That an event, of that sequence in its stream, was so on another day.
pub(crate) fn redated((stream, was): &Happened, of: u64, on: i8) -> Happened {
    let was = was.clone();
    happened(*stream, CorrectionEvent::redating(of, was, day(on), None, code("mistaken")))
}

/// That something else was so than an event of that sequence in its stream.
pub(crate) fn replaced((stream, was): &Happened, of: u64, (_, by): Happened) -> Happened {
    happened(*stream, CorrectionEvent::replacing(of, was.clone(), by, code("mistaken")))
}

fn code(code: &str) -> Code {
    Code::parse(code).unwrap()
}

fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}
