//! A server that answers before what it was told is on its disk.

use std::time::Duration;

use rollbook::store::{Mode, StoreError};

use super::{admitted, append, branch, create, log, open, record, started};
use crate::support::postgres::{ask_by_hand, by_hand, schema_in};

fn is_refused<T>(outcome: Result<T, StoreError>) -> bool {
    let failed = outcome.err();
    let Some(StoreError::Failed { source, .. }) = failed else { panic!("{failed:?}") };
    source.to_string().contains("fsync = on")
}

/// Has all connections from now on sync, or not.
async fn set_fsync(url: &str, value: &str) {
    let administrator = url.replace("user=rollbook", "user=postgres");
    by_hand(&administrator, &format!("ALTER SYSTEM SET fsync = {value}")).await;
    by_hand(&administrator, "SELECT pg_reload_conf()").await;
    while ask_by_hand(url, "SELECT current_setting('fsync')").await != value {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_sync_is_refused_before_anything_is_written() {
    let Some(running) = started().await else { return };
    let url = schema_in(&running.url, 0).await;
    set_fsync(&url, "off").await;
    assert!(is_refused(create(&url).await));
    let tables = "SELECT count(*)::text FROM pg_tables WHERE schemaname = current_schema()";
    assert_eq!(ask_by_hand(&url, tables).await, "0");

    set_fsync(&url, "on").await;
    let store = create(&url).await.unwrap();
    record(&store, append("1", vec![admitted(1, branch(1))])).await.unwrap();
    set_fsync(&url, "off").await;
    assert!(is_refused(open(&url, Mode::Write).await));
    assert_eq!(log(&open(&url, Mode::Read).await.unwrap()).await.len(), 1);

    // One that has recorded before acknowledges nothing over the next connection.
    let cut = "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity \
        WHERE application_name = 'rollbook'";
    ask_by_hand(&url, cut).await;
    let next = append("2", vec![admitted(2, branch(1))]);
    record(&store, next.clone()).await.unwrap_err();
    set_fsync(&url, "on").await;
    record(&store, next).await.unwrap();
    assert_eq!(log(&store).await.len(), 2);
    drop(store);
    tokio::task::spawn_blocking(|| running.end()).await.unwrap();
}
