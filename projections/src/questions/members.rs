//! Which members ask for attention: out of contact, away, at the end of their trial, in doubt?

use std::collections::{HashMap, HashSet};

use events::policy::LifeRules;
use events::{Code, Date};
use jiff::ToSpan;
use serde::Serialize;

use crate::branches::BranchRow;
use crate::likenesses::{GoesBy, LikenessRow};
use crate::lost_contacts::LostContactRow;
use crate::membership_states::MembershipStateRow;
use crate::memberships::MembershipRow;
use crate::mobilities::MobilityRow;
use crate::table::{Cell, Row};
use crate::trial_extensions::TrialExtensionRow;

/// A member who asks for attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Watched {
    /// The id by which the member goes; of somebody in doubt the one under which the doubt arose.
    pub person: String,
    /// The code of the home, where there is one.
    pub branch: Option<String>,
    /// Since when it is so; of a trial the day on which it may end.
    pub since: Date,
    /// Where a mobile member is, or whose double somebody may be.
    pub note: Option<String>,
}

/// The homes of members, to be told beside them, and by whose id each goes.
pub struct Homes<'a> {
    of_membership: HashMap<&'a str, &'a str>,
    of_person: HashMap<&'a str, &'a str>,
    goes_by: GoesBy<'a>,
}

impl<'a> Homes<'a> {
    /// From the rows that hold.
    #[must_use]
    pub fn of(branches: &'a [Row], memberships: &'a [Row], likenesses: &'a [Row]) -> Self {
        let codes: HashMap<&str, &str> =
            branches.iter().map(BranchRow::of).map(|row| (row.branch, row.code)).collect();
        let goes_by = GoesBy::of(likenesses);
        let (mut of_membership, mut of_person) = (HashMap::new(), HashMap::new());
        for row in memberships.iter().map(MembershipRow::of) {
            let Some(code) = codes.get(row.branch).copied() else { continue };
            of_membership.insert(row.membership, code);
            let first = of_person.entry(goes_by.id(row.person)).or_insert(code);
            *first = code.min(*first);
        }
        Self { of_membership, of_person, goes_by }
    }

    /// A member, by the id that counts, with the home of the membership.
    fn watched(
        &self,
        (membership, person): (&str, &str),
        since: Date,
        note: Option<String>,
    ) -> Watched {
        let branch = self.of_membership.get(membership).map(|code| (*code).to_owned());
        Watched { person: self.goes_by.id(person).to_owned(), branch, since, note }
    }
}

fn longest_first(mut watched: Vec<Watched>) -> Vec<Watched> {
    watched.sort_by(|one, other| (one.since, &one.person).cmp(&(other.since, &other.person)));
    watched
}

/// The members out of contact, the longest first.
#[must_use]
pub fn out_of_contact(homes: &Homes<'_>, lost: &[Row]) -> Vec<Watched> {
    let rows = lost.iter().map(LostContactRow::of);
    let watched =
        |row: LostContactRow<'_>| homes.watched((row.membership, row.person), row.since, None);
    longest_first(rows.map(watched).collect())
}

/// The members who are registered as away, the longest first.
#[must_use]
pub fn mobile(homes: &Homes<'_>, mobilities: &[Row]) -> Vec<Watched> {
    let rows = mobilities.iter().map(MobilityRow::of);
    let place = |row: &MobilityRow<'_>| row.place.or(row.branch).map(ToOwned::to_owned);
    let watched =
        |row: MobilityRow<'_>| homes.watched((row.membership, row.person), row.since, place(&row));
    longest_first(rows.map(watched).collect())
}

/// The members whose time of trial may have ended by a day and who are not full members yet.
#[must_use]
pub fn probation_due(
    homes: &Homes<'_>,
    (states, extensions): (&[Row], &[Row]),
    rules: &LifeRules,
    day: Date,
) -> Vec<Watched> {
    let Some(probation) = &rules.probation else { return Vec::new() };
    let extended: HashMap<&str, Date> = extensions
        .iter()
        .map(TrialExtensionRow::of)
        .filter_map(|row| Some((row.membership, events::values::date_of(row.until)?)))
        .collect();
    let on_trial = states.iter().map(MembershipStateRow::of).filter(|row| {
        row.state.unwrap_or(rules.state_admitted.as_str()) == probation.state.as_str()
    });
    let ends = |row: &MembershipStateRow<'_>| {
        let months = i64::from(probation.months).months();
        let ends = row.since.checked_add(months).unwrap_or(Date::MAX);
        extended.get(row.membership).copied().unwrap_or(ends)
    };
    let due = on_trial.map(|row| (row, ends(&row))).filter(|(_, ends)| *ends <= day);
    let watched = |(row, ends): (MembershipStateRow<'_>, Date)| {
        homes.watched((row.membership, row.person), ends, None)
    };
    longest_first(due.map(watched).collect())
}

/// The persons who may be the same as another one, where nothing is decided yet. A doubt is about
/// the ids under which it arose, and under those it is decided; two who go by one id are in none.
#[must_use]
pub fn in_doubt(homes: &Homes<'_>, likenesses: &[Row]) -> Vec<Watched> {
    let rows: Vec<LikenessRow<'_>> = likenesses.iter().map(LikenessRow::of).collect();
    let decided: HashSet<(&str, &str)> = rows
        .iter()
        .filter(|row| !row.is_suspected())
        .flat_map(|row| [(row.person, row.other), (row.other, row.person)])
        .collect();
    let open = rows.iter().filter(|row| row.is_suspected());
    let open = open.filter(|row| !decided.contains(&(row.person, row.other)));
    let goes_by = &homes.goes_by;
    let open = open.filter(|row| goes_by.id(row.person) != goes_by.id(row.other));
    let watched = |row: &LikenessRow<'_>| Watched {
        person: row.person.to_owned(),
        branch: homes.of_person.get(goes_by.id(row.person)).map(|code| (*code).to_owned()),
        since: row.since,
        note: Some(row.other.to_owned()),
    };
    longest_first(open.map(watched).collect())
}

