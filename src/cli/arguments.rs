//! The command line as it is typed. Its texts come from the catalogue, and its commands from the
//! list of commands: a new one is here without anybody adding it.

mod tend;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueHint};

use projections::questions::coverage::{DIMENSIONS, MEASURES};
use projections::questions::gaps::GAPS;

use super::completions::shells;
use crate::commands::{self, CommandInfo, Correcting, Field, FieldKind};
use crate::ledger::Attention;
use crate::messages::{Language, Messages};
use crate::policy::presets;

/// The subcommands that are no ledger commands, in the groups in which help shows them.
pub const GROUPS: &[(&str, &[&str])] = &[
    ("help-group-begin", &["demo", "init", "import"]),
    (
        "help-group-ask",
        &[
            "headcount",
            "totals",
            "roster",
            "tree",
            "branches",
            "posts",
            "members",
            "duties",
            "lifespans",
            "flows",
            "timeline",
            "diff",
            "search",
            "log",
        ],
    ),
    ("help-group-field", &["coverage", "gaps", "responsible"]),
    ("help-group-tend", &["due", "clock", "screening", "policy"]),
    ("help-group-transfers", &["inbox", "outbox", "waiting", "overdue", "transfer-batch"]),
    ("help-group-check", &["status", "verify", "rebuild", "rename-person"]),
    ("help-group-keep", &["export", "backup", "restore"]),
    ("help-group-program", &["config", "completions", "man", "help"]),
];

/// Builds the command line.
pub struct Build {
    messages: &'static Messages,
}

impl Build {
    /// With the texts of a language.
    #[must_use]
    pub fn new(messages: &'static Messages) -> Self {
        Self { messages }
    }

    /// The whole command line.
    #[must_use]
    pub fn root(&self) -> Command {
        let root = self.command("rollbook").version(env!("CARGO_PKG_VERSION"));
        let root = root.help_template(self.root_template()).args(self.global());
        root.subcommand_required(true)
            .arg(self.switch("version").short('V').action(ArgAction::Version).display_order(990))
            .subcommand(self.init())
            .subcommand(self.import())
            .subcommand(self.export())
            .subcommand(self.backup("backup"))
            .subcommand(self.backup("restore"))
            .subcommand(self.demo())
            .subcommand(self.headcount())
            .subcommand(self.at(self.command("totals"), true))
            .subcommand(self.at(self.command("tree"), true))
            .subcommand(self.at(self.command("branches"), false).arg(self.switch("due")))
            .subcommand(self.posts())
            .subcommand(
                self.names(self.at(self.command("roster"), true)).arg(self.value("branch", "CODE")),
            )
            .subcommand(self.lifespans())
            .subcommand(self.flows())
            .subcommand(self.timeline())
            .subcommand(self.diff())
            .subcommand(self.members())
            .subcommand(
                self.names(self.at(self.command("duties"), false))
                    .arg(self.value("branch", "CODE")),
            )
            .subcommand(self.search())
            .subcommand(self.rename_person())
            .subcommand(self.coverage())
            .subcommand(self.gaps())
            .subcommand(self.responsible())
            .subcommand(self.side("inbox"))
            .subcommand(self.side("outbox"))
            .subcommand(self.names(self.at(self.command("waiting"), false)))
            .subcommand(self.names(self.at(self.command("overdue"), false)))
            .subcommand(self.transfer_batch())
            .subcommand(self.log())
            .subcommand(self.due())
            .subcommand(self.clock())
            .subcommand(self.screening())
            .subcommand(self.policy())
            .subcommand(self.command("status"))
            .subcommand(self.command("verify"))
            .subcommand(self.rebuild())
            .subcommand(self.execute())
            .subcommands(commands::all().iter().map(|info| self.ledger_command(info)))
            .subcommand(self.config())
            .subcommand(self.completions())
            .subcommand(self.man())
            .subcommand(
                self.command("help").arg(self.value("topic", "TOPIC").index(1).long(None::<&str>)),
            )
    }

    /// A subcommand with its texts, and with nothing that clap would say by itself.
    fn command(&self, name: &'static str) -> Command {
        let template =
            format!("{{about}}\n\n{} {{usage}}\n\n{{all-args}}", self.messages.plain("help-usage"));
        Command::new(name)
            .about(self.messages.plain(&format!("command-{name}")))
            .help_template(template)
            .subcommand_help_heading(self.messages.plain("help-commands"))
            .subcommand_value_name("COMMAND")
            .next_help_heading(self.messages.plain("help-options"))
            .disable_help_subcommand(true)
            .disable_help_flag(true)
            .disable_version_flag(true)
            .args_override_self(false)
            .arg(self.switch("help").short('h').action(ArgAction::Help).display_order(990))
    }

