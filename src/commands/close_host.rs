//! Close a host.

use events::{Code, Date, Guard, HostEvent, HostId, Party, Precision, RelationEvent};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::host_code;
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Close a host. Its employments and relations end with it; a branch over it stays, and is shown
/// as one whose host is gone until it is detached.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseHost {
    /// Which host.
    pub host: HostId,
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
    /// Why the closing of a host is refused.
    CloseHostRefusal {
        /// No host has that id.
        HostMissing("host_unknown") { host: HostId },
        /// The host is closed on another day, or for another reason, already.
        AlreadyClosed("already_closed") { host: String, closed: Date },
        /// The host was registered later.
        ClosesBeforeOpening("host_not_yet") { host: String, registered: Date },
        /// A later change of the host, its staff or its relations is recorded.
        LaterChange("later_change") { later: Date },
    }
}

use CloseHostRefusal as Refusal;

impl Decide for CloseHost {
    const NAME: &'static str = "close-host";
    const FIELDS: &'static [Field] =
        &[required("host", FieldKind::Host), optional("reason", FieldKind::Text), EFFECTIVE];
    type Refusal = CloseHostRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        vec![Guard::Host(self.host), Guard::RelationsOf(Party::Host(self.host))]
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let (id, effective) = (self.host, self.effective);
        let host = known.host(id).ok_or(Refusal::HostMissing { host: id })?;
        if let Some(closed) = host.closed() {
            let reason = self.reason.as_ref();
            if closed == effective && (reason.is_none() || host.closed_because() == reason) {
                return Ok(Decided::already_so());
            }
            return Err(Refusal::AlreadyClosed { host: host_code(host), closed });
        }
        if let Some(registered) = host.registered().filter(|registered| *registered > effective) {
            return Err(Refusal::ClosesBeforeOpening { host: host_code(host), registered });
        }
        let relations = || known.relations_of(Party::Host(id));
        let changes = relations().filter_map(|(_, _, relation)| Some(relation.latest()?.1));
        let latest = changes.chain(host.last_change()).max();
        if let Some(later) = latest.filter(|latest| *latest > effective) {
            return Err(Refusal::LaterChange { later });
        }
        let mut decided = Decided::default();
        for person in host.employed_beyond(effective) {
            let ended = HostEvent::EmploymentEnded { effective, precision: None, person };
            decided.push(id, ended);
        }
        for (relation_id, ends, _) in relations().filter(|(_, _, relation)| relation.is_open()) {
            let ended = RelationEvent::Ended {
                effective,
                precision: None,
                relation: ends.relation,
                from: ends.from,
                to: ends.to,
                reason: None,
            };
            decided.push(relation_id, ended);
        }
        let (precision, reason) = (self.precision, self.reason.clone());
        decided.push(id, HostEvent::Closed { effective, precision, reason });
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn close() -> CloseHost {
        CloseHost { host: SUN, reason: None, effective: day(10), precision: None }
    }

    #[test]
    fn closes_a_host_with_its_employments_and_relations() {
        given([
            registered(ANN),
            formed(NORTH, 1),
            host(SUN, 1),
            employed(ANN, SUN, 3),
            guided(SUN, NORTH, 4, R1),
        ])
        .when(close())
        .then([
            unemployed(ANN, SUN, 10),
            unguided(SUN, NORTH, 10, R1),
            host_closed(SUN, 10),
        ]);
    }

    #[test]
    fn the_same_closing_again_is_already_so_and_another_day_is_refused() {
        given([host(SUN, 1), host_closed(SUN, 10)]).when(close()).then([]);
        given([host(SUN, 1), host_closed(SUN, 9)])
            .when(close())
            .then_refused(Refusal::AlreadyClosed { host: "sun".into(), closed: day(9) });
    }

    #[test]
    fn a_host_that_is_not_there_or_changes_later_is_not_closed() {
        given([]).when(close()).then_refused(Refusal::HostMissing { host: SUN });
        given([host(SUN, 20)])
            .when(close())
            .then_refused(Refusal::ClosesBeforeOpening { host: "sun".into(), registered: day(20) });
        given([host(SUN, 1), host_staffed(SUN, 80, 12)])
            .when(close())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }
}
