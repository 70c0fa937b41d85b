//! From what people type to what commands need: codes and handles become ids.

use std::collections::BTreeMap;

use events::{BranchId, Code, Date, Guard, HostId, Party, PersonId};
use serde_json::Value;

use super::session::load;
use super::{Error, Ledger, Request};
use crate::actor::Actor;
use crate::commands::{self, CommandInfo, Field, FieldKind};
use crate::policy::{preset, presets};
use crate::vault::{self, KnownAs, NewPerson, Personal, Reader};

/// The source under which handles are kept when none is named.
pub const SOURCE_DEFAULT: &str = "main";

/// How people name a person: by id, or by `HANDLE` or `SOURCE/HANDLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// By id.
    Id(PersonId),
    /// By the handle or number that a source uses.
    Handle {
        /// The source.
        source: String,
        /// The handle.
        handle: String,
    },
}

impl Identity {
    /// Reads what somebody typed for a person.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if let Ok(id) = text.parse() {
            return Self::Id(id);
        }
        let (source, handle) = text.split_once('/').unwrap_or((SOURCE_DEFAULT, text));
        Self::Handle { source: source.to_owned(), handle: handle.to_owned() }
    }
}

impl Ledger {
    /// The branch that somebody typed: by code or by id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn branch_named(&self, text: &str) -> Result<BranchId, Error> {
        let branches = self.branches_named(text).await?;
        if let [_, _, ..] = branches[..] {
            for branch in &branches {
                let found = load(self, (*branch).into()).await?;
                let code = found.as_branch().and_then(|branch| branch.code());
                if code.is_some_and(|code| code.as_str() == text) {
                    return Ok(*branch);
                }
            }
        }
        Ok(branches[0])
    }

    /// All branches that ever had the code that somebody typed, or the one with that id: the code
    /// of one that was formed by mistake, or was never approved, may go to another. At least one.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub(super) async fn branches_named(&self, text: &str) -> Result<Vec<BranchId>, Error> {
        let not_found = || Error::NotFound { what: "branch", given: text.to_owned() };
        let code = Code::parse(text).map_err(|_| not_found())?;
        self.store.refresh().await?;
        let look = self.store.look(&Guard::BranchCode(code)).await?;
        if !look.streams.is_empty() {
            return Ok(look.streams.iter().map(|stream| BranchId(stream.id)).collect());
        }
        let id: BranchId = text.parse().map_err(|_| not_found())?;
        let look = self.store.look(&Guard::Branch(id)).await?;
        look.streams.first().map(|_| vec![id]).ok_or_else(not_found)
    }

    /// The host that somebody typed: by code or by id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn host_named(&self, text: &str) -> Result<HostId, Error> {
        let not_found = || Error::NotFound { what: "host", given: text.to_owned() };
        let code = Code::parse(text).map_err(|_| not_found())?;
        self.store.refresh().await?;
        let look = self.store.look(&Guard::HostCode(code)).await?;
        if let Some(stream) = look.streams.first() {
            return Ok(HostId(stream.id));
        }
        let id: HostId = text.parse().map_err(|_| not_found())?;
        let look = self.store.look(&Guard::Host(id)).await?;
        look.streams.first().map(|_| id).ok_or_else(not_found)
    }

    /// The branch that a command names: an id is taken as it is, for the command itself says
    /// whether there is such a branch.
    async fn branch_meant(&self, text: &str) -> Result<BranchId, Error> {
        match text.parse() {
            Ok(id) => Ok(id),
            Err(_) => self.branch_named(text).await,
        }
    }

    /// The host that a command names, in the same way.
    async fn host_meant(&self, text: &str) -> Result<HostId, Error> {
        match text.parse() {
            Ok(id) => Ok(id),
            Err(_) => self.host_named(text).await,
        }
    }

    /// The branch or host that somebody typed; both may have the same code.
    async fn party_named(&self, field: &Field, text: &str) -> Result<Party, Error> {
        if let Some(branch) = text.strip_prefix("branch:") {
            return Ok(Party::Branch(self.branch_meant(branch).await?));
        }
        if let Some(host) = text.strip_prefix("host:") {
            return Ok(Party::Host(self.host_meant(host).await?));
        }
        match (self.branch_named(text).await, self.host_named(text).await) {
            (Ok(_), Ok(_)) => Err(Error::Malformed {
                field: field.name.to_owned(),
                problem: "party_ambiguous",
                given: text.to_owned(),
            }),
            (Ok(branch), Err(_)) => Ok(Party::Branch(branch)),
            (Err(_), Ok(host)) => Ok(Party::Host(host)),
            (Err(Error::NotFound { .. }), Err(Error::NotFound { .. })) => {
                Err(Error::NotFound { what: "party", given: text.to_owned() })
            }
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// The person that somebody typed. Looking up a handle tells that its bearer is known here, so
    /// the vault records who asked, and for which purpose.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub fn person_named(
        &self,
        actor: &Actor,
        purpose: &str,
        text: &str,
    ) -> Result<PersonId, Error> {
        match Identity::parse(text) {
            Identity::Id(id) => Ok(id),
            Identity::Handle { source, handle } => {
                let (actor, purpose) = (actor.id().to_owned(), purpose.to_owned());
                let reader = Reader { actor, purpose, at: self.nature.now() };
                let person = self.vault()?.resolve(&reader, &source, &handle)?;
                person.ok_or_else(|| Error::NotFound { what: "person", given: text.to_owned() })
            }
        }
    }

    /// Reads a command from its name and what was typed for its fields.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown command, branch, person or preset, [`Error::Malformed`]
    /// for a field that is missing, unknown or cannot be read.
    pub async fn interpret(
        &self,
        actor: &Actor,
        name: &str,
        mut typed: BTreeMap<String, String>,
    ) -> Result<Request, Error> {
        let info = commands::all().into_iter().find(|info| info.name == name);
        let info =
            info.ok_or_else(|| Error::NotFound { what: "command", given: name.to_owned() })?;
        let mut body = serde_json::Map::new();
        let mut newcomer: Option<NewPerson> = None;
        let mut named: Option<PersonId> = None;
        for field in info.fields {
            let text = typed.remove(field.name);
            let is_named = text.is_some();
            if let FieldKind::Personal(code) = field.kind {
                if let Some(text) = text {
                    if code == vault::Field::BirthYear.as_str() {
                        let band = birth_band(field, &text, self.today())?;
                        body.insert("birth_band".to_owned(), band.into());
                    }
                    self.personal(&mut newcomer, field, (code, text))?;
                }
                continue;
            }
            let value = match text {
                Some(text) => self.value(actor, &info, field, &text).await?,
                None => self.value_when_absent(field)?,
            };
            if field.kind == FieldKind::NewPerson {
                let person = value.as_str().and_then(|text| text.parse().ok());
                let person = person.unwrap_or_else(|| self.fresh_person());
                named = is_named.then_some(person);
                newcomer = Some(NewPerson { person, known_as: None, fields: BTreeMap::new() });
            }
            if !value.is_null() {
                body.insert(field.name.to_owned(), value);
            }
        }
        if let Some((field, _)) = typed.pop_first() {
            // What was meant for a personal field must not be repeated under a wrong name.
            let given = String::new();
            return Err(Error::Malformed { field, problem: "field_unknown", given });
        }
        let command = (info.parse)(Value::Object(body)).map_err(|error| Error::Malformed {
            field: name.to_owned(),
            problem: "field_malformed",
            given: error.to_string(),
        })?;
        // Who is not named gets a fresh id at every try: then the vault tells a retry by the rest.
        let personal = newcomer.filter(|newcomer| {
            named.is_none() || newcomer.known_as.is_some() || !newcomer.fields.is_empty()
        });
        Ok(Request {
            command,
            named,
            personal,
            key: None,
            authority: None,
            approver: None,
            reason: None,
            source: "cli",
        })
    }

    fn personal(
        &self,
        newcomer: &mut Option<NewPerson>,
        field: &Field,
        (code, text): (&str, String),
    ) -> Result<(), Error> {
        let malformed = |problem| Error::Malformed {
            field: field.name.to_owned(),
            problem,
            given: String::new(), // what is personal is not repeated, not even in an error
        };
        let text = events::Text::parse(&text).map_err(|_| malformed("text_malformed"))?;
        let text = text.as_str().trim().to_owned();
        let kind = vault::Field::parse(code).ok_or_else(|| malformed("field_unknown"))?;
        let newcomer = newcomer.as_mut().ok_or_else(|| malformed("field_unknown"))?;
        if kind == vault::Field::Handle {
            let (source, handle) = (SOURCE_DEFAULT.to_owned(), Personal::new(text));
            newcomer.known_as = Some(KnownAs { source, handle });
        } else {
            newcomer.fields.insert(kind, Personal::new(text));
        }
        Ok(())
    }

    fn value_when_absent(&self, field: &Field) -> Result<Value, Error> {
        match field.kind {
            FieldKind::Date => Ok(self.today().to_string().into()),
            FieldKind::NewPerson => Ok(self.fresh_person().to_string().into()),
            FieldKind::Person
            | FieldKind::Branch
            | FieldKind::Branches
            | FieldKind::Host
            | FieldKind::Hosts
            | FieldKind::Party
            | FieldKind::Number
            | FieldKind::Codes
            | FieldKind::DateOrNone
            | FieldKind::NewBranches
            | FieldKind::Lines
            | FieldKind::Text
            | FieldKind::Choice(_)
            | FieldKind::Corrections(_)
            | FieldKind::Preset
            | FieldKind::Personal(_) => {
                if field.optional {
                    Ok(Value::Null)
                } else {
                    let field = field.name.to_owned();
                    Err(Error::Malformed { field, problem: "field_missing", given: String::new() })
                }
            }
        }
    }

    async fn value(
        &self,
        actor: &Actor,
        info: &CommandInfo,
        field: &Field,
        text: &str,
    ) -> Result<Value, Error> {
        let malformed = |problem| Error::Malformed {
            field: field.name.to_owned(),
            problem,
            given: text.to_owned(),
        };
        Ok(match field.kind {
            FieldKind::Person => self.person_named(actor, info.name, text)?.to_string().into(),
            FieldKind::NewPerson => {
                let id = text.parse::<PersonId>().map_err(|_| Error::Malformed {
                    field: field.name.to_owned(),
                    problem: "id_malformed",
                    given: String::new(),
                })?;
                id.to_string().into()
            }
            FieldKind::Branch => self.branch_meant(text).await?.to_string().into(),
            FieldKind::Branches => {
                let mut ids = Vec::new();
                for code in listed(text) {
                    ids.push(Value::from(self.branch_meant(code).await?.to_string()));
                }
                ids.into()
            }
            FieldKind::Host => self.host_meant(text).await?.to_string().into(),
            FieldKind::Hosts => {
                let mut ids = Vec::new();
                for code in listed(text) {
                    ids.push(Value::from(self.host_meant(code).await?.to_string()));
                }
                ids.into()
            }
            FieldKind::Party => self.party_named(field, text).await?.to_string().into(),
            FieldKind::Number => {
                text.parse::<u32>().map_err(|_| malformed("number_malformed"))?.into()
            }
            FieldKind::Codes => codes(text).ok_or_else(|| malformed("text_malformed"))?,
            FieldKind::Date | FieldKind::DateOrNone => date(text, self.today())
                .ok_or_else(|| malformed("date_malformed"))?
                .to_string()
                .into(),
            FieldKind::NewBranches => {
                new_branches(text).ok_or_else(|| malformed("pairs_malformed"))?
            }
            FieldKind::Lines => self.lines(actor, info, field, text)?,
            FieldKind::Text | FieldKind::Personal(_) => {
                events::Text::parse(text).map_err(|_| malformed("text_malformed"))?.as_str().into()
            }
            FieldKind::Choice(choices) => {
                if !choices.contains(&text) {
                    return Err(malformed("choice_unknown"));
                }
                text.into()
            }
            FieldKind::Corrections(how) => self.corrections(actor, field, how, text).await?,
            FieldKind::Preset => {
                if !presets().any(|name| name == text) {
                    return Err(Error::NotFound { what: "preset", given: text.to_owned() });
                }
                serde_json::to_value(preset(text)).map_err(|_| malformed("field_malformed"))?
            }
        })
    }

    /// Where people go: `PERSON=CODE`, separated by commas.
    fn lines(
        &self,
        actor: &Actor,
        info: &CommandInfo,
        field: &Field,
        text: &str,
    ) -> Result<Value, Error> {
        let mut lines = Vec::new();
        for line in listed(text) {
            // A handle is personal: it is not repeated.
            let (person, to) = line.split_once('=').ok_or_else(|| Error::Malformed {
                field: field.name.to_owned(),
                problem: "pairs_malformed",
                given: String::new(),
            })?;
            let person = self.person_named(actor, info.name, person.trim())?;
            lines.push(serde_json::json!({ "person": person, "to": to.trim() }));
        }
        Ok(lines.into())
    }
}

