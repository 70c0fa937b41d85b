//! Where a ledger's server is, and connections to it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::fault::Fault;
use super::values::run;

/// How many connections postgres-es's own repository has at most.
const POOL_MAX: u32 = 8;

/// How long somebody waits for a connection before the server counts as away.
const WAIT: Duration = Duration::from_secs(10);

/// How many statements a connection keeps prepared: those of every table, and then some.
const STATEMENTS: usize = 400;

/// What is looked up by its key. Statistics of a table that is filling up know nothing of it yet,
/// and without these settings the planner would read all of it.
pub(super) const BY_KEY: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; \
    SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan";

/// No statement of ours runs for so long that compiling it first would pay; by the planner's rough
/// guesses of what one costs, the server would do it all the same, for every block again.
const SHORT: &str = "SET jit = off";

/// What a writer does after it has the lock has to see what was committed before, and a commit is
/// waited for until it is durable, here or wherever the server says.
const WRITER: &str = "SET default_transaction_isolation = 'read committed'; \
    SET lock_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') = 'off'";

/// A database on a server, as an URL names it.
#[derive(Clone)]
pub struct Server {
    options: PgConnectOptions,
    url: String,
    shown: String,
}

impl PartialEq for Server {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

impl Eq for Server {}

impl fmt::Debug for Server {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.shown).finish()
    }
}

/// The text is no URL of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the URL of a PostgreSQL database")]
pub struct NotAServer;

impl FromStr for Server {
    type Err = NotAServer;

    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with the parameters of libpq.
    fn from_str(url: &str) -> Result<Self, NotAServer> {
        let (scheme, rest) = url.split_once("://").ok_or(NotAServer)?;
        if !["postgres", "postgresql"].contains(&scheme) {
            return Err(NotAServer);
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| NotAServer)?;
        let options = options
            .application_name("rollbook")
            .statement_cache_capacity(STATEMENTS)
            .disable_statement_logging();
        // Neither the user nor the password is repeated to anybody.
        let bare = rest.split(['?', '#']).next().unwrap_or_default();
        let bare = bare.rsplit_once('@').map_or(bare, |(_, bare)| bare);
        Ok(Self { options, url: url.to_owned(), shown: format!("postgres://{bare}") })
    }
}

impl Server {
    /// The database as messages name it: without user, password and parameters.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.shown
    }

    /// Connections for postgres-es's own repository, which wants a pool, opened as they are needed.
    /// Our readers share [`super::connections`].
    pub(super) fn pool(&self) -> PgPool {
        // A connection that was cut is found out by the statement that uses it: asking each one
        // first whether it is there would double every question's way.
        PgPoolOptions::new()
            .max_connections(POOL_MAX)
            .acquire_timeout(WAIT)
            .test_before_acquire(false)
            .connect_lazy_with(self.options.clone())
    }

    /// A connection of one's own.
    pub(super) async fn connect(&self) -> Result<PgConnection, Fault> {
        let connecting = PgConnection::connect_with(&self.options);
        let timed_out = |_| Fault::Server(sqlx::Error::PoolTimedOut);
        let mut conn = tokio::time::timeout(WAIT, connecting).await.map_err(timed_out)??;
        run(&mut conn, SHORT).await?;
        Ok(conn)
    }

    /// A connection for whoever records. Refuses a server that does not make a commit durable.
    pub(super) async fn connect_to_record(&self) -> Result<PgConnection, Fault> {
        let mut conn = self.connect().await?;
        run(&mut conn, &format!("{BY_KEY}; {WRITER}")).await?;
        check_durable(&mut conn).await?;
        Ok(conn)
    }
}

/// Refuses a server that does not make a commit durable.
pub(super) async fn check_durable(conn: &mut PgConnection) -> Result<(), Fault> {
    let fsync: String =
        sqlx::query_scalar("SELECT current_setting('fsync')").fetch_one(conn).await?;
    if fsync == "on" { Ok(()) } else { Err(Fault::Setting("fsync = on")) }
}

/// Refuses a server that lets this user only read. Asked when a ledger is opened to record, so that
/// nothing is written elsewhere first.
pub(super) async fn check_rights(conn: &mut PgConnection) -> Result<(), Fault> {
    const MAY: &str = "SELECT current_setting('transaction_read_only') = 'off' \
        AND has_any_column_privilege('events', 'INSERT') \
        AND has_any_column_privilege('ledgers', 'UPDATE')";
    let may: bool = sqlx::query_scalar(MAY).fetch_one(conn).await?;
    if may { Ok(()) } else { Err(Fault::ReadOnly) }
}
