//! The definition of state at (D, K), written as the simplest possible program, apart from the
//! folds: take the events up to K, sort those that hold by D, and walk through them.

mod check;
pub mod dues;
mod lives;

use std::collections::{BTreeMap, BTreeSet};

use events::branch::{FormationMode, Rank};
use events::transfer::Case;
use events::{
    BranchEvent, BranchId, Code, CorrectionEvent, Date, Event, HostEvent, HostId, MembershipEvent,
    MembershipId, Party, PersonId, Position, PostEvent, PostId, Recorded, RelationEvent,
    RelationId, RelationKind, Text, TransferEvent, TransferId,
};

/// What is so after some events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    /// The live branches.
    pub branches: BTreeMap<BranchId, Place>,
    /// The memberships that are not ended, and their homes.
    pub homes: BTreeMap<MembershipId, (PersonId, BranchId)>,
    /// The memberships that are not ended, and their states; `None` is the state of an admission.
    pub states: BTreeMap<MembershipId, (PersonId, Option<Code>)>,
    /// The members out of contact.
    pub lost: BTreeSet<MembershipId>,
    /// The members away for long, where they are, and which branch looks after them.
    pub away: BTreeMap<MembershipId, (Option<Code>, Option<BranchId>)>,
    /// Where members have secondary places.
    pub places: BTreeSet<(MembershipId, BranchId)>,
    /// Until when times of trial were extended.
    pub extended: BTreeMap<MembershipId, Date>,
    /// The extension before the last one: when it was decided, and until when.
    pub extended_before: BTreeMap<MembershipId, (Date, Date)>,
    /// The last extension, likewise.
    pub extended_last: BTreeMap<MembershipId, (Date, Date)>,
    /// On which day memberships entered each state last.
    pub entered: BTreeMap<(MembershipId, Code), Date>,
    /// How often times of trial were extended.
    pub extensions: BTreeMap<MembershipId, u32>,
    /// The branches that have been suspended or wound up since the day before.
    pub shut: BTreeSet<BranchId>,
    /// The branches to which somebody came on the day, or was sent.
    pub came_to: BTreeSet<BranchId>,
    /// Who died.
    pub dead: BTreeSet<PersonId>,
    /// Who goes by whose id.
    pub merged: BTreeMap<PersonId, PersonId>,
    /// The memberships that are ended.
    pub ended: BTreeSet<MembershipId>,
    /// Who holds which post where.
    pub posts: BTreeMap<(PostId, PersonId), (BranchId, Code)>,
    /// Who acts in which post where.
    pub acting: BTreeMap<(PostId, PersonId), (BranchId, Code)>,
    /// In which five years people were born, where it is known.
    pub births: BTreeMap<PersonId, u16>,
    /// The operating hosts.
    pub hosts: BTreeMap<HostId, Firm>,
    /// Who works where, and in which post.
    pub employments: BTreeMap<(HostId, PersonId), Option<Code>>,
    /// Who works where under a contract.
    pub contracts: BTreeSet<(HostId, PersonId)>,
    /// Which branch covers which host; the host may be gone.
    pub coverings: BTreeMap<(BranchId, HostId), (FormationMode, Rank)>,
    /// The relations that hold.
    pub relations: BTreeMap<RelationId, (RelationKind, Party, Party)>,
    /// The transfers by which somebody may still move: whose, of which membership, from where.
    pub cases: BTreeMap<TransferId, Transit>,
}

/// A transfer by which somebody may still move.
#[derive(Debug, Clone, PartialEq)]
pub struct Transit {
    pub case: Case,
    pub membership: Option<MembershipId>,
    pub phase: &'static str,
}

impl Transit {
    fn has_side(&self, branch: BranchId) -> bool {
        [&self.case.from, &self.case.to].iter().any(|side| side.branch() == Some(branch))
    }
}

