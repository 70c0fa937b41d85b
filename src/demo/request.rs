//! From a wish to the ordinary command that says it.

use std::collections::BTreeMap;

use events::{BranchId, Code, Date, HostId, Party, PersonId, StreamId};

use super::names::letter;
use super::step::{
    Act, Body, BranchChange, BranchNo, HostChange, HostNo, LetterTurn, NewPlan, PersonNo,
    RelationTurn, Step, What,
};
use super::{Plan, date};
use crate::commands::correct_events::{Redating, Target};
use crate::commands::plan_reorganisation::{BranchWish, LineWish};
use crate::commands::{
    AcceptRelation, AcceptTransfer, AdmitMember, AnyCommand, ApprovePlan, AttachHosts, ChangeHost,
    CloseHost, CorrectEvents, DefineArea, DetachHosts, DissolveBranch, EmployMember, EndEmployment,
    EndMembership, EndRelation, ExecutePlan, FormBranch, HandOverPost, IssueTransfer, LeavePost,
    MoveBranch, PlanReorganisation, ProposeRelation, RegisterHost, RegisterPerson, ReissueTransfer,
    RenameBranch, ReturnTransfer, TakePost, TransferMember,
};

/// The post that every branch should have.
const SECRETARY: &str = "secretary";

/// Why an end is corrected.
const MISREAD: &str = "misread_paper";

/// The ids that the ledger gave to what the plan numbers.
#[derive(Debug)]
pub struct Ids {
    hosts: Vec<HostId>,
    branches: Vec<BranchId>,
    persons: Vec<PersonId>,
    /// Whose end is corrected later, and where it stands once it is recorded.
    ends: BTreeMap<PersonNo, Option<Target>>,
}

impl Ids {
    /// For a plan of which nothing is recorded yet.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let (hosts, branches, persons) = plan.numbered;
        let nil = uuid::Uuid::nil();
        let corrected = plan.steps.iter().filter_map(|step| {
            let What::Person(no, Act::CorrectEnd) = &step.what else { return None };
            Some((*no, None))
        });
        Self {
            hosts: vec![HostId(nil); hosts],
            branches: vec![BranchId(nil); branches],
            persons: vec![PersonId(nil); persons],
            ends: corrected.collect(),
        }
    }

    /// The id of a person.
    #[must_use]
    pub fn person(&self, no: PersonNo) -> PersonId {
        self.persons[no.0 as usize]
    }

    /// Keeps the id that was chosen for a person.
    pub fn meet(&mut self, no: PersonNo, id: PersonId) {
        self.persons[no.0 as usize] = id;
    }

    /// Keeps the id of what a wish brought into being: its event's stream.
    pub fn learn(&mut self, what: &What, stream: StreamId) {
        match what {
            What::Form(new) => self.branches[new.branch.0 as usize] = BranchId(stream.id),
            What::Register(new) => self.hosts[new.host.0 as usize] = HostId(stream.id),
            // What a plan forms comes first of all that its execution changes.
            What::Branch(_, BranchChange::Execute(formed)) => {
                self.branches[formed.0 as usize] = BranchId(stream.id);
            }
            What::Area(_)
            | What::Branch(..)
            | What::Host(..)
            | What::Relate(..)
            | What::Person(..) => {}
        }
    }

    /// Whose end a wish is, if it is corrected later: then the place of its event is needed.
    #[must_use]
    pub fn corrected(&self, what: &What) -> Option<PersonNo> {
        let What::Person(no, Act::End(..)) = what else { return None };
        self.ends.contains_key(no).then_some(*no)
    }

    /// Keeps where that end stands.
    pub fn stands(&mut self, no: PersonNo, target: Target) {
        self.ends.insert(no, Some(target));
    }

    fn host(&self, no: HostNo) -> HostId {
        self.hosts[no.0 as usize]
    }

    fn branch(&self, no: BranchNo) -> BranchId {
        self.branches[no.0 as usize]
    }

    fn party(&self, body: Body) -> Party {
        match body {
            Body::Branch(no) => Party::Branch(self.branch(no)),
            Body::Host(no) => Party::Host(self.host(no)),
        }
    }
}

