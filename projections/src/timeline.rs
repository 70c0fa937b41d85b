//! What happened to one member, branch or host?

use events::transfer::Place;
use events::{
    BranchEvent, BranchId, ClockEvent, CorrectionEvent, Event, FamilyName, HostEvent, HostId,
    Party, PersonId, Recorded, RelationEvent, ReorganisationEvent, StreamId, TransferEvent,
};

use crate::points::Points;
use crate::table::{Cell, Column, Row, Table, cell, id};

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
    /// What was corrected stays in sight, beside its correction.
    const CORRECTED: Option<FamilyName> = None;

    fn cells(event: &Recorded) -> Vec<Vec<Cell>> {
        let mut subjects: Vec<Cell> = Vec::new();
        for subject in concerned(event.stream, &event.event) {
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
        let kind = event.event.kind().name;
        subjects.into_iter().map(|subject| vec![subject, cell(kind)]).collect()
    }
}

/// The persons, branches and hosts that an event names; one may be named twice.
fn concerned(stream: StreamId, event: &Event) -> Vec<Cell> {
    match event {
        Event::Ledger(_) | Event::Policy(_) => Vec::new(),
        Event::Person(change) => {
            let person = id(PersonId(stream.id));
            [person].into_iter().chain(change.other().map(id)).collect()
        }
        Event::Membership(change) => {
            let branches = change.branches().into_iter().map(id);
            [id(change.person())].into_iter().chain(branches).collect()
        }
        Event::Branch(change) => {
            let branch = id(BranchId(stream.id));
            let host = host_of(change).map(id);
            [branch]
                .into_iter()
                .chain(beside(change).into_iter().copied().map(id))
                .chain(host)
                .collect()
        }
        Event::Post(change) => {
            let (branch, _, person) = change.seat();
            vec![id(person), id(branch)]
        }
        Event::Reorganisation(change) => match change {
            ReorganisationEvent::Planned { plan, .. } => {
                let branches = plan.sources.iter().chain(plan.rest.iter());
                branches
                    .copied()
                    .map(id)
                    .chain(plan.members.iter().map(|line| id(line.person)))
                    .collect()
            }
            // What they change tells of itself.
            ReorganisationEvent::Approved { .. }
            | ReorganisationEvent::Executed { .. }
            | ReorganisationEvent::Withdrawn { .. } => Vec::new(),
        },
        Event::Host(change) => {
            let host = id(HostId(stream.id));
            match change {
                HostEvent::Registered { .. }
                | HostEvent::Changed { .. }
                | HostEvent::Closed { .. } => vec![host],
                HostEvent::Employed { person, .. } | HostEvent::EmploymentEnded { person, .. } => {
                    vec![id(*person), host]
                }
            }
        }
        Event::Clock(ClockEvent::Advanced { .. }) => Vec::new(),
        Event::Clock(ClockEvent::FellDue { subject, branch, .. }) => {
            let told = matches!(
                subject.family,
                FamilyName::Person | FamilyName::Branch | FamilyName::Host
            );
            told.then(|| id(subject.id)).into_iter().chain(branch.map(id)).collect()
        }
        Event::Clock(ClockEvent::ScreeningHeld { root, .. }) => vec![id(*root)],
        Event::Relation(
            RelationEvent::Proposed { from, to, .. }
            | RelationEvent::Accepted { from, to, .. }
            | RelationEvent::Ended { from, to, .. },
        ) => vec![id(StreamId::from(*from).id), id(StreamId::from(*to).id)],
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
fn concerned_by_transfer(change: &TransferEvent) -> Vec<Cell> {
    let Some(case) = change.case() else { return Vec::new() };
    let sides = [Some(&case.from), Some(&case.to), change.former()].into_iter().flatten();
    let branches = sides.filter_map(Place::branch).chain(change.superior());
    [id(case.person)].into_iter().chain(branches.map(id)).collect()
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
