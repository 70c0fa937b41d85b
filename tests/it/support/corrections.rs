//! Random wishes that correct what was recorded: any event, whether it still counts or not.

use events::{Code, Date, Event, Quoted, Recorded};
use rollbook::commands::CorrectEvents;
use rollbook::commands::correct_events::{Redating, Replacing, Target};
use rollbook::ledger::Request;

use super::dice::Dice;

/// Wishes are mostly about what was recorded last.
const RECENT: usize = 30;

pub fn target(recorded: &Recorded) -> Target {
    Target {
        position: recorded.position,
        stream: recorded.stream.to_string(),
        sequence: recorded.sequence,
        event: Quoted::new(recorded.event.clone()),
    }
}

/// One or two corrections; `None` while nothing is recorded.
pub fn wish(dice: &mut Dice, past: &[Recorded], effective: Date) -> Option<Request> {
    let mut corrections = CorrectEvents {
        retract: vec![],
        redate: vec![],
        replace: vec![],
        reason: Code::parse("mistaken").unwrap(),
    };
    for _ in 0..=u32::from(dice.one_in(3)) {
        let recent = if dice.one_in(3) { 0 } else { past.len().saturating_sub(RECENT) };
        let recorded = dice.pick(&past[recent..])?;
        let retraction = recorded.event.is_retraction();
        match if retraction { 0 } else { dice.below(6) } {
            0..=2 => corrections.retract.push(target(recorded)),
            3 | 4 => {
                let redating = Redating { target: target(recorded), effective };
                corrections.redate.push(redating);
            }
            _ => {
                let by = another(dice, past, recorded)?;
                let by = by.redated(recorded.event.effective(), None);
                let replacing = Replacing { target: target(recorded), by: Quoted::new(by) };
                corrections.replace.push(replacing);
            }
        }
    }
    Some(Request::new(corrections))
}

/// A fact of the same family.
fn another(dice: &mut Dice, past: &[Recorded], recorded: &Recorded) -> Option<Event> {
    let same = past.iter().filter(|other| other.event.family() == recorded.event.family());
    let facts = same.filter(|other| !matches!(other.event, Event::Correction(_)));
    let facts: Vec<&Event> = facts.map(|other| &other.event).collect();
    dice.pick(&facts).map(|fact| (*fact).clone())
}
