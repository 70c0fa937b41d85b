//! What decisions remember about a membership.

use std::collections::BTreeMap;

use events::membership::EndReason;
use events::{BranchId, Code, Date, MembershipEvent, PersonId, Position, Timeline};
use serde::{Deserialize, Serialize};

use super::{Spell, Subject};

/// One membership: in which state it was and where at home, day by day.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Membership {
    version: u64,
    person: Option<PersonId>,
    applied_to: Option<BranchId>,
    homes: Timeline<Option<BranchId>>,
    standings: Timeline<Standing>,
    end: Option<EndReason>,
    trial_ends: Timeline<Date>,
    out_of_contact: Timeline<bool>,
    mobility: Timeline<Option<Mobility>>,
    places: BTreeMap<BranchId, Timeline<bool>>,
}

/// How a membership stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// In the state that the rules name for an admission.
    Admitted,
    /// In a state.
    In(Code),
    /// Over.
    Ended,
}

/// Where a member is who is away for long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mobility {
    /// The place, as a code of the body's own.
    pub place: Option<Code>,
    /// The branch that looks after the member there.
    pub branch: Option<BranchId>,
}

impl Membership {
    /// Whose membership it is; `None` before anything happened.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.person
    }

    /// The home when that day ended.
    #[must_use]
    pub fn home_on(&self, day: Date) -> Option<BranchId> {
        self.homes.on(day).copied().flatten()
    }

    /// The stretches at each home, in order.
    pub fn spells(&self) -> impl Iterator<Item = Spell<BranchId>> {
        self.homes.spans().filter_map(|span| {
            span.value.map(|value| Spell { value, from: span.from, until: span.until })
        })
    }

    /// The branch that looks after it on a day: the home, else the last one before, else the branch
    /// that was applied to.
    #[must_use]
    pub fn seat_on(&self, day: Date) -> Option<BranchId> {
        let homes = self.spells().take_while(|spell| spell.from <= day);
        homes.last().map(|spell| spell.value).or(self.applied_to)
    }

    /// From when to when there is a membership, whatever its state.
    #[must_use]
    pub fn life(&self) -> Option<Spell<()>> {
        let from = self.standings.changes().first()?.effective;
        Some(Spell { value: (), from, until: self.ended() })
    }

    /// Whether there is a membership when that day ends.
    #[must_use]
    pub fn is_open_on(&self, day: Date) -> bool {
        self.standings.on(day).is_some_and(|standing| *standing != Standing::Ended)
    }

    /// How it stands when that day ends; `None` before it begins.
    #[must_use]
    pub fn standing_on(&self, day: Date) -> Option<&Standing> {
        self.standings.on(day)
    }

    /// The stretches of each standing, in order.
    pub fn standings(&self) -> impl Iterator<Item = Spell<&Standing>> {
        self.standings.spans().map(|span| Spell {
            value: span.value,
            from: span.from,
            until: span.until,
        })
    }

    /// The first recorded change of state or home after that day: one dated before it would
    /// contradict it.
    #[must_use]
    pub fn change_after(&self, day: Date) -> Option<Date> {
        let home = self.homes.after(day).first().map(|change| change.effective);
        let standing = self.standings.after(day).first().map(|change| change.effective);
        home.into_iter().chain(standing).min()
    }

    /// The first recorded change of any sort after that day.
    #[must_use]
    pub fn any_change_after(&self, day: Date) -> Option<Date> {
        let places = self.places.values().filter_map(|place| place.after(day).first());
        let places = places.map(|change| change.effective);
        self.change_after(day)
            .into_iter()
            .chain(self.extension_after(day))
            .chain(self.out_of_contact.after(day).first().map(|change| change.effective))
            .chain(self.mobility.after(day).first().map(|change| change.effective))
            .chain(places)
            .min()
    }

    /// How many facts count of it.
    #[must_use]
    pub fn facts(&self) -> u64 {
        self.version
    }

    /// Why it ended, once it has.
    #[must_use]
    pub fn end_reason(&self) -> Option<EndReason> {
        self.end
    }

    /// The first day outside, once the membership has ended.
    #[must_use]
    pub fn ended(&self) -> Option<Date> {
        let last = self.standings.changes().last()?;
        (last.value == Standing::Ended).then_some(last.effective)
    }

    /// The extensions of its time of trial: when each was decided, and until when it lasts.
    pub fn extensions(&self) -> impl Iterator<Item = (Date, Date)> {
        self.trial_ends.changes().iter().map(|change| (change.effective, change.value))
    }

    /// The first extension that was decided after that day.
    #[must_use]
    pub fn extension_after(&self, day: Date) -> Option<Date> {
        self.trial_ends.after(day).first().map(|change| change.effective)
    }

    /// Whether nobody knows on that day where the member is.
    #[must_use]
    pub fn is_out_of_contact(&self, day: Date) -> bool {
        self.out_of_contact.on(day).copied().unwrap_or(false)
    }

    /// The first recorded loss or return of contact after that day.
    #[must_use]
    pub fn contact_after(&self, day: Date) -> Option<Date> {
        self.out_of_contact.after(day).first().map(|change| change.effective)
    }

    /// Where the member is on that day, if registered as away for long.
    #[must_use]
    pub fn mobility_on(&self, day: Date) -> Option<&Mobility> {
        self.mobility.on(day)?.as_ref()
    }

    /// The first recorded change of that after a day.
    #[must_use]
    pub fn mobility_after(&self, day: Date) -> Option<Date> {
        self.mobility.after(day).first().map(|change| change.effective)
    }

    /// The stretches at each secondary place.
    pub fn second_places(&self) -> impl Iterator<Item = Spell<BranchId>> {
        self.places.iter().flat_map(|(branch, placed)| {
            placed.spans().filter(|span| *span.value).map(|span| Spell {
                value: *branch,
                from: span.from,
                until: span.until,
            })
        })
    }

    /// The branches where the member has a secondary place when that day ends.
    pub fn places_on(&self, day: Date) -> impl Iterator<Item = BranchId> {
        let there = move |place: &Timeline<bool>| place.on(day).copied().unwrap_or(false);
        self.places.iter().filter(move |(_, place)| there(place)).map(|(branch, _)| *branch)
    }

    /// The first recorded change of a secondary place at a branch after that day.
    #[must_use]
    pub fn place_after(&self, branch: BranchId, day: Date) -> Option<Date> {
        self.places.get(&branch)?.after(day).first().map(|change| change.effective)
    }
}

