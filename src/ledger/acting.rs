//! The door held open for one actor: what cqrs-es's framework asks when it shall handle a command.

use std::sync::Arc;

use async_trait::async_trait;
use events::StreamId;

use super::{Error, Leave, Ledger, body};
use crate::actor::Actor;
use crate::state::AnySubject;
use crate::store::cqrs::{Decides, FrameworkError, Wish};
use crate::store::{Append, Frame, StoreError};

/// Decides in the name of one actor. What needs a second person, or concerns several subjects, is
/// not for the framework: [`Ledger::execute`] does that.
pub struct Acting {
    ledger: Arc<Ledger>,
    actor: Actor,
}

impl Acting {
    /// As this actor, at this ledger.
    #[must_use]
    pub fn new(ledger: Arc<Ledger>, actor: Actor) -> Self {
        Self { ledger, actor }
    }
}

#[async_trait]
impl Decides for Acting {
    async fn decide(
        &self,
        wish: &Wish,
        stream: StreamId,
        subject: AnySubject,
    ) -> Result<Append, FrameworkError> {
        let command = &*wish.command;
        let mut session = self.ledger.session();
        session.meet(stream, subject);
        let decided = session.decide(&self.actor, Leave::default(), command).await?;
        let frame = session.frame(&self.actor, command.effective()).await?;
        let frame = Frame { authority: wish.authority.clone(), ..frame };
        let body = body(&(wish.authority.as_deref(), None, None), command);
        session.take(String::new(), body, frame, decided);
        Ok(session.taken().pop().expect("it was taken in just now"))
    }
}

impl From<Error> for FrameworkError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refused) => Self::Refused(refused),
            Error::Store(error) => Self::Store(error),
            Error::Conflict
            | Error::Malformed { .. }
            | Error::NotFound { .. }
            | Error::NoVault
            | Error::Vault(_) => {
                let place = "the decision".to_owned();
                Self::Store(StoreError::Failed { place, source: Box::new(error) })
            }
        }
    }
}