    /// The help of the whole: its subcommands in groups.
    fn root_template(&self) -> String {
        let mut listed = String::new();
        let mut group = |heading: &str, names: &[&str]| {
            listed.push_str(&self.messages.plain(heading));
            listed.push('\n');
            for name in names {
                let about = self.messages.plain(&format!("command-{name}"));
                let first = about.lines().next().unwrap_or_default();
                listed.push_str(&format!("  {name:<16} {first}\n"));
            }
            listed.push('\n');
        };
        for (heading, names) in &GROUPS[..5] {
            group(heading, names);
        }
        let names: Vec<&str> = commands::all().iter().map(|info| info.name).collect();
        group("help-group-record", &[&names[..], &["do"]].concat());
        for (heading, names) in &GROUPS[5..] {
            group(heading, names);
        }
        let usage = self.messages.plain("help-usage");
        let options = self.messages.plain("help-options");
        let after = self.messages.plain("help-after");
        format!("{{about}}\n\n{usage} {{usage}}\n\n{listed}{options}:\n{{options}}\n\n{after}\n")
    }

    /// What every subcommand takes; shown after its own.
    fn global(&self) -> Vec<Arg> {
        let languages = Language::ALL.iter().map(|language| language.code());
        let languages = PossibleValuesParser::new(languages);
        let lang = self.value("lang", "LANGUAGE").value_parser(languages);
        let global = [
            self.value("ledger", "URL"),
            self.value("key", "PATH").value_hint(ValueHint::FilePath),
            self.value("vault", "PATH").value_hint(ValueHint::FilePath),
            lang.hide_possible_values(true),
            self.value("config", "PATH").value_hint(ValueHint::FilePath),
            self.switch("json"),
            self.switch("ndjson").conflicts_with("json"),
            self.switch("quiet").short('q'),
            self.switch("no-input"),
        ];
        global.map(|arg| arg.global(true).display_order(950)).to_vec()
    }

    fn init(&self) -> Command {
        self.founding(self.command("init"))
    }

    fn founding(&self, command: Command) -> Command {
        let presets = PossibleValuesParser::new(presets());
        let preset = self.value("preset", "PRESET").value_parser(presets);
        command.arg(preset.hide_possible_values(true)).arg(self.value("zone", "ZONE"))
    }

    fn import(&self) -> Command {
        let facts = self
            .founding(self.command("facts").about(self.messages.plain("command-import-facts")))
            .arg(self.file().required(true))
            .arg(self.value("source", "NAME"))
            .arg(self.value("plan", "PLAN").value_hint(ValueHint::FilePath))
            .arg(self.switch("dry-run"))
            .arg(self.switch("all"));
        let about = self.messages.plain("command-import-events");
        let events = self.command("events").about(about).arg(self.file().required(true));
        let import = self.command("import").subcommand_required(true);
        import.subcommand(facts).subcommand(self.import_plan()).subcommand(events)
    }

    fn export(&self) -> Command {
        let about = self.messages.plain("command-export-events");
        let file = self.file().help(self.messages.plain("option-export-file"));
        let events = self.command("events").about(about).arg(file);
        self.command("export").subcommand_required(true).subcommand(events)
    }

    /// What is about the directory of a backup.
    fn backup(&self, name: &'static str) -> Command {
        let directory = self.value("directory", "DIR").long(None::<&str>).index(1).required(true);
        let directory = directory.help(self.messages.plain("option-backup-directory"));
        self.command(name).arg(directory.value_hint(ValueHint::DirPath))
    }

    fn file(&self) -> Arg {
        let file = self.value("file", "FILE").long(None::<&str>).index(1);
        file.value_hint(ValueHint::FilePath)
    }

    fn demo(&self) -> Command {
        self.command("demo").arg(self.value("scale", "N"))
    }

    fn coverage(&self) -> Command {
        let measures = PossibleValuesParser::new(MEASURES);
        let dimensions = DIMENSIONS.iter().chain(&["age_band"]).copied();
        self.at(self.command("coverage"), true)
            .arg(self.value("by", "DIMENSION").value_parser(PossibleValuesParser::new(dimensions)))
            .arg(self.value("list", "MEASURE").value_parser(measures))
            .arg(self.value("value", "VALUE").requires("by").requires("list"))
    }

