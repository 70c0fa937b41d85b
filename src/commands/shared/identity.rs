//! Whom a person is the same as, and whether that is in doubt.

use std::collections::BTreeSet;

use events::{Date, Guard, PersonId};

use crate::state::person::Likeness;
use crate::state::{Known, Person};

/// Why nothing begins for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Unsound {
    /// The person died.
    Died(PersonId, Date),
    /// The person goes by another id.
    Merged(PersonId, PersonId),
    /// The person may be the same as another one.
    InDoubt(PersonId, PersonId),
}

/// What must be looked at to know whom a person is the same as; asked again until nothing is new.
/// Who was never compared with anybody costs no look of its own.
pub(in crate::commands) fn guards(known: &Known, person: PersonId) -> Vec<Guard> {
    let (mut guards, mut seen, mut waiting) = (Vec::new(), BTreeSet::from([person]), vec![person]);
    while let Some(next) = waiting.pop() {
        guards.push(Guard::Person(next));
        let at_hand = known.has_looked(&Guard::Person(next));
        if !at_hand || !known.person(next).is_some_and(Person::is_compared) {
            continue;
        }
        guards.push(Guard::IdentityOf(next));
        if known.has_looked(&Guard::IdentityOf(next)) {
            let others = merged_with(known, next, Date::MIN);
            waiting.extend(others.into_iter().filter(|other| seen.insert(*other)));
        }
    }
    guards
}

/// The persons who are the same as this one from a day on, as far as is recorded; it is among them.
pub(in crate::commands) fn same_as(
    known: &Known,
    person: PersonId,
    from: Date,
) -> BTreeSet<PersonId> {
    let (mut same, mut waiting) = (BTreeSet::from([person]), vec![person]);
    while let Some(next) = waiting.pop() {
        let others = merged_with(known, next, from);
        waiting.extend(others.into_iter().filter(|other| same.insert(*other)));
    }
    same
}

/// The persons into whom this one was merged, and who were merged into it, in time that reaches
/// beyond a day.
fn merged_with(known: &Known, person: PersonId, from: Date) -> Vec<PersonId> {
    if !known.person(person).is_some_and(Person::is_compared) {
        return Vec::new();
    }
    let merges = known.compared_with(person).flat_map(|(id, other)| {
        let merges = other.merges().filter(|merge| merge.reaches_beyond(from));
        merges.map(move |merge| (id, merge.value))
    });
    let beside = merges.filter_map(|(id, into)| match (id == person, into == person) {
        (true, _) => Some(into),
        (false, true) => Some(id),
        (false, false) => None,
    });
    beside.collect()
}

/// Whether something may begin for a person: alive, under the id that counts, and no one else's
/// double as far as anybody suspects. Acceptance of a transfer asks the same.
pub(in crate::commands) fn sound(known: &Known, person: PersonId) -> Result<(), Unsound> {
    let Some(itself) = known.person(person) else { return Ok(()) };
    if let Some(died) = itself.died() {
        return Err(Unsound::Died(person, died));
    }
    if let Some(into) = goes_by(itself) {
        return Err(Unsound::Merged(person, into));
    }
    match suspected(known, person) {
        Some(other) => Err(Unsound::InDoubt(person, other)),
        None => Ok(()),
    }
}

/// When a person died, if so: nobody takes up a post or work after that, and nothing is known of
/// what was taken up before and would have to end with it.
pub(in crate::commands) fn died(known: &Known, person: PersonId) -> Option<Date> {
    known.person(person).and_then(Person::died)
}

/// By whose id a person goes now, if not by its own.
pub(in crate::commands) fn goes_by(person: &Person) -> Option<PersonId> {
    let merged = |(other, likeness)| (likeness == Likeness::Merged).then_some(other);
    person.likenesses().find_map(merged)
}

/// Another person who may be the same, where nothing is decided yet.
fn suspected(known: &Known, person: PersonId) -> Option<PersonId> {
    let itself = known.person(person).filter(|itself| itself.is_compared())?;
    let open = |(other, likeness): &(PersonId, Likeness)| {
        *likeness == Likeness::Suspected && is_open(known, person, *other)
    };
    itself.likenesses().find(open).map(|(other, _)| other)
}

/// Whether the other one's side of a suspicion is open too: a merge stands with who was merged.
fn is_open(known: &Known, person: PersonId, other: PersonId) -> bool {
    let others = known.compared_with(person).find(|(id, _)| *id == other);
    let found = others.and_then(|(_, theirs)| theirs.likeness(person));
    found.is_none_or(|found| found == Likeness::Suspected)
}
