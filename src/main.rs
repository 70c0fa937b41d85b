//! The program: the only place that ends a process. What it does is in [`rollbook::cli`].

use std::process::ExitCode;

use rollbook::cli::{self, Exit};
use rollbook::config::Surroundings;

/// A command makes many small texts, and others drop them: the system's own allocator took a fifth
/// of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let surroundings = Surroundings::of_process();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return Exit::Failed.into() };
    let (done, ended) = tokio::sync::oneshot::channel();
    // The work has a thread of its own, so that an interruption is heard while it computes.
    std::thread::spawn(move || {
        let (mut output, mut errors) = (std::io::stdout(), std::io::stderr());
        _ = done.send(cli::run(&surroundings, &mut output, &mut errors));
    });
    let exit = runtime.block_on(async {
        tokio::select! {
            exit = ended => exit.unwrap_or(Exit::Failed),
            _ = tokio::signal::ctrl_c() => Exit::Interrupted,
        }
    });
    // Whatever is under way is cut off as by a crash: nothing acknowledged is lost by that.
    exit.into()
}
