//! Who holds which post, until when, and which posts are vacant?

use std::collections::{BTreeMap, HashMap};

use events::Date;
use events::policy::TermRules;
use jiff::ToSpan;
use serde::Serialize;

use super::stretch::{Days, unbroken_since};
use crate::acting::ActingRow;
use crate::branches::BranchRow;
use crate::likenesses::GoesBy;
use crate::posts::PostRow;
use crate::table::Row;

/// One post at one branch, as it is held on D.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostEntry {
    /// The branch's code.
    pub branch: String,
    /// The code of the post.
    pub role: String,
    /// How it stands: a code of [`STATES`].
    pub state: &'static str,
    /// The id by which the holder goes; absent while it is vacant.
    pub person: Option<String>,
    /// Since when they hold it.
    pub since: Option<Date>,
    /// How they came to it, where that is known.
    pub mode: Option<String>,
    /// The first day after the term, where there is one.
    pub term_until: Option<String>,
    /// The id by which goes whoever acts in it.
    pub acting: Option<String>,
}

/// How a post may stand: held, its term soon over, its term over, or vacant.
pub const STATES: &[&str] = &["held", "term_due", "term_over", "vacant"];

/// Every post that somebody held or acted in by D, at the branches that are live then. Where the
/// rules name the roles that serve for a term, a vacancy in another role is none. Persons who are
/// merged are one here, as `goes_by` says.
///
/// `posts` and `acting` are all rows that are known, whatever their days.
#[must_use]
pub fn holders(
    branches: &[Row],
    (posts, acting): (&[Row], &[Row]),
    goes_by: &GoesBy<'_>,
    rules: &TermRules,
    on: Date,
) -> Vec<PostEntry> {
    let live: HashMap<&str, BranchRow<'_>> =
        BranchRow::of_day(branches).into_iter().map(|branch| (branch.branch, branch)).collect();
    let mut seats = held(&live, posts, goes_by, (rules, on));
    let mut acts: HashMap<(&str, &str), &str> = HashMap::new();
    for row in acting.iter().filter(|row| row.valid_from <= on) {
        let part = ActingRow::of(row);
        let Some(branch) = live.get(part.branch) else { continue };
        seats.entry((branch.code, part.role)).or_default();
        if holds(row, on) {
            acts.insert((branch.code, part.role), goes_by.id(part.person));
        }
    }
    let serves = |role: &str| {
        rules.roles.is_empty() || rules.roles.iter().any(|known| known.as_str() == role)
    };
    let mut entries = Vec::new();
    for ((branch, role), mut held) in seats {
        let acting = acts.get(&(branch, role)).map(|person| (*person).to_owned());
        if held.is_empty() && (serves(role) || acting.is_some()) {
            let (branch, role, state) = (branch.to_owned(), role.to_owned(), "vacant");
            let (person, since, mode, term_until) = (None, None, None, None);
            held.push(PostEntry { branch, role, state, person, since, mode, term_until, acting });
        }
        held.sort_by(|one, other| one.person.cmp(&other.person));
        // Of two who are one the term that began last comes first.
        held.dedup_by(|one, first| one.person == first.person);
        entries.extend(held);
    }
    entries
}

fn holds(row: &Row, on: Date) -> bool {
    row.valid_from <= on && row.valid_until.is_none_or(|end| end > on)
}

/// A post, by the code of its branch and its role.
type Seat<'a> = (&'a str, &'a str);

/// Who holds which of the posts that somebody held by D; of each the terms that began last first.
fn held<'a>(
    live: &HashMap<&str, BranchRow<'a>>,
    posts: &'a [Row],
    goes_by: &GoesBy<'a>,
    (rules, on): (&TermRules, Date),
) -> BTreeMap<Seat<'a>, Vec<PostEntry>> {
    let mut terms: Vec<(&Row, PostRow<'_>)> = Vec::new();
    let mut stretches: HashMap<(&str, &str), Vec<Days>> = HashMap::new();
    for row in posts.iter().filter(|row| row.valid_from <= on) {
        let post = PostRow::of(row);
        let post = PostRow { person: goes_by.id(post.person), ..post };
        let of_holder = stretches.entry((post.post, post.person)).or_default();
        of_holder.push((row.valid_from, row.valid_until));
        terms.push((row, post));
    }
    terms.sort_by_key(|(row, _)| std::cmp::Reverse(row.in_time()));
    let mut seats: BTreeMap<Seat<'_>, Vec<PostEntry>> = BTreeMap::new();
    for (row, post) in terms {
        let Some(branch) = live.get(post.branch) else { continue };
        let held = seats.entry((branch.code, post.role)).or_default();
        if holds(row, on) {
            // A new term does not begin anew.
            let of_holder = stretches[&(post.post, post.person)].iter().copied();
            held.push(PostEntry {
                branch: branch.code.to_owned(),
                role: post.role.to_owned(),
                state: state(post.term_until, rules, on),
                person: Some(post.person.to_owned()),
                since: unbroken_since(of_holder, on),
                mode: post.mode.map(str::to_owned),
                term_until: post.term_until.map(str::to_owned),
                acting: None,
            });
        }
    }
    seats
}