    fn gaps(&self) -> Command {
        let gaps = PossibleValuesParser::new(GAPS);
        self.at(self.command("gaps"), true).arg(self.value("kind", "CODE").value_parser(gaps))
    }

    fn responsible(&self) -> Command {
        self.at(self.command("responsible"), true)
            .arg(self.value("host", "CODE"))
            .arg(self.switch("nobody"))
    }

    fn headcount(&self) -> Command {
        let by = self.choice("by", "WHAT", &["branch"]);
        let by = by.help(self.messages.plain("option-days-by-branch"));
        self.at(self.command("headcount"), true)
            .arg(self.value("from", "DATE").requires("until").conflicts_with("as-of"))
            .arg(self.value("until", "DATE").requires("from"))
            .arg(by.requires("from"))
            .arg(self.value("branch", "CODE").requires("from"))
    }

    fn lifespans(&self) -> Command {
        let kind = self.value("kind", "CODE").help(self.messages.plain("option-branch-kind"));
        let of = self.choice("of", "WHAT", &["branch", "name"]);
        self.at(self.command("lifespans"), false).arg(kind).arg(of)
    }

    fn flows(&self) -> Command {
        let by = self.choice("by", "WHAT", &["branch"]);
        self.command("flows")
            .arg(self.value("from", "DATE").required(true))
            .arg(self.value("until", "DATE").required(true))
            .arg(self.choice("period", "PERIOD", &["none", "month", "quarter", "year"]))
            .arg(by.help(self.messages.plain("option-by-branch")))
            .arg(self.value("branch", "CODE"))
            .arg(self.value("known-at", "INSTANT|POSITION"))
    }

    fn timeline(&self) -> Command {
        let person = self.value("person", "PERSON").required_unless_present_any(["branch", "host"]);
        self.names(self.at(self.command("timeline"), false))
            .arg(self.value("branch", "CODE").conflicts_with_all(["person", "host"]))
            .arg(self.value("host", "CODE").conflicts_with("person"))
            .arg(person)
    }

    /// The transfers of one side.
    fn side(&self, name: &'static str) -> Command {
        let branch = self.value("branch", "CODE").required(true);
        self.names(self.at(self.command(name), false)).arg(branch)
    }

    fn members(&self) -> Command {
        let lists = Attention::ALL.iter().map(|(code, _)| *code);
        let list = self.value("list", "LIST").long(None::<&str>).index(1).required(true);
        let list = list.help(self.messages.plain("option-members-list"));
        self.names(self.at(self.command("members"), false))
            .arg(list.value_parser(PossibleValuesParser::new(lists)))
    }

    fn search(&self) -> Command {
        let text = self.value("text", "TEXT").long(None::<&str>).index(1).required(true);
        self.command("search")
            .arg(text)
            .arg(self.value("purpose", "TEXT"))
            .arg(self.value("known-at", "INSTANT|POSITION"))
            .arg(self.value("as-of", "DATE"))
    }

    fn rename_person(&self) -> Command {
        let name = self.value("name", "NAME");
        self.command("rename-person")
            .arg(self.value("person", "PERSON").required(true))
            .arg(name.required(true))
    }

    fn log(&self) -> Command {
        self.at(self.command("log"), false)
            .arg(self.value("after", "POSITION").value_parser(clap::value_parser!(u64)))
            .arg(self.value("limit", "N").value_parser(clap::value_parser!(u64)))
    }

    fn rebuild(&self) -> Command {
        self.command("rebuild")
            .arg(self.value("projection", "PROJECTION").long(None::<&str>).index(1))
            .arg(self.switch("back"))
            .arg(self.switch("replace"))
    }

    /// The two axes, and where moments of a day count the day rule.
    fn at(&self, command: Command, counts: bool) -> Command {
        let command = command
            .arg(self.value("as-of", "DATE"))
            .arg(self.value("known-at", "INSTANT|POSITION"));
        if !counts {
            return command;
        }
        command.arg(self.choice("day-rule", "RULE", &["end-of-day", "any-moment"]))
    }

    fn names(&self, command: Command) -> Command {
        command.arg(self.switch("names")).arg(self.value("purpose", "TEXT"))
    }

