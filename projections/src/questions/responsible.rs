//! Who is responsible for a host, and by which line?

use serde::Serialize;

use super::field::{Field, Holding, LINES};

/// One body that answers for a host; a host for which nobody does has one row without a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResponsibleEntry {
    /// The host's code.
    pub host: String,
    /// Its name.
    pub name: String,
    /// By which line; absent where nobody answers for it.
    pub line: Option<&'static str>,
    /// The code of the body.
    pub body: Option<String>,
    /// The name of the body.
    pub body_name: Option<String>,
    /// Since when.
    pub since: Option<events::Date>,
}

/// Who answers for each host, the nearest line first; hosts by code, and none left out. Nothing is
/// asked of the rows about persons, so they may be left out.
#[must_use]
pub fn responsible(holding: &Holding<'_>) -> Vec<ResponsibleEntry> {
    let mut entries = Vec::new();
    for place in &Field::of(holding).places {
        let entry = |line, body: Option<(&str, &str)>, since| ResponsibleEntry {
            host: place.host.code.to_owned(),
            name: place.host.name.to_owned(),
            line,
            body: body.map(|(code, _)| code.to_owned()),
            body_name: body.map(|(_, name)| name.to_owned()),
            since,
        };
        if place.responsible.is_empty() {
            entries.push(entry(None, None, None));
        }
        for it in &place.responsible {
            entries.push(entry(Some(LINES[it.line]), Some((it.body, it.name)), Some(it.since)));
        }
    }
    entries
}
