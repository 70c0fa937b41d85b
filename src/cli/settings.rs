//! `rollbook config show`: the settings in force, and where each comes from.

use serde_json::{Value, json};

use super::output::{Align, Output};
use super::{Exit, Failure, Run};
use crate::config::Origin;

/// A setting for people and programs: its name, its value where it has one, and its origin.
type Row<'a> = (&'static str, Option<String>, &'a Origin);

/// `rollbook config show`.
pub(super) fn config(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let matches = run.matches.subcommand_matches("show").unwrap_or(run.matches);
    let with_origin = matches.get_flag("origin");
    let rows = rows(run);
    if output.is_json() {
        let values: Vec<Value> = rows.iter().map(|row| value(row, with_origin)).collect();
        output.json_list(&values)?;
        return Ok(Exit::Ok);
    }
    let mut heads = vec![("head-setting", Align::Left), ("head-value", Align::Left)];
    if with_origin {
        heads.push(("head-origin", Align::Left));
    }
    let cells = |(name, value, origin): Row<'_>| {
        let value = value.unwrap_or_else(|| output.text("nothing", &[]));
        let origin = with_origin.then(|| told(output, origin));
        [name.to_owned(), value].into_iter().chain(origin).collect()
    };
    let rows = rows.into_iter().map(cells).collect();
    output.table(&heads, rows)?;
    Ok(Exit::Ok)
}

fn rows<'a>(run: &Run<'a>) -> Vec<Row<'a>> {
    let settings = run.settings;
    let path = |path: &std::path::PathBuf| path.display().to_string();
    // A ledger that is named wrongly has nothing beside it; it is shown all the same.
    let location = run.location().ok();
    let key = location.as_ref().map(|location| path(&location.key));
    let vault = location.as_ref().map(|location| path(&location.vault));
    vec![
        ("config", settings.config.value.as_ref().map(path), &settings.config.origin),
        ("key", key, &settings.key.origin),
        ("lang", Some(settings.lang.value.code().to_owned()), &settings.lang.origin),
        ("ledger", Some(super::without_password(&settings.ledger.value)), &settings.ledger.origin),
        ("log", settings.log.value.clone(), &settings.log.origin),
        ("vault", vault, &settings.vault.origin),
    ]
}

fn told(output: &Output<'_>, origin: &Origin) -> String {
    match origin {
        Origin::Flag(name) => output.text("origin-flag", &[("name", name.clone().into())]),
        Origin::Variable(name) => output.text("origin-variable", &[("name", (*name).into())]),
        Origin::File(path) => {
            output.text("origin-file", &[("path", path.display().to_string().into())])
        }
        Origin::Default => output.text("origin-default", &[]),
    }
}

fn value((name, value, origin): &Row<'_>, with_origin: bool) -> Value {
    if !with_origin {
        return json!({ "name": name, "value": value });
    }
    let (origin, from) = match origin {
        Origin::Flag(name) => ("flag", Some(name.clone())),
        Origin::Variable(name) => ("variable", Some((*name).to_owned())),
        Origin::File(path) => ("file", Some(path.display().to_string())),
        Origin::Default => ("default", None),
    };
    json!({ "name": name, "value": value, "origin": origin, "from": from })
}
