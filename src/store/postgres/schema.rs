//! What the database looks like. Readable with any tool; only events are never changed.
//!
//! Everything lies in the first schema of the connection's search path, and one such schema holds
//! one ledger.

use events::LedgerId;
use events::leaf::Frontier;
use sqlx::PgConnection;

use super::at_once;
use super::fault::{Fault, damaged};
use super::values::run;

/// Each step brings the schema to the next version. Released steps are never changed.
///
/// `events` has the column names of postgres-es. Payload and envelope are `json`, because that is
/// what postgres-es reads; `json` keeps its text byte for byte, which `jsonb` does not. The one
/// index beside the key serves postgres-es's look-ups and ours. Whoever owns the table takes the
/// right to change events from themselves, and a trigger refuses those who have it all the same.
const MIGRATIONS: &[&str] = &[
    r#"CREATE TABLE ledgers (
    ledger uuid NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    recorded_at text COLLATE "C",
    frontier bytea NOT NULL
);
CREATE TABLE events (
    ledger uuid NOT NULL,
    position bigint NOT NULL,
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    event_type text COLLATE "C" NOT NULL,
    event_version text COLLATE "C" NOT NULL,
    payload json NOT NULL,
    metadata json NOT NULL,
    recorded_at text COLLATE "C" NOT NULL,
    effective text COLLATE "C" NOT NULL,
    salt bytea NOT NULL,
    leaf bytea NOT NULL,
    PRIMARY KEY (ledger, position)
);
CREATE UNIQUE INDEX events_by_stream
    ON events (aggregate_type, aggregate_id, ledger, sequence);
CREATE FUNCTION events_are_never_changed() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RAISE EXCEPTION ''events are never changed''; END';
CREATE TRIGGER events_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_are_never_changed();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_not_changed;
REVOKE UPDATE, DELETE, TRUNCATE ON events FROM PUBLIC, CURRENT_USER;
CREATE TABLE guards (
    ledger uuid NOT NULL,
    guard text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (ledger, guard)
) WITH (fillfactor = 70);
CREATE TABLE guard_streams (
    ledger uuid NOT NULL,
    guard text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger, guard, stream)
);
CREATE TABLE receipts (
    ledger uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    body_salt bytea NOT NULL,
    body_hash bytea NOT NULL,
    receipt text COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger, key)
);
CREATE TABLE imports (
    ledger uuid NOT NULL,
    source text COLLATE "C" NOT NULL,
    lines bigint NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (ledger, source)
);
CREATE TABLE import_rows (
    ledger uuid NOT NULL,
    source text COLLATE "C" NOT NULL,
    line bigint NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    note text COLLATE "C" NOT NULL
);
CREATE INDEX import_rows_by_line ON import_rows (ledger, source, line)"#,
    r#"CREATE TABLE projections (
    ledger uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (ledger, name)
) WITH (fillfactor = 50)"#,
    // It made the function that the next one replaces.
    "SELECT",
    at_once::FUNCTION,
    // Tables of projections held ids as texts before: they are of no version any more, and stay
    // until others are built.
    "UPDATE projections SET version = 0",
];

/// The schema that this program writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// What the trigger runs.
const TRIGGER_SOURCE: &str = "BEGIN RAISE EXCEPTION 'events are never changed'; END";

/// What follows a lock has to see what was committed before it, whatever the server's default is.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// What the database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing of ours and nothing of anybody's that stands in the way.
    Nothing,
    /// Something else under a name of ours.
    SomethingElse,
    /// A schema of ours, of this version.
    Version(i64),
}

/// Looks at what the database holds.
pub(super) async fn standing(conn: &mut PgConnection) -> Result<Standing, Fault> {
    // Each is looked at by itself, and somebody may be making ours: theirs comes last. A question
    // without a table in it is answered by what the server remembers from before a lock.
    const TABLES: &str = "SELECT to_regclass('events') IS NOT NULL, \
        to_regclass('rollbook_schema') IS NOT NULL FROM pg_class LIMIT 1";
    let (events, ours): (bool, bool) = sqlx::query_as(TABLES).fetch_one(&mut *conn).await?;
    if !ours {
        return Ok(if events { Standing::SomethingElse } else { Standing::Nothing });
    }
    let version: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM rollbook_schema").fetch_one(conn).await?;
    Ok(Standing::Version(version.ok_or_else(|| damaged("the schema has no version"))?))
}

/// Brings the schema from a version to today's, all steps or none; two at once take turns. One that
/// is newer is refused.
pub(super) async fn migrate(conn: &mut PgConnection) -> Result<(), Fault> {
    run(conn, BEGIN).await?;
    let migrated = steps(conn).await;
    end(conn, migrated).await
}

