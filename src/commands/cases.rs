//! Rules about transfers that several commands share.

use events::membership::EndReason;
use events::policy::TransferRules;
use events::transfer::{Case, ClosedBecause, Place};
use events::{BranchId, Code, Date, Guard, MembershipId, PersonId, TransferEvent, TransferId};

use super::Decided;
use super::shared::{LaterChange, code_or_id};
use crate::state::Known;
use crate::state::transfer::{Phase, Standing};

/// Why nothing can be done about a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nobody issued a letter of that number.
    LetterUnknown { letter: Code },
    /// Another letter took its place.
    LetterReplaced { letter: Code, by: Code },
    /// The transfer did not come so far, or went further.
    OtherPhase { letter: Code, phase: &'static str, since: Date, acts: &'static str },
    /// A later act is recorded.
    LaterChange { later: Date },
}

/// Lets a command refuse what is wrong with a letter by variants of its own.
macro_rules! refuses_trouble {
    ($Refusal:ident) => {
        impl From<$crate::commands::cases::Trouble> for $Refusal {
            fn from(trouble: $crate::commands::cases::Trouble) -> Self {
                use $crate::commands::cases::Trouble as T;
                match trouble {
                    T::LetterUnknown { letter } => Self::LetterUnknown { letter },
                    T::LetterReplaced { letter, by } => Self::LetterReplaced { letter, by },
                    T::OtherPhase { letter, phase, since, acts } => {
                        Self::OtherPhase { letter, phase, since, acts }
                    }
                    T::LaterChange { later } => Self::LaterChange { later },
                }
            }
        }
    };
}
pub(super) use refuses_trouble;

/// A transfer that was found by its letter.
pub(super) struct Found {
    pub(super) id: TransferId,
    pub(super) standing: Standing,
    last_change: Option<Date>,
}

/// What has to be looked at about a letter: the transfer, and all transfers of its member.
pub(super) fn letter_guards(known: &Known, body: Option<&Code>, letter: &Code) -> Vec<Guard> {
    let on_letter = Guard::TransferLetter(body.cloned(), letter.clone());
    let found = known.has_looked(&on_letter).then(|| found(known, body, letter)).flatten();
    let person = found.map(|found| Guard::TransfersOf(found.standing.case.person));
    [on_letter].into_iter().chain(person).collect()
}

/// The case of a letter, once the letter was looked at.
pub(super) fn case_at_hand(known: &Known, body: Option<&Code>, letter: &Code) -> Option<Case> {
    let on_letter = Guard::TransferLetter(body.cloned(), letter.clone());
    let looked = known.has_looked(&on_letter);
    looked.then(|| found(known, body, letter)).flatten().map(|found| found.standing.case)
}

/// The branches on both sides.
pub(super) fn sides(case: &Case) -> impl Iterator<Item = BranchId> + use<> {
    [case.from.branch(), case.to.branch()].into_iter().flatten()
}

fn found(known: &Known, body: Option<&Code>, letter: &Code) -> Option<Found> {
    known.transfers_on(body, letter).find_map(|(id, transfer)| {
        Some(Found { id, standing: transfer.standing()?, last_change: transfer.last_change() })
    })
}

/// The transfer that goes on that letter.
pub(super) fn on_letter(
    known: &Known,
    body: Option<&Code>,
    letter: &Code,
) -> Result<Found, Trouble> {
    let unknown = || Trouble::LetterUnknown { letter: letter.clone() };
    let found = found(known, body, letter).ok_or_else(unknown)?;
    if found.standing.case.letter == *letter {
        return Ok(found);
    }
    let by = found.standing.case.letter;
    Err(Trouble::LetterReplaced { letter: letter.clone(), by })
}

impl Found {
    /// That the transfer came so far and nothing later is recorded about it.
    pub(super) fn is_in(&self, phases: &[Phase], effective: Date) -> Result<(), Trouble> {
        let Standing { case, phase, since, .. } = &self.standing;
        if !phases.contains(phase) {
            let (letter, acts) = (case.letter.clone(), next_acts(*phase));
            return Err(Trouble::OtherPhase { letter, phase: phase.code(), since: *since, acts });
        }
        match self.last_change.filter(|last| *last > effective) {
            Some(later) => Err(Trouble::LaterChange { later }),
            None => Ok(()),
        }
    }
}

