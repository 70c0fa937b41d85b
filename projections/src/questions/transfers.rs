//! Which transfers are under way, who has to act, and by when?

use std::collections::HashMap;

use events::Date;
use serde::Serialize;

use crate::branches::{BranchRow, SUSPENDED, WINDING_UP};
use crate::table::{At, Row};
use crate::transfers::{ACCEPTED, OPEN, TransferRow, UNMATCHED};

/// One transfer that is not over yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransferEntry {
    /// The letter's number.
    pub letter: String,
    /// Who shall move; a receipt without its letter names nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The code of the origin.
    pub from: String,
    /// The code of the destination.
    pub to: String,
    /// How far it came: a code.
    pub phase: String,
    /// When its first letter was issued, or received.
    pub begun: Date,
    /// When it came so far.
    pub phase_since: Date,
    /// For how many days it has been under way.
    pub days: i32,
    /// Who has to act: a code; absent where nobody in particular has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acts: Option<String>,
    /// The last day for it; absent: without a deadline, or the clock stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// How many days ago that was; absent while there is time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_overdue: Option<i32>,
    /// Since when the clock stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Date>,
    /// What keeps the destination from taking anybody in: `suspended` or `winding_up`. The letter
    /// is to be diverted or returned then. Absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_phase: Option<String>,
    /// When a superior was called upon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalated: Option<Date>,
    /// When the origin appealed against the return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appealed: Option<Date>,
}

/// Which transfers are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransfersAsked {
    /// Those that a branch has to answer, by its id.
    Inbox(String),
    /// Those that a branch issued, until the receipt is back; by its id.
    Outbox(String),
    /// All in transit, and the receipts that wait for their letter.
    Waiting,
    /// Those on which somebody should have acted.
    Overdue,
}

impl TransfersAsked {
    fn wants(&self, row: &TransferRow<'_>) -> bool {
        let is_open = OPEN.contains(&row.phase);
        match self {
            Self::Inbox(branch) => {
                let unanswered = ["issued", "presented"].contains(&row.phase);
                unanswered && row.destination == Some(branch.as_str())
            }
            Self::Outbox(branch) => {
                (is_open || row.phase == ACCEPTED) && row.origin == Some(branch.as_str())
            }
            Self::Waiting => is_open || row.phase == UNMATCHED,
            Self::Overdue => is_open,
        }
    }
}

/// The transfers asked for as they stand on a day, the most urgent first.
///
/// A letter is due on its last day, an answer so many days after the presentation as the rules say,
/// and whatever came back to the origin on the day on which it did.
#[must_use]
pub fn transfers(
    rows: &[Row],
    branches: &[Row],
    (asked, silence_days): (&TransfersAsked, Option<u32>),
    at: At,
) -> Vec<TransferEntry> {
    let standing = branches.iter().filter(|row| at.holds(row)).map(BranchRow::of);
    let shut: HashMap<&str, &str> = standing
        .filter(|branch| [SUSPENDED, WINDING_UP].contains(&branch.phase))
        .map(|branch| (branch.branch, branch.phase))
        .collect();
    let branches: Vec<BranchRow<'_>> = branches.iter().map(BranchRow::of).collect();
    let codes: HashMap<&str, &str> =
        branches.iter().map(|branch| (branch.branch, branch.code)).collect();
    let rows = rows.iter().map(TransferRow::of).filter(|row| asked.wants(row));
    let mut entries: Vec<TransferEntry> =
        rows.map(|row| entry(&row, (&codes, &shut), silence_days, at.valid_on)).collect();
    if *asked == TransfersAsked::Overdue {
        entries.retain(|entry| entry.days_overdue.is_some());
    }
    entries.sort_by(|one, other| {
        let key = |entry: &TransferEntry| (entry.due.unwrap_or(Date::MAX), entry.begun);
        (key(one), &one.letter).cmp(&(key(other), &other.letter))
    });
    entries
}

