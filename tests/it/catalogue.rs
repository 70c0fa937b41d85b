//! The catalogue holds every text that is used, and none that is not, in every language.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use events::transfer::ClosedBecause;
use projections::branches::{ACTIVE, SUSPENDED, WINDING_UP};
use projections::questions::coverage::{DIMENSIONS, MEASURES};
use projections::questions::due::DUES;
use projections::questions::field::LINES;
use projections::questions::gaps::GAPS;
use projections::questions::holders::STATES;
use projections::questions::screening::FINDINGS;
use projections::questions::standing::DUE;
use projections::transfers;
use rollbook::commands::Refusal;
use rollbook::messages::{Language, Messages, keys};
use rollbook::{commands, ledger, policy};

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
    ledger::ClockRefusal::CODES.iter().for_each(|code| _ = add("refused", code));
    DUES.iter().for_each(|(code, _)| _ = add("due", code));
    FINDINGS.iter().for_each(|code| _ = add("screened", code));
    let faults = policy::file::FAULTS.iter().chain(events::policy::PROBLEMS);
    faults.for_each(|code| _ = add("problem", code));
    let phases = transfers::OPEN.iter().chain(&[transfers::ACCEPTED, transfers::UNMATCHED]);
    phases.for_each(|phase| _ = add("phase", phase));
    ClosedBecause::ALL.iter().for_each(|(code, _)| _ = add("closed", code));
    for measure in MEASURES.iter().chain(&["staff"]) {
        add("measure", measure);
        add("measure", &format!("{measure}-meaning"));
    }
    DIMENSIONS.iter().chain(&["age_band"]).for_each(|code| _ = add("dimension", code));
    LINES.iter().for_each(|code| _ = add("line", code));
    GAPS.iter().for_each(|code| _ = add("gap", code));
    events::RelationKind::ALL.iter().for_each(|(code, _)| _ = add("relation", code));
    events::branch::FormationMode::ALL.iter().for_each(|(code, _)| _ = add("mode", code));
    events::post::HoldingMode::ALL.iter().for_each(|(code, _)| _ = add("holding", code));
    events::reorganisation::PlanForm::ALL.iter().for_each(|(code, _)| _ = add("plan", code));
    DUE.iter().for_each(|code| _ = add("standing-due", code));
    STATES.iter().for_each(|code| _ = add("post", code));
    [ACTIVE, SUSPENDED, WINDING_UP].iter().for_each(|code| _ = add("phase", code));
    events::family::kinds().iter().for_each(|kind| _ = add("told", kind.name));
    coded_in_sources(&mut add);
    coded
}

