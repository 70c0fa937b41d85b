//! Drives all sides in turn and prints what came out, with all that it takes to do it again.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What can be made smaller, from the environment.
pub(crate) struct Settings {
    pub(crate) runs: u64,
    pub(crate) callers: Vec<u64>,
    pub(crate) seconds: f64,
    pub(crate) events: u64,
}

impl Settings {
    /// Those of the environment.
    pub(crate) fn read() -> Self {
        Self {
            runs: setting("PEERS_RUNS", 5),
            callers: setting::<String>("PEERS_CALLERS", "1,64,256".to_owned())
                .split(',')
                .map(|callers| callers.trim().parse().expect("PEERS_CALLERS: numbers"))
                .collect(),
            seconds: setting("PEERS_SECONDS", 3.0),
            events: setting("PEERS_EVENTS", 1_000_000),
        }
    }
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}: {text}?")),
        Err(_) => default,
    }
}

/// One side: a program that does tasks, each printing its figures on its last line.
struct Side {
    program: PathBuf,
    data: PathBuf,
}

/// All of them.
struct Sides {
    ours: Side,
    peer: Side,
    tephra: Side,
}

/// What one task said: a rate, and what belongs to it.
pub(crate) type Figures = Vec<f64>;

impl Side {
    fn run(&self, task: &str, database: &str, rest: &[String]) -> Figures {
        let path = self.data.join(database);
        let output = Command::new(&self.program).arg(task).arg(path).args(rest).output();
        let output = output.expect("the program runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{task}: {complaint}");
        let figures = said.split_whitespace().map(|word| word.parse().expect("a figure"));
        figures.collect()
    }

    /// Removes a database and what lies beside it.
    fn forget(&self, database: &str) {
        for entry in fs::read_dir(&self.data).expect("the data").flatten() {
            if entry.file_name().to_string_lossy().starts_with(database) {
                let path = entry.path();
                // A log of segments is a folder.
                let gone = if path.is_dir() { fs::remove_dir_all } else { fs::remove_file };
                gone(path).expect("a file of ours");
            }
        }
    }

    /// A task on a new database.
    fn fresh(&self, task: &str, rest: &[String]) -> Figures {
        self.forget("fresh.db");
        let figures = self.run(task, "fresh.db", rest);
        self.forget("fresh.db");
        figures
    }
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The median of each figure over the runs, and the rates of all of them.
pub(crate) struct Series {
    name: String,
    median: Figures,
    rates: Vec<f64>,
}

impl Series {
    pub(crate) fn new(name: &str, runs: &[Figures]) -> Self {
        let column = |index| runs.iter().map(|run| run[index]).collect::<Vec<_>>();
        let median = (0..runs[0].len()).map(|index| median(&mut column(index))).collect();
        Self { name: name.to_owned(), median, rates: column(0) }
    }

