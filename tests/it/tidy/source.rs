//! Source files as the checks see them: code, literals and test code told apart.

use std::collections::BTreeMap;
use std::path::Path;

/// A file of the house.
#[derive(Clone)]
pub(super) struct File {
    /// Its path from the top level.
    pub(super) path: String,
    /// What is in it.
    pub(super) text: String,
}

/// Where the module trees begin.
const ROOTS: &[&str] = &[
    "src/lib.rs",
    "src/main.rs",
    "events/src/lib.rs",
    "projections/src/lib.rs",
    "tests/it/main.rs",
    "tests/crash/shim/src/lib.rs",
    "tests/crash/src/main.rs",
    "tests/peers/src/main.rs",
    "tests/peers/memory/src/main.rs",
    "tests/peers/postgres-es/src/main.rs",
    "tests/peers/sqlite-es/src/main.rs",
    "tests/peers/tephra/src/main.rs",
    "tests/peers/workload/src/lib.rs",
    "tests/stubs/sqlx-sqlite/src/lib.rs",
];

const TEXT_BYTES_MAX: u64 = 1 << 20;

/// Every Rust file of the house.
pub(super) fn rust_files() -> Vec<File> {
    let files: Vec<_> = ["src", "events/src", "projections/src", "tests"]
        .into_iter()
        .flat_map(files_under)
        .filter(|file| is_rust(&file.path))
        .collect();
    assert!(files.len() > ROOTS.len(), "the sources are not where they should be");
    files
}

/// Every text file of the house, of whatever kind.
pub(super) fn text_files() -> Vec<File> {
    let files = files_under("");
    assert!(files.iter().any(|file| file.path == "Cargo.toml"), "this is not the top level");
    files
}

fn files_under(directory: &str) -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut pending) = (Vec::new(), vec![top.join(directory)]);
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let inside = path.strip_prefix(top).expect("under the top level");
            let inside = inside.to_str().expect("UTF-8").to_owned();
            if [".git", "target"].contains(&inside.as_str()) {
                continue;
            }
            if path.is_dir() {
                pending.push(path);
            } else if let Some(text) = text_in(&path) {
                found.push(File { path: inside, text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// What is in a file, unless it is too large or no text: somebody's ledger, say.
fn text_in(path: &Path) -> Option<String> {
    let bytes = path.metadata().ok()?.len();
    if bytes > TEXT_BYTES_MAX { None } else { std::fs::read_to_string(path).ok() }
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

impl File {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The code alone: comments and what is inside literals are blank, lines stay where they are.
    pub(super) fn code(&self) -> String {
        split(&self.text).0
    }

    /// What is inside literals alone.
    pub(super) fn literals(&self) -> String {
        split(&self.text).1
    }

    /// The file without the items that are compiled for tests only.
    pub(super) fn production(&self) -> Self {
        let code = self.code();
        let mut kept = Vec::new();
        let mut lines = code.lines().zip(self.text.lines());
        while let Some((code, text)) = lines.next() {
            if code.trim() != "#[cfg(test)]" {
                kept.push(text);
                continue;
            }
            kept.push("");
            let indent = code.len() - code.trim_start().len();
            for (code, _) in lines.by_ref() {
                kept.push("");
                let outermost = code.len() - code.trim_start().len() == indent;
                let ends = code.trim_end().ends_with(['}', ';']) && !code.trim().starts_with("#[");
                if outermost && ends {
                    break;
                }
            }
        }
        Self { path: self.path.clone(), text: kept.join("\n") }
    }

    /// The room of `src` in which the file lies.
    pub(super) fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        Some(inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs"))
    }

    /// The modules that it declares, each with whether it is for tests only.
    fn declares(&self) -> Vec<(String, bool)> {
        let code = self.code();
        let (mut found, mut for_tests, mut in_list) = (Vec::new(), false, false);
        for line in code.lines() {
            if let Some(name) = declared(line) {
                found.push((name.to_owned(), for_tests));
            }
            in_list = (in_list || line == "commands! {") && line != "}";
            if let (true, Some((module, _))) = (in_list, line.trim().split_once("::")) {
                found.push((module.to_owned(), false));
            }
            for_tests = line == "#[cfg(test)]" || (for_tests && line.starts_with("#["));
        }
        found
    }

    /// Where its child modules lie.
    fn children(&self) -> String {
        let stem = self.path.trim_end_matches(".rs");
        if ROOTS.contains(&self.path.as_str()) {
            return stem.rsplit_once('/').expect("a root lies in a directory").0.to_owned();
        }
        stem.to_owned()
    }
}

/// The module that a line declares, whose text is in a file of its own.
fn declared(line: &str) -> Option<&str> {
    let (visibility, module) = line.split_once("mod ")?;
    let plain = ["", "pub ", "pub(crate) ", "pub(super) "].contains(&visibility);
    module.strip_suffix(';').filter(|_| plain)
}

/// The files that are compiled, each with whether it is compiled for tests only.
pub(super) fn reached(files: &[File]) -> BTreeMap<String, bool> {
    let by_path: BTreeMap<_, _> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut reached = BTreeMap::new();
    let mut pending: Vec<_> =
        ROOTS.iter().map(|root| ((*root).to_owned(), root.starts_with("tests/"))).collect();
    while let Some((path, for_tests)) = pending.pop() {
        let Some(file) = by_path.get(path.as_str()) else { continue };
        for (module, declared_for_tests) in file.declares() {
            let child = format!("{}/{module}.rs", file.children());
            pending.push((child, for_tests || declared_for_tests));
        }
        reached.insert(path, for_tests);
    }
    reached
}

/// What becomes part of the program: neither test files nor test items.
pub(super) fn program(files: &[File]) -> Vec<File> {
    let reached = reached(files);
    let in_program = |file: &&File| !reached.get(&file.path).is_some_and(|for_tests| *for_tests);
    files.iter().filter(in_program).map(File::production).collect()
}

/// The lines of a text in which a word stands by itself, counted from 1.
pub(super) fn lines_with(text: &str, word: &str) -> Vec<usize> {
    let lines = (1..).zip(text.lines());
    lines.filter(|(_, line)| has_word(line, word)).map(|(number, _)| number).collect()
}

fn has_word(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back().is_some_and(part_of_name);
        let after = line[start + word.len()..].chars().next().is_some_and(part_of_name);
        !(before && word.starts_with(part_of_name) || after && word.ends_with(part_of_name))
    })
}

/// Tells code and literals apart: two texts with the lines of the first, each blank where the other
/// is not, and both where there is a comment.
fn split(text: &str) -> (String, String) {
    let (mut code, mut literals) = (String::new(), String::new());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_name = code.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let comment = comment_length(rest);
        let literal = if comment == 0 { literal_length(rest, after_name) } else { 0 };
        let length = (comment + literal).max(first.len_utf8());
        let (piece, remaining) = rest.split_at(length);
        code.push_str(&if comment + literal > 0 { blank(piece) } else { piece.to_owned() });
        literals.push_str(&if literal > 0 { piece.to_owned() } else { blank(piece) });
        rest = remaining;
    }
    (code, literals)
}

fn blank(piece: &str) -> String {
    piece.chars().map(|c| if c == '\n' { c } else { ' ' }).collect()
}

/// The length of the comment with which a text begins; 0 if it begins with none.
fn comment_length(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return text.find("*/").map_or(text.len(), |end| end + 2);
    }
    0
}

