//! From positions that people type to the events that a correction is about.

use events::{Code, Date, Event, Position, StreamId};
use serde_json::{Map, Value};

use super::{Error, Ledger, Request, date};
use crate::actor::Actor;
use crate::commands::correct_events::{Redating, Replacing, Target};
use crate::commands::{CorrectEvents, Correcting, Field};

/// One correction of an event by its position.
#[derive(Debug, Clone, PartialEq)]
pub enum Correction {
    /// It was not so.
    Retract {
        /// Where the event stands.
        position: Position,
    },
    /// It was so on another day.
    Redate {
        /// Where the event stands.
        position: Position,
        /// The day.
        effective: Date,
    },
    /// Something else was so.
    Replace {
        /// Where the event stands.
        position: Position,
        /// The fields that are otherwise; one without a value is left out.
        by: Map<String, Value>,
    },
}

/// The fields of events that name a branch.
const BRANCHES: &[&str] = &["branch", "from", "home", "parent", "to"];

impl Ledger {
    /// A command that makes all of these corrections at once.
    ///
    /// # Errors
    /// The index of the first one that names no event, or that its fields cannot replace, with
    /// [`Error::NotFound`], [`Error::Malformed`], or what keeps the store from answering.
    pub async fn correcting(
        &self,
        actor: &Actor,
        corrections: &[Correction],
        reason: Code,
    ) -> Result<Request, (usize, Error)> {
        let (retract, redate, replace) = (Vec::new(), Vec::new(), Vec::new());
        let mut command = CorrectEvents { retract, redate, replace, reason };
        for (index, correction) in corrections.iter().enumerate() {
            let added = self.add_correction(actor, &mut command, correction).await;
            added.map_err(|error| (index, error))?;
        }
        Ok(Request { source: "cli", ..Request::new(command) })
    }

    async fn add_correction(
        &self,
        actor: &Actor,
        command: &mut CorrectEvents,
        correction: &Correction,
    ) -> Result<(), Error> {
        match correction {
            Correction::Retract { position } => {
                command.retract.push(self.target_at(*position).await?);
            }
            Correction::Redate { position, effective } => {
                let (target, effective) = (self.target_at(*position).await?, *effective);
                command.redate.push(Redating { target, effective });
            }
            Correction::Replace { position, by } => {
                let target = self.target_at(*position).await?;
                let by = self.replaced(actor, "replace", &target, by).await?;
                command.replace.push(Replacing { target, by: events::Quoted::new(by) });
            }
        }
        Ok(())
    }

    /// What a field of corrections says, with the events in the place of their positions.
    pub(super) async fn corrections(
        &self,
        actor: &Actor,
        field: &Field,
        how: Correcting,
        text: &str,
    ) -> Result<Value, Error> {
        let malformed = |problem| malformed(field.name, problem, text);
        let parts = text.split(if how == Correcting::Replace { ';' } else { ',' });
        let mut values = Vec::new();
        for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
            let value = match how {
                Correcting::Retract => serde_json::to_value(self.target(field, part).await?),
                Correcting::Redate => {
                    let (position, day) =
                        part.split_once('=').ok_or_else(|| malformed("field_malformed"))?;
                    let effective: Date =
                        date(day, self.today()).ok_or_else(|| malformed("date_malformed"))?;
                    let target = self.target(field, position).await?;
                    serde_json::to_value(Redating { target, effective })
                }
                Correcting::Replace => {
                    let (position, fields) =
                        part.split_once(':').ok_or_else(|| malformed("field_malformed"))?;
                    let target = self.target(field, position).await?;
                    let by = typed(fields).ok_or_else(|| malformed("field_malformed"))?;
                    let by = self.replaced(actor, field.name, &target, &by).await?;
                    let by = events::Quoted::new(by);
                    serde_json::to_value(Replacing { target, by })
                }
            };
            values.push(value.map_err(|_| malformed("field_malformed"))?);
        }
        Ok(Value::Array(values))
    }

    /// The event at a position.
    async fn target(&self, field: &Field, text: &str) -> Result<Target, Error> {
        let position: Position = text
            .trim()
            .parse()
            .map(Position)
            .map_err(|_| malformed(field.name, "number_malformed", text))?;
        self.target_at(position).await
    }

    async fn target_at(&self, position: Position) -> Result<Target, Error> {
        let found = self.store.events(&[position]).await?;
        let found = crate::runner::decode(&found)?.pop();
        let recorded =
            found.ok_or_else(|| Error::NotFound { what: "event", given: position.to_string() })?;
        let (stream, sequence, event) = (recorded.stream, recorded.sequence, recorded.event);
        Ok(Target {
            position,
            stream: stream.to_string(),
            sequence,
            event: events::Quoted::new(event),
        })
    }

    /// The fact that an event says, with some of its fields as they were typed.
    async fn replaced(
        &self,
        actor: &Actor,
        field: &str,
        target: &Target,
        by: &Map<String, Value>,
    ) -> Result<Event, Error> {
        let malformed = |problem| malformed(field, problem, "");
        let was = target.event.event();
        let fact = if let Event::Correction(correction) = was {
            let stands = correction.stands(target.sequence);
            stands.map(|(_, fact)| fact).ok_or_else(|| malformed("field_malformed"))?
        } else {
            was.clone()
        };
        let mut tree: Value =
            serde_json::from_slice(&fact.payload()).map_err(|_| malformed("field_malformed"))?;
        let fields = tree.as_object_mut().ok_or_else(|| malformed("field_malformed"))?;
        for (name, value) in by {
            let text = match value {
                Value::Null => {
                    fields.remove(name);
                    continue;
                }
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    fields.insert(name.clone(), value.clone());
                    continue;
                }
            };
            let value = match name.as_str() {
                "kind" => return Err(malformed("field_malformed")),
                "host" => self.host_named(text).await?.to_string().into(),
                "person" => self.person_named(actor, "correct-events", text)?.to_string().into(),
                name if BRANCHES.contains(&name) => {
                    self.branch_named(text).await?.to_string().into()
                }
                name if fields.get(name).is_some_and(Value::is_number) => {
                    let number: u64 = text.parse().map_err(|_| malformed("number_malformed"))?;
                    number.into()
                }
                _ => Value::from(text.as_str()),
            };
            fields.insert(name.clone(), value);
        }
        let stream: StreamId = target.stream.parse().map_err(|_| malformed("field_malformed"))?;
        Event::decode(stream.family, tree.to_string().as_bytes())
            .map_err(|_| malformed("field_malformed"))
    }
}

/// Fields as they are typed, `FIELD=VALUE`, separated by commas; one without a value is left out.
fn typed(fields: &str) -> Option<Map<String, Value>> {
    let pairs = fields.split(',').map(|pair| {
        let (name, text) = pair.split_once('=')?;
        let text = text.trim();
        let value = if text.is_empty() { Value::Null } else { text.into() };
        Some((name.trim().to_owned(), value))
    });
    pairs.collect()
}

fn malformed(field: &str, problem: &'static str, given: &str) -> Error {
    Error::Malformed { field: field.to_owned(), problem, given: given.to_owned() }
}
