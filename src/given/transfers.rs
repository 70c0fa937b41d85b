//! Transfers as they are told in tests: Ann's letter A-1 from north to south, good until day 20.

use events::membership::EndReason;
use events::transfer::{Case, Place};
use events::{BranchId, Date, MembershipEvent, MembershipId, TransferEvent, TransferId};
use uuid::Uuid;

use super::*;

pub(crate) const T1: Uuid = Uuid::from_u128(0x71);
pub(crate) const T2: Uuid = Uuid::from_u128(0x72);

/// The last days of letters that are issued on day 5 under the party's rules.
pub(crate) const FAR: Date = jiff::civil::date(2026, 4, 4);
pub(crate) const NEAR: Date = jiff::civil::date(2026, 2, 3);

/// When letters that are under way were issued.
const LONG_AGO: Date = jiff::civil::date(2025, 11, 20);

fn case(to: BranchId, letter: &str) -> Case {
    Case { person: ANN, from: NORTH.into(), to: to.into(), letter: code(letter) }
}

fn outward_case() -> Case {
    Case { to: Place::Outside(code("west")), ..case(SOUTH, "A-1") }
}

fn inward_case(letter: &str) -> Case {
    Case { from: Place::Outside(code("west")), ..case(SOUTH, letter) }
}

fn of(id: Uuid, event: TransferEvent) -> Given {
    (TransferId(id).into(), event.into())
}

/// Declares acts that need nothing beside their day.
macro_rules! acts {
    ($($name:ident = $Kind:ident($case:expr),)*) => {
        $(pub(crate) fn $name(on: i8) -> Given {
            of(T1, TransferEvent::$Kind { effective: day(on), precision: None, case: $case })
        })*
    };
}

acts! {
    presented = Presented(case(SOUTH, "A-1")),
    accepted = Accepted(case(SOUTH, "A-1")),
    accepted_from_outside = Accepted(inward_case("A-1")),
    withdrawn = Withdrawn(case(SOUTH, "A-1")),
    voided = Voided(case(SOUTH, "A-1")),
    suspended = ClockSuspended(case(SOUTH, "A-1")),
    receipted = Receipted(case(SOUTH, "A-1")),
    departed = DepartedExternal(outward_case()),
}

/// Ann at home in north, and nothing under way.
pub(crate) fn before_transfer() -> Vec<Given> {
    vec![
        registered(ANN),
        formed(NORTH, 1),
        formed(SOUTH, 1),
        formed(EAST, 1),
        admitted(ANN, NORTH, 2, M1),
    ]
}

/// The same, with north and south under one superior.
pub(crate) fn before_transfer_under(parent: BranchId) -> Vec<Given> {
    vec![
        registered(ANN),
        formed(parent, 1),
        formed_under(NORTH, "north", 1, parent),
        formed_under(SOUTH, "south", 1, parent),
        admitted(ANN, NORTH, 2, M1),
    ]
}

/// Ann's letter is issued.
pub(crate) fn underway() -> Vec<Given> {
    [before_transfer(), vec![issued_as(case(SOUTH, "A-1"), (LONG_AGO, day(20)), T1)]].concat()
}

/// The same, to a branch of that kind.
pub(crate) fn underway_to(kind: &str) -> Vec<Given> {
    let mut past = underway();
    past[2] = formed_as(SOUTH, 1, kind);
    past
}

/// The same, with a branch that is formed on day 12 only.
pub(crate) fn underway_late(branch: BranchId) -> Vec<Given> {
    let mut past = underway();
    past[if branch == SOUTH { 2 } else { 3 }] = formed(branch, 12);
    past
}

/// The same, beside a branch of that kind.
pub(crate) fn underway_beside(kind: &str) -> Vec<Given> {
    let mut past = underway();
    past[3] = formed_as(EAST, 1, kind);
    past
}

/// The same, with no third branch.
pub(crate) fn underway_beside_nothing() -> Vec<Given> {
    let mut past = underway();
    past.remove(3);
    past
}

/// Ann's letter is issued to a branch that nobody formed.
pub(crate) fn underway_to_unknown() -> Vec<Given> {
    let mut past = underway_beside_nothing();
    past.pop();
    past.push(issued_as(case(EAST, "A-1"), (LONG_AGO, day(20)), T1));
    past
}

/// Ann's letter is issued to a body outside.
pub(crate) fn outward() -> Vec<Given> {
    [before_transfer(), vec![issued_outward(day(20), T1)]].concat()
}

