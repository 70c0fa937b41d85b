//! From an error to what a person is told, what a program is told, and the exit code.

mod moving;

use std::io;
use std::path::Path;

use serde_json::json;

use super::Exit;
use crate::config::{FileError, KEYS, SettingsError};
use crate::import::{BadCorrections, ImportError};
use crate::ledger::Error;
use crate::messages::{Language, Messages};
use crate::policy::file::Fault;
use crate::store::StoreError;
use crate::vault::VaultError;

/// Why a run did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// The kind of message: `refused`, `problem`, `usage` or `error`.
    prefix: &'static str,
    /// A stable code.
    code: String,
    /// The parameters of its sentence.
    args: Vec<(String, String)>,
    /// What was behind it, outermost first.
    causes: Vec<String>,
}

impl Failure {
    /// A failure that the command line itself finds.
    pub fn new<V: ToString>(
        exit: Exit,
        prefix: &'static str,
        code: impl Into<String>,
        args: impl IntoIterator<Item = (&'static str, V)>,
    ) -> Self {
        let args = args.into_iter().map(|(name, value)| (name.to_owned(), value.to_string()));
        let (code, args) = (code.into(), args.collect());
        Self { exit, prefix, code, args, causes: Vec::new() }
    }

    /// Something that was typed and cannot be read.
    pub fn usage<V: ToString>(
        code: impl Into<String>,
        args: impl IntoIterator<Item = (&'static str, V)>,
    ) -> Self {
        Self::new(Exit::Usage, "usage", code, args)
    }

    fn plain(exit: Exit, code: &'static str, place: &str) -> Self {
        Self::new(exit, "error", code, [("place", place)])
    }

    /// A file that could not be written.
    #[must_use]
    pub fn unwritable(path: &Path, error: &io::Error) -> Self {
        let args = [("path", path.display())];
        let failure = Self::new(Exit::Failed, "error", "file_unwritable", args);
        Self { causes: vec![error.to_string()], ..failure }
    }

    /// A file that could not be read.
    #[must_use]
    pub fn unreadable(path: &Path, error: &io::Error) -> Self {
        let args = [("path", path.display())];
        let failure = Self::new(Exit::Usage, "error", "file_unreadable", args);
        Self { causes: vec![error.to_string()], ..failure }
    }

    /// What is wrong in a file of rules.
    #[must_use]
    pub fn in_rules(path: &Path, fault: Fault) -> Self {
        let Fault { line, key, problem, args, cause } = fault;
        let failure = InFile { path, line, field: &key }.problem(problem, args);
        Self { causes: cause.into_iter().collect(), ..failure }
    }

    /// What is wrong in a file of corrections.
    #[must_use]
    pub fn in_corrections(path: &Path, bad: BadCorrections) -> Self {
        let BadCorrections { line, field, problem, cause } = bad;
        let failure = InFile { path, line, field: &field }.problem(problem, []);
        Self { causes: cause.into_iter().collect(), ..failure }
    }

    /// What one correction of a file names and is not there, or cannot be read.
    #[must_use]
    pub fn in_correction(path: &Path, (line, field): (usize, &str), error: Error) -> Self {
        match error {
            Error::NotFound { what, given } => {
                let (what, given) = (("what", what.to_owned()), ("given", given));
                InFile { path, line, field }.problem("names_nothing", [what, given])
            }
            Error::Malformed { problem, .. } => InFile { path, line, field }.problem(problem, []),
            error @ (Error::Refused(_)
            | Error::Conflict
            | Error::NoVault
            | Error::Store(_)
            | Error::Vault(_)) => error.into(),
        }
    }

    /// The demo's ledger is there already.
    #[must_use]
    pub fn demo_exists(file: &str) -> Self {
        Self::new(Exit::Conflict, "error", "demo_exists", [("file", file)])
    }

    /// A demo that would fill the disk.
    #[must_use]
    pub fn demo_too_large(file: &str, needed: u64, lacking: u64) -> Self {
        let gigabytes =
            |bytes: u64| format!("{}.{}", bytes / 1_000_000_000, bytes / 100_000_000 % 10);
        let args = [
            ("file", file.to_owned()),
            ("needed", gigabytes(needed)),
            ("lacking", gigabytes(lacking)),
        ];
        Self::new(Exit::Failed, "error", "demo_too_large", args)
    }

    fn because(self, error: &dyn std::error::Error) -> Self {
        Self { causes: causes(error), ..self }
    }

    /// Whether the reader of standard output went away: nobody is left to be told.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        self.code == BROKEN_PIPE
    }

    /// The sentence, what is behind it, and the way out: a line each.
    #[must_use]
    pub fn told(&self, messages: &Messages) -> Vec<String> {
        let mut lines =
            vec![messages.text("failure", &[("message", self.message(messages).into())])];
        for cause in &self.causes {
            lines.push(messages.text("failure-cause", &[("cause", cause.as_str().into())]));
        }
        let args = messages.values(&self.args);
        if let Some(hint) = messages.hint(&self.key(), &args) {
            lines.push(messages.text("failure-hint", &[("hint", hint.into())]));
        }
        lines
    }

    /// The same for programs: `{"error":{"code","message","args"}}`.
    #[must_use]
    pub fn to_json(&self, messages: &Messages) -> serde_json::Value {
        let args = self.args.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        let args: serde_json::Map<String, serde_json::Value> = args.collect();
        let mut error =
            json!({ "code": self.code, "message": self.message(messages), "args": args });
        if !self.causes.is_empty() {
            error["causes"] = self.causes.clone().into();
        }
        json!({ "error": error })
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The sentence for a person.
    #[must_use]
    pub fn sentence(&self, messages: &Messages) -> String {
        self.message(messages)
    }

    fn key(&self) -> String {
        format!("{}-{}", self.prefix, self.code)
    }

    fn message(&self, messages: &Messages) -> String {
        let sentence = messages.coded(self.prefix, &self.code, &self.args);
        let of = |name| self.args.iter().find(|(found, _)| found == name).map(|(_, value)| value);
        match (of("path"), of("line"), of("field")) {
            (Some(path), Some(line), Some(field)) if self.prefix == "problem" => {
                let args = [
                    ("path", path.as_str().into()),
                    ("line", line.as_str().into()),
                    ("field", field.as_str().into()),
                    ("problem", sentence.into()),
                ];
                messages.text("failure-in-file", &args)
            }
            (None, None, Some(field)) if self.prefix == "problem" => {
                let args = [("field", field.as_str().into()), ("problem", sentence.into())];
                messages.text("failure-in-field", &args)
            }
            _ => sentence,
        }
    }
}

/// What is behind an error, outermost first; the error itself is not among it.
fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // An error that only passes on another one says the same text again.
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        source = cause.source();
    }
    causes
}

