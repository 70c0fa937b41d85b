//! Where does coverage fall short of what the rules expect?

use std::collections::{HashMap, HashSet};

use events::policy::RuleSet;
use events::{Code, Date};
use serde::Serialize;

use super::field::{Field, Formation, Holding, Place};
use crate::likenesses::GoesBy;
use crate::membership_states::MembershipStateRow;
use crate::memberships::MembershipRow;
use crate::table::Row;

/// One shortcoming, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// Which one: a code of [`GAPS`].
    pub gap: &'static str,
    /// Whether it concerns a `host`, a `branch` or a `person`.
    pub family: &'static str,
    /// The code of the host or branch, the id of the person.
    pub code: String,
    /// Its name; of a person that of the branch where they are at home.
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
    /// Since when it is so, where it is of one person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
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
    "not_placed",
];

/// What is asked beside the field.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// The rows of `membership_states` that hold.
    pub states: &'a [Row],
    /// The rules in force.
    pub rules: &'a RuleSet,
}

/// The full members, by branch and all together.
#[derive(Default)]
struct Full<'a> {
    of_branch: HashMap<&'a str, u64>,
    persons: HashSet<&'a str>,
}

impl<'a> Full<'a> {
    fn of(holding: &Holding<'a>, beside: &Beside<'a>) -> Self {
        let states = beside.states.iter().map(MembershipStateRow::of);
        let not_full = states.filter(|state| !state.is_full(&beside.rules.life));
        let not_full: HashSet<&str> = not_full.map(|state| state.membership).collect();
        let mut full = Self::default();
        let goes_by = GoesBy::of(holding.likenesses);
        let memberships = holding.memberships.iter().map(MembershipRow::of);
        for row in memberships.filter(|row| !not_full.contains(row.membership)) {
            *full.of_branch.entry(row.branch).or_default() += 1;
            full.persons.insert(goes_by.id(row.person));
        }
        full
    }
}

/// Where coverage falls short of what the rules expect, by kind and code.
#[must_use]
pub fn gaps(holding: &Holding<'_>, beside: &Beside<'_>) -> Vec<Gap> {
    let field = Field::of(holding);
    let full = Full::of(holding, beside);
    let mut gaps = not_placed(holding, &field, beside.rules);
    field.places.iter().for_each(|place| of_host((holding, &full), place, &mut gaps));
    field.formations.iter().for_each(|branch| of_branch((holding, &full), branch, &mut gaps));
    let order = |gap: &Gap| GAPS.iter().position(|code| *code == gap.gap);
    gaps.sort_by(|one, other| (order(one), one).cmp(&(order(other), other)));
    gaps
}

/// Those who sit in a branch that holds members for others: it may be a home and admits nobody.
fn not_placed(holding: &Holding<'_>, field: &Field<'_>, rules: &RuleSet) -> Vec<Gap> {
    let holds = |kind: &str| {
        let kind = Code::parse(kind).ok().and_then(|code| rules.branch_kind(&code));
        kind.is_some_and(|kind| kind.may_be_home && !kind.may_admit)
    };
    let branches = field.formations.iter().filter(|it| holds(it.branch.kind));
    let branches: HashMap<&str, &str> =
        branches.map(|it| (it.branch.branch, it.branch.name)).collect();
    let goes_by = GoesBy::of(holding.likenesses);
    let waits = |row: MembershipRow<'_>| {
        Some(Gap {
            gap: "not_placed",
            family: "person",
            code: goes_by.id(row.person).to_owned(),
            name: (*branches.get(row.branch)?).to_owned(),
            found: None,
            expected: None,
            post: None,
            since: Some(row.since),
        })
    };
    holding.memberships.iter().map(MembershipRow::of).filter_map(waits).collect()
}

fn of_host((holding, full): (&Holding<'_>, &Full<'_>), place: &Place<'_>, gaps: &mut Vec<Gap>) {
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
            since: None,
        });
    };
    let branch_from = rules.branch_expected_from_members.map(u64::from);
    let are_full = place.members.iter().filter(|(person, _)| full.persons.contains(person));
    let are_full = are_full.count() as u64;
    if branch_from.is_some_and(|from| are_full >= from) && !place.is_organised() {
        gap("members_without_branch", Some(are_full), branch_from, None);
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

fn of_branch(
    (holding, full): (&Holding<'_>, &Full<'_>),
    formation: &Formation<'_>,
    gaps: &mut Vec<Gap>,
) {
    let rules = holding.rules;
    let mut gap = |gap, found: u64, expected: Option<u64>| {
        gaps.push(Gap {
            gap,
            family: "branch",
            code: formation.branch.code.to_owned(),
            name: formation.branch.name.to_owned(),
            found: Some(found),
            expected,
            post: None,
            since: None,
        });
    };
    // Strength is asked of branches at hosts: a committee above them has no members of its own.
    let at_hosts = formation.counts && formation.hosts > 0;
    let members = formation.members as u64;
    let are_full = full.of_branch.get(formation.branch.branch).copied().unwrap_or(0);
    let least = rules.members_min.map(u64::from);
    if at_hosts && least.is_some_and(|least| are_full < least) {
        gap("under_strength", are_full, least);
    }
    let most = rules.members_max.map(u64::from);
    if at_hosts && most.is_some_and(|most| members > most) {
        gap("over_size", members, most);
    }
    let joint = formation.mode.is_some_and(|mode| mode != "standalone" && mode != "online");
    if joint && formation.operating == 1 {
        gap("joint_with_one_host", formation.operating as u64, Some(2));
    }
    if formation.hosts > 0 && formation.operating == 0 {
        gap("hosts_gone", formation.operating as u64, None);
    }
}
