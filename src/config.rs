//! What the program was told: arguments, environment, terminal and the file of settings. The only
//! reader of them.

mod file;
mod settings;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

use events::Date;
use jiff::tz::TimeZone;

pub use file::{FileError, KEYS};
pub use settings::{Origin, Setting, Settings, SettingsError};

/// The ledger that is meant when none is named.
pub const LEDGER_DEFAULT: &str = "sqlite:rollbook.db";

/// The zone of a new ledger where the machine does not say one.
pub const ZONE_DEFAULT: &str = "UTC";

/// The variables that say what locale is wished for, the first one that is set alone.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// Each setting's variable.
const VARIABLES: [(&str, &str); 6] = [
    ("config", "ROLLBOOK_CONFIG"),
    ("key", "ROLLBOOK_KEY"),
    ("lang", "ROLLBOOK_LANG"),
    ("ledger", "ROLLBOOK_LEDGER"),
    ("log", "ROLLBOOK_LOG"),
    ("vault", "ROLLBOOK_VAULT"),
];

/// The variable that lets the clock stand on a day. Only a program that was built for tests heeds
/// it: whoever records for good cannot choose the time of recording.
const CLOCK: &str = if cfg!(debug_assertions) { "ROLLBOOK_CLOCK" } else { "" };

/// What surrounds a run of the program.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The arguments, the program's own name first.
    pub arguments: Vec<OsString>,
    /// The variables that are settings or say the locale, by name; none of them is empty.
    pub variables: BTreeMap<&'static str, String>,
    /// The directory in which programs keep their settings, where there is one.
    pub config_home: Option<PathBuf>,
    /// `NO_COLOR`: show no colours.
    pub no_color: bool,
    /// Whether standard output is a terminal.
    pub output_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub errors_are_terminal: bool,
    /// The directory for what lives no longer than the program.
    pub temporary: PathBuf,
    /// The day on which the clock stands, for tests of the program itself; otherwise it goes.
    pub stands_on: Option<Date>,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
        let variables = VARIABLES.map(|(_, variable)| variable).into_iter().chain(LOCALE);
        let config_home = text("XDG_CONFIG_HOME").map(PathBuf::from);
        // The rule of the XDG directories: a path that is not absolute is not followed.
        let config_home = config_home.filter(|path| path.is_absolute());
        let below_home = || text("HOME").map(|home| PathBuf::from(home).join(".config"));
        Self {
            arguments: std::env::args_os().collect(),
            variables: variables.filter_map(|name| Some((name, text(name)?))).collect(),
            config_home: config_home.or_else(below_home),
            no_color: text("NO_COLOR").is_some(),
            output_is_terminal: std::io::stdout().is_terminal(),
            errors_are_terminal: std::io::stderr().is_terminal(),
            temporary: std::env::temp_dir(),
            stands_on: text(CLOCK).and_then(|day| events::values::date_of(&day)),
        }
    }

    /// The program as it was called, to be called so again.
    #[must_use]
    pub fn program(&self) -> String {
        let name = self.arguments.first().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "rollbook".to_owned())
    }

    /// What stands behind `--name` among the arguments, before anybody has understood them all:
    /// what is wrong with them must be told in some language.
    #[must_use]
    pub fn foreseen(&self, name: &str) -> Option<String> {
        let flag = format!("--{name}");
        let texts = self.arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
        let mut texts = texts.take_while(|text| text != "--");
        while let Some(text) = texts.next() {
            if text == flag {
                return texts.next().map(Into::into);
            }
            let value = text.strip_prefix(&flag).and_then(|rest| rest.strip_prefix('='));
            if let Some(value) = value {
                return Some(value.to_owned());
            }
        }
        None
    }
}

/// The machine's time zone, by its IANA name; UTC where it has none.
#[must_use]
pub fn zone() -> String {
    let zone = TimeZone::try_system().ok();
    let name = zone.as_ref().and_then(TimeZone::iana_name);
    name.unwrap_or(ZONE_DEFAULT).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_foreseen_where_it_is_one() {
        let foreseen = |line: &str| {
            let arguments = line.split_whitespace().map(OsString::from).collect();
            Surroundings { arguments, ..Surroundings::default() }.foreseen("lang")
        };
        assert_eq!(foreseen("rollbook tree --lang zh --json").as_deref(), Some("zh"));
        assert_eq!(foreseen("rollbook --lang=zh tree").as_deref(), Some("zh"));
        assert_eq!(foreseen("rollbook tree --language=zh --lang"), None);
        assert_eq!(foreseen("rollbook do x -- --lang zh"), None);
    }
}
