//! One line of a file of facts, checked field by field.

use std::borrow::Cow;
use std::path::Path;

use events::membership::EndReason;
use events::values::date_of;
use events::{Code, Date, Precision, Text};
use serde::Deserialize;

use super::ImportError;

/// One dated fact of another register.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The line that it stands on.
    pub line: u64,
    /// When it holds from.
    pub date: Date,
    /// How exact that date is.
    pub precision: Option<Precision>,
    /// The record that it rests on, in the source's own words.
    pub authority: Option<Text>,
    /// The organisation that it is about.
    pub organisation: Code,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of the file, and say what they are")]
pub enum What {
    /// The organisation came into being.
    Formed {
        name: Text,
        title: Option<Text>,
        level: Option<Code>,
        parent: Option<Code>,
        formed_from: Vec<Code>,
    },
    /// The organisation ceased to be.
    Dissolved { reason: Option<Code>, into: Vec<Code> },
    /// The organisation took another name.
    Renamed { name: Text, was: Option<Text> },
    /// The organisation came under another parent.
    Moved { from: Option<Code>, to: Option<Code> },
    /// A person joined.
    Joined { member: String },
    /// A person left.
    Left { member: String, reason: EndReason },
    /// A person went to another organisation.
    Transferred { member: String, to: Code },
    /// A person took an office.
    OfficeTaken { member: String, role: Code },
    /// A person left an office.
    OfficeLeft { member: String, role: Code },
}

/// The fields as they stand in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(rename = "seq")]
    _seq: u64,
    #[serde(borrow)]
    date: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    organisation: Cow<'a, str>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    was: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    parent: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    from: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    to: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    member: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    role: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    reason: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    level: Option<Cow<'a, str>>,
    #[serde(default)]
    into: Vec<String>,
    #[serde(default)]
    formed_from: Vec<String>,
    #[serde(borrow, default)]
    precision: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    source: Option<Cow<'a, str>>,
}

/// What is wrong with a line: the field, and a stable code.
type Problem = (&'static str, &'static str);

impl Fact {
    /// Reads a line.
    ///
    /// # Errors
    /// [`ImportError::Malformed`] with the line, the field and what is wrong with it.
    pub fn parse(path: &Path, line: u64, bytes: &[u8]) -> Result<Self, ImportError> {
        read(line, bytes).map_err(|(field, problem)| ImportError::Malformed {
            path: path.to_owned(),
            line,
            field,
            problem,
        })
    }

    /// The code of the organisation that it forms, if it does.
    #[must_use]
    pub fn forms(&self) -> Option<&Code> {
        matches!(self.what, What::Formed { .. }).then_some(&self.organisation)
    }

    /// The member that it is about, by the source's handle.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        match &self.what {
            What::Joined { member }
            | What::Left { member, .. }
            | What::Transferred { member, .. }
            | What::OfficeTaken { member, .. }
            | What::OfficeLeft { member, .. } => Some(member),
            What::Formed { .. }
            | What::Dissolved { .. }
            | What::Renamed { .. }
            | What::Moved { .. } => None,
        }
    }

    /// Whether the member may be somebody whom the ledger never saw before.
    #[must_use]
    pub fn brings_a_person(&self) -> bool {
        matches!(self.what, What::Joined { .. } | What::OfficeTaken { .. })
    }

    /// The organisations that must be there before it can be applied.
    pub fn mentions(&self) -> impl Iterator<Item = &Code> {
        let (own, other) = match &self.what {
            What::Formed { parent, .. } => (None, parent.as_ref()),
            What::Moved { to, .. } => (Some(&self.organisation), to.as_ref()),
            What::Transferred { to, .. } => (Some(&self.organisation), Some(to)),
            What::Dissolved { .. }
            | What::Renamed { .. }
            | What::Joined { .. }
            | What::Left { .. }
            | What::OfficeTaken { .. }
            | What::OfficeLeft { .. } => (Some(&self.organisation), None),
        };
        own.into_iter().chain(other)
    }
}

fn read(line: u64, bytes: &[u8]) -> Result<Fact, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| ("line", "not_utf8"))?;
    let fields: Line<'_> = serde_json::from_str(text).map_err(|_| ("line", "not_a_fact"))?;
    let precision = match fields.precision.as_deref() {
        None => None,
        Some("year") => Some(Precision::Year),
        Some("month") => Some(Precision::Month),
        Some(_) => return Err(("precision", "choice_unknown")),
    };
    Ok(Fact {
        line,
        date: date_of(&fields.date).ok_or(("date", "date_malformed"))?,
        precision,
        authority: optional_text("source", fields.source.as_deref())?,
        organisation: code("organisation", &fields.organisation)?,
        what: what(&fields)?,
    })
}

