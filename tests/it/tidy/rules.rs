//! Every value that a body may set in its rules is read by something: a number that nothing asks
//! for would look like a rule and be none.

use std::collections::BTreeSet;

use super::source::{File, lines_with, program};
use super::{Complaints, finds};

/// Where the values are declared, read into a rule set, held against each other and listed: that
/// reads them for no rule.
const DECLARED: &[&str] = &["events/src/policy.rs", "events/src/policy/sections.rs"];
const HANDLED: &[&str] =
    &["events/src/policy/check.rs", "events/src/policy/former.rs", "events/src/samples"];

/// Values about what nobody can record yet: meetings, training, collected dues, and readers who may
/// not see people.
const WAITING: &[&str] = &[
    "cell_min",
    "collects_dues",
    "committee_meetings",
    "lectures",
    "member_hours",
    "members_meetings",
    "new_secretary_months",
    "reviews",
    "secretary_hours",
];

/// Values that no rule reads, and those that wait for one and are read already.
pub(super) fn unread(files: &[File]) -> Complaints {
    let program = program(files);
    let declares = |file: &&File| DECLARED.contains(&file.path.as_str());
    let handles = |file: &File| HANDLED.iter().any(|path| file.path.starts_with(path));
    let code: Vec<String> = program.iter().filter(|file| !handles(file)).map(File::code).collect();
    let is_read =
        |value: &str| code.iter().any(|code| !lines_with(code, &format!(".{value}")).is_empty());
    let mut complaints = Complaints::new();
    for file in program.iter().filter(declares) {
        for value in values(&file.code()) {
            let place = format!("{}: {value}", file.path);
            match (is_read(&value), WAITING.contains(&value.as_str())) {
                (false, false) => complaints.push(format!("{place}: no rule reads it")),
                (true, true) => complaints.push(format!("{place}: does not wait for a rule")),
                (true, false) | (false, true) => {}
            }
        }
    }
    complaints
}

/// The values that a file declares; a section is none, and its values are read through it.
fn values(code: &str) -> BTreeSet<String> {
    let fields = code.lines().filter_map(|line| line.strip_prefix("    pub "));
    let fields = fields.filter_map(|field| field.split_once(": "));
    let fields = fields.filter(|(name, _)| !name.contains('('));
    let is_section = |kind: &str| {
        let rules = kind.trim_end_matches(',');
        rules.ends_with("Rules") || rules.ends_with("Rules>")
    };
    fields.filter(|(_, kind)| !is_section(kind)).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn values_that_nothing_reads_are_found() {
    let declared = "pub struct Rules {\n    pub life: LifeRules,\n    pub months: u32,\n    \
                    pub lectures: u32,\n    pub reviews: u32,\n}\n";
    finds(
        unread,
        &[
            ("events/src/lib.rs", "mod policy;\n"),
            ("events/src/policy.rs", declared),
            ("events/src/policy/check.rs", "fn a(r: R) { r.months }\n"),
            ("src/a.rs", "fn a(r: R) { r.reviews }\n// r.months\n"),
        ],
        &[
            "events/src/policy.rs: months: no rule reads it",
            "events/src/policy.rs: reviews: does not wait for a rule",
        ],
    );
}
