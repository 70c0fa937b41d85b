//! Ledgers of older schemas, brought forward when they are opened.

use std::sync::Arc;

use projections::Filter;
use projections::table::id;
use rollbook::runner::Runner;
use rollbook::store::{Mode, PostgresStore, Store, StoreError};

use super::{at_once, create, filled, log, open};
use crate::store::support::person;
use crate::support::nature::Seeded;
use crate::support::postgres::{ask_by_hand, by_hand, database, server};

/// Takes a schema back to its first version.
const FIRST: &str = "DROP TABLE projections; DROP FUNCTION record_group; \
    DELETE FROM rollbook_schema WHERE version > 1";

/// The versions that a schema has gone through.
async fn versions(url: &str) -> String {
    let all = "SELECT string_agg(version::text, ' ' ORDER BY version) FROM rollbook_schema";
    ask_by_hand(url, all).await
}

#[tokio::test]
async fn an_older_schema_is_brought_forward() {
    let Some((url, store)) = filled(2).await else { return };
    drop(store);
    let with_another = "DROP FUNCTION record_group; CREATE FUNCTION record_at_once(int) \
        RETURNS int LANGUAGE sql AS 'SELECT 1'; DELETE FROM rollbook_schema WHERE version > 3";
    let with_texts = "DELETE FROM rollbook_schema WHERE version > 4; \
        INSERT INTO projections SELECT ledger, 'memberships', 1, position FROM ledgers; \
        CREATE TABLE memberships (ledger uuid, membership text, person text, branch text)";
    for former in [FIRST, with_another, with_texts] {
        by_hand(&url, former).await;
        let store = open(&url, Mode::Read).await.unwrap();
        assert_eq!(versions(&url).await, "1 2 3 4 5");
        assert_eq!(store.check_engine().await.unwrap(), Vec::<String>::new());
        assert_eq!(log(&store).await.len(), 4);
        let left = "SELECT count(*)::text FROM pg_proc WHERE proname = 'record_at_once'";
        assert_eq!(ask_by_hand(&url, left).await, "0");
    }
    let table = projections::memberships::TABLE;
    let store: Arc<dyn Store> = Arc::new(open(&url, Mode::Write).await.unwrap());
    let stored = store.projected(table).await.unwrap().unwrap();
    assert_ne!(stored.version, table.version, "its rows would be read otherwise");
    Runner::default().catch_up(&*store, |_| {}).await.unwrap();
    let rows = store.rows(table, &Filter::All, &[("person", id(person(1)))]).await.unwrap();
    assert_eq!(rows.len(), 2, "as it was known, and as it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_who_open_an_older_schema_at_once_take_turns() {
    const OPENERS: u64 = 6;
    for _ in 0..8 {
        let Some(url) = database().await else { return };
        drop(create(&url).await.unwrap());
        by_hand(&url, FIRST).await;
        let openers = at_once(OPENERS, |n| {
            let server = server(&url);
            async move { PostgresStore::open(&server, Mode::Write, Arc::new(Seeded::new(n))).await }
        });
        for opener in openers.await {
            let store = opener.unwrap();
            assert_eq!(store.check_engine().await.unwrap(), Vec::<String>::new());
        }
        assert_eq!(versions(&url).await, "1 2 3 4 5");
    }
}

#[tokio::test]
async fn a_step_that_fails_leaves_the_schema_as_it_was() {
    let Some((url, store)) = filled(2).await else { return };
    drop(store);
    // The second step makes its table, and a later one finds the name of its function taken.
    by_hand(&url, "DROP TABLE projections; DELETE FROM rollbook_schema WHERE version > 1").await;
    for mode in [Mode::Read, Mode::Write] {
        let refused = open(&url, mode).await.err();
        assert!(matches!(refused, Some(StoreError::Failed { .. })), "{refused:?}");
        assert_eq!(versions(&url).await, "1");
        let made = "SELECT (to_regclass('projections') IS NOT NULL)::text";
        assert_eq!(ask_by_hand(&url, made).await, "false");
    }
    by_hand(&url, "DROP FUNCTION record_group").await;
    let store = open(&url, Mode::Write).await.unwrap();
    assert_eq!(store.check_engine().await.unwrap(), Vec::<String>::new());
    assert_eq!(log(&store).await.len(), 4);
}
