//! Letters for many members from one file, as people and scripts meet them.

use serde_json::Value;

use super::Home;

const PEOPLE: [&str; 3] = ["ann", "bob", "cid"];

/// Three members at `north`.
fn home() -> Home {
    let home = Home::new();
    home.ok(&["init", "--preset", "association", "--zone", "UTC"]);
    for code in ["north", "south", "west"] {
        home.ok(&["form-branch", "--code", code, "--name", code, "--effective", "2026-01-01"]);
    }
    for person in PEOPLE {
        home.ok(&["register-person", "--handle", person, "--effective", "2026-01-02"]);
        let admit = ["admit-member", "--person", person, "--branch", "north"];
        home.ok(&[&admit[..], &["--effective", "2026-01-10"]].concat());
    }
    home
}

fn position(home: &Home) -> u64 {
    home.ok(&["status", "--json"]).json()["position"].as_u64().expect("a position")
}

/// The exit code, and `line outcome code` of each row.
fn issue(home: &Home, file: &str, more: &[&str]) -> (i32, Vec<String>) {
    let ran = home.run(&[&["transfer-batch", file, "--json"], more].concat());
    let report = ran.json();
    let told = |row: &Value| {
        assert_eq!(row["message"].is_string(), row["code"].is_string(), "{row}");
        let (outcome, code) = (row["outcome"].as_str().unwrap_or("-"), row["code"].as_str());
        format!("{} {outcome} {}", row["line"], code.unwrap_or("-"))
    };
    (ran.code, report["rows"].as_array().expect("rows").iter().map(told).collect())
}

const BAD_MIDDLE: &str = "person,letter,to,effective\n\
    ann,L-1,south,2026-02-01\n\
    bob,L-2,nowhere,2026-02-01\n\
    cid,L-3,west,2026-02-01\n";

#[test]
fn a_bad_row_in_the_middle_keeps_the_whole_back_only_where_that_is_asked() {
    let home = home();
    let file = home.write("letters.csv", BAD_MIDDLE);
    let before = position(&home);
    let kept_back = ["2 withheld -", "3 refused not_found", "4 withheld -"].map(str::to_owned);
    let whole = issue(&home, &file, &["--all-or-nothing"]);
    assert_eq!(whole, (5, kept_back.to_vec()));
    let foreseen = ["2 foreseen -", "3 refused not_found", "4 foreseen -"].map(str::to_owned);
    assert_eq!(issue(&home, &file, &["--dry-run"]), (5, foreseen.to_vec()));
    assert_eq!(position(&home), before, "nothing is recorded");

    let recorded = ["2 recorded -", "3 refused not_found", "4 recorded -"].map(str::to_owned);
    assert_eq!(issue(&home, &file, &[]), (5, recorded.to_vec()));
    assert_eq!(position(&home), before + 2);
    let again = ["2 already_so -", "3 refused not_found", "4 already_so -"].map(str::to_owned);
    assert_eq!(issue(&home, &file, &[]), (5, again.to_vec()));
    assert_eq!(position(&home), before + 2, "twice is once");
    let outbox = home.ok(&["outbox", "--branch", "north", "--json"]).json();
    assert_eq!(outbox.as_array().map(Vec::len), Some(2), "{outbox}");

    for (lang, word) in [("en", "is so already"), ("zh", "已经如此")] {
        let told = home.run(&["transfer-batch", &file, "--lang", lang]);
        assert!(told.data.contains(word) && told.data.contains("not_found"), "{told:?}");
    }
}

#[test]
fn fifty_letters_come_from_one_file_and_a_number_is_given_once() {
    let home = home();
    let twice = "letter,person,from,to,effective\n\
        L-1,ann,north,south,2026-02-01\nL-1,bob,north,west,2026-02-01\n";
    let file = home.write("twice.csv", twice);
    let refused = ["2 withheld -", "3 refused letter_taken"].map(str::to_owned);
    assert_eq!(issue(&home, &file, &["--all-or-nothing"]), (5, refused.to_vec()));
    let mut rows = "person,letter,to,effective\n".to_owned();
    for n in 0..50 {
        let handle = format!("g{n}");
        home.ok(&["register-person", "--handle", &handle, "--effective", "2026-01-02"]);
        let admit = ["admit-member", "--person", &handle, "--branch", "north"];
        home.ok(&[&admit[..], &["--effective", "2026-01-10"]].concat());
        let to = ["south", "west"][n % 2];
        rows.push_str(&format!("\"{handle}\",G-{n},{to},2026-02-01\r\n"));
    }
    let file = home.write("graduates.csv", rows);
    let (code, told) = issue(&home, &file, &["--all-or-nothing"]);
    assert_eq!((code, told.len()), (0, 50));
    assert!(told.iter().all(|row| row.contains("recorded")), "{told:?}");
}

#[test]
fn hostile_cells_are_refused_and_touch_nothing_else() {
    let home = home();
    let long = format!("ann,{},south", "x".repeat(501));
    let rows = [
        ("=cmd|' /C calc'!A0,L-1,south", "person_not_found"),
        ("+1,L-1,south", "person_not_found"),
        ("ann\u{200b},L-1,south", "text_malformed"),
        ("ann,L-\u{202e}1,south", "text_malformed"),
        ("ann,\u{1b}[2J,south", "text_malformed"),
        (long.as_str(), "cell_too_long"),
        ("ann,L-1", "cells_differ"),
        ("ann,L-1,south,more", "cells_differ"),
        ("ann,,south", "field_missing"),
        ("ann,L-1,north", "same_branch"),
        ("\"ann,L-1,south", "cells_differ"),
    ];
    let before = position(&home);
    for (row, code) in rows {
        let file = home.write("hostile.csv", format!("person,letter,to\n{row}\n"));
        let (exit, told) = issue(&home, &file, &[]);
        assert_eq!((exit, told), (5, vec![format!("2 refused {code}")]), "{row}");
    }
    for (header, code) in [
        ("person,to", "column_missing"),
        ("person,letter,salary", "column_unknown"),
        ("person,letter,person", "column_unknown"),
    ] {
        let file = home.write("hostile.csv", format!("{header}\nann,L-1,south\n"));
        let ran = home.run(&["transfer-batch", &file, "--json"]);
        let error: Value = serde_json::from_str(&ran.remarks).expect("JSON");
        let told = (ran.code, error["error"]["code"].as_str().unwrap_or("-"));
        assert_eq!(told, (2, code), "{header}: {ran:?}");
    }
    // A script whose variable was not set, and a name pasted from elsewhere.
    let file = home.write("sound.csv", "person,letter,to\nann,L-1,south\n");
    for paper in ["", "Zu\u{308}rich", "a\u{200b}b"] {
        let ran = home.run(&["transfer-batch", &file, "--authority", paper]);
        assert_eq!((ran.code, position(&home)), (2, before), "{paper:?}: {ran:?}");
    }
    let file = home.write("empty.csv", "");
    assert_eq!(home.run(&["transfer-batch", &file]).code, 2);
    assert_eq!(position(&home), before);
    // What a spreadsheet would take for a formula is a letter's number here, and no more.
    let file = home.write("formula.csv", "\u{feff}person,letter,to\nann,=1+1,south\n");
    assert_eq!(issue(&home, &file, &[]), (0, vec!["2 recorded -".to_owned()]));
}
