//! The hosts of one city, as they are on the last day, and when each came and went.

use super::dice::Dice;
use super::names::{AREAS, PARKS};
use super::step::Day;
use super::study::{HOSTS, HOSTS_CLOSED, KINDS, LARGE, LAST, OWNERSHIPS, STAFF};

/// The posts that a member should hold, by the kind of host that has them.
pub(super) const EDITING: &str = "content_editing";
pub(super) const OVERSIGHT: &str = "network_oversight";
pub(super) const RESEARCH: &str = "research";

/// How many of the largest hosts have a post of research that should be a member's.
const RESEARCHING: usize = 24;

/// One host.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) registered: Day,
    pub(super) closed: Option<Day>,
    pub(super) kind: &'static str,
    pub(super) ownership: &'static str,
    /// How many people work there on its last day, or on the story's.
    pub(super) staff: u32,
    /// The place of its area in the list.
    pub(super) area: usize,
    pub(super) in_park: bool,
    pub(super) key_posts: Vec<&'static str>,
}

/// The hosts: first those that operate on the last day, the largest first, then those that closed.
pub(super) fn hosts(dice: &mut Dice) -> Vec<Host> {
    let mut kinds = spread(dice, &KINDS);
    let mut ownerships = spread(dice, &OWNERSHIPS);
    let mut staff = staff(dice);
    for _ in 0..HOSTS_CLOSED {
        kinds.push(KINDS[dice.index(4)].0);
        ownerships.push("private");
        staff.push(u32::try_from(dice.between(3, 90)).unwrap_or(3));
    }
    let mut hosts = Vec::with_capacity(staff.len());
    for (number, staff) in staff.into_iter().enumerate() {
        let (kind, area) = (kinds[number], dice.index(AREAS.len()));
        let in_park = area < PARKS && dice.percent(60);
        let opening = dice.percent(58);
        let registered =
            if opening { -dice.between(20, 1_380) } else { dice.between(1, LAST - 60) };
        let operates = number < HOSTS;
        hosts.push(Host {
            registered,
            closed: (!operates).then(|| dice.between(registered.max(0) + 30, LAST - 5)),
            kind,
            ownership: ownerships[number],
            staff,
            area,
            in_park,
            key_posts: if operates { key_posts(number, kind) } else { Vec::new() },
        });
    }
    hosts
}

impl Host {
    /// Makes sure that it operates on a day.
    pub(super) fn is_there_by(&mut self, dice: &mut Dice, day: Day) {
        if self.registered > day {
            self.registered = day - dice.between(5, 180);
        }
    }

    /// Whether it operates on a day and on the one after.
    pub(super) fn operates(&self, day: Day) -> bool {
        self.registered <= day && self.closed.is_none_or(|closed| closed > day + 1)
    }
}

/// Every value as often as it occurs, in any order.
fn spread(dice: &mut Dice, parts: &[(&'static str, usize)]) -> Vec<&'static str> {
    let mut values: Vec<_> =
        parts.iter().flat_map(|(value, number)| vec![*value; *number]).collect();
    dice.shuffle(&mut values);
    values
}

/// How many people work at each host: the largest first, and exactly so many in all.
fn staff(dice: &mut Dice) -> Vec<u32> {
    const GIANTS: [u32; 9] = [24, 18, 14, 11, 9, 8, 6, 5, 5];
    const GIANT_LEAST: u32 = 510;
    let bands = [(100, 330, 46), (50, 99, LARGE - 46 - GIANTS.len()), (20, 49, 131), (3, 19, 278)];
    let mut staff: Vec<u32> = Vec::with_capacity(HOSTS);
    for (least, most, number) in bands {
        let mut band: Vec<u32> = (0..number)
            .map(|_| u32::try_from(dice.between(least, most)).unwrap_or_default())
            .collect();
        band.sort_unstable_by(|one, other| other.cmp(one));
        staff.extend(band);
    }
    let rest = STAFF - staff.iter().sum::<u32>() - GIANT_LEAST * 9;
    let mut giants = GIANTS.map(|share| GIANT_LEAST + rest * share / 100);
    giants[0] += STAFF - staff.iter().sum::<u32>() - giants.iter().sum::<u32>();
    giants.into_iter().chain(staff).collect()
}

fn key_posts(number: usize, kind: &str) -> Vec<&'static str> {
    match kind {
        "news" => vec![EDITING],
        "network_access" => vec![OVERSIGHT],
        "software" | "games" if number < RESEARCHING => vec![RESEARCH],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::study::NOT_PUBLIC;
    use super::*;

    #[test]
    fn the_hosts_of_the_last_day_come_to_the_totals() {
        for seed in 0..50 {
            let hosts = hosts(&mut Dice::new(seed));
            assert_eq!(hosts.len(), HOSTS + HOSTS_CLOSED);
            let (there, gone) = hosts.split_at(HOSTS);
            assert_eq!(there.iter().map(|host| host.staff).sum::<u32>(), STAFF);
            assert_eq!(there.iter().filter(|host| host.staff >= 50).count(), LARGE);
            assert!(there.is_sorted_by(|one, other| one.staff >= other.staff));
            let private = |host: &&Host| !["state", "collective"].contains(&host.ownership);
            assert_eq!(there.iter().filter(private).count(), NOT_PUBLIC);
            assert!(there.iter().all(|host| host.closed.is_none()));
            assert!(gone.iter().all(|host| host.closed.is_some_and(|closed| closed < LAST)));
        }
    }
}
