//! A ledger on a PostgreSQL server, as people and scripts meet it.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use super::{Home, KEPT_TABLES, Ran, SMALL};
use crate::support::postgres::{ask_by_hand, by_hand, database};

/// A home whose commands are about a ledger on a server.
struct Served {
    home: Home,
    url: String,
}

impl Served {
    async fn new() -> Option<Self> {
        Some(Self { url: database().await?, home: Home::new() })
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.home.run(&[arguments, &["--ledger", &self.url]].concat())
    }

    fn ok(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran
    }
}

#[tokio::test]
async fn it_answers_as_a_file_does() {
    let Some(served) = Served::new().await else { return };
    let file = Home::small();
    served.ok(&["import", "facts", SMALL, "--zone", "UTC"]);
    for question in [
        &["headcount", "--as-of", "2021-06-01", "--json"][..],
        &["headcount", "--as-of", "2021-06-01", "--known-at", "30", "--json"],
        &["totals", "--as-of", "2022-01-01", "--json"],
        &["tree", "--as-of", "2021-06-01", "--json"],
        &["lifespans", "--json"],
        &["flows", "--from", "2020-01-01", "--until", "2022-01-01", "--json"],
    ] {
        assert_eq!(served.ok(question).data, file.ok(question).data, "{question:?}");
    }
    let of = |ran: Ran| ran.json()["projections"].clone();
    let (theirs, ours) = (of(served.ok(&["verify", "--json"])), of(file.ok(&["verify", "--json"])));
    assert!(theirs.as_object().is_some_and(|all| all.len() == projections::TABLES.len()));
    assert_eq!(theirs, ours, "digests");
    let named = served.ok(&["roster", "--names", "--purpose", "a test", "--json"]).json();
    assert!(named.as_array().unwrap().iter().any(|entry| entry["member"] == "maren"));
    assert!(
        served.home.path("rollbook.vault").exists() && served.home.path("rollbook.key").exists()
    );
    assert_eq!(served.ok(&["status", "--json"]).json()["zone"], "UTC");
}

#[tokio::test]
async fn all_tables_are_rebuilt_swapped_and_swapped_back() {
    let Some(served) = Served::new().await else { return };
    served.ok(&["import", "facts", SMALL, "--zone", "UTC"]);
    let answer = served.ok(&["headcount", "--as-of", "2021-06-01", "--json"]).data;
    let each = |report: &Value, what: &str, value: &Value| {
        let all = report["projections"].as_array().unwrap();
        all.len() == projections::TABLES.len() && all.iter().all(|one| one[what] == *value)
    };
    for arguments in [&["rebuild"][..], &["rebuild"], &["rebuild", "--back"]] {
        let report = served.ok(&[arguments, &["--json"]].concat()).json();
        assert!(each(&report, "served", &"same".into()), "{report}");
        assert!(each(&report, "swapped", &true.into()), "{report}");
        assert_eq!(served.ok(&["headcount", "--as-of", "2021-06-01", "--json"]).data, answer);
        assert_eq!(served.ok(&["verify", "--json"]).json()["sound"], true);
    }
    by_hand(&served.url, "UPDATE memberships SET valid_until = valid_from").await;
    assert_eq!(served.run(&["rebuild", "memberships"]).code, 3);
    assert_eq!(served.run(&["verify"]).code, 3);
    served.ok(&["rebuild", "memberships", "--replace"]);
    served.ok(&["verify"]);
    assert_eq!(served.ok(&["headcount", "--as-of", "2021-06-01", "--json"]).data, answer);
}

/// Tables are folded there, and nowhere else on this machine.
#[cfg(unix)]
#[tokio::test]
async fn a_rebuild_without_a_folder_for_temporary_files_says_so_and_changes_nothing() {
    let Some(served) = Served::new().await else { return };
    served.ok(&["import", "facts", SMALL, "--zone", "UTC"]);
    let answer = served.ok(&["headcount", "--as-of", "2021-06-01", "--json"]).data;
    let rebuild = ["rebuild", "--ledger", &served.url];
    let refused = served.home.run_with(&rebuild, &[("TMPDIR", "/nowhere")]);
    assert_eq!((refused.code, refused.data.as_str()), (1, ""), "{refused:?}");
    assert!(refused.remarks.contains("temporary files, which TMPDIR names"), "{refused:?}");
    assert_eq!(served.ok(&["headcount", "--as-of", "2021-06-01", "--json"]).data, answer);
    served.ok(&["rebuild"]);
}

