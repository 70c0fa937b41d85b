//! The clock is advanced, twice at once, while others accept, present, withdraw, admit and correct:
//! whatever the order of turns, each thing falls due once, the rules do nothing that somebody did
//! before them, and a later advance finds the rest.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use events::{
    BranchId, ClockEvent, Code, Date, Event, MembershipEvent, PersonId, Recorded, TransferEvent,
};
use rollbook::commands::{
    AcceptTransfer, AdmitMember, EndMembership, IssueTransfer, PresentTransfer, WithdrawTransfer,
};
use rollbook::ledger::{Error, Request};
use rollbook::store::{MemoryStore, Store};

use super::Life;
use super::races::form;
use crate::support::commands::plus_days;
use crate::support::dice::Dice;
use crate::support::fronted::Fronted;
use crate::support::nature::Seeded;

/// How many races there are; `ROLLBOOK_TEST_RACES` says otherwise.
const RACES: u64 = 1_000;
/// By how many turns at most each starts late.
const HEAD_START: u32 = 120;
const ANN: PersonId = PersonId(uuid::Uuid::from_u128(0xa0));
const BOB: PersonId = PersonId(uuid::Uuid::from_u128(0xb0));
const EVE: PersonId = PersonId(uuid::Uuid::from_u128(0xe0));

/// What came of the letters, and who lost, over all races.
#[derive(Debug, Default)]
struct Won {
    accepted: u64,
    by_rule: u64,
    escalated: u64,
    expired: u64,
    withdrawn: u64,
    lost: u64,
}

#[test]
fn the_clock_races_whoever_else_records() {
    let mut won = Won::default();
    let races = crate::support::times("ROLLBOOK_TEST_RACES", RACES);
    for number in 0..races {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(race(number, &mut won));
    }
    println!("{races} races of the clock: {won:?}");
    let Won { accepted, by_rule, escalated, expired, withdrawn, .. } = won;
    let each = [accepted, by_rule, escalated, expired, withdrawn];
    assert!(each.iter().all(|won| *won > 0 && *won < races), "each wins and loses: {won:?}");
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

async fn branch(life: &Life, name: &str, effective: Date) -> BranchId {
    let form = Request::new(form(name, effective));
    let formed = life.ledger.execute(&life.actor, form).await.unwrap();
    BranchId(formed.versions[0].0.parse::<events::StreamId>().unwrap().id)
}

/// Ann's letter was presented long ago, so that silence calls upon a superior or accepts; Bob's was
/// never presented, and has run out.
async fn underway(life: &Life, (north, south): (BranchId, BranchId), days: [i64; 3]) {
    let [admitted, issued, presented] = days.map(|ago| plus_days(life.ledger.today(), -ago));
    let precision = None;
    let admit = |person| AdmitMember {
        person,
        branch: north,
        effective: admitted,
        precision,
        newcomer: true,
        state: None,
    };
    let issue = |person, letter: &str| IssueTransfer {
        person,
        from: north,
        to: Some(south),
        body: None,
        letter: code(letter),
        effective: issued,
        precision,
    };
    let (letter, effective) = (code("a-1"), presented);
    let wishes = [
        Request::new(admit(ANN)),
        Request::new(admit(BOB)),
        Request::new(issue(ANN, "a-1")),
        Request::new(issue(BOB, "b-1")),
        Request::new(PresentTransfer { letter, branch: south, effective, precision }),
    ];
    for wish in wishes {
        life.ledger.execute(&life.actor, wish).await.unwrap();
    }
}

type Caller<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

async fn race(number: u64, won: &mut Won) {
    let nature = Arc::new(Seeded::new(number));
    let id = events::LedgerId(uuid::Uuid::from_u128(1));
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new(id, nature.clone()));
    // Party or union: silence calls upon a superior, or counts as consent.
    let life =
        Life::begin(1 + number % 2, Arc::new(Fronted::in_turns(memory, number)), nature).await;
    let (ledger, actor, today) = (&life.ledger, &life.actor, life.ledger.today());
    // Letters are good for 90 days or 60; a union dates back by 90 alone.
    let days = if number.is_multiple_of(2) { [120, 110, 80] } else { [80, 70, 40] };
    let long_ago = plus_days(today, -days[0]);
    let (north, south) =
        (branch(&life, "north", long_ago).await, branch(&life, "south", long_ago).await);
    underway(&life, (north, south), days).await;

    let (precision, effective) = (None, today);
    let accept =
        AcceptTransfer { letter: code("a-1"), branch: south, body: None, effective, precision };
    let withdraw = WithdrawTransfer { letter: code("b-1"), effective, precision };
    let (branch, newcomer, state) = (south, true, None);
    let admit = AdmitMember { person: EVE, branch, effective, precision, newcomer, state };
    let reason = events::membership::EndReason::Left;
    let end = EndMembership { person: BOB, branch: north, effective, precision, reason };
    let mut dice = Dice::new(number);
    let mut others =
        vec![Request::new(accept), Request::new(withdraw), Request::new(admit), Request::new(end)];
    others.rotate_left(usize::try_from(number % 4).unwrap());
    others.truncate(3);
    let wishes = others.into_iter().map(|wish| -> Caller<'_> {
        let turns = dice.below(HEAD_START);
        Box::pin(async move {
            late(turns).await;
            ledger.execute(actor, wish).await.map(|_| ())
        })
    });
    let mut callers: Vec<Caller<'_>> = wishes.collect();
    for turns in [0, dice.below(HEAD_START)] {
        callers.push(Box::pin(async move {
            late(turns).await;
            ledger.advance_clock(actor, today, false).await.map(|_| ())
        }));
    }
    for outcome in crate::support::turns::all(callers).await {
        won.lost += u64::from(matches!(outcome, Err(Error::Conflict)));
        match outcome {
            Ok(()) | Err(Error::Refused(_) | Error::Conflict) => {}
            Err(error) => panic!("race {number}: {error:?}"),
        }
    }
    came_out(number, &life, today, won).await;
}

