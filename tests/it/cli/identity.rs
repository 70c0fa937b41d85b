//! Who is who, from the registration of a double to its merge and back, as people meet it.

use serde_json::Value;

use super::Home;

const DAY: &str = "2026-01-05";

fn two_of_one_number() -> Home {
    let home = Home::new();
    home.ok(&["init", "--preset", "party", "--zone", "UTC"]);
    home.ok(&["form-branch", "--code", "north", "--name", "North", "--effective", "2026-01-01"]);
    for (handle, number) in [("ann", "110-1 x"), ("anna", "1101X"), ("bob", "7")] {
        let name = format!("{handle} Berg");
        home.ok(&[
            "register-person",
            "--handle",
            handle,
            "--name",
            &name,
            "--identity-number",
            number,
            "--effective",
            "2026-01-02",
        ]);
    }
    home
}

fn kinds(timeline: &Value) -> Vec<String> {
    let events = timeline.as_array().or_else(|| timeline["events"].as_array()).expect("events");
    let kind = |event: &Value| event["kind"].as_str().expect("a kind").to_owned();
    events.iter().map(kind).collect()
}

fn timeline(home: &Home, person: &str) -> Vec<String> {
    let asked = ["timeline", "--person", person, "--purpose", "a test"];
    kinds(&home.ok(&[&asked[..], &["--as-of", "2026-02-01", "--json"]].concat()).json())
}

fn admit(home: &Home, person: &str) -> (i32, String) {
    let admit = ["admit-member", "--person", person, "--branch", "north", "--effective", DAY];
    let ran = home.run(&admit);
    (ran.code, ran.remarks)
}

#[test]
fn a_double_blocks_admission_until_it_is_merged_and_a_merge_is_undone_without_a_trace() {
    let home = two_of_one_number();
    let listed = home.ok(&["members", "in-doubt", "--as-of", DAY, "--json"]).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    let (code, told) = admit(&home, "anna");
    assert_eq!(code, 5, "{told}");
    assert!(told.contains("may be the same as"), "{told}");
    assert_eq!(admit(&home, "bob").0, 0);

    let before = (timeline(&home, "ann"), timeline(&home, "anna"));
    home.ok(&["merge-persons", "--person", "anna", "--other", "ann", "--effective", DAY]);
    assert_eq!(admit(&home, "anna").0, 5, "under the id that counts no longer");
    assert_eq!(admit(&home, "ann").0, 0);
    let both = timeline(&home, "anna");
    assert_eq!(both, timeline(&home, "ann"), "one person has one timeline");
    assert!(both.contains(&"MembershipAdmitted".to_owned()), "{both:?}");

    let undo = ["unmerge-persons", "--person", "anna", "--other", "ann", "--effective"];
    home.ok(&[&undo[..], &["2026-01-20"]].concat());
    let is_merge = |kind: &String| kind == "PersonMerged" || kind == "PersonUnmerged";
    let own = |mut kinds: Vec<String>| {
        kinds.retain(|kind| !is_merge(kind) && kind != "MembershipAdmitted");
        kinds
    };
    assert_eq!(own(timeline(&home, "ann")), before.0);
    assert_eq!(own(timeline(&home, "anna")), before.1);
    assert!(!timeline(&home, "anna").contains(&"MembershipAdmitted".to_owned()));
}

/// Who stands in the roster, and how many members there are in all.
fn counted(home: &Home, place: &[&str]) -> (Vec<String>, u64) {
    let roster = home.ok(&[&["roster", "--json"], place].concat()).json();
    let rows = roster.as_array().expect("rows").iter();
    let person = |row: &Value| {
        let (person, branch) = (row["person"].as_str(), row["branch"].as_str());
        format!("{} {}", &person.expect("an id")[24..], branch.expect("a code"))
    };
    let totals = home.ok(&[&["totals", "--json"], place].concat()).json();
    (rows.map(person).collect(), totals["members"].as_u64().expect("a number"))
}

