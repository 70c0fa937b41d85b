//! What is told when a record cannot be moved.

use std::path::PathBuf;

use super::{Exit, Failure, causes};
use crate::ledger::moving::MoveError;

impl From<MoveError> for Failure {
    fn from(error: MoveError) -> Self {
        let causes = causes(&error);
        let at = |path: PathBuf| [("path", path.display().to_string())];
        let failure = match error {
            MoveError::Unreadable { path, .. } => {
                Self::new(Exit::Usage, "error", "file_unreadable", at(path))
            }
            // Standard output has no path, and nobody may be left who reads it.
            MoveError::Unwritable { path, source } if path.as_os_str().is_empty() => {
                return source.into();
            }
            MoveError::Unwritable { path, .. } => {
                Self::new(Exit::Failed, "error", "file_unwritable", at(path))
            }
            MoveError::TargetExists { path } => {
                Self::new(Exit::Conflict, "error", "target_exists", at(path))
            }
            MoveError::NotAnExport { path } => {
                Self::new(Exit::Usage, "error", "not_an_export", at(path))
            }
            MoveError::NotABackup { path } => {
                Self::new(Exit::Usage, "error", "not_a_backup", at(path))
            }
            MoveError::OtherFile { path } => {
                Self::new(Exit::Tampering, "error", "other_file", at(path))
            }
            MoveError::CutOff { path, lines } => {
                let args = [("path", path.display().to_string()), ("lines", lines.to_string())];
                Self::new(Exit::Tampering, "error", "export_cut_off", args)
            }
            MoveError::Line { path, line } => {
                let args = [("path", path.display().to_string()), ("line", line.to_string())];
                Self::new(Exit::Tampering, "error", "export_line", args)
            }
            MoveError::Damaged { path, line, position } => {
                let args = [
                    ("path", path.display().to_string()),
                    ("line", line.to_string()),
                    ("position", position.to_string()),
                ];
                Self::new(Exit::Tampering, "error", "export_damaged", args)
            }
            MoveError::Ledger(error) => return error.into(),
        };
        Self { causes, ..failure }
    }
}