const BROKEN_PIPE: &str = "broken_pipe";

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::plain(Exit::Ok, BROKEN_PIPE, "");
        }
        let mut failure = Self::plain(Exit::Failed, "io", "");
        failure.causes.push(error.to_string());
        failure
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refused) => {
                Self::new(Exit::Refused, "refused", refused.code, refused.args)
            }
            Error::Conflict => Self::plain(Exit::Conflict, "conflict", ""),
            Error::Malformed { field, problem, given } => {
                let args = [("field", field), ("given", given)];
                Self::new(Exit::Usage, "problem", problem, args)
            }
            // Whom somebody asked for is not repeated: it may be a name.
            Error::NotFound { what: "person", .. } => {
                Self::plain(Exit::NotFound, "person_not_found", "")
            }
            Error::NotFound { what: "former", given } => {
                Self::new(Exit::NotFound, "error", "nothing_to_go_back_to", [("name", given)])
            }
            Error::NotFound { what, given } => {
                let args = [("what", what), ("given", given.as_str())];
                let exit = match what {
                    "preset" | "zone" | "command" => Exit::Usage,
                    _ => Exit::NotFound,
                };
                Self::new(exit, "error", "not_found", args)
            }
            Error::NoVault => Self::plain(Exit::Failed, "vault_not_open", ""),
            Error::Store(error) => error.into(),
            Error::Vault(error) => error.into(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Conflict(_) => Self::plain(Exit::Conflict, "conflict", ""),
            StoreError::KeyReused(key) => {
                Self::new(Exit::Conflict, "error", "key_reused", [("key", key)])
            }
            StoreError::NoLedger(place) => Self::plain(Exit::NoLedger, "no_ledger", place),
            StoreError::NotALedger(place) => Self::plain(Exit::NoLedger, "not_a_ledger", place),
            StoreError::Exists(place) => Self::plain(Exit::Conflict, "exists", place),
            StoreError::NewerSchema { place, found, known } => newer(place, *found, *known),
            StoreError::AnotherWriter(place) => {
                Self::plain(Exit::AnotherWriter, "another_writer", place)
            }
            StoreError::AnotherRebuild(place) => {
                Self::plain(Exit::AnotherWriter, "another_rebuild", place)
            }
            StoreError::ManyNames(place) => Self::plain(Exit::NotPermitted, "many_names", place),
            StoreError::ReadOnly(place) => Self::plain(Exit::NotPermitted, "read_only", place),
            StoreError::Unreachable { place, .. } => {
                Self::plain(Exit::Failed, "unreachable", place).because(&error)
            }
            StoreError::DiskFull(place) => Self::plain(Exit::Failed, "disk_full", place),
            StoreError::Unconfirmed(place) => Self::plain(Exit::Failed, "unconfirmed", place),
            StoreError::Corrupt { place, position: None, .. } => {
                Self::plain(Exit::Tampering, "corrupt", place).because(&error)
            }
            StoreError::Corrupt { place, position: Some(position), .. } => {
                let args = [("place", place.clone()), ("position", position.to_string())];
                Self::new(Exit::Tampering, "error", "corrupt_at", args).because(&error)
            }
            StoreError::Failed { place, .. } => {
                Self::plain(Exit::Failed, "store", place).because(&error)
            }
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match &error {
            VaultError::NoVault(place) => Self::plain(Exit::Failed, "no_vault", place),
            VaultError::NotAVault(place) => Self::plain(Exit::Failed, "not_a_vault", place),
            VaultError::NoKey(place) => Self::plain(Exit::WrongKey, "no_key", place),
            VaultError::MalformedKey(place) => Self::plain(Exit::WrongKey, "malformed_key", place),
            VaultError::WrongKey(place) => Self::plain(Exit::WrongKey, "wrong_key", place),
            VaultError::OtherLedger { place, .. } => {
                Self::plain(Exit::Failed, "vault_of_another_ledger", place)
            }
            VaultError::Exists(place) => Self::plain(Exit::Conflict, "vault_exists", place),
            VaultError::NewerSchema { place, found, known } => newer(place, *found, *known),
            VaultError::NoPurpose => Self::plain(Exit::Usage, "no_purpose", ""),
            VaultError::AlreadyKnown(person) | VaultError::HandleTaken(person) => {
                let code = "handle_taken";
                Self::new(Exit::Conflict, "error", code, [("person", person)])
            }
            VaultError::HandleFixed(person) => {
                Self::new(Exit::Usage, "error", "handle_fixed", [("person", person)])
            }
            VaultError::Unknown(_) => Self::plain(Exit::NotFound, "person_not_found", ""),
            VaultError::Erased(person) => {
                Self::new(Exit::NotFound, "error", "person_erased", [("person", person)])
            }
            VaultError::Lingers { place, .. } => {
                Self::plain(Exit::Failed, "erasure_lingers", place).because(&error)
            }
            VaultError::DiskFull(place) => Self::plain(Exit::Failed, "disk_full", place),
            VaultError::Unconfirmed(place) => Self::plain(Exit::Failed, "unconfirmed", place),
            VaultError::Corrupt { place, .. } => {
                Self::plain(Exit::Tampering, "corrupt", place).because(&error)
            }
            VaultError::Failed { place, .. } => {
                Self::plain(Exit::Failed, "store", place).because(&error)
            }
        }
    }
}

