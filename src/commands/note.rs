//! What a decision tells beside its events.

use events::Date;
use serde::{Deserialize, Serialize};

/// Something that a decision did which the caller should know: a stable code and its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Stable, `snake_case`.
    pub code: String,
    /// Parameters for the sentence: codes and dates, never names of people.
    pub args: Vec<(String, String)>,
}

impl Note {
    /// A joint branch has one host left: how it is formed has to change.
    pub(crate) fn change_of_mode_due(branch: impl ToString) -> Self {
        let args = vec![("branch".to_owned(), branch.to_string())];
        Self { code: "change_of_mode_due".to_owned(), args }
    }

    /// A fact dated before its branch was formed takes effect on the formation day.
    pub(crate) fn held_until_formation(branch: impl ToString, formed: Date) -> Self {
        Self {
            code: "held_until_formation".to_owned(),
            args: vec![
                ("branch".to_owned(), branch.to_string()),
                ("formed".to_owned(), formed.to_string()),
            ],
        }
    }
}
