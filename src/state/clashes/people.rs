//! Memberships and posts: I1 to I3, I12, I14 and I15.

use std::collections::BTreeSet;

use events::policy::OpenAtOnce;
use events::{BranchId, Event, Guard, MembershipId, Party, PersonId, PostEvent, PostId, StreamId};

use super::lives::{self, Stay};
use super::{AnySubject, Branch, Date, FamilyName, Membership, Person, View, overlap};
use crate::state::Spell;
use crate::state::membership::Standing;
use crate::state::transfer;

/// What a membership or post rests on.
pub(super) fn rests_on(view: &View<'_>, stream: StreamId) -> Vec<Guard> {
    let mut guards = Vec::new();
    if stream.family == FamilyName::Membership {
        guards.extend(persons(view, stream).into_iter().map(Guard::TransfersOf));
    }
    if stream.family == FamilyName::Membership
        && let Some(membership) = view.membership(MembershipId(stream.id))
    {
        let places = membership.spells().chain(membership.second_places());
        guards.extend(places.map(|spell| Guard::Branch(spell.value)));
        guards.extend(membership.person().into_iter().flat_map(|person| same(view, person)));
    }
    if stream.family == FamilyName::Person {
        guards.extend(same(view, PersonId(stream.id)));
    }
    if stream.family == FamilyName::Post
        && let Some(post) = view.post(PostId(stream.id))
    {
        if let Some((branch, _)) = post.place() {
            guards.extend([Guard::Branch(branch), Guard::PostsAt(branch)]);
        }
        let people = post.spells().chain(post.acting());
        guards.extend(people.map(|spell| Guard::MembershipsOf(spell.value)));
    }
    guards
}

/// Whose a membership is, as it was and as it is corrected: there may be none any more.
pub(super) fn persons(view: &View<'_>, stream: StreamId) -> BTreeSet<PersonId> {
    let before = view.known.subject(stream).and_then(AnySubject::as_membership);
    let after = view.membership(MembershipId(stream.id));
    before.into_iter().chain(after).filter_map(Membership::person).collect()
}

/// What says who is one with a person, and where all of them are members.
fn same(view: &View<'_>, person: PersonId) -> Vec<Guard> {
    let guards = one_with(view, person).into_iter().flat_map(|(person, _)| {
        // Who was never compared with anybody costs no look of its own.
        let compared = view.person(person).is_some_and(Person::is_compared);
        let identity = compared.then_some(Guard::IdentityOf(person));
        [Guard::Person(person), Guard::MembershipsOf(person)].into_iter().chain(identity)
    });
    guards.collect()
}

/// A person: those who are one died on one day, or none of them did.
pub(super) fn person(view: &View<'_>, id: PersonId, clash: &mut impl FnMut(&'static str, Date)) {
    let died = |id| view.person(id).and_then(Person::died);
    let own = died(id);
    let still_one = one_with(view, id).into_iter().filter(|(_, (_, until))| until.is_none());
    for on in still_one.map(|(same, _)| died(same)).filter(|other| *other != own) {
        if let Some(on) = [own, on].into_iter().flatten().min() {
            clash("death_differs", on);
        }
    }
}

