//! What happened to one member, branch or host?

use events::transfer::Place;
use events::{
    BranchEvent, BranchId, ClockEvent, CorrectionEvent, Event, Family, FamilyName, HostEvent,
    HostId, MembershipEvent, Party, PersonEvent, Recorded, RelationEvent, ReorganisationEvent,
    StreamId, TransferEvent,
};
use uuid::Uuid;

use crate::points::Points;
use crate::table::{Cell, Column, Row, Table, id};

/// One row for each event and each member, branch or host that it concerns.
pub const TABLE: &Table = &Table {
    name: "timeline",
    version: 3,
    question: "What happened to one member, branch or host?",
    columns: &[Column::id("subject").indexed(), Column::text("kind")],
};

/// What happened to one member, branch or host?
pub enum SubjectTimelines {}

impl Points for SubjectTimelines {
    const TABLE: &'static Table = TABLE;
    const GIVEN: Option<FamilyName> = None;
    /// What was corrected stays in sight, beside its correction.
    const CORRECTED: Option<FamilyName> = None;

    fn cells(event: &Recorded) -> Vec<Vec<Cell>> {
        let named = concerned(event.stream, &event.event);
        let is_first = |at: usize| !named[..at].contains(&named[at]);
        let subjects = (0..named.len()).filter(|at| is_first(*at)).map(|at| named[at]);
        let kind = event.event.kind().name;
        subjects.map(|subject| vec![id(subject), Cell::Name(kind)]).collect()
    }
}

/// The kinds of the events after which somebody may be at home elsewhere, of another age, or the
/// same as somebody else: those of which every line may name such a person, and those that name
/// the one whom they concern in their first line.
#[must_use]
pub fn about_members() -> [Vec<&'static str>; 2] {
    let any_line = PersonEvent::KINDS.iter().chain(CorrectionEvent::KINDS);
    let first_line = MembershipEvent::KINDS.iter();
    [any_line.map(|kind| kind.name).collect(), first_line.map(|kind| kind.name).collect()]
}

/// The persons, branches and hosts that an event names; one may be named twice. A membership's
/// event names the member first, which [`about_members`] says.
fn concerned(stream: StreamId, event: &Event) -> Vec<Uuid> {
    match event {
        Event::Ledger(_) | Event::Policy(_) => Vec::new(),
        Event::Person(change) => {
            [stream.id].into_iter().chain(change.other().map(Uuid::from)).collect()
        }
        Event::Membership(change) => {
            let branches = change.branches().into_iter().map(Uuid::from);
            [change.person().into()].into_iter().chain(branches).collect()
        }
        Event::Branch(change) => {
            let host = host_of(change).map(Uuid::from);
            [stream.id]
                .into_iter()
                .chain(beside(change).into_iter().copied().map(Uuid::from))
                .chain(host)
                .collect()
        }
        Event::Post(change) => {
            let (branch, _, person) = change.seat();
            vec![person.into(), branch.into()]
        }
        Event::Reorganisation(change) => match change {
            ReorganisationEvent::Planned { plan, .. } => {
                let branches = plan.sources.iter().chain(plan.rest.iter());
                branches
                    .copied()
                    .map(Uuid::from)
                    .chain(plan.members.iter().map(|line| line.person.into()))
                    .collect()
            }
            // What they change tells of itself.
            ReorganisationEvent::Approved { .. }
            | ReorganisationEvent::Executed { .. }
            | ReorganisationEvent::Withdrawn { .. } => Vec::new(),
        },
        Event::Host(change) => match change {
            HostEvent::Registered { .. } | HostEvent::Changed { .. } | HostEvent::Closed { .. } => {
                vec![stream.id]
            }
            HostEvent::Employed { person, .. } | HostEvent::EmploymentEnded { person, .. } => {
                vec![(*person).into(), stream.id]
            }
        },
        Event::Clock(ClockEvent::Advanced { .. }) => Vec::new(),
        Event::Clock(ClockEvent::FellDue { subject, branch, .. }) => {
            let told = matches!(
                subject.family,
                FamilyName::Person | FamilyName::Branch | FamilyName::Host
            );
            told.then_some(subject.id).into_iter().chain(branch.map(Uuid::from)).collect()
        }
        Event::Clock(ClockEvent::ScreeningHeld { root, .. }) => vec![(*root).into()],
        Event::Relation(
            RelationEvent::Proposed { from, to, .. }
            | RelationEvent::Accepted { from, to, .. }
            | RelationEvent::Ended { from, to, .. },
        ) => vec![StreamId::from(*from).id, StreamId::from(*to).id],
        Event::Correction(correction) => {
            let mut subjects = concerned(stream, correction.was());
            if let CorrectionEvent::Replaced { by, .. } = correction {
                subjects.extend(concerned(stream, by.event()));
            }
            subjects
        }
        Event::Transfer(change) => concerned_by_transfer(change),
    }
}

/// The member, both sides, and who was a side or is called upon.
fn concerned_by_transfer(change: &TransferEvent) -> Vec<Uuid> {
    let Some(case) = change.case() else { return Vec::new() };
    let sides = [Some(&case.from), Some(&case.to), change.former()].into_iter().flatten();
    let branches = sides.filter_map(Place::branch).chain(change.superior());
    [case.person.into()].into_iter().chain(branches.map(Uuid::from)).collect()
}

