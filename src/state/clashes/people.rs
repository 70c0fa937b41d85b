//! Memberships and posts: I1 to I3, I12, I14 and I15.

use events::policy::OpenAtOnce;
use events::{
    BranchId, Event, Guard, MembershipEvent, MembershipId, Party, PersonId, PostEvent, PostId,
    StreamId,
};

use super::{Branch, Date, FamilyName, Membership, Transfer, View, overlap};
use crate::state::Spell;

/// What a membership or post rests on.
pub(super) fn rests_on(view: &View<'_>, stream: StreamId) -> Vec<Guard> {
    let mut guards = Vec::new();
    if stream.family == FamilyName::Membership
        && let Some(membership) = view.membership(MembershipId(stream.id))
    {
        let places = membership.spells().chain(membership.second_places());
        guards.extend(places.map(|spell| Guard::Branch(spell.value)));
        guards.extend(membership.person().map(Guard::Person));
        let questions = |person| [Guard::MembershipsOf(person), Guard::TransfersOf(person)];
        guards.extend(membership.person().into_iter().flat_map(questions));
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

/// A membership: its steps fit each other, each home is there, and it is the only one.
pub(super) fn membership(
    view: &View<'_>,
    id: MembershipId,
    clash: &mut impl FnMut(&'static str, Date),
) {
    let Some(membership) = view.membership(id) else { return };
    let mut stay = Stay::default();
    for fact in view.timeline(id.into()) {
        let Event::Membership(fact) = fact else { continue };
        if !stay.takes(&fact) {
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
    for place in membership.second_places() {
        if let Some(on) = view.missing(Party::Branch(place.value), place.from, place.until) {
            clash("place_not_there", on);
        }
    }
    let died = membership.person().and_then(|person| view.person(person)?.died());
    let outlives = |died: &Date| membership.life().is_some_and(|life| life.reaches_beyond(*died));
    if let Some(died) = died.filter(outlives) {
        clash("member_dead", died);
    }
    transfers(view, id, membership, clash);
    let others = membership.person().into_iter().flat_map(|person| view.memberships_of(person));
    for (_, other) in others.filter(|(stream, _)| *stream != StreamId::from(id)) {
        if let Some((one, two)) = membership.life().zip(other.life()) {
            let rules = &view.known.policy(one.from).rules.membership;
            let once = rules.open_at_once == OpenAtOnce::OnePerPerson;
            let shared = overlap((one.from, one.until), (two.from, two.until));
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
                let shared = overlap((spell.from, spell.until), (twice.from, twice.until));
                if let Some(on) = shared.filter(|_| counts) {
                    clash("member_twice", on);
                }
            }
        }
    }
}

/// How far a membership is, fact by fact.
#[derive(Default)]
struct Stay {
    person: Option<PersonId>,
    home: Option<BranchId>,
    over: bool,
}

impl Stay {
    /// Goes on by one fact; whether it fits what came before.
    fn takes(&mut self, fact: &MembershipEvent) -> bool {
        let goes_on = self.person == Some(fact.person()) && !self.over;
        match fact {
            MembershipEvent::Admitted { person, home, .. } => {
                let begins = self.person.replace(*person).is_none();
                self.home = Some(*home);
                begins
            }
            MembershipEvent::Applied { person, .. } => self.person.replace(*person).is_none(),
            MembershipEvent::HomeMoved { from, to, .. } => {
                goes_on && self.home.replace(*to) == Some(*from) && from != to
            }
            MembershipEvent::StateChanged { enters, leaves, .. } => {
                let fits = match (enters, leaves) {
                    (Some(_), _) => self.home.is_none(),
                    (None, Some(left)) => self.home == Some(*left),
                    (None, None) => true,
                };
                if enters.is_some() || leaves.is_some() {
                    self.home = *enters;
                }
                goes_on && fits
            }
            MembershipEvent::Ended { home, .. } => {
                self.over = true;
                goes_on && self.home == *home
            }
            MembershipEvent::ProbationExtended { .. }
            | MembershipEvent::ContactLost { .. }
            | MembershipEvent::ContactRegained { .. }
            | MembershipEvent::MobilityRegistered { .. }
            | MembershipEvent::MobilityEnded { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => goes_on,
        }
    }
}

/// I4: the origin of an open transfer is the home, as long as it is open.
fn transfers(
    view: &View<'_>,
    id: MembershipId,
    membership: &Membership,
    clash: &mut impl FnMut(&'static str, Date),
) {
    let cases = membership.person().into_iter().flat_map(|person| view.transfers_of(person));
    for standing in cases.filter_map(Transfer::standing) {
        let last = membership.spells().last().filter(|spell| spell.until.is_none());
        let stays = last.is_some_and(|last| {
            Some(last.value) == standing.case.from.branch() && last.from <= standing.since
        });
        if standing.membership == Some(id) && standing.is_open() && !stays {
            clash("case_origin", standing.since);
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
    }
    for spell in post.acting() {
        if let Some(on) = view.missing(Party::Branch(branch), spell.from, spell.until) {
            clash("post_left", on);
        }
        let bound = view.known.policy(spell.from).rules.post.holder_at_home;
        if bound && !is_at_home(view, branch, &spell) {
            clash("holder_not_at_home", spell.from);
        }
    }
}

/// Whether a person is at home at a branch as long as a stretch lasts.
fn is_at_home(view: &View<'_>, branch: BranchId, spell: &Spell<PersonId>) -> bool {
    let mut homes = view.memberships_of(spell.value).flat_map(|(_, it)| it.spells());
    homes.any(|home| {
        let lasts = home.until.is_none_or(|end| spell.until.is_some_and(|it| it <= end));
        home.value == branch && home.from <= spell.from && lasts
    })
}
