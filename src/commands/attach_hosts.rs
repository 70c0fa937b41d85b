//! Attach hosts to a branch.

use std::collections::BTreeMap;

use events::branch::{FormationMode, Rank};
use events::{BranchEvent, BranchId, Date, Guard, HostId, Precision};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::phase::takes_in;
use super::refusal::refusals;
use super::shared::{MODES, UnfitMode, code_of, fits, from_formation, host_code, operating};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;
use crate::state::branch::Covering;

/// Attach hosts to a branch, which covers them from then on, and say how it is formed over them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachHosts {
    /// Which branch.
    pub branch: BranchId,
    /// Which hosts, beside those that it covers already.
    pub hosts: Vec<HostId>,
    /// How the branch is formed over all its hosts from then on.
    pub mode: FormationMode,
    /// Whether it is the branch that counts for them.
    #[serde(default = "rank_default")]
    pub rank: Rank,
    /// From when it covers them.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

fn rank_default() -> Rank {
    Rank::Primary
}

refusals! {
    /// Why the attachment of hosts is refused.
    AttachHostsRefusal {
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
        /// No host has that id.
        HostUnknown("host_unknown") { host: HostId },
        /// A host was registered later.
        HostNotYet("host_not_yet") { host: String, registered: Date },
        /// A host is closed, or will be.
        HostClosed("host_closed") { host: String, closed: Date },
        /// A later change of the hosts of the branch is recorded.
        LaterChange("later_change") { later: Date },
        /// A branch that stands alone has one host, no more and no fewer.
        StandsAlone("stands_alone") { branch: String, hosts: usize },
        /// A joint branch has two hosts at least.
        JointNeedsTwo("joint_needs_two") { branch: String, hosts: usize },
        /// A joint branch would have more hosts than the rules allow.
        TooManyHosts("too_many_hosts") { branch: String, hosts: usize, hosts_max: u32 },
        /// Another branch counts for a host, now or later.
        CoveredByAnother("covered_by_another") { host: String, other: String, since: Date },
    }
}

use AttachHostsRefusal as Refusal;

impl From<UnfitMode> for Refusal {
    fn from(unfit: UnfitMode) -> Self {
        match unfit {
            UnfitMode::StandsAlone { branch, hosts } => Self::StandsAlone { branch, hosts },
            UnfitMode::JointNeedsTwo { branch, hosts } => Self::JointNeedsTwo { branch, hosts },
            UnfitMode::TooManyHosts { branch, hosts, hosts_max } => {
                Self::TooManyHosts { branch, hosts, hosts_max }
            }
        }
    }
}

impl Decide for AttachHosts {
    const NAME: &'static str = "attach-hosts";
    const FIELDS: &'static [Field] = &[
        required("branch", FieldKind::Branch),
        required("hosts", FieldKind::Hosts),
        required("mode", FieldKind::Choice(MODES)),
        optional("rank", FieldKind::Choice(&["primary", "secondary"])),
        EFFECTIVE,
    ];
    type Refusal = AttachHostsRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, _: &Known) -> Vec<Guard> {
        let mut guards = vec![Guard::Branch(self.branch)];
        for host in &self.hosts {
            guards.extend([Guard::Host(*host), Guard::BranchesOver(*host)]);
        }
        guards
    }

    fn decide(&self, known: &Known, _: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let id = self.branch;
        let branch = known.branch(id).ok_or(Refusal::BranchUnknown { branch: id })?;
        let rules = &known.policy(self.effective).rules;
        let mut decided = Decided::default();
        let effective = from_formation(branch, self.effective, rules, &mut decided)?;
        let code = code_of(branch);
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code, dissolved });
        }
        takes_in(branch, effective)?;
        let before = branch.hosts_on(effective);
        let mut after: BTreeMap<HostId, Covering> = before.clone();
        for host in &self.hosts {
            operating(known, *host, effective)?;
            after.insert(*host, Covering { mode: self.mode, rank: self.rank });
        }
        after.values_mut().for_each(|covering| covering.mode = self.mode);
        if after == before {
            return Ok(Decided::already_so());
        }
        if let Some(later) = branch.hosts_change_after(effective) {
            return Err(Refusal::LaterChange { later });
        }
        fits(self.mode, after.len(), &code, &rules.coverage)?;
        if self.rank == Rank::Primary {
            self.refuse_another(known, effective)?;
        }
        for (host, Covering { mode, rank }) in after {
            if before.get(&host) != Some(&Covering { mode, rank }) {
                let precision = self.precision;
                let attached = BranchEvent::HostAttached { effective, precision, host, mode, rank };
                decided.push(id, attached);
            }
        }
        Ok(decided)
    }
}

