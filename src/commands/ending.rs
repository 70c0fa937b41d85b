//! What ends with a branch, whoever ends it.

use events::post::LeaveReason;
use events::{BranchId, Date, Party, PostEvent, PostId, RelationEvent};

use super::Decided;
use super::shared::LaterChange;
use crate::state::relation::Ends;
use crate::state::{Known, Post};

/// Vacates every post at a branch, and ends the time of whoever acts in one.
pub(super) fn end_posts(
    known: &Known,
    branch: BranchId,
    effective: Date,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    let reason = LeaveReason::BranchDissolved;
    for (id, post) in known.posts_at(branch) {
        for spell in post.spells().filter(|spell| spell.reaches_beyond(effective)) {
            if let Some(later) = post.later_change(&spell, effective) {
                return Err(LaterChange(later));
            }
            let Some((branch, role)) = post.place() else { continue };
            let (role, person, precision) = (role.clone(), spell.value, None);
            decided
                .push(id, PostEvent::Left { effective, precision, branch, role, person, reason });
        }
        end_acting((id, post), effective, reason, decided)?;
    }
    Ok(())
}

/// Ends the time of whoever acts in a post from that day on.
pub(super) fn end_acting(
    (id, post): (PostId, &Post),
    effective: Date,
    reason: LeaveReason,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    for spell in post.acting().filter(|spell| spell.reaches_beyond(effective)) {
        if let Some(later) = later_end(spell.from, spell.until, effective) {
            return Err(LaterChange(later));
        }
        let Some((branch, role)) = post.place() else { continue };
        let (role, person, precision) = (role.clone(), spell.value, None);
        let ended = PostEvent::ActingEnded { effective, precision, branch, role, person, reason };
        decided.push(id, ended);
    }
    Ok(())
}

/// Ends every relation of a branch, and turns its proposed ones down.
pub(super) fn end_relations(
    known: &Known,
    branch: BranchId,
    effective: Date,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    for (id, ends, relation) in known.relations_of(Party::Branch(branch)) {
        if let Some((_, later)) = relation.latest().filter(|(_, latest)| *latest > effective) {
            return Err(LaterChange(later));
        }
        if relation.is_open() {
            let Ends { relation, from, to } = ends;
            let (precision, reason) = (None, None);
            let ended = RelationEvent::Ended { effective, precision, relation, from, to, reason };
            decided.push(id, ended);
        }
    }
    Ok(())
}

/// The later change that a stretch beyond the last day shows: its own end, or its late beginning.
pub(super) fn later_end(from: Date, until: Option<Date>, effective: Date) -> Option<Date> {
    until.or((from > effective).then_some(from))
}
