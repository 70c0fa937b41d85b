//! A PostgreSQL server of the tests' own, started by `tests/postgres/start` when the first test
//! asks for it; it ends with this process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rollbook::store::postgres::Server;
use sqlx::{Connection, Executor, PgConnection};

/// A server under way.
pub struct Running {
    /// The URL of its database.
    pub url: String,
    input: ChildStdin,
    output: BufReader<std::process::ChildStdout>,
    script: Child,
}

impl Running {
    /// Starts one, if there is one to be found.
    pub fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres/start");
        let mut script =
            Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let input = script.stdin.take().unwrap();
        let mut output = BufReader::new(script.stdout.take().unwrap());
        let mut url = String::new();
        output.read_line(&mut url).unwrap();
        let url = url.trim_end().to_owned();
        (!url.is_empty()).then_some(Self { url, input, output, script })
    }

    /// Kills it, and starts it again.
    pub fn kill(&mut self) {
        self.input.write_all(b"kill\n").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        assert_eq!(answer, "started\n");
    }

    /// Ends it, and waits until nothing of it is left.
    pub fn end(mut self) {
        drop(self.input);
        self.script.wait().unwrap();
    }
}

/// An empty database of one's own: a schema of the server that all tests share. `None`, and a line
/// that says so, where there is no server.
pub async fn database() -> Option<String> {
    static SHARED: OnceLock<Option<std::sync::Mutex<Running>>> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let shared = SHARED.get_or_init(|| Running::start().map(std::sync::Mutex::new));
    let Some(shared) = shared else {
        println!("NOT RUN: no PostgreSQL server could be started");
        return None;
    };
    let url = shared.lock().unwrap().url.clone();
    Some(schema_in(&url, NEXT.fetch_add(1, Ordering::Relaxed)).await)
}

/// The URL of a new schema in a database.
pub async fn schema_in(url: &str, number: u32) -> String {
    by_hand(url, &format!("CREATE SCHEMA t{number}")).await;
    format!("{url}&options=-csearch_path%3Dt{number}")
}

/// The database that an URL names.
pub fn server(url: &str) -> Server {
    Server::from_str(url).unwrap()
}

/// Runs statements by hand.
pub async fn by_hand(url: &str, statements: &str) {
    try_by_hand(url, statements).await.unwrap();
}

/// Tries statements by hand.
pub async fn try_by_hand(url: &str, statements: &str) -> Result<(), sqlx::Error> {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let done = conn.execute(statements).await.map(|_| ());
    conn.close().await.unwrap();
    done
}

/// Asks for one text by hand.
pub async fn ask_by_hand(url: &str, question: &str) -> String {
    let mut conn = PgConnection::connect(url).await.unwrap();
    let answer: String = sqlx::query_scalar(question).fetch_one(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    answer
}
