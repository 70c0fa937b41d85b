//! Steps of a membership from one state to another.

use events::policy::{LifeRules, MembershipState};
use events::{BranchId, Code, Date, MembershipEvent, MembershipId, PersonId};

use super::holders::leave_posts_of_full;
use super::life::{
    NotOne, UnfitHome, When, home_from, leave_home, open_membership, state_on, trial_on,
};
use super::{Decided, LaterChange, code_or_id};
use crate::state::membership::Standing;
use crate::state::{Known, Membership};

/// The rules lead from the state to these others only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct NoStep {
    pub(in crate::commands) from: Code,
    pub(in crate::commands) to: String,
    pub(in crate::commands) allowed: String,
}

/// The time of trial is not over before that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct OnTrial(
    pub(in crate::commands) PersonId,
    pub(in crate::commands) Date,
);

/// Why a step that is named cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) enum BadStep {
    /// The rules know no such state; these they know.
    Unknown(Code, String),
    /// The home stays what it is; another one is a matter of a transfer.
    HomeStays(PersonId, String),
}

/// Takes the step to a state, and what it brings about: a home that begins, or one that ends with
/// what hangs on it. To be there already is no step.
pub(in crate::commands) fn step<E>(
    known: &Known,
    person: PersonId,
    (state, home): (&Code, Option<BranchId>),
    (effective, precision): When,
    decided: &mut Decided,
) -> Result<(), E>
where
    E: From<NotOne> + From<NoStep> + From<OnTrial> + From<BadStep> + From<UnfitHome>,
    E: From<LaterChange>,
{
    let (id, membership, from) = standing(known, person, effective)?;
    let rules = &known.policy(effective).rules.life;
    if rules.state(state).is_none() {
        let known: Vec<_> = rules.states.iter().map(|state| state.code.as_str()).collect();
        return Err(BadStep::Unknown(state.clone(), known.join(", ")).into());
    }
    if *state == from {
        return Ok(());
    }
    let to = led_to(rules, &from).find(|other| other.code == *state);
    let to = to.ok_or_else(|| no_step(rules, &from, state.as_str()))?;
    check_trial(known, rules, (person, membership), (&to.code, effective))?;
    if let (Some(before), Some(home)) = (membership.home_on(effective), home)
        && to.home
        && home != before
    {
        return Err(BadStep::HomeStays(person, code_or_id(known, before)).into());
    }
    let step = Step { from, to, enters: None };
    begin_home(known, (id, membership), (step, home), (effective, precision), decided)
}

/// Steps back into the rolls: to the first state with a home that the rules lead to. Whoever is in
/// one already is there.
pub(in crate::commands) fn restore<E>(
    known: &Known,
    person: PersonId,
    home: Option<BranchId>,
    (effective, precision): When,
    decided: &mut Decided,
) -> Result<(), E>
where
    E: From<NotOne> + From<NoStep> + From<OnTrial> + From<UnfitHome> + From<LaterChange>,
{
    let (id, membership, from) = standing(known, person, effective)?;
    let rules = &known.policy(effective).rules.life;
    if rules.state(&from).is_some_and(|state| state.home) {
        return Ok(());
    }
    let to = led_to(rules, &from).find(|state| state.home);
    let to = to.ok_or_else(|| no_step(rules, &from, "restore"))?;
    check_trial(known, rules, (person, membership), (&to.code, effective))?;
    let step = Step { from, to, enters: None };
    begin_home(known, (id, membership), (step, home), (effective, precision), decided)
}

/// Steps out of the rolls: to the first state without a home that the rules lead to, and that is
/// not the one to which a time of trial leads. Whoever is in no home already is out.
pub(in crate::commands) fn stop<E>(
    known: &Known,
    person: PersonId,
    (effective, precision): When,
    decided: &mut Decided,
) -> Result<(), E>
where
    E: From<NotOne> + From<NoStep> + From<LaterChange>,
{
    let (id, membership, from) = standing(known, person, effective)?;
    let rules = &known.policy(effective).rules.life;
    if !rules.state(&from).is_some_and(|state| state.home) {
        return Ok(());
    }
    let served = |state: &MembershipState| {
        rules.probation.as_ref().is_some_and(|probation| probation.then == state.code)
    };
    let to = led_to(rules, &from).find(|state| !state.home && !served(state));
    let to = to.ok_or_else(|| no_step(rules, &from, "stop"))?;
    let step = Step { from, to, enters: None };
    Ok(take(known, (id, membership), step, (effective, precision), decided)?)
}

