//! Which transfers are under way, and how far did each come?

use events::transfer::{Case, Place};
use events::{Date, Event, Family, PersonId, Recorded, TransferEvent, TransferId};

use crate::intervals::Intervals;
use crate::table::{Cell, Column, Row, Table, cell, id};

/// One row for each stretch during which a transfer stands so, until it is over; and one for each
/// receipt that waits for its letter.
pub const TABLE: &Table = &Table {
    name: "transfers",
    version: 1,
    question: "Which transfers are under way, and how far did each come?",
    columns: &[
        Column::id("transfer"),
        Column::id("person").indexed().optional(),
        Column::id("origin").indexed().optional(),
        Column::text("origin_body").optional(),
        Column::id("destination").indexed().optional(),
        Column::text("destination_body").optional(),
        Column::text("letter"),
        Column::text("phase"),
        Column::text("begun"),
        Column::text("phase_since"),
        Column::text("last_day").optional(),
        Column::text("waits_since").optional(),
        Column::text("suspended").optional(),
        Column::text("escalated").optional(),
        Column::text("appealed").optional(),
    ],
};

/// The phases in which the member may still move, in the order in which they usually come.
pub const OPEN: &[&str] = &["issued", "presented", "returned", "expired", "voided"];

/// The phase of a transfer whose receipt is not back yet.
pub const ACCEPTED: &str = "accepted";

/// The phase of a receipt that waits for its letter.
pub const UNMATCHED: &str = "unmatched";

/// Which transfers are under way, and how far did each come?
pub enum Transfers {}

/// How a transfer stands for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    person: Option<PersonId>,
    from: Option<Place>,
    to: Option<Place>,
    letter: String,
    phase: &'static str,
    begun: Date,
    since: Date,
    last_day: Option<Date>,
    waits_since: Option<Date>,
    suspended: Option<Date>,
    escalated: Option<Date>,
    appealed: Option<Date>,
}

impl Progress {
    fn begun(phase: &'static str, day: Date) -> Self {
        Self {
            person: None,
            from: None,
            to: None,
            letter: String::new(),
            phase,
            begun: day,
            since: day,
            last_day: None,
            waits_since: None,
            suspended: None,
            escalated: None,
            appealed: None,
        }
    }

    fn of(self, case: &Case) -> Self {
        Self {
            person: Some(case.person),
            from: Some(case.from.clone()),
            to: Some(case.to.clone()),
            letter: case.letter.to_string(),
            ..self
        }
    }

    fn at(self, phase: &'static str, since: Date) -> Self {
        Self { phase, since, ..self }
    }

    /// Nobody owes an answer, and no superior is concerned.
    fn unasked(self) -> Self {
        Self { waits_since: None, escalated: None, appealed: None, ..self }
    }
}

impl Intervals for Transfers {
    const TABLE: &'static Table = TABLE;
    type Change = TransferEvent;
    type Key = TransferId;
    type Fact = Progress;

    fn change(event: &Recorded) -> Option<(TransferId, &TransferEvent)> {
        let Event::Transfer(change) = &event.event else { return None };
        Some((TransferId(event.stream.id), change))
    }

    fn step(before: Option<&Progress>, change: &TransferEvent) -> Option<Progress> {
        let after = moved_on(before.cloned(), change)?;
        Some(match change.case() {
            Some(case) => after.of(case),
            None => after,
        })
    }

    fn cells(transfer: TransferId, progress: &Progress) -> Vec<Cell> {
        let branch = |place: &Option<Place>| Cell::from(place.as_ref().and_then(Place::branch));
        let body = |place: &Option<Place>| Cell::from(place.as_ref().and_then(Place::body));
        vec![
            id(transfer),
            Cell::from(progress.person),
            branch(&progress.from),
            body(&progress.from),
            branch(&progress.to),
            body(&progress.to),
            cell(&progress.letter),
            cell(progress.phase),
            cell(progress.begun),
            cell(progress.since),
            Cell::from(progress.last_day),
            Cell::from(progress.waits_since),
            Cell::from(progress.suspended),
            Cell::from(progress.escalated),
            Cell::from(progress.appealed),
        ]
    }
}

