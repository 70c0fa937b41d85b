//! The form of a transcript; `tests/scenarios/README.md` explains it to those who write one.

use std::collections::BTreeSet;

use events::Date;

/// One transcript, as it was read.
pub struct Transcript {
    /// Its file, below the folder of all.
    pub name: String,
    /// The rules under which the ledger is founded.
    pub preset: String,
    /// The day on which it is founded.
    pub begins: Date,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One step.
pub enum Step {
    /// It is another day.
    Today(Date),
    /// There is a file of that name and text.
    File(String, String),
    /// Somebody types a command line.
    Typed(Typed),
}

/// A command line, and what is to come of it.
pub struct Typed {
    /// Its line in the transcript.
    pub line: usize,
    /// Its words.
    pub words: Vec<String>,
    /// What is to come of it.
    pub expected: Vec<Expected>,
}

/// What is to come of a command line.
#[derive(Debug)]
pub enum Expected {
    /// A line of the answer, after those before.
    Line(String),
    /// No line of the answer has this in it.
    Never(String),
    /// So many events are recorded.
    Events(usize),
    /// It is refused, or fails, with this code and perhaps this sentence.
    Refused(String, Option<String>),
    /// The way out that is offered.
    Hint(String),
}

impl Transcript {
    /// Reads one.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let title = lines.next().and_then(|title| title.strip_prefix("# "));
        title.ok_or_else(|| format!("{name}:1: the first line is `# ` and what is shown"))?;
        let mut reader = Reader { preset: None, begins: None, steps: Vec::new() };
        for (number, line) in (2..).zip(lines) {
            reader
                .line(number, line.trim())
                .map_err(|wrong| format!("{name}:{number}: {wrong}"))?;
        }
        let Reader { preset, begins, steps } = reader;
        let lacking = |what| format!("{name}: there is no line `# {what}`");
        let preset = preset.ok_or_else(|| lacking("preset"))?;
        let begins = begins.ok_or_else(|| lacking("today"))?;
        Ok(Self { name: name.to_owned(), preset, begins, steps })
    }

    /// The refusals that it shows: command and code.
    pub fn refusals(&self) -> BTreeSet<(String, String)> {
        let typed = self.steps.iter().filter_map(|step| match step {
            Step::Typed(typed) => Some(typed),
            Step::Today(_) | Step::File(..) => None,
        });
        let mut found = BTreeSet::new();
        for Typed { words, expected, .. } in typed {
            let named = if words[0] == "do" { words.get(1) } else { words.first() };
            for expected in expected {
                if let (Some(command), Expected::Refused(code, _)) = (named, expected) {
                    found.insert((command.clone(), code.clone()));
                }
            }
        }
        found
    }
}

struct Reader {
    preset: Option<String>,
    begins: Option<Date>,
    steps: Vec<Step>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with("##") {
            return Ok(());
        }
        if let Some(said) = line.strip_prefix('#') {
            return self.said(said.trim());
        }
        if let Some(typed) = line.strip_prefix("$ ") {
            if self.preset.is_none() || self.begins.is_none() {
                return Err("`# preset` and `# today` come before the first command".to_owned());
            }
            let words = words(typed)?;
            self.steps.push(Step::Typed(Typed { line: number, words, expected: Vec::new() }));
            return Ok(());
        }
        if let Some(Step::File(_, text)) = self.steps.last_mut()
            && let Some(line) = line.strip_prefix('|')
        {
            *text += &format!("{}\n", line.strip_prefix(' ').unwrap_or(line));
            return Ok(());
        }
        match self.steps.last_mut() {
            Some(Step::Typed(typed)) => typed.expected.push(expected(line)?),
            Some(Step::Today(_) | Step::File(..)) | None => {
                return Err("no command line stands before it".to_owned());
            }
        }
        Ok(())
    }

    /// What a line with `#` says, if it is more than a remark for readers.
    fn said(&mut self, said: &str) -> Result<(), String> {
        match said.split_once(' ') {
            Some(("preset", preset)) if !preset.contains(' ') => {
                self.preset = Some(preset.to_owned());
            }
            Some(("today", day)) if !day.contains(' ') => {
                let day = events::values::date_of(day).ok_or("no such day")?;
                match self.begins {
                    None => self.begins = Some(day),
                    Some(_) => self.steps.push(Step::Today(day)),
                }
            }
            Some(("file", name)) if !name.contains(' ') => {
                self.steps.push(Step::File(name.to_owned(), String::new()));
            }
            Some(_) | None => {}
        }
        Ok(())
    }
}

fn expected(line: &str) -> Result<Expected, String> {
    if let Some(refused) = line.strip_prefix("! ") {
        return Ok(match refused.split_once(": ") {
            Some((code, sentence)) => Expected::Refused(code.into(), Some(sentence.into())),
            None => Expected::Refused(refused.to_owned(), None),
        });
    }
    if let Some(count) = line.strip_prefix("= ") {
        if count == "nothing new" {
            return Ok(Expected::Events(0));
        }
        let number = count.split(' ').next().and_then(|number| number.parse().ok());
        return number.map(Expected::Events).ok_or_else(|| "= and a number of events".to_owned());
    }
    Ok(match (line.strip_prefix("- "), line.strip_prefix("hint: ")) {
        (Some(never), _) => Expected::Never(never.to_owned()),
        (None, Some(hint)) => Expected::Hint(hint.to_owned()),
        (None, None) => Expected::Line(line.to_owned()),
    })
}

/// The words of a command line; quotation marks hold together what has blanks.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let (mut word, mut begun, mut quoted) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => {
                word.push(other);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    if quoted || words.is_empty() {
        return Err("no command line".to_owned());
    }
    Ok(words)
}
