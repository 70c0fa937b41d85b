//! The life of a membership, as several commands ask about it.

use events::membership::{EndReason, Via};
use events::policy::{OpenAtOnce, RuleSet};
use events::transfer::ClosedBecause;
use events::{BranchId, Code, Date, Guard, MembershipEvent, MembershipId, PersonId, Precision};
use jiff::ToSpan;

use super::identity::{self, same_as};
use super::{Decided, LaterChange, TooEarly, code_of, from_formation, leave_posts_with_home};
use crate::commands::cases::{close_open_case, closed_because, last_act};
use crate::commands::phase::{Shut, not_home, takes_in};
use crate::state::membership::Standing;
use crate::state::{Known, Membership};

/// Why a person has not the one membership that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum NotOne {
    /// There is none on that day.
    None(PersonId, Date),
    /// There are several.
    Several(PersonId, Date),
}

/// The one membership of a person that is open when that day ends.
pub(in crate::commands) fn open_membership(
    known: &Known,
    person: PersonId,
    day: Date,
) -> Result<(MembershipId, &Membership), NotOne> {
    let mut open =
        known.memberships_of(person).filter(|(_, membership)| membership.is_open_on(day));
    match (open.next(), open.next()) {
        (None, _) => Err(NotOne::None(person, day)),
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(NotOne::Several(person, day)),
    }
}

/// The state of a membership when that day ends.
pub(in crate::commands) fn state_on(
    known: &Known,
    membership: &Membership,
    day: Date,
) -> Option<Code> {
    state_of(known, membership, membership.standing_on(day)?)
}

/// The same of one of its standings; none once it has ended.
pub(in crate::commands) fn state_of(
    known: &Known,
    membership: &Membership,
    standing: &Standing,
) -> Option<Code> {
    match standing {
        Standing::In(state) => Some(state.clone()),
        Standing::Admitted => {
            let began = membership.life()?.from;
            Some(known.policy(began).rules.life.state_admitted.clone())
        }
        Standing::Ended => None,
    }
}

/// That day, so many months later; the last day there is where there is none so late.
pub(in crate::commands) fn months_after(day: Date, months: u32) -> Date {
    day.checked_add(i64::from(months).months()).unwrap_or(Date::MAX)
}

/// A time of trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct Trial {
    /// Its first day.
    pub(in crate::commands) began: Date,
    /// The first day on which it may end.
    pub(in crate::commands) ends: Date,
    /// How often it was extended.
    pub(in crate::commands) extensions: u32,
}

/// The time of trial that was the last to begin by a day; over or not.
pub(in crate::commands) fn trial_on(
    known: &Known,
    membership: &Membership,
    day: Date,
) -> Option<Trial> {
    let rules = &known.policy(day).rules;
    let probation = rules.life.probation.as_ref()?;
    let on_trial = |standing: &Standing| {
        state_of(known, membership, standing).as_ref() == Some(&probation.state)
    };
    let begun = membership.standings().filter(|spell| spell.from <= day && on_trial(spell.value));
    let began = begun.last()?.from;
    let extensions: Vec<Date> = membership
        .extensions()
        .filter(|(decided, _)| (began..=day).contains(decided))
        .map(|(_, until)| until)
        .collect();
    let ends = extensions.last().copied();
    Some(Trial {
        began,
        ends: ends.unwrap_or_else(|| months_after(began, probation.months)),
        extensions: u32::try_from(extensions.len()).unwrap_or(u32::MAX),
    })
}

/// Why a branch cannot be the home that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) enum UnfitHome {
    /// The state needs a home, and none is named.
    Needed(Code),
    /// No branch has that id.
    Unknown(BranchId),
    /// It was not formed yet.
    Early(TooEarly),
    /// It is dissolved, or will be.
    Dissolved(String, Date),
    /// It is suspended or being wound up.
    Shut(Shut),
    /// Branches of its kind hold no relations.
    NoHome(String, String),
}

