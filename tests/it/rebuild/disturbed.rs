//! A rebuild beside a running import, asked all the while, and killed at random.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use events::Position;
use projections::{Cell, Filter, TABLES, Table, branches, memberships};
use rollbook::ledger::verify::verify_at;
use rollbook::ledger::{Location, Mode};
use rollbook::store::{SqliteStore, Store, SystemNature};
use rusqlite::Connection;

use super::each;
use crate::cli::Home;
use crate::support::dice::Dice;
use crate::support::facts::facts;

/// How often what serves is asked while it is rebuilt.
const ASKED: usize = 10_000;

/// How often a rebuild is killed; `ROLLBOOK_TEST_KILLS` says otherwise.
const KILLS: usize = 100;

/// How many facts are imported meanwhile; `ROLLBOOK_TEST_REBUILD_FACTS` says otherwise.
const FACTS: usize = 30_000;

/// How many facts are there before.
const FACTS_BEFORE: usize = 2_000;

/// How many facts an import brings beside a rebuild that is killed.
const FACTS_BESIDE: usize = 200;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// The first lines of a text.
fn beginning(text: &str, lines: usize) -> String {
    text.split_inclusive('\n').take(lines).collect()
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn opened(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Mode::Read, Arc::new(SystemNature)).unwrap()
}

async fn is_sound(path: &Path) {
    let found = verify_at(&Location::at(path), Arc::new(SystemNature), |_| {}).await.unwrap();
    assert!(found.is_sound(), "{:?}", found.findings);
    assert_eq!(found.skipped, Vec::<&str>::new());
}

/// What is answered for a past position: the same for ever.
async fn past(store: &SqliteStore, known_at: Position) -> Vec<Vec<(Cell, u64)>> {
    let mut answers = Vec::new();
    for table in TABLES {
        let column = table.columns[0].name;
        let column = table.columns.iter().find(|known| known.counted).map_or(column, |c| c.name);
        answers.push(store.count_by(table, &Filter::Known(known_at), column).await.unwrap());
    }
    answers
}

/// Asks until it is told to stop; every position has one answer, and the last one only grows.
async fn ask(store: &SqliteStore, known_at: Position, asked: &AtomicUsize, ends: &AtomicBool) {
    let expected = past(store, known_at).await;
    let now = Filter::Known(Position(u64::MAX));
    let mut known: HashMap<(&str, Position), Vec<(Cell, u64)>> = HashMap::new();
    let mut last: HashMap<&str, Position> = HashMap::new();
    while !ends.load(Ordering::Relaxed) {
        for table in [memberships::TABLE, branches::TABLE] {
            let before = position(store, table).await;
            let answer = store.count_by(table, &now, table.columns[2].name).await.unwrap();
            let after = position(store, table).await;
            assert!(before >= last.insert(table.name, after).unwrap_or_default());
            if before == after {
                let known = known.entry((table.name, after)).or_insert_with(|| answer.clone());
                assert_eq!(*known, answer, "{} at {after}", table.name);
            }
            asked.fetch_add(1, Ordering::Relaxed);
        }
        assert_eq!(past(store, known_at).await, expected);
        asked.fetch_add(TABLES.len(), Ordering::Relaxed);
    }
}

