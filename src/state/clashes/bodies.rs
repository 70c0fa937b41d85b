//! Branches and hosts: I7, I9 and I10.

use std::collections::BTreeSet;

use events::branch::{FormationMode, Rank};
use events::{BranchEvent, BranchId, Code, Event, Guard, HostEvent, HostId, Party, StreamId};

use super::{Date, FamilyName, View, overlap};
use crate::state::Spell;
use crate::state::branch::Phase;

/// What a branch or host rests on; of a branch also all that are above it, for circles.
pub(super) fn rests_on(view: &View<'_>, stream: StreamId) -> Vec<Guard> {
    let mut guards = Vec::new();
    if stream.family == FamilyName::Branch {
        let mut above = vec![BranchId(stream.id)];
        let mut seen = BTreeSet::new();
        while let Some(id) = above.pop() {
            guards.push(Guard::Branch(id));
            let Some(branch) = view.branch(id).filter(|_| seen.insert(id)) else { continue };
            above.extend(branch.parents().filter_map(|spell| spell.value));
        }
        for fact in view.timeline(stream) {
            if let Event::Branch(BranchEvent::HostAttached { host, .. }) = fact {
                guards.push(Guard::BranchesOver(host));
            }
        }
        let code = view.branch(BranchId(stream.id)).and_then(|branch| branch.code());
        guards.extend(code.cloned().map(Guard::BranchCode));
    }
    if stream.family == FamilyName::Host {
        let code = view.host(HostId(stream.id)).and_then(|host| host.code());
        guards.extend(code.cloned().map(Guard::HostCode));
    }
    guards
}

/// A branch: formed once and first, dissolved last and with no host left, under branches that are
/// there and never under itself, and the one that counts where it says so.
pub(super) fn branch(view: &View<'_>, id: BranchId, clash: &mut impl FnMut(&'static str, Date)) {
    let Some(branch) = view.branch(id) else { return };
    let mut life = Life::default();
    for fact in view.timeline(id.into()) {
        let Event::Branch(fact) = fact else { continue };
        let effective = events::Family::effective(&fact);
        if matches!(fact, BranchEvent::Dissolved { .. }) && !life.covered.is_empty() {
            clash("hosts_left", effective);
        }
        if !life.takes(&fact) {
            clash("branch_order", effective);
        }
    }
    for spell in branch.parents() {
        let Some(parent) = spell.value else { continue };
        if let Some(on) = view.missing(Party::Branch(parent), spell.from, spell.until) {
            clash(if view.branch(parent).is_some() { "child_left" } else { "under_nothing" }, on);
        }
    }
    for on in change_days(view, id) {
        if circles(view, id, on) {
            clash("circle", on);
        }
    }
    for on in hosts_days(view, id) {
        let modes: Vec<_> = branch.hosts_on(on).into_values().map(|it| it.mode).collect();
        let alone = modes.first() == Some(&FormationMode::Standalone) && modes.len() > 1;
        if alone || modes.windows(2).any(|pair| pair[0] != pair[1]) {
            clash("hosts_unfit", on);
        }
        let joint = modes.first().is_some_and(|mode| mode.is_joint());
        let hosts_max = view.known.policy(on).rules.coverage.joint_hosts_max;
        if joint
            && attaches(view, id, on)
            && hosts_max.is_some_and(|max| modes.len() > max as usize)
        {
            clash("too_many_hosts", on);
        }
    }
    code_is_own(view, id, clash);
    counts_alone(view, id, clash);
}

/// How far a branch is, fact by fact.
#[derive(Default)]
struct Life {
    phase: Option<Phase>,
    kind: Option<Code>,
    covered: BTreeSet<HostId>,
}