/// Ann comes from a body outside.
pub(crate) fn coming() -> Vec<Given> {
    vec![registered(ANN), formed(NORTH, 1), formed(SOUTH, 1), received("A-1", 5, T1)]
}

pub(crate) fn issued_until(last_day: Date, id: Uuid) -> Given {
    issued_as(case(SOUTH, "A-1"), (day(5), last_day), id)
}

pub(crate) fn issued_outward(last_day: Date, id: Uuid) -> Given {
    issued_as(outward_case(), (day(5), last_day), id)
}

fn issued_as(case: Case, (effective, last_day): (Date, Date), id: Uuid) -> Given {
    let membership = MembershipId(M1);
    let last_day = Some(last_day);
    of(id, TransferEvent::Issued { effective, precision: None, case, membership, last_day })
}

/// A letter of somebody else.
pub(crate) fn issued_to_bob(letter: &str, on: i8) -> Given {
    let case = Case { person: BOB, ..case(SOUTH, letter) };
    let (effective, membership) = (day(on), MembershipId(M2));
    let (precision, last_day) = (None, None);
    of(T2, TransferEvent::Issued { effective, precision, case, membership, last_day })
}

pub(crate) fn received(letter: &str, on: i8, id: Uuid) -> Given {
    let (effective, case) = (day(on), inward_case(letter));
    of(id, TransferEvent::Received { effective, precision: None, case, last_day: None })
}

/// The presentation, so many days before day 10.
pub(crate) fn presented_before(days: i64) -> Given {
    let effective = day(10).saturating_sub(jiff::Span::new().days(days));
    let case = case(SOUTH, "A-1");
    of(T1, TransferEvent::Presented { effective, precision: None, case })
}

pub(crate) fn presented_to_unknown() -> Given {
    let effective = day(10).saturating_sub(jiff::Span::new().days(40));
    let case = case(EAST, "A-1");
    of(T1, TransferEvent::Presented { effective, precision: None, case })
}

pub(crate) fn returned(on: i8) -> Given {
    let (effective, case, reason) = (day(on), case(SOUTH, "A-1"), code("dues_gap"));
    of(T1, TransferEvent::Returned { effective, precision: None, case, reason, note: None })
}

pub(crate) fn reissued(on: i8) -> Given {
    let (effective, case, former) = (day(on), case(SOUTH, "A-2"), code("A-1"));
    let last_day = Some(day(on).saturating_add(jiff::Span::new().days(89)));
    of(T1, TransferEvent::Reissued { effective, precision: None, case, former, last_day })
}

pub(crate) fn voided_on(letter: &str, on: i8) -> Given {
    let (effective, case) = (day(on), case(SOUTH, letter));
    of(T1, TransferEvent::Voided { effective, precision: None, case })
}

pub(crate) fn expired(on: i8) -> Given {
    let (effective, case) = (day(on), case(SOUTH, "A-1"));
    let rule = code("transfer.letter_days_far");
    of(T1, TransferEvent::Expired { effective, precision: None, case, rule })
}

pub(crate) fn diverted(on: i8) -> Given {
    let (effective, case, former) = (day(on), case(EAST, "A-1"), SOUTH.into());
    of(T1, TransferEvent::Diverted { effective, precision: None, case, former })
}

/// Ann's home and origin became the east.
pub(crate) fn origin_moved(on: i8) -> Given {
    let (effective, case) = (day(on), Case { from: EAST.into(), ..case(SOUTH, "A-1") });
    let former = NORTH.into();
    of(T1, TransferEvent::OriginMoved { effective, precision: None, case, former })
}

pub(crate) fn resumed(on: i8, last_day: i8) -> Given {
    let (effective, case, last_day) = (day(on), case(SOUTH, "A-1"), Some(day(last_day)));
    of(T1, TransferEvent::ClockResumed { effective, precision: None, case, last_day })
}

pub(crate) fn escalated(on: i8) -> Given {
    let (effective, case) = (day(on), case(SOUTH, "A-1"));
    let (superior, rule) = (None, code("transfer.silence_days"));
    of(T1, TransferEvent::Escalated { effective, precision: None, case, superior, rule })
}

pub(crate) fn accepted_by_rule(on: i8) -> Given {
    let (effective, case, rule) = (day(on), case(SOUTH, "A-1"), code("transfer.silence_days"));
    of(T1, TransferEvent::AcceptedByRule { effective, precision: None, case, rule })
}

