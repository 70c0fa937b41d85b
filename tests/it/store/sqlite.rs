//! What the SQLite engine promises beside the contract: what it refuses to open, and what it does
//! when the file, the disk or another process gets in the way.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use events::{Guard, Position, StreamId};
use rollbook::store::Mode;
use rollbook::store::{Append, Batch, SqliteStore, Store, StoreError};
use rusqlite::Connection;
use tempfile::TempDir;

use super::support::{Seeded, admitted, append, branch, ended, ledger_id, person, record};

struct Folder {
    folder: TempDir,
}

impl Folder {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    fn create(&self) -> Result<SqliteStore, StoreError> {
        SqliteStore::create(self.path(), ledger_id(), Arc::new(Seeded::new(7)))
    }

    fn open(&self, mode: Mode) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(self.path(), mode, Arc::new(Seeded::new(8)))
    }

    /// A ledger with events, closed again.
    async fn filled(count: u64) -> Self {
        let folder = Self::new();
        let store = folder.create().unwrap();
        fill(&store, 0..count).await;
        folder
    }

    /// Somebody else's connection.
    fn raw(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// What opening says, for writing and for reading.
    fn refusals(&self) -> [StoreError; 2] {
        [Mode::Write, Mode::Read].map(|mode| self.open(mode).err().expect("refused"))
    }
}

async fn fill(store: &dyn Store, numbers: std::ops::Range<u64>) {
    for n in numbers {
        let events = vec![admitted(n, branch(n % 3)), ended(n, branch(n % 3), 2)];
        record(store, append(&n.to_string(), events)).await.unwrap();
    }
}

async fn position(store: &dyn Store) -> Position {
    store.head().await.unwrap().position
}

#[tokio::test]
async fn a_ledger_is_as_it_was_when_it_is_opened_again() {
    let folder = Folder::new();
    let store = folder.create().unwrap();
    fill(&store, 0..5).await;
    let head = store.head().await.unwrap();
    drop(store);
    for mode in [Mode::Write, Mode::Read] {
        let store = folder.open(mode).unwrap();
        assert_eq!((store.ledger(), store.head().await.unwrap()), (ledger_id(), head.clone()));
    }
    let store = folder.open(Mode::Write).unwrap();
    fill(&store, 5..6).await;
    assert_eq!(position(&store).await, Position(12));
    assert_eq!(store.check_engine().await.unwrap(), Vec::<String>::new());
}

/// What there is to look at: guards whose last touch is kept, and one whose streams tell it.
fn guards() -> Vec<Guard> {
    let members = (0..3).map(|n| Guard::MembersOf(branch(n)));
    members.chain([Guard::MembershipsOf(person(4))]).collect()
}

async fn looked(store: &SqliteStore) -> Vec<(Position, BTreeSet<StreamId>)> {
    let mut all = Vec::new();
    for guard in guards() {
        let looked = store.look(&guard).await.unwrap();
        assert!(looked.position > Position(0), "{guard} was touched");
        all.push((looked.position, looked.streams.into_iter().collect()));
    }
    all
}

#[tokio::test]
async fn the_tables_of_guards_follow_the_events_and_nobody_notices() {
    let folder = Folder::new();
    let store = folder.create().unwrap();
    fill(&store, 0..6).await;
    let stands = || -> i64 {
        folder.raw().query_row("SELECT guards_at FROM ledgers", [], |row| row.get(0)).unwrap()
    };
    let found = looked(&store).await;
    assert_eq!(stands(), 0, "they are behind");
    assert_eq!(looked(&folder.open(Mode::Read).unwrap()).await, found);
    let kept = folder.open(Mode::Read).unwrap().kept_guards().await.unwrap();
    drop(store);
    assert_eq!(stands(), 12, "who ends leaves nothing to do");
    assert_eq!(looked(&folder.open(Mode::Read).unwrap()).await, found);
    assert_eq!(folder.open(Mode::Read).unwrap().kept_guards().await.unwrap(), kept);
    // As a crash leaves them: anywhere between the first event and the last.
    let back = "DELETE FROM guards; DELETE FROM guard_streams; UPDATE ledgers SET guards_at = 0";
    folder.raw().execute_batch(back).unwrap();
    for mode in [Mode::Read, Mode::Write] {
        assert_eq!(looked(&folder.open(mode).unwrap()).await, found, "{mode:?}");
    }
    let store = folder.open(Mode::Write).unwrap();
    let stale = Append { looked: vec![(guards()[0].clone(), Position(1))], ..append("s", vec![]) };
    assert!(matches!(record(&store, stale).await, Err(StoreError::Conflict(_))));
}

