//! The whole record, moved from one place to another and back.

use std::fs;
use std::process::Stdio;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Home, SMALL};
use crate::support::facts::facts;
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
        let built = names(&home).into_iter().find(|name| name.contains(".new"));
        assert_eq!(built, None, "what it was built in is left");
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

#[test]
fn a_backup_comes_back_whole() {
    let home = exported();
    let told = home.ok(&["backup", "kept/"]);
    assert!(told.remarks.contains("The key is not in the backup"), "{told:?}");
    let files = fs::read_dir(home.path("kept")).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["events.jsonl", "manifest.json", "vault.db"]);
    let key = fs::read_to_string(home.path("rollbook.db.key")).unwrap();
    for file in &files {
        let bytes = fs::read(home.path("kept").join(file)).unwrap();
        let found = bytes.windows(key.trim().len()).any(|part| part == key.trim().as_bytes());
        assert!(!found, "the key is in {file:?}");
    }
    let here = ["--ledger", "sqlite:new.db"];
    let told = home.ok(&[&["restore", "kept"][..], &here].concat());
    assert!(told.remarks.contains("The key is not in a backup"), "{told:?}");
    assert_eq!(verified(&home, here[1]), verified(&home, "sqlite:rollbook.db"));
    let named = ["roster", "--names", "--purpose", "a test", "--json"];
    assert_eq!(home.run(&[&named[..], &here].concat()).code, 12);
    fs::copy(home.path("rollbook.db.key"), home.path("new.db.key")).unwrap();
    assert_eq!(home.ok(&[&named[..], &here].concat()).json(), home.ok(&named).json());
    home.ok(&[&["form-branch", "--code", "next", "--name", "Next"][..], &here].concat());
    // What is there is left as it is.
    assert_eq!(home.run(&["backup", "kept"]).code, 6);
    assert_eq!(home.run(&["restore", "kept"]).code, 6);
    assert_eq!(home.run(&["restore", "settings"]).code, 2);
    assert_eq!(Home::new().run(&["backup", "kept"]).code, 10);
    home.write("file", "");
    assert_eq!(home.run(&["backup", "file/kept"]).code, 1);
}

#[tokio::test]
#[cfg(feature = "postgres")]
async fn a_backup_of_a_server_comes_back_in_a_file_and_the_other_way() {
    let (Some(url), Some(other)) = (database().await, database().await) else { return };
    let home = Home::new();
    home.ok(&[
        "import", "facts", SMALL, "--zone", "UTC", "--ledger", &url, "--vault", "v", "--key", "k",
    ]);
    let keys = ["--vault", "v", "--key", "k"];
    home.ok(&[&["backup", "kept", "--ledger", &url][..], &keys].concat());
    home.ok(&["restore", "kept", "--key", "k"]);
    home.ok(&["restore", "kept", "--key", "k", "--vault", "w", "--ledger", &other]);
    let first = verified(&home, &url);
    assert_eq!(verified(&home, "sqlite:rollbook.db"), first);
    assert_eq!(verified(&home, &other), first);
    let named = ["roster", "--names", "--purpose", "a test", "--json", "--key", "k"];
    let there = home.ok(&[&named[..], &["--vault", "w", "--ledger", &other]].concat()).json();
    assert_eq!(home.ok(&named).json(), there);
    assert_eq!(home.run(&["restore", "kept", "--vault", "x", "--ledger", &other]).code, 6);
    assert!(!home.path("x").exists());
    // An export that is refused leaves the place as free as it was.
    let empty = database().await.unwrap();
    let whole = fs::read(home.path("kept/events.jsonl")).unwrap();
    home.write("cut.jsonl", &whole[..whole.len() - 20]);
    assert_eq!(home.run(&["import", "events", "cut.jsonl", "--ledger", &empty]).code, 3);
    assert_eq!(home.run(&["verify", "--ledger", &empty]).code, 10);
    home.ok(&["import", "events", "kept/events.jsonl", "--ledger", &empty]);
    assert_eq!(verified(&home, &empty), first);
}

