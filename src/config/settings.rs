//! The settings in force, each with where it comes from. The first that says it decides: a flag, a
//! variable, the file, the default.

use std::path::PathBuf;

use super::file::{File, FileError};
use super::{LEDGER_DEFAULT, LOCALE, Surroundings, VARIABLES};
use crate::messages::Language;

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// What it is.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, like `--ledger`.
    Flag(String),
    /// A variable of the environment.
    Variable(&'static str),
    /// The file of settings.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file of settings; `None` where there is none. One that was named must be there.
    pub config: Setting<Option<PathBuf>>,
    /// The ledger's URL.
    pub ledger: Setting<String>,
    /// The key file, where it is not beside the ledger.
    pub key: Setting<Option<PathBuf>>,
    /// The language of everything that people read.
    pub lang: Setting<Language>,
    /// What to log on standard error.
    pub log: Setting<Option<String>>,
    /// The vault file, where it is not beside the ledger.
    pub vault: Setting<Option<PathBuf>>,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read as what it should be.
    #[error(transparent)]
    File(#[from] FileError),
    /// Rollbook does not speak the language that the file asks for.
    #[error("{path}, line {line}: there is no language {given}")]
    LanguageInFile {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What it asks for.
        given: String,
    },
    /// Rollbook does not speak the language that a flag or variable asks for.
    #[error("{asked_by}: there is no language {given}")]
    Language {
        /// The flag or variable.
        asked_by: String,
        /// What it asks for.
        given: String,
    },
}

/// What a flag says, by its name without the dashes.
type Typed<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// The settings in force, `typed` being what the flags say.
    ///
    /// # Errors
    /// The file cannot be read as what it should be, or there is no such language.
    pub fn read(surroundings: &Surroundings, typed: Typed<'_>) -> Result<Self, SettingsError> {
        let config = place(surroundings, typed);
        let config =
            config.filter(|config| config.origin != Origin::Default || config.value.exists());
        let file = match &config {
            Some(config) => File::read(&config.value)?,
            None => File::default(),
        };
        let sources = Sources { surroundings, typed, config: config.as_ref(), file: &file };
        let path = |text: Setting<String>| text.map(PathBuf::from);
        let ledger = sources.find("ledger");
        Ok(Self {
            ledger: ledger.unwrap_or_else(|| Setting::default_of(LEDGER_DEFAULT.to_owned())),
            key: Setting::or_none(sources.find("key").map(path)),
            lang: sources.language()?,
            log: Setting::or_none(sources.find("log")),
            vault: Setting::or_none(sources.find("vault").map(path)),
            config: Setting::or_none(config),
        })
    }

    /// The language in which to speak before the arguments are understood, or where the settings
    /// are not: what is wrong with either must be told in some language.
    #[must_use]
    pub fn language(surroundings: &Surroundings) -> Language {
        let typed = |name: &str| surroundings.foreseen(name);
        let variable = surroundings.variables.get("ROLLBOOK_LANG").cloned();
        let said = typed("lang").into_iter().chain(variable);
        let found = said.filter_map(|code| Language::parse(&code)).next();
        let in_file = || {
            let file = File::read(&place(surroundings, &typed)?.value).ok()?;
            Language::parse(&file.get("lang")?.text)
        };
        found.or_else(in_file).unwrap_or_else(|| of_locale(surroundings).value)
    }
}

impl<T> Setting<T> {
    fn default_of(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }

    fn or_none(found: Option<Self>) -> Setting<Option<T>> {
        found.map_or(Setting::default_of(None), |setting| setting.map(Some))
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: change(self.value), origin: self.origin }
    }
}

/// Where settings may come from.
struct Sources<'a> {
    surroundings: &'a Surroundings,
    typed: Typed<'a>,
    config: Option<&'a Setting<PathBuf>>,
    file: &'a File,
}

impl Sources<'_> {
    /// What the first of them says about a setting.
    fn find(&self, key: &str) -> Option<Setting<String>> {
        let in_file = || {
            let value = self.file.get(key)?.text.clone();
            Some(Setting { value, origin: Origin::File(self.config?.value.clone()) })
        };
        said(self.surroundings, self.typed, key).or_else(in_file)
    }

    fn language(&self) -> Result<Setting<Language>, SettingsError> {
        let Some(found) = self.find("lang") else { return Ok(of_locale(self.surroundings)) };
        if let Some(language) = Language::parse(&found.value) {
            return Ok(found.map(|_| language));
        }
        let given = found.value;
        Err(match found.origin {
            Origin::File(path) => {
                let line = self.file.get("lang").map_or(1, |entry| entry.line);
                SettingsError::LanguageInFile { path, line, given }
            }
            Origin::Variable(name) => SettingsError::Language { asked_by: name.to_owned(), given },
            Origin::Flag(name) => SettingsError::Language { asked_by: name, given },
            Origin::Default => SettingsError::Language { asked_by: String::new(), given },
        })
    }
}

