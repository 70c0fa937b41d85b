//! Opening a ledger: where it lies, how it is founded, and who may write.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use events::{Code, Date, Event, Guard, LedgerEvent, LedgerId, Position, StreamId};

use super::rebuild::renew;
use super::{Error, Ledger};
use crate::actor::Actor;
use crate::commands::Decided;
use crate::files::beside;
use crate::policy::preset;
use crate::runner::Runner;
use crate::state::AnySubject;
use crate::store::cqrs::Aggregates;
use crate::store::engine::At;
use crate::store::error::NotOpened;
use crate::store::memory::MemoryStore;
use crate::store::{Batch, Engine, Frame, Nature, Store, StoreError};
use crate::vault::{Vault, VaultError};

pub use crate::store::Mode;

/// The version of the recorded format that is written today.
const FORMAT: u16 = 1;

/// Where a ledger lies: its own file or database, its vault, and the vault's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// What keeps the ledger.
    pub engine: Engine,
    /// The ledger file; for one on a server its URL without user, password and parameters.
    pub path: PathBuf,
    /// The vault file.
    pub vault: PathBuf,
    /// The key file. Beside the ledger unless told to be elsewhere, where it is safer.
    pub key: PathBuf,
}

impl Location {
    /// The location that an URL `sqlite:PATH` or `postgres://…` names; `None` for any other URL.
    ///
    /// The vault of a ledger on a server stays on this machine: in the current directory, under
    /// the database's name, unless it is told to be elsewhere.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let (engine, path) = Engine::of_url(url)?;
        if engine == Engine::Sqlite {
            return Some(Self::at(&path));
        }
        let name = path.file_name().map_or_else(|| "rollbook".into(), PathBuf::from);
        Some(Self { engine, vault: beside(&name, ".vault"), key: beside(&name, ".key"), path })
    }

    /// The location of the ledger in a file.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        // One ledger has one place, however it is spelt: lock, log, vault and key lie beside it.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let engine = Engine::Sqlite;
        Self { engine, vault: beside(&path, ".vault"), key: beside(&path, ".key"), path }
    }

    /// Where the store lies.
    pub(super) fn store(&self) -> At<'_> {
        At { engine: &self.engine, path: &self.path }
    }
}

/// What is fixed when a ledger is founded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    /// The name of the first rule set.
    pub preset: String,
    /// The IANA time zone in which dates are meant.
    pub zone: String,
}

/// How the door gets at the vault: opened when it is first needed.
#[derive(Default)]
pub(super) struct VaultDoor {
    pub(super) location: Option<Location>,
    pub(super) open: OnceLock<std::sync::Mutex<Vault>>,
}

