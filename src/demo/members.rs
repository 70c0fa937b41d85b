//! The members of one city: where each was at home from when, and who left.

use events::membership::EndReason;

use super::branches::{Branch, ONE_DAY};
use super::dice::Dice;
use super::field::Host;
use super::step::Day;
use super::stories::{Stories, take_part};
use super::study::{
    BRANCHES, BRANCHES_DISSOLVED, BRANCHES_OF_ONE_DAY, LAST, MEMBERS, MEMBERS_ENDED, YOUNG,
};

/// The year of the last day.
const YEAR: i32 = 2017;

/// The first of each five years in which the young ones were born: on the last day nobody born
/// within them is 35.
const YOUNG_FROM: [i32; 3] = [1985, 1990, 1995];

/// The age at which somebody may join.
const AGE_LEAST: i32 = 18;

/// When the member left whose leaving becomes known on the last day only.
const LATE: Day = 690;

/// One member.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The branches at which they were at home, each from its day on.
    pub(super) path: Vec<(usize, Day)>,
    pub(super) ended: Option<Ended>,
    pub(super) born: u16,
    pub(super) jobs: Vec<Job>,
}

/// How a membership ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) day: Day,
    /// When the office heard of it.
    pub(super) heard: Day,
    pub(super) reason: EndReason,
}

/// Where a member worked.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) host: usize,
    pub(super) post: Option<&'static str>,
    pub(super) from: Day,
    pub(super) until: Option<Day>,
}

impl Member {
    pub(super) fn at(branch: usize, day: Day) -> Self {
        Self { path: vec![(branch, day)], ended: None, born: 0, jobs: Vec::new() }
    }

    /// The branch where they are at home in the end, and since when.
    pub(super) fn home(&self) -> (usize, Day) {
        self.path.last().copied().unwrap_or_default()
    }

    /// The day on which they joined.
    pub(super) fn joined(&self) -> Day {
        self.path.first().map_or(0, |(_, day)| *day)
    }
}

/// The members, and some of them by what became of them.
#[derive(Debug)]
pub(super) struct Members {
    /// First those of the last day, branch by branch, then those who left.
    pub(super) all: Vec<Member>,
    /// The member of whom the demo tells.
    pub(super) told: usize,
    /// The member whose leaving becomes known on the last day only.
    pub(super) late: usize,
    /// Those to whom something happens that happens once.
    pub(super) stories: Stories,
}

/// The members of all branches.
pub(super) fn members(dice: &mut Dice, branches: &[Branch], hosts: &[Host]) -> Members {
    let mut all = Vec::with_capacity(MEMBERS + MEMBERS_ENDED);
    for (number, size) in sizes(dice, branches, hosts).into_iter().enumerate() {
        for place in 0..size {
            let day = arrival(dice, &branches[number], place);
            all.push(Member::at(number, day));
        }
    }
    // Nobody comes to those that were merged, or goes from them, but by the merger.
    let others = &branches[..BRANCHES + BRANCHES_DISSOLVED];
    let told = came_from_dissolved(dice, others, &mut all);
    came_from_others(dice, others, &mut all);
    spent_a_day_elsewhere(dice, others, &mut all, told);
    let late = all.len();
    all.extend(left(dice, others));
    let stories = take_part(branches, &mut all);
    births(dice, &mut all);
    Members { all, told, late, stories }
}

/// How many members each branch has on the last day: most are small, two are too large, some too
/// small, and all of them together are as many as there are.
fn sizes(dice: &mut Dice, branches: &[Branch], hosts: &[Host]) -> Vec<usize> {
    const FIXED: [(usize, usize); 7] =
        [(3, 57), (4, 64), (60, 2), (80, 1), (100, 2), (101, 2), (149, 2)];
    let mut sizes = Vec::with_capacity(BRANCHES);
    let mut most = Vec::with_capacity(BRANCHES);
    for branch in &branches[..BRANCHES] {
        let staff = branch.hosts.first().map_or(0, |(host, _)| hosts[*host].staff);
        let staff = i32::try_from(staff).unwrap_or(i32::MAX);
        let (least, usual, cap) = match branch.kind {
            "joint" => (4, 14, 24),
            "online" => (12, 36, 46),
            _ if branch.hosts.is_empty() => (18, 40, 46),
            _ => (3, (staff / 8).clamp(5, 30), (staff * 2 / 5).clamp(4, 46)),
        };
        sizes.push(dice.between(least, usual));
        most.push(cap);
    }
    for (number, size) in FIXED {
        sizes[number] = i32::try_from(size).unwrap_or(0);
    }
    let fixed = |number: usize| FIXED.iter().any(|(fixed, _)| *fixed == number);
    let mut missing = i32::try_from(MEMBERS).unwrap_or(0) - sizes.iter().sum::<i32>();
    while missing != 0 {
        for number in (0..sizes.len()).filter(|number| !fixed(*number)) {
            let step = missing.signum();
            let (size, cap) = (&mut sizes[number], most[number]);
            if (step > 0 && *size < cap) || (step < 0 && *size > 4) {
                *size += step;
                missing -= step;
            }
        }
    }
    sizes.into_iter().map(|size| usize::try_from(size).unwrap_or(0)).collect()
}

