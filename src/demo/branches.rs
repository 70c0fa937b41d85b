//! The branches of one city: those of the last day, and those that were dissolved before it.

use std::collections::BTreeSet;

use events::branch::{FormationMode, Rank};

use super::bodies::{body_of, street_of};
use super::dice::Dice;
use super::field::Host;
use super::names::{AREAS, of_host, slug};
use super::step::Day;
use super::study::{BRANCHES, BRANCHES_DISSOLVED, BRANCHES_OF_ONE_DAY, HOSTS, LARGE, LAST};

/// The branch that was split: it goes on, and the second one at its host was formed from it.
pub(super) const SPLIT: usize = 0;
pub(super) const SPLIT_OFF: usize = STANDALONE;

/// The joint branch that two became, one for each of its hosts, and when. They stand last.
pub(super) const MERGED: usize = STANDALONE + SECOND + 28;
pub(super) const MERGED_ON: Day = 403;
pub(super) const INTO_MERGED: usize = BRANCHES + BRANCHES_DISSOLVED;

/// When the two were formed.
const INTO_MERGED_FORMED: [Day; 2] = [-300, 40];

/// The first of those that never had a host: they are there all the time.
pub(super) const LASTING: usize = BRANCHES - WITHOUT;

/// How many branches of the last day stand alone at a host, and at how many of those a second one.
const STANDALONE: usize = 97;
const SECOND: usize = 3;

/// How many are formed jointly. The last two of them have lost a host.
const JOINT: usize = 41;

/// How many are formed online, how many have lost all hosts, and how many never had one.
const ONLINE: usize = 8;
const GONE: usize = 3;
const WITHOUT: usize = BRANCHES - STANDALONE - SECOND - JOINT - ONLINE - GONE;

/// How many of the dissolved ones were formed jointly.
const JOINT_DISSOLVED: usize = 6;

/// The day of the branch that was formed in the morning and gone by the evening of which the demo
/// tells.
pub(super) const ONE_DAY: Day = 438;

/// One branch.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: &'static str,
    /// The body above it, by its place in the list of bodies.
    pub(super) parent: usize,
    /// The body above it later, and from when.
    pub(super) moved: Option<(usize, Day)>,
    pub(super) formed: Day,
    pub(super) dissolved: Option<Day>,
    pub(super) mode: Option<FormationMode>,
    pub(super) rank: Rank,
    /// Its hosts, each with the day from which it is covered.
    pub(super) hosts: Vec<(usize, Day)>,
    /// A host that it covers no longer, and since when.
    pub(super) detached: Option<(usize, Day)>,
}

impl Branch {
    /// Whether somebody may come to it on a day, and another one go from it.
    pub(super) fn is_there(&self, day: Day) -> bool {
        self.formed <= day && self.dissolved.is_none_or(|dissolved| dissolved > day)
    }

    /// Whether it was gone by the evening of its first day.
    pub(super) fn is_of_one_day(&self) -> bool {
        self.dissolved == Some(self.formed)
    }
}

/// The branches: first those of the last day, then those dissolved before it, then those that were
/// merged; and the hosts that none of them covers on the last day, the largest first.
pub(super) fn branches(dice: &mut Dice, hosts: &mut [Host]) -> (Vec<Branch>, Vec<usize>) {
    let free = (0..HOSTS).collect();
    let mut build = Build { dice, hosts, branches: Vec::new(), free, next_closing: HOSTS };
    build.standalone();
    build.joint();
    build.online();
    build.hosts_gone();
    build.without_hosts();
    // Who lost the branch that it shared is not covered, and not covered anew.
    let lost: Vec<usize> =
        build.branches.iter().filter_map(|branch| Some(branch.detached?.0)).collect();
    build.dissolved();
    build.merged();
    let branches = build.branches;
    let covered: BTreeSet<usize> = branches[..BRANCHES]
        .iter()
        .flat_map(|branch| &branch.hosts)
        .map(|(host, _)| *host)
        .filter(|host| !lost.contains(host))
        .collect();
    (branches, (0..HOSTS).filter(|host| !covered.contains(host)).collect())
}

struct Build<'a> {
    dice: &'a mut Dice,
    hosts: &'a mut [Host],
    branches: Vec<Branch>,
    /// Hosts that no branch took yet.
    free: BTreeSet<usize>,
    /// The first of the hosts that close before the last day and have no branch yet.
    next_closing: usize,
}