async fn position(store: &SqliteStore, table: &'static Table) -> Position {
    store.projected(table).await.unwrap().expect("it serves").position
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_a_rebuild_beside_an_import_see_whole_tables_alone() {
    let lines = number("ROLLBOOK_TEST_REBUILD_FACTS", FACTS);
    let home = Home::new();
    let text = facts(lines);
    let before = home.write("before.jsonl", beginning(&text, FACTS_BEFORE));
    let file = home.write("facts.jsonl", &text);
    home.ok(&["import", "facts", &before]);
    let path = home.path("rollbook.db");
    let known_at = opened(&path).head().await.unwrap().position;

    let (asked, ends) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let readers = [0, 1].map(|_| {
        let (store, asked, ends) = (opened(&path), Arc::clone(&asked), Arc::clone(&ends));
        tokio::spawn(async move { ask(&store, known_at, &asked, &ends).await })
    });
    let mut import = start(home.command(&["import", "facts", &file]));
    let (mut beside, mut rebuilds, mut imports) = (0, 0, true);
    while imports || asked.load(Ordering::Relaxed) < ASKED {
        assert!(!readers.iter().any(tokio::task::JoinHandle::is_finished), "a reader failed");
        let back = if rebuilds % 3 == 2 { &["--back"][..] } else { &[] };
        let report = home.ok(&[&["rebuild", "--json"], back].concat()).json();
        assert_eq!(each(&report, "served"), vec!["same"; TABLES.len()], "{report}");
        assert_eq!(each(&report, "swapped"), vec![true; TABLES.len()], "{report}");
        rebuilds += 1;
        imports = import.try_wait().unwrap().is_none();
        beside += usize::from(imports);
    }
    ends.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    assert!(import.wait().unwrap().success(), "the import was disturbed");
    println!(
        "{rebuilds} rebuilds, {beside} of them wholly beside the import; asked {} times",
        asked.load(Ordering::Relaxed)
    );
    assert!(beside >= 3, "{beside} rebuilds were over before the import was");
    assert_eq!(home.ok(&["import", "facts", &file, "--json"]).json()["report"]["events"], 0);
    is_sound(&path).await;
}

/// Kills a rebuild some time after it told of the n-th step; says whether it was under way.
fn run_and_kill(mut rebuild: Command, after: usize, pause: Duration) -> bool {
    let mut child = rebuild.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let told = BufReader::new(child.stdout.take().unwrap()).lines();
    told.take(after).for_each(drop);
    std::thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// What a killed rebuild left: whether a draft, and whether a table that never served.
fn left(home: &Home) -> (bool, bool) {
    let conn = Connection::open(home.path("rollbook.db")).unwrap();
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%\\_next\\_rows' ESCAPE '\\'";
    let next: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
    (home.path("rollbook.db.rebuild").exists(), next > 0)
}

#[tokio::test]
async fn a_killed_rebuild_leaves_the_old_one_serving() {
    let kills = number("ROLLBOOK_TEST_KILLS", KILLS);
    let home = Home::new();
    let text = facts(FACTS_BEFORE + (kills / 2 + 1) * FACTS_BESIDE);
    let file = home.write("facts.jsonl", beginning(&text, FACTS_BEFORE));
    home.ok(&["import", "facts", &file]);
    let path = home.path("rollbook.db");
    let known_at = opened(&path).head().await.unwrap().position;
    let expected = past(&opened(&path), known_at).await;
    home.ok(&["rebuild"]);

    // It tells of folding, of comparing each, of copying each, and of the end.
    let steps = u32::try_from(2 * TABLES.len() + 3).unwrap();
    let mut dice = Dice::new(2027);
    let (mut killed, mut drafts, mut nexts) = (0, 0, 0);
    for kill in 0..kills {
        let import = (kill % 2 == 1).then(|| {
            let lines = FACTS_BEFORE + (kill / 2 + 1) * FACTS_BESIDE;
            home.write("facts.jsonl", beginning(&text, lines));
            start(home.command(&["import", "facts", &file]))
        });
        let back = if kill % 5 == 4 { &["--back"][..] } else { &[] };
        let rebuild = home.command(&[&["rebuild", "--ndjson"], back].concat());
        let pause = Duration::from_micros(u64::from(dice.below(40_000)));
        killed += usize::from(run_and_kill(rebuild, dice.below(steps) as usize, pause));
        let (draft, next) = left(&home);
        (drafts, nexts) = (drafts + usize::from(draft), nexts + usize::from(next));
        assert_eq!(past(&opened(&path), known_at).await, expected, "kill {kill}");
        if let Some(mut import) = import {
            assert!(import.wait().unwrap().success(), "kill {kill}: the import was disturbed");
        }
        is_sound(&path).await;
    }
    println!("{killed} of {kills} killed; {drafts} drafts and {nexts} staged tables left behind");
    assert!(killed * 2 > kills && drafts * 4 > kills, "most kills come in the middle");
    assert!(nexts * 10 > kills, "many kills come while tables are copied");
    let report = home.ok(&["rebuild", "--json"]).json();
    assert_eq!(each(&report, "served"), vec!["same"; TABLES.len()]);
    assert_eq!(left(&home), (false, false));
    is_sound(&path).await;
}