fn entry(
    row: &TransferRow<'_>,
    (codes, shut): (&HashMap<&str, &str>, &HashMap<&str, &str>),
    silence_days: Option<u32>,
    day: Date,
) -> TransferEntry {
    let code = |id: Option<&str>, body: Option<&str>| {
        let of_branch = id.map(|id| codes.get(id).copied().unwrap_or(id));
        of_branch.or(body).unwrap_or_default().to_owned()
    };
    let (from, to) =
        (code(row.origin, row.origin_body), code(row.destination, row.destination_body));
    let (begun, phase_since) = (date(row.begun), date(row.phase_since));
    let (acts, due) = match row.phase {
        "presented" => {
            let since = row.waits_since.map(date);
            let silence_ends = since.zip(silence_days).map(|(since, days)| {
                since.saturating_add(jiff::Span::new().days(i64::from(days.min(3_000_000))))
            });
            (Some(to.clone()), silence_ends)
        }
        "issued" => (Some(from.clone()), row.last_day.map(date)),
        "returned" | "expired" | "voided" => (Some(from.clone()), Some(phase_since)),
        ACCEPTED => (Some(to.clone()), None),
        _ => (None, None),
    };
    let due = due.filter(|_| row.suspended.is_none());
    let destination = row.destination.filter(|_| OPEN.contains(&row.phase));
    let destination_phase = destination.and_then(|id| shut.get(id)).map(ToString::to_string);
    let ago = |then: Date| then.until(day).map_or(0, |span| span.get_days());
    TransferEntry {
        letter: row.letter.to_owned(),
        person: row.person.map(ToOwned::to_owned),
        from,
        to,
        phase: row.phase.to_owned(),
        begun,
        phase_since,
        days: ago(begun),
        acts,
        due,
        days_overdue: due.map(ago).filter(|days| *days > 0),
        suspended: row.suspended.map(date),
        destination_phase,
        escalated: row.escalated.map(date),
        appealed: row.appealed.map(date),
    }
}

fn date(text: &str) -> Date {
    events::values::date_of(text).expect("a column of dates holds dates")
}

#[cfg(test)]
mod tests {
    use events::{BranchEvent, Position};

    use super::*;
    use crate::given::*;
    use crate::table::DayRule;
    use crate::{Branches, Intervals, Transfers};

    fn at(on: i8) -> At {
        At { valid_on: day(on), known_at: Position(99), day_rule: DayRule::EndOfDay }
    }

    fn held<I: Intervals>(history: &[Happened], on: i8) -> Vec<Row> {
        rows::<I>(history).into_iter().filter(|row| at(on).holds(row)).collect()
    }

    fn asked(asked: TransfersAsked, on: i8) -> Vec<String> {
        let history = [
            formed(1, A, "Alpha", None),
            formed(1, B, "Beta", None),
            issued(1, T1, A, B),
            presented(3, T1, A, B),
            accepted_transfer(20, T1, A, B),
        ];
        let (transfers_rows, branches) =
            (held::<Transfers>(&history, on), held::<Branches>(&history, on));
        let entries = transfers(&transfers_rows, &branches, (&asked, Some(10)), at(on));
        let told = |entry: TransferEntry| {
            let due = entry.due.map_or_else(|| "-".to_owned(), |due| due.day().to_string());
            let acts = entry.acts.unwrap_or_default();
            format!("{} {acts} {due} {:?}", entry.phase, entry.days_overdue)
        };
        entries.into_iter().map(told).collect()
    }

    #[test]
    fn who_has_to_act_and_by_when_follows_the_phase() {
        let (a, b) = (A.to_string(), B.to_string());
        let code = |id: &str| codes_of(id);
        let outbox = || TransfersAsked::Outbox(a.clone());
        let inbox = || TransfersAsked::Inbox(b.clone());
        assert_eq!(asked(outbox(), 2), [format!("issued {} 9 None", code(&a))]);
        assert_eq!(asked(inbox(), 14), [format!("presented {} 13 Some(1)", code(&b))]);
        assert_eq!(asked(TransfersAsked::Overdue, 13), Vec::<String>::new());
        assert_eq!(asked(TransfersAsked::Overdue, 14).len(), 1);
        assert_eq!(asked(TransfersAsked::Waiting, 20), Vec::<String>::new());
        assert_eq!(asked(outbox(), 20), [format!("accepted {} - None", code(&b))]);
        assert_eq!(asked(inbox(), 20), Vec::<String>::new());
    }

    #[test]
    fn a_destination_that_takes_nobody_in_is_flagged() {
        let started =
            BranchEvent::WindingUpStarted { effective: day(6), precision: None, reason: None };
        let history = [
            formed(1, A, "Alpha", None),
            formed(1, B, "Beta", None),
            issued(1, T1, A, B),
            happened(B, started),
        ];
        let flag = |on| {
            let (letters, branches) = (held::<Transfers>(&history, on), rows::<Branches>(&history));
            let asked = (&TransfersAsked::Inbox(B.to_string()), None);
            let mut entries = transfers(&letters, &branches, asked, at(on)).into_iter();
            entries.next().expect("a letter is under way").destination_phase
        };
        assert_eq!(flag(5), None);
        assert_eq!(flag(6).as_deref(), Some(WINDING_UP));
    }

    fn codes_of(id: &str) -> String {
        let history = [formed(1, A, "Alpha", None), formed(1, B, "Beta", None)];
        let rows = held::<Branches>(&history, 1);
        let found = rows.iter().map(BranchRow::of).find(|row| row.branch == id);
        found.expect("a branch").code.to_owned()
    }
}