/// The command that says a wish; everything that it names has its id.
#[must_use]
pub fn command(step: &Step, ids: &Ids) -> Box<dyn AnyCommand> {
    let (effective, precision) = (date(step.effective), None);
    match &step.what {
        What::Area(area) => {
            let (code, name) = (**area).clone();
            Box::new(DefineArea { code, name, effective, precision })
        }
        What::Form(new) => Box::new(FormBranch {
            code: new.code.clone(),
            name: new.name.clone(),
            title: None,
            kind: Some(new.kind.clone()),
            parent: new.parent.map(|no| ids.branch(no)),
            formed_from: Vec::new(),
            effective,
            precision,
        }),
        What::Register(new) => Box::new(RegisterHost {
            code: new.code.clone(),
            name: new.name.clone(),
            kind: new.kind.clone(),
            ownership: new.ownership.clone(),
            staff: new.staff,
            area: Some(new.area.clone()),
            key_posts: new.key_posts.clone(),
            effective,
            precision,
        }),
        What::Branch(no, change) => of_branch(ids.branch(*no), change, effective, ids),
        What::Host(no, change) => of_host(ids.host(*no), change, effective),
        What::Relate(turn, relation, from, to) => {
            let (relation, from, to) = (*relation, ids.party(*from), ids.party(*to));
            match turn {
                RelationTurn::Propose => {
                    Box::new(ProposeRelation { relation, from, to, effective, precision })
                }
                RelationTurn::Accept => {
                    Box::new(AcceptRelation { relation, from, to, effective, precision })
                }
                RelationTurn::End => {
                    let reason = None;
                    Box::new(EndRelation { relation, from, to, reason, effective, precision })
                }
            }
        }
        What::Person(no, act) => of_person(*no, *act, effective, ids),
    }
}

fn of_branch(
    branch: BranchId,
    change: &BranchChange,
    effective: Date,
    ids: &Ids,
) -> Box<dyn AnyCommand> {
    let precision = None;
    match change {
        BranchChange::Move(to) => {
            Box::new(MoveBranch { branch, to: Some(ids.branch(*to)), effective, precision })
        }
        BranchChange::Rename(name) => {
            let name = (**name).clone();
            Box::new(RenameBranch { branch, name, effective, precision })
        }
        BranchChange::Attach(hosts, mode, rank) => {
            let hosts = hosts.iter().map(|no| ids.host(*no)).collect();
            let (mode, rank) = (*mode, *rank);
            Box::new(AttachHosts { branch, hosts, mode, rank, effective, precision })
        }
        BranchChange::Detach(host) => {
            let hosts = vec![ids.host(*host)];
            Box::new(DetachHosts { branch, hosts, mode: None, effective, precision })
        }
        BranchChange::Dissolve(into, reason) => {
            let into = into.iter().map(|no| ids.branch(*no)).collect();
            let reason = Some(code(reason));
            Box::new(DissolveBranch { branch, into, reason, effective, precision })
        }
        BranchChange::Plan(plan) => Box::new(of_plan(plan, effective, ids)),
        BranchChange::Approve => Box::new(ApprovePlan { branch, effective, precision }),
        BranchChange::Execute(_) => Box::new(ExecutePlan { branch, effective, precision }),
    }
}

fn of_plan(plan: &NewPlan, effective: Date, ids: &Ids) -> PlanReorganisation {
    let formed = &plan.formed;
    let wish = BranchWish {
        code: formed.code.clone(),
        name: formed.name.clone(),
        kind: Some(formed.kind.clone()),
    };
    let line = |no: &PersonNo| LineWish { person: ids.person(*no), to: formed.code.clone() };
    PlanReorganisation {
        form: plan.form,
        sources: plan.sources.iter().map(|no| ids.branch(*no)).collect(),
        forms: vec![wish],
        to: Some(plan.rest.clone()),
        lines: plan.goes.iter().map(line).collect(),
        mode: None,
        effective,
        precision: None,
    }
}

