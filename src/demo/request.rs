//! From a wish to the ordinary command that says it.

use events::{BranchId, Code, Date, HostId, Party, PersonId, StreamId};

use super::step::{
    Act, Body, BranchChange, BranchNo, HostChange, HostNo, PersonNo, RelationTurn, Step, What,
};
use super::{Plan, date};
use crate::commands::{
    AcceptRelation, AdmitMember, AnyCommand, AttachHosts, ChangeHost, CloseHost, DefineArea,
    DetachHosts, DissolveBranch, EmployMember, EndEmployment, EndMembership, EndRelation,
    FormBranch, HandOverPost, LeavePost, MoveBranch, ProposeRelation, RegisterHost, RegisterPerson,
    RenameBranch, TakePost, TransferMember,
};

/// The post that every branch should have.
const SECRETARY: &str = "secretary";

/// The ids that the ledger gave to what the plan numbers.
#[derive(Debug)]
pub struct Ids {
    hosts: Vec<HostId>,
    branches: Vec<BranchId>,
    persons: Vec<PersonId>,
}

impl Ids {
    /// For a plan of which nothing is recorded yet.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let (hosts, branches, persons) = plan.numbered;
        let nil = uuid::Uuid::nil();
        Self {
            hosts: vec![HostId(nil); hosts],
            branches: vec![BranchId(nil); branches],
            persons: vec![PersonId(nil); persons],
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
            What::Area(_)
            | What::Branch(..)
            | What::Host(..)
            | What::Relate(..)
            | What::Person(..) => {}
        }
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
        What::Person(no, act) => of_person(ids.person(*no), *act, effective, ids),
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

fn of_person(person: PersonId, act: Act, effective: Date, ids: &Ids) -> Box<dyn AnyCommand> {
    let (precision, newcomer) = (None, false);
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
    }
}

fn code(text: &str) -> Code {
    Code::parse(text).expect("the codes of a plan are short and visible")
}
