//! From a city to the wishes that tell its story.

use events::{Code, Text};

use super::bodies::{self, BODIES, Line, bodies, lines};
use super::branches::{Branch, branches};
use super::dice::Dice;
use super::field::{Host, hosts};
use super::jobs::work;
use super::members::{Member, Members, members};
use super::names::{AREAS, code, name, of_host, of_kind, slug};
use super::posts::{Turn, secretaries};
use super::step::{
    Act, BranchChange, BranchNo, Day, HostChange, HostNo, LetterTurn, NewBranch, NewHost, NewPlan,
    PersonNo, Step, What,
};
use super::stories::{
    CORRECTED_AFTER, MISREAD_DAYS, REISSUED, RETURNED, RETURNED_BY, Reorganised, Stories,
    reorganised,
};
use super::study::{
    BRANCHES, BRANCHES_DISSOLVED, BRANCHES_MERGED, HOSTS, HOSTS_CLOSED, LAST, MEMBERS,
    MEMBERS_ENDED,
};

/// When the areas were defined, before anything else.
const AREAS_DEFINED: Day = bodies::FORMED - 40;

/// One city, before its story is told.
#[derive(Debug)]
pub(super) struct City {
    number: u32,
    hosts: Vec<Host>,
    branches: Vec<Branch>,
    members: Members,
    reorganised: [Reorganised; 2],
    turns: Vec<Turn>,
    lines: Vec<Line>,
}

/// How many hosts, branches and persons a city has in all: one person more than it has members.
pub(super) fn numbered() -> (usize, usize, usize) {
    let branches = BODIES + BRANCHES + BRANCHES_DISSOLVED + BRANCHES_MERGED;
    (HOSTS + HOSTS_CLOSED, branches, MEMBERS + MEMBERS_ENDED + 1)
}

impl City {
    pub(super) fn new(dice: &mut Dice, number: u32) -> Self {
        let mut hosts = hosts(dice);
        let (branches, open) = branches(dice, &mut hosts);
        let mut members = members(dice, &branches, &hosts);
        work(dice, &branches, &hosts, &open, &mut members);
        let reorganised = reorganised(&branches, &members.all);
        let turns = secretaries(dice, &branches, &members);
        let lines = lines(dice, &hosts);
        Self { number, hosts, branches, members, reorganised, turns, lines }
    }

    /// The member of whom the demo tells.
    pub(super) fn told(&self) -> PersonNo {
        self.person(self.members.told)
    }

    /// The branch of the member whose leaving is heard of on the last day, and when they left.
    pub(super) fn late(&self) -> (Code, Day) {
        let late = &self.members.all[self.members.late];
        let day = late.ended.map_or(0, |ended| ended.day);
        (self.code_of(late.home().0), day)
    }

    /// The branch where that member is at home in the end.
    pub(super) fn home(&self) -> Code {
        let (home, _) = self.members.all[self.members.told].home();
        self.code_of(home)
    }

    /// The branch of one day where that member was.
    pub(super) fn one_day(&self) -> Code {
        self.code_of(BRANCHES)
    }

    /// The members to whom something happens that happens once.
    pub(super) fn stories(&self) -> Stories {
        self.members.stories
    }

    /// The code of a branch, by its place in the list.
    pub(super) fn code_of(&self, place: usize) -> Code {
        code(self.number, &self.branches[place].code)
    }

    /// The person who approves what is taken over from paper; no member.
    pub(super) fn approver(&self) -> PersonNo {
        self.person(MEMBERS + MEMBERS_ENDED)
    }

