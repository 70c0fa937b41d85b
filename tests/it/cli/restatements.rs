//! What is told otherwise: before it is recorded, between two positions, and in a timeline.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::Home;

const DAY: &str = "2026-02-01";

fn home() -> Home {
    let home = Home::new();
    home.ok(&["init", "--preset", "association", "--zone", "UTC"]);
    for code in ["north", "south"] {
        home.ok(&["form-branch", "--code", code, "--name", code, "--effective", "2026-01-01"]);
    }
    home.ok(&["register-person", "--handle", "ann", "--effective", "2026-01-02"]);
    let admit = ["admit-member", "--person", "ann", "--branch", "north"];
    home.ok(&[&admit[..], &["--effective", "2026-01-10"]].concat());
    home
}

fn position(home: &Home) -> String {
    home.ok(&["status", "--json"]).json()["position"].to_string()
}

/// Records it, after a preview has said the same as the difference says afterwards.
fn record(home: &Home, arguments: &[&str], day: &str) -> Value {
    let preview = home.ok(&[arguments, &["--dry-run", "--json"]].concat()).json();
    let figures = preview["figures"].as_array().expect("figures");
    let before = position(home);
    home.ok(arguments);
    let asked = ["diff", "--known-at", &before, "--as-of", day, "--json"];
    let found = home.ok(&asked).json();
    let figure = figures.iter().find(|figure| figure["as_of"] == day);
    let figure = figure.unwrap_or_else(|| panic!("no figures of {day}: {preview}"));
    for key in ["members", "branches", "restated"] {
        assert_eq!(figure[key], found[key], "{arguments:?}");
    }
    found
}

/// The code of each branch that is told otherwise, with its difference.
fn differences(found: &Value) -> Vec<(String, i64)> {
    let told = |it: &Value| {
        let code = it["branch"].as_str().expect("a code").to_owned();
        (code, it["members"]["difference"].as_i64().expect("a number"))
    };
    found["restated"].as_array().expect("a list").iter().map(told).collect()
}

#[test]
fn a_preview_says_which_figures_change_and_the_difference_says_so_afterwards() {
    let home = home();
    let first = position(&home);
    let count = ["headcount", "--as-of", DAY, "--known-at", &first, "--json"];
    let told = home.ok(&count).data;

    let moved = ["transfer-member", "--person", "ann", "--from", "north", "--to", "south"];
    let found = record(&home, &[&moved[..], &["--effective", DAY]].concat(), DAY);
    assert_eq!(differences(&found), [("north".to_owned(), -1), ("south".to_owned(), 1)]);
    assert_eq!(found["members"], json!({ "then": 1, "now": 1, "difference": 0 }));
    assert_eq!(found["events_total"], 1);
    let moved = position(&home);

    let renamed = ["rename-branch", "--branch", "south", "--name", "Süd", "--effective", DAY];
    let found = record(&home, &renamed, DAY);
    assert_eq!(found["restated"][0]["changes"], json!(["name"]));
    let form = ["form-branch", "--code", "west", "--name", "West", "--effective", DAY];
    let found = record(&home, &[&form[..], &["--parent", "south"]].concat(), DAY);
    assert_eq!(found["restated"][0]["changes"], json!(["appeared"]));
    let retract = ["correct-events", "--retract", &moved, "--reason", "clerical"];
    let found = record(&home, &retract, DAY);
    assert_eq!(differences(&found), [("north".to_owned(), 1), ("south".to_owned(), -1)]);
    assert_eq!(found["events"][0]["kind"], "EventRetracted");

    // The report at its K is unchanged; the answer now lists what was restated since.
    assert_eq!(home.ok(&count).data, told);
    let since = ["diff", "--known-at", &first, "--as-of", DAY];
    let all = home.ok(&[&since[..], &["--json"]].concat()).json();
    assert_eq!(differences(&all), [("south".to_owned(), 0), ("west".to_owned(), 0)]);
    assert_eq!(all["events_total"], 4);
    let until = home.ok(&[&since[..], &["--and", &moved, "--json"]].concat()).json();
    assert_eq!(differences(&until), [("north".to_owned(), -1), ("south".to_owned(), 1)]);
    let none = home.ok(&["diff", "--known-at", &first, "--as-of", "2026-01-20", "--json"]).json();
    assert_eq!((&none["restated"], &none["events_total"]), (&json!([]), &0.into()));
    for (lang, word) in [("en", "appeared"), ("zh", "新出现")] {
        let told = home.ok(&[&since[..], &["--lang", lang]].concat());
        assert!(told.data.contains(word) && told.data.contains("Süd"), "{told:?}");
    }
    assert_eq!(home.run(&["diff", "--as-of", DAY]).code, 2);
    assert_eq!(home.run(&["diff", "--known-at", "1", "--and", "yesterday"]).code, 2);
}