#[tokio::test]
async fn exit_codes_are_the_documented_ones() {
    let Some(served) = Served::new().await else { return };
    let form = ["form-branch", "--code", "z", "--name", "Z"];
    assert_eq!(served.run(&["headcount"]).code, 10);
    served.ok(&["init"]);
    assert_eq!(served.run(&["init"]).code, 6);
    served.ok(&form);
    let other = Home::new();
    other.ok(&["init"]);
    let vaults = [other.path("rollbook.db.vault"), served.home.path("rollbook.vault")];
    let bytes = || vaults.each_ref().map(|vault| fs::read(vault).unwrap());
    let before = bytes();
    let (vault, key) = (vaults[0].to_str().unwrap(), other.path("rollbook.db.key"));
    let names = ["roster", "--names", "--purpose", "x", "--vault", vault];
    for key in [&[][..], &["--key", key.to_str().unwrap()]] {
        let foreign = served.run(&[&names[..], key].concat());
        assert_eq!((foreign.code, foreign.data.as_str()), (1, ""), "{foreign:?}");
        assert!(foreign.remarks.contains("belongs to another ledger"), "{foreign:?}");
        assert!(bytes() == before, "a vault was written to: {foreign:?}");
    }
    by_hand(
        &served.url,
        "GRANT UPDATE ON events TO CURRENT_USER; \
         ALTER TABLE events DISABLE TRIGGER events_are_not_changed; \
         UPDATE events SET effective = '1999-01-01' WHERE position = 3; \
         ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_not_changed",
    )
    .await;
    let tampered = served.run(&["verify", "--json"]);
    assert_eq!((tampered.code, &tampered.json()["sound"]), (3, &false.into()));
    by_hand(&served.url, "INSERT INTO rollbook_schema VALUES (900)").await;
    let newer = served.run(&["headcount"]);
    assert_eq!(newer.code, served.run(&form).code, "{newer:?}");
    assert!(newer.remarks.contains("900"), "{newer:?}");
}

#[tokio::test]
async fn a_server_that_is_away_leaves_nothing_behind_here() {
    let Some(served) = Served::new().await else { return };
    let form = ["form-branch", "--code", "z", "--name", "Z"];
    served.ok(&["init"]);
    served.ok(&form);
    served.ok(&["export", "events", "all.jsonl"]);
    served.ok(&["backup", "kept"]);
    let before = served.home.files();
    let away = "postgres://nobody:secret@127.0.0.1:1/rollbook";
    for arguments in [
        &["headcount"][..],
        &form,
        &["register-person", "--handle", "ann", "--name", "Ann"],
        &["import", "facts", SMALL],
        &["import", "events", "all.jsonl"],
        &["export", "events", "again.jsonl"],
        &["backup", "again"],
        // The vault that lies here already is not the one of the backup.
        &["restore", "kept", "--vault", "new.vault", "--key", "new.key"],
        &["verify"],
        &["init"],
        &["rebuild"],
    ] {
        let ran = served.home.run(&[arguments, &["--ledger", away]].concat());
        // Of `verify`: it could not be finished.
        let code = if arguments[0] == "verify" { 4 } else { 1 };
        assert_eq!((ran.code, ran.data.as_str()), (code, ""), "{arguments:?}: {ran:?}");
        assert!(ran.remarks.contains("cannot be reached"), "{arguments:?}: {ran:?}");
        assert!(!ran.remarks.contains("secret"), "{arguments:?}: {ran:?}");
        let after = served.home.files();
        assert!(after.keys().eq(before.keys()), "{arguments:?}: {:?}", after.keys());
        assert!(after == before, "{arguments:?}: a file was written to");
    }
    let shown = served.home.ok(&["config", "show", "--ledger", away]);
    assert!(!shown.data.contains("secret"), "{shown:?}");
}

