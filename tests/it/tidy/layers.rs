//! Imports follow the arrow: request, command, decide, events, store, projections, query.

use super::Complaints;
use super::source::{File, lines_with, program};

/// Each room of `src`, and the rooms that it may import from. A new arrow is a commit of its own.
const ROOMS: &[(&str, &[&str])] = &[
    ("actor", &[]),
    (
        "cli",
        &[
            "actor", "commands", "config", "demo", "import", "ledger", "messages", "policy",
            "store", "vault",
        ],
    ),
    ("commands", &["actor", "state"]),
    ("config", &["messages"]),
    ("demo", &["commands"]),
    ("files", &[]),
    ("import", &["actor", "commands", "ledger", "store", "vault"]),
    ("ledger", &["actor", "commands", "files", "policy", "runner", "state", "store", "vault"]),
    ("lib", &[]),
    ("main", &[]),
    ("messages", &[]),
    ("policy", &[]),
    ("runner", &["store"]),
    ("state", &[]),
    ("store", &["commands", "files", "state"]),
    ("vault", &["files"]),
];

/// Where nothing touches the world.
const PURE: &[&str] = &[
    "events/src/",
    "projections/src/",
    "src/actor.rs",
    "src/commands.rs",
    "src/commands/",
    "src/demo.rs",
    "src/demo/",
    "src/state.rs",
    "src/state/",
];

/// The modules of `std` that touch the world.
const WORLDLY: &[&str] = &["env", "fs", "io", "net", "process", "thread", "time"];

/// Whatever else touches the world, by the words that give it away.
const WORLDLY_WORDS: &[&str] = &[
    "now(",
    "new_v4(",
    "new_v7(",
    "getrandom",
    "rand::",
    "tokio",
    "rusqlite",
    "sqlx",
    "cqrs_es",
    "tracing",
    "println!",
    "eprintln!",
];

/// Words that belong to certain files alone.
const FENCED: &[(&str, &[&str])] = &[
    ("cqrs_es", &["src/store/cqrs.rs"]),
    ("postgres_es", &["src/store/postgres.rs"]),
    ("rusqlite", &["src/store.rs", "src/store/", "src/vault.rs", "src/vault/"]),
    ("sqlx", &["src/store/postgres.rs", "src/store/postgres/"]),
];

/// Where the words of SQL may stand.
const SQL_ROOMS: &[&str] = &["src/store.rs", "src/store/", "src/vault.rs", "src/vault/"];

const SQL_WORDS: &[&str] = &[
    "SELECT",
    "INSERT INTO",
    "UPDATE",
    "DELETE FROM",
    "CREATE TABLE",
    "PRAGMA",
    "BEGIN IMMEDIATE",
];

/// Every import that runs against the arrow, and every exception that is one no longer.
pub(super) fn arrows(files: &[File]) -> Complaints {
    let mut complaints = Vec::new();
    for file in program(files) {
        let Some(room) = file.room() else { continue };
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            complaints.push(format!("{}: no line in ROOMS says what it may import", file.path));
            continue;
        };
        for (line, path) in paths(&file.code(), "crate") {
            let other = path.split("::").next().unwrap_or(&path);
            if other != room && !may.contains(&other) {
                complaints.push(format!("{}:{line}: {room} imports crate::{path}", file.path));
            }
        }
    }
    complaints.extend(crates(files));
    complaints
}

/// The pure crates know nothing of those that use them.
fn crates(files: &[File]) -> Complaints {
    let arrows = [
        ("events/src/", "projections"),
        ("events/src/", "rollbook"),
        ("projections/src/", "rollbook"),
    ];
    let mut complaints = Vec::new();
    for (file, (from, word)) in
        program(files).iter().flat_map(|file| arrows.map(|arrow| (file.clone(), arrow)))
    {
        if file.path.starts_with(from) {
            let path = format!("{word}::");
            complaints.extend(at(&file.path, &lines_with(&file.code(), &path), &path));
        }
    }
    complaints
}

/// Every place where what should be pure touches the world.
pub(super) fn purity(files: &[File]) -> Complaints {
    let mut complaints = Vec::new();
    for file in program(files) {
        if !PURE.iter().any(|pure| file.path.starts_with(pure)) {
            continue;
        }
        let code = file.code();
        for (line, path) in paths(&code, "std") {
            if WORLDLY.contains(&path.split("::").next().unwrap_or(&path)) {
                complaints.push(format!("{}:{line}: std::{path}", file.path));
            }
        }
        for word in WORLDLY_WORDS {
            complaints.extend(at(&file.path, &lines_with(&code, word), word));
        }
    }
    complaints
}