    fn execute(&self) -> Command {
        let names: Vec<&str> = commands::all().iter().map(|info| info.name).collect();
        let parser = PossibleValuesParser::new(names);
        let command = self.value("command", "COMMAND").long(None::<&str>).index(1);
        let fields = self.value("fields", "KEY=VALUE").long(None::<&str>).index(2);
        self.beside(self.command("do"))
            .arg(command.required(true).value_parser(parser).hide_possible_values(true))
            .arg(fields.action(ArgAction::Append).num_args(0..))
            .arg(self.value("effective", "DATE"))
    }

    fn ledger_command(&self, info: &CommandInfo) -> Command {
        let field = |(index, field): (usize, &Field)| {
            let help = self.messages.plain(&format!("field-{}", field.name));
            let help = match field.kind {
                FieldKind::Choice(choices) => {
                    let choices = choices.join(", ");
                    self.messages
                        .text("help-choices", &[("help", help.into()), ("choices", choices.into())])
                }
                FieldKind::Person
                | FieldKind::NewPerson
                | FieldKind::Branch
                | FieldKind::Branches
                | FieldKind::Host
                | FieldKind::Hosts
                | FieldKind::Party
                | FieldKind::Number
                | FieldKind::Codes
                | FieldKind::NewBranches
                | FieldKind::Lines
                | FieldKind::Date
                | FieldKind::DateOrNone
                | FieldKind::Text
                | FieldKind::Corrections(_)
                | FieldKind::Preset
                | FieldKind::Personal(_) => help,
            };
            let dated = matches!(field.kind, FieldKind::Date);
            Arg::new(field.name)
                .long(field.name.replace('_', "-"))
                .value_name(placeholder(field.kind))
                .help(help)
                .required(!field.optional && !dated)
                .display_order(index)
        };
        let command = self.beside(self.command(info.name));
        self.with_file(command.args(info.fields.iter().enumerate().map(field)))
    }

    fn config(&self) -> Command {
        let about = self.messages.plain("command-config-show");
        let show = self.command("show").about(about).arg(self.switch("origin"));
        self.command("config").subcommand_required(true).subcommand(show)
    }

    fn completions(&self) -> Command {
        let shell = self.value("shell", "SHELL").long(None::<&str>).index(1);
        let shell = shell.value_parser(PossibleValuesParser::new(shells()));
        self.command("completions").arg(shell.required(true).hide_possible_values(true))
    }

    fn man(&self) -> Command {
        let directory = self.value("directory", "DIR").long(None::<&str>).index(1);
        self.command("man").arg(directory.value_hint(ValueHint::DirPath))
    }

    /// What every write takes beside its fields.
    fn beside(&self, command: Command) -> Command {
        command
            .arg(self.value("authority", "PAPER").display_order(900))
            .arg(self.value("approver", "PERSON").display_order(900))
            .arg(self.value("because", "CODE").display_order(900))
            .arg(self.value("idempotency-key", "KEY").display_order(900))
            .arg(self.switch("dry-run").display_order(900))
    }

    fn value(&self, name: &'static str, placeholder: &'static str) -> Arg {
        Arg::new(name)
            .long(name)
            .value_name(placeholder)
            .help(self.messages.plain(&format!("option-{name}")))
    }

    /// An option with some values, which its help text names.
    fn choice(
        &self,
        name: &'static str,
        placeholder: &'static str,
        choices: &'static [&'static str],
    ) -> Arg {
        let choices = PossibleValuesParser::new(choices);
        self.value(name, placeholder).value_parser(choices).hide_possible_values(true)
    }

    fn switch(&self, name: &'static str) -> Arg {
        let help = self.messages.plain(&format!("option-{name}"));
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    }
}

fn placeholder(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Person | FieldKind::NewPerson => "PERSON",
        FieldKind::Branch => "BRANCH",
        FieldKind::Branches => "BRANCH,…",
        FieldKind::Host => "HOST",
        FieldKind::Hosts => "HOST,…",
        FieldKind::Party => "BODY",
        FieldKind::Number => "NUMBER",
        FieldKind::Codes => "CODE,…",
        FieldKind::Date | FieldKind::DateOrNone => "DATE",
        FieldKind::NewBranches => "CODE:NAME,…",
        FieldKind::Lines => "PERSON=CODE,…",
        FieldKind::Text | FieldKind::Personal(_) => "TEXT",
        FieldKind::Choice(_) => "CODE",
        FieldKind::Preset => "PRESET",
        FieldKind::Corrections(Correcting::Retract) => "POSITION,…",
        FieldKind::Corrections(Correcting::Redate) => "POSITION=DATE,…",
        FieldKind::Corrections(Correcting::Replace) => "POSITION:FIELD=VALUE,…;…",
    }
}