#[tokio::test]
async fn the_tables_of_guards_do_not_stay_far_behind() {
    let folder = Folder::new();
    let store = folder.create().unwrap();
    for n in 0..10 {
        let numbers = 1_000 * n..1_000 * (n + 1);
        let appends = numbers.map(|n| append(&n.to_string(), vec![admitted(n, branch(n % 3))]));
        let batch = Batch { appends: appends.collect(), progress: None };
        store.append(batch).await.unwrap();
    }
    let found = looked(&store).await;
    assert_eq!(found[0].1.len(), 3_334);
    let at = "SELECT guards_at FROM ledgers";
    let at: i64 = folder.raw().query_row(at, [], |row| row.get(0)).unwrap();
    assert_eq!(at, 9_000);
    assert_eq!(looked(&folder.open(Mode::Read).unwrap()).await, found);
}

#[tokio::test]
async fn guards_that_are_further_than_the_events_are_damage() {
    let folder = Folder::filled(2).await;
    folder.raw().execute_batch("UPDATE ledgers SET guards_at = 9").unwrap();
    let refusal = folder.open(Mode::Write).err().expect("refused");
    assert!(matches!(refusal, StoreError::Corrupt { position: Some(5), .. }), "{refusal:?}");
    let reader = folder.open(Mode::Read).unwrap();
    assert!(reader.kept_guards().await.is_err());
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_events() {
    let folder = Folder::filled(2).await;
    let raw = folder.raw();
    for sql in [
        "UPDATE events SET payload = '{}' WHERE position = 1",
        "DELETE FROM events WHERE position = 4",
        "REPLACE INTO events SELECT * FROM events WHERE position = 1",
        "REPLACE INTO events SELECT 9, ledger, aggregate_type, aggregate_id, sequence, event_type, \
         event_version, '{}', metadata, recorded_at, effective, salt, leaf FROM events \
         WHERE position = 1",
        "REPLACE INTO events (rowid, ledger, aggregate_type, aggregate_id, sequence, \
         event_type, event_version, payload, metadata, recorded_at, effective, salt, leaf) \
         SELECT 1, ledger, 'x', 'x', 1, event_type, event_version, payload, metadata, \
         recorded_at, effective, salt, leaf FROM events WHERE position = 1",
    ] {
        let refused = raw.execute(sql, []).unwrap_err();
        let code = refused.sqlite_error().unwrap().extended_code;
        assert_eq!(code, rusqlite::ffi::SQLITE_CONSTRAINT_TRIGGER, "{sql}");
    }
}

#[tokio::test]
async fn a_second_writer_is_refused_and_readers_never_are() {
    let folder = Folder::new();
    let writer = folder.create().unwrap();
    assert!(matches!(folder.open(Mode::Write), Err(StoreError::AnotherWriter(_))));
    let reader = folder.open(Mode::Read).unwrap();
    fill(&writer, 0..3).await;
    assert_eq!(position(&reader).await, Position(6));
    let refused = record(&reader, append("k", Vec::new())).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly(_))));
    drop(writer);
    assert_eq!(position(&reader).await, Position(6));
    fill(&folder.open(Mode::Write).unwrap(), 3..4).await;
    assert_eq!(position(&reader).await, Position(8));
}

#[tokio::test]
async fn a_writer_waits_a_moment_for_another_one_to_end() {
    let folder = Folder::filled(1).await;
    let writer = folder.open(Mode::Write).unwrap();
    assert!(matches!(folder.open(Mode::WriteIfFree), Err(StoreError::AnotherWriter(_))));
    let ends = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        drop(writer);
    });
    fill(&folder.open(Mode::Write).unwrap(), 1..2).await;
    ends.join().unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_with_two_names_is_read_and_not_written() {
    let folder = Folder::filled(1).await;
    let other = folder.folder.path().join("other.db");
    fs::hard_link(folder.path(), &other).unwrap();
    assert!(matches!(folder.open(Mode::Write), Err(StoreError::ManyNames(_))));
    assert_eq!(position(&folder.open(Mode::Read).unwrap()).await, Position(2));
    fs::remove_file(other).unwrap();
    fill(&folder.open(Mode::Write).unwrap(), 1..2).await;
}