/// How many memberships are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InState {
    /// The state's code.
    pub state: String,
    /// How many memberships are in it.
    pub memberships: u64,
}

/// How many memberships there are in each state, by code. `counts` says how many rows of
/// `membership_states` have each state; one without any is in the state of the admitted.
#[must_use]
pub fn by_state(counts: &[(Cell, u64)], state_admitted: &Code) -> Vec<InState> {
    let mut states: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for (state, memberships) in counts {
        let state = state.as_text().unwrap_or(state_admitted.as_str());
        *states.entry(state).or_default() += memberships;
    }
    let told = |(state, memberships): (&str, u64)| InState { state: state.into(), memberships };
    states.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use events::policy::ProbationRules;

    use super::*;
    use crate::given::*;
    use crate::likenesses::Found;
    use crate::table::cell;
    use crate::{
        Branches, Likenesses, LostContacts, MembershipStates, Memberships, Mobilities,
        TrialExtensions,
    };

    fn history() -> Vec<Happened> {
        vec![
            formed(1, A, "A", None),
            admitted(1, M1, P1, A),
            applied(1, M2, P2, A),
            contact_lost(3, M1, P1),
            away(4, M2, P2, Some("basel"), None),
            compared(2, P1, P2, Found::Suspected),
        ]
    }

    fn told(watched: Vec<Watched>) -> Vec<(String, Option<String>, Date, Option<String>)> {
        watched.into_iter().map(|it| (it.person, it.branch, it.since, it.note)).collect()
    }

    #[test]
    fn members_are_listed_with_their_homes() {
        let history = history();
        let branches = given::<Branches>(&history).known();
        let memberships = given::<Memberships>(&history).known();
        let homes = Homes::of(&branches, &memberships, &[]);
        let lost = out_of_contact(&homes, &given::<LostContacts>(&history).known());
        assert_eq!(told(lost), [(P1.to_string(), Some("a".into()), day(3), None)]);
        let mobile = mobile(&homes, &given::<Mobilities>(&history).known());
        assert_eq!(told(mobile), [(P2.to_string(), None, day(4), Some("basel".into()))]);
        let doubt = in_doubt(&homes, &given::<Likenesses>(&history).known());
        let expected = (P1.to_string(), Some("a".into()), day(2), Some(P2.to_string()));
        assert_eq!(told(doubt), [expected]);
        let merged = [history, vec![compared(5, P2, P1, Found::Merged)]].concat();
        assert_eq!(in_doubt(&homes, &given::<Likenesses>(&merged).known()), []);
    }

    #[test]
    fn who_is_merged_is_listed_under_the_id_that_counts() {
        let merged = [compared(6, P1, P3, Found::Merged), compared(6, P2, P3, Found::Merged)];
        let history = [history(), merged.to_vec()].concat();
        let branches = given::<Branches>(&history).known();
        let memberships = given::<Memberships>(&history).known();
        let told_on = |day: Date| {
            let mut likenesses = given::<Likenesses>(&history).known();
            likenesses.retain(|row| row.valid_from <= day);
            let homes = Homes::of(&branches, &memberships, &likenesses);
            let lost = out_of_contact(&homes, &given::<LostContacts>(&history).known());
            let away = mobile(&homes, &given::<Mobilities>(&history).known());
            let listed = [lost, away, in_doubt(&homes, &likenesses)].concat();
            listed.into_iter().map(|it| (it.person, it.branch)).collect::<Vec<_>>()
        };
        let ann = (P1.to_string(), Some("a".to_owned()));
        assert_eq!(told_on(day(5)), [ann.clone(), (P2.to_string(), None), ann.clone()]);
        let one = |branch: Option<&str>| (P3.to_string(), branch.map(ToOwned::to_owned));
        assert_eq!(told_on(day(6)), [one(Some("a")), one(None)]);
    }

    #[test]
    fn who_is_in_no_state_of_their_own_is_in_that_of_the_admitted() {
        let states = [(Cell::Empty, 2), (cell("applicant"), 1), (cell("member"), 3)];
        let told = by_state(&states, &Code::parse("member").unwrap());
        let told: Vec<_> = told.iter().map(|it| (it.state.as_str(), it.memberships)).collect();
        assert_eq!(told, [("applicant", 1), ("member", 5)]);
    }

    #[test]
    fn a_trial_is_due_when_it_may_end() {
        let mut rules = LifeRules::one_state();
        let history = history();
        let state = |text: &str| Code::parse(text).unwrap();
        let states = given::<MembershipStates>(&history).known();
        rules.probation = Some(ProbationRules {
            state: state("member"),
            then: state("full"),
            months: 0,
            extension_months_min: 1,
            extension_months_max: 1,
            extensions_max: 1,
        });
        let homes = Homes::of(&[], &[], &[]);
        let due = probation_due(&homes, (&states, &[]), &rules, day(1));
        assert_eq!(told(due), [(P1.to_string(), None, day(1), None)]);
        let later = [history, vec![extended(2, M1, P1, 20)]].concat();
        let extensions = given::<TrialExtensions>(&later).known();
        assert_eq!(probation_due(&homes, (&states, &extensions), &rules, day(19)), []);
        let due = probation_due(&homes, (&states, &extensions), &rules, day(20));
        assert_eq!(told(due), [(P1.to_string(), None, day(20), None)]);
    }
}
