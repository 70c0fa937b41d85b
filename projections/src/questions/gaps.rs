//! Where does coverage fall short of what the rules expect?

use std::collections::HashSet;

use serde::Serialize;

use super::field::{Field, Formation, Holding, Place};

/// One shortcoming, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// Which one: a code of [`GAPS`].
    pub gap: &'static str,
    /// Whether it concerns a `host` or a `branch`.
    pub family: &'static str,
    /// The code of the host or branch.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How much there is of what is counted: members, staff or hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<u64>,
    /// How much the rules expect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<u64>,
    /// The post that no member holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
}

/// The shortcomings there are, in the order in which they are told.
pub const GAPS: &[&str] = &[
    "members_without_branch",
    "staff_without_member",
    "nobody_responsible",
    "key_post_without_member",
    "under_strength",
    "over_size",
    "joint_with_one_host",
    "hosts_gone",
];

/// Where coverage falls short of what the rules expect, by kind and code.
#[must_use]
pub fn gaps(holding: &Holding<'_>) -> Vec<Gap> {
    let field = Field::of(holding);
    let mut gaps = Vec::new();
    field.places.iter().for_each(|place| of_host(holding, place, &mut gaps));
    field.formations.iter().for_each(|branch| of_branch(holding, branch, &mut gaps));
    let order = |gap: &Gap| GAPS.iter().position(|code| *code == gap.gap);
    gaps.sort_by(|one, other| (order(one), one).cmp(&(order(other), other)));
    gaps
}

fn of_host(holding: &Holding<'_>, place: &Place<'_>, gaps: &mut Vec<Gap>) {
    let rules = holding.rules;
    let (members, staff) = (place.members.len() as u64, place.host.staff);
    let mut gap = |gap, found: Option<u64>, expected: Option<u64>, post: Option<&str>| {
        gaps.push(Gap {
            gap,
            family: "host",
            code: place.host.code.to_owned(),
            name: place.host.name.to_owned(),
            found,
            expected,
            post: post.map(str::to_owned),
        });
    };
    let branch_from = rules.branch_expected_from_members.map(u64::from);
    if branch_from.is_some_and(|from| members >= from) && !place.is_organised() {
        gap("members_without_branch", Some(members), branch_from, None);
    }
    let member_from = rules.member_expected_from_staff.map(u64::from);
    if member_from.is_some_and(|from| staff >= from) && members == 0 {
        gap("staff_without_member", Some(staff), member_from, None);
    }
    if place.responsible.is_empty() {
        gap("nobody_responsible", None, None, None);
    }
    let held: HashSet<&str> = place.members.iter().filter_map(|(_, post)| *post).collect();
    let posts = place.host.key_posts.unwrap_or_default().split_whitespace();
    for post in posts.filter(|post| !held.contains(post)) {
        gap("key_post_without_member", None, None, Some(post));
    }
}

fn of_branch(holding: &Holding<'_>, formation: &Formation<'_>, gaps: &mut Vec<Gap>) {
    let rules = holding.rules;
    let mut gap = |gap, found: usize, expected: Option<u64>| {
        gaps.push(Gap {
            gap,
            family: "branch",
            code: formation.branch.code.to_owned(),
            name: formation.branch.name.to_owned(),
            found: Some(found as u64),
            expected,
            post: None,
        });
    };
    // Strength is asked of branches at hosts: a committee above them has no members of its own.
    let (members, at_hosts) = (formation.members, formation.counts && formation.hosts > 0);
    let least = rules.members_min.map(u64::from);
    if at_hosts && least.is_some_and(|least| (members as u64) < least) {
        gap("under_strength", members, least);
    }
    let most = rules.members_max.map(u64::from);
    if at_hosts && most.is_some_and(|most| (members as u64) > most) {
        gap("over_size", members, most);
    }
    let joint = formation.mode.is_some_and(|mode| mode != "standalone" && mode != "online");
    if joint && formation.operating == 1 {
        gap("joint_with_one_host", formation.operating, Some(2));
    }
    if formation.hosts > 0 && formation.operating == 0 {
        gap("hosts_gone", formation.operating, None);
    }
}
