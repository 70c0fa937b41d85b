//! What a decision knows: the subjects it looked at, and when it looked.
//!
//! A look is a guard. Looking at a guard brings in every subject behind it, and asserts that
//! nobody touches it until the decision is recorded. Events that were decided but are not recorded
//! yet count as known, so several decisions can be taken before one append.

mod questions;

use std::collections::BTreeSet;
use std::sync::Arc;

use events::{
    BranchId, Code, Date, Event, EventRef, FamilyName, Guard, HostId, LedgerId, MembershipId,
    Party, PersonId, Position, PostId, RelationId, ReorganisationId, StreamId, Text, TransferId,
};
use foldhash::HashMap;

use super::relation::Ends;
use super::{
    Branch, Clock, History, Host, InForce, LedgerFrame, Membership, Person, Policies, Post,
    Relation, Reorganisation, Transfer,
};

macro_rules! any_subject {
    ($($Family:ident($Subject:ident) $as_family:ident,)*) => {
        /// A subject of any kind.
        #[derive(Debug, Clone)]
        #[expect(clippy::large_enum_variant, reason = "kept behind an Arc, and seldom moved")]
        pub enum AnySubject { $(#[doc = "One of them."] $Family(History<$Subject>),)* }

        $(impl From<History<$Subject>> for AnySubject {
            fn from(history: History<$Subject>) -> Self {
                Self::$Family(history)
            }
        })*

        impl AnySubject {
            $(
                /// It, if it is one of these.
                #[must_use]
                pub fn $as_family(&self) -> Option<&$Subject> {
                    if let Self::$Family(history) = self { Some(history.subject()) } else { None }
                }
            )*

            /// A subject to which nothing has happened yet.
            #[must_use]
            pub fn new(family: FamilyName) -> Self {
                match family { $(FamilyName::$Family => Self::$Family(History::default()),)* }
            }

            /// How many events there have been.
            #[must_use]
            pub fn version(&self) -> u64 {
                match self { $(Self::$Family(history) => history.version(),)* }
            }

            /// Whether any fact counts: without one, nothing has happened.
            #[must_use]
            pub fn is_there(&self) -> bool {
                match self { $(Self::$Family(history) => history.is_there(),)* }
            }

            /// What stands by an event of the stream, if that is what can be corrected: its place,
            /// and the fact, if one holds there.
            #[must_use]
            pub fn standing(&self, sequence: u64) -> Option<(u64, Option<Event>)> {
                match self {
                    $(Self::$Family(history) => history.standing(sequence).map(|place| {
                        (place.place, place.fact.clone().map(Event::from))
                    }),)*
                }
            }

            /// The facts that count, in the order of their places.
            #[must_use]
            pub fn facts(&self) -> Vec<Event> {
                match self { $(Self::$Family(history) => history.facts().collect(),)* }
            }

            /// Takes one more event of its own family into account.
            ///
            /// # Panics
            /// When the event is of another family: a stream holds one family only.
            pub fn apply(&mut self, event: EventRef<'_>) {
                match (self, event) {
                    $(
                        (Self::$Family(history), EventRef::$Family(fact)) => history.apply(fact),
                        (Self::$Family(history), EventRef::Correction(correction)) => {
                            history.correct(correction);
                        }
                    )*
                    (subject, event) => panic!("{event:?} in the stream of {subject:?}"),
                }
            }
        }
    };
}

any_subject! {
    Ledger(LedgerFrame) as_ledger,
    Person(Person) as_person,
    Membership(Membership) as_membership,
    Branch(Branch) as_branch,
    Post(Post) as_post,
    Policy(Policies) as_policies,
    Host(Host) as_host,
    Relation(Relation) as_relation,
    Clock(Clock) as_clock,
    Transfer(Transfer) as_transfer,
    Reorganisation(Reorganisation) as_reorganisation,
}

/// What the present decision, and those waiting with it to be recorded, have looked at.
#[derive(Debug)]
pub struct Known {
    ledger: LedgerId,
    looked: HashMap<Guard, Look>,
    /// Shared with whoever keeps them: most are only read.
    subjects: HashMap<StreamId, Arc<AnySubject>>,
    /// Streams behind guards that unrecorded events touched before anybody looked.
    unseen: HashMap<Guard, BTreeSet<StreamId>>,
}

#[derive(Debug)]
struct Look {
    position: Position,
    streams: BTreeSet<StreamId>,
}

impl Known {
    /// Nothing looked at yet.
    #[must_use]
    pub fn new(ledger: LedgerId) -> Self {
        let (looked, subjects, unseen) = Default::default();
        Self { ledger, looked, subjects, unseen }
    }

    /// The ledger that is decided about.
    #[must_use]
    pub fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// Whether this guard was looked at.
    #[must_use]
    pub fn has_looked(&self, guard: &Guard) -> bool {
        self.looked.contains_key(guard)
    }

    /// The position at which a guard was looked at; `None` if it was not.
    #[must_use]
    pub fn looked_at(&self, guard: &Guard) -> Option<Position> {
        self.looked.get(guard).map(|look| look.position)
    }

    /// Of everything that was looked at and was touched after a position: where it last was.
    pub fn looked_after(&self, position: Position) -> impl Iterator<Item = Position> {
        self.looked.values().map(|look| look.position).filter(move |at| *at > position)
    }

    /// Whether the subject behind a stream is at hand.
    #[must_use]
    pub fn has_subject(&self, stream: StreamId) -> bool {
        self.subjects.contains_key(&stream)
    }

    /// The subject behind a stream, if it is at hand, to be shared.
    #[must_use]
    pub fn shared(&self, stream: StreamId) -> Option<&Arc<AnySubject>> {
        self.subjects.get(&stream)
    }

    /// The version of a subject; zero if it has no events.
    #[must_use]
    pub fn version(&self, stream: StreamId) -> u64 {
        self.subject(stream).map_or(0, |subject| subject.version())
    }

    /// A subject, if it is at hand, whatever was looked at to bring it in.
    #[must_use]
    pub fn subject(&self, stream: StreamId) -> Option<&AnySubject> {
        self.subjects.get(&stream).map(|subject| &**subject)
    }

    /// The streams behind a guard; none while it was not looked at.
    #[must_use]
    pub fn streams_behind(&self, guard: &Guard) -> Vec<StreamId> {
        self.looked.get(guard).into_iter().flat_map(|look| look.streams.iter().copied()).collect()
    }

    /// How many subjects are at hand.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether nothing is at hand.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// Takes in a subject as the store has it.
    pub fn learn_subject(&mut self, stream: StreamId, subject: impl Into<Arc<AnySubject>>) {
        self.subjects.entry(stream).or_insert_with(|| subject.into());
    }

    /// Takes in a look: its position, and the streams behind it, whose subjects are at hand.
    pub fn learn_look(
        &mut self,
        guard: Guard,
        position: Position,
        streams: impl IntoIterator<Item = StreamId>,
    ) {
        let mut streams: BTreeSet<StreamId> = streams.into_iter().collect();
        streams.extend(self.unseen.remove(&guard).into_iter().flatten());
        self.looked.insert(guard, Look { position, streams });
    }

    /// Takes an event into account that is decided and not recorded yet.
    pub fn foresee(&mut self, stream: StreamId, event: &Event) {
        let subject = self.subjects.entry(stream);
        let subject = subject.or_insert_with(|| Arc::new(AnySubject::new(stream.family)));
        Arc::make_mut(subject).apply(event.as_ref());
        for guard in events::guard::touched(stream, event.as_ref()) {
            match self.looked.get_mut(&guard) {
                Some(look) => _ = look.streams.insert(stream),
                None => _ = self.unseen.entry(guard).or_default().insert(stream),
            }
        }
    }

    /// Learns at which position a foreseen event was recorded. Later ones may still wait.
    pub fn settle(&mut self, stream: StreamId, event: &Event, position: Position) {
        for guard in events::guard::touched(stream, event.as_ref()) {
            match self.looked.get_mut(&guard) {
                Some(look) => look.position = position,
                // Whoever looks from now on is told of this stream, and of no other yet.
                None => {
                    let mut unseen = self.unseen.remove(&guard).unwrap_or_default();
                    unseen.remove(&stream);
                    if !unseen.is_empty() {
                        self.unseen.insert(guard, unseen);
                    }
                }
            }
        }
    }

    fn own(&self, guard: &Guard) -> Option<&AnySubject> {
        assert!(self.has_looked(guard), "a decision reads only what it said it looks at: {guard}");
        let stream = guard.own_stream().expect("only guards with a stream of their own are asked");
        self.subject(stream).filter(|subject| subject.is_there())
    }

    fn behind<'a>(
        &'a self,
        guard: &Guard,
    ) -> impl Iterator<Item = (StreamId, &'a AnySubject)> + use<'a> {
        let look = self.looked.get(guard);
        let look = look.unwrap_or_else(|| panic!("a decision reads only what it lists: {guard}"));
        // A stream of which nothing counts any more is behind no question.
        look.streams
            .iter()
            .map(|stream| {
                (*stream, self.subject(*stream).expect("a look brings its subjects with it"))
            })
            .filter(|(_, subject)| subject.is_there())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::day;
    use events::{BranchEvent, Code, Text};
    use uuid::Uuid;

    fn formed_under(parent: BranchId, name: &str) -> Event {
        BranchEvent::Formed {
            effective: day(1),
            precision: None,
            code: Code::parse(name).unwrap(),
            name: Text::parse(name).unwrap(),
            title: None,
            branch_kind: Code::parse("branch").unwrap(),
            parent: Some(parent),
            formed_from: Vec::new(),
        }
        .into()
    }

    /// One of two is recorded: a look then finds it in the store, and the other one only here.
    #[test]
    fn what_still_waits_is_not_forgotten_with_what_was_recorded() {
        let branch = |number| BranchId(Uuid::from_u128(number));
        let (parent, first, second) = (branch(1), branch(2), branch(3));
        let mut known = Known::new(LedgerId(Uuid::from_u128(9)));
        let event = formed_under(parent, "a");
        known.foresee(first.into(), &event);
        known.foresee(second.into(), &formed_under(parent, "b"));
        known.settle(first.into(), &event, Position(1));
        known.learn_look(Guard::ChildrenOf(parent), Position(1), [first.into()]);
        let children: Vec<BranchId> = known.children_of(parent).map(|(id, _)| id).collect();
        assert_eq!(children, [first, second]);
    }
}