/// A membership: its steps fit each other, each home is there, and it is the only one.
pub(super) fn membership(
    view: &View<'_>,
    id: MembershipId,
    clash: &mut impl FnMut(&'static str, Date),
) {
    transfers(view, id, clash);
    let Some(membership) = view.membership(id) else { return };
    let mut stay = Stay::default();
    for fact in view.timeline(id.into()) {
        let Event::Membership(fact) = fact else { continue };
        if !stay.takes(view, &fact) {
            clash("membership_order", events::Family::effective(&fact));
        }
    }
    for spell in membership.spells() {
        if let Some(on) = view.missing(Party::Branch(spell.value), spell.from, spell.until) {
            clash("home_not_there", on);
        }
        let rules = &view.known.policy(spell.from).rules;
        for kind in view.branch(spell.value).into_iter().flat_map(Branch::kinds) {
            let fits = rules.branch_kind(kind.value).is_some_and(|flags| flags.may_be_home);
            let shared = overlap((spell.from, spell.until), (kind.from, kind.until));
            if let Some(on) = shared.filter(|_| !fits) {
                clash("home_unfit", on);
            }
        }
    }
    lives::comings(view, id, clash);
    lives::places(membership, clash);
    lives::trials(view, id, clash);
    for place in membership.second_places() {
        if let Some(on) = view.missing(Party::Branch(place.value), place.from, place.until) {
            clash("place_not_there", on);
        }
    }
    let same = membership.person().into_iter().flat_map(|person| one_with(view, person));
    let deaths = same.filter_map(|(same, (from, until))| {
        let died = view.person(same)?.died()?.max(from);
        until.is_none_or(|until| until > died).then_some(died)
    });
    let outlives = |died: &Date| membership.life().is_some_and(|life| life.reaches_beyond(*died));
    if let Some(died) = deaths.filter(outlives).min() {
        clash("member_dead", died);
    }
    for (same, within) in membership.person().into_iter().flat_map(|person| one_with(view, person))
    {
        let others = view.memberships_of(same).filter(|(stream, _)| *stream != StreamId::from(id));
        for (_, other) in others {
            twice(view, membership, other, within, clash);
        }
    }
}

/// I15: of one person, or of two while they are one, at most one membership is open, or at home at
/// one branch, as the rules say.
fn twice(
    view: &View<'_>,
    membership: &Membership,
    other: &Membership,
    within: Days,
    clash: &mut impl FnMut(&'static str, Date),
) {
    let shared = |one: Days, two: Days| {
        let from = overlap(one, two)?;
        let until = [one.1, two.1].into_iter().flatten().min();
        overlap((from, until), within)
    };
    if let Some((one, two)) = membership.life().zip(other.life()) {
        let rules = &view.known.policy(one.from).rules.membership;
        let once = rules.open_at_once == OpenAtOnce::OnePerPerson;
        let shared = shared((one.from, one.until), (two.from, two.until));
        if let Some(on) = shared.filter(|_| once) {
            clash("member_twice", on);
        }
    }
    for spell in membership.spells() {
        let rules = &view.known.policy(spell.from).rules.membership;
        for twice in other.spells() {
            let counts = match rules.open_at_once {
                OpenAtOnce::OnePerPerson => true,
                OpenAtOnce::OnePerBranch => twice.value == spell.value,
            };
            let shared = shared((spell.from, spell.until), (twice.from, twice.until));
            if let Some(on) = shared.filter(|_| counts) {
                clash("member_twice", on);
            }
        }
    }
}

/// A stretch of days; open without an end.
type Days = (Date, Option<Date>);

/// A person, and those who are one with that person, each with the days during which they are.
pub(super) fn one_with(view: &View<'_>, person: PersonId) -> Vec<(PersonId, Days)> {
    let mut found = vec![(person, (Date::MIN, None))];
    let mut next = 0;
    while let Some((one, (from, until))) = found.get(next).copied() {
        next += 1;
        for (beside, days) in merges_of(view, one) {
            let Some(begins) = overlap((from, until), days) else { continue };
            let ends = [until, days.1].into_iter().flatten().min();
            let same = (beside, (begins, ends));
            // Back the way that led here are no others.
            if beside != person && !found.contains(&same) {
                found.push(same);
            }
        }
    }
    found
}

/// Into whom a person was merged and who was merged into it, and when.
fn merges_of(view: &View<'_>, person: PersonId) -> Vec<(PersonId, Days)> {
    let own = view.person(person).into_iter().flat_map(Person::merges);
    let own = own.map(|merge| (merge.value, (merge.from, merge.until)));
    let compared = view.known.streams_behind(&Guard::IdentityOf(person)).into_iter();
    let others = compared.map(|stream| PersonId(stream.id)).filter(|other| *other != person);
    let theirs = others.flat_map(|other| {
        let merges = view.person(other).into_iter().flat_map(Person::merges);
        let into = merges.filter(move |merge| merge.value == person);
        into.map(move |merge| (other, (merge.from, merge.until)))
    });
    own.chain(theirs).collect()
}

/// I4: the origin of an open transfer is the home, on every day on which it is open. One that was
/// closed as moot may have been so before anybody noted it, since there was no home any more.
fn transfers(view: &View<'_>, id: MembershipId, clash: &mut impl FnMut(&'static str, Date)) {
    let nothing = Membership::default();
    let membership = view.membership(id).unwrap_or(&nothing);
    let persons = persons(view, id.into());
    let cases = persons.into_iter().flat_map(|person| view.transfers_of(person));
    let turns = membership.spells().flat_map(|spell| [Some(spell.from), spell.until]).flatten();
    let turns: Vec<Date> = turns.collect();
    for case in cases {
        let is_open = case.is_open();
        let days: BTreeSet<Date> = case.days().chain(turns.iter().copied()).collect();
        let wrong = days.into_iter().find(|day| {
            let standing = case.standing_on(*day).filter(transfer::Standing::is_open);
            standing.filter(|standing| standing.membership == Some(id)).is_some_and(|standing| {
                let home = membership.home_on(*day);
                let over = home.is_none() && membership.spells().any(|spell| spell.from <= *day);
                home != standing.case.from.branch() && (is_open || !over)
            })
        });
        if let Some(on) = wrong {
            clash("case_origin", on);
        }
    }
}

/// A post: taken and left in turn, at a branch that is there, by one at a time who is at home.
pub(super) fn post(view: &View<'_>, id: PostId, clash: &mut impl FnMut(&'static str, Date)) {
    let Some(post) = view.post(id) else { return };
    let Some((branch, role)) = post.place() else { return };
    let (mut holding, mut acting) = (Vec::new(), None);
    for fact in view.timeline(id.into()) {
        let Event::Post(fact) = fact else { continue };
        let (fits, effective) = match &fact {
            PostEvent::Taken { effective, branch: at, role: which, person, .. } => {
                let fits = !holding.contains(person) && *at == branch && which == role;
                holding.push(*person);
                (fits, *effective)
            }
            PostEvent::Left { effective, branch: at, role: which, person, .. } => {
                let fits = holding.contains(person) && *at == branch && which == role;
                holding.retain(|holder| holder != person);
                (fits, *effective)
            }
            PostEvent::TermSet { effective, person, .. } => (holding.contains(person), *effective),
            PostEvent::ActingNamed { effective, person, .. } => {
                (acting.replace(*person).is_none(), *effective)
            }
            PostEvent::ActingEnded { effective, person, .. } => {
                (acting.take() == Some(*person), *effective)
            }
        };
        if !fits {
            clash("post_order", effective);
        }
    }
    let posts = view.behind(&Guard::PostsAt(branch), FamilyName::Post);
    let others: Vec<_> = posts
        .into_iter()
        .filter_map(|stream| Some((stream, view.post(PostId(stream.id))?)))
        .filter(|(_, other)| other.place() == Some((branch, role)))
        .flat_map(|(stream, other)| other.spells().map(move |spell| (stream, spell)))
        .collect();
    for spell in post.spells() {
        if let Some(on) = view.missing(Party::Branch(branch), spell.from, spell.until) {
            clash("post_left", on);
        }
        let rules = &view.known.policy(spell.from).rules.post;
        for (stream, other) in others.iter().filter(|_| rules.exclusive) {
            let own = *stream == StreamId::from(id) && other.value == spell.value;
            let shared = overlap((spell.from, spell.until), (other.from, other.until));
            if let Some(on) = shared.filter(|_| !own) {
                clash("post_held_twice", on);
            }
        }
        if rules.holder_at_home && !is_at_home(view, branch, &spell) {
            clash("holder_not_at_home", spell.from);
        }
        if let Some(on) = not_full(view, branch, &spell).filter(|_| rules.holder_full) {
            clash("holder_not_full", on);
        }
    }
    for spell in post.acting() {
        if let Some(on) = view.missing(Party::Branch(branch), spell.from, spell.until) {
            clash("post_left", on);
        }
        let rules = &view.known.policy(spell.from).rules.post;
        if rules.holder_at_home && !is_at_home(view, branch, &spell) {
            clash("holder_not_at_home", spell.from);
        }
        if let Some(on) = not_full(view, branch, &spell).filter(|_| rules.holder_full) {
            clash("holder_not_full", on);
        }
    }
}