/// An operating host.
#[derive(Debug, Clone, PartialEq)]
pub struct Firm {
    pub code: Code,
    pub name: Text,
    pub kind: Code,
    pub ownership: Code,
    pub staff: u32,
    pub area: Option<Code>,
    pub key_posts: Vec<Code>,
}

/// A live branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub code: String,
    pub name: String,
    pub kind: Code,
    pub parent: Option<BranchId>,
    pub phase: &'static str,
}

/// The facts that hold by a day and were known at a position, in the order in which they hold.
pub fn holding(events: &[Recorded], valid_on: Date, known_at: Position) -> Vec<Recorded> {
    let known: Vec<Recorded> =
        events.iter().filter(|recorded| recorded.position <= known_at).cloned().collect();
    let mut holding = live(&known);
    holding.retain(|recorded| recorded.event.effective() <= valid_on);
    holding.sort_by_key(|recorded| (recorded.event.effective(), recorded.position));
    holding
}

/// The live set: walk from the last position down. What a live retraction names never was; what a
/// live redating or replacement names is not what stands there, and the new fact takes its place.
fn live(known: &[Recorded]) -> Vec<Recorded> {
    let (mut retracted, mut superseded) = (BTreeSet::new(), BTreeSet::new());
    let mut live = Vec::new();
    for recorded in known.iter().rev() {
        let own = (recorded.stream, recorded.sequence);
        if retracted.contains(&own) {
            continue;
        }
        if let Event::Correction(correction) = &recorded.event {
            let of = (recorded.stream, correction.of());
            if let CorrectionEvent::Retracted { .. } = correction {
                retracted.insert(of);
                continue;
            }
            superseded.insert(of);
        }
        if !superseded.contains(&own) {
            let (position, event) = said(known, recorded);
            live.push(Recorded { position, event, ..recorded.clone() });
        }
    }
    live
}

/// The fact that an event says, and the position whose place it takes.
fn said(known: &[Recorded], recorded: &Recorded) -> (Position, Event) {
    let Event::Correction(correction) = &recorded.event else {
        return (recorded.position, recorded.event.clone());
    };
    let own =
        |other: &&Recorded| other.stream == recorded.stream && other.sequence == correction.of();
    let (place, fact) = said(known, known.iter().find(own).expect("what is corrected"));
    match correction {
        CorrectionEvent::Retracted { .. } => unreachable!("a retraction says no fact"),
        CorrectionEvent::Redated { effective, precision, .. } => {
            (place, fact.redated(*effective, *precision))
        }
        CorrectionEvent::Replaced { by, .. } => (place, by.event().clone()),
    }
}

impl World {
    /// State at (D, K).
    pub fn at(events: &[Recorded], valid_on: Date, known_at: Position) -> Self {
        let mut world = Self::default();
        holding(events, valid_on, known_at).iter().for_each(|recorded| world.live(recorded));
        world
    }

    /// Lives through one event.
    pub fn live(&mut self, recorded: &Recorded) {
        let id = recorded.stream.id;
        match &recorded.event {
            Event::Ledger(_) | Event::Policy(_) | Event::Clock(_) => {}
            Event::Correction(_) => unreachable!("only facts hold"),
            Event::Person(event) => self.live_person(PersonId(id), event),
            Event::Host(event) => self.live_host(HostId(id), event),
            Event::Relation(event) => self.live_relation(RelationId(id), event),
            Event::Transfer(event) => self.live_transfer(TransferId(id), event),
            Event::Branch(event) => self.live_branch(BranchId(id), event),
            Event::Membership(event) => self.live_membership(MembershipId(id), event),
            Event::Post(event) => self.live_post(PostId(id), event),
            // A plan changes nothing; its execution stands in events of its own.
            Event::Reorganisation(_) => {}
        }
    }