impl Ledger {
    /// Founds a ledger at a location, with its vault and key. One that was begun and not finished,
    /// by a crash say, is finished.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is one; [`Error::NotFound`] for an unknown preset or zone.
    pub async fn found(
        location: &Location,
        founding: &Founding,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, Error> {
        check(founding)?;
        // A vault that cannot be made must not leave a ledger without one.
        let orphan = || match location.engine {
            Engine::Sqlite => !location.path.exists() && location.vault.exists(),
            #[cfg(feature = "postgres")]
            Engine::Postgres(_) => false,
        };
        if orphan() {
            return Err(VaultError::Exists(location.vault.display().to_string()).into());
        }
        let id = LedgerId(super::fresh_id(&*nature));
        let store = match location.store().create(id, nature.clone()).await {
            Err(StoreError::Exists(place)) => unfinished(location, nature.clone(), place).await?,
            created => created?,
        };
        let id = store.ledger();
        if location.vault.exists() {
            Vault::open(&location.vault, &location.key, id)?;
        } else {
            Vault::create(&location.vault, &location.key, id)?;
        }
        let door = VaultDoor { location: Some(location.clone()), open: OnceLock::new() };
        Self::found_in(store, founding, nature, door).await
    }

    /// Founds a ledger in memory. It has a vault where a location for one is given.
    ///
    /// # Errors
    /// As [`Ledger::found`].
    pub async fn found_in_memory(
        founding: &Founding,
        nature: Arc<dyn Nature>,
        vault: Option<&Location>,
    ) -> Result<Self, Error> {
        check(founding)?;
        let id = LedgerId(super::fresh_id(&*nature));
        if let Some(location) = vault {
            Vault::create(&location.vault, &location.key, id)?;
        }
        let store = Arc::new(MemoryStore::new(id, nature.clone()));
        let door = VaultDoor { location: vault.cloned(), open: OnceLock::new() };
        Self::found_in(store, founding, nature, door).await
    }

    /// Founds a ledger over an empty store of any engine, without a vault.
    ///
    /// # Errors
    /// As [`Ledger::found`].
    pub async fn found_over(
        store: Arc<dyn Store>,
        founding: &Founding,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, Error> {
        check(founding)?;
        Self::found_in(store, founding, nature, VaultDoor::default()).await
    }

    async fn found_in(
        store: Arc<dyn Store>,
        founding: &Founding,
        nature: Arc<dyn Nature>,
        vault: VaultDoor,
    ) -> Result<Self, Error> {
        let zone = zone(&founding.zone)?;
        let today = nature.now().to_zoned(zone.clone()).date();
        let actor = Actor::local();
        let frame =
            Frame { actor: actor.id().to_owned(), source: "init".to_owned(), ..Frame::default() };
        let decided = opening(store.ledger(), founding, today)?;
        let mut first =
            Aggregates::appending("init".to_owned(), "init".into(), frame, decided, |_| 0);
        first.looked = vec![(Guard::Ledger(store.ledger()), Position(0))];
        let receipts = store.append(Batch { appends: vec![first], progress: None }).await?;
        if receipts.iter().any(|receipt| receipt.replayed) {
            // Somebody else did so at the same time, with other rules perhaps.
            let place = vault.location.map(|location| location.path.display().to_string());
            return Err(StoreError::Exists(place.unwrap_or_default()).into());
        }
        let ledger = Self::assemble(store, nature, vault, zone);
        ledger.catch_up().await?;
        Ok(ledger)
    }

    /// Opens the ledger at a location. A reader that finds the projections behind brings them up to
    /// date when it may; otherwise its answers say for which position they are.
    ///
    /// # Errors
    /// What is wrong with what is there, [`StoreError::AnotherWriter`], or
    /// [`StoreError::AnotherRebuild`] where tables are of another version.
    pub async fn open(
        location: &Location,
        mode: Mode,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, Error> {
        let store = location.store().open(mode, nature.clone()).await?;
        // Before the first events are looked for: a ledger may be founded just now.
        let head = store.head().await;
        let aggregates = Aggregates::new(store.clone());
        let frame = aggregates.load(StreamId::from(store.ledger())).await?;
        let AnySubject::Ledger(frame) = frame else { unreachable!("the ledger's own stream") };
        let frame = frame.subject();
        let place = location.path.display().to_string();
        if frame.format() > FORMAT {
            let (found, known) = (frame.format().into(), FORMAT.into());
            return Err(StoreError::NewerSchema { place, found, known }.into());
        }
        let Some(name) = frame.zone() else {
            if head?.position == Position(0) {
                return Err(StoreError::NoLedger(place).into());
            }
            let (position, source) = (Some(1), Box::new(NotOpened));
            return Err(StoreError::Corrupt { place, position, source }.into());
        };
        let zone = zone(name.as_str())?;
        let vault = VaultDoor { location: Some(location.clone()), open: OnceLock::new() };
        let ledger = Self::assemble(store.clone(), nature.clone(), vault, zone);
        match mode {
            Mode::Write | Mode::WriteIfFree => ledger.catch_up().await?,
            Mode::Read => ledger.catch_up_as_reader(location, nature).await?,
        }
        Ok(ledger)
    }

    fn assemble(
        store: Arc<dyn Store>,
        nature: Arc<dyn Nature>,
        vault: VaultDoor,
        zone: jiff::tz::TimeZone,
    ) -> Self {
        Self {
            aggregates: Aggregates::new(store.clone()),
            at_hand: super::at_hand::AtHand::default(),
            asked_last: super::rules::AskedLast::default(),
            store,
            nature,
            vault,
            turn: tokio::sync::Mutex::new(()),
            doubted: AtomicU32::default(),
            runner: tokio::sync::Mutex::new(Runner::default()),
            kept: std::sync::RwLock::default(),
            zone,
        }
    }

    async fn catch_up_as_reader(
        &self,
        location: &Location,
        nature: Arc<dyn Nature>,
    ) -> Result<(), Error> {
        if self.projected().await? >= self.store.head().await?.position {
            return Ok(());
        }
        let caught_up = async {
            let writer = location.store().open(Mode::WriteIfFree, nature).await?;
            renew(&writer).await?;
            Runner::default().catch_up(&*writer, |_| {}).await
        };
        match caught_up.await {
            Ok(())
            | Err(
                StoreError::AnotherWriter(_)
                | StoreError::AnotherRebuild(_)
                | StoreError::ManyNames(_)
                | StoreError::ReadOnly(_)
                | StoreError::DiskFull(_),
            ) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The last position that all projections account for, and so all answers.
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn projected(&self) -> Result<Position, Error> {
        let mut position = self.store.head().await?.position;
        let all = self.store.all_projected().await?;
        for table in projections::TABLES {
            let stored = all.get(table.name).filter(|stored| stored.version == table.version);
            position = position.min(stored.map_or(Position(0), |stored| stored.position));
        }
        Ok(position)
    }
}

/// A ledger that was made, but whose first event was never recorded.
async fn unfinished(
    location: &Location,
    nature: Arc<dyn Nature>,
    place: String,
) -> Result<Arc<dyn Store>, StoreError> {
    let store = match location.store().open(Mode::Write, nature).await {
        Err(StoreError::NoLedger(_)) => return Err(StoreError::Exists(place)),
        opened => opened?,
    };
    if store.head().await?.position == Position(0) {
        Ok(store)
    } else {
        Err(StoreError::Exists(place))
    }
}

/// The first events: the frame of all later answers, and the first rules.
fn opening(ledger: LedgerId, founding: &Founding, today: Date) -> Result<Decided, Error> {
    let code = |text: &str| {
        Code::parse(text).map_err(|_| Error::NotFound { what: "preset", given: text.to_owned() })
    };
    let rules = rules(&founding.preset)?;
    let opened = LedgerEvent::Opened {
        effective: today,
        precision: None,
        ledger,
        format: FORMAT,
        zone: code(zone(&founding.zone)?.iana_name().unwrap_or(&founding.zone))?,
        preset: code(&founding.preset)?,
    };
    let adopted =
        events::PolicyEvent::Adopted { effective: today, precision: None, rules: Box::new(rules) };
    let mut decided = Decided::default();
    decided.push(ledger, Event::from(opened));
    decided.push(StreamId::policy(ledger), Event::from(adopted));
    Ok(decided)
}

fn check(founding: &Founding) -> Result<(), Error> {
    zone(&founding.zone)?;
    rules(&founding.preset).map(|_| ())
}

fn rules(name: &str) -> Result<events::policy::RuleSet, Error> {
    preset(name).ok_or_else(|| Error::NotFound { what: "preset", given: name.to_owned() })
}

fn zone(name: &str) -> Result<jiff::tz::TimeZone, Error> {
    jiff::tz::TimeZone::get(name)
        .map_err(|_| Error::NotFound { what: "zone", given: name.to_owned() })
}
