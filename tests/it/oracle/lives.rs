//! What becomes of memberships and persons, by definition.

use std::collections::BTreeSet;

use events::policy::{OpenAtOnce, RuleSet};
use events::{
    BranchId, Family, MembershipEvent, MembershipId, PersonEvent, PersonId, Position, PostId,
};

use super::World;

/// From which home to which a membership goes; `None` is outside. Nothing, if the home stays.
pub(super) fn home_step(event: &MembershipEvent) -> Option<(Option<BranchId>, Option<BranchId>)> {
    match event {
        MembershipEvent::Admitted { home, .. } => Some((None, Some(*home))),
        MembershipEvent::HomeMoved { from, to, .. } => Some((Some(*from), Some(*to))),
        MembershipEvent::Ended { home, .. } => home.map(|home| (Some(home), None)),
        MembershipEvent::StateChanged { enters, leaves, .. } => {
            (enters.is_some() || leaves.is_some()).then_some((*leaves, *enters))
        }
        MembershipEvent::Applied { .. }
        | MembershipEvent::ProbationExtended { .. }
        | MembershipEvent::ContactLost { .. }
        | MembershipEvent::ContactRegained { .. }
        | MembershipEvent::MobilityRegistered { .. }
        | MembershipEvent::MobilityEnded { .. }
        | MembershipEvent::SecondaryPlaceAssigned { .. }
        | MembershipEvent::SecondaryPlaceEnded { .. } => None,
    }
}

impl World {
    pub(super) fn live_person(&mut self, id: PersonId, event: &PersonEvent) {
        match event {
            PersonEvent::Registered { .. }
            | PersonEvent::DuplicateSuspected { .. }
            | PersonEvent::DeclaredDistinct { .. } => {}
            PersonEvent::BirthBandRecorded { from_year, .. } => {
                self.births.insert(id, *from_year);
            }
            PersonEvent::Died { .. } => assert!(self.dead.insert(id), "a person dies once"),
            PersonEvent::Merged { into, .. } => {
                assert_eq!(self.merged.insert(id, *into), None, "a person is merged once");
            }
            PersonEvent::Unmerged { from, .. } => {
                assert_eq!(self.merged.remove(&id), Some(*from), "only who is merged is unmerged");
            }
        }
    }

    pub(super) fn live_membership(&mut self, id: MembershipId, event: &MembershipEvent) {
        let person = event.person();
        assert!(!self.ended.contains(&id), "I14: an ended membership stays ended");
        if let Some((from, to)) = home_step(event) {
            let before = match to {
                Some(to) => self.homes.insert(id, (person, to)),
                None => self.homes.remove(&id),
            };
            assert_eq!(before, from.map(|from| (person, from)), "I2: the home just before");
        }
        match event {
            MembershipEvent::Admitted { state, .. } => {
                let before = self.states.insert(id, (person, state.clone()));
                assert_eq!(before, None, "I1: a membership is admitted once");
                let state = state.iter().map(|state| ((id, state.clone()), event.effective()));
                self.entered.extend(state);
            }
            MembershipEvent::Applied { state, .. } => {
                let before = self.states.insert(id, (person, Some(state.clone())));
                assert_eq!(before, None, "a membership begins once");
            }
            MembershipEvent::HomeMoved { .. } => {}
            MembershipEvent::StateChanged { from, to, effective, .. } => {
                self.entered.insert((id, to.clone()), *effective);
                let before = self.states.insert(id, (person, Some(to.clone())));
                let (_, before) = before.expect("a membership that is open");
                assert!(before.is_none_or(|before| before == *from), "the state just before");
            }
            MembershipEvent::Ended { .. } => {
                self.states.remove(&id).expect("a membership that is open");
                self.ended.insert(id);
                self.lost.remove(&id);
                self.away.remove(&id);
                self.extended.remove(&id);
            }
            MembershipEvent::ProbationExtended { until, effective, .. } => {
                self.extended.insert(id, *until);
                let before = self.extended_last.insert(id, (*effective, *until));
                self.extended_before.extend(before.map(|before| (id, before)));
                *self.extensions.entry(id).or_default() += 1;
            }
            MembershipEvent::ContactLost { .. } => assert!(self.lost.insert(id), "lost once"),
            MembershipEvent::ContactRegained { .. } => assert!(self.lost.remove(&id), "was lost"),
            MembershipEvent::MobilityRegistered { place, branch, .. } => {
                self.away.insert(id, (place.clone(), *branch));
            }
            MembershipEvent::MobilityEnded { .. } => {
                self.away.remove(&id).expect("who was away");
            }
            MembershipEvent::SecondaryPlaceAssigned { branch, .. } => {
                assert!(self.places.insert((id, *branch)), "a place is assigned once");
            }
            MembershipEvent::SecondaryPlaceEnded { branch, .. } => {
                assert!(self.places.remove(&(id, *branch)), "a place that was assigned");
            }
        }
    }

