//! A ledger file to which something was done by hand: what is wrong is told before anything is
//! written, and whatever else is asked of it ends in order.

use std::collections::BTreeMap;
use std::fs;

use events::leaf::hexadecimal;
use rollbook::cli::Exit;
use rusqlite::Connection;
use rusqlite::types::Value;
use sha2::{Digest, Sha256};

use super::{Home, KEPT_TABLES, Ran, SMALL};

const FILE: &str = "rollbook.db";

/// What is done to a ledger of three branches, which are formed at positions 3, 4 and 5, and how
/// whoever wants to record is refused.
const DAMAGES: [(&str, &str, i32); 9] = [
    ("a newer schema", "PRAGMA user_version = 900", 1),
    ("no ledger", "DELETE FROM ledgers", 3),
    (
        "two ledgers",
        "INSERT INTO ledgers SELECT x'00112233445566778899aabbccddeeff', position, recorded_at, \
            frontier, guards_at FROM ledgers",
        3,
    ),
    ("another ledger", "UPDATE ledgers SET ledger = x'00112233445566778899aabbccddeeff'", 3),
    ("a head elsewhere", "UPDATE ledgers SET position = position - 1", 3),
    ("a head without its tree", "UPDATE ledgers SET frontier = x'00'", 3),
    ("the last position missing", "DELETE FROM events WHERE position = 5", 3),
    ("a position missing", "DELETE FROM events WHERE position = 4", 3),
    ("an event that is none", "UPDATE events SET payload = '{}' WHERE position = 1", 3),
];

/// A sound ledger of three branches, of which the first was given these names since, and all files
/// that are there.
fn sound(names: &[&str]) -> (Home, BTreeMap<String, Vec<u8>>) {
    let home = Home::new();
    home.ok(&["init", "--zone", "UTC"]);
    for (code, name) in [("a", "Alpha"), ("b", "Beta"), ("c", "Gamma")] {
        home.ok(&["form-branch", "--code", code, "--name", name]);
    }
    for name in names {
        home.ok(&["rename-branch", "--branch", "a", "--name", name]);
    }
    let conn = Connection::open(home.path(FILE)).unwrap();
    let last = rows(&conn, "SELECT max(position) FROM events");
    let expected = i64::try_from(5 + names.len()).unwrap();
    assert_eq!(last, [[Value::Integer(expected)]], "positions are those that the tests name");
    close(&home, conn);
    let files = home.files();
    (home, files)
}

/// Ends a connection that is the last one, so that all there is lies in the one file.
fn close(home: &Home, conn: Connection) {
    conn.close().unwrap();
    assert!(!home.path("rollbook.db-wal").exists(), "somebody else has it open");
}

/// Puts a folder back as it was. Files are written over, since the key keeps its permissions so.
fn put_back(home: &Home, files: &BTreeMap<String, Vec<u8>>) {
    for name in home.files().keys().filter(|name| !files.contains_key(*name)) {
        let path = home.path(name);
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap();
    }
    for (name, bytes) in files {
        fs::write(home.path(name), bytes).unwrap();
    }
}

/// Changes what no trigger lets anybody change, and leaves the triggers as they were.
fn alter(home: &Home, statements: &str) {
    let conn = Connection::open(home.path(FILE)).unwrap();
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'events'";
    let triggers = rows(&conn, sql);
    assert!(!triggers.is_empty(), "events are guarded");
    for trigger in &triggers {
        conn.execute_batch(&format!("DROP TRIGGER {}", text(&trigger[0]))).unwrap();
    }
    conn.execute_batch(statements).unwrap();
    for trigger in &triggers {
        conn.execute_batch(text(&trigger[1])).unwrap();
    }
    close(home, conn);
}

fn rows(conn: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = conn.prepare(sql).unwrap();
    let width = statement.column_count();
    let found = statement
        .query_map([], |row| {
            (0..width).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>()
        })
        .unwrap();
    found.collect::<Result<Vec<_>, _>>().unwrap()
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => {
            panic!("no text: {value:?}")
        }
    }
}

fn hash(bytes: impl AsRef<[u8]>) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// A hash of every table of the ledger, and of every file beside it. The ledger's own file may be
/// written otherwise when its log is folded in, and says the same.
fn everything(home: &Home) -> BTreeMap<String, String> {
    const TABLES: &str = "SELECT name FROM sqlite_schema \
        WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let conn = Connection::open(home.path(FILE)).unwrap();
    let mut all = BTreeMap::new();
    for row in rows(&conn, TABLES) {
        let name = text(&row[0]);
        let content = format!("{:?}", rows(&conn, &format!("SELECT * FROM {name}")));
        all.insert(name.to_owned(), hash(content));
    }
    assert!(KEPT_TABLES.iter().all(|name| all.contains_key(*name)), "{all:?}");
    let version = rows(&conn, "PRAGMA user_version");
    all.insert("the schema's version".to_owned(), format!("{version:?}"));
    close(home, conn);
    for (name, bytes) in home.files().into_iter().filter(|(name, _)| name != FILE) {
        all.insert(format!("the file {name}"), hash(bytes));
    }
    all
}

