//! A summary of members, which is read in the place of their tables, and goes with them.

use std::sync::Arc;

use rollbook::runner::summary::{self, Pace};
use rollbook::store::{Mode, SqliteStore, Store, SystemNature};

use super::{by_hand, is_sound, tables_named};
use crate::cli::Home;

/// Has a summary of members kept, which only a long record has otherwise.
fn summarize(home: &Home) {
    let (path, nature) = (home.path("rollbook.db"), Arc::new(SystemNature));
    let store = SqliteStore::open(path, Mode::Write, nature).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let until = store.head().await.unwrap().position;
        let pace = Pace { events_min: 1, ..Pace::default() };
        summary::follow(&store, until, pace).await.unwrap();
    });
    assert!(has_summary(home));
}

fn has_summary(home: &Home) -> bool {
    tables_named(home, "rollbook_summary").len() == 1
}

const MEMBERS: [&[&str]; 3] = [
    &["headcount", "--as-of", "2021-06-01", "--json"],
    &["coverage", "--as-of", "2021-06-01", "--json"],
    &["totals", "--as-of", "2021-06-01", "--json"],
];

fn answers(home: &Home) -> [String; 3] {
    MEMBERS.map(|asked| home.ok(asked).data)
}

#[test]
fn a_summary_of_members_goes_with_the_tables_out_of_which_it_was_made() {
    let home = Home::small();
    let counted = answers(&home);
    for (arguments, stays) in [
        (&["rebuild", "posts"][..], true),
        (&["rebuild", "memberships"], false),
        (&["rebuild", "timeline"], false),
        (&["rebuild", "timeline", "--back"], false),
        (&["rebuild"], false),
        (&["rebuild", "--back"], false),
    ] {
        summarize(&home);
        assert_eq!(answers(&home), counted);
        is_sound(&home);
        home.ok(arguments);
        assert_eq!(has_summary(&home), stays, "{arguments:?}");
        is_sound(&home);
        by_hand(&home, "DROP TABLE IF EXISTS rollbook_summary");
    }
}

#[test]
fn a_summary_of_members_that_was_altered_is_found_and_dropped() {
    for (damage, is_read) in [
        // The last number of the last piece is another one.
        ("substr(piece, 1, length(piece) - 4) || x'63000000'", true),
        ("substr(piece, 2)", false),
        ("x''", false),
        ("zeroblob(length(piece))", false),
    ] {
        let home = Home::small();
        let counted = answers(&home);
        summarize(&home);
        by_hand(
            &home,
            &format!(
                "UPDATE rollbook_summary SET piece = CAST({damage} AS BLOB)
            WHERE from_day = (SELECT max(from_day) FROM rollbook_summary)"
            ),
        );
        let verified = home.run(&["verify", "--json"]);
        assert_eq!(verified.code, 3, "{damage}: {verified:?}");
        let findings = verified.json()["findings"].clone();
        assert_eq!(findings.as_array().unwrap().len(), 1, "{findings}");
        assert_eq!(findings[0]["problem"], "summary", "{findings}");
        for asked in MEMBERS {
            let asked = home.run(asked);
            assert_eq!(asked.code, if is_read { 0 } else { 3 }, "{damage}: {asked:?}");
        }
        home.ok(&["rebuild", "memberships"]);
        assert!(!has_summary(&home));
        is_sound(&home);
        assert_eq!(answers(&home), counted);
    }
}
