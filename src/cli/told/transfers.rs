//! Transfers as sentences.

use events::transfer::Place;
use events::{BranchId, Date, TransferEvent};

use super::{Output, Teller};

/// What stands for a value that is absent; the sentence chooses by it.
const NONE: &str = "none";

impl Teller {
    pub(super) fn transfer_args(
        &self,
        output: &Output<'_>,
        event: &TransferEvent,
    ) -> Vec<(&'static str, String)> {
        let mut args = match event.case() {
            Some(case) => vec![
                ("person", self.person(output, &case.person)),
                ("from", self.place(&case.from)),
                ("to", self.place(&case.to)),
                ("letter", case.letter.to_string()),
            ],
            None => Vec::new(),
        };
        args.extend(self.beside_the_case(output, event));
        args
    }

    fn beside_the_case(
        &self,
        output: &Output<'_>,
        event: &TransferEvent,
    ) -> Vec<(&'static str, String)> {
        use TransferEvent as T;
        match event {
            T::Issued { last_day, .. }
            | T::Received { last_day, .. }
            | T::ClockResumed { last_day, .. } => vec![("last_day", day(*last_day))],
            T::Returned { reason, note, .. } => vec![
                ("reason", reason.to_string()),
                ("note", note.as_ref().map_or(NONE.to_owned(), ToString::to_string)),
            ],
            T::Reissued { former, last_day, .. } => {
                vec![("former", former.to_string()), ("last_day", day(*last_day))]
            }
            T::Diverted { former, .. } | T::OriginMoved { former, .. } => {
                vec![("former", self.place(former))]
            }
            T::Expired { rule, .. } | T::AcceptedByRule { rule, .. } => {
                vec![("rule", rule.to_string())]
            }
            T::Escalated { superior, rule, .. } => {
                vec![("superior", self.superior(output, *superior)), ("rule", rule.to_string())]
            }
            T::Appealed { superior, .. } => vec![("superior", self.superior(output, *superior))],
            T::AppealDecided { upheld, .. } => {
                vec![("upheld", if *upheld { "yes" } else { "no" }.to_owned())]
            }
            T::Closed { reason, .. } => {
                vec![("reason", output.text(&format!("closed-{}", reason.code()), &[]))]
            }
            T::Unmatched { body, letter, .. } | T::Matched { body, letter, .. } => {
                vec![("body", body.to_string()), ("letter", letter.to_string())]
            }
            T::Presented { .. }
            | T::Accepted { .. }
            | T::Withdrawn { .. }
            | T::Voided { .. }
            | T::ClockSuspended { .. }
            | T::Receipted { .. }
            | T::DepartedExternal { .. } => Vec::new(),
        }
    }

    fn place(&self, place: &Place) -> String {
        match place {
            Place::Branch(id) => self.branch(id),
            Place::Outside(body) => body.to_string(),
        }
    }

    fn superior(&self, output: &Output<'_>, superior: Option<BranchId>) -> String {
        superior.map_or_else(|| output.text("whole-body", &[]), |id| self.branch(&id))
    }
}

fn day(day: Option<Date>) -> String {
    day.map_or(NONE.to_owned(), |day| day.to_string())
}
