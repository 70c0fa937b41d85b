//! Detach hosts from a branch.

use events::branch::FormationMode;
use events::{BranchEvent, BranchId, Date, Guard, HostId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::refusal::refusals;
use super::shared::{MODES, UnfitMode, code_of, fits, from_formation, host_code};
use super::{Decide, Decided, Field, FieldKind, Note, Setting};
use crate::state::Known;

/// Detach hosts from a branch, and say how it is formed over the others if that changes. Its
/// members stay.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetachHosts {
    /// Which branch.
    pub branch: BranchId,
    /// Which hosts.
    pub hosts: Vec<HostId>,
    /// How the branch is formed over the others from then on; as before when absent.
    #[serde(default)]
    pub mode: Option<FormationMode>,
    /// The first day on which it does not cover them.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

refusals! {
    /// Why the detachment of hosts is refused.
    DetachHostsRefusal {
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// The branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// The branch does not cover a host on that day.
        NotCovered("not_covered") { branch: String, host: String, effective: Date },
        /// A later change of the hosts of the branch is recorded.
        LaterChange("later_change") { later: Date },
        /// A branch that stands alone has one host, no more and no fewer.
        StandsAlone("stands_alone") { branch: String, hosts: usize },
        /// A joint branch has two hosts at least.
        JointNeedsTwo("joint_needs_two") { branch: String, hosts: usize },
    }
}

use DetachHostsRefusal as Refusal;

impl From<UnfitMode> for Refusal {
    fn from(unfit: UnfitMode) -> Self {
        match unfit {
            UnfitMode::StandsAlone { branch, hosts } => Self::StandsAlone { branch, hosts },
            // With fewer hosts than before there are not too many.
            UnfitMode::JointNeedsTwo { branch, hosts }
            | UnfitMode::TooManyHosts { branch, hosts, .. } => {
                Self::JointNeedsTwo { branch, hosts }
            }
        }
    }
}

impl Decide for DetachHosts {
    const NAME: &'static str = "detach-hosts";
    const FIELDS: &'static [Field] = &[
        required("branch", FieldKind::Branch),
        required("hosts", FieldKind::Hosts),
        optional("mode", FieldKind::Choice(MODES)),
        EFFECTIVE,
    ];
    type Refusal = DetachHostsRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        let hosts = self.hosts.iter().copied().map(Guard::Host);
        hosts.chain([Guard::Branch(self.branch)]).collect()
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let id = self.branch;
        let branch = known.branch(id).ok_or(Refusal::BranchUnknown { branch: id })?;
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        if self.hosts.iter().all(|host| branch.detached(*host) == Some(effective)) {
            return Ok(Decided::already_so());
        }
        let mut rest = branch.hosts_on(effective);
        for host in &self.hosts {
            if rest.remove(host).is_none() {
                let host = known.host(*host).map_or_else(|| host.to_string(), host_code);
                let branch = code_of(branch);
                return Err(Refusal::NotCovered { branch, host, effective });
            }
        }
        if let Some(later) = branch.hosts_change_after(effective) {
            return Err(Refusal::LaterChange { later });
        }
        let precision = self.precision;
        for host in &self.hosts {
            decided.push(id, BranchEvent::HostDetached { effective, precision, host: *host });
        }
        if let Some(mode) = self.mode {
            fits(mode, rest.len(), &code_of(branch), &rules.coverage)?;
            for (host, covering) in rest.iter().filter(|(_, covering)| covering.mode != mode) {
                let (host, rank) = (*host, covering.rank);
                let attached = BranchEvent::HostAttached { effective, precision, host, mode, rank };
                decided.push(id, attached);
            }
        } else if rest.len() == 1 && rest.values().all(|covering| covering.mode.is_joint()) {
            decided.notes.push(Note::change_of_mode_due(code_of(branch)));
        }
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    const ALONE: FormationMode = FormationMode::Standalone;
    const JOINT: FormationMode = FormationMode::ByRegion;

    fn detach() -> DetachHosts {
        DetachHosts {
            branch: NORTH,
            hosts: vec![SUN],
            mode: None,
            effective: day(10),
            precision: None,
        }
    }

    fn joint() -> Vec<Given> {
        vec![
            formed(NORTH, 1),
            host(SUN, 1),
            host(MOON, 1),
            attached(NORTH, SUN, JOINT, 5),
            attached(NORTH, MOON, JOINT, 5),
        ]
    }

    #[test]
    fn a_joint_branch_loses_a_host_and_a_change_of_mode_falls_due() {
        given(joint())
            .when(detach())
            .then_noting(["change_of_mode_due"], [detached(NORTH, SUN, 10)]);
        given(joint()).and([detached(NORTH, SUN, 10)]).when(detach()).then([]);
    }

    #[test]
    fn the_mode_may_change_at_once() {
        given(joint())
            .when(DetachHosts { mode: Some(ALONE), ..detach() })
            .then([detached(NORTH, SUN, 10), attached(NORTH, MOON, ALONE, 10)]);
        given(joint())
            .when(DetachHosts { mode: Some(JOINT), ..detach() })
            .then_refused(Refusal::JointNeedsTwo { branch: "north".into(), hosts: 1 });
        given(joint())
            .when(DetachHosts { hosts: vec![SUN, MOON], mode: Some(ALONE), ..detach() })
            .then_refused(Refusal::StandsAlone { branch: "north".into(), hosts: 0 });
    }

    #[test]
    fn refusals_come_in_order() {
        given([]).when(detach()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20)])
            .when(detach())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([formed(NORTH, 1), host(SUN, 1)]).when(detach()).then_refused(Refusal::NotCovered {
            branch: "north".into(),
            host: "sun".into(),
            effective: day(10),
        });
        given(joint())
            .and([attached(NORTH, SUN, JOINT, 15)])
            .when(detach())
            .then_refused(Refusal::LaterChange { later: day(15) });
    }
}
