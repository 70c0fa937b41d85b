//! given(events).when(command).then(events): the only way in which decisions are tested.
//!
//! Fixtures are the shortest possible events, named by what they mean. Days are days of January
//! 2026, the ledger is `party` unless said otherwise, and new ids are [`fresh`] 1, 2, 3 …

mod clock;
mod corrections;
mod hosts;
mod lives;
mod structure;
mod transfers;

use std::collections::BTreeSet;

use events::membership::{EndReason, Via};
use events::policy::RuleSet;
use events::post::LeaveReason;
use events::{
    BranchEvent, BranchId, Code, Date, Event, Guard, LedgerId, MembershipEvent, MembershipId,
    PersonEvent, PersonId, PolicyEvent, Position, PostEvent, PostId, StreamId, Text,
};
use uuid::Uuid;

pub(crate) use self::clock::*;
pub(crate) use self::hosts::*;
pub(crate) use self::lives::*;
pub(crate) use self::structure::*;
pub(crate) use self::transfers::*;
use crate::actor::Actor;
use crate::commands::{Decide, Decided, Refusal, Setting};
use crate::policy::preset;
use crate::state::{AnySubject, Known};

/// One event that has happened, and in which stream.
pub(crate) type Given = (StreamId, Event);

const LEDGER: LedgerId = LedgerId(id(0x1ed6e5));
pub(crate) const ANN: PersonId = PersonId(id(0xa1));
pub(crate) const BOB: PersonId = PersonId(id(0xb0));
pub(crate) const NORTH: BranchId = BranchId(id(0x01));
pub(crate) const SOUTH: BranchId = BranchId(id(0x02));
pub(crate) const EAST: BranchId = BranchId(id(0x03));
pub(crate) const M1: Uuid = id(0x11);
pub(crate) const M2: Uuid = id(0x12);
pub(crate) const P1: Uuid = id(0x21);

const fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// The n-th id that a decision is given.
pub(crate) fn fresh(n: u128) -> Uuid {
    id(0xf0_0000 + n)
}

/// A day of January 2026.
pub(crate) fn day(n: i8) -> Date {
    jiff::civil::date(2026, 1, n)
}

/// What has happened, and under which rules.
#[derive(Clone)]
pub(crate) struct Past {
    events: Vec<Given>,
    rules: &'static str,
    altered: Option<fn(&mut RuleSet)>,
    approver: Option<PersonId>,
}

/// What a decision came to.
pub(crate) struct Outcome<C: Decide>(Result<Decided, C::Refusal>);

pub(crate) fn given(events: impl IntoIterator<Item = Given>) -> Past {
    Past { events: events.into_iter().collect(), rules: "party", altered: None, approver: None }
}

impl Past {
    pub(crate) fn and(mut self, events: impl IntoIterator<Item = Given>) -> Self {
        self.events.extend(events);
        self
    }

    pub(crate) fn under(self, rules: &'static str) -> Self {
        Self { rules, ..self }
    }

    pub(crate) fn with_rules(self, altered: fn(&mut RuleSet)) -> Self {
        Self { altered: Some(altered), ..self }
    }

    pub(crate) fn approved_by(self, person: PersonId) -> Self {
        Self { approver: Some(person), ..self }
    }

    pub(crate) fn when<C: Decide>(mut self, command: C) -> Outcome<C> {
        let mut adopted = adopted(self.rules, 1);
        if let Event::Policy(PolicyEvent::Adopted { rules, .. }) = &mut adopted.1 {
            self.altered.iter().for_each(|alter| alter(rules));
        }
        self.events.insert(0, adopted);
        let mut known = Known::new(LEDGER);
        loop {
            let mut guards = Decide::looks_at(&command, &known);
            guards.push(Guard::Policy(LEDGER));
            guards.retain(|guard| !known.has_looked(guard));
            if guards.is_empty() {
                break;
            }
            guards.into_iter().for_each(|guard| self.look(&mut known, guard));
        }
        let mut count = 0;
        let mut setting = Setting {
            actor: &Actor::local(),
            ledger: LEDGER,
            today: day(31),
            approver: self.approver,
            fresh: &mut || {
                count += 1;
                fresh(count)
            },
        };
        Outcome(Decide::decide(&command, &known, &mut setting))
    }

