//! What each golden sample means. A line here is never changed: the record would say other things.

mod clock;
mod correction;
mod transfer;

mod lives;

use jiff::civil::{Date, date};
use uuid::{Uuid, uuid};

use crate::branch::{FormationMode, Rank};
use crate::membership::{EndReason, Via};
use crate::policy::{
    ActivityRules, BeforeFormation, BranchKind, BranchRules, CoverageRules, DateRules, Dissolution,
    DuesBracket, KindTraits, LifeRules, MembershipRules, MembershipState, OnSilence, OpenAtOnce,
    Ownership, PostRules, PrivacyRules, ProbationRules, RuleSet, Source, StateStep, StructureRules,
    TermRules, TrainingRules, TransferRules,
};
use crate::post::LeaveReason;
use crate::{
    BranchEvent, BranchId, Code, Event, HostEvent, HostId, LedgerEvent, LedgerId, MembershipEvent,
    MembershipId, Party, PersonEvent, PersonId, PolicyEvent, PostEvent, Precision, RelationEvent,
    RelationKind, Text,
};

pub(super) const LEDGER: LedgerId = LedgerId(uuid!("5b0c8f0e-6a3d-4f57-9d2e-0c41f7a9b3e6"));
pub(super) const ANN: PersonId = PersonId(uuid!("0b7d2c94-1f5e-4a83-8c60-7e19d5f2a4b8"));
pub(super) const NORTH: BranchId = BranchId(uuid!("c2a6e1d3-98b4-4705-a1fe-36d07b52c98f"));
pub(super) const SOUTH: BranchId = BranchId(uuid!("7d94f0b6-3e21-4c8a-b5d7-e80a16c3f429"));
pub(super) const UNION: BranchId = BranchId(uuid!("e3815a7c-d06f-42b9-86e4-59bf20d1c70a"));
pub(super) const SONNE: HostId = HostId(uuid!("1f6ad2c8-57b3-49e0-92fd-a4c8e05b7316"));
pub(super) const EARLIER: Uuid = uuid!("94f3b7e0-2c6d-4d18-a9b5-c07e8f16d325");

pub(super) const YEAR: Option<Precision> = Some(Precision::Year);
pub(super) const MONTH: Option<Precision> = Some(Precision::Month);

/// Every sample by its name, with what it means in today's types.
pub(super) fn expected() -> Vec<(&'static str, Event)> {
    [
        ledger_and_person(),
        membership(),
        branch(),
        hosts_of_a_branch(),
        post(),
        policy(),
        host(),
        employment(),
        relation(),
        correction::corrections(),
        clock::clock(),
        transfer::transfer(),
        super::expected_of_branches::expected(),
        lives::identity(),
        lives::life(),
        lives::second_versions(),
    ]
    .concat()
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
    let area = |precision| {
        let (code, name) = (code("kreis-11"), text("Kreis 11"));
        Event::from(LedgerEvent::AreaDefined { effective: date(2024, 1, 2), precision, code, name })
    };
    let band = |precision| {
        let effective = date(1998, 5, 1);
        Event::from(PersonEvent::BirthBandRecorded { effective, precision, from_year: 1970 })
    };
    let registered =
        |precision| Event::from(PersonEvent::Registered { effective: date(1998, 5, 1), precision });
    vec![
        ("101-LedgerOpened.v1", opened(YEAR)),
        ("101-LedgerOpened.v1.minimal", opened(None)),
        ("102-AreaDefined.v1", area(MONTH)),
        ("102-AreaDefined.v1.minimal", area(None)),
        ("202-BirthBandRecorded.v1", band(YEAR)),
        ("202-BirthBandRecorded.v1.minimal", band(None)),
        ("201-PersonRegistered.v1", registered(MONTH)),
        ("201-PersonRegistered.v1.minimal", registered(None)),
    ]
}

