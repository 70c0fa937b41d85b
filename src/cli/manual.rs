//! `rollbook man [DIR]`: the manual, made from the same command line as the help.

use std::io;
use std::path::Path;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use serde_json::json;

use super::arguments::Build;
use super::output::Output;
use super::{Exit, Failure};
use crate::messages::Messages;

/// The headings that clap_mangen knows in English alone, with their keys in the catalogue.
const HEADINGS: &[(&str, &str)] = &[
    ("NAME", "man-name"),
    ("SYNOPSIS", "man-synopsis"),
    ("DESCRIPTION", "man-description"),
    ("VERSION", "man-version"),
];

/// `rollbook man [DIR]`: one page on standard output, or one for each command in a directory.
pub(super) fn man(output: &mut Output<'_>, directory: Option<&str>) -> Result<Exit, Failure> {
    let mut root = Build::new(output.messages).root();
    root.build();
    let Some(directory) = directory else {
        output.data.write_all(page(&root, output.messages)?.as_bytes())?;
        return Ok(Exit::Ok);
    };
    let directory = Path::new(directory);
    let unwritable = |error: io::Error| Failure::unwritable(directory, &error);
    std::fs::create_dir_all(directory).map_err(unwritable)?;
    let mut written = Vec::new();
    for command in with_subcommands(&root) {
        let path = directory.join(Man::new(command.clone()).get_filename());
        std::fs::write(&path, page(command, output.messages)?).map_err(unwritable)?;
        written.push(path.display().to_string());
    }
    if output.is_json() {
        output.json(&json!({ "pages": written }))?;
    } else {
        for path in &written {
            output.line(path)?;
        }
    }
    Ok(Exit::Ok)
}

fn with_subcommands(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().flat_map(with_subcommands);
    std::iter::once(command).chain(below).collect()
}

fn page(command: &Command, messages: &Messages) -> io::Result<String> {
    let source = format!("rollbook {}", env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    Man::new(command.clone()).source(source).render(&mut page)?;
    let mut translated = String::new();
    for line in String::from_utf8_lossy(&page).lines() {
        match line.strip_prefix(".SH ") {
            Some(heading) => translated += &format!(".SH {}\n", told(heading, messages)),
            None => translated += &format!("{line}\n"),
        }
        // Chinese has no blanks between words that could be stretched.
        if line.starts_with(".TH ") {
            translated += ".ad l\n";
        }
    }
    Ok(translated + &exit_status(messages))
}

fn told(heading: &str, messages: &Messages) -> String {
    let known = HEADINGS.iter().find(|(english, _)| *english == heading);
    known.map_or_else(|| heading.to_uppercase(), |(_, key)| messages.plain(key))
}

/// The section that lists the exit codes.
fn exit_status(messages: &Messages) -> String {
    let mut section = Roff::new();
    section.control("SH", [messages.plain("man-exit-status").as_str()]);
    for (exit, name) in Exit::TABLE {
        section.control("TP", []);
        section.text([bold(exit.code().to_string())]);
        section.text([roman(messages.plain(&format!("exit-{name}")))]);
    }
    section.to_roff() + "\n"
}
