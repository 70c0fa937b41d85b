//! What clap finds wrong with a command line, in the words of the catalogue; and the help texts.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::arguments::Build;
use super::output::Output;
use super::{Exit, Failure};
use crate::messages::Messages;

/// The topic of `rollbook help` that lists the exit codes.
const EXIT_CODES: &str = "exit-codes";

/// What clap may complain of, and the catalogue's word for it.
const KINDS: &[(ErrorKind, &str)] = &[
    (ErrorKind::UnknownArgument, "unknown_argument"),
    (ErrorKind::InvalidSubcommand, "unknown_command"),
    (ErrorKind::InvalidValue, "invalid_value"),
    (ErrorKind::ValueValidation, "invalid_value"),
    (ErrorKind::MissingRequiredArgument, "missing_argument"),
    (ErrorKind::MissingSubcommand, "missing_command"),
    (ErrorKind::ArgumentConflict, "argument_conflict"),
    (ErrorKind::InvalidUtf8, "not_utf8"),
];

/// Help was asked for rather than anything done, or the command line is wrong.
pub(super) enum Unparsed {
    /// A text to show: help or version.
    Help(String),
    /// What is wrong.
    Wrong(Failure),
}

/// Reads clap's complaint.
#[must_use]
pub(super) fn unparsed(error: &clap::Error) -> Unparsed {
    let kind = error.kind();
    if matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Unparsed::Help(error.to_string());
    }
    let found = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(_) | None => String::new(),
    };
    let code = match KINDS.iter().find(|(listed, _)| *listed == kind) {
        // Nothing at all was given for an option that takes something.
        Some((ErrorKind::InvalidValue, _)) if found(ContextKind::InvalidValue).is_empty() => {
            "value_missing"
        }
        Some((_, code)) => code,
        None => "malformed",
    };
    let code = if code == "invalid_value" && !found(ContextKind::ValidValue).is_empty() {
        "choice_unknown"
    } else {
        code
    };
    let argument = match found(ContextKind::InvalidArg) {
        argument if argument.is_empty() => found(ContextKind::InvalidSubcommand),
        argument => argument,
    };
    let expected = match found(ContextKind::ValidValue) {
        expected if expected.is_empty() => found(ContextKind::ValidSubcommand),
        expected => expected,
    };
    let suggested =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let suggested = suggested.map(found).into_iter().find(|text| !text.is_empty());
    let args = [
        ("argument", argument),
        ("given", found(ContextKind::InvalidValue)),
        ("prior", found(ContextKind::PriorArg)),
        ("expected", expected),
        ("suggested", suggested.unwrap_or_default()),
    ];
    Unparsed::Wrong(Failure::usage(code, args.into_iter().filter(|(_, value)| !value.is_empty())))
}

/// `rollbook help [TOPIC]`.
///
/// # Errors
/// An unknown topic, or what keeps it from being written.
pub(super) fn help(output: &mut Output<'_>, topic: Option<&str>) -> Result<Exit, Failure> {
    let mut root = Build::new(output.messages).root();
    root.build();
    let text = match topic {
        None => root.render_help().to_string(),
        Some(EXIT_CODES) => exit_codes(output.messages),
        Some(topic) => {
            let Some(command) = root.find_subcommand_mut(topic) else {
                return Err(Failure::usage("unknown_topic", [("given", topic)]));
            };
            command.render_help().to_string()
        }
    };
    output.line(text.trim_end())?;
    Ok(Exit::Ok)
}

/// The table of exit codes.
fn exit_codes(messages: &Messages) -> String {
    let mut text = messages.plain("help-exit-codes");
    for (exit, name) in Exit::TABLE {
        let meaning = messages.plain(&format!("exit-{name}"));
        text.push_str(&format!("\n  {:>3}  {meaning}", exit.code()));
    }
    text
}
