//! Dissolve a branch.

use events::membership::EndReason;
use events::policy::Dissolution;
use events::transfer::ClosedBecause;
use events::{
    BranchEvent, BranchId, Code, Date, Event, Guard, MembershipEvent, Party, Precision,
    TransferEvent,
};
use serde::{Deserialize, Serialize};

use super::cases::open_at;
use super::ending::{end_posts, end_relations, later_end};
use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::life::end_alone;
use super::shared::{LaterChange, code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::{Branch, Known};

/// Dissolve a branch: at once, when it is empty or the rules end what is left in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DissolveBranch {
    /// Which branch.
    pub branch: BranchId,
    /// The branches that succeed it.
    #[serde(default)]
    pub into: Vec<BranchId>,
    /// Why, as a code.
    #[serde(default)]
    pub reason: Option<Code>,
    /// The first day without it.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why a dissolution is refused.
    DissolveBranchRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch is dissolved already: on another day, for another reason, or into others.
        AlreadyDissolved("already_dissolved") { branch: String, dissolved: Date },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// No branch has the id of a successor.
        SuccessorUnknown("successor_unknown") { branch: BranchId },
        /// A later change of the branch, or of what is in it, is recorded.
        LaterChange("later_change") { later: Date },
        /// Members are at home in it.
        MembersLeft("members_left") { branch: String, members: usize },
        /// Branches are under it.
        ChildrenLeft("children_left") { branch: String, children: usize },
        /// Posts are held at it.
        PostsHeld("posts_held") { branch: String, posts: usize },
        /// It has relations to other bodies.
        RelationsLeft("relations_left") { branch: String, relations: usize },
        /// Transfers from or to it are open.
        CasesLeft("cases_left") { branch: String, cases: usize },
    }
}

use DissolveBranchRefusal as Refusal;

impl Decide for DissolveBranch {
    const NAME: &'static str = "dissolve-branch";
    const FIELDS: &'static [Field] = &[
        required("branch", FieldKind::Branch),
        optional("into", FieldKind::Branches),
        optional("reason", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = DissolveBranchRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    /// All that is in the branch. An admission on its way touches the members, a new child the
    /// children: either makes this decision be taken again.
    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        let mut guards = vec![
            Guard::Branch(self.branch),
            Guard::MembersOf(self.branch),
            Guard::ChildrenOf(self.branch),
            Guard::PostsAt(self.branch),
            Guard::RelationsOf(Party::Branch(self.branch)),
            Guard::CasesAt(self.branch),
        ];
        guards.extend(self.into.iter().copied().map(Guard::Branch));
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let branch = known.branch(self.branch);
        let branch = branch.ok_or(Refusal::BranchUnknown { branch: self.branch })?;
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided);
        match branch.dissolved() {
            Some(dissolved)
                if effective == Ok(dissolved)
                    && branch.successors() == self.into
                    && (self.reason.is_none()
                        || branch.dissolved_because() == self.reason.as_ref()) =>
            {
                return Ok(Decided::already_so());
            }
            Some(dissolved) => {
                return Err(Refusal::AlreadyDissolved { branch: code_of(branch), dissolved });
            }
            None => {}
        }
        let effective = effective?;
        if let Some(id) = self.into.iter().find(|id| known.branch(**id).is_none()) {
            return Err(Refusal::SuccessorUnknown { branch: *id });
        }
        if let Some(later) = branch.last_change().filter(|last| *last > effective) {
            return Err(Refusal::LaterChange { later });
        }
        end_posts(known, self.branch, effective, &mut decided)?;
        // A transfer ends as it stood, with its origin at home.
        self.close_cases(known, effective, &mut decided)?;
        self.end_memberships(known, effective, &mut decided)?;
        self.lift_children(known, effective, &mut decided)?;
        end_relations(known, self.branch, effective, &mut decided)?;
        if rules.branch.dissolution == Dissolution::WhenEmpty {
            refuse_what_is_left(branch, &decided)?;
        }
        self.end_places(known, effective, &mut decided)?;
        for host in branch.hosts_on(effective).into_keys() {
            let detached = BranchEvent::HostDetached { effective, precision: None, host };
            decided.push(self.branch, detached);
        }
        let dissolved = BranchEvent::Dissolved {
            effective,
            precision: self.precision,
            parent: branch.parent_on(effective),
            reason: self.reason.clone(),
            into: self.into.clone(),
        };
        decided.push(self.branch, dissolved);
        Ok(decided)
    }
}

