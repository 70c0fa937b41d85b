//! A founding that is cut short can be finished, and is never taken for a ledger before.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::cli::Home;
use crate::support::dice::Dice;

/// How often `init` is killed.
const KILLS: u32 = 40;
/// Longer than `init` takes, so that some come to their end.
const MICROSECONDS_MAX: u32 = 40_000;

fn finish(home: &Home, what: &str) {
    let again = home.run(&["init"]);
    assert!([0, 6].contains(&again.code), "{what}: {} {}", again.code, again.remarks);
    let newcomer = ["register-person", "--name", "Rosa Example", "--handle", "r1"];
    home.ok(&newcomer);
    assert_eq!(home.run(&["verify"]).code, 0, "{what}");
}

#[test]
fn a_killed_init_is_finished_by_the_next_one() {
    let mut dice = Dice::new(7);
    for kill in 0..KILLS {
        let home = Home::new();
        let mut init = home.command(&["init"]);
        let mut init = init.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(dice.below(MICROSECONDS_MAX).into()));
        init.kill().unwrap();
        init.wait().unwrap();
        assert!([0, 10].contains(&home.run(&["verify"]).code), "kill {kill}");
        finish(&home, &format!("kill {kill}"));
    }
}

/// What a crash can leave of the files, from the first step to the last.
#[test]
fn whatever_a_crash_left_of_the_files_is_finished() {
    let founded = Home::new();
    founded.ok(&["init"]);
    let key = fs::read(founded.path("rollbook.db.key")).unwrap();
    for left in ["ledger", "blank key", "zeroes", "key", "vault draft"] {
        let home = Home::new();
        // The ledger comes first, without an event; the vault after its key.
        home.found_without_events();
        match left {
            "blank key" => _ = home.write("rollbook.db.key", ""),
            "zeroes" => _ = home.write("rollbook.db.key", [0; 65]),
            "key" => _ = home.write("rollbook.db.key", &key),
            "vault draft" => {
                home.write("rollbook.db.key", &key);
                home.write("rollbook.db.vault.new", "half a vault");
                home.write("rollbook.db.vault.new-wal", "half a log");
            }
            _ => {}
        }
        assert_eq!(home.run(&["verify"]).code, 10, "{left}: nothing to be sound");
        assert_eq!(home.run(&["headcount"]).code, 10, "{left}");
        finish(&home, left);
        assert!(!home.path("rollbook.db.vault.new").exists());
    }
}

#[test]
fn a_key_that_is_there_is_used_and_anything_else_in_its_place_is_left_alone() {
    let home = Home::new();
    let shared = home.write("shared.key", format!("{}\n", "5a".repeat(32)));
    home.ok(&["--key", &shared, "init"]);
    home.ok(&["--key", &shared, "register-person", "--name", "Rosa Example", "--handle", "r1"]);
    assert_eq!(fs::read_to_string(&shared).unwrap(), format!("{}\n", "5a".repeat(32)));
    let home = Home::new();
    let diary = home.write("diary.txt", "dear diary");
    assert_eq!(home.run(&["--key", &diary, "init"]).code, 12);
    assert_eq!(fs::read_to_string(&diary).unwrap(), "dear diary");
}
