//! The command lines about rules and about what falls due.

use clap::{Command, ValueHint};

use super::Build;
use crate::commands::Decide;
use crate::commands::{AdoptPolicy, CorrectEvents};

impl Build {
    /// `rollbook policy show|check|dues`.
    pub(super) fn policy(&self) -> Command {
        let file = self.value("file", "FILE").long(None::<&str>).index(1).required(true);
        let amount = self.value("amount", "AMOUNT").long(None::<&str>).index(1).required(true);
        let below = |name, key: &str| self.command(name).about(self.messages.plain(key));
        let show = self.at(below("show", "command-policy-show"), false);
        let check =
            below("check", "command-policy-check").arg(file.value_hint(ValueHint::FilePath));
        let dues = self.at(below("dues", "command-policy-dues"), false).arg(amount);
        let policy = self.command("policy").subcommand_required(true);
        policy.subcommand(show).subcommand(check).subcommand(dues)
    }

    /// `rollbook clock advance`.
    pub(super) fn clock(&self) -> Command {
        let to = self.value("to", "DATE").help(self.messages.plain("option-advance-to"));
        let about = self.messages.plain("command-clock-advance");
        let advance = self.command("advance").about(about).arg(to).arg(self.switch("dry-run"));
        self.command("clock").subcommand_required(true).subcommand(advance)
    }

    /// `rollbook import plan`.
    pub(super) fn import_plan(&self) -> Command {
        let file = self.value("file", "FILE").long(None::<&str>).index(1).required(true);
        let out = self.value("out", "PLAN").required(true).value_hint(ValueHint::FilePath);
        self.command("plan")
            .about(self.messages.plain("command-import-plan"))
            .arg(file.value_hint(ValueHint::FilePath))
            .arg(out)
            .arg(self.value("source", "NAME"))
            .arg(self.switch("all"))
    }

    /// `rollbook posts`.
    pub(super) fn posts(&self) -> Command {
        let posts = self.at(self.command("posts"), false);
        posts.arg(self.switch("vacant")).arg(self.switch("at-hosts"))
    }

    /// `rollbook due`.
    pub(super) fn due(&self) -> Command {
        let days = self.value("within", "DAYS").value_parser(clap::value_parser!(u32));
        self.at(self.command("due"), false).arg(days).arg(self.value("branch", "CODE"))
    }

    /// `rollbook diff`.
    pub(super) fn diff(&self) -> Command {
        let limit = self.value("limit", "N").value_parser(clap::value_parser!(u64));
        self.at(self.command("diff"), true)
            .mut_arg("known-at", |known_at| known_at.required(true))
            .arg(self.value("and", "INSTANT|POSITION"))
            .arg(limit)
    }

    /// `rollbook transfer-batch`.
    pub(super) fn transfer_batch(&self) -> Command {
        let file = self.value("file", "FILE").long(None::<&str>).index(1).required(true);
        self.command("transfer-batch")
            .arg(file.value_hint(ValueHint::FilePath))
            .arg(self.switch("all-or-nothing"))
            .arg(self.switch("dry-run"))
            .arg(self.value("authority", "PAPER").display_order(900))
            .arg(self.value("approver", "PERSON").display_order(900))
            .arg(self.value("because", "CODE").display_order(900))
    }

    /// `rollbook screening`.
    pub(super) fn screening(&self) -> Command {
        let held = self.switch("held").conflicts_with_all(["branch", "dry-run"]);
        self.at(self.command("screening"), false)
            .arg(self.value("branch", "CODE").required_unless_present("held"))
            .arg(held)
            .arg(self.switch("dry-run"))
    }

    /// Adopting rules takes a preset or a file, and so do corrections a file in place of lists.
    pub(super) fn with_file(&self, command: Command) -> Command {
        if command.get_name() == CorrectEvents::NAME {
            let help = self.messages.plain("option-corrections-file");
            let file = self.value("file", "FILE").help(help);
            let file = file.conflicts_with_all(["retract", "redate", "replace"]);
            let command = command
                .mut_arg("reason", |reason| reason.required(false).required_unless_present("file"));
            return command.arg(file.value_hint(ValueHint::FilePath));
        }
        if command.get_name() != AdoptPolicy::NAME {
            return command;
        }
        let help = self.messages.plain("option-policy-file");
        let file = self.value("file", "FILE").help(help).conflicts_with("preset");
        let command = command
            .mut_arg("preset", |preset| preset.required(false).required_unless_present("file"));
        command.arg(file.value_hint(ValueHint::FilePath))
    }
}
