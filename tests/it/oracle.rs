//! The definition of state at (D, K), written as the simplest possible program, apart from the
//! folds: take the events up to K, sort those that hold by D, and walk through them.

use std::collections::{BTreeMap, BTreeSet};

use events::branch::{FormationMode, Rank};
use events::transfer::Case;
use events::{
    BranchEvent, BranchId, Code, Date, Event, HostEvent, HostId, MembershipEvent, MembershipId,
    Party, PersonEvent, PersonId, Position, PostEvent, PostId, Recorded, RelationEvent, RelationId,
    RelationKind, Text, TransferEvent, TransferId,
};

/// What is so after some events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    /// The live branches.
    pub branches: BTreeMap<BranchId, Place>,
    /// The memberships that are not ended, and their homes.
    pub homes: BTreeMap<MembershipId, (PersonId, BranchId)>,
    /// The memberships that are ended.
    pub ended: BTreeSet<MembershipId>,
    /// Who holds which post where.
    pub posts: BTreeMap<(PostId, PersonId), (BranchId, Code)>,
    /// In which five years people were born, where it is known.
    pub births: BTreeMap<PersonId, u16>,
    /// The operating hosts.
    pub hosts: BTreeMap<HostId, Firm>,
    /// Who works where, and in which post.
    pub employments: BTreeMap<(HostId, PersonId), Option<Code>>,
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
}

/// The events that hold by a day and were known at a position, in the order in which they hold.
pub fn holding(events: &[Recorded], valid_on: Date, known_at: Position) -> Vec<&Recorded> {
    let mut holding: Vec<&Recorded> = events
        .iter()
        .filter(|recorded| recorded.position <= known_at)
        .filter(|recorded| recorded.event.effective() <= valid_on)
        .collect();
    holding.sort_by_key(|recorded| (recorded.event.effective(), recorded.position));
    holding
}

impl World {
    /// State at (D, K).
    pub fn at(events: &[Recorded], valid_on: Date, known_at: Position) -> Self {
        let mut world = Self::default();
        holding(events, valid_on, known_at).into_iter().for_each(|recorded| world.live(recorded));
        world
    }

