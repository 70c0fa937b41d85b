//! One file per command, one line in its list, and a test for every refusal.

use super::Complaints;
use super::source::{File, lines_with};

const LIST: &str = "src/commands.rs";

/// Commands that are out of order, not where their line says, or in no line at all.
pub(super) fn listed(files: &[File]) -> Complaints {
    let mut complaints = Vec::new();
    let listed = files.iter().find(|file| file.path == LIST).map(list).unwrap_or_default();
    if listed.is_empty() {
        complaints.push(format!("{LIST}: lists no commands"));
    }
    for pair in listed.windows(2).filter(|pair| pair[0] >= pair[1]) {
        complaints.push(format!("{LIST}: {} stands before {}", pair[0].0, pair[1].0));
    }
    for file in command_files(files) {
        let code = file.code();
        let decided: Vec<_> = code
            .lines()
            .filter_map(|line| line.strip_prefix("impl Decide for ")?.split_whitespace().next())
            .collect();
        let module = file.path.trim_start_matches("src/commands/").trim_end_matches(".rs");
        let expected = listed.iter().filter(|(name, _)| name == module);
        let expected: Vec<_> = expected.map(|(_, command)| command.as_str()).collect();
        if decided != expected {
            let path = &file.path;
            complaints.push(format!("{path}: decides {decided:?}, listed is {expected:?}"));
        }
    }
    complaints
}

/// Refusals whose name does not occur in the tests of their command.
pub(super) fn refusals_tested(files: &[File]) -> Complaints {
    let mut complaints = Vec::new();
    for file in command_files(files) {
        let code = file.code();
        let (decision, tests) = code.split_once("mod tests {").unwrap_or((&code, ""));
        for refusal in refusals(decision) {
            if lines_with(tests, &refusal).is_empty() {
                complaints.push(format!("{}: {refusal} is not tested", file.path));
            }
        }
    }
    complaints
}

fn command_files(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.path.starts_with("src/commands/"))
}

/// The lines of the list: modules and commands.
fn list(file: &File) -> Vec<(String, String)> {
    let code = file.code();
    let block = code.split("\ncommands! {\n").nth(1).and_then(|rest| rest.split("\n}").next());
    let lines = block.unwrap_or_default().lines();
    let pairs = lines.filter_map(|line| line.trim().trim_end_matches(',').split_once("::"));
    pairs.map(|(module, command)| (module.to_owned(), command.to_owned())).collect()
}

/// The variants that a `refusals!` block declares: `Name("code")`, whose code is blank here.
fn refusals(code: &str) -> Vec<String> {
    let block = code.split("\nrefusals! {\n").nth(1).and_then(|rest| rest.split("\n}").next());
    let lines = block.unwrap_or_default().lines();
    let names = lines.filter_map(|line| Some(line.trim().split_once('(')?.0));
    let names = names.filter(|name| !name.is_empty() && name.chars().all(char::is_alphanumeric));
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    const TAKE: (&str, &str) = ("src/commands/take_post.rs", "impl Decide for TakePost {}");
    const HELPER: (&str, &str) = ("src/commands/shared.rs", "fn code_of() {}");

    #[test]
    fn a_list_that_does_not_fit_its_files_is_found() {
        let good = ("src/commands.rs", "\ncommands! {\n    take_post::TakePost,\n}\n");
        finds(listed, &[good, TAKE, HELPER], &[]);
        let empty = ("src/commands.rs", "\ncommands! {\n}\n");
        let expected = [
            "src/commands.rs: lists no commands",
            "src/commands/take_post.rs: decides [\"TakePost\"], listed is []",
        ];
        finds(listed, &[empty, TAKE], &expected);
        let text = "\ncommands! {\n    take_post::TakePost,\n    leave_post::LeavePost,\n}\n";
        let leave = ("src/commands/leave_post.rs", "impl Decide for LeavePost {}");
        let expected = ["src/commands.rs: take_post stands before leave_post"];
        finds(listed, &[("src/commands.rs", text), TAKE, leave], &expected);
        let two = "impl Decide for TakePost {}\nimpl Decide for LeavePost {}";
        let expected = "src/commands/take_post.rs: decides [\"TakePost\", \"LeavePost\"], \
                        listed is [\"TakePost\"]";
        finds(listed, &[good, (TAKE.0, two)], &[expected]);
    }

    #[test]
    fn a_refusal_without_a_test_is_found() {
        let text = "\nrefusals! {\n    /// Why.\n    TakePostRefusal {\n\
                    /// Not (yet) there.\n\
                    BranchUnknown(\"branch_unknown\") { branch: BranchId },\n\
                    NotAtHome(\"not_at_home\") {},\n    }\n}\n\
                    mod tests {\n    Refusal::BranchUnknown;\n}";
        let expected = ["src/commands/take_post.rs: NotAtHome is not tested"];
        finds(refusals_tested, &[(TAKE.0, text)], &expected);
    }
}