/// Refused with a few lines, and nothing is written anywhere.
fn refused(home: &Home, arguments: &[&str], (what, code): (&str, i32)) -> Ran {
    let before = everything(home);
    let ran = home.run(arguments);
    assert_eq!((ran.code, ran.data.as_str()), (code, ""), "{what}: {ran:?}");
    assert!(ran.remarks.lines().count() <= 4, "{what}: {ran:?}");
    assert!(!ran.remarks.contains("panicked"), "{what}: {ran:?}");
    assert_eq!(everything(home), before, "{what}: nothing was written");
    ran
}

/// Whatever else is asked ends with a code that is documented, and never in a panic.
fn bears_all_else(home: &Home, what: &str) {
    let documented = Exit::TABLE.iter().map(|(exit, _)| i32::from(exit.code()));
    let documented: Vec<i32> = documented.collect();
    for arguments in [
        &["headcount", "--as-of", "2024-01-01"][..],
        &["tree"],
        &["log"],
        &["export", "events", "all.jsonl"],
        &["backup", "kept"],
        &["rebuild"],
        &["import", "facts", SMALL],
    ] {
        let ran = home.run(arguments);
        assert!(documented.contains(&ran.code), "{what}: {arguments:?}: {ran:?}");
        assert!(!ran.remarks.contains("panicked"), "{what}: {arguments:?}: {ran:?}");
    }
}

#[test]
fn what_is_wrong_with_the_file_is_told_before_anything_is_written() {
    let (home, files) = sound(&[]);
    let whole = everything(&home);
    for (what, statements, code) in DAMAGES {
        alter(&home, statements);
        assert_ne!(everything(&home), whole, "{what}: it was altered");
        refused(&home, &["form-branch", "--code", "d", "--name", "D"], (what, code));
        let verified = home.run(&["verify"]);
        assert_ne!(verified.code, 0, "{what}: {verified:?}");
        assert!(!verified.remarks.contains("panicked"), "{what}: {verified:?}");
        bears_all_else(&home, what);
        put_back(&home, &files);
        assert_eq!(everything(&home), whole, "{what}: it was put back");
    }
    home.ok(&["verify"]);
    home.ok(&["form-branch", "--code", "d", "--name", "D"]);
}

/// Alters the events of the first branch, which stand at positions 3, 6 and 7, and sees its next
/// name refused with the position at which something is wrong.
fn no_decision_rests_on(damages: &[(&str, &str, u64)]) {
    let (home, files) = sound(&["Omicron", "Pi"]);
    let whole = everything(&home);
    let rename = ["rename-branch", "--branch", "a", "--name", "Rho"];
    for (what, statements, position) in damages {
        alter(&home, statements);
        assert_ne!(everything(&home), whole, "{what}: it was altered");
        let ran = refused(&home, &rename, (*what, 3));
        assert!(ran.remarks.contains(&format!("position {position}")), "{what}: {ran:?}");
        assert_eq!(home.run(&["verify"]).code, 3, "{what}");
        put_back(&home, &files);
    }
    home.ok(&rename);
    home.ok(&["verify"]);
}

#[test]
fn a_decision_does_not_rest_on_a_row_that_was_changed() {
    no_decision_rests_on(&[
        ("an event that is none", "UPDATE events SET payload = '{}' WHERE position = 3", 3),
        (
            "another name",
            "UPDATE events SET payload = replace(payload, '\"Alpha\"', '\"Aleph\"') \
                WHERE position = 3",
            3,
        ),
        (
            "another code",
            "UPDATE events SET payload = replace(payload, '\"code\":\"a\"', '\"code\":\"z\"') \
                WHERE position = 3",
            3,
        ),
        (
            "an earlier day",
            "UPDATE events SET payload = json_set(payload, '$.effective', '1999-01-01') \
                WHERE position = 3",
            3,
        ),
        (
            "another name in a later event",
            "UPDATE events SET payload = replace(payload, '\"Omicron\"', '\"Omega\"') \
                WHERE position = 6",
            6,
        ),
        (
            "somebody else who recorded it",
            "UPDATE events SET metadata = json_set(metadata, '$.actor', 'nobody') \
                WHERE position = 3",
            3,
        ),
        ("another salt", "UPDATE events SET salt = zeroblob(32) WHERE position = 3", 3),
        ("another leaf", "UPDATE events SET leaf = zeroblob(67) WHERE position = 3", 3),
    ]);
}

#[test]
fn a_decision_does_not_rest_on_a_stream_with_a_gap_or_out_of_order() {
    no_decision_rests_on(&[
        ("the second event missing", "DELETE FROM events WHERE position = 6", 6),
        // No position is missing here: only the stream itself knows.
        (
            "the second event in another stream",
            "UPDATE events SET aggregate_id = '00000000-0000-4000-8000-000000000000' \
                WHERE position = 6",
            7,
        ),
        (
            "two events that changed places",
            "UPDATE events SET sequence = 9 WHERE position = 3;
             UPDATE events SET sequence = 1 WHERE position = 6;
             UPDATE events SET sequence = 2 WHERE position = 3",
            6,
        ),
    ]);
}
