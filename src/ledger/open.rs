//! Opening a ledger: where it lies, how it is founded, and who may write.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use events::{Code, Date, Event, Guard, LedgerEvent, LedgerId, Position, StreamId};

use super::{Error, Ledger};
use crate::actor::Actor;
use crate::commands::Decided;
use crate::files::beside;
use crate::policy::preset;
use crate::runner::Runner;
use crate::runner::rebuild::{Differing, Rebuild};
use crate::state::AnySubject;
use crate::store::cqrs::Aggregates;
use crate::store::memory::MemoryStore;
use crate::store::sqlite::{SqliteStore, Workshop};
use crate::store::{Batch, Frame, Nature, Store, StoreError};
use crate::vault::{Vault, VaultError};

pub use crate::store::sqlite::Mode;

/// The version of the recorded format that is written today.
const FORMAT: u16 = 1;

/// Where a ledger lies: its own file, its vault beside it, and the vault's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The ledger file.
    pub path: PathBuf,
    /// The vault file.
    pub vault: PathBuf,
    /// The key file. Beside the ledger unless told to be elsewhere, where it is safer.
    pub key: PathBuf,
}

impl Location {
    /// The location that an URL `sqlite:PATH` names; `None` for any other URL.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let path = url.strip_prefix("sqlite:").filter(|path| !path.is_empty())?;
        Some(Self::at(Path::new(path)))
    }

    /// The location of the ledger in a file.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        // One ledger has one place, however it is spelt: lock, log, vault and key lie beside it.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Self { vault: beside(&path, ".vault"), key: beside(&path, ".key"), path }
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
    /// Founds a ledger in a file, with its vault and key. One that was begun and not finished, by
    /// a crash say, is finished.
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
        if !location.path.exists() && location.vault.exists() {
            return Err(VaultError::Exists(location.vault.display().to_string()).into());
        }
        let id = LedgerId(super::fresh_id(&*nature));
        let store = match SqliteStore::create(&location.path, id, nature.clone()) {
            Err(StoreError::Exists(_)) if location.path.exists() => {
                unfinished(location, nature.clone()).await?
            }
            created => created?,
        };
        let id = store.ledger();
        if location.vault.exists() {
            Vault::open(&location.vault, &location.key, id)?;
        } else {
            Vault::create(&location.vault, &location.key, id)?;
        }
        let door = VaultDoor { location: Some(location.clone()), open: OnceLock::new() };
        Self::found_in(Arc::new(store), founding, nature, door).await
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
        store.append(Batch { appends: vec![first], progress: None }).await?;
        let ledger = Self::assemble(store, nature, vault, zone);
        ledger.catch_up().await?;
        Ok(ledger)
    }

    /// Opens the ledger in a file. A reader that finds the projections behind brings them up to
    /// date when it may; otherwise its answers say for which position they are.
    ///
    /// # Errors
    /// What is wrong with the file, or [`StoreError::AnotherWriter`].
    pub async fn open(
        location: &Location,
        mode: Mode,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, Error> {
        let file = Arc::new(SqliteStore::open(&location.path, mode, nature.clone())?);
        let store: Arc<dyn Store> = file.clone();
        let aggregates = Aggregates::new(store.clone());
        let frame = aggregates.load(StreamId::from(store.ledger())).await?;
        let AnySubject::Ledger(frame) = frame else { unreachable!("the ledger's own stream") };
        let frame = frame.subject();
        let place = location.path.display().to_string();
        if frame.format() > FORMAT {
            let (found, known) = (frame.format().into(), FORMAT.into());
            return Err(StoreError::NewerSchema { place, found, known }.into());
        }
        let name = frame.zone().ok_or(StoreError::NoLedger(place))?;
        let zone = zone(name.as_str())?;
        let vault = VaultDoor { location: Some(location.clone()), open: OnceLock::new() };
        let ledger = Self::assemble(store, nature.clone(), vault, zone);
        match mode {
            Mode::Write | Mode::WriteIfFree => {
                renew(location, &file).await?;
                ledger.catch_up().await?;
            }
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
            store,
            nature,
            vault,
            turn: tokio::sync::Mutex::new(()),
            runner: tokio::sync::Mutex::new(Runner::default()),
            warm: std::sync::Mutex::default(),
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
            let writer = SqliteStore::open(&location.path, Mode::WriteIfFree, nature)?;
            let writer = Arc::new(writer);
            renew(location, &writer).await?;
            Runner::default().catch_up(&*writer, |_| {}).await
        };
        match caught_up.await {
            Ok(())
            | Err(
                StoreError::AnotherWriter(_)
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
        for table in projections::TABLES {
            let stored = self.store.projected(table).await?;
            let stored = stored.filter(|stored| stored.version == table.version);
            position = position.min(stored.map_or(Position(0), |stored| stored.position));
        }
        Ok(position)
    }
}

/// Rebuilds the projections whose tables another version of this program made, while those stand.
async fn renew(location: &Location, store: &Arc<SqliteStore>) -> Result<(), StoreError> {
    let mut tables = Vec::new();
    for table in projections::TABLES {
        let stored = store.projected(table).await?;
        if stored.is_some_and(|stored| stored.version != table.version) {
            tables.push(*table);
        }
    }
    if tables.is_empty() {
        return Ok(());
    }
    let rebuild = Rebuild::anew(Workshop::open(&location.path)?, store, &tables);
    rebuild.run(Differing::IsReplaced, |_| {}).await.map(|_| ())
}

/// A ledger file that was made, but whose first event was never recorded.
async fn unfinished(
    location: &Location,
    nature: Arc<dyn Nature>,
) -> Result<SqliteStore, StoreError> {
    let store = SqliteStore::open(&location.path, Mode::Write, nature)?;
    if store.head().await?.position == Position(0) {
        Ok(store)
    } else {
        Err(StoreError::Exists(location.path.display().to_string()))
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
    let adopted = events::PolicyEvent::Adopted { effective: today, precision: None, rules };
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
