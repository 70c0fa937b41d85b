//! The program itself, as people and scripts meet it.

mod bad_input;
mod batches;
mod completions;
mod damaged;
mod exit_codes;
mod identity;
mod languages;
mod manual;
mod movements;
mod moving;
#[cfg(feature = "postgres")]
mod on_a_server;
mod restatements;
mod settings;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// Every table but those of projections, which can be built again.
const KEPT_TABLES: [&str; 8] = [
    "events",
    "ledgers",
    "receipts",
    "guards",
    "guard_streams",
    "imports",
    "import_rows",
    "projections",
];

/// The small register that the repository carries.
pub(crate) const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/small.jsonl");

/// A directory with a ledger in it.
pub(crate) struct Home {
    directory: TempDir,
}

/// What a run of the program said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) data: String,
    pub(crate) remarks: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            data: String::from_utf8(output.stdout).expect("UTF-8"),
            remarks: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    /// With the small register imported.
    pub(crate) fn small() -> Self {
        let home = Self::new();
        home.ok(&["import", "facts", SMALL, "--zone", "UTC"]);
        home
    }

    /// What a crash in the middle of `init` leaves: a ledger in which nothing is recorded.
    pub(crate) fn found_without_events(&self) {
        let id = events::LedgerId(uuid::Uuid::from_u128(1));
        let nature = std::sync::Arc::new(rollbook::store::SystemNature);
        drop(rollbook::store::SqliteStore::create(self.path("rollbook.db"), id, nature).unwrap());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).expect("a file");
        path.to_str().expect("a path").to_owned()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollbook"));
        command.args(arguments).current_dir(self.directory.path());
        let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in set.filter(|name| name.starts_with("ROLLBOOK_") || name.starts_with("LC_")) {
            command.env_remove(name);
        }
        command.env_remove("LANG").env("XDG_CONFIG_HOME", self.path("settings"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// With variables in its environment.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        Ran::of(command.output().expect("the program runs"))
    }

    pub(crate) fn ok(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran
    }

    /// Every file in it by name, with its bytes; a folder has none.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.directory.path()).expect("the directory");
        let file = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().expect("UTF-8");
            (name, fs::read(entry.path()).unwrap_or_default())
        };
        entries.map(|entry| file(entry.expect("an entry"))).collect()
    }

    /// Every byte in the ledger and beside it, without the vault.
    fn ledger_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in ["rollbook.db", "rollbook.db-wal"] {
            bytes.extend(fs::read(self.path(name)).unwrap_or_default());
        }
        bytes
    }
}

/// The handles of the small register.
fn handles() -> Vec<String> {
    let text = fs::read_to_string(SMALL).expect("the small register");
    let mut handles: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a fact"))
        .filter_map(|fact| fact["member"].as_str().map(ToOwned::to_owned))
        .collect();
    handles.sort();
    handles.dedup();
    handles
}

#[test]
fn answers_for_programs_have_fixed_shapes() {
    let home = Home::small();
    let at = ["--as-of", "2021-06-01", "--json"];
    let ask = |question| home.ok(&[&[question], &at[..]].concat()).json();
    assert_eq!(
        ask("headcount")[3],
        serde_json::json!({ "branch": "mill", "name": "Mill Lane and Weir", "members": 4 })
    );
    let totals = ask("totals");
    for name in ["branches", "members", "memberships", "posts"] {
        assert!(totals[name].is_u64(), "{totals}");
    }
    let tree = ask("tree");
    assert_eq!(tree[0]["parent"], Value::Null);
    assert_eq!(tree[1]["parent"], "lantern");
    let entry = &ask("roster")[0];
    for name in ["person", "branch", "branch_name", "role", "since"] {
        assert!(entry[name].is_string(), "{entry}");
    }
    assert_eq!(entry.get("member"), None);
    let lines = home.ok(&["headcount", "--as-of", "2021-06-01", "--ndjson"]).data;
    assert_eq!(lines.lines().count(), 7);
    let timeline = home.ok(&["timeline", "--branch", "mill", "--json"]).json();
    assert_eq!(timeline[0]["kind"], "BranchFormed");
    assert_eq!(home.ok(&["log", "--limit", "3", "--json"]).json()[0]["kind"], "LedgerOpened");
    assert_eq!(home.ok(&["verify", "--json"]).json()["sound"], true);
    assert_eq!(home.ok(&["status", "--json"]).json()["zone"], "UTC");
}

#[test]
fn data_and_remarks_go_their_own_ways_and_nothing_is_coloured() {
    let home = Home::small();
    let ran = home.ok(&["headcount", "--as-of", "2021-06-01"]);
    assert!(ran.data.starts_with("Branch "), "{ran:?}");
    assert!(ran.remarks.contains("2021-06-01"), "{ran:?}");
    assert!(ran.remarks.contains("Members: memberships"), "{ran:?}");
    assert!(home.ok(&["headcount", "--as-of", "2999-01-01"]).remarks.contains("Scheduled"));
    let quiet = home.ok(&["headcount", "--as-of", "2021-06-01", "--quiet"]);
    assert_eq!((quiet.data, quiet.remarks.as_str()), (ran.data, ""));
    assert_eq!(home.ok(&["headcount", "--json"]).remarks, "");
    for question in [&["roster"][..], &["tree"], &["verify"], &["status"], &["--help"]] {
        let ran = home.ok(question);
        assert!(!(ran.data + &ran.remarks).contains('\u{1b}'), "{question:?}");
    }
}

