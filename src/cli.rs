//! The command line: it translates between what people type and the ledger's one door, and decides
//! nothing. It prints nothing by itself either: whoever runs it hands in the two streams.

mod arguments;
mod batch;
mod care;
mod clock;
mod completions;
mod corrections;
mod coverage;
mod demo;
pub mod exit;
mod failure;
mod flows;
mod history;
mod import;
mod lifespans;
mod lives;
mod manual;
mod moving;
mod names;
mod nature;
pub mod output;
mod place;
mod policy;
mod questions;
mod rebuild;
mod record;
mod restatements;
mod scratch;
mod settings;
mod structure;
mod told;
mod transfers;
mod usage;

use std::io::Write;
use std::sync::Arc;

use clap::ArgMatches;

use crate::actor::Actor;
use crate::config::{Settings, Surroundings};
use crate::ledger::{Ledger, Location, Mode};
use crate::messages::Messages;
use crate::store::{Nature, SystemNature};

pub use arguments::{Build, GROUPS};
pub use exit::Exit;
pub use failure::Failure;
use output::{Format, Output};
use usage::Unparsed;

/// Runs the program once. Data goes to `data`, everything else to `remarks`.
pub fn run(
    surroundings: &Surroundings,
    data: &mut (dyn Write + Send),
    remarks: &mut (dyn Write + Send),
) -> Exit {
    run_on(None, surroundings, data, remarks)
}

/// Runs the program once on a ledger that is open already, of whatever engine; without one it
/// opens the ledger that it is told to.
pub fn run_on(
    ledger: Option<&Arc<Ledger>>,
    surroundings: &Surroundings,
    data: &mut (dyn Write + Send),
    remarks: &mut (dyn Write + Send),
) -> Exit {
    let messages = Messages::of(Settings::language(surroundings));
    // What is wrong with a command line may be told before its switches are known.
    let asks_json = |name: &str| surroundings.arguments.iter().any(|argument| argument == name);
    let format = match (asks_json("--json"), asks_json("--ndjson")) {
        (true, _) => Format::Json,
        (false, true) => Format::Ndjson,
        (false, false) => Format::Human,
    };
    let mut output = Output {
        format,
        quiet: false,
        is_terminal: surroundings.output_is_terminal,
        errors_are_terminal: surroundings.errors_are_terminal,
        styled: surroundings.output_is_terminal && !surroundings.no_color,
        messages,
        data: &mut std::io::BufWriter::new(data),
        remarks,
    };
    let ended = parse_and_dispatch(ledger, surroundings, &mut output);
    let ended = ended.and_then(|exit| Ok(output.data.flush().map(|()| exit)?));
    match ended {
        Ok(exit) => exit,
        Err(failure) if failure.is_broken_pipe() => Exit::Ok,
        Err(failure) => {
            _ = output.data.flush();
            tell(&mut output, &failure);
            failure.exit
        }
    }
}

fn tell(output: &mut Output<'_>, failure: &Failure) {
    if output.is_json() {
        output.error_line(&failure.to_json(output.messages).to_string());
    } else {
        for line in failure.told(output.messages) {
            output.error_line(&line);
        }
    }
}

fn parse_and_dispatch(
    ledger: Option<&Arc<Ledger>>,
    surroundings: &Surroundings,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let parsed = Build::new(output.messages).root().try_get_matches_from(&surroundings.arguments);
    let matches = match parsed {
        Ok(matches) => matches,
        Err(error) => match usage::unparsed(&error) {
            Unparsed::Help(text) => {
                output.line(text.trim_end())?;
                return Ok(Exit::Ok);
            }
            Unparsed::Wrong(failure) => return Err(failure),
        },
    };
    output.quiet = matches.get_flag("quiet");
    let Some((name, matches)) = matches.subcommand() else {
        return Err(Failure::usage("missing_command", NOTHING));
    };
    // What explains the program works without settings, and so also where they are wrong.
    let typed = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
    match name {
        "help" => return usage::help(output, typed("topic").as_deref()),
        "completions" => return completions::completions(output, typed("shell").as_deref()),
        "man" => return manual::man(output, typed("directory").as_deref()),
        _ => {}
    }
    let settings = Settings::read(surroundings, &typed)?;
    output.messages = Messages::of(settings.lang.value);
    if let Some(filter) = &settings.log.value {
        log_to_standard_error(filter);
    }
    let actor = Actor::local();
    let run = Run { ledger, surroundings, matches, settings: &settings, actor };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(dispatch(&run, output, name))
}

/// What a run has at hand.
struct Run<'a> {
    /// The ledger, where it is open already.
    ledger: Option<&'a Arc<Ledger>>,
    surroundings: &'a Surroundings,
    /// The arguments of the subcommand.
    matches: &'a ArgMatches,
    settings: &'a Settings,
    actor: Actor,
}