/// Alters a file of a backup and sees the restore refused, with nothing left behind.
fn spoiled(home: &Home, file: &str, spoil: impl FnOnce(&mut Vec<u8>), said: &str) {
    let path = home.path("kept").join(file);
    let whole = fs::read(&path).unwrap();
    let mut bad = whole.clone();
    spoil(&mut bad);
    fs::write(&path, &bad).unwrap();
    let before = names(home);
    let refused = home.run(&["restore", "kept", "--ledger", "sqlite:new.db"]);
    assert_eq!(refused.code, 3, "{file}: {refused:?}");
    assert!(refused.remarks.contains(said), "{said}: {refused:?}");
    assert_eq!(names(home), before);
    fs::write(&path, whole).unwrap();
}

/// The SHA-256 of bytes, in hexadecimal.
fn hexadecimal(bytes: &[u8]) -> String {
    events::leaf::hexadecimal(&Sha256::digest(bytes))
}

/// A manifest with the sum that belongs to it.
fn resealed(manifest: &str) -> Vec<u8> {
    let (start, _) = manifest.rsplit_once("\"sum\":\"").unwrap();
    let open = format!("{start}\"sum\":\"");
    let sum = hexadecimal(format!("{open}\"}}").as_bytes());
    format!("{open}{sum}\"}}\n").into_bytes()
}

#[test]
fn a_spoiled_backup_is_refused_at_its_first_bad_position() {
    let home = exported();
    home.ok(&["backup", "kept"]);
    let text = fs::read_to_string(home.path("kept/events.jsonl")).unwrap();
    for position in [1, 9, 30] {
        let at = text.find(&format!("{{\"position\":{position},")).unwrap() + 200;
        let said = format!("position {position} ");
        spoiled(&home, "events.jsonl", |bytes| bytes[at] ^= 1, &said);
    }
    spoiled(&home, "events.jsonl", |bytes| bytes.truncate(text.len() / 2), "cut off after line");
    spoiled(&home, "vault.db", |bytes| *bytes.last_mut().unwrap() ^= 1, "vault.db is not the file");
    spoiled(&home, "vault.db", |bytes| bytes.truncate(4096), "vault.db is not the file");
    spoiled(&home, "manifest.json", |bytes| bytes[80] ^= 1, "manifest.json");
    // A whole export of another ledger in its place.
    let other = fs::read(exported().path("all.jsonl")).unwrap();
    spoiled(&home, "events.jsonl", |bytes| *bytes = other, "events.jsonl is not the file");
    // A manifest that was made to fit what was spoiled, or that says something else.
    let manifest = fs::read_to_string(home.path("kept/manifest.json")).unwrap();
    let bad = text.replacen("\"position\":9,", "\"position\":8,", 1);
    home.write("kept/events.jsonl", &bad);
    let (was, is) = (hexadecimal(text.as_bytes()), hexadecimal(bad.as_bytes()));
    let spoil = |bytes: &mut Vec<u8>| *bytes = resealed(&manifest.replace(&was, &is));
    spoiled(&home, "manifest.json", spoil, "position 9 ");
    home.write("kept/events.jsonl", &text);
    let head = |number: usize| format!("\"head\":{number},");
    let events = text.lines().filter(|line| line.starts_with("{\"position\":")).count();
    let spoil = |bytes: &mut Vec<u8>| {
        *bytes = resealed(&manifest.replace(&head(events), &head(events - 1)));
    };
    spoiled(&home, "manifest.json", spoil, "events.jsonl is not the file");
    fs::remove_file(home.path("kept/vault.db")).unwrap();
    assert_eq!(home.run(&["restore", "kept", "--ledger", "sqlite:new.db"]).code, 3);
    fs::remove_file(home.path("kept/manifest.json")).unwrap();
    assert_eq!(home.run(&["restore", "kept", "--ledger", "sqlite:new.db"]).code, 2);
}