/// The day from which a branch can be the home in a state that needs one.
pub(in crate::commands) fn home_from(
    known: &Known,
    home: Option<BranchId>,
    (state, day): (&Code, Date),
    decided: &mut Decided,
) -> Result<(BranchId, Date), UnfitHome> {
    let home = home.ok_or_else(|| UnfitHome::Needed(state.clone()))?;
    let branch = known.branch(home).ok_or(UnfitHome::Unknown(home))?;
    let rules: &RuleSet = &known.policy(day).rules;
    let effective = from_formation(branch, day, rules, decided).map_err(UnfitHome::Early)?;
    if let Some(dissolved) = branch.dissolved() {
        return Err(UnfitHome::Dissolved(code_of(branch), dissolved));
    }
    takes_in(branch, effective).map_err(UnfitHome::Shut)?;
    match not_home(branch, rules, effective) {
        Some(kind) => Err(UnfitHome::NoHome(code_of(branch), kind.to_string())),
        None => Ok((home, effective)),
    }
}

/// When and how exactly something holds.
pub(in crate::commands) type When = (Date, Option<Precision>);

/// Ends a membership with its secondary places, with its open transfer, and with its posts where
/// the rules bind them to the home.
pub(in crate::commands) fn end(
    known: &Known,
    (id, membership): (MembershipId, &Membership),
    (effective, precision): When,
    reason: EndReason,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    leave_posts_at_home(known, membership, effective, decided)?;
    close_case(known, (id, membership), effective, closed_because(reason), decided)?;
    end_alone((id, membership), (effective, precision), reason, decided)
}

/// Closes the open transfer of a membership whose home ends. Needs a look at the transfers of the
/// person.
pub(in crate::commands) fn close_case(
    known: &Known,
    (id, membership): (MembershipId, &Membership),
    effective: Date,
    because: ClosedBecause,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    let Some(person) = membership.person() else { return Ok(()) };
    if let Some(later) = last_act(known, person, id).filter(|last| *last > effective) {
        return Err(LaterChange(later));
    }
    close_open_case(known, (person, id), effective, because, decided)
}

/// Ends a membership with its secondary places, whatever becomes of posts and of its transfer.
/// Whatever ends a membership ends it here.
pub(in crate::commands) fn end_alone(
    (id, membership): (MembershipId, &Membership),
    (effective, precision): When,
    reason: EndReason,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    let Some(person) = membership.person() else { return Ok(()) };
    if let Some(later) = membership.any_change_after(effective) {
        return Err(LaterChange(later));
    }
    leave_places((id, membership), effective, decided);
    let home = membership.home_on(effective);
    decided.push(id, MembershipEvent::Ended { effective, precision, person, home, reason });
    Ok(())
}

/// Moves the home of a membership. A secondary place there ends with it: at home nobody is beside
/// the home.
pub(in crate::commands) fn move_home(
    (id, membership): (MembershipId, &Membership),
    (from, to): (BranchId, BranchId),
    (effective, precision): When,
    via: Via,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    let Some(person) = membership.person() else { return Ok(()) };
    if let Some(later) = membership.place_after(to, effective) {
        return Err(LaterChange(later));
    }
    if membership.places_on(effective).any(|place| place == to) {
        let (precision, branch) = (None, to);
        let ended = MembershipEvent::SecondaryPlaceEnded { effective, precision, person, branch };
        decided.push(id, ended);
    }
    decided.push(id, MembershipEvent::HomeMoved { effective, precision, person, from, to, via });
    Ok(())
}

/// What ends with a home: secondary places, and the posts there that the rules bind to it.
pub(in crate::commands) fn leave_home(
    known: &Known,
    (id, membership): (MembershipId, &Membership),
    effective: Date,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    leave_posts_at_home(known, membership, effective, decided)?;
    close_case(known, (id, membership), effective, ClosedBecause::HomeLost, decided)?;
    leave_places((id, membership), effective, decided);
    Ok(())
}

fn leave_posts_at_home(
    known: &Known,
    membership: &Membership,
    effective: Date,
    decided: &mut Decided,
) -> Result<(), LaterChange> {
    match (membership.person(), membership.home_on(effective)) {
        (Some(person), Some(home)) if known.policy(effective).rules.post.holder_at_home => {
            leave_posts_with_home(known, (person, home), effective, decided)
        }
        (Some(_) | None, _) => Ok(()),
    }
}

