//! What falls due, since when, and by which rule?
//!
//! A rule makes something due from the first day on which its condition holds; it is *settled* on
//! the first day on which it holds no longer. Both follow from the rows and the rules alone, so
//! what the clock records does not depend on how often it is advanced. A condition that holds when
//! no day ends, because it came and went within one, makes nothing due.

mod committees;
mod duty;
mod hosts;
mod letters;
mod life;
mod members;
mod mobility;
mod strength;
mod terms;

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use events::policy::RuleSet;
use events::{BranchId, Date, StreamId};
use serde::Serialize;

use crate::branches::BranchRow;
use crate::table::Row;

pub use letters::{Act, acts};

/// What may fall due, each with the key of the rule that it cites; a term that was set otherwise
/// than the rules say cites `term.roles`.
pub const DUES: &[(&str, &str)] = &[
    ("under_strength", "coverage.members_min"),
    ("over_size", "coverage.members_max"),
    ("committee_to_elect", "structure.committee_full_members_min"),
    ("joint_with_one_host", "coverage.joint_hosts_max"),
    ("hosts_gone", "structure.kinds"),
    ("life_over", "structure.kinds"),
    ("idle", "structure.idle_months"),
    ("term_ends", "term.reminder_months"),
    ("term_over", "structure.kinds"),
    ("vacant", "term.roles"),
    ("probation_over", "life.probation"),
    ("out_of_contact", "life.lost_contact_months"),
    ("removal_due", "life.removal_months"),
    ("away_for_long", "life.mobile_months"),
    ("transfer_due", "transfer.duty_months"),
    ("letter_runs_out", "transfer.reminder_days"),
    ("letter_back", "transfer.reissues_max"),
];

/// The rows of each table that are known at one K, whatever their days.
#[derive(Debug, Clone, Copy)]
pub struct DueRows<'a> {
    /// Rows of `branches`.
    pub branches: &'a [Row],
    /// Rows of `memberships`.
    pub memberships: &'a [Row],
    /// Rows of `membership_states`.
    pub states: &'a [Row],
    /// Rows of `trial_extensions`.
    pub extensions: &'a [Row],
    /// Rows of `lost_contacts`.
    pub lost: &'a [Row],
    /// Rows of `mobilities`.
    pub mobilities: &'a [Row],
    /// Rows of `posts`.
    pub posts: &'a [Row],
    /// Rows of `hosts`.
    pub hosts: &'a [Row],
    /// Rows of `coverings`.
    pub coverings: &'a [Row],
    /// Rows of `employments`.
    pub employments: &'a [Row],
    /// Rows of `likenesses`: they say which persons are one.
    pub likenesses: &'a [Row],
    /// Rows of `timeline`.
    pub timeline: &'a [Row],
    /// Rows of `transfers`.
    pub transfers: &'a [Row],
}

impl DueRows<'_> {
    /// No rows at all.
    #[cfg(test)]
    const NONE: Self = Self {
        branches: &[],
        memberships: &[],
        states: &[],
        extensions: &[],
        lost: &[],
        mobilities: &[],
        posts: &[],
        hosts: &[],
        coverings: &[],
        employments: &[],
        likenesses: &[],
        timeline: &[],
        transfers: &[],
    };
}

/// A rule set, and the days on which it is in force.
#[derive(Debug, Clone, Copy)]
pub struct Ruled<'a> {
    /// The first day.
    pub from: Date,
    /// The first day after; absent: still.
    pub until: Option<Date>,
    /// The rules.
    pub rules: &'a RuleSet,
}

/// One thing that falls due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Due {
    /// The first day.
    #[serde(rename = "due")]
    pub day: Date,
    /// What falls due: a code of [`DUES`].
    pub what: &'static str,
    /// The key of the rule that it cites.
    pub rule: &'static str,
    /// What it is about.
    pub subject: StreamId,
    /// The branch whose task it is.
    pub branch: BranchId,
    /// The post or the letter, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The first day on which it is due no longer; absent: it still is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Date>,
}

