//! Everything that people read in each language; what programs read in none.

use super::{Home, SMALL};

/// Whether a text has a Han character.
fn has_han(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}'))
}

/// How many columns of a terminal a character takes: Han characters and their punctuation two.
fn width(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => 2,
        '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' => 2,
        _ => 1,
    }
}

/// Which columns of a terminal are blank in a line.
fn blanks(line: &str) -> Vec<bool> {
    line.chars().flat_map(|c| std::iter::repeat_n(c == ' ', width(c))).collect()
}

/// How many gaps of two columns or more there are in all of these lines at the same place.
fn gaps(lines: &[&str]) -> usize {
    let lines: Vec<Vec<bool>> = lines.iter().map(|line| blanks(line)).collect();
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let is_blank = |column| lines.iter().all(|line| line.get(column).copied().unwrap_or(true));
    let columns: Vec<bool> = (0..columns).map(is_blank).collect();
    let runs = columns.chunk_by(|one, other| one == other);
    runs.filter(|run| run[0] && run.len() > 1).count()
}

/// That a table is one: its columns stand below their heads.
#[track_caller]
fn aligned(table: &str) {
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines.len() > 1, "{table}");
    assert_eq!(gaps(&lines), gaps(&lines[..1]), "\n{table}");
}

/// The small register, and branches with names that are wide on a terminal.
fn wide() -> Home {
    let home = Home::small();
    for (code, name) in [("城北", "城北街道第一支部"), ("e", "E"), ("河", "河滨支部 B")]
    {
        let form = ["form-branch", "--effective", "2021-01-01", "--code", code, "--name", name];
        home.ok(&form);
    }
    home
}

#[test]
fn a_table_out_of_line_is_found() {
    assert_eq!(gaps(&["支部  名称", "mill  Mill"]), 1);
    assert_eq!(gaps(&["支部  名称", "m     Mill"]), 1);
    assert_eq!(gaps(&["支部    名称", "城北支部  Mill", "mill  Mill"]), 0);
}

#[test]
fn tables_are_aligned_in_every_language() {
    let home = wide();
    for lang in ["en", "zh"] {
        for question in [
            &["headcount", "--as-of", "2021-06-01"][..],
            &["headcount", "--from", "2021-06-01", "--until", "2021-07-01"],
            &["headcount", "--from", "2021-06-01", "--until", "2021-06-03", "--by", "branch"],
            &["totals", "--as-of", "2021-06-01"],
            &["tree", "--as-of", "2021-06-01"],
            &["roster", "--as-of", "2021-06-01"],
            &["roster", "--as-of", "2021-06-01", "--names", "--purpose", "a test"],
            &["timeline", "--branch", "mill"],
            &["flows", "--from", "2020-01-01", "--until", "2021-01-01", "--period", "month"],
            &["log", "--limit", "100"],
            &["status"],
            &["config", "show", "--origin"],
        ] {
            let ran = home.ok(&[question, &["--lang", lang]].concat());
            aligned(&ran.data);
            let head = ran.data.lines().next().expect("a head");
            assert_eq!(has_han(head), lang == "zh", "{question:?}: {ran:?}");
        }
    }
    // The last column is flush right, so all lines are equally wide.
    let ran = home.ok(&["headcount", "--as-of", "2021-06-01", "--lang", "zh"]);
    let widths = ran.data.lines().map(|line| line.chars().map(width).sum::<usize>());
    let widths: std::collections::BTreeSet<_> = widths.collect();
    assert_eq!(widths.len(), 1, "{}", ran.data);
}

#[test]
fn chinese_is_spoken_everywhere() {
    let home = wide();
    let file = home.write("bad.jsonl", "{\n");
    for arguments in [
        &["demo"][..],
        &["--help"],
        &["help", "exit-codes"],
        &["help", "transfer-member"],
        &["transfer-member", "--help"],
        &["init", "--ledger", "sqlite:other.db"],
        &["form-branch", "--code", "z", "--name", "Z", "--dry-run"],
        &["form-branch", "--code", "z", "--name", "Z"],
        &["import", "facts", SMALL],
        &["verify"],
        &["rename-branch", "--branch", "mill", "--name", "x"],
        &["timeline", "--branch", "nowhere"],
        &["headcount", "--as-of", "2023-02-29"],
        &["headcount", "--day-rule", "noon"],
        &["headcount", "--nothing"],
        &["import", "facts", &file],
    ] {
        let ran = home.run(&[&["--lang", "zh"], arguments].concat());
        let said = ran.data + &ran.remarks;
        let usage = |line: &str| line.contains("[OPTIONS]") || line.trim_start().starts_with('-');
        for line in said.lines().filter(|line| !line.is_empty() && !usage(line)) {
            let verbatim = line.contains("--ledger sqlite:")
                || line.contains("export ROLLBOOK_LEDGER=")
                || line.trim_start().starts_with(env!("CARGO_BIN_EXE_rollbook"));
            assert!(has_han(line) || verbatim, "{arguments:?}: {line}");
        }
        assert!(has_han(&said), "{arguments:?}: {said}");
        for english in ["error", "hint", "Usage", "Options", " the "] {
            assert!(!said.contains(english), "{arguments:?}: {english} in {said}");
        }
    }
}

#[test]
fn what_programs_read_is_the_same_in_every_language() {
    let home = wide();
    for question in [
        &["roster", "--json"][..],
        &["tree", "--json"],
        &["log", "--ndjson"],
        &["status", "--json"],
        &["verify", "--json"],
    ] {
        let english = home.ok(question).data;
        assert_eq!(home.ok(&[question, &["--lang", "zh"]].concat()).data, english);
    }
    let json = ["rename-branch", "--branch", "mill", "--name", "x", "--json", "--lang", "zh"];
    let error = home.run(&json).remarks;
    let error: serde_json::Value = serde_json::from_str(&error).expect("JSON");
    assert_eq!(error["error"]["code"], "branch_dissolved");
    assert!(has_han(error["error"]["message"].as_str().expect("a sentence")), "{error}");
}

#[test]
fn a_flag_a_variable_and_the_locale_choose_the_language_in_that_order() {
    let home = Home::new();
    let is_chinese = |arguments: &[&str], variables: &[(&str, &str)]| {
        let ran = home.run_with(arguments, variables);
        has_han(&(ran.data + &ran.remarks))
    };
    assert!(!is_chinese(&["--help"], &[]));
    assert!(is_chinese(&["--help"], &[("LANG", "zh_CN.UTF-8")]));
    assert!(!is_chinese(&["--help"], &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")]));
    let both = [("LANG", "zh_CN.UTF-8"), ("ROLLBOOK_LANG", "en")];
    assert!(!is_chinese(&["headcount"], &both));
    assert!(is_chinese(&["headcount", "--lang", "zh"], &both));
    assert!(is_chinese(&["--lang=zh", "headcont"], &both), "a command that does not exist");
}

#[test]
fn an_unknown_language_is_told_with_the_choices() {
    let home = Home::new();
    let ran = home.run(&["headcount", "--lang", "fr"]);
    assert_eq!((ran.code, ran.data.as_str()), (2, ""), "{ran:?}");
    assert!(ran.remarks.contains("--lang") && ran.remarks.contains("en, zh"), "{ran:?}");
    let ran = home.run_with(&["headcount"], &[("ROLLBOOK_LANG", "fr")]);
    assert_eq!((ran.code, ran.data.as_str()), (2, ""), "{ran:?}");
    assert!(ran.remarks.contains("ROLLBOOK_LANG") && ran.remarks.contains("en, zh"), "{ran:?}");
}
