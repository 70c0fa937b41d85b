//! Whether a timeline with corrections in it contradicts itself anywhere, at any day.
//!
//! Ordinary decisions look at one day and what follows; a correction may alter any day of its
//! subject, and what other subjects rest on. So the whole timelines of the corrected subjects, and
//! of all that rest on them, are held against the invariants. To have another family checked: a
//! file here, and its lines in [`looks`], [`resting`] and [`clashes`].

mod bodies;
mod lives;
mod people;
mod relations;
mod transfers;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use events::{
    BranchId, CorrectionEvent, Date, Event, FamilyName, Guard, HostId, MembershipId, Party,
    PersonId, PostId, RelationId, StreamId, TransferId,
};

use super::{AnySubject, Branch, Host, Known, Membership, Person, Post, Relation, Transfer};

/// One contradiction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clash {
    /// From when.
    pub on: Date,
    /// Whose timeline does not hold.
    pub subject: StreamId,
    /// Which invariant, as a stable code.
    pub code: &'static str,
}

/// The codes of all clashes.
pub const CLASHES: &[&str] = &[
    "branch_order",
    "branch_shut",
    "case_left",
    "case_origin",
    "case_to_nothing",
    "child_left",
    "circle",
    "code_taken",
    "death_differs",
    "employment_order",
    "extension_out_of_range",
    "extension_without_trial",
    "holder_not_at_home",
    "holder_not_full",
    "home_not_there",
    "home_unfit",
    "host_counts_twice",
    "host_order",
    "hosts_left",
    "hosts_unfit",
    "member_dead",
    "member_twice",
    "membership_order",
    "place_at_home",
    "place_not_there",
    "place_without_home",
    "post_held_twice",
    "post_left",
    "post_order",
    "relation_circle",
    "relation_left",
    "relation_order",
    "too_many_hosts",
    "trial_extended_too_often",
    "trial_not_over",
    "under_nothing",
];

/// Every clash, by day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clashes(pub BTreeSet<Clash>);

impl fmt::Display for Clashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Clash { on, subject, code }) in self.0.iter().enumerate() {
            write!(f, "{}{code} {subject} {on}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// What is known, with corrections foreseen.
pub struct View<'a> {
    known: &'a Known,
    corrected: BTreeMap<StreamId, AnySubject>,
}

impl<'a> View<'a> {
    /// What is known, as it is.
    #[must_use]
    pub fn new(known: &'a Known) -> Self {
        Self { known, corrected: BTreeMap::new() }
    }

    /// Foresees a correction, if its subject is at hand.
    pub fn correct(&mut self, stream: StreamId, correction: &CorrectionEvent) {
        let Some(subject) = self.known.subject(stream) else { return };
        let subject = self.corrected.entry(stream).or_insert_with(|| subject.clone());
        subject.apply(events::EventRef::Correction(correction));
    }

    fn subject(&self, stream: StreamId) -> Option<&AnySubject> {
        let subject = self.corrected.get(&stream).or_else(|| self.known.subject(stream));
        subject.filter(|subject| subject.is_there())
    }

    fn branch(&self, id: BranchId) -> Option<&Branch> {
        self.subject(id.into())?.as_branch()
    }

    fn host(&self, id: HostId) -> Option<&Host> {
        self.subject(id.into())?.as_host()
    }

    fn person(&self, id: PersonId) -> Option<&Person> {
        self.subject(id.into())?.as_person()
    }

    fn membership(&self, id: MembershipId) -> Option<&Membership> {
        self.subject(id.into())?.as_membership()
    }

    fn post(&self, id: PostId) -> Option<&Post> {
        self.subject(id.into())?.as_post()
    }

    fn relation(&self, id: RelationId) -> Option<&Relation> {
        self.subject(id.into())?.as_relation()
    }

    fn transfers_of(&self, person: PersonId) -> impl Iterator<Item = &Transfer> {
        let streams = self.known.streams_behind(&Guard::TransfersOf(person)).into_iter();
        streams.filter_map(|stream| self.subject(stream)?.as_transfer())
    }

    /// The streams behind a guard, and those that are corrected: they may come behind it.
    fn behind(&self, guard: &Guard, family: FamilyName) -> BTreeSet<StreamId> {
        let corrected = self.corrected.keys().copied().filter(|stream| stream.family == family);
        self.known.streams_behind(guard).into_iter().chain(corrected).collect()
    }

    fn memberships_of(&self, person: PersonId) -> impl Iterator<Item = (StreamId, &Membership)> {
        let streams = self.behind(&Guard::MembershipsOf(person), FamilyName::Membership);
        let own = move |membership: &Membership| membership.person() == Some(person);
        streams.into_iter().filter_map(move |stream| {
            let membership = self.membership(MembershipId(stream.id))?;
            own(membership).then_some((stream, membership))
        })
    }