/// The first day of a stretch on which a person is at home at a branch and no full member.
fn not_full(view: &View<'_>, branch: BranchId, spell: &Spell<PersonId>) -> Option<Date> {
    let life = &view.known.policy(spell.from).rules.life;
    let memberships = view.memberships_of(spell.value).map(|(_, membership)| membership);
    let here = memberships.filter(|it| it.spells().any(|home| home.value == branch));
    let days = here.flat_map(|membership| {
        let began = membership.life().map_or(spell.from, |life| life.from);
        let less = membership.standings().filter(move |standing| {
            let state = match standing.value {
                Standing::In(state) => state.clone(),
                Standing::Admitted => view.known.policy(began).rules.life.state_admitted.clone(),
                Standing::Ended => return false,
            };
            life.state(&state).is_some_and(|state| state.home && !state.full)
        });
        less.filter_map(|less| overlap((less.from, less.until), (spell.from, spell.until)))
    });
    days.min()
}

/// Whether a person is at home at a branch as long as a stretch lasts.
fn is_at_home(view: &View<'_>, branch: BranchId, spell: &Spell<PersonId>) -> bool {
    let mut homes = view.memberships_of(spell.value).flat_map(|(_, it)| it.spells());
    homes.any(|home| {
        let lasts = home.until.is_none_or(|end| spell.until.is_some_and(|it| it <= end));
        home.value == branch && home.from <= spell.from && lasts
    })
}

