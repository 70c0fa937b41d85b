//! `rollbook completions SHELL`: what a shell needs to complete a command line.

use clap::ValueEnum;
use clap_complete::{Shell, generate};

use super::arguments::Build;
use super::output::Output;
use super::{Exit, Failure, NOTHING};

/// The shells, by the names that are typed.
pub(super) fn shells() -> Vec<String> {
    Shell::value_variants().iter().map(ToString::to_string).collect()
}

/// `rollbook completions SHELL`.
pub(super) fn completions(output: &mut Output<'_>, shell: Option<&str>) -> Result<Exit, Failure> {
    let shell = shell.and_then(|name| Shell::from_str(name, false).ok());
    let shell = shell.ok_or_else(|| Failure::usage("malformed", NOTHING))?;
    // Not straight to the output: clap takes a reader who went away for a defect.
    let mut script = Vec::new();
    generate(shell, &mut Build::new(output.messages).root(), "rollbook", &mut script);
    output.data.write_all(&script)?;
    Ok(Exit::Ok)
}