    fn live_branch(&mut self, id: BranchId, event: &BranchEvent) {
        match event {
            BranchEvent::Formed { code, name, branch_kind, parent, .. } => {
                let place = Place {
                    code: code.to_string(),
                    name: name.to_string(),
                    kind: branch_kind.clone(),
                    parent: *parent,
                    phase: "active",
                };
                self.branches.insert(id, place);
            }
            BranchEvent::Renamed { name, .. } => {
                self.branches.get_mut(&id).expect("a live branch").name = name.to_string();
            }
            BranchEvent::Moved { to, .. } => {
                self.branches.get_mut(&id).expect("a live branch").parent = *to;
            }
            BranchEvent::Dissolved { .. } => {
                self.shut.remove(&id);
                self.branches.remove(&id).expect("a live branch");
                let covers = self.coverings.keys().any(|(branch, _)| *branch == id);
                assert!(!covers, "a dissolved branch covers no host");
            }
            BranchEvent::HostAttached { host, mode, rank, .. } => {
                self.coverings.insert((id, *host), (*mode, *rank));
            }
            BranchEvent::HostDetached { host, .. } => {
                self.coverings.remove(&(id, *host)).expect("a covered host");
            }
            BranchEvent::KindChanged { from, to, .. } => {
                let branch = self.branches.get_mut(&id).expect("a live branch");
                assert_eq!(branch.kind, *from, "the kind just before");
                branch.kind = to.clone();
            }
            BranchEvent::Suspended { .. } => self.enter(id, "suspended"),
            BranchEvent::WindingUpStarted { .. } => self.enter(id, "winding_up"),
            BranchEvent::Resumed { .. } | BranchEvent::WindingUpAbandoned { .. } => {
                self.enter(id, "active");
            }
            // A proposal is no branch yet.
            BranchEvent::Proposed { .. }
            | BranchEvent::Approved { .. }
            | BranchEvent::Rejected { .. }
            | BranchEvent::ReFormed { .. } => {}
        }
    }

    fn enter(&mut self, id: BranchId, phase: &'static str) {
        let branch = self.branches.get_mut(&id).expect("a live branch");
        assert_ne!(branch.phase, phase, "a phase is entered once");
        branch.phase = phase;
        if phase == "active" {
            self.shut.remove(&id);
        }
    }

    fn live_post(&mut self, id: PostId, event: &PostEvent) {
        let (branch, role, person) = event.seat();
        let seat = (branch, role.clone());
        match event {
            PostEvent::Taken { .. } => _ = self.posts.insert((id, person), seat),
            PostEvent::Left { .. } => _ = self.posts.remove(&(id, person)),
            PostEvent::ActingNamed { .. } => {
                let held = self.posts.keys().any(|(post, _)| *post == id);
                assert!(!held, "somebody acts in a vacant post alone");
                let before = self.acting.insert((id, person), seat);
                assert_eq!(before, None, "whoever acts is named once");
            }
            PostEvent::ActingEnded { .. } => {
                self.acting.remove(&(id, person)).expect("somebody who acts");
            }
            PostEvent::TermSet { .. } => {
                assert!(self.posts.contains_key(&(id, person)), "a term is a holder's");
            }
        }
    }

    fn live_host(&mut self, id: HostId, event: &HostEvent) {
        match event.clone() {
            HostEvent::Registered {
                code,
                name,
                host_kind,
                ownership,
                staff,
                area,
                key_posts,
                ..
            } => {
                let kind = host_kind;
                let firm = Firm { code, name, kind, ownership, staff, area, key_posts };
                self.hosts.insert(id, firm);
            }
            HostEvent::Changed { name, host_kind, ownership, staff, area, key_posts, .. } => {
                let firm = self.hosts.get_mut(&id).expect("an operating host");
                firm.name = name.unwrap_or(firm.name.clone());
                firm.kind = host_kind.unwrap_or(firm.kind.clone());
                firm.ownership = ownership.unwrap_or(firm.ownership.clone());
                firm.staff = staff.unwrap_or(firm.staff);
                firm.area = area.or(firm.area.clone());
                firm.key_posts = key_posts.unwrap_or(firm.key_posts.clone());
            }
            HostEvent::Closed { .. } => {
                self.hosts.remove(&id).expect("an operating host");
                let employs = self.employments.keys().any(|(host, _)| *host == id);
                assert!(!employs, "a closed host employs nobody");
            }
            HostEvent::Employed { person, post, contract, .. } => {
                self.employments.insert((id, person), post);
                self.contracts.remove(&(id, person));
                self.contracts.extend(contract.then_some((id, person)));
            }
            HostEvent::EmploymentEnded { person, .. } => {
                self.employments.remove(&(id, person)).expect("an employment");
                self.contracts.remove(&(id, person));
            }
        }
    }

