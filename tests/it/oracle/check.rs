//! The invariants, held against a world as it is lived through.

use super::*;

impl World {
    /// I8: nobody comes to a branch that is suspended or wound up.
    fn admits(&self, home: BranchId) {
        let phase = self.branches.get(&home).map_or("active", |branch| branch.phase);
        assert_eq!(phase, "active", "I8: somebody comes to {home}");
    }

    /// The invariants that hold at every moment, between any two events.
    pub fn check(&self, rules: &events::policy::RuleSet, recorded: &Recorded) {
        self.check_day(rules, recorded.position);
        self.check_transfers(recorded);
        comes_to(recorded).into_iter().for_each(|branch| self.admits(branch));
        if let Event::Branch(BranchEvent::Dissolved { .. }) = &recorded.event {
            let id = BranchId(recorded.stream.id);
            let alone = !self.homes.values().any(|(_, home)| *home == id)
                && !self.branches.values().any(|branch| branch.parent == Some(id))
                && !self.posts.values().chain(self.acting.values()).any(|(place, _)| *place == id)
                && !self
                    .relations
                    .values()
                    .any(|(_, from, to)| [from, to].contains(&&Party::Branch(id)))
                && !self.places.iter().any(|(_, place)| *place == id)
                && !self.cases.values().any(|transit| transit.has_side(id));
            assert!(alone, "I7: something is left in {id} at {}", recorded.position);
        }
    }

    /// The invariants that hold when a day ends.
    pub fn check_day(&self, rules: &events::policy::RuleSet, position: Position) {
        self.check_lives(rules, position);
        for (_, home) in self.homes.values() {
            let branch = self.branches.get(home);
            let branch = branch.unwrap_or_else(|| panic!("I3: {home} is no branch at {position}"));
            let kind = rules.branch_kind(&branch.kind).expect("a kind of the rules");
            assert!(kind.may_be_home, "I3: {} is no home", branch.code);
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
            self.check_full(rules, (*person, *branch), position);
        }
        self.check_acting(rules, position);
        self.check_hosts(rules, position);
        self.check_relations(position);
    }
}

/// The branch to which somebody comes, or is sent on a letter.
fn comes_to(recorded: &Recorded) -> Option<BranchId> {
    if let Event::Membership(
        MembershipEvent::Admitted { home, .. }
        | MembershipEvent::HomeMoved { to: home, .. }
        | MembershipEvent::StateChanged { enters: Some(home), .. }
        | MembershipEvent::SecondaryPlaceAssigned { branch: home, .. },
    ) = &recorded.event
    {
        return Some(*home);
    }
    if let Event::Transfer(
        TransferEvent::Issued { case, .. }
        | TransferEvent::Received { case, .. }
        | TransferEvent::Reissued { case, .. }
        | TransferEvent::Diverted { case, .. },
    ) = &recorded.event
    {
        return case.to.branch();
    }
    None
}

