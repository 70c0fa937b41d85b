//! From positions that people type to the events that a correction is about.

use events::{Date, Event, Position, StreamId};
use serde_json::Value;

use super::{Error, Ledger, date};
use crate::actor::Actor;
use crate::commands::correct_events::{Redating, Replacing, Target};
use crate::commands::{Correcting, Field};

/// The fields of events that name a branch.
const BRANCHES: &[&str] = &["branch", "from", "home", "parent", "to"];

impl Ledger {
    /// What a field of corrections says, with the events in the place of their positions.
    pub(super) async fn corrections(
        &self,
        actor: &Actor,
        field: &Field,
        how: Correcting,
        text: &str,
    ) -> Result<Value, Error> {
        let malformed = |problem| malformed(field, problem, text);
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
                    let by = self.replaced(actor, field, &target, fields).await?;
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
            .map_err(|_| malformed(field, "number_malformed", text))?;
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
        field: &Field,
        target: &Target,
        typed: &str,
    ) -> Result<Event, Error> {
        let malformed = |problem| malformed(field, problem, typed);
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
        for pair in typed.split(',') {
            let (name, text) = pair.split_once('=').ok_or_else(|| malformed("field_malformed"))?;
            let (name, text) = (name.trim(), text.trim());
            if text.is_empty() {
                fields.remove(name);
                continue;
            }
            let value = match name {
                "kind" => return Err(malformed("field_malformed")),
                "host" => self.host_named(text).await?.to_string().into(),
                "person" => self.person_named(actor, "correct-events", text)?.to_string().into(),
                _ if BRANCHES.contains(&name) => self.branch_named(text).await?.to_string().into(),
                _ if fields.get(name).is_some_and(Value::is_number) => {
                    let number: u64 = text.parse().map_err(|_| malformed("number_malformed"))?;
                    number.into()
                }
                _ => Value::from(text),
            };
            fields.insert(name.to_owned(), value);
        }
        let stream: StreamId = target.stream.parse().map_err(|_| malformed("field_malformed"))?;
        Event::decode(stream.family, tree.to_string().as_bytes())
            .map_err(|_| malformed("field_malformed"))
    }
}

fn malformed(field: &Field, problem: &'static str, given: &str) -> Error {
    Error::Malformed { field: field.name.to_owned(), problem, given: given.to_owned() }
}
