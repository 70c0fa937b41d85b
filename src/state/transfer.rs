//! What decisions remember about a transfer.

use events::transfer::{Case, Place};
use events::{BranchId, Code, Date, Family, MembershipId, Position, Timeline, TransferEvent};
use serde::{Deserialize, Serialize};

use super::Subject;

/// One transfer: what was done about it, day by day; or a receipt that has no transfer.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transfer {
    version: u64,
    acts: Timeline<TransferEvent>,
}

/// How far a transfer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The letter is on its way.
    Issued,
    /// The destination has the letter and owes an answer.
    Presented,
    /// The destination returned it.
    Returned,
    /// It ran out before it was presented.
    Expired,
    /// It was lost.
    Voided,
    /// The origin withdrew it.
    Withdrawn,
    /// The destination took the member in, and owes a receipt.
    Accepted,
    /// The receipt is back.
    Receipted,
    /// A body outside the ledger took the member in.
    Departed,
    /// It became moot.
    Closed,
}

impl Phase {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Presented => "presented",
            Self::Returned => "returned",
            Self::Expired => "expired",
            Self::Voided => "voided",
            Self::Withdrawn => "withdrawn",
            Self::Accepted => "accepted",
            Self::Receipted => "receipted",
            Self::Departed => "departed",
            Self::Closed => "closed",
        }
    }

    /// Whether the member may still move by it.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Issued | Self::Presented | Self::Returned | Self::Expired | Self::Voided => true,
            Self::Withdrawn | Self::Accepted | Self::Receipted | Self::Departed | Self::Closed => {
                false
            }
        }
    }
}

/// How a transfer stands after some of its acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose transfer, from where to where, on which letter.
    pub case: Case,
    /// The membership that shall move; absent where the member comes from outside.
    pub membership: Option<MembershipId>,
    /// How far it came.
    pub phase: Phase,
    /// Since when.
    pub since: Date,
    /// The last day on which the letter can be presented.
    pub last_day: Option<Date>,
    /// How often the letter was issued anew.
    pub reissues: u32,
    /// Since when the destination owes an answer; days on which the clock stood still moved it on.
    pub waits_since: Option<Date>,
    /// Since when the clock stands still, if it does.
    pub suspended: Option<Date>,
    /// When the clock began to run again last.
    pub resumed: Option<Date>,
    /// When a superior was called upon because of the destination's silence.
    pub escalated: Option<Date>,
    /// When the origin appealed against the return, and whether that is decided.
    pub appeal: Option<Appeal>,
    /// The letters before the present one.
    pub former_letters: Vec<Code>,
    /// The destinations before the present one, each with the day on which it was left.
    pub former_destinations: Vec<(Place, Date)>,
}

/// What became of an appeal against a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appeal {
    /// The superior has yet to decide.
    Pending(Date),
    /// The return stands.
    Dismissed(Date),
}

impl Transfer {
    /// How it stands after all that is recorded; `None` for a receipt that has no transfer.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        self.standing_after(self.acts.changes().len())
    }

    /// How it stood when that day ended.
    #[must_use]
    pub fn standing_on(&self, day: Date) -> Option<Standing> {
        self.standing_after(self.acts.changes().len() - self.acts.after(day).len())
    }

    fn standing_after(&self, acts: usize) -> Option<Standing> {
        let acts = self.acts.changes()[..acts].iter();
        acts.fold(None, |standing, act| step(standing, &act.value))
    }

    /// Whether the member may still move by it, as far as is recorded.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.standing().is_some_and(|standing| standing.is_open())
    }

    /// The latest day for which anything about it is recorded.
    #[must_use]
    pub fn last_change(&self) -> Option<Date> {
        self.acts.changes().last().map(|act| act.effective)
    }

    /// The days of its acts.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.acts.changes().iter().map(|act| act.effective)
    }

    /// The days on which it was sent to a branch: issued, issued anew, received or diverted.
    pub fn sent_to(&self, branch: BranchId) -> impl Iterator<Item = Date> {
        let acts = self.acts.changes().iter();
        let sent = acts.filter(move |act| act.value.sent_to() == Some(branch));
        sent.map(|act| act.effective)
    }

    /// The receipt that it is, if it is one that nobody could match yet: from whom, since when.
    #[must_use]
    pub fn unmatched(&self) -> Option<(&Code, &Code, Date)> {
        let last = self.acts.changes().last()?;
        let TransferEvent::Unmatched { body, letter, .. } = &last.value else { return None };
        Some((body, letter, last.effective))
    }
}

