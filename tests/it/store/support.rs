//! What the store's tests need: engines, and small appends.

use std::sync::Arc;

use events::{
    BranchId, Event, Guard, LedgerId, MembershipEvent, MembershipId, PersonId, Position, StreamId,
};
use jiff::civil::date;
#[cfg(feature = "postgres")]
use rollbook::store::PostgresStore;
use rollbook::store::{
    Append, Batch, Frame, MemoryStore, NewEvent, Receipt, SqliteStore, Store, StoreError,
};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) use crate::support::nature::Seeded;
#[cfg(feature = "postgres")]
use crate::support::postgres;

/// The engines that every contract test runs on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Engine {
    Memory,
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// A fresh store of an engine, and the world that it lives in.
pub(crate) struct Fresh {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) nature: Arc<Seeded>,
    _folder: TempDir,
}

impl Engine {
    /// `None` where the engine is not to be had, which is said.
    pub(crate) async fn fresh(self) -> Option<Fresh> {
        let folder = TempDir::new().unwrap();
        let nature = Arc::new(Seeded::new(7));
        let store: Arc<dyn Store> = match self {
            Self::Memory => Arc::new(MemoryStore::new(ledger_id(), nature.clone())),
            Self::Sqlite => {
                let path = folder.path().join("ledger.db");
                Arc::new(SqliteStore::create(path, ledger_id(), nature.clone()).unwrap())
            }
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                let server = postgres::server(&postgres::database().await?);
                let made = PostgresStore::create(&server, ledger_id(), nature.clone()).await;
                Arc::new(made.unwrap())
            }
        };
        Some(Fresh { store, nature, _folder: folder })
    }
}

/// Runs every test of a list on every engine.
macro_rules! on_every_engine {
    ($($test:ident,)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                use crate::store::support::{Engine, on};
                on(Engine::Memory, super::$test).await;
            })*
        }

        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                use crate::store::support::{Engine, on};
                on(Engine::Sqlite, super::$test).await;
            })*
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                use crate::store::support::{Engine, on};
                on(Engine::Postgres, super::$test).await;
            })*
        }
    };
}
pub(crate) use on_every_engine;

/// Runs a test on a fresh store of an engine, where it is to be had.
pub(crate) async fn on<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(Fresh) -> F) {
    if let Some(fresh) = engine.fresh().await {
        test(fresh).await;
    }
}

/// The ledger of all tests.
pub(crate) fn ledger_id() -> LedgerId {
    LedgerId(Uuid::from_u128(0x1ed9e4))
}

/// Branch number n.
pub(crate) fn branch(n: u64) -> BranchId {
    BranchId(Uuid::from_u64_pair(0xb, n))
}

/// Person number n.
pub(crate) fn person(n: u64) -> PersonId {
    PersonId(Uuid::from_u64_pair(0xe, n))
}

/// The stream of membership number n.
pub(crate) fn membership(n: u64) -> StreamId {
    MembershipId(Uuid::from_u64_pair(0xa, n)).into()
}

/// Person n is admitted to a branch, as the first event of membership n.
pub(crate) fn admitted(n: u64, home: BranchId) -> NewEvent {
    let admitted = MembershipEvent::Admitted {
        effective: date(2020, 1, 1),
        precision: None,
        person: person(n),
        home,
        state: None,
        previous: None,
    };
    NewEvent::new(membership(n), 1, Event::from(admitted))
}

/// Person n leaves, as a later event of membership n.
pub(crate) fn ended(n: u64, home: BranchId, sequence: u64) -> NewEvent {
    let ended = MembershipEvent::Ended {
        effective: date(2021, 1, 1),
        precision: None,
        person: person(n),
        home: Some(home),
        reason: events::membership::EndReason::Left,
    };
    NewEvent::new(membership(n), sequence, Event::from(ended))
}

/// An append that asserts nothing.
pub(crate) fn append(key: &str, events: Vec<NewEvent>) -> Append {
    Append {
        key: key.to_owned(),
        body: key.as_bytes().to_vec(),
        frame: Frame { actor: "local".to_owned(), source: "test".to_owned(), ..Frame::default() },
        looked: Vec::new(),
        events,
        notes: Vec::new(),
    }
}

/// A batch without progress.
pub(crate) fn batch(appends: Vec<Append>) -> Batch {
    Batch { appends, progress: None }
}

/// Records one append.
pub(crate) async fn record(store: &dyn Store, append: Append) -> Result<Receipt, StoreError> {
    Ok(store.append(batch(vec![append])).await?.remove(0))
}

/// An append that asserts guards.
pub(crate) fn looking(mut append: Append, looked: &[(Guard, u64)]) -> Append {
    append.looked = looked.iter().map(|(guard, at)| (guard.clone(), Position(*at))).collect();
    append
}