fn moved_on(before: Option<Progress>, change: &TransferEvent) -> Option<Progress> {
    use TransferEvent as T;
    let day = change.effective();
    match change {
        T::Issued { last_day, .. } => {
            Some(Progress { last_day: *last_day, ..Progress::begun("issued", day) })
        }
        T::Received { last_day, .. } => {
            let (last_day, waits_since) = (*last_day, Some(day));
            Some(Progress { last_day, waits_since, ..Progress::begun("presented", day) })
        }
        T::Unmatched { body, letter, .. } => {
            let (from, letter) = (Some(Place::Outside(body.clone())), letter.to_string());
            Some(Progress { from, letter, ..Progress::begun(UNMATCHED, day) })
        }
        T::Presented { .. } => {
            Some(Progress { waits_since: Some(day), ..before?.at("presented", day) })
        }
        T::Accepted { .. } | T::AcceptedByRule { .. } => Some(before?.unasked().at(ACCEPTED, day)),
        T::Returned { case, .. } if case.from.body().is_some() => None,
        T::Returned { .. } => Some(before?.unasked().at("returned", day)),
        T::Reissued { last_day, .. } => {
            let before = before?.unasked().at("issued", day);
            Some(Progress { last_day: *last_day, suspended: None, ..before })
        }
        T::Expired { .. } => Some(before?.at("expired", day)),
        T::Voided { .. } => Some(before?.unasked().at("voided", day)),
        T::Diverted { .. } => Some(diverted(before?.unasked(), day)),
        T::ClockSuspended { .. } => Some(Progress { suspended: Some(day), ..before? }),
        T::ClockResumed { last_day, .. } => Some(resumed(before?, *last_day, day)),
        T::Escalated { .. } => Some(Progress { escalated: Some(day), ..before? }),
        T::Appealed { .. } => Some(Progress { appealed: Some(day), ..before? }),
        T::AppealDecided { upheld: true, .. } => {
            let before = before?.unasked().at("presented", day);
            Some(Progress { waits_since: Some(day), ..before })
        }
        T::AppealDecided { upheld: false, .. } => Some(before?.unasked()),
        T::OriginMoved { .. } => before,
        T::Withdrawn { .. }
        | T::Receipted { .. }
        | T::DepartedExternal { .. }
        | T::Closed { .. }
        | T::Matched { .. } => None,
    }
}

/// The new destination has seen nothing yet; a letter that ran out or was lost is so still.
fn diverted(before: Progress, day: Date) -> Progress {
    match before.phase {
        "expired" | "voided" => before,
        _ => before.at("issued", day),
    }
}

/// The answer is due later by the days for which the clock stood still.
fn resumed(before: Progress, last_day: Option<Date>, day: Date) -> Progress {
    let stood_still = before.suspended.unwrap_or(day);
    let waits_since = before.waits_since.map(|from| {
        let days = stood_still.max(from).until(day).map_or(0, |span| span.get_days());
        from.saturating_add(jiff::Span::new().days(days.max(0)))
    });
    Progress { last_day, waits_since, suspended: None, ..before }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferRow<'a> {
    /// The transfer's id.
    pub transfer: &'a str,
    /// The member's id; a receipt without its letter has none.
    pub person: Option<&'a str>,
    /// The origin's id, where it is a branch.
    pub origin: Option<&'a str>,
    /// The origin's code, where it is a body outside the ledger.
    pub origin_body: Option<&'a str>,
    /// The destination's id, where it is a branch.
    pub destination: Option<&'a str>,
    /// The destination's code, where it is a body outside the ledger.
    pub destination_body: Option<&'a str>,
    /// The letter's number.
    pub letter: &'a str,
    /// How far it came: a code.
    pub phase: &'a str,
    /// When its first letter was issued, or received.
    pub begun: &'a str,
    /// When it came so far.
    pub phase_since: &'a str,
    /// The last day on which the letter can be presented.
    pub last_day: Option<&'a str>,
    /// Since when the destination owes an answer.
    pub waits_since: Option<&'a str>,
    /// Since when the clock stands still.
    pub suspended: Option<&'a str>,
    /// When a superior was called upon because of the destination's silence.
    pub escalated: Option<&'a str>,
    /// When the origin appealed against the return.
    pub appealed: Option<&'a str>,
}

impl<'a> TransferRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [transfer, person, origin, origin_body, destination, destination_body, rest @ ..] =
            row.columns::<15>();
        let [letter, phase, begun, phase_since, last_day, waits_since, rest @ ..] = rest;
        let [suspended, escalated, appealed] = rest;
        Self {
            transfer: transfer.text(),
            person: person.as_text(),
            origin: origin.as_text(),
            origin_body: origin_body.as_text(),
            destination: destination.as_text(),
            destination_body: destination_body.as_text(),
            letter: letter.text(),
            phase: phase.text(),
            begun: begun.text(),
            phase_since: phase_since.text(),
            last_day: last_day.as_text(),
            waits_since: waits_since.as_text(),
            suspended: suspended.as_text(),
            escalated: escalated.as_text(),
            appealed: appealed.as_text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_transfer_has_a_row_for_each_phase_until_it_is_over() {
        let history = [issued(1, T1, A, B), presented(3, T1, A, B), withdrawn(5, T1, A, B)];
        given::<Transfers>(&history).now(&[
            "01..03 known 2.. by 1-2: #71 #21 #a - #b - L-1 issued 2020-01-01 2020-01-01 \
             2020-01-09 - - - -",
            "03..05 known 3.. by 2-3: #71 #21 #a - #b - L-1 presented 2020-01-01 2020-01-03 \
             2020-01-09 2020-01-03 - - -",
        ]);
    }

    #[test]
    fn any_history_folds_as_defined() {
        folds_as_defined::<Transfers>();
    }
}
