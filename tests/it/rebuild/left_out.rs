//! A rebuild that is not shown all of the log says from where on, and what serves goes on serving.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use projections::TABLES;
use rollbook::runner::Runner;
use rollbook::runner::rebuild::{Differing, Rebuild, Served};
use rollbook::store::engine::{At, Engine, Workshop};
use rollbook::store::{Digested, Store, StoreError};

use crate::store::support::{admitted, append, branch, ledger_id, record};
use crate::support::fronted::{FOLLOWED, Faults, Fronted, NOT_ALL};
use crate::support::nature::Seeded;

/// Records admissions, and brings every table to their end.
async fn admit(store: &dyn Store, members: Range<u64>) {
    let key = format!("from {}", members.start);
    let events = members.map(|n| admitted(n, branch(1))).collect();
    record(store, append(&key, events)).await.unwrap();
    Runner::default().catch_up(store, |_| {}).await.unwrap();
}

/// What every table holds that serves.
async fn serving(store: &dyn Store) -> Vec<Option<Digested>> {
    let mut serving = Vec::new();
    for table in TABLES {
        serving.push(store.digested(table).await.unwrap());
    }
    serving
}

/// The right to rebuild, once a server has noticed that whoever had it is gone.
async fn workshop(store: &Arc<dyn Store>) -> Workshop {
    for _ in 0..100 {
        match store.workshop() {
            Ok(workshop) => return workshop,
            Err(StoreError::AnotherRebuild(_)) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("nobody lets go of it");
}

/// Rebuilds that are not shown all, anew and back to what served before.
async fn none_is_built_of_a_part(url: &str) {
    let (engine, path) = Engine::of_url(url).unwrap();
    let at = At { engine: &engine, path: &path };
    let store = at.create(ledger_id(), Arc::new(Seeded::new(7))).await.unwrap();
    admit(&*store, 0..FOLLOWED.0).await;
    let anew = Rebuild::anew(workshop(&store).await, &store, TABLES);
    let rebuilt = anew.run(Differing::Stays, |_| {}).await.unwrap();
    assert!(rebuilt.iter().all(|table| table.swapped), "{rebuilt:?}");
    // What served before is behind now: it is brought on before it serves again.
    admit(&*store, FOLLOWED.0..2 * FOLLOWED.0).await;
    let served = serving(&*store).await;
    for (recorded, missing) in NOT_ALL {
        let faulty = Fronted::faulty(Arc::clone(&store), Faults { recorded, ..Faults::default() });
        let faulty: Arc<dyn Store> = Arc::new(faulty);
        for is_back in [false, true] {
            let right = workshop(&store).await;
            let rebuild = if is_back {
                Rebuild::back(right, &faulty, TABLES).await.unwrap()
            } else {
                Rebuild::anew(right, &faulty, TABLES)
            };
            let ended = rebuild.run(Differing::IsReplaced, |_| {}).await;
            let Err(StoreError::Corrupt { position, .. }) = ended else { panic!("{ended:?}") };
            assert_eq!(position, Some(missing.0), "back: {is_back}");
            assert_eq!(serving(&*store).await, served, "back: {is_back}");
        }
    }
    let back = Rebuild::back(workshop(&store).await, &store, TABLES).await.unwrap();
    let rebuilt = back.run(Differing::Stays, |_| {}).await.unwrap();
    assert_eq!(rebuilt.len(), TABLES.len());
    assert!(rebuilt.iter().all(|table| table.served == Served::Same && table.swapped));
    assert_eq!(serving(&*store).await, served);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_a_file_are_not_built_of_a_part_of_the_log() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("ledger.db");
    none_is_built_of_a_part(&format!("sqlite:{}", path.display())).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_on_a_server_are_not_built_of_a_part_of_the_log() {
    let Some(url) = crate::support::postgres::database().await else { return };
    none_is_built_of_a_part(&url).await;
}