/// How a held post stands with its term.
fn state(term_until: Option<&str>, rules: &TermRules, on: Date) -> &'static str {
    let Some(until) = term_until.and_then(|until| until.parse::<Date>().ok()) else {
        return "held";
    };
    let ahead = i64::from(rules.reminder_months.unwrap_or(0));
    match on.checked_add(ahead.months()) {
        _ if until <= on => "term_over",
        Ok(soon) if until <= soon => "term_due",
        Ok(_) | Err(_) => "held",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::likenesses::Found;
    use crate::{Acting, Branches, Likenesses, Posts};

    fn entries(history: &[Happened], on: i8) -> Vec<PostEntry> {
        let branches = given::<Branches>(history).known();
        let (posts, acting) = (given::<Posts>(history).known(), given::<Acting>(history).known());
        let mut likenesses = given::<Likenesses>(history).known();
        likenesses.retain(|row| holds(row, day(on)));
        let rules = TermRules { reminder_months: Some(6), ..TermRules::default() };
        let goes_by = GoesBy::of(&likenesses);
        holders(&branches, (&posts, &acting), &goes_by, &rules, day(on))
    }

    fn told(history: &[Happened], on: i8) -> Vec<String> {
        let entries = entries(history, on);
        let told = |entry: PostEntry| {
            let since = entry.since.map(|day| day.to_string()).unwrap_or_default();
            let acting = if entry.acting.is_some() { " acted" } else { "" };
            format!("{} {} {} {since}{acting}", entry.branch, entry.role, entry.state)
        };
        entries.into_iter().map(told).collect()
    }

    #[test]
    fn a_term_falls_due_is_over_and_its_post_vacant() {
        let history = [
            formed(1, A, "Alpha", None),
            taken(3, O1, A, "chair", P1),
            term_set(5, O1, A, "chair", P1, Some(20)),
            left(25, O1, A, "chair", P1),
            acting(26, O1, A, "chair", P2),
        ];
        assert_eq!(told(&history, 4), ["a chair held 2020-01-03"]);
        assert_eq!(told(&history, 10), ["a chair term_due 2020-01-03"]);
        assert_eq!(told(&history, 20), ["a chair term_over 2020-01-03"]);
        assert_eq!(told(&history, 25), ["a chair vacant "]);
        assert_eq!(told(&history, 26), ["a chair vacant  acted"]);
    }

    #[test]
    fn posts_of_dissolved_branches_are_none() {
        let history = [
            formed(1, A, "Alpha", None),
            taken(3, O1, A, "chair", P1),
            left(5, O1, A, "chair", P1),
            dissolved(5, A, None, &[]),
        ];
        let branches: Vec<Row> = given::<Branches>(&history)
            .known()
            .into_iter()
            .filter(|row| row.valid_until.is_none())
            .collect();
        let posts = given::<Posts>(&history).known();
        let (goes_by, rules) = (GoesBy::default(), TermRules::default());
        assert_eq!(holders(&branches, (&posts, &[]), &goes_by, &rules, day(9)), []);
    }

    #[test]
    fn who_is_merged_holds_and_acts_under_the_id_that_counts() {
        let history = [
            formed(1, A, "Alpha", None),
            taken(2, O1, A, "chair", P1),
            left(4, O1, A, "chair", P1),
            taken(4, O1, A, "chair", P2),
            taken(5, O1, A, "chair", P3),
            acting(5, O2, A, "clerk", P1),
            compared(6, P1, P2, Found::Merged),
            compared(6, P3, P2, Found::Merged),
            unmerged(9, P3, P2),
            unmerged(9, P1, P2),
        ];
        let by_id = |on: i8| {
            let told = entries(&history, on).into_iter().map(|entry| {
                let person = entry.person.or(entry.acting).unwrap_or_default();
                let since = entry.since.map(|day| day.day());
                format!("{} {} {since:?}", entry.role, person.trim_start_matches(['0', '-']))
            });
            told.collect::<Vec<_>>()
        };
        let apart = ["chair 22 Some(4)", "chair 23 Some(5)", "clerk 21 None"];
        assert_eq!(by_id(5), apart);
        assert_eq!(by_id(6), ["chair 22 Some(2)", "clerk 22 None"]);
        assert_eq!(by_id(9), apart);
    }
}
