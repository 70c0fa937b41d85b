//! How does each branch stand, and what falls due for it?

use std::collections::HashMap;

use events::Date;
use events::policy::RuleSet;
use jiff::{Span, ToSpan};
use serde::Serialize;

use crate::branches::BranchRow;
use crate::table::{Cell, Row};
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
    /// The last day on which anything happened that names it.
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
    /// How many members each branch has on D, by its id.
    pub members: &'a [(Cell, u64)],
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
    let members: HashMap<&str, u64> =
        place.members.iter().filter_map(|(id, count)| Some((id.as_text()?, *count))).collect();
    let mut last: HashMap<&str, Date> = HashMap::new();
    for row in place.timeline {
        let day = last.entry(TimelineRow::of(row).subject).or_insert(row.valid_from);
        *day = row.valid_from.max(*day);
    }
    let mut formed: HashMap<&str, Date> = HashMap::new();
    for row in place.lives {
        let day = formed.entry(BranchRow::of(row).branch).or_insert(row.valid_from);
        *day = row.valid_from.min(*day);
    }
    let entry = |branch: BranchRow<'_>| {
        let members = members.get(branch.branch).copied().unwrap_or(0);
        let last_event = last.get(branch.branch).copied();
        let since = formed.get(branch.branch).copied();
        StandingEntry {
            branch: branch.code.to_owned(),
            name: branch.name.to_owned(),
            kind: branch.kind.to_owned(),
            phase: branch.phase.to_owned(),
            members,
            last_event,
            due: due(place, &branch, members, (since, last_event)),
        }
    };
    BranchRow::of_day(place.branches).into_iter().map(entry).collect()
}

fn due(
    place: &Standing<'_>,
    branch: &BranchRow<'_>,
    members: u64,
    (formed, last_event): (Option<Date>, Option<Date>),
) -> Vec<&'static str> {
    let (rules, structure) = (place.rules, &place.rules.structure);
    let flags = rules.branch.kinds.iter().find(|kind| kind.code.as_str() == branch.kind);
    let is_home = flags.map_or(rules.branch.kinds_open, |flags| flags.may_be_home);
    let from = |least: Option<u32>| least.is_some_and(|least| members >= u64::from(least));
    let over = |since: Option<Date>, months: Option<u32>| {
        let span: Option<Span> = months.map(|months| i64::from(months).months());
        let end = since.zip(span).and_then(|(since, span)| since.checked_add(span).ok());
        end.is_some_and(|end| end <= place.on)
    };
    let least = rules.coverage.members_min.map(u64::from);
    let traits = structure.kinds.iter().find(|kind| kind.code.as_str() == branch.kind);
    let committee = is_home && from(structure.committee_members_min);
    let general = is_home && !committee && from(structure.general_branch_members_min);
    let found = [
        ("under_strength", is_home && least.is_some_and(|least| members < least)),
        ("general_branch_due", general),
        ("committee_due", committee),
        ("idle", over(last_event, structure.idle_months)),
        ("life_over", over(formed, traits.and_then(|kind| kind.life_months_max))),
    ];
    found.into_iter().filter(|(_, is_due)| *is_due).map(|(code, _)| code).collect()
}

#[cfg(test)]
mod tests {
    use events::policy::{
        BeforeFormation, BranchKind, BranchRules, CoverageRules, DateRules, Dissolution,
        KindTraits, LifeRules, MembershipRules, OpenAtOnce, PostRules, StructureRules,
    };
    use events::{Code, Text};

    use super::*;
    use crate::given::*;
    use crate::table::cell;
    use crate::{Branches, SubjectTimelines};

    fn rules() -> RuleSet {
        let code = || Code::parse("branch").unwrap();
        let traits = KindTraits {
            code: code(),
            collects_dues: false,
            term_months: None,
            life_months_max: Some(12),
            ends_with_host: false,
        };
        RuleSet {
            name: code(),
            note: Text::parse("For a test.").unwrap(),
            membership: MembershipRules { open_at_once: OpenAtOnce::OnePerPerson },
            branch: BranchRules {
                dissolution: Dissolution::WhenEmpty,
                kind_default: code(),
                kinds_open: false,
                kinds: vec![BranchKind { code: code(), may_be_home: true, may_admit: true }],
            },
            post: PostRules { exclusive: true, holder_at_home: true, holder_full: false },
            dates: DateRules {
                backdating_days_max: None,
                before_formation: BeforeFormation::Refuse,
            },
            coverage: CoverageRules { members_min: Some(3), ..CoverageRules::open() },
            life: LifeRules::one_state(),
            transfer: Default::default(),
            structure: StructureRules {
                kinds: vec![traits],
                general_branch_members_min: Some(50),
                committee_members_min: Some(100),
                idle_months: Some(6),
                ..StructureRules::default()
            },
            term: Default::default(),
            activity: Default::default(),
            training: Default::default(),
            dues: vec![],
            privacy: Default::default(),
            sources: vec![],
        }
    }

    fn due_of(members: u64, on: Date) -> (String, Vec<&'static str>) {
        let history = [formed(1, A, "Alpha", None), renamed(20, A, "Aleph")];
        let (lives, timeline) = (
            given::<Branches>(&history).known(),
            given_points::<SubjectTimelines>(&history).known(),
        );
        let entries = standing(&Standing {
            branches: &lives[1..],
            lives: &lives,
            members: &[(cell(A), members)],
            timeline: &timeline,
            rules: &rules(),
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
    fn what_is_quiet_is_idle_and_what_is_old_is_over() {
        let date = jiff::civil::date;
        assert_eq!(due_of(5, date(2020, 7, 19)).1, Vec::<&str>::new());
        assert_eq!(due_of(5, date(2020, 7, 20)).1, ["idle"]);
        assert_eq!(due_of(5, date(2021, 1, 1)), ("active".to_owned(), vec!["idle", "life_over"]));
    }
}
