//! Manual pages: made from the command line, so nothing is missing in them.

use std::fs;

use rollbook::cli::Exit;

use super::Home;

/// A command of each kind.
const COMMANDS: [&str; 4] = ["transfer-member", "headcount", "completions", "import"];

#[test]
fn the_manual_has_a_page_for_each_command_and_every_exit_code() {
    let home = Home::new();
    let written = home.ok(&["man", "pages"]).data;
    let page = |name: &str| fs::read_to_string(home.path("pages").join(name)).expect("a page");
    assert_eq!(page("rollbook.1"), home.ok(&["man"]).data);
    for command in COMMANDS {
        assert!(written.contains(&format!("rollbook-{command}.1")), "{written}");
        assert!(page("rollbook.1").contains(&command.replace('-', "\\-")), "{command}");
    }
    assert!(page("rollbook-import-facts.1").contains("gzipped"));
    for name in ["rollbook.1", "rollbook-verify.1"] {
        let page = page(name);
        let (_, status) = page.split_once(".SH \"EXIT STATUS\"").expect("a section");
        for (exit, _) in Exit::TABLE {
            assert!(status.contains(&format!("\\fB{}\\fR", exit.code())), "{status}");
        }
    }
    assert_eq!(home.run(&["man", "pages/rollbook.1"]).code, 1, "a file is no directory");
    let pages = home.ok(&["man", "more", "--json"]).json();
    assert_eq!(pages["pages"].as_array().expect("a list").len(), written.lines().count());
}

#[test]
fn the_manual_speaks_chinese_too() {
    let page = Home::new().ok(&["man", "--lang", "zh"]).data;
    let headings = page.lines().filter(|line| line.starts_with(".SH "));
    assert!(headings.clone().count() > 5);
    assert!(headings.clone().all(|heading| !heading.contains(|c: char| c.is_ascii_lowercase())));
    let latin = |heading: &&str| heading.chars().skip(4).any(|c| c.is_ascii_alphabetic());
    assert_eq!(headings.filter(latin).collect::<Vec<_>>(), Vec::<&str>::new());
}