/// Ends a transaction as it went.
async fn end<T>(conn: &mut PgConnection, done: Result<T, Fault>) -> Result<T, Fault> {
    run(conn, if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    done
}

async fn steps(conn: &mut PgConnection) -> Result<(), Fault> {
    // Any number will do that others are not likely to have chosen: `roll`.
    run(conn, "SELECT pg_advisory_xact_lock(1919904876)").await?;
    let from = match standing(conn).await? {
        Standing::Nothing | Standing::SomethingElse => 0,
        Standing::Version(newer) if newer > VERSION => return Err(Fault::Newer(newer)),
        Standing::Version(version) => version,
    };
    if from == 0 {
        run(conn, "CREATE TABLE rollbook_schema (version bigint NOT NULL PRIMARY KEY)").await?;
    }
    for (version, step) in (1..).zip(MIGRATIONS) {
        if version > from {
            run(conn, step).await?;
            let sql = "INSERT INTO rollbook_schema (version) VALUES ($1)";
            sqlx::query(sql).bind(version).execute(&mut *conn).await?;
        }
    }
    Ok(())
}

/// Makes an empty ledger; `false` if there is one already, or are events of one.
pub(super) async fn create(conn: &mut PgConnection, ledger: LedgerId) -> Result<bool, Fault> {
    const SQL: &str = "INSERT INTO ledgers (ledger, position, recorded_at, frontier) \
        SELECT $1, 0, NULL, $2 WHERE NOT EXISTS (SELECT FROM ledgers) \
        AND NOT EXISTS (SELECT FROM events)";
    run(conn, BEGIN).await?;
    let made = async {
        // Its lock is held until the ledger is there, so that of two who found one of them does.
        steps(&mut *conn).await?;
        let made = sqlx::query(SQL).bind(ledger.0).bind(Frontier::default().to_bytes());
        Ok(made.execute(&mut *conn).await?.rows_affected() == 1)
    };
    let made = made.await;
    end(conn, made).await
}

/// Whose ledger it is, if it is one ledger's.
pub(super) async fn ledger_of(conn: &mut PgConnection) -> Result<Option<LedgerId>, Fault> {
    let found: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT ledger FROM ledgers").fetch_all(conn).await?;
    match found[..] {
        [] => Ok(None),
        [id] => Ok(Some(LedgerId(id))),
        _ => Err(damaged("there is not one ledger in it")),
    }
}

/// Which parts of the schema are missing or not as this program made them, and which do not belong
/// there: a trigger or rule could change what is written behind everybody's back.
pub(super) async fn differences(conn: &mut PgConnection) -> Result<Vec<String>, Fault> {
    const TRIGGERS: &str = "SELECT t.tgname::text, c.relname::text, t.tgenabled::text, p.prosrc \
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
        JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND c.relnamespace = \
        (SELECT relnamespace FROM pg_class WHERE oid = 'events'::regclass) ORDER BY 1";
    const RULES: &str = "SELECT r.rulename::text FROM pg_rewrite r \
        JOIN pg_class c ON c.oid = r.ev_class WHERE c.relkind IN ('r', 'p') AND c.relnamespace = \
        (SELECT relnamespace FROM pg_class WHERE oid = 'events'::regclass) ORDER BY 1";
    const INDEXES: &str = "SELECT i.relname::text FROM pg_index x \
        JOIN pg_class i ON i.oid = x.indexrelid \
        WHERE x.indrelid = 'events'::regclass AND x.indisunique AND x.indisvalid";
    let mut differences = Vec::new();
    let mut guarded = false;
    let triggers: Vec<(String, String, String, String)> =
        sqlx::query_as(TRIGGERS).fetch_all(&mut *conn).await?;
    for (name, table, enabled, source) in triggers {
        if (name.as_str(), table.as_str()) != ("events_are_not_changed", "events") {
            differences.push(format!("{name} does not belong into the schema"));
        } else if enabled != "A" || source != TRIGGER_SOURCE {
            differences.push(format!("{name} is not as it was made"));
            guarded = true;
        } else {
            guarded = true;
        }
    }
    if !guarded {
        differences.push("events_are_not_changed is missing from the schema".to_owned());
    }
    const FUNCTION: &str = "SELECT p.prosrc FROM pg_proc p WHERE p.proname = $1 AND \
        p.pronamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'events'::regclass)";
    let (name, source) = at_once::function();
    let found: Vec<String> = sqlx::query_scalar(FUNCTION).bind(name).fetch_all(&mut *conn).await?;
    if found != [source] {
        differences.push(format!("{name} is not as it was made"));
    }
    let rules: Vec<String> = sqlx::query_scalar(RULES).fetch_all(&mut *conn).await?;
    differences.extend(rules.iter().map(|name| format!("{name} does not belong into the schema")));
    let indexes: Vec<String> = sqlx::query_scalar(INDEXES).fetch_all(&mut *conn).await?;
    for name in ["events_pkey", "events_by_stream"] {
        if !indexes.iter().any(|found| found == name) {
            differences.push(format!("{name} is missing from the schema"));
        }
    }
    Ok(differences)
}

/// Whether the table and its two indexes tell of the same events; each is read by itself, in a
/// transaction that sees one moment.
pub(super) async fn index_differences(conn: &mut PgConnection) -> Result<Vec<String>, Fault> {
    const TABLE: &str = "SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; \
        SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = on";
    const INDEX: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on; \
        SET LOCAL enable_indexonlyscan = on";
    const COUNT: &str = "SELECT count(*) FROM events";
    const BY_POSITION: &str = "SELECT count(*) FROM (SELECT ledger, position FROM events \
        ORDER BY ledger, position OFFSET 0) AS read";
    const BY_STREAM: &str = "SELECT count(*) FROM (SELECT aggregate_type, aggregate_id, ledger, \
        sequence FROM events ORDER BY 1, 2, 3, 4 OFFSET 0) AS read";
    run(conn, TABLE).await?;
    let table: i64 = sqlx::query_scalar(COUNT).persistent(false).fetch_one(&mut *conn).await?;
    run(conn, INDEX).await?;
    let mut differences = Vec::new();
    for (name, sql) in [("events_pkey", BY_POSITION), ("events_by_stream", BY_STREAM)] {
        let index: i64 = sqlx::query_scalar(sql).persistent(false).fetch_one(&mut *conn).await?;
        if index != table {
            differences.push(format!("{name} tells of {index} events, the table of {table}"));
        }
    }
    Ok(differences)
}
