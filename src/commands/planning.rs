//! How a reorganisation is planned: everybody in its sources gets a line.

use std::collections::BTreeMap;

use events::reorganisation::{CaseLine, MemberLine, Plan, PlanForm};
use events::transfer::Case;
use events::{
    BranchId, Code, Date, Guard, MembershipId, PersonId, ReorganisationId, Text, TransferId,
};
use serde::{Deserialize, Serialize};

use super::cases::sides;
use crate::state::transfer::{Standing, Transfer};
use crate::state::{Known, Reorganisation};

/// A branch that shall be formed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BranchWish {
    /// The code that people will use for it.
    pub code: Code,
    /// Its name.
    pub name: Text,
    /// Its kind; that of the first source when none is given.
    #[serde(default)]
    pub kind: Option<Code>,
}

/// Where one member shall go, or somebody who is on the way to one of the sources.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineWish {
    /// Who.
    pub person: PersonId,
    /// The code of the branch.
    pub to: Code,
}

/// Who is at home in a branch from that day on, with the day on which they come if it is later.
pub(super) fn members_beyond(
    known: &Known,
    branch: BranchId,
    day: Date,
) -> Vec<(MembershipId, PersonId)> {
    let mut members = Vec::new();
    for (id, membership) in known.members_of(branch) {
        let mut spells = membership.spells().filter(|spell| spell.value == branch);
        if spells.any(|spell| spell.reaches_beyond(day)) {
            let person = membership.person().expect("a membership begins with its admission");
            members.push((id, person));
        }
    }
    members
}

/// A line for every member of the sources: where it was asked for, or to the rest.
fn lines(
    known: &Known,
    (sources, rest): (&[BranchId], Option<BranchId>),
    asked: &BTreeMap<PersonId, BranchId>,
    day: Date,
) -> Result<Vec<MemberLine>, BranchId> {
    let mut lines = Vec::new();
    for from in sources {
        for (membership, person) in members_beyond(known, *from, day) {
            let to = asked.get(&person).copied().or(rest).ok_or(*from)?;
            lines.push(MemberLine { membership, person, from: *from, to });
        }
    }
    Ok(lines)
}

/// The open transfers of which a branch is a side.
pub(super) fn cases_beyond(known: &Known, branch: BranchId) -> Vec<(TransferId, Standing)> {
    let open = known.cases_at(branch).filter_map(|(id, transfer)| {
        let standing = transfer.standing().filter(Standing::is_open)?;
        sides(&standing.case).any(|side| side == branch).then_some((id, standing))
    });
    open.collect()
}

/// A line for every open transfer from or to one of the sources. The origin goes where the member
/// goes; the destination where it was asked for, or to the rest.
fn case_lines(
    known: &Known,
    (sources, rest): (&[BranchId], Option<BranchId>),
    members: &[MemberLine],
    asked: impl Fn(TransferId, &Case) -> Option<BranchId>,
) -> Result<Vec<CaseLine>, BranchId> {
    let mut lines = Vec::new();
    for from in sources.iter().copied() {
        for (transfer, Standing { case, membership, .. }) in cases_beyond(known, from) {
            let moves = |line: &&MemberLine| Some(line.membership) == membership;
            let to = if case.from.branch() == Some(from) {
                members.iter().find(moves).map(|line| line.to)
            } else {
                asked(transfer, &case)
            };
            lines.push(CaseLine { transfer, from, to: to.or(rest).ok_or(from)? });
        }
    }
    Ok(lines)
}

/// The lines of a plan: of members, and of open transfers.
pub(super) type Lines = (Vec<MemberLine>, Vec<CaseLine>);

/// The lines of everybody in the sources, and of every open transfer from or to them; none where
/// branches only come under another parent.
pub(super) fn all_lines(
    known: &Known,
    form: PlanForm,
    (sources, rest): (&[BranchId], Option<BranchId>),
    (members, destinations): (
        &BTreeMap<PersonId, BranchId>,
        impl Fn(TransferId, &Case) -> Option<BranchId>,
    ),
    day: Date,
) -> Result<Lines, BranchId> {
    match form {
        PlanForm::Move => Ok(Lines::default()),
        PlanForm::Merge | PlanForm::Split | PlanForm::Dissolution => {
            let members = lines(known, (sources, rest), members, day)?;
            let cases = case_lines(known, (sources, rest), &members, destinations)?;
            Ok((members, cases))
        }
    }
}

/// Where the lines of a person lead, at once or on a letter.
pub(super) fn destinations(
    known: &Known,
    (members, cases): (&[MemberLine], &[CaseLine]),
    person: PersonId,
) -> Vec<BranchId> {
    let own = members.iter().filter(|line| line.person == person).map(|line| line.to);
    let travels = cases.iter().filter(|line| traveller(known, line) == Some(person));
    own.chain(travels.map(|line| line.to)).collect()
}

/// Whose transfer it is, as far as the transfers at a branch were looked at.
fn traveller(known: &Known, line: &CaseLine) -> Option<PersonId> {
    let mut found = known.cases_at(line.from).filter(|(id, _)| *id == line.transfer);
    found.next().and_then(|(_, transfer)| Transfer::standing(transfer)).map(|it| it.case.person)
}

/// The open plan of a branch, if there is one.
pub(super) fn open_plan(
    known: &Known,
    branch: BranchId,
) -> Option<(ReorganisationId, &Reorganisation)> {
    known.plans_of(branch).find(|(_, plan)| plan.is_open())
}

/// The guards behind the plans of a branch: which there are, and how far each is.
pub(super) fn plans_looked_at(known: &Known, branch: BranchId) -> Vec<Guard> {
    let plans = Guard::PlansOf(branch);
    let mut guards = vec![plans.clone()];
    if known.has_looked(&plans) {
        guards.extend(known.plans_of(branch).map(|(id, _)| Guard::Reorganisation(id)));
    }
    guards
}

/// Whether a source of the plan goes on: a branch that moves does, and so does one that is split
/// and keeps what no line names.
pub(super) fn goes_on(plan: &Plan, source: BranchId) -> bool {
    match plan.form {
        PlanForm::Move => true,
        PlanForm::Split => plan.rest == Some(source),
        PlanForm::Merge | PlanForm::Dissolution => false,
    }
}

/// Whether members come to a branch by the plan, at once or on a letter.
pub(super) fn gets_members(plan: &Plan, branch: BranchId) -> bool {
    let members = plan.members.iter().map(|line| line.to);
    members.chain(plan.cases.iter().map(|line| line.to)).any(|to| to == branch)
}

/// Where members and transfers go to by the plan: each branch once.
pub(super) fn targets(plan: &Plan) -> Vec<BranchId> {
    let named = plan.members.iter().map(|line| line.to);
    let mut targets: Vec<BranchId> = plan.rest.into_iter().chain(named).collect();
    targets.extend(plan.cases.iter().map(|line| line.to));
    targets.extend(plan.forms.iter().map(|new| new.branch));
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// The nearest branch above the first source that is none itself.
pub(super) fn superior(known: &Known, sources: &[BranchId], day: Date) -> Option<BranchId> {
    let parent = |id: BranchId| known.branch(id).and_then(|branch| branch.parent_on(day));
    let mut above = sources.first().and_then(|first| parent(*first));
    while let Some(source) = above.filter(|above| sources.contains(above)) {
        above = parent(source);
    }
    above
}
