//! The whole record, moved from one place to another and back.

use std::fs;

use serde_json::Value;

use super::{Home, SMALL};
#[cfg(feature = "postgres")]
use crate::support::postgres::database;

/// The lines of an export.
fn lines(home: &Home, name: &str) -> Vec<String> {
    let text = fs::read_to_string(home.path(name)).unwrap();
    text.lines().map(ToOwned::to_owned).collect()
}

/// A home with the small register, and its export in `all.jsonl`.
fn exported() -> Home {
    let home = Home::small();
    home.ok(&["form-branch", "--code", "late", "--name", "Late", "--idempotency-key", "k1"]);
    home.ok(&["export", "events", "all.jsonl"]);
    home
}

fn verified(home: &Home, url: &str) -> Value {
    home.ok(&["verify", "--json", "--ledger", url]).json()
}

/// What lies in a home.
fn names(home: &Home) -> Vec<String> {
    let entries = fs::read_dir(home.path("")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_record_goes_round_all_engines_and_comes_back_the_same() {
    let home = exported();
    let first = verified(&home, "sqlite:rollbook.db");
    let mut places = vec!["sqlite:second.db".to_owned()];
    #[cfg(feature = "postgres")]
    if let Some(url) = database().await {
        places.push(url);
        places.push("sqlite:third.db".to_owned());
    }
    let mut file = "all.jsonl".to_owned();
    for (index, place) in places.iter().enumerate() {
        let told = home.ok(&["import", "events", &file, "--ledger", place, "--json"]).json();
        assert_eq!(told["root"], first["root"]);
        assert_eq!(told["projections"], first["projections"], "digests");
        assert_eq!(verified(&home, place), first);
        file = format!("again{index}.jsonl");
        let told = home.ok(&["export", "events", &file, "--ledger", place, "--json"]).json();
        assert_eq!(told["root"], first["root"]);
        assert_eq!(fs::read(home.path(&file)).unwrap(), fs::read(home.path("all.jsonl")).unwrap());
    }
    // The vault comes by itself; with it the new place goes on where the first one ended.
    fs::copy(home.path("rollbook.db.vault"), home.path("second.db.vault")).unwrap();
    fs::copy(home.path("rollbook.db.key"), home.path("second.db.key")).unwrap();
    let second = ["--ledger", "sqlite:second.db"];
    let head = first["events"].as_u64().unwrap();
    let form = ["form-branch", "--code", "late", "--name", "Late", "--idempotency-key", "k1"];
    home.ok(&[&form[..], &second].concat());
    assert_eq!(verified(&home, second[1])["events"], head, "answered before");
    home.ok(&[&["import", "facts", SMALL][..], &second].concat());
    assert_eq!(verified(&home, second[1])["events"], head, "imported before");
    home.ok(&[&["form-branch", "--code", "next", "--name", "Next"][..], &second].concat());
    assert_eq!(verified(&home, second[1])["events"], head + 1);
    let named = ["roster", "--names", "--purpose", "a test", "--json"];
    assert_eq!(home.ok(&[&named[..], &second].concat()).json(), home.ok(&named).json());
    assert!(!names(&home).iter().any(|name| name.contains(".new")), "{:?}", names(&home));
}

#[test]
fn without_a_file_the_lines_go_to_standard_output() {
    let home = exported();
    let printed = home.ok(&["export", "events"]);
    assert_eq!(printed.data, fs::read_to_string(home.path("all.jsonl")).unwrap());
    assert!(printed.remarks.contains("events of ledger"), "{printed:?}");
    let lines = lines(&home, "all.jsonl");
    let (first, last): (Value, Value) = (
        serde_json::from_str(&lines[0]).unwrap(),
        serde_json::from_str(lines.last().unwrap()).unwrap(),
    );
    assert_eq!(first["format"], "rollbook events 1");
    assert_eq!((&first["head"], &first["root"]), (&last["events"], &last["root"]));
    let refused = home.run(&["export", "events", "all.jsonl"]);
    assert_eq!(refused.code, 6, "{refused:?}");
    assert_eq!(Home::new().run(&["export", "events"]).code, 10);
}

/// Refused, and nothing is left behind.
fn refuses(home: &Home, content: &[u8], code: i32, said: &[&str]) {
    home.write("bad.jsonl", content);
    let before = names(home);
    let refused = home.run(&["import", "events", "bad.jsonl", "--ledger", "sqlite:new.db"]);
    assert_eq!(refused.code, code, "{refused:?}");
    for said in said {
        assert!(refused.remarks.contains(said), "{said}: {refused:?}");
    }
    assert_eq!(names(home), before);
}

#[test]
fn a_flipped_byte_anywhere_is_found_and_named() {
    let home = exported();
    let lines = lines(&home, "all.jsonl");
    let first_event = lines.iter().position(|line| line.starts_with("{\"position\":1,")).unwrap();
    for (index, line) in lines.iter().enumerate().step_by(7).chain([(0, &lines[0])]) {
        let mut bad: Vec<Vec<u8>> = lines.iter().map(|line| line.clone().into_bytes()).collect();
        bad[index][line.len() * 2 / 3] ^= 1;
        let number = format!("line {}", index + 1);
        let is_event = line.starts_with("{\"position\"");
        let position = format!("position {}", index + 1 - first_event.min(index));
        let said: &[&str] = if is_event { &[&number, &position] } else { &[&number] };
        let content = [bad.join(&b'\n'), b"\n".to_vec()].concat();
        refuses(&home, &content, 3, said);
    }
}

#[test]
fn a_cut_a_foreign_and_an_altered_file_are_refused() {
    let home = exported();
    let whole = fs::read(home.path("all.jsonl")).unwrap();
    let lines = lines(&home, "all.jsonl");
    let join = |lines: &[String]| format!("{}\n", lines.join("\n")).into_bytes();
    let count = lines.len();
    refuses(&home, &whole[..whole.len() - 1], 3, &[&format!("after line {}", count - 1)]);
    refuses(&home, &join(&lines[..count - 1]), 3, &[&format!("after line {}", count - 1)]);
    refuses(&home, &join(&lines[..3]), 3, &["after line 3"]);
    refuses(&home, b"", 2, &["no export of events"]);
    refuses(&home, &fs::read(SMALL).unwrap(), 2, &["no export of events"]);
    refuses(&home, &[&whole[..], b"{}\n"].concat(), 3, &[&format!("line {count}")]);
    let without = |gone: usize| join(&[&lines[..gone], &lines[gone + 1..]].concat());
    refuses(&home, &without(1), 3, &["line"]); // a receipt
    let last = lines.len() - 2;
    refuses(&home, &without(last), 3, &[&format!("line {}", last + 1)]);
    refuses(&home, &without(last - 1), 3, &[&format!("line {last}"), "position"]);
    let mut swapped = lines.clone();
    swapped.swap(last, last - 1);
    refuses(&home, &join(&swapped), 3, &[&format!("line {last}")]);
    let other = exported();
    let mut foreign = self::lines(&other, "all.jsonl");
    foreign[0].clone_from(&lines[0]);
    refuses(&home, &join(&foreign), 3, &["position 1 "]);
    assert_eq!(home.run(&["import", "events", "none.jsonl", "--ledger", "sqlite:new.db"]).code, 2);
}

#[test]
fn what_is_there_stays_as_it_is() {
    let home = exported();
    let before = home.ledger_bytes();
    let refused = home.run(&["import", "events", "all.jsonl"]);
    assert_eq!(refused.code, 6, "{refused:?}");
    assert_eq!(home.ledger_bytes(), before);
    // What a crash left of an earlier try is cleared away.
    home.write("new.db.new", "half");
    home.ok(&["import", "events", "all.jsonl", "--ledger", "sqlite:new.db"]);
    home.ok(&["verify", "--ledger", "sqlite:new.db"]);
    // A place where nothing can be made.
    home.write("file", "");
    let refused = home.run(&["import", "events", "all.jsonl", "--ledger", "sqlite:file/new.db"]);
    assert!([1, 8].contains(&refused.code), "{refused:?}");
}