impl Life {
    /// Goes on by one fact; whether it fits what came before.
    fn takes(&mut self, fact: &BranchEvent) -> bool {
        let was = self.phase;
        let stands = matches!(was, Some(Phase::Active | Phase::Suspended | Phase::WindingUp));
        match fact {
            BranchEvent::Formed { branch_kind, .. } => {
                self.phase = Some(Phase::Active);
                self.kind = Some(branch_kind.clone());
                matches!(was, None | Some(Phase::Proposed))
            }
            BranchEvent::Proposed { .. } => {
                self.phase = Some(Phase::Proposed);
                matches!(was, None | Some(Phase::Rejected))
            }
            BranchEvent::Rejected { .. } => {
                self.phase = Some(Phase::Rejected);
                was == Some(Phase::Proposed)
            }
            BranchEvent::Approved { .. } => was == Some(Phase::Proposed),
            BranchEvent::Suspended { .. } => {
                self.phase = Some(Phase::Suspended);
                was == Some(Phase::Active)
            }
            BranchEvent::Resumed { .. } => {
                self.phase = Some(Phase::Active);
                was == Some(Phase::Suspended)
            }
            BranchEvent::WindingUpStarted { .. } => {
                self.phase = Some(Phase::WindingUp);
                matches!(was, Some(Phase::Active | Phase::Suspended))
            }
            BranchEvent::WindingUpAbandoned { .. } => {
                self.phase = Some(Phase::Active);
                was == Some(Phase::WindingUp)
            }
            BranchEvent::Dissolved { .. } => {
                self.phase = Some(Phase::Dissolved);
                stands
            }
            BranchEvent::KindChanged { from, to, .. } => {
                stands && self.kind.replace(to.clone()).as_ref() == Some(from)
            }
            BranchEvent::HostAttached { host, .. } => {
                self.covered.insert(*host);
                stands
            }
            BranchEvent::HostDetached { host, .. } => self.covered.remove(host) && stands,
            BranchEvent::Renamed { .. }
            | BranchEvent::Moved { .. }
            | BranchEvent::ReFormed { .. } => stands,
        }
    }
}

/// Whether a host comes to a branch on a day: what loses one breaks no bound by that.
fn attaches(view: &View<'_>, id: BranchId, on: Date) -> bool {
    let attached = |fact: &Event| matches!(fact, Event::Branch(BranchEvent::HostAttached { .. }));
    view.timeline(id.into()).iter().any(|fact| fact.effective() == on && attached(fact))
}

/// The days on which the hosts of a branch change.
fn hosts_days(view: &View<'_>, id: BranchId) -> BTreeSet<Date> {
    let days = view.timeline(id.into()).into_iter().filter_map(|fact| {
        let Event::Branch(fact) = fact else { return None };
        match fact {
            BranchEvent::HostAttached { effective, .. }
            | BranchEvent::HostDetached { effective, .. } => Some(effective),
            BranchEvent::Formed { .. }
            | BranchEvent::Renamed { .. }
            | BranchEvent::Moved { .. }
            | BranchEvent::Dissolved { .. }
            | BranchEvent::Proposed { .. }
            | BranchEvent::Approved { .. }
            | BranchEvent::Rejected { .. }
            | BranchEvent::Suspended { .. }
            | BranchEvent::Resumed { .. }
            | BranchEvent::WindingUpStarted { .. }
            | BranchEvent::WindingUpAbandoned { .. }
            | BranchEvent::KindChanged { .. }
            | BranchEvent::ReFormed { .. } => None,
        }
    });
    days.collect()
}

/// The days on which the way up from a branch changes.
fn change_days(view: &View<'_>, id: BranchId) -> BTreeSet<Date> {
    let (mut days, mut above, mut seen) = (BTreeSet::new(), vec![id], BTreeSet::new());
    while let Some(id) = above.pop() {
        let Some(branch) = view.branch(id).filter(|_| seen.insert(id)) else { continue };
        for Spell { value, from, .. } in branch.parents() {
            days.insert(from);
            above.extend(value);
        }
    }
    days
}

fn circles(view: &View<'_>, id: BranchId, on: Date) -> bool {
    let (mut above, mut seen) = (Some(id), BTreeSet::new());
    while let Some(id) = above {
        if !seen.insert(id) {
            return true;
        }
        above = view.branch(id).and_then(|branch| branch.parent_on(on));
    }
    false
}

fn code_is_own(view: &View<'_>, id: BranchId, clash: &mut impl FnMut(&'static str, Date)) {
    let Some((code, formed)) = view.branch(id).and_then(|it| it.code().zip(it.formed())) else {
        return;
    };
    let same = view.behind(&Guard::BranchCode(code.clone()), FamilyName::Branch);
    let mut others = same.into_iter().map(|stream| BranchId(stream.id)).filter(|it| *it != id);
    if others.any(|other| view.branch(other).and_then(|it| it.code()) == Some(code)) {
        clash("code_taken", formed);
    }
}

