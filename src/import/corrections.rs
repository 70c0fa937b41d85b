//! Reading a file of corrections: one JSON object with lists of what is retracted, redated and
//! replaced, and the reason.

use events::{Code, Date, Position};
use serde_json::{Map, Value};

use crate::ledger::Correction;

/// A set of corrections, as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenCorrections {
    /// Why, where the file says so.
    pub reason: Option<Code>,
    /// The corrections.
    pub entries: Vec<Written>,
}

/// One correction of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The line on which it begins, counted from 1.
    pub line: usize,
    /// In which list: `retract`, `redate` or `replace`.
    pub field: &'static str,
    /// The correction.
    pub correction: Correction,
}

/// Why a file holds no corrections, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadCorrections {
    /// The line, counted from 1.
    pub line: usize,
    /// The field in question: `redate.effective`; `line` for the text as a whole.
    pub field: String,
    /// What is wrong, as a code.
    pub problem: &'static str,
    /// What the reader of JSON said, where it said more.
    pub cause: Option<String>,
}

/// The lists that there may be.
const LISTS: [&str; 3] = ["retract", "redate", "replace"];

/// Reads a set of corrections: `retract` lists positions, `redate` objects of `position` and
/// `effective`, `replace` objects of `position` and `by`, the fields that are otherwise.
///
/// # Errors
/// The first thing that is wrong: it is not JSON, or a field is unknown, given twice or malformed.
pub fn corrections(text: &str) -> Result<WrittenCorrections, BadCorrections> {
    let tree: Value = serde_json::from_str(text).map_err(|error| BadCorrections {
        line: error.line(),
        field: "line".to_owned(),
        problem: "not_json",
        cause: Some(error.to_string()),
    })?;
    let Value::Object(tree) = tree else { return Err(bad(1, "line", "field_malformed")) };
    let places = places(text);
    let mut written = WrittenCorrections { reason: None, entries: Vec::new() };
    for (index, Member { key, line, .. }) in places.iter().enumerate() {
        if key != "reason" && !LISTS.contains(&key.as_str()) {
            return Err(bad(*line, key, "field_unknown"));
        }
        if places[..index].iter().any(|other| other.key == *key) {
            return Err(bad(*line, key, "field_repeated"));
        }
    }
    let member =
        |key: &str| Some((tree.get(key)?, places.iter().find(|member| member.key == key)?));
    if let Some((value, Member { line, .. })) = member("reason") {
        let reason = value.as_str().and_then(|text| Code::parse(text).ok());
        written.reason = Some(reason.ok_or_else(|| bad(*line, "reason", "text_malformed"))?);
    }
    // The same order as on a command line.
    for field in LISTS {
        let Some((value, Member { line, entries, .. })) = member(field) else { continue };
        let values = value.as_array().ok_or_else(|| bad(*line, field, "field_malformed"))?;
        for (value, line) in values.iter().zip(entries) {
            let correction = correction(field, value).map_err(|(inner, problem)| {
                let field = if inner.is_empty() { field.to_owned() } else { inner };
                bad(*line, &field, problem)
            })?;
            written.entries.push(Written { line: *line, field, correction });
        }
    }
    Ok(written)
}

fn bad(line: usize, field: &str, problem: &'static str) -> BadCorrections {
    BadCorrections { line, field: field.to_owned(), problem, cause: None }
}

/// One entry of a list; otherwise the field in it, empty for the entry, and what is wrong.
fn correction(field: &'static str, value: &Value) -> Result<Correction, (String, &'static str)> {
    if field == "retract" {
        let position = value.as_u64().ok_or((String::new(), "number_malformed"))?;
        return Ok(Correction::Retract { position: Position(position) });
    }
    let entry = value.as_object().ok_or((String::new(), "field_malformed"))?;
    let second = if field == "redate" { "effective" } else { "by" };
    let named = |name: &str| format!("{field}.{name}");
    if let Some(unknown) = entry.keys().find(|key| *key != "position" && *key != second) {
        return Err((named(unknown), "field_unknown"));
    }
    let of = |name: &str| entry.get(name).ok_or_else(|| (named(name), "field_missing"));
    let position = of("position")?.as_u64();
    let position = Position(position.ok_or_else(|| (named("position"), "number_malformed"))?);
    let second = of(second)?;
    if field == "redate" {
        let day: Option<Date> = second.as_str().and_then(events::values::date_of);
        let effective = day.ok_or_else(|| (named("effective"), "date_malformed"))?;
        return Ok(Correction::Redate { position, effective });
    }
    let by: Option<&Map<String, Value>> = second.as_object().filter(|by| !by.is_empty());
    let by = by.ok_or_else(|| (named("by"), "field_malformed"))?;
    if let Some((name, _)) = by.iter().find(|(_, value)| value.is_array() || value.is_object()) {
        return Err((named(&format!("by.{name}")), "field_malformed"));
    }
    Ok(Correction::Replace { position, by: by.clone() })
}