/// Whether a handle is there, but for a piece of a key: those are random, and now and then one has
/// `edda` in it.
fn stands_in(bytes: &[u8], handle: &str) -> bool {
    let of_a_key = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    let might_be_of_a_key = handle.bytes().all(|byte| of_a_key(&byte));
    let found = |(at, window): (usize, &[u8])| {
        let beside = [at.checked_sub(1), Some(at + handle.len())];
        let mut beside = beside.into_iter().flatten().filter_map(|at| bytes.get(at));
        window == handle.as_bytes() && !(might_be_of_a_key && beside.any(of_a_key))
    };
    bytes.windows(handle.len()).enumerate().any(found)
}

#[test]
fn no_handle_is_anywhere_unless_names_are_asked_for() {
    let home = Home::small();
    let mut said = String::new();
    for question in [
        &["roster", "--as-of", "2021-06-01"][..],
        &["roster", "--json"],
        &["log", "--limit", "1000", "--json"],
        &["log", "--limit", "1000"],
        &["timeline", "--branch", "riverside"],
        &["import", "facts", SMALL, "--all"],
        &["status"],
        &["verify", "--json"],
        &["demo"],
    ] {
        let ran = home.ok(question);
        said += &(ran.data + &ran.remarks);
    }
    let bytes = home.ledger_bytes();
    for handle in handles().iter().filter(|handle| handle.len() > 3) {
        assert!(!stands_in(said.as_bytes(), handle), "{handle} is said");
        assert!(!stands_in(&bytes, handle), "{handle} is in the ledger file");
    }
    let named = home.ok(&["roster", "--names", "--purpose", "a test", "--json"]).json();
    assert!(named.as_array().expect("a list").iter().any(|entry| entry["member"] == "maren"));
}

#[test]
fn to_learn_that_a_handle_is_taken_is_a_recorded_read() {
    let home = Home::new();
    home.ok(&["init"]);
    let rosa = ["register-person", "--name", "Rosa Example", "--handle", "r1"];
    home.ok(&rosa);
    let reads = || {
        let vault = rusqlite::Connection::open(home.path("rollbook.db.vault")).unwrap();
        let sql = "SELECT count(*) FROM reads WHERE purpose = 'register-person'";
        vault.query_one(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(reads(), 0);
    assert_eq!(home.run(&rosa).code, 6);
    assert_eq!(reads(), 1);
    assert_eq!(home.run(&[&rosa[..], &["--dry-run"]].concat()).code, 6);
    assert_eq!(reads(), 2);
}

#[test]
fn leaving_is_no_reason_to_tell_beside_the_leaving() {
    let told = Home::small().ok(&["timeline", "--branch", "mill"]).data;
    assert!(told.contains(" left mill") && !told.contains(": left"), "{told}");
}

#[test]
fn a_second_import_changes_nothing_and_acknowledges_line_by_line() {
    let home = Home::small();
    let before = home.ok(&["log", "--json", "--limit", "100000"]).data;
    let ran = home.ok(&["import", "facts", SMALL, "--ndjson"]);
    let last = ran.data.lines().last().expect("a line");
    let report: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(report["report"]["applied"], 0);
    assert_eq!(report["report"]["rows"][0]["code"], "held_until_formation");
    assert_eq!(home.ok(&["log", "--json", "--limit", "100000"]).data, before);
    let fresh = Home::new();
    let ran = fresh.ok(&["import", "facts", SMALL, "--ndjson"]);
    let steps: Vec<Value> =
        ran.data.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let phases: Vec<&str> = steps.iter().filter_map(|step| step["phase"].as_str()).collect();
    assert_eq!(phases, ["check", "apply"]);
    assert!(steps[1]["position"].is_u64());
}

#[test]
fn a_dry_run_records_nothing_and_makes_no_ledger() {
    let home = Home::new();
    let ran = home.ok(&["import", "facts", SMALL, "--dry-run", "--json"]);
    assert_eq!(ran.json()["report"]["dry_run"], true);
    assert!(!home.path("rollbook.db").exists());
    home.ok(&["init", "--zone", "UTC"]);
    let form = ["form-branch", "--code", "a", "--name", "Alpha", "--effective", "2020-01-01"];
    let preview = home.ok(&[&form[..], &["--dry-run", "--json"]].concat()).json();
    assert_eq!(preview["events"][0]["kind"], "BranchFormed");
    assert_eq!(home.ok(&["tree", "--json"]).json(), serde_json::json!([]));
    let answer = home.ok(&[&form[..], &["--json"]].concat()).json();
    assert_eq!(answer["effective"], "2020-01-01");
    assert_eq!(answer["positions"], serde_json::json!([3]));
    assert_eq!(answer["streams"][0]["version"], 1);
    let again =
        home.ok(&["do", "form-branch", "code=a", "name=Alpha", "effective=2020-01-01", "--json"]);
    assert_eq!(again.json()["positions"], serde_json::json!([]));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Home::small();
    let pipe = format!("'{}' log --limit 1000 | head -1", env!("CARGO_BIN_EXE_rollbook"));
    let script = format!("set -o pipefail; {pipe}");
    let mut bash = Command::new("bash");
    let ran = bash.args(["-c", &script]).current_dir(home.path("")).output().expect("bash");
    assert!(ran.status.success() && ran.stderr.is_empty(), "{ran:?}");
}

/// Whether this process may write wherever it likes, as root does.
pub(crate) fn permissions_do_not_bind(directory: &Path) -> bool {
    fs::write(directory.join("probe"), "").is_ok()
}
