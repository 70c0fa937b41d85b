//! The catalogue holds every text that is used, and none that is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rollbook::messages::{Messages, keys};
use rollbook::{commands, ledger};

/// The sources below a folder or in one file, without their tests.
fn sources(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if path.is_file() {
        let text = fs::read_to_string(path).expect("a source");
        return text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    }
    let mut entries: Vec<_> = fs::read_dir(path).expect("a folder").flatten().collect();
    entries.sort_by_key(fs::DirEntry::path);
    let entries = entries.iter().map(|entry| sources(entry.path().to_str().expect("a path")));
    entries.collect::<Vec<_>>().join("\n")
}

/// The string literals in a source.
fn literals(source: &str) -> BTreeSet<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    code.split('"').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The literals that stand right behind one of these beginnings.
fn after(source: &str, beginnings: &[&str]) -> BTreeSet<String> {
    let flat = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = BTreeSet::new();
    for beginning in beginnings {
        let hits = flat.split(beginning).skip(1);
        found.extend(hits.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    found.into_iter().filter(|word| is_word(word)).collect()
}

/// The codes that the program itself gives, each with its prefix.
fn coded() -> BTreeSet<String> {
    let mut coded = BTreeSet::new();
    let mut add = |prefix: &str, code: &str| coded.insert(format!("{prefix}-{code}"));
    for info in commands::all() {
        add("command", info.name);
        info.refusals.iter().for_each(|code| _ = add("refused", code));
        info.fields.iter().for_each(|field| _ = add("field", field.name));
    }
    ledger::COMMON_REFUSALS.iter().for_each(|code| _ = add("refused", code));
    events::RelationKind::ALL.iter().for_each(|(code, _)| _ = add("relation", code));
    events::branch::FormationMode::ALL.iter().for_each(|(code, _)| _ = add("mode", code));
    events::family::kinds().iter().for_each(|kind| _ = add("told", kind.name));
    let fact = sources("src/import/fact.rs");
    let identity = sources("src/ledger/identity.rs");
    let problems = after(&fact, &["(\"line\", \"", "(field, \"", "malformed(\""]);
    let problems = problems.into_iter().chain(pairs(&fact));
    let problems = problems.chain(after(&identity, &["malformed(\"", "problem: \""]));
    let problems = problems.chain(after(&sources("src/ledger.rs"), &["=> \""]));
    problems.for_each(|code| _ = add("problem", &code));
    let plan = sources("src/import/plan.rs") + &sources("src/import.rs");
    let noted = after(&plan, &["\"noted\", \"", "\"held\", \""]);
    let noted = noted.into_iter().chain(after(&sources("src/commands/note.rs"), &["code: \""]));
    noted.for_each(|code| _ = add("note", &code));
    after(&plan, &["\"refused\", \""]).iter().for_each(|code| _ = add("refused", code));
    let failure = sources("src/cli/failure.rs");
    let errors = after(&failure, &["\"error\", \"", "code = \"", "BROKEN_PIPE: &str = \""]);
    errors.into_iter().for_each(|code| _ = add("error", &code));
    let plain = failure.split("Self::plain(").skip(1).filter_map(|call| call.split('"').nth(1));
    plain.filter(|code| is_word(code)).for_each(|code| _ = add("error", code));
    after(&failure, &["\"problem\", \""]).iter().for_each(|code| _ = add("problem", code));
    let cli = sources("src/cli") + &sources("src/cli.rs");
    after(&cli, &["usage(\""]).iter().for_each(|code| _ = add("usage", code));
    after(&cli, &["text, \""]).iter().for_each(|code| _ = add("usage", code));
    let usage = sources("src/cli/usage.rs");
    let kinds = usage.split("(ErrorKind::").skip(1).filter_map(|kind| kind.split('"').nth(1));
    kinds.for_each(|code| _ = add("usage", code));
    after(&usage, &["=> \"", "{ \""]).iter().for_each(|code| _ = add("usage", code));
    let verify = sources("src/ledger/verify.rs");
    let found = after(
        &verify,
        &[
            "find(None, \"",
            "find(Some(position), \"",
            "find(position, \"",
            "find(Some(recorded.position), \"",
        ],
    );
    found.iter().for_each(|code| _ = add("finding", code));
    rollbook::cli::Exit::TABLE.iter().for_each(|(_, name)| _ = add("exit", name));
    coded
}

/// The second of two literals that stand in a pair: a field, and what is wrong with it.
fn pairs(source: &str) -> BTreeSet<String> {
    let flat = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = flat.split('"').collect();
    let pair = |window: &[&str]| {
        let stands = window[0].ends_with("((") || window[0].ends_with("ok_or((");
        (stands && window[2] == ", " && is_word(window[3])).then(|| window[3].to_owned())
    };
    words.windows(4).filter_map(pair).collect()
}

/// Prefixes of keys whose codes come from the record or from clap's arguments.
const OPEN: &[&str] = &["reason-", "outcome-", "option-", "command-", "finding-head"];

#[test]
fn no_text_is_missing() {
    let messages = Messages::english();
    let missing: Vec<String> = coded().into_iter().filter(|key| !messages.has(key)).collect();
    assert_eq!(missing, Vec::<String>::new());
    let cli = sources("src/cli") + &sources("src/cli.rs");
    let direct = ["text(\"", "plain(\"", "say(\"", "remark(\"", "item(\"", "tell(\"", "heading(\""];
    let flat = cli.split_whitespace().collect::<Vec<_>>().join(" ").replace("( \"", "(\"");
    let mut used = BTreeSet::new();
    for beginning in direct {
        let hits = flat.split(beginning).skip(1);
        used.extend(hits.filter_map(|rest| rest.split_once('"')).map(|(key, _)| key.to_owned()));
    }
    assert!(used.len() > 40, "{used:?}");
    let missing: Vec<_> = used.iter().filter(|key| !messages.has(key)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[test]
fn no_text_is_unused() {
    let used =
        literals(&(sources("src/cli") + &sources("src/cli.rs") + &sources("src/messages.rs")));
    let coded = coded();
    let unused = keys().filter(|key| {
        let meaning = key.strip_suffix("-meaning");
        let option = key.strip_prefix("option-").or_else(|| key.strip_prefix("command-"));
        let listed = OPEN.iter().any(|prefix| key.starts_with(prefix)) && option.is_none();
        !(used.contains(*key)
            || coded.contains(*key)
            || listed
            || meaning.is_some_and(|key| used.contains(key))
            || option.is_some_and(|name| used.contains(name) || name == "import-facts"))
    });
    assert_eq!(unused.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn every_refusal_is_a_sentence() {
    let messages = Messages::english();
    for key in coded().iter().filter(|key| key.starts_with("refused-")) {
        let text = messages.plain(key);
        assert!(text.ends_with('.') && text.len() > 20, "{key}: {text}");
    }
}
