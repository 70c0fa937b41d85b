//! The process that is crashed: several callers with commands, each acknowledged on standard output
//! once it is durable.
//!
//! | line | meaning |
//! |---|---|
//! | `founded`, `opened`, `closed` | so far it came |
//! | `ack RECEIPT` | recorded |
//! | `no KEY CODE` | refused by a rule; nothing is recorded |
//! | `err KEY CODE TEXT` | something kept the store from answering |
//! | `bad TEXT` | something happened that never may |

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use events::StreamId;
use rollbook::actor::Actor;
use rollbook::commands::{AnyCommand, Decided};
use rollbook::ledger::{Error, Founding, Leave, Ledger, Location, Mode};
use rollbook::store::cqrs::Aggregates;
use rollbook::store::{Batch, Frame, Receipt, StoreError, SystemNature};
use rollbook::vault::VaultError;
use tokio::sync::Barrier;

use crate::work::{Homes, KINDS, Place, Task};

/// After so many errors a caller gives up.
const ERRORS_MAX: u32 = 4;

/// Before a caller asks again who does not give up.
const PAUSE: Duration = Duration::from_millis(10);

/// What the process is to do.
#[derive(Debug, Clone)]
pub struct Load {
    /// Where the ledger lies.
    pub location: Location,
    /// Its branches; none: it is to be founded.
    pub homes: Option<Homes>,
    /// How many processes had it before.
    pub cycle: u64,
    /// How many ask at the same time.
    pub callers: u64,
    /// After how many commands of each the ledger is closed and opened again.
    pub steps: u64,
    /// How often; zero: until somebody ends it.
    pub rounds: u64,
    /// Whether callers whom nobody can answer ask again, with the same key.
    pub again: bool,
    /// Whether another process asks for the same at the same time.
    pub twin: bool,
}

/// What is said of a line.
pub fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever does not listen any more has ended us already.
    let _ = out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush());
}

/// Does it.
pub async fn run(load: Load) -> ExitCode {
    let Some(homes) = &load.homes else { return found(&load).await };
    let mut round = 0;
    while load.rounds == 0 || round < load.rounds {
        let ledger = loop {
            match Ledger::open(&load.location, Mode::Write, Arc::new(SystemNature)).await {
                Ok(ledger) => break Arc::new(ledger),
                Err(error) => err("open", &error),
            }
            if !load.again {
                return ExitCode::FAILURE;
            }
            tokio::time::sleep(PAUSE).await;
        };
        tell("opened");
        let barrier = Arc::new(Barrier::new(usize::try_from(load.callers).expect("few callers")));
        let callers = (0..load.callers).map(|caller| {
            let place = Place { cycle: load.cycle, caller, number: round * load.steps };
            let (ledger, load, barrier) = (Arc::clone(&ledger), load.clone(), Arc::clone(&barrier));
            tokio::spawn(call(ledger, load, homes.clone(), barrier, place))
        });
        for caller in callers.collect::<Vec<_>>() {
            caller.await.expect("a caller does not panic");
        }
        drop(ledger);
        tell("closed");
        round += 1;
    }
    ExitCode::SUCCESS
}

async fn found(load: &Load) -> ExitCode {
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    match Ledger::found(&load.location, &founding, Arc::new(SystemNature)).await {
        Ok(ledger) => {
            tell("founded");
            drop(ledger);
            tell("closed");
            ExitCode::SUCCESS
        }
        Err(error) => {
            err("found", &error);
            ExitCode::FAILURE
        }
    }
}

/// One command after the other.
async fn call(ledger: Arc<Ledger>, load: Load, homes: Homes, barrier: Arc<Barrier>, first: Place) {
    let mut errors = 0;
    for number in first.number..first.number + load.steps {
        let place = Place { number, ..first };
        if place.is_contested() {
            barrier.wait().await;
        }
        // The others count on us at the barrier. Whoever asks twice has no key for two commands.
        if errors >= ERRORS_MAX || (load.again || load.twin) && place.is_double() {
            continue;
        }
        let answered = loop {
            let answered = ask(&ledger, &homes, place).await;
            if answered || !load.again {
                break answered;
            }
            tokio::time::sleep(PAUSE).await;
        };
        errors += u32::from(!answered);
        if number % KINDS == 0 && place.caller == 0 && !load.twin {
            let refused = stale_is_refused(&ledger, &homes, place).await;
            errors += u32::from(!refused && !load.again);
        }
    }
}

