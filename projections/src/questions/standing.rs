//! How does each branch stand, and what falls due for it?

use std::collections::{HashMap, HashSet};

use events::Date;
use events::policy::RuleSet;
use jiff::{Span, ToSpan};
use serde::Serialize;

use super::due::counts;
use crate::branches::BranchRow;
use crate::membership_states::MembershipStateRow;
use crate::memberships::MembershipRow;
use crate::table::Row;
use crate::timeline::TimelineRow;

/// One branch, as it stands on D.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StandingEntry {
    /// The branch's code.
    pub branch: String,
    /// Its name.
    pub name: String,
    /// The code of its kind.
    pub kind: String,
    /// How far it is in its life: `active`, `suspended` or `winding_up`.
    pub phase: String,
    /// How many members are at home in it.
    pub members: u64,
    /// The last day on which anything happened that names it, beside what the clock says.
    pub last_event: Option<Date>,
    /// What falls due: codes of [`DUE`].
    pub due: Vec<&'static str>,
}

/// What may fall due for a branch, in the order in which it is told.
pub const DUE: &[&str] =
    &["under_strength", "general_branch_due", "committee_due", "idle", "life_over"];

/// The rows of one place, fetched once for the question.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The rows of `branches` that hold on D.
    pub branches: &'a [Row],
    /// The rows of `branches` that are known, whatever their days.
    pub lives: &'a [Row],
    /// The rows of `memberships` that hold on D.
    pub memberships: &'a [Row],
    /// The rows of `membership_states` that hold on D.
    pub states: &'a [Row],
    /// The rows of `timeline` that hold on D.
    pub timeline: &'a [Row],
    /// The rules in force on D.
    pub rules: &'a RuleSet,
    /// D.
    pub on: Date,
}

/// Every branch that is live on D, by code.
#[must_use]
pub fn standing(place: &Standing<'_>) -> Vec<StandingEntry> {
    let members = members(place);
    let mut last: HashMap<&str, Date> = HashMap::new();
    for row in place.timeline.iter().filter(|row| TimelineRow::of(row).is_own()) {
        let day = last.entry(TimelineRow::of(row).subject).or_insert(row.valid_from);
        *day = row.valid_from.max(*day);
    }
    let mut formed: HashMap<&str, Date> = HashMap::new();
    for row in place.lives {
        let day = formed.entry(BranchRow::of(row).branch).or_insert(row.valid_from);
        *day = row.valid_from.min(*day);
    }
    let entry = |branch: BranchRow<'_>| {
        let members = members.get(branch.branch).copied().unwrap_or_default();
        let last_event = last.get(branch.branch).copied();
        let since = formed.get(branch.branch).copied();
        StandingEntry {
            branch: branch.code.to_owned(),
            name: branch.name.to_owned(),
            kind: branch.kind.to_owned(),
            phase: branch.phase.to_owned(),
            members: members.all,
            last_event,
            due: due(place, &branch, members, (since, last_event)),
        }
    };
    BranchRow::of_day(place.branches).into_iter().map(entry).collect()
}

/// How many members a branch has.
#[derive(Debug, Clone, Copy, Default)]
struct Members {
    all: u64,
    full: u64,
}

fn members<'a>(place: &Standing<'a>) -> HashMap<&'a str, Members> {
    let states = place.states.iter().map(MembershipStateRow::of);
    let not_full: HashSet<&str> = states
        .filter(|state| !state.is_full(&place.rules.life))
        .map(|state| state.membership)
        .collect();
    let mut members: HashMap<&str, Members> = HashMap::new();
    for row in place.memberships.iter().map(MembershipRow::of) {
        let of_branch = members.entry(row.branch).or_default();
        of_branch.all += 1;
        of_branch.full += u64::from(!not_full.contains(row.membership));
    }
    members
}

