//! Lengths, forgotten files, and what nobody wants to find in a file.

use super::Complaints;
use super::source::{File, lines_with, program, reached};

const FILE_LINES_MAX: usize = 500;
const LINE_CHARACTERS_MAX: usize = 100;

/// What stands for work undone or a check switched off.
const LEFTOVERS: &[&str] = &["todo!", "unimplemented!", "dbg!", "#[ignore", "#[path"];

/// Directories of particular machines. Put together here, or this file would name them.
const MACHINES: &[&str] = &[
    concat!("/", "work/"),
    concat!("/", "root/"),
    concat!("/", "tmp/"),
    concat!("/", "home/"),
    concat!("/", "Users/"),
];

/// Files and lines that are too long.
pub(super) fn lengths(files: &[File]) -> Complaints {
    let mut complaints = Vec::new();
    for File { path, text } in files {
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            complaints.push(format!("{path}: {lines} lines, at most {FILE_LINES_MAX}"));
        }
        for (number, line) in (1..).zip(text.lines()) {
            let characters = line.chars().count();
            if characters > LINE_CHARACTERS_MAX {
                complaints.push(format!("{path}:{number}: {characters} characters"));
            }
        }
    }
    complaints
}

/// Files that no `mod` declares: neither compiled nor tested.
pub(super) fn forgotten(files: &[File]) -> Complaints {
    let reached = reached(files);
    let forgotten = files.iter().filter(|file| !reached.contains_key(&file.path));
    forgotten.map(|file| format!("{}: no `mod` declares it", file.path)).collect()
}

/// What was left behind; `unwrap` outside tests too, where clippy would be asked to look away.
pub(super) fn leftovers(files: &[File]) -> Complaints {
    let mut complaints = Vec::new();
    let mut find = |file: &File, word: &str| {
        let lines = lines_with(&file.code(), word);
        complaints.extend(lines.iter().map(|line| format!("{}:{line}: {word}", file.path)));
    };
    for file in files {
        LEFTOVERS.iter().for_each(|word| find(file, word));
    }
    for file in program(files) {
        find(&file, ".unwrap()");
    }
    complaints
}

/// Paths of somebody's machine.
pub(super) fn machines(files: &[File]) -> Complaints {
    let mut complaints = Vec::new();
    for File { path, text } in files {
        for (number, line) in (1..).zip(text.lines()) {
            let absolute = |start: usize| {
                let before = line[..start].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || "._-}".contains(c))
            };
            let mut found = MACHINES
                .iter()
                .filter(|machine| line.match_indices(**machine).any(|(start, _)| absolute(start)));
            complaints.extend(found.next().map(|found| format!("{path}:{number}: {found}")));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    #[test]
    fn what_is_too_long_is_found() {
        finds(lengths, &[("a.rs", &"\n".repeat(500)), ("b.rs", &"ü".repeat(100))], &[]);
        let (long, wide) = ("\n".repeat(501), format!("\n{}", "ü".repeat(101)));
        let expected = ["a.rs: 501 lines, at most 500", "b.rs:2: 101 characters"];
        finds(lengths, &[("a.rs", &long), ("b.rs", &wide)], &expected);
    }

    #[test]
    fn forgotten_files_are_found() {
        let files = [
            ("src/lib.rs", "pub mod commands;\n// mod old;"),
            ("src/commands.rs", "mod shared;\ncommands! {\n    take_post::TakePost,\n}"),
            ("src/commands/shared.rs", ""),
            ("src/commands/take_post.rs", ""),
            ("src/old.rs", "mod older;"),
            ("src/old/older.rs", ""),
            ("tests/it/main.rs", "mod told;"),
            ("tests/it/told.rs", "mod inner {}"),
            ("tests/it/told/inner.rs", ""),
        ];
        let expected = [
            "src/old.rs: no `mod` declares it",
            "src/old/older.rs: no `mod` declares it",
            "tests/it/told/inner.rs: no `mod` declares it",
        ];
        finds(forgotten, &files, &expected);
    }

    #[test]
    fn leftovers_are_found() {
        let files = [
            ("src/lib.rs", "mod a;\n#[cfg(test)]\nmod given;"),
            ("src/a.rs", "fn f() { todo!() } // dbg!\nfn g() { f().unwrap() }"),
            ("src/given.rs", "fn f() { g().unwrap() }\n#[ignore]\nfn g() {}"),
        ];
        let expected = ["src/a.rs:1: todo!", "src/given.rs:2: #[ignore", "src/a.rs:2: .unwrap()"];
        finds(leftovers, &files, &expected);
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        let bad = MACHINES.iter().map(|machine| format!("cd {machine}a\n")).collect::<String>();
        let files = [File::new("tests/run", &bad)];
        assert_eq!(machines(&files).len(), MACHINES.len());
        finds(machines, &[("a.md", concat!("https://example.org/", "work/ and ./tmp", "/a"))], &[]);
    }
}
