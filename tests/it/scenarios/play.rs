//! Playing a transcript: each command line is run, and what comes of it compared.

use std::collections::BTreeMap;

use serde_json::Value;

use super::stage::Stage;
use super::transcript::{Expected, Step, Transcript, Typed};
use crate::cli::Ran;

/// Plays a transcript on a stage. What differs first is told, with its place.
pub fn play(transcript: &Transcript, stage: &mut impl Stage) -> Result<(), String> {
    let mut player = Player { stage, people: BTreeMap::new(), files: BTreeMap::new() };
    for step in &transcript.steps {
        match step {
            Step::Today(day) => player.stage.today(*day),
            Step::File(name, text) => {
                let path = player.stage.file(name, text);
                player.files.insert(name.clone(), path);
            }
            Step::Typed(typed) => player.typed(typed).map_err(|differs| {
                format!("{}:{}: {}\n{differs}", transcript.name, typed.line, typed.words.join(" "))
            })?,
        }
    }
    if stage.is_sound() { Ok(()) } else { Err(format!("{}: not sound", transcript.name)) }
}

struct Player<'a, S> {
    stage: &'a mut S,
    /// Who was registered under which handle: id by handle.
    people: BTreeMap<String, String>,
    /// The files there are: path by name.
    files: BTreeMap<String, String>,
}

impl<S: Stage> Player<'_, S> {
    fn typed(&mut self, typed: &Typed) -> Result<(), String> {
        let words: Vec<String> = typed.words.iter().map(|word| self.meant(word)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let refused = typed.expected.iter().find_map(|expected| match expected {
            Expected::Refused(code, sentence) => Some((code, sentence.as_ref())),
            Expected::Line(_) | Expected::Never(_) | Expected::Events(_) | Expected::Hint(_) => {
                None
            }
        });
        if let Some((code, sentence)) = refused {
            return self.refused(&words, typed, code, sentence);
        }
        let ran = self.stage.run(&words);
        if ran.code != 0 {
            return Err(format!("exit code {}: {}{}", ran.code, ran.data, self.error(&words)));
        }
        self.learn(&words, &ran);
        self.compare(typed, &ran)
    }

    /// What a word stands for: a file by its name, a person by `{handle}`.
    fn meant(&self, word: &str) -> String {
        if let Some(path) = self.files.get(word) {
            return path.clone();
        }
        let mut meant = word.to_owned();
        for (handle, id) in &self.people {
            meant = meant.replace(&format!("{{{handle}}}"), id);
        }
        meant
    }

    /// The error of a command line, with its code.
    fn error(&mut self, words: &[&str]) -> String {
        self.stage.run(&[words, &["--json"]].concat()).remarks
    }

    fn refused(
        &mut self,
        words: &[&str],
        typed: &Typed,
        code: &str,
        sentence: Option<&String>,
    ) -> Result<(), String> {
        let before = self.stage.events();
        let ran = self.stage.run(&[words, &["--json"]].concat());
        if ran.code == 0 {
            return Err(format!("it was not refused: {}", ran.data));
        }
        let last = ran.remarks.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).map_err(|_| format!("{ran:?}"))?;
        let said = |name: &str| error["error"][name].as_str().unwrap_or_default().to_owned();
        if said("code") != code {
            return Err(format!("it failed with {}: {}", said("code"), said("message")));
        }
        let message = self.readable(&said("message")).join(" ");
        if sentence.is_some_and(|sentence| !fits(sentence, &message)) {
            return Err(format!("it said: {message}"));
        }
        if self.stage.events() != before {
            return Err("something was recorded".to_owned());
        }
        for expected in &typed.expected {
            if let Expected::Hint(hint) = expected {
                let told = self.stage.run(words).remarks;
                let told = self.readable(&told);
                let hints: Vec<_> =
                    told.iter().filter_map(|line| line.strip_prefix("hint: ")).collect();
                if !hints.iter().any(|told| fits(hint, told)) {
                    return Err(format!("no such hint; it said: {}", told.join("\n")));
                }
            }
        }
        Ok(())
    }

    /// Who was registered, by the handle.
    fn learn(&mut self, words: &[&str], ran: &Ran) {
        let mut named = words.iter().skip_while(|word| **word != "--handle").skip(1);
        let Some(handle) = named.next().filter(|_| words[0] == "register-person") else { return };
        let id = ran.data.split("person ").nth(1).and_then(|rest| rest.split(' ').next());
        if let Some(id) = id.filter(|id| id.len() == 36) {
            self.people.insert((*handle).to_owned(), id.to_owned());
        }
    }

    fn compare(&self, typed: &Typed, ran: &Ran) -> Result<(), String> {
        let events = ran.data.lines().filter(|line| line.starts_with("  position ")).count();
        let lines = self.readable(&format!("{}\n{}", ran.data, ran.remarks));
        let told = || lines.join("\n");
        let mut rest = lines.iter();
        for expected in &typed.expected {
            match expected {
                Expected::Line(line) if !rest.any(|told| fits(line, told)) => {
                    return Err(format!("no such line: {line}\nit said:\n{}", told()));
                }
                Expected::Never(part) if lines.iter().any(|line| line.contains(part)) => {
                    return Err(format!("it stands there: {part}\nit said:\n{}", told()));
                }
                Expected::Events(count) if *count != events => {
                    return Err(format!("{events} event(s) were recorded:\n{}", told()));
                }
                Expected::Hint(hint) => return Err(format!("a hint without refusal: {hint}")),
                Expected::Line(_)
                | Expected::Never(_)
                | Expected::Events(_)
                | Expected::Refused(..) => {}
            }
        }
        Ok(())
    }

    /// What was said, as a reader of the transcript wants it: people by their handles, blanks
    /// single, and of an event its sentence alone.
    fn readable(&self, said: &str) -> Vec<String> {
        let mut said = said.to_owned();
        for (handle, id) in &self.people {
            said = said.replace(id, handle);
        }
        let line = |line: &str| {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            let event = line.strip_prefix("position ").and_then(|rest| rest.split_once(' '));
            match event.map(|(_, event)| event.rsplit_once(" [").map_or(event, |(it, _)| it)) {
                Some(event) => event.to_owned(),
                None => line.strip_prefix("error: ").unwrap_or(&line).to_owned(),
            }
        };
        said.lines().map(line).filter(|line| !line.is_empty()).collect()
    }
}

/// Whether a line is as expected; `…` stands for anything, blanks around it too.
fn fits(expected: &str, told: &str) -> bool {
    let expected = expected.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts: Vec<&str> = expected.split('…').collect();
    let last = parts.pop().unwrap_or_default();
    let Some((first, between)) = parts.split_first() else { return last == told };
    let Some(mut rest) = told.strip_prefix(first.trim()) else { return false };
    for part in between {
        let part = part.trim();
        let Some(start) = rest.find(part) else { return false };
        rest = &rest[start + part.len()..];
    }
    rest.ends_with(last.trim())
}

#[test]
fn dots_stand_for_anything() {
    for (expected, told) in [("a", "a"), ("a …", "a b c"), ("… c", "a b c"), ("a … c", "a b c c")]
    {
        assert!(fits(expected, told), "{expected} | {told}");
    }
    for (expected, told) in [("a", "a b"), ("…b", "a b c"), ("b…", "a b"), ("a … b", "a b c")]
    {
        assert!(!fits(expected, told), "{expected} | {told}");
    }
}
