//! Branches that have enough full members to elect a committee, and have none.

use std::collections::BTreeSet;

use events::Date;
use events::policy::RuleSet;

use super::strength::{changes, members_on};
use super::{Due, DueRows, by, counts, covers, due_of, lives, stretches, turns};
use crate::posts::PostRow;
use crate::table::Row;

/// A committee stands where more than one of the posts that serve for a term is held: a secretary
/// alone is none.
pub(super) fn committees(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let Some(least) = rules.structure.committee_full_members_min else { return Vec::new() };
    let (_, full) = changes(rows, rules);
    let posts = by(rows.posts, |row| PostRow::of(row).branch);
    let roles = &rules.term.roles;
    let serves = |row: &&Row| {
        let role = PostRow::of(row).role;
        roles.is_empty() || roles.iter().any(|code| code.as_str() == role)
    };
    let mut found = Vec::new();
    for life in &lives(rows.branches) {
        let Some(full) = full.get(life.branch) else { continue };
        let held = posts.get(life.branch).into_iter().flatten().copied();
        let held: Vec<&Row> = held.filter(serves).collect();
        let has_committee = |day: Date| {
            let now = held.iter().filter(|row| covers(row, day));
            now.map(|row| PostRow::of(row).role).collect::<BTreeSet<_>>().len() > 1
        };
        let lacks = |day: Date| {
            counts(rules, life.kind_on(day))
                && members_on(full, day) >= i64::from(least)
                && !has_committee(day)
        };
        let days = full.keys().copied().chain(life.kind_days());
        let days: Vec<Date> = days.chain(turns(held.iter().copied())).collect();
        for stretch in stretches(days, (life.from, life.until), lacks) {
            let branch = life.id();
            found.push(due_of("committee_to_elect", (branch.into(), branch), None, stretch));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use events::Code;

    use super::super::{Ruled, due};
    use super::*;
    use crate::given::*;
    use crate::{Branches, Memberships, Posts};

    #[test]
    fn a_branch_that_is_large_enough_lacks_a_committee_until_a_second_officer_serves() {
        let mut rules = rules();
        rules.coverage.members_min = None;
        rules.structure.committee_full_members_min = Some(2);
        let role = |text| Code::parse(text).unwrap();
        rules.term.roles = vec![role("secretary"), role("committee_member")];
        let history = [
            formed(1, A, "Alpha", None),
            admitted(2, M1, P1, A),
            taken(3, O1, A, "secretary", P1),
            admitted(4, M2, P2, A),
            taken(5, O3, A, "treasurer", P2),
            taken(6, O2, A, "committee_member", P2),
            left(8, O2, A, "committee_member", P2),
            ended(9, M2, P2, A),
        ];
        let rows = DueRows {
            branches: &given::<Branches>(&history).known(),
            memberships: &given::<Memberships>(&history).known(),
            posts: &given::<Posts>(&history).known(),
            ..DueRows::NONE
        };
        let told = |rules: &RuleSet| {
            let dues = due(&rows, &[Ruled { from: Date::MIN, until: None, rules }], day(20));
            let lacking = dues.into_iter().filter(|due| due.what == "committee_to_elect");
            lacking.map(|due| (due.day, due.settled)).collect::<Vec<_>>()
        };
        let stretch = |from, until| (day(from), Some(day(until)));
        assert_eq!(told(&rules), [stretch(4, 6), stretch(8, 9)]);
        rules.structure.committee_full_members_min = Some(3);
        assert_eq!(told(&rules), []);
    }
}