impl DissolveBranch {
    fn end_memberships(
        &self,
        known: &Known,
        effective: Date,
        decided: &mut Decided,
    ) -> Result<(), Refusal> {
        for (id, membership) in known.members_of(self.branch) {
            let here = membership.spells().filter(|spell| spell.value == self.branch);
            for spell in here.filter(|spell| spell.reaches_beyond(effective)) {
                if let Some(later) = later_end(spell.from, spell.until, effective) {
                    return Err(Refusal::LaterChange { later });
                }
                let when = (effective, None);
                end_alone((id, membership), when, EndReason::BranchDissolved, decided)
                    .map_err(|LaterChange(later)| Refusal::LaterChange { later })?;
            }
        }
        Ok(())
    }

    /// Secondary places here, of memberships that are at home elsewhere and go on.
    fn end_places(
        &self,
        known: &Known,
        effective: Date,
        decided: &mut Decided,
    ) -> Result<(), Refusal> {
        for (id, membership) in known.members_of(self.branch) {
            let Some(person) = membership.person() else { continue };
            if membership.home_on(effective) == Some(self.branch) {
                continue;
            }
            if let Some(later) = membership.place_after(self.branch, effective) {
                return Err(Refusal::LaterChange { later });
            }
            if membership.places_on(effective).any(|at| at == self.branch) {
                let (precision, branch) = (None, self.branch);
                let ended =
                    MembershipEvent::SecondaryPlaceEnded { effective, precision, person, branch };
                decided.push(id, ended);
            }
        }
        Ok(())
    }

    fn lift_children(
        &self,
        known: &Known,
        effective: Date,
        decided: &mut Decided,
    ) -> Result<(), Refusal> {
        for (id, child) in known.children_of(self.branch) {
            let under = child.parents().filter(|spell| spell.value == Some(self.branch));
            for spell in under.filter(|spell| spell.reaches_beyond(effective)) {
                if let Some(later) = later_end(spell.from, spell.until, effective) {
                    return Err(Refusal::LaterChange { later });
                }
                let from = Some(self.branch);
                decided.push(id, BranchEvent::Moved { effective, precision: None, from, to: None });
            }
        }
        Ok(())
    }
}

impl DissolveBranch {
    fn close_cases(
        &self,
        known: &Known,
        effective: Date,
        decided: &mut Decided,
    ) -> Result<(), Refusal> {
        for (id, standing) in open_at(known, self.branch, effective)? {
            let (case, reason) = (standing.case, ClosedBecause::BranchDissolved);
            decided.push(id, TransferEvent::Closed { effective, precision: None, case, reason });
        }
        Ok(())
    }
}

