//! The way to a PostgreSQL server, which breaks: every connection is carried for a while, and cut.
//!
//! After so many questions of a connection, by chance, the next one arrives in part, or whole while
//! nobody waits for the answer, or some bytes of the answer arrive. On three connections of four
//! that is the next commit: it takes place, or not, and whoever asked for it does not hear which.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::runtime::Runtime;

use crate::dice::Dice;

/// How many questions a connection has answered at least: those with which it begins.
const QUESTIONS_MIN: u32 = 3;

/// How many more it may have answered.
const QUESTIONS_MORE: u32 = 60;

/// What stands in a question that commits: the whole text of a simple query.
const COMMIT: &[u8] = b"COMMIT\0";

/// What stands in the preparation of a statement that commits by itself, or with the transaction
/// that it is in.
const AT_ONCE: &[u8] = b"\0SELECT record_group(";

/// With what the driver begins the names of its statements.
const NAME: &[u8] = b"sqlx_s_";

/// How long the server keeps a connection whose caller is gone.
const LINGER: Duration = Duration::from_millis(100);

/// The way, as long as it is held.
pub struct Link {
    /// Where it begins, on this machine.
    pub port: u16,
    state: Arc<State>,
    /// Gone only while it is dropped.
    runtime: Option<Runtime>,
}

struct State {
    /// Where the server listens.
    socket: PathBuf,
    dice: Mutex<Dice>,
    cuts: AtomicU64,
    /// Whether connections are cut.
    cutting: AtomicBool,
    /// Whether the next one that is cut is the last: no other gets through after it.
    closing: AtomicBool,
    closed: AtomicBool,
}

impl Link {
    /// A way to the server with that socket.
    pub fn new(socket: &Path, seed: u64) -> Self {
        let state = Arc::new(State {
            socket: socket.to_owned(),
            dice: Mutex::new(Dice::new(seed)),
            cuts: AtomicU64::new(0),
            cutting: AtomicBool::new(true),
            closing: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        });
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let port = listener.local_addr().expect("its address").port();
        let of_all = Arc::clone(&state);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            while let Ok((client, _)) = listener.accept().await {
                // Whether it comes to an end or to a cut: the connection is gone.
                tokio::spawn(carry(client, Arc::clone(&of_all)));
            }
        });
        Self { port, state, runtime: Some(runtime) }
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::Relaxed)
    }

    /// From now on nothing is cut.
    pub fn rest(&self) {
        self.state.cutting.store(false, Ordering::Relaxed);
    }

    /// After the next cut nothing gets through any more.
    pub fn close(&self) {
        self.state.closing.store(true, Ordering::Relaxed);
    }

    /// Whether nothing gets through any more.
    pub fn is_closed(&self) -> bool {
        self.state.closed.load(Ordering::Relaxed)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl State {
    fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Whether a connection is to be cut now that is due, or not.
    fn cuts(&self, is_due: bool) -> bool {
        let cuts = is_due && self.cutting.load(Ordering::Relaxed) && !self.closed();
        if cuts {
            self.cuts.fetch_add(1, Ordering::Relaxed);
            self.closed.fetch_or(self.closing.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        cuts
    }
}

async fn carry(mut client: TcpStream, state: Arc<State>) -> io::Result<()> {
    let seed = state.dice.lock().expect("nobody panics").roll();
    if state.closed() {
        return Ok(());
    }
    let mut dice = Dice::new(seed);
    let mut server = UnixStream::connect(&state.socket).await?;
    client.set_nodelay(true)?;
    let most = QUESTIONS_MIN + dice.below(QUESTIONS_MORE);
    let waits_for_commit = dice.below(4) > 0;
    let (mut asked, mut answer) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let (mut questions, mut commits) = (0, Commits::default());
    loop {
        tokio::select! {
            count = client.read(&mut asked) => {
                let asked = &asked[..count?];
                questions += 1;
                if asked.is_empty() || state.closed() {
                    return Ok(());
                }
                let is_commit = commits.has(asked);
                let is_due = questions >= most && (!waits_for_commit || is_commit);
                if state.cuts(is_due) {
                    return cut(client, server, asked, &mut dice).await;
                }
                server.write_all(asked).await?;
            }
            count = server.read(&mut answer) => {
                let answer = &answer[..count?];
                if answer.is_empty() || state.closed() {
                    return Ok(());
                }
                client.write_all(answer).await?;
            }
        }
    }
}

/// Which questions of a connection commit: those that say so, and those that use a statement by
/// its name which commits, by itself or with the transaction that it is in.
#[derive(Default)]
struct Commits {
    /// That name between two zeros, as it stands where it is used and not where it is prepared.
    used: Option<Vec<u8>>,
}

impl Commits {
    fn has(&mut self, asked: &[u8]) -> bool {
        if let Some(end) = find(asked, AT_ONCE) {
            let begin = (0..end).rev().find(|at| asked[*at..end].starts_with(NAME));
            self.used = begin.map(|begin| [b"\0", &asked[begin..end], b"\0"].concat());
        }
        let uses = self.used.as_ref().is_some_and(|used| find(asked, used).is_some());
        uses || find(asked, COMMIT).is_some()
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|bytes| bytes == wanted)
}

/// The last that a connection carries.
async fn cut(
    mut client: TcpStream,
    mut server: UnixStream,
    asked: &[u8],
    dice: &mut Dice,
) -> io::Result<()> {
    let mut part = |bytes: usize| dice.below(u32::try_from(bytes).expect("few bytes")) as usize;
    let mut answer = vec![0; 1 << 16];
    match part(5) {
        // The question arrives in part.
        0 => server.write_all(&asked[..part(asked.len())]).await,
        // It arrives, and who asked is gone; the server may notice before or after its answer.
        1 => {
            drop(client);
            server.write_all(asked).await
        }
        2 => {
            drop(client);
            server.write_all(asked).await?;
            let _ = tokio::time::timeout(LINGER, server.read(&mut answer)).await;
            Ok(())
        }
        // A part of the answer arrives, or nothing of it.
        _ => {
            server.write_all(asked).await?;
            let count = tokio::time::timeout(LINGER, server.read(&mut answer)).await??;
            client.write_all(&answer[..part(count)]).await
        }
    }
}