impl AttachHosts {
    /// A host has one branch that counts for it, at every moment from that day on.
    fn refuse_another(&self, known: &Known, effective: Date) -> Result<(), Refusal> {
        for host in &self.hosts {
            let others = known.branches_over(*host).filter(|(other, _)| *other != self.branch);
            for (_, branch) in others {
                if let Some(since) = branch.primary_beyond(*host, effective) {
                    let host = known.host(*host).map(host_code).unwrap_or_default();
                    let other = code_of(branch);
                    return Err(Refusal::CoveredByAnother { host, other, since });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    const ALONE: FormationMode = FormationMode::Standalone;
    const JOINT: FormationMode = FormationMode::ByRegion;

    fn attach(hosts: &[HostId], mode: FormationMode) -> AttachHosts {
        AttachHosts {
            branch: NORTH,
            hosts: hosts.to_vec(),
            mode,
            rank: Rank::Primary,
            effective: day(10),
            precision: None,
        }
    }

    fn north_and_hosts() -> Vec<Given> {
        vec![formed(NORTH, 1), formed(SOUTH, 1), host(SUN, 1), host(MOON, 1)]
    }

    #[test]
    fn what_is_suspended_or_wound_up_takes_nothing_in() {
        given(north_and_hosts())
            .and([branch_suspended(NORTH, 3)])
            .when(attach(&[SUN], ALONE))
            .then_refused(Refusal::BranchSuspended { branch: "north".into(), since: day(3) });
        given(north_and_hosts())
            .and([winding_up(NORTH, 3)])
            .when(attach(&[SUN], ALONE))
            .then_refused(Refusal::BranchWindingUp { branch: "north".into(), since: day(3) });
    }

    #[test]
    fn a_branch_stands_at_one_host_and_becomes_a_joint_one() {
        given(north_and_hosts())
            .when(attach(&[SUN], ALONE))
            .then([attached(NORTH, SUN, ALONE, 10)]);
        given(north_and_hosts())
            .and([attached(NORTH, SUN, ALONE, 5)])
            .when(attach(&[MOON], JOINT))
            .then([attached(NORTH, SUN, JOINT, 10), attached(NORTH, MOON, JOINT, 10)]);
        given(north_and_hosts())
            .and([attached(NORTH, SUN, ALONE, 5)])
            .when(attach(&[SUN], ALONE))
            .then([]);
    }

    #[test]
    fn the_number_of_hosts_fits_the_mode() {
        let north = || "north".to_owned();
        given(north_and_hosts())
            .when(attach(&[SUN], JOINT))
            .then_refused(Refusal::JointNeedsTwo { branch: north(), hosts: 1 });
        given(north_and_hosts())
            .when(attach(&[SUN, MOON], ALONE))
            .then_refused(Refusal::StandsAlone { branch: north(), hosts: 2 });
        let many: Vec<HostId> = (0..6).map(|n| HostId(uuid::Uuid::from_u128(0x900 + n))).collect();
        given(north_and_hosts())
            .and(many.iter().map(|id| host(*id, 1)))
            .when(attach(&many, JOINT))
            .then_refused(Refusal::TooManyHosts { branch: north(), hosts: 6, hosts_max: 5 });
    }

    #[test]
    fn one_branch_counts_for_a_host_and_others_stand_beside_it() {
        let covered = [attached(SOUTH, SUN, ALONE, 15)];
        given(north_and_hosts()).and(covered.clone()).when(attach(&[SUN], ALONE)).then_refused(
            Refusal::CoveredByAnother { host: "sun".into(), other: "south".into(), since: day(15) },
        );
        given(north_and_hosts())
            .and(covered)
            .when(AttachHosts { rank: Rank::Secondary, ..attach(&[SUN], ALONE) })
            .then([attached_beside(NORTH, SUN, ALONE, 10)]);
        given(north_and_hosts())
            .and([attached(SOUTH, SUN, ALONE, 5), detached(SOUTH, SUN, 10)])
            .when(attach(&[SUN], ALONE))
            .then([attached(NORTH, SUN, ALONE, 10)]);
    }

    #[test]
    fn refusals_come_in_order() {
        let at_sun = || attach(&[SUN], ALONE);
        given([]).when(at_sun()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20)])
            .when(at_sun())
            .then_refused(Refusal::BeforeFormation { branch: "north".into(), formed: day(20) });
        given([formed(NORTH, 1), dissolved(NORTH, 5)])
            .when(at_sun())
            .then_refused(Refusal::BranchDissolved { branch: "north".into(), dissolved: day(5) });
        given([formed(NORTH, 1)]).when(at_sun()).then_refused(Refusal::HostUnknown { host: SUN });
        given([formed(NORTH, 1), host(SUN, 20)])
            .when(at_sun())
            .then_refused(Refusal::HostNotYet { host: "sun".into(), registered: day(20) });
        given([formed(NORTH, 1), host(SUN, 1), host_closed(SUN, 5)])
            .when(at_sun())
            .then_refused(Refusal::HostClosed { host: "sun".into(), closed: day(5) });
        given(north_and_hosts())
            .and([attached(NORTH, MOON, ALONE, 12)])
            .when(at_sun())
            .then_refused(Refusal::LaterChange { later: day(12) });
    }
}
