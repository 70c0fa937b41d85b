//! Is every relation in a branch and below it as it should be?
//!
//! Goes through the homes of those who work at a host, the posts, the hosts and the relations
//! between bodies that were proposed, on one day.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use events::{BranchId, Date, HostId, PersonId, PostId, RelationId, StreamId, TransferId};
use serde::Serialize;

use crate::branches::BranchRow;
use crate::coverings::CoveringRow;
use crate::employments::EmploymentRow;
use crate::hosts::HostRow;
use crate::memberships::MembershipRow;
use crate::posts::PostRow;
use crate::relations::{PROPOSED, RelationRow};
use crate::table::Row;
use crate::transfers::TransferRow;

/// What a round may find, in the order in which it is told.
pub const FINDINGS: &[&str] = &[
    "works_elsewhere",
    "holder_not_at_home",
    "host_gone",
    "letter_unsettled",
    "relation_unanswered",
];

/// The rows of each table that hold at one place.
#[derive(Debug, Clone, Copy)]
pub struct ScreeningRows<'a> {
    /// Rows of `branches`.
    pub branches: &'a [Row],
    /// Rows of `memberships`.
    pub memberships: &'a [Row],
    /// Rows of `posts`.
    pub posts: &'a [Row],
    /// Rows of `hosts`.
    pub hosts: &'a [Row],
    /// Rows of `coverings`.
    pub coverings: &'a [Row],
    /// Rows of `employments`.
    pub employments: &'a [Row],
    /// Rows of `relations`.
    pub relations: &'a [Row],
    /// Rows of `transfers`.
    pub transfers: &'a [Row],
}

/// One relation that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What is wrong: a code of [`FINDINGS`].
    pub finding: &'static str,
    /// The branch at which it was found.
    pub branch: BranchId,
    /// What it is about.
    pub subject: StreamId,
}

/// What a round went through, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Screened {
    /// How many branches.
    pub branches: u32,
    /// How many members are at home in them.
    pub members: u32,
    /// What was found, by branch.
    pub findings: Vec<Finding>,
}

/// Goes through a branch and everything below it.
#[must_use]
pub fn screening(rows: &ScreeningRows<'_>, root: BranchId, day: Date) -> Screened {
    let below = subtree(rows.branches, root);
    let homes: Vec<MembershipRow<'_>> = rows.memberships.iter().map(MembershipRow::of).collect();
    let members = homes.iter().filter(|home| below.contains(home.branch)).count();
    let mut findings = works_elsewhere(rows, &homes, &below);
    findings.extend(holders(rows, &homes, &below));
    findings.extend(hosts_gone(rows, &below));
    findings.extend(unsettled(rows, &below, day));
    findings.extend(unanswered(rows, &below));
    let order = |it: &Finding| FINDINGS.iter().position(|code| *code == it.finding);
    findings.sort_by(|one, next| {
        (one.branch, order(one), one.subject).cmp(&(next.branch, order(next), next.subject))
    });
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Screened { branches: number(below.len()), members: number(members), findings }
}

/// A branch and those below it, by id.
#[must_use]
pub fn subtree(branches: &[Row], root: BranchId) -> BTreeSet<String> {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in branches {
        let BranchRow { branch, parent, .. } = BranchRow::of(row);
        if let Some(parent) = parent {
            below.entry(parent).or_default().push(branch);
        }
    }
    let mut found = BTreeSet::from([root.to_string()]);
    let mut next = vec![root.to_string()];
    while let Some(branch) = next.pop() {
        for child in below.get(branch.as_str()).into_iter().flatten() {
            if found.insert((*child).to_owned()) {
                next.push((*child).to_owned());
            }
        }
    }
    found
}

/// The id in a column of ids.
fn id<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a column of ids holds ids")
}

