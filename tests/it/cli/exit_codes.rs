//! Every exit code, brought about once.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use rollbook::cli::Exit;
use rollbook::ledger::{Ledger, Location, Mode};
use rollbook::store::SystemNature;

use super::{Home, SMALL};

#[test]
fn the_table_is_the_documented_one() {
    let codes: Vec<u8> = Exit::TABLE.iter().map(|(exit, _)| exit.code()).collect();
    assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 130]);
    let help = Home::new().ok(&["help", "exit-codes"]).data;
    assert_eq!(help.lines().count(), codes.len() + 1);
}

#[test]
fn usage_is_2() {
    let home = Home::small();
    for arguments in [
        &[][..],
        &["headcont"],
        &["headcount", "--nothing"],
        &["headcount", "--as-of", "2023-02-29"],
        &["headcount", "--known-at", "yesterday"],
        &["headcount", "--day-rule", "noon"],
        &["headcount", "--ledger", "mysql:x"],
        &["roster", "--names"],
        &["timeline"],
        &["timeline", "--person", "maren"],
        &["form-branch", "--code", "x"],
        &["do", "form-branch", "code=x", "name"],
        &["do", "form-branch", "code=x", "name=y", "colour=red"],
        &["do", "form-branch", "code=x", "name=y", "effective=2023-02-29"],
        &["init", "--preset", "club"],
        &["init", "--ledger", "sqlite:new.db", "--zone", "Mars/Olympus"],
        &["help", "nothing"],
    ] {
        let ran = home.run(arguments);
        assert_eq!((ran.code, ran.data.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.remarks.starts_with("error: "), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn refused_is_5_conflict_6_and_not_found_7() {
    let home = Home::small();
    let refused = home.run(&["rename-branch", "--branch", "mill", "--name", "x"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(refused.remarks.contains("hint:"), "{refused:?}");
    assert_eq!(home.run(&["init"]).code, 6);
    let form = ["do", "form-branch", "name=X", "--idempotency-key", "k", "effective=2020-01-01"];
    assert_eq!(home.run(&[&form[..], &["code=x"]].concat()).code, 0);
    assert_eq!(home.run(&[&form[..], &["code=x"]].concat()).code, 0);
    assert_eq!(home.run(&[&form[..], &["code=y"]].concat()).code, 6);
    assert_eq!(home.run(&["timeline", "--branch", "nowhere"]).code, 7);
    assert_eq!(home.run(&["roster", "--branch", "nowhere"]).code, 7);
    let json = home.run(&["rename-branch", "--branch", "mill", "--name", "x", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&json.remarks).expect("JSON");
    assert_eq!(error["error"]["code"], "branch_dissolved");
    assert_eq!(error["error"]["args"]["branch"], "mill");
}

#[test]
fn tampering_is_3() {
    let home = Home::small();
    let path = home.path("rollbook.db");
    let mut bytes = fs::read(&path).expect("the ledger");
    let needle = b"Assembly 7/2020";
    let places = bytes.windows(needle.len()).position(|window| window == needle);
    bytes[places.expect("the paper is in the file")] ^= 1;
    fs::write(&path, bytes).expect("the ledger");
    let ran = home.run(&["verify", "--json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(ran.json()["sound"], false);
    assert!(home.run(&["verify"]).data.contains("NOT SOUND"));
}

#[test]
fn no_ledger_is_10_another_writer_11_and_a_wrong_key_12() {
    let home = Home::new();
    assert_eq!(home.run(&["headcount"]).code, 10);
    home.ok(&["import", "facts", SMALL]);
    let location = Location::at(&home.path("rollbook.db"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let nature = Arc::new(SystemNature);
    let writer = runtime.block_on(Ledger::open(&location, Mode::Write, nature)).expect("a writer");
    let form = ["form-branch", "--code", "z", "--name", "Z"];
    assert_eq!(home.run(&form).code, 11);
    assert_eq!(home.run(&["headcount"]).code, 0, "readers are never refused");
    drop(writer);
    drop(runtime);
    assert_eq!(home.run(&form).code, 0);
    let other = home.write("other.key", format!("{}\n", "ab".repeat(32)));
    fs::set_permissions(&other, fs::metadata(&location.key).expect("a key").permissions())
        .expect("permissions");
    let names = ["roster", "--names", "--purpose", "a test", "--key"];
    assert_eq!(home.run(&[&names[..], &[&other]].concat()).code, 12);
    assert_eq!(home.run(&[&names[..], &["nowhere.key"]].concat()).code, 12);
    assert_eq!(home.run(&["roster", "--key", "nowhere.key"]).code, 0, "no name, no key");
}

#[test]
#[cfg(unix)]
fn interrupted_is_130_and_what_was_acknowledged_is_kept() {
    let home = Home::new();
    let mut facts = String::new();
    for number in 1..=200_000 {
        facts += &format!(
            "{{\"seq\":{number},\"date\":\"2020-01-01\",\"kind\":\"organisation_formed\",\
             \"organisation\":\"b{number}\",\"name\":\"B {number}\"}}\n"
        );
    }
    let file = home.write("many.jsonl", facts);
    let mut child = home
        .command(&["import", "facts", &file, "--ndjson"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let applied = lines.find_map(|line| {
        let line = line.expect("a line");
        line.contains("\"apply\"").then_some(line)
    });
    let applied: serde_json::Value =
        serde_json::from_str(&applied.expect("a batch is applied")).expect("JSON");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill").success());
    assert_eq!(child.wait().expect("its end").code(), Some(130));
    let kept = home.ok(&["status", "--json"]).json();
    assert!(kept["position"].as_u64() >= applied["position"].as_u64(), "{kept} {applied}");
    home.ok(&["verify"]);
}
