//! Names of people: only where they are asked for, and never without a purpose.

use std::collections::{BTreeSet, HashMap};

use events::PersonId;

use super::output::Output;
use super::{Failure, NOTHING, Run};
use crate::ledger::{Ledger, shown_name};
use crate::vault::{Answer, Field};

/// The names that a read brought out of the vault; none when none were asked for.
pub(super) struct Names {
    names: Option<HashMap<String, Option<String>>>,
}

impl Run<'_> {
    /// The purpose for which names are asked for; `None` when they are not.
    ///
    /// # Errors
    /// Names without a purpose.
    pub(super) fn names_asked(&self) -> Result<Option<&str>, Failure> {
        if !self.matches.get_flag("names") {
            return Ok(None);
        }
        match self.typed("purpose").filter(|purpose| !purpose.trim().is_empty()) {
            None => Err(Failure::usage("names_without_purpose", NOTHING)),
            purpose => Ok(purpose),
        }
    }
}

impl Names {
    /// No names: none were asked for.
    pub(super) fn none() -> Self {
        Self { names: None }
    }

    /// Reads the names of these people, if names were asked for. Otherwise the vault stays closed.
    ///
    /// # Errors
    /// What keeps the vault from answering.
    pub(super) fn read(
        run: &Run<'_>,
        ledger: &Ledger,
        purpose: Option<&str>,
        persons: impl Iterator<Item = PersonId>,
    ) -> Result<Self, Failure> {
        let Some(purpose) = purpose else { return Ok(Self::none()) };
        let persons: Vec<PersonId> = persons.collect::<BTreeSet<_>>().into_iter().collect();
        let fields = [Field::Name, Field::Handle];
        let answers = ledger.people(&run.actor, purpose, &persons, &fields)?;
        let name = |(person, answer): (PersonId, Answer)| {
            (person.to_string(), shown_name(&answer).map(|name| name.reveal().clone()))
        };
        Ok(Self { names: Some(answers.into_iter().map(name).collect()) })
    }

    /// Whether names were asked for.
    pub(super) fn were_asked(&self) -> bool {
        self.names.is_some()
    }

    /// The name or handle of a person, where there is one.
    pub(super) fn of(&self, person: &str) -> Option<&str> {
        self.names.as_ref()?.get(person)?.as_deref()
    }

    /// What a person is called in a table for people.
    pub(super) fn shown(&self, output: &Output<'_>, person: &str) -> String {
        match self.names.as_ref().and_then(|names| names.get(person)) {
            Some(Some(name)) => name.clone(),
            Some(None) => output.text("person-erased", &[]),
            None => output.text("person-unknown", &[]),
        }
    }
}
