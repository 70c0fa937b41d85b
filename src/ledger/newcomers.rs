//! Newcomers: the vault learns of them first, then an event names them.
//!
//! Invariant: nobody takes a handle that another one is just being registered with, here or in any
//! other process that shares the vault. In between there is no event about them yet, and they look
//! like somebody whom a crash left behind.

use std::fs::{File, TryLockError};

use events::PersonId;
use tokio::sync::MutexGuard;

use super::{Error, Ledger};
use crate::actor::Actor;
use crate::commands::{Decide, RegisterPerson};
use crate::vault::{KnownAs, NewPerson, Reader, VaultError};

/// Whose turn it is, until it is dropped.
pub(crate) struct Turn<'a> {
    _here: MutexGuard<'a, ()>,
    /// Locked; whoever is killed loses it too.
    _elsewhere: Option<File>,
}

impl Ledger {
    /// The turn of whoever lost a race.
    pub(super) async fn turn_of_losers(&self) -> Turn<'_> {
        Turn { _here: self.turn.lock().await, _elsewhere: None }
    }

    /// The turn of whoever puts newcomers into the vault. To be held until the events that name
    /// them are recorded.
    ///
    /// The file that is locked is the key's: whoever shares a vault has it, and SQLite loses its
    /// own locks on the vault's when somebody else closes that.
    pub(crate) async fn turn_of_newcomers(&self) -> Result<Turn<'_>, Error> {
        let here = self.turn.lock().await;
        let Some(location) = &self.vault.location else {
            return Ok(Turn { _here: here, _elsewhere: None });
        };
        let failed = |error| Error::from(VaultError::failed(&location.key, error));
        drop(self.vault()?); // what is missing is told as ever
        let key = File::open(&location.key).map_err(failed)?;
        let key = match key.try_lock() {
            Ok(()) => key,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) => {
                let locked = tokio::task::spawn_blocking(move || key.lock().map(|()| key));
                locked.await.map_err(std::io::Error::other).flatten().map_err(failed)?
            }
        };
        Ok(Turn { _here: here, _elsewhere: Some(key) })
    }

    /// Tells the vault of a newcomer, whose turn it is. What was put in for a registration which
    /// then was not recorded, by a crash say, belongs to nobody: the handle is free again, and so
    /// is the id.
    pub(super) async fn introduce(&self, actor: &Actor, newcomer: &NewPerson) -> Result<(), Error> {
        let newcomers = std::slice::from_ref(newcomer);
        let answer = self.vault()?.put(newcomers);
        let orphan = match answer {
            Err(VaultError::HandleTaken(_)) => self.bearer(actor, newcomer).await?,
            Err(VaultError::AlreadyKnown(person))
                if self.store.stream(person.into()).await?.is_empty() =>
            {
                Some(person)
            }
            answer => return Ok(answer?),
        };
        match orphan {
            Some(orphan) => Ok(self.vault()?.replace(orphan, newcomers)?),
            None => Ok(self.vault()?.put(newcomers)?),
        }
    }

    /// Refuses a newcomer whose handle another person has: that tells that they are known here,
    /// so it is recorded as a read. Whom only the vault knows and no event is the answer.
    pub(super) async fn bearer(
        &self,
        actor: &Actor,
        newcomer: &NewPerson,
    ) -> Result<Option<PersonId>, Error> {
        let Some(KnownAs { source, handle }) = &newcomer.known_as else { return Ok(None) };
        let Some(bearer) = self.vault()?.person_of(source, handle.reveal())? else {
            return Ok(None);
        };
        if self.store.stream(bearer.into()).await?.is_empty() {
            return Ok(Some(bearer));
        }
        let purpose = RegisterPerson::NAME.to_owned();
        let reader = Reader { actor: actor.id().to_owned(), purpose, at: self.nature.now() };
        self.vault()?.resolve(&reader, source, handle.reveal())?;
        Err(VaultError::HandleTaken(newcomer.person).into())
    }
}
