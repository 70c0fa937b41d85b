//! How many members has each branch?

use std::collections::HashMap;

use serde::Serialize;

use crate::branches::BranchRow;
use crate::table::{Cell, Row};

/// How many members a branch has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Headcount {
    /// The branch's code.
    pub branch: String,
    /// Its name.
    pub name: String,
    /// How many memberships are at home there.
    pub members: u64,
}

/// The headcount of every branch there is, by code; also of those without members.
///
/// `counts` are the rows of `memberships` counted by branch.
#[must_use]
pub fn headcount(branches: &[Row], counts: &[(Cell, u64)]) -> Vec<Headcount> {
    let members: HashMap<&str, u64> =
        counts.iter().map(|(branch, members)| (branch.text(), *members)).collect();
    let headcount = |branch: BranchRow<'_>| Headcount {
        branch: branch.code.to_owned(),
        name: branch.name.to_owned(),
        members: members.get(branch.branch).copied().unwrap_or(0),
    };
    BranchRow::of_day(branches).into_iter().map(headcount).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Branches;
    use crate::given::*;
    use crate::table::cell;

    #[test]
    fn every_branch_is_counted_also_an_empty_one() {
        let branches =
            given::<Branches>(&[formed(1, B, "Beta", None), formed(1, A, "Alpha", None)]);
        let counts = headcount(&branches.known(), &[(cell(B), 2), (cell(C), 1)]);
        assert_eq!(
            serde_json::to_string(&counts).unwrap(),
            concat!(
                r#"[{"branch":"a","name":"Alpha","members":0},"#,
                r#"{"branch":"b","name":"Beta","members":2}]"#
            )
        );
    }
}
