//! What each golden sample means. A line here is never changed: the record would say other things.

use jiff::civil::{Date, date};
use uuid::{Uuid, uuid};

use crate::membership::{EndReason, Via};
use crate::policy::{
    BeforeFormation, BranchKind, BranchRules, DateRules, Dissolution, MembershipRules, OpenAtOnce,
    PostRules, RuleSet,
};
use crate::post::LeaveReason;
use crate::{
    BranchEvent, BranchId, Code, Event, LedgerEvent, LedgerId, MembershipEvent, MembershipId,
    PersonEvent, PersonId, PolicyEvent, PostEvent, Precision, Text,
};

pub(super) const LEDGER: LedgerId = LedgerId(uuid!("5b0c8f0e-6a3d-4f57-9d2e-0c41f7a9b3e6"));
const ANN: PersonId = PersonId(uuid!("0b7d2c94-1f5e-4a83-8c60-7e19d5f2a4b8"));
const NORTH: BranchId = BranchId(uuid!("c2a6e1d3-98b4-4705-a1fe-36d07b52c98f"));
const SOUTH: BranchId = BranchId(uuid!("7d94f0b6-3e21-4c8a-b5d7-e80a16c3f429"));
const UNION: BranchId = BranchId(uuid!("e3815a7c-d06f-42b9-86e4-59bf20d1c70a"));
const EARLIER: Uuid = uuid!("94f3b7e0-2c6d-4d18-a9b5-c07e8f16d325");

const YEAR: Option<Precision> = Some(Precision::Year);
const MONTH: Option<Precision> = Some(Precision::Month);

/// Every sample by its name, with what it means in today's types.
pub(super) fn expected() -> Vec<(&'static str, Event)> {
    [ledger_and_person(), membership(), branch(), post(), policy()].concat()
}

fn ledger_and_person() -> Vec<(&'static str, Event)> {
    let opened = |precision| {
        Event::from(LedgerEvent::Opened {
            effective: date(2024, 1, 1),
            precision,
            ledger: LEDGER,
            format: 1,
            zone: code("Europe/Zurich"),
            preset: code("union"),
        })
    };
    let registered =
        |precision| Event::from(PersonEvent::Registered { effective: date(1998, 5, 1), precision });
    vec![
        ("101-LedgerOpened.v1", opened(YEAR)),
        ("101-LedgerOpened.v1.minimal", opened(None)),
        ("201-PersonRegistered.v1", registered(MONTH)),
        ("201-PersonRegistered.v1.minimal", registered(None)),
    ]
}

fn membership() -> Vec<(&'static str, Event)> {
    let admitted = |precision, previous: Option<Uuid>| {
        let (effective, previous) = (date(1998, 5, 1), previous.map(MembershipId));
        let (person, home) = (ANN, NORTH);
        Event::from(MembershipEvent::Admitted { effective, precision, person, home, previous })
    };
    let moved = |precision, via| {
        let (effective, person, from, to) = (date(2003, 10, 15), ANN, NORTH, SOUTH);
        Event::from(MembershipEvent::HomeMoved { effective, precision, person, from, to, via })
    };
    let ended = |precision, reason| {
        let (effective, person, home) = (date(2021, 12, 31), ANN, SOUTH);
        Event::from(MembershipEvent::Ended { effective, precision, person, home, reason })
    };
    vec![
        ("301-MembershipAdmitted.v1", admitted(MONTH, Some(EARLIER))),
        ("301-MembershipAdmitted.v1.minimal", admitted(None, None)),
        ("302-HomeMoved.v1", moved(MONTH, Via::Transfer)),
        ("302-HomeMoved.v1.minimal", moved(None, Via::Reorganisation)),
        ("303-MembershipEnded.v1", ended(YEAR, EndReason::Left)),
        ("303-MembershipEnded.v1.minimal", ended(None, EndReason::BranchDissolved)),
    ]
}

