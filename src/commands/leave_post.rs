//! Leave a post.

use events::post::LeaveReason;
use events::{BranchId, Code, Date, Guard, PersonId, PostEvent, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Leave a post at a branch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeavePost {
    /// Who leaves it.
    pub person: PersonId,
    /// Where it is.
    pub branch: BranchId,
    /// Which post.
    pub role: Code,
    /// The first day without it.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the leaving of a post is refused.
    LeavePostRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The person does not hold the post on that day.
        NotHeld("not_held") { person: PersonId, role: Code, branch: String, effective: Date },
        /// A later change of that holder is recorded.
        LaterChange("later_change") { later: Date },
    }
}

impl Decide for LeavePost {
    const NAME: &'static str = "leave-post";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("branch", FieldKind::Branch),
        required("role", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = LeavePostRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::Branch(self.branch), Guard::PostsAt(self.branch)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, LeavePostRefusal> {
        use LeavePostRefusal as Refusal;
        let Self { person, branch: place, precision, .. } = *self;
        let branch = known.branch(place).ok_or(Refusal::BranchUnknown { branch: place })?;
        let code = code_of(branch);
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        let not_held =
            Refusal::NotHeld { person, role: self.role.clone(), branch: code, effective };
        let mut posts = known.posts_at(place);
        let (id, post) =
            posts.find(|(_, post)| post.is_called(&self.role)).ok_or(not_held.clone())?;
        let own = |spell: &crate::state::Spell<PersonId>| spell.value == person;
        let Some(spell) = post.spells().filter(own).find(|spell| spell.covers(effective)) else {
            let so = post.spells().filter(own).any(|spell| spell.until == Some(effective));
            return if so { Ok(Decided::already_so()) } else { Err(not_held) };
        };
        if let Some(later) = post.later_change(&spell, effective) {
            return Err(Refusal::LaterChange { later });
        }
        let (role, reason) = (self.role.clone(), LeaveReason::Left);
        let branch = place;
        decided.push(id, PostEvent::Left { effective, precision, branch, role, person, reason });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn leave() -> LeavePost {
        LeavePost {
            person: ANN,
            branch: NORTH,
            role: Code::parse("secretary").unwrap(),
            effective: day(10),
            precision: None,
        }
    }

    fn ann_is_secretary() -> Vec<Given> {
        vec![registered(ANN), formed(NORTH, 1), took(ANN, NORTH, "secretary", 5, P1)]
    }

    #[test]
    fn leaves_the_post_vacant() {
        given(ann_is_secretary()).when(leave()).then([laid_down(ANN, NORTH, "secretary", 10, P1)]);
    }

    #[test]
    fn the_same_leaving_again_is_already_so() {
        given(ann_is_secretary())
            .and([laid_down(ANN, NORTH, "secretary", 10, P1)])
            .when(leave())
            .then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        use LeavePostRefusal as Refusal;
        given([]).when(leave()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20)])
            .when(leave())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([registered(ANN), formed(NORTH, 1)]).when(leave()).then_refused(Refusal::NotHeld {
            person: ANN,
            role: Code::parse("secretary").unwrap(),
            branch: "north".into(),
            effective: day(10),
        });
        given(ann_is_secretary())
            .and([laid_down(ANN, NORTH, "secretary", 12, P1)])
            .when(leave())
            .then_refused(Refusal::LaterChange { later: day(12) });
        given(ann_is_secretary())
            .and([serves(ANN, (NORTH, "secretary"), (12, None), P1)])
            .when(leave())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }
}