    /// Lives through one event.
    pub fn live(&mut self, recorded: &Recorded) {
        let id = recorded.stream.id;
        match &recorded.event {
            Event::Ledger(_) | Event::Policy(_) | Event::Clock(_) => {}
            Event::Person(PersonEvent::Registered { .. }) => {}
            Event::Person(PersonEvent::BirthBandRecorded { from_year, .. }) => {
                self.births.insert(PersonId(id), *from_year);
            }
            Event::Host(event) => self.live_host(HostId(id), event),
            Event::Relation(event) => self.live_relation(RelationId(id), event),
            Event::Transfer(event) => self.live_transfer(TransferId(id), event),
            Event::Branch(event) => self.live_branch(BranchId(id), event),
            Event::Membership(event) => self.live_membership(MembershipId(id), event),
            Event::Post(PostEvent::Taken { branch, role, person, .. }) => {
                self.posts.insert((PostId(id), *person), (*branch, role.clone()));
            }
            Event::Post(PostEvent::Left { person, .. }) => {
                self.posts.remove(&(PostId(id), *person));
            }
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
            HostEvent::Employed { person, post, .. } => {
                self.employments.insert((id, person), post);
            }
            HostEvent::EmploymentEnded { person, .. } => {
                self.employments.remove(&(id, person)).expect("an employment");
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
            T::Reissued { .. } | T::Diverted { .. } => Some("issued"),
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

    fn live_membership(&mut self, id: MembershipId, event: &MembershipEvent) {
        match event {
            MembershipEvent::Admitted { person, home, .. } => {
                assert!(!self.ended.contains(&id), "I14: an ended membership stays ended");
                let before = self.homes.insert(id, (*person, *home));
                assert_eq!(before, None, "I1: a membership is admitted once");
            }
            MembershipEvent::HomeMoved { person, from, to, .. } => {
                let before = self.homes.insert(id, (*person, *to));
                assert_eq!(before, Some((*person, *from)), "I2: from is the home just before");
            }
            MembershipEvent::Ended { person, home, .. } => {
                let before = self.homes.remove(&id);
                assert_eq!(before, Some((*person, *home)), "I2: the home just before the end");
                self.ended.insert(id);
            }
        }
    }

    /// The invariants that hold at every moment, between any two events.
    pub fn check(&self, rules: &events::policy::RuleSet, recorded: &Recorded) {
        use events::policy::OpenAtOnce;
        let position = recorded.position;
        let mut people = BTreeSet::new();
        for (person, home) in self.homes.values() {
            let branch = self.branches.get(home);
            let branch = branch.unwrap_or_else(|| panic!("I3: {home} is no branch at {position}"));
            let kind = rules.branch_kind(&branch.kind).expect("a kind of the rules");
            assert!(kind.may_be_home, "I3: {} is no home", branch.code);
            let once = match rules.membership.open_at_once {
                OpenAtOnce::OnePerPerson => people.insert((*person, None)),
                OpenAtOnce::OnePerBranch => people.insert((*person, Some(*home))),
            };
            assert!(once, "I15: {person} is a member twice at {position}");
        }
        for (id, branch) in &self.branches {
            let (mut above, mut steps) = (branch.parent, 0);
            while let Some(parent) = above {
                let parent = self.branches.get(&parent);
                above = parent.unwrap_or_else(|| panic!("I9: {id} is under nothing")).parent;
                steps += 1;
                assert!(steps <= self.branches.len(), "I9: a circle at {position}");
            }
        }
        let mut held = BTreeSet::new();
        for ((_, person), (branch, role)) in &self.posts {
            assert!(self.branches.contains_key(branch), "I7: a post at no branch at {position}");
            if rules.post.exclusive {
                assert!(held.insert((branch, role)), "I12: {role} is held twice at {position}");
            }
            if rules.post.holder_at_home {
                let home = self.homes.values().any(|home| *home == (*person, *branch));
                assert!(home, "I12: {person} is not at home at {position}");
            }
        }
        self.check_hosts(position);
        self.check_transfers(recorded);
        if let Event::Branch(BranchEvent::Dissolved { .. }) = &recorded.event {
            let id = BranchId(recorded.stream.id);
            let alone = !self.homes.values().any(|(_, home)| *home == id)
                && !self.branches.values().any(|branch| branch.parent == Some(id))
                && !self.posts.values().any(|(branch, _)| *branch == id)
                && !self.cases.values().any(|transit| transit.has_side(id));
            assert!(alone, "I7: something is left in {id} at {position}");
        }
    }
}

impl World {
    fn check_hosts(&self, position: Position) {
        let mut counted = BTreeSet::new();
        for ((branch, host), (_, rank)) in &self.coverings {
            assert!(self.branches.contains_key(branch), "I10: no branch covers at {position}");
            if *rank == Rank::Primary {
                assert!(counted.insert(host), "I10: {host} counts twice at {position}");
            }
        }
        for (_, from, to) in self.relations.values() {
            for end in [from, to] {
                let stands = match end {
                    Party::Branch(id) => self.branches.contains_key(id),
                    Party::Host(id) => self.hosts.contains_key(id),
                };
                assert!(stands, "a relation to nothing at {position}");
            }
        }
        for (host, _) in self.employments.keys() {
            assert!(self.hosts.contains_key(host), "work at no host at {position}");
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
        count(|event| matches!(event, MembershipEvent::Admitted { .. })),
        count(|event| matches!(event, MembershipEvent::Ended { .. })),
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
        let step = match event {
            MembershipEvent::Admitted { home, .. } => (None, Some(*home)),
            MembershipEvent::HomeMoved { from, to, .. } => (Some(*from), Some(*to)),
            MembershipEvent::Ended { home, .. } => (Some(*home), None),
        };
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
