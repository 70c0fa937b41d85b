//! The demo: a synthetic city whose last day comes to the totals of a field study.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use events::Instant;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use projections::questions::gaps::GAPS;
use serde_json::Value;

use crate::cli::Home;

/// What the demo prints of the last day, in its first table.
const PRINTED: &[&[&str]] = &[
    &["Enterprises", "526"],
    &["… not publicly owned", "509", "96.8%"],
    &["… software and e-commerce", "458", "87.1%"],
    &["… with 50 staff or more", "117", "22.2%"],
    &["Staff", "32058"],
    &["Members", "2098"],
    &["… under 35", "1720", "82.0%"],
    &["Branches that count", "155"],
    &["Branches per 100 enterprises", "29.5"],
];

/// All that a ledger holds, for comparing two of them.
fn recorded(home: &Home, ledger: &str) -> (Value, Value) {
    let log = home.ok(&["log", "--json", "--limit", "1000000", "--ledger", ledger]).json();
    (log, home.ok(&["verify", "--json", "--ledger", ledger]).json())
}

#[test]
fn the_demo_prints_the_totals_and_is_the_same_every_time() {
    let (one, other) = (Home::new(), Home::new());
    let told = one.ok(&["demo"]).data;
    let rows: Vec<Vec<&str>> = told
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    for row in PRINTED {
        assert!(rows.iter().any(|found| found == row), "{row:?} is not in:\n{told}");
    }
    let widest = told.lines().filter(|line| !line.contains(env!("CARGO_BIN_EXE_rollbook")));
    assert!(widest.map(|line| line.chars().count()).max() <= Some(80), "{told}");
    assert_eq!(other.ok(&["demo"]).data, told);
    let again = one.ok(&["demo"]).data;
    assert_eq!(again.replace("rollbook-demo-2.db", "rollbook-demo.db"), told, "in a new file");
    assert_eq!(
        recorded(&one, "sqlite:rollbook-demo-2.db"),
        recorded(&one, "sqlite:rollbook-demo.db")
    );
    let (log, verification) = recorded(&one, "sqlite:rollbook-demo.db");
    assert_eq!(verification["sound"], true);
    assert_eq!((log.clone(), verification), recorded(&other, "sqlite:rollbook-demo.db"));
    follows_the_story(log.as_array().expect("a list"));
}

/// What is recorded of old goes by the rules, and the clock went along with the story.
fn follows_the_story(log: &[Value]) {
    let mut fridays = BTreeSet::new();
    let (mut backdated, mut late) = (0, 0);
    for event in log {
        let text = |field: &str| event[field].as_str().expect("a text").to_owned();
        let recorded: Instant = text("recorded_at").parse().expect("an instant");
        let recorded = recorded.to_zoned(TimeZone::UTC).date();
        let effective: Date = text("effective").parse().expect("a date");
        let days = effective.until(recorded).expect("two dates").get_days();
        assert!(days >= 0, "{event}");
        let is_approval = event["kind"] == "ReorganisationApproved";
        assert_eq!(event["approver"].is_string(), days > 365 || is_approval, "{event}");
        backdated += u32::from(days > 365);
        late += u32::from((8..=365).contains(&days) && fridays.len() > 1);
        fridays.insert(recorded);
    }
    assert!(fridays.len() > 100 && backdated > 1_000 && late > 10, "{backdated} {late}");
}

