//! What happens once in each city: two branches become one, one branch becomes two, a letter runs
//! out, another one is returned, and a mistake is corrected.

use events::membership::EndReason;
use events::reorganisation::PlanForm;

use super::branches::{Branch, INTO_MERGED, LASTING, MERGED, MERGED_ON, SPLIT, SPLIT_OFF};
use super::members::{Ended, Member};
use super::step::Day;
use super::study::{BRANCHES_MERGED, MEMBERS};

/// How many members at most come to each new branch with the reorganisation that forms it.
const MERGED_MOST: usize = 10;
const SPLIT_MOST: usize = 8;

/// How many days before it is executed a reorganisation is planned, if nobody comes in between.
const AHEAD: Day = 28;

/// When all of them joined who are told of here, but for those of the reorganisations.
const JOINED: Day = -10;

/// When the letter was issued that ran out, when it was issued anew, and when it was accepted.
pub(super) const REISSUED: [Day; 3] = [319, 417, 431];

/// When the letter was issued that was returned, when that was, and where it was to go.
pub(super) const RETURNED: [Day; 2] = [500, 521];
pub(super) const RETURNED_BY: usize = LASTING;

/// Where somebody left of whom a wrong day was recorded, the day, how many days too early it was
/// recorded, and how many days later it was corrected.
pub(super) const MISREAD_AT: usize = LASTING + 1;
pub(super) const MISREAD: Day = 550;
pub(super) const MISREAD_DAYS: Day = 30;
pub(super) const CORRECTED_AFTER: Day = 21;

/// The members to whom it happens, by their places in the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stories {
    /// Whose letter ran out and was issued anew.
    pub(super) reissued: usize,
    /// Whose letter was returned.
    pub(super) returned: usize,
    /// Of whom a wrong day was recorded.
    pub(super) misread: usize,
}

/// One reorganisation, by the places of the branches in their list.
#[derive(Debug)]
pub(super) struct Reorganised {
    pub(super) form: PlanForm,
    pub(super) sources: Vec<usize>,
    pub(super) formed: usize,
    /// Which branch takes over whatever is not named.
    pub(super) rest: usize,
    pub(super) planned: Day,
    pub(super) approved: Day,
    pub(super) executed: Day,
}

impl Reorganised {
    fn new(
        (form, sources): (PlanForm, Vec<usize>),
        (formed, rest): (usize, usize),
        executed: Day,
        all: &[Member],
    ) -> Self {
        // Whoever comes in between would not be in the plan.
        let stays = all.iter().flat_map(|member| &member.path);
        let arrivals = stays.filter(|(branch, day)| sources.contains(branch) && *day < executed);
        let last = arrivals.map(|(_, day)| *day).max();
        let planned = last.unwrap_or(executed - AHEAD).max(executed - AHEAD);
        let approved = planned + (executed - planned) / 2;
        Self { form, sources, formed, rest, planned, approved, executed }
    }

    /// Whether somebody moves with it who was at a branch and is at another one from a day on.
    pub(super) fn moves(&self, from: usize, to: usize, day: Day) -> bool {
        self.sources.contains(&from) && to == self.formed && day == self.executed
    }
}

/// The reorganisations of a city.
pub(super) fn reorganised(branches: &[Branch], all: &[Member]) -> [Reorganised; 2] {
    let sources = (INTO_MERGED..INTO_MERGED + BRANCHES_MERGED).collect();
    let split_on = branches[SPLIT_OFF].formed;
    [
        Reorganised::new((PlanForm::Merge, sources), (MERGED, MERGED), MERGED_ON, all),
        Reorganised::new((PlanForm::Split, vec![SPLIT]), (SPLIT_OFF, SPLIT), split_on, all),
    ]
}

/// Gives some members the lives that are told of, in the place of what the dice gave them.
pub(super) fn take_part(branches: &[Branch], all: &mut [Member]) -> Stories {
    let here = |all: &[Member], branch: usize| -> Vec<usize> {
        (0..MEMBERS).filter(|place| all[*place].home().0 == branch).collect()
    };
    for (number, place) in here(all, MERGED).into_iter().take(MERGED_MOST).enumerate() {
        let from = INTO_MERGED + number % BRANCHES_MERGED;
        come_with(&mut all[place], branches, from, MERGED, number);
    }
    for (number, place) in here(all, SPLIT_OFF).into_iter().take(SPLIT_MOST).enumerate() {
        come_with(&mut all[place], branches, SPLIT, SPLIT_OFF, number);
    }
    let (from, to) = (LASTING, LASTING + 1);
    let [_, _, accepted] = REISSUED;
    let stories = Stories {
        reissued: here(all, to)[3],
        returned: here(all, LASTING + 2)[3],
        // The first of those who left is heard of late.
        misread: MEMBERS + 1,
    };
    all[stories.reissued].path = vec![(from, JOINED), (to, accepted)];
    all[stories.returned].path = vec![(LASTING + 2, JOINED)];
    let ended = Ended { day: MISREAD, heard: MISREAD, reason: EndReason::Left };
    all[stories.misread] = Member { ended: Some(ended), ..Member::at(MISREAD_AT, JOINED) };
    stories
}

/// Lets somebody come to a branch from another one on the day on which it is formed from that.
fn come_with(member: &mut Member, branches: &[Branch], from: usize, to: usize, number: usize) {
    let joined = branches[from].formed + Day::try_from(number).unwrap_or(0);
    member.path = vec![(from, joined), (to, branches[to].formed)];
}

#[cfg(test)]
mod tests {
    use super::super::dice::Dice;
    use super::super::{branches::branches, field::hosts, members::members};
    use super::*;

    #[test]
    fn whoever_is_in_a_plan_is_there_when_it_is_made_and_nobody_comes_afterwards() {
        for seed in 0..40 {
            let dice = &mut Dice::new(seed);
            let mut hosts = hosts(dice);
            let (branches, _) = branches(dice, &mut hosts);
            let all = members(dice, &branches, &hosts).all;
            for it in reorganised(&branches, &all) {
                assert!(it.planned <= it.approved && it.approved < it.executed, "{it:?}");
                assert!(it.sources.iter().all(|place| branches[*place].formed <= it.planned));
                let stays = || all.iter().flat_map(|member| member.path.windows(2));
                let moved = stays().filter(|stay| it.moves(stay[0].0, stay[1].0, stay[1].1));
                let moved: Vec<_> = moved.collect();
                assert!(moved.len() >= 3, "{it:?}");
                assert!(moved.iter().all(|stay| stay[0].1 <= it.planned), "{it:?}");
                let paths = all.iter().flat_map(|member| &member.path);
                let between = it.planned + 1..it.executed;
                let mut late =
                    paths.filter(|(at, day)| it.sources.contains(at) && between.contains(day));
                assert_eq!(late.next(), None, "{it:?}");
            }
        }
    }
}