    pub(crate) fn row(&self, beside: Option<&Series>) -> String {
        let waits = match self.median[..] {
            [_, p50, p99] => format!("{:.1} / {:.1} ms", p50 / 1e3, p99 / 1e3),
            [_, memory] => format!("{memory:.0} MiB"),
            _ => String::new(),
        };
        let times = beside.map(|peer| format!("{:.1}", self.median[0] / peer.median[0]));
        let rates: Vec<_> = self.rates.iter().map(|rate| format!("{rate:.0}")).collect();
        let (name, times) = (&self.name, times.unwrap_or_default());
        format!("| {name} | {:.0} | {times} | {waits} | {} |", self.median[0], rates.join(", "))
    }
}

/// How long the device takes to make 4 KiB durable.
fn sync_cost(data: &Path) -> Duration {
    let path = data.join("sync");
    let mut file = File::create(&path).expect("a file");
    let mut costs: Vec<Duration> = (0..200)
        .map(|_| {
            file.write_all(&[7; 4096]).expect("room");
            let began = Instant::now();
            file.sync_data().expect("a sync");
            began.elapsed()
        })
        .collect();
    fs::remove_file(path).expect("a file of ours");
    costs.sort_unstable();
    costs[costs.len() / 2]
}

fn told(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.ok().filter(|said| !said.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// Runs everything; the programs lie in this folder, the data in `data` beside them.
pub fn run(programs: &Path) {
    let settings = Settings::read();
    let data = programs.join("data");
    fs::create_dir_all(&data).expect("a folder for the data");
    let side = |program, folder| Side { program: programs.join(program), data: data.join(folder) };
    let sides = Sides {
        ours: side("peers", "ours"),
        peer: side("peer-sqlite-es", "peer"),
        tephra: side("peer-tephra", "tephra"),
    };
    for side in [&sides.ours, &sides.peer, &sides.tephra] {
        _ = fs::remove_dir_all(&side.data);
        fs::create_dir_all(&side.data).expect("a folder for the data");
    }
    heading(&settings, &data, "");
    for callers in &settings.callers {
        appends(&settings, &sides, *callers);
    }
    replays(&settings, &sides);
    coverage(&settings, &sides.ours);
    _ = fs::remove_dir_all(&data);
}

/// What one has to know to read the figures.
pub(crate) fn heading(settings: &Settings, data: &Path, task: &str) {
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    let file_system = told("stat", &["-f", "-c", "%T", &data.to_string_lossy()]);
    assert_ne!(file_system, "tmpfs", "figures about durable commands need a disk");
    let commit = told("git", &["rev-parse", "--short", "HEAD"]);
    println!("- commit {commit}, {}, {processors} processors", told("rustc", &["--version"]));
    println!("- load before: {load}; the sides take turns, so only ratios within a run count");
    println!("- data on {file_system}; a sync of 4 KiB takes {:?} there", sync_cost(data));
    let Settings { runs, callers, seconds, events } = settings;
    println!(
        "- PEERS_RUNS={runs} PEERS_CALLERS={} PEERS_SECONDS={seconds} \
         PEERS_EVENTS={events} tests/peers/run {task}\n",
        callers.iter().map(u64::to_string).collect::<Vec<_>>().join(","),
    );
}

fn appends(settings: &Settings, sides: &Sides, callers: u64) {
    let Sides { ours, peer, tephra } = sides;
    let work = [callers.to_string(), settings.seconds.to_string()];
    let with = |pool: u64| [&work[..], &[pool.to_string()]].concat();
    let pools: &[u64] = if callers == 1 { &[1] } else { &[1, 2, 4] };
    let tried = pools.iter().map(|pool| (*pool, peer.fresh("append", &with(*pool))[0]));
    let best = tried.max_by(|one, other| one.1.total_cmp(&other.1)).expect("several").0;
    let [mut theirs, mut bare, mut recorded, mut executed] = [const { Vec::new() }; 4];
    for _ in 0..settings.runs {
        theirs.push(peer.fresh("append", &with(best)));
        bare.push(tephra.fresh("append", &work));
        recorded.push(ours.fresh("record", &work));
        executed.push(ours.fresh("execute", &work));
    }
    let theirs = Series::new(&format!("cqrs-es + sqlite-es, pool of {best}"), &theirs);
    println!("| durable commands, {callers} callers | a second | times | median / p99 | runs |");
    println!("|---|---|---|---|---|");
    println!("{}", theirs.row(None));
    for (name, runs) in [
        ("tephra, bare events", &bare),
        ("Rollbook, recorded", &recorded),
        ("Rollbook, recorded and projected", &executed),
    ] {
        println!("{}", Series::new(name, runs).row(Some(&theirs)));
    }
    println!();
}

fn replays(settings: &Settings, sides: &Sides) {
    let Sides { ours, peer, tephra } = sides;
    let count = [settings.events.to_string()];
    for side in [peer, ours, tephra] {
        side.run("fill", "full.db", &count);
    }
    let few = [(settings.events / 50).to_string()];
    peer.run("fill", "few.db", &few);
    let [mut theirs, mut bare, mut replayed, mut rebuilt] = [const { Vec::new() }; 4];
    let [mut views, mut scanned, mut inserted] = [const { Vec::new() }; 3];
    for _ in 0..settings.runs {
        theirs.push(peer.run("replay", "full.db", &[])[..1].to_vec());
        bare.push(tephra.run("replay", "full.db", &[])[..1].to_vec());
        replayed.push(ours.run("replay", "full.db", &[]));
        scanned.push(ours.run("scan", "full.db", &[]));
    }
    for _ in 0..settings.runs {
        views.push(peer.run("views", "few.db", &[])[..1].to_vec());
        rebuilt.push(ours.run("rebuild", "full.db", &[]));
        inserted.push(ours.run("bulk", "full.db", &[]));
    }
    let theirs = Series::new("cqrs-es `QueryReplay` + sqlite-es", &theirs);
    let views = Series::new("cqrs-es `GenericQuery` + sqlite-es, one view", &views);
    println!("| {} events, typed | a second | times | peak memory | runs |", settings.events);
    println!("|---|---|---|---|---|");
    println!("{}", theirs.row(None));
    println!("{}", Series::new("tephra", &bare).row(Some(&theirs)));
    let replayed = Series::new("Rollbook, in the order of positions", &replayed);
    println!("{}", replayed.row(Some(&theirs)));
    println!("{}", Series::new("limit: SQLite reads the rows, no more", &scanned).row(None));
    println!("{}", views.row(None));
    let rebuilt = Series::new("Rollbook, all projections with their tables rebuilt", &rebuilt);
    println!("{}", rebuilt.row(Some(&views)));
    let limit = "limit: SQLite inserts the same events and receipts at once, FULL";
    println!("{}\n", Series::new(limit, &inserted).row(None));
}

/// Each run is a process that opens the ledger and asks for one day after the other.
fn coverage(settings: &Settings, ours: &Side) {
    ours.run("fill-field", "field.db", &[settings.events.to_string()]);
    let runs = (0..settings.runs).map(|_| ours.run("coverage", "field.db", &[]));
    let runs: Vec<Figures> = runs.collect();
    let series = Series::new("coverage", &runs);
    let [covered, first, counted, first_counted, memory] = series.median[..] else {
        panic!("five figures");
    };
    println!("| {} events about a field | first | later | runs |", settings.events);
    println!("|---|---|---|---|");
    let rates: Vec<_> = series.rates.iter().map(|wait| format!("{wait:.1}")).collect();
    println!("| `coverage` on a day | {first:.0} ms | {covered:.1} ms | {} |", rates.join(", "));
    println!("| `headcount` on a day | {first_counted:.0} ms | {counted:.1} ms | |\n");
    println!("Peak memory {memory:.0} MiB.");
}
