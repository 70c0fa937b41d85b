//! From a fact to the commands that say it, and what the report says of it.

use std::collections::BTreeMap;

use events::{BranchId, Code, Guard, PersonId};

use super::fact::What;
use super::{Fact, ImportError, Importer};
use crate::commands::{
    AdmitMember, AnyCommand, Decided, DissolveBranch, EndMembership, FormBranch, LeavePost,
    MoveBranch, RenameBranch, TakePost, TransferMember,
};
use crate::ledger::{self, Leave};
use crate::store::{Frame, Note, ReportRow, StoreError};
use crate::vault::{KnownAs, NewPerson, Personal};

/// The name of a source goes into the envelope of every event, as part of a key.
pub(crate) fn check_source(source: &str) -> Result<(), ledger::Error> {
    ledger::check_text("source", source)?;
    ledger::check_text("source", &key(source, u64::MAX))
}

/// The idempotency key of a line: its place in the source.
pub(super) fn key(source: &str, line: u64) -> String {
    format!("import:{source}:{line}")
}

impl Importer<'_> {
    /// Applies a fact, and then those that waited for it.
    pub(super) async fn apply(&mut self, fact: Fact) -> Result<(), ImportError> {
        let mut pending = vec![fact];
        while let Some(fact) = pending.pop() {
            if let Some(code) = self.missing(&fact).await? {
                self.held.entry(code).or_default().push(fact);
                continue;
            }
            let formed = fact.forms().cloned();
            self.apply_one(&fact).await?;
            if let Some(code) = formed
                && self.branch(&code).await?.is_some()
            {
                // Last in, first out: the earliest line is taken first.
                pending.extend(self.held.remove(&code).into_iter().flatten().rev());
            }
        }
        Ok(())
    }

    async fn apply_one(&mut self, fact: &Fact) -> Result<(), ImportError> {
        let handle = fact.member();
        let person = match handle {
            Some(handle) => match self.person(handle)? {
                Some(person) => person,
                None if fact.brings_a_person() => {
                    let person = self.ledger.fresh_person();
                    self.session.meet_newcomer(person);
                    person
                }
                None => {
                    let args = [("branch", &fact.organisation)];
                    self.row(fact.line, "refused", "member_never_seen", args);
                    return Ok(());
                }
            },
            None => PersonId(uuid::Uuid::nil()), // no command about branches reads it
        };
        let command = self.command(fact, person).await?;
        let decided = match self.session.decide(self.actor, Leave::default(), &*command).await {
            Ok(decided) => decided,
            Err(ledger::Error::Refused(refused)) => {
                self.row(fact.line, "refused", refused.code, refused.args);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        self.account_for(fact, &decided).await?;
        if decided.events.is_empty() {
            return Ok(());
        }
        if let Some(handle) = handle {
            self.meet(handle, person);
        }
        if self.preview {
            self.session.foresee(&decided);
            return Ok(());
        }
        let key = key(self.source, fact.line);
        let frame = Frame {
            authority: fact.authority.as_ref().map(ToString::to_string),
            correlation: Some(self.run_id.clone()),
            source: key.clone(),
            ..self.session.frame(self.actor, fact.date).await?
        };
        self.session.take(key, command.body(), frame, decided);
        Ok(())
    }

    /// The command that says the fact. All organisations that it needs are there.
    async fn command(
        &mut self,
        fact: &Fact,
        person: PersonId,
    ) -> Result<Box<dyn AnyCommand>, ImportError> {
        let (effective, precision) = (fact.date, fact.precision);
        if let What::Formed { name, title, level, parent, formed_from } = &fact.what {
            let parent = match parent {
                Some(code) => Some(self.found(code).await?),
                None => None,
            };
            let formed_from = self.those_found(fact, formed_from).await?;
            return Ok(Box::new(FormBranch {
                code: fact.organisation.clone(),
                name: name.clone(),
                title: title.clone(),
                kind: level.clone(),
                parent,
                formed_from,
                effective,
                precision,
            }));
        }
        let branch = self.found(&fact.organisation).await?;
        Ok(match &fact.what {
            What::Formed { .. } => unreachable!("a formation was answered above"),
            What::Dissolved { reason, into } => {
                let into = self.those_found(fact, into).await?;
                let reason = reason.clone();
                Box::new(DissolveBranch { branch, into, reason, effective, precision })
            }
            What::Renamed { name, .. } => {
                Box::new(RenameBranch { branch, name: name.clone(), effective, precision })
            }
            What::Moved { to, .. } => {
                let to = match to {
                    Some(code) => Some(self.found(code).await?),
                    None => None,
                };
                Box::new(MoveBranch { branch, to, effective, precision })
            }
            What::Joined { .. } => Box::new(AdmitMember {
                person,
                branch,
                effective,
                precision,
                newcomer: true,
                state: None,
            }),
            What::Left { reason, .. } => {
                Box::new(EndMembership { person, branch, effective, precision, reason: *reason })
            }
            What::Transferred { to, .. } => {
                let to = self.found(to).await?;
                Box::new(TransferMember { person, from: branch, to, effective, precision })
            }
            What::OfficeTaken { role, .. } => {
                let (role, newcomer) = (role.clone(), true);
                Box::new(TakePost { person, branch, role, effective, precision, newcomer })
            }
            What::OfficeLeft { role, .. } => {
                Box::new(LeavePost { person, branch, role: role.clone(), effective, precision })
            }
        })
    }

    /// Counts a decided fact, and reports what the administrator should know of it.
    async fn account_for(&mut self, fact: &Fact, decided: &Decided) -> Result<(), ImportError> {
        self.report.events += decided.events.len() as u64;
        if decided.events.is_empty() {
            self.report.already_so += 1;
            return Ok(());
        }
        self.report.applied += 1;
        for note in decided.notes.clone() {
            let mut args = note.args;
            args.push(("dated".to_owned(), fact.date.to_string()));
            self.push_row(fact.line, "held", Note { code: note.code, args });
        }
        let branch = self.branch(&fact.organisation).await?;
        let branch = branch.and_then(|id| self.session.known().branch(id));
        match &fact.what {
            What::Renamed { was: Some(was), .. } => {
                let recorded = branch.and_then(|b| b.name_on(fact.date)).map(ToString::to_string);
                if recorded.as_deref() != Some(was.as_str()) {
                    let recorded = recorded.unwrap_or_default();
                    let args = [("stated", was.to_string()), ("recorded", recorded)];
                    self.row(fact.line, "noted", "former_name_differs", args);
                }
            }
            What::Moved { from, .. } => {
                let parent = branch.and_then(|branch| branch.parent_on(fact.date));
                let recorded = self.code(parent).await?;
                let stated = from.as_ref().map(ToString::to_string).unwrap_or_default();
                if recorded != stated {
                    let args = [("stated", stated), ("recorded", recorded)];
                    self.row(fact.line, "noted", "former_parent_differs", args);
                }
            }
            What::Dissolved { .. } if decided.events.len() > 1 => {
                let args = [
                    ("branch", fact.organisation.to_string()),
                    ("also", (decided.events.len() - 1).to_string()),
                ];
                self.row(fact.line, "noted", "ended_what_was_left", args);
            }
            What::Formed { .. }
            | What::Dissolved { .. }
            | What::Renamed { .. }
            | What::Joined { .. }
            | What::Left { .. }
            | What::Transferred { .. }
            | What::OfficeTaken { .. }
            | What::OfficeLeft { .. } => {}
        }
        Ok(())
    }

    /// The first organisation that the fact needs and that is not there yet.
    async fn missing(&mut self, fact: &Fact) -> Result<Option<Code>, StoreError> {
        for code in fact.mentions() {
            if self.branch(code).await?.is_none() {
                return Ok(Some(code.clone()));
            }
        }
        Ok(None)
    }

    pub(super) async fn branch(&mut self, code: &Code) -> Result<Option<BranchId>, StoreError> {
        self.session.look(Guard::BranchCode(code.clone())).await?;
        let id = self.session.known().branch_of_code(code).map(|(id, _)| id);
        if let Some(id) = id {
            self.session.look(Guard::Branch(id)).await?;
        }
        Ok(id)
    }

    async fn found(&mut self, code: &Code) -> Result<BranchId, ImportError> {
        let id = self.branch(code).await?;
        let not_found = || ledger::Error::NotFound { what: "branch", given: code.to_string() };
        Ok(id.ok_or_else(not_found)?)
    }

    /// The branches of these codes; one that is not there is left out, and that is reported.
    async fn those_found(
        &mut self,
        fact: &Fact,
        codes: &[Code],
    ) -> Result<Vec<BranchId>, ImportError> {
        let mut ids = Vec::new();
        for code in codes {
            match self.branch(code).await? {
                Some(id) => ids.push(id),
                None => {
                    let args = [("branch", code.to_string())];
                    self.row(fact.line, "noted", "relative_unknown", args);
                }
            }
        }
        Ok(ids)
    }

    async fn code(&mut self, branch: Option<BranchId>) -> Result<String, StoreError> {
        let Some(id) = branch else { return Ok(String::new()) };
        self.session.look(Guard::Branch(id)).await?;
        let code = self.session.known().branch(id).and_then(|branch| branch.code());
        Ok(code.map(ToString::to_string).unwrap_or_default())
    }

    /// The id behind a handle, if it was met before, here or in the vault.
    fn person(&mut self, handle: &str) -> Result<Option<PersonId>, ImportError> {
        if let Some(person) = self.people.get(handle) {
            return Ok(Some(*person));
        }
        let known = self.ledger.vault()?.person_of(self.source, handle);
        let known = known.map_err(ledger::Error::from)?;
        if let Some(person) = known {
            self.people.insert(handle.to_owned(), person);
        }
        Ok(known)
    }

    /// A person who is in the record from now on: so must be the vault, before.
    fn meet(&mut self, handle: &str, person: PersonId) {
        if self.people.insert(handle.to_owned(), person).is_none() && !self.preview {
            self.newcomers.push(NewPerson {
                person,
                known_as: Some(KnownAs {
                    source: self.source.to_owned(),
                    handle: Personal::new(handle.to_owned()),
                }),
                fields: BTreeMap::new(),
            });
        }
    }

    pub(super) fn row<N: ToString, V: ToString>(
        &mut self,
        line: u64,
        outcome: &str,
        code: &str,
        args: impl IntoIterator<Item = (N, V)>,
    ) {
        let args = args.into_iter().map(|(name, value)| (name.to_string(), value.to_string()));
        self.push_row(line, outcome, Note { code: code.to_owned(), args: args.collect() });
    }

    fn push_row(&mut self, line: u64, outcome: &str, note: Note) {
        match outcome {
            "refused" => self.report.refused += 1,
            "held" => self.report.held += 1,
            _ => self.report.noted += 1,
        }
        let row = ReportRow { line, outcome: outcome.to_owned(), note };
        self.rows_waiting.push(row.clone());
        self.report.rows.push(row);
    }
}