/// The codes that stand in the sources alone.
fn coded_in_sources(add: &mut impl FnMut(&str, &str) -> bool) {
    let fact = sources("src/import/fact.rs");
    let identity = sources("src/ledger/identity.rs");
    let problems = after(&fact, &["(\"line\", \"", "(field, \"", "malformed(\""]);
    let problems = problems.into_iter().chain(pairs(&fact));
    let problems = problems.chain(after(&identity, &["malformed(\"", "problem: \""]));
    let requested = ["malformed(field, \"", "malformed(\"idempotency-key\", \""];
    let problems = problems.chain(after(&sources("src/ledger.rs"), &requested));
    problems.for_each(|code| _ = add("problem", &code));
    let letters = sources("src/import/letters.rs");
    let misfits = after(&letters, &["\"line\", \"", "misfit(\"", "problem: \""]);
    misfits.into_iter().for_each(|code| _ = add("problem", &code));
    let corrections = sources("src/import/corrections.rs");
    let bad = after(&corrections, &["problem: \"", "key, \""]);
    bad.into_iter().for_each(|code| _ = add("problem", &code));
    let plan = sources("src/import/plan.rs") + &sources("src/import.rs");
    let noted = after(&plan, &["\"noted\", \"", "\"held\", \""]);
    let noted = noted.into_iter().chain(after(&sources("src/commands/note.rs"), &["code: \""]));
    noted.for_each(|code| _ = add("note", &code));
    after(&plan, &["\"refused\", \""]).iter().for_each(|code| _ = add("refused", code));
    let failure = sources("src/cli/failure.rs") + &sources("src/cli/failure");
    let errors = after(&failure, &["\"error\", \"", "code = \"", "BROKEN_PIPE: &str = \""]);
    errors.into_iter().for_each(|code| _ = add("error", &code));
    let plain = failure.split("Self::plain(").skip(1).filter_map(|call| call.split('"').nth(1));
    plain.filter(|code| is_word(code)).for_each(|code| _ = add("error", code));
    after(&failure, &["\"problem\", \"", "problem(\""])
        .iter()
        .for_each(|code| _ = add("problem", code));
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
    let messages = Messages::of(Language::English);
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
    let unused = keys(Language::English).filter(|key| {
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
    for (language, stop) in [(Language::English, '.'), (Language::Chinese, '。')] {
        let messages = Messages::of(language);
        for key in coded().iter().filter(|key| key.starts_with("refused-")) {
            let text = messages.plain(key);
            assert!(text.ends_with(stop) && text.len() > 20, "{key}: {text}");
        }
    }
}

/// The texts of a language as they lie: by key, `key.hint` for a way out.
fn texts(language: Language) -> BTreeMap<String, String> {
    let path = format!("src/messages/{}.ftl", language.code());
    let source = sources(&path);
    let (mut texts, mut message, mut key) = (BTreeMap::new(), String::new(), String::new());
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        let mut text = line;
        match line.split_once(" =") {
            Some((name, rest)) if !name.starts_with(' ') => {
                (message, text) = (name.to_owned(), rest);
                key.clone_from(&message);
            }
            Some((name, rest)) if name.trim_start() == ".hint" => {
                (key, text) = (format!("{message}.hint"), rest);
            }
            Some(_) | None => {}
        }
        let whole: &mut String = texts.entry(key.clone()).or_default();
        whole.push_str(text);
        whole.push('\n');
    }
    texts.remove("");
    texts
}

/// The parameters that a text names.
fn parameters(text: &str) -> BTreeSet<&str> {
    let end = |rest: &str| rest.find(|c: char| !is_word(&c.to_string())).unwrap_or(rest.len());
    text.split('$').skip(1).map(|rest| &rest[..end(rest)]).collect()
}

/// What of one language differs from English: keys, ways out, and parameters.
fn differences(
    english: &BTreeMap<String, String>,
    other: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut found = Vec::new();
    let missing = english.keys().filter(|key| !other.contains_key(*key));
    found.extend(missing.map(|key| format!("{key} is missing")));
    for (key, text) in other {
        match english.get(key) {
            None => found.push(format!("{key} is superfluous")),
            Some(same) if parameters(same) != parameters(text) => {
                found.push(format!("{key} has other parameters"));
            }
            Some(_) => {}
        }
    }
    found
}

/// Whether a text has a Han character.
fn has_han(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}'))
}

/// Messages in which there is nothing to translate.
const WITHOUT_WORDS: &[&str] = &["demo-event", "help-choices", "preview-event", "separator"];

#[test]
fn every_language_says_the_same() {
    let english = texts(Language::English);
    let messages = english.keys().filter(|key| !key.ends_with(".hint"));
    assert_eq!(messages.count(), keys(Language::English).count());
    for language in Language::ALL.iter().copied() {
        assert_eq!(differences(&english, &texts(language)), Vec::<String>::new(), "{language:?}");
    }
}

#[test]
fn a_difference_between_languages_is_found() {
    let some = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    };
    let english = some(&[("a", "{ $x }"), ("b", "b"), ("b.hint", "{ $y ->\n [one] one\n}")]);
    let other = some(&[("a", "{ $x } { $x_y }"), ("b.hint", "{ $y }"), ("c", "c")]);
    let expected = ["b is missing", "a has other parameters", "c is superfluous"];
    assert_eq!(differences(&english, &other), expected);
}

#[test]
fn nothing_is_left_in_english() {
    let chinese = texts(Language::Chinese);
    let left = chinese.iter().filter(|(_, text)| !has_han(text)).map(|(key, _)| key.as_str());
    assert_eq!(left.collect::<Vec<_>>(), WITHOUT_WORDS);
}
