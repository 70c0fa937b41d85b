//! Members whose time of trial is over, and members who are out of contact for too long.

use events::policy::RuleSet;
use events::{BranchId, Date, PersonId};

use super::{
    By, Due, DueRows, Ruled, Stretch, by, date, due_of, id, months_after, overlap, span, stretches,
    turns,
};
use crate::lost_contacts::LostContactRow;
use crate::membership_states::MembershipStateRow;
use crate::memberships::MembershipRow;
use crate::table::Row;
use crate::trial_extensions::TrialExtensionRow;

pub(super) fn members(rows: &DueRows<'_>, ruled: &[Ruled<'_>], rules: &RuleSet) -> Vec<Due> {
    let stays = by(rows.memberships, |row| MembershipRow::of(row).membership);
    let mut found = trials(rows, &stays, ruled, rules);
    found.extend(out_of_contact(rows, &stays, rules));
    found
}

/// Who is on trial, and might be so no longer, asks for a decision of the home.
fn trials(rows: &DueRows<'_>, stays: &By<'_>, ruled: &[Ruled<'_>], rules: &RuleSet) -> Vec<Due> {
    let Some(probation) = &rules.life.probation else { return Vec::new() };
    let extensions = by(rows.extensions, |row| TrialExtensionRow::of(row).membership);
    let mut found = Vec::new();
    for (membership, states) in by(rows.states, |row| MembershipStateRow::of(row).membership) {
        let began = states.iter().map(|row| row.valid_from).min().unwrap_or(Date::MIN);
        let on_trial = |row: &&&Row| {
            let state = MembershipStateRow::of(row).state;
            state.or_else(|| state_admitted(ruled, began)) == Some(probation.state.as_str())
        };
        for trial in states.iter().filter(on_trial) {
            let mut extended = extensions.get(membership).cloned().unwrap_or_default();
            extended.retain(|row| row.valid_from >= trial.valid_from);
            extended.sort_by_key(|row| (row.valid_from, row.opened_by));
            let first = months_after(trial.valid_from, probation.months);
            let ends = |day: Date| {
                let known = extended.iter().take_while(|row| row.valid_from <= day);
                known.last().map_or(first, |row| until(row))
            };
            let days = extended.iter().map(|row| until(row)).chain([first]);
            let days = days.chain(turns(extended.iter().copied()));
            let days: Vec<Date> = days.collect();
            for stay in stays.get(membership).into_iter().flatten() {
                let within = overlap(span(trial), span(stay));
                for stretch in stretches(days.iter().copied(), within, |day| ends(day) <= day) {
                    found.push(of_member(stay, "probation_over", stretch));
                }
            }
        }
    }
    found
}

/// Who is out of contact for too long is to be stopped by the home; who was stopped and stays out
/// of contact, to be removed by the last one.
fn out_of_contact(rows: &DueRows<'_>, stays: &By<'_>, rules: &RuleSet) -> Vec<Due> {
    let states = by(rows.states, |row| MembershipStateRow::of(row).membership);
    let mut found = Vec::new();
    let mut push = |stay: &Row, what, within: Stretch| {
        for stretch in stretches([], within, |_| true) {
            found.push(of_member(stay, what, stretch));
        }
    };
    for lost in rows.lost {
        let membership = LostContactRow::of(lost).membership;
        for stay in stays.get(membership).into_iter().flatten() {
            if let Some(months) = rules.life.lost_contact_months {
                let too_long = (months_after(lost.valid_from, months), lost.valid_until);
                push(stay, "out_of_contact", overlap(too_long, span(stay)));
            }
        }
        let Some(months) = rules.life.removal_months else { continue };
        for stopped in states.get(membership).into_iter().flatten() {
            let left = stays.get(membership).into_iter().flatten();
            let left = left.filter(|stay| stay.valid_until == Some(stopped.valid_from));
            if let Some(stay) = left.max_by_key(|stay| (stay.valid_from, stay.opened_by)) {
                let for_good = (months_after(stopped.valid_from, months), stopped.valid_until);
                push(stay, "removal_due", overlap(for_good, span(lost)));
            }
        }
    }
    found
}

/// The state that the rules of a day name for an admission.
fn state_admitted<'a>(ruled: &[Ruled<'a>], day: Date) -> Option<&'a str> {
    let of_day = ruled.iter().rev().find(|set| set.from <= day);
    of_day.map(|set| set.rules.life.state_admitted.as_str())
}

fn until(extension: &Row) -> Date {
    date(TrialExtensionRow::of(extension).until)
}

