//! Branches with fewer full members than the rules ask for, or more members than they allow.

use std::collections::BTreeMap;

use events::Date;
use events::policy::RuleSet;

use super::{Due, DueRows, Stretch, by, counts, due_of, lives, overlap, span, stretches};
use crate::membership_states::MembershipStateRow;
use crate::memberships::MembershipRow;

/// By how much the number of members of each branch changes on which day.
type Changes<'a> = BTreeMap<&'a str, BTreeMap<Date, i64>>;

/// The number of members when a day ends.
pub(super) fn members_on(changes: &BTreeMap<Date, i64>, day: Date) -> i64 {
    changes.range(..=day).map(|(_, change)| change).sum()
}

pub(super) fn strength(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let (least, most) = (rules.coverage.members_min, rules.coverage.members_max);
    if least.is_none() && most.is_none() {
        return Vec::new();
    }
    let (all, full) = changes(rows, rules);
    let mut found = Vec::new();
    let none = BTreeMap::new();
    for life in &lives(rows.branches) {
        let mut members = |what, changes: &Changes<'_>, wrong: &dyn Fn(i64) -> bool| {
            let changes = changes.get(life.branch).unwrap_or(&none);
            let days = changes.keys().copied().chain(life.kind_days());
            let holds = |day| counts(rules, life.kind_on(day)) && wrong(members_on(changes, day));
            for stretch in stretches(days, (life.from, life.until), holds) {
                found.push(due_of(what, (life.id().into(), life.id()), None, stretch));
            }
        };
        if let Some(least) = least {
            members("under_strength", &full, &|members| members < least.into());
        }
        if let Some(most) = most {
            members("over_size", &all, &|members| members > most.into());
        }
    }
    found
}

/// Of all members, and of the full ones.
pub(super) fn changes<'a>(rows: &DueRows<'a>, rules: &RuleSet) -> (Changes<'a>, Changes<'a>) {
    let states = by(rows.states, |row| MembershipStateRow::of(row).membership);
    let (mut all, mut full) = (Changes::new(), Changes::new());
    for row in rows.memberships {
        let MembershipRow { membership, branch, .. } = MembershipRow::of(row);
        count(all.entry(branch).or_default(), span(row), 1);
        let of_branch = full.entry(branch).or_default();
        count(of_branch, span(row), 1);
        let states = states.get(membership).into_iter().flatten();
        for state in states.filter(|row| !MembershipStateRow::of(row).is_full(&rules.life)) {
            count(of_branch, overlap(span(row), span(state)), -1);
        }
    }
    (all, full)
}

fn count(changes: &mut BTreeMap<Date, i64>, (from, until): Stretch, number: i64) {
    if until.is_none_or(|until| until > from) {
        *changes.entry(from).or_default() += number;
        if let Some(until) = until {
            *changes.entry(until).or_default() -= number;
        }
    }
}

#[cfg(test)]
mod tests {
    use events::Code;
    use events::policy::MembershipState;

    use super::super::{Ruled, due};
    use super::*;
    use crate::given::*;
    use crate::{Branches, MembershipStates, Memberships};

    #[test]
    fn only_full_members_make_a_branch_strong_and_all_of_them_make_it_large() {
        let code = |text| Code::parse(text).unwrap();
        let mut rules = rules();
        rules.life.states.push(MembershipState {
            code: code("probationary"),
            home: true,
            full: false,
        });
        rules.coverage.members_min = Some(1);
        rules.coverage.members_max = Some(1);
        let history = [
            formed(1, A, "Alpha", None),
            applied(1, M1, P1, A),
            state_changed(2, M1, P1, (["applicant", "probationary"], Some(A), None)),
            admitted(3, M2, P2, A),
            ended(4, M2, P2, A),
            state_changed(6, M1, P1, (["probationary", "member"], None, None)),
        ];
        let rows = DueRows {
            branches: &given::<Branches>(&history).known(),
            memberships: &given::<Memberships>(&history).known(),
            states: &given::<MembershipStates>(&history).known(),
            ..DueRows::NONE
        };
        let ruled = Ruled { from: Date::MIN, until: None, rules: &rules };
        let dues = due(&rows, &[ruled], day(31));
        let told = dues.iter().map(|due| (due.day, due.what, due.settled)).collect::<Vec<_>>();
        let under = |from, until| (day(from), "under_strength", Some(day(until)));
        let over = (day(3), "over_size", Some(day(4)));
        assert_eq!(told, [under(1, 3), over, under(4, 6)]);
    }

    #[test]
    fn a_kind_that_lasted_for_no_day_counts_on_none() {
        let mut rules = rules();
        rules.coverage.members_min = Some(1);
        rules.coverage.branch_kinds_uncounted.push(Code::parse("committee").unwrap());
        let formed = formed(1, A, "Alpha", None);
        // Known later, but earlier within the day.
        let late = redated(&formed, 1, 6);
        let history = [formed, kind_changed(6, A, "committee"), late];
        let rows = DueRows { branches: &given::<Branches>(&history).known(), ..DueRows::NONE };
        let ruled = Ruled { from: Date::MIN, until: None, rules: &rules };
        assert_eq!(due(&rows, &[ruled], day(31)), []);
    }
}
