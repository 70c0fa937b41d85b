//! How large is the whole body?

use std::collections::HashSet;
use std::hash::Hash;

use serde::Serialize;

use crate::branches::BranchRow;
use crate::likenesses::GoesBy;
use crate::memberships::MembershipRow;
use crate::posts::PostRow;
use crate::table::Row;

/// How much of everything there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many branches.
    pub branches: u64,
    /// How many persons with a membership, each counted once; those who are merged are one.
    pub members: u64,
    /// How many memberships.
    pub memberships: u64,
    /// How many times a post is held; a post with two holders counts twice.
    pub posts: u64,
}

/// The totals of what holds; `goes_by` says which persons are one.
#[must_use]
pub fn totals(
    branches: &[Row],
    memberships: &[Row],
    posts: &[Row],
    goes_by: &GoesBy<'_>,
) -> Totals {
    let held = posts.iter().map(PostRow::of).map(|post| (post.post, goes_by.id(post.person)));
    let memberships = memberships.iter().map(MembershipRow::of);
    Totals {
        branches: distinct(branches.iter().map(|row| BranchRow::of(row).branch)),
        members: distinct(memberships.clone().map(|membership| goes_by.id(membership.person))),
        memberships: distinct(memberships.map(|membership| membership.membership)),
        posts: distinct(held),
    }
}

fn distinct<T: Eq + Hash>(items: impl Iterator<Item = T>) -> u64 {
    items.collect::<HashSet<_>>().len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::likenesses::Found;
    use crate::{Branches, Likenesses, Memberships, Posts};

    #[test]
    fn a_person_with_two_memberships_is_one_member() {
        let history = [
            formed(1, A, "Alpha", None),
            formed(1, B, "Beta", None),
            renamed(1, B, "Bet"),
            admitted(1, M1, P1, A),
            admitted(1, M2, P1, B),
            taken(1, O1, A, "chair", P1),
            taken(1, O1, A, "chair", P2),
        ];
        let totals = totals(
            &given::<Branches>(&history).known(),
            &given::<Memberships>(&history).known(),
            &given::<Posts>(&history).known(),
            &GoesBy::default(),
        );
        assert_eq!(
            serde_json::to_string(&totals).unwrap(),
            r#"{"branches":2,"members":1,"memberships":2,"posts":2}"#
        );
    }

    #[test]
    fn persons_who_are_merged_are_one_member_and_one_holder() {
        let history = [
            formed(1, A, "Alpha", None),
            formed(1, B, "Beta", None),
            admitted(1, M1, P1, A),
            admitted(1, M2, P2, B),
            taken(1, O1, A, "chair", P1),
            taken(1, O1, A, "chair", P2),
            compared(3, P1, P2, Found::Merged),
        ];
        let likenesses = given::<Likenesses>(&history).known();
        let totals = totals(
            &given::<Branches>(&history).known(),
            &given::<Memberships>(&history).known(),
            &given::<Posts>(&history).known(),
            &GoesBy::of(&likenesses),
        );
        assert_eq!((totals.members, totals.memberships, totals.posts), (1, 2, 1));
    }
}