/// The length of the string or character with which a text begins; 0 if it begins with none.
fn literal_length(text: &str, after_name: bool) -> usize {
    if let Some(raw) = text.strip_prefix('r').filter(|_| !after_name) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = &raw[hashes + 1..];
            let end = body.find(&close).map_or(body.len(), |end| end + close.len());
            return 1 + hashes + 1 + end;
        }
    }
    if text.starts_with('"') {
        return quoted_length(text, '"');
    }
    let mut characters = text.chars().skip(1);
    let is_character = text.starts_with('\'')
        && (characters.next() == Some('\\') || characters.next() == Some('\''));
    if is_character { quoted_length(text, '\'') } else { 0 }
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return index + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

#[test]
fn code_literals_and_comments_are_told_apart() {
    let text =
        "let a = \"x // \\\" y\"; // \"no\"\nlet b: &'a str = r#\"q\"q\"#; '\"' '\\'' /* c */ d";
    let (code, literals) = split(text);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&code), ["let", "a", "=", ";", "let", "b:", "&'a", "str", "=", ";", "d"]);
    assert_eq!(words(&literals), ["\"x", "//", "\\\"", "y\"", "r#\"q\"q\"#", "'\"'", "'\\''"]);
    assert_eq!(code.lines().count(), 2);
}

#[test]
fn items_for_tests_are_no_part_of_the_program() {
    let text = "fn a() {}\n#[cfg(test)]\nmod given;\nfn b() {}\n#[cfg(test)]\n#[allow(x)]\n\
                mod tests {\n    fn c() {}\n}\nfn d() {}";
    let production = File::new("src/a.rs", text).production().text;
    let kept: Vec<_> = production.split_whitespace().filter(|word| word.contains('(')).collect();
    assert_eq!(kept, ["a()", "b()", "d()"]);
    assert_eq!(production.lines().count(), text.lines().count());
}

#[test]
fn words_stand_by_themselves() {
    assert_eq!(lines_with("nowhere\nnow()\nrenow()", "now("), [2]);
    assert_eq!(lines_with("a.unwrap()\nunwrap_key()", ".unwrap()"), [1]);
}