/// Members who work at a host that other branches cover, and theirs does not.
fn works_elsewhere(
    rows: &ScreeningRows<'_>,
    homes: &[MembershipRow<'_>],
    below: &BTreeSet<String>,
) -> Vec<Finding> {
    let mut covering: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for CoveringRow { branch, host, .. } in rows.coverings.iter().map(CoveringRow::of) {
        covering.entry(host).or_default().insert(branch);
    }
    let mut found = Vec::new();
    for EmploymentRow { host, person, .. } in rows.employments.iter().map(EmploymentRow::of) {
        let Some(covering) = covering.get(host) else { continue };
        let homes: Vec<&str> =
            homes.iter().filter(|home| home.person == person).map(|home| home.branch).collect();
        let own = homes.iter().find(|home| below.contains(**home));
        if let Some(home) = own.filter(|_| !homes.iter().any(|home| covering.contains(home))) {
            let (branch, subject) = (id::<BranchId>(home), id::<PersonId>(person).into());
            found.push(Finding { finding: "works_elsewhere", branch, subject });
        }
    }
    found
}

/// Holders of a post who are not at home at its branch.
fn holders(
    rows: &ScreeningRows<'_>,
    homes: &[MembershipRow<'_>],
    below: &BTreeSet<String>,
) -> Vec<Finding> {
    let at_home: BTreeSet<(&str, &str)> =
        homes.iter().map(|home| (home.person, home.branch)).collect();
    let posts = rows.posts.iter().map(PostRow::of);
    let posts = posts.filter(|post| below.contains(post.branch));
    let astray = posts.filter(|post| !at_home.contains(&(post.person, post.branch)));
    let finding = |post: PostRow<'_>| {
        let (branch, subject) = (id::<BranchId>(post.branch), id::<PostId>(post.post).into());
        Finding { finding: "holder_not_at_home", branch, subject }
    };
    astray.map(finding).collect()
}

/// Branches that cover a host which operates no more.
fn hosts_gone(rows: &ScreeningRows<'_>, below: &BTreeSet<String>) -> Vec<Finding> {
    let operating: BTreeSet<&str> = rows.hosts.iter().map(|row| HostRow::of(row).host).collect();
    let coverings = rows.coverings.iter().map(CoveringRow::of);
    let gone = coverings.filter(|it| below.contains(it.branch) && !operating.contains(it.host));
    let finding = |it: CoveringRow<'_>| {
        let (branch, subject) = (id::<BranchId>(it.branch), id::<HostId>(it.host).into());
        Finding { finding: "host_gone", branch, subject }
    };
    gone.map(finding).collect()
}

/// Letters of a branch that ran out or came back, and on which it has to act.
fn unsettled(rows: &ScreeningRows<'_>, below: &BTreeSet<String>, day: Date) -> Vec<Finding> {
    let has_run_out = |last: &str| events::values::date_of(last).is_some_and(|last| last < day);
    let finding = |it: TransferRow<'_>| {
        let origin = it.origin.filter(|origin| below.contains(*origin))?;
        let ran_out = it.suspended.is_none() && it.last_day.is_some_and(has_run_out);
        let back = ["returned", "expired", "voided"].contains(&it.phase);
        let (branch, subject) = (id::<BranchId>(origin), id::<TransferId>(it.transfer).into());
        let unsettled = back || it.phase == "issued" && ran_out;
        unsettled.then_some(Finding { finding: "letter_unsettled", branch, subject })
    };
    rows.transfers.iter().map(TransferRow::of).filter_map(finding).collect()
}

/// Relations with a branch that were proposed, and neither accepted nor turned down.
fn unanswered(rows: &ScreeningRows<'_>, below: &BTreeSet<String>) -> Vec<Finding> {
    let proposed = rows.relations.iter().map(RelationRow::of).filter(|it| it.state == PROPOSED);
    let finding = |it: RelationRow<'_>| {
        let ends = [(it.to_family, it.to), (it.from_family, it.from)];
        let mut own = ends.iter().filter(|(family, id)| *family == "branch" && below.contains(*id));
        let (_, branch) = own.next()?;
        let (branch, subject) = (id::<BranchId>(branch), id::<RelationId>(it.relation).into());
        Some(Finding { finding: "relation_unanswered", branch, subject })
    };
    proposed.filter_map(finding).collect()
}
