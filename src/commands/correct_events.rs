//! Correct recorded events: they were not so, or on another day, or something else was so.

use std::collections::BTreeSet;

use events::{Code, CorrectionEvent, Date, Event, Guard, PersonEvent, Position, Quoted, StreamId};
use serde::{Deserialize, Serialize};

use super::field::{Correcting, optional, required};
use super::refusal::refusals;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::clashes::{Clashes, View, clashes, looks};

/// How many events one correction may quote, one inside the other.
const DEPTH_MAX: usize = 30;

/// Correct recorded events, all of them at once: the record stays, and what is known from now on
/// is another. The whole timeline is checked, so facts that lean on each other are corrected
/// together.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectEvents {
    /// Events that were not so.
    #[serde(default)]
    pub retract: Vec<Target>,
    /// Events that were so on another day.
    #[serde(default)]
    pub redate: Vec<Redating>,
    /// Events in whose place something else was so.
    #[serde(default)]
    pub replace: Vec<Replacing>,
    /// Why, as a code.
    pub reason: Code,
}

/// A recorded event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Where it stands.
    pub position: Position,
    /// Its stream, as `family:id`.
    pub stream: String,
    /// Its sequence there.
    pub sequence: u64,
    /// The event.
    pub event: Quoted,
}

/// An event that was so on another day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redating {
    /// Which event.
    pub target: Target,
    /// The day.
    pub effective: Date,
}

/// An event in whose place something else was so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacing {
    /// Which event.
    pub target: Target,
    /// What was so.
    pub by: Quoted,
}

refusals! {
    /// Why corrections are refused.
    CorrectEventsRefusal {
        /// No event is named.
        NothingNamed("nothing_to_correct") {},
        /// An event is named twice.
        NamedTwice("corrected_twice") { position: Position },
        /// The frame of the ledger, its rules, areas and the registration of persons stand; and a
        /// retraction is only retracted.
        NotCorrectable("not_correctable") { position: Position, kind: &'static str },
        /// Another kind of subject would be spoken of in the subject's own stream.
        FamilyMismatch("family_mismatch") { position: Position, family: &'static str },
        /// The event does not count any more: another correction stands in its place.
        AlreadyCorrected("already_corrected") { position: Position },
        /// Corrections of corrections have an end.
        TooDeep("corrected_too_often") { position: Position, depth_max: usize },
        /// The timeline would contradict itself.
        Clashing("timeline_clashes") { count: usize, clashes: Clashes },
    }
}

use CorrectEventsRefusal as Refusal;

impl Decide for CorrectEvents {
    const NAME: &'static str = "correct-events";
    const FIELDS: &'static [Field] = &[
        optional("retract", FieldKind::Corrections(Correcting::Retract)),
        optional("redate", FieldKind::Corrections(Correcting::Redate)),
        optional("replace", FieldKind::Corrections(Correcting::Replace)),
        required("reason", FieldKind::Text),
    ];
    type Refusal = CorrectEventsRefusal;

    /// The first day that may come out otherwise.
    fn effective(&self) -> Date {
        let wanted = self.wanted();
        let days = wanted.iter().flat_map(|wanted| {
            [wanted.target.event.event().effective(), wanted.correction.effective()]
        });
        days.min().unwrap_or(Date::MAX)
    }

    /// The subjects, all that rests on them, and all that these rest on, once corrected.
    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let (view, corrected) = self.foreseen(known);
        let wanted = self.wanted();
        let own = wanted.iter().filter_map(|wanted| {
            let event = Event::from(wanted.correction.clone());
            Some(events::guard::touched(wanted.target.stream()?, event.as_ref()))
        });
        own.flatten().chain(looks(&view, &corrected)).collect()
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let wanted = self.wanted();
        if wanted.is_empty() {
            return Err(Refusal::NothingNamed {});
        }
        let mut named = BTreeSet::new();
        if let Some(twice) = wanted.iter().find(|wanted| !named.insert(wanted.target.position)) {
            return Err(Refusal::NamedTwice { position: twice.target.position });
        }
        let mut decided = Decided::default();
        for wanted in &wanted {
            let stream = wanted.checked(known)?;
            if wanted.alters() {
                decided.push(stream, wanted.correction.clone());
            }
        }
        let (view, corrected) = self.foreseen(known);
        let clashes = clashes(&view, &corrected);
        if !clashes.0.is_empty() {
            return Err(Refusal::Clashing { count: clashes.0.len(), clashes });
        }
        Ok(decided)
    }
}

