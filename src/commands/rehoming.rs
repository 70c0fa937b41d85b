//! How a plan is executed: everything that it changes, in one append.
//!
//! New branches come first, then whatever goes to them, and the ends of the sources last: so at no
//! moment between two of the events is anybody nowhere.

use std::collections::{BTreeMap, BTreeSet};

use events::branch::{FormationMode, Rank};
use events::membership::{EndReason, Via};
use events::policy::{OpenAtOnce, RuleSet};
use events::reorganisation::{MemberLine, NewBranch, Plan, PlanForm};
use events::transfer::{Case, ClosedBecause};
use events::{
    BranchEvent, BranchId, Code, Date, HostId, MembershipEvent, MembershipId, PersonId, TransferId,
};

use super::Decided;
use super::cases::{close_open_case, last_act};
use super::ending::{end_posts, end_relations, later_end};
use super::phase::{Shut, not_home, takes_in};
use super::planning::{cases_beyond, gets_members, goes_on, members_beyond, targets};
use super::shared::identity::same_as;
use super::shared::life::{end_alone, move_home};
use super::shared::{LaterChange, UnfitMode, code_of, code_or_id, fits, leave_posts_with_home};
use crate::state::{Branch, Known};

/// Why a plan cannot be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stuck {
    /// Somebody has no line.
    Forgets(String, Vec<PersonId>),
    /// An open transfer has no line.
    ForgetsCases(String, Vec<Case>),
    /// A branch was formed by mistake, as is known by now.
    Unknown(BranchId),
    /// A branch is dissolved by then.
    Dissolved(String, Date),
    /// A target is not formed by then.
    NotYet(String, Date),
    /// A target takes nobody in.
    Shut(Shut),
    /// A target may be no home.
    NotHome(String, Code),
    /// A new branch has a code that is taken.
    CodeTaken(Code),
    /// The target cannot cover so many hosts.
    Unfit(UnfitMode),
    /// Something changes later.
    Later(Date),
}

impl From<LaterChange> for Stuck {
    fn from(LaterChange(later): LaterChange) -> Self {
        Self::Later(later)
    }
}

/// The decision under way.
pub(super) struct Execution<'a> {
    pub(super) known: &'a Known,
    pub(super) rules: &'a RuleSet,
    pub(super) plan: &'a Plan,
    pub(super) effective: Date,
}