#[test]
fn every_kind_of_gap_occurs_and_every_command_to_copy_works() {
    let home = Home::new();
    let told = home.ok(&["demo", "--ledger", "sqlite:my demo.db"]).data;
    let ask = |question: &[&str]| {
        home.ok(&[question, &["--as-of", "2017-12-29", "--ledger", "sqlite:my demo.db"]].concat())
    };
    let gaps = ask(&["gaps", "--json"]).json();
    let gaps = gaps.as_array().expect("a list").iter();
    let kinds: BTreeSet<&str> = gaps.filter_map(|gap| gap["gap"].as_str()).collect();
    // Nobody was re-homed by force there.
    let all = GAPS.iter().copied().filter(|gap| *gap != "not_placed");
    assert_eq!(kinds, all.collect());
    let lives = ask(&["lifespans", "--json"]).json();
    let lives = lives["lives"].as_array().expect("a list").iter();
    let of_one_day = lives.filter(|life| life["days"] == 0 && life["censored"] == false);
    assert_eq!(of_one_day.count(), 9);
    let committees = ask(&["tree", "--json"]).json();
    let committees = committees.as_array().expect("a list").iter();
    let committees = committees.filter(|entry| entry["kind"] == "committee");
    assert_eq!(committees.count(), 17);
    let commands: Vec<&str> =
        told.lines().skip_while(|line| !line.contains("export ")).map(str::trim).collect();
    assert_eq!(commands.len(), 11, "{told}");
    let script = format!("set -e\n{}", commands.join("\n"));
    let mut bash = Command::new("bash");
    let ran = bash.args(["-c", &script]).current_dir(home.path("")).output().expect("bash");
    assert!(ran.status.success(), "{ran:?}");
    let said = String::from_utf8(ran.stdout).expect("UTF-8");
    assert!(said.contains("secretary") && said.contains("Sound: "), "{said}");
}

#[test]
fn a_scale_multiplies_every_total() {
    let home = Home::new();
    let totals = home.ok(&["demo", "--scale", "2", "--json"]).json();
    let hosts = &totals["totals"];
    let counted = ["hosts", "not_public", "staff", "members", "branches"].map(|it| &hosts[it]);
    assert_eq!(counted, [526 * 2, 509 * 2, 32_058 * 2, 2_098 * 2, 155 * 2]);
    assert_eq!(hosts["branches_per_100_hosts"], "29.5");
    let more = ["software_and_e_commerce", "staff_50_or_more", "members_under_35"];
    assert_eq!(more.map(|it| &totals[it]), [458 * 2, 117 * 2, 1_720 * 2]);
}

