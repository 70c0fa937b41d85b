//! The execution of a plan races against admission, transfer and winding-up: whatever the order of
//! turns, nobody is left behind, and what is acknowledged holds together.

use std::sync::Arc;

use events::reorganisation::PlanForm;
use events::{BranchId, Code, Date, Event, PersonId, Position, ReorganisationEvent, Text};
use rollbook::commands::{
    AdmitMember, ApprovePlan, ExecutePlan, FormBranch, PlanReorganisation, StartWindingUp,
    TransferMember,
};
use rollbook::ledger::Request;
use rollbook::store::{MemoryStore, Store};

use super::{Life, settled};
use crate::oracle::World;
use crate::support::dice::Dice;
use crate::support::fronted::Fronted;
use crate::support::nature::Seeded;

/// How many races there are; `ROLLBOOK_TEST_RACES` says otherwise.
const RACES: u64 = 2_000;
/// By how many turns at most the others start after the execution.
const HEAD_START: u32 = 250;
const ANN: PersonId = PersonId(uuid::Uuid::from_u128(0xa0));
const BOB: PersonId = PersonId(uuid::Uuid::from_u128(0xb0));
const EVE: PersonId = PersonId(uuid::Uuid::from_u128(0xe0));

/// Which of the racers were acknowledged, over all races.
#[derive(Debug, Default)]
struct Won {
    executed: u32,
    admitted: u32,
    transferred: u32,
    wound_up: u32,
}

#[test]
fn a_plan_races_admission_transfer_and_winding_up() {
    let mut won = Won::default();
    let races = crate::support::times("ROLLBOOK_TEST_RACES", RACES);
    for number in 0..races {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(race(number, &mut won));
    }
    println!("{races} races: {won:?}");
    let either = [won.executed, won.admitted, won.transferred];
    assert!(either.iter().all(|won| *won > 0 && u64::from(*won) < races), "each wins and loses");
    assert!(won.wound_up > 0, "the target may be wound up");
}

pub(super) fn form(name: &str, effective: Date) -> FormBranch {
    FormBranch {
        code: Code::parse(name).unwrap(),
        name: Text::parse(name).unwrap(),
        title: None,
        kind: Some(Code::parse("branch").unwrap()),
        parent: None,
        formed_from: vec![],
        effective,
        precision: None,
    }
}

async fn branch(life: &Life, name: &str) -> BranchId {
    let form = Request::new(form(name, life.ledger.today()));
    let formed = life.ledger.execute(&life.actor, form).await.unwrap();
    BranchId(formed.versions[0].0.parse::<events::StreamId>().unwrap().id)
}

/// North, with one member, is to be merged into south; east is elsewhere.
async fn race(number: u64, won: &mut Won) {
    let nature = Arc::new(Seeded::new(number));
    let id = events::LedgerId(uuid::Uuid::from_u128(1));
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new(id, nature.clone()));
    // Number one: the preset in which a second person approves plans.
    let life = Life::begin(1, Arc::new(Fronted::in_turns(memory, number)), nature).await;
    let (ledger, actor, effective) = (&life.ledger, &life.actor, life.ledger.today());
    let (north, south) = (branch(&life, "north").await, branch(&life, "south").await);
    let east = branch(&life, "east").await;
    let (precision, newcomer) = (None, true);
    let admit = |person, branch| {
        Request::new(AdmitMember { person, branch, effective, precision, newcomer, state: None })
    };
    let plan = PlanReorganisation {
        form: PlanForm::Merge,
        sources: vec![north],
        forms: vec![],
        to: Some(Code::parse("south").unwrap()),
        lines: vec![],
        mode: None,
        effective,
        precision,
    };
    let approve = Request::new(ApprovePlan { branch: north, effective, precision });
    let before = [
        admit(ANN, north),
        admit(EVE, east),
        Request::new(plan),
        Request { approver: Some(BOB), ..approve },
    ];
    for wish in before {
        ledger.execute(actor, wish).await.unwrap();
    }
    let transfer = TransferMember { person: EVE, from: east, to: north, effective, precision };
    let wind_up = StartWindingUp { branch: south, reason: None, effective, precision };
    let mut wishes = vec![
        Request::new(ExecutePlan { branch: north, effective, precision }),
        admit(BOB, north),
        Request::new(transfer),
        Request::new(wind_up),
    ];
    wishes.rotate_left(usize::try_from(number % 4).unwrap());
    // The execution looks at the most, so the others start later at times.
    let mut dice = Dice::new(number);
    let mut late = || dice.below(if number.is_multiple_of(3) { 1 } else { HEAD_START });
    let callers = wishes.into_iter().map(|wish| {
        let turns = if wish.command.name() == "execute-plan" { 0 } else { late() };
        async move {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            ledger.record(actor, wish).await
        }
    });
    let outcomes = crate::support::turns::all(callers).await;
    outcomes.into_iter().for_each(|outcome| _ = settled(outcome));

    came_out(number, &life, (north, south, east), won).await;
}

/// Either the plan was executed with everybody in it, or somebody came in time.
async fn came_out(
    number: u64,
    life: &Life,
    (north, south, east): (BranchId, BranchId, BranchId),
    won: &mut Won,
) {
    let events = life.events().await;
    life.keeps_its_invariants(&events);
    let world = World::at(&events, life.ledger.today(), Position(u64::MAX));
    let executed = events.iter().any(|recorded| {
        matches!(recorded.event, Event::Reorganisation(ReorganisationEvent::Executed { .. }))
    });
    let home = |person: PersonId| {
        let mut homes = world.homes.values();
        homes.find(|(other, _)| *other == person).map(|(_, home)| *home)
    };
    assert_eq!(executed, !world.branches.contains_key(&north), "race {number}");
    assert_eq!(home(ANN), Some(if executed { south } else { north }), "race {number}");
    // Whoever came to north in time keeps the plan from being executed.
    assert!(!executed || (home(BOB).is_none() && home(EVE) == Some(east)), "race {number}");
    won.executed += u32::from(executed);
    won.admitted += u32::from(home(BOB).is_some());
    won.transferred += u32::from(home(EVE) == Some(north));
    won.wound_up += u32::from(world.branches[&south].phase == "winding_up");
}
