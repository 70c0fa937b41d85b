//! The clock in random histories: advancing it records what is due and no more, and what is due is
//! what the definition says.

use std::collections::BTreeSet;

use events::{Date, Recorded};
use projections::questions::Due;
use projections::{At, DayRule};
use rollbook::ledger::{Advance, DueEntry, Error, KnownAt};

use super::Life;
use crate::oracle::dues;
use crate::support::commands::plus_days;

/// Now and then a long time passes before the clock is advanced.
const LONG: u32 = 300;

impl Life {
    /// Wishes that the clock be advanced, at times to a day that lies ahead or behind it.
    pub(super) async fn advance_clock(&mut self) -> String {
        if self.dice.one_in(8) {
            (0..=self.dice.below(LONG)).for_each(|_| self.nature.tomorrow());
        }
        let to = plus_days(self.ledger.today(), 1 - i64::from(self.dice.below(6)));
        let before = self.ledger.store().head().await.unwrap().position;
        let preview = self.dice.one_in(6);
        let told = self.ledger.advance_clock(&self.actor, to, preview).await;
        let records = self.ledger.store().log(before, usize::MAX >> 1).await.unwrap();
        let recorded: Vec<Recorded> =
            records.iter().map(|record| record.decode().unwrap().1).collect();
        recorded.iter().for_each(|recorded| self.fates.learn(recorded));
        match &told {
            Ok(_) if preview => assert_eq!(recorded, [], "a preview of the clock records nothing"),
            Ok(_) => self.nothing_is_left(to).await,
            Err(Error::Refused(_)) => assert_eq!(recorded, [], "the clock was refused"),
            Err(error) => panic!("{error:?}"),
        }
        format!("clock to {to}: {told:?}")
    }

    /// All that fell due up to that day is recorded, and a second advance would find nothing.
    pub(super) async fn nothing_is_left(&self, to: Date) {
        let at = self.ledger.at(Some(to), KnownAt::Now, DayRule::EndOfDay).await.unwrap();
        let due = self.ledger.due(&self.actor, at, 0, None).await.unwrap();
        let unrecorded: Vec<&DueEntry> = due.iter().filter(|entry| !entry.recorded).collect();
        assert_eq!(unrecorded, Vec::<&DueEntry>::new(), "the clock stands on {to}");
        let again = self.ledger.advance_clock(&self.actor, to, true).await.unwrap();
        let Advance { from, fell_due, .. } = again;
        assert_eq!((from, fell_due), (Some(to), vec![]), "a second advance to {to}");
    }

    /// What is due, and what falls due in a year, as one list.
    pub(super) async fn dues_around(&self, at: At) -> Vec<(Due, bool)> {
        let due = self.ledger.due(&self.actor, at, 365, None).await.unwrap();
        due.into_iter().map(|entry| (entry.due, entry.recorded)).collect()
    }

    /// What is due at a random (D, K), years ahead at times, is what the definition says.
    pub(super) async fn dues_as_defined(&mut self, events: &[Recorded]) {
        let day = plus_days(self.a_day(), i64::from(self.dice.below(3) * self.dice.below(500)));
        let head = u32::try_from(events.len()).unwrap();
        let known_at = events::Position(u64::from(self.dice.below(head)) + 1);
        let known_at = KnownAt::Position(known_at);
        let at = self.ledger.at(Some(day), known_at, DayRule::EndOfDay).await.unwrap();
        let due = self.ledger.due(&self.actor, at, 0, None).await.unwrap();
        let asked = due.into_iter().map(|entry| entry.due);
        let told: BTreeSet<dues::Due> = asked
            .filter(|due| dues::ASKED.contains(&due.what))
            .map(|due| {
                let person = due.subject.family == events::FamilyName::Person;
                let person = person.then(|| due.subject.id.to_string());
                (due.what, due.branch, due.about.or(person).unwrap_or_default(), due.day)
            })
            .collect();
        let expected = dues::dues(events, &self.rules, (at.valid_on, at.known_at));
        assert_eq!(told, expected, "due at {at:?}");
    }
}
