//! What a branch may do in which phase of its life.
//!
//! A branch that is suspended or wound up takes nobody and nothing in; what leaves it goes on, and
//! so does whatever closes it.

use events::{BranchId, Code, Date, Guard};

use super::Decided;
use super::shared::{TooEarly, code_of, from_formation};
use crate::state::branch::Phase;
use crate::state::{Branch, Known};

/// Why nobody and nothing can come to a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shut {
    /// It is suspended.
    Suspended(String, Date),
    /// It is being wound up.
    WindingUp(String, Date),
}

/// Whether members, branches, hosts and officers may come to a branch on a day. That it is not
/// dissolved is for the caller to see.
pub(super) fn takes_in(branch: &Branch, day: Date) -> Result<(), Shut> {
    match branch.phase_on(day) {
        Some((Phase::Suspended, since)) => Err(Shut::Suspended(code_of(branch), since)),
        Some((Phase::WindingUp, since)) => Err(Shut::WindingUp(code_of(branch), since)),
        Some((Phase::Proposed | Phase::Rejected | Phase::Active | Phase::Dissolved, _)) | None => {
            Ok(())
        }
    }
}

/// The first kind of the branch from that day on that may be no home.
pub(super) fn not_home<'a>(
    branch: &'a Branch,
    rules: &events::policy::RuleSet,
    day: Date,
) -> Option<&'a Code> {
    let is_home = |kind: &Code| rules.branch_kind(kind).is_some_and(|flags| flags.may_be_home);
    branch.kinds_from(day).find(|kind| !is_home(kind))
}

/// A branch whose phase shall change.
pub(super) struct Turn<'a> {
    pub(super) branch: &'a Branch,
    /// From which day.
    pub(super) effective: Date,
    /// How far it is when that day ends, and since when.
    pub(super) phase: (Phase, Date),
    /// A change that is recorded for a later day.
    pub(super) later: Option<Date>,
}

/// Why the phase of a branch cannot change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoTurn {
    /// No branch has that id.
    Unknown(BranchId),
    /// It was not formed yet.
    TooEarly(TooEarly),
    /// It is dissolved by then.
    Dissolved(String, Date),
}

/// The guards of a change of phase: who comes after that day would come to a shut branch.
pub(super) fn turn_looks_at(branch: BranchId) -> Vec<Guard> {
    vec![Guard::Branch(branch), Guard::MembersOf(branch), Guard::CasesAt(branch)]
}

/// The branch, as far as its phase may change at all.
pub(super) fn turn<'a>(
    known: &'a Known,
    id: BranchId,
    effective: Date,
    decided: &mut Decided,
) -> Result<Turn<'a>, NoTurn> {
    let branch = known.branch(id).ok_or(NoTurn::Unknown(id))?;
    let rules = &known.policy(effective).rules;
    let effective = from_formation(branch, effective, rules, decided).map_err(NoTurn::TooEarly)?;
    match branch.phase_on(effective) {
        Some((Phase::Dissolved, since)) => Err(NoTurn::Dissolved(code_of(branch), since)),
        phase => {
            let later = branch.phase_change_after(effective);
            let formed = branch.formed().unwrap_or(effective);
            Ok(Turn { branch, effective, phase: phase.unwrap_or((Phase::Active, formed)), later })
        }
    }
}

/// The first day after that one on which somebody comes to the branch, at home or beside a home, or
/// is sent to it on a letter, as far as is recorded.
pub(super) fn comer_after(known: &Known, branch: BranchId, day: Date) -> Option<Date> {
    let homes = known.members_of(branch).flat_map(|(_, membership)| membership.spells());
    let places = known.members_of(branch).flat_map(|(_, membership)| membership.second_places());
    let come = homes.chain(places).filter(|spell| spell.value == branch && spell.from > day);
    let sent = known.cases_at(branch).flat_map(|(_, transfer)| transfer.sent_to(branch));
    come.map(|spell| spell.from).chain(sent.filter(|on| *on > day)).min()
}