/// A member of the outermost object: its key, its line, and the lines of the entries of its list.
struct Member {
    key: String,
    line: usize,
    entries: Vec<usize>,
}

/// Where the members of an object stand in a text that is known to be JSON.
fn places(text: &str) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    let (mut depth, mut line, mut begins) = (0_usize, 1, true);
    let mut quoted: Option<usize> = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(from) = quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    quoted = None;
                    if depth == 1 && begins {
                        let key = text[from + 1..at].to_owned();
                        members.push(Member { key, line, entries: Vec::new() });
                    }
                    begins = false;
                }
                _ => {}
            }
            continue;
        }
        let is_value = !matches!(byte, b'\n' | b'\r' | b'\t' | b' ' | b',' | b':' | b']' | b'}');
        if is_value && begins && depth == 2 {
            members.last_mut().into_iter().for_each(|member| member.entries.push(line));
        }
        match byte {
            b'\n' => line += 1,
            b'"' => quoted = Some(at),
            b'[' | b'{' => (depth, begins) = (depth + 1, true),
            b']' | b'}' => (depth, begins) = (depth.saturating_sub(1), false),
            b',' => begins = true,
            _ if is_value => begins = false,
            _ => {}
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_set_is_read_with_the_lines_of_its_entries() {
        let text = concat!(
            "{\n  \"replace\": [\n    { \"position\": 9, \"by\": { \"home\": \"a, b\" } }\n  ],\n",
            "  \"retract\": [5,\n    6],\n",
            "  \"redate\": [{ \"position\": 7, \"effective\": \"2026-01-13\" }],\n",
            "  \"reason\": \"wrong_date\"\n}\n",
        );
        let written = corrections(text).unwrap();
        assert_eq!(written.reason.unwrap().as_str(), "wrong_date");
        let by = serde_json::json!({ "home": "a, b" }).as_object().unwrap().clone();
        let retract = |position| Correction::Retract { position: Position(position) };
        let told: Vec<_> =
            written.entries.into_iter().map(|it| (it.line, it.field, it.correction)).collect();
        let effective = day("2026-01-13");
        assert_eq!(
            told,
            [
                (5, "retract", retract(5)),
                (6, "retract", retract(6)),
                (7, "redate", Correction::Redate { position: Position(7), effective }),
                (3, "replace", Correction::Replace { position: Position(9), by }),
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, line, field, problem) in [
            ("{\n", 2, "line", "not_json"),
            ("[]", 1, "line", "field_malformed"),
            ("{\n\"remove\": [5]}", 2, "remove", "field_unknown"),
            ("{\"retract\": [5],\n\"retract\": [6]}", 2, "retract", "field_repeated"),
            ("{\"reason\": 5}", 1, "reason", "text_malformed"),
            ("{\"retract\": 5}", 1, "retract", "field_malformed"),
            ("{\"retract\": [5,\n\n-6]}", 3, "retract", "number_malformed"),
            ("{\"redate\": [\n5]}", 2, "redate", "field_malformed"),
            ("{\"redate\": [{\"position\": 5}]}", 1, "redate.effective", "field_missing"),
            (
                "{\"redate\": [{\"effective\": \"2026-01-01\"}]}",
                1,
                "redate.position",
                "field_missing",
            ),
            ("{\"redate\": [{\"position\": 5, \"day\": 1}]}", 1, "redate.day", "field_unknown"),
            (
                "{\"redate\": [{\"position\": 5, \"effective\": \"2026-02-30\"}]}",
                1,
                "redate.effective",
                "date_malformed",
            ),
            ("{\"replace\": [{\"position\": 5, \"by\": {}}]}", 1, "replace.by", "field_malformed"),
            (
                "{\"replace\": [{\"position\": 5, \"by\": {\"to\": []}}]}",
                1,
                "replace.by.to",
                "field_malformed",
            ),
        ] {
            let found = corrections(text).unwrap_err();
            assert_eq!((found.line, found.field.as_str(), found.problem), (line, field, problem));
        }
    }
}