impl Standing {
    /// Whether the member may still move by it. What a body outside gets back is its own matter.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let is_outsiders = self.case.from.body().is_some();
        self.phase.is_open() && !(is_outsiders && self.phase == Phase::Returned)
    }

    /// The first day on which the destination has been silent for too long, if the rules set one
    /// and the clock runs.
    #[must_use]
    pub fn silence_ends(&self, days: Option<u32>) -> Option<Date> {
        let waits = self.waits_since.filter(|_| self.phase == Phase::Presented);
        let since = waits.filter(|_| self.suspended.is_none())?;
        Some(since.saturating_add(jiff::Span::new().days(i64::from(days?.min(3_000_000)))))
    }

    fn begun(case: &Case, phase: Phase, since: Date) -> Self {
        Self {
            case: case.clone(),
            membership: None,
            phase,
            since,
            last_day: None,
            reissues: 0,
            waits_since: None,
            suspended: None,
            resumed: None,
            escalated: None,
            appeal: None,
            former_letters: Vec::new(),
            former_destinations: Vec::new(),
        }
    }

    /// The last day on which the letter can be presented, seen from a day: while the clock stands
    /// still, it moves on day by day.
    #[must_use]
    pub fn last_day_from(&self, day: Date) -> Option<Date> {
        let last_day = self.last_day?;
        Some(self.suspended.map_or(last_day, |since| later_by(last_day, since, day)))
    }

    /// Whether the letter can be presented no more on a day.
    #[must_use]
    pub fn has_run_out(&self, day: Date) -> bool {
        self.last_day_from(day).is_some_and(|last_day| last_day < day)
    }

    fn at(self, phase: Phase, since: Date) -> Self {
        Self { phase, since, ..self }
    }
}

/// A deadline that stood still from one day to another.
fn later_by(deadline: Date, since: Date, until: Date) -> Date {
    let days = since.until(until).map_or(0, |span| span.get_days());
    deadline.saturating_add(jiff::Span::new().days(days.max(0)))
}

fn step(before: Option<Standing>, act: &TransferEvent) -> Option<Standing> {
    use TransferEvent as T;
    let day = act.effective();
    if let T::Issued { case, membership, last_day, .. } = act {
        let begun = Standing::begun(case, Phase::Issued, day);
        return Some(Standing { membership: Some(*membership), last_day: *last_day, ..begun });
    }
    if let T::Received { case, last_day, .. } = act {
        let begun = Standing::begun(case, Phase::Presented, day);
        return Some(Standing { last_day: *last_day, waits_since: Some(day), ..begun });
    }
    let before = before?;
    let case = act.case().unwrap_or(&before.case).clone();
    Some(match act {
        T::Issued { .. } | T::Received { .. } | T::Unmatched { .. } | T::Matched { .. } => before,
        T::Presented { .. } => {
            Standing { waits_since: Some(day), ..before.at(Phase::Presented, day) }
        }
        T::Accepted { .. } | T::AcceptedByRule { .. } => before.at(Phase::Accepted, day),
        T::Returned { .. } => Standing {
            waits_since: None,
            escalated: None,
            appeal: None,
            ..before.at(Phase::Returned, day)
        },
        T::Reissued { former, last_day, .. } => reissued(before, case, former, *last_day, day),
        T::Withdrawn { .. } => before.at(Phase::Withdrawn, day),
        T::Expired { .. } => before.at(Phase::Expired, day),
        T::Voided { .. } => Standing { waits_since: None, ..before.at(Phase::Voided, day) },
        T::Diverted { former, .. } => diverted(before, case, former, day),
        T::ClockSuspended { .. } => Standing { suspended: Some(day), resumed: None, ..before },
        T::ClockResumed { last_day, .. } => {
            let since = before.suspended.unwrap_or(day);
            let waits_since = before.waits_since.map(|from| later_by(from, since.max(from), day));
            let resumed = Some(day);
            Standing { last_day: *last_day, waits_since, suspended: None, resumed, ..before }
        }
        T::Escalated { .. } => Standing { escalated: Some(day), ..before },
        T::Appealed { .. } => Standing { appeal: Some(Appeal::Pending(day)), ..before },
        T::AppealDecided { upheld: true, .. } => {
            Standing { waits_since: Some(day), appeal: None, ..before.at(Phase::Presented, day) }
        }
        T::AppealDecided { upheld: false, .. } => {
            Standing { appeal: Some(Appeal::Dismissed(day)), ..before }
        }
        T::Receipted { .. } => before.at(Phase::Receipted, day),
        T::DepartedExternal { .. } => before.at(Phase::Departed, day),
        T::Closed { .. } => before.at(Phase::Closed, day),
        T::OriginMoved { .. } => Standing { case, ..before },
    })
}

