//! The definition of state at (D, K), written as the simplest possible program, apart from the
//! folds: take the events up to K, sort those that hold by D, and walk through them.

use std::collections::{BTreeMap, BTreeSet};

use events::{
    BranchEvent, BranchId, Code, Date, Event, MembershipEvent, MembershipId, PersonId, Position,
    PostEvent, PostId, Recorded,
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
            Event::Ledger(_) | Event::Policy(_) | Event::Person(_) => {}
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
            }
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
        if let Event::Branch(BranchEvent::Dissolved { .. }) = &recorded.event {
            let id = BranchId(recorded.stream.id);
            let alone = !self.homes.values().any(|(_, home)| *home == id)
                && !self.branches.values().any(|branch| branch.parent == Some(id))
                && !self.posts.values().any(|(branch, _)| *branch == id);
            assert!(alone, "I7: something is left in {id} at {position}");
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
