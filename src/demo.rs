//! A synthetic city for the demo: seeded dice make a plan, a list of dated wishes, whose last day
//! comes to exactly what a published field study counted. Nothing here touches the world.
//!
//! A plan of scale N is N such cities side by side, so that every total is exactly N times as much.

mod bodies;
mod branches;
#[cfg(test)]
mod decided;
mod dice;
mod field;
mod jobs;
mod members;
mod names;
mod posts;
mod request;
mod step;
mod stories;
pub mod study;
mod tell;

use std::ops::Range;

use events::{Code, Date};

use dice::Dice;
use tell::City;

pub use names::{handle, of_person};
pub use request::{Ids, command};
pub use step::{
    Act, Body, BranchChange, BranchNo, Day, HostChange, HostNo, LetterTurn, NewBranch, NewHost,
    NewPlan, PersonNo, RelationTurn, Step, What,
};

/// The first day of the story, a Monday: the ledger is opened.
pub const FIRST: Date = jiff::civil::date(2016, 1, 4);

/// The last day of the story, a Friday.
pub const LAST: Date = jiff::civil::date(2017, 12, 29);

/// The largest scale.
pub const SCALE_MAX: u32 = 1_000;

const SEED: u64 = 2_017;

/// A plan: what the office hears of, in order.
#[derive(Debug)]
pub struct Plan {
    /// The wishes, in the order in which the office hears of them.
    pub steps: Vec<Step>,
    /// How many hosts, branches and persons are numbered in it.
    pub numbered: (usize, usize, usize),
    /// Who approves what is taken over from paper: known to the ledger first, and no member.
    pub approver: PersonNo,
    /// What the demo tells of.
    pub told: Told,
}

/// What the demo tells of, in the first city.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// A member who moved.
    pub member: PersonNo,
    /// Where that member is at home in the end.
    pub home: Code,
    /// A branch of one day where that member was.
    pub one_day: Code,
    /// The branch of a member whose leaving is heard of on the last day, and when they left.
    pub late: (Code, Date),
    /// The branch that two became.
    pub merged: Code,
    /// The branch that was split.
    pub split: Code,
    /// A member whose letter ran out and was issued anew.
    pub reissued: PersonNo,
    /// A member whose letter was returned.
    pub returned: PersonNo,
    /// A member whose end was recorded for a wrong day, and at which branch.
    pub corrected: (PersonNo, Code),
}

/// Plans so many cities; one at least.
#[must_use]
pub fn plan(scale: u32) -> Plan {
    plan_of(0..scale.max(1))
}

fn plan_of(cities: Range<u32>) -> Plan {
    let (first, mut steps) = city(cities.start);
    for number in cities.clone().skip(1) {
        steps.extend(city(number).1);
    }
    steps.sort_by_key(|step| (step.heard, step.what.rank()));
    let (hosts, branches, persons) = tell::numbered();
    let many = cities.end as usize;
    let (late, stories) = (first.late(), first.stories());
    let told = Told {
        member: first.told(),
        home: first.home(),
        one_day: first.one_day(),
        late: (late.0, date(late.1)),
        merged: first.code_of(branches::MERGED),
        split: first.code_of(branches::SPLIT),
        reissued: first.person(stories.reissued),
        returned: first.person(stories.returned),
        corrected: (first.person(stories.misread), first.code_of(stories::MISREAD_AT)),
    };
    let numbered = (hosts * many, branches * many, persons * many);
    Plan { steps, numbered, approver: first.approver(), told }
}

fn city(number: u32) -> (City, Vec<Step>) {
    let mut dice = Dice::new(SEED + u64::from(number));
    let city = City::new(&mut dice, number);
    let mut steps = Vec::new();
    city.tell(&mut dice, &mut steps);
    (city, steps)
}

/// The date of a day.
#[must_use]
pub fn date(day: Day) -> Date {
    let days = jiff::Span::new().days(day);
    FIRST.checked_add(days).expect("a day some years from the first one")
}