impl World {
    /// What each fact keeps to, in whatever order those of one day stand: I13, and who comes where
    /// on the day.
    pub fn check_fact(&mut self, rules: &events::policy::RuleSet, recorded: &Recorded) {
        self.came_to.extend(comes_to(recorded));
        let (Event::Membership(event), Some(probation)) = (&recorded.event, &rules.life.probation)
        else {
            return;
        };
        let id = MembershipId(recorded.stream.id);
        if let MembershipEvent::ProbationExtended { .. } = event {
            let state = self.states.get(&id).and_then(|(_, state)| state.clone());
            let state = state.unwrap_or_else(|| rules.life.state_admitted.clone());
            assert_eq!(state, probation.state, "I13: {id} is extended and not on trial");
        }
        if let MembershipEvent::ProbationExtended { until, .. } = event
            && let Some(began) = self.entered.get(&(id, probation.state.clone()))
        {
            let after = |day: Date, months: u32| {
                day.checked_add(jiff::Span::new().months(i64::from(months))).unwrap()
            };
            let before = self.extended_before.get(&id).filter(|(decided, _)| decided >= began);
            let ends = before.map_or_else(|| after(*began, probation.months), |(_, until)| *until);
            let least = after(ends, probation.extension_months_min);
            let most = after(ends, probation.extension_months_max);
            assert!((least..=most).contains(until), "I13: {id} is extended to {until}");
        }
        if let MembershipEvent::StateChanged { to, effective, .. } = event
            && *to == probation.then
            && let Some(began) = self.entered.get(&(id, probation.state.clone()))
        {
            let months = jiff::Span::new().months(i64::from(probation.months));
            let ends = self.extended.get(&id).copied();
            let ends = ends.unwrap_or_else(|| began.checked_add(months).unwrap());
            assert!(*effective >= ends, "I13: {id} is on trial until {ends}");
        }
        let extensions = self.extensions.get(&id).copied().unwrap_or(0);
        assert!(extensions <= probation.extensions_max, "I13: {id} is extended {extensions} times");
    }

    /// A day ends. I8: nobody came to a branch that was shut all day.
    pub fn end_day(&mut self) {
        let late: Vec<_> = self.shut.intersection(&self.came_to).collect();
        assert!(late.is_empty(), "I8: somebody came to {late:?}");
        self.came_to.clear();
        let shut = self.branches.iter().filter(|(_, branch)| branch.phase != "active");
        self.shut = shut.map(|(id, _)| *id).collect();
    }

    /// What ranks one body over another never leads back to where it began.
    fn check_relations(&self, position: Position) {
        for (kind, from, to) in self.relations.values().filter(|(kind, ..)| kind.ranks()) {
            let mut above = BTreeSet::from([*to]);
            for _ in 0..self.relations.len() {
                let higher = self.relations.values().filter(|(other, ..)| other == kind);
                let higher = higher.filter(|(_, from, _)| above.contains(from));
                above.extend(higher.map(|(.., to)| *to).collect::<Vec<_>>());
            }
            assert!(!above.contains(from), "{from} is above itself at {position}");
        }
    }
}

impl World {
    /// I12: one person acts in a post, nobody holds it then, and the rules bind both alike.
    fn check_acting(&self, rules: &events::policy::RuleSet, position: Position) {
        let mut acted = BTreeSet::new();
        for ((id, person), (branch, role)) in &self.acting {
            assert!(acted.insert(id), "I12: two act as {role} at {position}");
            let held = self.posts.keys().any(|(post, _)| post == id);
            assert!(!held, "I12: {role} is held and acted at {position}");
            if rules.post.holder_at_home {
                let home = self.homes.values().any(|home| *home == (*person, *branch));
                assert!(home, "I12: {person} acts and is not at home at {position}");
            }
            self.check_full(rules, (*person, *branch), position);
        }
    }

    fn check_full(
        &self,
        rules: &events::policy::RuleSet,
        seat: (events::PersonId, BranchId),
        position: Position,
    ) {
        let own = self.homes.iter().filter(|(_, home)| **home == seat);
        let states = own.map(|(id, _)| self.states[id].1.clone());
        let mut states = states.map(|state| state.unwrap_or(rules.life.state_admitted.clone()));
        let full = states.any(|state| rules.life.state(&state).is_some_and(|state| state.full));
        assert!(full || !rules.post.holder_full, "I12: {seat:?} is no full member at {position}");
    }

    fn check_hosts(&self, rules: &events::policy::RuleSet, position: Position) {
        let (mut counted, mut joined) = (BTreeSet::new(), BTreeMap::new());
        for ((branch, host), (mode, rank)) in &self.coverings {
            let hosts: &mut u32 = joined.entry(branch).or_default();
            *hosts += u32::from(mode.is_joint());
            let most = rules.coverage.joint_hosts_max;
            assert!(most.is_none_or(|most| *hosts <= most), "I10: {branch} at {position}");
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