#[tokio::test]
async fn a_reader_is_served_while_another_process_holds_the_database() {
    let folder = Folder::filled(1).await;
    let store = folder.open(Mode::Write).unwrap();
    let raw = folder.raw();
    raw.execute_batch("BEGIN; SELECT count(*) FROM events;").unwrap();
    fill(&store, 1..2).await;
    assert_eq!(position(&store).await, Position(4));
    let seen: i64 = raw.query_row("SELECT max(position) FROM events", [], |r| r.get(0)).unwrap();
    assert_eq!(seen, 2, "the other process keeps its snapshot");
}

#[test]
fn nothing_there_is_no_ledger() {
    let folder = Folder::new();
    for refusal in folder.refusals() {
        assert!(matches!(refusal, StoreError::NoLedger(_)), "{refusal:?}");
    }
    assert_eq!(fs::read_dir(folder.folder.path()).unwrap().count(), 0, "nothing is left there");
}

#[test]
fn what_is_no_ledger_is_named_and_left_alone() {
    type Make = fn(&Path);
    let makes: [Make; 4] = [
        |path| fs::create_dir(path).unwrap(),
        |path| fs::write(path, "Dear members,\n".repeat(99)).unwrap(),
        |path| fs::write(path, "").unwrap(),
        |path| Connection::open(path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap(),
    ];
    for make in makes {
        let folder = Folder::new();
        make(&folder.path());
        let before = fs::read(folder.path()).ok();
        for refusal in folder.refusals() {
            assert!(matches!(refusal, StoreError::NotALedger(_)), "{refusal:?}");
        }
        assert_eq!(fs::read(folder.path()).ok(), before);
        assert!(!folder.folder.path().join("ledger.db.lock").exists());
        assert!(matches!(folder.create(), Err(StoreError::Exists(_))));
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = Folder::filled(1).await;
    folder.raw().pragma_update(None, "user_version", 5).unwrap();
    for refusal in folder.refusals() {
        assert!(matches!(refusal, StoreError::NewerSchema { found: 5, known: 4, .. }));
    }
}

#[tokio::test]
async fn a_damaged_head_is_corrupt_for_writers_and_open_to_inspection() {
    for damage in [
        "UPDATE ledgers SET frontier = x'00'",
        "UPDATE ledgers SET position = 3",
        "UPDATE ledgers SET recorded_at = 'noon'",
        "UPDATE ledgers SET recorded_at = NULL",
        "DROP TRIGGER events_are_not_deleted; DELETE FROM events WHERE position = 4",
    ] {
        let folder = Folder::filled(2).await;
        folder.raw().execute_batch(damage).unwrap();
        let refusal = folder.open(Mode::Write).err().expect("refused");
        assert!(matches!(refusal, StoreError::Corrupt { .. }), "{damage}: {refusal:?}");
        let reader = folder.open(Mode::Read).unwrap();
        assert!(reader.found(0, 9).await.unwrap().len() >= 3);
    }
}

#[tokio::test]
async fn a_missing_ledger_row_is_corrupt() {
    let folder = Folder::filled(1).await;
    folder.raw().execute_batch("DELETE FROM ledgers").unwrap();
    for refusal in folder.refusals() {
        assert!(matches!(refusal, StoreError::Corrupt { .. }));
    }
}

#[tokio::test]
async fn odd_rows_are_found_and_named() {
    let folder = Folder::filled(2).await;
    folder
        .raw()
        .execute_batch(
            "DROP TRIGGER events_are_not_changed;
            UPDATE events SET salt = x'0102' WHERE position = 2;
            UPDATE events SET payload = CAST(x'ff00fe' AS TEXT) WHERE position = 3;
            UPDATE events SET position = -5, effective = '' WHERE position = 4;",
        )
        .unwrap();
    let store = folder.open(Mode::Read).unwrap();
    let found = store.found(0, 9).await.unwrap();
    assert!(found[0].record.is_none() && found[1].record.is_some() && found[2].record.is_none());
    assert_eq!(found[3].record.as_ref().unwrap().payload, [0xff, 0x00, 0xfe]);
    assert_eq!((found[0].position, found[0].columns[7].len()), (-5, 0));
    let damaged = store.log(Position(0), 9).await.unwrap_err();
    assert!(matches!(damaged, StoreError::Corrupt { position: Some(2), .. }), "{damaged:?}");
    let complaints = store.check_engine().await.unwrap();
    assert_eq!(complaints, ["events_are_not_changed is missing from the schema"]);
}

#[tokio::test]
async fn damaged_pages_are_an_answer_and_not_a_panic() {
    let folder = Folder::filled(200).await;
    let mut bytes = fs::read(folder.path()).unwrap();
    let middle = bytes.len() / 4096 / 2 * 4096;
    for page in bytes[middle..].chunks_mut(4096) {
        page[..16].fill(0xa5);
    }
    fs::write(folder.path(), bytes).unwrap();
    let store = folder.open(Mode::Read).unwrap();
    assert!(!store.check_engine().await.unwrap().is_empty());
    let mut found = 0;
    let stopped = loop {
        match store.found(found, 16).await {
            Ok(rows) if rows.is_empty() => panic!("the damage was passed over"),
            Ok(rows) => found += rows.len() as u64,
            Err(error) => break error,
        }
    };
    let StoreError::Corrupt { position: Some(position), .. } = stopped else {
        panic!("{stopped:?}");
    };
    assert!(position > found && position <= found + 16, "{position} after {found}");
}

#[tokio::test]
async fn a_file_that_lost_its_end_is_corrupt() {
    let folder = Folder::filled(200).await;
    let file = fs::File::options().write(true).open(folder.path()).unwrap();
    file.set_len(3 * 4096).unwrap();
    drop(file);
    for refusal in folder.refusals() {
        assert!(matches!(refusal, StoreError::Corrupt { .. }), "{refusal:?}");
    }
}

#[tokio::test]
async fn a_full_disk_takes_nothing_and_loses_nothing() {
    let folder = Folder::new();
    let store = folder.create().unwrap();
    fill(&store, 0..20).await;
    let head = store.head().await.unwrap();
    store.limit_pages(1).await.unwrap();
    let large = append("large", (100..400).map(|n| admitted(n, branch(1))).collect());
    let refused = record(&store, large.clone()).await.unwrap_err();
    assert!(matches!(refused, StoreError::DiskFull(_)), "{refused:?}");
    assert_eq!(store.head().await.unwrap(), head);
    assert!(store.receipt("large").await.unwrap().is_none());

    store.limit_pages(u32::MAX - 1).await.unwrap();
    let receipt = record(&store, large).await.unwrap();
    assert_eq!((receipt.positions[0], receipt.replayed), (head.position.next(), false));
    assert_eq!(store.check_engine().await.unwrap(), Vec::<String>::new());
    drop(store);
    assert_eq!(position(&folder.open(Mode::Write).unwrap()).await, Position(340));
}

#[test]
fn a_crash_while_a_ledger_is_made_is_no_obstacle() {
    let folder = Folder::new();
    for leftover in ["ledger.db.new", "ledger.db.new-wal", "ledger.db.new-shm", "ledger.db.lock"] {
        fs::write(folder.folder.path().join(leftover), "half").unwrap();
    }
    assert!(matches!(folder.open(Mode::Read), Err(StoreError::NoLedger(_))));
    folder.create().unwrap();
    assert!(!folder.folder.path().join("ledger.db.new").exists());
    assert!(matches!(folder.create(), Err(StoreError::Exists(_))));
}

#[test]
fn the_log_of_a_lost_ledger_is_not_mixed_into_a_new_one() {
    let folder = Folder::new();
    fs::write(folder.folder.path().join("ledger.db-wal"), "last commits").unwrap();
    assert!(matches!(folder.create(), Err(StoreError::Exists(_))));
}

#[tokio::test]
async fn a_file_marked_read_only_can_be_read() {
    let folder = Folder::filled(2).await;
    let mut permissions = fs::metadata(folder.path()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.path(), permissions).unwrap();
    assert!(matches!(folder.open(Mode::Write), Err(StoreError::ReadOnly(_))));
    assert_eq!(position(&folder.open(Mode::Read).unwrap()).await, Position(4));
}

#[tokio::test]
async fn an_abandoned_caller_does_not_stop_the_writer() {
    let folder = Folder::new();
    let store: Arc<dyn Store> = Arc::new(folder.create().unwrap());
    for n in 0..20 {
        let (store, command) = (Arc::clone(&store), append(&n.to_string(), Vec::new()));
        tokio::spawn(async move { record(&*store, command).await }).abort();
    }
    fill(&*store, 100..101).await;
    assert_eq!(position(&*store).await, Position(2));
}
