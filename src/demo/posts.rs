//! Who is the secretary of which branch.

use super::branches::{Branch, ONE_DAY};
use super::dice::Dice;
use super::members::Members;
use super::step::Day;
use super::study::{BRANCHES, LAST, MEMBERS};

/// When the member of whom the demo tells became secretary.
const TOLD: Day = ONE_DAY + 122;

/// What happened to a secretary's post, by the places of branch and members in their lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Taken { branch: usize, person: usize, day: Day },
    HandedOver { branch: usize, holder: usize, successor: usize, day: Day },
    Left { branch: usize, person: usize, day: Day },
}

/// The secretaries: most branches have one, some had another one before, a few posts are vacant.
pub(super) fn secretaries(dice: &mut Dice, branches: &[Branch], members: &Members) -> Vec<Turn> {
    let mut turns = Vec::new();
    for number in 0..BRANCHES {
        // Who was there first, among those who stayed since.
        let mut here: Vec<(Day, usize)> = members.all[..MEMBERS]
            .iter()
            .enumerate()
            .filter(|(_, member)| member.home().0 == number)
            .map(|(place, member)| (member.home().1, place))
            .collect();
        here.sort_unstable();
        let told = members.all[members.told].home().0 == number;
        let others = here.iter().filter(|(_, place)| *place != members.told || !told);
        let [(arrived, person), rest @ ..] = &others.copied().collect::<Vec<_>>()[..] else {
            continue;
        };
        let day = (arrived + dice.between(0, 25)).min(LAST);
        let day = if *arrived < 0 { day.min(-1) } else { day };
        if !told && dice.percent(6) {
            continue;
        }
        turns.push(Turn::Taken { branch: number, person: *person, day });
        if told {
            let (holder, successor) = (*person, members.told);
            turns.push(Turn::HandedOver { branch: number, holder, successor, day: TOLD });
            continue;
        }
        let later = day.max(0) + dice.between(60, 500);
        let next = rest.iter().find(|(arrived, _)| *arrived < later);
        match (dice.between(1, 100), next) {
            (1..=22, Some((_, successor))) if later < LAST => turns.push(Turn::HandedOver {
                branch: number,
                holder: *person,
                successor: *successor,
                day: later,
            }),
            (23..=26, _) if later < LAST => {
                turns.push(Turn::Left { branch: number, person: *person, day: later });
            }
            _ => {}
        }
    }
    turns.extend(of_dissolved(branches, members));
    turns
}

/// Those of the dissolved branches lost the post when they moved on.
fn of_dissolved(branches: &[Branch], members: &Members) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for branch in (BRANCHES..branches.len()).filter(|it| !branches[*it].is_of_one_day()) {
        let first = members.all[..MEMBERS].iter().position(|member| member.path[0].0 == branch);
        if let Some(person) = first.filter(|first| *first != members.told) {
            let day = members.all[person].joined();
            turns.push(Turn::Taken { branch, person, day });
        }
    }
    turns
}
