//! Terms of office that end, and posts that nobody holds.

use std::collections::BTreeMap;

use events::policy::RuleSet;
use events::{PostId, StreamId};

use super::{
    Due, DueRows, Lived, covers, date, due_of, earlier, id, lives, months_after, months_before,
    stretches, turns,
};
use crate::posts::PostRow;
use crate::table::Row;

pub(super) fn terms(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let mut posts: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows.posts {
        let PostRow { branch, role, .. } = PostRow::of(row);
        posts.entry((branch, role)).or_default().push(row);
    }
    let mut found = Vec::new();
    for life in lives(rows.branches) {
        let of_branch = posts.range((life.branch, "")..);
        let of_branch = of_branch.take_while(|((branch, _), _)| *branch == life.branch);
        for ((_, role), held) in of_branch {
            let serves = rules.term.roles.iter().any(|code| code.as_str() == *role);
            if serves {
                found.extend(vacant(&life, role, held));
            }
            let ahead = rules.term.reminder_months;
            for row in held {
                let kind = life.kind_on(row.valid_from);
                let mut traits = rules.structure.kinds.iter();
                let traits = traits.find(|traits| serves && traits.code.as_str() == kind);
                let months = traits.and_then(|traits| traits.term_months);
                ending(&life, row, (months, ahead), &mut found);
            }
        }
    }
    found
}

fn post(row: &Row) -> StreamId {
    id::<PostId>(PostRow::of(row).post).into()
}

/// What a holder's term makes due: to be reminded of its end, and to elect. It ends on the day that
/// was set, else as the rules say.
fn ending(
    life: &Lived<'_>,
    row: &Row,
    (months, ahead): (Option<u32>, Option<u32>),
    found: &mut Vec<Due>,
) {
    let PostRow { role, term_until, .. } = PostRow::of(row);
    let by_rule = months.map(|months| months_after(row.valid_from, months));
    let Some(over) = term_until.map(date).or(by_rule) else { return };
    let mut push = |what, day, settled: Option<_>| {
        if settled.is_none_or(|settled| settled > day) {
            let due = due_of(what, (post(row), life.id()), Some(role.to_owned()), (day, settled));
            let was_set = what == "term_over" && by_rule != Some(over);
            found.push(Due { rule: if was_set { SET } else { due.rule }, ..due });
        }
    };
    if let Some(ahead) = ahead {
        let reminded = months_before(over, ahead).max(row.valid_from);
        push("term_ends", reminded, earlier(Some(over), row.valid_until));
    }
    push("term_over", over.max(row.valid_from), row.valid_until);
}

/// The rule that a term rests on whose end was set otherwise than the rules say.
const SET: &str = "term.roles";

/// A post that was held, and now is not.
fn vacant(life: &Lived<'_>, role: &str, held: &[&Row]) -> Vec<Due> {
    let Some(first) = held.iter().min_by_key(|row| row.valid_from) else { return Vec::new() };
    let nobody = |day| !held.iter().any(|row| covers(row, day));
    let days = turns(held.iter().copied());
    let gaps = stretches(days, (first.valid_from, life.until), nobody);
    let place = (post(first), life.id());
    let due = |stretch| due_of("vacant", place, Some(role.to_owned()), stretch);
    gaps.into_iter().map(due).collect()
}

#[cfg(test)]
mod tests {
    use events::{Code, Date};

    use super::super::{Ruled, due};
    use super::*;
    use crate::given::*;
    use crate::{Branches, Posts};

    fn told(history: &[Happened], rules: &RuleSet) -> Vec<String> {
        let rows = DueRows {
            branches: &given::<Branches>(history).known(),
            posts: &given::<Posts>(history).known(),
            ..DueRows::NONE
        };
        let ruled = Ruled { from: Date::MIN, until: None, rules };
        let dues = due(&rows, &[ruled], Date::MAX).into_iter();
        let dues = dues.filter(|due| due.about.is_some());
        dues.map(|due| format!("{} {} {}", due.day, due.what, due.rule)).collect()
    }

    #[test]
    fn a_term_that_was_set_ends_when_it_says_whatever_the_rules_say() {
        let mut rules = rules();
        rules.term.reminder_months = Some(0);
        let history = [
            formed(1, A, "Alpha", None),
            taken(3, O1, A, "chair", P1),
            term_set(3, O1, A, "chair", P1, Some(20)),
        ];
        assert_eq!(told(&history[..2], &rules), Vec::<String>::new());
        let expected = ["2020-01-20 term_over term.roles"];
        assert_eq!(told(&history, &rules), expected);
        rules.term.reminder_months = Some(6);
        let reminded = ["2020-01-03 term_ends term.reminder_months", expected[0]];
        assert_eq!(told(&history, &rules), reminded);
        rules.term.roles = vec![Code::parse("chair").unwrap()];
        rules.structure.kinds[0].term_months = Some(1);
        assert_eq!(told(&history, &rules), reminded);
        rules.term.reminder_months = None;
        let by_rule = ["2020-02-03 term_over structure.kinds"];
        assert_eq!(told(&history[..2], &rules), by_rule);
    }
}
