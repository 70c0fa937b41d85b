//! End the time of whoever acts in a post.

use events::post::LeaveReason;
use events::{BranchId, Code, Date, Guard, PersonId, PostEvent, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::{code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// End the time of whoever acts in a post: it is vacant then.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndActing {
    /// Who acts.
    pub person: PersonId,
    /// Where the post is.
    pub branch: BranchId,
    /// Which post.
    pub role: Code,
    /// The first day on which they act no longer.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it does not end.
    EndActingRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The person does not act in the post on that day.
        NotActing("not_acting") { person: PersonId, role: Code, branch: String, effective: Date },
        /// A later end is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use EndActingRefusal as Refusal;

impl Decide for EndActing {
    const NAME: &'static str = "end-acting";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        required("branch", FieldKind::Branch),
        required("role", FieldKind::Text),
        EFFECTIVE,
    ];
    type Refusal = EndActingRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::Branch(self.branch), Guard::PostsAt(self.branch)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, branch: place, precision, .. } = *self;
        let branch = known.branch(place).ok_or(Refusal::BranchUnknown { branch: place })?;
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        let post = known.posts_at(place).find(|(_, post)| post.is_called(&self.role));
        let acting = post.into_iter().flat_map(|(id, post)| post.acting().map(move |it| (id, it)));
        let own: Vec<_> = acting.filter(|(_, spell)| spell.value == person).collect();
        let Some((id, spell)) = own.iter().find(|(_, spell)| spell.covers(effective)) else {
            if own.iter().any(|(_, spell)| spell.until == Some(effective)) {
                return Ok(Decided::already_so());
            }
            let (role, branch) = (self.role.clone(), code_of(branch));
            return Err(Refusal::NotActing { person, role, branch, effective });
        };
        if let Some(later) = spell.until {
            return Err(Refusal::LaterChange { later });
        }
        let (branch, role, reason) = (place, self.role.clone(), LeaveReason::Left);
        let ended = PostEvent::ActingEnded { effective, precision, branch, role, person, reason };
        decided.push(*id, ended);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn end() -> EndActing {
        let role = code("secretary");
        EndActing { person: BOB, branch: NORTH, role, effective: day(10), precision: None }
    }

    fn over(on: i8) -> Given {
        acts_no_more(BOB, (NORTH, "secretary"), (on, LeaveReason::Left), P1)
    }

    #[test]
    fn whoever_acts_does_so_no_longer() {
        let past = [formed(NORTH, 1), acts(BOB, NORTH, "secretary", 5, P1)];
        given(past.clone()).when(end()).then([over(10)]);
        given(past).and([over(10)]).when(end()).then([]);
    }

    #[test]
    fn refusals_come_in_order() {
        given([]).when(end()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20)])
            .when(end())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([formed(NORTH, 1)]).when(end()).then_refused(Refusal::NotActing {
            person: BOB,
            role: code("secretary"),
            branch: "north".into(),
            effective: day(10),
        });
        given([formed(NORTH, 1), acts(BOB, NORTH, "secretary", 5, P1), over(12)])
            .when(end())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }
}
