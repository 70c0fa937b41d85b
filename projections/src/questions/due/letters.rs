//! Letters that run out soon, letters that came back to their origin, and what the rules do to a
//! letter by themselves.

use std::collections::BTreeMap;

use events::policy::{OnSilence, RuleSet};
use events::{Date, TransferId};

use super::{Due, DueRows, Ruled, covers, date, due_of, earlier, id};
use crate::table::Row;
use crate::transfers::TransferRow;

/// How a letter stands, as far as its deadlines go.
#[derive(PartialEq)]
enum Stands {
    /// It can be presented up to that day.
    Issued(Date),
    /// The origin has to act.
    Back,
}

pub(super) fn letters(rows: &DueRows<'_>, rules: &RuleSet) -> Vec<Due> {
    let mut transfers: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.transfers {
        transfers.entry(TransferRow::of(row).transfer).or_default().push(row);
    }
    let mut found = Vec::new();
    for rows in transfers.values_mut() {
        rows.sort_by_key(|row| row.in_time());
        let mut spans: Vec<(Stands, &Row, Option<Date>)> = Vec::new();
        for row in rows.iter() {
            let Some(stands) = stands(&TransferRow::of(row)) else { continue };
            match spans.last_mut() {
                Some((before, _, until)) if *before == stands && *until == Some(row.valid_from) => {
                    *until = row.valid_until;
                }
                Some(_) | None => spans.push((stands, row, row.valid_until)),
            }
        }
        for (stands, row, until) in &spans {
            match stands {
                Stands::Issued(last) => remind(row, (*last, *until), rules, &mut found),
                Stands::Back if rules.transfer.reissues_max.is_some() => {
                    push(&mut found, row, "letter_back", (row.valid_from, *until));
                }
                Stands::Back => {}
            }
        }
    }
    found
}

fn stands(row: &TransferRow<'_>) -> Option<Stands> {
    match row.phase {
        "issued" if row.suspended.is_none() => row.last_day.map(date).map(Stands::Issued),
        "returned" | "expired" | "voided" => Some(Stands::Back),
        _ => None,
    }
}

/// A reminder on each of the days that the rules say; the next one takes its place.
fn remind(row: &Row, (last, until): (Date, Option<Date>), rules: &RuleSet, found: &mut Vec<Due>) {
    let ahead = |days: &u32| {
        let span = jiff::Span::new().try_days(*days);
        span.and_then(|span| last.checked_sub(span)).unwrap_or(Date::MIN)
    };
    let mut days: Vec<Date> = rules.transfer.reminder_days.iter().map(ahead).collect();
    days.sort_unstable();
    days.dedup();
    let end = earlier(last.tomorrow().ok(), until);
    for (index, day) in days.iter().enumerate().filter(|(_, day)| **day >= row.valid_from) {
        let settled = earlier(days.get(index + 1).copied(), end);
        push(found, row, "letter_runs_out", (*day, settled));
    }
}

fn push(found: &mut Vec<Due>, row: &Row, what: &'static str, (day, settled): (Date, Option<Date>)) {
    let transfer = TransferRow::of(row);
    let Some(origin) = transfer.origin.filter(|_| settled.is_none_or(|end| end > day)) else {
        return;
    };
    let place = (id::<TransferId>(transfer.transfer).into(), id(origin));
    found.push(due_of(what, place, Some(transfer.letter.to_owned()), (day, settled)));
}

/// What the rules do to a letter by themselves, through an ordinary command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    /// The day.
    pub day: Date,
    /// The command's name.
    pub command: &'static str,
    /// The letter's number.
    pub letter: String,
}

/// What the rules do by themselves up to a day to letters that stand so when it ends, in order.
#[must_use]
pub fn acts(transfers: &[Row], ruled: &[Ruled<'_>], until: Date) -> Vec<Act> {
    let mut found = Vec::new();
    for row in transfers.iter().filter(|row| covers(row, until)) {
        let transfer = TransferRow::of(row);
        if transfer.suspended.is_some() {
            continue;
        }
        let act = match transfer.phase {
            "issued" => {
                let last = transfer.last_day.map(date);
                last.and_then(|last| Some((last.tomorrow().ok()?, "expire-transfer")))
            }
            "presented" => silence(&transfer, ruled),
            _ => None,
        };
        if let Some((day, command)) = act.filter(|(day, _)| *day <= until) {
            found.push(Act { day, command, letter: transfer.letter.to_owned() });
        }
    }
    found.sort();
    found
}

/// What becomes of a letter that nobody answers, by the rules of the day on which it does.
fn silence(transfer: &TransferRow<'_>, ruled: &[Ruled<'_>]) -> Option<(Date, &'static str)> {
    let since = transfer.waits_since.map(date)?;
    ruled.iter().find_map(|Ruled { from, until, rules }| {
        let span = jiff::Span::new().try_days(rules.transfer.silence_days?).ok()?;
        let day = since.checked_add(span).ok()?;
        let within = day >= *from && until.is_none_or(|until| day < until);
        let command = match rules.transfer.on_silence {
            OnSilence::Wait => None,
            OnSilence::Escalate => transfer.escalated.is_none().then_some("escalate-transfer"),
            OnSilence::Accept => Some("accept-transfer-by-rule"),
        };
        command.filter(|_| within).map(|command| (day, command))
    })
}
