//! Tables in which next to nothing of a long record is are built anew, and not brought forward.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use events::Position;
use rollbook::ledger::{Ledger, Location, Mode};
use rollbook::store::{SqliteStore, Store, SystemNature};
use rusqlite::Connection;

use crate::cli::Home;
use crate::store::support::{admitted, append, branch, record};

/// So many events make a record long.
const LONG: u64 = 50_000;

/// How many are recorded together.
const TOGETHER: u64 = 5_000;

async fn opened(path: &Path) -> Ledger {
    Ledger::open(&Location::at(path), Mode::Write, Arc::new(SystemNature)).await.unwrap()
}

/// Records so many admissions that no table accounts for.
async fn record_alone(path: &Path, admissions: u64) {
    let store = SqliteStore::open(path, Mode::Write, Arc::new(SystemNature)).unwrap();
    for first in (0..admissions).step_by(TOGETHER.try_into().unwrap()) {
        let events = (first..first + TOGETHER).map(|n| admitted(n, branch(1))).collect();
        record(&store, append(&first.to_string(), events)).await.unwrap();
    }
}

fn was_rebuilt(path: &Path) -> bool {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'memberships_former_rows')";
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_far_behind_a_long_record_are_built_anew() {
    let home = Home::new();
    home.ok(&["init", "--preset", "association", "--zone", "UTC"]);
    let path = home.path("rollbook.db");
    record_alone(&path, TOGETHER).await;
    drop(opened(&path).await);
    assert!(!was_rebuilt(&path), "a short record is brought forward");

    let home = Home::new();
    home.ok(&["init", "--preset", "association", "--zone", "UTC"]);
    let path = home.path("rollbook.db");
    record_alone(&path, LONG).await;
    // The same while somebody else has the right to rebuild.
    let other = home.path("other.db");
    for end in ["", ".key", ".vault"] {
        let of = |path: &Path| format!("{}{end}", path.display());
        fs::copy(of(&path), of(&other)).unwrap();
    }
    let reader = SqliteStore::open(&other, Mode::Read, Arc::new(SystemNature)).unwrap();
    let right = reader.workshop().unwrap();
    let mut digests = Vec::new();
    for (path, is_rebuilt) in [(&path, true), (&other, false)] {
        let ledger = opened(path).await;
        let head = ledger.store().head().await.unwrap().position;
        assert_eq!((head, ledger.projected().await.unwrap()), (Position(LONG + 2), head));
        assert_eq!(was_rebuilt(path), is_rebuilt);
        let mut all = Vec::new();
        for table in projections::TABLES {
            all.push(ledger.store().digested(table).await.unwrap());
        }
        digests.push(all);
    }
    drop(right);
    assert_eq!(digests[0], digests[1]);
}