fn newer(place: &str, found: i64, known: i64) -> Failure {
    let (found, known) = (found.to_string(), known.to_string());
    let args = [("place", place), ("found", &found), ("known", &known)];
    Failure::new(Exit::Failed, "error", "newer_schema", args)
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let shown = |path: std::path::PathBuf| path.display().to_string();
        let causes = causes(&error);
        match error {
            ImportError::Unreadable { path, .. } => {
                let failure =
                    Self::new(Exit::Usage, "error", "file_unreadable", [("path", shown(path))]);
                Self { causes, ..failure }
            }
            ImportError::CutOff { path, lines } => {
                let args = [("path", shown(path)), ("lines", lines.to_string())];
                Self::new(Exit::Usage, "error", "file_cut_off", args)
            }
            ImportError::LineTooLong { path, line, bytes_max } => {
                let args = [
                    ("path", shown(path)),
                    ("line", line.to_string()),
                    ("field", "line".to_owned()),
                    ("bytes_max", bytes_max.to_string()),
                ];
                Self::new(Exit::Usage, "problem", "line_too_long", args)
            }
            ImportError::Malformed { path, line, field, problem } => {
                let args = [
                    ("path", shown(path)),
                    ("line", line.to_string()),
                    ("field", field.to_owned()),
                ];
                Self::new(Exit::Usage, "problem", problem, args)
            }
            ImportError::BeginningDiffers { path, lines } => {
                let args = [("path", shown(path)), ("lines", lines.to_string())];
                Self::new(Exit::Conflict, "error", "beginning_differs", args)
            }
            ImportError::ChangedMeanwhile { path } => {
                Self::new(Exit::Conflict, "error", "changed_meanwhile", [("path", shown(path))])
            }
            ImportError::NoPlan { path } => {
                Self::new(Exit::Usage, "error", "plan_unreadable", [("path", shown(path))])
            }
            ImportError::Unwritable { path, .. } => {
                let failure =
                    Self::new(Exit::Usage, "error", "file_unwritable", [("path", shown(path))]);
                Self { causes, ..failure }
            }
            ImportError::PlanDiffers => {
                Self::new(Exit::Conflict, "error", "plan_differs", super::NOTHING)
            }
            ImportError::PlanStale { base, moved, first } => {
                let args = [
                    ("base", base.to_string()),
                    ("moved", moved.to_string()),
                    ("first", first.to_string()),
                ];
                Self::new(Exit::Conflict, "error", "plan_stale", args)
            }
            ImportError::Ledger(error) => error.into(),
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        let languages = Language::ALL.iter().map(|language| language.code());
        let languages = languages.collect::<Vec<_>>().join(", ");
        match error {
            SettingsError::File(error) => error.into(),
            SettingsError::LanguageInFile { path, line, given } => {
                let place = InFile { path: &path, line, field: "lang" };
                place.problem("setting_choice", [("given", given), ("expected", languages)])
            }
            SettingsError::Language { asked_by, given } => {
                let args = [("argument", asked_by), ("given", given), ("expected", languages)];
                Self::usage("choice_unknown", args)
            }
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let none: [(&str, String); 0] = [];
        match &error {
            FileError::Unreadable { path, .. } => {
                let args = [("path", path.display())];
                Self::new(Exit::Usage, "error", "file_unreadable", args).because(&error)
            }
            FileError::Malformed { path, line, why } => {
                let failure = InFile { path, line: *line, field: "line" }.problem("not_toml", none);
                Self { causes: vec![why.clone()], ..failure }
            }
            FileError::KeyUnknown { path, line, key } => {
                let expected = [("expected", KEYS.join(", "))];
                InFile { path, line: *line, field: key }.problem("setting_unknown", expected)
            }
            FileError::NotText { path, line, key } => {
                InFile { path, line: *line, field: key }.problem("setting_not_text", none)
            }
        }
    }
}

/// Where in a file something is wrong.
struct InFile<'a> {
    path: &'a Path,
    line: usize,
    field: &'a str,
}

impl InFile<'_> {
    fn problem(
        &self,
        code: &'static str,
        more: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Failure {
        let args = [
            ("path", self.path.display().to_string()),
            ("line", self.line.to_string()),
            ("field", self.field.to_owned()),
        ];
        Failure::new(Exit::Usage, "problem", code, args.into_iter().chain(more))
    }
}