#[test]
fn what_is_no_scale_is_refused_before_anything_is_made() {
    let home = Home::new();
    for scale in ["0", "1001", "-1", "2.5", "many", "", "99999999999999999999"] {
        let ran = home.run(&["demo", &format!("--scale={scale}"), "--json"]);
        assert_eq!(ran.code, 2, "{scale}: {ran:?}");
        assert!(ran.remarks.contains(r#""code":"demo_scale""#), "{scale}: {ran:?}");
    }
    assert!(home.run(&["demo", "--scale", "0"]).remarks.contains("hint: "));
    assert_eq!(fs::read_dir(home.path("")).expect("the directory").count(), 0);
}

#[test]
fn a_ledger_that_is_there_is_left_as_it_is() {
    let home = Home::new();
    home.ok(&["init", "--ledger", "sqlite:rollbook-demo.db"]);
    let status = || home.ok(&["status", "--ledger", "sqlite:rollbook-demo.db"]).data;
    let before = status();
    let ran = home.run(&["demo", "--ledger", "sqlite:rollbook-demo.db", "--json"]);
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.remarks.contains(r#""code":"demo_exists""#), "{ran:?}");
    // The ledger in use is not where a demo goes, even while there is none.
    let ran = home.run_with(&["demo"], &[("ROLLBOOK_LEDGER", "sqlite:mine.db")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(home.path("rollbook-demo-2.db").exists() && !home.path("mine.db").exists());
    assert_eq!(status(), before);
}

/// The member or branch of a row of the eighth section, by what the row says.
fn about(told: &str, what: &str) -> String {
    let row = told.lines().find(|line| line.contains(what));
    let row = row.unwrap_or_else(|| panic!("{what} is not in:\n{told}"));
    row.split_whitespace().last().expect("the last column").to_owned()
}

/// The kinds of events that a timeline has, with the whole of it.
fn timeline(home: &Home, subject: &[&str]) -> (Vec<String>, Value) {
    let ask = [&["timeline", "--json", "--ledger", "sqlite:rollbook-demo.db"], subject].concat();
    let events = home.ok(&ask).json();
    let kinds = events.as_array().expect("a list").iter();
    let kinds = kinds.map(|event| event["kind"].as_str().expect("a kind").to_owned());
    (kinds.collect(), events)
}

/// Each of these kinds occurs, in this order, others perhaps in between.
fn in_order(kinds: &[String], expected: &[&str]) {
    let mut kinds_left = kinds.iter();
    for kind in expected {
        assert!(kinds_left.any(|it| it == kind), "{kind} is missing in {kinds:?}");
    }
}

#[test]
fn a_merger_a_split_two_letters_and_a_correction_are_on_their_timelines() {
    let home = Home::new();
    let told = home.ok(&["demo"]).data;
    let (_, section) = told.split_once("\n8. ").expect("the eighth section");
    let (merged, split) = (about(section, "a merger was"), about(section, "a split was"));
    let (kinds, events) = timeline(&home, &["--branch", &merged]);
    in_order(&kinds, &["ReorganisationPlanned", "BranchFormed", "HomeMoved", "BranchDissolved"]);
    let formed = events.as_array().expect("a list").iter();
    let mut formed = formed.filter(|event| event["kind"] == "BranchFormed");
    let formed = formed.next().expect("it was formed");
    assert_eq!(formed["payload"]["formed_from"].as_array().map(Vec::len), Some(2), "{formed}");
    let (kinds, _) = timeline(&home, &["--branch", &split]);
    in_order(&kinds, &["BranchFormed", "ReorganisationPlanned", "BranchFormed", "HomeMoved"]);
    let persons: Vec<&str> =
        told.lines().filter_map(|line| Some(line.split_once("timeline --person ")?.1)).collect();
    let [reissued, returned] = persons[..] else { panic!("{persons:?}") };
    let (kinds, _) = timeline(&home, &["--person", reissued]);
    let turns = ["TransferIssued", "TransferExpired", "TransferReissued", "TransferAccepted"];
    in_order(&kinds, &[&turns[..], &["HomeMoved"]].concat());
    let (kinds, events) = timeline(&home, &["--person", returned]);
    in_order(&kinds, &["TransferIssued", "TransferReturned"]);
    assert!(events.to_string().contains("papers_incomplete"), "{events}");
    assert!(!kinds.contains(&"HomeMoved".to_owned()), "{kinds:?}");
    is_restated(&home, section);
}

/// What was corrected is told otherwise since, and every plan was approved.
fn is_restated(home: &Home, section: &str) {
    let command = section.lines().find_map(|line| line.split_once(" diff ")).expect("a diff").1;
    let asked: Vec<&str> = command.split_whitespace().collect();
    let ledger = ["--json", "--ledger", "sqlite:rollbook-demo.db"];
    let diff = home.ok(&[&["diff"], &asked[..], &ledger[..]].concat()).json();
    let branches = diff["restated"].as_array().expect("a list");
    let [branch] = &branches[..] else { panic!("one branch is told of otherwise: {diff}") };
    let (then, now) = (branch["members"]["then"].as_u64(), branch["members"]["now"].as_u64());
    assert_eq!(then.map(|then| then + 1), now, "{diff}");
    for (count, words) in [(then, "before the correction"), (now, "since")] {
        let line = section.lines().find(|line| line.contains(words)).expect("a count");
        assert_eq!(line.split_whitespace().next(), count.map(|it| it.to_string()).as_deref());
    }
    let code = branch["branch"].as_str().expect("a code");
    let (kinds, _) = timeline(home, &["--branch", code]);
    in_order(&kinds, &["MembershipEnded", "EventRedated"]);
    let (log, _) = recorded(home, "sqlite:rollbook-demo.db");
    let log = log.as_array().expect("a list");
    let of_kind = |kind: &'static str| log.iter().filter(move |event| event["kind"] == kind);
    let approvals = of_kind("ReorganisationApproved");
    assert_eq!(approvals.filter(|event| event["approver"].is_string()).count(), 2);
    let key = |event: &Value| event["key"].as_str().map(ToOwned::to_owned);
    for executed in of_kind("ReorganisationExecuted") {
        let together = log.iter().filter(|event| key(event) == key(executed));
        let formed = together.filter(|event| event["kind"] == "BranchFormed");
        assert_eq!(formed.count(), 1, "one append: {executed}");
    }
    assert_eq!(of_kind("ReorganisationExecuted").count(), 2);
}