/// The stretches during which a branch is the one that counts for a host.
fn counting(view: &View<'_>, id: BranchId) -> Vec<(HostId, Date, Option<Date>)> {
    let mut stretches: Vec<(HostId, Date, Option<Date>)> = Vec::new();
    for fact in view.timeline(id.into()) {
        let Event::Branch(fact) = fact else { continue };
        let (host, effective, counts) = match fact {
            BranchEvent::HostAttached { effective, host, rank, .. } => {
                (host, effective, rank == Rank::Primary)
            }
            BranchEvent::HostDetached { effective, host, .. } => (host, effective, false),
            BranchEvent::Formed { .. }
            | BranchEvent::Renamed { .. }
            | BranchEvent::Moved { .. }
            | BranchEvent::Dissolved { .. }
            | BranchEvent::Proposed { .. }
            | BranchEvent::Approved { .. }
            | BranchEvent::Rejected { .. }
            | BranchEvent::Suspended { .. }
            | BranchEvent::Resumed { .. }
            | BranchEvent::WindingUpStarted { .. }
            | BranchEvent::WindingUpAbandoned { .. }
            | BranchEvent::KindChanged { .. }
            | BranchEvent::ReFormed { .. } => continue,
        };
        let open = stretches.iter_mut().find(|(other, _, until)| *other == host && until.is_none());
        if let Some((_, _, until)) = open {
            *until = Some(effective);
        }
        if counts {
            stretches.push((host, effective, None));
        }
    }
    stretches
}

fn counts_alone(view: &View<'_>, id: BranchId, clash: &mut impl FnMut(&'static str, Date)) {
    for (host, from, until) in counting(view, id) {
        for stream in view.behind(&Guard::BranchesOver(host), FamilyName::Branch) {
            let other = BranchId(stream.id);
            for (same, other_from, other_until) in counting(view, other) {
                let shared = overlap((from, until), (other_from, other_until));
                if let Some(on) = shared.filter(|_| same == host && other != id) {
                    clash("host_counts_twice", on);
                }
            }
        }
    }
}

/// A host: registered once and first, closed last, with nobody employed.
pub(super) fn host(view: &View<'_>, id: HostId, clash: &mut impl FnMut(&'static str, Date)) {
    let Some(host) = view.host(id) else { return };
    let (mut over, mut employed) = (false, BTreeSet::new());
    for (index, fact) in view.timeline(id.into()).into_iter().enumerate() {
        let Event::Host(fact) = fact else { continue };
        let effective = events::Family::effective(&fact);
        let fits = match &fact {
            HostEvent::Registered { .. } => index == 0,
            HostEvent::Changed { .. } => index > 0 && !over,
            HostEvent::Employed { person, .. } => {
                employed.insert(*person);
                index > 0 && !over
            }
            HostEvent::EmploymentEnded { person, .. } => {
                if !employed.remove(person) {
                    clash("employment_order", effective);
                }
                !over
            }
            HostEvent::Closed { .. } => {
                if !employed.is_empty() {
                    clash("employment_order", effective);
                }
                !std::mem::replace(&mut over, true) && index > 0
            }
        };
        if !fits {
            clash("host_order", effective);
        }
    }
    if let Some((code, registered)) = host.code().zip(host.registered()) {
        let same = view.behind(&Guard::HostCode(code.clone()), FamilyName::Host);
        let mut others = same.into_iter().map(|stream| HostId(stream.id)).filter(|it| *it != id);
        if others.any(|other| view.host(other).and_then(|it| it.code()) == Some(code)) {
            clash("code_taken", registered);
        }
    }
}

#[cfg(test)]
mod tests {
    use events::branch::FormationMode;

    use crate::given::*;

    #[test]
    fn a_joint_branch_has_as_many_hosts_as_the_rules_allow() {
        let (mode, third) = (FormationMode::ByRegion, events::HostId(fresh(3)));
        let history = [
            formed(NORTH, 1),
            host(SUN, 1),
            host(MOON, 1),
            host(third, 1),
            attached(NORTH, SUN, mode, 5),
            attached(NORTH, MOON, mode, 5),
            detached(NORTH, SUN, 8),
            attached(NORTH, third, mode, 10),
        ];
        let bound =
            || given(history.clone()).with_rules(|it| it.coverage.joint_hosts_max = Some(2));
        assert_eq!(bound().clashes_once(&[(6, None)]), ["too_many_hosts 2026-01-10"]);
        assert_eq!(bound().clashes_once(&[(6, Some(10))]), Vec::<String>::new());
        assert_eq!(given(history.clone()).clashes_once(&[(6, None)]), Vec::<String>::new());
    }
}
