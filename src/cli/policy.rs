//! The rules: shown, checked in a file, and adopted out of one.

use std::path::Path;

use events::policy::RuleSet;
use serde_json::json;

use super::output::{Align, Output};
use super::record::{Beside, settle};
use super::{Exit, Failure, NOTHING, Run};
use crate::commands::AdoptPolicy;
use crate::ledger::{Ledger, Mode, Request};
use crate::policy::file::{self, Written};

/// `rollbook policy show|check|dues`.
pub(super) async fn policy(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    match run.matches.subcommand() {
        Some(("show", matches)) => show(&run.below(matches), output).await,
        Some(("check", matches)) => check(&run.below(matches), output),
        Some(("dues", matches)) => dues(&run.below(matches), output).await,
        Some(_) | None => Err(Failure::usage("missing_command", NOTHING)),
    }
}

/// The rules in force on D as known at K: since when, and which version they are.
async fn in_force(run: &Run<'_>, ledger: &Ledger) -> Result<(String, u64, RuleSet), Failure> {
    let at = run.place(ledger).await?.at;
    let policies = ledger.policies(at.known_at).await?;
    let found = policies.in_force(at.valid_on);
    let (from, version, rules) = found.ok_or_else(|| {
        let args = [("what", "policy".to_owned()), ("given", at.valid_on.to_string())];
        Failure::new(Exit::NotFound, "error", "not_found", args)
    })?;
    Ok((from.to_string(), version, rules.clone()))
}

async fn show(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let (from, version, rules) = in_force(run, &ledger).await?;
    let values = rules.values();
    if output.is_json() {
        let value = |it: &events::policy::RuleValue| {
            let events::policy::RuleValue { key, value, source } = it;
            json!({ "key": key, "value": value, "source": source })
        };
        output.json(&json!({
            "name": rules.name.to_string(),
            "note": rules.note.to_string(),
            "from": from,
            "version": version,
            "rules": values.iter().map(value).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Ok);
    }
    let args = [
        ("name", rules.name.to_string().into()),
        ("from", from.into()),
        ("version", version.to_string().into()),
        ("note", rules.note.to_string().into()),
    ];
    output.remark("policy-in-force", &args);
    let heads =
        [("head-rule", Align::Left), ("head-value", Align::Left), ("head-source", Align::Left)];
    let row = |it: events::policy::RuleValue| vec![it.key, it.value, it.source.unwrap_or_default()];
    output.table(&heads, values.into_iter().map(row).collect())?;
    output.remark("policy-absent", &[]);
    Ok(Exit::Ok)
}

fn check(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let path = run.typed("file").unwrap_or_default();
    let sets = read(Path::new(path), file::check)?;
    if output.is_json() {
        let set = |set: &Written| {
            let (name, from) = (set.rules.name.to_string(), set.from);
            json!({ "name": name, "from": from.map(|day| day.to_string()) })
        };
        output.json(&json!({ "rules": sets.iter().map(set).collect::<Vec<_>>() }))?;
        return Ok(Exit::Ok);
    }
    for Written { from, rules } in &sets {
        let name = ("name", rules.name.to_string().into());
        let values = ("values", (rules.values().len() as u64).into());
        match from {
            Some(from) => {
                output
                    .say("policy-good-from", &[name, values, ("from", from.to_string().into())])?;
            }
            None => output.say("policy-good", &[name, values])?,
        }
    }
    Ok(Exit::Ok)
}

/// The rule sets of a file, read strictly or not.
fn read(
    path: &Path,
    reads: fn(&str) -> Result<Vec<Written>, file::Fault>,
) -> Result<Vec<Written>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))?;
    reads(&text).map_err(|fault| Failure::in_rules(path, fault))
}

/// `rollbook policy dues AMOUNT`.
async fn dues(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let ledger = run.open(Mode::Read).await?;
    let (_, _, rules) = in_force(run, &ledger).await?;
    let typed = run.typed("amount").unwrap_or_default();
    let base = minor_units(typed).ok_or_else(|| Failure::usage("amount", [("given", typed)]))?;
    let dues = rules.dues_on(base);
    if output.is_json() {
        let owed = dues.map(|dues| written(dues.owed));
        let per_mille = dues.map(|dues| dues.per_mille);
        output.json(&json!({ "base": written(base), "owed": owed, "per_mille": per_mille }))?;
        return Ok(Exit::Ok);
    }
    let base = ("base", written(base).into());
    match dues {
        Some(dues) => {
            let per_cent = format!("{}.{}", dues.per_mille / 10, dues.per_mille % 10);
            let args = [base, ("owed", written(dues.owed).into()), ("rate", per_cent.into())];
            output.say("dues-owed", &args)?;
        }
        None => output.say("dues-none", &[base])?,
    }
    Ok(Exit::Ok)
}

/// An amount as people write it, `3000` or `3000.50`, in minor units.
fn minor_units(typed: &str) -> Option<u64> {
    let (whole, part) = typed.split_once('.').unwrap_or((typed, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() != 2 {
        return None;
    }
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)
}

fn written(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// `rollbook adopt-policy --file FILE`: each rule set of the file from its day on.
pub(super) async fn adopt(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let path = run.typed("file").unwrap_or_default();
    let sets = read(Path::new(path), file::read)?;
    let beside = Beside::of(run);
    let dry_run = run.matches.get_flag("dry-run");
    let ledger = run.open(if dry_run { Mode::Read } else { Mode::Write }).await?;
    let typed = run.typed("effective").map(|text| run.day(&ledger, "--effective", text));
    let typed = typed.transpose()?;
    for (number, Written { from, rules }) in (1..).zip(sets) {
        let effective = from.or(typed).unwrap_or_else(|| ledger.today());
        let command = AdoptPolicy { rules, effective };
        let request = Request { source: "cli", ..Request::new(command) };
        let mut request = beside.with(run, &ledger, request)?;
        // A key of the caller's stands for the whole file; each rule set has its own.
        request.key = request.key.filter(|_| number == 1);
        settle(run, output, &ledger, request).await?;
    }
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_minor_unit() {
        assert_eq!(minor_units("3000"), Some(300_000));
        assert_eq!(minor_units("3000.01"), Some(300_001));
        for text in ["", "3000.1", "-1", "1e3", "3,000", ".50", "1.000", "99999999999999999999"] {
            assert_eq!(minor_units(text), None, "{text}");
        }
        assert_eq!(written(300_001), "3000.01");
    }
}
