//! Elect somebody into a post.

use events::policy::RuleSet;
use events::post::{HoldingMode, LeaveReason};
use events::{BranchId, Code, Date, Guard, PersonId, PostEvent, PostId, Precision};
use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use super::ending::end_acting;
use super::field::{EFFECTIVE, optional, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::shared::holders::{UnfitHolder, may_hold};
use super::shared::identity::died;
use super::shared::{LaterChange, code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::post::Term;
use crate::state::{Branch, Known, Post};

/// Elect somebody into a post for a term: whoever held it gives way, whoever holds it goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElectOfficer {
    /// Who is elected.
    pub person: PersonId,
    /// Where the post is.
    pub branch: BranchId,
    /// Which post.
    pub role: Code,
    /// The first day after the term; as the rules say when absent.
    #[serde(default)]
    pub term_until: Option<Date>,
    /// The first day of the term.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why an election is refused.
    ElectOfficerRefusal {
        /// Nobody has that id.
        PersonUnknown("person_unknown") { person: PersonId },
        /// The person died.
        PersonDied("person_died") { person: PersonId, died: Date },
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// The branch is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// The branch is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// The term would end before it begins.
        TermEndsEarly("term_ends_early") { term_until: Date, effective: Date },
        /// The term would end later than the rules let the end of one be shifted.
        TermTooLong("term_too_long") { term_until: Date, latest: Date },
        /// The holder must be a member at home there, from that day on.
        NotAtHome("not_at_home") { person: PersonId, branch: String, effective: Date },
        /// The holder must be a full member, from that day on.
        NotFullMember("not_full_member") { person: PersonId, branch: String, effective: Date },
        /// A later change of the post is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use ElectOfficerRefusal as Refusal;

impl Decide for ElectOfficer {
    const NAME: &'static str = "elect-officer";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("branch", FieldKind::Branch),
        required("role", FieldKind::Text),
        optional("term_until", FieldKind::DateOrNone),
        EFFECTIVE,
    ];
    type Refusal = ElectOfficerRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![
            Guard::Person(self.person),
            Guard::Branch(self.branch),
            Guard::PostsAt(self.branch),
            Guard::MembershipsOf(self.person),
        ]
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, branch: place, precision, .. } = *self;
        known.person(person).ok_or(Refusal::PersonUnknown { person })?;
        if let Some(died) = died(known, person) {
            return Err(Refusal::PersonDied { person, died });
        }
        let branch = known.branch(place).ok_or(Refusal::BranchUnknown { branch: place })?;
        let code = code_of(branch);
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        takes_in(branch, effective)?;
        let term = self.term(branch, effective, rules)?;
        may_hold(known, (person, place), effective).map_err(|unfit| match unfit {
            UnfitHolder::NotAtHome => {
                Refusal::NotAtHome { person, branch: code.clone(), effective }
            }
            UnfitHolder::NotFull => Refusal::NotFullMember { person, branch: code, effective },
        })?;
        let Term { mode, until } = term;
        let post = known.posts_at(place).find(|(_, post)| post.is_called(&self.role));
        let id = post.map_or_else(|| PostId((setting.fresh)()), |(id, _)| id);
        let mut holds = false;
        if let Some((_, post)) = post {
            let later = |LaterChange(later)| Refusal::LaterChange { later };
            holds = self.give_way((id, post), effective, rules, &mut decided).map_err(later)?;
            if holds && post.term_on(person, effective) == Some(term) {
                return Ok(Decided::already_so());
            }
            end_acting((id, post), effective, LeaveReason::Succeeded, &mut decided)
                .map_err(later)?;
        }
        let (branch, term_until) = (place, until);
        if !holds {
            let role = self.role.clone();
            decided.push(id, PostEvent::Taken { effective, precision, branch, role, person });
        }
        let role = self.role.clone();
        let set =
            PostEvent::TermSet { effective, precision, branch, role, person, mode, term_until };
        decided.push(id, set);
        Ok(decided)
    }
}

impl ElectOfficer {
    /// Whoever holds the post gives way; whether it is the elected one who holds it.
    fn give_way(
        &self,
        (id, post): (PostId, &Post),
        effective: Date,
        rules: &RuleSet,
        decided: &mut Decided,
    ) -> Result<bool, LaterChange> {
        let mut holds = false;
        for spell in post.spells().filter(|spell| spell.reaches_beyond(effective)) {
            let own = spell.value == self.person;
            if !own && !rules.post.exclusive {
                continue;
            }
            if let Some(later) = post.later_change(&spell, effective) {
                return Err(LaterChange(later));
            }
            if own {
                holds = true;
                continue;
            }
            let (branch, role, person) = (self.branch, self.role.clone(), spell.value);
            let (precision, reason) = (self.precision, LeaveReason::Succeeded);
            decided
                .push(id, PostEvent::Left { effective, precision, branch, role, person, reason });
        }
        match post.term_after(self.person, effective) {
            Some(later) => Err(LaterChange(later)),
            None => Ok(holds),
        }
    }

    /// The term: until the day that was given, or as long as the rules let officers of such a
    /// branch serve. The day that is given may be any one up to that end and the time by which it
    /// may be shifted: who is elected in the middle of a term serves for the rest of it.
    fn term(&self, branch: &Branch, effective: Date, rules: &RuleSet) -> Result<Term, Refusal> {
        let regular = self.regular_end(branch, effective, rules);
        let shift = rules.term.shift_months_max;
        let latest = regular.zip(shift).and_then(|(end, months)| months_later(end, months));
        if let Some(term_until) = self.term_until {
            if term_until <= effective {
                return Err(Refusal::TermEndsEarly { term_until, effective });
            }
            if let Some(latest) = latest.filter(|latest| term_until > *latest) {
                return Err(Refusal::TermTooLong { term_until, latest });
            }
        }
        Ok(Term { mode: HoldingMode::Elected, until: self.term_until.or(regular) })
    }