impl Due {
    /// Whether it is due when a day ends.
    #[must_use]
    pub fn is_open_on(&self, day: Date) -> bool {
        self.day <= day && self.settled.is_none_or(|settled| settled > day)
    }
}

/// Everything that falls due up to a day, in the order of the days.
#[must_use]
pub fn due(rows: &DueRows<'_>, ruled: &[Ruled<'_>], until: Date) -> Vec<Due> {
    let mut found: Vec<(Due, bool)> = Vec::new();
    for Ruled { from, until, rules } in ruled {
        let mut dues = strength::strength(rows, rules);
        dues.extend(committees::committees(rows, rules));
        dues.extend(hosts::hosts(rows, rules));
        dues.extend(life::life(rows, rules));
        dues.extend(members::members(rows, ruled, rules));
        dues.extend(mobility::mobility(rows, rules));
        dues.extend(terms::terms(rows, rules));
        dues.extend(duty::duty(rows, rules));
        dues.extend(letters::letters(rows, rules));
        // A rule holds from its first day, also where its condition is older.
        found.extend(dues.into_iter().filter_map(|due| {
            let older = due.day < *from;
            let day = due.day.max(*from);
            let settled = earlier(due.settled, *until);
            let lasts = settled.is_none_or(|settled| settled > day);
            lasts.then_some((Due { day, settled, ..due }, older))
        }));
    }
    let place = |due: &Due| (due.what, due.subject, due.branch);
    found.sort_by_key(|(due, _)| (place(due), due.day));
    // What two rule sets in a row ask for alike is due once.
    let mut merged: Vec<Due> = Vec::new();
    for (due, older) in found {
        match merged.last_mut() {
            Some(last) if older && place(last) == place(&due) && last.settled == Some(due.day) => {
                last.settled = due.settled;
            }
            Some(_) | None => merged.push(due),
        }
    }
    merged.retain(|due| due.day <= until);
    merged.sort();
    merged
}

/// What falls due on the first day of a stretch, and is settled at its end.
fn due_of(
    what: &'static str,
    (subject, branch): (StreamId, BranchId),
    about: Option<String>,
    (day, settled): (Date, Option<Date>),
) -> Due {
    let found = DUES.iter().find(|(known, _)| *known == what);
    let (_, rule) = found.expect("whatever falls due is in the list");
    Due { day, what, rule, subject, branch, about, settled }
}

/// The earlier one of two ends; an absent one is never.
fn earlier(one: Option<Date>, other: Option<Date>) -> Option<Date> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// One branch, from its formation to its dissolution.
struct Lived<'a> {
    branch: &'a str,
    /// From which day on it is of which kind; a later one of the same day is behind an earlier one.
    kinds: Vec<(Date, &'a str)>,
    from: Date,
    until: Option<Date>,
}

impl Lived<'_> {
    fn id(&self) -> BranchId {
        id::<BranchId>(self.branch)
    }

    /// The kind when a day ends.
    fn kind_on(&self, day: Date) -> &str {
        let known = self.kinds.iter().take_while(|(from, _)| *from <= day).last();
        known.or_else(|| self.kinds.first()).map_or("", |(_, kind)| kind)
    }

    /// The days on which the kind may change.
    fn kind_days(&self) -> impl Iterator<Item = Date> {
        self.kinds.iter().map(|(from, _)| *from)
    }
}

/// The lives of all branches, whatever their names and parents.
fn lives(branches: &[Row]) -> Vec<Lived<'_>> {
    let mut rows: Vec<&Row> = branches.iter().collect();
    rows.sort_by_key(|row| row.in_time());
    let mut lives: BTreeMap<&str, Lived<'_>> = BTreeMap::new();
    for row in rows {
        let BranchRow { branch, kind, .. } = BranchRow::of(row);
        let (from, until) = span(row);
        let life = Lived { branch, kinds: Vec::new(), from, until };
        let known = lives.entry(branch).or_insert(life);
        known.kinds.push((from, kind));
        known.until = known.until.zip(until).map(|(one, other)| one.max(other));
    }
    lives.into_values().collect()
}