async fn dispatch(run: &Run<'_>, output: &mut Output<'_>, name: &str) -> Result<Exit, Failure> {
    match name {
        "config" => settings::config(run, output),
        "init" => record::init(run, output).await,
        "import" => import::import(run, output).await,
        "export" => moving::export(run, output).await,
        "backup" => moving::backup(run, output).await,
        "restore" => moving::restore(run, output).await,
        "demo" => demo::demo(run, output).await,
        "headcount" => questions::headcount(run, output).await,
        "totals" => questions::totals(run, output).await,
        "tree" => questions::tree(run, output).await,
        "branches" => structure::branches(run, output).await,
        "posts" => structure::posts(run, output).await,
        "roster" => questions::roster(run, output).await,
        "lifespans" => lifespans::lifespans(run, output).await,
        "flows" => flows::flows(run, output).await,
        "members" => lives::members(run, output).await,
        "duties" => lives::duties(run, output).await,
        "search" => lives::search(run, output).await,
        "rename-person" => lives::rename(run, output).await,
        "coverage" => coverage::coverage(run, output).await,
        "gaps" => coverage::gaps(run, output).await,
        "inbox" | "outbox" | "waiting" | "overdue" => transfers::transfers(run, output, name).await,
        "responsible" => coverage::responsible(run, output).await,
        "transfer-batch" => batch::transfer_batch(run, output).await,
        "timeline" => history::timeline(run, output).await,
        "diff" => restatements::diff(run, output).await,
        "log" => history::log(run, output).await,
        "status" => care::status(run, output).await,
        "verify" => care::verify(run, output).await,
        "rebuild" => rebuild::rebuild(run, output).await,
        "due" => clock::due(run, output).await,
        "clock" => clock::clock(run, output).await,
        "screening" => clock::screening(run, output).await,
        "policy" => policy::policy(run, output).await,
        "adopt-policy" if run.typed("file").is_some() => policy::adopt(run, output).await,
        "correct-events" if run.typed("file").is_some() => corrections::correct(run, output).await,
        "do" => record::execute(run, output).await,
        command => record::command(run, output, command).await,
    }
}

/// No parameters.
const NOTHING: [(&str, &str); 0] = [];

impl Run<'_> {
    /// The same run with the arguments of a subcommand below.
    fn below<'b>(&'b self, matches: &'b ArgMatches) -> Run<'b> {
        let Run { ledger, surroundings, settings, ref actor, .. } = *self;
        Run { ledger, surroundings, matches, settings, actor: actor.clone() }
    }

    fn typed(&self, name: &str) -> Option<&str> {
        self.matches.get_one::<String>(name).map(String::as_str)
    }

    fn location(&self) -> Result<Location, Failure> {
        let given = self.settings.ledger.value.as_str();
        let mut location = Location::parse(given)
            .ok_or_else(|| Failure::usage("ledger_url", [("given", without_password(given))]))?;
        if let Some(vault) = &self.settings.vault.value {
            location.vault.clone_from(vault);
        }
        if let Some(key) = &self.settings.key.value {
            location.key.clone_from(key);
        }
        Ok(location)
    }

    async fn open(&self, mode: Mode) -> Result<Arc<Ledger>, Failure> {
        if let Some(ledger) = self.ledger {
            return Ok(ledger.clone());
        }
        Ok(Arc::new(Ledger::open(&self.location()?, mode, self.nature()).await?))
    }

    /// The clock and the randomness of this run.
    fn nature(&self) -> Arc<dyn Nature> {
        match self.surroundings.stands_on {
            Some(day) => Arc::new(nature::StandingClock(day)),
            None => Arc::new(SystemNature),
        }
    }
}

/// An URL as it may be shown to anybody.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (rest, parameters) =
        rest.split_once('?').map_or((rest, None), |(it, more)| (it, Some(more)));
    let rest = match rest.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.split_once(':').map_or(login, |(user, _)| user);
            format!("{user}@{host}")
        }
        None => rest.to_owned(),
    };
    let parameters = parameters.map(|all| {
        let shown = all.split('&').filter(|parameter| !parameter.starts_with("password="));
        format!("?{}", shown.collect::<Vec<_>>().join("&"))
    });
    format!("{scheme}://{rest}{}", parameters.unwrap_or_default())
}

fn log_to_standard_error(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter);
    // Set before, by a test that runs several times in one process: that one serves as well.
    _ = subscriber.with_writer(std::io::stderr).with_ansi(false).try_init();
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn no_password_is_shown() {
        for (url, shown) in [
            ("sqlite:a.db", "sqlite:a.db"),
            (
                "postgres://ann@host:1/db?sslmode=require",
                "postgres://ann@host:1/db?sslmode=require",
            ),
            ("postgres://ann:se:c@ret@host/db", "postgres://ann@host/db"),
            ("postgres:///db?host=/tmp&password=secret&user=a", "postgres:///db?host=/tmp&user=a"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
