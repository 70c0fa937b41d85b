//! What is told otherwise now than it was: the same day, as known at two positions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::headcount::headcount;
use crate::branches::BranchRow;
use crate::table::{Cell, Row};

/// What was known of a day: the rows of `branches`, and those of `memberships` counted by branch.
#[derive(Debug, Clone, Copy)]
pub struct Figures<'a> {
    /// The branches that there are.
    pub branches: &'a [Row],
    /// How many memberships each has, by id.
    pub counts: &'a [(Cell, u64)],
}

/// A number then and now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Restated {
    /// As it was told.
    pub then: u64,
    /// As it is told now.
    pub now: u64,
    /// By how much it grew.
    pub difference: i64,
}

/// What a branch is called and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// The code of the branch above it.
    pub parent: Option<String>,
    /// How far it is in its life.
    pub phase: String,
}

/// A branch of which something is told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BranchRestated {
    /// The branch's code.
    pub branch: String,
    /// How many memberships are at home there.
    pub members: Restated,
    /// What it was; absent where there was no such branch.
    pub then: Option<Described>,
    /// What it is; absent where there is no such branch.
    pub now: Option<Described>,
    /// What is told otherwise, as codes: `appeared`, `vanished`, `name`, `parent`, `phase`.
    pub changes: Vec<&'static str>,
}

/// What is told otherwise of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restatements {
    /// How many memberships there are in all branches.
    pub members: Restated,
    /// How many branches there are.
    pub branches: Restated,
    /// The branches of which something is told otherwise, by code.
    pub restated: Vec<BranchRestated>,
}

impl Restated {
    fn of(then: u64, now: u64) -> Self {
        let difference = i64::try_from(now).unwrap_or(i64::MAX);
        let difference = difference.saturating_sub_unsigned(then);
        Self { then, now, difference }
    }
}

/// Compares what was known of a day with what is known of it now.
#[must_use]
pub fn restatements(then: Figures<'_>, now: Figures<'_>) -> Restatements {
    let (old, new) = (described(then.branches), described(now.branches));
    let (before, after) = (members(then), members(now));
    let codes: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let count = |counts: &BTreeMap<String, u64>, code: &str| counts.get(code).copied().unwrap_or(0);
    let restated = codes.into_iter().filter_map(|code| {
        let members = Restated::of(count(&before, code), count(&after, code));
        let (then, now) = (old.get(code), new.get(code));
        let changes = changes(then, now);
        (members.difference != 0 || !changes.is_empty()).then(|| BranchRestated {
            branch: code.clone(),
            members,
            then: then.cloned(),
            now: now.cloned(),
            changes,
        })
    });
    Restatements {
        members: Restated::of(before.values().sum(), after.values().sum()),
        branches: Restated::of(old.len() as u64, new.len() as u64),
        restated: restated.collect(),
    }
}

fn members(figures: Figures<'_>) -> BTreeMap<String, u64> {
    let counted = headcount(figures.branches, figures.counts);
    counted.into_iter().map(|count| (count.branch, count.members)).collect()
}

fn described(branches: &[Row]) -> BTreeMap<String, Described> {
    let branches = BranchRow::of_day(branches);
    let codes: HashMap<&str, &str> = branches.iter().map(|it| (it.branch, it.code)).collect();
    let described = branches.iter().map(|branch| {
        let parent = branch.parent.map(|id| codes.get(id).copied().unwrap_or(id).to_owned());
        let (name, phase) = (branch.name.to_owned(), branch.phase.to_owned());
        (branch.code.to_owned(), Described { name, parent, phase })
    });
    described.collect()
}

fn changes(then: Option<&Described>, now: Option<&Described>) -> Vec<&'static str> {
    match (then, now) {
        (Some(then), Some(now)) => {
            let changed = [
                ("name", then.name != now.name),
                ("parent", then.parent != now.parent),
                ("phase", then.phase != now.phase),
            ];
            changed.into_iter().filter_map(|(what, is_so)| is_so.then_some(what)).collect()
        }
        (None, Some(_)) => vec!["appeared"],
        (Some(_), None) => vec!["vanished"],
        (None, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Branches;
    use crate::given::*;
    use crate::table::cell;

    #[test]
    fn what_is_told_otherwise_is_told_and_nothing_else() {
        let alpha = formed(1, A, "Alpha", None);
        let then = [
            alpha.clone(),
            formed(1, B, "Beta", Some(A)),
            formed(1, C, "Gamma", None),
            formed(1, E, "Epsilon", None),
        ];
        let now = [
            alpha,
            formed(1, B, "Bravo", None),
            formed(1, D, "Delta", None),
            formed(1, E, "Epsilon", None),
        ];
        let (then, now) = (given::<Branches>(&then).known(), given::<Branches>(&now).known());
        let found = restatements(
            Figures { branches: &then, counts: &[(cell(A), 5), (cell(C), 1), (cell(E), 2)] },
            Figures { branches: &now, counts: &[(cell(A), 3), (cell(D), 4), (cell(E), 2)] },
        );
        assert_eq!(found.members, Restated { then: 8, now: 9, difference: 1 });
        assert_eq!(found.branches, Restated { then: 4, now: 4, difference: 0 });
        let told: Vec<_> = found
            .restated
            .iter()
            .map(|it| format!("{} {:+} {}", it.branch, it.members.difference, it.changes.join(" ")))
            .collect();
        assert_eq!(told, ["a -2 ", "b +0 name parent", "c -1 vanished", "d +4 appeared"]);
        let was = Described {
            name: "Beta".to_owned(),
            parent: Some("a".to_owned()),
            phase: "active".to_owned(),
        };
        assert_eq!(found.restated[1].then, Some(was));
    }

    #[test]
    fn the_same_twice_is_no_restatement() {
        let known = given::<Branches>(&[formed(1, A, "Alpha", None)]).known();
        let counts = [(cell(A), 2)];
        let figures = Figures { branches: &known, counts: &counts };
        assert_eq!(restatements(figures, figures).restated, []);
    }
}