fn reissued(
    before: Standing,
    case: Case,
    former: &Code,
    last_day: Option<Date>,
    day: Date,
) -> Standing {
    let mut former_letters = before.former_letters.clone();
    former_letters.push(former.clone());
    Standing {
        case,
        last_day,
        reissues: before.reissues + 1,
        waits_since: None,
        suspended: None,
        escalated: None,
        appeal: None,
        former_letters,
        ..before.at(Phase::Issued, day)
    }
}

/// The new destination has seen nothing yet: the letter has to be presented there. One that ran out
/// or was lost has to be issued anew still.
fn diverted(before: Standing, case: Case, former: &Place, day: Date) -> Standing {
    let mut former_destinations = before.former_destinations.clone();
    former_destinations.push((former.clone(), day));
    Standing {
        case,
        waits_since: None,
        escalated: None,
        appeal: None,
        former_destinations,
        ..match before.phase {
            Phase::Expired | Phase::Voided => before,
            Phase::Issued
            | Phase::Presented
            | Phase::Returned
            | Phase::Withdrawn
            | Phase::Accepted
            | Phase::Receipted
            | Phase::Departed
            | Phase::Closed => before.at(Phase::Issued, day),
        }
    }
}

impl Subject for Transfer {
    type Event = TransferEvent;

    fn apply(&mut self, event: &TransferEvent) {
        self.version += 1;
        self.acts.insert(event.effective(), Position(self.version), event.clone());
    }
}

#[cfg(test)]
mod tests {
    use events::PersonId;
    use uuid::Uuid;

    use super::*;
    use crate::given::{ANN, EAST, NORTH, SOUTH, day};

    fn case(person: PersonId, to: BranchId) -> Case {
        let letter = Code::parse("A-1").unwrap();
        Case { person, from: NORTH.into(), to: to.into(), letter }
    }

    fn after(acts: &[TransferEvent]) -> Standing {
        let mut transfer = Transfer::default();
        acts.iter().for_each(|act| transfer.apply(act));
        transfer.standing().expect("it was issued")
    }

    fn issued() -> TransferEvent {
        TransferEvent::Issued {
            effective: day(1),
            precision: None,
            case: case(ANN, SOUTH),
            membership: MembershipId(Uuid::from_u128(1)),
            last_day: Some(day(10)),
        }
    }

    #[test]
    fn a_letter_can_be_presented_on_its_last_day_and_not_after_it() {
        let standing = after(&[issued()]);
        assert!(!standing.has_run_out(day(10)));
        assert!(standing.has_run_out(day(11)));
    }

    #[test]
    fn while_the_clock_stands_still_no_deadline_comes_nearer() {
        let suspended = TransferEvent::ClockSuspended {
            effective: day(4),
            precision: None,
            case: case(ANN, SOUTH),
        };
        let standing = after(&[issued(), suspended.clone()]);
        assert_eq!(standing.last_day_from(day(9)), Some(day(15)));
        assert!(!standing.has_run_out(day(30)));
        let presented =
            TransferEvent::Presented { effective: day(2), precision: None, case: case(ANN, SOUTH) };
        let resumed = TransferEvent::ClockResumed {
            effective: day(9),
            precision: None,
            case: case(ANN, SOUTH),
            last_day: Some(day(15)),
        };
        let standing = after(&[issued(), presented, suspended, resumed]);
        assert_eq!((standing.last_day, standing.waits_since), (Some(day(15)), Some(day(7))));
        assert_eq!(standing.phase, Phase::Presented);
    }

    #[test]
    fn a_letter_that_was_lost_is_not_found_by_a_diversion() {
        let (effective, precision) = (day(3), None);
        let voided = TransferEvent::Voided { effective, precision, case: case(ANN, SOUTH) };
        let (case, former) = (case(ANN, EAST), SOUTH.into());
        let diverted = TransferEvent::Diverted { effective, precision, case, former };
        let standing = after(&[issued(), voided, diverted]);
        assert_eq!((standing.phase, standing.case.to), (Phase::Voided, EAST.into()));
    }
}