/// Where a branch dissolves only when it is empty, whatever would have to end forbids it.
fn refuse_what_is_left(branch: &Branch, decided: &Decided) -> Result<(), Refusal> {
    let of = |family| decided.events.iter().filter(|(stream, _)| stream.family == family).count();
    let ends = |event: &Event| matches!(event, Event::Membership(MembershipEvent::Ended { .. }));
    let branch = code_of(branch);
    match (
        decided.events.iter().filter(|(_, event)| ends(event)).count(),
        of(events::FamilyName::Branch),
        of(events::FamilyName::Post),
        of(events::FamilyName::Relation),
        of(events::FamilyName::Transfer),
    ) {
        (0, 0, 0, 0, 0) => Ok(()),
        (0, 0, 0, 0, cases) => Err(Refusal::CasesLeft { branch, cases }),
        (0, 0, 0, relations, _) => Err(Refusal::RelationsLeft { branch, relations }),
        (0, 0, posts, ..) => Err(Refusal::PostsHeld { branch, posts }),
        (0, children, ..) => Err(Refusal::ChildrenLeft { branch, children }),
        (members, ..) => Err(Refusal::MembersLeft { branch, members }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn dissolve() -> DissolveBranch {
        DissolveBranch {
            branch: NORTH,
            into: vec![],
            reason: None,
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn an_empty_branch_dissolves() {
        given([formed(NORTH, 1)]).when(dissolve()).then([dissolved(NORTH, 10)]);
        given([
            formed(NORTH, 1),
            registered(ANN),
            admitted(ANN, NORTH, 2, M1),
            left(ANN, NORTH, 10, M1),
        ])
        .when(dissolve())
        .then([dissolved(NORTH, 10)]);
    }

    #[test]
    fn the_same_dissolution_again_is_already_so_and_another_day_is_refused() {
        given([formed(NORTH, 1), dissolved(NORTH, 10)]).when(dissolve()).then([]);
        given([formed(NORTH, 1), dissolved(NORTH, 5)])
            .when(dissolve())
            .then_refused(Refusal::AlreadyDissolved { branch: "north".into(), dissolved: day(5) });
        for other in [
            DissolveBranch { into: vec![SOUTH], ..dissolve() },
            DissolveBranch { reason: Some(Code::parse("firm_closed").unwrap()), ..dissolve() },
        ] {
            given([formed(NORTH, 1), formed(SOUTH, 1), dissolved(NORTH, 10)])
                .when(other)
                .then_refused(Refusal::AlreadyDissolved {
                    branch: "north".into(),
                    dissolved: day(10),
                });
        }
    }

    #[test]
    fn what_is_left_forbids_it_or_ends_with_it_as_the_rules_say() {
        let full = [
            registered(ANN),
            formed(NORTH, 1),
            formed_under(SOUTH, "south", 1, NORTH),
            admitted(ANN, NORTH, 2, M1),
            took(ANN, NORTH, "secretary", 3, P1),
        ];
        given(full.clone())
            .when(dissolve())
            .then_refused(Refusal::MembersLeft { branch: "north".into(), members: 1 });
        given(full).under("association").when(dissolve()).then([
            lost_with_branch(ANN, NORTH, "secretary", 10, P1),
            ended_with_branch(ANN, NORTH, 10, M1),
            moved(SOUTH, Some(NORTH), None, 10),
            dissolved(NORTH, 10),
        ]);
        given([formed(NORTH, 1), formed_under(SOUTH, "south", 1, NORTH)])
            .when(dissolve())
            .then_refused(Refusal::ChildrenLeft { branch: "north".into(), children: 1 });
        given([registered(ANN), formed(NORTH, 1), took(ANN, NORTH, "secretary", 3, P1)])
            .when(dissolve())
            .then_refused(Refusal::PostsHeld { branch: "north".into(), posts: 1 });
        let related = [formed(NORTH, 1), host(SUN, 1), guided(SUN, NORTH, 2, R1)];
        given(related.clone())
            .when(dissolve())
            .then_refused(Refusal::RelationsLeft { branch: "north".into(), relations: 1 });
        given(related)
            .under("association")
            .when(dissolve())
            .then([unguided(SUN, NORTH, 10, R1), dissolved(NORTH, 10)]);
    }

    #[test]
    fn open_transfers_forbid_it_or_become_moot_as_the_rules_say() {
        let to_south = DissolveBranch { branch: SOUTH, ..dissolve() };
        given(underway())
            .when(to_south.clone())
            .then_refused(Refusal::CasesLeft { branch: "south".into(), cases: 1 });
        let moot = closed(ClosedBecause::BranchDissolved, 10);
        given(underway()).under("association").when(to_south).then([moot, dissolved(SOUTH, 10)]);
        given(underway())
            .and([diverted(8)])
            .when(DissolveBranch { branch: SOUTH, ..dissolve() })
            .then([dissolved(SOUTH, 10)]);
        for later in [diverted(12), withdrawn(12)] {
            given(underway())
                .and([later])
                .when(DissolveBranch { branch: SOUTH, ..dissolve() })
                .then_refused(Refusal::LaterChange { later: day(12) });
        }
    }

    #[test]
    fn places_elsewhere_end_with_the_membership_and_those_here_with_the_branch() {
        let here = [registered(ANN), formed(NORTH, 1), formed(SOUTH, 1)];
        let here = [&here[..], &[admitted(ANN, NORTH, 2, M1), placed(4, SOUTH)]].concat();
        given(here.clone()).under("association").when(dissolve()).then([
            unplaced(10, SOUTH),
            ended_with_branch(ANN, NORTH, 10, M1),
            dissolved(NORTH, 10),
        ]);
        given(here.clone())
            .when(DissolveBranch { branch: SOUTH, ..dissolve() })
            .then([unplaced(10, SOUTH), dissolved(SOUTH, 10)]);
        given(here)
            .and([unplaced(12, SOUTH)])
            .under("association")
            .when(dissolve())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }

    #[test]
    fn its_hosts_are_detached_with_it() {
        let mode = events::branch::FormationMode::Standalone;
        given([formed(NORTH, 1), host(SUN, 1), attached(NORTH, SUN, mode, 2)])
            .when(dissolve())
            .then([detached(NORTH, SUN, 10), dissolved(NORTH, 10)]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([]).when(dissolve()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20)])
            .when(dissolve())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([formed(NORTH, 1)])
            .when(DissolveBranch { into: vec![SOUTH], ..dissolve() })
            .then_refused(Refusal::SuccessorUnknown { branch: SOUTH });
        given([formed(NORTH, 1), renamed(NORTH, "Far North", 12)])
            .when(dissolve())
            .then_refused(Refusal::LaterChange { later: day(12) });
        given([
            formed(NORTH, 1),
            registered(ANN),
            admitted(ANN, NORTH, 2, M1),
            left(ANN, NORTH, 15, M1),
        ])
        .when(dissolve())
        .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
