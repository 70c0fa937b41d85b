//! The same beside cqrs-es over postgres-es, on a server of this run's own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::report::{Figures, Series, Settings, heading};

/// Both programs, and the server.
struct Sides {
    ours: PathBuf,
    peer: PathBuf,
    url: String,
}

impl Sides {
    fn run(&self, program: &Path, task: &str, schema: &str, rest: &[String]) -> Figures {
        let url = format!("{}&options=-csearch_path%3D{schema}", self.url);
        let output = Command::new(program).arg(task).arg(url).args(rest).output();
        let output = output.expect("the program runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{task}: {complaint}");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.split_whitespace().map(|word| word.parse().expect("a figure")).collect()
    }

    fn ours(&self, task: &str, schema: &str, rest: &[String]) -> Figures {
        self.run(&self.ours, task, schema, rest)
    }

    fn peer(&self, task: &str, schema: &str, rest: &[String]) -> Figures {
        self.run(&self.peer, task, schema, rest)
    }

    fn clear(&self, schema: &str) {
        self.peer("clear", "public", &[schema.to_owned()]);
    }
}

/// Runs everything; the programs lie in a folder, and a script starts the server.
pub fn run(programs: &Path, start: &Path) {
    let settings = Settings::read();
    let server = Command::new(start).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut server = server.expect("a server");
    let mut url = String::new();
    let mut said = BufReader::new(server.stdout.take().expect("its output"));
    said.read_line(&mut url).expect("an URL");
    let (ours, peer) = (programs.join("peers"), programs.join("peer-postgres-es"));
    let sides = Sides { ours, peer, url: url.trim_end().to_owned() };
    heading(&settings, &programs.join("data"), "postgres");
    for callers in &settings.callers {
        appends(&settings, &sides, *callers);
    }
    replays(&settings, &sides);
    drop(server.stdin.take());
    server.wait().expect("the server ends");
}

fn appends(settings: &Settings, sides: &Sides, callers: u64) {
    let work = [callers.to_string(), settings.seconds.to_string()];
    let theirs = |pool: u64| {
        sides.clear("fresh");
        sides.peer("append", "fresh", &[&work[..], &[pool.to_string()]].concat())
    };
    let ours = |task| {
        sides.clear("fresh");
        sides.ours(task, "fresh", &work)
    };
    let pools: &[u64] = if callers == 1 { &[1] } else { &[4, 8, 16] };
    let tried = pools.iter().map(|pool| (*pool, theirs(*pool)[0]));
    let best = tried.max_by(|one, other| one.1.total_cmp(&other.1)).expect("several").0;
    let [mut peer, mut recorded, mut executed] = [const { Vec::new() }; 3];
    for _ in 0..settings.runs {
        peer.push(theirs(best));
        recorded.push(ours("record"));
        executed.push(ours("execute"));
    }
    let peer = Series::new(&format!("cqrs-es + postgres-es, pool of {best}"), &peer);
    println!("| durable commands, {callers} callers | a second | times | median / p99 | runs |");
    println!("|---|---|---|---|---|");
    println!("{}", peer.row(None));
    println!("{}", Series::new("Rollbook, recorded", &recorded).row(Some(&peer)));
    let executed = Series::new("Rollbook, recorded and projected", &executed);
    println!("{}\n", executed.row(Some(&peer)));
}

fn replays(settings: &Settings, sides: &Sides) {
    let count = [settings.events.to_string()];
    let few = [(settings.events / 50).to_string()];
    for schema in ["theirs", "few", "ours"] {
        sides.clear(schema);
    }
    sides.peer("fill", "theirs", &count);
    sides.peer("fill", "few", &few);
    sides.ours("fill", "ours", &count);
    let [mut theirs, mut replayed, mut rebuilt] = [const { Vec::new() }; 3];
    let [mut views, mut scanned, mut inserted] = [const { Vec::new() }; 3];
    for _ in 0..settings.runs {
        theirs.push(sides.peer("replay", "theirs", &[])[..1].to_vec());
        replayed.push(sides.ours("replay", "ours", &[]));
        scanned.push(sides.peer("scan", "ours", &[]));
    }
    for _ in 0..settings.runs {
        views.push(sides.peer("views", "few", &[])[..1].to_vec());
        rebuilt.push(sides.ours("rebuild", "ours", &[]));
        inserted.push(sides.peer("bulk", "ours", &[]));
    }
    let theirs = Series::new("cqrs-es `QueryReplay` + postgres-es", &theirs);
    let views = Series::new("cqrs-es `GenericQuery` + postgres-es, one view", &views);
    println!("| {} events, typed | a second | times | peak memory | runs |", settings.events);
    println!("|---|---|---|---|---|");
    println!("{}", theirs.row(None));
    let replayed = Series::new("Rollbook, in the order of positions", &replayed);
    println!("{}", replayed.row(Some(&theirs)));
    println!("{}", Series::new("limit: sqlx reads the rows, no more", &scanned).row(None));
    println!("{}", views.row(None));
    let rebuilt = Series::new("Rollbook, all projections with their tables rebuilt", &rebuilt);
    println!("{}", rebuilt.row(Some(&views)));
    let limit = "limit: PostgreSQL inserts the same events and receipts at once";
    println!("{}", Series::new(limit, &inserted).row(None));
}
