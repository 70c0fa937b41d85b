//! What decisions remember about a post.

use std::collections::BTreeMap;

use events::post::HoldingMode;
use events::{BranchId, Code, Date, PersonId, Position, PostEvent, Timeline};
use serde::{Deserialize, Serialize};

use super::{Spell, Subject};

/// One post: where it is, and who held it or acted in it, day by day.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Post {
    version: u64,
    place: Option<(BranchId, Code)>,
    holders: BTreeMap<PersonId, Timeline<bool>>,
    acting: BTreeMap<PersonId, Timeline<bool>>,
    terms: BTreeMap<PersonId, Timeline<Term>>,
}

/// How a holder came to the post, and how long they serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// How the holder came to it.
    pub mode: HoldingMode,
    /// The first day after the term.
    pub until: Option<Date>,
}

impl Post {
    /// Where the post is, and which one.
    #[must_use]
    pub fn place(&self) -> Option<(BranchId, &Code)> {
        self.place.as_ref().map(|(branch, role)| (*branch, role))
    }

    /// Whether it is the post of that role.
    #[must_use]
    pub fn is_called(&self, role: &Code) -> bool {
        self.place.as_ref().is_some_and(|(_, own)| own == role)
    }

    /// The stretches during which each holder held it.
    pub fn spells(&self) -> impl Iterator<Item = Spell<PersonId>> {
        spells(&self.holders)
    }

    /// The stretches during which each person acted in it.
    pub fn acting(&self) -> impl Iterator<Item = Spell<PersonId>> {
        spells(&self.acting)
    }

    /// The term of a holder when that day ended.
    #[must_use]
    pub fn term_on(&self, person: PersonId, day: Date) -> Option<Term> {
        self.terms.get(&person)?.on(day).copied()
    }

    /// The first recorded term of a holder after that day.
    #[must_use]
    pub fn term_after(&self, person: PersonId, day: Date) -> Option<Date> {
        self.terms.get(&person)?.after(day).first().map(|change| change.effective)
    }

    /// What is recorded of a holder for later than that day, which keeps the holding from ending on
    /// it: that it ends or begins then, or that a term was set.
    #[must_use]
    pub fn later_change(&self, holding: &Spell<PersonId>, day: Date) -> Option<Date> {
        let begins = (holding.from > day).then_some(holding.from);
        holding.until.or(begins).or_else(|| self.term_after(holding.value, day))
    }
}

fn spells(held: &BTreeMap<PersonId, Timeline<bool>>) -> impl Iterator<Item = Spell<PersonId>> {
    held.iter().flat_map(|(person, held)| {
        held.spans().filter(|span| *span.value).map(|span| Spell {
            value: *person,
            from: span.from,
            until: span.until,
        })
    })
}

impl Subject for Post {
    type Event = PostEvent;

    fn apply(&mut self, event: &PostEvent) {
        self.version += 1;
        let position = Position(self.version);
        let (branch, role, person) = event.seat();
        self.place.get_or_insert_with(|| (branch, role.clone()));
        let (held, effective, holds) = match event {
            PostEvent::Taken { effective, .. } => (&mut self.holders, *effective, true),
            PostEvent::Left { effective, .. } => (&mut self.holders, *effective, false),
            PostEvent::ActingNamed { effective, .. } => (&mut self.acting, *effective, true),
            PostEvent::ActingEnded { effective, .. } => (&mut self.acting, *effective, false),
            PostEvent::TermSet { effective, mode, term_until, .. } => {
                let term = Term { mode: *mode, until: *term_until };
                self.terms.entry(person).or_default().insert(*effective, position, term);
                return;
            }
        };
        held.entry(person).or_default().insert(effective, position, holds);
    }
}