#[cfg(test)]
mod tests {
    use crate::given::*;

    #[test]
    fn two_who_are_one_are_members_once() {
        let history = vec![
            registered(ANN),
            registered(BOB),
            formed(NORTH, 1),
            admitted(BOB, NORTH, 2, M2),
            left(BOB, NORTH, 4, M2),
            admitted(ANN, NORTH, 5, M1),
            suspected(ANN, BOB, 6),
            merged_into(BOB, ANN, 6),
        ];
        let later = given(history.clone()).clashes_once(&[(4, Some(10))]);
        assert_eq!(later, ["member_twice 2026-01-06"]);
        assert_eq!(given(history.clone()).clashes_once(&[(4, Some(6))]), Vec::<String>::new());
        let apart = [history, vec![unmerged(BOB, ANN, 8)]].concat();
        let later = given(apart.clone()).clashes_once(&[(4, None)]);
        assert_eq!(later, ["member_twice 2026-01-06"]);
        let apart = given(apart).under("association").clashes_once(&[(3, Some(3)), (4, Some(7))]);
        assert_eq!(apart, ["member_twice 2026-01-06"]);
    }

    #[test]
    fn posts_are_held_by_full_members() {
        let history = vec![
            registered(ANN),
            formed(NORTH, 1),
            admitted(ANN, NORTH, 3, M1),
            went(["active", "arrears"], 4),
            went(["arrears", "active"], 10),
            took(ANN, NORTH, "chair", 12, P1),
            laid_down(ANN, NORTH, "chair", 15, P1),
        ];
        let union = || given(history.clone()).under("union");
        assert_eq!(union().clashes_once(&[(4, Some(14))]), ["holder_not_full 2026-01-12"]);
        assert_eq!(union().clashes_once(&[(5, Some(8))]), ["holder_not_full 2026-01-08"]);
        assert_eq!(union().clashes_once(&[(5, Some(10))]), Vec::<String>::new());
    }

    #[test]
    fn the_origin_is_the_home_as_long_as_a_letter_is_open() {
        let clashes = |more: &[Given], correction| {
            let issued = issued_until(day(20), T1);
            let history = [before_transfer(), vec![issued], more.to_vec()].concat();
            given(history).clashes_once(&[correction])
        };
        let withdrawn = [withdrawn(9)];
        assert_eq!(clashes(&withdrawn, (4, Some(7))), ["case_origin 2026-01-05"]);
        assert_eq!(clashes(&withdrawn, (4, Some(5))), Vec::<String>::new());
        assert_eq!(clashes(&withdrawn, (4, None)), ["case_origin 2026-01-05"]);
        let taken_in = [presented(6), accepted(10), moved_home(ANN, NORTH, SOUTH, 10, M1)];
        assert_eq!(clashes(&taken_in, (8, Some(8))), ["case_origin 2026-01-08"]);
        // It was moot from the end on, whenever anybody noted that.
        let over = [moot(10), left(ANN, NORTH, 10, M1)];
        assert_eq!(clashes(&over, (7, Some(8))), Vec::<String>::new());
    }

    #[test]
    fn nobody_is_a_member_after_death() {
        let history = [ann_in_north(), vec![ended_by_death(ANN, NORTH, 9, M1), died(ANN, 9)]];
        let found = given(history.concat()).clashes_once(&[(5, Some(8))]);
        assert_eq!(found, ["member_dead 2026-01-08"]);
        let one = vec![registered(BOB), suspected(ANN, BOB, 6), merged_into(BOB, ANN, 6)];
        let one = [&history[..], &[one, vec![died(BOB, 9)]]].concat().concat();
        let early = given(one.clone()).clashes_once(&[(9, Some(8))]);
        assert_eq!(early, ["death_differs 2026-01-08", "member_dead 2026-01-08"]);
        let late = given(one.clone()).clashes_once(&[(9, Some(12))]);
        assert_eq!(late, ["death_differs 2026-01-09"]);
        let both = given(one).clashes_once(&[(5, Some(12)), (9, Some(12))]);
        assert_eq!(both, Vec::<String>::new());
    }
}