async fn late(turns: u32) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

async fn came_out(number: u64, life: &Life, today: Date, won: &mut Won) {
    life.ledger.catch_up().await.unwrap();
    let last = life.ledger.advance_clock(&life.actor, today, false).await;
    last.unwrap_or_else(|error| panic!("race {number}: {error:?}"));
    life.nothing_is_left(today).await;
    let events = life.events().await;
    life.keeps_its_invariants(&events);
    falls_due_once(number, &events);
    let moves = events.iter().filter(|recorded| {
        matches!(recorded.event, Event::Membership(MembershipEvent::HomeMoved { .. }))
    });
    assert!(moves.count() <= 1, "race {number}: Ann moves once");
    for Recorded { event, .. } in &events {
        let Event::Transfer(act) = event else { continue };
        won.accepted += u64::from(matches!(act, TransferEvent::Accepted { .. }));
        won.by_rule += u64::from(matches!(act, TransferEvent::AcceptedByRule { .. }));
        won.escalated += u64::from(matches!(act, TransferEvent::Escalated { .. }));
        won.expired += u64::from(matches!(act, TransferEvent::Expired { .. }));
        won.withdrawn += u64::from(matches!(act, TransferEvent::Withdrawn { .. }));
    }
}

/// Two clocks record the same thing once, and the clock goes forward alone.
fn falls_due_once(number: u64, events: &[Recorded]) {
    let (mut due, mut advanced) = (BTreeSet::new(), None);
    for Recorded { event, .. } in events {
        let Event::Clock(event) = event else { continue };
        match event {
            ClockEvent::FellDue { effective, subject, due: what, .. } => {
                let once = due.insert((*subject, what.clone(), *effective));
                assert!(once, "race {number}: {what} of {subject} fell due twice");
            }
            ClockEvent::Advanced { effective, .. } => {
                assert!(advanced.is_none_or(|before| before < *effective), "race {number}");
                advanced = Some(*effective);
            }
            ClockEvent::ScreeningHeld { .. } => {}
        }
    }
}
