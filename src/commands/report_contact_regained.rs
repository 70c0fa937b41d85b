//! Record that a member was found again.

use events::{Date, Guard, MembershipEvent, PersonId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, required};
use super::refusal::refusals;
use super::shared::life::open_membership;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Record that a member who was out of contact was found again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportContactRegained {
    /// Whose membership.
    pub person: PersonId,
    /// From when.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why it is refused.
    ReportContactRegainedRefusal {
        /// The person has no open membership on that day.
        NoMembership("no_membership") { person: PersonId, effective: Date },
        /// The person has several.
        SeveralMemberships("several_memberships") { person: PersonId, effective: Date },
        /// A later change of the same is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use ReportContactRegainedRefusal as Refusal;

impl Decide for ReportContactRegained {
    const NAME: &'static str = "report-contact-regained";
    const FIELDS: &'static [Field] = &[required("person", FieldKind::Person), EFFECTIVE];
    type Refusal = Refusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::MembershipsOf(self.person)]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let Self { person, effective, precision } = *self;
        let (id, membership) = open_membership(known, person, effective)?;
        if !membership.is_out_of_contact(effective) {
            return Ok(Decided::already_so());
        }
        if let Some(later) = membership.contact_after(effective) {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        decided.push(id, MembershipEvent::ContactRegained { effective, precision, person });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn it() -> ReportContactRegained {
        ReportContactRegained { person: ANN, effective: day(10), precision: None }
    }

    #[test]
    fn only_who_was_lost_is_found() {
        given(ann_in_north()).when(it()).then([]);
        given(ann_in_north()).and([contact_lost(8)]).when(it()).then([contact_regained(10)]);
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
        given(ann_in_north())
            .and([contact_lost(8), contact_regained(15)])
            .when(it())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