fn due(
    place: &Standing<'_>,
    branch: &BranchRow<'_>,
    members: Members,
    (formed, last_event): (Option<Date>, Option<Date>),
) -> Vec<&'static str> {
    let (rules, structure) = (place.rules, &place.rules.structure);
    let counts = counts(rules, branch.kind);
    let from = |least: Option<u32>| least.is_some_and(|least| members.all >= u64::from(least));
    let over = |since: Option<Date>, months: Option<u32>| {
        let span: Option<Span> = months.map(|months| i64::from(months).months());
        let end = since.zip(span).and_then(|(since, span)| since.checked_add(span).ok());
        end.is_some_and(|end| end <= place.on)
    };
    let least = rules.coverage.members_min.map(u64::from);
    let traits = structure.kinds.iter().find(|kind| kind.code.as_str() == branch.kind);
    let committee = counts && from(structure.committee_members_min);
    let general = counts && !committee && from(structure.general_branch_members_min);
    let found = [
        ("under_strength", counts && least.is_some_and(|least| members.full < least)),
        ("general_branch_due", general),
        ("committee_due", committee),
        ("idle", counts && over(last_event, structure.idle_months)),
        ("life_over", over(formed, traits.and_then(|kind| kind.life_months_max))),
    ];
    found.into_iter().filter(|(_, is_due)| *is_due).map(|(code, _)| code).collect()
}

#[cfg(test)]
mod tests {
    use events::policy::MembershipState;
    use events::{Code, MembershipId};
    use uuid::Uuid;

    use super::*;
    use crate::given::*;
    use crate::{Branches, MembershipStates, Memberships, SubjectTimelines};

    fn due_of(members: u128, on: Date) -> (String, Vec<&'static str>) {
        due_under(members, &rules(), on)
    }

    fn due_under(members: u128, rules: &RuleSet, on: Date) -> (String, Vec<&'static str>) {
        let joined = |n| admitted(2, MembershipId(Uuid::from_u128(n)), P1, A);
        // What the clock says of a branch is no life of its own.
        let mut history =
            vec![formed(1, A, "Alpha", None), renamed(20, A, "Aleph"), fell_due(24, A, "idle")];
        history.extend((0..members).map(joined));
        let (lives, timeline) = (
            given::<Branches>(&history).known(),
            given_points::<SubjectTimelines>(&history).known(),
        );
        let entries = standing(&Standing {
            branches: &lives[1..],
            lives: &lives,
            memberships: &given::<Memberships>(&history).known(),
            states: &given::<MembershipStates>(&history).known(),
            timeline: &timeline,
            rules,
            on,
        });
        let [entry] = &entries[..] else { panic!("one branch") };
        assert_eq!(entry.last_event, Some(day(20)));
        (entry.phase.clone(), entry.due.clone())
    }

    #[test]
    fn the_size_of_a_branch_says_what_it_should_be() {
        let due = |members| due_of(members, day(25)).1;
        assert_eq!(due(2), ["under_strength"]);
        assert_eq!(due(3), Vec::<&str>::new());
        assert_eq!(due(49), Vec::<&str>::new());
        assert_eq!(due(50), ["general_branch_due"]);
        assert_eq!(due(100), ["committee_due"]);
    }

    #[test]
    fn only_full_members_make_a_branch_strong() {
        let mut rules = rules();
        let code = Code::parse("probationary").unwrap();
        let on_trial = MembershipState { code: code.clone(), home: true, full: false };
        rules.life.states.push(on_trial);
        assert_eq!(due_under(3, &rules, day(25)).1, Vec::<&str>::new());
        rules.life.state_admitted = code;
        assert_eq!(due_under(3, &rules, day(25)).1, ["under_strength"]);
    }

    #[test]
    fn what_is_quiet_is_idle_and_what_is_old_is_over() {
        let date = jiff::civil::date;
        assert_eq!(due_of(5, date(2020, 7, 19)).1, Vec::<&str>::new());
        assert_eq!(due_of(5, date(2020, 7, 20)).1, ["idle"]);
        assert_eq!(due_of(5, date(2021, 1, 1)), ("active".to_owned(), vec!["idle", "life_over"]));
    }
}
