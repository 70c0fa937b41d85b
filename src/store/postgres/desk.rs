//! A connection and what drives it, for work that is done on one thread.

use sqlx::PgConnection;
use tokio::runtime::{Builder, Runtime};

use super::fault::Fault;
use super::server::Server;

/// A connection, and what drives it.
pub(super) struct Desk {
    /// Gone only while this is dropped.
    inner: Option<(Runtime, PgConnection)>,
}

impl Desk {
    /// Connects to a server.
    pub(super) fn open(server: &Server) -> Result<Self, Fault> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Fault::Server(sqlx::Error::Io(error)))?;
        let conn = runtime.block_on(server.connect())?;
        Ok(Self { inner: Some((runtime, conn)) })
    }

    /// Asks, and waits for the answer: on a thread that drives nothing else.
    pub(super) fn ask<T>(
        &mut self,
        ask: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (runtime, conn) = self.inner.as_mut().ok_or(Fault::Ended)?;
        runtime.block_on(ask(conn))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some((runtime, conn)) = self.inner.take() {
            // The server lets go of what the connection holds once it is closed.
            drop(conn);
            runtime.shutdown_background();
        }
    }
}