#[test]
fn roster_and_totals_follow_a_merge_and_its_end_on_both_axes() {
    let home = Home::new();
    home.ok(&["init", "--preset", "association", "--zone", "UTC"]);
    for (branch, number) in [("north", "a1"), ("south", "a2")] {
        let person = format!("00000000-0000-0000-0000-0000000000{number}");
        let form = ["form-branch", "--code", branch, "--name", branch, "--effective", "2026-01-01"];
        home.ok(&form);
        home.ok(&["register-person", "--person", &person, "--effective", "2026-01-02"]);
        let admit = ["admit-member", "--person", &person, "--branch", branch, "--effective", DAY];
        home.ok(&admit);
    }
    let known = home.ok(&["log", "--json"]).json().as_array().expect("events").len().to_string();
    let ids = ["00000000-0000-0000-0000-0000000000a2", "00000000-0000-0000-0000-0000000000a1"];
    let merge = |act, day| {
        home.ok(&[act, "--person", ids[0], "--other", ids[1], "--effective", day]);
    };
    merge("merge-persons", "2026-01-10");
    merge("unmerge-persons", "2026-01-20");
    let two = (vec!["0000000000a1 north".to_owned(), "0000000000a2 south".to_owned()], 2);
    let one = (vec!["0000000000a1 north".to_owned(), "0000000000a1 south".to_owned()], 1);
    assert_eq!(counted(&home, &["--as-of", "2026-01-09"]), two);
    assert_eq!(counted(&home, &["--as-of", "2026-01-10"]), one);
    assert_eq!(counted(&home, &["--as-of", "2026-01-19"]), one);
    assert_eq!(counted(&home, &["--as-of", "2026-01-20"]), two);
    assert_eq!(counted(&home, &["--as-of", "2026-01-10", "--known-at", &known]), two);
}

#[test]
fn two_people_declare_two_distinct() {
    let home = two_of_one_number();
    let declare = ["declare-distinct", "--person", "anna", "--other", "ann", "--effective", DAY];
    assert_eq!(home.run(&declare).code, 5, "one alone may not");
    home.ok(&[&declare[..], &["--approver", "bob"]].concat());
    assert_eq!(admit(&home, "anna").0, 0);
    assert_eq!(admit(&home, "ann").0, 0);
    let listed = home.ok(&["members", "in-doubt", "--as-of", DAY, "--json"]).json();
    assert_eq!(listed, serde_json::json!([]));
}

#[test]
fn a_person_is_found_with_a_purpose_and_by_a_former_name_too() {
    let home = two_of_one_number();
    home.ok(&["rename-person", "--person", "bob", "--name", "Robert Thal"]);
    let search = |text: &str, purpose: &[&str]| {
        home.ok(&[&["search", text, "--json"], purpose].concat()).json()
    };
    assert_eq!(search("berg", &[]), serde_json::json!([]));
    let asked = ["--purpose", "a test"];
    assert_eq!(search("berg", &asked).as_array().map(Vec::len), Some(3));
    let found = search("bob berg", &asked);
    assert_eq!(found[0]["name"], "Robert Thal");
    assert_eq!(search("ann", &asked).as_array().map(Vec::len), Some(2));
    assert_eq!(search("NORTH", &[])[0]["code"], "north");
    assert!(home.ok(&["search", "nowhere"]).remarks.contains("nowhere"));
    let bytes = home.ledger_bytes();
    assert!(!bytes.windows(6).any(|part| part == b"Robert"), "no name in the ledger");
}

#[test]
fn a_contract_elsewhere_makes_a_transfer_due() {
    let home = two_of_one_number();
    home.ok(&["form-branch", "--code", "south", "--name", "South", "--effective", "2026-01-01"]);
    home.ok(&[
        "register-host",
        "--code",
        "sun",
        "--name",
        "Sun",
        "--kind",
        "software",
        "--ownership",
        "private",
        "--staff",
        "40",
        "--effective",
        "2026-01-01",
    ]);
    home.ok(&[
        "attach-hosts",
        "--branch",
        "south",
        "--hosts",
        "sun",
        "--mode",
        "standalone",
        "--effective",
        "2026-01-01",
    ]);
    assert_eq!(admit(&home, "bob").0, 0);
    let employ = ["employ-member", "--person", "bob", "--host", "sun", "--effective", DAY];
    home.ok(&[&employ[..], &["--contract", "signed"]].concat());
    let duties = |day| home.ok(&["duties", "--as-of", day, "--json"]).json();
    assert_eq!(duties("2026-01-04"), serde_json::json!([]));
    let due = &duties("2026-01-15")[0];
    assert_eq!((&due["branch"], &due["towards"]), (&"north".into(), &"south".into()));
    assert_eq!((&due["reason"], &due["days"]), (&"contract".into(), &10.into()));
    assert!(home.ok(&["duties", "--as-of", "2026-01-15"]).data.contains("sun"));
}
