//! What the samples about the life of a membership and the identity of a person mean.

use jiff::civil::date;
use uuid::uuid;

use super::{ANN, EARLIER, MONTH, NORTH, SOUTH, YEAR, code};
use crate::membership::EndReason;
use crate::{Event, HostEvent, MembershipEvent, MembershipId, PersonEvent, PersonId, Precision};

const BOB: PersonId = PersonId(uuid!("6c20e8fb-94d1-4e37-a5b6-1d83f70c92ae"));

type Meant = Vec<(&'static str, Event)>;

/// Death, and who is the same as whom.
pub(super) fn identity() -> Meant {
    let effective = date(2004, 2, 29);
    let died =
        |precision| Event::from(PersonEvent::Died { effective: date(2021, 12, 31), precision });
    let suspected = |precision| {
        Event::from(PersonEvent::DuplicateSuspected { effective, precision, other: BOB })
    };
    let distinct =
        |precision| Event::from(PersonEvent::DeclaredDistinct { effective, precision, other: BOB });
    let merged = |precision| Event::from(PersonEvent::Merged { effective, precision, into: BOB });
    let unmerged =
        |precision| Event::from(PersonEvent::Unmerged { effective, precision, from: BOB });
    vec![
        ("203-PersonDied.v1", died(MONTH)),
        ("203-PersonDied.v1.minimal", died(None)),
        ("204-DuplicateSuspected.v1", suspected(YEAR)),
        ("204-DuplicateSuspected.v1.minimal", suspected(None)),
        ("205-DeclaredDistinct.v1", distinct(YEAR)),
        ("205-DeclaredDistinct.v1.minimal", distinct(None)),
        ("206-PersonMerged.v1", merged(YEAR)),
        ("206-PersonMerged.v1.minimal", merged(None)),
        ("207-PersonUnmerged.v1", unmerged(YEAR)),
        ("207-PersonUnmerged.v1.minimal", unmerged(None)),
    ]
}

/// What became of memberships beside their homes.
pub(super) fn life() -> Meant {
    let person = ANN;
    let at =
        |precision, event: fn(_, PersonId) -> MembershipEvent| Event::from(event(precision, ANN));
    let applied = |precision, previous: Option<_>| {
        let (effective, state) = (date(1997, 3, 1), code("applied"));
        let previous = previous.map(MembershipId);
        let branch = NORTH;
        let applied =
            MembershipEvent::Applied { effective, precision, person, branch, state, previous };
        Event::from(applied)
    };
    let extended = |precision| {
        let (effective, until) = (date(1999, 5, 1), date(2000, 2, 29));
        Event::from(MembershipEvent::ProbationExtended { effective, precision, person, until })
    };
    let lost: fn(Option<Precision>, PersonId) -> _ = |precision, person| {
        MembershipEvent::ContactLost { effective: date(2001, 9, 1), precision, person }
    };
    let regained: fn(Option<Precision>, PersonId) -> _ = |precision, person| {
        MembershipEvent::ContactRegained { effective: date(2001, 9, 1), precision, person }
    };
    let back: fn(Option<Precision>, PersonId) -> _ = |precision, person| {
        MembershipEvent::MobilityEnded { effective: date(2001, 9, 1), precision, person }
    };
    let away = |precision, place, branch| {
        let effective = date(2001, 9, 1);
        let away =
            MembershipEvent::MobilityRegistered { effective, precision, person, place, branch };
        Event::from(away)
    };
    let (second, branch) = (date(2002, 1, 15), SOUTH);
    let assigned = |precision| {
        let effective = second;
        let event =
            MembershipEvent::SecondaryPlaceAssigned { effective, precision, person, branch };
        Event::from(event)
    };
    let left = |precision| {
        let effective = second;
        Event::from(MembershipEvent::SecondaryPlaceEnded { effective, precision, person, branch })
    };
    vec![
        ("304-MembershipApplied.v1", applied(MONTH, Some(EARLIER))),
        ("304-MembershipApplied.v1.minimal", applied(None, None)),
        ("306-ProbationExtended.v1", extended(MONTH)),
        ("306-ProbationExtended.v1.minimal", extended(None)),
        ("307-ContactLost.v1", at(MONTH, lost)),
        ("307-ContactLost.v1.minimal", at(None, lost)),
        ("308-ContactRegained.v1", at(MONTH, regained)),
        ("308-ContactRegained.v1.minimal", at(None, regained)),
        ("309-MobilityRegistered.v1", away(MONTH, Some(code("basel")), Some(SOUTH))),
        ("309-MobilityRegistered.v1.minimal", away(None, None, None)),
        ("310-MobilityEnded.v1", at(MONTH, back)),
        ("310-MobilityEnded.v1.minimal", at(None, back)),
        ("311-SecondaryPlaceAssigned.v1", assigned(MONTH)),
        ("311-SecondaryPlaceAssigned.v1.minimal", assigned(None)),
        ("312-SecondaryPlaceEnded.v1", left(MONTH)),
        ("312-SecondaryPlaceEnded.v1.minimal", left(None)),
    ]
    .into_iter()
    .chain(states())
    .collect()
}

fn states() -> Meant {
    let changed = |precision, [from, to]: [&str; 2], enters| {
        Event::from(MembershipEvent::StateChanged {
            effective: date(1998, 5, 1),
            precision,
            person: ANN,
            from: code(from),
            to: code(to),
            enters,
            leaves: None,
        })
    };
    let stopped = MembershipEvent::StateChanged {
        effective: date(2003, 6, 30),
        precision: MONTH,
        person: ANN,
        from: code("full"),
        to: code("stopped"),
        enters: None,
        leaves: Some(NORTH),
    };
    vec![
        ("305-MembershipStateChanged.v1", changed(MONTH, ["applied", "trial"], Some(NORTH))),
        ("305-MembershipStateChanged.v1.minimal", changed(None, ["trial", "full"], None)),
        ("305-MembershipStateChanged.v1.leaving", stopped.into()),
    ]
}

/// Kinds that gained a version: an admission into a state, an end without a home, a contract.
pub(super) fn second_versions() -> Meant {
    let person = ANN;
    let admitted = |precision, state: Option<&str>, previous: Option<_>| {
        Event::from(MembershipEvent::Admitted {
            effective: date(1998, 5, 1),
            precision,
            person,
            home: NORTH,
            state: state.map(code),
            previous: previous.map(MembershipId),
        })
    };
    let ended = |precision, home, reason| {
        let effective = date(2021, 12, 31);
        Event::from(MembershipEvent::Ended { effective, precision, person, home, reason })
    };
    let employed = |precision, post: Option<&str>, contract| {
        let (effective, post) = (date(2016, 4, 1), post.map(code));
        Event::from(HostEvent::Employed { effective, precision, person, post, contract })
    };
    vec![
        ("301-MembershipAdmitted.v2", admitted(MONTH, Some("trial"), Some(EARLIER))),
        ("301-MembershipAdmitted.v2.minimal", admitted(None, None, None)),
        ("303-MembershipEnded.v2", ended(YEAR, Some(SOUTH), EndReason::Died)),
        ("303-MembershipEnded.v2.minimal", ended(None, None, EndReason::Declined)),
        ("704-PersonEmployed.v2", employed(MONTH, Some("chief_editor"), true)),
        ("704-PersonEmployed.v2.minimal", employed(None, None, false)),
    ]
}