/// What can be done about a transfer that came so far, as commands.
pub(super) fn next_acts(phase: Phase) -> &'static str {
    match phase {
        Phase::Issued => "present-transfer, accept-transfer, divert-transfer, withdraw-transfer",
        Phase::Presented => "accept-transfer, return-transfer, divert-transfer, withdraw-transfer",
        Phase::Returned => "appeal-transfer, reissue-transfer, divert-transfer, withdraw-transfer",
        Phase::Expired | Phase::Voided => "reissue-transfer, withdraw-transfer",
        Phase::Accepted => "receipt-transfer",
        Phase::Withdrawn | Phase::Receipted | Phase::Departed | Phase::Closed => "issue-transfer",
    }
}

/// The open transfer of a membership, or of a person who comes from outside.
pub(super) fn open_case(
    known: &Known,
    person: PersonId,
    membership: Option<MembershipId>,
) -> Option<(TransferId, Standing)> {
    known.transfers_of(person).find_map(|(id, transfer)| {
        let standing = transfer.standing().filter(Standing::is_open)?;
        (standing.membership == membership).then_some((id, standing))
    })
}

/// What makes a transfer moot when a membership ends.
pub(super) fn closed_because(reason: EndReason) -> ClosedBecause {
    match reason {
        EndReason::Left
        | EndReason::Departed
        | EndReason::Withdrew
        | EndReason::Resigned
        | EndReason::ProbationCancelled
        | EndReason::Declined
        | EndReason::Duplicate => ClosedBecause::MembershipEnded,
        EndReason::Died => ClosedBecause::Died,
        EndReason::Expelled => ClosedBecause::Expelled,
        EndReason::Removed => ClosedBecause::Removed,
        EndReason::BranchDissolved => ClosedBecause::BranchDissolved,
    }
}

/// The open transfers of which a branch is a side. Nothing that lies behind a day may be open to
/// doubt: what is recorded about one for later is told instead.
pub(super) fn open_at(
    known: &Known,
    branch: BranchId,
    effective: Date,
) -> Result<Vec<(TransferId, Standing)>, LaterChange> {
    let mut open = Vec::new();
    for (id, transfer) in known.cases_at(branch) {
        let Some(standing) = transfer.standing() else { continue };
        let mut former = standing.former_destinations.iter().rev();
        let went = former.find(|(place, _)| place.branch() == Some(branch));
        if let Some((_, later)) = went.filter(|(_, on)| *on > effective) {
            return Err(LaterChange(*later));
        }
        let is_over = !standing.is_open();
        let is_side = sides(&standing.case).any(|side| side == branch);
        if !is_side || (is_over && !came_to_nothing(standing.phase)) {
            continue;
        }
        if let Some(later) = transfer.last_change().filter(|last| *last > effective) {
            return Err(LaterChange(later));
        }
        if !is_over {
            open.push((id, standing));
        }
    }
    Ok(open)
}

/// The latest act upon a transfer of the membership that came to nothing: the home cannot have
/// moved or ended before it. Where it came to something, the membership tells.
pub(super) fn last_act(known: &Known, person: PersonId, membership: MembershipId) -> Option<Date> {
    let acts = known.transfers_of(person).filter_map(|(_, transfer)| {
        let standing = transfer.standing()?;
        let is_its = standing.membership == Some(membership);
        (is_its && came_to_nothing(standing.phase)).then(|| transfer.last_change()).flatten()
    });
    acts.max()
}

/// Whether a transfer is over without having moved anybody.
pub(super) fn came_to_nothing(phase: Phase) -> bool {
    match phase {
        Phase::Withdrawn | Phase::Closed | Phase::Returned => true,
        Phase::Issued
        | Phase::Presented
        | Phase::Expired
        | Phase::Voided
        | Phase::Accepted
        | Phase::Receipted
        | Phase::Departed => false,
    }
}

/// Closes the open transfer of a membership as moot, if it has one. Needs a look at the transfers
/// of the person.
pub(super) fn close_open_case(
    known: &Known,
    (person, membership): (PersonId, MembershipId),
    effective: Date,
    reason: ClosedBecause,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    for (id, transfer) in known.transfers_of(person) {
        let Some(standing) = transfer.standing().filter(Standing::is_open) else { continue };
        if standing.membership != Some(membership) {
            continue;
        }
        if let Some(later) = transfer.last_change().filter(|last| *last > effective) {
            return Err(LaterChange(later));
        }
        let case = standing.case;
        decided.push(id, TransferEvent::Closed { effective, precision: None, case, reason });
    }
    Ok(())
}

