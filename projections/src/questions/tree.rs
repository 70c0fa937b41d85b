//! Which branch is under which?

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::branches::BranchRow;
use crate::table::Row;

/// A branch and what is above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TreeEntry {
    /// The branch's code.
    pub branch: String,
    /// Its name.
    pub name: String,
    /// The code of the branch above it; absent at the top level.
    pub parent: Option<String>,
    /// The code of its kind.
    pub kind: String,
    /// Its human title, where there is one.
    pub title: Option<String>,
}

/// Every branch there is, each followed by the branches under it; neighbours by code.
///
/// A branch whose parent is not among the rows stands at the top.
#[must_use]
pub fn tree(branches: &[Row]) -> Vec<TreeEntry> {
    let branches = BranchRow::of_day(branches);
    let codes: HashMap<&str, &str> =
        branches.iter().map(|branch| (branch.branch, branch.code)).collect();
    let parent = |branch: &BranchRow<'_>| branch.parent.and_then(|id| codes.get(id).copied());
    let mut below: HashMap<&str, Vec<&BranchRow<'_>>> = HashMap::new();
    for branch in &branches {
        if let Some(parent) = parent(branch) {
            below.entry(parent).or_default().push(branch);
        }
    }

    let mut entries = Vec::with_capacity(branches.len());
    let mut seen = HashSet::new();
    // No branch is ever under itself. Should a record say so all the same, none may be missing.
    for start in branches.iter().filter(|branch| parent(branch).is_none()).chain(&branches) {
        let mut waiting = vec![start];
        while let Some(branch) = waiting.pop() {
            if seen.insert(branch.code) {
                entries.push(entry(branch, parent(branch)));
                waiting.extend(below.get(branch.code).into_iter().flatten().rev());
            }
        }
    }
    entries
}

fn entry(branch: &BranchRow<'_>, parent: Option<&str>) -> TreeEntry {
    TreeEntry {
        branch: branch.code.to_owned(),
        name: branch.name.to_owned(),
        parent: parent.map(str::to_owned),
        kind: branch.kind.to_owned(),
        title: branch.title.map(str::to_owned),
    }
}

/// How far below the top each entry of a [`tree`] stands; 0 at the top.
#[must_use]
pub fn depths<'a>(tree: &'a [TreeEntry]) -> Vec<usize> {
    let mut depths: HashMap<&str, usize> = HashMap::new();
    let depth_of = |entry: &'a TreeEntry| {
        let above = entry.parent.as_deref().and_then(|parent| depths.get(parent));
        let depth = above.map_or(0, |above| above + 1);
        depths.insert(&entry.branch, depth);
        depth
    };
    tree.iter().map(depth_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Branches;
    use crate::given::*;

    fn told(history: &[Happened]) -> Vec<String> {
        let tree = tree(&given::<Branches>(history).known());
        let depths = depths(&tree);
        tree.iter().zip(depths).map(|(entry, depth)| "  ".repeat(depth) + &entry.branch).collect()
    }

    #[test]
    fn parents_come_before_their_children_and_neighbours_by_code() {
        let history = [
            formed(1, A, "Alpha", Some(C)),
            formed(1, B, "Beta", None),
            formed(1, C, "Gamma", None),
            formed(1, D, "Delta", Some(A)),
            formed(1, E, "Epsilon", Some(C)),
        ];
        assert_eq!(told(&history), ["b", "c", "  a", "    d", "  e"]);
    }

    #[test]
    fn a_branch_under_an_unknown_one_stands_at_the_top() {
        assert_eq!(
            told(&[formed(1, A, "Alpha", Some(C)), formed(1, B, "Beta", Some(A))]),
            ["a", "  b"]
        );
    }

    #[test]
    fn no_branch_is_missing_from_a_ring() {
        let history = [formed(1, A, "Alpha", Some(B)), formed(1, B, "Beta", Some(A))];
        assert_eq!(told(&history), ["a", "  b"]);
    }

    #[test]
    fn what_is_absent_is_null() {
        let rows = given::<Branches>(&[formed(1, A, "Alpha", None)]).known();
        assert_eq!(
            serde_json::to_string(&tree(&rows)).unwrap(),
            r#"[{"branch":"a","name":"Alpha","parent":null,"kind":"branch","title":null}]"#
        );
    }
}
