//! Who holds which post, until when, and which posts are vacant?

use std::collections::{BTreeMap, HashMap};

use events::Date;
use events::policy::TermRules;
use jiff::ToSpan;
use serde::Serialize;

use crate::acting::ActingRow;
use crate::branches::BranchRow;
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
    /// The holder's id; absent while it is vacant.
    pub person: Option<String>,
    /// Since when they hold it.
    pub since: Option<Date>,
    /// How they came to it, where that is known.
    pub mode: Option<String>,
    /// The first day after the term, where there is one.
    pub term_until: Option<String>,
    /// The id of whoever acts in it.
    pub acting: Option<String>,
}

/// How a post may stand: held, its term soon over, its term over, or vacant.
pub const STATES: &[&str] = &["held", "term_due", "term_over", "vacant"];

/// Every post that somebody held or acted in by D, at the branches that are live then. Where the
/// rules name the roles that serve for a term, a vacancy in another role is none.
///
/// `posts` and `acting` are all rows that are known, whatever their days.
#[must_use]
pub fn holders(
    branches: &[Row],
    posts: &[Row],
    acting: &[Row],
    rules: &TermRules,
    on: Date,
) -> Vec<PostEntry> {
    let live: HashMap<&str, BranchRow<'_>> =
        BranchRow::of_day(branches).into_iter().map(|branch| (branch.branch, branch)).collect();
    let ends = ends(posts);
    let mut seats: BTreeMap<(&str, &str), Vec<PostEntry>> = BTreeMap::new();
    let holds = |row: &Row| row.valid_from <= on && row.valid_until.is_none_or(|end| end > on);
    for row in posts.iter().filter(|row| row.valid_from <= on) {
        let post = PostRow::of(row);
        let Some(branch) = live.get(post.branch) else { continue };
        let held = seats.entry((branch.code, post.role)).or_default();
        if holds(row) {
            held.push(PostEntry {
                branch: branch.code.to_owned(),
                role: post.role.to_owned(),
                state: state(post.term_until, rules, on),
                person: Some(post.person.to_owned()),
                since: Some(since(&ends, &post)),
                mode: post.mode.map(str::to_owned),
                term_until: post.term_until.map(str::to_owned),
                acting: None,
            });
        }
    }
    let mut acts: HashMap<(&str, &str), &str> = HashMap::new();
    for row in acting.iter().filter(|row| row.valid_from <= on) {
        let part = ActingRow::of(row);
        let Some(branch) = live.get(part.branch) else { continue };
        seats.entry((branch.code, part.role)).or_default();
        if holds(row) {
            acts.insert((branch.code, part.role), part.person);
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
        entries.extend(held);
    }
    entries
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

/// The first day of each stretch of a holder, by the day on which it ends.
type Ends<'a> = HashMap<(&'a str, &'a str, Date), Date>;

fn ends(posts: &[Row]) -> Ends<'_> {
    let ended = posts.iter().filter_map(|row| {
        let (post, until) = (PostRow::of(row), row.valid_until?);
        (row.valid_from < until).then_some(((post.post, post.person, until), row.valid_from))
    });
    ended.collect()
}

/// Since when a holder holds a post: a new term does not begin anew.
fn since(ends: &Ends<'_>, post: &PostRow<'_>) -> Date {
    let mut from = post.since;
    while let Some(before) = ends.get(&(post.post, post.person, from)) {
        from = *before;
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;
    use crate::{Acting, Branches, Posts};

    fn told(history: &[Happened], on: i8) -> Vec<String> {
        let branches = given::<Branches>(history).known();
        let (posts, acting) = (given::<Posts>(history).known(), given::<Acting>(history).known());
        let rules = TermRules { reminder_months: Some(6), ..TermRules::default() };
        let entries = holders(&branches, &posts, &acting, &rules, day(on));
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
        assert_eq!(holders(&branches, &posts, &[], &TermRules::default(), day(9)), []);
    }
}
