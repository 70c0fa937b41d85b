//! What the program was told: arguments, environment and terminal. The only reader of them.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

use jiff::tz::TimeZone;

/// The ledger that is meant when none is named.
pub const LEDGER_DEFAULT: &str = "sqlite:rollbook.db";

/// The zone of a new ledger where the machine does not say one.
pub const ZONE_DEFAULT: &str = "UTC";

/// What surrounds a run of the program.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The arguments, the program's own name first.
    pub arguments: Vec<OsString>,
    /// `ROLLBOOK_LEDGER`: the ledger, unless an argument names it.
    pub ledger: Option<String>,
    /// `ROLLBOOK_KEY`: the key file, unless an argument names it.
    pub key: Option<PathBuf>,
    /// `ROLLBOOK_LOG`: what to log on standard error.
    pub log: Option<String>,
    /// `NO_COLOR`: show no colours.
    pub no_color: bool,
    /// Whether standard output is a terminal.
    pub output_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub errors_are_terminal: bool,
    /// The directory for what lives no longer than the program.
    pub temporary: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
        Self {
            arguments: std::env::args_os().collect(),
            ledger: text("ROLLBOOK_LEDGER"),
            key: text("ROLLBOOK_KEY").map(PathBuf::from),
            log: text("ROLLBOOK_LOG"),
            no_color: text("NO_COLOR").is_some(),
            output_is_terminal: std::io::stdout().is_terminal(),
            errors_are_terminal: std::io::stderr().is_terminal(),
            temporary: std::env::temp_dir(),
        }
    }

    /// The program as it was called, to be called so again.
    #[must_use]
    pub fn program(&self) -> String {
        let name = self.arguments.first().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "rollbook".to_owned())
    }
}

/// The machine's time zone, by its IANA name; UTC where it has none.
#[must_use]
pub fn zone() -> String {
    let zone = TimeZone::try_system().ok();
    let name = zone.as_ref().and_then(TimeZone::iana_name);
    name.unwrap_or(ZONE_DEFAULT).to_owned()
}