/// One correction that is asked for.
struct Wanted<'a> {
    target: &'a Target,
    correction: CorrectionEvent,
}

impl CorrectEvents {
    /// All corrections in the order in which they are recorded.
    fn wanted(&self) -> Vec<Wanted<'_>> {
        let reason = || self.reason.clone();
        let was = |target: &Target| target.event.event().clone();
        let retract = self.retract.iter().map(|target| Wanted {
            target,
            correction: CorrectionEvent::retracting(target.sequence, was(target), reason()),
        });
        let redate = self.redate.iter().map(|Redating { target, effective }| {
            let (of, day) = (target.sequence, *effective);
            let correction = CorrectionEvent::redating(of, was(target), day, None, reason());
            Wanted { target, correction }
        });
        let replace = self.replace.iter().map(|Replacing { target, by }| {
            let by = by.event().clone();
            let correction = CorrectionEvent::replacing(target.sequence, was(target), by, reason());
            Wanted { target, correction }
        });
        retract.chain(redate).chain(replace).collect()
    }

    /// What is known, with everything that is asked for, and the subjects that it alters.
    fn foreseen<'a>(&self, known: &'a Known) -> (View<'a>, BTreeSet<StreamId>) {
        let (mut view, mut corrected) = (View::new(known), BTreeSet::new());
        for wanted in self.wanted().iter().filter(|wanted| wanted.alters()) {
            let Some(stream) = wanted.target.stream() else { continue };
            view.correct(stream, &wanted.correction);
            corrected.insert(stream);
        }
        (view, corrected)
    }
}

impl Target {
    fn stream(&self) -> Option<StreamId> {
        self.stream.parse().ok()
    }
}

impl Wanted<'_> {
    /// Whether it says anything else than what stands.
    fn alters(&self) -> bool {
        let was = self.target.event.event();
        let stands = match was {
            Event::Correction(was) => was.stands(self.target.sequence),
            Event::Ledger(_)
            | Event::Person(_)
            | Event::Membership(_)
            | Event::Branch(_)
            | Event::Post(_)
            | Event::Policy(_)
            | Event::Host(_)
            | Event::Relation(_)
            | Event::Transfer(_)
            | Event::Reorganisation(_)
            | Event::Clock(_) => Some((self.target.sequence, was.clone())),
        };
        let stands = stands.map(|(_, fact)| fact);
        self.correction.stands(0).map(|(_, fact)| fact) != stands
    }

    /// The stream, if the event there is what can be corrected, and so.
    fn checked(&self, known: &Known) -> Result<StreamId, Refusal> {
        let Target { position, sequence, event, .. } = self.target;
        let (position, was) = (*position, event.event());
        let fixed = Refusal::NotCorrectable { position, kind: was.kind().name };
        let Some(stream) = self.target.stream() else { return Err(fixed) };
        let only_retracted = !matches!(self.correction, CorrectionEvent::Retracted { .. });
        if is_fixed(was) || (was.is_retraction() && only_retracted) {
            return Err(fixed);
        }
        if let CorrectionEvent::Replaced { by, .. } = &self.correction
            && by.event().family() != stream.family
        {
            let family = by.event().family().as_str();
            return Err(Refusal::FamilyMismatch { position, family });
        }
        if known.subject(stream).and_then(|subject| subject.standing(*sequence)).is_none() {
            return Err(Refusal::AlreadyCorrected { position });
        }
        if self.correction.depth() > DEPTH_MAX {
            return Err(Refusal::TooDeep { position, depth_max: DEPTH_MAX });
        }
        Ok(stream)
    }
}