fn of_host(host: HostId, change: &HostChange, effective: Date) -> Box<dyn AnyCommand> {
    let (name, staff) = match change {
        HostChange::Staff(staff) => (None, Some(*staff)),
        HostChange::Rename(name) => (Some((**name).clone()), None),
        HostChange::Close(reason) => {
            let reason = Some(code(reason));
            return Box::new(CloseHost { host, reason, effective, precision: None });
        }
    };
    Box::new(ChangeHost {
        host,
        name,
        kind: None,
        ownership: None,
        staff,
        area: None,
        key_posts: None,
        effective,
        precision: None,
    })
}

fn of_person(no: PersonNo, act: Act, effective: Date, ids: &Ids) -> Box<dyn AnyCommand> {
    let (person, precision, newcomer) = (ids.person(no), None, false);
    match act {
        Act::Register(born) => {
            // Only the five years around a birth are recorded.
            let birth_band = Some(born - born % 5);
            Box::new(RegisterPerson { person, birth_band, effective, precision })
        }
        Act::Join(no) => {
            let branch = ids.branch(no);
            Box::new(AdmitMember { person, branch, effective, precision, newcomer, state: None })
        }
        Act::Move(from, to) => {
            let (from, to) = (ids.branch(from), ids.branch(to));
            Box::new(TransferMember { person, from, to, effective, precision })
        }
        Act::Letter(turn) => of_letter(no, turn, effective, ids),
        Act::Work(no, post) => {
            let (host, post) = (ids.host(no), post.map(code));
            Box::new(EmployMember { person, host, post, contract: None, effective, precision })
        }
        Act::EndWork(no) => {
            Box::new(EndEmployment { person, host: ids.host(no), effective, precision })
        }
        Act::TakePost(no) => {
            let (branch, role) = (ids.branch(no), code(SECRETARY));
            Box::new(TakePost { person, branch, role, effective, precision, newcomer })
        }
        Act::HandOver(no, successor) => {
            let (branch, role) = (ids.branch(no), code(SECRETARY));
            let (holder, successor) = (person, ids.person(successor));
            Box::new(HandOverPost { branch, role, holder, successor, effective, precision })
        }
        Act::LeavePost(no) => {
            let (branch, role) = (ids.branch(no), code(SECRETARY));
            Box::new(LeavePost { person, branch, role, effective, precision })
        }
        Act::End(no, reason) => {
            let branch = ids.branch(no);
            Box::new(EndMembership { person, branch, effective, precision, reason })
        }
        Act::CorrectEnd => {
            let target = ids.ends.get(&no).cloned().flatten();
            let target = target.expect("an end is recorded before it is corrected");
            let redate = vec![Redating { target, effective }];
            let (retract, replace, reason) = (Vec::new(), Vec::new(), code(MISREAD));
            Box::new(CorrectEvents { retract, redate, replace, reason })
        }
    }
}

fn of_letter(no: PersonNo, turn: LetterTurn, effective: Date, ids: &Ids) -> Box<dyn AnyCommand> {
    let (person, body, precision) = (ids.person(no), None, None);
    let (letter, new_letter) = (letter(no.0, false), letter(no.0, true));
    match turn {
        LetterTurn::Issue(from, to) => {
            let (from, to) = (ids.branch(from), Some(ids.branch(to)));
            Box::new(IssueTransfer { person, from, to, body, letter, effective, precision })
        }
        LetterTurn::Reissue => {
            Box::new(ReissueTransfer { letter, new_letter, effective, precision })
        }
        LetterTurn::Accept(at) => {
            let (letter, branch) = (new_letter, ids.branch(at));
            Box::new(AcceptTransfer { letter, branch, body, effective, precision })
        }
        LetterTurn::Return(at, reason) => {
            let (branch, reason, note) = (ids.branch(at), code(reason), None);
            Box::new(ReturnTransfer { letter, branch, body, reason, note, effective, precision })
        }
    }
}

fn code(text: &str) -> Code {
    Code::parse(text).expect("the codes of a plan are short and visible")
}