#[test]
fn a_timeline_says_which_correction_struck_an_event() {
    let home = home();
    let moved = ["transfer-member", "--person", "ann", "--from", "north", "--to", "south"];
    home.ok(&[&moved[..], &["--effective", DAY]].concat());
    let (moved, ask) = (position(&home), ["timeline", "--branch", "south", "--json"]);
    let marks = |more: &[&str]| -> Vec<(String, Value, Value)> {
        let told = home.ok(&[&ask[..], more].concat()).json();
        let mark = |event: &Value| {
            let (how, by) = (event["corrected"].clone(), event["corrected_by"].clone());
            (event["position"].to_string(), how, by)
        };
        let marks = told.as_array().expect("events").iter().map(mark);
        marks.filter(|(_, how, _)| how.is_string()).collect()
    };
    assert!(marks(&[]).is_empty());
    let redate = format!("{moved}=2026-03-01");
    home.ok(&["correct-events", "--redate", &redate, "--reason", "clerical"]);
    let redated = position(&home);
    let by = |position: &str| -> Value { serde_json::from_str(position).expect("a number") };
    let mark = (moved.clone(), json!("redated"), by(&redated));
    assert_eq!(marks(&[]), std::slice::from_ref(&mark));
    assert_eq!(marks(&["--as-of", DAY]), [mark], "the correction is of a later day");
    assert!(marks(&["--known-at", &moved]).is_empty());
    let told = home.ok(&ask[..3]).data;
    assert!(told.contains(&format!("(on another day by position {redated})")), "{told}");

    home.ok(&["correct-events", "--retract", &redated, "--reason", "clerical"]);
    let retracted = position(&home);
    assert_eq!(marks(&[]), [(redated, json!("retracted"), by(&retracted))], "it counts again");
}

/// What every table holds now, apart from what says since when it is known and by which event.
fn tables(home: &Home) -> Vec<(&'static str, Vec<String>)> {
    let connection = Connection::open(home.path("rollbook.db")).expect("the ledger");
    let tables = projections::TABLES.iter().filter(|table| table.name != "timeline");
    let rows = tables.map(|table| {
        let columns = table.columns.iter().map(|column| format!("quote({})", column.name));
        let columns = columns.chain(["valid_from", "valid_until"].map(|it| format!("quote({it})")));
        let columns = columns.collect::<Vec<_>>().join(" || '|' || ");
        let sql = format!("SELECT {columns} FROM {} WHERE known_until IS NULL", table.name);
        let mut statement = connection.prepare(&sql).expect("a statement");
        let rows = statement.query_map((), |row| row.get(0)).expect("rows");
        let mut rows: Vec<String> = rows.collect::<Result<_, _>>().expect("texts");
        rows.sort();
        (table.name, rows)
    });
    rows.collect()
}

#[test]
fn to_retract_a_retraction_restores_every_table() {
    let home = Home::small();
    let last: u64 = position(&home).parse().expect("a number");
    let (before, mut retracted, mut changed) = (tables(&home), 0, 0);
    for position in (2..=last).step_by(2) {
        let position = position.to_string();
        let correct = |position: &str| {
            home.run(&["correct-events", "--retract", position, "--reason", "test", "--json"])
        };
        let done = correct(&position);
        if done.code == 5 {
            continue;
        }
        assert_eq!(done.code, 0, "{done:?}");
        retracted += 1;
        changed += u32::from(tables(&home) != before);
        let correction = done.json()["positions"][0].to_string();
        let undone = correct(&correction);
        assert_eq!(undone.code, 0, "{undone:?}");
        assert_eq!(tables(&home), before, "after position {position}");
    }
    assert!(retracted >= 4 && changed >= 4, "{retracted} retracted, {changed} changed something");
}
