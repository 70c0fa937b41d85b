//! Random wishes about the phases of branches, reorganisations, terms and acting holders.

use events::reorganisation::PlanForm;
use events::{BranchId, Code, PersonId, Text};
use rollbook::commands::plan_reorganisation::{BranchWish, LineWish};
use rollbook::commands::{
    AbandonWindingUp, ApproveBranch, ApprovePlan, ChangeBranchKind, DeclareSuccessor, ElectOfficer,
    EndActing, ExecutePlan, NameActing, PlanReorganisation, ProposeBranch, RejectBranch,
    RemakePlan, ResumeBranch, StartWindingUp, SuspendBranch, WithdrawPlan,
};
use rollbook::ledger::Request;

use super::dice::Dice;
use super::hosts::Cast;

const CODES: u32 = 60;
const KINDS: [&str; 3] = ["branch", "joint", "committee"];
/// Nobody of the histories, so a second person.
const SECOND: PersonId = PersonId(uuid::Uuid::from_u128(0x5ec0d));

/// What a wish about a plan needs to know of it.
pub struct Plans<'a> {
    /// The branches of which something was planned.
    pub planned: &'a [BranchId],
    /// The branches that were proposed.
    pub proposed: &'a [BranchId],
    /// The code of the other branch.
    pub code: Option<Code>,
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn new_code(dice: &mut Dice) -> Code {
    code(&format!("n{}", dice.below(CODES)))
}

pub fn wish(dice: &mut Dice, cast: Cast, plans: &Plans<'_>) -> Request {
    let Cast { branch, other, person, effective, .. } = cast;
    let (precision, reason) = (None, None);
    let planned = match dice.pick(&plans.planned[plans.planned.len().saturating_sub(3)..]) {
        Some(planned) if !dice.one_in(5) => *planned,
        Some(_) | None => branch,
    };
    let proposed = dice.pick(plans.proposed).copied().unwrap_or(branch);
    match dice.below(24) {
        0 => Request::new(propose(dice, cast)),
        1 => Request::new(ApproveBranch { branch: proposed, effective, precision }),
        2 => Request::new(RejectBranch { branch: proposed, reason, effective, precision }),
        3 | 4 => Request::new(SuspendBranch { branch, reason, effective, precision }),
        5 | 6 => Request::new(ResumeBranch { branch, effective, precision }),
        7 => Request::new(StartWindingUp { branch, reason, effective, precision }),
        8 => Request::new(AbandonWindingUp { branch, effective, precision }),
        9 => {
            let kind = code(dice.pick(&KINDS).unwrap());
            Request::new(ChangeBranchKind { branch, kind, effective, precision })
        }
        10 => {
            let successor_of = other;
            Request::new(DeclareSuccessor { branch, successor_of, effective, precision })
        }
        11..=14 => Request::new(plan(dice, cast, plans.code.clone())),
        15 => {
            let approve = ApprovePlan { branch: planned, effective, precision };
            Request { approver: Some(SECOND), ..Request::new(approve) }
        }
        16..=18 => Request::new(ExecutePlan { branch: planned, effective, precision }),
        19 => Request::new(RemakePlan { branch: planned, effective, precision }),
        20 => Request::new(WithdrawPlan { branch: planned, reason, effective, precision }),
        21 => {
            let (role, term_until) = (code("chair"), None);
            let elect = ElectOfficer { person, branch, role, term_until, effective, precision };
            Request::new(elect)
        }
        22 => {
            let role = code(dice.pick(&["chair", "clerk"]).unwrap());
            Request::new(NameActing { person, branch, role, effective, precision })
        }
        _ => {
            let role = code(dice.pick(&["chair", "clerk"]).unwrap());
            Request::new(EndActing { person, branch, role, effective, precision })
        }
    }
}

fn propose(dice: &mut Dice, Cast { other, effective, .. }: Cast) -> ProposeBranch {
    ProposeBranch {
        code: new_code(dice),
        name: Text::parse("Proposed").unwrap(),
        title: None,
        kind: None,
        parent: dice.one_in(2).then_some(other),
        by: None,
        effective,
        precision: None,
    }
}

fn plan(dice: &mut Dice, cast: Cast, other: Option<Code>) -> PlanReorganisation {
    let Cast { branch, other: second, person, effective, .. } = cast;
    let form = dice.pick(PlanForm::ALL).unwrap().1;
    let new = BranchWish {
        code: new_code(dice),
        name: Text::parse("New").unwrap(),
        kind: Some(code("branch")),
    };
    let forms = if form != PlanForm::Move && dice.one_in(2) { vec![new] } else { vec![] };
    let new = forms.first().map(|new| new.code.clone());
    let to = new.clone().or(other);
    let lines = match &to {
        Some(to) if dice.one_in(4) => vec![LineWish { person, to: to.clone() }],
        Some(_) | None => vec![],
    };
    let sources = match form {
        PlanForm::Merge | PlanForm::Move if dice.one_in(2) => vec![branch, second],
        PlanForm::Merge | PlanForm::Move | PlanForm::Split | PlanForm::Dissolution => vec![branch],
    };
    let precision = None;
    PlanReorganisation { form, sources, forms, to, lines, mode: None, effective, precision }
}
