//! Which members ought to transfer, because they work for long where another branch is responsible?

use std::collections::HashMap;

use events::Date;
use events::policy::TransferRules;
use jiff::ToSpan;
use serde::Serialize;

use super::stretch::{Days, unbroken_since};
use crate::branches::BranchRow;
use crate::coverings::CoveringRow;
use crate::employments::EmploymentRow;
use crate::hosts::HostRow;
use crate::likenesses::GoesBy;
use crate::memberships::MembershipRow;
use crate::table::Row;

/// A member who ought to transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// The id by which the member goes.
    pub person: String,
    /// The code of the branch where the member is at home.
    pub branch: String,
    /// The code of the branch that counts for the host.
    pub towards: String,
    /// The code of the host where the member works.
    pub host: String,
    /// Since when the member has worked there without a break.
    pub since: Date,
    /// `contract` or `months`: what made it due first.
    pub reason: &'static str,
    /// From when it is due.
    pub due: Date,
    /// For how many days it has been due.
    pub days: i32,
}

/// The rows that hold on the day, and of employments all that are known.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// The branches.
    pub branches: &'a [Row],
    /// The hosts.
    pub hosts: &'a [Row],
    /// Which branch covers which host.
    pub coverings: &'a [Row],
    /// Where members are at home.
    pub memberships: &'a [Row],
    /// Who works or worked where, whatever the day.
    pub employments: &'a [Row],
    /// Of `likenesses`: they say which persons are one.
    pub likenesses: &'a [Row],
}

/// Since when somebody has worked at a host, and under a contract, without a break.
struct AtWork {
    since: Date,
    contract: Option<Date>,
}

/// The members who ought to transfer on a day, those due longest first.
///
/// A duty arises where a member works at a host for which another branch counts than the home: at
/// once under a contract, or after some months, as the rules say.
#[must_use]
pub fn duties(work: &Work<'_>, rules: &TransferRules, day: Date) -> Vec<Duty> {
    let branches: HashMap<&str, &str> =
        work.branches.iter().map(BranchRow::of).map(|row| (row.branch, row.code)).collect();
    let hosts: HashMap<&str, &str> =
        work.hosts.iter().map(HostRow::of).map(|row| (row.host, row.code)).collect();
    let coverings = work.coverings.iter().map(CoveringRow::of);
    let counting: HashMap<&str, &str> = coverings
        .filter(|covering| covering.rank == "primary")
        .map(|covering| (covering.host, covering.branch))
        .collect();
    let goes_by = GoesBy::of(work.likenesses);
    let at_work = at_work(work.employments, &goes_by, day);
    let mut duties = Vec::new();
    for member in work.memberships.iter().map(MembershipRow::of) {
        let person = goes_by.id(member.person);
        for (host, stretch) in at_work.get(person).into_iter().flatten() {
            let Some(towards) = counting.get(host).filter(|branch| **branch != member.branch)
            else {
                continue;
            };
            let Some((due, reason)) = due(stretch, rules).filter(|(due, _)| *due <= day) else {
                continue;
            };
            let code = |id: &str| branches.get(id).copied().unwrap_or(id).to_owned();
            duties.push(Duty {
                person: person.to_owned(),
                branch: code(member.branch),
                towards: code(towards),
                host: hosts.get(host).copied().unwrap_or(host).to_owned(),
                since: stretch.since,
                reason,
                due,
                days: (day - due).get_days(),
            });
        }
    }
    duties.sort_by(|one, other| (one.due, &one.person).cmp(&(other.due, &other.person)));
    duties
}

/// From when a stretch of work asks for a transfer, and why.
fn due(stretch: &AtWork, rules: &TransferRules) -> Option<(Date, &'static str)> {
    let contract = stretch.contract.filter(|_| rules.duty_by_contract);
    let months = rules
        .duty_months
        .and_then(|months| stretch.since.checked_add(i64::from(months).months()).ok());
    let contract = contract.map(|due| (due, "contract"));
    contract.into_iter().chain(months.map(|due| (due, "months"))).min()
}

