//! Terms of office that end, and posts that nobody holds.

use std::collections::BTreeMap;

use events::policy::RuleSet;
use events::{PostId, StreamId};

use super::{
    Due, DueRows, Lived, covers, earlier, id, lives, months_after, months_before, stretches, turns,
};
use crate::posts::PostRow;
use crate::table::Row;

pub(super) fn terms(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let mut posts: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows.posts {
        let PostRow { branch, role, .. } = PostRow::of(row);
        if rules.term.roles.iter().any(|code| code.as_str() == role) {
            posts.entry((branch, role)).or_default().push(row);
        }
    }
    let mut found = Vec::new();
    for life in lives(rows.branches) {
        let of_branch = posts.range((life.branch, "")..);
        let of_branch = of_branch.take_while(|((branch, _), _)| *branch == life.branch);
        for ((_, role), held) in of_branch {
            found.extend(vacant(&life, role, held));
            let mut traits = rules.structure.kinds.iter();
            let traits = traits.find(|traits| traits.code.as_str() == life.kind);
            if let Some(months) = traits.and_then(|traits| traits.term_months) {
                let ahead = rules.term.reminder_months;
                held.iter().for_each(|row| ending(&life, row, (months, ahead), &mut found));
            }
        }
    }
    found
}

fn post(row: &Row) -> StreamId {
    id::<PostId>(PostRow::of(row).post).into()
}

/// What a holder's term makes due: to be reminded of its end, and to elect.
fn ending(life: &Lived<'_>, row: &Row, (months, ahead): (u32, Option<u32>), found: &mut Vec<Due>) {
    let over = months_after(row.valid_from, months);
    let (subject, branch) = (post(row), life.id());
    let role = Some(PostRow::of(row).role.to_owned());
    let mut push = |what, day, settled: Option<_>| {
        if settled.is_none_or(|settled| settled > day) {
            found.push(Due { day, what, subject, branch, about: role.clone(), settled });
        }
    };
    if let Some(ahead) = ahead {
        let reminded = months_before(over, ahead).max(row.valid_from);
        push("term_ends", reminded, earlier(Some(over), row.valid_until));
    }
    push("term_over", over, row.valid_until);
}

/// A post that was held, and now is not.
fn vacant(life: &Lived<'_>, role: &str, held: &[&Row]) -> Vec<Due> {
    let Some(first) = held.iter().min_by_key(|row| row.valid_from) else { return Vec::new() };
    let nobody = |day| !held.iter().any(|row| covers(row, day));
    let days = turns(held.iter().copied());
    let gaps = stretches(days, (first.valid_from, life.until), nobody);
    let due = |(day, settled)| Due {
        day,
        what: "vacant",
        subject: post(first),
        branch: life.id(),
        about: Some(role.to_owned()),
        settled,
    };
    gaps.into_iter().map(due).collect()
}