fn branch() -> Vec<(&'static str, Event)> {
    let formed = |precision, title, parent, formed_from| BranchEvent::Formed {
        effective: date(1893, 4, 1),
        precision,
        code: code("zh-nord"),
        name: text("Zürich Nord"),
        title,
        branch_kind: code("local"),
        parent,
        formed_from,
    };
    let title = Some(text("Sektion der Vereinigung \"Eintracht\" 合作社"));
    let renamed = |precision| BranchEvent::Renamed {
        effective: date(1912, 7, 14),
        precision,
        name: text("Zürich 11"),
    };
    let moved = |precision, from, to| BranchEvent::Moved {
        effective: date(1934, 1, 1),
        precision,
        from,
        to,
    };
    let gone: Date = date(2004, 1, 1);
    let dissolved = |precision, parent, reason, into| BranchEvent::Dissolved {
        effective: gone,
        precision,
        parent,
        reason,
        into,
    };
    let merged = dissolved(YEAR, Some(SOUTH), Some(code("merged")), vec![SOUTH]);
    vec![
        ("401-BranchFormed.v1", formed(YEAR, title, Some(UNION), vec![SOUTH, UNION]).into()),
        ("401-BranchFormed.v1.minimal", formed(None, None, None, vec![]).into()),
        ("402-BranchRenamed.v1", renamed(MONTH).into()),
        ("402-BranchRenamed.v1.minimal", renamed(None).into()),
        ("403-BranchMoved.v1", moved(YEAR, Some(UNION), Some(SOUTH)).into()),
        ("403-BranchMoved.v1.minimal", moved(None, None, None).into()),
        ("404-BranchDissolved.v1", merged.into()),
        ("404-BranchDissolved.v1.minimal", dissolved(None, None, None, vec![]).into()),
    ]
}

fn post() -> Vec<(&'static str, Event)> {
    let (branch, person) = (NORTH, ANN);
    let taken = |precision| {
        let (effective, role) = (date(2001, 3, 8), code("secretary"));
        Event::from(PostEvent::Taken { effective, precision, branch, role, person })
    };
    let left = |precision, reason| {
        let (effective, role) = (date(2003, 10, 15), code("secretary"));
        Event::from(PostEvent::Left { effective, precision, branch, role, person, reason })
    };
    vec![
        ("501-PostTaken.v1", taken(MONTH)),
        ("501-PostTaken.v1.minimal", taken(None)),
        ("502-PostLeft.v1", left(MONTH, LeaveReason::HomeEnded)),
        ("502-PostLeft.v1.minimal", left(None, LeaveReason::Left)),
    ]
}

fn policy() -> Vec<(&'static str, Event)> {
    let adopted = |precision, backdating_days_max, before_formation| {
        let dates = DateRules { backdating_days_max, before_formation };
        let rules = RuleSet { dates, ..rules() };
        Event::from(PolicyEvent::Adopted { effective: date(2024, 1, 1), precision, rules })
    };
    vec![
        ("601-PolicyAdopted.v1", adopted(YEAR, Some(92), BeforeFormation::Refuse)),
        ("601-PolicyAdopted.v1.minimal", adopted(None, None, BeforeFormation::Hold)),
    ]
}

fn rules() -> RuleSet {
    let kind = |text, may_admit| BranchKind { code: code(text), may_be_home: true, may_admit };
    RuleSet {
        name: code("union"),
        note: text("After the model statutes; check your own."),
        membership: MembershipRules { open_at_once: OpenAtOnce::OnePerPerson },
        branch: BranchRules {
            dissolution: Dissolution::WhenEmpty,
            kind_default: code("local"),
            kinds_open: false,
            kinds: vec![kind("local", true), kind("district", false)],
        },
        post: PostRules { exclusive: true, holder_at_home: true },
        dates: DateRules { backdating_days_max: None, before_formation: BeforeFormation::Refuse },
    }
}

fn code(text: &str) -> Code {
    Code::parse(text).expect("a code")
}

fn text(text: &str) -> Text {
    Text::parse(text).expect("a text")
}