/// The host that a branch's event names.
fn host_of(change: &BranchEvent) -> Option<HostId> {
    match change {
        BranchEvent::HostAttached { host, .. } | BranchEvent::HostDetached { host, .. } => {
            Some(*host)
        }
        BranchEvent::Formed { .. }
        | BranchEvent::Renamed { .. }
        | BranchEvent::Moved { .. }
        | BranchEvent::Dissolved { .. }
        | BranchEvent::Approved { .. }
        | BranchEvent::Rejected { .. }
        | BranchEvent::Suspended { .. }
        | BranchEvent::Resumed { .. }
        | BranchEvent::WindingUpStarted { .. }
        | BranchEvent::WindingUpAbandoned { .. }
        | BranchEvent::KindChanged { .. }
        | BranchEvent::ReFormed { .. } => None,
        BranchEvent::Proposed { by, .. } => match by {
            Some(Party::Host(host)) => Some(*host),
            Some(Party::Branch(_)) | None => None,
        },
    }
}

/// The branches that a branch's event names beside that branch: parents, predecessors, successors.
fn beside(change: &BranchEvent) -> Vec<&BranchId> {
    match change {
        BranchEvent::Formed { parent, formed_from, .. } => {
            parent.iter().chain(formed_from).collect()
        }
        BranchEvent::Renamed { .. }
        | BranchEvent::HostAttached { .. }
        | BranchEvent::HostDetached { .. }
        | BranchEvent::Approved { .. }
        | BranchEvent::Rejected { .. }
        | BranchEvent::Suspended { .. }
        | BranchEvent::Resumed { .. }
        | BranchEvent::WindingUpStarted { .. }
        | BranchEvent::WindingUpAbandoned { .. }
        | BranchEvent::KindChanged { .. } => Vec::new(),
        BranchEvent::ReFormed { successor_of, .. } => vec![successor_of],
        BranchEvent::Proposed { parent, by, .. } => {
            let by = match by {
                Some(Party::Branch(by)) => Some(by),
                Some(Party::Host(_)) | None => None,
            };
            parent.iter().chain(by).collect()
        }
        BranchEvent::Moved { from, to, .. } => from.iter().chain(to).collect(),
        BranchEvent::Dissolved { parent, into, .. } => parent.iter().chain(into).collect(),
    }
}

/// A row of [`TABLE`], by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelineRow<'a> {
    /// The id of the person, branch or host.
    pub subject: &'a str,
    /// The name of the event's kind.
    pub kind: &'a str,
}

impl<'a> TimelineRow<'a> {
    /// Reads a row of [`TABLE`].
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        let [subject, kind] = row.columns();
        Self { subject: subject.text(), kind: kind.text() }
    }

    /// Whether it is something that the subject did or that was done to it, and not what the clock
    /// and rounds of screening say of it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        !["FellDue", "ScreeningHeld"].contains(&self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_move_of_home_concerns_the_member_and_both_branches() {
        given_points::<SubjectTimelines>(&[home_moved(5, M1, P1, A, B)]).then(&[
            "05.. known 1.. by 1: #21 HomeMoved",
            "05.. known 1.. by 1/1: #a HomeMoved",
            "05.. known 1.. by 1/2: #b HomeMoved",
        ]);
    }

    #[test]
    fn a_branchs_event_concerns_its_parents_predecessors_and_successors_once() {
        let history = [
            merged(1, C, "Gamma", &[A, B]),
            moved(3, C, Some(A), Some(B)),
            dissolved(5, C, Some(B), &[B]),
        ];
        given_points::<SubjectTimelines>(&history).then(&[
            "01.. known 1.. by 1: #c BranchFormed",
            "01.. known 1.. by 1/1: #a BranchFormed",
            "01.. known 1.. by 1/2: #b BranchFormed",
            "03.. known 2.. by 2: #c BranchMoved",
            "03.. known 2.. by 2/1: #a BranchMoved",
            "03.. known 2.. by 2/2: #b BranchMoved",
            "05.. known 3.. by 3: #c BranchDissolved",
            "05.. known 3.. by 3/1: #b BranchDissolved",
        ]);
    }

    #[test]
    fn a_post_concerns_its_holder_and_its_branch() {
        given_points::<SubjectTimelines>(&[registered(1, P1), taken(3, O1, A, "chair", P1)]).then(
            &[
                "01.. known 1.. by 1: #21 PersonRegistered",
                "03.. known 2.. by 2: #21 PostTaken",
                "03.. known 2.. by 2/1: #a PostTaken",
            ],
        );
    }

    #[test]
    fn a_late_event_stands_on_its_own_day() {
        given_points::<SubjectTimelines>(&[renamed(5, A, "Aleph"), renamed(3, A, "Alef")]).then(&[
            "05.. known 1.. by 1: #a BranchRenamed",
            "03.. known 2.. by 2: #a BranchRenamed",
        ]);
    }
}
