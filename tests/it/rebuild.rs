//! Projections are built anew beside the ones that serve, compared, and swapped.

mod disturbed;
mod far_behind;
mod left_out;
mod summary;

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use crate::cli::Home;

fn tables(home: &Home) -> Vec<String> {
    tables_named(home, "memberships%")
}

fn tables_named(home: &Home, like: &str) -> Vec<String> {
    let conn = Connection::open(home.path("rollbook.db")).unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE ?1 ORDER BY name";
    let mut statement = conn.prepare(sql).unwrap();
    let names = statement.query_map([like], |row| row.get(0)).unwrap();
    names.collect::<Result<_, _>>().unwrap()
}

fn by_hand(home: &Home, statement: &str) {
    Connection::open(home.path("rollbook.db")).unwrap().execute_batch(statement).unwrap();
}

fn each<'a>(report: &'a Value, what: &str) -> Vec<&'a Value> {
    let projections = report["projections"].as_array().expect("projections");
    projections.iter().map(|projection| &projection[what]).collect()
}

fn is_sound(home: &Home) {
    let verified = home.ok(&["verify", "--json"]).json();
    assert_eq!(verified["sound"], true, "{verified}");
    assert_eq!(verified["skipped"], serde_json::json!([]), "{verified}");
}

fn no_draft_is_left(home: &Home) {
    for name in ["rollbook.db.rebuild", "rollbook.db.rebuild.d"] {
        assert!(!home.path(name).exists(), "{name}");
    }
}

#[test]
fn all_are_rebuilt_swapped_and_swapped_back() {
    let home = Home::small();
    let verified = home.ok(&["verify", "--json"]).json();
    let answer = home.ok(&["headcount", "--as-of", "2021-06-01", "--json"]).data;
    for arguments in [&["rebuild"][..], &["rebuild"], &["rebuild", "--back"]] {
        let report = home.ok(&[arguments, &["--json"]].concat()).json();
        assert_eq!(each(&report, "served"), vec!["same"; projections::TABLES.len()]);
        assert_eq!(each(&report, "swapped"), vec![true; projections::TABLES.len()]);
        for projection in report["projections"].as_array().unwrap() {
            let name = projection["name"].as_str().unwrap();
            for what in ["position", "rows", "digest"] {
                assert_eq!(projection[what], verified["projections"][name][what], "{name}");
            }
            assert!(projection["seconds"].is_f64() && report["seconds"].is_f64());
        }
        is_sound(&home);
        assert_eq!(home.ok(&["headcount", "--as-of", "2021-06-01", "--json"]).data, answer);
        assert_eq!(tables(&home), ["memberships_former_rows", "memberships_rows"]);
        no_draft_is_left(&home);
    }
}

#[test]
fn one_alone_is_rebuilt() {
    let home = Home::small();
    let report = home.ok(&["rebuild", "memberships", "--json"]).json();
    assert_eq!(each(&report, "name"), ["memberships"]);
    let back = home.run(&["rebuild", "posts", "--back"]);
    assert_eq!(back.code, 7, "posts were never rebuilt: {back:?}");
    let report = home.ok(&["rebuild", "--back", "--json"]).json();
    assert_eq!(each(&report, "name"), ["memberships"]);
    is_sound(&home);
}

#[test]
fn what_was_recorded_since_is_caught_up_before_going_back() {
    let home = Home::small();
    home.ok(&["rebuild"]);
    home.ok(&["form-branch", "--code", "late", "--name", "Late", "--effective", "2020-01-01"]);
    let verified = home.ok(&["verify", "--json"]).json();
    let report = home.ok(&["rebuild", "--back", "--json"]).json();
    for projection in report["projections"].as_array().unwrap() {
        let checked = &verified["projections"][projection["name"].as_str().unwrap()];
        assert_eq!(projection["digest"], checked["digest"], "{projection}");
    }
    is_sound(&home);
    assert!(home.ok(&["tree"]).data.contains("Late"));
    home.ok(&["form-branch", "--code", "later", "--name", "Later", "--effective", "2020-01-01"]);
    is_sound(&home);
}

#[test]
fn a_damaged_table_goes_on_serving_until_it_is_replaced_by_name() {
    for damage in [
        "UPDATE memberships_rows SET branch = 'nowhere'",
        "DELETE FROM memberships_rows \
         WHERE known_from = (SELECT max(known_from) FROM memberships_rows)",
        "UPDATE memberships_rows SET valid_from = 99",
        "DROP TABLE memberships_rows",
        "UPDATE projections SET position = 9999 WHERE name = 'memberships'",
    ] {
        let home = Home::small();
        by_hand(&home, damage);
        let other = home.run(&["rebuild", "--json"]);
        assert_eq!(other.code, 3, "{damage}: {other:?}");
        let report = other.json();
        let damaged = report["projections"].as_array().unwrap().iter();
        let damaged: Vec<&Value> = damaged.filter(|one| one["swapped"] == false).collect();
        assert_eq!(damaged.len(), 1, "{damage}: {report}");
        assert_eq!(damaged[0]["name"], "memberships");
        assert_eq!(damaged[0]["served"], "other");
        assert_eq!(home.run(&["verify"]).code, 3, "{damage}: it serves as it is");

        let told = home.run(&["rebuild", "memberships"]);
        assert!(told.data.contains("WHAT SERVED IS ANOTHER"), "{told:?}");
        assert!(told.remarks.contains("--replace"), "{told:?}");
        let replaced = home.ok(&["rebuild", "memberships", "--replace", "--json"]).json();
        assert_eq!(each(&replaced, "served"), ["other"], "{damage}");
        is_sound(&home);
    }
}

