//! Who belongs to which branch, and in which role?

use std::collections::{BTreeMap, HashMap, HashSet};

use events::Date;
use serde::Serialize;

use crate::branches::BranchRow;
use crate::likenesses::GoesBy;
use crate::memberships::MembershipRow;
use crate::posts::PostRow;
use crate::table::Row;

/// The role of a member who holds no post at the branch.
pub const MEMBER: &str = "member";

/// One person in one role at one branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RosterEntry {
    /// The id by which the person goes.
    pub person: String,
    /// The branch's code.
    pub branch: String,
    /// The branch's name.
    pub branch_name: String,
    /// [`MEMBER`], or the code of the post.
    pub role: String,
    /// Whether the person is a member at home there: a post may be held without.
    pub is_member: bool,
    /// Since when the person has been at home at the branch, or has held the post.
    pub since: Date,
}

/// The roster of the branches given, by branch, role and person.
///
/// Every post held has an entry, whether or not its holder is a member there; a member who holds
/// posts there has those instead of [`MEMBER`]. Memberships and posts at other branches are left
/// out, so the roster of one branch is asked for with its row alone. Persons who are merged are one
/// here, as `goes_by` says.
#[must_use]
pub fn roster(
    branches: &[Row],
    memberships: &[Row],
    posts: &[Row],
    goes_by: &GoesBy<'_>,
) -> Vec<RosterEntry> {
    let posts = posts.iter().map(PostRow::of);
    let posts: Vec<PostRow<'_>> =
        posts.map(|post| PostRow { person: goes_by.id(post.person), ..post }).collect();
    let holders: HashSet<(&str, &str)> =
        posts.iter().map(|post| (post.branch, post.person)).collect();
    let members = memberships.iter().map(MembershipRow::of);
    let members: Vec<MembershipRow<'_>> =
        members.map(|row| MembershipRow { person: goes_by.id(row.person), ..row }).collect();
    let at_home: HashSet<(&str, &str)> =
        members.iter().map(|member| (member.branch, member.person)).collect();
    let members = members
        .iter()
        .filter(|member| !holders.contains(&(member.branch, member.person)))
        .map(|member| (member.branch, MEMBER, member.person, member.since));
    let held = posts.iter().map(|post| (post.branch, post.role, post.person, post.since));

    let branches: HashMap<&str, BranchRow<'_>> =
        BranchRow::of_day(branches).into_iter().map(|branch| (branch.branch, branch)).collect();
    let mut entries = BTreeMap::new();
    for (branch, role, person, since) in members.chain(held) {
        let Some(branch) = branches.get(branch) else { continue };
        let is_member = at_home.contains(&(branch.branch, person));
        let entry = entries.entry((branch.code, role, person));
        let entry = entry.or_insert((branch.name, since, is_member));
        // Who left and came again on a day of which any moment counts is listed once, and so are
        // two who are one.
        entry.1 = since.min(entry.1);
    }
    type Key<'a> = (&'a str, &'a str, &'a str);
    let entry =
        |((branch, role, person), (name, since, is_member)): (Key<'_>, (&str, Date, bool))| {
            RosterEntry {
                person: person.to_owned(),
                branch: branch.to_owned(),
                branch_name: name.to_owned(),
                role: role.to_owned(),
                is_member,
                since,
            }
        };
    entries.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::likenesses::Found;
    use crate::{Branches, Likenesses, Memberships, Posts};

    fn told(history: &[Happened]) -> Vec<String> {
        let mut likenesses = given::<Likenesses>(history).known();
        likenesses.retain(|row| row.valid_until.is_none());
        let roster = roster(
            &given::<Branches>(history).known(),
            &given::<Memberships>(history).known(),
            &given::<Posts>(history).known(),
            &GoesBy::of(&likenesses),
        );
        let told = roster.iter().map(|entry| {
            let person = entry.person.trim_start_matches(['0', '-']);
            format!("{} {} {person} {:02}", entry.branch, entry.role, entry.since.day())
        });
        told.collect()
    }

    #[test]
    fn posts_stand_in_place_of_membership_and_holders_need_not_be_members() {
        let history = [
            formed(1, A, "Alpha", None),
            formed(1, B, "Beta", None),
            admitted(2, M1, P1, B),
            admitted(3, M2, P2, B),
            taken(4, O1, B, "chair", P2),
            taken(5, O2, B, "clerk", P2),
            taken(6, O1, A, "chair", P1),
        ];
        assert_eq!(
            told(&history),
            ["a chair 21 06", "b chair 22 04", "b clerk 22 05", "b member 21 02"]
        );
    }

    #[test]
    fn branches_that_are_not_given_are_left_out() {
        let history = [formed(1, A, "Alpha", None), admitted(2, M1, P1, A), admitted(3, M2, P2, B)];
        assert_eq!(told(&history), ["a member 21 02"]);
    }

    #[test]
    fn who_came_twice_on_one_day_is_listed_once() {
        let history = [
            formed(1, A, "Alpha", None),
            admitted(2, M1, P1, A),
            ended(2, M1, P1, A),
            admitted(2, M2, P1, A),
        ];
        assert_eq!(told(&history), ["a member 21 02"]);
    }

    #[test]
    fn who_is_merged_stands_under_the_id_that_counts() {
        let members = [
            formed(1, A, "Alpha", None),
            admitted(2, M1, P1, A),
            taken(4, O1, A, "chair", P2),
            admitted(5, M2, P3, A),
        ];
        assert_eq!(told(&members), ["a chair 22 04", "a member 21 02", "a member 23 05"]);
        let merged = [compared(6, P1, P2, Found::Merged), compared(6, P3, P4, Found::Merged)];
        let merged = [members.to_vec(), merged.to_vec()].concat();
        assert_eq!(told(&merged), ["a chair 22 04", "a member 24 05"]);
        let apart = [merged, vec![unmerged(7, P1, P2)]].concat();
        assert_eq!(told(&apart), ["a chair 22 04", "a member 21 02", "a member 24 05"]);
    }

    #[test]
    fn its_fields_are_named_as_agreed() {
        let history = [formed(1, A, "Alpha", None), admitted(2, M1, P1, A)];
        let roster = roster(
            &given::<Branches>(&history).known(),
            &given::<Memberships>(&history).known(),
            &[],
            &GoesBy::default(),
        );
        assert_eq!(
            serde_json::to_string(&roster).unwrap(),
            concat!(
                r#"[{"person":"00000000-0000-0000-0000-000000000021","branch":"a","#,
                r#""branch_name":"Alpha","role":"member","is_member":true,"since":"2020-01-02"}]"#
            )
        );
    }
}