    fn live_relation(&mut self, id: RelationId, event: &RelationEvent) {
        match *event {
            RelationEvent::Proposed { .. } => {}
            RelationEvent::Accepted { relation, from, to, .. } => {
                self.relations.insert(id, (relation, from, to));
            }
            RelationEvent::Ended { .. } => {
                self.relations.remove(&id);
            }
        }
    }

    fn live_transfer(&mut self, id: TransferId, event: &TransferEvent) {
        use TransferEvent as T;
        let phase = match event {
            T::Issued { case, membership, .. } => {
                let transit =
                    Transit { case: case.clone(), membership: Some(*membership), phase: "issued" };
                let before = self.cases.insert(id, transit);
                return assert_eq!(before, None, "a letter is issued once");
            }
            T::Received { case, .. } => {
                let transit = Transit { case: case.clone(), membership: None, phase: "presented" };
                self.cases.insert(id, transit);
                return;
            }
            T::Presented { .. } | T::AppealDecided { upheld: true, .. } => Some("presented"),
            T::Returned { case, .. } if case.from.body().is_some() => None,
            T::Returned { .. } => Some("returned"),
            T::Reissued { .. } => Some("issued"),
            T::Diverted { .. } => match self.cases.get(&id).map(|transit| transit.phase) {
                Some(phase @ ("expired" | "voided")) => Some(phase),
                _ => Some("issued"),
            },
            T::Expired { .. } => Some("expired"),
            T::Voided { .. } => Some("voided"),
            T::ClockSuspended { .. }
            | T::ClockResumed { .. }
            | T::Escalated { .. }
            | T::Appealed { .. }
            | T::AppealDecided { upheld: false, .. }
            | T::OriginMoved { .. } => self.cases.get(&id).map(|transit| transit.phase),
            T::Accepted { .. }
            | T::AcceptedByRule { .. }
            | T::Withdrawn { .. }
            | T::DepartedExternal { .. }
            | T::Closed { .. } => None,
            T::Receipted { .. } => {
                return assert!(!self.cases.contains_key(&id), "accepted before");
            }
            T::Unmatched { .. } | T::Matched { .. } => return,
        };
        let case = event.case().expect("an act upon a letter").clone();
        let before = self.cases.remove(&id).expect("I4: only what is open goes on or ends");
        if let Some(phase) = phase {
            self.cases.insert(id, Transit { case, phase, ..before });
        } else {
            assert_eq!(before.case, case, "a transfer ends as it stood");
        }
    }

    /// Who is in transit, on which letter, and how far it came.
    pub fn in_transit(&self) -> BTreeSet<(String, String, String)> {
        let told = |transit: &Transit| {
            let Case { person, letter, .. } = &transit.case;
            (person.to_string(), letter.to_string(), transit.phase.to_owned())
        };
        self.cases.values().map(told).collect()
    }

