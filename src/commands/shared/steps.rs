//! Steps of a membership from one state to another.

use events::policy::{LifeRules, MembershipState};
use events::{BranchId, Code, Date, MembershipEvent, PersonId};

use super::holders::leave_posts_of_full;
use super::life::{
    NotOne, UnfitHome, When, home_from, leave_home, open_membership, state_on, trial_on,
};
use super::{Decided, LaterChange, code_or_id};
use crate::state::membership::Standing;
use crate::state::{Known, Membership};

/// Why a step cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) enum BadStep {
    /// The rules know no such state; these they know.
    Unknown(Code, String),
    /// The rules lead from the state to these others only.
    NotAllowed(Code, String, String),
    /// The time of trial is not over before that day.
    OnTrial(PersonId, Date),
    /// The home stays what it is; another one is a matter of a transfer.
    HomeStays(PersonId, String),
}

/// Where a step leads.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) enum Towards<'a> {
    /// To a state by its code.
    State(&'a Code),
    /// Out of the rolls: to the first state without a home that the rules lead to.
    Stop,
    /// Back into the rolls: to the first state with a home that the rules lead to.
    Restore,
}

/// Takes a step, and what it brings about: a home that begins, or one that ends with what hangs on
/// it. To be there already is no step.
pub(in crate::commands) fn step<E>(
    known: &Known,
    person: PersonId,
    (towards, home): (Towards<'_>, Option<BranchId>),
    (effective, precision): When,
    decided: &mut Decided,
) -> Result<(), E>
where
    E: From<NotOne> + From<BadStep> + From<UnfitHome> + From<LaterChange>,
{
    let (id, membership) = open_membership(known, person, effective)?;
    let rules = &known.policy(effective).rules.life;
    let Some(from) = state_on(known, membership, effective) else {
        return Err(NotOne::None(person, effective).into());
    };
    let Some(to) = target(rules, &from, towards)? else { return Ok(()) };
    check_trial(known, rules, (person, membership), (&to.code, effective))?;
    let before = membership.home_on(effective);
    let (mut enters, mut leaves, mut effective) = (None, None, effective);
    match (before, to.home) {
        (None, true) => {
            let home = home.or_else(|| last_home(membership, effective));
            let (home, from) = home_from(known, home, (&to.code, effective), decided)?;
            (enters, effective) = (Some(home), from);
        }
        (Some(before), true) => {
            if home.is_some_and(|home| home != before) {
                return Err(BadStep::HomeStays(person, code_or_id(known, before)).into());
            }
        }
        (Some(before), false) => leaves = Some(before),
        (None, false) => {}
    }
    let later = match leaves {
        Some(_) => membership.any_change_after(effective),
        None => membership.change_after(effective),
    };
    if let Some(later) = later {
        return Err(LaterChange(later).into());
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

/// The state that a step leads to; nothing, if it is there already.
fn target<'a>(
    rules: &'a LifeRules,
    from: &Code,
    towards: Towards<'_>,
) -> Result<Option<&'a MembershipState>, BadStep> {
    let reachable: Vec<&MembershipState> = rules
        .steps
        .iter()
        .filter(|step| step.from == *from)
        .filter_map(|step| rules.state(&step.to))
        .collect();
    let now_home = rules.state(from).is_some_and(|state| state.home);
    let (to, wanted) = match towards {
        Towards::State(code) => {
            let Some(state) = rules.state(code) else {
                let known: Vec<_> = rules.states.iter().map(|state| state.code.as_str()).collect();
                return Err(BadStep::Unknown(code.clone(), known.join(", ")));
            };
            if *code == *from {
                return Ok(None);
            }
            (reachable.iter().find(|other| other.code == *code), state.code.to_string())
        }
        Towards::Stop if !now_home => return Ok(None),
        Towards::Stop => (reachable.iter().find(|state| !state.home), "stop".to_owned()),
        Towards::Restore if now_home => return Ok(None),
        Towards::Restore => (reachable.iter().find(|state| state.home), "restore".to_owned()),
    };
    let allowed = || reachable.iter().map(|state| state.code.as_str()).collect::<Vec<_>>();
    let found = to.copied();
    found.map(Some).ok_or_else(|| BadStep::NotAllowed(from.clone(), wanted, allowed().join(", ")))
}

/// Nobody becomes a full member before the time of trial is over.
fn check_trial(
    known: &Known,
    rules: &LifeRules,
    (person, membership): (PersonId, &Membership),
    (to, effective): (&Code, Date),
) -> Result<(), BadStep> {
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
    Err(BadStep::OnTrial(person, trial.ends))
}

/// The home that was the last before a day.
fn last_home(membership: &Membership, day: Date) -> Option<BranchId> {
    membership.spells().take_while(|spell| spell.from <= day).last().map(|spell| spell.value)
}
