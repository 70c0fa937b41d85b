//! Random wishes about hosts, the branches over them, and relations.

use events::branch::{FormationMode, Rank};
use events::{BranchId, Code, Date, HostId, Party, PersonId, RelationKind, Text};
use rollbook::commands::employ_member::Contract;
use rollbook::commands::{
    AcceptRelation, AttachHosts, ChangeHost, CloseHost, DetachHosts, EmployMember, EndEmployment,
    EndRelation, ProposeRelation, RegisterHost,
};
use rollbook::ledger::Request;

use super::dice::Dice;

const CODES: u32 = 30;
const HOST_KINDS: [&str; 2] = ["software", "games"];
const OWNERSHIPS: [&str; 3] = ["private", "state", "foreign"];

/// Who a wish is about: picked by chance before.
#[derive(Clone, Copy)]
pub struct Cast {
    pub branch: BranchId,
    pub other: BranchId,
    pub host: HostId,
    pub second: HostId,
    pub person: PersonId,
    pub effective: Date,
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub fn wish(dice: &mut Dice, cast: Cast, registered_from: Option<Date>) -> Request {
    let Cast { branch, host, person, effective, .. } = cast;
    let precision = None;
    if let Some(from) = registered_from {
        return Request::new(register(dice, from));
    }
    match dice.below(20) {
        0..=2 => Request::new(register(dice, effective)),
        3 | 4 => Request::new(change(dice, cast)),
        5 => Request::new(CloseHost { host, reason: None, effective, precision }),
        6..=10 => Request::new(attach(dice, cast)),
        11 => {
            let mode = dice.one_in(2).then(|| mode(dice));
            Request::new(DetachHosts { branch, hosts: vec![host], mode, effective, precision })
        }
        12..=14 => {
            let post = dice.one_in(3).then(|| code("editor"));
            let contract = dice.one_in(2).then_some(Contract::Signed);
            Request::new(EmployMember { person, host, post, contract, effective, precision })
        }
        15 => Request::new(EndEmployment { person, host, effective, precision }),
        about => {
            let (relation, from, to) = ends(dice, cast);
            match about {
                16 | 17 => {
                    Request::new(ProposeRelation { relation, from, to, effective, precision })
                }
                18 => Request::new(AcceptRelation { relation, from, to, effective, precision }),
                _ => {
                    let reason = None;
                    Request::new(EndRelation { relation, from, to, reason, effective, precision })
                }
            }
        }
    }
}

fn register(dice: &mut Dice, effective: Date) -> RegisterHost {
    let number = dice.below(CODES);
    RegisterHost {
        code: code(&format!("h{number}")),
        name: Text::parse(&format!("Host {number}")).unwrap(),
        kind: code(dice.pick(&HOST_KINDS).unwrap()),
        ownership: code(dice.pick(&OWNERSHIPS).unwrap()),
        staff: dice.below(120),
        area: None,
        key_posts: if dice.one_in(3) { vec![code("editor")] } else { vec![] },
        effective,
        precision: None,
    }
}

fn change(dice: &mut Dice, Cast { host, effective, .. }: Cast) -> ChangeHost {
    ChangeHost {
        host,
        name: None,
        kind: dice.one_in(2).then(|| code(dice.pick(&HOST_KINDS).unwrap())),
        ownership: dice.one_in(2).then(|| code(dice.pick(&OWNERSHIPS).unwrap())),
        staff: dice.one_in(2).then(|| dice.below(120)),
        area: None,
        key_posts: None,
        effective,
        precision: None,
    }
}

fn mode(dice: &mut Dice) -> FormationMode {
    dice.pick(FormationMode::ALL).unwrap().1
}

fn attach(dice: &mut Dice, Cast { branch, host, second, effective, .. }: Cast) -> AttachHosts {
    let hosts = if dice.one_in(2) { vec![host] } else { vec![host, second] };
    let mode =
        if hosts.len() == 1 && !dice.one_in(4) { FormationMode::Standalone } else { mode(dice) };
    let rank = if dice.one_in(5) { Rank::Secondary } else { Rank::Primary };
    AttachHosts { branch, hosts, mode, rank, effective, precision: None }
}

/// Few pairs, so that one is often proposed, accepted and ended.
fn ends(dice: &mut Dice, cast: Cast) -> (RelationKind, Party, Party) {
    let (host, branch) = (Party::Host(cast.host), Party::Branch(cast.branch));
    match dice.below(5) {
        0 => (RelationKind::SupervisedBy, host, branch),
        1 => (RelationKind::GuidedBy, host, branch),
        2 => (RelationKind::FallbackResponsibleFor, branch, host),
        3 => (RelationKind::GuidedBy, branch, Party::Branch(cast.other)),
        _ => (RelationKind::MemberOfAssociation, host, Party::Host(cast.second)),
    }
}
