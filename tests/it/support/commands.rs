//! Random wishes about a small world: the smaller, the more they get in each other's way.

use std::collections::BTreeMap;

use events::membership::EndReason;
use events::{
    BranchEvent, BranchId, Code, Date, Event, HostEvent, HostId, PersonId, Recorded,
    ReorganisationEvent, Text,
};
use jiff::ToSpan;
use rollbook::actor::Actor;
use rollbook::commands::{
    AdmitMember, DissolveBranch, EndMembership, FormBranch, LeavePost, MoveBranch, RegisterPerson,
    RenameBranch, TakePost, TransferMember,
};
use rollbook::ledger::{Ledger, Request};

use super::corrections;
use super::dice::Dice;
use super::hosts::{self, Cast};
use super::memberships;
use super::reorganisations::{self, Plans};
use super::transfers::{Letters, Travellers};

const PEOPLE: u32 = 6;
const CODES: u32 = 60;
/// Wishes are mostly about the branches that were formed last: the others may be gone.
const RECENT: usize = 6;
const ROLES: [&str; 2] = ["chair", "clerk"];
const KINDS: [&str; 5] = ["branch", "branch", "branch", "joint", "committee"];

/// What the world is known to hold, so that wishes are seldom about nothing.
#[derive(Default)]
pub struct Fates {
    branches: Vec<BranchId>,
    hosts: Vec<HostId>,
    past: Vec<Recorded>,
    letters: Letters,
    codes: BTreeMap<BranchId, Code>,
    proposed: Vec<BranchId>,
    planned: Vec<BranchId>,
}