/// When a member came to a branch: the first three formed it.
fn arrival(dice: &mut Dice, branch: &Branch, place: usize) -> Day {
    if place < 3 {
        branch.formed
    } else if branch.formed < 0 && dice.percent(60) {
        dice.between(branch.formed, -1)
    } else {
        dice.between(branch.formed.max(1), LAST - 10)
    }
}

/// When a branch was dissolved its members moved on. The member of whom the demo tells is one of
/// them: from the first one to a branch that stands alone.
fn came_from_dissolved(dice: &mut Dice, branches: &[Branch], all: &mut [Member]) -> usize {
    let dissolved = branches.iter().enumerate().skip(BRANCHES + BRANCHES_OF_ONE_DAY);
    let mut told = None;
    for (number, branch) in dissolved {
        let Some(day) = branch.dissolved else { continue };
        let fits = |member: &Member| {
            let home = member.home().0;
            let alone = branches[home].kind == "branch" && (10..60).contains(&home);
            let formed = branches[home].formed;
            member.path.len() == 1 && formed < day && (told.is_some() || (alone && formed < 0))
        };
        let mut places: Vec<usize> = (0..all.len()).filter(|it| fits(&all[*it])).collect();
        dice.shuffle(&mut places);
        let many = usize::try_from(dice.between(2, 6)).unwrap_or(2);
        for place in places.into_iter().take(many) {
            let joined = dice.between(branch.formed, day - 1);
            let member = &mut all[place];
            member.path = vec![(number, joined), (member.home().0, day)];
            told = told.or(Some(place));
        }
    }
    told.unwrap_or_default()
}

/// Others came from branches that still are, or will be dissolved later.
fn came_from_others(dice: &mut Dice, branches: &[Branch], all: &mut [Member]) {
    for member in all {
        let (home, arrived) = member.home();
        if member.path.len() > 1 || arrived < 40 || !dice.percent(38) {
            continue;
        }
        let mut day = arrived;
        for _ in 0..2 {
            let before = dice.index(branches.len());
            let branch = &branches[before];
            let fits = before != home && branch.formed < day - 30 && branch.is_there(day);
            if !fits || branch.is_of_one_day() {
                continue;
            }
            let first = branch.formed.max(-700);
            let joined = dice.between(first, day - 12);
            if member.path[0].0 != before {
                member.path.insert(0, (before, joined));
                day = joined;
            }
            if day < 60 {
                break;
            }
        }
    }
}

/// A branch that was formed in the morning took members in, and in the evening they were back.
fn spent_a_day_elsewhere(dice: &mut Dice, branches: &[Branch], all: &mut [Member], told: usize) {
    for (number, branch) in branches.iter().enumerate().skip(BRANCHES).take(BRANCHES_OF_ONE_DAY) {
        let day = branch.formed;
        let mut moved = usize::from(day == ONE_DAY);
        if moved == 1 {
            spend_a_day(&mut all[told], number, day);
        }
        while moved < 3 {
            let place = dice.index(all.len());
            let member = &mut all[place];
            if place != told && member.home().1 < day - 5 {
                spend_a_day(member, number, day);
                moved += 1;
            }
        }
    }
}

fn spend_a_day(member: &mut Member, branch: usize, day: Day) {
    let home = member.home().0;
    member.path.extend([(branch, day), (home, day)]);
}

