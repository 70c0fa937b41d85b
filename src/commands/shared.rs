//! Rules that several commands share, each in one place.

use events::membership::MembershipEvent;
use events::policy::{BeforeFormation, RuleSet};
use events::post::{LeaveReason, PostEvent};
use events::{BranchId, Date, MembershipId, PersonEvent, PersonId, Precision};

use super::{Decided, Note};
use crate::state::{Branch, Known, Membership};

/// The branch was not formed yet, and the rules hold nothing for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TooEarly {
    pub(super) branch: String,
    pub(super) formed: Date,
}

/// The day from which a fact at a branch can hold: the asked one, or the formation day when the
/// rules hold earlier facts until then (and say so).
pub(super) fn from_formation(
    branch: &Branch,
    effective: Date,
    rules: &RuleSet,
    decided: &mut Decided,
) -> Result<Date, TooEarly> {
    let formed = branch.formed().filter(|formed| *formed > effective);
    match (formed, rules.dates.before_formation) {
        (None, _) => Ok(effective),
        (Some(formed), BeforeFormation::Refuse) => {
            Err(TooEarly { branch: code_of(branch), formed })
        }
        (Some(formed), BeforeFormation::Hold) => {
            decided.notes.push(Note::held_until_formation(code_of(branch), formed));
            Ok(formed)
        }
    }
}

/// The branch's code, for sentences.
pub(super) fn code_of(branch: &Branch) -> String {
    branch.code().map_or_else(String::new, ToString::to_string)
}

/// The code of a branch that may not even be known, for sentences.
pub(super) fn code_or_id(known: &Known, id: BranchId) -> String {
    known.branch(id).map_or_else(|| id.to_string(), code_of)
}

/// The first day on which a branch is known not to be, or to be no more: its dissolution.
pub(super) fn dissolved_by(branch: &Branch, day: Date) -> Option<Date> {
    branch.dissolved().filter(|dissolved| *dissolved <= day)
}

/// The membership of a person that is at home at a branch when that day ends.
pub(super) fn at_home(
    known: &Known,
    person: PersonId,
    branch: BranchId,
    day: Date,
) -> Option<(MembershipId, &Membership)> {
    known.memberships_of(person).find(|(_, membership)| membership.home_on(day) == Some(branch))
}

/// A change of the same facts that is recorded for a later day and would contradict this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LaterChange(pub(super) Date);

/// Where the rules bind posts to the home, a person who leaves a branch leaves its posts too.
pub(super) fn leave_posts_with_home(
    known: &Known,
    (person, branch): (PersonId, BranchId),
    effective: Date,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    for (id, post) in known.posts_held_by(person) {
        let Some((place, role)) = post.place().filter(|(place, _)| *place == branch) else {
            continue;
        };
        let mut spells =
            post.spells().filter(|spell| spell.value == person && spell.reaches_beyond(effective));
        let Some(spell) = spells.next() else { continue };
        if let Some(later) = spell.until.or_else(|| post.change_after(person, effective)) {
            return Err(LaterChange(later));
        }
        decided.push(
            id,
            PostEvent::Left {
                effective,
                precision: None,
                branch: place,
                role: role.clone(),
                person,
                reason: LeaveReason::HomeEnded,
            },
        );
    }
    Ok(())
}

/// The event that makes a person known.
pub(super) fn registered(effective: Date, precision: Option<Precision>) -> PersonEvent {
    PersonEvent::Registered { effective, precision }
}

/// The event that ends a membership.
pub(super) fn ended(
    person: PersonId,
    home: BranchId,
    effective: Date,
    reason: events::membership::EndReason,
) -> MembershipEvent {
    MembershipEvent::Ended { effective, precision: None, person, home, reason }
}
