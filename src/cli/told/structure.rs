//! What happens to branches, posts and plans, as sentences.

use events::post::LeaveReason;
use events::reorganisation::Plan;
use events::{BranchEvent, BranchId, Code, PostEvent, ReorganisationEvent, StreamId};

use super::Teller;
use crate::cli::output::Output;

impl Teller {
    pub(super) fn branch_args(
        &self,
        output: &Output<'_>,
        stream: StreamId,
        event: &BranchEvent,
    ) -> Vec<(&'static str, String)> {
        let own = self.body(&stream.id.to_string());
        let under = |id: &Option<BranchId>| {
            id.as_ref().map_or_else(|| output.text("top-level", &[]), |id| self.branch(id))
        };
        let all = |ids: &[BranchId]| self.all(output, ids);
        match event {
            BranchEvent::Formed { code, name, parent, formed_from, .. } => vec![
                ("branch", code.to_string()),
                ("name", name.to_string()),
                ("parent", under(parent)),
                ("origins", all(formed_from)),
            ],
            BranchEvent::Proposed { code, name, parent, .. } => vec![
                ("branch", code.to_string()),
                ("name", name.to_string()),
                ("parent", under(parent)),
            ],
            BranchEvent::Renamed { name, .. } => {
                vec![("branch", own), ("name", name.to_string())]
            }
            BranchEvent::Moved { from, to, .. } => {
                vec![("branch", own), ("from", under(from)), ("to", under(to))]
            }
            BranchEvent::Dissolved { into, .. } => {
                vec![("branch", own), ("into", all(into))]
            }
            BranchEvent::HostAttached { host, mode, .. } => vec![
                ("branch", own),
                ("host", self.body(&host.to_string())),
                ("mode", output.text(&format!("mode-{}", mode.code()), &[])),
            ],
            BranchEvent::HostDetached { host, .. } => {
                vec![("branch", own), ("host", self.body(&host.to_string()))]
            }
            BranchEvent::Rejected { reason, .. }
            | BranchEvent::Suspended { reason, .. }
            | BranchEvent::WindingUpStarted { reason, .. } => {
                vec![("branch", own), ("reason", because(reason))]
            }
            BranchEvent::Approved { .. }
            | BranchEvent::Resumed { .. }
            | BranchEvent::WindingUpAbandoned { .. } => vec![("branch", own)],
            BranchEvent::KindChanged { from, to, .. } => {
                vec![("branch", own), ("from", from.to_string()), ("to", to.to_string())]
            }
            BranchEvent::ReFormed { successor_of, .. } => {
                vec![("branch", own), ("former", self.branch(successor_of))]
            }
        }
    }

    pub(super) fn post_args(
        &self,
        output: &Output<'_>,
        event: &PostEvent,
    ) -> Vec<(&'static str, String)> {
        let (branch, role, person) = event.seat();
        let mut args = vec![
            ("person", self.person(output, &person)),
            ("branch", self.branch(&branch)),
            ("role", role.to_string()),
        ];
        match event {
            PostEvent::Taken { .. } | PostEvent::ActingNamed { .. } => {}
            PostEvent::Left { reason, .. } | PostEvent::ActingEnded { reason, .. } => {
                let why = leave_reason(*reason);
                args.push(("why", why.to_owned()));
                args.push(("reason", output.text(&format!("reason-{why}"), &[])));
            }
            PostEvent::TermSet { mode, term_until, .. } => {
                args.push(("mode", output.text(&format!("holding-{}", mode.code()), &[])));
                let until = term_until.map_or_else(|| "none".to_owned(), |until| until.to_string());
                args.push(("until", until));
            }
        }
        args
    }

    pub(super) fn reorganisation_args(
        &self,
        output: &Output<'_>,
        event: &ReorganisationEvent,
    ) -> Vec<(&'static str, String)> {
        match event {
            ReorganisationEvent::Planned { plan, .. } => self.plan_args(output, plan),
            ReorganisationEvent::Withdrawn { reason, .. } => vec![("reason", because(reason))],
            ReorganisationEvent::Approved { .. } | ReorganisationEvent::Executed { .. } => {
                Vec::new()
            }
        }
    }

    fn plan_args(&self, output: &Output<'_>, plan: &Plan) -> Vec<(&'static str, String)> {
        let new = |id: BranchId| plan.forms.iter().find(|new| new.branch == id);
        let rest = plan
            .rest
            .map(|id| new(id).map_or_else(|| self.branch(&id), |new| new.code.to_string()));
        vec![
            ("form", output.text(&format!("plan-{}", plan.form.code()), &[])),
            ("sources", self.all(output, &plan.sources)),
            ("rest", rest.unwrap_or_else(|| output.text("top-level", &[]))),
            ("members", plan.members.len().to_string()),
            ("cases", plan.cases.len().to_string()),
        ]
    }
}

/// A reason for a sentence to choose by; `none` where none was given.
fn because(reason: &Option<Code>) -> String {
    reason.as_ref().map_or_else(|| "none".to_owned(), Code::to_string)
}

fn leave_reason(reason: LeaveReason) -> &'static str {
    match reason {
        LeaveReason::Left => "left",
        LeaveReason::HomeEnded => "home_ended",
        LeaveReason::NotFull => "not_full",
        LeaveReason::BranchDissolved => "branch_dissolved",
        LeaveReason::Succeeded => "succeeded",
        LeaveReason::Died => "died",
    }
}