impl Build<'_> {
    fn standalone(&mut self) {
        let mut large: Vec<usize> = (10..LARGE).collect();
        let mut middle: Vec<usize> = (LARGE..LARGE + 131).collect();
        self.dice.shuffle(&mut large);
        self.dice.shuffle(&mut middle);
        let alone = (0..10).chain(large.into_iter().take(65)).chain(middle);
        for (number, host) in alone.take(STANDALONE).enumerate() {
            // A second one comes after the first.
            let latest = if number < SECOND { 450 } else { 690 };
            self.form(&[host], FormationMode::Standalone, "branch", latest);
        }
        for host in 0..SECOND {
            let formed = self.branches[host].formed.max(0) + self.dice.between(20, 200);
            let formed = formed.min(LAST - 60);
            self.form(&[host], FormationMode::Standalone, "second", formed);
            let Some(second) = self.branches.last_mut() else { continue };
            (second.rank, second.formed, second.moved) = (Rank::Secondary, formed, None);
            second.hosts = vec![(host, formed)];
        }
    }

    fn joint(&mut self) {
        let mut pool: Vec<usize> = self.free.iter().copied().filter(|host| *host > 60).collect();
        self.dice.shuffle(&mut pool);
        for number in 0..JOINT - 2 {
            let (mode, ending) = match number {
                0..15 => (FormationMode::JointByIndustry, "trade"),
                15..27 => (FormationMode::LedByFirm, "partners"),
                _ => (FormationMode::ByRegion, "neighbours"),
            };
            let many = [2, 3, 2, 4, 3, 2, 5][number % 7];
            let hosts = pool.split_off(pool.len() - many);
            self.form(&hosts, mode, ending, 640);
        }
        let (region, ending) = (FormationMode::ByRegion, "neighbours");
        let hosts = pool.split_off(pool.len() - 2);
        self.form(&hosts, region, ending, 300);
        let day = self.dice.between(560, 680);
        if let Some(branch) = self.branches.last_mut() {
            branch.detached = Some((hosts[1], day));
        }
        let stays = pool.split_off(pool.len() - 1);
        let closes = self.closing(540, 640);
        self.form(&[stays[0], closes], region, ending, 300);
    }

    fn online(&mut self) {
        let mut pool: Vec<usize> = self.free.iter().copied().filter(|host| *host > 60).collect();
        self.dice.shuffle(&mut pool);
        for number in 0..ONLINE {
            let hosts = pool.split_off(pool.len() - [1, 2, 3, 1][number % 4]);
            self.form(&hosts, FormationMode::Online, "online", 640);
        }
    }

    fn hosts_gone(&mut self) {
        for _ in 0..GONE - 1 {
            let closes = self.closing(450, 700);
            self.form(&[closes], FormationMode::Standalone, "branch", 300);
        }
        let both = [self.closing(450, 700), self.closing(450, 700)];
        self.form(&both, FormationMode::ByRegion, "neighbours", 300);
    }

    fn without_hosts(&mut self) {
        for (area, (code, name)) in AREAS.iter().enumerate().take(WITHOUT) {
            let formed = -self.dice.between(20, 900);
            self.branches.push(Branch {
                code: format!("{code}-members"),
                name: format!("{name} Members"),
                kind: "branch",
                parent: street_of(area),
                moved: None,
                formed,
                dissolved: None,
                mode: None,
                rank: Rank::Primary,
                hosts: Vec::new(),
                detached: None,
            });
        }
    }

    /// Those that were dissolved: most with the fortunes of their host, the others fell idle.
    fn dissolved(&mut self) {
        let mut closing: Vec<usize> = (self.next_closing..self.hosts.len()).collect();
        let mut idle: Vec<usize> = self.free.iter().copied().collect();
        self.dice.shuffle(&mut idle);
        for number in 0..BRANCHES_DISSOLVED {
            let one_day = number < BRANCHES_OF_ONE_DAY;
            let joint = number >= BRANCHES_DISSOLVED - JOINT_DISSOLVED;
            let (formed, dissolved) = self.life(number, one_day);
            let (hosts, mode, ending) = if joint {
                (idle.split_off(idle.len() - 2), FormationMode::ByRegion, "neighbours")
            } else if one_day || number % 4 != 0 {
                (closing.split_off(closing.len() - 1), FormationMode::Standalone, "branch")
            } else {
                (idle.split_off(idle.len() - 1), FormationMode::Standalone, "branch")
            };
            for host in hosts.iter().filter(|host| **host >= HOSTS) {
                let closed = if one_day || self.dice.percent(70) { 0 } else { 30 };
                let closed = dissolved + self.dice.between(0, closed);
                self.hosts[*host].closed = Some(closed.min(LAST - 1));
            }
            self.form(&hosts, mode, ending, formed);
            let Some(branch) = self.branches.last_mut() else { continue };
            (branch.formed, branch.dissolved, branch.moved) = (formed, Some(dissolved), None);
            branch.hosts.iter_mut().for_each(|(_, from)| *from = formed);
            for host in hosts {
                self.hosts[host].is_there_by(self.dice, formed);
            }
        }
    }

    /// Two that stood alone became one of the joint branches.
    fn merged(&mut self) {
        let Branch { hosts, parent, .. } = self.branches[MERGED].clone();
        for ((host, _), formed) in hosts.iter().zip(INTO_MERGED_FORMED) {
            self.hosts[*host].is_there_by(self.dice, formed);
            let name = of_host(*host);
            self.branches.push(Branch {
                code: format!("{}-branch", slug(&name)),
                name: format!("{name} Branch"),
                kind: "branch",
                parent,
                moved: None,
                formed,
                dissolved: Some(MERGED_ON),
                mode: Some(FormationMode::Standalone),
                rank: Rank::Primary,
                hosts: vec![(*host, formed)],
                detached: None,
            });
        }
        let merged = &mut self.branches[MERGED];
        (merged.formed, merged.moved) = (MERGED_ON, None);
        merged.hosts.iter_mut().for_each(|(_, from)| *from = MERGED_ON);
    }

    /// From when until when a dissolved branch lived.
    fn life(&mut self, number: usize, one_day: bool) -> (Day, Day) {
        let dice = &mut *self.dice;
        if one_day {
            let day = if number == 0 { ONE_DAY } else { dice.between(30, LAST - 25) };
            return (day, day);
        }
        // The first one of some length is where the member was of whom the demo tells.
        if number == BRANCHES_OF_ONE_DAY {
            return (-600, 131);
        }
        let formed = if dice.percent(40) { -dice.between(20, 900) } else { dice.between(1, 600) };
        let most = [20, 60, 120, 300, 500][dice.index(5)];
        (formed, (formed.max(0) + dice.between(5, most)).min(LAST - 5))
    }

    /// The next host that does not operate on the last day; it closes within these days.
    fn closing(&mut self, least: Day, most: Day) -> usize {
        let host = self.next_closing;
        self.next_closing += 1;
        let closed = self.dice.between(least, most);
        self.hosts[host].is_there_by(self.dice, 200);
        self.hosts[host].closed = Some(closed);
        host
    }

    /// Forms a branch over hosts, which makes sure that they are there by then.
    fn form(&mut self, hosts: &[usize], mode: FormationMode, ending: &str, latest: Day) {
        let dice = &mut *self.dice;
        let opening = dice.percent(60);
        let formed = if opening { -dice.between(15, 1_150) } else { dice.between(10, latest) };
        let founding = if mode.is_joint() { 2 } else { 1 };
        let mut covered: Vec<(usize, Day)> = Vec::new();
        for (number, host) in hosts.iter().enumerate() {
            let later = number >= founding && dice.percent(70);
            let from = if later { dice.between(formed.max(0) + 10, LAST - 10) } else { formed };
            self.hosts[*host].is_there_by(dice, from);
            covered.push((*host, from));
            self.free.remove(host);
        }
        let first = &self.hosts[hosts[0]];
        let parent = body_of(first.area, first.in_park, mode);
        // Some were led by the street until a park or the trade took them over.
        let late = formed < 200 && parent != street_of(first.area) && dice.percent(8);
        let moved = late.then(|| (parent, dice.between(210, 700)));
        let (kind, name) = match mode {
            FormationMode::Standalone => ("branch", "Branch"),
            FormationMode::JointByIndustry => ("joint", "Trade"),
            FormationMode::LedByFirm => ("joint", "and Partners"),
            FormationMode::ByRegion => ("joint", "Neighbours"),
            FormationMode::Online => ("online", "Online"),
        };
        let name = if ending == "second" { "Second Branch" } else { name };
        let host = of_host(hosts[0]);
        self.branches.push(Branch {
            code: format!("{}-{ending}", slug(&host)),
            name: format!("{host} {name}"),
            kind,
            parent: if moved.is_some() { street_of(first.area) } else { parent },
            moved,
            formed,
            dissolved: None,
            mode: Some(mode),
            rank: Rank::Primary,
            hosts: covered,
            detached: None,
        });
    }
}
