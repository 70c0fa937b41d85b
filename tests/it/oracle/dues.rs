//! What is due at (D, K), by definition: walk through the facts, and keep since when each condition
//! has held that may make something due.

use std::collections::BTreeMap;

use events::policy::RuleSet;
use jiff::ToSpan;

use super::*;

/// What is due at the branch, about whom or which post, and the first day.
pub type Due = (&'static str, BranchId, String, Date);

/// What is asked: by the rules about branches, posts and members.
pub const ASKED: [&str; 8] = [
    "under_strength",
    "over_size",
    "committee_to_elect",
    "vacant",
    "probation_over",
    "out_of_contact",
    "removal_due",
    "away_for_long",
];

/// The days since which something has been so.
#[derive(Default)]
struct Since {
    /// That a branch is too weak, too large, or a post of it vacant.
    wrong: BTreeMap<(&'static str, BranchId, String), Date>,
    /// That somebody held a post, at any time.
    held: BTreeSet<(BranchId, Code)>,
    home: BTreeMap<MembershipId, Date>,
    state: BTreeMap<MembershipId, Date>,
    lost: BTreeMap<MembershipId, Date>,
    /// The last absence of a member; its end, if it has ended.
    away: BTreeMap<MembershipId, (Date, Option<Date>)>,
    /// That a member is away and no branch looks after them, when days ended.
    alone: BTreeMap<MembershipId, Date>,
    /// The home that was left for a state without one.
    left: BTreeMap<MembershipId, (Date, BranchId)>,
    /// The extensions of times of trial: when they were decided, and until when.
    extended: BTreeMap<MembershipId, Vec<(Date, Date)>>,
}

/// Everything of [`ASKED`] that is due when a day ends.
pub fn dues(
    events: &[Recorded],
    rules: &RuleSet,
    (valid_on, known_at): (Date, Position),
) -> BTreeSet<Due> {
    let holding = holding(events, valid_on, known_at);
    let (mut world, mut since) = (World::default(), Since::default());
    for (index, recorded) in holding.iter().enumerate() {
        world.live(recorded);
        since.live(recorded);
        let day = recorded.event.effective();
        if holding.get(index + 1).is_none_or(|next| next.event.effective() > day) {
            since.end_of_day(&world, rules, day);
        }
    }
    let wrong = since.wrong.iter();
    let mut found: BTreeSet<Due> =
        wrong.map(|((what, id, about), day)| (*what, *id, about.clone(), *day)).collect();
    for (id, (person, branch)) in &world.homes {
        let about = || person.to_string();
        if let Some(day) = since.trial_over(&world, rules, (*id, valid_on)) {
            found.insert(("probation_over", *branch, about(), day));
        }
        let lost = since.lost.get(id).zip(rules.life.lost_contact_months);
        if let Some((lost, months)) = lost {
            let day = later(*lost, months).max(since.home[id]);
            found.insert(("out_of_contact", *branch, about(), day));
        }
        let alone = since.alone.get(id).zip(rules.life.mobile_months);
        if let Some((alone, months)) = alone {
            let (gone, _) = since.away[id];
            let day = later(gone.max(since.home[id]), months).max(*alone);
            found.insert(("away_for_long", *branch, about(), day));
        }
    }
    for (id, (day, branch)) in &since.left {
        let lost = since.lost.get(id).zip(rules.life.removal_months);
        if let Some((lost, months)) = lost {
            let (person, _) = &world.states[id];
            let day = later(*day, months).max(*lost);
            found.insert(("removal_due", *branch, person.to_string(), day));
        }
    }
    found.retain(|(.., day)| *day <= valid_on);
    found
}

fn later(day: Date, months: u32) -> Date {
    day.checked_add(i64::from(months).months()).unwrap()
}

impl Since {
    fn live(&mut self, recorded: &Recorded) {
        let day = recorded.event.effective();
        if let Event::Post(PostEvent::Taken { branch, role, .. }) = &recorded.event {
            self.held.insert((*branch, role.clone()));
        }
        let Event::Membership(event) = &recorded.event else { return };
        let id = MembershipId(recorded.stream.id);
        if lives::home_step(event).is_some() {
            self.home.insert(id, day);
        }
        match event {
            MembershipEvent::Admitted { .. } | MembershipEvent::Applied { .. } => {
                self.state.insert(id, day);
            }
            MembershipEvent::StateChanged { enters, leaves, .. } => {
                self.state.insert(id, day);
                self.left.remove(&id);
                if let (None, Some(home)) = (enters, leaves) {
                    self.left.insert(id, (day, *home));
                }
            }
            MembershipEvent::Ended { .. } => {
                self.lost.remove(&id);
                self.left.remove(&id);
                self.away.remove(&id);
            }
            MembershipEvent::ProbationExtended { until, .. } => {
                self.extended.entry(id).or_default().push((day, *until));
            }
            MembershipEvent::ContactLost { .. } => _ = self.lost.insert(id, day),
            MembershipEvent::ContactRegained { .. } => _ = self.lost.remove(&id),
            MembershipEvent::MobilityRegistered { .. } => {
                let before = self.away.get(&id);
                let goes_on = before.filter(|(_, end)| end.is_none_or(|end| end == day));
                let gone = goes_on.map_or(day, |(gone, _)| *gone);
                self.away.insert(id, (gone, None));
            }
            MembershipEvent::MobilityEnded { .. } => {
                if let Some((_, end)) = self.away.get_mut(&id) {
                    *end = Some(day);
                }
            }
            MembershipEvent::HomeMoved { .. }
            | MembershipEvent::SecondaryPlaceAssigned { .. }
            | MembershipEvent::SecondaryPlaceEnded { .. } => {}
        }
    }

    /// What is wrong when a day ends has been so since that day, unless it was so before.
    fn end_of_day(&mut self, world: &World, rules: &RuleSet, day: Date) {
        let mut wrong = BTreeSet::new();
        for (id, branch) in &world.branches {
            let homes = world.homes.iter().filter(|(_, (_, home))| home == id);
            let (all, full) = homes.fold((0, 0), |(all, full), (membership, _)| {
                (all + 1, full + u32::from(is_full(world, rules, *membership)))
            });
            let kind = rules.branch_kind(&branch.kind);
            let counts = kind.is_some_and(|kind| kind.may_be_home)
                && !rules.coverage.branch_kinds_uncounted.contains(&branch.kind);
            if counts && rules.coverage.members_min.is_some_and(|least| full < least) {
                wrong.insert(("under_strength", *id, String::new()));
            }
            if counts && rules.coverage.members_max.is_some_and(|most| all > most) {
                wrong.insert(("over_size", *id, String::new()));
            }
            let serving = world.posts.values().filter(|(place, _)| place == id);
            let serving = serving.filter(|(_, role)| rules.term.roles.contains(role));
            let committee = serving.collect::<BTreeSet<_>>().len() > 1;
            let enough = rules.structure.committee_full_members_min;
            if counts && !committee && enough.is_some_and(|enough| full >= enough) {
                wrong.insert(("committee_to_elect", *id, String::new()));
            }
            let posts = self.held.iter().filter(|(place, _)| place == id);
            for (_, role) in posts.filter(|(_, role)| rules.term.roles.contains(role)) {
                let mut held = world.posts.values();
                if !held.any(|seat| *seat == (*id, role.clone())) {
                    wrong.insert(("vacant", *id, role.to_string()));
                }
            }
        }
        let alone = world.away.iter().filter(|(_, (_, branch))| branch.is_none());
        let alone: BTreeSet<MembershipId> = alone.map(|(id, _)| *id).collect();
        self.alone.retain(|id, _| alone.contains(id));
        for id in alone {
            self.alone.entry(id).or_insert(day);
        }
        self.wrong.retain(|key, _| wrong.contains(key));
        for key in wrong {
            self.wrong.entry(key).or_insert(day);
        }
    }

    /// The first of the days up to one on which a time of trial was over, at the home of that day.
    fn trial_over(
        &self,
        world: &World,
        rules: &RuleSet,
        (id, on): (MembershipId, Date),
    ) -> Option<Date> {
        let probation = rules.life.probation.as_ref()?;
        if state(world, rules, id) != probation.state {
            return None;
        }
        let (began, home) = (self.state[&id], self.home[&id]);
        let is_over = |day: Date| {
            let extended = self.extended.get(&id).into_iter().flatten();
            let mut known = extended.filter(|(decided, _)| *decided >= began && *decided <= day);
            known.next_back().map_or(later(began, probation.months), |(_, until)| *until) <= day
        };
        let mut first = None;
        let mut day = on;
        while day >= began.max(home) && is_over(day) {
            first = Some(day);
            day = day.yesterday().unwrap();
        }
        first
    }
}

/// The state of a membership that is not ended.
fn state(world: &World, rules: &RuleSet, id: MembershipId) -> Code {
    let (_, state) = &world.states[&id];
    state.clone().unwrap_or_else(|| rules.life.state_admitted.clone())
}

fn is_full(world: &World, rules: &RuleSet, id: MembershipId) -> bool {
    rules.life.state(&state(world, rules, id)).expect("a state of the rules").full
}