/// Who left: the first one of them is heard of on the last day only.
fn left(dice: &mut Dice, branches: &[Branch]) -> Vec<Member> {
    let late = branches[..BRANCHES].iter().position(|it| it.formed < -100 && it.hosts.len() > 1);
    let heard = Ended { day: LATE, heard: LAST, reason: EndReason::Left };
    let mut left = vec![Member { ended: Some(heard), ..Member::at(late.unwrap_or(0), -40) }];
    while left.len() < MEMBERS_ENDED {
        let number = dice.index(branches.len());
        let branch = &branches[number];
        if branch.is_of_one_day() {
            continue;
        }
        let latest = branch.dissolved.unwrap_or(LAST - 2);
        let joined = if branch.formed < 0 && dice.percent(70) {
            dice.between(branch.formed, -1)
        } else {
            dice.between(branch.formed.max(1), (latest - 90).max(branch.formed + 1))
        };
        if joined >= latest {
            continue;
        }
        let with_the_branch = branch.dissolved.is_some() && dice.percent(50);
        let least = joined.max(0) + 1;
        // Those who joined within the story do not stay long.
        let most = if joined < 0 { latest } else { latest.min(least + 500) };
        let day = if with_the_branch { latest } else { dice.between(least, most) };
        // A paper may take weeks to arrive, unless the branch must be empty by then.
        let slow = branch.dissolved.is_none() && dice.percent(8);
        let heard = if slow { (day + 7 * dice.between(1, 8)).min(LAST - 4).max(day) } else { day };
        let reason = match dice.between(1, 100) {
            1..=3 => EndReason::Died,
            4..=6 => EndReason::Removed,
            7 => EndReason::Expelled,
            _ => EndReason::Left,
        };
        let ended = Some(Ended { day, heard, reason });
        left.push(Member { ended, ..Member::at(number, joined) });
    }
    left
}

/// When everybody was born: exactly so many of those of the last day are young.
fn births(dice: &mut Dice, all: &mut [Member]) {
    let mut order: Vec<usize> = (0..MEMBERS).collect();
    dice.shuffle(&mut order);
    // Whoever joined early is older; those of the first weeks could not be the youngest.
    order.sort_by_key(|place| all[*place].joined() >= 0);
    for (place, number) in order.into_iter().enumerate() {
        all[number].born = born(dice, all[number].joined(), place >= MEMBERS - YOUNG);
    }
    for member in &mut all[MEMBERS..] {
        let is_young = dice.percent(75);
        member.born = born(dice, member.joined(), is_young);
    }
}

fn born(dice: &mut Dice, joined: Day, is_young: bool) -> u16 {
    let latest = YEAR - 2 + joined.div_euclid(365) - AGE_LEAST;
    let young = YOUNG_FROM;
    let year = if is_young {
        let from = [young[0], young[0], young[1], young[1], young[1], young[2]][dice.index(6)];
        dice.between(from.min(latest), (from + 4).min(latest))
    } else {
        dice.between(1955, young[0] - 1)
    };
    u16::try_from(year).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{branches::branches, field::hosts};
    use super::*;

    #[test]
    fn members_are_as_many_and_as_young_as_they_should_be() {
        for seed in 0..20 {
            let dice = &mut Dice::new(seed);
            let mut hosts = hosts(dice);
            let (branches, _) = branches(dice, &mut hosts);
            let members = members(dice, &branches, &hosts);
            let all = &members.all;
            assert_eq!(all.len(), MEMBERS + MEMBERS_ENDED);
            assert!(all[..MEMBERS].iter().all(|member| member.ended.is_none()));
            assert!(all[MEMBERS..].iter().all(|member| member.ended.is_some()));
            let band = |member: &Member| member.born - member.born % 5;
            let young = all[..MEMBERS].iter().filter(|member| 2017 - band(member) < 35);
            assert_eq!(young.count(), YOUNG);
            let told = &all[members.told];
            assert!(told.path.len() >= 4, "seed {seed}: {told:?}");
            for member in all {
                assert!(member.path.is_sorted_by_key(|(_, day)| *day), "{member:?}");
                for (place, (branch, day)) in member.path.iter().enumerate() {
                    let next = member.path.get(place + 1).map_or(LAST, |(_, day)| *day);
                    let last = member.ended.map_or(next, |ended| ended.day);
                    let branch = &branches[*branch];
                    assert!(branch.formed <= *day, "{member:?} {branch:?}");
                    assert!(branch.dissolved.is_none_or(|it| last <= it), "{member:?} {branch:?}");
                }
            }
        }
    }
}