#[tokio::test]
async fn a_server_that_only_reads_changes_nothing_here_either() {
    let Some(served) = Served::new().await else { return };
    served.ok(&["init", "--zone", "UTC"]);
    served.ok(&["form-branch", "--code", "z", "--name", "Z"]);
    let (there, here) = (tables(&served.url).await, served.home.files());
    let read_only = format!("{}%20-cdefault_transaction_read_only%3Don", served.url);
    for arguments in [
        &["form-branch", "--code", "y", "--name", "Y"][..],
        &["register-person", "--handle", "ann", "--name", "Ann"],
        &["import", "facts", SMALL],
        &["clock", "advance"],
        &["rebuild"],
    ] {
        let ran = served.home.run(&[arguments, &["--ledger", &read_only]].concat());
        assert_eq!((ran.code, ran.data.as_str()), (8, ""), "{arguments:?}: {ran:?}");
        assert!(ran.remarks.contains("cannot be written to"), "{arguments:?}: {ran:?}");
        assert_eq!(tables(&served.url).await, there, "{arguments:?}");
        let after = served.home.files();
        assert!(after.keys().eq(here.keys()), "{arguments:?}: {:?}", after.keys());
        assert!(after == here, "{arguments:?}: a file was written to");
    }
    assert_eq!(served.home.run(&["tree", "--ledger", &read_only]).code, 0);
    served.ok(&["register-person", "--handle", "ann", "--name", "Ann"]);
}

/// A digest of every table but those of projections, which can be built again.
async fn tables(url: &str) -> String {
    let digest = |table: &str| {
        let rows = "string_agg(whole::text, '' ORDER BY whole::text)";
        format!("(SELECT '{table} ' || coalesce(md5({rows}), 'empty') FROM {table} AS whole)")
    };
    let digests = KEPT_TABLES.map(digest).join(" || ', ' || ");
    ask_by_hand(url, &format!("SELECT {digests}")).await
}

/// Changes what no right and no trigger lets anybody change.
async fn tamper(url: &str, statement: &str) {
    let statements = format!(
        "GRANT UPDATE, DELETE ON events TO CURRENT_USER; \
         ALTER TABLE events DISABLE TRIGGER events_are_not_changed; {statement}; \
         ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_not_changed"
    );
    by_hand(url, &statements).await;
}

#[tokio::test]
async fn what_is_wrong_with_the_database_is_told_before_anything_is_written() {
    let Some(served) = Served::new().await else { return };
    served.ok(&["init", "--zone", "UTC"]);
    for code in ["a", "b", "c"] {
        served.ok(&["form-branch", "--code", code, "--name", code]);
    }
    let kept =
        "CREATE TABLE kept_events AS TABLE events; CREATE TABLE kept_ledgers AS TABLE ledgers";
    by_hand(&served.url, kept).await;
    let back = "DELETE FROM events; INSERT INTO events TABLE kept_events; \
        DELETE FROM ledgers; INSERT INTO ledgers TABLE kept_ledgers; \
        DELETE FROM rollbook_schema WHERE version = 900";
    let sound = tables(&served.url).await;
    for (what, statement, code) in [
        ("a newer schema", "INSERT INTO rollbook_schema VALUES (900)", 1),
        ("no ledger", "DELETE FROM ledgers", 10),
        ("another ledger", "UPDATE ledgers SET ledger = gen_random_uuid()", 3),
        (
            "two ledgers",
            "INSERT INTO ledgers SELECT gen_random_uuid(), position, recorded_at, frontier \
             FROM ledgers",
            3,
        ),
        ("a head elsewhere", "UPDATE ledgers SET position = position - 1", 3),
        ("a head without its tree", "UPDATE ledgers SET frontier = 'x'", 3),
        ("the last position missing", "DELETE FROM events WHERE position = 5", 3),
        ("a position missing", "DELETE FROM events WHERE position = 4", 3),
        ("an event that is none", "UPDATE events SET payload = '{}' WHERE position = 1", 3),
    ] {
        tamper(&served.url, statement).await;
        let before = tables(&served.url).await;
        let ran = served.run(&["form-branch", "--code", "d", "--name", "D"]);
        assert_eq!((ran.code, ran.data.as_str()), (code, ""), "{what}: {ran:?}");
        assert!(ran.remarks.lines().count() <= 4, "{what}: {ran:?}");
        assert!(!ran.remarks.contains("panicked"), "{what}: {ran:?}");
        assert_eq!(tables(&served.url).await, before, "{what}: nothing was written");
        let verified = served.run(&["verify"]);
        assert_ne!(verified.code, 0, "{what}: {verified:?}");
        assert!(!verified.remarks.contains("panicked"), "{what}: {verified:?}");
        tamper(&served.url, back).await;
        assert_eq!(tables(&served.url).await, sound, "{what}");
        served.ok(&["verify"]);
    }
    // What reads well and is not what was written, `verify` finds, and no draft of it serves.
    let plausible = "UPDATE events SET payload = replace(payload::text, '\"a\"', '\"z\"')::json";
    tamper(&served.url, plausible).await;
    assert_eq!(served.run(&["verify"]).code, 3);
    assert_eq!(served.run(&["rebuild"]).code, 3);
    tamper(&served.url, back).await;
    tamper(&served.url, "DELETE FROM events WHERE position = 4").await;
    let rebuilt = served.run(&["rebuild"]);
    assert_eq!(rebuilt.code, 3, "{rebuilt:?}");
    assert!(rebuilt.remarks.contains('4'), "{rebuilt:?}");
}