pub(crate) fn appealed(on: i8) -> Given {
    let (effective, case) = (day(on), case(SOUTH, "A-1"));
    of(T1, TransferEvent::Appealed { effective, precision: None, case, superior: None })
}

pub(crate) fn appeal_decided(upheld: bool, on: i8) -> Given {
    let (effective, case) = (day(on), case(SOUTH, "A-1"));
    of(T1, TransferEvent::AppealDecided { effective, precision: None, case, upheld })
}

pub(crate) fn closed(reason: events::transfer::ClosedBecause, on: i8) -> Given {
    let (effective, case) = (day(on), case(SOUTH, "A-1"));
    of(T1, TransferEvent::Closed { effective, precision: None, case, reason })
}

pub(crate) fn unmatched(on: i8, id: Uuid) -> Given {
    let (effective, body, letter) = (day(on), code("west"), code("A-1"));
    of(id, TransferEvent::Unmatched { effective, precision: None, body, letter })
}

pub(crate) fn matched(on: i8, id: Uuid) -> Given {
    let (effective, body, letter) = (day(on), code("west"), code("A-1"));
    of(id, TransferEvent::Matched { effective, precision: None, body, letter })
}

pub(crate) fn gone_outside(person: PersonId, home: BranchId, on: i8, membership: Uuid) -> Given {
    let (effective, reason) = (day(on), EndReason::Departed);
    let ended =
        MembershipEvent::Ended { effective, precision: None, person, home: Some(home), reason };
    (MembershipId(membership).into(), ended.into())
}

pub(crate) fn ended_by_death(person: PersonId, home: BranchId, on: i8, membership: Uuid) -> Given {
    let (effective, reason) = (day(on), EndReason::Died);
    let ended =
        MembershipEvent::Ended { effective, precision: None, person, home: Some(home), reason };
    (MembershipId(membership).into(), ended.into())
}

/// What every act upon a letter refuses alike: no such letter, another one in its place, a transfer
/// that is over, and a later act. `$ready` is what must have happened before the act.
macro_rules! refuses_in_common {
    ($act:expr, [$($ready:expr),* $(,)?], $Refusal:ident: $Unknown:ident, $Replaced:ident,
        $Phase:ident, $Later:ident) => {{
        let letter = || code("A-1");
        given(before_transfer())
            .when($act)
            .then_refused($Refusal::$Unknown { letter: letter() });
        given(underway())
            .and([voided(6), $crate::given::reissued_as("A-9", 7)])
            .when($act)
            .then_refused($Refusal::$Replaced { letter: letter(), by: code("A-9") });
        given(underway()).and([moot(6)]).when($act).then_refused($Refusal::$Phase {
            letter: letter(),
            phase: "closed",
            since: day(6),
            acts: "issue-transfer",
        });
        // Backdated where the rules take silence for consent.
        given(underway())
            .and([$($ready,)* suspended(30), resumed(30, 20)])
            .under("union")
            .when($act)
            .then_refused($Refusal::$Later { later: day(30) });
    }};
}
pub(crate) use refuses_in_common;

/// That an act takes nobody in who died, goes by another id, or may be somebody else.
macro_rules! takes_in_nobody_unsound {
    ($past:expr, $act:expr, $Refusal:ident: $Died:ident, $Merged:ident, $Doubt:ident) => {{
        let after = |more: &[Given]| $past.and(more.to_vec()).when($act);
        after(&[died(ANN, 9)]).then_refused($Refusal::$Died { person: ANN, died: day(9) });
        after(&[registered(BOB), merged_into(ANN, BOB, 8)])
            .then_refused($Refusal::$Merged { person: ANN, into: BOB });
        after(&[registered(BOB), suspected(ANN, BOB, 8)])
            .then_refused($Refusal::$Doubt { person: ANN, other: BOB });
    }};
}
pub(crate) use takes_in_nobody_unsound;

pub(crate) fn reissued_as(letter: &str, on: i8) -> Given {
    let (effective, case, former) = (day(on), case(SOUTH, letter), code("A-1"));
    of(T1, TransferEvent::Reissued { effective, precision: None, case, former, last_day: None })
}

pub(crate) fn moot(on: i8) -> Given {
    closed(events::transfer::ClosedBecause::MembershipEnded, on)
}