    /// I4: at most one open transfer of a membership, and its origin is the home.
    fn check_transfers(&self, recorded: &Recorded) {
        // A home moves with the acts of the same append; between them a transfer looks half done.
        if !matches!(recorded.event, Event::Transfer(_)) {
            return;
        }
        let mut moving = BTreeSet::new();
        for transit in self.cases.values() {
            let Some(membership) = transit.membership else { continue };
            assert!(moving.insert(membership), "I4: two letters at {}", recorded.position);
            let home = self.homes.get(&membership).map(|(_, home)| *home);
            assert_eq!(transit.case.from.branch(), home, "I4: the origin at {}", recorded.position);
        }
    }
}

impl World {
    /// I4 when a day ends, where facts were put on other days: whoever has a home has it where an
    /// open letter begins; whoever has none any more had one before it was closed as moot.
    pub fn check_origins(&self, position: Position) {
        for transit in self.cases.values() {
            let Some(id) = transit.membership else { continue };
            let origin = transit.case.from.branch();
            match self.homes.get(&id) {
                Some((_, home)) => assert_eq!(Some(*home), origin, "I4: the origin at {position}"),
                None => {
                    let begun = self.states.contains_key(&id) || self.ended.contains(&id);
                    assert!(begun, "I4: a letter of nobody at {position}");
                }
            }
        }
    }
}

/// How many joins and ends there are by a day: their difference is the stock.
pub fn joins_and_ends(events: &[Recorded], valid_on: Date, known_at: Position) -> (usize, usize) {
    let holding = holding(events, valid_on, known_at);
    let count = |of: fn(&MembershipEvent) -> bool| {
        let counts = |event: &Event| matches!(event, Event::Membership(event) if of(event));
        holding.iter().filter(|recorded| counts(&recorded.event)).count()
    };
    (
        count(|event| lives::home_step(event).is_some_and(|step| step.0.is_none())),
        count(|event| lives::home_step(event).is_some_and(|step| step.1.is_none())),
    )
}

/// Who went from where to where on the days from one to before another; `None` is outside.
pub fn moves(
    events: &[Recorded],
    days: std::ops::Range<Date>,
    known_at: Position,
) -> BTreeMap<(Option<BranchId>, Option<BranchId>), u64> {
    let mut moves = BTreeMap::new();
    for recorded in holding(events, Date::MAX, known_at) {
        let Event::Membership(event) = &recorded.event else { continue };
        let Some(step) = lives::home_step(event) else { continue };
        if days.contains(&recorded.event.effective()) {
            *moves.entry(step).or_default() += 1;
        }
    }
    moves
}

/// Every branch that was formed by a day, in days from then until its end or that day, and whether
/// it had ended.
pub fn lives(
    events: &[Recorded],
    valid_on: Date,
    known_at: Position,
) -> BTreeMap<BranchId, (i32, bool)> {
    let mut formed = BTreeMap::new();
    let mut lives = BTreeMap::new();
    for recorded in holding(events, valid_on, known_at) {
        let (id, day) = (BranchId(recorded.stream.id), recorded.event.effective());
        if let Event::Branch(BranchEvent::Formed { .. }) = &recorded.event {
            formed.insert(id, day);
            lives.insert(id, ((valid_on - day).get_days(), false));
        }
        if let Event::Branch(BranchEvent::Dissolved { .. }) = &recorded.event {
            lives.insert(id, ((day - formed[&id]).get_days(), true));
        }
    }
    lives
}

/// The share that outlives each length, after Kaplan and Meier, by the textbook.
pub fn survival(lives: &[(i32, bool)]) -> BTreeMap<i32, f64> {
    let share_at = |length: i32| {
        let at_risk = lives.iter().filter(|(days, _)| *days >= length).count();
        let ended = lives.iter().filter(|life| **life == (length, true)).count();
        1.0 - ended as f64 / at_risk as f64
    };
    let lengths: BTreeSet<i32> = lives.iter().map(|(days, _)| *days).collect();
    let survival = |length: &i32| {
        (*length, lengths.range(..=*length).map(|length| share_at(*length)).product())
    };
    lengths.iter().map(survival).collect()
}
