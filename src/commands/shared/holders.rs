//! Who may hold a post or act in one, and who may no longer.

use events::post::LeaveReason;
use events::{BranchId, Date, PersonId};

use super::life::state_of;
use super::{Decided, LaterChange, leave_posts};
use crate::state::{Known, Membership};

/// Why a person can hold no post at a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum UnfitHolder {
    /// The person is not at home there from that day on.
    NotAtHome,
    /// The person is no full member from that day on.
    NotFull,
}

/// Whether the rules let a person hold a post at a branch, or act in one, from a day on.
pub(in crate::commands) fn may_hold(
    known: &Known,
    (person, branch): (PersonId, BranchId),
    day: Date,
) -> Result<(), UnfitHolder> {
    let rules = &known.policy(day).rules.post;
    if rules.holder_at_home && !known.stays_at_home(person, branch, day) {
        return Err(UnfitHolder::NotAtHome);
    }
    let counts =
        |membership: &Membership| !rules.holder_at_home || membership.home_on(day) == Some(branch);
    let mut memberships = known.memberships_of(person);
    let full = |membership: &Membership| counts(membership) && stays_full(known, membership, day);
    if rules.holder_full && !memberships.any(|(_, membership)| full(membership)) {
        return Err(UnfitHolder::NotFull);
    }
    Ok(())
}

/// Whether a membership is a full one from a day on, as far as is recorded.
fn stays_full(known: &Known, membership: &Membership, day: Date) -> bool {
    let life = &known.policy(day).rules.life;
    let mut standings = membership.standings().filter(|spell| spell.reaches_beyond(day));
    membership.is_open_on(day)
        && standings.all(|spell| {
            // A state of other rules is none that these call less than full.
            let state = state_of(known, membership, spell.value);
            state.is_some_and(|state| life.state(&state).is_none_or(|state| state.full))
        })
}

/// Where the rules ask for full members in posts, a member who is one no longer leaves those at the
/// home. Needs a look at the posts of the person.
pub(in crate::commands) fn leave_posts_of_full(
    known: &Known,
    membership: &Membership,
    effective: Date,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    match (membership.person(), membership.home_on(effective)) {
        (Some(person), Some(home)) if known.policy(effective).rules.post.holder_full => {
            leave_posts(known, (person, Some(home)), effective, LeaveReason::NotFull, decided)
        }
        (Some(_) | None, _) => Ok(()),
    }
}
