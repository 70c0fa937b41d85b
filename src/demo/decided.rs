//! Plans are decided here by the rules, one after the other and with nothing recorded: whatever
//! the dice say, no wish is refused.

use events::{LedgerId, PersonId, PolicyEvent, Position, Quoted, StreamId};
use uuid::Uuid;

use super::{Act, FIRST, Ids, Plan, What, command, date, plan_of};
use crate::actor::Actor;
use crate::commands::correct_events::Target;
use crate::commands::{AnyCommand, Decided, Setting};
use crate::policy::preset;
use crate::state::Known;

const LEDGER: LedgerId = LedgerId(Uuid::from_u128(1));

/// How many cities are tried.
const CITIES: u32 = 24;

/// Decides a whole plan.
fn decide_all(plan: &Plan) {
    let mut known = Known::new(LEDGER);
    let rules = preset("party").unwrap();
    let adopted =
        PolicyEvent::Adopted { effective: FIRST, precision: None, rules: Box::new(rules) };
    known.foresee(StreamId::policy(LEDGER), &adopted.into());
    let (mut ids, mut fresh) = (Ids::of(plan), 1);
    for step in &plan.steps {
        if let What::Person(no, Act::Register(_)) = step.what {
            fresh += 1;
            ids.meet(no, PersonId(Uuid::from_u128(fresh)));
        }
        let approver = step.what.is_approval().then(|| ids.person(plan.approver));
        let command = command(step, &ids);
        let decided = decide(&mut known, &*command, step.heard, approver, &mut fresh);
        // Some jobs are taken again where they are held: then it is so already.
        if let Some((stream, _)) = decided.events.first() {
            ids.learn(&step.what, *stream);
        }
        if let (Some(no), [(stream, event), ..]) = (ids.corrected(&step.what), &decided.events[..])
        {
            let sequence = known.version(*stream) + 1;
            let (stream, event) = (stream.to_string(), Quoted::new(event.clone()));
            ids.stands(no, Target { position: Position(1), stream, sequence, event });
        }
        decided.events.iter().for_each(|(stream, event)| known.foresee(*stream, event));
    }
}

fn decide(
    known: &mut Known,
    command: &dyn AnyCommand,
    heard: i32,
    approver: Option<PersonId>,
    fresh: &mut u128,
) -> Decided {
    loop {
        let mut guards = command.looks_at(known);
        guards.push(events::Guard::Policy(LEDGER));
        guards.retain(|guard| !known.has_looked(guard));
        if guards.is_empty() {
            break;
        }
        guards.into_iter().for_each(|guard| known.learn_look(guard, Position(0), []));
    }
    let mut next = || {
        *fresh += 1;
        Uuid::from_u128(*fresh)
    };
    let (actor, today) = (Actor::local(), date(heard.max(0)));
    let (actor, fresh) = (&actor, &mut next);
    let mut setting = Setting { actor, ledger: LEDGER, today, approver, fresh };
    let decided = command.decide(known, &mut setting);
    decided.unwrap_or_else(|refused| panic!("{refused:?}: {command:?}"))
}

#[test]
fn no_wish_is_refused_whatever_the_dice_say() {
    (0..CITIES).for_each(|city| decide_all(&plan_of(city..city + 1)));
}
