//! What goes wrong: the file, the line and the field are named, and nothing is half applied.

use std::fs;
use std::io::Write;

use super::{Home, SMALL, permissions_do_not_bind};

const FORMED: &str =
    r#"{"seq":1,"date":"2020-01-01","kind":"organisation_formed","organisation":"a","name":"A"}"#;

/// Imports a file with one bad line, the second, and gives what was said.
fn second_line(line: &str, field: &str, says: &str) {
    let home = Home::new();
    home.ok(&["init", "--zone", "UTC"]);
    let file = home.write("facts.jsonl", format!("{FORMED}\n{line}\n"));
    let ran = home.run(&["import", "facts", &file]);
    assert_eq!(ran.code, 2, "{ran:?}");
    for part in ["facts.jsonl, line 2", &format!("“{field}”"), says] {
        assert!(ran.remarks.contains(part), "{part}: {ran:?}");
    }
    let totals = home.ok(&["totals", "--json"]).json();
    assert_eq!(totals["branches"], 0, "nothing is half applied");
    let json = home.run(&["import", "facts", &file, "--json"]);
    let error: serde_json::Value = serde_json::from_str(&json.remarks).expect("JSON");
    assert_eq!(error["error"]["args"]["line"], "2");
    assert_eq!(error["error"]["args"]["field"], field);
    assert_eq!(json.data, "");
}

#[test]
fn a_line_that_is_no_fact() {
    second_line("{", "line", "not a JSON object");
    second_line(
        r#"{"seq":2,"date":"2020-01-01","kind":"vanished","organisation":"a"}"#,
        "kind",
        "no such kind",
    );
    second_line(
        r#"{"seq":2,"date":"2023-02-29","kind":"member_joined","organisation":"a","member":"m"}"#,
        "date",
        "not a date that exists",
    );
    second_line(
        concat!(
            r#"{"seq":2,"date":"2023-02-01","kind":"organisation_renamed","#,
            r#""organisation":"a","name":"b\u202ec"}"#
        ),
        "name",
        "bidirectional",
    );
    second_line(
        concat!(
            r#"{"seq":2,"date":"2023-02-01","kind":"organisation_renamed","#,
            r#""organisation":"a\u0007","name":"b"}"#
        ),
        "organisation",
        "control",
    );
    second_line(&"x".repeat(2 << 20), "line", "longer than");
}

#[test]
fn an_organisation_that_was_never_formed_is_a_row_of_the_report() {
    let home = Home::new();
    let line =
        r#"{"seq":2,"date":"2023-01-01","kind":"member_joined","organisation":"b","member":"m"}"#;
    let file = home.write("facts.jsonl", format!("{FORMED}\n{line}\n"));
    let report = home.ok(&["import", "facts", &file, "--json"]).json();
    let row = &report["report"]["rows"][0];
    assert_eq!((&row["line"], &row["outcome"]), (&2.into(), &"held".into()));
    assert_eq!(row["code"], "organisation_never_formed");
}

#[test]
fn half_a_gzip_file() {
    let home = Home::new();
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(&fs::read(SMALL).expect("the small register")).expect("zipped");
    let zipped = zipped.finish().expect("zipped");
    let file = home.write("half.jsonl.gz", &zipped[..zipped.len() / 2]);
    let ran = home.run(&["import", "facts", &file]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.remarks.contains("half.jsonl.gz is cut off after line"), "{ran:?}");
    let whole = home.write("whole.jsonl.gz", &zipped);
    home.ok(&["import", "facts", &whole]);
}

#[test]
fn a_file_that_is_not_there_makes_no_ledger() {
    let home = Home::new();
    let ran = home.run(&["import", "facts", "nowhere.jsonl"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.remarks.contains("nowhere.jsonl"), "{ran:?}");
    assert!(!home.path("rollbook.db").exists());
}

#[test]
fn a_ledger_that_is_none_is_left_as_it_is() {
    let home = Home::new();
    let text = "Dear ledger, this is a letter and no ledger at all.\n".repeat(50);
    home.write("letter.db", &text);
    for arguments in [&["headcount"][..], &["import", "facts", SMALL], &["verify"], &["init"]] {
        let ran = home.run(&[arguments, &["--ledger", "sqlite:letter.db"]].concat());
        assert!([6, 10].contains(&ran.code), "{arguments:?}: {ran:?}");
        assert!(ran.remarks.contains("letter.db"), "{ran:?}");
        assert_eq!(fs::read_to_string(home.path("letter.db")).expect("the letter"), text);
    }
    fs::create_dir(home.path("folder.db")).expect("a directory");
    for arguments in [&["headcount"][..], &["import", "facts", SMALL], &["init"]] {
        let ran = home.run(&[arguments, &["--ledger", "sqlite:folder.db"]].concat());
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(ran.remarks.contains("folder.db"), "{ran:?}");
    }
    assert_eq!(fs::read_dir(home.path("folder.db")).expect("the directory").count(), 0);
}

#[test]
#[cfg(unix)]
fn a_place_that_cannot_be_written_to() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let place = home.path("locked");
    fs::create_dir(&place).expect("a directory");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o500)).expect("permissions");
    if permissions_do_not_bind(&place) {
        println!("NOT RUN: a read-only place: permissions do not bind this user");
        return;
    }
    let ran = home.run(&["init", "--ledger", "sqlite:locked/rollbook.db"]);
    assert_eq!(ran.code, 8, "{ran:?}");
    assert!(ran.remarks.contains("locked"), "{ran:?}");
}

/// It becomes a part of every key, and what cannot be seen there could not be told apart.
#[test]
fn a_source_whose_name_cannot_be_recorded_makes_no_ledger() {
    let home = Home::new();
    let long = "x".repeat(495);
    for name in ["", "Zu\u{308}rich", "a\u{200b}b", long.as_str()] {
        for more in [&[][..], &["--dry-run"]] {
            let ran = home.run(&[&["import", "facts", SMALL, "--source", name], more].concat());
            assert_eq!((ran.code, ran.data.as_str()), (2, ""), "{name:?}: {ran:?}");
        }
    }
    assert_eq!(home.files(), Home::new().files());
}
