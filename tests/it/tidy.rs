//! The house rules that a program can check, checked on the source text.
//!
//! A check takes files and returns complaints, so each is tried here on a house that breaks its
//! rule: a check that cannot fail is a defect.

mod commands;
mod layers;
mod locks;
mod rules;
mod samples;
mod shape;
mod source;

use source::{File, rust_files, text_files};

/// What is wrong, each as `path:line: what`.
type Complaints = Vec<String>;

#[track_caller]
fn tidy(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// That a check finds exactly these things in a house of these files.
#[track_caller]
fn finds(check: fn(&[File]) -> Complaints, files: &[(&str, &str)], expected: &[&str]) {
    let files: Vec<_> = files.iter().map(|(path, text)| File::new(path, text)).collect();
    assert_eq!(check(&files), expected);
}

#[test]
fn imports_follow_the_arrow() {
    tidy(&layers::arrows(&rust_files()));
}

#[test]
fn what_is_pure_does_no_io_reads_no_clock_and_rolls_no_dice() {
    tidy(&layers::purity(&rust_files()));
}

#[test]
fn sql_cqrs_and_the_environment_stay_in_their_rooms() {
    tidy(&layers::fences(&rust_files()));
}

#[test]
fn files_and_lines_stay_short() {
    tidy(&shape::lengths(&rust_files()));
}

#[test]
fn no_file_is_forgotten() {
    tidy(&shape::forgotten(&rust_files()));
}

#[test]
fn nothing_is_left_undone_or_switched_off() {
    tidy(&shape::leftovers(&rust_files()));
}

#[test]
fn no_path_of_somebodys_machine_is_in_a_file() {
    tidy(&shape::machines(&text_files()));
}

#[test]
fn commands_stand_in_order_one_to_a_file() {
    tidy(&commands::listed(&rust_files()));
}

#[test]
fn every_refusal_is_tested() {
    tidy(&commands::refusals_tested(&rust_files()));
}

#[test]
fn every_value_of_the_rules_is_read_by_a_rule() {
    tidy(&rules::unread(&rust_files()));
}

#[test]
fn locks_below_know_todays_dependencies() {
    tidy(&locks::known());
}

#[test]
fn samples_are_only_ever_added() {
    tidy(&samples::kept());
}