pub fn plus_days(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap()
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

impl Fates {
    pub fn learn(&mut self, recorded: &Recorded) {
        self.past.push(recorded.clone());
        let branch = BranchId(recorded.stream.id);
        if let Event::Branch(BranchEvent::Formed { code, .. }) = &recorded.event {
            self.branches.push(branch);
            self.codes.insert(branch, code.clone());
        }
        if let Event::Branch(BranchEvent::Proposed { .. }) = &recorded.event {
            self.proposed.push(branch);
        }
        if let Event::Reorganisation(ReorganisationEvent::Planned { plan, .. }) = &recorded.event {
            self.planned.extend(plan.sources.first());
        }
        self.letters.learn(recorded);
        if let Event::Host(HostEvent::Registered { .. }) = &recorded.event {
            self.hosts.push(HostId(recorded.stream.id));
        }
    }

    fn branch(&self, dice: &mut Dice) -> BranchId {
        // Now and then one that does not exist.
        let nobody = BranchId(uuid::Uuid::from_u128(u128::from(dice.below(3))));
        if dice.one_in(25) {
            return nobody;
        }
        let recent = self.branches.len().saturating_sub(RECENT);
        let among = if dice.one_in(8) { &self.branches[..] } else { &self.branches[recent..] };
        dice.pick(among).copied().unwrap_or(nobody)
    }

    fn host(&self, dice: &mut Dice) -> HostId {
        let nobody = HostId(uuid::Uuid::from_u128(u128::from(dice.below(3))));
        let recent = self.hosts.len().saturating_sub(RECENT);
        dice.pick(&self.hosts[recent..]).copied().unwrap_or(nobody)
    }

    fn person(dice: &mut Dice) -> PersonId {
        PersonId(uuid::Uuid::from_u128(0xa0 + u128::from(dice.below(PEOPLE))))
    }

    /// A third of all facts are dated back, a sixth lie ahead.
    fn day(dice: &mut Dice, today: Date) -> Date {
        match dice.below(6) {
            0 => plus_days(today, -1 - i64::from(dice.below(60))),
            1 => plus_days(today, -1 - i64::from(dice.below(6))),
            2 => plus_days(today, i64::from(dice.below(20))),
            _ => today,
        }
    }

    pub fn wish(&self, dice: &mut Dice, today: Date) -> Request {
        let effective = Self::day(dice, today);
        if dice.one_in(10)
            && let Some(correction) = corrections::wish(dice, &self.past, effective)
        {
            return correction;
        }
        let person = Self::person(dice);
        let branch = self.branch(dice);
        if self.branches.len() > 2 && dice.one_in(4) {
            let (other, nothing) = (self.branch(dice), HostId(uuid::Uuid::nil()));
            let (host, second) = (nothing, nothing);
            let cast = Cast { branch, other, host, second, person, effective };
            let code = self.codes.get(&other).filter(|_| !dice.one_in(8)).cloned();
            let plans = Plans { planned: &self.planned, proposed: &self.proposed, code };
            return reorganisations::wish(dice, cast, &plans);
        }
        if dice.one_in(3) {
            let (other, host, second) = (self.branch(dice), self.host(dice), self.host(dice));
            let cast = Cast { branch, other, host, second, person, effective };
            // The first hosts are old ones, as the first branches are.
            let old = plus_days(today, -40 - i64::from(dice.below(40)));
            return hosts::wish(dice, cast, (self.hosts.len() < 3).then_some(old));
        }
        if dice.one_in(3) {
            let other = self.branch(dice);
            let who = Travellers { person, branch, other, effective };
            return self.letters.wish(dice, who);
        }
        if dice.one_in(4) {
            let cast = memberships::Cast { person, other: Self::person(dice), branch, effective };
            return memberships::wish(dice, cast);
        }
        self.plain_wish(dice, today, (person, branch, effective))
    }

    fn plain_wish(
        &self,
        dice: &mut Dice,
        today: Date,
        (person, branch, effective): (PersonId, BranchId, Date),
    ) -> Request {
        let role = code(dice.pick(&ROLES).unwrap());
        let precision = None;
        match dice.below(31) {
            0..=2 => {
                Request::new(RegisterPerson { person, birth_band: None, effective, precision })
            }
            3..=7 => Request::new(self.form(dice, today, effective)),
            8 => Request::new(RenameBranch { branch, name: name(dice), effective, precision }),
            9 | 10 => {
                let to = (!dice.one_in(4)).then(|| self.branch(dice));
                Request::new(MoveBranch { branch, to, effective, precision })
            }
            11 => {
                let into = if dice.one_in(3) { vec![self.branch(dice)] } else { vec![] };
                let reason = None;
                Request::new(DissolveBranch { branch, into, reason, effective, precision })
            }
            12..=18 => {
                let newcomer = dice.one_in(2);
                Request::new(AdmitMember {
                    person,
                    branch,
                    effective,
                    precision,
                    newcomer,
                    state: None,
                })
            }
            19..=22 => {
                let reason = EndReason::Left;
                Request::new(EndMembership { person, branch, effective, precision, reason })
            }
            23..=25 => {
                let to = self.branch(dice);
                Request::new(TransferMember { person, from: branch, to, effective, precision })
            }
            26..=29 => Request::new(TakePost {
                person,
                branch,
                role,
                effective,
                precision,
                newcomer: false,
            }),
            _ => Request::new(LeavePost { person, branch, role, effective, precision }),
        }
    }

    fn form(&self, dice: &mut Dice, today: Date, effective: Date) -> FormBranch {
        // The first branches are old ones, so that what is dated back finds them there.
        let old = plus_days(today, -40 - i64::from(dice.below(40)));
        let effective = if self.branches.len() < 3 { old } else { effective };
        FormBranch {
            code: code(&format!("b{}", dice.below(CODES))),
            name: name(dice),
            title: None,
            kind: Some(code(dice.pick(&KINDS).unwrap())),
            parent: dice.one_in(2).then(|| self.branch(dice)),
            formed_from: vec![],
            effective,
            precision: None,
        }
    }
}

fn name(dice: &mut Dice) -> Text {
    Text::parse(&format!("Branch {}", dice.below(100))).unwrap()
}

/// A branch and a person who is no member of it.
pub async fn branch_and_person(ledger: &Ledger, actor: &Actor) -> (BranchId, PersonId) {
    let (effective, precision) = (ledger.today(), None);
    let person = PersonId(uuid::Uuid::from_u128(0xa0));
    let form = FormBranch {
        code: code("b"),
        name: Text::parse("B").unwrap(),
        title: None,
        kind: None,
        parent: None,
        formed_from: vec![],
        effective,
        precision,
    };
    let formed = ledger.execute(actor, Request::new(form)).await.unwrap();
    let register = RegisterPerson { person, birth_band: None, effective, precision };
    ledger.execute(actor, Request::new(register)).await.unwrap();
    let (stream, _) = &formed.versions[0];
    (BranchId(stream.parse::<events::StreamId>().unwrap().id), person)
}