/// How long a letter between two sides is good, and the rule that says so. Near is what lies under
/// one superior, or one under the other.
pub(super) fn letter_days(
    known: &Known,
    case: (&Place, &Place),
    day: Date,
    rules: &TransferRules,
) -> (Option<u32>, &'static str) {
    let parent = |id: BranchId| known.branch(id).and_then(|branch| branch.parent_on(day));
    let is_near = match (case.0.branch(), case.1.branch()) {
        (Some(from), Some(to)) => {
            let (above_from, above_to) = (parent(from), parent(to));
            (above_from.is_some() && above_from == above_to)
                || above_from == Some(to)
                || above_to == Some(from)
        }
        (None, _) | (_, None) => false,
    };
    if is_near {
        (rules.letter_days_near, "transfer.letter_days_near")
    } else {
        (rules.letter_days_far, "transfer.letter_days_far")
    }
}

/// The last of so many days, the first among them.
pub(super) fn last_day(first: Date, days: Option<u32>) -> Option<Date> {
    let more = i64::from(days?.saturating_sub(1));
    Some(first.saturating_add(jiff::Span::new().days(more.min(3_000_000))))
}

/// The guards of everything above both sides, as far as it is known.
pub(super) fn superior_guards(known: &Known, case: &Case, day: Date) -> Vec<Guard> {
    let above = sides(case).flat_map(|side| [vec![side], above(known, side, day)].concat());
    above.map(Guard::Branch).collect()
}

/// The nearest branch over both sides; `None`: the body as a whole.
pub(super) fn nearest_superior(known: &Known, case: &Case, day: Date) -> Option<BranchId> {
    let (from, to) = (case.from.branch()?, case.to.branch()?);
    let over_to = above(known, to, day);
    above(known, from, day).into_iter().find(|id| over_to.contains(id))
}

/// What lies above a branch on a day, from the nearest on, as far as it was looked at.
fn above(known: &Known, branch: BranchId, day: Date) -> Vec<BranchId> {
    let mut above = Vec::new();
    let mut next = branch;
    while known.has_looked(&Guard::Branch(next))
        && let Some(parent) = known.branch(next).and_then(|branch| branch.parent_on(day))
        && !above.contains(&parent)
    {
        above.push(parent);
        next = parent;
    }
    above
}

/// That the letter can be presented still; or its number and the last day on which it could.
pub(super) fn run_out(found: &Found, day: Date) -> Result<(), (Code, Date)> {
    let standing = &found.standing;
    match standing.last_day_from(day).filter(|_| standing.has_run_out(day)) {
        Some(last_day) => Err((standing.case.letter.clone(), last_day)),
        None => Ok(()),
    }
}

/// Where the letter goes, if not to that branch; and since when, if it went there before.
pub(super) fn not_for(
    known: &Known,
    standing: &Standing,
    branch: BranchId,
) -> Option<(String, Option<Date>)> {
    if standing.case.to.branch() == Some(branch) {
        return None;
    }
    let mut former = standing.former_destinations.iter().rev();
    let since = former.find(|(place, _)| place.branch() == Some(branch)).map(|(_, since)| *since);
    Some((place_code(known, &standing.case.to), since))
}

/// The code of a side, for sentences.
pub(super) fn place_code(known: &Known, place: &Place) -> String {
    match place {
        Place::Branch(id) => code_or_id(known, *id),
        Place::Outside(body) => body.to_string(),
    }
}

/// The code of a superior, for sentences that choose by `none`.
pub(super) fn superior_code(known: &Known, superior: Option<BranchId>) -> String {
    superior.map_or_else(|| NONE.to_owned(), |id| code_or_id(known, id))
}

/// The day on which something falls due, for sentences that choose by `none`.
pub(super) fn due_code(due: Option<Date>) -> String {
    due.map_or_else(|| NONE.to_owned(), |due| due.to_string())
}

/// What stands in a sentence for what is absent.
const NONE: &str = "none";

/// Whether no letter of this ledger has that number.
pub(super) fn letter_is_free(known: &Known, letter: &Code) -> bool {
    known.transfers_on(None, letter).all(|(_, transfer)| transfer.standing().is_none())
}