fn membership() -> Vec<(&'static str, Event)> {
    let admitted = |precision, previous: Option<Uuid>| {
        let (effective, previous) = (date(1998, 5, 1), previous.map(MembershipId));
        let (person, home) = (ANN, NORTH);
        let state = None;
        Event::from(MembershipEvent::Admitted {
            effective,
            precision,
            person,
            home,
            state,
            previous,
        })
    };
    let moved = |precision, via| {
        let (effective, person, from, to) = (date(2003, 10, 15), ANN, NORTH, SOUTH);
        Event::from(MembershipEvent::HomeMoved { effective, precision, person, from, to, via })
    };
    let ended = |precision, reason| {
        let (effective, person, home) = (date(2021, 12, 31), ANN, Some(SOUTH));
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

fn hosts_of_a_branch() -> Vec<(&'static str, Event)> {
    let attached = |precision, mode, rank| {
        let effective = date(2017, 3, 1);
        Event::from(BranchEvent::HostAttached { effective, precision, host: SONNE, mode, rank })
    };
    let detached = |precision| {
        let effective = date(2019, 6, 30);
        Event::from(BranchEvent::HostDetached { effective, precision, host: SONNE })
    };
    let (joint, alone) = (FormationMode::JointByIndustry, FormationMode::Standalone);
    vec![
        ("405-HostAttached.v1", attached(MONTH, joint, Rank::Secondary)),
        ("405-HostAttached.v1.minimal", attached(None, alone, Rank::Primary)),
        ("406-HostDetached.v1", detached(MONTH)),
        ("406-HostDetached.v1.minimal", detached(None)),
    ]
}

fn host() -> Vec<(&'static str, Event)> {
    let registered = |precision, area, key_posts| {
        Event::from(HostEvent::Registered {
            effective: date(2015, 9, 1),
            precision,
            code: code("sonne"),
            name: text("Sonne Spiele AG"),
            host_kind: code("software"),
            ownership: code("private"),
            staff: 92,
            area,
            key_posts,
        })
    };
    let closed = |precision, reason| {
        let effective = date(2019, 12, 31);
        Event::from(HostEvent::Closed { effective, precision, reason })
    };
    let changed = HostEvent::Changed {
        effective: date(2016, 9, 1),
        precision: YEAR,
        name: Some(text("Sonne Verlag AG")),
        host_kind: Some(code("news")),
        ownership: Some(code("mixed")),
        staff: Some(1),
        area: Some(code("kreis-12")),
        key_posts: Some(vec![]),
    };
    let unchanged = HostEvent::Changed {
        effective: date(2016, 9, 1),
        precision: None,
        name: None,
        host_kind: None,
        ownership: None,
        staff: None,
        area: None,
        key_posts: None,
    };
    let posts = vec![code("chief_editor"), code("head_of_research")];
    vec![
        ("701-HostRegistered.v1", registered(YEAR, Some(code("kreis-11")), posts)),
        ("701-HostRegistered.v1.minimal", registered(None, None, vec![])),
        ("702-HostChanged.v1", changed.into()),
        ("702-HostChanged.v1.minimal", unchanged.into()),
        ("703-HostClosed.v1", closed(MONTH, Some(code("insolvent")))),
        ("703-HostClosed.v1.minimal", closed(None, None)),
    ]
}

fn employment() -> Vec<(&'static str, Event)> {
    let person = ANN;
    let employed = |precision, post| {
        let effective = date(2016, 4, 1);
        let contract = false;
        Event::from(HostEvent::Employed { effective, precision, person, post, contract })
    };
    let ended = |precision| {
        let effective = date(2018, 4, 1);
        Event::from(HostEvent::EmploymentEnded { effective, precision, person })
    };
    vec![
        ("704-PersonEmployed.v1", employed(MONTH, Some(code("chief_editor")))),
        ("704-PersonEmployed.v1.minimal", employed(None, None)),
        ("705-EmploymentEnded.v1", ended(YEAR)),
        ("705-EmploymentEnded.v1.minimal", ended(None)),
    ]
}

fn relation() -> Vec<(&'static str, Event)> {
    let (from, to) = (Party::Host(SONNE), Party::Branch(UNION));
    let relation = RelationKind::SupervisedBy;
    let proposed = |precision, relation, from, to| {
        let effective = date(2017, 1, 1);
        Event::from(RelationEvent::Proposed { effective, precision, relation, from, to })
    };
    let accepted = |precision| {
        let effective = date(2017, 2, 1);
        Event::from(RelationEvent::Accepted { effective, precision, relation, from, to })
    };
    let ended = |precision, reason| {
        let effective = date(2018, 2, 1);
        Event::from(RelationEvent::Ended { effective, precision, relation, from, to, reason })
    };
    vec![
        ("801-RelationProposed.v1", proposed(YEAR, relation, from, to)),
        (
            "801-RelationProposed.v1.minimal",
            proposed(None, RelationKind::FallbackResponsibleFor, to, from),
        ),
        ("802-RelationAccepted.v1", accepted(MONTH)),
        ("802-RelationAccepted.v1.minimal", accepted(None)),
        ("803-RelationEnded.v1", ended(MONTH, Some(code("park_closed")))),
        ("803-RelationEnded.v1.minimal", ended(None, None)),
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
        let rules = RuleSet { dates, ..rules(CoverageRules::open()) };
        Event::from(PolicyEvent::Adopted {
            effective: date(2024, 1, 1),
            precision,
            rules: Box::new(rules),
        })
    };
    vec![
        ("601-PolicyAdopted.v1", adopted(YEAR, Some(92), BeforeFormation::Refuse)),
        ("601-PolicyAdopted.v1.minimal", adopted(None, None, BeforeFormation::Hold)),
        ("601-PolicyAdopted.v2", with_coverage(YEAR, coverage())),
        ("601-PolicyAdopted.v2.minimal", with_coverage(None, CoverageRules::open())),
        ("601-PolicyAdopted.v3", adopted_in_2026(MONTH, with_deadlines())),
        ("601-PolicyAdopted.v3.minimal", adopted_in_2026(None, rules(CoverageRules::open()))),
    ]
}

fn adopted_in_2026(precision: Option<Precision>, rules: RuleSet) -> Event {
    Event::from(PolicyEvent::Adopted {
        effective: date(2026, 1, 1),
        precision,
        rules: Box::new(rules),
    })
}

fn with_coverage(precision: Option<Precision>, coverage: CoverageRules) -> Event {
    let (effective, rules) = (date(2025, 1, 1), rules(coverage));
    Event::from(PolicyEvent::Adopted { effective, precision, rules: Box::new(rules) })
}

fn coverage() -> CoverageRules {
    CoverageRules {
        open: false,
        host_kinds: vec![code("software"), code("news")],
        ownerships: vec![
            Ownership { code: code("state"), public: true },
            Ownership { code: code("private"), public: false },
        ],
        branch_kinds_uncounted: vec![code("holding")],
        joint_hosts_max: Some(5),
        branch_expected_from_members: Some(3),
        member_expected_from_staff: Some(20),
        members_min: Some(3),
        members_max: Some(50),
        size_bands: vec![20, 50],
        age_bands: vec![35],
    }
}

fn rules(coverage: CoverageRules) -> RuleSet {
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
        post: PostRules { exclusive: true, holder_at_home: true, holder_full: false },
        dates: DateRules { backdating_days_max: None, before_formation: BeforeFormation::Refuse },
        coverage,
        life: LifeRules::one_state(),
        transfer: TransferRules::default(),
        structure: StructureRules::default(),
        term: TermRules::default(),
        activity: ActivityRules::default(),
        training: TrainingRules::default(),
        dues: vec![],
        privacy: PrivacyRules::default(),
        sources: vec![],
    }
}

fn with_deadlines() -> RuleSet {
    let kinds = vec![KindTraits {
        code: code("local"),
        collects_dues: true,
        term_months: Some(36),
        life_months_max: Some(120),
        ends_with_host: true,
    }];
    RuleSet {
        life: with_trial(),
        transfer: TransferRules {
            duty_months: Some(6),
            duty_by_contract: true,
            letter_days_near: Some(30),
            letter_days_far: Some(90),
            reissues_max: Some(1),
            reminder_days: vec![14, 0],
            on_silence: OnSilence::Escalate,
            silence_days: Some(30),
            return_reasons: vec![code("other")],
        },
        structure: StructureRules {
            kinds,
            approval_needed: true,
            plan_approval_needed: true,
            general_branch_members_min: Some(50),
            committee_members_min: Some(100),
            committee_full_members_min: Some(7),
            idle_months: Some(6),
        },
        term: TermRules {
            shift_months_max: Some(12),
            reminder_months: Some(6),
            roles: vec![code("chair")],
        },
        activity: ActivityRules {
            members_meetings: Some(4),
            committee_meetings: Some(12),
            lectures: Some(1),
            reviews: Some(1),
        },
        training: TrainingRules {
            member_hours: Some(32),
            secretary_hours: Some(56),
            new_secretary_months: Some(6),
        },
        dues: vec![
            DuesBracket { base_max: Some(300_000), per_mille: 5 },
            DuesBracket { base_max: None, per_mille: 20 },
        ],
        privacy: PrivacyRules { cell_min: Some(5) },
        sources: vec![Source { key: code("dues"), note: text("The model statutes.") }],
        ..rules(coverage())
    }
}

fn with_trial() -> LifeRules {
    let state = |text, home, full| MembershipState { code: code(text), home, full };
    LifeRules {
        states: vec![
            state("applied", false, false),
            state("trial", true, false),
            state("full", true, true),
        ],
        steps: vec![
            StateStep { from: code("applied"), to: code("trial") },
            StateStep { from: code("trial"), to: code("full") },
        ],
        state_admitted: code("full"),
        probation: Some(ProbationRules {
            state: code("trial"),
            then: code("full"),
            months: 12,
            extension_months_min: 6,
            extension_months_max: 12,
            extensions_max: 1,
        }),
        lost_contact_months: Some(6),
        removal_months: Some(24),
        mobile_months: Some(6),
    }
}

pub(super) fn code(text: &str) -> Code {
    Code::parse(text).expect("a code")
}

pub(super) fn text(text: &str) -> Text {
    Text::parse(text).expect("a text")
}