    /// What the store would answer, from the events alone.
    fn look(&self, known: &mut Known, guard: Guard) {
        let touching = |(stream, event): &&Given| {
            events::guard::touched(*stream, event.as_ref()).contains(&guard)
        };
        let streams: BTreeSet<StreamId> =
            self.events.iter().filter(touching).map(|(stream, _)| *stream).collect();
        for stream in &streams {
            let mut subject = AnySubject::new(stream.family);
            let own = self.events.iter().filter(|(other, _)| other == stream);
            own.for_each(|(_, event)| subject.apply(event.as_ref()));
            known.learn_subject(*stream, subject);
        }
        known.learn_look(guard, Position(0), streams);
    }
}

impl<C: Decide> Outcome<C> {
    #[track_caller]
    pub(crate) fn then(self, expected: impl IntoIterator<Item = Given>) {
        self.then_noting([], expected);
    }

    #[track_caller]
    pub(crate) fn then_noting<const N: usize>(
        self,
        notes: [&str; N],
        expected: impl IntoIterator<Item = Given>,
    ) {
        let decided = self.0.expect("the command was refused");
        assert_eq!(decided.events, expected.into_iter().collect::<Vec<_>>());
        let noted: Vec<&str> = decided.notes.iter().map(|note| note.code.as_str()).collect();
        assert_eq!(noted, notes);
    }

    #[track_caller]
    pub(crate) fn decided(self) -> Decided {
        self.0.expect("the command was refused")
    }

    #[track_caller]
    pub(crate) fn refused(self) -> C::Refusal {
        self.0.expect_err("the command was accepted")
    }

    #[track_caller]
    pub(crate) fn then_refused(self, expected: C::Refusal)
    where
        C::Refusal: PartialEq,
    {
        let refusal = self.0.expect_err("the command was accepted");
        assert!(C::Refusal::CODES.contains(&refusal.code()));
        assert_eq!(refusal, expected);
    }
}

pub(crate) fn code(text: &str) -> Code {
    Code::parse(text).expect("fixtures have good codes")
}

pub(crate) fn text(text: &str) -> Text {
    Text::parse(text).expect("fixtures have good names")
}

fn name_of(branch: BranchId) -> &'static str {
    match branch {
        SOUTH => "south",
        EAST => "east",
        _ => "north",
    }
}

fn title_case(code: &str) -> Text {
    let (first, rest) = code.split_at(1);
    text(&format!("{}{rest}", first.to_uppercase()))
}

pub(crate) fn adopted(rules: &str, from: i8) -> Given {
    let rules = preset(rules).expect("fixtures use presets");
    let adopted =
        PolicyEvent::Adopted { effective: day(from), precision: None, rules: Box::new(rules) };
    (StreamId::policy(LEDGER), adopted.into())
}

pub(crate) fn registered(person: PersonId) -> Given {
    registered_on(person, 1)
}

pub(crate) fn registered_on(person: PersonId, on: i8) -> Given {
    (person.into(), PersonEvent::Registered { effective: day(on), precision: None }.into())
}

pub(crate) fn formed(branch: BranchId, from: i8) -> Given {
    formed_as(branch, from, "branch")
}

pub(crate) fn formed_as(branch: BranchId, from: i8, kind: &str) -> Given {
    formation(branch, name_of(branch), from, kind, None)
}

pub(crate) fn formed_under(branch: BranchId, name: &str, from: i8, parent: BranchId) -> Given {
    formation(branch, name, from, "branch", Some(parent))
}

fn formation(
    branch: BranchId,
    name: &str,
    from: i8,
    kind: &str,
    parent: Option<BranchId>,
) -> Given {
    let formed = BranchEvent::Formed {
        effective: day(from),
        precision: None,
        code: code(name),
        name: title_case(name),
        title: None,
        branch_kind: code(kind),
        parent,
        formed_from: vec![],
    };
    (branch.into(), formed.into())
}