#[test]
fn nobody_goes_back_to_a_damaged_table_unawares() {
    let home = Home::small();
    by_hand(&home, "UPDATE memberships_rows SET branch = 'nowhere'");
    home.ok(&["rebuild", "--replace"]);
    let back = home.run(&["rebuild", "memberships", "--back", "--json"]);
    assert_eq!((back.code, each(&back.json(), "swapped")[0]), (3, &Value::Bool(false)));
    is_sound(&home);
    home.ok(&["rebuild", "memberships", "--back", "--replace"]);
    assert_eq!(home.run(&["verify"]).code, 3);
}

#[test]
fn one_of_another_version_is_replaced_and_kept_and_cannot_be_gone_back_to() {
    let home = Home::small();
    by_hand(&home, "UPDATE projections SET version = 99 WHERE name = 'posts'");
    let report = home.ok(&["rebuild", "posts", "--json"]).json();
    assert_eq!(
        (each(&report, "served")[0], each(&report, "swapped")[0]),
        (&Value::from("nothing"), &Value::Bool(true))
    );
    is_sound(&home);
    assert_eq!(home.run(&["rebuild", "posts", "--back"]).code, 7);
    is_sound(&home);
}

#[test]
fn whoever_writes_next_rebuilds_what_is_of_another_version() {
    for (arguments, former) in [
        (&["form-branch", "--code", "late", "--name", "Late", "--effective", "2020-01-01"][..], 1),
        (&["headcount"], 1),
        (&["status"], 1),
        (&["rebuild", "posts"], 0),
    ] {
        let home = Home::small();
        by_hand(&home, "UPDATE projections SET version = 99 WHERE name = 'memberships'");
        home.ok(arguments);
        let conn = Connection::open(home.path("rollbook.db")).unwrap();
        let sql = "SELECT count(*) FROM projections \
            WHERE name = 'memberships_former' AND version = 99";
        let found: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(found, former, "{arguments:?}");
        if former == 1 {
            is_sound(&home);
        }
    }
}

#[test]
fn what_a_crash_left_is_ignored_and_goes_with_the_next_rebuild() {
    let home = Home::small();
    for name in ["rollbook.db.rebuild", "rollbook.db.rebuild-journal"] {
        home.write(name, "half a table");
    }
    fs::create_dir(home.path("rollbook.db.rebuild.d")).unwrap();
    home.write("rollbook.db.rebuild.d/memberships", "half a table");
    by_hand(&home, "CREATE TABLE memberships_next_rows (half INTEGER)");
    is_sound(&home);
    home.ok(&["rebuild", "posts"]);
    assert_eq!(tables(&home), ["memberships_rows"]);
    no_draft_is_left(&home);
    is_sound(&home);
}

#[test]
fn analysts_views_go_on_meaning_what_serves() {
    let home = Home::small();
    by_hand(&home, "CREATE VIEW now AS SELECT * FROM memberships WHERE known_until IS NULL");
    home.ok(&["rebuild"]);
    home.ok(&["rebuild", "--back"]);
    let conn = Connection::open(home.path("rollbook.db")).unwrap();
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'now'";
    let sql: String = conn.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(sql.contains("FROM memberships WHERE"), "{sql}");
}

#[test]
fn what_cannot_be_rebuilt_is_said() {
    let home = Home::new();
    assert_eq!(home.run(&["rebuild"]).code, 10);
    home.found_without_events();
    assert_eq!(home.run(&["rebuild"]).code, 10);
    let home = Home::small();
    assert_eq!(home.run(&["rebuild", "nothing"]).code, 7);
    assert_eq!(home.run(&["rebuild", "--back"]).code, 7);
    let lock = fs::File::create(home.path("rollbook.db.rebuild.lock")).unwrap();
    lock.lock().unwrap();
    let refused = home.run(&["rebuild"]);
    assert_eq!(refused.code, 11, "another one is under way");
    assert!(refused.remarks.contains("is rebuilding the tables of"), "{refused:?}");
    drop(lock);
    home.ok(&["rebuild"]);
}

#[test]
fn how_far_it_is_is_told_line_by_line() {
    let home = Home::small();
    let told = home.ok(&["rebuild", "posts", "--ndjson"]).data;
    let lines: Vec<Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let phases: Vec<&str> = lines.iter().filter_map(|line| line["phase"].as_str()).collect();
    assert_eq!(phases, ["fold", "compare", "stage"]);
    assert_eq!(lines[0]["position"], lines[0]["until"]);
    assert_eq!(each(&lines[3], "name"), ["posts"]);
}

#[cfg(unix)]
#[test]
fn a_ledger_that_cannot_be_written_is_left_alone() {
    let home = Home::small();
    let path = home.path("rollbook.db");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    assert_eq!(home.run(&["rebuild"]).code, 8);
    assert!(!Path::new(&home.path("rollbook.db.rebuild.lock")).exists());
}
