//! Random histories, and what a fold over any of them must be: the definition of the state at
//! (D, K), taken word for word.

use std::collections::HashMap;

use events::{Code, CorrectionEvent, Date, Event, FamilyName, Place, Places, Position, Recorded};

use super::*;
use crate::likenesses::Found;
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

/// Random histories, each other ones.
pub(crate) fn any_histories() -> impl Iterator<Item = Vec<Recorded>> {
    (0..HISTORIES).map(|seed| recorded(&history(&mut Random(seed))))
}

/// A fold that forgets at times gives the same rows as one that never does.
fn recalls_what_it_forgot<I: Intervals>(history: &[Recorded], random: &mut Random) {
    let (mut steady, mut forgetful) = (IntervalFold::<I>::default(), IntervalFold::<I>::default());
    for (index, event) in history.iter().enumerate() {
        match random.below(4) {
            0 => forgetful.forget(),
            1 => forgetful.forget_ended(),
            _ => {}
        }
        assert!(I::RARE || steady.recalls(event).is_none());
        let ops = take(&mut forgetful, history, index);
        assert_eq!(ops, take(&mut steady, history, index), "{event:?}");
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

/// The state at (D, K): the live events known at K that take effect by D, folded in the order of
/// (effective, place). At any moment of D, what an event of D brought about held as well.
fn by_definition<I: Intervals>(history: &[Recorded], at: At) -> Vec<Held> {
    let known: Vec<&Recorded> =
        history.iter().filter(|event| event.position <= at.known_at).collect();
    let mut live = live(&known);
    live.retain(|(_, event)| event.event.effective() <= at.valid_on);
    live.sort_by_key(|(place, event)| (event.event.effective(), *place));
    let known: Vec<&Recorded> = live.iter().map(|(_, event)| event).collect();

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

/// The live set at K: walk from the last position down. What a live retraction names never was;
/// what a live redating or replacement names is superseded, and the new fact takes its place.
fn live(known: &[&Recorded]) -> Vec<(Position, Recorded)> {
    let (mut retracted, mut superseded, mut live) = (Vec::new(), Vec::new(), Vec::new());
    for event in known.iter().rev() {
        let own = (event.stream, event.sequence);
        if retracted.contains(&own) {
            continue;
        }
        if let Event::Correction(correction) = &event.event {
            let of = (event.stream, correction.of());
            if event.event.is_retraction() {
                retracted.push(of);
                continue;
            }
            superseded.push(of);
        }
        if !superseded.contains(&own) {
            let (place, fact) = said(known, event);
            live.push((place, Recorded { event: fact, ..(*event).clone() }));
        }
    }
    live
}

/// The fact that an event says, and the position whose place it takes.
fn said(known: &[&Recorded], event: &Recorded) -> (Position, Event) {
    let Event::Correction(correction) = &event.event else {
        return (event.position, event.event.clone());
    };
    let of = (event.stream, correction.of());
    let corrected = known.iter().find(|other| (other.stream, other.sequence) == of);
    let (place, fact) = said(known, corrected.expect("what is corrected"));
    match correction {
        CorrectionEvent::Retracted { .. } => unreachable!("a retraction says no fact"),
        CorrectionEvent::Redated { effective, precision, .. } => {
            (place, fact.redated(*effective, *precision))
        }
        CorrectionEvent::Replaced { by, .. } => (place, by.event().clone()),
    }
}

/// A correction of whatever stands at some place of a stream.
fn any_correction(random: &mut Random, history: &[Happened], stream: StreamId) -> Happened {
    let own: Vec<&Event> =
        history.iter().filter(|(other, _)| *other == stream).map(|(_, event)| event).collect();
    let mut places = Places::<Event>::default();
    for event in &own {
        if let Event::Correction(correction) = event {
            places.correct(correction);
        } else {
            places.add((*event).clone());
        }
    }
    let place = random.below(places.all().len() as u64) as usize;
    let Place { by, fact, .. } = &places.all()[place];
    let (was, reason) = (own[*by as usize - 1].clone(), Code::parse("mistaken").unwrap());
    let correction = match random.below(if fact.is_some() { 4 } else { 1 }) {
        0 => CorrectionEvent::retracting(*by, was, reason),
        1 => {
            let on = day(1 + random.below(DAYS as u64) as i8);
            CorrectionEvent::redating(*by, was, on, None, reason)
        }
        _ => {
            let (_, instead) = any_event(random, stream, false);
            CorrectionEvent::replacing(*by, was, instead, reason)
        }
    };
    (stream, correction.into())
}

/// Events about a few subjects, in any order of days, and corrections of some; each stream begins
/// as it would.
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
            P1.into(),
            R1.into(),
            T1.into(),
        ]);
        let begins = history.iter().all(|(other, _)| *other != stream);
        history.push(if !begins && random.below(3) == 0 {
            any_correction(random, &history, stream)
        } else {
            any_event(random, stream, begins)
        });
    }
    history
}