pub(crate) fn renamed(branch: BranchId, name: &str, from: i8) -> Given {
    let renamed = BranchEvent::Renamed { effective: day(from), precision: None, name: text(name) };
    (branch.into(), renamed.into())
}

pub(crate) fn moved(
    branch: BranchId,
    before: Option<BranchId>,
    to: Option<BranchId>,
    from: i8,
) -> Given {
    let effective = day(from);
    let moved = BranchEvent::Moved { effective, precision: None, from: before, to };
    (branch.into(), moved.into())
}

pub(crate) fn dissolved(branch: BranchId, on: i8) -> Given {
    let dissolved = BranchEvent::Dissolved {
        effective: day(on),
        precision: None,
        parent: None,
        reason: None,
        into: vec![],
    };
    (branch.into(), dissolved.into())
}

pub(crate) fn admitted(person: PersonId, home: BranchId, from: i8, membership: Uuid) -> Given {
    admission(person, home, from, membership, None)
}

pub(crate) fn readmitted(
    person: PersonId,
    home: BranchId,
    from: i8,
    membership: Uuid,
    previous: Uuid,
) -> Given {
    admission(person, home, from, membership, Some(MembershipId(previous)))
}

fn admission(
    person: PersonId,
    home: BranchId,
    from: i8,
    membership: Uuid,
    previous: Option<MembershipId>,
) -> Given {
    let effective = day(from);
    let admitted = MembershipEvent::Admitted {
        effective,
        precision: None,
        person,
        home,
        state: None,
        previous,
    };
    (MembershipId(membership).into(), admitted.into())
}

pub(crate) fn moved_home(
    person: PersonId,
    from: BranchId,
    to: BranchId,
    on: i8,
    membership: Uuid,
) -> Given {
    let (effective, via) = (day(on), Via::Transfer);
    let moved = MembershipEvent::HomeMoved { effective, precision: None, person, from, to, via };
    (MembershipId(membership).into(), moved.into())
}

pub(crate) fn left(person: PersonId, home: BranchId, on: i8, membership: Uuid) -> Given {
    end(person, home, on, membership, EndReason::Left)
}

pub(crate) fn ended_with_branch(
    person: PersonId,
    home: BranchId,
    on: i8,
    membership: Uuid,
) -> Given {
    end(person, home, on, membership, EndReason::BranchDissolved)
}

fn end(person: PersonId, home: BranchId, on: i8, membership: Uuid, reason: EndReason) -> Given {
    let (effective, home) = (day(on), Some(home));
    let ended = MembershipEvent::Ended { effective, precision: None, person, home, reason };
    (MembershipId(membership).into(), ended.into())
}

pub(crate) fn took(person: PersonId, branch: BranchId, role: &str, from: i8, post: Uuid) -> Given {
    let (effective, role) = (day(from), code(role));
    let taken = PostEvent::Taken { effective, precision: None, branch, role, person };
    (PostId(post).into(), taken.into())
}

pub(crate) fn laid_down(
    person: PersonId,
    branch: BranchId,
    role: &str,
    on: i8,
    post: Uuid,
) -> Given {
    post_left(person, branch, role, (on, LeaveReason::Left), post)
}

pub(crate) fn lost_with_home(
    person: PersonId,
    branch: BranchId,
    role: &str,
    on: i8,
    post: Uuid,
) -> Given {
    post_left(person, branch, role, (on, LeaveReason::HomeEnded), post)
}

pub(crate) fn lost_with_branch(
    person: PersonId,
    branch: BranchId,
    role: &str,
    on: i8,
    post: Uuid,
) -> Given {
    post_left(person, branch, role, (on, LeaveReason::BranchDissolved), post)
}

fn post_left(
    person: PersonId,
    branch: BranchId,
    role: &str,
    (on, reason): (i8, LeaveReason),
    post: Uuid,
) -> Given {
    let (effective, role) = (day(on), code(role));
    let left = PostEvent::Left { effective, precision: None, branch, role, person, reason };
    (PostId(post).into(), left.into())
}