/// What no correction reaches: the frame of all answers, and letters, plans and who is who, which
/// further acts undo.
fn is_fixed(event: &Event) -> bool {
    match event {
        Event::Ledger(_)
        | Event::Policy(_)
        | Event::Transfer(_)
        | Event::Reorganisation(_)
        | Event::Clock(_) => true,
        Event::Person(PersonEvent::Registered { .. })
        | Event::Person(
            PersonEvent::DuplicateSuspected { .. }
            | PersonEvent::DeclaredDistinct { .. }
            | PersonEvent::Merged { .. }
            | PersonEvent::Unmerged { .. },
        ) => true,
        Event::Person(PersonEvent::BirthBandRecorded { .. } | PersonEvent::Died { .. })
        | Event::Membership(_)
        | Event::Branch(_)
        | Event::Post(_)
        | Event::Host(_)
        | Event::Relation(_)
        | Event::Correction(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn target(position: u64, sequence: u64, (stream, event): Given) -> Target {
        let stream = stream.to_string();
        Target { position: Position(position), stream, sequence, event: Quoted::new(event) }
    }

    fn retract(targets: Vec<Target>) -> CorrectEvents {
        let reason = Code::parse("mistaken").unwrap();
        CorrectEvents { retract: targets, redate: vec![], replace: vec![], reason }
    }

    fn redate(target: Target, on: i8) -> CorrectEvents {
        let redate = vec![Redating { target, effective: day(on) }];
        CorrectEvents { redate, ..retract(vec![]) }
    }

    fn retracted(of: u64, (stream, was): Given) -> Given {
        let reason = Code::parse("mistaken").unwrap();
        (stream, CorrectionEvent::retracting(of, was, reason).into())
    }

    #[test]
    fn an_admission_that_never_was_is_retracted_and_again() {
        let history = [formed(NORTH, 1), registered(ANN), admitted(ANN, NORTH, 5, M1)];
        let admission = admitted(ANN, NORTH, 5, M1);
        let once = retracted(1, admission.clone());
        given(history.clone())
            .when(retract(vec![target(3, 1, admission.clone())]))
            .then([once.clone()]);
        given([&history[..], std::slice::from_ref(&once)].concat())
            .when(retract(vec![target(4, 2, once.clone())]))
            .then([retracted(2, once)]);
    }

    #[test]
    fn the_day_that_it_has_is_already_so() {
        given([formed(NORTH, 1)]).when(redate(target(1, 1, formed(NORTH, 1)), 1)).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        let branch = || target(1, 1, formed(NORTH, 1));
        given([]).when(retract(vec![])).then_refused(Refusal::NothingNamed {});
        given([formed(NORTH, 1)])
            .when(retract(vec![branch(), branch()]))
            .then_refused(Refusal::NamedTwice { position: Position(1) });
        given([registered(ANN)]).when(retract(vec![target(1, 1, registered(ANN))])).then_refused(
            Refusal::NotCorrectable { position: Position(1), kind: "PersonRegistered" },
        );
        let (_, admission) = admitted(ANN, NORTH, 5, M1);
        let by = Quoted::new(admission);
        given([formed(NORTH, 1)])
            .when(CorrectEvents {
                replace: vec![Replacing { target: branch(), by }],
                ..retract(vec![])
            })
            .then_refused(Refusal::FamilyMismatch { position: Position(1), family: "membership" });
        given([formed(NORTH, 1), retracted(1, formed(NORTH, 1))])
            .when(redate(branch(), 3))
            .then_refused(Refusal::AlreadyCorrected { position: Position(1) });
    }

    #[test]
    fn corrections_of_corrections_have_an_end() {
        let mut history = vec![formed(NORTH, 1)];
        for of in 1..=DEPTH_MAX as u64 {
            let (stream, was) = history.last().unwrap().clone();
            let reason = Code::parse("mistaken").unwrap();
            let on = day(2 + i8::from(of % 2 == 0));
            history.push((stream, CorrectionEvent::redating(of, was, on, None, reason).into()));
        }
        let last = target(31, DEPTH_MAX as u64 + 1, history.last().unwrap().clone());
        given(history)
            .when(redate(last, 9))
            .then_refused(Refusal::TooDeep { position: Position(31), depth_max: DEPTH_MAX });
    }

    #[test]
    fn a_dissolution_before_a_later_acceptance_names_the_member() {
        let history = [
            formed(NORTH, 1),
            registered(ANN),
            admitted(ANN, NORTH, 5, M1),
            left(ANN, NORTH, 15, M1),
            dissolved(NORTH, 20),
        ];
        let refusal =
            given(history.clone()).when(redate(target(5, 2, dissolved(NORTH, 20)), 10)).refused();
        let Refusal::Clashing { count, clashes } = refusal else { panic!("{refusal:?}") };
        assert_eq!(count, 1);
        assert_eq!(
            clashes.to_string(),
            format!("home_not_there {} 2026-01-10", StreamId::from(events::MembershipId(M1)))
        );
        // With the member gone before it, the set holds.
        let both = CorrectEvents {
            redate: vec![
                Redating { target: target(5, 2, dissolved(NORTH, 20)), effective: day(10) },
                Redating { target: target(4, 2, left(ANN, NORTH, 15, M1)), effective: day(9) },
            ],
            ..retract(vec![])
        };
        assert_eq!(given(history).when(both).decided().events.len(), 2);
    }
}
