//! Random histories, and what a fold over any of them must be: the definition of the state at
//! (D, K), taken word for word.

use std::collections::HashMap;

use events::{Date, FamilyName, Position, Recorded};

use super::*;
use crate::table::{At, DayRule};

const HISTORIES: u64 = 200;
const EVENTS: usize = 20;
const DAYS: i8 = 6;

/// Checks a table of intervals on random histories.
pub(crate) fn folds_as_defined<I: Intervals>() {
    for seed in 0..HISTORIES {
        let history = recorded(&history(&mut Random(seed)));
        recalls_what_it_forgot::<I>(&history, &mut Random(seed));
        leaves_alone_what_stays::<I>(&history);
        holds_what_the_definition_says::<I>(&history);
    }
}

/// A fold that forgets at times gives the same rows as one that never does.
fn recalls_what_it_forgot<I: Intervals>(history: &[Recorded], random: &mut Random) {
    let (mut steady, mut forgetful) = (IntervalFold::<I>::default(), IntervalFold::<I>::default());
    for (index, event) in history.iter().enumerate() {
        if random.below(3) == 0 {
            forgetful.forget();
        }
        if let Some(stream) = forgetful.recalls(event) {
            let past = history[..index].iter().filter(|event| event.stream == stream);
            forgetful.recall(&past.cloned().collect::<Vec<_>>());
        }
        assert_eq!(steady.recalls(event), None);
        assert_eq!(forgetful.recalls(event), None);
        assert_eq!(forgetful.apply(event), steady.apply(event), "{event:?}");
    }
}

/// No event closes a row only to open the same one again.
fn leaves_alone_what_stays<I: Intervals>(history: &[Recorded]) {
    let rows = table(&mut IntervalFold::<I>::default(), history);
    for row in rows.iter().filter(|row| row.known_until.is_some()) {
        let again = rows.iter().find(|other| {
            row.known_until == Some(other.known_from) && row.opened_by == other.opened_by
        });
        assert!(
            again
                .is_none_or(|again| (&again.cells, again.closed_by) != (&row.cells, row.closed_by)),
            "{row:?}"
        );
    }
}

/// The rows that hold at (D, K) are what the definition says, for every D, K and day rule.
fn holds_what_the_definition_says<I: Intervals>(history: &[Recorded]) {
    let rows = table(&mut IntervalFold::<I>::default(), history);
    for day_rule in [DayRule::EndOfDay, DayRule::AnyMoment] {
        for valid_on in (1..=DAYS + 1).map(day) {
            for known_at in (0..=EVENTS as u64).map(Position) {
                let at = At { valid_on, known_at, day_rule };
                let held = rows.iter().filter(|row| at.holds(row));
                let mut held: Vec<Held> =
                    held.map(|row| (row.opened_by, row.valid_from, row.cells.clone())).collect();
                held.sort();
                assert_eq!(held, by_definition::<I>(history, at), "{at:?}");
            }
        }
    }
}

/// What holds, since when, and by which event.
type Held = (Position, Date, Vec<Cell>);

/// The state at (D, K): the events known at K that take effect by D, folded in the order of
/// (effective, position). At any moment of D, what an event of D brought about held as well.
fn by_definition<I: Intervals>(history: &[Recorded], at: At) -> Vec<Held> {
    let mut known: Vec<&Recorded> = history
        .iter()
        .filter(|event| event.position <= at.known_at && event.event.effective() <= at.valid_on)
        .collect();
    known.sort_by_key(|event| (event.event.effective(), event.position));

    let mut facts: HashMap<I::Key, (&Recorded, Option<I::Fact>)> = HashMap::new();
    let mut held = Vec::new();
    let hold = |key, (event, fact): (&Recorded, Option<I::Fact>)| {
        let effective = event.event.effective();
        fact.map(|fact| (event.position, effective, I::cells(key, &fact)))
    };
    for event in known {
        let Some((key, change)) = I::change(event) else { continue };
        let fact = I::step(facts.get(&key).and_then(|(_, fact)| fact.as_ref()), change);
        let before = facts.insert(key, (event, fact));
        let counts = |(event, _): &(&Recorded, _)| {
            at.day_rule == DayRule::AnyMoment && event.event.effective() == at.valid_on
        };
        held.extend(before.filter(counts).and_then(|before| hold(key, before)));
    }
    held.extend(facts.into_iter().filter_map(|(key, last)| hold(key, last)));
    held.sort();
    held
}

