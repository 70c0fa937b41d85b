//! Register that a member is away for long.

use events::{BranchId, Code, Date, Guard, MembershipEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::code_of;
use super::shared::life::open_membership;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::membership::Mobility;

/// Register that a member is away for long; the relation stays where it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterMobility {
    /// Whose membership.
    pub person: PersonId,
    /// Where the member is, as a code of the body's own.
    #[serde(default)]
    pub place: Option<Code>,
    /// The branch that looks after the member there.
    #[serde(default)]
    pub branch: Option<BranchId>,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    RegisterMobilityRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// A later change of the same is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use RegisterMobilityRefusal as Refusal;

impl Decide for RegisterMobility {
    const NAME: &'static str = "register-mobility";
    const FIELDS: &'static [Field] = &[
        required("person", FieldKind::Person),
        optional("place", FieldKind::Text),
        optional("branch", FieldKind::Branch),
        EFFECTIVE,
    ];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::MembershipsOf(self.person)]
            .into_iter()
            .chain(self.branch.map(Guard::Branch))
            .collect()
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, place, branch, effective, precision } = self.clone();
        let (id, membership) = open_membership(known, person, effective)?;
        if let Some(branch) = self.branch {
            let branch = known.branch(branch).ok_or(Refusal::BranchUnknown { branch })?;
            let formed = branch.formed().filter(|formed| *formed > effective);
            if let Some(formed) = formed {
                return Err(Refusal::BeforeFormation { branch: code_of(branch), formed });
            }
            if let Some(dissolved) = branch.dissolved() {
                return Err(Refusal::BranchDissolved { branch: code_of(branch), dissolved });
            }
        }
        let mobility = Mobility { place, branch };
        if membership.mobility_on(effective) == Some(&mobility) {
            return Ok(Decided::already_so());
        }
        if let Some(later) = membership.mobility_after(effective) {
            return Err(Refusal::LaterChange { later });
        }
        let Mobility { place, branch } = mobility;
        let mut decided = Decided::default();
        let away =
            MembershipEvent::MobilityRegistered { effective, precision, person, place, branch };
        decided.push(id, away);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> RegisterMobility {
        RegisterMobility {
            person: ANN,
            place: None,
            branch: Some(SOUTH),
            effective: day(10),
            precision: None,
        }
    }

    #[test]
    fn a_member_is_away_and_stays_at_home() {
        let elsewhere = RegisterMobility { place: Some(code("basel")), branch: None, ..it() };
        given(ann_in_north()).when(it()).then([away(10, None, Some(SOUTH))]);
        given(ann_in_north()).and([away(8, None, Some(SOUTH))]).when(it()).then([]);
        given(ann_in_north()).and([away(8, None, Some(SOUTH))]).when(elsewhere).then([away(
            10,
            Some("basel"),
            None,
        )]);
    }

    #[test]
    fn refusals_come_in_order() {
        let (person, effective) = (ANN, day(10));
        given([registered(ANN)])
            .when(it())
            .then_refused(Refusal::NoMembership { person, effective });
        given([
            registered(ANN),
            formed(NORTH, 1),
            formed(SOUTH, 1),
            admitted(ANN, NORTH, 2, M1),
            admitted(ANN, SOUTH, 2, M2),
        ])
        .when(it())
        .then_refused(Refusal::SeveralMemberships { person, effective });
        let alone = [registered(ANN), formed(NORTH, 1), admitted(ANN, NORTH, 5, M1)];
        given(alone.clone()).when(it()).then_refused(Refusal::BranchUnknown { branch: SOUTH });
        given(alone.clone())
            .and([formed(SOUTH, 20)])
            .when(it())
            .then_refused(Refusal::BeforeFormation { branch: "south".into(), formed: day(20) });
        given(ann_in_north())
            .and([dissolved(SOUTH, 20)])
            .when(it())
            .then_refused(Refusal::BranchDissolved { branch: "south".into(), dissolved: day(20) });
        given(ann_in_north())
            .and([away(15, None, None)])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