/// Whether a command was answered, one way or the other.
async fn ask(ledger: &Ledger, homes: &Homes, place: Place) -> bool {
    match execute(ledger, homes, place).await {
        Ok(receipts) => receipts.iter().for_each(ack),
        Err(Error::Refused(refused)) => tell(&format!("no {place} {}", refused.code)),
        Err(error) => {
            err(&place.to_string(), &error);
            return code(&error) == "conflict";
        }
    }
    true
}

/// Has a task recorded. Every second caller waits for the projections too.
pub async fn execute(ledger: &Ledger, homes: &Homes, place: Place) -> Result<Vec<Receipt>, Error> {
    let actor = Actor::local();
    let renames = match place.task(homes) {
        Task::One(request) => {
            let receipt = if place.caller.is_multiple_of(2) {
                ledger.execute(&actor, *request).await?
            } else {
                ledger.record(&actor, *request).await?
            };
            return Ok(vec![receipt]);
        }
        Task::Two(renames) => renames,
    };
    let mut session = ledger.session();
    for (part, rename) in renames.iter().enumerate() {
        let decided = session.decide(&actor, Leave::default(), rename).await?;
        let mut frame = session.frame(&actor, rename.effective).await?;
        "api".clone_into(&mut frame.source);
        session.take(format!("{place}/{part}"), rename.body(), frame, decided);
    }
    Ok(session.commit(None).await?)
}

/// An append that counts on a version that has passed, and on no guard, is a conflict.
async fn stale_is_refused(ledger: &Ledger, homes: &Homes, place: Place) -> bool {
    let stream = StreamId::from(homes.own(place.caller));
    let Ok(version) = ledger.store().version(stream).await else { return true };
    let mut decided = Decided::default();
    decided.push(
        stream,
        events::BranchEvent::Renamed {
            effective: crate::work::day(),
            precision: None,
            name: events::Text::parse(&format!("stale {place}")).expect("a name"),
        },
    );
    let frame = Frame { actor: "local".to_owned(), source: "api".to_owned(), ..Frame::default() };
    let key = format!("stale-{place}");
    let append = Aggregates::appending(key.clone(), Vec::new(), frame, decided, |_| version - 1);
    match ledger.store().append(Batch { appends: vec![append], progress: None }).await {
        Err(StoreError::Conflict(_)) => return true,
        Ok(_) => tell(&format!("bad {key} was recorded")),
        Err(error) => err(&key, &error.into()),
    }
    false
}

fn ack(receipt: &Receipt) {
    tell(&format!("ack {}", serde_json::to_string(receipt).expect("a receipt is JSON")));
}

fn err(key: &str, error: &Error) {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    tell(&format!("err {key} {} {text}", code(error)).replace('\n', " "));
}

/// What kind of error it is. Everything that an input or output error may rightly become has a
/// name of its own.
fn code(error: &Error) -> &'static str {
    match error {
        Error::Store(StoreError::DiskFull(_)) | Error::Vault(VaultError::DiskFull(_)) => {
            "disk_full"
        }
        Error::Store(StoreError::Unconfirmed(_)) | Error::Vault(VaultError::Unconfirmed(_)) => {
            "unconfirmed"
        }
        Error::Store(StoreError::Unreachable { .. }) => "unreachable",
        Error::Store(StoreError::Failed { .. }) | Error::Vault(VaultError::Failed { .. }) => {
            "failed"
        }
        Error::Store(StoreError::ReadOnly(_)) => "read_only",
        Error::Store(StoreError::AnotherWriter(_)) => "another_writer",
        Error::Store(StoreError::Corrupt { .. }) | Error::Vault(VaultError::Corrupt { .. }) => {
            "corrupt"
        }
        Error::Conflict | Error::Store(StoreError::Conflict(_)) => "conflict",
        _ => "other",
    }
}