fn any_event(random: &mut Random, stream: StreamId, begins: bool) -> Happened {
    let on = 1 + random.below(DAYS as u64) as i8;
    let what = if begins { 0 } else { random.below(4) };
    let (one, other) = (random.pick(&[A, B, C]), random.pick(&[A, B, C]));
    let person = random.pick(&[P1, P2]);
    match stream.family {
        FamilyName::Host => host_event(random, on, begins, person),
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
            match random.below(6) {
                3 => happened(branch, any_phase(random, on)),
                4 => kind_changed(on, branch, "joint"),
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
        FamilyName::Membership => {
            membership_event(random, MembershipId(stream.id), on, begins, (one, other))
        }
        FamilyName::Person => match if begins { 0 } else { random.below(6) } {
            5 => born(on, P1, random.pick(&[1950, 1990])),
            0 => registered(on, P1),
            1 => compared(on, P1, P2, Found::Suspected),
            2 => compared(on, P1, P2, Found::Distinct),
            3 => compared(on, P1, P2, Found::Merged),
            _ => unmerged(on, P1, P2),
        },
        FamilyName::Post => match (PostId(stream.id), what) {
            (post, _) if random.below(3) == 0 => any_acting(random, on, post, person),
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
        FamilyName::Ledger
        | FamilyName::Policy
        | FamilyName::Reorganisation
        | FamilyName::Clock => {
            unreachable!("a history has no such stream")
        }
    }
}

fn host_event(random: &mut Random, on: i8, begins: bool, person: PersonId) -> Happened {
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

/// A change of the phase of a branch.
fn any_phase(random: &mut Random, on: i8) -> BranchEvent {
    let (effective, precision, reason) = (day(on), None, None);
    match random.below(4) {
        0 => BranchEvent::Suspended { effective, precision, reason },
        1 => BranchEvent::Resumed { effective, precision },
        2 => BranchEvent::WindingUpStarted { effective, precision, reason },
        _ => BranchEvent::WindingUpAbandoned { effective, precision },
    }
}

/// What happens beside the taking and leaving of a post.
fn any_acting(random: &mut Random, on: i8, post: PostId, person: PersonId) -> Happened {
    match random.below(3) {
        0 => acting(on, post, A, "chair", person),
        1 => acting_ended(on, post, A, "chair", person),
        _ => term_set(on, post, A, "chair", person, None),
    }
}

fn membership_event(
    random: &mut Random,
    id: MembershipId,
    on: i8,
    begins: bool,
    (one, other): (BranchId, BranchId),
) -> Happened {
    let person = random.pick(&[P1, P2]);
    if begins {
        let applies = random.below(2) == 0;
        return if applies { applied(on, id, person, one) } else { admitted(on, id, person, one) };
    }
    match random.below(14) {
        0..=3 => home_moved(on, id, person, one, other),
        4 => state_changed(on, id, person, (["applicant", "full"], Some(one), None)),
        5 => state_changed(on, id, person, (["full", "stopped"], None, Some(one))),
        6 => extended(on, id, person, 20),
        7 => contact_lost(on, id, person),
        8 => contact_regained(on, id, person),
        9 => away(on, id, person, random.pick(&[None, Some("basel")]), None),
        10 => back(on, id, person),
        11 => placed(on, id, person, one),
        12 => unplaced(on, id, person, one),
        _ => ended(on, id, person, one),
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
