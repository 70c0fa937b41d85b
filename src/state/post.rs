//! What decisions remember about a post.

use std::collections::BTreeMap;

use events::{BranchId, Code, Date, PersonId, Position, PostEvent, Timeline};
use serde::{Deserialize, Serialize};

use super::{Spell, Subject};

/// One post: where it is, and who held it, day by day.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Post {
    version: u64,
    place: Option<(BranchId, Code)>,
    holders: BTreeMap<PersonId, Timeline<bool>>,
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
        self.holders.iter().flat_map(|(person, held)| {
            held.spans().filter(|span| *span.value).map(|span| Spell {
                value: *person,
                from: span.from,
                until: span.until,
            })
        })
    }

    /// The first recorded change of one holder after that day.
    #[must_use]
    pub fn change_after(&self, person: PersonId, day: Date) -> Option<Date> {
        self.holders.get(&person)?.after(day).first().map(|change| change.effective)
    }
}

impl Subject for Post {
    type Event = PostEvent;

    fn apply(&mut self, event: &PostEvent) {
        self.version += 1;
        let (effective, person, holds) = match event {
            PostEvent::Taken { effective, branch, role, person, .. } => {
                self.place.get_or_insert_with(|| (*branch, role.clone()));
                (*effective, *person, true)
            }
            PostEvent::Left { effective, person, .. } => (*effective, *person, false),
        };
        self.holders.entry(person).or_default().insert(effective, Position(self.version), holds);
    }
}