impl Subject for Membership {
    type Event = MembershipEvent;

    fn apply(&mut self, event: &MembershipEvent) {
        self.version += 1;
        let position = Position(self.version);
        self.person = Some(event.person());
        match event.clone() {
            MembershipEvent::Admitted { effective, home, state, .. } => {
                let standing = state.map_or(Standing::Admitted, Standing::In);
                self.standings.insert(effective, position, standing);
                self.homes.insert(effective, position, Some(home));
            }
            MembershipEvent::Applied { effective, branch, state, .. } => {
                self.applied_to = Some(branch);
                self.standings.insert(effective, position, Standing::In(state));
            }
            MembershipEvent::HomeMoved { effective, to, .. } => {
                self.homes.insert(effective, position, Some(to));
            }
            MembershipEvent::StateChanged { effective, to, enters, leaves, .. } => {
                self.standings.insert(effective, position, Standing::In(to));
                if enters.is_some() || leaves.is_some() {
                    self.homes.insert(effective, position, enters);
                }
            }
            MembershipEvent::Ended { effective, home, reason, .. } => {
                self.end = Some(reason);
                self.standings.insert(effective, position, Standing::Ended);
                if home.is_some() {
                    self.homes.insert(effective, position, None);
                }
            }
            MembershipEvent::ProbationExtended { effective, until, .. } => {
                self.trial_ends.insert(effective, position, until);
            }
            MembershipEvent::ContactLost { effective, .. } => {
                self.out_of_contact.insert(effective, position, true);
            }
            MembershipEvent::ContactRegained { effective, .. } => {
                self.out_of_contact.insert(effective, position, false);
            }
            MembershipEvent::MobilityRegistered { effective, place, branch, .. } => {
                let away = Some(Mobility { place, branch });
                self.mobility.insert(effective, position, away);
            }
            MembershipEvent::MobilityEnded { effective, .. } => {
                self.mobility.insert(effective, position, None);
            }
            MembershipEvent::SecondaryPlaceAssigned { effective, branch, .. } => {
                self.places.entry(branch).or_default().insert(effective, position, true);
            }
            MembershipEvent::SecondaryPlaceEnded { effective, branch, .. } => {
                self.places.entry(branch).or_default().insert(effective, position, false);
            }
        }
    }
}