impl Execution<'_> {
    /// Everything that the plan changes, but moves of whole branches.
    pub(super) fn rehome(&self, decided: &mut Decided) -> Result<(), Stuck> {
        let ending = self.ending();
        self.check_sources(&ending)?;
        self.form(decided)?;
        self.check_targets()?;
        self.move_children(&ending, decided)?;
        for source in &ending {
            end_posts(self.known, *source, self.effective, decided)?;
        }
        let ended = self.move_members(&ending, decided)?;
        self.end_places(&ending, &ended, decided)?;
        self.move_destinations(&ending, decided)?;
        self.move_hosts(&ending, decided)?;
        for source in &ending {
            end_relations(self.known, *source, self.effective, decided)?;
        }
        self.dissolve(&ending, decided);
        Ok(())
    }

    /// The sources that end, those that lie under another one first.
    fn ending(&self) -> Vec<BranchId> {
        let sources = self.plan.sources.iter().copied();
        let mut ending: Vec<BranchId> = sources.filter(|id| !goes_on(self.plan, *id)).collect();
        let depth = |id: &BranchId| {
            let mut depth = 0;
            let mut above = self.parent_of(*id);
            while let Some(parent) = above.filter(|parent| self.plan.sources.contains(parent)) {
                depth += 1;
                above = self.parent_of(parent);
            }
            std::cmp::Reverse(depth)
        };
        ending.sort_by_key(depth);
        ending
    }

    fn parent_of(&self, id: BranchId) -> Option<BranchId> {
        self.known.branch(id).and_then(|branch| branch.parent_on(self.effective))
    }

    /// The nearest branch above a source that is none itself.
    fn superior_of(&self, source: BranchId) -> Option<BranchId> {
        let mut above = self.parent_of(source);
        while let Some(parent) = above.filter(|parent| self.plan.sources.contains(parent)) {
            above = self.parent_of(parent);
        }
        above
    }

    fn check_sources(&self, ending: &[BranchId]) -> Result<(), Stuck> {
        for id in &self.plan.sources {
            let branch = self.known.branch(*id).ok_or(Stuck::Unknown(*id))?;
            if let Some(dissolved) = branch.dissolved() {
                return Err(Stuck::Dissolved(code_of(branch), dissolved));
            }
            let last = branch.last_change().filter(|last| *last > self.effective);
            if let Some(later) = last.filter(|_| ending.contains(id)) {
                return Err(Stuck::Later(later));
            }
            // A line leads from one source alone: whoever went over to another one needs another.
            let lines = self.plan.members.iter().filter(|line| line.from == *id);
            let planned: BTreeSet<MembershipId> = lines.map(|line| line.membership).collect();
            let forgotten: Vec<PersonId> = members_beyond(self.known, *id, self.effective)
                .into_iter()
                .filter(|(membership, _)| !planned.contains(membership))
                .map(|(_, person)| person)
                .collect();
            if !forgotten.is_empty() {
                return Err(Stuck::Forgets(code_of(branch), forgotten));
            }
            let has_line = |transfer: TransferId| {
                let mut lines = self.plan.cases.iter().filter(|line| line.from == *id);
                lines.any(|line| line.transfer == transfer)
            };
            let forgotten: Vec<Case> = cases_beyond(self.known, *id)
                .into_iter()
                .filter(|(transfer, _)| !has_line(*transfer))
                .map(|(_, standing)| standing.case)
                .collect();
            if !forgotten.is_empty() {
                return Err(Stuck::ForgetsCases(code_of(branch), forgotten));
            }
        }
        Ok(())
    }

    fn form(&self, decided: &mut Decided) -> Result<(), Stuck> {
        for new in &self.plan.forms {
            if self.known.branch_of_code(&new.code).is_some() {
                return Err(Stuck::CodeTaken(new.code.clone()));
            }
            if let Some(id) = new.parent {
                self.check_open(self.known.branch(id).ok_or(Stuck::Unknown(id))?)?;
            }
            let formed = BranchEvent::Formed {
                effective: self.effective,
                precision: None,
                code: new.code.clone(),
                name: new.name.clone(),
                title: None,
                branch_kind: new.branch_kind.clone(),
                parent: new.parent,
                formed_from: self.plan.sources.clone(),
            };
            decided.push(new.branch, formed);
        }
        Ok(())
    }

    /// A branch to which something comes is there, and takes it in.
    fn check_open(&self, branch: &Branch) -> Result<(), Stuck> {
        if let Some(formed) = branch.formed().filter(|formed| *formed > self.effective) {
            return Err(Stuck::NotYet(code_of(branch), formed));
        }
        if let Some(dissolved) = branch.dissolved() {
            return Err(Stuck::Dissolved(code_of(branch), dissolved));
        }
        takes_in(branch, self.effective).map_err(Stuck::Shut)
    }

    /// The branches that were there before and take somebody or something in.
    fn check_targets(&self) -> Result<(), Stuck> {
        let known = |id: &BranchId| self.new_branch(*id).is_none();
        for id in targets(self.plan).into_iter().filter(known) {
            let branch = self.known.branch(id).ok_or(Stuck::Unknown(id))?;
            if goes_on(self.plan, id) && self.plan.sources.contains(&id) {
                continue;
            }
            self.check_open(branch)?;
            if let Some(kind) = not_home(branch, self.rules, self.effective)
                && gets_members(self.plan, id)
            {
                return Err(Stuck::NotHome(code_of(branch), kind.clone()));
            }
        }
        Ok(())
    }

    /// What lies under a source that ends comes under the branch that takes over; under the
    /// source's superior where that one lies under the source itself, or only takes members.
    fn move_children(&self, ending: &[BranchId], decided: &mut Decided) -> Result<(), Stuck> {
        for source in ending {
            let to = self.over_children(*source)?;
            for (id, child) in self.known.children_of(*source) {
                if ending.contains(&id) {
                    continue;
                }
                let under = child.parents().filter(|spell| spell.value == Some(*source));
                for spell in under.filter(|spell| spell.reaches_beyond(self.effective)) {
                    if let Some(later) = later_end(spell.from, spell.until, self.effective) {
                        return Err(Stuck::Later(later));
                    }
                    let (effective, precision, from) = (self.effective, None, Some(*source));
                    decided.push(id, BranchEvent::Moved { effective, precision, from, to });
                }
            }
        }
        Ok(())
    }

    fn over_children(&self, source: BranchId) -> Result<Option<BranchId>, Stuck> {
        let rest = match self.plan.form {
            PlanForm::Merge | PlanForm::Split => self.plan.rest,
            PlanForm::Dissolution | PlanForm::Move => None,
        };
        let Some(rest) = rest else { return Ok(self.superior_of(source)) };
        let mut above = Some(rest);
        while let Some(id) = above {
            // A new branch is not known yet, but what it comes under is.
            above = match (self.new_branch(id), self.known.branch(id)) {
                (Some(new), _) => new.parent,
                (None, Some(branch)) => match branch.move_after(self.effective) {
                    Some(later) => return Err(Stuck::Later(later)),
                    None => branch.parent_on(self.effective),
                },
                (None, None) => None,
            };
            if above.is_some_and(|above| self.plan.sources.contains(&above)) {
                return Ok(self.superior_of(source));
            }
        }
        Ok(Some(rest))
    }

    /// Moves everybody along the lines of the plan. Of one person's memberships that would come to
    /// one branch all but the first end, with their places elsewhere: those are returned.
    fn move_members(
        &self,
        ending: &[BranchId],
        decided: &mut Decided,
    ) -> Result<BTreeSet<MembershipId>, Stuck> {
        let (mut arrived, mut ended) = (BTreeSet::new(), BTreeSet::new());
        for line in &self.plan.members {
            let MemberLine { membership: id, person, from, to } = *line;
            let mut found = self.known.members_of(from).filter(|(other, _)| *other == id);
            let Some((_, membership)) = found.next() else { continue };
            let mut spells = membership.spells().filter(|spell| spell.value == from);
            // Whoever left since needs no line any more.
            let Some(spell) = spells.find(|spell| spell.reaches_beyond(self.effective)) else {
                continue;
            };
            if from == to {
                continue;
            }
            let effective = self.effective;
            // A letter that came to nothing later was open until then, with its origin here.
            let acted = last_act(self.known, person, id).filter(|last| *last > effective);
            if let Some(later) = later_end(spell.from, spell.until, effective).or(acted) {
                return Err(Stuck::Later(later));
            }
            if self.rules.post.holder_at_home && !ending.contains(&from) {
                leave_posts_with_home(self.known, (person, from), effective, decided)?;
            }
            // Those who are one person are there once.
            let same = same_as(self.known, person, effective);
            let first = same.first().copied().unwrap_or(person);
            if self.is_there(&same, to, id) || !arrived.insert((first, to)) {
                let moot = ClosedBecause::BranchDissolved;
                close_open_case(self.known, (person, id), effective, moot, decided)?;
                let when = (effective, None);
                end_alone((id, membership), when, EndReason::BranchDissolved, decided)?;
                ended.insert(id);
                continue;
            }
            let (when, via) = ((effective, None), Via::Reorganisation);
            move_home((id, membership), (from, to), when, via, decided)?;
            self.move_origin((person, id), to, decided)?;
        }
        Ok(ended)
    }

    /// Places beside a home end with the branch that gave them.
    fn end_places(
        &self,
        ending: &[BranchId],
        ended: &BTreeSet<MembershipId>,
        decided: &mut Decided,
    ) -> Result<(), Stuck> {
        let (effective, precision) = (self.effective, None);
        for branch in ending.iter().copied() {
            let members = self.known.members_of(branch).filter(|(id, _)| !ended.contains(id));
            for (id, membership) in members {
                let Some(person) = membership.person() else { continue };
                if let Some(later) = membership.place_after(branch, effective) {
                    return Err(Stuck::Later(later));
                }
                if membership.places_on(effective).any(|place| place == branch) {
                    let ended = MembershipEvent::SecondaryPlaceEnded {
                        effective,
                        precision,
                        person,
                        branch,
                    };
                    decided.push(id, ended);
                }
            }
        }
        Ok(())
    }

    /// Whether the rules allow several memberships, and one of the others is there already.
    fn is_there(&self, same: &BTreeSet<PersonId>, to: BranchId, moving: MembershipId) -> bool {
        match self.rules.membership.open_at_once {
            OpenAtOnce::OnePerPerson => false,
            OpenAtOnce::OnePerBranch => {
                let all = same.iter().flat_map(|person| self.known.memberships_of(*person));
                all.filter(|(id, _)| *id != moving)
                    .flat_map(|(_, membership)| membership.spells())
                    .any(|spell| spell.value == to && spell.reaches_beyond(self.effective))
            }
        }
    }

    /// The hosts of the sources that end come to the branch that takes over; a dissolution leaves
    /// them uncovered, and the lists say so.
    fn move_hosts(&self, ending: &[BranchId], decided: &mut Decided) -> Result<(), Stuck> {
        let (effective, precision) = (self.effective, None);
        let mut coming: BTreeMap<HostId, Rank> = BTreeMap::new();
        let mut modes = Vec::new();
        for source in ending {
            let covered = self.known.branch(*source).map(|branch| branch.hosts_on(effective));
            for (host, covering) in covered.unwrap_or_default() {
                decided.push(*source, BranchEvent::HostDetached { effective, precision, host });
                let rank = coming.entry(host).or_insert(covering.rank);
                *rank = covering.rank.min(*rank);
                modes.push(covering.mode);
            }
        }
        let takes_over = match self.plan.form {
            PlanForm::Merge | PlanForm::Split => self.plan.rest,
            PlanForm::Dissolution | PlanForm::Move => None,
        };
        let Some(to) = takes_over.filter(|_| !coming.is_empty()) else { return Ok(()) };
        let branch = self.known.branch(to);
        if let Some(later) = branch.and_then(|branch| branch.hosts_change_after(effective)) {
            return Err(Stuck::Later(later));
        }
        let before = branch.map(|branch| branch.hosts_on(effective)).unwrap_or_default();
        let mut after: BTreeMap<HostId, Rank> =
            before.iter().map(|(host, covering)| (*host, covering.rank)).collect();
        for (host, rank) in coming {
            let known = after.entry(host).or_insert(rank);
            *known = rank.min(*known);
        }
        modes.splice(0..0, before.values().map(|covering| covering.mode));
        let mode = self.plan.mode.unwrap_or_else(|| mode_of(&modes, after.len()));
        let code = branch.map_or_else(|| self.new_code(to), code_of);
        fits(mode, after.len(), &code, &self.rules.coverage).map_err(Stuck::Unfit)?;
        for (host, rank) in after {
            let so = before.get(&host).is_some_and(|it| (it.mode, it.rank) == (mode, rank));
            if !so {
                let attached = BranchEvent::HostAttached { effective, precision, host, mode, rank };
                decided.push(to, attached);
            }
        }
        Ok(())
    }

    fn new_code(&self, id: BranchId) -> String {
        self.new_branch(id).map_or_else(|| code_or_id(self.known, id), |new| new.code.to_string())
    }

    /// A branch that the plan forms.
    fn new_branch(&self, id: BranchId) -> Option<&NewBranch> {
        self.plan.forms.iter().find(|new| new.branch == id)
    }

    fn dissolve(&self, ending: &[BranchId], decided: &mut Decided) {
        let into: Vec<BranchId> =
            targets(self.plan).into_iter().filter(|id| !ending.contains(id)).collect();
        for source in ending {
            let dissolved = BranchEvent::Dissolved {
                effective: self.effective,
                precision: None,
                parent: self.parent_of(*source),
                reason: Code::parse(self.plan.form.code()).ok(),
                into: into.clone(),
            };
            decided.push(*source, dissolved);
        }
    }
}

