//! Rules that several commands share, each in one place.

pub(super) mod holders;
pub(super) mod identity;
pub(super) mod life;
pub(super) mod steps;

use events::branch::FormationMode;
use events::policy::{BeforeFormation, CoverageRules, RuleSet};
use events::post::{LeaveReason, PostEvent};
use events::{
    BranchId, Date, Guard, HostId, MembershipId, Party, PersonEvent, PersonId, Precision,
};

use super::{Decided, Note};
use crate::state::{Branch, Host, Known, Membership};

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

/// Why nothing can be recorded about a host from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotOperating {
    /// No host has that id.
    Unknown(HostId),
    /// It was registered later.
    NotYet(String, Date),
    /// It is closed, or will be.
    Closed(String, Date),
}

/// The host, if it operates from that day on.
pub(super) fn operating(known: &Known, id: HostId, day: Date) -> Result<&Host, NotOperating> {
    let host = known.host(id).ok_or(NotOperating::Unknown(id))?;
    if let Some(registered) = host.registered().filter(|registered| *registered > day) {
        return Err(NotOperating::NotYet(host_code(host), registered));
    }
    match host.closed() {
        Some(closed) => Err(NotOperating::Closed(host_code(host), closed)),
        None => Ok(host),
    }
}

/// The host's code, for sentences.
pub(super) fn host_code(host: &Host) -> String {
    host.code().map_or_else(String::new, ToString::to_string)
}

/// The code of a body, for sentences.
pub(super) fn party_code(known: &Known, party: Party) -> String {
    match party {
        Party::Branch(id) => code_or_id(known, id),
        Party::Host(id) => known.host(id).map_or_else(|| id.to_string(), host_code),
    }
}

/// The codes of the formation modes, in the order of their list.
pub(super) const MODES: &[&str] =
    &["standalone", "joint_by_industry", "led_by_firm", "by_region", "online"];

/// The codes of the relations, in the order of their list.
pub(super) const RELATIONS: &[&str] = &[
    "supervised_by",
    "guided_by",
    "hosted_by",
    "jointly_built_with",
    "led_by",
    "fallback_responsible_for",
    "member_of_association",
];

/// Why a branch cannot be formed so over that many hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UnfitMode {
    /// Alone means at one host.
    StandsAlone { branch: String, hosts: usize },
    /// Joint means two hosts at least.
    JointNeedsTwo { branch: String, hosts: usize },
    /// And so many at most.
    TooManyHosts { branch: String, hosts: usize, hosts_max: u32 },
}

/// Whether a branch may be formed so over that many hosts.
pub(super) fn fits(
    mode: FormationMode,
    hosts: usize,
    branch: &str,
    rules: &CoverageRules,
) -> Result<(), UnfitMode> {
    let branch = || branch.to_owned();
    if mode == FormationMode::Standalone && hosts != 1 {
        return Err(UnfitMode::StandsAlone { branch: branch(), hosts });
    }
    if !mode.is_joint() {
        return Ok(());
    }
    match rules.joint_hosts_max {
        _ if hosts < 2 => Err(UnfitMode::JointNeedsTwo { branch: branch(), hosts }),
        Some(hosts_max) if hosts > hosts_max as usize => {
            Err(UnfitMode::TooManyHosts { branch: branch(), hosts, hosts_max })
        }
        Some(_) | None => Ok(()),
    }
}

/// The codes of the reasons for which a membership ends, in the order of their list.
pub(super) const END_REASONS: &[&str] = &[
    "left",
    "died",
    "expelled",
    "removed",
    "branch_dissolved",
    "departed",
    "withdrew",
    "resigned",
    "probation_cancelled",
    "declined",
    "duplicate",
];

/// The guard behind which a body's own life lies.
pub(super) fn life_of(party: Party) -> Guard {
    match party {
        Party::Branch(id) => Guard::Branch(id),
        Party::Host(id) => Guard::Host(id),
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
    of: (PersonId, BranchId),
    effective: Date,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    let (person, home) = of;
    leave_posts(known, (person, Some(home)), effective, LeaveReason::HomeEnded, decided)
}

/// A person leaves the posts at a branch, or everywhere, and acts in none there any more.
pub(super) fn leave_posts(
    known: &Known,
    (person, branch): (PersonId, Option<BranchId>),
    effective: Date,
    reason: LeaveReason,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    for (id, post) in known.posts_held_by(person) {
        let is_meant = |place: BranchId| branch.is_none_or(|branch| branch == place);
        let Some((place, role)) = post.place().filter(|(place, _)| is_meant(*place)) else {
            continue;
        };
        for spell in post.acting().filter(|s| s.value == person && s.reaches_beyond(effective)) {
            if let Some(later) = spell.until.or((spell.from > effective).then_some(spell.from)) {
                return Err(LaterChange(later));
            }
            let (precision, branch, role) = (None, place, role.clone());
            decided.push(
                id,
                PostEvent::ActingEnded { effective, precision, branch, role, person, reason },
            );
        }
        let mut spells =
            post.spells().filter(|spell| spell.value == person && spell.reaches_beyond(effective));
        let Some(spell) = spells.next() else { continue };
        if let Some(later) = post.later_change(&spell, effective) {
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
                reason,
            },
        );
    }
    Ok(())
}

/// The event that makes a person known.
pub(super) fn registered(effective: Date, precision: Option<Precision>) -> PersonEvent {
    PersonEvent::Registered { effective, precision }
}

#[cfg(test)]
mod tests {
    use events::RelationKind;
    use events::membership::EndReason;

    use super::*;

    #[test]
    fn the_lists_of_codes_are_those_of_the_events() {
        assert!(FormationMode::ALL.iter().map(|(code, _)| *code).eq(MODES.iter().copied()));
        assert!(EndReason::ALL.iter().map(|(code, _)| *code).eq(END_REASONS.iter().copied()));
        assert!(RelationKind::ALL.iter().map(|(code, _)| *code).eq(RELATIONS.iter().copied()));
    }
}