/// What falls due for a member, as a task of the branch of a stay.
pub(super) fn of_member(stay: &Row, what: &'static str, stretch: Stretch) -> Due {
    let MembershipRow { person, branch, .. } = MembershipRow::of(stay);
    due_of(what, (id::<PersonId>(person).into(), id::<BranchId>(branch)), None, stretch)
}

#[cfg(test)]
mod tests {
    use events::Code;
    use events::policy::{MembershipState, ProbationRules};

    use super::super::due;
    use super::*;
    use crate::given::*;
    use crate::{LostContacts, MembershipStates, Memberships, TrialExtensions};

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    /// Rules under which a trial lasts a month, and whoever is lost for one is to be stopped, and
    /// removed a month after that.
    fn months() -> RuleSet {
        let mut rules = rules();
        rules.coverage.members_min = None;
        let state = |text, home, full| MembershipState { code: code(text), home, full };
        rules.life.states = vec![
            state("probationary", true, false),
            state("full", true, true),
            state("stopped", false, false),
        ];
        rules.life.state_admitted = code("probationary");
        rules.life.lost_contact_months = Some(1);
        rules.life.removal_months = Some(1);
        rules.life.probation = Some(ProbationRules {
            state: code("probationary"),
            then: code("full"),
            months: 1,
            extension_months_min: 1,
            extension_months_max: 1,
            extensions_max: 1,
        });
        rules
    }

    /// What falls due, with its branch and the day on which it is settled.
    fn told(history: &[Happened], rules: &RuleSet) -> Vec<(String, String, String)> {
        let rows = DueRows {
            memberships: &given::<Memberships>(history).known(),
            states: &given::<MembershipStates>(history).known(),
            extensions: &given::<TrialExtensions>(history).known(),
            lost: &given::<LostContacts>(history).known(),
            ..DueRows::NONE
        };
        let ruled = Ruled { from: Date::MIN, until: None, rules };
        let dues = due(&rows, &[ruled], Date::MAX);
        let told = dues.into_iter().map(|due| {
            let end = due.settled.map(|day| day.to_string()).unwrap_or_default();
            assert_eq!(due.subject, P1.into());
            let at = if due.branch == A { "a" } else { "b" };
            (format!("{} {}", due.day, due.what), at.to_owned(), end)
        });
        told.collect()
    }

    fn expect(what: &str, branch: &str, settled: &str) -> (String, String, String) {
        (what.to_owned(), branch.to_owned(), settled.to_owned())
    }

    #[test]
    fn a_trial_is_over_at_the_home_until_it_is_decided() {
        let admitted = vec![admitted(1, M1, P1, A)];
        let over = expect("2020-02-01 probation_over", "a", "");
        assert_eq!(told(&admitted, &months()), [over]);
        let decided = state_changed(20, M1, P1, (["probationary", "full"], None, None));
        assert_eq!(told(&[admitted, vec![decided]].concat(), &months()), []);
    }

    #[test]
    fn an_extension_puts_the_end_off_and_a_move_hands_the_task_on() {
        let mut rules = months();
        rules.life.probation.as_mut().unwrap().months = 0;
        let history = [
            admitted(1, M1, P1, A),
            extended(5, M1, P1, 20),
            home_moved(25, M1, P1, A, B),
            ended(28, M1, P1, B),
        ];
        let expected = [
            expect("2020-01-01 probation_over", "a", "2020-01-05"),
            expect("2020-01-20 probation_over", "a", "2020-01-25"),
            expect("2020-01-25 probation_over", "b", "2020-01-28"),
        ];
        assert_eq!(told(&history, &rules), expected);
    }

    #[test]
    fn who_is_lost_is_to_be_stopped_and_then_removed() {
        let mut rules = months();
        rules.life.probation = None;
        let lost = vec![admitted(1, M1, P1, A), contact_lost(3, M1, P1)];
        let stop = expect("2020-02-03 out_of_contact", "a", "");
        assert_eq!(told(&lost, &rules), [stop]);
        let stopped = state_changed(9, M1, P1, (["probationary", "stopped"], None, Some(A)));
        let stopped = [lost.clone(), vec![stopped]].concat();
        let remove = expect("2020-02-09 removal_due", "a", "");
        assert_eq!(told(&stopped, &rules), [remove]);
        let regained = contact_regained(10, M1, P1);
        assert_eq!(told(&[stopped, vec![regained.clone()]].concat(), &rules), []);
        assert_eq!(told(&[lost, vec![regained]].concat(), &rules), []);
    }
}
