//! The same histories on a PostgreSQL server.

use projections::{ColumnKind, Filter};
use rollbook::store::{FoundRow, PostgresStore};

use super::*;
use crate::support::postgres;

pub(super) async fn store(number: u64, nature: Arc<Seeded>) -> Option<Arc<dyn Store>> {
    let server = postgres::server(&postgres::database().await?);
    let store = PostgresStore::create(&server, ledger_id(number), nature).await;
    Some(Arc::new(store.unwrap()))
}

async fn found(store: &dyn Store) -> Vec<FoundRow> {
    store.found(0, 100_000).await.unwrap()
}

/// Everything that a store keeps, as text: events with their columns, what is kept beside them,
/// and the rows of every projection.
async fn all_of(store: &dyn Store) -> Vec<String> {
    let mut all: Vec<String> =
        found(store).await.into_iter().map(|row| format!("{row:?}")).collect();
    let beside = store.beside().await.unwrap();
    let mut receipts = beside.receipts.unwrap();
    receipts.sort_by(|one, other| one.0.cmp(&other.0));
    all.push(format!("{:?}", beside.head.unwrap()));
    all.push(format!("{:?}", beside.guards.unwrap()));
    all.push(format!("{receipts:?} {:?}", beside.imports.unwrap()));
    for table in projections::TABLES {
        all.push(format!("{:?}", store.digested(table).await.unwrap()));
        let rows = store.rows(table, &Filter::All, &[]).await.unwrap();
        all.extend(rows.into_iter().map(|row| format!("{} {row:?}", table.name)));
        // SQLite counts by no number, and nobody asks it to.
        for column in table.columns.iter().filter(|column| column.kind != ColumnKind::Number) {
            let counted = store.count_by(table, &Filter::All, column.name).await.unwrap();
            all.push(format!("{} {} {counted:?}", table.name, column.name));
        }
    }
    all
}

#[tokio::test]
async fn sqlite_and_postgres_hold_the_same_rows() {
    for number in [1, 2, 4, 5, 7, 8] {
        let place = tempfile::tempdir().unwrap();
        let (one, two) = (Arc::new(Seeded::new(number)), Arc::new(Seeded::new(number)));
        let Some(server) = store(number, two.clone()).await else { return };
        let id = ledger_id(number);
        let sqlite = SqliteStore::create(place.path().join("l.db"), id, one.clone()).unwrap();
        let mut sqlite = Life::begin(number, Arc::new(sqlite), one).await;
        let mut server = Life::begin(number, server, two).await;
        for step in 0..COMMANDS {
            assert_eq!(sqlite.step(step).await, server.step(step).await, "history {number}");
        }
        let [kept, on_server] =
            [all_of(&**sqlite.ledger.store()).await, all_of(&**server.ledger.store()).await];
        assert!(kept.len() > COMMANDS);
        for (kept, on_server) in kept.iter().zip(&on_server) {
            assert_eq!(kept, on_server, "history {number}");
        }
        assert_eq!(kept.len(), on_server.len());
        for _ in 0..5 {
            let at = sqlite.note().await.at;
            assert_eq!(sqlite.answer(at).await, server.answer(at).await);
        }
        server.holds(vec![]).await;
    }
}

/// How many of them; `ROLLBOOK_TEST_HISTORIES_ON_POSTGRES` says otherwise. One takes a hundred
/// times as long as in memory, and they share all but the engine.
const HISTORIES_ON_POSTGRES: u64 = 60;

#[test]
fn random_histories_hold_on_postgres() {
    let histories =
        crate::support::times("ROLLBOOK_TEST_HISTORIES_ON_POSTGRES", HISTORIES_ON_POSTGRES);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Said in the thread of the test that it is said of, and once.
    if runtime.block_on(postgres::database()).is_none() {
        return;
    }
    let begun = |number| async move {
        let nature = Arc::new(Seeded::new(number));
        let store = store(number, nature.clone()).await?;
        Some((nature, store))
    };
    let half = |rest| {
        let numbers = (0..histories).filter(move |n| n % 2 == rest);
        run(numbers, begun)
    };
    let sums = std::thread::scope(|scope| {
        let one = scope.spawn(|| half(0));
        [half(1), one.join().unwrap()]
    });
    println!("{histories} histories, {} events", sums[0].events + sums[1].events);
    let differ = sums.map(|sums| sums.differ).concat();
    assert!(differ.is_empty(), "histories that differ: {differ:?}");
}
