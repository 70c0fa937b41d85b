//! How large is the whole body?

use std::collections::HashSet;

use serde::Serialize;

use crate::likenesses::GoesBy;
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

/// How many times a post is held, by rows of `posts`; `goes_by` says which persons are one.
#[must_use]
pub fn posts_held(posts: &[Row], goes_by: &GoesBy<'_>) -> u64 {
    let held = posts.iter().map(PostRow::of).map(|post| (post.post, goes_by.id(post.person)));
    held.collect::<HashSet<_>>().len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::likenesses::Found;
    use crate::{Likenesses, Posts};

    #[test]
    fn a_post_with_two_holders_counts_twice_unless_they_are_one() {
        let history = [
            formed(1, A, "Alpha", None),
            taken(1, O1, A, "chair", P1),
            taken(1, O1, A, "chair", P2),
            compared(3, P1, P2, Found::Merged),
        ];
        let posts = given::<Posts>(&history).known();
        let likenesses = given::<Likenesses>(&history).known();
        assert_eq!(posts_held(&posts, &GoesBy::default()), 2);
        assert_eq!(posts_held(&posts, &GoesBy::of(&likenesses)), 1);
    }
}