/// Codes, separated by commas.
fn codes(text: &str) -> Option<Value> {
    let codes = listed(text).map(|code| Some(Code::parse(code).ok()?.to_string()));
    codes.collect::<Option<Vec<String>>>().map(Value::from)
}

/// New branches: `CODE:NAME`, separated by commas.
fn new_branches(text: &str) -> Option<Value> {
    let new = listed(text).map(|new| {
        let (code, name) = new.split_once(':')?;
        Some(serde_json::json!({ "code": code.trim(), "name": name.trim() }))
    });
    new.collect::<Option<Vec<Value>>>().map(Value::from)
}

/// What stands between commas.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|code| !code.is_empty())
}

/// The first of the five years that stand in the record for a year of birth.
fn birth_band(field: &Field, text: &str, today: Date) -> Result<u16, Error> {
    let year = text.trim().parse::<u16>().ok();
    let born = |year: &u16| (1900..=today.year().unsigned_abs()).contains(year);
    let year = year.filter(born).ok_or_else(|| Error::Malformed {
        field: field.name.to_owned(),
        problem: "year_malformed",
        given: String::new(), // what is personal is not repeated, not even in an error
    })?;
    Ok(year - year % 5)
}

/// A date as people type it: `YYYY-MM-DD` or `today`.
#[must_use]
pub fn date(text: &str, today: Date) -> Option<Date> {
    if text == "today" { Some(today) } else { events::values::date_of(text) }
}
