//! Rollbook beside cqrs-es over sqlite-es, and tephra, in turn, in one run. `tests/peers/README.md`
//! says how.
//!
//! With the folder of the programs it drives all sides and prints a table, with `postgres` before
//! it those on a server; with a task it does Rollbook's part of it.

mod limits;
mod ours;
mod postgres;
mod report;
mod scale;

use std::path::Path;
use std::time::Duration;

use workload::argument;

/// The same on all sides, and what the program itself has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if std::env::args().len() == 2 {
        return report::run(Path::new(&argument::<String>(1)));
    }
    if argument::<String>(1) == "postgres" && std::env::args().len() == 4 {
        return postgres::run(Path::new(&argument::<String>(2)), Path::new(&argument::<String>(3)));
    }
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let (task, path): (String, String) = (argument(1), argument(2));
    let path = Path::new(&path);
    runtime.block_on(async {
        match task.as_str() {
            "record" | "execute" => {
                let time = Duration::from_secs_f64(argument(4));
                let recorded = task == "record";
                let until = if recorded { ours::Until::Recorded } else { ours::Until::Projected };
                ours::append(path, argument(3), time, until).await;
            }
            "fill" => ours::fill(path, argument(3)).await,
            "fill-body" => ours::fill_body(path, argument(3)).await,
            "fill-field" => ours::fill_field(path, argument(3)).await,
            "coverage" => ours::coverage(path).await,
            "replay" => ours::replay(path).await,
            "bulk" => limits::bulk(path),
            "scan" => limits::scan(path),
            "rebuild" => ours::rebuild(path).await,
            "scale" => scale::scale(path).await,
            other => panic!("no such task: {other}"),
        }
    });
}