fn leave_places(
    (id, membership): (MembershipId, &Membership),
    effective: Date,
    decided: &mut Decided,
) {
    let Some(person) = membership.person() else { return };
    for branch in membership.places_on(effective) {
        let precision = None;
        let ended = MembershipEvent::SecondaryPlaceEnded { effective, precision, person, branch };
        decided.push(id, ended);
    }
}

/// Where a person is a member in time that reaches beyond a day, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct Clash {
    /// The branch.
    pub(in crate::commands) branch: BranchId,
    /// The first day.
    pub(in crate::commands) from: Date,
}

/// What a membership that is open from a day on would clash with: another one of the person, or of
/// somebody who is the same person.
pub(in crate::commands) fn clash(
    known: &Known,
    (person, branch): (PersonId, BranchId),
    day: Date,
    open_at_once: OpenAtOnce,
) -> Option<Clash> {
    clash_beside(known, ((person, branch), None), day, open_at_once)
}

/// The same, beside a membership that comes there.
pub(in crate::commands) fn clash_beside(
    known: &Known,
    ((person, branch), coming): ((PersonId, BranchId), Option<MembershipId>),
    day: Date,
    open_at_once: OpenAtOnce,
) -> Option<Clash> {
    let same = same_as(known, person, day);
    let memberships = same.into_iter().flat_map(|person| known.memberships_of(person));
    let others = memberships.filter(|(id, _)| Some(*id) != coming);
    let clashes = others.filter_map(|(_, membership)| {
        let mut homes = membership.spells().filter(|spell| spell.reaches_beyond(day));
        let home = homes.find(|spell| match open_at_once {
            OpenAtOnce::OnePerPerson => true,
            OpenAtOnce::OnePerBranch => spell.value == branch,
        });
        if let Some(home) = home {
            return Some(Clash { branch: home.value, from: home.from });
        }
        let life = membership.life().filter(|life| life.reaches_beyond(day))?;
        let seat = membership.seat_on(day.max(life.from))?;
        let counts = open_at_once == OpenAtOnce::OnePerPerson;
        counts.then_some(Clash { branch: seat, from: life.from })
    });
    clashes.min_by_key(|clash| clash.from)
}

/// The ended membership to which one that begins on a day is a return.
pub(in crate::commands) fn previous(
    known: &Known,
    (person, branch): (PersonId, BranchId),
    day: Date,
    open_at_once: OpenAtOnce,
) -> Option<MembershipId> {
    let was_here = |membership: &Membership| match open_at_once {
        OpenAtOnce::OnePerPerson => true,
        OpenAtOnce::OnePerBranch => membership.spells().any(|spell| spell.value == branch),
    };
    known
        .memberships_of(person)
        .filter(|(_, membership)| was_here(membership))
        .filter_map(|(id, membership)| Some((membership.ended()?, membership.facts(), id)))
        .filter(|(ended, ..)| *ended <= day)
        .max()
        .map(|(.., id)| id)
}

/// The guards behind which the memberships lie with which one of a person may clash, and the
/// branches that a refusal would name.
pub(in crate::commands) fn clash_guards(known: &Known, person: PersonId, day: Date) -> Vec<Guard> {
    let mut guards = identity::guards(known, person);
    let persons = guards
        .iter()
        .filter_map(|guard| if let Guard::Person(id) = guard { Some(*id) } else { None });
    let memberships: Vec<Guard> = persons.map(Guard::MembershipsOf).collect();
    for guard in memberships.iter().filter(|guard| known.has_looked(guard)) {
        let Guard::MembershipsOf(person) = guard else { continue };
        for (_, membership) in known.memberships_of(*person) {
            let homes = membership.spells().filter(|spell| spell.reaches_beyond(day));
            let life = membership.life().filter(|life| life.reaches_beyond(day));
            let seat = life.and_then(|life| membership.seat_on(day.max(life.from)));
            guards.extend(homes.map(|spell| spell.value).chain(seat).map(Guard::Branch));
        }
    }
    guards.extend(memberships);
    guards
}
