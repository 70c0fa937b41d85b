//! Every day of a period is counted as if it alone were asked for.

use std::collections::BTreeMap;

use projections::{At, DayRule, Period};
use rollbook::ledger::DailyAsked;

use super::{Life, Noted};

/// How many days a period has, around the day of the place.
const DAYS: i64 = 40;

impl Life {
    /// A period around D, at K: some of its days, each as `headcount` counts it alone; the sums
    /// over branches; and one branch, out of rows of its own.
    pub(super) async fn days_as_counted(&mut self, at: At) {
        let from = crate::support::commands::plus_days(at.valid_on, -DAYS / 2);
        let until = crate::support::commands::plus_days(from, DAYS);
        let within = Period::new(from, until).unwrap();
        for day_rule in [DayRule::EndOfDay, DayRule::AnyMoment] {
            let known_at = at.known_at;
            let asked = DailyAsked { within, by_branch: true, branch: None, known_at, day_rule };
            let daily = self.ledger.daily(&self.actor, &asked).await.unwrap();
            for _ in 0..3 {
                let index = self.dice.below(u32::try_from(DAYS).unwrap()) as usize;
                let valid_on = within.days().nth(index).unwrap();
                let counted =
                    self.ledger.headcount(&self.actor, At { valid_on, known_at, day_rule });
                let counted = counted.await.unwrap().into_iter();
                let counted: BTreeMap<_, _> =
                    counted.map(|line| (line.branch, line.members)).collect();
                let told = daily
                    .branches
                    .iter()
                    .filter_map(|branch| Some((branch.branch.clone(), branch.members[index]?)));
                assert_eq!(told.collect::<BTreeMap<_, _>>(), counted, "{valid_on} at {known_at}");
                let day = daily.days[index];
                let (branches, members) = (counted.len() as u64, counted.values().sum::<u64>());
                assert_eq!((day.branches, day.members), (branches, members), "{valid_on}");
            }
            for branch in daily.branches.iter().take(2) {
                let asked = DailyAsked { by_branch: false, branch: Some(&branch.branch), ..asked };
                let alone = self.ledger.daily(&self.actor, &asked).await.unwrap();
                assert_eq!(alone.branches, std::slice::from_ref(branch));
            }
        }
    }

    /// An index folded anew from the whole log answers at every noted place what was answered
    /// there then, most often from the tables.
    pub(super) async fn memory_says_what_the_tables_say(&self, noted: &[Noted]) {
        self.ledger.keep_index().await.unwrap();
        for noted in noted {
            assert_eq!(self.answer(noted.at).await, noted.answer, "memory at {:?}", noted.at);
        }
    }
}