/// The stretches within `[from, until)` in which a condition holds that changes on some days only.
fn stretches(
    days: impl IntoIterator<Item = Date>,
    (from, until): (Date, Option<Date>),
    mut holds: impl FnMut(Date) -> bool,
) -> Vec<(Date, Option<Date>)> {
    let within = |day: &Date| *day > from && until.is_none_or(|until| *day < until);
    let mut days: BTreeSet<Date> = days.into_iter().filter(within).collect();
    if until.is_some_and(|until| until <= from) {
        return Vec::new();
    }
    days.insert(from);
    let mut found: Vec<(Date, Option<Date>)> = Vec::new();
    let mut open = false;
    for day in days {
        match (open, holds(day)) {
            (false, true) => found.push((day, until)),
            (true, false) => {
                if let Some((_, end)) = found.last_mut() {
                    *end = Some(day);
                }
            }
            (true, true) | (false, false) => continue,
        }
        open = !open;
    }
    found
}

/// A stretch of days `[from, until)`; open where `until` is absent.
type Stretch = (Date, Option<Date>);

/// The days of a row.
fn span(row: &Row) -> Stretch {
    (row.valid_from, row.valid_until)
}

/// The days that two stretches have in common; none where the end is not after the beginning.
fn overlap(one: Stretch, other: Stretch) -> Stretch {
    (one.0.max(other.0), earlier(one.1, other.1))
}

/// Rows by what they are about.
type By<'a> = BTreeMap<&'a str, Vec<&'a Row>>;

fn by<'a>(rows: impl IntoIterator<Item = &'a Row>, subject: fn(&'a Row) -> &'a str) -> By<'a> {
    let mut found = By::new();
    for row in rows {
        found.entry(subject(row)).or_default().push(row);
    }
    found
}

/// The days on which rows begin or end.
fn turns<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Vec<Date> {
    rows.into_iter().flat_map(|row| [Some(row.valid_from), row.valid_until]).flatten().collect()
}

/// Whether a row holds when a day ends.
fn covers(row: &Row, day: Date) -> bool {
    row.valid_from <= day && row.valid_until.is_none_or(|until| until > day)
}

/// So many months later; the end of the calendar where it has no such day.
fn months_after(day: Date, months: u32) -> Date {
    let span = jiff::Span::new().try_months(months);
    span.and_then(|span| day.checked_add(span)).unwrap_or(Date::MAX)
}

/// So many months earlier; the beginning of the calendar where it has no such day.
fn months_before(day: Date, months: u32) -> Date {
    let span = jiff::Span::new().try_months(months);
    span.and_then(|span| day.checked_sub(span)).unwrap_or(Date::MIN)
}

/// The id in a column of ids.
fn id<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a column of ids holds ids")
}

/// The day in a column of days.
fn date(text: &str) -> Date {
    events::values::date_of(text).expect("a column of days holds days")
}

/// Whether the kind of a branch holds members and counts.
pub(super) fn counts(rules: &RuleSet, kind: &str) -> bool {
    let code = events::Code::parse(kind).ok();
    let known = code.as_ref().and_then(|code| rules.branch_kind(code));
    let uncounted = &rules.coverage.branch_kinds_uncounted;
    known.is_some_and(|kind| kind.may_be_home && !uncounted.contains(&kind.code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::day;

    #[test]
    fn a_condition_holds_in_stretches() {
        let days = [day(5), day(9), day(12), day(20)];
        let found = stretches(days, (day(3), Some(day(15))), |at| at != day(9));
        assert_eq!(found, [(day(3), Some(day(9))), (day(12), Some(day(15)))]);
        assert_eq!(stretches(days, (day(3), None), |at| at == day(20)), [(day(20), None)]);
        assert_eq!(stretches(days, (day(3), Some(day(3))), |_| true), []);
    }
}