/// Every word that stands outside its rooms: SQL, its driver, cqrs-es, the environment.
pub(super) fn fences(files: &[File]) -> Complaints {
    let mut complaints = Vec::new();
    for file in program(files) {
        let within = |rooms: &[&str]| rooms.iter().any(|room| file.path.starts_with(room));
        let (code, literals) = (file.code(), file.literals());
        for (word, _) in FENCED.iter().filter(|(_, rooms)| !within(rooms)) {
            complaints.extend(at(&file.path, &lines_with(&code, word), word));
        }
        for word in SQL_WORDS.iter().filter(|_| !within(SQL_ROOMS)) {
            complaints.extend(at(&file.path, &lines_with(&literals, word), word));
        }
        for (line, path) in paths(&code, "std") {
            if path.split("::").next() == Some("env") && !within(&["src/config.rs"]) {
                complaints.push(format!("{}:{line}: std::{path}", file.path));
            }
        }
    }
    complaints
}

fn at(path: &str, lines: &[usize], what: &str) -> Complaints {
    lines.iter().map(|line| format!("{path}:{line}: {what}")).collect()
}

/// The paths that begin with a root, without it, each with its line; the first names in
/// `root::{…}` count one by one.
fn paths(code: &str, root: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices(&format!("{root}::")) {
        let line =
            code[..start].lines().count().max(1) + usize::from(code[..start].ends_with('\n'));
        let path = &code[start + root.len() + 2..];
        let Some(group) = path.strip_prefix('{') else {
            found.push((line, name(path)));
            continue;
        };
        let mut depth = 0;
        let outermost = group.split_inclusive(['{', '}', ',']).take_while(|piece| {
            let before = depth;
            depth += i32::from(piece.ends_with('{')) - i32::from(piece.ends_with('}'));
            before > 0 || !piece.starts_with('}')
        });
        let names = outermost.map(|piece| name(piece.trim_start())).filter(|name| !name.is_empty());
        found.extend(names.map(|name| (line, name)));
    }
    found
}

fn name(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect()
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    #[test]
    fn an_import_against_the_arrow_is_found() {
        let lib = ("src/lib.rs", "pub mod state;\n#[cfg(test)]\nmod given;");
        let state =
            ("src/state.rs", "//! crate::store\nuse crate::{\n    state::A, commands::B};\n");
        finds(arrows, &[lib, state], &["src/state.rs:2: state imports crate::commands::B"]);
        let state = ("src/state.rs", "fn f() {\n    crate::ledger::f();\n}");
        finds(arrows, &[lib, state], &["src/state.rs:2: state imports crate::ledger::f"]);
        let given = ("src/given.rs", "use crate::ledger;");
        finds(arrows, &[lib, given], &[]);
        let pantry = ("src/pantry.rs", "");
        let expected = ["src/pantry.rs: no line in ROOMS says what it may import"];
        finds(arrows, &[lib, pantry], &expected);
    }

    #[test]
    fn a_pure_crate_that_knows_its_users_is_found() {
        let events = ("events/src/lib.rs", "use projections::Row;");
        finds(arrows, &[events], &["events/src/lib.rs:1: projections::"]);
    }

    #[test]
    fn what_touches_the_world_is_found() {
        let text =
            "use std::{fmt, fs::File};\nfn f() { Timestamp::now(); } // now()\nuse std::fmt;";
        let expected = ["src/commands/a.rs:1: std::fs::File", "src/commands/a.rs:2: now("];
        finds(purity, &[("src/commands/a.rs", text)], &expected);
        finds(purity, &[("src/ledger.rs", text)], &[]);
        let tested = "#[cfg(test)]\nmod tests {\n    use std::fs;\n}";
        finds(purity, &[("events/src/a.rs", tested)], &[]);
    }

    #[test]
    fn words_outside_their_rooms_are_found() {
        let text = "// SELECT\nconst A: &str = \"SELECT 1\";\nuse cqrs_es::Query;\nuse std::env;";
        let expected = ["src/a.rs:3: cqrs_es", "src/a.rs:2: SELECT", "src/a.rs:4: std::env"];
        finds(fences, &[("src/a.rs", text)], &expected);
        let expected = ["src/store/a.rs:3: cqrs_es", "src/store/a.rs:4: std::env"];
        finds(fences, &[("src/store/a.rs", text)], &expected);
        finds(fences, &[("src/config.rs", "use std::env;")], &[]);
    }
}
