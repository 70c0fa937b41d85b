//! Corrections of what has happened.

use std::collections::HashMap;

use events::{Position, Quoted, StreamId};

use super::{Given, Past, code, day};
use crate::commands::CorrectEvents;
use crate::commands::correct_events::{CorrectEventsRefusal, Redating, Target};

impl Past {
    /// The codes and days of all that would clash if some of the events, each by its index, were
    /// so on another day of January, or on none.
    pub(crate) fn clashes_once(self, corrections: &[(usize, Option<i8>)]) -> Vec<String> {
        let targets = targets(&self.events);
        let reason = code("mistaken");
        let mut correct =
            CorrectEvents { retract: vec![], redate: vec![], replace: vec![], reason };
        for (index, on) in corrections {
            let target = targets[*index].clone();
            match on {
                None => correct.retract.push(target),
                Some(on) => correct.redate.push(Redating { target, effective: day(*on) }),
            }
        }
        match self.when(correct).0 {
            Ok(decided) => {
                assert_eq!(decided.events.len(), corrections.len(), "each says something new");
                Vec::new()
            }
            Err(CorrectEventsRefusal::Clashing { clashes, .. }) => {
                clashes.0.iter().map(|clash| format!("{} {}", clash.code, clash.on)).collect()
            }
            Err(refusal) => panic!("{refusal:?}"),
        }
    }
}

fn targets(events: &[Given]) -> Vec<Target> {
    let mut sequences: HashMap<StreamId, u64> = HashMap::new();
    let target = |(position, (stream, event)): (u64, &Given)| {
        let sequence = sequences.entry(*stream).or_default();
        *sequence += 1;
        let (stream, sequence) = (stream.to_string(), *sequence);
        Target { position: Position(position), stream, sequence, event: Quoted::new(event.clone()) }
    };
    (1..).zip(events).map(target).collect()
}