    /// What counts of a stream, in the order in which it holds.
    fn timeline(&self, stream: StreamId) -> Vec<Event> {
        let mut facts = self.subject(stream).map(AnySubject::facts).unwrap_or_default();
        facts.sort_by_key(Event::effective);
        facts
    }

    /// Whether a body is there from a day on until another; otherwise the day on which it is not.
    fn gap(&self, party: Party, from: Date, until: Option<Date>) -> Option<Date> {
        let (begin, end) = match party {
            Party::Branch(id) => self.branch(id).map(|it| (it.formed(), it.dissolved()))?,
            Party::Host(id) => self.host(id).map(|it| (it.registered(), it.closed()))?,
        };
        if begin.is_none_or(|begin| begin > from) {
            return Some(from);
        }
        end.filter(|end| until.is_none_or(|until| until > *end))
    }

    /// The same, and nothing is there of what does not exist.
    fn missing(&self, party: Party, from: Date, until: Option<Date>) -> Option<Date> {
        if self.subject(party.into()).is_none() {
            return Some(from);
        }
        self.gap(party, from, until)
    }
}

/// What must be looked at before these subjects can be checked. Asked until it names nothing new.
#[must_use]
pub fn looks(view: &View<'_>, corrected: &BTreeSet<StreamId>) -> BTreeSet<Guard> {
    let mut guards = BTreeSet::new();
    for stream in corrected {
        guards.extend(resting_guards(view, *stream));
    }
    for stream in resting(view, corrected) {
        guards.extend(bodies::rests_on(view, stream));
        guards.extend(people::rests_on(view, stream));
        guards.extend(relations::rests_on(view, stream));
        guards.extend(transfers::rests_on(view, stream));
    }
    guards
}

/// The questions behind which lies what rests on a subject, as it was and as it is corrected.
fn resting_guards(view: &View<'_>, stream: StreamId) -> Vec<Guard> {
    match stream.family {
        FamilyName::Branch => {
            let id = BranchId(stream.id);
            vec![
                Guard::MembersOf(id),
                Guard::ChildrenOf(id),
                Guard::PostsAt(id),
                Guard::CasesAt(id),
                Guard::RelationsOf(Party::Branch(id)),
            ]
        }
        FamilyName::Host => vec![Guard::RelationsOf(Party::Host(HostId(stream.id)))],
        FamilyName::Membership => {
            people::persons(view, stream).into_iter().map(Guard::PostsHeldBy).collect()
        }
        FamilyName::Person => {
            let same = people::one_with(view, PersonId(stream.id)).into_iter();
            same.map(|(person, _)| Guard::MembershipsOf(person)).collect()
        }
        FamilyName::Ledger
        | FamilyName::Post
        | FamilyName::Policy
        | FamilyName::Relation
        | FamilyName::Transfer
        | FamilyName::Reorganisation
        | FamilyName::Clock => Vec::new(),
    }
}

/// The corrected subjects, and all that rest on them.
fn resting(view: &View<'_>, corrected: &BTreeSet<StreamId>) -> BTreeSet<StreamId> {
    let guards = corrected.iter().flat_map(|stream| resting_guards(view, *stream));
    let resting = guards.flat_map(|guard| view.known.streams_behind(&guard));
    corrected.iter().copied().chain(resting).collect()
}

/// Every contradiction in the timelines of these subjects and of what rests on them.
#[must_use]
pub fn clashes(view: &View<'_>, corrected: &BTreeSet<StreamId>) -> Clashes {
    let mut found = Clashes::default();
    for stream in resting(view, corrected) {
        let mut clash = |code: &'static str, on: Date| {
            _ = found.0.insert(Clash { on, subject: stream, code });
        };
        match stream.family {
            FamilyName::Membership => people::membership(view, MembershipId(stream.id), &mut clash),
            FamilyName::Post => people::post(view, PostId(stream.id), &mut clash),
            FamilyName::Branch => bodies::branch(view, BranchId(stream.id), &mut clash),
            FamilyName::Host => bodies::host(view, HostId(stream.id), &mut clash),
            FamilyName::Relation => relations::relation(view, RelationId(stream.id), &mut clash),
            FamilyName::Transfer => transfers::transfer(view, TransferId(stream.id), &mut clash),
            FamilyName::Person => people::person(view, PersonId(stream.id), &mut clash),
            FamilyName::Ledger
            | FamilyName::Policy
            | FamilyName::Reorganisation
            | FamilyName::Clock => {}
        }
    }
    found
}

/// Whether two stretches share a moment at the end of some day; the day, if they do.
fn overlap(
    (from, until): (Date, Option<Date>),
    (other_from, other_until): (Date, Option<Date>),
) -> Option<Date> {
    let begins = from.max(other_from);
    let ends = |until: Option<Date>| until.is_none_or(|until| until > begins);
    (ends(until) && ends(other_until)).then_some(begins)
}
