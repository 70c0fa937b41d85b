//! Where transcripts are played: in process on an open ledger, or through the program.

use std::sync::{Arc, Mutex};

use events::{Date, Instant};
use rollbook::cli;
use rollbook::config::Surroundings;
use rollbook::ledger::{Error, Founding, Ledger, Location};
use rollbook::store::{Nature, SystemNature};

use super::transcript::Transcript;
use crate::cli::{Home, Ran};

/// One place where a transcript is played from its beginning.
pub trait Stage {
    /// It is another day.
    fn today(&mut self, day: Date);
    /// Runs a command line, without the program's name.
    fn run(&mut self, arguments: &[&str]) -> Ran;
    /// Makes a file, and says where it is.
    fn file(&mut self, name: &str, text: &str) -> String;
    /// How many events there are, where that costs nothing to ask.
    fn events(&self) -> Option<u64>;
    /// Whether at the end everything is as it was written, where it can be asked.
    fn is_sound(&mut self) -> bool;
}

/// A clock that stands at noon of a day until it is put on.
struct Clock(Mutex<Date>);

impl Nature for Clock {
    fn now(&self) -> Instant {
        let noon = self.0.lock().unwrap().at(12, 0, 0, 0);
        noon.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
    }

    fn random(&self) -> [u8; 32] {
        SystemNature.random()
    }
}

/// The program's own code, on a ledger that stays open.
pub struct InProcess {
    home: Home,
    clock: Arc<Clock>,
    runtime: tokio::runtime::Runtime,
    ledger: Arc<Ledger>,
    /// Whether its engine is asked at the end whether everything is as it was written.
    verifies: bool,
}

impl InProcess {
    /// On a ledger in memory, with a vault.
    pub fn on_memory(transcript: &Transcript) -> Self {
        Self::begin(transcript, async |home, founding, clock| {
            let location = Location::at(&home.path("rollbook.db"));
            Ledger::found_in_memory(&founding, clock, Some(&location)).await
        })
    }

    /// On a ledger in a file.
    pub fn on_sqlite(transcript: &Transcript) -> Self {
        Self::begin(transcript, async |home, founding, clock| {
            Ledger::found(&Location::at(&home.path("rollbook.db")), &founding, clock).await
        })
    }

    /// On a ledger on a server, of which there is one.
    #[cfg(feature = "postgres")]
    pub fn on_postgres(transcript: &Transcript) -> Self {
        let stage = Self::begin(transcript, async |home, founding, clock| {
            let url = crate::support::postgres::database().await.expect("a server");
            let [vault, key] = ["vault", "key"].map(|name| home.path(name));
            let location = Location { vault, key, ..Location::parse(&url).expect("an URL") };
            Ledger::found(&location, &founding, clock).await
        });
        Self { verifies: true, ..stage }
    }

    fn begin(
        transcript: &Transcript,
        found: impl AsyncFnOnce(&Home, Founding, Arc<Clock>) -> Result<Ledger, Error>,
    ) -> Self {
        let home = Home::new();
        let clock = Arc::new(Clock(Mutex::new(transcript.begins)));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let founding = Founding { preset: transcript.preset.clone(), zone: "UTC".to_owned() };
        let ledger = runtime.block_on(found(&home, founding, clock.clone()));
        let ledger = ledger.unwrap_or_else(|wrong| panic!("{}: {wrong}", transcript.name));
        Self { home, clock, runtime, ledger: Arc::new(ledger), verifies: false }
    }
}

impl Stage for InProcess {
    fn today(&mut self, day: Date) {
        *self.clock.0.lock().unwrap() = day;
    }

    fn run(&mut self, arguments: &[&str]) -> Ran {
        let arguments = std::iter::once(&"rollbook").chain(arguments);
        let arguments = arguments.map(Into::into).collect();
        let surroundings =
            Surroundings { arguments, temporary: self.home.path(""), ..Surroundings::default() };
        let (mut data, mut remarks) = (Vec::new(), Vec::new());
        let exit = cli::run_on(Some(&self.ledger), &surroundings, &mut data, &mut remarks);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: exit.code().into(), data: text(data), remarks: text(remarks) }
    }

    fn file(&mut self, name: &str, text: &str) -> String {
        self.home.write(name, text)
    }

    fn events(&self) -> Option<u64> {
        let head = self.runtime.block_on(self.ledger.store().head());
        Some(head.unwrap().position.0)
    }

    fn is_sound(&mut self) -> bool {
        let verified =
            |ledger: &Ledger| self.runtime.block_on(ledger.verify(|_| {})).unwrap().is_sound();
        !self.verifies || verified(&self.ledger)
    }
}

/// The program itself, a process for each command line.
pub struct Program {
    home: Home,
    today: Date,
}

impl Program {
    pub fn begin(transcript: &Transcript) -> Self {
        let mut program = Self { home: Home::new(), today: transcript.begins };
        let ran = program.run(&["init", "--preset", &transcript.preset, "--zone", "UTC"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        program
    }
}

impl Stage for Program {
    fn today(&mut self, day: Date) {
        self.today = day;
    }

    fn run(&mut self, arguments: &[&str]) -> Ran {
        self.home.run_with(arguments, &[("ROLLBOOK_CLOCK", &self.today.to_string())])
    }

    fn file(&mut self, name: &str, text: &str) -> String {
        self.home.write(name, text)
    }

    fn events(&self) -> Option<u64> {
        None
    }

    fn is_sound(&mut self) -> bool {
        self.run(&["verify"]).code == 0
    }
}
