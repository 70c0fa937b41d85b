//! Where the members of one city work. Not everybody works at a host of their branch: some hosts
//! have members and no branch.

use super::branches::Branch;
use super::dice::Dice;
use super::field::Host;
use super::members::{Job, Member, Members};
use super::step::Day;
use super::study::{LAST, MEMBERS};

/// How many hosts without a branch have three members or more, and how many one or two.
const CROWDED: usize = 9;
const QUIET: usize = 110;

/// Gives the members of one city their jobs; `open` are the hosts that no branch covers in the end,
/// the largest first.
pub(super) fn work(
    dice: &mut Dice,
    branches: &[Branch],
    hosts: &[Host],
    open: &[usize],
    members: &mut Members,
) {
    let mut queue = elsewhere(dice, hosts, open);
    for (number, member) in members.all.iter_mut().enumerate() {
        let stays = number < MEMBERS;
        before(dice, branches, hosts, member);
        let (home, arrived) = member.home();
        let Some((host, _)) = workplace(dice, &branches[home], &mut queue, stays) else { continue };
        let until = member.ended.map(|ended| ended.day);
        let transferred = member.path.len() > 1;
        let earlier = dice.between(0, if transferred { 60 } else { 240 });
        // Who worked there before goes on where that ended.
        let same = member.jobs.iter().find(|job| job.host == host);
        let least = same.and_then(|job| job.until).unwrap_or(hosts[host].registered);
        let from = (arrived - earlier).max(least);
        // The office hears of it when they join, and then the host must still be there.
        if !hosts[host].operates(from.max(member.joined()))
            || until.is_some_and(|until| until <= from)
        {
            continue;
        }
        // Who left stays at work half of the time.
        let until = until.filter(|_| dice.percent(50)).filter(|day| hosts[host].operates(*day));
        member.jobs.push(Job { host, post: None, from, until });
    }
    give_key_posts(dice, hosts, &mut members.all);
}

/// The places at hosts without a branch, to be taken one by one.
fn elsewhere(dice: &mut Dice, hosts: &[Host], open: &[usize]) -> Vec<usize> {
    let roomy = open.iter().filter(|host| hosts[**host].staff >= 30);
    let crowded: Vec<usize> = roomy.copied().skip(4).take(CROWDED).collect();
    let mut quiet: Vec<usize> =
        open.iter().copied().filter(|host| !crowded.contains(host)).collect();
    dice.shuffle(&mut quiet);
    let mut queue = Vec::new();
    for host in quiet.into_iter().take(QUIET) {
        queue.extend(vec![host; 1 + dice.index(2)]);
    }
    dice.shuffle(&mut queue);
    // Taken from the end: the crowded ones first.
    for host in crowded {
        queue.extend(vec![host; 3 + dice.index(3)]);
    }
    queue
}

/// Where somebody at home in a branch works.
fn workplace(
    dice: &mut Dice,
    branch: &Branch,
    elsewhere: &mut Vec<usize>,
    stays: bool,
) -> Option<(usize, Day)> {
    let share = match branch.kind {
        "joint" => 75,
        "online" => 45,
        _ => 94,
    };
    let gone = branch.detached.map(|(host, _)| host);
    let own: Vec<(usize, Day)> =
        branch.hosts.iter().copied().filter(|(host, _)| Some(*host) != gone).collect();
    if dice.percent(share) && !own.is_empty() {
        return dice.pick(&own);
    }
    if stays && (branch.kind != "branch" || own.is_empty()) {
        return elsewhere.pop().map(|host| (host, 0));
    }
    None
}

/// Where a member worked while at home at the branch before.
fn before(dice: &mut Dice, branches: &[Branch], hosts: &[Host], member: &mut Member) {
    let [(first, joined), (_, left), ..] = member.path[..] else { return };
    let Some((host, _)) = dice.pick(&branches[first].hosts) else { return };
    let from = joined.max(hosts[host].registered);
    let closed = hosts[host].closed.unwrap_or(Day::MAX);
    if from < left && from < closed && dice.percent(80) {
        // With the host ends what is left of the job.
        let until = (left < closed).then_some(left);
        member.jobs.push(Job { host, post: None, from, until });
    }
}

/// Two thirds of the posts that a member should hold are held by one.
fn give_key_posts(dice: &mut Dice, hosts: &[Host], members: &mut [Member]) {
    let mut wanted: Vec<(usize, &'static str)> = Vec::new();
    for (number, host) in hosts.iter().enumerate() {
        wanted.extend(host.key_posts.iter().map(|post| (number, *post)));
    }
    for (host, post) in wanted {
        if !dice.percent(66) {
            continue;
        }
        let jobs = members[..MEMBERS].iter_mut().filter_map(|member| member.jobs.last_mut());
        let mut there = jobs.filter(|job| job.host == host && job.until.is_none());
        if let Some(job) = there.find(|job| job.from < LAST - 30) {
            job.post = Some(post);
        }
    }
}