#[test]
fn a_wrong_key_or_another_vault_keeps_a_restore_from_beginning() {
    let home = exported();
    home.ok(&["backup", "kept"]);
    home.write("new.db.key", "00".repeat(32));
    let before = names(&home);
    let refused = home.run(&["restore", "kept", "--ledger", "sqlite:new.db"]);
    assert_eq!((refused.code, names(&home)), (12, before), "{refused:?}");
    fs::copy(home.path("rollbook.db.key"), home.path("new.db.key")).unwrap();
    home.write("new.db.vault", "somebody's");
    assert_eq!(home.run(&["restore", "kept", "--ledger", "sqlite:new.db"]).code, 6);
    assert_eq!(fs::read(home.path("new.db.vault")).unwrap(), b"somebody's");
    // The same vault is there when a restore was killed half-way: it is made whole.
    fs::copy(home.path("kept/vault.db"), home.path("new.db.vault")).unwrap();
    home.ok(&["restore", "kept", "--ledger", "sqlite:new.db"]);
    home.ok(&["verify", "--ledger", "sqlite:new.db"]);
}

#[test]
fn a_backup_that_is_taken_while_others_record_is_whole() {
    backups_while_others_record("sqlite:rollbook.db", 20_000);
}

#[tokio::test]
#[cfg(feature = "postgres")]
async fn a_backup_of_a_server_that_is_taken_while_others_record_is_whole() {
    let Some(url) = database().await else { return };
    backups_while_others_record(&url, 5_000);
}

/// Takes one backup after the other while so many facts are imported, and restores some of them.
fn backups_while_others_record(ledger: &str, count: usize) {
    let home = Home::new();
    let all = facts(count);
    let few: String = all.split_inclusive('\n').take(500).collect();
    let (all, few) = (home.write("all.facts", &all), home.write("few.facts", &few));
    let here = ["--ledger", ledger, "--vault", "rollbook.db.vault", "--key", "rollbook.db.key"];
    let ok = |arguments: &[&str]| home.ok(&[arguments, &here].concat());
    ok(&["import", "facts", &few, "--zone", "UTC"]);
    let head = || ok(&["status", "--json"]).json()["position"].as_u64().unwrap();
    let begins = head();
    let mut writer = home.command(&[&["import", "facts", &all, "--quiet"][..], &here].concat());
    let mut writer = writer.stdout(Stdio::null()).spawn().unwrap();
    let mut taken: Vec<Value> = Vec::new();
    while writer.try_wait().unwrap().is_none() {
        let directory = format!("kept{}", taken.len());
        taken.push(ok(&["backup", &directory, "--json"]).json());
    }
    assert!(writer.wait().unwrap().success());
    let ends = head();
    let heads: Vec<u64> = taken.iter().map(|one| one["head"].as_u64().unwrap()).collect();
    assert!(
        heads.is_sorted() && heads.iter().any(|at| (begins + 1..ends).contains(at)),
        "{heads:?}"
    );
    for number in [0, taken.len() / 2, taken.len() - 1] {
        let place = format!("new{number}.db");
        let url = format!("sqlite:{place}");
        let there = ["--ledger", &url, "--key", "rollbook.db.key"];
        if !home.path(&place).exists() {
            home.ok(&[&["restore", &format!("kept{number}")][..], &there].concat());
        }
        let found = verified(&home, &url);
        assert_eq!(found["events"], taken[number]["head"]);
        assert_eq!(found["root"], taken[number]["root"]);
        // Whoever an event names is in the vault.
        let named = ["roster", "--names", "--purpose", "a test", "--json"];
        let roster = home.ok(&[&named[..], &there].concat()).json();
        let roster = roster.as_array().unwrap();
        assert!(!roster.is_empty() && roster.iter().all(|entry| entry["member"].is_string()));
    }
}