/// For each person the hosts where they work on a day.
fn at_work<'a>(
    employments: &'a [Row],
    goes_by: &GoesBy<'a>,
    day: Date,
) -> HashMap<&'a str, Vec<(&'a str, AtWork)>> {
    let mut by_pair: HashMap<(&str, &str), Vec<(bool, Days)>> = HashMap::new();
    for row in employments {
        let job = EmploymentRow::of(row);
        let stretch = (job.contract, (row.valid_from, row.valid_until));
        by_pair.entry((goes_by.id(job.person), job.host)).or_default().push(stretch);
    }
    let mut at_work: HashMap<&str, Vec<(&str, AtWork)>> = HashMap::new();
    for ((person, host), stretches) in by_pair {
        let all = stretches.iter().map(|(_, days)| *days);
        let signed = stretches.iter().filter(|(contract, _)| *contract).map(|(_, days)| *days);
        let contract = unbroken_since(signed, day);
        if let Some(since) = unbroken_since(all, day) {
            at_work.entry(person).or_default().push((host, AtWork { since, contract }));
        }
    }
    at_work
}

#[cfg(test)]
mod tests {
    use events::branch::FormationMode;

    use super::*;
    use crate::given::*;
    use crate::likenesses::Found;
    use crate::{Branches, Coverings, Employments, Hosts, Likenesses, Memberships};

    fn found(history: &[Happened], rules: &TransferRules, on: i8) -> Vec<Duty> {
        let holds = |rows: Vec<Row>| -> Vec<Row> {
            let holds = |row: &Row| {
                row.valid_from <= day(on) && row.valid_until.is_none_or(|until| until > day(on))
            };
            rows.into_iter().filter(holds).collect()
        };
        let work = Work {
            branches: &holds(given::<Branches>(history).known()),
            hosts: &holds(given::<Hosts>(history).known()),
            coverings: &holds(given::<Coverings>(history).known()),
            memberships: &holds(given::<Memberships>(history).known()),
            employments: &given::<Employments>(history).known(),
            likenesses: &holds(given::<Likenesses>(history).known()),
        };
        duties(&work, rules, day(on))
    }

    fn at_a_host_of_b() -> Vec<Happened> {
        vec![
            formed(1, A, "A", None),
            formed(1, B, "B", None),
            host_registered(1, H1, 30),
            attached(1, B, H1, FormationMode::Standalone),
            admitted(1, M1, P1, A),
            admitted(1, M2, P2, B),
        ]
    }

    #[test]
    fn a_contract_makes_a_transfer_due_at_once_where_the_rules_say_so() {
        let rules = TransferRules { duty_by_contract: true, ..TransferRules::default() };
        let mut history = at_a_host_of_b();
        history.push(employed(3, H1, P1, None));
        history.push(contracted(5, H1, P1));
        history.push(contracted(5, H1, P2));
        let expected = Duty {
            person: P1.to_string(),
            branch: "a".into(),
            towards: "b".into(),
            host: "51".into(),
            since: day(3),
            reason: "contract",
            due: day(5),
            days: 2,
        };
        assert_eq!(found(&history, &rules, 7), [expected]);
        assert_eq!(found(&history, &TransferRules::default(), 7), []);
        assert_eq!(found(&history, &rules, 4), []);
    }

    #[test]
    fn months_count_from_the_first_day_without_a_break() {
        let rules = TransferRules { duty_months: Some(0), ..TransferRules::default() };
        let mut history = at_a_host_of_b();
        history.push(employed(2, H1, P1, None));
        history.push(unemployed(3, H1, P1));
        history.push(employed(4, H1, P1, None));
        history.push(employed(6, H1, P1, Some("editor")));
        let since: Vec<_> = found(&history, &rules, 8).iter().map(|duty| duty.since).collect();
        assert_eq!(since, [day(4)]);
        history.push(unemployed(8, H1, P1));
        assert_eq!(found(&history, &rules, 8), []);
    }

    #[test]
    fn the_work_of_two_who_are_one_is_that_of_one_member() {
        let rules = TransferRules { duty_months: Some(0), ..TransferRules::default() };
        let mut history = at_a_host_of_b();
        history.push(employed(2, H1, P1, None));
        history.push(unemployed(4, H1, P1));
        history.push(employed(4, H1, P3, None));
        history.push(compared(6, P1, P3, Found::Merged));
        history.push(unmerged(8, P1, P3));
        let duty = |on| found(&history, &rules, on).into_iter().map(|it| (it.person, it.since));
        let duty = |on| duty(on).collect::<Vec<_>>();
        assert_eq!(duty(3), [(P1.to_string(), day(2))]);
        assert_eq!(duty(5), []);
        assert_eq!(duty(6), [(P3.to_string(), day(2))]);
        assert_eq!(duty(8), []);
    }
}