/// How a branch is formed over so many hosts, after what it and those that came to it were.
fn mode_of(modes: &[FormationMode], hosts: usize) -> FormationMode {
    let shared = modes.iter().find(|mode| mode.is_joint() || **mode == FormationMode::Online);
    match shared {
        Some(mode) if hosts > 1 || !mode.is_joint() => *mode,
        Some(_) | None if hosts > 1 => FormationMode::ByRegion,
        Some(_) | None => FormationMode::Standalone,
    }
}

#[cfg(test)]
mod tests {
    use super::super::execute_plan::{ExecutePlan, ExecutePlanRefusal};
    use super::*;
    use crate::given::*;

    #[test]
    fn a_new_branch_below_its_source_takes_over_nothing_that_lies_above_it() {
        let west = BranchId(fresh(9));
        let new = NewBranch {
            branch: west,
            code: code("west"),
            name: text("West"),
            branch_kind: code("branch"),
            parent: Some(SOUTH),
        };
        let plan = Plan {
            form: PlanForm::Merge,
            sources: vec![NORTH],
            forms: vec![new],
            rest: Some(west),
            mode: None,
            members: vec![],
            cases: vec![],
        };
        let (stream, mut formed_west) = formed_under(west, "west", 10, SOUTH);
        if let events::Event::Branch(BranchEvent::Formed { formed_from, .. }) = &mut formed_west {
            formed_from.push(NORTH);
        }
        let dissolved = BranchEvent::Dissolved {
            effective: day(10),
            precision: None,
            parent: None,
            reason: Some(code("merge")),
            into: vec![west],
        };
        let execute = || ExecutePlan { branch: NORTH, effective: day(10), precision: None };
        given([formed(NORTH, 1)])
            .and([planned(plan.clone(), 5), plan_approved(6)])
            .when(execute())
            .then_refused(ExecutePlanRefusal::BranchUnknown { branch: SOUTH });
        given([formed(NORTH, 1), formed_under(EAST, "east", 4, NORTH)])
            .and([formed_under(SOUTH, "south", 4, EAST), planned(plan, 5), plan_approved(6)])
            .when(execute())
            .then([
                (stream, formed_west),
                moved(EAST, Some(NORTH), None, 10),
                (NORTH.into(), dissolved.into()),
                plan_executed(10),
            ]);
    }
}
