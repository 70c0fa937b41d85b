//! Several who found a ledger in one database at the same time.

use std::sync::Arc;

use events::LedgerId;
use rollbook::store::{PostgresStore, Store, StoreError};
use uuid::Uuid;

use super::at_once;
use crate::support::nature::Seeded;
use crate::support::postgres::{ask_by_hand, database, server};

/// So many databases, since chance decides how close the founders come to each other.
const DATABASES: u64 = 12;

/// How many found at the same time.
const FOUNDERS: u64 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_who_found_at_once_one_does() {
    for _ in 0..DATABASES {
        let Some(url) = database().await else { return };
        let founders = at_once(FOUNDERS, |n| {
            let server = server(&url);
            let ledger = LedgerId(Uuid::from_u128(n.into()));
            async move { PostgresStore::create(&server, ledger, Arc::new(Seeded::new(n))).await }
        });
        let mut founded = Vec::new();
        for founder in founders.await {
            match founder {
                Ok(store) => founded.push(store.ledger().0.to_string()),
                Err(StoreError::Exists(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(founded.len(), 1, "{founded:?}");
        assert_eq!(ask_by_hand(&url, "SELECT count(*)::text FROM ledgers").await, "1");
        assert_eq!(ask_by_hand(&url, "SELECT ledger::text FROM ledgers").await, founded[0]);
    }
}