fn what(fields: &Line<'_>) -> Result<What, Problem> {
    Ok(match &*fields.kind {
        "organisation_formed" => What::Formed {
            name: text("name", fields.name.as_deref())?,
            title: optional_text("title", fields.title.as_deref())?,
            level: optional_code("level", fields.level.as_deref())?,
            parent: optional_code("parent", fields.parent.as_deref())?,
            formed_from: codes("formed_from", &fields.formed_from)?,
        },
        "organisation_dissolved" => What::Dissolved {
            reason: optional_code("reason", fields.reason.as_deref())?,
            into: codes("into", &fields.into)?,
        },
        "organisation_renamed" => What::Renamed {
            name: text("name", fields.name.as_deref())?,
            was: optional_text("was", fields.was.as_deref())?,
        },
        "organisation_moved" => moved(fields)?,
        "member_joined" => What::Joined { member: member(fields)? },
        "member_left" => What::Left { member: member(fields)?, reason: reason(fields)? },
        "member_transferred" => What::Transferred {
            member: member(fields)?,
            to: code("to", fields.to.as_deref().ok_or(("to", "field_missing"))?)?,
        },
        "office_taken" => What::OfficeTaken { member: member(fields)?, role: role(fields)? },
        "office_left" => What::OfficeLeft { member: member(fields)?, role: role(fields)? },
        _ => return Err(("kind", "kind_unknown")),
    })
}

fn moved(fields: &Line<'_>) -> Result<What, Problem> {
    let to = optional_code("to", fields.to.as_deref())?;
    let parent = optional_code("parent", fields.parent.as_deref())?;
    if parent.is_some() && parent != to {
        return Err(("parent", "not_the_destination"));
    }
    Ok(What::Moved { from: optional_code("from", fields.from.as_deref())?, to })
}

fn reason(fields: &Line<'_>) -> Result<EndReason, Problem> {
    match fields.reason.as_deref() {
        None => Ok(EndReason::Left),
        Some("organisation_dissolved") => Ok(EndReason::BranchDissolved),
        Some(other) => {
            let known = EndReason::ALL.iter().find(|(code, _)| *code == other);
            known.map(|(_, reason)| *reason).ok_or(("reason", "choice_unknown"))
        }
    }
}

fn member(fields: &Line<'_>) -> Result<String, Problem> {
    let text = fields.member.as_deref().ok_or(("member", "field_missing"))?;
    Ok(code("member", text)?.to_string())
}

fn role(fields: &Line<'_>) -> Result<Code, Problem> {
    code("role", fields.role.as_deref().ok_or(("role", "field_missing"))?)
}

fn code(field: &'static str, text: &str) -> Result<Code, Problem> {
    Code::parse(text).map_err(|_| (field, "text_malformed"))
}

fn optional_code(field: &'static str, text: Option<&str>) -> Result<Option<Code>, Problem> {
    text.map(|text| code(field, text)).transpose()
}

fn codes(field: &'static str, texts: &[String]) -> Result<Vec<Code>, Problem> {
    texts.iter().map(|text| code(field, text)).collect()
}

fn text(field: &'static str, text: Option<&str>) -> Result<Text, Problem> {
    Text::parse(text.ok_or((field, "field_missing"))?).map_err(|_| (field, "text_malformed"))
}

fn optional_text(field: &'static str, given: Option<&str>) -> Result<Option<Text>, Problem> {
    given.map(|given| text(field, Some(given))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str) -> Problem {
        read(1, line.as_bytes()).unwrap_err()
    }

    const START: &str = r#"{"seq":1,"date":"2020-01-01","organisation":"a""#;

    #[test]
    fn a_line_names_the_field_that_is_wrong() {
        for (rest, expected) in [
            (r#","kind":"organisation_formed","name":"a","x":1}"#, ("line", "not_a_fact")),
            (r#","kind":"organisation_formed""#, ("line", "not_a_fact")),
            (r#","kind":"organisation_vanished"}"#, ("kind", "kind_unknown")),
            (r#","kind":"organisation_formed"}"#, ("name", "field_missing")),
            (r#","kind":"organisation_formed","name":"a\u202eb"}"#, ("name", "text_malformed")),
            (r#","kind":"organisation_formed","name":"a\nb"}"#, ("name", "text_malformed")),
            (r#","kind":"member_joined"}"#, ("member", "field_missing")),
            (r#","kind":"member_joined","member":"\u0007"}"#, ("member", "text_malformed")),
            (r#","kind":"member_left","member":"m","reason":"x"}"#, ("reason", "choice_unknown")),
            (r#","kind":"office_taken","member":"m"}"#, ("role", "field_missing")),
            (
                r#","kind":"organisation_moved","from":"b","to":"c","parent":"d"}"#,
                ("parent", "not_the_destination"),
            ),
            (
                r#","kind":"member_joined","member":"m","precision":"day"}"#,
                ("precision", "choice_unknown"),
            ),
        ] {
            assert_eq!(problem(&format!("{START}{rest}")), expected, "{rest}");
        }
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        let rest = r#""kind":"organisation_renamed","organisation":"a","name":"b"}"#;
        let line = format!(r#"{{"seq":1,"date":"2023-02-29",{rest}"#);
        assert_eq!(problem(&line), ("date", "date_malformed"));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(read(1, b"{\"seq\":\xff}").unwrap_err(), ("line", "not_utf8"));
        assert_eq!(problem(""), ("line", "not_a_fact"));
    }
}