/// Events about a few subjects, in any order of days; each stream begins as it would.
fn history(random: &mut Random) -> Vec<Happened> {
    let mut history: Vec<Happened> = Vec::new();
    for _ in 0..EVENTS {
        let stream: StreamId = random.pick(&[
            A.into(),
            B.into(),
            M1.into(),
            M2.into(),
            O1.into(),
            H1.into(),
            R1.into(),
            T1.into(),
        ]);
        let begins = history.iter().all(|(other, _)| *other != stream);
        history.push(any_event(random, stream, begins));
    }
    history
}

fn any_event(random: &mut Random, stream: StreamId, begins: bool) -> Happened {
    let on = 1 + random.below(DAYS as u64) as i8;
    let what = if begins { 0 } else { random.below(4) };
    let (one, other) = (random.pick(&[A, B, C]), random.pick(&[A, B, C]));
    let person = random.pick(&[P1, P2]);
    match stream.family {
        FamilyName::Host => {
            let staff = 10 * (1 + random.below(3) as u32);
            match if begins { 0 } else { random.below(6) } {
                0 => host_registered(on, H1, staff),
                1 => host_staffed(on, H1, staff),
                2 => host_owned(on, H1, random.pick(&["state", "private"])),
                3 => employed(on, H1, person, random.pick(&[None, Some("editor")])),
                4 => unemployed(on, H1, person),
                _ => host_closed(on, H1),
            }
        }
        FamilyName::Relation => {
            let ends = (RelationKind::GuidedBy, Party::Host(H1), Party::Branch(A));
            match what {
                0 => proposed(on, R1, ends),
                1 | 2 => accepted(on, R1, ends),
                _ => parted(on, R1, ends),
            }
        }
        FamilyName::Branch if !begins && random.below(3) == 0 => {
            let (branch, host) = (BranchId(stream.id), random.pick(&[H1, H2]));
            let mode = random.pick(&[FormationMode::Standalone, FormationMode::ByRegion]);
            match random.below(3) {
                0 => detached(on, branch, host),
                _ => attached(on, branch, host, mode),
            }
        }
        FamilyName::Branch => {
            let (branch, name) = (BranchId(stream.id), random.pick(&["Alpha", "Beta"]));
            match what {
                0 => formed(on, branch, name, Some(one)),
                1 => renamed(on, branch, name),
                2 => moved(on, branch, Some(one), random.pick(&[None, Some(other)])),
                _ => dissolved(on, branch, Some(one), &[other]),
            }
        }
        FamilyName::Membership => match (MembershipId(stream.id), what) {
            (membership, 0) => admitted(on, membership, person, one),
            (membership, 1 | 2) => home_moved(on, membership, person, one, other),
            (membership, _) => ended(on, membership, person, one),
        },
        FamilyName::Post => match (PostId(stream.id), what) {
            (post, 0 | 1) => taken(on, post, A, random.pick(&["chair", "clerk"]), person),
            (post, _) => left(on, post, A, "chair", person),
        },
        FamilyName::Transfer => match if begins { 0 } else { random.below(6) } {
            0 => issued(on, T1, one, other),
            1 => presented(on, T1, one, other),
            2 => stood_still(on, T1, one, other),
            3 => ran_again(on, T1, one, other),
            4 => withdrawn(on, T1, one, other),
            _ => accepted_transfer(on, T1, one, other),
        },
        FamilyName::Ledger | FamilyName::Person | FamilyName::Policy | FamilyName::Clock => {
            unreachable!("a history has no such stream")
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}