    /// Tells the story, in any order.
    pub(super) fn tell(&self, dice: &mut Dice, steps: &mut Vec<Step>) {
        let mut story = Story { city: self, dice, steps };
        // The first of all: later papers name them.
        let person = self.approver();
        let what = What::Person(person, Act::Register(1969));
        story.steps.push(Step { heard: Day::MIN, effective: 0, what });
        story.bodies();
        (0..self.hosts.len()).for_each(|number| story.host(number));
        (0..self.branches.len()).for_each(|number| story.branch(number));
        (0..self.members.all.len()).for_each(|number| story.member(number));
        self.turns.iter().for_each(|turn| story.turn(*turn));
        self.reorganised.iter().for_each(|it| story.reorganised(it));
        for line in &self.lines {
            let (host, body) = (self.host(line.host()), self.body(line.body()));
            line.steps(host, body).into_iter().for_each(|(day, what)| story.on(day, what));
        }
    }

    fn host(&self, place: usize) -> HostNo {
        HostNo(self.number * index(numbered().0) + index(place))
    }

    fn body(&self, place: usize) -> BranchNo {
        BranchNo(self.number * index(numbered().1) + index(place))
    }

    fn branch(&self, place: usize) -> BranchNo {
        self.body(BODIES + place)
    }

    pub(super) fn person(&self, place: usize) -> PersonNo {
        PersonNo(self.number * index(numbered().2) + index(place))
    }
}

/// Numbers of a plan are far below the largest one.
fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// A code of the rules.
fn rule(code: &str) -> Code {
    Code::parse(code).expect("the codes of the rules are short and visible")
}

struct Story<'a> {
    city: &'a City,
    dice: &'a mut Dice,
    steps: &'a mut Vec<Step>,
}