/// A step from one state to another, with the home that begins by it.
struct Step<'a> {
    from: Code,
    to: &'a MembershipState,
    enters: Option<BranchId>,
}

/// The one open membership of a person, and its state.
fn standing(
    known: &Known,
    person: PersonId,
    day: Date,
) -> Result<(MembershipId, &Membership, Code), NotOne> {
    let (id, membership) = open_membership(known, person, day)?;
    let from = state_on(known, membership, day).ok_or(NotOne::None(person, day))?;
    Ok((id, membership, from))
}

/// The states to which the rules lead from one.
fn led_to<'a>(rules: &'a LifeRules, from: &Code) -> impl Iterator<Item = &'a MembershipState> {
    let steps = rules.steps.iter().filter(move |step| step.from == *from);
    steps.filter_map(|step| rules.state(&step.to))
}

fn no_step(rules: &LifeRules, from: &Code, to: &str) -> NoStep {
    let allowed: Vec<_> = led_to(rules, from).map(|state| state.code.as_str()).collect();
    NoStep { from: from.clone(), to: to.to_owned(), allowed: allowed.join(", ") }
}

/// Takes a step; where the state needs a home and there is none, one begins, by default the last.
fn begin_home<E>(
    known: &Known,
    (id, membership): (MembershipId, &Membership),
    (step, home): (Step<'_>, Option<BranchId>),
    (effective, precision): When,
    decided: &mut Decided,
) -> Result<(), E>
where
    E: From<UnfitHome> + From<LaterChange>,
{
    let (mut step, mut effective) = (step, effective);
    if step.to.home && membership.home_on(effective).is_none() {
        let home = home.or_else(|| last_home(membership, effective));
        let (home, from) = home_from(known, home, (&step.to.code, effective), decided)?;
        (step.enters, effective) = (Some(home), from);
    }
    Ok(take(known, (id, membership), step, (effective, precision), decided)?)
}

fn take(
    known: &Known,
    (id, membership): (MembershipId, &Membership),
    Step { from, to, enters }: Step<'_>,
    (effective, precision): When,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    let Some(person) = membership.person() else { return Ok(()) };
    let leaves = membership.home_on(effective).filter(|_| enters.is_none() && !to.home);
    let later = match leaves {
        Some(_) => membership.any_change_after(effective),
        // An extension is of the state that is left.
        None => [membership.change_after(effective), membership.extension_after(effective)]
            .into_iter()
            .flatten()
            .min(),
    };
    if let Some(later) = later {
        return Err(LaterChange(later));
    }
    if leaves.is_some() {
        leave_home(known, (id, membership), effective, decided)?;
    } else if !to.full {
        leave_posts_of_full(known, membership, effective, decided)?;
    }
    let to = to.code.clone();
    let changed =
        MembershipEvent::StateChanged { effective, precision, person, from, to, enters, leaves };
    decided.push(id, changed);
    Ok(())
}

/// Nobody becomes a full member before the time of trial is over.
fn check_trial(
    known: &Known,
    rules: &LifeRules,
    (person, membership): (PersonId, &Membership),
    (to, effective): (&Code, Date),
) -> Result<(), OnTrial> {
    let Some(probation) = rules.probation.as_ref().filter(|trial| trial.then == *to) else {
        return Ok(());
    };
    let Some(trial) = trial_on(known, membership, effective) else { return Ok(()) };
    let served = membership.standings().any(|spell| {
        let full = matches!(spell.value, Standing::In(state) if *state == probation.then);
        full && spell.from >= trial.ends && spell.from <= effective
    });
    if served || effective >= trial.ends {
        return Ok(());
    }
    Err(OnTrial(person, trial.ends))
}

/// The home that was the last before a day.
fn last_home(membership: &Membership, day: Date) -> Option<BranchId> {
    membership.spells().take_while(|spell| spell.from <= day).last().map(|spell| spell.value)
}
