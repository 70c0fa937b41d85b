//! What a membership goes through: its steps in turn, I13 and I8.

use std::collections::BTreeSet;

use events::policy::ProbationRules;
use events::{BranchId, Code, Event, Family, MembershipEvent, MembershipId, PersonId};
use jiff::ToSpan;

use super::{Date, Membership, View, overlap};

/// How far a membership is, fact by fact.
#[derive(Default)]
pub(super) struct Stay {
    person: Option<PersonId>,
    home: Option<BranchId>,
    state: Option<Code>,
    lost: bool,
    away: bool,
    places: BTreeSet<BranchId>,
    over: bool,
}

impl Stay {
    /// Goes on by one fact; whether it fits what came before.
    pub(super) fn takes(&mut self, view: &View<'_>, fact: &MembershipEvent) -> bool {
        let goes_on = self.person == Some(fact.person()) && !self.over;
        match fact {
            MembershipEvent::Admitted { person, home, .. } => {
                let begins = self.person.replace(*person).is_none();
                (self.home, self.state) = (Some(*home), state_after(view, fact));
                begins
            }
            MembershipEvent::Applied { person, .. } => {
                self.state = state_after(view, fact);
                self.person.replace(*person).is_none()
            }
            MembershipEvent::HomeMoved { from, to, .. } => {
                goes_on && self.home.replace(*to) == Some(*from) && from != to
            }
            MembershipEvent::StateChanged { from, to, enters, leaves, .. } => {
                let fits = match (enters, leaves) {
                    (Some(_), _) => self.home.is_none(),
                    (None, Some(left)) => self.home == Some(*left),
                    (None, None) => true,
                };
                if enters.is_some() || leaves.is_some() {
                    self.home = *enters;
                }
                let before = self.state.replace(to.clone());
                goes_on && fits && before.as_ref() == Some(from)
            }
            MembershipEvent::Ended { home, .. } => {
                self.over = true;
                goes_on && self.home == *home
            }
            MembershipEvent::ProbationExtended { .. } => goes_on,
            MembershipEvent::ContactLost { .. } => {
                goes_on && !std::mem::replace(&mut self.lost, true)
            }
            MembershipEvent::ContactRegained { .. } => std::mem::take(&mut self.lost) && goes_on,
            MembershipEvent::MobilityRegistered { .. } => {
                self.away = true;
                goes_on
            }
            MembershipEvent::MobilityEnded { .. } => std::mem::take(&mut self.away) && goes_on,
            MembershipEvent::SecondaryPlaceAssigned { branch, .. } => {
                self.places.insert(*branch) && goes_on
            }
            MembershipEvent::SecondaryPlaceEnded { branch, .. } => {
                self.places.remove(branch) && goes_on
            }
        }
    }
}

/// The state into which a fact leads; nothing, if it leads into none.
fn state_after(view: &View<'_>, fact: &MembershipEvent) -> Option<Code> {
    match fact {
        MembershipEvent::Admitted { effective, state, .. } => {
            let admitted = || view.known.policy(*effective).rules.life.state_admitted.clone();
            Some(state.clone().unwrap_or_else(admitted))
        }
        MembershipEvent::Applied { state, .. } => Some(state.clone()),
        MembershipEvent::StateChanged { to, .. } => Some(to.clone()),
        MembershipEvent::HomeMoved { .. }
        | MembershipEvent::Ended { .. }
        | MembershipEvent::ProbationExtended { .. }
        | MembershipEvent::ContactLost { .. }
        | MembershipEvent::ContactRegained { .. }
        | MembershipEvent::MobilityRegistered { .. }
        | MembershipEvent::MobilityEnded { .. }
        | MembershipEvent::SecondaryPlaceAssigned { .. }
        | MembershipEvent::SecondaryPlaceEnded { .. } => None,
    }
}

/// The branch to which somebody comes by a fact.
fn comes_to(fact: &MembershipEvent) -> Option<BranchId> {
    match fact {
        MembershipEvent::Admitted { home, .. } | MembershipEvent::HomeMoved { to: home, .. } => {
            Some(*home)
        }
        MembershipEvent::StateChanged { enters, .. } => *enters,
        MembershipEvent::SecondaryPlaceAssigned { branch, .. } => Some(*branch),
        MembershipEvent::Applied { .. }
        | MembershipEvent::Ended { .. }
        | MembershipEvent::ProbationExtended { .. }
        | MembershipEvent::ContactLost { .. }
        | MembershipEvent::ContactRegained { .. }
        | MembershipEvent::MobilityRegistered { .. }
        | MembershipEvent::MobilityEnded { .. }
        | MembershipEvent::SecondaryPlaceEnded { .. } => None,
    }
}