impl Story<'_> {
    fn on(&mut self, day: Day, what: What) {
        self.steps.push(Step { heard: day, effective: day, what });
    }

    fn code(&self, base: &str) -> Code {
        code(self.city.number, base)
    }

    fn name(&self, base: &str) -> Text {
        name(self.city.number, base)
    }

    fn bodies(&mut self) {
        for (code, name) in AREAS {
            let area = Box::new((self.code(code), self.name(name)));
            self.on(AREAS_DEFINED, What::Area(area));
        }
        for (place, (code, name, above)) in bodies().into_iter().enumerate() {
            let formed = NewBranch {
                branch: self.city.body(place),
                code: self.code(&code),
                name: self.name(&name),
                kind: rule("committee"),
                parent: above.map(|above| self.city.body(above)),
            };
            self.on(bodies::FORMED, What::Form(Box::new(formed)));
        }
    }

    fn host(&mut self, number: usize) {
        let city = self.city;
        let host = &city.hosts[number];
        let (no, named) = (city.host(number), of_host(number));
        let full = format!("{named} {}", of_kind(host.kind));
        let changes = self.staff_changes(host);
        let staff = changes.first().map_or(host.staff, |(_, before, _)| *before);
        let registered = NewHost {
            host: no,
            code: self.code(&slug(&named)),
            name: self.name(&full),
            kind: rule(host.kind),
            ownership: rule(host.ownership),
            staff,
            area: self.code(AREAS[host.area].0),
            key_posts: host.key_posts.iter().map(|post| rule(post)).collect(),
        };
        self.on(host.registered, What::Register(Box::new(registered)));
        for (day, _, staff) in changes {
            self.on(day, What::Host(no, HostChange::Staff(staff)));
        }
        if host.closed.is_none() && number % 97 == 50 {
            let name = Box::new(self.name(&format!("{full} Group")));
            let day = self.dice.between(host.registered.max(0) + 1, LAST - 1);
            self.on(day, What::Host(no, HostChange::Rename(name)));
        }
        if let Some(day) = host.closed {
            let reason = ["insolvent", "moved_away", "merged"][self.dice.index(3)];
            self.on(day, What::Host(no, HostChange::Close(reason)));
        }
    }

    /// How the number of people who work at a host changed: the day, before, and from then on.
    fn staff_changes(&mut self, host: &Host) -> Vec<(Day, u32, u32)> {
        let until = host.closed.unwrap_or(LAST);
        let first = host.registered.max(0) + 1;
        let (one, two) = (self.dice.between(first, until - 1), self.dice.between(first, until - 1));
        let mut days = match self.dice.between(1, 10) {
            1..=4 => Vec::new(),
            5..=8 => vec![one],
            _ => vec![one.min(two), one.max(two)],
        };
        days.dedup();
        days.retain(|day| *day >= first && *day < until);
        let mut changes = Vec::new();
        let mut after = host.staff;
        for day in days.into_iter().rev() {
            let share = u32::try_from(self.dice.between(55, 135)).unwrap_or(100);
            let before = (after * share / 100).max(2);
            if before != after {
                changes.push((day, before, after));
                after = before;
            }
        }
        changes.reverse();
        changes
    }

    fn new_branch(&self, number: usize) -> NewBranch {
        let branch = &self.city.branches[number];
        NewBranch {
            branch: self.city.branch(number),
            code: self.code(&branch.code),
            name: self.name(&branch.name),
            kind: rule(branch.kind),
            parent: Some(self.city.body(branch.parent)),
        }
    }

    fn branch(&mut self, number: usize) {
        let city = self.city;
        let branch = &city.branches[number];
        let no = city.branch(number);
        let plans = || city.reorganised.iter();
        if !plans().any(|it| it.formed == number) {
            let formed = Box::new(self.new_branch(number));
            self.on(branch.formed, What::Form(formed));
        }
        // What takes over the hosts of others covers them by the plan.
        if !plans().any(|it| it.rest == number && it.formed == number) {
            self.attach(no, branch);
        }
        if let Some((parent, day)) = branch.moved {
            self.on(day, What::Branch(no, BranchChange::Move(city.body(parent))));
        }
        if branch.formed < 0 && branch.dissolved.is_none() && number % 29 == 11 {
            let name = Box::new(self.name(&format!("United {}", branch.name)));
            let day = self.dice.between(30, LAST - 30);
            self.on(day, What::Branch(no, BranchChange::Rename(name)));
        }
        if let Some((host, day)) = branch.detached {
            self.on(day, What::Branch(no, BranchChange::Detach(city.host(host))));
        }
        let by_plan = plans().any(|it| it.sources.contains(&number));
        if let Some(day) = branch.dissolved.filter(|_| !by_plan) {
            let with_host = branch.hosts.iter().any(|(host, _)| *host >= HOSTS);
            let reason = if with_host { "host_closed" } else { "idle" };
            let moved = city.members.all.iter().find_map(|member| {
                let mut stays = member.path.windows(2);
                stays.find(|stay| stay[0].0 == number && stay[1].1 == day).map(|stay| stay[1].0)
            });
            let into = moved.filter(|_| !branch.is_of_one_day()).map(|into| city.branch(into));
            self.on(day, What::Branch(no, BranchChange::Dissolve(into, reason)));
        }
    }

    /// Attaches the hosts with which a branch was formed at once, and the later ones one by one.
    fn attach(&mut self, no: BranchNo, branch: &Branch) {
        let (Some(mode), rank) = (branch.mode, branch.rank) else { return };
        let city = self.city;
        let at_once = branch.hosts.iter().filter(|(_, from)| *from == branch.formed);
        let hosts: Box<[HostNo]> = at_once.map(|(host, _)| city.host(*host)).collect();
        self.on(branch.formed, What::Branch(no, BranchChange::Attach(hosts, mode, rank)));
        for (host, from) in branch.hosts.iter().filter(|(_, from)| *from != branch.formed) {
            let hosts = Box::new([city.host(*host)]);
            self.on(*from, What::Branch(no, BranchChange::Attach(hosts, mode, rank)));
        }
    }

    fn member(&mut self, number: usize) {
        let city = self.city;
        let member = &city.members.all[number];
        let (person, joined) = (city.person(number), member.joined());
        self.on(joined, What::Person(person, Act::Register(member.born)));
        self.on(joined, What::Person(person, Act::Join(city.branch(member.path[0].0))));
        for stay in member.path.windows(2) {
            let ((before, _), (after, day)) = (stay[0], stay[1]);
            let (from, to) = (city.branch(before), city.branch(after));
            if number == city.members.stories.reissued {
                self.comes_on_a_letter(person, from, to);
            } else if !city.reorganised.iter().any(|it| it.moves(before, after, day)) {
                self.on(day, What::Person(person, Act::Move(from, to)));
            }
        }
        let home = city.branch(member.home().0);
        if number == city.members.stories.returned {
            self.is_sent_back(person, home);
        }
        self.jobs(person, member);
        if let Some(ended) = member.ended {
            let misread = number == city.members.stories.misread;
            let day = if misread { ended.day - MISREAD_DAYS } else { ended.day };
            let what = What::Person(person, Act::End(home, ended.reason));
            self.steps.push(Step { heard: ended.heard, effective: day, what });
            if misread {
                let (heard, what) = (ended.heard + CORRECTED_AFTER, Act::CorrectEnd);
                let what = What::Person(person, what);
                self.steps.push(Step { heard, effective: ended.day, what });
            }
        }
    }

    /// The letter runs out before anybody brings it, and is issued anew.
    fn comes_on_a_letter(&mut self, person: PersonNo, from: BranchNo, to: BranchNo) {
        let turns = [LetterTurn::Issue(from, to), LetterTurn::Reissue, LetterTurn::Accept(to)];
        for (day, turn) in REISSUED.into_iter().zip(turns) {
            self.on(day, What::Person(person, Act::Letter(turn)));
        }
    }

    /// The letter comes back, and its bearer stays.
    fn is_sent_back(&mut self, person: PersonNo, home: BranchNo) {
        let to = self.city.branch(RETURNED_BY);
        let turns = [LetterTurn::Issue(home, to), LetterTurn::Return(to, "papers_incomplete")];
        for (day, turn) in RETURNED.into_iter().zip(turns) {
            self.on(day, What::Person(person, Act::Letter(turn)));
        }
    }

    /// It is planned, a second person approves, and it is executed.
    fn reorganised(&mut self, it: &Reorganised) {
        let city = self.city;
        let goes = (0..MEMBERS).filter(|place| {
            let mut stays = city.members.all[*place].path.windows(2);
            it.rest != it.formed && stays.any(|stay| it.moves(stay[0].0, stay[1].0, stay[1].1))
        });
        let goes = goes.map(|place| city.person(place)).collect();
        let sources: Box<[BranchNo]> = it.sources.iter().map(|it| city.branch(*it)).collect();
        let (first, formed) = (sources[0], city.branch(it.formed));
        let new = self.new_branch(it.formed);
        let rest = city.code_of(it.rest);
        let plan = NewPlan { form: it.form, sources, formed: new, goes, rest };
        self.on(it.planned, What::Branch(first, BranchChange::Plan(Box::new(plan))));
        self.on(it.approved, What::Branch(first, BranchChange::Approve));
        self.on(it.executed, What::Branch(first, BranchChange::Execute(formed)));
    }

    fn jobs(&mut self, person: PersonNo, member: &Member) {
        for job in &member.jobs {
            let host = self.city.host(job.host);
            // Where somebody works is heard of when they join.
            let heard = job.from.max(member.joined());
            let what = What::Person(person, Act::Work(host, job.post));
            self.steps.push(Step { heard, effective: job.from, what });
            if let Some(day) = job.until {
                self.on(day, What::Person(person, Act::EndWork(host)));
            }
        }
    }

    fn turn(&mut self, turn: Turn) {
        let city = self.city;
        match turn {
            Turn::Taken { branch, person, day } => {
                let (branch, person) = (city.branch(branch), city.person(person));
                self.on(day, What::Person(person, Act::TakePost(branch)));
            }
            Turn::HandedOver { branch, holder, successor, day } => {
                let branch = city.branch(branch);
                let (holder, successor) = (city.person(holder), city.person(successor));
                self.on(day, What::Person(holder, Act::HandOver(branch, successor)));
            }
            Turn::Left { branch, person, day } => {
                let (branch, person) = (city.branch(branch), city.person(person));
                self.on(day, What::Person(person, Act::LeavePost(branch)));
            }
        }
    }
}