    /// The end of a term by the rules, where they say how long such officers serve.
    fn regular_end(&self, branch: &Branch, effective: Date, rules: &RuleSet) -> Option<Date> {
        let kind = branch.kind_on(effective)?;
        let traits = rules.structure.kinds.iter().find(|known| known.code == *kind);
        let traits = traits.filter(|_| rules.term.roles.contains(&self.role));
        months_later(effective, traits?.term_months?)
    }
}

fn months_later(day: Date, months: u32) -> Option<Date> {
    day.checked_add(i64::from(months).months()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{died, *};

    fn elect() -> ElectOfficer {
        ElectOfficer {
            person: BOB,
            branch: NORTH,
            role: code("secretary"),
            term_until: Some(day(30)),
            effective: day(10),
            precision: None,
        }
    }

    fn members() -> Vec<Given> {
        vec![
            registered(BOB),
            formed(NORTH, 1),
            admitted(ANN, NORTH, 2, M1),
            admitted(BOB, NORTH, 2, M2),
        ]
    }

    fn serving(post: uuid::Uuid) -> Given {
        serves(BOB, (NORTH, "secretary"), (10, Some(30)), post)
    }

    #[test]
    fn the_elected_takes_the_post_and_the_former_holder_gives_way() {
        given(members())
            .when(elect())
            .then([took(BOB, NORTH, "secretary", 10, fresh(1)), serving(fresh(1))]);
        given(members()).and([took(ANN, NORTH, "secretary", 3, P1)]).when(elect()).then([
            gave_way(ANN, NORTH, "secretary", 10, P1),
            took(BOB, NORTH, "secretary", 10, P1),
            serving(P1),
        ]);
        given(members()).and([acts(ANN, NORTH, "secretary", 3, P1)]).when(elect()).then([
            acts_no_more(ANN, (NORTH, "secretary"), (10, LeaveReason::Succeeded), P1),
            took(BOB, NORTH, "secretary", 10, P1),
            serving(P1),
        ]);
    }

    #[test]
    fn a_holder_is_elected_again() {
        let held = [took(BOB, NORTH, "secretary", 3, P1)];
        given(members()).and(held.clone()).when(elect()).then([serving(P1)]);
        given(members()).and(held).and([serving(P1)]).when(elect()).then([]);
    }

    #[test]
    fn without_a_given_end_the_rules_say_how_long_the_term_is() {
        let mut set = serving(fresh(1));
        if let events::Event::Post(PostEvent::TermSet { term_until, .. }) = &mut set.1 {
            *term_until = Some(jiff::civil::date(2029, 1, 10));
        }
        given(members())
            .when(ElectOfficer { term_until: None, ..elect() })
            .then([took(BOB, NORTH, "secretary", 10, fresh(1)), set]);
    }

    #[test]
    fn refusals_come_in_order() {
        let branch = || "north".to_owned();
        given([]).when(elect()).then_refused(Refusal::PersonUnknown { person: BOB });
        given([registered(BOB)])
            .when(elect())
            .then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([registered(BOB), formed(NORTH, 20)])
            .when(elect())
            .then_refused(Refusal::BeforeFormation { branch: branch(), formed: day(20) });
        given([registered(BOB), formed(NORTH, 1), dissolved(NORTH, 12)])
            .when(elect())
            .then_refused(Refusal::BranchDissolved { branch: branch(), dissolved: day(12) });
        given(members())
            .and([branch_suspended(NORTH, 5)])
            .when(elect())
            .then_refused(Refusal::BranchSuspended { branch: branch(), since: day(5) });
        given(members())
            .and([winding_up(NORTH, 5)])
            .when(elect())
            .then_refused(Refusal::BranchWindingUp { branch: branch(), since: day(5) });
        given(members())
            .when(ElectOfficer { term_until: Some(day(10)), ..elect() })
            .then_refused(Refusal::TermEndsEarly { term_until: day(10), effective: day(10) });
        given([registered(BOB), formed(NORTH, 1)]).when(elect()).then_refused(Refusal::NotAtHome {
            person: BOB,
            branch: branch(),
            effective: day(10),
        });
        given(members())
            .and([took(ANN, NORTH, "secretary", 12, P1)])
            .when(elect())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    /// Three years by the rules, and a year by which the end may be shifted.
    #[test]
    fn a_term_ends_later_than_the_rules_say_by_so_much_as_they_say() {
        let latest = jiff::civil::date(2030, 1, 10);
        let term_until = latest.tomorrow().unwrap();
        let long = ElectOfficer { term_until: Some(term_until), ..elect() };
        given(members())
            .when(long.clone())
            .then_refused(Refusal::TermTooLong { term_until, latest });
        for allowed in [
            ElectOfficer { term_until: Some(latest), ..elect() },
            ElectOfficer { role: code("clerk"), ..long },
        ] {
            assert_eq!(given(members()).when(allowed).decided().events.len(), 2);
        }
    }

    #[test]
    fn who_is_on_trial_is_refused_where_the_rules_ask_for_full_members() {
        given(ann_on_trial()).when(ElectOfficer { person: ANN, ..elect() }).then_refused(
            Refusal::NotFullMember { person: ANN, branch: "north".into(), effective: day(10) },
        );
    }

    #[test]
    fn who_died_is_refused() {
        given([registered(BOB), died(BOB, 8)])
            .when(elect())
            .then_refused(Refusal::PersonDied { person: BOB, died: day(8) });
    }
}