/// The Friday on which the office records what it heard of by then.
#[must_use]
pub fn recorded_on(heard: Day) -> Day {
    heard.max(0).div_euclid(7) * 7 + if heard.max(0).rem_euclid(7) > 4 { 11 } else { 4 }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::study::{BRANCHES, HOSTS, MEMBERS, STAFF};
    use super::*;

    /// What is there when a plan has been told: the staff of each host, the branches that count,
    /// who is a member where, and what is planned.
    #[derive(Debug, Default)]
    struct There {
        hosts: BTreeMap<HostNo, u32>,
        branches: BTreeSet<BranchNo>,
        members: BTreeMap<PersonNo, BranchNo>,
        /// The plans, each by the branch that it forms.
        plans: BTreeMap<BranchNo, NewPlan>,
    }

    impl There {
        fn after(plan: &Plan) -> Self {
            let mut there = Self::default();
            plan.steps.iter().for_each(|step| there.take(step));
            there
        }

        fn take(&mut self, step: &Step) {
            match &step.what {
                What::Form(new) if new.kind.as_str() != "committee" => {
                    assert!(self.branches.insert(new.branch), "{step:?}");
                }
                What::Register(new) => _ = self.hosts.insert(new.host, new.staff),
                What::Branch(no, BranchChange::Dissolve(..)) => {
                    assert!(self.branches.remove(no), "{step:?}");
                    assert!(!self.members.values().any(|home| home == no), "{step:?}");
                }
                What::Branch(_, BranchChange::Plan(plan)) => {
                    self.plans.insert(plan.formed.branch, (**plan).clone());
                }
                What::Branch(_, BranchChange::Execute(formed)) => self.execute(*formed),
                What::Host(no, HostChange::Staff(staff)) => {
                    assert!(self.hosts.insert(*no, *staff).is_some_and(|it| it != *staff));
                }
                What::Host(no, HostChange::Close(_)) => {
                    assert!(self.hosts.remove(no).is_some(), "{step:?}");
                }
                What::Person(no, Act::Join(branch)) => {
                    assert!(self.branches.contains(branch), "{step:?}");
                    assert_eq!(self.members.insert(*no, *branch), None);
                }
                What::Person(no, Act::Move(from, to)) => {
                    assert!(self.branches.contains(to), "{step:?}");
                    assert_eq!(self.members.insert(*no, *to).as_ref(), Some(from), "{step:?}");
                }
                What::Person(no, Act::Letter(LetterTurn::Accept(to))) => {
                    assert!(self.members.insert(*no, *to).is_some_and(|from| from != *to));
                }
                What::Person(no, Act::End(branch, _)) => {
                    assert_eq!(self.members.remove(no).as_ref(), Some(branch), "{step:?}");
                }
                What::Area(_)
                | What::Form(_)
                | What::Branch(..)
                | What::Host(..)
                | What::Relate(..)
                | What::Person(..) => {}
            }
        }

        fn execute(&mut self, formed: BranchNo) {
            let plan = self.plans.remove(&formed).expect("it is planned before");
            assert!(self.branches.insert(formed));
            let takes_all = plan.rest == plan.formed.code;
            for (no, home) in &mut self.members {
                if plan.sources.contains(home) && (takes_all || plan.goes.contains(no)) {
                    *home = formed;
                }
            }
            if takes_all {
                self.branches.retain(|branch| !plan.sources.contains(branch));
            }
        }
    }

    #[test]
    fn a_plan_comes_to_the_totals_whatever_the_dice_say() {
        for scale in [1, 12] {
            let (plan, many) = (plan(scale), scale as usize);
            let there = There::after(&plan);
            assert_eq!(there.hosts.len(), HOSTS * many);
            assert_eq!(there.hosts.values().sum::<u32>(), STAFF * scale);
            assert_eq!(there.branches.len(), BRANCHES * many);
            assert_eq!(there.members.len(), MEMBERS * many);
            assert!(plan.steps.is_sorted_by_key(|step| recorded_on(step.heard)));
            assert!(plan.steps.iter().all(|step| step.effective <= step.heard.max(4)));
            assert_eq!(plan.steps.last().map(|step| date(step.heard)), Some(LAST));
        }
    }

    #[test]
    fn a_plan_is_the_same_every_time() {
        let (one, other) = (plan(1), plan(1));
        assert_eq!(one.steps, other.steps);
        assert_eq!(one.told, other.told);
        assert_eq!(plan(0).steps, one.steps);
    }

    #[test]
    fn no_code_is_given_twice() {
        let plan = plan(3);
        let mut codes = BTreeSet::new();
        for step in &plan.steps {
            let fresh = match &step.what {
                What::Area(area) => codes.insert(("area", area.0.clone())),
                What::Form(new) => codes.insert(("branch", new.code.clone())),
                What::Register(new) => codes.insert(("host", new.code.clone())),
                What::Branch(_, BranchChange::Plan(plan)) => {
                    codes.insert(("branch", plan.formed.code.clone()))
                }
                What::Branch(..) | What::Host(..) | What::Relate(..) | What::Person(..) => true,
            };
            assert!(fresh, "{step:?}");
        }
        assert!(codes.len() > 3 * (HOSTS + BRANCHES));
    }

    #[test]
    fn the_office_records_on_fridays() {
        assert_eq!(FIRST.weekday(), jiff::civil::Weekday::Monday);
        assert_eq!(date(study::LAST), LAST);
        for (heard, recorded) in [(-9, 4), (0, 4), (4, 4), (5, 11), (6, 11), (7, 11), (725, 725)] {
            assert_eq!(recorded_on(heard), recorded);
            assert_eq!(date(recorded).weekday(), jiff::civil::Weekday::Friday);
        }
    }
}