/// What a flag says about a setting, or else its variable.
fn said(surroundings: &Surroundings, typed: Typed<'_>, key: &str) -> Option<Setting<String>> {
    if let Some(value) = typed(key) {
        return Some(Setting { value, origin: Origin::Flag(format!("--{key}")) });
    }
    let (_, variable) = VARIABLES.iter().find(|(name, _)| *name == key)?;
    let value = surroundings.variables.get(variable)?.clone();
    Some(Setting { value, origin: Origin::Variable(variable) })
}

/// Where the file of settings is, or would be if there was one.
fn place(surroundings: &Surroundings, typed: Typed<'_>) -> Option<Setting<PathBuf>> {
    if let Some(said) = said(surroundings, typed, "config") {
        return Some(said.map(PathBuf::from));
    }
    let directory = surroundings.config_home.as_ref()?;
    Some(Setting::default_of(directory.join("rollbook/config.toml")))
}

/// The language of the locale; English where it says nothing, or nothing that Rollbook speaks.
fn of_locale(surroundings: &Surroundings) -> Setting<Language> {
    let set = |name: &&'static str| Some((*name, surroundings.variables.get(name)?));
    let Some((name, locale)) = LOCALE.iter().find_map(set) else {
        return Setting::default_of(Language::default());
    };
    match Language::of_locale(locale) {
        Some(value) => Setting { value, origin: Origin::Variable(name) },
        None => Setting::default_of(Language::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING_TYPED: Typed<'static> = &|_| None;

    fn surroundings(variables: &[(&'static str, &str)]) -> Surroundings {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Surroundings { variables: variables.collect(), ..Surroundings::default() }
    }

    #[test]
    fn a_flag_comes_before_a_variable_a_variable_before_the_file_and_that_before_the_default() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        std::fs::write(&path, "ledger = 'sqlite:file.db'\nlang = 'zh'").unwrap();
        let path_text = path.to_str().unwrap();
        let both = surroundings(&[
            ("ROLLBOOK_CONFIG", path_text),
            ("ROLLBOOK_LEDGER", "sqlite:variable.db"),
            ("LANG", "en_GB.UTF-8"),
        ]);
        let typed = |name: &str| (name == "ledger").then(|| "sqlite:flag.db".to_owned());
        let settings = Settings::read(&both, &typed).unwrap();
        assert_eq!(settings.ledger.value, "sqlite:flag.db");
        assert_eq!(settings.ledger.origin, Origin::Flag("--ledger".to_owned()));
        assert_eq!(settings.lang.value, Language::Chinese);
        assert_eq!(settings.lang.origin, Origin::File(path.clone()));
        assert_eq!(settings.config.origin, Origin::Variable("ROLLBOOK_CONFIG"));
        assert_eq!(settings.key, Setting { value: None, origin: Origin::Default });
        let settings = Settings::read(&both, NOTHING_TYPED).unwrap();
        assert_eq!(settings.ledger.origin, Origin::Variable("ROLLBOOK_LEDGER"));
        let file = surroundings(&[("ROLLBOOK_CONFIG", path_text)]);
        let settings = Settings::read(&file, NOTHING_TYPED).unwrap();
        assert_eq!(settings.ledger.origin, Origin::File(path));
        let settings = Settings::read(&surroundings(&[]), NOTHING_TYPED).unwrap();
        assert_eq!(settings.ledger, Setting::default_of(LEDGER_DEFAULT.to_owned()));
    }

    #[test]
    fn the_first_variable_of_the_locale_that_is_set_decides() {
        let language = |variables| of_locale(&surroundings(variables));
        let chinese = language(&[("LC_MESSAGES", "zh_CN.UTF-8"), ("LANG", "en_GB.UTF-8")]);
        assert_eq!(chinese.value, Language::Chinese);
        assert_eq!(chinese.origin, Origin::Variable("LC_MESSAGES"));
        let plain = language(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]);
        assert_eq!(plain, Setting::default_of(Language::English));
    }

    #[test]
    fn a_file_may_be_absent_unless_it_was_named() {
        let config_home = Some(PathBuf::from("nowhere"));
        let unnamed = Surroundings { config_home, ..Surroundings::default() };
        assert_eq!(Settings::read(&unnamed, NOTHING_TYPED).unwrap().config.value, None);
        let named = surroundings(&[("ROLLBOOK_CONFIG", "nowhere.toml")]);
        assert!(Settings::read(&named, NOTHING_TYPED).is_err());
    }
}