#[tokio::test]
async fn a_decision_does_not_rest_on_a_row_that_was_changed() {
    let Some(served) = Served::new().await else { return };
    served.ok(&["init", "--zone", "UTC"]);
    served.ok(&["form-branch", "--code", "a", "--name", "Alpha"]);
    by_hand(&served.url, "CREATE TABLE kept_events AS TABLE events").await;
    let sound = tables(&served.url).await;
    let rename = ["rename-branch", "--branch", "a", "--name", "Beta"];
    for (what, payload) in [
        ("an event that is none", "'{}'"),
        ("another name", "replace(payload::text, '\"Alpha\"', '\"Aleph\"')::json"),
    ] {
        let statement = format!("UPDATE events SET payload = {payload} WHERE position = 3");
        tamper(&served.url, &statement).await;
        let before = tables(&served.url).await;
        assert_ne!(before, sound, "{what}: it was altered");
        let ran = served.run(&rename);
        assert_eq!((ran.code, ran.data.as_str()), (3, ""), "{what}: {ran:?}");
        assert!(ran.remarks.contains("position 3"), "{what}: {ran:?}");
        assert_eq!(tables(&served.url).await, before, "{what}: nothing was written");
        tamper(&served.url, "DELETE FROM events; INSERT INTO events TABLE kept_events").await;
        assert_eq!(tables(&served.url).await, sound, "{what}: it was put back");
    }
    served.ok(&rename);
    served.ok(&["verify"]);
}

#[tokio::test]
async fn of_several_who_found_a_ledger_at_once_one_does() {
    let Some(served) = Served::new().await else { return };
    let founders: Vec<_> = (0..6)
        .map(|n| {
            let (vault, key) = (format!("{n}.vault"), format!("{n}.key"));
            let init = ["init", "--ledger", &served.url, "--vault", &vault, "--key", &key];
            let mut founder = served.home.command(&init);
            founder.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    let codes = founders.into_iter().map(|mut founder| founder.wait().unwrap().code().unwrap());
    let mut codes: Vec<i32> = codes.collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 6, 6, 6, 6, 6]);
    assert_eq!(ask_by_hand(&served.url, "SELECT count(*)::text FROM events").await, "2");
}

#[tokio::test]
async fn two_servers_take_turns_where_a_file_would_refuse() {
    let Some(served) = Served::new().await else { return };
    served.ok(&["init", "--zone", "UTC"]);
    let children: Vec<_> = (0..6)
        .map(|n| {
            let (code, name) = (format!("b{n}"), format!("Branch {n}"));
            let form = ["form-branch", "--code", &code, "--name", &name, "--ledger", &served.url];
            served.home.command(&form).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(served.ok(&["tree", "--json"]).json().as_array().unwrap().len(), 6);
    served.ok(&["verify"]);
}