    /// Whose id a person goes by.
    pub fn known_as(&self, person: PersonId) -> PersonId {
        let mut person = person;
        while let Some(into) = self.merged.get(&person) {
            person = *into;
        }
        person
    }

    /// The persons with a home, those who are one once.
    pub fn people(&self) -> BTreeSet<PersonId> {
        self.homes.values().map(|(person, _)| self.known_as(*person)).collect()
    }

    /// Who holds which post, those who are one once.
    pub fn holders(&self) -> BTreeSet<(PostId, PersonId)> {
        self.posts.keys().map(|(post, person)| (*post, self.known_as(*person))).collect()
    }

    /// Who stands in the roster: branch, role, person, and whether at home there. A member without
    /// a post there is a member and nothing else.
    pub fn roster(&self) -> BTreeSet<(String, String, PersonId, bool)> {
        let homes = self.homes.values().map(|(person, home)| (self.known_as(*person), *home));
        let homes: BTreeSet<(PersonId, BranchId)> = homes.collect();
        let code = |branch: &BranchId| self.branches[branch].code.clone();
        let mut roster = BTreeSet::new();
        let mut with_post = BTreeSet::new();
        for ((_, person), (branch, role)) in &self.posts {
            let seat = (self.known_as(*person), *branch);
            roster.insert((code(branch), role.to_string(), seat.0, homes.contains(&seat)));
            with_post.insert(seat);
        }
        for (person, home) in homes.difference(&with_post) {
            roster.insert((code(home), "member".to_owned(), *person, true));
        }
        roster
    }

    /// The memberships that need a home.
    pub fn in_need_of_home(&self, rules: &RuleSet) -> BTreeSet<MembershipId> {
        let needs = |state: &Option<_>| {
            let state = state.as_ref().unwrap_or(&rules.life.state_admitted);
            rules.life.state(state).expect("a state of the rules").home
        };
        let in_need = self.states.iter().filter(|(_, (_, state))| needs(state));
        in_need.map(|(id, _)| *id).collect()
    }

    pub(super) fn check_lives(&self, rules: &RuleSet, position: Position) {
        let at_home: BTreeSet<MembershipId> = self.homes.keys().copied().collect();
        assert_eq!(at_home, self.in_need_of_home(rules), "I1 at {position}");
        let mut people = BTreeSet::new();
        let dead: BTreeSet<_> = self.dead.iter().map(|person| self.known_as(*person)).collect();
        for (id, (person, _)) in &self.states {
            let person = self.known_as(*person);
            assert!(!dead.contains(&person), "{person} is dead and a member at {position}");
            let once = match rules.membership.open_at_once {
                OpenAtOnce::OnePerPerson => people.insert((person, None)),
                OpenAtOnce::OnePerBranch => {
                    let home = self.homes.get(id);
                    home.is_none_or(|(_, home)| people.insert((person, Some(*home))))
                }
            };
            assert!(once, "I15: {person} is a member twice at {position}");
        }
        for (id, branch) in &self.places {
            let home = self.homes.get(id).map(|(_, home)| home);
            assert!(home.is_some(), "a second place without a first at {position}");
            assert!(home != Some(branch), "a second place where the first is at {position}");
            assert!(self.branches.contains_key(branch), "a place at no branch at {position}");
        }
    }
}