/// I8: nobody comes to a branch that is suspended or wound up.
pub(super) fn comings(
    view: &View<'_>,
    id: MembershipId,
    clash: &mut impl FnMut(&'static str, Date),
) {
    for fact in view.timeline(id.into()) {
        let Event::Membership(fact) = fact else { continue };
        let on = fact.effective();
        let branch = comes_to(&fact).and_then(|branch| view.branch(branch));
        if branch.is_some_and(|branch| branch.is_shut_throughout(on)) {
            clash("branch_shut", on);
        }
    }
}

/// A secondary place lasts no longer than a home does, and is at another branch.
pub(super) fn places(membership: &Membership, clash: &mut impl FnMut(&'static str, Date)) {
    for place in membership.second_places() {
        let mut covered = place.from;
        for home in membership.spells() {
            if home.from <= covered {
                covered = covered.max(home.until.unwrap_or(Date::MAX));
            }
        }
        if place.until.unwrap_or(Date::MAX) > covered {
            clash("place_without_home", covered);
        }
        for home in membership.spells().filter(|home| home.value == place.value) {
            if let Some(on) = overlap((place.from, place.until), (home.from, home.until)) {
                clash("place_at_home", on);
            }
        }
    }
}

/// What a membership went through by some fact, as far as I13 asks.
#[derive(Default)]
struct Trial {
    states: Vec<(Date, Code)>,
    extensions: Vec<(Date, Date)>,
}

impl Trial {
    /// The first day of the last time of trial, and the extensions of it.
    fn last(&self, probation: &ProbationRules) -> Option<(Date, Vec<(Date, Date)>)> {
        let began = self.states.iter().rev().find(|(_, state)| *state == probation.state)?.0;
        let own = self.extensions.iter().filter(|(decided, _)| *decided >= began);
        Some((began, own.copied().collect()))
    }

    /// The first day on which the last time of trial may end.
    fn ends(&self, probation: &ProbationRules) -> Option<Date> {
        let (began, extensions) = self.last(probation)?;
        let as_begun = began.checked_add(i64::from(probation.months).months()).unwrap_or(Date::MAX);
        Some(extensions.last().map_or(as_begun, |(_, until)| *until))
    }
}

/// Whether an extension from one end of a time of trial to another is as long as the rules allow.
fn is_of_length(probation: &ProbationRules, ends: Date, until: Date) -> bool {
    let later = |months: u32| ends.checked_add(i64::from(months).months()).unwrap_or(Date::MAX);
    let (least, most) = (probation.extension_months_min, probation.extension_months_max);
    (later(least)..=later(most)).contains(&until)
}

/// I13: nobody becomes a full member before the time of trial is over, and it is extended while it
/// lasts, as often and as far as the rules allow.
pub(super) fn trials(
    view: &View<'_>,
    id: MembershipId,
    clash: &mut impl FnMut(&'static str, Date),
) {
    let mut trial = Trial::default();
    for fact in view.timeline(id.into()) {
        let Event::Membership(fact) = fact else { continue };
        let on = fact.effective();
        let rules = view.known.policy(on).rules;
        let probation = rules.life.probation.as_ref();
        if let MembershipEvent::ProbationExtended { until, .. } = fact {
            let before = probation.and_then(|probation| trial.ends(probation));
            trial.extensions.push((on, until));
            let state = trial.states.last().map(|(_, state)| state);
            let Some(probation) = probation.filter(|it| Some(&it.state) == state) else {
                clash("extension_without_trial", on);
                continue;
            };
            let extensions = trial.last(probation).map_or(0, |(_, extensions)| extensions.len());
            if extensions > probation.extensions_max as usize {
                clash("trial_extended_too_often", on);
            } else if before.is_some_and(|ends| !is_of_length(probation, ends, until)) {
                clash("extension_out_of_range", on);
            }
        }
        if let MembershipEvent::StateChanged { to, .. } = &fact
            && let Some(probation) = probation.filter(|it| it.then == *to)
            && trial.ends(probation).is_some_and(|ends| on < ends)
            && !served(&trial, probation)
        {
            clash("trial_not_over", on);
        }
        trial.states.extend(state_after(view, &fact).map(|state| (on, state)));
    }
}

/// Whether the member became a full one since the time of trial, on a day on which that was over.
fn served(trial: &Trial, probation: &ProbationRules) -> bool {
    let ends = trial.ends(probation);
    trial.states.iter().any(|(on, state)| *state == probation.then && ends <= Some(*on))
}

#[cfg(test)]
mod tests {
    use crate::given::*;

    /// Ann applied, was on trial from the fifth on, and became a full member a year later.
    fn ann_served() -> Vec<Given> {
        vec![
            registered(ANN),
            formed(NORTH, 1),
            formed(SOUTH, 1),
            applied(ANN, NORTH, 2, M1),
            went(["applicant", "activist"], 3),
            went(["activist", "candidate"], 4),
            entered(["candidate", "probationary"], NORTH, 5),
            went_on(["probationary", "full"], jiff::civil::date(2027, 1, 5)),
        ]
    }

    #[test]
    fn nobody_becomes_a_full_member_on_trial() {
        assert_eq!(given(ann_served()).clashes_once(&[(6, Some(4))]), Vec::<String>::new());
        let late = given(ann_served()).clashes_once(&[(6, Some(6))]);
        assert_eq!(late, ["trial_not_over 2027-01-05"]);
        let until = jiff::civil::date(2027, 7, 5);
        let mut longer = ann_served();
        longer[7] = went_on(["probationary", "full"], until);
        longer.push(extended(10, until));
        let early = given(longer).clashes_once(&[(7, Some(20))]);
        assert_eq!(early, ["trial_not_over 2026-01-20"]);
    }

    #[test]
    fn an_extension_is_of_a_trial_and_the_only_one() {
        let until = jiff::civil::date(2027, 7, 5);
        let once = [&ann_served()[..7], &[extended(10, until)]].concat();
        assert_eq!(given(once.clone()).clashes_once(&[(7, Some(9))]), Vec::<String>::new());
        let early = given(once.clone()).clashes_once(&[(7, Some(4))]);
        assert_eq!(early, ["extension_without_trial 2026-01-04"]);
        let twice = [once, vec![extended(12, until)]].concat();
        let found = given(twice).clashes_once(&[(8, Some(13))]);
        assert_eq!(found, ["trial_extended_too_often 2026-01-13"]);
    }

    #[test]
    fn an_extension_is_as_long_as_the_rules_allow() {
        let extended = |until| [&ann_served()[..7], &[extended(10, until)]].concat();
        let date = jiff::civil::date;
        // Six months at least after the trial's end: a later beginning takes one day from them.
        let least = extended(date(2027, 7, 5));
        assert_eq!(given(least.clone()).clashes_once(&[(7, Some(9))]), Vec::<String>::new());
        assert_eq!(
            given(least).clashes_once(&[(6, Some(6))]),
            ["extension_out_of_range 2026-01-10"]
        );
        let most = extended(date(2028, 1, 5));
        assert_eq!(given(most.clone()).clashes_once(&[(7, Some(11))]), Vec::<String>::new());
        assert_eq!(
            given(most).clashes_once(&[(6, Some(4))]),
            ["extension_out_of_range 2026-01-10"]
        );
    }

    #[test]
    fn a_state_follows_the_one_before_it_and_contact_is_regained_that_was_lost() {
        let skipped = given(ann_served()).clashes_once(&[(5, None)]);
        assert_eq!(skipped, ["membership_order 2026-01-05"]);
        let contact = [ann_in_north(), vec![contact_lost(6), contact_regained(8)]].concat();
        let found = given(contact.clone()).clashes_once(&[(4, None)]);
        assert_eq!(found, ["membership_order 2026-01-08"]);
        assert_eq!(given(contact).clashes_once(&[(4, None), (5, None)]), Vec::<String>::new());
    }

    #[test]
    fn nobody_comes_to_a_branch_that_is_shut() {
        let history = [ann_in_north(), vec![branch_suspended(NORTH, 8)]].concat();
        let found = given(history.clone()).clashes_once(&[(4, Some(4))]);
        assert_eq!(found, ["branch_shut 2026-01-05"]);
        // On the day itself she may have come before.
        assert_eq!(given(history).clashes_once(&[(4, Some(5))]), Vec::<String>::new());
        let reopened = [branch_suspended(NORTH, 2), branch_resumed(NORTH, 5)];
        let reopened = [ann_in_north(), reopened.to_vec()].concat();
        let found = given(reopened).clashes_once(&[(5, Some(6))]);
        assert_eq!(found, ["branch_shut 2026-01-05"]);
    }

    #[test]
    fn nobody_has_a_secondary_place_at_home() {
        let history = [ann_in_north(), vec![placed(7, SOUTH), unplaced(9, SOUTH)]].concat();
        let history = [history, vec![moved_home(ANN, NORTH, SOUTH, 9, M1)]].concat();
        let found = given(history.clone()).clashes_once(&[(6, Some(8))]);
        assert_eq!(found, ["place_at_home 2026-01-08"]);
        assert_eq!(given(history).clashes_once(&[(6, Some(10))]), Vec::<String>::new());
    }

    #[test]
    fn a_secondary_place_ends_with_the_home() {
        let placed = [placed(7, SOUTH), unplaced(10, SOUTH)];
        let history = [ann_in_north(), placed.to_vec()].concat();
        let history = [history, vec![stepped_out(["full", "stopped"], NORTH, 12)]].concat();
        let found = given(history.clone()).clashes_once(&[(6, Some(8))]);
        assert_eq!(found, ["place_without_home 2026-01-08"]);
        assert_eq!(given(history).clashes_once(&[(6, Some(10))]), Vec::<String>::new());
    }
}
